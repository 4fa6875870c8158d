"""What a checkpoint costs: how long training waits for it, against a step and against copying the bytes."""

import json
import pathlib
import statistics
import time

from measure import write_config
from work import BUILD, ROOT, Work, print_table, run, say

SAVES = 4
"""Checkpoints of a run; the last one is at its end, where nothing is left to do meanwhile."""


def measure(work: Work, ranks: list[int], runs: int, directory: pathlib.Path) -> None:
    """Prints, for each number of ranks, the time that a run spends on a checkpoint."""
    print_table(["ranks", "MB of a checkpoint", "a step", "training waits for a checkpoint",
                 "in steps for each 100 MB", "the last checkpoint of a run", "copying as much"],
                [line(work, count, runs, directory) for count in ranks])  # fmt: skip


def line(work: Work, ranks: int, runs: int, directory: pathlib.Path) -> list[str]:
    say(f"{runs} runs on {ranks} ranks")
    found = [moments(work, ranks, directory) for _ in range(runs)]
    step, stall, last = (statistics.median(values) for values in zip(*found))
    size = sum(file.stat().st_size for file in newest(directory).iterdir()) / 1e6
    return [str(ranks), f"{size:,.0f}", f"{step:.3f} s", f"{stall:.3f} s",
            f"{stall / step / size * 100:+.2f}", f"{last:.3f} s", f"{copying(size):.3f} s"]  # fmt: skip


def moments(work: Work, ranks: int, directory: pathlib.Path) -> tuple[float, float, float]:
    """Seconds of a step that no checkpoint falls into, what a checkpoint adds to those until the next
    one, and what the last one takes."""
    path = write_config(work, ranks, "fp32", directory)
    config = json.loads(path.read_text())
    config["training"] |= {"max_steps": SAVES * work.steps, "logging_steps": 1}
    config["checkpointing"] = {"save_strategy": "steps", "save_steps": work.steps}
    path.write_text(json.dumps(config))
    log = directory / "run/metrics.jsonl"
    log.unlink(missing_ok=True)
    times: dict[int, float] = {}
    process = start(ranks, path)
    while process.poll() is None:
        time.sleep(0.002)
        count = log.read_bytes().count(b'"train"') if log.exists() else 0
        if count and count not in times:
            times[count] = time.monotonic()
        if (directory / "run/results.json").exists() and 0 not in times:
            times[0] = time.monotonic()
    return judge(times, work.steps, process)
