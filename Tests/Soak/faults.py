"""What can happen to a run: each fault is a function of the run under way or of what it left behind."""

import contextlib
import signal
import subprocess
import time

from workplace import send


class Lost(Exception):
    """The program broke its promise; the text says how."""


# Faults while the program runs. Each returns once the program has ended, or is to go on.


def kill_all(started, source):
    """The machine goes down."""
    for number in started.rank_processes():
        send(number, signal.SIGKILL)
    started.process.kill()
    expect_end(started, 10, "after all of its processes were killed")


def kill_one(started, source):
    """One rank dies, by the system's memory killer, say."""
    ranks = started.rank_processes()
    if ranks:
        send(source.choice(ranks), signal.SIGKILL)
        expect_end(started, 10, "after one rank was killed")


def kill_launcher(started, source):
    """mpirun dies."""
    started.process.kill()
    expect_end(started, 10, "after mpirun was killed")


def stop_by_signal(started, source):
    """A batch system's warning, or Ctrl-C: save a checkpoint and end with status 75."""
    ranks = started.rank_processes()
    if not ranks:
        return
    rank = source.choice(ranks)
    is_listening = started.is_listening(rank)
    send(rank, source.choice([signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2]))
    expect_end(started, 60, "after a signal")
    # Before it listens a process ends by the signal itself.
    if is_listening and started.process.returncode not in (0, 74, 75):
        raise Lost(
            f"a signal ended the program with status {started.process.returncode}\n"
            f"{started.workplace.log()}")


def storm(started, source):
    """Signals that ask for nothing, as of a child's end or a resized terminal."""
    for _ in range(100):
        ranks = started.rank_processes()
        if not ranks:
            return
        send(source.choice(ranks), source.choice([signal.SIGCHLD, signal.SIGWINCH, signal.SIGURG]))
        time.sleep(source.uniform(0, 0.01))


def pause(started, source):
    """A rank is stopped for a while, as by a debugger or a suspended machine."""
    ranks = started.rank_processes()
    if ranks:
        number = source.choice(ranks)
        send(number, signal.SIGSTOP)
        time.sleep(source.uniform(0.05, 0.5))
        send(number, signal.SIGCONT)


def fill_disk(started, source):
    """Another program fills the disk for a while; the run goes on."""
    filler = started.workplace.disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb") as file:
        while True:
            file.write(bytes(1 << 16))
            file.flush()
    time.sleep(source.uniform(0.2, 1.5))
    filler.unlink()


# Faults between runs. Each returns a word about what it did, or None where there was nothing to do.


def flip_bytes(workplace, source):
    """Bits of a checkpoint rot; an older one is sound."""
    path = victim(workplace, source)
    return None if path is None else flip(path, source)


def cut_short(workplace, source):
    """A file of a checkpoint lost its end."""
    path = victim(workplace, source)
    if path is None or path.stat().st_size == 0:
        return None
    with path.open("r+b") as file:
        file.truncate(source.randrange(path.stat().st_size))
    return path


def lose_file(workplace, source):
    """A file of a checkpoint is gone."""
    path = victim(workplace, source)
    if path is not None:
        path.unlink()
    return path


def rot_best(workplace, source):
    """Bits of the best model rot; the checkpoint of its step is sound."""
    path = workplace.run / "best" / "model.safetensors"
    if not path.exists() or not workplace.has_spare_best():
        return None
    return flip(path, source)


def tear_log(workplace, source):
    """The last line of metrics.jsonl was written in part."""
    path = workplace.run / "metrics.jsonl"
    if not path.exists():
        return None
    with path.open("a") as file:
        file.write('{"event": "train", "step": 99999, "lo')
    return path


def leave_rubbish(workplace, source):
    """Something that looks like a checkpoint half written by a program that is gone."""
    path = workplace.run / "checkpoints" / f".step-{source.randrange(10**8):08d}.pending"
    if not path.parent.is_dir():
        return None
    path.mkdir(exist_ok=True)
    (path / "model.safetensors").write_bytes(bytes(100))
    return path


def flip(path, source):
    """Flips some bits of a file."""
    content = bytearray(path.read_bytes())
    if not content:
        return None
    for _ in range(source.randint(1, 8)):
        content[source.randrange(len(content))] ^= 1 << source.randrange(8)
    path.write_bytes(content)
    return path


def victim(workplace, source):
    """A file of the newest checkpoint, where an older one is there to fall back on."""
    checkpoints = workplace.checkpoints()
    if len(checkpoints) < 2:
        return None
    return source.choice(sorted(path for path in checkpoints[-1].iterdir() if path.is_file()))


def expect_end(started, seconds, when):
    if not started.all_gone(seconds):
        log = started.workplace.log()
        started.end_by_force()
        raise Lost(f"the program had not ended {seconds} s {when}\n{log}")


RUNNING = [kill_all, kill_one, kill_launcher, stop_by_signal, storm, pause]
RESTING = [flip_bytes, cut_short, lose_file, rot_best, tear_log, leave_rubbish]


class SmallDisk:
    """A file system of its own, of some megabytes, mounted on a directory."""

    def __init__(self, path, megabytes):
        self.path = path
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(path)]
        self.is_mounted = subprocess.run(command, capture_output=True).returncode == 0

    def close(self):
        if self.is_mounted:
            subprocess.run(["umount", "-l", str(self.path)], capture_output=True)
