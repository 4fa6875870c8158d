"""How far a training is, by the log that it writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Optional


class LogTail:
    """Reads what is new in metrics.jsonl, of a run or of the runs of a fit."""

    def __init__(self, directory: Path) -> None:
        self._logs = [directory / name / "metrics.jsonl" for name in ("", "linear", "encoder")]
        # Bytes that were read. What an earlier start has logged is not news.
        self._read = {path: _size(path) for path in self._logs}
        self._steps: dict[Path, int] = {}

    def news(self) -> Optional[tuple[int, int, str]]:
        """The step, the steps of the run, and loss and F1; None if nothing is new."""
        found = None
        for path in self._logs:
            for event in self._lines(path):
                if event.get("event") == "start":
                    self._steps[path] = int(event.get("total_steps", 0))
                elif event.get("event") in ("train", "eval") and path in self._steps:
                    found = int(event["step"]), self._steps[path], _figures(event)
        return found

    def _lines(self, path: Path) -> list[dict[str, Any]]:
        size, start = _size(path), self._read[path]
        if path not in self._steps or size < start:
            # A training that goes on cuts the log, whose first line says how long it is.
            start = 0
        if size == self._read[path]:
            return []
        try:
            with open(path, "rb") as file:
                file.seek(start)
                content = file.read()
        except OSError:
            return []
        whole = content[:content.rfind(b"\n") + 1]
        self._read[path] = start + len(whole)
        try:
            return [json.loads(line) for line in whole.splitlines()]
        except ValueError:
            return []


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _figures(event: dict[str, Any]) -> str:
    names = {"epoch": "epoch", "loss": "loss", "eval_loss": "validation loss",
             "eval_micro_f1_global": "micro-F1"}
    return "  ".join(
        f"{title} {event[name]:.4g}" for name, title in names.items()
        if isinstance(event.get(name), (int, float)))
