"""Rows in memory as a file that the program reads."""

from __future__ import annotations

import csv
import hashlib
import json
import os
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Hashable, Iterator, Optional, Sequence, Union

from ._errors import ConfigurationError, DataError
from ._labels import Labels, read_labels
from ._table import Table, is_missing, nearest

# What a text column may be: one column, or several that are read one after another.
Text = Union[None, Hashable, Sequence[Hashable]]


@dataclass
class Roles:
    """What the columns are, as the user says it."""

    text: Text = None
    labels: Any = None
    id: Optional[Hashable] = None
    group: Optional[Hashable] = None
    date: Optional[Hashable] = None
    ignore: Sequence[Hashable] = ()
    labels_separator: Optional[str] = None
    label_names: Optional[Sequence[Hashable]] = None
    empty_cells: str = "error"
    empty_texts: str = "error"


@dataclass
class RowsFile:
    """A file of rows, and how its columns are called."""

    path: Path
    text: Optional[str] = None
    labels: Optional[str] = None
    unknown: Optional[str] = None
    id: Optional[str] = None
    group: Optional[str] = None
    date: Optional[str] = None
    # Labels that no row has.
    absent: list[str] = field(default_factory=list)
    # Of a file that this package has written.
    sha256: str = ""


def texts_of(table: Table, text: Text, others: Sequence[Hashable] = ()) -> tuple[str, list[Any]]:
    """The texts of all rows, missing ones None, and the name of their column.

    Without a name it is the column "text", or the only column that holds texts.
    """
    if text is None:
        text = _guess_text(table, others)
    if isinstance(text, (list, tuple)) and text not in table.names:
        parts = [_cells(table, name) for name in text]
        joined = ["\n".join(cell for cell in row if cell) for row in zip(*parts)]
        return "text", [cell or None for cell in joined]
    return str(text), _cells(table, text)


def _guess_text(table: Table, others: Sequence[Hashable]) -> Hashable:
    names = [name for name in table.names if name not in others]
    if "text" in names:
        return "text"
    found = [name for name in names if _holds_texts(table.column(name))]
    if len(found) == 1:
        return found[0]
    if len(names) == 1:
        return names[0]
    what = "several columns hold texts: " + ", ".join(map(repr, found)) if found else (
        "no column holds texts" + nearest("text", names))
    raise DataError(f"say by text= which column is the text; {what}")


def _holds_texts(values: Sequence[Any]) -> bool:
    present = [value for value in values[:100] if not is_missing(value)]
    return bool(present) and all(isinstance(value, str) for value in present)


def _cells(table: Table, name: Hashable) -> list[Any]:
    cells: list[Any] = []
    for row, value in enumerate(table.column(name)):
        if is_missing(value):
            cells.append(None)
        elif isinstance(value, str):
            cells.append(value)
        else:
            raise DataError(
                f"row {row}: the text {name!r} is no text but {type(value).__name__} ({value!r:.60})")
    return cells


def write_rows(table: Table, roles: Roles, path: Path) -> RowsFile:
    """Writes rows with named labels as JSON Lines, beside the place and then renamed."""
    labels = read_labels(table, roles.labels, roles.label_names, roles.empty_cells)
    used = [*labels.columns, *roles.ignore, roles.id, roles.group, roles.date]
    name, texts = texts_of(table, roles.text, used)
    if name in ("labels", "unknown", "id", "group", "date"):
        name = "text"
    file = RowsFile(path, text=name, labels="labels", absent=labels.absent)
    file.unknown = "unknown" if labels.unknown else None
    columns: dict[str, Sequence[Any]] = {}
    ids = table.column(roles.id) if roles.id is not None else table.ids
    if ids is not None:
        file.id, columns["id"] = "id", [_plain(value) for value in ids]
    for role in ("group", "date"):
        column = getattr(roles, role)
        if column is not None:
            setattr(file, role, role)
            columns[role] = [_plain(value) for value in table.column(column)]
    file.sha256 = _write(path, _lines(name, texts, labels, columns))
    return file


