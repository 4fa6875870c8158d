"""Peak memory of a rank: what --dry-run predicts against what runs of one epoch came to."""

import pathlib
from collections.abc import Iterator

import synthetic
from measure import dry_run, train
from work import ENCODER, Work, print_table

STEPS = 3
"""Of the epoch; the prediction is for the largest of them."""


def cases(directory: pathlib.Path) -> list[tuple[str, Work, list[int], list[str]]]:
    """Works of one epoch, the ranks and the precisions of each."""

    def work(layers: int, hidden: int, lengths: list[int], labels: int, batch: int) -> Work:
        rows = round(batch * STEPS / 0.8)
        name = f"memory-{hidden}-{labels}-{'-'.join(map(str, lengths))}.jsonl"
        data = synthetic.write_rows(directory / name, rows, lengths, labels)
        return Work(
            data=data, batch=batch, max_length=max(lengths), steps=2, model=None,
            bert=synthetic.bert(layers, hidden), validation_fraction=0.2,
        )  # fmt: skip

    both = ["fp32", "bf16"]
    texts = directory / "texts.jsonl"
    whole = ENCODER.parents[1] / "configs/debtags/sample/train.jsonl"
    texts.write_text("".join(whole.read_text(encoding="utf-8").splitlines(True)[:120]))
    encoder = Work(data=texts, batch=32, max_length=256, steps=2, validation_fraction=0.2)
    return [
        ("all-MiniLM-L6-v2, short texts", encoder, [1, 2, 4], both),
        ("6 × 384, 5 and 512 tokens", work(6, 384, [5, 512], 100, 16), [1, 2], ["fp32"]),
        ("6 × 384, 256 tokens", work(6, 384, [256], 1_500, 16), [1, 2, 4], both),
        ("2 × 128, 32 tokens", work(2, 128, [32], 100, 128), [1, 2], both),
        ("6 × 384, 10,000 labels", work(6, 384, [64], 10_000, 32), [1, 2], ["fp32"]),
        ("2 × 128, 100,000 labels", work(2, 128, [32], 100_000, 32), [1, 2], ["fp32"]),
        ("12 × 768, 128 tokens", work(12, 768, [128], 100, 8), [1, 2], both),
    ]


def measure(directory: pathlib.Path, precisions: list[str]) -> None:
    """Prints a line for each case."""
    print_table(["model and rows", "precision", "ranks", "predicted MB of a rank", "peak MB",
                 "predicted − peak"], lines(directory, precisions))  # fmt: skip


def lines(directory: pathlib.Path, precisions: list[str]) -> Iterator[list[str]]:
    """A line for each case, number of ranks and precision."""
    for name, work, ranks, wanted in cases(directory):
        for precision in [precision for precision in wanted if precision in precisions]:
            for count in ranks:
                predicted = dry_run(work, count, precision, directory).memory_mb
                peak = train(work, count, precision, directory).peak_mb
                yield [name, precision, str(count), f"{predicted:,.0f}", f"{peak:,.0f}",
                       f"{100 * (predicted / peak - 1):+.1f} %"]  # fmt: skip
