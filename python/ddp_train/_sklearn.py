"""The trainer as an estimator of scikit-learn."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Mapping, Optional, Union

import numpy as np

from ._fit import train
from ._names import column_names
from ._optional import need
from ._store import ModelStore
from ._table import as_table, is_missing, library

_base = need("sklearn.base", "DDPTrainClassifier", "scikit-learn")
_validation = need("sklearn.utils.validation", "DDPTrainClassifier", "scikit-learn")


class DDPTrainClassifier(_base.ClassifierMixin, _base.BaseEstimator):  # type: ignore[misc, name-defined]
    """Texts to many labels: X is a list, array or series of texts, Y an indicator matrix.

    Y may be an array, a sparse matrix, or a frame whose columns name the labels; −1 means that
    nobody knows. A one-dimensional y is a class for each row. A pickle or copy of a fitted
    estimator holds the whole model.

    Args:
        encoder: the directory of a pretrained encoder; None trains a linear model on words.
        config: further keys of docs/reference/configuration.md, as a mapping.
        validation_fraction: the share of the rows that thresholds are tuned and the best model is
            chosen by.
        ranks: processes; 1 by default, since `n_jobs` may start several estimators at once.
        random_state: the seed of the training; None is the program's own, so that every fit of
            the same rows gives the same model.
        verbose: shows how far the training is.

    Attributes:
        classes_: the classes of y, or the numbers of the columns of Y.
        label_names_: how the labels are called in the saved model.
        n_outputs_: columns of Y; 1 for classes.
    """

    def __init__(
        self, *, encoder: Union[None, str, "os.PathLike[str]"] = None,
        config: Optional[Mapping[str, Any]] = None, validation_fraction: float = 0.1,
        ranks: int = 1, random_state: Optional[int] = None, verbose: bool = False,
    ) -> None:
        self.encoder = encoder
        self.config = config
        self.validation_fraction = validation_fraction
        self.ranks = ranks
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any) -> "DDPTrainClassifier":
        """Trains on texts and their labels."""
        texts = self._texts(X)
        if y is None:
            raise ValueError("requires y to be passed, but the target y is None")
        labels = self._encoded(y, len(texts))
        with tempfile.TemporaryDirectory(prefix="ddp-train-fit-") as place:
            directory = Path(place) / "run"
            run = train(self._settings(), {"text": texts}, text="text", labels=labels,
                        label_names=self.label_names_, output=directory, ranks=self.ranks,
                        verbose=bool(self.verbose))
            self._store = ModelStore(run.path / "best")
        return self

    def predict(self, X: Any) -> Any:
        """An indicator matrix `[rows, labels]`, at the tuned thresholds; or a class for each row."""
        _validation.check_is_fitted(self)
        if self.n_outputs_ == 1 and self._is_multiclass:
            return self.classes_[np.argmax(self.decision_function(X), axis=1)]
        texts = self._texts(X)
        given = np.zeros((len(texts), len(self.label_names_)), dtype=np.int64)
        columns = self._columns()
        for row, chosen in enumerate(self._store.model.chosen(texts)):
            given[row, columns[np.array([label for label, _ in chosen], dtype=int)]] = 1
        return given

    def predict_proba(self, X: Any) -> Any:
        """The calibrated probability of each label `[rows, labels]`; of classes they sum to 1."""
        _validation.check_is_fitted(self)
        model = self._store.model
        slopes, offsets = model._calibration()
        logits = slopes * model.logits(self._texts(X)).astype(np.float64) + offsets
        # Not rounded, as those of the command are: 1 is for no one.
        values = self._spread(1 / (1 + np.exp(-np.clip(logits, -700, 36))), 0.0)
        if self.n_outputs_ == 1 and self._is_multiclass:
            sums = values.sum(axis=1, keepdims=True)
            values = np.where(sums > 0, values / np.where(sums > 0, sums, 1), 1 / values.shape[1])
        return values

    def decision_function(self, X: Any) -> Any:
        """The logit of each label `[rows, labels]`."""
        _validation.check_is_fitted(self)
        logits = self._store.model.logits(self._texts(X))
        return self._spread(logits.astype(np.float64), -np.inf)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_store")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.one_d_array = True
        tags.input_tags.string = True
        tags.target_tags.required = True
        tags.target_tags.multi_output = True
        tags.classifier_tags.multi_label = True
        return tags

    def _settings(self) -> dict[str, Any]:
        model = {"type": "linear"} if self.encoder is None else {
            "name_or_path": os.fspath(self.encoder)}
        settings: dict[str, Any] = {
            "model": model, "data": {"validation_fraction": self.validation_fraction}}
        if self.random_state is not None:
            settings["training"] = {"seed": int(self.random_state)}
        return _merged(settings, self.config or {})

    @staticmethod
    def _texts(X: Any) -> list[str]:
        """The texts, checked."""
        if isinstance(X, str):
            raise ValueError("wanted a list of texts, found one text: put it into a list")
        table = as_table(X)
        if len(table.names) != 1:
            raise ValueError(
                f"wanted one column of texts, found {len(table.names)}: select it before, for "
                "example by a ColumnTransformer")
        texts = list(table.column(table.names[0]))
        if not texts:
            raise ValueError("Found array with 0 sample(s) while a minimum of 1 is required")
        for row, text in enumerate(texts):
            if is_missing(text):
                raise ValueError(f"row {row} has no text (NaN or None)")
            if not isinstance(text, str):
                raise ValueError(f"row {row} is no text but {type(text).__name__}: {text!r:.60}")
        return texts

    def _encoded(self, y: Any, rows: int) -> Any:
        """The labels as a matrix, or of classes as a list for each row. Sets the attributes."""
        is_matrix = hasattr(y, "columns") or library(y) == "scipy" or np.ndim(y) == 2
        count = y.shape[0] if hasattr(y, "shape") else len(y)
        if count != rows:
            raise ValueError(
                f"Found input variables with inconsistent numbers of samples: {[rows, count]}")
        self._is_multiclass = not is_matrix
        if is_matrix:
            matrix = y if hasattr(y, "shape") else np.asarray(y)
            self.n_outputs_ = matrix.shape[1]
            self.classes_ = np.arange(self.n_outputs_)
            self.label_names_ = (
                column_names(matrix.columns) if hasattr(matrix, "columns")
                else [f"{index:06d}" for index in range(self.n_outputs_)])
            return matrix
        self.n_outputs_ = 1
        self.classes_, numbers = np.unique(np.asarray(y), return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("the data have one class alone; at least two are needed")
        self.label_names_ = [f"{index:06d}" for index in range(len(self.classes_))]
        return [[self.label_names_[number]] for number in numbers.ravel()]

    def _columns(self) -> Any:
        """Of each label of the model its column."""
        places = {name: column for column, name in enumerate(self.label_names_)}
        return np.asarray([places[name] for name in self._store.model.labels])

    def _spread(self, values: Any, absent: float) -> Any:
        """The model's columns in the order of Y; labels that no row has had get a constant."""
        result = np.full((len(values), len(self.label_names_)), absent)
        result[:, self._columns()] = values
        return result


def _merged(base: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of both; where both have an object, its keys likewise."""
    result = dict(base)
    for key, value in other.items():
        mine = result.get(key)
        both = isinstance(mine, Mapping) and isinstance(value, Mapping)
        result[key] = _merged(mine, value) if both else value  # type: ignore[arg-type]
    return result

