"""Runs mpirun as a child: signals become what saves a checkpoint, and its banners are left out."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading

from . import _launcher

_STOPPING = b"==> stopping after this step, with a checkpoint (once more: at once)\n"
_PR_SET_PDEATHSIG = 1


def run(ranks, command, variables):
    """Runs a command on ranks of this machine; the program's status."""
    if os.environ.get("DDP_TRAIN_PROGRAM"):
        # A program that was built here uses the MPI of the system.
        mpirun = shutil.which("mpirun")
        if mpirun is None:
            raise _launcher.LaunchError("mpirun is missing (Debian: apt-get install openmpi-bin)",
                                        _launcher.EX_OSERR)
    else:
        mpirun = os.path.join(_launcher.mpi_prefix(), "bin/mpirun")
    process = subprocess.Popen(
        [mpirun, "-n", str(ranks), *command], env=variables, stdin=_standard_input(),
        stderr=subprocess.PIPE, bufsize=0, preexec_fn=_child_set_up())
    _hand_on_signals(process)
    output = BannerFilter(sys.stderr.fileno())
    reader = threading.Thread(target=output.copy, args=(process.stderr.fileno(),), daemon=True)
    reader.start()
    status = process.wait()
    # What outlives mpirun may hold its standard error open; the ranks have ended with it.
    reader.join(timeout=5)
    return 128 - status if status < 0 else status


def _standard_input():
    """A pipe or file goes to rank 0; a terminal would stop mpirun, which is in the background."""
    return subprocess.DEVNULL if sys.stdin is None or sys.stdin.isatty() else None


def _child_set_up():
    """What the child does before it becomes mpirun.

    mpirun answers Ctrl-C by killing the ranks within a second, too soon for a checkpoint. So it
    gets a process group of its own, out of reach of the terminal. If this process is killed, as the
    kernel of a notebook may be, the run stops with a checkpoint.
    """
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def set_up():
        os.setpgid(0, 0)
        prctl(_PR_SET_PDEATHSIG, signal.SIGUSR1)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)

    return set_up


def _hand_on_signals(process):
    """The first signal stops the run after its step, with a checkpoint; a second one at once."""
    count = 0

    def hand_on(_number, _frame):
        nonlocal count
        count += 1
        if count == 1:
            os.write(sys.stderr.fileno(), _STOPPING)
        try:
            process.send_signal(signal.SIGUSR1 if count == 1 else signal.SIGTERM)
        except ProcessLookupError:
            pass

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGHUP):
        # What the caller ignores, as nohup does a lost terminal, stays ignored.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, hand_on)


class BannerFilter:
    """Copies standard error without mpirun's banners about a status that the program explained.

    A banner is a line of dashes, some lines, and a line of dashes. Of an ending by a signal nobody
    else speaks, so that banner stays.
    """

    _BANNERS = (b"processes exited with non-zero status", b"MPI_ABORT was invoked")

    def __init__(self, target):
        self._target = target
        self._held = b""
        self._starts_line = True

    def copy(self, source):
        """Copies until the other end is closed."""
        while chunk := os.read(source, 65536):
            self._take(chunk)
        self.finish()

    def finish(self):
        """Shows what was held back as the beginning of a banner."""
        self._write(self._held)
        self._held = b""

    def _take(self, chunk):
        data, self._held = self._held + chunk, b""
        while data:
            if not (self._starts_line and data.startswith(b"-" * min(len(data), 20))):
                # Nothing of an ordinary line is held back: it may be a line that moves.
                line, newline, data = data.partition(b"\n")
                self._write(line + newline)
                self._starts_line = bool(newline)
                continue
            banner, data = self._banner(data)
            if banner is None:
                self._held = data
                return
            if not any(words in banner for words in self._BANNERS):
                self._write(banner)

    @staticmethod
    def _banner(data):
        """A banner and what follows it; None and all of it while its end has not come."""
        lines = data.split(b"\n")
        if len(lines) > 1 and not (len(lines[0]) >= 60 and not lines[0].strip(b"-\r")):
            return lines[0] + b"\n", data[len(lines[0]) + 1:]
        for index, line in enumerate(lines[1:-1], start=1):
            if len(line) >= 60 and not line.strip(b"-\r"):
                banner = b"\n".join(lines[:index + 1]) + b"\n"
                return banner, data[len(banner):]
        return None, data

    def _write(self, data):
        while data:
            data = data[os.write(self._target, data):]
