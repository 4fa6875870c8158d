"""Training for text classification with many sparse labels, from Python.

    import ddp_train

    run = ddp_train.fit(frame, text="description", labels=["urgent", "billing"], minutes=30)
    run.metrics
    run.predict(new_frame)

The work is done by the program `ddp-train` in processes of its own; nothing is trained in Python.
pandas, polars, pyarrow, datasets, scikit-learn, matplotlib and IPython are imported only by what
needs them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._comparison import compare
    from ._errors import ConfigurationError, DataError, DDPTrainError, Stopped
    from ._fit import fit, train
    from ._model import Model
    from ._run import Run, load
    from ._sklearn import DDPTrainClassifier

__all__ = [
    "ConfigurationError",
    "DDPTrainClassifier",
    "DDPTrainError",
    "DataError",
    "Model",
    "Run",
    "Stopped",
    "compare",
    "fit",
    "load",
    "train",
]

_MODULES = {
    "ConfigurationError": "_errors",
    "DDPTrainClassifier": "_sklearn",
    "DDPTrainError": "_errors",
    "DataError": "_errors",
    "Model": "_model",
    "Run": "_run",
    "Stopped": "_errors",
    "compare": "_comparison",
    "fit": "_fit",
    "load": "_run",
    "train": "_fit",
}


def __getattr__(name: str) -> Any:
    # The command `ddp-train` imports this package too, and must start quickly.
    if name == "__version__":
        return _version()
    if name not in _MODULES:
        raise AttributeError(f"module 'ddp_train' has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_MODULES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__, "__version__"])


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version("ddp-train")
    except metadata.PackageNotFoundError:
        return "0+unknown"
