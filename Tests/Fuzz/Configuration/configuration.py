"""Tries extreme values for every key of a configuration. Started by `launch/fuzz SECONDS configuration`.

Each key of a resolved configuration, of a BERT and of a linear model, gets each value, once with --dry-run and
once in a short run. The program may refuse a value or train with it; it may not end by a signal or by a fault of
its own (status 70), and not hang.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

for folder in ("Golden", "Soak"):
    sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / folder))
from golden import Place  # noqa: E402

VALUES = [
    "1e21", "9223372036854775807", "-9223372036854775808", "1e16", "1e308", "-1e308", "1e-320", "4294967296",
    "2147483647", "65536", "-1", "0", "0.5", "[]", "{}", "[9223372036854775807]", '""', '"x"', "null", "true",
]  # fmt: skip
# Keys that a resolved configuration does not state. model.config alone is BERT-base, which takes minutes to make.
FURTHER = {
    "bert": [
        *(f"model.config.{key}" for key in (
            "hidden_size", "vocab_size", "num_hidden_layers", "intermediate_size", "max_position_embeddings",
            "type_vocab_size", "num_attention_heads", "layer_norm_eps", "initializer_range")),
        "loss.gamma", "loss.pos_weight.max", "loss.pos_weight.scheme", "training.max_steps",
    ],
    "linear": ["training.max_steps"],
}  # fmt: skip
LEFT_OUT = {"output_dir", "data.cache_dir", "model.config"}


def keys(section, prefix=""):
    for key, value in section.items():
        yield prefix + key
        if isinstance(value, dict):
            yield from keys(value, f"{prefix}{key}.")


class Trial:
    def __init__(self, place):
        self.place = place
        self.environment = dict(os.environ, OPENBLAS_NUM_THREADS="1", SWIFT_BACKTRACE="enable=no")

    def run(self, arguments, seconds):
        # What asks for more memory than this is refused by the system, as on a machine that has less.
        limited = ["prlimit", f"--as={16 << 30}", str(self.place.program), *arguments]
        try:
            return subprocess.run(
                limited, cwd=self.place.path, capture_output=True, text=True,
                timeout=seconds, env=self.environment)  # fmt: skip
        except subprocess.TimeoutExpired:
            return None

    def broke(self, number, kind, key, value, mode):
        """What went wrong with a value; None where the program took or refused it."""
        output = f"out-{number}"
        arguments = [f"{kind}.json", mode, "--set", f"{key}={value}", "--set", f"output_dir={output}"]
        ended = self.run(arguments, 60)
        shutil.rmtree(self.place.path / output, ignore_errors=True)
        if ended is None:
            return f"{key}={value} {mode} ({kind}): hangs"
        if ended.returncode < 0 or ended.returncode == 70:
            return f"{key}={value} {mode} ({kind}): status {ended.returncode}\n{ended.stderr[-500:]}"
        return None


def trials(place, trial):
    for kind, changes in (("bert", []), ("linear", [{"model": None}])):
        place.configure(kind, [*changes, {"training": {"num_train_epochs": 1, "max_steps": 3}}])
        ended = trial.run([f"{kind}.json"], 120)
        if ended is None or ended.returncode != 0:
            sys.exit(f"the run that is varied failed: {ended and ended.stderr}")
        resolved = json.loads((place.path / kind / "config.json").read_text())
        for key in dict.fromkeys([*keys(resolved), *FURTHER[kind]]):
            if key not in LEFT_OUT:
                for value in VALUES:
                    yield from ((kind, key, value, mode) for mode in ("--dry-run", "--overwrite"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ddp-train-fuzz-") as folder:
        place = Place(pathlib.Path(folder), options.program.resolve())
        trial = Trial(place)
        whole = list(trials(place, trial))
        random.Random(options.seed).shuffle(whole)
        deadline, done, broken = time.monotonic() + options.seconds, 0, []
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as threads:
            for start in range(0, len(whole), 32):
                if time.monotonic() > deadline:
                    break
                part = whole[start : start + 32]
                numbers = range(start, start + len(part))
                found = threads.map(lambda number: trial.broke(number, *whole[number]), numbers)
                broken += [text for text in found if text]
                done += len(part)
    print(f"{done} of {len(whole)} trials of keys and values", "; nothing broke" if not broken else "")
    sys.exit("\n".join(broken) if broken else 0)


if __name__ == "__main__":
    main()
