"""From rows to a run: what it shows, what stops it, what goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Callable

import pytest

import ddp_train
from ddp_train import ConfigurationError, DataError

from test_model import gone

LINEAR = {"model": {"type": "linear"}}


def test_a_run_has_its_figures_as_frames(run: Any, rows: list[dict[str, Any]]) -> None:
    pandas = pytest.importorskip("pandas")
    assert list(run.results.columns) == ["validation", "test"]
    assert run.metrics["micro_f1"] == run.results.loc["micro_f1_global", "test"]
    assert run.labels.index.tolist() == run.model.labels
    held_out = run.labels[["validation_positives", "test_positives", "train_positives"]]
    assert held_out.sum().sum() == sum(len(set(row["labels"])) for row in rows)
    assert {"start", "eval", "end"} <= set(run.history["event"])
    assert isinstance(run.results, pandas.DataFrame)
    page = run._repr_html_()
    assert f"{run.metrics['micro_f1']:.3f}" in page and "micro-F1" in page
    assert "srcdoc" in run.report._repr_html_() and Path(run.report).exists()
    assert repr(ddp_train.load(run.path)) == repr(run)


def test_the_rows_are_not_left_behind(run: Any) -> None:
    assert not [path for path in run.path.iterdir() if path.name.startswith(("rows.js", ".tmp"))]


def test_errors_are_those_that_the_labels_count(run: Any, rows: list[dict[str, Any]]) -> None:
    known = {row["id"]: row for row in rows}
    label = run.labels["test_fn"].idxmax()
    for kind, column in (("missed", "test_fn"), ("wrong", "test_fp")):
        found = run.errors(label, kind, n=None)
        assert len(found) == run.labels.loc[label, column]
        for row in found.itertuples():
            assert (label in known[row.id]["labels"]) == (kind == "missed")
            assert row.text == known[row.id]["text"]
    assert ddp_train.load(run.path).errors(label, n=1)["text"].tolist() == [None]
    with pytest.raises(DataError, match="did you mean"):
        run.errors(label + "x")


def test_reasons_and_other_thresholds(run: Any) -> None:
    reasons = run.explain(["a puzzle game for children"], k=2)
    assert reasons.groupby("label").size().max() == 2 and (reasons["logit"] > 0).all()
    before = run.model.thresholds
    try:
        run.set_thresholds(top_k=3)
        assert len(run.predict("a puzzle game")) == 3
        assert run.metrics["micro_f1"] == run.results.loc["micro_f1_saved", "test"]
    finally:
        run.set_thresholds("global")
    assert run.model.thresholds == before
    with pytest.raises(ConfigurationError, match="give one rule"):
        run.set_thresholds("global", top_k=3)


def test_runs_are_compared_on_the_same_rows(
    run: Any, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    other = ddp_train.train(
        {**LINEAR, "training": {"num_train_epochs": 1}}, run, output=tmp_path / "b",
        verbose=False)
    table = ddp_train.compare(run, other)
    names = [str(run.path), str(other.path)]
    assert list(table.columns) == [
        (names[0], "value"), *((names[1], name) for name in ("value", "difference", "low", "high"))]
    line = table.loc["micro_f1_saved"]
    assert line[names[1], "difference"] == pytest.approx(
        line[names[1], "value"] - line[names[0], "value"])
    assert not (run.path / "rows.jsonl").exists()
    again = ddp_train.fit(
        rows, text="text", labels="labels", id="id", minutes=0.01, ranks=1, verbose=False,
        output=run.path)
    assert again.metrics.equals(run.metrics)


def test_mistakes_have_the_message_of_the_program(tmp_path: Path) -> None:
    rows = {"text": ["a b"] * 20, "labels": [["x"]] * 20}
    with pytest.raises(ConfigurationError, match="did you mean.*learning_rate") as caught:
        ddp_train.train({**LINEAR, "training": {"lr": 1}}, rows, output=tmp_path / "a",
                        verbose=False)
    assert caught.value.exit_code == 78
    (tmp_path / "rows.csv").write_text("description,author\nx,y\n")
    with pytest.raises(DataError) as unclear:
        ddp_train.fit(tmp_path / "rows.csv", output=tmp_path / "b", verbose=False)
    assert "In Python: " in str(unclear.value), str(unclear.value)
    with pytest.raises(DataError, match="there is no file"):
        ddp_train.fit(tmp_path / "nothing.csv", output=tmp_path / "c")
    with pytest.raises(DataError, match="no run that has ended"):
        ddp_train.load(tmp_path)


def test_rows_that_were_mended_are_taken(tmp_path: Path) -> None:
    rows = [{"text": f"word{i % 3} other", "labels": [f"l{i % 3}"]} for i in range(60)]
    options: dict[str, Any] = {
        "text": "text", "labels": "labels", "minutes": 1, "ranks": 1, "verbose": False,
        "output": tmp_path / "run"}
    with pytest.raises(DataError, match="text"):
        ddp_train.fit([*rows, {"text": None, "labels": []}], **options)
    assert ddp_train.fit(rows, **options).model.labels == ["l0", "l1", "l2"]


def test_lists_need_no_pandas(python: Any, rows: list[dict[str, Any]], tmp_path: Path) -> None:
    code = """if True:
        import sys
        for name in ("pandas", "sklearn", "scipy", "pyarrow", "IPython"):
            sys.modules[name] = None
        import ddp_train
        texts, labels = ["red ball", "blue sky", "green"] * 20, [["red"], ["blue"], []] * 20
        config = {"model": {"type": "linear"}}
        run = ddp_train.train(config, texts, labels=labels, ranks=1, output="run", verbose=False)
        print(run.predict("a red car")[0][0], run.predict(["red"], format="lists")[0][0][0])
        print(run.predict_proba(["red"]).shape)
        try:
            run.metrics
        except ImportError as error:
            print(error)
    """
    output, errors = python(code).communicate(timeout=60)
    assert errors == "" and output.splitlines() == [
        "red red", "(1, 2)", "a table as the result needs pandas: pip install pandas"]


LONG = """if True:
    import json, sys, ddp_train
    rows = json.load(open(sys.argv[1]))
    config = {"model": {"type": "linear"}, "training": {"num_train_epochs": int(sys.argv[3])}}
    try:
        run = ddp_train.train(config, rows, text="text", labels="labels", id="id", ranks=2,
                              output=sys.argv[2], verbose=False)
    except KeyboardInterrupt as stop:
        print(type(stop).__name__, stop)
        sys.exit(75)
