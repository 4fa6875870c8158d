"""How many ranks a command line is done by."""

import sys

from . import _machine

# The commands that one process does.
_SINGLE = {"tokenize", "ranks", "report", "help", "schema", "audit"}
# Those that work on any number of ranks; `fit` chooses microbatches that a power of two divides.
_SHARED = {"fit", "evaluate", "predict", "compare", "ensemble", "join", "thresholds", "doctor", "env"}
# Options with which a command is done by one process.
_ALONE = {"-h", "--help", "-help", "--version", "--plan", "--stream"}


def split(arguments):
    """Takes `--ranks N` out of a command line: the number, or None, and the rest.

    Raises ValueError where N is no number of ranks.
    """
    rest, ranks, index = [], None, 0
    while index < len(arguments):
        argument = arguments[index]
        name, equals, value = argument.partition("=")
        if argument == "--":
            return ranks, rest + arguments[index:]
        if name == "--ranks":
            if not equals:
                index += 1
                value = arguments[index] if index < len(arguments) else ""
            if not value.isdecimal() or int(value) < 1:
                raise ValueError(f"--ranks wants a whole number of at least 1, found \"{value}\"")
            ranks = int(value)
        else:
            rest.append(argument)
        index += 1
    return ranks, rest


def count(arguments, ask_program):
    """How many ranks a command takes on this machine by itself.

    `ask_program` gives what `ddp-train ranks` prints for some arguments.
    """
    first = arguments[0] if arguments else "--help"
    if first in _SINGLE or _ALONE.intersection(arguments):
        return 1
    # Ranks have no terminal to read from.
    if {"-", "/dev/stdin"}.intersection(arguments) and sys.stdin and sys.stdin.isatty():
        return 1
    cores = _machine.available_cores()
    if cores == 1:
        return 1
    if first in _SHARED:
        return 1 << (cores.bit_length() - 1) if first == "fit" else cores
    given = arguments[1:] if first in ("train", "sweep", "tune") else arguments
    return ask_program([*configuration_arguments(given), "--cores", str(cores)])


def configuration_arguments(arguments):
    """The configuration and its overrides among the arguments of a training or a sweep."""
    kept, index = [], 0
    valued = {"--vary", "--random", "--seed", "--metric", "--output", "--prune-after"}
    while index < len(arguments):
        argument = arguments[index]
        if argument == "--set":
            kept += arguments[index:index + 2]
            index += 1
        elif argument in valued:
            index += 1
        elif argument.startswith("--set=") or not argument.startswith("-"):
            kept.append(argument)
        index += 1
    return kept