def _lines(
    name: str, texts: list[Any], labels: Labels, columns: dict[str, Sequence[Any]]
) -> Iterator[bytes]:
    for row, text in enumerate(texts):
        values: dict[str, Any] = {key: column[row] for key, column in columns.items()}
        values[name] = text
        values["labels"] = labels.names[row]
        if labels.unknown and labels.unknown[row]:
            values["unknown"] = labels.unknown[row]
        yield encoded(values, row)


def encoded(values: dict[str, Any], row: int) -> bytes:
    """A row as a line of JSON."""
    try:
        return (json.dumps(values, ensure_ascii=False) + "\n").encode()
    except UnicodeEncodeError:
        raise DataError(
            f"row {row}: half of a character (a lone surrogate) stands in the text or a label: "
            "clean it with text.encode(\"utf-8\", \"replace\").decode()") from None


def write_columns(table: Table, path: Path) -> RowsFile:
    """Writes all columns as they are, for the program to find out what they hold."""
    columns = {str(name): _plain_column(table.column(name)) for name in table.names}
    if len(columns) != len(table.names):
        raise DataError("two columns have the same name: rename one")
    if table.ids is not None and "id" not in columns:
        columns = {"id": table.ids, **columns}
    if any(isinstance(value, (list, dict)) for values in columns.values() for value in values[:50]):
        rows = (encoded({name: values[row] for name, values in columns.items()}, row)
                for row in range(table.rows))
        return RowsFile(path, sha256=_write(path, rows))
    return _write_csv(columns, path.with_suffix(".csv"))


def _write_csv(columns: dict[str, list[Any]], path: Path) -> RowsFile:
    """A table of many 0/1 columns is far smaller as CSV."""
    temporary = _temporary(path)
    with open(temporary, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        try:
            writer.writerows(zip(*columns.values()))
        except UnicodeEncodeError:
            raise DataError("a text or a name holds half of a character (a lone surrogate)") from None
    with open(temporary, "rb") as read:
        digest = hashlib.sha256()
        for block in iter(lambda: read.read(1 << 20), b""):
            digest.update(block)
    _place(temporary, path, digest.hexdigest())
    return RowsFile(path, sha256=digest.hexdigest())


def _plain_column(values: Sequence[Any]) -> list[Any]:
    """The cells of a column; most columns of a wide table need no look at each cell."""
    types = set(map(type, values))
    if types <= {int, str}:
        return list(values)
    return list(map(int, values)) if types == {bool} else [_plain(value) for value in values]


def _plain(value: Any) -> Any:
    """A cell as JSON and CSV have it."""
    if is_missing(value):
        return None
    if isinstance(value, (str, int, float)):
        return int(value) if isinstance(value, bool) else value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, dict):
        return {str(key): _plain(cell) for key, cell in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(cell) for cell in value]
    return str(value)


def _write(path: Path, lines: Iterator[bytes]) -> str:
    """Writes a file whole or not at all; its SHA-256."""
    temporary = _temporary(path)
    digest = hashlib.sha256()
    try:
        with open(temporary, "wb") as file:
            for line in lines:
                file.write(line)
                digest.update(line)
    except BaseException:
        temporary.unlink()
        raise
    _place(temporary, path, digest.hexdigest())
    return digest.hexdigest()


def _temporary(path: Path) -> Path:
    return path.with_name(f".tmp-{path.name}.{os.getpid()}")


def _place(temporary: Path, path: Path, sha256: str) -> None:
    """Puts a file in its place. What it holds is remembered beside it, longer than the file."""
    mark = path.with_suffix(".sha256")
    has_begun = any((path.parent / run / "metrics.jsonl").exists()
                    for run in (".", "linear", "encoder"))
    if has_begun and mark.exists() and mark.read_text() != sha256:
        temporary.unlink()
        raise ConfigurationError(
            f"{path.parent} holds a training of other data: choose another output=, or replace it "
            "by overwrite=True")
    os.replace(temporary, path)
    mark.write_text(sha256)
