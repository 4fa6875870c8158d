"""Names of labels: what users have, as text."""

from __future__ import annotations

from typing import Any, Hashable, Iterable, Optional

import numpy as np

from ._errors import DataError
from ._table import is_missing


class Names:
    """Names of labels as text; two that would become the same are refused."""

    def __init__(self) -> None:
        self._known: dict[tuple[type, Any], str] = {}
        self._owners: dict[str, Any] = {}

    def __call__(self, value: Any, row: Optional[int] = None) -> str:
        if isinstance(value, np.generic):
            value = value.item()
        key = (type(value), value)
        name = self._known.get(key)
        if name is None:
            name = self._known[key] = self._new(value, row)
        return name

    def _new(self, value: Any, row: Optional[int]) -> str:
        place = "" if row is None else f"row {row}: "
        if is_missing(value):
            raise DataError(f"{place}a label is missing")
        if isinstance(value, bool) or not isinstance(value, (str, int, float)):
            raise DataError(f"{place}{value!r} is no name of a label: give texts or whole numbers")
        if isinstance(value, float):
            if value != int(value):
                raise DataError(f"{place}{value!r} is no name of a label: give whole numbers")
            value = int(value)
        name = str(value)
        if not name:
            raise DataError(f"{place}a label has an empty name")
        owner = self._owners.setdefault(name, value)
        if type(owner) is not type(value):
            raise DataError(
                f"{place}the labels {owner!r} and {value!r} have the same name: make them alike")
        return name


def column_names(names: Iterable[Hashable]) -> list[str]:
    """Names of label columns as text. Raises DataError where two are the same."""
    texts = [str(name) for name in names]
    seen: set[str] = set()
    for text in texts:
        if not text:
            raise DataError("a label has an empty name")
        if text in seen:
            raise DataError(f"two labels are called {text!r}: rename one")
        seen.add(text)
    return texts
