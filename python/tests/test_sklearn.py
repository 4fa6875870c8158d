"""The estimator does what scikit-learn expects of one."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest

sklearn = pytest.importorskip("sklearn")

from sklearn.base import clone  # noqa: E402
from sklearn.exceptions import NotFittedError  # noqa: E402
from sklearn.metrics import f1_score  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_predict  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import FunctionTransformer, MultiLabelBinarizer  # noqa: E402
from sklearn.utils import estimator_checks, get_tags  # noqa: E402

from ddp_train import DDPTrainClassifier  # noqa: E402

FAST = {"training": {"num_train_epochs": 2}, "evaluation": {"confidence_intervals": False}}


class Words(DDPTrainClassifier):  # type: ignore[misc]
    """Rows of numbers as texts, so that scikit-learn's checks, which know only these, can be run."""

    def __init__(self, *, config: Any = None) -> None:
        super().__init__(config=config)

    def fit(self, X: Any, y: Any) -> "Words":
        super().fit(X, y)
        self.n_features_in_ = np.shape(X)[1]
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.one_d_array = True, False
        tags.input_tags.string = False
        return tags

    @staticmethod
    def _texts(X: Any) -> list[str]:
        numbers = np.asarray(X, dtype=float)
        if numbers.ndim != 2:
            raise ValueError("Expected 2D array, got 1D array instead. Reshape your data")
        return [" ".join(f"f{i}v{round(v)}" for i, v in enumerate(row)) for row in numbers]


@pytest.fixture(scope="module")
def data(rows: list[dict[str, Any]]) -> tuple[list[str], Any, list[str]]:
    """Texts, the indicator matrix of the most frequent labels, and their names."""
    binarizer = MultiLabelBinarizer()
    matrix = binarizer.fit_transform([row["labels"] for row in rows])
    best = np.sort(np.argsort(-matrix.sum(axis=0))[:12])
    names = [str(binarizer.classes_[index]) for index in best]
    return [row["text"] for row in rows][:200], matrix[:200, best], names


@pytest.fixture(scope="module")
def fitted(data: Any) -> DDPTrainClassifier:
    texts, matrix, _ = data
    return DDPTrainClassifier().fit(texts, matrix)


def test_its_answers_are_better_than_chance_and_agree(fitted: Any, data: Any) -> None:
    texts, matrix, _ = data
    given = fitted.predict(texts)
    assert given.shape == matrix.shape and set(np.unique(given)) <= {0, 1}
    assert f1_score(matrix, given, average="micro") > 0.7
    probabilities = fitted.predict_proba(np.array(texts, dtype=object))
    assert probabilities.shape == matrix.shape
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    logits = fitted.decision_function(texts)
    order = [np.argsort(column, kind="stable") for column in (logits[:, 0], probabilities[:, 0])]
    assert np.array_equal(*order)


def test_a_frame_names_the_labels_and_a_label_of_no_row_is_never_given(data: Any) -> None:
    pandas = pytest.importorskip("pandas")
    texts, matrix, names = data
    frame = pandas.DataFrame(matrix, columns=names)
    frame.insert(3, "never", 0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        estimator = DDPTrainClassifier(config=FAST).fit(pandas.Series(texts), frame)
    assert any("hold in no row" in str(warning.message) for warning in caught)
    assert estimator.label_names_ == list(frame.columns)
    assert (estimator.predict_proba(texts)[:, 3] == 0).all()
    assert not estimator.predict(texts)[:, 3].any()


def test_it_survives_a_pickle_a_copy_and_a_clone(fitted: Any, data: Any) -> None:
    import copy

    texts = data[0][:20]
    wanted = fitted.predict_proba(texts)
    for other in (pickle.loads(pickle.dumps(fitted)), copy.deepcopy(fitted)):
        assert np.array_equal(other.predict_proba(texts), wanted)
    again = clone(fitted)
    with pytest.raises(NotFittedError):
        again.predict(texts)


def test_it_is_searched_and_cross_validated(data: Any) -> None:
    texts, matrix, _ = data
    search = GridSearchCV(
        DDPTrainClassifier(config=FAST), {"random_state": [1, 2]},
        cv=2, scoring="f1_micro", n_jobs=2)
    search.fit(texts, matrix)
    assert search.best_score_ > 0.2 and search.predict(texts).shape == matrix.shape
    lower = FunctionTransformer(lambda found: [text.lower() for text in found])
    pipeline = make_pipeline(lower, DDPTrainClassifier(config=FAST))
    assert cross_val_predict(pipeline, texts, matrix, cv=2).shape == matrix.shape


def test_what_is_no_text_is_refused(fitted: Any) -> None:
    for texts, message in (
        ("one text", "put it into a list"), ([], "0 sample"), ([None], "row 0 has no text"),
        ([1], "row 0 is no text"), ({"a": ["x"], "b": ["y"]}, "one column of texts"),
    ):
        with pytest.raises(ValueError, match=message):
            fitted.predict(texts)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        DDPTrainClassifier().fit(["a", "b"], np.eye(3))


def test_its_tags_say_what_it_takes() -> None:
    tags = get_tags(DDPTrainClassifier())
    assert tags.classifier_tags.multi_label and tags.target_tags.multi_output
    assert tags.input_tags.string and not tags.input_tags.two_d_array


@pytest.mark.parametrize("check", [
    "check_estimator_cloneable", "check_estimator_repr", "check_estimator_tags_renamed",
    "check_no_attributes_set_in_init", "check_parameters_default_constructible",
    "check_get_params_invariance", "check_set_params", "check_valid_tag_types",
    "check_mixin_order",
    "check_fit_check_is_fitted", "check_fit_score_takes_y", "check_estimators_overwrite_params",
    "check_dict_unchanged", "check_fit_idempotent",
    "check_methods_subset_invariance", "check_methods_sample_order_invariance",
    "check_estimators_pickle", "check_estimators_unfitted", "check_requires_y_none",
    "check_classifiers_multilabel_output_format_predict",
    "check_classifiers_multilabel_output_format_predict_proba",
    "check_classifiers_multilabel_output_format_decision_function",
])
def test_scikit_learns_own_checks(check: str) -> None:
    function = getattr(estimator_checks, check, None)
    if function is None:
        pytest.skip("this scikit-learn has no such check")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        function("Words", Words(config=FAST))
