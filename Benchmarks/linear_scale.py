"""The linear model as rows, labels and features grow: what a pass over the rows takes, and what bounds it."""

import json
import pathlib
import random
from collections.abc import Iterator

from measure import read_log
from work import BUILD, print_table, run, say

WORDS_OF_ROW = 60
STEP_ROWS = 256


def linear(ranks: int, precision: str, directory: pathlib.Path) -> None:
    """Up to a million rows of 60 words, 10,000 labels and 500,000 words, drawn by Zipf's law."""
    print(f"{ranks} ranks\n")
    print_table(
        ["rows", "labels", "features", "values of a row", "reading and features", "ms of a step",
         "forward", "backward", "descent", "waiting", "a pass over all rows", "weights, GB",
         "peak MB of a rank"],
        lines(ranks, directory))  # fmt: skip


def lines(ranks: int, directory: pathlib.Path) -> Iterator[list[str]]:
    """A line for each size."""
    for rows, labels, words in ((10_000, 1_000, 50_000), (100_000, 3_000, 150_000),
                                (1_000_000, 10_000, 500_000)):  # fmt: skip
        say(f"{rows:,} rows, {labels:,} labels, {words:,} words")
        data = write_rows(directory / "rows.jsonl", rows, labels, words)
        yield figures(rows, labels, data, ranks, directory)


def write_rows(path: pathlib.Path, rows: int, labels: int, words: int) -> pathlib.Path:
    """JSON Lines. A word's frequency falls with its rank; each word and each label occurs twice at least."""
    choice = random.Random(0)
    with open(path, "w", encoding="utf-8") as file:
        for row in range(rows):
            # Quantiles of a density like 1/rank, so that drawing is one power.
            drawn = {int(words ** choice.random()) - 1 for _ in range(WORDS_OF_ROW)}
            drawn |= {(row * 8 + place) % words for place in range(8)}
            text = " ".join(f"w{word}x" for word in drawn)
            own = [f"label-{(row * 5 + place) % labels:06d}" for place in range(5)]
            file.write(json.dumps({"text": text, "labels": own}) + "\n")
    return path


def figures(rows: int, labels: int, data: pathlib.Path, ranks: int,
            directory: pathlib.Path) -> list[str]:  # fmt: skip
    """The cells of a line: 60 steps without evaluation, of which the first 20 warm up."""
    config = {
        "model": {"type": "linear", "linear": {"word_ngrams": [1, 1]}},
        "data": {"train": str(data), "validation_fraction": 1e-9,
                 "cache_dir": str(directory / "cache")},
        "training": {"max_steps": 60, "logging_steps": 20, "train_batch_size": STEP_ROWS},
        "evaluation": {"eval_strategy": "no"},
        "checkpointing": {"save_strategy": "no", "save_minutes": None},
        "output_dir": str(directory / "run"),
    }  # fmt: skip
    path = directory / "config.json"
    path.write_text(json.dumps(config))
    out = run(["mpirun", "-n", ranks, BUILD / "ddp-train", path, "--overwrite"])
    training = read_log(directory / "run/metrics.jsonl", 0, 0)
    values, features = features_of(out)
    step = sum(training.seconds.values())

    def share(name: str) -> str:
        return f"{100 * training.seconds[name] / step:.0f} %"

    return [
        f"{rows:,}", f"{training.labels:,}", f"{features:,}", f"{values / rows:.0f}",
        f"{training.data_seconds:.1f} s", f"{1e3 * step:,.0f}", share("forward"),
        share("backward"), share("optimizer"), share("wait"),
        f"{step * rows / STEP_ROWS:,.0f} s", f"{4 * features * training.labels / 1e9:.1f}",
        f"{training.peak_mb:,.0f}",
    ]  # fmt: skip


def features_of(plan: str) -> tuple[int, int]:
    """Values of an epoch's rows, and features, as the plan says them."""
    words = plan.partition(" an epoch; ")[2].split(" features an epoch")[0]
    values, _, features = words.partition(" of ")
    return int(values.replace(",", "")), int(features.replace(",", ""))
