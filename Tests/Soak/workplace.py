"""What a soak trains on: a small model with random weights and rows made by seed, and how its runs are
started and compared."""

import hashlib
import json
import os
import pathlib
import random
import signal
import subprocess
import time

WORDS = [f"w{number:02d}" for number in range(60)]
LABELS = [f"label-{number:02d}" for number in range(12)]
# What metrics.jsonl says of a step or an evaluation that must not depend on what happened to the run.
TIMES = {"tokens_per_second", "seconds", "kernel_seconds", "time", "peak_memory_mb", "bytes_sent_per_step"}


# What is trained, as changes to the configuration. All but the last multiply matrices of MiniLM's sizes: what
# strikes only the kernels for large matrices, messages of more than a packet, and checkpoints that take longer
# than a step, a smaller model would not show.
KINDS = {
    "fp32": {},
    "bf16": {"training": {"precision": "bf16"}},
    "frozen": {"training": {"freeze_encoder": True}},
    "words": {"model": {"tfidf": True}},
    "linear": {"model": None},
}


def rows(count, seed):
    """Rows whose texts hold the two words of each of their labels among others."""
    source = random.Random(seed)
    for number in range(count):
        chosen = sorted(source.sample(range(len(LABELS)), source.randint(1, 2)))
        words = [WORDS[2 * label + half] for label in chosen for half in (0, 1)]
        words += source.choices(WORDS, k=source.choice([1, 5, 20, 56]))
        source.shuffle(words)
        yield {"id": str(number), "text": " ".join(words), "labels": [LABELS[c] for c in chosen]}


def configuration(epochs, kind):
    """The configuration of a kind of run."""
    whole = base_configuration(epochs)
    for section, changes in KINDS[kind].items():
        if changes is None:
            # A linear model has none of a BERT's keys.
            whole[section] = {"type": "linear"}
            for key in ("learning_rate", "classifier_learning_rate", "microbatches"):
                del whole["training"][key]
        else:
            whole[section].update(changes)
    return whole


def base_configuration(epochs):
    return {
        "model": {
            "config": {
                "vocab_size": 5 + len(WORDS), "hidden_size": 384, "num_hidden_layers": 2,
                "num_attention_heads": 12, "intermediate_size": 1536, "max_position_embeddings": 64,
            },
            "vocab": "vocab.txt", "max_length": 64, "pooling": "mean",
        },
        "data": {
            "train": "train.jsonl", "validation": "valid.jsonl", "test": "test.jsonl",
            "cache_dir": "cache",
        },
        "loss": {"pos_weight": "none"},
        "training": {
            "num_train_epochs": epochs, "train_batch_size": 16, "microbatches": 4,
            "learning_rate": 2e-4, "classifier_learning_rate": 1e-2, "logging_steps": 1,
        },
        "evaluation": {"eval_strategy": "steps", "eval_steps": 20},
        "early_stopping": {"patience": None},
        "checkpointing": {"save_strategy": "steps", "save_steps": 5, "save_total_limit": 3},
        "output_dir": "disk/run",
    }  # fmt: skip


class Workplace:
    """A directory with data and a configuration. `disk` in it holds the run that is disturbed."""

    def __init__(self, path, program, epochs):
        self.path, self.program = pathlib.Path(path), pathlib.Path(program)
        self.disk = self.path / "disk"
        self.run = self.disk / "run"
        self.disk.mkdir()
        self.shim = self.program.parent / "libfault-shim.so"
        for name, count, seed in (("train", 320, 1), ("valid", 120, 2), ("test", 120, 3)):
            lines = [json.dumps(row) + "\n" for row in rows(count, seed)]
            (self.path / f"{name}.jsonl").write_text("".join(lines))
        pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + WORDS
        (self.path / "vocab.txt").write_text("\n".join(pieces) + "\n")
        for kind in KINDS:
            text = json.dumps(configuration(epochs, kind), indent=1)
            (self.path / f"{kind}.json").write_text(text)

    def start(self, kind, ranks, *arguments, timer=None):
        """Starts the program on ranks; its output goes to `log`. With a timer a signal with a handler comes
        every so many microseconds, as a profiler sends it."""
        log = (self.path / "log").open("wb")
        command = [self.program, f"{kind}.json", *arguments]
        if timer and self.shim.exists():
            command = ["env", f"LD_PRELOAD={self.shim}", f"FAULT_TIMER={timer}", *command]
        if ranks > 1:
            command = ["mpirun", "-n", str(ranks), *command]
        process = subprocess.Popen(
            command, cwd=self.path, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
        return Started(process, ranks, self)

    def log(self):
        return (self.path / "log").read_text(errors="replace")

    def checkpoints(self):
        """Finished checkpoints, oldest first."""
        return sorted((self.run / "checkpoints").glob("step-" + "[0-9]" * 8))

    def has_spare_best(self):
        """Whether best/ could be written anew, whichever of the two newest checkpoints a run goes on from."""
        checkpoints = self.checkpoints()
        try:
            states = [
                json.loads((path / "training_state.json").read_text())["state"]
                for path in checkpoints[-2:]
            ]
        except (OSError, ValueError, KeyError):
            return False
        spares = [f"step-{state['best_step'] or 0:08d}" for state in states]
        return len(spares) == 2 and {path.name for path in checkpoints[:-1]}.issuperset(spares)

    def result(self, run):
        """What a run leaves that must not depend on what happened to it."""
        files = {
            name: hashlib.sha256((run / name).read_bytes()).hexdigest()
            for name in ("best/model.safetensors", "best/thresholds.json", "results.json")
        }
        return files, figures(run / "metrics.jsonl")


def figures(path):
    """The steps and evaluations of metrics.jsonl, without times."""
    events = [json.loads(line) for line in path.read_text().splitlines()]
    return [
        {key: value for key, value in event.items() if key not in TIMES}
        for event in events
        if event["event"] in ("train", "eval", "early_stop")
    ]


class Started:
    """A run of the program under way."""

    def __init__(self, process, ranks, workplace):
        self.process, self.ranks, self.workplace = process, ranks, workplace

    def rank_processes(self):
        """Process numbers of the ranks that are alive."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    same = os.path.samefile(entry / "cwd", self.workplace.path)
                    executable = os.readlink(entry / "exe")
                    state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
                except OSError:
                    continue
                if same and state != "Z" and executable == str(self.workplace.program):
                    found.append(int(entry.name))
        return sorted(found)

    def is_listening(self, number):
        """Whether a rank takes signals as requests already: it blocks them, which it does just before."""
        try:
            fields = pathlib.Path(f"/proc/{number}/stat").read_text().rsplit(")", 1)[1].split()
            started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
            if time.clock_gettime(time.CLOCK_BOOTTIME) - started < 0.5:
                return False
            status = pathlib.Path(f"/proc/{number}/status").read_text()
        except OSError:
            return False
        blocked = int(status.split("SigBlk:")[1].split()[0], 16)
        return bool(blocked >> (signal.SIGUSR1 - 1) & 1)

    def wait(self, seconds):
        """The exit status, or None where the process goes on after `seconds`."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def all_gone(self, seconds):
        """Whether mpirun and every rank end within `seconds`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None and not self.rank_processes():
                return True
            time.sleep(0.02)
        return False

    def end_by_force(self):
        for number in self.rank_processes():
            send(number, signal.SIGKILL)
        self.process.kill()
        self.process.wait()


def send(process, number):
    """Sends a signal to a process that may have gone."""
    try:
        os.kill(process, number)
    except ProcessLookupError:
        pass
