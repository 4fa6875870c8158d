"""Measures training steps of ddp-train against the machine's matrix products, and against a peer.

Started by launch/bench, which sets the environment. Everything is measured in one go, the programs in
turn, and the median of several runs is printed with its range, because machines are noisy.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = ROOT / ".build/release"


def run(command, **environment):
    result = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {result.returncode}:\n{result.stderr[-2000:]}")
    return result.stdout


def default_data():
    whole = ROOT / "data/debtags1500/train.jsonl"
    return whole if whole.exists() else ROOT / "configs/debtags/sample/train.jsonl"


def model_shape(options):
    config = json.loads((pathlib.Path(options.model) / "config.json").read_text())
    return config["hidden_size"], config["intermediate_size"], config["num_hidden_layers"]


def operations_per_token(options, labels, rows_per_token):
    """Multiplications and additions of a token's dense products, forward and backward."""
    hidden, inner, layers = model_shape(options)
    layer = 4 * hidden * hidden + 2 * hidden * inner
    return 6 * (layers * layer + hidden * labels * rows_per_token)


def measure_ceiling(options, tokens):
    hidden, inner, _ = model_shape(options)
    out = run(
        ["mpirun", "-n", options.ranks, BUILD / "product-ceiling", tokens, hidden, inner]
    )
    return sum(json.loads(out)["gflops_per_rank"])


def measure_training(options, precision, directory):
    """One run of ddp-train; the first logged window warms up and does not count."""
    window = max(1, options.steps // 2)
    config = {
        "model": {"name_or_path": options.model, "max_length": options.max_length},
        "data": {"train": str(options.data), "validation_fraction": 0.001},
        "loss": {"pos_weight": 10},
        "training": {
            "train_batch_size": options.batch,
            "microbatches": options.microbatches or options.ranks,
            "max_steps": 3 * window,
            "logging_steps": window,
            "precision": precision,
        },
        "evaluation": {"eval_strategy": "no"},
        "checkpointing": {"save_strategy": "no"},
        "output_dir": str(pathlib.Path(directory) / "run"),
    }
    path = pathlib.Path(directory) / "config.json"
    path.write_text(json.dumps(config))
    run(["mpirun", "-n", options.ranks, BUILD / "ddp-train", path, "--overwrite"])
    lines = (pathlib.Path(directory) / "run/metrics.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    trained = [event for event in events if event["event"] == "train"]
    seconds = {}
    for event in trained[1:]:
        for name, value in event["seconds"].items():
            seconds[name] = seconds.get(name, 0) + value
    start = next(event for event in events if event["event"] == "start")
    return {
        "rate": statistics.median(event["tokens_per_second"] for event in trained[1:]),
        "seconds": seconds,
        "peak_mb": max(next(e for e in events if e["event"] == "end")["peak_memory_mb"]),
        "labels": start["labels"],
        "tokens": trained[-1]["tokens"] / trained[-1]["step"],
    }


def measure_peer(options, precision, tuned):
    command = [
        sys.executable, ROOT / "Benchmarks/hf_ddp.py", "--data", options.data, "--model", options.model,
        "--ranks", options.ranks, "--batch", options.batch, "--max-length", options.max_length,
        "--steps", options.steps, "--precision", precision,
    ]  # fmt: skip
    environment = {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    if tuned:
        command += ["--group", "--fused"]
        allocator = "/usr/lib/x86_64-linux-gnu/libtcmalloc_minimal.so.4"
        if os.path.exists(allocator):
            environment["LD_PRELOAD"] = allocator
    return json.loads(run(command, **environment).strip().splitlines()[-1])


def spread(values):
    return f"{statistics.median(values):,.0f} ({min(values):,.0f}–{max(values):,.0f})"


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as directory:
        own = {precision: [] for precision in options.precision}
        peers = {(precision, tuned): [] for precision in options.precision for tuned in (False, True)}
        ceilings = []
        for number in range(options.runs):
            print(f"run {number + 1} of {options.runs}", file=sys.stderr)
            for precision in options.precision:
                own[precision].append(measure_training(options, precision, directory))
                if options.compare:
                    for tuned in (False, True):
                        peers[precision, tuned].append(measure_peer(options, precision, tuned))
            share = round(own[options.precision[0]][-1]["tokens"] / options.ranks)
            ceilings.append(measure_ceiling(options, share))
    report(options, own, peers, ceilings)


def report(options, own, peers, ceilings):
    first = own[options.precision[0]][0]
    per_token = operations_per_token(options, first["labels"], options.batch / first["tokens"])
    ceiling = statistics.median(ceilings) * 1e9 / per_token
    print(f"\n{options.ranks} ranks, {options.batch} rows a step ({first['tokens']:,.0f} tokens), "
          f"{first['labels']} labels, max_length {options.max_length}")
    print(f"fp32 matrix products: {statistics.median(ceilings):,.0f} GFLOP/s over all ranks; "
          f"{per_token / 1e6:,.0f} MFLOP a token: ceiling {ceiling:,.0f} tokens/s\n")
    print("| | tokens/s: median (range) | of the fp32 ceiling | peak memory of a rank |")
    print("| --- | --- | --- | --- |")
    for precision in options.precision:
        rates = [measured["rate"] for measured in own[precision]]
        line("ddp-train " + precision, rates, ceiling, [m["peak_mb"] for m in own[precision]])
        for tuned in (False, True):
            found = peers[precision, tuned]
            if found:
                name = f"HF + DDP {precision}" + (", tuned" if tuned else "")
                line(name, [f["tokens_per_second"] for f in found], ceiling, [f["peak_mb"] for f in found])
                ratio = statistics.median(a / b["tokens_per_second"] for a, b in zip(rates, found))
                print(f"| ratio to it | {ratio:.2f} | | |")
    for precision in options.precision:
        seconds = own[precision][-1]["seconds"]
        total = sum(seconds.values())
        parts = ", ".join(f"{name} {100 * value / total:.1f} %" for name, value in seconds.items())
        print(f"\ntime of rank 0, {precision}: {parts}")


def line(name, rates, ceiling, memory):
    share = 100 * statistics.median(rates) / ceiling
    print(f"| {name} | {spread(rates)} | {share:.0f} % | {statistics.median(memory):,.0f} MB |")


def arguments():
    parser = argparse.ArgumentParser(prog="launch/bench", description=__doc__)
    parser.add_argument("--compare", action="store_true", help="also Hugging Face with PyTorch DDP")
    parser.add_argument("--ranks", type=int, required=True)
    parser.add_argument("--model", default="models/all-MiniLM-L6-v2")
    parser.add_argument("--data", type=pathlib.Path, default=default_data())
    parser.add_argument("--batch", type=int, default=32, help="rows of a step, over all ranks")
    parser.add_argument("--microbatches", type=int, help="as many as ranks unless said otherwise")
    parser.add_argument("--max-length", type=int, default=256)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--precision", nargs="+", choices=["fp32", "bf16"], default=["fp32"])
    return parser.parse_args()


if __name__ == "__main__":
    main()
