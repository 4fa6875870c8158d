"""The report of a run, and the page that a notebook shows for it."""

from __future__ import annotations

import html
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ._errors import DataError

if TYPE_CHECKING:
    from ._run import Run

# Figures of the summary: their names, and how they are called.
_FIGURES = (
    ("micro_f1", "micro-F1"), ("macro_f1", "macro-F1"), ("samples_f1", "samples-F1"),
    ("micro_precision", "precision"), ("micro_recall", "recall"), ("precision_at_1", "P@1"),
    ("baseline_micro_f1", "baseline micro-F1"),
)


class Report(os.PathLike[str]):
    """The report of a run: one page that needs no network."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        return f"Report({str(self.path)!r})"

    def open(self) -> bool:
        """Opens the page in a browser. Whether there is one."""
        import webbrowser

        return webbrowser.open(self.path.resolve().as_uri())

    def _repr_html_(self) -> str:
        if not self.path.exists():
            raise DataError(f"{self.path} is missing: `ddp-train report RUN` writes it")
        page = html.escape(self.path.read_text(encoding="utf-8"), quote=True)
        return (f'<iframe srcdoc="{page}" style="width:100%;height:720px;border:1px solid #ccc">'
                "</iframe>")


def summary_page(run: "Run") -> str:
    """The figures of a run, as a notebook shows them."""
    content = run._results()
    parts = [part for part in ("validation", "test") if part in content]
    suffix = {"global": "_global", "per_label": "_per_label"}.get(
        str(run.config["evaluation"]["threshold"]), "_saved")
    head = "".join(f"<th>{part}</th>" for part in parts)
    lines = []
    for name, title in _FIGURES:
        values = [content[part].get(name + suffix, content[part].get(name)) for part in parts]
        if any(value is not None for value in values):
            cells = "".join(
                "<td></td>" if value is None else f"<td>{value:.3f}</td>" for value in values)
            lines.append(f'<tr><th style="text-align:left">{title}</th>{cells}</tr>')
    path = html.escape(str(run.path))
    return (f"<div><b>{path}</b><table><tr><th></th>{head}</tr>{''.join(lines)}</table>"
            f"<code>run.report</code> shows which labels are bad and why; "
            f"<code>run.labels</code> has them all.</div>")
