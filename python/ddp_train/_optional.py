"""Packages that only some of what this one does needs."""

from __future__ import annotations

import importlib
from typing import Any


def need(module: str, purpose: str, install: str = "") -> Any:
    """Imports a module. Raises an ImportError that names the line of pip if it is not there."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = install or module.partition(".")[0]
        raise ImportError(
            f"{purpose} needs {package}: pip install {package}", name=module) from error


def pandas() -> Any:
    """The module pandas, in which tables are handed back."""
    return need("pandas", "a table as the result")
