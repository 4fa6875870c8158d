"""Stands between Python and a training: the training outlives no notebook, and is saved first.

Runs as a process of its own, out of reach of Ctrl-C. It copies what the training prints, and
watches its standard input: a line "stop" asks the training to save and end, "kill" ends it at
once. If the pipe closes, whoever started the training is gone, and it stops likewise.
"""

from __future__ import annotations

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from typing import Callable, Optional

# Seconds that a training gets to finish its step and save once nobody waits for it any more.
_GRACE = 60.0
_PR_SET_PDEATHSIG = 1


class Supervisor:
    """One training and the pipe over which it is commanded."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            preexec_fn=_stop_with(os.getpid()))
        self._output_fails = False
        self._is_stopping = self._is_ending = False
        self._deadline: Optional[float] = None
        self._selector = selectors.DefaultSelector()
        assert self._process.stdout is not None
        self._selector.register(self._process.stdout, selectors.EVENT_READ, self._copy)
        self._selector.register(0, selectors.EVENT_READ, self._obey)

    def run(self) -> int:
        """Copies and obeys until the training has ended; its status."""
        while True:
            events = self._selector.select(timeout=0.5)
            for key, _ in events:
                if not key.data():
                    self._selector.unregister(key.fileobj)
                    if key.fileobj is self._process.stdout:
                        return self._status()
            # A process that was left behind may hold the pipe open.
            if not events and self._process.poll() is not None:
                return self._status()
            if self._deadline is not None and time.monotonic() > self._deadline:
                self._end()

    def _copy(self) -> bool:
        assert self._process.stdout is not None
        data = rest = os.read(self._process.stdout.fileno(), 65536)
        while rest and not self._output_fails:
            try:
                rest = rest[os.write(1, rest):]
            except OSError:
                # Nobody reads any more; the training must not notice.
                self._output_fails = True
        return bool(data)

    def _obey(self) -> bool:
        words = os.read(0, 4096)
        if b"kill" in words:
            self._end()
        elif b"stop" in words:
            self._stop()
        if not words:
            self._stop()
            self._deadline = time.monotonic() + _GRACE
        return bool(words)

    def _stop(self) -> None:
        """Asks for a save and an end, once: a second time would end the training at once."""
        if not self._is_stopping:
            self._is_stopping = True
            self._signal(signal.SIGUSR1)

    def _end(self) -> None:
        """Ends the training without a save; at the second time whatever it is doing."""
        self._signal(signal.SIGKILL if self._is_ending else signal.SIGTERM)
        self._is_ending = True
        self._deadline = time.monotonic() + 10

    def _signal(self, number: int) -> None:
        if self._process.poll() is None:
            self._process.send_signal(number)

    def _status(self) -> int:
        status = self._process.wait()
        return 128 - status if status < 0 else status


def _stop_with(parent: int) -> Callable[[], None]:
    """What lets a child save and end if this process is killed itself."""
    prctl = ctypes.CDLL(None).prctl

    def set_up() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGUSR1)
        if os.getppid() != parent:
            os._exit(1)

    return set_up


def main() -> None:
    """Runs the command of the command line."""
    sys.exit(Supervisor(sys.argv[1:]).run())
