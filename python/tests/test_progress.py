"""What is shown while a training runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ddp_train._log import LogTail
from ddp_train._progress import Progress


def test_the_log_tells_how_far_a_training_is(tmp_path: Path) -> None:
    tail = LogTail(tmp_path)
    assert tail.news() is None
    log = tmp_path / "linear/metrics.jsonl"
    log.parent.mkdir()
    start = json.dumps({"event": "start", "total_steps": 40}) + "\n"
    train = json.dumps({"event": "train", "step": 10, "epoch": 0.5, "loss": 0.25}) + "\n"
    log.write_text(start + train + '{"event": "tr')
    assert tail.news() == (10, 40, "epoch 0.5  loss 0.25")
    assert tail.news() is None
    evaluated = {"event": "eval", "step": 20, "epoch": 1.0, "eval_loss": 0.2}
    log.write_text(start + train + json.dumps(evaluated) + "\n")
    assert tail.news() == (20, 40, "epoch 1  validation loss 0.2")
    # One that goes on has a log already, which it cuts.
    later = LogTail(tmp_path)
    assert later.news() is None
    log.write_text(start + train)
    assert later.news() == (10, 40, "epoch 0.5  loss 0.25")


def test_what_was_found_stays_and_options_are_called_as_in_python(
    capsys: pytest.CaptureFixture[str]
) -> None:
    progress = Progress()
    for line in ("  text     “t”      --text COLUMN", "step 1/10 10% | loss 1",
                 "ddp-train: error: nothing", "more of the error"):
        progress.take(line)
    progress.close()
    assert capsys.readouterr().err == "  text     “t”      text=\n"
    silent = Progress(shows=False)
    silent.take("a line")
    silent.step(1, 2, "")
    assert capsys.readouterr().err == ""
