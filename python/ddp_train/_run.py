"""A run that has ended: its figures, its labels, its model."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any, Iterator, Optional, Sequence, Union

from . import _program
from ._errors import ConfigurationError, DataError
from ._inputs import Inputs
from ._model import Model
from ._optional import pandas
from ._report import Report
from ._rows import Roles, Text, encoded
from ._scores import error_rows
from ._table import as_table


class Run:
    """The directory that `fit`, `train` or the program has written.

    It answers as its best model does: `predict` and `predict_proba` are those of `Model`.
    """

    def __init__(
        self, path: Union[str, "os.PathLike[str]"], *, text: Text = None,
        inputs: Optional[Inputs] = None,
    ) -> None:
        self.path = Path(path)
        if not (self.path / "results.json").exists():
            raise DataError(
                f"{self.path} holds no run that has ended (results.json): give the output of a "
                "training, or call the training again to go on")
        self._inputs = inputs or Inputs(self.path, Roles(text=text))
        self._model: Optional[Model] = None

    # What came out

    @property
    def results(self) -> Any:
        """All figures: a frame with a line for each metric, and a column for each part."""
        content = self._results()
        return pandas().DataFrame(
            {part: content[part] for part in ("validation", "test") if part in content})

    @property
    def metrics(self) -> Any:
        """The figures of the test rows (else the validation rows), as the model decides.

        A series: those that depend on decisions are taken at the thresholds of the model.
        """
        content = self._results()
        part = "test" if "test" in content else "validation"
        figures = content.get(part)
        if figures is None:
            raise DataError(f"{self.path}: this run had neither test nor validation rows")
        suffix = {"global": "_global", "per_label": "_per_label"}.get(
            str(self.config["evaluation"]["threshold"]), "_saved")
        endings = ("_global", "_per_label", "_saved")
        plain = {name: value for name, value in figures.items() if not name.endswith(endings)}
        chosen = {name: figures.get(name + suffix, value) for name, value in plain.items()}
        return pandas().Series(chosen, name=part)

    @property
    def history(self) -> Any:
        """What was logged: a frame of the lines of metrics.jsonl, with `event` and `step`."""
        frames = pandas()
        logs = [path for path in self._logs() if path.exists()]
        parts = [frames.read_json(path, lines=True).assign(run=path.parent.name) for path in logs]
        if not parts:
            raise DataError(f"{self.path}/metrics.jsonl is missing")
        return frames.concat(parts, ignore_index=True)

    @property
    def labels(self) -> Any:
        """A line for each label: rows, threshold, precision, recall, F1 (labels.csv)."""
        return pandas().read_csv(
            self.path / "labels.csv", index_col="label", dtype={"label": str},
            keep_default_na=False, na_values=[""])

    @property
    def config(self) -> dict[str, Any]:
        """The config with all defaults filled in."""
        return dict(json.loads((self.path / "config.json").read_text(encoding="utf-8")))

    @property
    def report(self) -> Report:
        """The report, which a notebook shows and `open()` opens in a browser."""
        return Report(self.path / "report.html")

    def errors(
        self, label: Optional[str] = None, kind: str = "missed", n: Optional[int] = 10,
        data: Any = None,
    ) -> Any:
        """Held-out rows that were decided wrongly, the worst first.

        Args:
            label: of this label alone.
            kind: "missed", rows that have the label and were not given it, or "wrong".
            n: how many; None for all.
            data: the rows that the run was made of, for their texts. A run that `fit` has just
                made knows them.

        Returns:
            A frame with row, id, label, score and text (None where the texts are not known).
        """
        table = self._inputs.table if data is None else as_table(data)
        rows = error_rows(self, label, kind, n, table)
        return pandas().DataFrame(rows, columns=["row", "id", "label", "score", "text"])

    def plot(self, ax: Any = None) -> Any:
        """Draws loss and F1 over the steps; the axes of matplotlib."""
        from ._plot import plot_history

        return plot_history(self.history, ax)

    # What it answers

    @property
    def model(self) -> Model:
        """The best model."""
        if self._model is None:
            self._model = Model(self.path / "best", text=self._inputs.roles.text)
        return self._model

    @property
    def text(self) -> Text:
        """The column of the text, as the training was told."""
        return self._inputs.roles.text

    def predict(self, data: Any, **options: Any) -> Any:
        """The labels of rows, by the best model; see `Model.predict`."""
        return self.model.predict(data, **options)

    def predict_proba(self, data: Any, **options: Any) -> Any:
        """The probabilities of labels, by the best model; see `Model.predict_proba`."""
        return self.model.predict_proba(data, **options)

    def predict_scores(self, data: Any, **options: Any) -> Any:
        """What thresholds are compared with, by the best model; see `Model.predict_scores`."""
        return self.model.predict_scores(data, **options)

    def explain(self, data: Any, *, k: int = 5, text: Text = None) -> Any:
        """Why labels were given: the k words or features that add most to each label's logit.

        Needs a linear model, TF-IDF features or label attention. A frame with row, label, score,
        word and logit.
        """
        if isinstance(data, str):
            data = [data]
        texts = self.model._texts(as_table(data), text)
        with tempfile.TemporaryDirectory(prefix="ddp-train-") as place:
            source, target = Path(place) / "rows.jsonl", Path(place) / "answers.jsonl"
            source.write_bytes(
                b"".join(encoded({"text": cell}, row) for row, cell in enumerate(texts)))
            _program.run(["predict", "--model", str(self.path / "best"), "--input", str(source),
                          "--output", str(target), "--explain", str(k)])
            answers = target.read_text(encoding="utf-8").splitlines()
        rows = [
            (row, entry["label"], entry["score"], reason.get("word", reason.get("feature")),
             reason["logit"])
            for row, line in enumerate(answers) for entry in json.loads(line)["labels"]
            for reason in entry["because"]]
        return pandas().DataFrame(rows, columns=["row", "label", "score", "word", "logit"])

    def set_thresholds(
        self, rule: Optional[str] = None, *, precision: Optional[float] = None,
        recall: Optional[float] = None, top_k: Optional[int] = None,
    ) -> "Run":
        """Lets the model decide otherwise, without training: "global", "per_label", or the lowest
        probability with that precision, the highest with that recall, or the K most probable."""
        given = {"precision": precision, "recall": recall, "top-k": top_k}
        options = [f"--{name}={value}" for name, value in given.items() if value is not None]
        if rule is not None:
            if rule not in ("global", "per_label"):
                raise ConfigurationError(f"rule={rule!r}: choose \"global\" or \"per_label\"")
            options.append(f"--{rule.replace('_', '-')}")
        if len(options) != 1:
            raise ConfigurationError(
                "give one rule: \"global\", \"per_label\", precision=, recall= or top_k=")
        with self._files():
            _program.run(["thresholds", str(self.path), *options])
        return self

    @contextlib.contextmanager
    def _files(self) -> Iterator[None]:
        """The files of the rows, made again where they went after the training."""
        wanted = [Path(path) for path in (self.config["data"].get("train"),) if path]
        missing = [path for path in wanted if not path.exists()]
        if missing and self._inputs.table is None:
            raise DataError(
                f"{missing[0]} is gone, the rows of the training: train with keep_data=True to keep "
                "them")
        if missing:
            self._inputs.restore()
        try:
            yield
        finally:
            if missing:
                self._inputs.remove()

    def close(self) -> None:
        """Ends the process that answers."""
        if self._model is not None:
            self._model.close()

    def _results(self) -> dict[str, Any]:
        return dict(json.loads((self.path / "results.json").read_text(encoding="utf-8")))

    def _logs(self) -> Sequence[Path]:
        return [self.path / name / "metrics.jsonl" for name in ("", "linear", "encoder")]

    def _repr_html_(self) -> str:
        from ._report import summary_page

        return summary_page(self)

    def __repr__(self) -> str:
        figures = self._results()
        part = figures.get("test") or figures.get("validation") or {}
        values = [f"{name} {part[name]:.3f}" for name in ("micro_f1_global", "macro_f1_global")
                  if name in part]
        return f"Run({str(self.path)!r}: {', '.join(values)})"


def load(path: Union[str, "os.PathLike[str]"], *, text: Text = None) -> Run:
    """A run that was made earlier, by Python or by the program."""
    return Run(path, text=text)
