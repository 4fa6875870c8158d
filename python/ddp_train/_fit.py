"""Training: from rows in memory or in a file to a run."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Any, Hashable, Iterator, Mapping, Optional, Sequence, Union

from . import _program
from ._errors import ConfigurationError
from ._inputs import Inputs
from ._progress import Progress
from ._rows import Roles, Text
from ._run import Run
from ._table import is_path
from ._training import Training

def fit(
    data: Any, *, text: Text = None, labels: Any = None, minutes: float = 30,
    optimize: str = "micro_f1", ranks: Optional[int] = None,
    output: Union[None, str, "os.PathLike[str]"] = None, validation: Any = None, test: Any = None,
    encoder: Union[None, str, "os.PathLike[str]"] = None, id: Optional[Hashable] = None,
    group: Optional[Hashable] = None, ignore: Sequence[Hashable] = (),
    labels_separator: Optional[str] = None, label_names: Optional[Sequence[Hashable]] = None,
    empty_cells: str = "error", empty_texts: str = "error", overwrite: bool = False,
    keep_data: bool = False, verbose: bool = True,
) -> Run:
    """Makes the best model of labeled rows within some minutes. Nothing has to be configured.

    Args:
        data: a frame of pandas or polars, a table of Arrow, a data set of `datasets`, a mapping of
            columns, a list of mappings, a list of texts, or the path of a file (CSV, JSON Lines,
            Parquet, Feather).
        text: the column of the text, or several that are read one after another.
        labels: the column of the lists of labels; or a list of the 0/1 columns, `tag_*` for all
            that begin so; or the labels themselves, a row for each row: lists, an array, a sparse
            matrix, a frame. −1 means that nobody knows. Without it the columns are looked at.
        minutes: what everything together may take.
        optimize: what the model is chosen for: "micro_f1", "macro_f1" or "samples_f1".
        ranks: processes; by default what the cores of this machine allow.
        output: the directory of the run. If it holds this very call, interrupted, it goes on.
            By default a new one in runs/.
        validation, test: rows of their own to choose by and to test on, in any form of `data`.
        encoder: the directory of a pretrained encoder.
        id: the column of the rows' ids; by default the index of pandas.
        group: rows with the same value here are not divided between training and test.
        ignore: columns that are no labels.
        labels_separator: what stands between two names in a text of labels; a comma by default.
        label_names: the names of the columns of an array, or of numbered labels, in order.
        empty_cells: what an empty label cell means: "error", "zero" or "unknown".
        empty_texts: what a row without a text means: "error" or "skip".
        overwrite: replaces what an earlier call has left in `output`.
        keep_data: leaves the file of the rows in `output` after a good end.
        verbose: shows what is found and how far the training is.

    Returns:
        The run, with its figures and its model.

    Raises:
        DataError, ConfigurationError, DDPTrainError: with the program's message.
        Stopped: a KeyboardInterrupt, after the training was saved.
    """
    roles = Roles(text, labels, id, group, None, ignore, labels_separator, label_names,
                  empty_cells, empty_texts)
    directory = _directory(output, data)
    inputs = Inputs(directory, roles, overwrite)
    rows = inputs.file(data, "rows")
    options = ["fit", str(rows.path), "--output", str(directory), "--minutes", repr(minutes),
               "--optimize", optimize, *inputs.options(rows)]
    for name, part in (("validation", validation), ("test", test)):
        if part is not None:
            options += [f"--{name}", str(inputs.file(part, name).path)]
    if encoder is not None:
        options += ["--encoder", os.fspath(encoder)]
    if (directory / "fit.json").exists():
        options.append("--resume")
    Training(options, _program.ranks_for(options, ranks), Progress(verbose)).run(str(directory))
    if not keep_data:
        inputs.remove()
    return Run(directory, inputs=inputs)


def train(
    config: Union[str, "os.PathLike[str]", Mapping[str, Any]], data: Any = None, *,
    text: Text = None, labels: Any = None,
    output: Union[None, str, "os.PathLike[str]"] = None, validation: Any = None, test: Any = None,
    ranks: Optional[int] = None, id: Optional[Hashable] = None,
    labels_separator: Optional[str] = None, label_names: Optional[Sequence[Hashable]] = None,
    empty_cells: str = "error", empty_texts: str = "error", overwrite: bool = False,
    keep_data: bool = False, verbose: bool = True,
) -> Run:
    """Trains as a config says: a path, or the keys of docs/reference/configuration.md as a mapping.

    `data` and what describes it are as in `fit` and take the place of the config's `data`. An
    earlier run as `data` stands for its rows, divided as they were. If `output` (or the config's
    `output_dir`) holds this training, interrupted, it goes on.
    """
    settings = _settings(config)
    if output is not None or "output_dir" not in settings:
        settings["output_dir"] = str(_directory(output, data))
    directory = Path(settings["output_dir"])
    directory.mkdir(parents=True, exist_ok=True)
    roles = Roles(text, labels, id, None, None, (), labels_separator, label_names, empty_cells,
                  empty_texts)
    inputs = data._inputs if isinstance(data, Run) else Inputs(directory, roles, overwrite)
    if isinstance(data, Run):
        settings["data"] = data.config["data"]
    elif data is not None:
        settings["data"] = {**settings.get("data", {}), **inputs.keys(data, validation, test)}
    with _configuration(settings) as path, _rows_of(data):
        options = ["train", str(path)]
        count = _program.ranks_for(options, ranks)
        Training([*options, "--resume"], count, Progress(verbose)).run(str(directory))
    if not keep_data and not isinstance(data, Run):
        inputs.remove()
    return Run(directory, inputs=inputs)


def _rows_of(data: Any) -> contextlib.AbstractContextManager[None]:
    """The files of rows of an earlier run, as long as they are needed."""
    return data._files() if isinstance(data, Run) else contextlib.nullcontext()


def _settings(config: Union[str, "os.PathLike[str]", Mapping[str, Any]]) -> dict[str, Any]:
    if isinstance(config, Mapping):
        return dict(config)
    try:
        with open(config, encoding="utf-8") as file:
            settings = json.load(file)
    except OSError as error:
        raise ConfigurationError(f"{os.fspath(config)}: {error.strerror}") from None
    except ValueError as error:
        raise ConfigurationError(f"{os.fspath(config)}: not JSON: {error}") from None
    if not isinstance(settings, dict):
        raise ConfigurationError(f"{os.fspath(config)}: a config is an object with keys")
    return settings


@contextlib.contextmanager
def _configuration(settings: Mapping[str, Any]) -> Iterator[Path]:
    """A file with a config, as long as it is needed."""
    path = Path(settings["output_dir"]) / "train.json"
    path.write_text(json.dumps(settings, default=str), encoding="utf-8")
    yield path
    path.unlink(missing_ok=True)


def _directory(output: Union[None, str, "os.PathLike[str]"], data: Any) -> Path:
    """Where a run is written; a new place in runs/ if nobody says."""
    if output is not None:
        path = Path(output)
        if path.exists() and not path.is_dir():
            raise ConfigurationError(f"output={str(path)!r} is a file; give a directory")
        path.mkdir(parents=True, exist_ok=True)
        return path
    stem = Path(data).name.split(".")[0] if is_path(data) else "fit"
    number = 1
    while True:
        path = Path("runs") / (stem if number == 1 else f"{stem}-{number}")
        try:
            path.mkdir(parents=True)
            return path
        except FileExistsError:
            number += 1
