"""Runs of ddp-train, of its peer and of matrix products alone, and what they report."""

import dataclasses
import glob
import json
import pathlib
import re
import statistics
import subprocess
import sys
import time

from work import BUILD, ROOT, VOCABULARY, Work, run


@dataclasses.dataclass
class Training:
    """What a run of ddp-train reported of its measured steps."""

    rate: float
    """Real tokens a second, over all ranks."""
    seconds: dict[str, float]
    """Of a step on rank 0, by activity."""
    kernels: dict[str, float]
    """Of a step on rank 0, by kind of kernel."""
    sent_bytes: float
    """Gradients and parameters that rank 0 sends in a step."""
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


@dataclasses.dataclass
class Plan:
    """What --dry-run says of a run."""

    memory_mb: float
    """Predicted peak memory of a rank."""
    step_tokens: float
    """Over all ranks, the mean of an epoch."""


def dry_run(work: Work, ranks: int, precision: str, directory: pathlib.Path) -> Plan:
    path = write_config(work, ranks, precision, directory)
    out = run(["mpirun", "-n", ranks, BUILD / "ddp-train", path, "--dry-run"]).replace(",", "")
    memory = re.search(r"memory of a rank about (\d+) MB", out)
    epoch = re.search(r"(\d+) an epoch; (\d+) tokens an epoch", out)
    if not memory or not epoch:
        sys.exit(f"--dry-run said nothing of memory or of an epoch:\n{out}")
    return Plan(float(memory[1]), int(epoch[2]) / int(epoch[1]))


def train(work: Work, ranks: int, precision: str, directory: pathlib.Path,
          launcher: list[str] = ["mpirun"]) -> Training:  # fmt: skip
    """One run of ddp-train, started by `launcher`."""
    path = write_config(work, ranks, precision, directory)
    log = directory / "run/metrics.jsonl"
    log.unlink(missing_ok=True)
    command = [*launcher, "-n", str(ranks), str(BUILD / "ddp-train"), str(path), "--overwrite"]
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
        sent_bytes=statistics.mean(event["bytes_sent_per_step"] for event in measured),
        peak_mb=max(last["peak_memory_mb"]),
        labels=first["labels"],
        tokens=(trained[-1]["tokens"] - trained[0]["tokens"]) / steps,
        start_seconds=started,
        data_seconds=first["data_seconds"],
        run_seconds=ended,
    )


LIBRARIES = {"fp32": "OpenBLAS", "bf16": "oneDNN"}
"""Whose products are the measure, by precision."""


@dataclasses.dataclass
class Ceiling:
    """Rates of matrix products alone, in GFLOP/s."""

    library: float
    """Of the library, all ranks together."""
    own: float
    """As training multiplies, all ranks together."""
    forms: dict[str, float]
    """As training multiplies, one rank, by the log's names of the kinds of product."""

    def mean(self, other: "Ceiling") -> "Ceiling":
        forms = {name: (rate + other.forms[name]) / 2 for name, rate in self.forms.items()}
        return Ceiling((self.library + other.library) / 2, (self.own + other.own) / 2, forms)


def measure_ceiling(work: Work, tokens: float, ranks: int, precision: str) -> Ceiling:
    """The rates at the model's shapes for microbatches of some `tokens` tokens, all ranks at once.

    oneDNN is fastest at whole blocks of 32 rows, so the ceiling is taken there.
    """
    shape = work.shape
    out = run(
        ["mpirun", "-n", ranks, BUILD / "product-ceiling", 32 * max(1, round(tokens / 32)),
         shape["hidden_size"], shape["intermediate_size"], precision]
    )  # fmt: skip
    figures = json.loads(out)
    return Ceiling(figures["library_gflops"], figures["gflops"], figures["gflops_by_form"])


@dataclasses.dataclass
class Trial:
    """A run of ddp-train, and matrix products alone just before and after it: rates vary with time."""

    training: Training
    ceiling: Ceiling
    """The mean of both measurements."""
    operations: float
    """Of a token's matrix products."""

    @property
    def library_rate(self) -> float:
        """Tokens a second that the library's products alone would allow."""
        return self.ceiling.library * 1e9 / self.operations

    @property
    def library_share(self) -> float:
        """What the run came to of that, in percent."""
        return 100 * self.training.rate / self.library_rate

    @property
    def own_share(self) -> float:
        """Of what its own products alone would allow, in percent."""
        return 100 * self.training.rate * self.operations / (self.ceiling.own * 1e9)


def try_out(work: Work, ranks: int, precision: str, directory: pathlib.Path) -> Trial:
    """A run between two measurements of the ceiling, for as many tokens as its microbatches have."""
    tokens = dry_run(work, ranks, precision, directory).step_tokens
    tokens /= work.microbatches or ranks
    before = measure_ceiling(work, tokens, ranks, precision)
    training = train(work, ranks, precision, directory)
    ceiling = before.mean(measure_ceiling(work, tokens, ranks, precision))
    operations = work.operations_per_token(training.labels, work.batch / training.tokens)
    return Trial(training, ceiling, operations)


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
