"""The labels of rows, in every form that users have them: as names, and what nobody knows."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass, field
from typing import Any, Hashable, Iterable, Mapping, Optional, Sequence, Union

import numpy as np

from ._errors import EX_DATAERR, ConfigurationError, DataError, failure
from ._names import Names, column_names
from ._table import Table, is_missing, library, nearest

# What an empty label cell means; the program's own key.
EMPTY_CELLS = ("error", "zero", "unknown")


@dataclass
class Labels:
    """The labels of each row."""

    # Of each row the names of its labels; or a text that holds them, for the program to read.
    names: list[Union[list[str], str]]
    # Of each row the names of labels of which nobody knows; empty if all is known.
    unknown: list[list[str]] = field(default_factory=list)
    # Columns of the table that were read.
    columns: list[Hashable] = field(default_factory=list)
    # Labels that no row has, so that nothing can learn them.
    absent: list[str] = field(default_factory=list)


def matching(table: Table, wanted: Iterable[Hashable]) -> list[Hashable]:
    """The columns that are named; `tag_*` stands for all that begin so."""
    found: dict[Hashable, None] = {}
    for name in wanted:
        if name in table.names:
            found[name] = None
            continue
        texts = [other for other in table.names if isinstance(other, str)]
        several = fnmatch.filter(texts, str(name)) if "*" in str(name) else []
        if not several:
            raise DataError(f"there is no column {name!r}{nearest(name, table.names)}")
        found.update(dict.fromkeys(several))
    return list(found)


def read_labels(
    table: Table, labels: Any, label_names: Optional[Sequence[Hashable]], empty_cells: str
) -> Labels:
    """The labels of all rows.

    `labels` is the name of a column, a list of names of 0/1 columns, or what holds a row for each
    row: a list of lists, an array, a sparse matrix, a frame.
    """
    if empty_cells not in EMPTY_CELLS:
        raise ConfigurationError(
            f"empty_cells={empty_cells!r}: choose one of {', '.join(map(repr, EMPTY_CELLS))}")
    if isinstance(labels, str) and "*" in labels and labels not in table.names:
        labels = [labels]
    if isinstance(labels, (str, int)):
        lists = _from_lists(table.column(labels), table.class_names.get(labels), label_names,
                            empty_cells)
        lists.columns = [labels]
        return lists
    if _is_matrix(labels):
        return _from_matrix(table, labels, label_names, empty_cells)
    values = list(labels)
    if values and all(isinstance(value, (str, int)) for value in values):
        # A text for each row, unless columns are named.
        named = any(value in table.names or "*" in str(value) for value in values)
        if len(values) == table.rows and not named:
            return _from_lists(values, None, label_names, empty_cells)
        columns = matching(table, values)
        cells = ((name, table.column(column)) for name, column in
                 zip(column_names(columns), columns))
        result = _from_columns(cells, table.rows, empty_cells)
        result.columns = columns
        return result
    _check_length(len(values), table)
    return _from_lists(values, None, label_names, empty_cells)


def _is_matrix(labels: Any) -> bool:
    if library(labels) in ("pandas", "polars"):
        return hasattr(labels, "columns")
    return library(labels) == "scipy" or (isinstance(labels, np.ndarray) and labels.ndim == 2)


def _check_length(count: int, table: Table) -> None:
    if count != table.rows:
        raise DataError(f"there are {table.rows} texts and labels of {count} rows")


def _from_matrix(
    table: Table, labels: Any, label_names: Optional[Sequence[Hashable]], empty_cells: str
) -> Labels:
    _check_length(labels.shape[0], table)
    given = label_names if label_names is not None else getattr(labels, "columns", None)
    names = column_names(range(labels.shape[1]) if given is None else given)
    if len(names) != labels.shape[1]:
        raise DataError(f"there are {labels.shape[1]} columns of labels and {len(names)} names")
    if library(labels) == "scipy":
        columns = labels.tocsc()
        cells = ((name, columns[:, [i]].toarray().ravel()) for i, name in enumerate(names))
    elif hasattr(labels, "columns"):
        cells = ((name, labels[column]) for name, column in zip(names, labels.columns))
    else:
        cells = ((name, labels[:, i]) for i, name in enumerate(names))
    return _from_columns(cells, table.rows, empty_cells)


def _from_columns(
    cells: Iterable[tuple[str, Any]], rows: int, empty_cells: str
) -> Labels:
    """From a column of 0, 1, −1 and NaN for each label."""
    result = Labels(names=[[] for _ in range(rows)])
    unknown: list[list[str]] = [[] for _ in range(rows)]
    has_unknown = False
    for name, column in cells:
        values = _numbers(name, column, empty_cells)
        positive = np.flatnonzero(values == 1)
        for row in positive.tolist():
            result.names[row].append(name)  # type: ignore[union-attr]
        for row in np.flatnonzero(values == -1).tolist():
            unknown[row].append(name)
            has_unknown = True
        if not len(positive):
            result.absent.append(name)
    if has_unknown:
        result.unknown = unknown
    return result


def _numbers(name: str, column: Any, empty_cells: str) -> "np.ndarray[Any, Any]":
    """The cells of a label as 0, 1 and −1."""
    try:
        values = np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError):
        values = np.asarray([_number(name, row, value) for row, value in enumerate(column)])
    missing = np.isnan(values)
    if missing.any():
        if empty_cells == "error":
            raise failure(
                EX_DATAERR,
                f"the label {name!r} is empty in row {int(np.argmax(missing))}: say by --empty-cells "
                "whether that is \"zero\" (it does not hold) or \"unknown\" (nobody knows)")
        values = np.where(missing, 0 if empty_cells == "zero" else -1, values)
    wrong = ~np.isin(values, (0, 1, -1))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(f"row {row}: the label {name!r} holds {values[row]:g}, not 0 or 1")
    return values


def _number(name: str, row: int, value: Any) -> float:
    if is_missing(value):
        return float("nan")
    known = {"0": 0.0, "1": 1.0, "-1": -1.0, "false": 0.0, "true": 1.0, "0.0": 0.0, "1.0": 1.0}
    text = str(value).strip().lower()
    if text not in known:
        raise DataError(f"row {row}: the label {name!r} holds {value!r}, not 0 or 1")
    return known[text]


def _from_lists(
    cells: Sequence[Any], classes: Optional[Sequence[str]],
    label_names: Optional[Sequence[Hashable]], empty_cells: str,
) -> Labels:
    """From a cell for each row that holds all of its labels."""
    given = classes if classes is not None else label_names
    reader = _CellReader(None if given is None else column_names(given), empty_cells)
    reader.look(cells)
    result = Labels(names=[])
    unknown = []
    for row, cell in enumerate(cells):
        names, open_names = reader.read(cell, row)
        result.names.append(names)
        unknown.append(open_names)
    if any(unknown):
        result.unknown = unknown
    return result


class _CellReader:
    """Reads cells that hold all labels of a row."""

    def __init__(self, given: Optional[list[str]], empty_cells: str) -> None:
        self._given = given
        self._empty_cells = empty_cells
        self._name = Names()
        self._holds_flags = False

    def look(self, cells: Sequence[Any]) -> None:
        """Tells lists of 0 and 1 from lists of numbers of labels, by all rows."""
        lists = [list(cell) for cell in cells if _is_list(cell)]
        lengths = {len(values) for values in lists}
        only_flags = bool(lists) and len(lengths) == 1 and min(lengths) > 1 and all(
            not isinstance(value, str) and value in (0, 1) for values in lists for value in values)
        if only_flags and self._given is None:
            raise DataError(
                f"each row has {min(lengths)} labels that are 0 or 1: name them by label_names=[…]")
        self._holds_flags = only_flags and lengths == {len(self._given or [])}

    def read(self, cell: Any, row: int) -> tuple[Union[list[str], str], list[str]]:
        """The labels of a row, and those of which nobody knows."""
        if isinstance(cell, str):
            return cell, []
        if isinstance(cell, Mapping):
            numbers = {self._name(key, row): _number(str(key), row, value)
                       for key, value in cell.items()}
            return ([name for name, value in numbers.items() if value == 1],
                    [name for name, value in numbers.items() if value == -1])
        if is_missing(cell):
            if self._empty_cells != "zero":
                raise failure(
                    EX_DATAERR, f"row {row} has no labels: a row without labels has [], or say by "
                    "--empty-cells that an empty cell is \"zero\"")
            return [], []
        values = list(cell) if _is_list(cell) else [cell]
        if isinstance(cell, (set, frozenset)):
            values.sort(key=str)
        if self._given is None:
            return [self._name(value, row) for value in values], []
        if self._holds_flags:
            return [name for name, value in zip(self._given, values) if value], []
        return [self._numbered(value, row, self._given) for value in values], []

    @staticmethod
    def _numbered(value: Any, row: int, names: list[str]) -> str:
        if isinstance(value, str):
            return value
        if value != int(value) or not 0 <= value < len(names):
            raise DataError(f"row {row}: there is no label number {value}; {len(names)} have names")
        return names[int(value)]


def _is_list(cell: Any) -> bool:
    return not isinstance(cell, (str, bytes, Mapping)) and hasattr(cell, "__iter__")
