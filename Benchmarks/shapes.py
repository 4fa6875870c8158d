"""Shapes of model and data: ddp-train against the peer, plain and tuned, on each of them."""

import dataclasses
import pathlib
from collections.abc import Iterator

import synthetic
from measure import allocator_note
from throughput import Result, measure
from work import ENCODER, Work, print_table, say


@dataclasses.dataclass(frozen=True)
class Shape:
    """A model and rows for it."""

    layers: int
    hidden: int
    lengths: list[int]
    """Tokens of the rows, in turn."""
    labels: int
    batch: int
    steps: int
    runs: int
    family: str = "bert"

    def work(self, directory: pathlib.Path) -> Work:
        """The same rows and a model with random weights for both programs."""
        name = f"{self.labels}-{'-'.join(map(str, self.lengths))}.jsonl"
        rows = max(2_000, 3 * self.batch * self.steps) if self.batch < 256 else 8_192
        data = synthetic.write_rows(directory / name, rows, self.lengths, self.labels)
        return Work(
            data=data, batch=self.batch, max_length=max(self.lengths), steps=self.steps,
            model=None,
            bert=synthetic.encoder(self.family, self.layers, self.hidden, max([512, *self.lengths])),
        )  # fmt: skip


SHAPES = {
    "bert-base-512": Shape(12, 768, [512], labels=100, batch=4, steps=2, runs=3),
    "bert-tiny-32": Shape(2, 128, [32], labels=100, batch=128, steps=40, runs=2),
    "labels-10000": Shape(6, 384, [64], labels=10_000, batch=32, steps=12, runs=3),
    "mixed-lengths": Shape(6, 384, [5, 512], labels=100, batch=16, steps=2, runs=1),
    "distilbert": Shape(6, 384, [128], labels=100, batch=16, steps=4, runs=2, family="distilbert"),
    "roberta": Shape(6, 384, [128], labels=100, batch=16, steps=4, runs=2, family="roberta"),
    "electra": Shape(6, 384, [128], labels=100, batch=16, steps=4, runs=2, family="electra"),
    "mpnet": Shape(6, 384, [128], labels=100, batch=16, steps=4, runs=2, family="mpnet"),
    "modernbert": Shape(6, 384, [128], labels=100, batch=16, steps=4, runs=2, family="modernbert"),
    "modernbert-1024": Shape(
        6, 384, [1_024], labels=100, batch=4, steps=2, runs=2, family="modernbert"),
}
NAMES = ["minilm", *SHAPES]


def compare(names: list[str], default: Work, ranks: int, precisions: list[str], runs: int | None,
            directory: pathlib.Path) -> None:  # fmt: skip
    """Prints a line for each shape and precision."""
    print_table(
        ["shape", "precision", "tokens of a step", "tokens/s", "of the ceiling", "to the peer",
         "to the peer, tuned", "peak MB of a rank", "of the peer's, tuned"],
        lines(names, default, ranks, precisions, runs, directory))  # fmt: skip
    print(allocator_note())


def lines(names: list[str], default: Work, ranks: int, precisions: list[str], runs: int | None,
          directory: pathlib.Path) -> Iterator[list[str]]:  # fmt: skip
    """A line for each shape and precision."""
    for name in names:
        say(f"shape {name}")
        work = SHAPES[name].work(directory) if name in SHAPES else dataclasses.replace(
            default, model=ENCODER, steps=min(default.steps, 6))  # fmt: skip
        count = runs or (SHAPES[name].runs if name in SHAPES else 2)
        for result in measure(work, [ranks], precisions, count, directory, compare=True):
            yield line(name, result)


def line(name: str, result: Result) -> list[str]:
    own = result.trainings
    rate = sorted(result.rates)[len(own) // 2]
    peak = max(training.peak_mb for training in own)
    peers = [min(peer["peak_mb"] for peer in found) for found in (result.plain, result.tuned)]
    return [
        name, result.precision, f"{own[0].tokens:,.0f}", f"{rate:,.0f}",
        f"{result.median('library_share'):.0f} %", f"{result.ratio(result.plain):.2f}",
        f"{result.ratio(result.tuned):.2f}", f"{peak:,.0f}",
        f"{100 * peak / peers[1]:.0f} %",
    ]  # fmt: skip
