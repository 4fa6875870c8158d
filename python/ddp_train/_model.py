"""A saved model that answers texts."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Callable, Optional, Sequence, Union

import numpy as np

from ._errors import ConfigurationError, DataError
from ._optional import need, pandas
from ._probability import Logits, probabilities, probability, threshold_logits
from ._resident import Resident
from ._rows import Text, texts_of
from ._table import Table, as_table





class Model:
    """A model that `fit`, `train` or the program has saved: `runs/first/best`, or its run.

    It answers by a process that stays, so one text takes milliseconds. `close()`, `with` and the
    end of Python end that process. A copy or a pickle has the path and not the weights.
    """

    def __init__(self, path: Union[str, "os.PathLike[str]"], *, text: Text = None) -> None:
        directory = Path(path)
        if (directory / "best").is_dir():
            directory = directory / "best"
        # The directory of the model.
        self.path = directory
        # The column of the text in frames; None for "text" or the only one that holds texts.
        self.text = text
        # Files that were read, by their name and time.
        self._known: dict[str, tuple[int, dict[str, Any]]] = {}
        names = self._json("config.json").get("id2label")
        if not names:
            raise ConfigurationError(
                f"{directory}/config.json: has no labels (id2label): this is an encoder, no classifier")
        # The labels, in the order of all arrays.
        self.labels: list[str] = [names[str(index)] for index in range(len(names))]
        self._resident = Resident(str(directory), len(self.labels))

    @classmethod
    def from_run(cls, run: Any) -> "Model":
        """The best model of a run, given as such or by its directory."""
        return cls(getattr(run, "path", run), text=getattr(run, "text", None))

    def predict(
        self, data: Any, *, text: Text = None, top_k: Optional[int] = None,
        threshold: Optional[float] = None, format: str = "wide",
    ) -> Any:
        """The labels of rows, as the command `predict` gives them.

        Args:
            data: a text, or rows in any form that `fit` takes.
            text: the column of the text.
            top_k: gives each row its K most probable labels, whatever the thresholds say.
            threshold: gives the labels from this probability on, in place of the model's own.
            format: "wide", a frame of bool with a column for each label; "long", a frame with a
                row for each label given (id, label, score, probability); "lists", of each row a
                list of (label, score), the highest first, for which pandas is not needed.

        Returns:
            With the index of `data`, where it has one. A text alone gives its list.
        """
        if isinstance(data, str):
            return self._lists([data], top_k, threshold)[0]
        table = as_table(data)
        texts = self._texts(table, text)
        if format == "lists":
            return self._lists(texts, top_k, threshold)
        if format == "wide":
            given = np.zeros((len(texts), len(self.labels)), dtype=bool)
            for row, chosen in enumerate(self.chosen(texts, top_k, threshold)):
                given[row, [label for label, _ in chosen]] = True
            return pandas().DataFrame(given, index=table.index, columns=self.labels)
        if format == "long":
            return self._long(texts, table.index, top_k, threshold)
        raise ConfigurationError(
            f"format={format!r}: choose one of \"wide\", \"long\" and \"lists\"")

    def predict_proba(
        self, data: Any, *, text: Text = None, above: Optional[float] = None
    ) -> Any:
        """The calibrated probability of each label of each row, as an array `[rows, labels]`.

        Of labels with 0.8, four in five hold. Columns are as in `labels`; a row without a text is
        NaN. With `above` it is a sparse matrix (scipy's CSR) of the probabilities from there on,
        which many labels need. Raises DataError where the model has no calibration.json.
        """
        slopes, offsets = self._calibration()
        return self._array(
            data, text, above, lambda logits: probabilities(slopes * logits + offsets))

    def predict_scores(
        self, data: Any, *, text: Text = None, above: Optional[float] = None
    ) -> Any:
        """The score of each label of each row: what thresholds are compared with.

        It is σ of the logit, and no probability where the loss was weighted or a hinge. Otherwise
        as `predict_proba`.
        """
        return self._array(data, text, above, probabilities)

    def _array(
        self, data: Any, text: Text, above: Optional[float], values: Callable[[Logits], Any]
    ) -> Any:
        texts = self._texts(as_table([data] if isinstance(data, str) else data), text)
        if above is None:
            return values(self.logits(texts).astype(np.float64))
        sparse = need("scipy.sparse", "a sparse matrix as the result", "scipy")
        parts = [sparse.csr_matrix((0, len(self.labels)))]

        def take(block: Logits) -> None:
            found = values(block.astype(np.float64))
            parts.append(sparse.csr_matrix(np.where(found >= above, found, 0)))

        self._resident.each(texts, take)
        return sparse.vstack(parts, format="csr")

    def _calibration(self) -> tuple[Any, Any]:
        """Of each label the slope and offset that make a probability of its logit."""
        if not (self.path / "calibration.json").exists():
            raise DataError(
                f"{self.path} has no calibration.json, so scores cannot become probabilities: write "
                "it by set_thresholds(), or take predict_scores()")
        lines = self._json("calibration.json")
        return np.asarray(lines["slope"]), np.asarray(lines["offset"])

    def logits(self, texts: Sequence[Optional[str]]) -> Any:
        """The logit of each label of each text, in single precision `[rows, labels]`."""
        blocks: list[Logits] = [np.zeros((0, len(self.labels)), dtype=np.float32)]
        self._resident.each(texts, blocks.append)
        return np.concatenate(blocks)

    def chosen(
        self, texts: Sequence[Optional[str]], top_k: Optional[int] = None,
        threshold: Optional[float] = None,
    ) -> list[list[tuple[int, float]]]:
        """Of each text the numbers of its labels with their logits, the most probable first."""
        limits, top_k = self._rule(top_k, threshold)
        rows: list[list[tuple[int, float]]] = []

        def take(block: Logits) -> None:
            for logits in block:
                found = np.flatnonzero(~np.isnan(logits) if limits is None else logits >= limits)
                found = found[np.argsort(-logits[found], kind="stable")][:top_k]
                rows.append(list(zip(found.tolist(), logits[found].tolist())))

        self._resident.each(texts, take)
        return rows

    @property
    def thresholds(self) -> dict[str, float]:
        """Of each label the probability from which it is given."""
        return {name: float(value) for name, value in self._json("thresholds.json").items()}

    def close(self) -> None:
        """Ends the process that answers. The next text starts it again."""
        self._resident.close()

    def __enter__(self) -> "Model":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path.resolve(), "text": self.text, "labels": self.labels}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, _known={})
        self._resident = Resident(str(self.path), len(self.labels))

    def __repr__(self) -> str:
        return f"Model({str(self.path)!r}: {len(self.labels)} labels)"

    def _texts(self, table: Table, text: Text) -> list[Optional[str]]:
        """The texts of rows: of the column that is named, else of the training's if it is there."""
        if text is None:
            known = self.text if isinstance(self.text, (list, tuple)) else [self.text]
            text = self.text if all(name in table.names for name in known) else None
        return texts_of(table, text)[1]

    def _json(self, name: str) -> dict[str, Any]:
        path = self.path / name
        try:
            version = path.stat().st_mtime_ns
            if self._known.get(name, (0, {}))[0] == version:
                return self._known[name][1]
            content = dict(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise DataError(
                f"{path} is missing: give the directory of a saved model, or of its run") from None
        except ValueError as error:
            raise DataError(f"{path}: not JSON: {error}") from None
        self._known[name] = version, content
        return content

    def _rule(
        self, top_k: Optional[int], threshold: Optional[float]
    ) -> tuple[Optional[Logits], Optional[int]]:
        """The logits from which labels are given, and how many at most."""
        if top_k is not None and (isinstance(top_k, bool) or int(top_k) != top_k or top_k < 1):
            raise ConfigurationError(f"top_k={top_k!r}: give a whole number of at least 1")
        if threshold is not None:
            if not 0 <= threshold <= 1:
                raise ConfigurationError(
                    f"threshold={threshold!r}: give a probability from 0 to 1")
            return threshold_logits([threshold] * len(self.labels)), top_k
        top_k = top_k or self._json("ddp_train.json").get("decide_top_k")
        if top_k is not None:
            return None, top_k
        saved = self.thresholds
        return threshold_logits([saved[label] for label in self.labels]), None

    def _lists(
        self, texts: Sequence[Optional[str]], top_k: Optional[int], threshold: Optional[float]
    ) -> list[list[tuple[str, float]]]:
        return [
            [(self.labels[label], probability(logit)) for label, logit in chosen]
            for chosen in self.chosen(texts, top_k, threshold)]

    def _long(
        self, texts: Sequence[Optional[str]], index: Any, top_k: Optional[int],
        threshold: Optional[float],
    ) -> Any:
        ids = range(len(texts)) if index is None else index
        is_calibrated = (self.path / "calibration.json").exists()
        slopes, offsets = self._calibration() if is_calibrated else ([], [])
        rows = [
            (identity, self.labels[label], probability(logit),
             probability(slopes[label] * logit + offsets[label]) if is_calibrated else None)
            for identity, chosen in zip(ids, self.chosen(texts, top_k, threshold))
            for label, logit in chosen]
        return pandas().DataFrame(rows, columns=["id", "label", "score", "probability"])
