"""Measures ddp-train: training steps against the machine's matrix products and against Hugging Face with
PyTorch DDP, other shapes, start-up, memory, and what happens as things grow.

Started by launch/bench, which builds the programs and sets the environment. The report goes to
standard output, in Markdown; progress to standard error.
"""

import argparse
import pathlib
import sys
import tempfile

import memory
import node_model
import saving
import scale
import shapes
import startup
import throughput
from measure import bf16_obstacle
from work import ENCODER, Work, default_data, say


def available_precisions(options: argparse.Namespace) -> list[str]:
    """Those that were asked for, else all that the machine has."""
    obstacle = bf16_obstacle()
    if options.precision:
        if obstacle and "bf16" in options.precision:
            sys.exit(obstacle)
        return options.precision
    if obstacle:
        say(f"fp32 only: {obstacle}")
    return ["fp32"] if obstacle else ["fp32", "bf16"]


def main() -> None:
    options = arguments()
    precisions = available_precisions(options)
    work = Work(
        data=options.data.resolve(), batch=options.batch, max_length=options.max_length,
        steps=options.steps, model=options.model, microbatches=options.microbatches,
    )  # fmt: skip
    ranks = max(options.ranks)
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        if options.shape:
            names = shapes.NAMES if "all" in options.shape else options.shape
            shapes.compare(names, work, ranks, options.precision or ["fp32"], options.runs, directory)
        elif options.startup:
            startup.measure(work, options.ranks, options.runs or 3, directory)
        elif options.memory:
            memory.measure(directory, precisions)
        elif options.saving:
            saving.measure(work, options.ranks, options.runs or 3, directory)
        elif options.scale:
            scale.MEASURES[options.scale](ranks, (options.precision or ["fp32"])[0], directory)
        elif options.nodes:
            node_model.measure(work, options, directory)
        else:
            results = throughput.measure(
                work, options.ranks, precisions, options.runs or 3, directory,
                compare=options.compare, no_dropout=options.no_dropout,
            )  # fmt: skip
            throughput.report(work, results)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="launch/bench", description=__doc__)
    what = parser.add_argument_group("what is measured (training steps, unless one is given)")
    mode = what.add_mutually_exclusive_group()
    mode.add_argument("--shape", nargs="+", choices=[*shapes.NAMES, "all"],
                      help="other shapes of model and data, against the peer")  # fmt: skip
    mode.add_argument("--startup", action="store_true", help="from the launch to the first step")
    mode.add_argument("--memory", action="store_true", help="--dry-run's prediction against the peak")
    mode.add_argument("--saving", action="store_true", help="what checkpoints cost")
    mode.add_argument("--scale", choices=list(scale.MEASURES), help="what happens as this grows")
    mode.add_argument("--nodes", action="store_true", help="a model of 2 to 256 machines")
    parser.add_argument("--compare", action="store_true", help="also Hugging Face with PyTorch DDP")
    parser.add_argument("--no-dropout", action="store_true", help="also without dropout: what it costs")
    parser.add_argument("--ranks", type=int, nargs="+", required=True,
                        help="several are measured in turn, or the largest (default: all cores)")
    parser.add_argument("--precision", nargs="+", choices=["fp32", "bf16"])
    parser.add_argument("--runs", type=int, help="how often; the median counts (default: 3)")
    parser.add_argument("--steps", type=int, default=10, help="measured steps of a run")
    parser.add_argument("--model", type=pathlib.Path, default=ENCODER)
    parser.add_argument("--data", type=pathlib.Path, default=default_data())
    parser.add_argument("--batch", type=int, default=32, help="rows of a step, over all ranks")
    parser.add_argument("--microbatches", type=int, help="as many as ranks unless said otherwise")
    parser.add_argument("--max-length", type=int, default=256)
    node_model.add_arguments(parser.add_argument_group("with --nodes"))
    options = parser.parse_args()
    others = options.startup or options.memory or options.saving or options.scale or options.nodes
    if options.no_dropout and (others or options.shape) or options.compare and others:
        parser.error("--compare and --no-dropout belong to the measurement of training steps")
    return options


if __name__ == "__main__":
    main()
