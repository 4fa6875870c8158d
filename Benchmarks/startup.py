"""From the launch to the first step: reading, tokenizing and caching the training rows."""

import dataclasses
import json
import pathlib
import shutil
import statistics
import sys

from measure import Training, train
from work import ROOT, Work, run, print_table, say

ENVIRONMENT = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


def measure(default: Work, ranks: list[int], runs: int, directory: pathlib.Path) -> None:
    """Prints rates a core against the Hugging Face tokenizer, and times of both starts."""
    # One short step: what is measured lies before it.
    work = dataclasses.replace(default, batch=max(ranks), steps=2)
    rows, peers = [], []
    for number in range(runs):
        say(f"run {number + 1} of {runs}: the Hugging Face tokenizer")
        peers.append(json.loads(run(
            [sys.executable, ROOT / "Benchmarks/hf_tokenize.py", "--data", work.data,
             "--model", work.model, "--max-length", work.max_length], **ENVIRONMENT)))  # fmt: skip
    tokens = peers[0]["tokens"]
    peer = statistics.median(tokens / found["seconds"] for found in peers)
    for count in ranks:
        starts = [both_starts(work, count, directory) for _ in range(runs)]
        first = statistics.median(start[0].data_seconds for start in starts)
        rate = tokens / first / count
        rows.append([
            str(count), f"{first:.2f} s", f"{rate:,.0f}", f"{rate / peer:.2f}",
            f"{statistics.median(start[0].start_seconds for start in starts):.2f} s",
            f"{statistics.median(start[1].data_seconds for start in starts):.3f} s",
            f"{statistics.median(start[1].start_seconds for start in starts):.2f} s",
        ])  # fmt: skip
    print(f"{work.data.name}: {tokens:,} tokens; the Hugging Face fast tokenizer on one core, reading "
          f"included: {tokens / peer:.2f} s, {peer:,.0f} tokens/s\n")
    print_table(["ranks", "reading, tokenizing, caching", "tokens/s a core", "to Hugging Face",
                 "first start, to the first step", "second start: the data",
                 "second start, to the first step"], rows)  # fmt: skip


def both_starts(work: Work, ranks: int, directory: pathlib.Path) -> tuple[Training, Training]:
    """A start without a cache, and one with."""
    say(f"starting twice on {ranks} ranks")
    shutil.rmtree(directory / "cache", ignore_errors=True)
    return train(work, ranks, "fp32", directory), train(work, ranks, "fp32", directory)
