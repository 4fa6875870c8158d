"""What can go wrong, as exceptions with the program's own message."""

from __future__ import annotations

import re
from typing import Optional

# Exit codes of the program (docs/reference/outputs.md).
EX_USAGE, EX_DATAERR, EX_NOINPUT, EX_STOPPED, EX_CONFIG = 64, 65, 66, 75, 78


class DDPTrainError(RuntimeError):
    """The program ended with an error. `exit_code` is its status; None if it never started."""

    def __init__(self, message: str, exit_code: Optional[int] = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code

    def __reduce__(self) -> tuple[type, tuple[str, Optional[int]]]:
        return type(self), (str(self), self.exit_code)


class DataError(DDPTrainError, ValueError):
    """Rows, labels or files are not what they should be."""


class ConfigurationError(DDPTrainError, ValueError):
    """Arguments or keys of the config are wrong, or do not fit the data."""


class Stopped(KeyboardInterrupt):
    """Training was interrupted and has saved. `path` is the directory that the same call goes on in."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"stopped and saved in {path}; the same call with output={path!r} goes on")
        self.path = path


# Options of the program that are arguments here by another name, or not at all.
_ARGUMENTS = {
    "labels-column": "labels",
    "labels-separator": "labels_separator",
    "label-names": "label_names",
    "empty-cells": "empty_cells",
    "empty-texts": "empty_texts",
    "text-column": "text",
    "overwrite": "overwrite=True",
}
_SAME = {
    "text", "labels", "id", "ignore", "group", "minutes", "optimize", "encoder", "validation",
    "test", "output",
}


def failure(exit_code: int, message: str) -> DDPTrainError:
    """The exception for an exit code, with the program's message and how Python says it."""
    kind = {
        EX_USAGE: ConfigurationError,
        EX_CONFIG: ConfigurationError,
        EX_DATAERR: DataError,
        EX_NOINPUT: DataError,
    }.get(exit_code, DDPTrainError)
    options = dict.fromkeys(re.findall(r"--([a-z][a-z-]*)", message))
    arguments = [_ARGUMENTS.get(name, name) for name in options if name in _SAME | {*_ARGUMENTS}]
    if arguments:
        names = ", ".join(name if "=" in name else f"{name}=…" for name in dict.fromkeys(arguments))
        message += f"\nIn Python: {names}"
    return kind(message, exit_code)
