"""What checkpoints cost: how long training stands still for one, and what they add to a run."""

import json
import pathlib
import statistics
import subprocess
import sys
import time

from measure import write_config
from work import BUILD, Work, print_table, say

SAVES = 4
"""Checkpoints of a run; `--steps` updates lie between them."""


def measure(work: Work, ranks: list[int], runs: int, directory: pathlib.Path) -> None:
    """Prints a line for each number of ranks."""
    print("Beside training each rank hashes and flushes what it has written. Where no core is free, that takes "
          "time from the ranks: the last column but one holds it.\n")  # fmt: skip
    header = ["ranks", "MB of a checkpoint", "a step", "training stands still for a checkpoint",
              "per 100 MB, of a step", "a checkpoint adds to the run", "copying as much in memory"]  # fmt: skip
    print_table(header, (line(work, count, runs, directory) for count in ranks))


def line(work: Work, ranks: int, runs: int, directory: pathlib.Path) -> list[str]:
    pauses, sizes, plain, saving = [], [], [], []
    for number in range(runs):
        say(f"run {number + 1} of {runs} on {ranks} ranks, without checkpoints and with")
        plain.append(train(work, ranks, "no", directory)[0])
        seconds, checkpoints = train(work, ranks, "steps", directory)
        saving.append(seconds)
        # The last one is saved at the end, where nothing goes on beside it.
        pauses += [checkpoint["pause_seconds"] for checkpoint in checkpoints[:-1]]
        sizes += [checkpoint["megabytes"] for checkpoint in checkpoints]
    size, pause = statistics.median(sizes), statistics.median(pauses)
    step = statistics.median(plain) / (SAVES * work.steps - 1)
    added = (statistics.median(saving) - statistics.median(plain)) / SAVES
    return [str(ranks), f"{size:,.0f}", f"{step:.3f} s", f"{pause:.3f} s",
            f"{100 * pause / step / size * 100:.1f} %", f"{added:.3f} s", f"{copying(size):.3f} s"]  # fmt: skip


def train(work: Work, ranks: int, strategy: str, directory: pathlib.Path) -> tuple[float, list[dict]]:
    """Seconds from a run's first step to its end, and its checkpoints as logged."""
    path = write_config(work, ranks, "fp32", directory)
    config = json.loads(path.read_text())
    config["training"] |= {"max_steps": SAVES * work.steps, "logging_steps": 1}
    config["checkpointing"] = {"save_strategy": strategy, "save_steps": work.steps}
    path.write_text(json.dumps(config))
    log = directory / "run/metrics.jsonl"
    log.unlink(missing_ok=True)
    command = ["mpirun", "-n", str(ranks), str(BUILD / "ddp-train"), str(path), "--overwrite"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and not (log.exists() and b'"train"' in log.read_bytes()):
        time.sleep(0.002)
    began = time.monotonic()
    errors = process.communicate()[1]
    seconds = time.monotonic() - began
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{errors[-2000:]}")
    events = [json.loads(line) for line in log.read_text().splitlines()]
    return seconds, [event for event in events if event["event"] == "checkpoint"]


def copying(megabytes: float) -> float:
    """Seconds of one core, the best of three."""
    source = bytearray(round(megabytes * 1e6))
    times = []
    for _ in range(3):
        begin = time.monotonic()
        bytes(source)
        times.append(time.monotonic() - begin)
    return min(times)