"""


def trainers(output: Path) -> list[int]:
    """The processes that work on a run."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and str(output).encode() in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:
            pass
    return found


def waited_for(condition: Callable[[], bool], limit: float = 60) -> bool:
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


def stopped(
    python: Any, number: int, arguments: list[str], resumes: int
) -> "subprocess.Popen[str]":
    """Starts a long training, and sends it a signal once it trains."""
    output = Path(arguments[1])
    process: subprocess.Popen[str] = python(LONG, *arguments)
    log = output / "metrics.jsonl"

    def trains() -> bool:
        parts = log.read_text().split('"resume"') if log.exists() else []
        return len(parts) > resumes and '"eval"' in parts[-1]

    assert waited_for(trains), process.poll() is not None and process.communicate()
    started = trainers(output)
    assert len(started) >= 4, "Python, supervisor, launcher, mpirun and ranks"
    process.send_signal(number)
    process.wait(timeout=60)
    for other in started:
        assert gone(other, limit=60), other
    return process


def test_after_a_kill_and_ctrl_c_the_same_call_ends_with_the_same_bits(
    python: Any, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    import json

    (tmp_path / "rows.json").write_text(json.dumps(rows[:200]))
    arguments = [str(tmp_path / "rows.json"), str(tmp_path / "run"), "25"]
    killed = stopped(python, signal.SIGKILL, arguments, resumes=0)
    assert killed.returncode == -signal.SIGKILL
    assert os.listdir(tmp_path / "run/checkpoints"), "saved when nobody waited any more"
    interrupted = stopped(python, signal.SIGINT, arguments, resumes=1)
    printed = interrupted.communicate()[0]
    assert interrupted.returncode == 75
    assert "Stopped stopped and saved in" in printed and str(tmp_path / "run") in printed
    assert (tmp_path / "run/rows.jsonl").exists()
    last = python(LONG, *arguments)
    assert (last.wait(timeout=120), last.communicate()[1]) == (0, "")
    assert not (tmp_path / "run/rows.jsonl").exists()
    arguments[1] = str(tmp_path / "whole")
    assert python(LONG, *arguments).wait(timeout=120) == 0
    for name in ("best/linear.safetensors", "best/thresholds.json", "labels.csv"):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
