"""What happens as rows, their length, labels or parameters grow: one thing at a time, a line for each size."""

import pathlib
import shutil
from collections.abc import Iterator

import synthetic
from linear_scale import linear
from measure import train, try_out
from work import Work, print_table, say

STEP_TOKENS = 4_096
"""Of a step, where the number of tokens is not what grows."""


def rows(ranks: int, precision: str, directory: pathlib.Path) -> None:
    """Short rows, 10³ to 10⁶: reading, tokenizing and planning, with a model that costs little."""
    print(f"{ranks} ranks, {precision}\n")
    print_table(
        ["rows", "MB of the file", "first start: the data", "to the first step",
         "second start: the data", "to the first step", "to the end of 3 steps",
         "peak MB of a rank, first start", "second"],
        row_lines(ranks, precision, directory))  # fmt: skip


def row_lines(ranks: int, precision: str, directory: pathlib.Path) -> Iterator[list[str]]:
    """A line for each number of rows."""
    for count in (1_000, 10_000, 100_000, 1_000_000):
        say(f"{count:,} rows")
        data = synthetic.write_rows(directory / "rows.jsonl", count, [8, 12, 16], labels=100)
        shutil.rmtree(directory / "cache", ignore_errors=True)
        work = Work(data=data, batch=32 * ranks, max_length=32, steps=2, model=None,
                    bert=synthetic.bert(2, 128))  # fmt: skip
        first, second = (train(work, ranks, precision, directory) for _ in range(2))
        yield [
            f"{count:,}", f"{data.stat().st_size / 1e6:,.1f}",
            f"{first.data_seconds:.2f} s", f"{first.start_seconds:.2f} s",
            f"{second.data_seconds:.3f} s", f"{second.start_seconds:.2f} s",
            f"{second.run_seconds:.2f} s", f"{first.peak_mb:,.0f}", f"{second.peak_mb:,.0f}",
        ]  # fmt: skip


def length(ranks: int, precision: str, directory: pathlib.Path) -> None:
    """Rows of 32 to 512 tokens, as many as make a step of 4,096 tokens: attention grows with them."""
    works = {}
    for tokens in (32, 64, 128, 256, 512):
        data = synthetic.write_rows(directory / f"{tokens}.jsonl", 2_000, [tokens], labels=100)
        works[f"{tokens}"] = Work(
            data=data, batch=STEP_TOKENS // tokens, max_length=tokens, steps=4, model=None,
            bert=synthetic.bert(6, 384))  # fmt: skip
    measure_steps("tokens of a row", works, ranks, precision, directory)


def windows(ranks: int, precision: str, directory: pathlib.Path) -> None:
    """Rows of 128 to 8,192 tokens, a step of 8,192 tokens each: a ModernBERT whose layers see windows
    of 128 keys, and one of whose three layers sees all."""
    works = {}
    for every, name in ((1_000, "windows"), (3, "every third layer sees all")):
        for tokens in (128, 512, 2_048, 8_192):
            data = synthetic.write_rows(directory / f"{tokens}.jsonl", 300, [tokens], labels=100)
            shape = synthetic.encoder("modernbert", 3, 384, positions=8_192) | {
                "global_attn_every_n_layers": every,
                "layer_types": ["full_attention" if every == 3 and layer == 0 else "sliding_attention"
                                for layer in range(3)]}  # fmt: skip
            works[f"{tokens:,}, {name}"] = Work(
                data=data, batch=2 * STEP_TOKENS // tokens, max_length=tokens, steps=2, model=None,
                bert=shape, microbatches=ranks if tokens < 8_192 else 1)  # fmt: skip
    measure_steps("tokens of a row", works, ranks, precision, directory)


def labels(ranks: int, precision: str, directory: pathlib.Path) -> None:
    """100 to 100,000 labels of 32 rows of 64 tokens, with an evaluation at the end of the run."""
    works = {}
    for count in (100, 1_000, 10_000, 100_000):
        data = synthetic.write_rows(directory / f"labels-{count}.jsonl", 2_000, [64], count)
        works[f"{count:,}"] = Work(
            data=data, batch=32, max_length=64, steps=4, model=None, bert=synthetic.bert(6, 384),
            validation_fraction=0.05)  # fmt: skip
    measure_steps("labels", works, ranks, precision, directory)


def parameters(ranks: int, precision: str, directory: pathlib.Path) -> None:
    """BERT-tiny to BERT-base (layers × hidden size), steps of 1,024 tokens in rows of 128."""
    data = synthetic.write_rows(directory / "rows.jsonl", 500, [128], labels=100)
    works = {
        f"{layers} × {hidden}": Work(
            data=data, batch=8, max_length=128, steps=4, model=None,
            bert=synthetic.bert(layers, hidden))  # fmt: skip
        for layers, hidden in ((2, 128), (4, 256), (6, 384), (4, 512), (8, 512), (12, 768))
    }
    measure_steps("layers × hidden size", works, ranks, precision, directory)


def measure_steps(title: str, works: dict[str, Work], ranks: int, precision: str,
                  directory: pathlib.Path) -> None:  # fmt: skip
    """Prints a line for each work."""
    print(f"{ranks} ranks, {precision}\n")
    print_table(
        [title, "parameters", "tokens of a step", "ms of a step", "tokens/s", "of the ceiling",
         "attention", "loss", "optimizer", "waiting", "start to end of the run",
         "peak MB of a rank"],
        ([name, *figures(work, ranks, precision, directory)] for name, work in works.items()),
    )  # fmt: skip


def figures(work: Work, ranks: int, precision: str, directory: pathlib.Path) -> list[str]:
    """All cells of a line but the first."""
    trial = try_out(work, ranks, precision, directory)
    training = trial.training
    total = sum(training.seconds.values())

    def share(seconds: float) -> str:
        return f"{100 * seconds / total:.1f} %"

    attention = training.kernels["attention_forward"] + training.kernels["attention_backward"]
    return [
        f"{parameter_count(work, training.labels) / 1e6:,.1f} M", f"{training.tokens:,.0f}",
        f"{1e3 * total:,.1f}", f"{training.rate:,.0f}", f"{trial.library_share:.0f} %",
        share(attention), share(training.seconds["loss"]), share(training.seconds["optimizer"]),
        share(training.seconds["wait"]), f"{training.run_seconds:.1f} s",
        f"{training.peak_mb:,.0f}",
    ]  # fmt: skip


def parameter_count(work: Work, labels: int) -> int:
    """Of an encoder with its own head and classifier."""
    shape = work.shape
    hidden, inner = shape["hidden_size"], shape["intermediate_size"]
    table_rows = shape["vocab_size"] + shape["max_position_embeddings"] + 2
    if shape.get("model_type") == "modernbert":
        layer = 4 * hidden * hidden + 3 * hidden * inner + 2 * hidden
        head = hidden * (hidden + 1) + labels * (hidden + 1)
        table = (shape["vocab_size"] + 1) * hidden
        return table + shape["num_hidden_layers"] * layer + head
    layer = 4 * hidden * (hidden + 1) + inner * (hidden + 1) + hidden * (inner + 1) + 4 * hidden
    head = hidden * (hidden + 1) + labels * (hidden + 1)
    return table_rows * hidden + 2 * hidden + shape["num_hidden_layers"] * layer + head


MEASURES = {
    "rows": rows, "length": length, "labels": labels, "parameters": parameters, "linear": linear,
    "windows": windows,
}  # fmt: skip
