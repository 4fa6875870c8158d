"""What a benchmark trains, and the tools that all benchmarks share."""

import dataclasses
import itertools
import json
import os
import pathlib
import statistics
import subprocess
import sys
from collections.abc import Iterable

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = ROOT / ".build/release"
ENCODER = ROOT / "models/all-MiniLM-L6-v2"
VOCABULARY = ENCODER / "vocab.txt"


@dataclasses.dataclass(frozen=True)
class Work:
    """What both programs train."""

    data: pathlib.Path
    batch: int
    """Rows of a step, over all ranks."""
    max_length: int
    steps: int
    """Measured steps; those that warm up come on top."""
    model: pathlib.Path | None = ENCODER
    """A directory in the Hugging Face layout; None for random weights of the shape `bert`."""
    bert: dict | None = None
    """Keys of a BERT config.json, with the encoder's vocabulary."""
    microbatches: int | None = None
    """As many as ranks unless said otherwise."""
    dropout: bool = True
    validation_fraction: float = 1e-9
    """So small that there are no validation rows, unless said otherwise: the peer evaluates nothing."""

    @property
    def shape(self) -> dict:
        """The keys of the model's config.json."""
        return self.bert or json.loads((pathlib.Path(self.model) / "config.json").read_text())

    @property
    def has_pooler(self) -> bool:
        """Whether the classifier reads first tokens, through BERT's pooler, and not the mean of all."""
        if self.bert is not None:
            return True
        file = pathlib.Path(self.model) / "1_Pooling/config.json"
        return not file.exists() or not json.loads(file.read_text()).get("pooling_mode_mean_tokens")

    def operations_per_token(self, labels: int, rows_per_token: float) -> float:
        """Multiplications and additions of a token's dense products, forward and backward.

        Below a pooler the last layer has keys and values of all tokens, all else of first tokens only.
        """
        shape, is_modern = self.shape, self.shape.get("model_type") == "modernbert"
        hidden = shape.get("hidden_size") or shape["dim"]
        inner = shape.get("intermediate_size") or shape["hidden_dim"]
        keys_and_values = 2 * hidden * hidden
        rest = 2 * hidden * hidden + (3 if is_modern else 2) * hidden * inner
        layers = shape.get("num_hidden_layers") or shape["n_layers"]
        weights = layers * (keys_and_values + rest) + hidden * labels * rows_per_token
        if self.has_pooler and not is_modern:
            weights -= (1 - rows_per_token) * rest
        return 6 * weights

    def model_section(self) -> dict:
        """The section `model` of ddp-train's config."""
        section: dict = {"max_length": self.max_length}
        if self.bert:
            section |= {"config": self.bert, "vocab": str(VOCABULARY)}
        else:
            section["name_or_path"] = str(self.model)
        if not self.dropout:
            section |= {"hidden_dropout_prob": 0, "attention_probs_dropout_prob": 0}
        return section


def default_data() -> pathlib.Path:
    """The whole data set where it has been built, else the sample."""
    whole = ROOT / "data/debtags1500/train.jsonl"
    return whole if whole.exists() else ROOT / "configs/debtags/sample/train.jsonl"


def run(command: list, **environment: str) -> str:
    """The standard output of a command; ends the benchmark with its message where it fails."""
    result = subprocess.run(
        [str(part) for part in command], cwd=ROOT, env={**os.environ, **environment},
        capture_output=True, text=True,
    )  # fmt: skip
    if result.returncode != 0:
        message = (result.stderr or result.stdout)[-2000:]
        sys.exit(f"{' '.join(map(str, command))} ended with {result.returncode}:\n{message}")
    return result.stdout


def say(text: str) -> None:
    """Progress, beside the report."""
    print(text, file=sys.stderr, flush=True)


def spread(values: list[float]) -> str:
    """The median, and the range where there is one."""
    middle = f"{statistics.median(values):,.0f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):,.0f}–{max(values):,.0f})"


def print_table(header: list[str], rows: Iterable[list[str]]) -> None:
    """A table in Markdown, each line as soon as it is measured."""
    for line in itertools.chain([header, ["---"] * len(header)], rows):
        print("| " + " | ".join(line) + " |", flush=True)
