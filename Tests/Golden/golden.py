"""Shows that two builds of the program give the same results to the bit. Started by launch/golden.

Each of some twenty runs (encoder and linear, fp32 and bf16, frozen, resumed, on 1, 2 and 4 ranks) is made by both
programs in turn, and the SHA-256 of what it leaves is compared: weights, thresholds, results, predictions, and the
log without its times. Sums of products depend on the processor and its libraries, so that figures of another
machine would say nothing; both programs run here.
"""

import argparse
import hashlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "Soak"))
from workplace import WORDS, base_configuration, rows  # noqa: E402

# What the log says of the machine and the moment, not of the run.
TIMES = re.compile(
    rb', "(tokens_per_second|data_seconds|pause_seconds|megabytes|ranks|bytes_sent_per_step|seconds|time)": [-+.0-9e]+'
    rb'|, "(kernel_)?seconds": \{[^}]*\}|, "peak_memory_mb": \[[^\]]*\]'
)
# What has another name since version 0.1.0; values have not changed.
RENAMED = [
    (rb'"((?:eval_)?)head_f1', rb'"\1frequent_f1'), (rb'"((?:eval_)?)mid_f1', rb'"\1medium_f1'),
    (rb'"((?:eval_)?)tail_f1', rb'"\1rare_f1'), (rb'_tuned": ', rb'_global": '), (rb'_fixed": ', rb'_saved": '),
    (rb'"constant_micro_f1"', rb'"baseline_micro_f1"'), (rb'"head_learning_rate"', rb'"classifier_learning_rate"'),
]  # fmt: skip


def present_names(content):
    for old, new in RENAMED:
        content = re.sub(old, new, content)
    return content


FEW = {"training": {"num_train_epochs": 2}}
SMALL = {
    "vocab_size": 5 + len(WORDS), "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
    "intermediate_size": 128, "max_position_embeddings": 64, "initializer_range": 0.1,
}  # fmt: skip
LINEAR = {"model": None}


def changed(configuration, changes):
    """The configuration with the sections' changes; a section that is None becomes a linear model's."""
    for section, values in changes.items():
        if values is None:
            configuration[section] = {"type": "linear"}
            for key in ("learning_rate", "classifier_learning_rate", "microbatches"):
                configuration["training"].pop(key, None)
        elif isinstance(values, dict):
            configuration.setdefault(section, {}).update(values)
        else:
            configuration[section] = values
    return configuration


# By name: changes to the configuration, one after another, and the numbers of ranks.
RUNS = {
    "mean-fp32": ([FEW], [1, 2, 4]),
    "cls-fp32": ([FEW, {"model": {"pooling": "cls"}}], [1, 2, 4]),
    "mean-bf16": ([FEW, {"training": {"precision": "bf16"}}], [1, 2]),
    "cls-bf16": ([FEW, {"model": {"pooling": "cls"}, "training": {"precision": "bf16"}}], [1]),
    "frozen-layers": ([FEW, {"training": {"freeze_encoder": 1}}], [2]),
    "frozen-encoder": ([{"training": {"freeze_encoder": True}}], [1, 2]),
    "words": ([FEW, {"model": {"wide": {}}}], [1, 4]),
    "linear": ([LINEAR], [1, 2, 4]),
    "remedies": (
        [FEW, {"loss": {"type": "asymmetric", "pos_weight": "inverse_sqrt", "label_smoothing": 0.01},
               "training": {"ema_decay": 0.9, "lr_scheduler_type": "cosine"},
               "data": {"repeat_factor_threshold": 0.2}}],
        [2]),
    "per-label": ([FEW, {"evaluation": {"threshold": "per_label"}}], [1]),
    "early-stopping": (
        [{"early_stopping": {"patience": 1, "metric_for_best_model": "micro_f1_tuned"}}], [2]),
    "large-layers": ([FEW, {"model": {"config": "large"}, "training": {"max_steps": 12}}], [2]),
    "large-layers-bf16": (
        [FEW, {"model": {"config": "large"}, "training": {"max_steps": 12, "precision": "bf16"}}],
        [1]),
}  # fmt: skip
# Runs that are begun by the old program and ended by both, on so many ranks.
RESUMED = [("mean-fp32", 2), ("words", 2), ("frozen-layers", 1)]
FILES = ["best/model.safetensors", "best/linear.safetensors", "best/thresholds.json", "results.json"]


