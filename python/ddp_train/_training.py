"""A training in processes of its own: progress is shown, Ctrl-C saves, nothing outlives Python."""

from __future__ import annotations

import os
import select
import subprocess
from pathlib import Path
from typing import Optional, Sequence

from . import _program
from ._errors import EX_STOPPED, Stopped, failure
from ._log import LogTail
from ._progress import Progress


class Training:
    """Runs a command of the program on ranks, and follows what it prints."""

    def __init__(self, arguments: Sequence[str], ranks: int, progress: Progress) -> None:
        self._command = _program.module_command(
            "_supervisor", _program.command(arguments, ranks))
        self._progress = progress
        self._lines: list[str] = []
        self._process: Optional[subprocess.Popen[bytes]] = None
        self._interrupts = 0
        self._log: Optional[LogTail] = None

    def run(self, directory: str) -> None:
        """Runs to the end. Raises Stopped after Ctrl-C, DDPTrainError with the program's message.

        `directory` is where the same call goes on.
        """
        # A session of its own: Ctrl-C in a terminal or a notebook reaches Python alone.
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        self._log = LogTail(Path(directory))
        try:
            self._follow()
            status = self._process.wait()
        finally:
            # After an error here the pipe closes, and the supervisor stops the training.
            self._close()
            self._progress.close()
        if status == EX_STOPPED or (status != 0 and self._interrupts):
            raise Stopped(directory)
        if status != 0:
            raise failure(status, _program.message_of("\n".join(self._lines)))

    def _follow(self) -> None:
        """Reads what is printed until the end, through interrupts."""
        assert self._process is not None and self._process.stdout is not None
        rest = b""
        while True:
            try:
                if not select.select([self._process.stdout], [], [], 0.5)[0]:
                    self._look()
                    continue
                data = os.read(self._process.stdout.fileno(), 65536)
                if not data:
                    break
                *lines, rest = (rest + data).replace(b"\r", b"\n").split(b"\n")
                for line in lines:
                    self._take(line.decode("utf-8", "replace"))
            except KeyboardInterrupt:
                self._interrupt()
        if rest:
            self._take(rest.decode("utf-8", "replace"))

    def _look(self) -> None:
        """Shows what is new in the log."""
        assert self._log is not None
        news = self._log.news()
        if news is not None and self._interrupts == 0:
            self._progress.step(*news)

    def _take(self, line: str) -> None:
        self._lines.append(line)
        # Enough for any message, however long a training prints.
        del self._lines[:-2000]
        self._progress.take(line)

    def _interrupt(self) -> None:
        """The first Ctrl-C saves and stops, the second stops at once."""
        assert self._process is not None and self._process.stdin is not None
        self._interrupts += 1
        first = self._interrupts == 1
        self._progress.status(
            "stopping after this step, and saving (once more: at once)" if first
            else "stopping at once")
        try:
            os.write(self._process.stdin.fileno(), b"stop\n" if first else b"kill\n")
        except BrokenPipeError:
            pass

    def _close(self) -> None:
        assert self._process is not None
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

