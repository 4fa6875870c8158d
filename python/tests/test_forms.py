"""Rows and labels in every form are the same rows to the program."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ddp_train import ConfigurationError, DataError
from ddp_train._inputs import Inputs
from ddp_train._rows import Roles, write_rows
from ddp_train._table import as_table

TEXTS = ["a puzzle, \"quoted\"", "two\nlines 漢字", "plain"]
LABELS = [["b", "a::x"], [], ["ü, c"]]


def written(data: Any, tmp_path: Path, **roles: Any) -> list[dict[str, Any]]:
    """The rows that the program would read."""
    path = tmp_path / "rows.jsonl"
    write_rows(as_table(data), Roles(**roles), path)
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    path.with_suffix(".sha256").unlink()
    return [json.loads(line) for line in lines]


def test_every_library_gives_the_same_rows(tmp_path: Path) -> None:
    columns = {"description": TEXTS, "tags": LABELS, "number": [1, 2, 3]}
    wanted = [{"description": text, "labels": labels} for text, labels in zip(TEXTS, LABELS)]
    forms: list[Any] = [columns, [dict(zip(columns, row)) for row in zip(*columns.values())]]
    pandas = pytest.importorskip("pandas")
    forms.append(pandas.DataFrame(columns))
    arrow = pytest.importorskip("pyarrow")
    forms.append(arrow.table(columns))
    import pyarrow.feather
    import pyarrow.parquet

    pyarrow.parquet.write_table(arrow.table(columns), tmp_path / "rows.parquet")
    pyarrow.feather.write_feather(arrow.table(columns), tmp_path / "rows.feather")
    forms += [str(tmp_path / "rows.parquet"), tmp_path / "rows.feather"]
    forms.append(pytest.importorskip("polars").DataFrame(columns))
    for form in forms:
        found = written(form, tmp_path, text="description", labels="tags", ignore=("number",))
        assert found == wanted, type(form)


def test_a_data_set_names_the_labels_of_its_classes(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    features = datasets.Features({
        "text": datasets.Value("string"),
        "labels": [datasets.ClassLabel(names=["red", "blue"])]})
    data = datasets.Dataset.from_dict(
        {"text": ["x", "y"], "labels": [[1], [1, 0]]}, features=features)
    assert written(data, tmp_path, labels="labels") == [
        {"text": "x", "labels": ["blue"]}, {"text": "y", "labels": ["blue", "red"]}]
    with pytest.raises(DataError, match="data\\[\"train\"\\]"):
        as_table(datasets.DatasetDict({"train": data}))


def test_indicators_in_columns_arrays_and_sparse_matrices(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    sparse = pytest.importorskip("scipy.sparse")
    matrix = np.array([[1, 0, 0], [0, 1, 1]])
    frame = pandas.DataFrame(matrix, columns=["tag_a", "tag_b,c", 7])
    frame.insert(0, "text", ["x", "y"])
    wanted = [["tag_a"], ["tag_b,c", "7"]]
    for labels, names in (
        (["tag_a", "tag_b,c", 7], None), (["tag_*", 7], None), (matrix, frame.columns[1:]),
        (sparse.csr_matrix(matrix), list(frame.columns[1:])), (frame.iloc[:, 1:], None),
        (frame.iloc[:, 1:].astype(bool), None),
    ):
        found = written(frame, tmp_path, text="text", labels=labels, label_names=names)
        assert [row["labels"] for row in found] == wanted, type(labels)


def test_minus_one_is_unknown_and_empty_cells_need_a_word(tmp_path: Path) -> None:
    data = {"text": ["x", "y"], "a": [1, -1], "b": [float("nan"), 1]}
    with pytest.raises(DataError, match="the label 'b' is empty in row 0.*\n.*empty_cells="):
        written(data, tmp_path, labels=["a", "b"])
    zero = written(data, tmp_path, labels=["a", "b"], empty_cells="zero")
    assert zero[0] == {"text": "x", "labels": ["a"]}
    assert zero[1] == {"text": "y", "labels": ["b"], "unknown": ["a"]}
    unknown = written(data, tmp_path, labels=["a", "b"], empty_cells="unknown")
    assert unknown[0] == {"text": "x", "labels": ["a"], "unknown": ["b"]}
    with pytest.raises(DataError, match="row 1: the label 'a' holds 2"):
        written({**data, "a": [0, 2]}, tmp_path, labels=["a"])


@pytest.mark.parametrize(("labels", "message"), [
    ([[1], ["1"]], "row 1: the labels 1 and '1' have the same name"),
    ([[""], []], "row 0: a label has an empty name"),
    ([[1.5], []], "1.5 is no name"),
    ([[None], []], "a label is missing"),
    ([["a"], None], "row 1 has no labels"),
    ([[0, 1], [1, 1]], "label_names"),
    ([["a"]], "2 texts and labels of 1 rows"),
])
def test_labels_that_cannot_be_meant_are_refused(
    labels: Any, message: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=message):
        written({"text": ["x", "y"]}, tmp_path, labels=labels)


def test_names_may_be_numbers(tmp_path: Path) -> None:
    found = written({"text": ["x", "y"]}, tmp_path, labels=[[3, np.int64(12)], {4.0}])
    assert [row["labels"] for row in found] == [["3", "12"], ["4"]]
    numbered = written(
        {"text": ["x", "y"]}, tmp_path, labels=[[1], [0, 1]], label_names=["red", "blue"])
    assert [row["labels"] for row in numbered] == [["blue"], ["red", "blue"]]
    flags = written(
        {"text": ["x", "y"]}, tmp_path, labels=[[0, 1], [1, 1]], label_names=["red", "blue"])
    assert [row["labels"] for row in flags] == [["blue"], ["red", "blue"]]


def test_the_index_of_pandas_is_the_id(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"text": TEXTS, "labels": LABELS})
    assert "id" not in written(frame, tmp_path, labels="labels")[0]
    named = written(frame.set_index(pandas.Index([10, 11, 12])), tmp_path, labels="labels")
    assert [row["id"] for row in named] == ["10", "11", "12"]
    twins = pandas.DataFrame([["x", 1, 1]], columns=["text", "a", "a"])
    with pytest.raises(DataError, match="two columns are called 'a'"):
        as_table(twins)


def test_the_text_is_found_or_asked_for(tmp_path: Path) -> None:
    two = {"title": ["t", None], "body": ["b", "c"], "labels": [["x"], []]}
    with pytest.raises(DataError, match="say by text=.*'title', 'body'"):
        written(two, tmp_path, labels="labels")
    joined = written(two, tmp_path, labels="labels", text=["title", "body"])
    assert [row["text"] for row in joined] == ["t\nb", "c"]
    with pytest.raises(DataError, match="no column 'boby'; did you mean 'body'"):
        written(two, tmp_path, labels="labels", text="boby")
    with pytest.raises(DataError, match="row 0: .*surrogate"):
        written({"text": ["\ud800"], "labels": [[]]}, tmp_path, labels="labels")


def test_other_rows_in_the_directory_of_a_training_are_refused(tmp_path: Path) -> None:
    roles = Roles(labels="labels")
    Inputs(tmp_path, roles).file({"text": ["w"], "labels": [["a"]]}, "rows")
    # Nothing was trained yet: the rows may have been mended.
    Inputs(tmp_path, roles).file({"text": ["x"], "labels": [["a"]]}, "rows")
    (tmp_path / "metrics.jsonl").touch()
    Inputs(tmp_path, roles).file({"text": ["x"], "labels": [["a"]]}, "rows")
    with pytest.raises(ConfigurationError, match="other data.*overwrite=True"):
        Inputs(tmp_path, roles).file({"text": ["y"], "labels": [["a"]]}, "rows")
    Inputs(tmp_path, roles, overwrite=True).file({"text": ["y"], "labels": [["a"]]}, "rows")


def test_columns_that_nobody_named_are_written_as_they_are(tmp_path: Path) -> None:
    inputs = Inputs(tmp_path, Roles())
    data = {"text": ["a, b", "c\n\"d\""], "red": [True, False], "blue": [1.0, float("nan")]}
    table = inputs.file(data, "rows").path
    assert table.read_bytes().decode() == (
        'text,red,blue\r\n"a, b",1,1.0\r\n"c\n""d""",0,\r\n')
    lists = Inputs(tmp_path, Roles(), overwrite=True).file({"text": ["a"], "tags": [["x", "y"]]}, "rows")
    assert json.loads(lists.path.read_text()) == {"text": "a", "tags": ["x", "y"]}


def test_other_parts_bring_their_labels_along(tmp_path: Path) -> None:
    inputs = Inputs(tmp_path, Roles(labels=[["a"], ["b"]]))
    keys = inputs.keys(["x", "y"], (["z"], [["b"]]), None)
    assert sorted(keys) == ["labels_column", "text_column", "train", "validation"]
    part = json.loads(Path(keys["validation"]).read_text())
    assert part == {"text": "z", "labels": ["b"]}
    inputs.remove()
    assert not list(tmp_path.glob("*.jsonl"))
