"""A model answers as the command does, from one process, whatever happens to it."""

from __future__ import annotations

import copy
import json
import multiprocessing
import os
import pickle
import signal
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ddp_train import ConfigurationError, DataError, DDPTrainError, Model, _program


def command(run: Any, rows: list[dict[str, Any]], place: Path, *options: str) -> list[Any]:
    """What the command `predict` says of rows."""
    source, target = place / "rows.jsonl", place / "answers.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    _program.run(["predict", "--model", str(run.path), "--input", str(source), "--output",
                  str(target), *options])
    return [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]


def pairs(line: dict[str, Any]) -> list[tuple[str, float]]:
    return [(entry["label"], entry["score"]) for entry in line["labels"]]


@pytest.mark.parametrize(
    "options", [{}, {"top_k": 3}, {"threshold": 0.2}, {"threshold": 0.5, "top_k": 2}])
def test_the_answers_are_those_of_the_command(
    run: Any, new_rows: list[dict[str, Any]], tmp_path: Path, options: dict[str, Any]
) -> None:
    rows = [*new_rows[:40], {"id": "empty", "text": ""}]
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
    wanted = [pairs(line) for line in command(run, rows, tmp_path, *flags)]
    with Model(run.path, text="text") as model:
        assert model.predict(rows, format="lists", **options) == wanted
        assert model.predict(rows[0]["text"], **options) == wanted[0]
        long = model.predict(rows, format="long", **options)
        flat = [
            (row, entry["label"], entry["score"], entry["probability"])
            for row, line in enumerate(command(run, rows, tmp_path, *flags))
            for entry in line["labels"]]
        assert list(long.itertuples(index=False, name=None)) == flat


def test_frames_keep_their_index(run: Any, new_rows: list[dict[str, Any]], tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(new_rows[:30]).set_index("id")
    given = run.predict(frame)
    assert given.index.equals(frame.index) and list(given.columns) == run.model.labels
    lines = command(run, new_rows[:30], tmp_path)
    for name, line in zip(frame.index, lines):
        assert set(given.columns[given.loc[name]]) == {label for label, _ in pairs(line)}


def test_probabilities_are_those_of_the_command(
    run: Any, new_rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    lines = command(run, new_rows, tmp_path, "--top-k", str(len(run.model.labels)))
    texts = [row["text"] for row in new_rows]
    for key, method in (("score", run.predict_scores), ("probability", run.predict_proba)):
        by_label = [{entry["label"]: entry[key] for entry in line["labels"]} for line in lines]
        wanted = np.array([[row[label] for label in run.model.labels] for row in by_label])
        found = method(texts)
        assert found.shape == wanted.shape and np.allclose(found, wanted, rtol=0, atol=1.01e-8)
        assert (found == wanted).mean() > 0.999, "equal, but for ties of the last digit"
    wanted = found
    pytest.importorskip("scipy")
    sparse = run.predict_proba(texts, above=0.1)
    assert np.array_equal(sparse.toarray(), np.where(wanted >= 0.1, wanted, 0))
    missing = run.predict_proba([None, "a game"])
    assert np.isnan(missing[0]).all() and not np.isnan(missing[1]).any()
    assert run.predict_proba([]).shape == (0, len(run.model.labels))


def test_a_killed_process_is_started_again(run: Any) -> None:
    with Model(run.path) as model:
        wanted = model.predict("a puzzle game")
        first = model._resident._process
        assert first is not None
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
        assert model.predict("a puzzle game") == wanted
        # Killed in the middle of many texts.
        texts = ["a puzzle game"] * 20_000
        second = model._resident._process
        assert second is not None
        threading.Timer(0.05, os.kill, (second.pid, signal.SIGKILL)).start()
        assert model.predict(texts, format="lists") == [wanted] * len(texts)


def test_after_ctrl_c_it_answers_again(run: Any) -> None:
    with Model(run.path) as model:
        wanted = model.predict("a puzzle game")
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt) as stop:
            model.predict_proba(["a puzzle game"] * 1_000_000)
        # A notebook keeps the traceback, and so all that was going on.
        assert stop.value.__traceback__ is not None
        assert model.predict("a puzzle game") == wanted


def test_an_error_has_the_message_of_the_program(run: Any, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(run.path / "best", tmp_path / "model")
    (tmp_path / "model/linear.safetensors").write_bytes(b"nothing")
    with pytest.raises(DDPTrainError, match="linear.safetensors") as caught:
        Model(tmp_path / "model").predict("a game")
    assert caught.value.exit_code == 65
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    with pytest.raises(DataError, match="config.json is missing"):
        Model(tmp_path / "nowhere")
    for options, message in (({"top_k": 0}, "top_k=0"), ({"threshold": 1.5}, "threshold=1.5")):
        with pytest.raises(ConfigurationError, match=message):
            run.predict("a game", **options)


def test_threads_copies_and_forks_have_their_own_answers(
    run: Any, new_rows: list[dict[str, Any]]
) -> None:
    texts = [row["text"] for row in new_rows[:200]]
    with Model(run.path) as model:
        wanted = model.predict(texts, format="lists")
        found: dict[int, Any] = {}

        def ask(number: int) -> None:
            found[number] = model.predict(texts[number:], format="lists")

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(found[number] == wanted[number:] for number in range(6))
        for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
            with other:
                assert other.predict(texts[:3], format="lists") == wanted[:3]
        with multiprocessing.get_context("fork").Pool(2) as pool:
            assert pool.map(model.predict, texts[:8]) == wanted[:8]
        assert model.predict(texts[0]) == wanted[0]


def test_nothing_is_left_when_python_ends(run: Any, python: Any) -> None:
    code = """if True:
        import sys, ddp_train
        model = ddp_train.Model(sys.argv[1])
        model.predict("a game")
        print(model._resident._process.pid, flush=True)
        if sys.argv[2] == "kill":
            sys.stdin.read()
    """
    for way in ("end", "kill"):
        process = python(code, str(run.path), way)
        child = int(process.stdout.readline())
        if way == "kill":
            process.kill()
        process.communicate(timeout=30)
        assert gone(child), way


def gone(process: int, limit: float = 20) -> bool:
    """Whether a process ends in time."""
    import time

    end = time.monotonic() + limit
    while time.monotonic() < end:
        try:
            with open(f"/proc/{process}/stat", encoding="ascii") as file:
                if file.read().rpartition(")")[2].split()[0] == "Z":
                    return True
        except OSError:
            return True
        time.sleep(0.02)
    return False
