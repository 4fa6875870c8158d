"""What a training reads: files of the user, and files that are made of rows in memory."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import warnings
from pathlib import Path
from typing import Any, Hashable, Optional, Sequence

from ._errors import ConfigurationError, DataError
from ._rows import Roles, RowsFile, write_columns, write_rows
from ._table import Table, as_table, is_arrow_file, is_path

# What a run and a fit write (docs/reference/outputs.md), and this package beside it.
_PRODUCTS = (
    "audit.json", "best", "checkpoints", "comparison.html", "config.json", "encoder", "ensemble",
    "fit.json", "labels.csv", "linear", "metrics.jsonl", "report.html", "results.json",
    "scores.safetensors", "splits.csv", "suspicious.csv", "train.json",
    *(f"{name}.{ending}" for name in ("rows", "validation", "test")
      for ending in ("csv", "jsonl", "sha256")),
)


class Inputs:
    """The files of rows that a training reads. What it has made itself it can make again."""

    def __init__(self, directory: Path, roles: Roles, overwrite: bool = False) -> None:
        self._directory = directory.resolve()
        self.roles = roles
        # The rows that were given in memory, by the name of their file.
        self._given: dict[str, Any] = {}
        self._made: list[Path] = []
        if overwrite:
            _remove_products(directory)

    @property
    def table(self) -> Optional[Table]:
        """The rows in memory; None where they are in a file."""
        data = self._given.get("rows")
        return None if data is None else as_table(_split(data, self.roles)[0])

    def table_of(self, part: str) -> Optional[Table]:
        """The rows in memory of "validation" or "test", where these were given as such."""
        data = self._given.get(part)
        return None if data is None else as_table(_split(data, self.roles)[0])

    def remove(self) -> None:
        """Removes the files that were made of rows in memory."""
        for path in self._made:
            path.unlink(missing_ok=True)
        self._made = []

    def restore(self) -> None:
        """Makes these files again."""
        for name, data in self._given.items():
            self._make(data, name)

    def file(self, data: Any, name: str) -> RowsFile:
        """A file with the rows: `data` itself if it is one that the program reads."""
        if is_path(data) and not is_arrow_file(data):
            if not Path(data).exists():
                raise DataError(f"there is no file {os.fspath(data)!r}")
            return RowsFile(Path(data))
        self._given[name] = data
        rows = self._make(data, name)
        if rows.absent and name == "rows":
            shown = ", ".join(map(repr, rows.absent[:8])) + (" …" if len(rows.absent) > 8 else "")
            warnings.warn(
                f"{len(rows.absent)} labels hold in no row and are left out: {shown}", stacklevel=4)
        return rows

    def _make(self, data: Any, name: str) -> RowsFile:
        data, roles = _split(data, self.roles)
        table = as_table(data)
        if table.rows == 0:
            raise DataError("there are no rows")
        path = self._directory / f"{name}.jsonl"
        rows = write_rows(table, roles, path) if roles.labels is not None else (
            write_columns(table, path))
        self._made.append(rows.path)
        return rows

    def options(self, rows: RowsFile) -> list[str]:
        """The options of the program that say what the columns of a file are."""
        roles, pairs = self.roles, []
        if rows.labels is not None:
            pairs = [("text", rows.text), ("labels-column", rows.labels), ("id", rows.id),
                     ("group", rows.group)]
        else:
            pairs = [("text", _one(roles.text)), *_label_options(roles.labels),
                     ("id", _one(roles.id)), ("group", _one(roles.group)),
                     ("ignore", ",".join(map(str, roles.ignore)) or None),
                     ("label-names", _listed(roles.label_names))]
        pairs += [("labels-separator", roles.labels_separator)]
        if roles.empty_cells != "error":
            pairs += [("empty-cells", roles.empty_cells)]
        if roles.empty_texts != "error":
            pairs += [("empty-texts", roles.empty_texts)]
        return [f"--{name}={value}" for name, value in pairs if value is not None]

    def keys(self, data: Any, validation: Any, test: Any) -> dict[str, Any]:
        """The keys of a config's `data` that say the same."""
        if self.roles.labels is None and not (is_path(data) and not is_arrow_file(data)):
            self.roles = dataclasses.replace(self.roles, labels="labels")
        rows = self.file(data, "rows")
        keys: dict[str, Any] = {"train": str(rows.path)}
        for name, part in (("validation", validation), ("test", test)):
            if part is not None:
                keys[name] = str(self.file(part, name).path)
        names = {"text": "text_column", "labels-column": "labels_column", "id": "id_column",
                 "group": "group_column", "labels-separator": "labels_separator",
                 "empty-cells": "empty_cells", "empty-texts": "empty_texts"}
        for option in self.options(rows):
            name, _, value = option[2:].partition("=")
            if name in names:
                keys[names[name]] = value
            elif name == "label-names":
                keys["label_names"] = list(map(str, self.roles.label_names or ()))
            elif name == "labels":
                raise ConfigurationError(
                    "labels=[…] names columns of a frame: of a file that `train` reads, all columns "
                    "but those in data.ignored_columns are labels")
        return keys


def _split(data: Any, roles: Roles) -> tuple[Any, Roles]:
    """Rows and, of a pair (rows, labels), their own labels."""
    if isinstance(data, tuple) and len(data) == 2 and not isinstance(data[0], str):
        return data[0], dataclasses.replace(roles, labels=data[1])
    return data, roles


def _one(name: Any) -> Optional[str]:
    if isinstance(name, (list, tuple)):
        raise ConfigurationError(
            "text=[…] joins columns of a frame; of a file name one column, or read it with pandas")
    return None if name is None else str(name)


def _label_options(labels: Any) -> list[tuple[str, Optional[str]]]:
    if labels is None:
        return []
    if isinstance(labels, str):
        return [("labels" if "*" in labels else "labels-column", labels)]
    names: Sequence[Hashable] = list(labels)
    if not all(isinstance(name, (str, int)) for name in names):
        raise ConfigurationError(
            "labels=: of a file name a column, or a list of columns; labels in memory belong to "
            "rows in memory")
    return [("labels", _listed(names))]


def _listed(names: Optional[Sequence[Hashable]]) -> Optional[str]:
    if names is None:
        return None
    texts = [str(name) for name in names]
    if any("," in text for text in texts):
        raise ConfigurationError(
            "a name with a comma cannot be given for a file: read it with pandas, and give the frame")
    return ",".join(texts)


def _remove_products(directory: Path) -> None:
    """Removes what a run or a fit has written, and nothing else."""
    if not any((directory / name).exists() for name in ("fit.json", "config.json", "rows.sha256")):
        return
    config = directory / "config.json"
    if config.exists() and not (directory / "fit.json").exists():
        settings = json.loads(config.read_text(encoding="utf-8"))
        if "output_dir" not in settings and "data" not in settings:
            raise ConfigurationError(f"{directory} holds a model, no run: choose another output=")
    for name in _PRODUCTS:
        path = directory / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