NEW_METRICS = re.compile(r"(weighted_f1|f1_at_|brier_score_loss|expected_calibration_error)|_(low|high)(_|$)")


def comparable(text):
    """JSON without what version 0.1.0 did not measure, or measured otherwise: intervals of F1."""

    def known(value):
        if not isinstance(value, dict):
            return value
        return {key: known(inner) for key, inner in value.items() if not NEW_METRICS.search(key)}

    return json.dumps(known(json.loads(text))).encode()


class Place:
    """A folder in which one program makes all runs."""

    def __init__(self, path, program):
        self.path, self.program = path, program
        for name, count, seed in (("train", 320, 1), ("valid", 120, 2), ("test", 120, 3)):
            lines = [json.dumps(row) + "\n" for row in rows(count, seed)]
            (path / f"{name}.jsonl").write_text("".join(lines))
        pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + WORDS
        (path / "vocab.txt").write_text("\n".join(pieces) + "\n")

    def configure(self, name, changes):
        large = base_configuration(2)["model"]["config"]
        configuration = changed(base_configuration(4), {"model": {"config": SMALL}})
        for change in changes:
            configuration = changed(configuration, change)
        if configuration["model"].get("config") == "large":
            configuration["model"]["config"] = large
        configuration["output_dir"] = name
        if configuration["model"].get("type") != "linear":
            # The defaults of version 0.1.
            configuration.setdefault("loss", {}).setdefault("pos_weight", "inverse_sqrt")
            configuration["training"].setdefault("num_train_epochs", 50)
            configuration["training"].setdefault("precision", "fp32")
            if configuration.get("early_stopping", {}) is not None:
                configuration.setdefault("early_stopping", {}).setdefault("metric_for_best_model", "loss")
        # By its name in version 0.1, which both programs read.
        rate = configuration["training"].pop("classifier_learning_rate", None)
        if rate is not None:
            configuration["training"]["head_learning_rate"] = rate
        (self.path / f"{name}.json").write_text(json.dumps(configuration))

    def start(self, arguments, ranks):
        command = [self.program, *arguments]
        if ranks > 1:
            command = ["mpirun", "-n", str(ranks), *command]
        return subprocess.run(command, cwd=self.path, capture_output=True, text=True)

    def digests(self, name):
        """SHA-256 by file of what a run has left."""
        run = self.path / name
        found = {
            file: hashlib.sha256(self.content(run / file)).hexdigest()
            for file in FILES if (run / file).exists()
        }  # fmt: skip
        log = [
            comparable(present_names(TIMES.sub(b"", line))) for line in (run / "metrics.jsonl").read_bytes().splitlines()
            if line.startswith((b'{"event": "train"', b'{"event": "eval"'))
        ]  # fmt: skip
        found["metrics.jsonl"] = hashlib.sha256(b"\n".join(log)).hexdigest()
        return found

    def content(self, path):
        content = path.read_bytes()
        return comparable(present_names(content)) if path.name == "results.json" else content

    def make(self, kind, ranks):
        """One run on ranks; None where this machine has no bf16."""
        name = f"{kind}-{ranks}"
        self.configure(name, RUNS[kind][0])
        ended = self.start([f"{name}.json"], ranks)
        if ended.returncode == 78 and "bf16" in kind:
            return None
        if ended.returncode != 0:
            sys.exit(f"{self.program}: {name} ended with {ended.returncode}\n{ended.stderr[-2000:]}")
        found = self.digests(name)
        predicted = self.start(
            ["predict", "--model", f"{name}/best", "--input", "test.jsonl", "--output", f"{name}.predictions"], ranks)
        if predicted.returncode != 0:
            sys.exit(f"{self.program}: predict of {name} failed\n{predicted.stderr[-2000:]}")
        # Calibrated probabilities are new since version 0.1.0.
        predictions = re.sub(
            rb', "probability": [0-9.e-]+', b"", (self.path / f"{name}.predictions").read_bytes())
        found["predictions"] = hashlib.sha256(predictions).hexdigest()
        return found

    def begin(self, kind):
        """A run that is stopped after some steps."""
        name = f"{kind}-resumed"
        self.configure(name, RUNS[kind][0])
        process = subprocess.Popen(
            [self.program, f"{name}.json"], cwd=self.path, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)  # fmt: skip
        log = self.path / name / "metrics.jsonl"
        while not log.exists() or log.read_bytes().count(b'"event": "train"') < 10:
            if process.poll() is not None:
                sys.exit(f"{self.program}: {name} ended with {process.returncode}")
            time.sleep(0.001)
        process.send_signal(signal.SIGUSR1)
        if process.wait() != 75:
            sys.exit(f"{self.program}: {name} ended with {process.returncode} after a signal")
        return name

    def go_on(self, name, ranks):
        ended = self.start([f"{name}.json", "--resume"], ranks)
        if ended.returncode != 0:
            sys.exit(f"{self.program}: {name} cannot go on\n{ended.stderr[-2000:]}")
        return self.digests(name)


