"""The scores of held-out rows, which a run keeps: scores.safetensors (docs/reference/outputs.md)."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional, Sequence

import numpy as np

from ._errors import ConfigurationError, DataError
from ._probability import probability
from ._rows import texts_of
from ._table import Table, is_missing, nearest

if TYPE_CHECKING:
    from ._run import Run

_TYPES = {
    "F32": "<f4", "F64": "<f8", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U8": "u1",
    "U16": "<u2", "U32": "<u4", "U64": "<u8",
}
_IS_TRUE, _IS_GIVEN = 1, 2


def read_tensors(path: Path) -> dict[str, Any]:
    """The tensors of a safetensors file, as arrays."""
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8:8 + size])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = entry["data_offsets"]
        values = np.frombuffer(content[8 + size + start:8 + size + end], _TYPES[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"])
    return tensors


def error_rows(
    run: "Run", label: Optional[str], kind: str, n: Optional[int], table: Optional[Table]
) -> list[tuple[int, str, str, float, Optional[str]]]:
    """Held-out rows that were decided wrongly, the worst first: row, id, label, score, text."""
    if kind not in ("missed", "wrong"):
        raise ConfigurationError(f"kind={kind!r}: choose \"missed\" or \"wrong\"")
    path = run.path / "scores.safetensors"
    if not path.exists():
        raise DataError(f"{path} is missing: this run kept no scores of held-out rows")
    tensors, names = read_tensors(path), run.model.labels
    if label is not None and label not in names:
        raise DataError(f"there is no label {label!r}{nearest(label, names)}")
    part = "test" if "test.row" in tensors else "validation"
    entries = {key: tensors[f"{part}.{key}"] for key in ("row", "end", "label", "logit", "flags")}
    wanted = _IS_TRUE if kind == "missed" else _IS_GIVEN
    chosen = entries["flags"] & (_IS_TRUE | _IS_GIVEN) == wanted
    if label is not None:
        chosen &= entries["label"] == names.index(label)
    places = np.flatnonzero(chosen)
    scores = entries["logit"][places]
    places = places[np.argsort(scores if kind == "missed" else -scores, kind="stable")][:n]
    rows = entries["row"][np.searchsorted(entries["end"], places, side="right")]
    texts = _texts(run, part, table, rows.tolist())
    ids = _ids(run)
    return [
        (int(row), ids.get(int(row), str(row)), names[int(entries["label"][place])],
         probability(float(entries["logit"][place])), text)
        for place, row, text in zip(places, rows.tolist(), texts)]


def _ids(run: "Run") -> dict[int, str]:
    """The ids of rows that were set aside, by their number."""
    path = run.path / "splits.csv"
    if not path.exists():
        return {}
    with open(path, encoding="utf-8", newline="") as file:
        return {int(line["row"]): line["id"] for line in csv.DictReader(file)}


def _texts(
    run: "Run", part: str, table: Optional[Table], rows: Sequence[int]
) -> list[Optional[str]]:
    """The texts of rows, from memory or from their file; None where neither is there."""
    data = run.config["data"]
    own = data.get(part)
    if own:
        table = run._inputs.table_of(part)
    if table is not None:
        texts = texts_of(table, run.text)[1]
        if any(row >= len(texts) for row in rows):
            raise DataError(f"data= has {len(texts)} rows, fewer than the run was made of")
        return [texts[row] for row in rows]
    path = Path(own or data["train"])
    return _file_texts(path, str(data["text_column"]), rows)


def _file_texts(path: Path, column: str, rows: Sequence[int]) -> list[Optional[str]]:
    wanted = set(rows)
    found: dict[int, str] = {}
    name = path.name[:-3] if path.name.endswith(".gz") else path.name
    ending = name.rpartition(".")[2].lower()
    if not path.exists() or ending not in ("jsonl", "ndjson", "csv"):
        return [None for _ in rows]
    opens: Any = gzip.open if path.name.endswith(".gz") else open
    with opens(path, "rt", encoding="utf-8-sig", newline="") as file:
        if ending == "csv":
            lines: Any = csv.DictReader(file)
        else:
            lines = (json.loads(line) for line in file if line.strip())
        for number, row in enumerate(lines):
            if number in wanted and not is_missing(row.get(column)):
                found[number] = row[column]
    return [found.get(row) for row in rows]
