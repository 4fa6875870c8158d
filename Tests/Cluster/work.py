"""What the cluster trains: a small model whose runs are compared to the last bit."""

import hashlib
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "Soak"))
from workplace import WORDS, base_configuration, figures, rows  # noqa: E402

from hosts import Failed, eventually  # noqa: E402


def configuration(epochs):
    """Steps of a few milliseconds, a checkpoint every fifty."""
    whole = base_configuration(epochs)
    whole["model"]["config"].update(
        hidden_size=32, num_attention_heads=4, intermediate_size=64, initializer_range=0.1
    )
    # Not "auto", which measures: a run on other ranks might choose another precision.
    whole["training"] |= {
        "microbatches": 16, "train_batch_size": 16, "learning_rate": 1e-3, "precision": "fp32",
    }  # fmt: skip
    whole["evaluation"]["eval_steps"] = 50
    whole["checkpointing"]["save_steps"] = 50
    whole["output_dir"] = "run"
    return whole


class Work:
    """A directory with data and a configuration, and what a run of it gives that nothing disturbs."""

    def __init__(self, directory, program, epochs):
        self.path, self.program = pathlib.Path(directory), program
        self.path.mkdir(parents=True)
        for name, count, seed in (("train", 320, 1), ("valid", 60, 2), ("test", 60, 3)):
            lines = [json.dumps(row) + "\n" for row in rows(count, seed)]
            (self.path / f"{name}.jsonl").write_text("".join(lines))
        pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + WORDS
        (self.path / "vocab.txt").write_text("\n".join(pieces) + "\n")
        (self.path / "config.json").write_text(json.dumps(configuration(epochs), indent=1))
        self.reference = None

    def begin_reference(self):
        """Starts the run that nothing disturbs, on one rank."""
        log = (self.path / "reference.log").open("wb")
        command = [self.program, "config.json", "--set", "output_dir=reference"]
        self.reference = subprocess.Popen(
            command, cwd=self.path, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            env={"OPENBLAS_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"},
        )  # fmt: skip

    def end(self):
        if self.reference and self.reference.poll() is None:
            self.reference.kill()

    def expect_reference(self, run):
        """Fails unless the run ended with the bits of the one that nothing disturbed."""
        if self.reference.wait(120):
            raise Failed((self.path / "reference.log").read_text())
        mine, wanted = self.result(run), self.result("reference")
        for part, value in wanted.items():
            if mine.get(part) != value:
                raise Failed(f"{run}: {part} is not what a run without disturbance gives")

    def result(self, run):
        directory = self.path / run
        files = ("best/model.safetensors", "best/thresholds.json", "results.json")
        parts = {name: hashlib.sha256((directory / name).read_bytes()).hexdigest() for name in files}
        return parts | {"metrics.jsonl": figures(directory / "metrics.jsonl")}

    def steps(self, run):
        """Steps that the run's log has lines for."""
        log = self.path / run / "metrics.jsonl"
        return log.read_text().count('"event": "train"') if log.exists() else 0

    def events(self, run, event):
        """The lines of one event."""
        lines = (self.path / run / "metrics.jsonl").read_text().splitlines()
        return [line for line in map(json.loads, lines) if line["event"] == event]

    def wait_for_steps(self, run, count, seconds=40):
        eventually(lambda: self.steps(run) >= count, seconds, f"{run} has made {count} steps")

    def expect_resumed(self, run):
        if not self.events(run, "resume"):
            raise Failed(f"{run} was not resumed from a checkpoint")


def errors(log):
    """The program's messages in a log."""
    return re.findall(r"^ddp-train: error: .*", log, re.MULTILINE)
