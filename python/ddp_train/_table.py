"""Rows in memory or in files, whatever library they come from, as named columns."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Callable, Hashable, Iterable, Mapping, Optional, Sequence

import numpy as np

from ._errors import DataError
from ._optional import need

# Files that the program does not read, and what reads them.
ARROW_ENDINGS = (".parquet", ".pq", ".feather", ".arrow", ".ipc")


class Table:
    """Named columns of equal length. Columns are fetched when they are asked for."""

    def __init__(
        self, fetch: Mapping[Hashable, Callable[[], Sequence[Any]]], rows: int,
        index: Optional[Any] = None, class_names: Optional[Mapping[Hashable, list[str]]] = None,
    ) -> None:
        self._fetch = dict(fetch)
        self.rows = rows
        # The index of a pandas object, for what is handed back.
        self.index = index
        # What numbers of a column of datasets' ClassLabel stand for.
        self.class_names = dict(class_names or {})

    @property
    def names(self) -> list[Hashable]:
        """The names of the columns, in order."""
        return list(self._fetch)

    def column(self, name: Hashable) -> Sequence[Any]:
        """The values of a column. Raises DataError with the nearest names if there is none."""
        if name not in self._fetch:
            raise DataError(f"there is no column {name!r}{nearest(name, self.names)}")
        return self._fetch[name]()

    @property
    def ids(self) -> Optional[list[str]]:
        """Names of the rows by the index of pandas; None where it only numbers them."""
        index = self.index
        is_range = type(index).__name__ == "RangeIndex"
        if index is None or (is_range and (index.start, index.step) == (0, 1)):
            return None
        return [str(value) for value in index]


def nearest(name: Hashable, names: Iterable[Hashable]) -> str:
    """What may have been meant, as the end of a message."""
    import difflib

    texts = [str(other) for other in names]
    close = difflib.get_close_matches(str(name), texts, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    shown = ", ".join(repr(text) for text in texts[:12])
    return f"; there are {shown}{' …' if len(texts) > 12 else ''}"


def is_missing(value: Any) -> bool:
    """Whether a cell is None, NaN, NaT or pandas' NA."""
    if value is None:
        return True
    if isinstance(value, (str, bytes, list, tuple, dict, set, frozenset, np.ndarray)):
        return False
    try:
        return bool(value != value)
    except (TypeError, ValueError):
        return type(value).__name__ in ("NAType", "NaTType")


def library(value: Any) -> str:
    """The package that the type of a value comes from."""
    return type(value).__module__.partition(".")[0]


def is_path(data: Any) -> bool:
    """Whether data names a file."""
    return isinstance(data, (str, os.PathLike))


def is_arrow_file(data: Any) -> bool:
    """Whether data names a file that pyarrow reads and the program does not."""
    if not is_path(data):
        return False
    path = Path(data)
    return path.suffix.lower() in ARROW_ENDINGS or path.is_dir()


def as_table(data: Any) -> Table:
    """Rows as columns. Texts alone are the column "text"."""
    if isinstance(data, Table):
        return data
    if is_path(data):
        return _arrow(_read_arrow(Path(data)))
    reader = {
        "pandas": _pandas, "polars": _polars, "pyarrow": _arrow, "datasets": _datasets,
    }.get(library(data))
    if reader is not None:
        return reader(data)
    if isinstance(data, Mapping):
        return _columns({name: _sequence(values) for name, values in data.items()})
    return _rows(_sequence(data))


def _read_arrow(path: Path) -> Any:
    if not path.exists():
        raise DataError(f"there is no file {str(path)!r}")
    if path.suffix.lower() in (".feather", ".arrow", ".ipc"):
        # A stream of Arrow, as `datasets` writes, has the same ending as a file.
        ipc = need("pyarrow.ipc", f"reading {path.name}", "pyarrow")
        with open(path, "rb") as file:
            opens = ipc.open_file if file.read(6) == b"ARROW1" else ipc.open_stream
            file.seek(0)
            return opens(file).read_all()
    parquet = need("pyarrow.parquet", f"reading {path.name or path}", "pyarrow")
    return parquet.read_table(path)


def _pandas(data: Any) -> Table:
    if type(data).__name__ == "Series":
        return Table({"text": data.tolist}, len(data), data.index)
    if not hasattr(data, "columns"):
        return _rows(list(data))
    _refuse_twins(list(data.columns))
    fetch = {name: _fetcher(lambda column: data[column].tolist(), name) for name in data.columns}
    return Table(fetch, len(data), data.index)


def _polars(data: Any) -> Table:
    if hasattr(data, "collect"):
        data = data.collect()
    if not hasattr(data, "columns"):
        return Table({"text": data.to_list}, len(data))
    fetch = {name: _fetcher(lambda column: data[column].to_list(), name) for name in data.columns}
    return Table(fetch, data.height)


def _arrow(data: Any) -> Table:
    if not hasattr(data, "column_names"):
        if hasattr(data, "schema"):
            data = need("pyarrow", "reading a record batch").Table.from_batches([data])
        else:
            return Table({"text": data.to_pylist}, len(data))
    _refuse_twins(data.column_names)
    fetch = {
        name: _fetcher(lambda column: data.column(column).to_pylist(), name)
        for name in data.column_names}
    return Table(fetch, data.num_rows)


def _datasets(data: Any) -> Table:
    if isinstance(data, dict):
        raise DataError(
            f"this has the parts {', '.join(map(repr, data))}: give one, such as data[\"train\"]")
    if not hasattr(data, "column_names") or not hasattr(data, "__len__"):
        return _rows(list(data))
    fetch = {
        name: _fetcher(lambda column: list(data[column]), name) for name in data.column_names}
    classes = {}
    for name, feature in (data.features or {}).items():
        inner = getattr(feature, "feature", feature)
        names = getattr(inner, "names", None)
        if names is not None:
            classes[name] = list(names)
    return Table(fetch, len(data), class_names=classes)


def _fetcher(get: Callable[[Any], Sequence[Any]], name: Hashable) -> Callable[[], Sequence[Any]]:
    return lambda: get(name)


def _rows(rows: Sequence[Any]) -> Table:
    """Texts, or a mapping for each row."""
    if not rows or not isinstance(rows[0], Mapping):
        return Table({"text": lambda: rows}, len(rows))
    names = dict.fromkeys(name for row in rows for name in row)
    return _columns({name: [row.get(name) for row in rows] for name in names})


def _columns(columns: Mapping[Hashable, Sequence[Any]]) -> Table:
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(f"the columns are of different lengths: {lengths}")
    fetch = {name: _fetcher(columns.__getitem__, name) for name in columns}
    return Table(fetch, next(iter(lengths.values()), 0))


def _sequence(values: Any) -> Sequence[Any]:
    if isinstance(values, np.ndarray):
        if values.ndim == 2 and values.shape[1] == 1:
            values = values[:, 0]
        if values.ndim != 1:
            raise DataError(
                f"wanted a text for each row, found an array of shape {values.shape}")
        return list(values.tolist())
    if library(values) in ("pandas", "polars"):
        return list(values)
    if isinstance(values, (list, tuple)):
        return values
    if isinstance(values, bytes) or not hasattr(values, "__iter__"):
        raise DataError(
            f"rows of type {type(values).__name__} cannot be read: give a frame of pandas or polars, "
            "a table of Arrow, a data set, a path, or a list of texts")
    return list(values)


def _refuse_twins(names: Sequence[Hashable]) -> None:
    seen: set[Hashable] = set()
    for name in names:
        if name in seen:
            raise DataError(f"two columns are called {name!r}: rename one")
        seen.add(name)
