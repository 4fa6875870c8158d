"""The program `ddp-train`: where it is, how it is started, and what its ending means."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Optional, Sequence

from . import _launcher, _machine
from ._errors import EX_USAGE, DDPTrainError, failure

# Starts a module of this very package, wherever it was imported from.
_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from ddp_train import {0}; {0}.main()"


def module_command(module: str, arguments: Sequence[str]) -> list[str]:
    """The command line that runs a module of this package in a process of its own."""
    place = str(Path(__file__).resolve().parents[1])
    return [sys.executable, "-c", _START.format(module), place, *arguments]


def command(arguments: Sequence[str], ranks: int) -> list[str]:
    """The command line that runs the program on ranks of this machine."""
    return module_command("_launcher", ["--ranks", str(ranks), *arguments])


def direct(arguments: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The command line of one process without any launcher, and its environment."""
    try:
        return [_launcher.executable(), *arguments], dict(_launcher.environment(1))
    except _launcher.LaunchError as error:
        raise DDPTrainError(str(error), error.status) from None


def cores() -> int:
    """The cores that this process may use."""
    return int(_machine.available_cores())


def checked_ranks(ranks: Optional[int]) -> Optional[int]:
    """A number of ranks, checked."""
    if ranks is None:
        return None
    if isinstance(ranks, bool) or int(ranks) != ranks or ranks < 1:
        raise failure(EX_USAGE, f"ranks={ranks!r}: give a whole number of at least 1")
    return int(ranks)


def ranks_for(arguments: Sequence[str], ranks: Optional[int]) -> int:
    """How many ranks a command takes: those that are asked for, else what fits the machine."""
    chosen = checked_ranks(ranks)
    if chosen is not None:
        return chosen
    if arguments[0] == "train":
        return int(run(["ranks", arguments[1], "--cores", str(cores())]))
    if arguments[0] == "fit":
        return 1 << (cores().bit_length() - 1)
    return cores()


def message_of(output: str) -> str:
    """The program's error message in what it has printed; all of it if there is none."""
    start = re.search(r"^ddp-train: error: ", output, re.MULTILINE)
    if start is None:
        return "\n".join(output.strip().splitlines()[-20:]) or "the program ended without a word"
    lines = output[start.end():].rstrip().splitlines()
    return "\n".join(line for line in lines if not line.startswith("==> "))


def run(arguments: Sequence[str]) -> str:
    """Runs a command that is done soon in one process. What it prints on standard output.

    Raises DDPTrainError with the program's message.
    """
    line, variables = direct(arguments)
    try:
        ended = subprocess.run(
            line, env=variables, stdin=subprocess.DEVNULL, capture_output=True, check=False,
            encoding="utf-8", errors="replace")
    except OSError as error:
        raise DDPTrainError(f"{line[0]} cannot be started: {os.strerror(error.errno or 0)}") from None
    if ended.returncode != 0:
        raise failure(ended.returncode, message_of(ended.stderr or ended.stdout))
    return ended.stdout
