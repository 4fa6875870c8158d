"""Runs side by side on the same rows."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any, Union

from . import _program
from ._errors import ConfigurationError
from ._optional import pandas
from ._run import Run


def compare(*runs: Union[Run, str, "os.PathLike[str]"], data: Any = None) -> Any:
    """Figures of several runs on the same held-out rows, as a frame.

    Its columns are (run, "value"), and of each run but the first (run, "difference"), (run, "low")
    and (run, "high"): its difference to the first one, with the bounds of the 95 % interval. `data` is the path
    of other rows to compare on.
    """
    if len(runs) < 2:
        raise ConfigurationError("compare() takes two runs or more")
    paths = [str(getattr(run, "path", run)) for run in runs]
    with tempfile.TemporaryDirectory(prefix="ddp-train-") as place, contextlib.ExitStack() as stack:
        for run in runs:
            if isinstance(run, Run) and data is None:
                stack.enter_context(run._files())
        target = Path(place) / "comparison.json"
        options = [] if data is None else ["--data", os.fspath(data)]
        _program.run(["compare", *paths, *options, "--output", str(target)])
        content = json.loads(target.read_text(encoding="utf-8"))
    return pandas().DataFrame(_columns(content))


def _columns(content: dict[str, Any]) -> dict[tuple[str, str], dict[str, float]]:
    """By run and by what the figure is: the value, its difference to the first run, the bounds."""
    columns: dict[tuple[str, str], dict[str, float]] = {}
    for place, entry in enumerate(content["runs"]):
        columns[entry["run"], "value"] = entry["metrics"]
        if place == 0:
            continue
        differences = entry["difference_to_first"]
        for name, key in (("difference", "value"), ("low", "low"), ("high", "high")):
            columns[entry["run"], name] = {
                metric: figures[key] for metric, figures in differences.items() if key in figures}
    return columns