def compare_resumed(places, kind, ranks):
    """Both programs go on with the same run, which the old one has begun."""
    old, new = places
    name = old.begin(kind)
    new.configure(name, RUNS[kind][0])
    shutil.copytree(old.path / name, new.path / name)
    return [place.go_on(name, ranks) for place in places]


def compare_ensembles(places, kind, ranks):
    """Both programs make one model of two of their runs."""
    def files(place):
        ended = place.start(["join", f"{kind}-1", "linear-1", "--output", "ensemble", "--scale", "2"], ranks)
        if ended.returncode != 0:
            sys.exit(f"{place.program}: no ensemble\n{ended.stderr[-2000:]}")
        model = next(path.parent for path in (place.path / "ensemble").rglob("thresholds.json"))
        return {
            name: hashlib.sha256((model / name).read_bytes()).hexdigest()
            for name in ("model.safetensors", "linear.safetensors", "thresholds.json")
        }  # fmt: skip

    return [files(place) for place in places]


def compare(places, kind, ranks):
    return [place.make(kind, ranks) for place in places]


def main():
    options = arguments()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    different = runs = 0
    with tempfile.TemporaryDirectory(prefix="ddp-train-golden-") as folder:
        places = []
        for number, program in enumerate((options.old, options.new)):
            path = pathlib.Path(folder) / str(number)
            path.mkdir()
            places.append(Place(path, program.resolve()))
        tasks = [(compare, kind, ranks) for kind, (_, counts) in RUNS.items() for ranks in counts]
        tasks += [(compare_resumed, kind, ranks) for kind, ranks in RESUMED]
        tasks += [(compare_ensembles, "mean-fp32", 2)]
        names = {compare: "", compare_resumed: ", resumed", compare_ensembles: ", ensemble"}
        for task, kind, ranks in tasks:
            if options.only and kind not in options.only:
                continue
            what = f"{kind}, {ranks} ranks{names[task]}"
            old, new = task(places, kind, ranks)
            if old is None and new is None:
                print(f"{what}: left out, this machine has no bf16", flush=True)
                continue
            runs += 1
            wrong = [file for file in old if new is None or old[file] != new.get(file)]
            different += bool(wrong)
            text = "differs in " + ", ".join(wrong) if wrong else "same bits"
            print(f"{what}: {text}", flush=True)
            if options.verbose:
                for file, digest in old.items():
                    print(f"    {digest}  {file}", flush=True)
    print(f"{runs - different} of {runs} runs have the same bits")
    sys.exit(1 if different else 0)


def arguments():
    parser = argparse.ArgumentParser(prog="launch/golden", description=__doc__)
    parser.add_argument("--old", type=pathlib.Path, required=True, help="the program to compare with")
    parser.add_argument("--new", type=pathlib.Path, default=".build/release/ddp-train")
    parser.add_argument("--only", nargs="+", choices=RUNS, help="no other runs than these")
    parser.add_argument("--verbose", action="store_true", help="print the old program's SHA-256 too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
