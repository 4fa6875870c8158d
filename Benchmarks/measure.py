"""Runs of ddp-train, of its peer and of matrix products alone, and what they report.

What is compared is a `Work`: the same data, model, rows a step and maximum length for both programs.
"""

import dataclasses
import glob
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

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

    def operations_per_token(self, labels: int, rows_per_token: float) -> float:
        """Multiplications and additions of a token's dense products, forward and backward."""
        hidden, inner = self.shape["hidden_size"], self.shape["intermediate_size"]
        layer = 4 * hidden * hidden + 2 * hidden * inner
        weights = self.shape["num_hidden_layers"] * layer + hidden * labels * rows_per_token
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


@dataclasses.dataclass
class Training:
    """What a run of ddp-train reported of its measured steps."""

    rate: float
    """Real tokens a second, over all ranks."""
    seconds: dict[str, float]
    """Of a step on rank 0, by activity."""
    kernels: dict[str, float]
    """Of a step on rank 0, by kind of kernel."""
    peak_mb: float
    """Of the rank that needed most."""
    labels: int
    tokens: float
    """Of a step, over all ranks."""
    start_seconds: float
    """From the launch to the first step."""
    data_seconds: float
    """Of these, reading the data."""
    run_seconds: float
    """From the launch to the end."""


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


def write_config(work: Work, ranks: int, precision: str, directory: pathlib.Path) -> pathlib.Path:
    """A config of ddp-train in three equal logging windows, the first of which warms up."""
    window = max(1, work.steps // 2)
    config = {
        "model": work.model_section(),
        "data": {
            "train": str(work.data),
            "validation_fraction": work.validation_fraction,
            "cache_dir": str(directory / "cache"),
        },
        "loss": {"pos_weight": 10},
        "training": {
            "train_batch_size": work.batch,
            "microbatches": work.microbatches or ranks,
            "max_steps": 3 * window,
            "logging_steps": window,
            "precision": precision,
        },
        "evaluation": {"eval_strategy": "no"},
        "checkpointing": {"save_strategy": "no"},
        "output_dir": str(directory / "run"),
    }
    path = directory / "config.json"
    path.write_text(json.dumps(config))
    return path


def predicted_mb(work: Work, ranks: int, precision: str, directory: pathlib.Path) -> float:
    """Peak memory of a rank as --dry-run says."""
    path = write_config(work, ranks, precision, directory)
    out = run(["mpirun", "-n", ranks, BUILD / "ddp-train", path, "--dry-run"])
    words = out.partition("memory of a rank about ")[2].split()
    return float(words[0].replace(",", ""))


def train(work: Work, ranks: int, precision: str, directory: pathlib.Path) -> Training:
    """One run of ddp-train."""
    path = write_config(work, ranks, precision, directory)
    log = directory / "run/metrics.jsonl"
    log.unlink(missing_ok=True)
    command = ["mpirun", "-n", str(ranks), str(BUILD / "ddp-train"), str(path), "--overwrite"]
    began = time.monotonic()
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    # The line `start` is written just before the first step.
    while process.poll() is None and not (log.exists() and log.stat().st_size):
        time.sleep(0.002)
    started = time.monotonic() - began
    errors = process.communicate()[1]
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{errors[-2000:]}")
    return read_log(log, started, time.monotonic() - began)


def read_log(log: pathlib.Path, started: float, ended: float) -> Training:
    """The figures of metrics.jsonl, without the first window."""
    events = [json.loads(line) for line in log.read_text().splitlines()]
    first, last = events[0], events[-1]
    trained = [event for event in events if event["event"] == "train"]
    measured = trained[1:]
    steps = measured[-1]["step"] - trained[0]["step"]

    def of_step(key: str) -> dict[str, float]:
        return {name: sum(line[key][name] for line in measured) / steps for name in measured[0][key]}

    return Training(
        rate=statistics.median(event["tokens_per_second"] for event in measured),
        seconds=of_step("seconds"),
        kernels=of_step("kernel_seconds"),
        peak_mb=max(last["peak_memory_mb"]),
        labels=first["labels"],
        tokens=(trained[-1]["tokens"] - trained[0]["tokens"]) / steps,
        start_seconds=started,
        data_seconds=first["data_seconds"],
        run_seconds=ended,
    )


@dataclasses.dataclass
class Ceiling:
    """Rates of matrix products alone, in GFLOP/s."""

    total: float
    """All ranks together."""
    forms: dict[str, float]
    """Of one rank, by the log's names of the kinds of product."""


def measure_ceiling(work: Work, tokens: float, ranks: int, precision: str) -> Ceiling:
    """The rate at the model's shapes for microbatches of `tokens` tokens, all ranks at once."""
    shape = work.shape
    out = run(
        ["mpirun", "-n", ranks, BUILD / "product-ceiling", max(1, round(tokens)),
         shape["hidden_size"], shape["intermediate_size"], precision]
    )  # fmt: skip
    figures = json.loads(out)
    return Ceiling(sum(figures["gflops_per_rank"]), figures["gflops_by_form"])


def bf16_obstacle() -> str | None:
    """Why bf16 cannot be used here; None where it can."""
    result = subprocess.run(
        [BUILD / "product-ceiling", "1", "8", "8", "bf16"], capture_output=True, text=True
    )
    return None if result.returncode == 0 else result.stdout.strip()


def allocator() -> str | None:
    """The library that the tuned peer preloads; None where it is not installed."""
    return next(iter(glob.glob("/usr/lib/*/libtcmalloc_minimal.so.4")), None)


def train_peer(
    work: Work, ranks: int, precision: str, tuned: bool, directory: pathlib.Path
) -> dict:
    """One run of Hugging Face with PyTorch DDP: tokens_per_second and peak_mb of rank 0."""
    command = [
        sys.executable, ROOT / "Benchmarks/hf_ddp.py", "--data", work.data, "--ranks", ranks,
        "--batch", work.batch, "--max-length", work.max_length, "--steps", work.steps,
        "--warmup", max(1, min(2, work.steps // 2)), "--precision", precision,
    ]  # fmt: skip
    if work.bert:
        shape = directory / "bert.json"
        shape.write_text(json.dumps(work.bert))
        command += ["--config", shape, "--vocab", VOCABULARY]
    else:
        command += ["--model", work.model]
    environment = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    if tuned:
        command += ["--group", "--fused"]
        if library := allocator():
            environment["LD_PRELOAD"] = library
    return json.loads(run(command, **environment).strip().splitlines()[-1])


def allocator_note() -> str:
    """What to know of the tuned peer's runs; nothing where they had their allocator."""
    missing = "\nThe tuned peer ran without tcmalloc: libtcmalloc-minimal4 is not installed."
    return "" if allocator() else missing


def spread(values: list[float]) -> str:
    """The median, and the range where there is one."""
    middle = f"{statistics.median(values):,.0f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):,.0f}–{max(values):,.0f})"


def table(header: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
