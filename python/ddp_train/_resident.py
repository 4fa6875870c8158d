"""A process that keeps a model loaded, and answers texts with logits in milliseconds."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import tempfile
import threading
import weakref
from typing import IO, Callable, Optional, Sequence

import numpy as np

from . import _program
from ._errors import DataError, DDPTrainError, failure
from ._probability import Logits

# Rows that are handed over at once.
_BLOCK = 512
# Bytes that fit into a pipe in any case.
_PIPE = 1 << 16
# Linux's number for the size of a pipe (F_SETPIPE_SZ), which older Pythons do not name.
_SET_PIPE_SIZE = 1031


class Resident:
    """One process of `ddp-train predict --stream`. It starts with the first text.

    Threads may share it: one asks after the other. A process that was forked gets one of its own.
    """

    def __init__(self, model: str, labels: int) -> None:
        self._model, self._labels = model, labels
        self._lock = threading.Lock()
        self._process: Optional[subprocess.Popen[bytes]] = None
        self._errors: Optional[IO[bytes]] = None
        _residents.add(self)

    def each(self, texts: Sequence[Optional[str]], take: Callable[[Logits], None]) -> None:
        """Hands over the logits of the texts, in blocks of rows; NaN for a missing text.

        Raises DDPTrainError with the program's message if the process cannot do it. Whatever
        interrupts it, Ctrl-C too, ends the process, which has answers left that nobody wants.
        """
        with self._lock:
            is_done = False
            try:
                self._answer(texts, take)
                is_done = True
            finally:
                if not is_done:
                    self._end()

    def close(self) -> None:
        """Ends the process. The next text starts it again."""
        with self._lock:
            self._end()

    def _answer(self, texts: Sequence[Optional[str]], take: Callable[[Logits], None]) -> None:
        """Asks, and once more from where a process that was killed had got to."""
        lines, done = _lines(texts), 0
        for attempt in (1, 2):
            process = self._started()
            writer = _Writer(process, lines[done:])
            while done < len(texts):
                block = self._read(process, min(_BLOCK, len(texts) - done))
                if block is None:
                    break
                done += len(block)
                take(block)
            writer.join(is_wanted=done == len(texts))
            if done == len(texts):
                return
            self._explain(process, is_last=attempt == 2)

    def _read(self, process: subprocess.Popen[bytes], rows: int) -> Optional[Logits]:
        """The logits of some rows; None if the process ends before them."""
        size = 4 * self._labels
        assert process.stdout is not None
        data = bytearray()
        while len(data) < rows * size:
            part = process.stdout.read(rows * size - len(data))
            if not part:
                break
            data += part
        whole = len(data) // size
        if whole == 0:
            return None
        values = np.frombuffer(data, dtype="<f4", count=whole * self._labels)
        return values.reshape(whole, self._labels)

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        line, variables = _program.direct(
            ["predict", "--stream", "--model", self._model, "--input", "-", "--output", "-",
             "--format", "raw", "--text-column", "text"])
        self._errors = tempfile.TemporaryFile()
        try:
            # A session of its own: a notebook's Ctrl-C is for Python, which then ends it.
            self._process = subprocess.Popen(
                line, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=self._errors, bufsize=0, start_new_session=True)
        except OSError as error:
            raise DDPTrainError(
                f"{line[0]} cannot be started: {os.strerror(error.errno or 0)}") from None
        _widen(self._process.stdin)
        _widen(self._process.stdout)
        return self._process

    def _explain(self, process: subprocess.Popen[bytes], is_last: bool) -> None:
        """Raises where the process has ended by itself, or was killed twice."""
        status = process.wait()
        message = ""
        if self._errors is not None:
            self._errors.seek(0)
            message = self._errors.read().decode("utf-8", "replace")
        self._end()
        if status >= 0:
            raise failure(status, _program.message_of(message))
        if is_last:
            name = signal.Signals(-status).name
            raise DDPTrainError(
                f"the process that predicts was ended by {name} twice; is there enough memory?",
                128 - status)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            _close_pipes(process)
        errors, self._errors = self._errors, None
        if errors is not None:
            errors.close()

    def _forget(self) -> None:
        """In a forked process: the other process belongs to the parent."""
        process, self._process = self._process, None
        if process is not None:
            process.returncode = 0
            _close_pipes(process)
        self._errors = None
        self._lock = threading.Lock()


def _lines(texts: Sequence[Optional[str]]) -> list[bytes]:
    try:
        return [json.dumps({"text": text}, ensure_ascii=False).encode() + b"\n" for text in texts]
    except UnicodeEncodeError:
        raise DataError(
            "half of a character (a lone surrogate) stands in a text: clean it with "
            "text.encode(\"utf-8\", \"replace\").decode()") from None


class _Writer:
    """Writes texts, and the empty line that asks for the answers.

    Many texts are written while answers are read: neither side may wait for the other with full
    pipes. A few fit into an empty pipe at once.
    """

    def __init__(self, process: subprocess.Popen[bytes], lines: list[bytes]) -> None:
        self._process = process
        self._content = b"".join([*lines, b"\n"])
        self._thread: Optional[threading.Thread] = None
        if len(self._content) <= _PIPE:
            self._write()
        else:
            self._thread = threading.Thread(
                target=self._write, name="ddp-train texts", daemon=True)
            self._thread.start()

    def join(self, is_wanted: bool) -> None:
        """Waits for the end; of a process that has ended only for a moment."""
        if self._thread is not None:
            self._thread.join(timeout=None if is_wanted else 1)

    def _write(self) -> None:
        assert self._process.stdin is not None
        rest = memoryview(self._content)
        try:
            while rest:
                rest = rest[self._process.stdin.write(rest):]
        except (OSError, ValueError):
            # The process has ended, which its reader notices.
            pass


def _widen(pipe: Optional[IO[bytes]]) -> None:
    import fcntl

    try:
        if pipe is not None:
            fcntl.fcntl(pipe, _SET_PIPE_SIZE, 1 << 20)
    except OSError:
        # The system allows no more: slower, nothing else.
        pass


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        try:
            if pipe is not None:
                pipe.close()
        except OSError:
            pass


_residents: "weakref.WeakSet[Resident]" = weakref.WeakSet()


def _end_all() -> None:
    for resident in list(_residents):
        resident._end()


def _forget_all() -> None:
    for resident in list(_residents):
        resident._forget()


atexit.register(_end_all)
os.register_at_fork(after_in_child=_forget_all)
