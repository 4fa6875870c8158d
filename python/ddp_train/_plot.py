"""Curves of a run."""

from __future__ import annotations

from typing import Any

from ._errors import DataError
from ._optional import need


def plot_history(history: Any, ax: Any = None) -> Any:
    """Draws loss and F1 over the steps of each training. Returns the axes."""
    plots = need("matplotlib.pyplot", "drawing a run", "matplotlib")
    if ax is None:
        _, ax = plots.subplots()
    right = ax.twinx()
    is_drawn = False
    for run, lines in history.groupby("run", sort=False):
        for event, column, style in (("train", "loss", ":"), ("eval", "eval_loss", "-")):
            if column in lines:
                points = lines[lines["event"] == event].dropna(subset=[column])
                ax.plot(points["step"], points[column], style, label=f"{run}: {event} loss")
                is_drawn = is_drawn or len(points) > 0
        for column in ("eval_micro_f1_global", "eval_macro_f1_global"):
            if column in lines:
                points = lines.dropna(subset=[column])
                right.plot(points["step"], points[column], "--",
                           label=f"{run}: {column[5:10]}-F1")
    if not is_drawn:
        raise DataError("the run has logged no step")
    ax.set_xlabel("step")
    ax.set_ylabel("loss")
    right.set_ylabel("F1 at the tuned threshold")
    handles = [axis.get_legend_handles_labels() for axis in (ax, right)]
    ax.legend(handles[0][0] + handles[1][0], handles[0][1] + handles[1][1], fontsize="small")
    return ax
