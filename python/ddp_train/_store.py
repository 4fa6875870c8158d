"""A saved model that belongs to a Python object: kept in a temporary directory, pickled as bytes."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Any, Optional

from ._model import Model


class ModelStore:
    """The files of a model. A copy or a pickle carries them whole, and opens them elsewhere."""

    def __init__(self, directory: Path) -> None:
        self._files: Optional[dict[str, bytes]] = None
        self._place: Optional[Path] = None
        self._model: Optional[Model] = None
        shutil.copytree(directory, self._made() / "best")

    @property
    def model(self) -> Model:
        """The model, ready to answer."""
        if self._model is None:
            if self._place is None:
                self._unpack()
            assert self._place is not None
            self._model = Model(self._place / "best")
        return self._model

    def __getstate__(self) -> dict[str, Any]:
        files = self._files
        if files is None:
            assert self._place is not None
            directory = self._place / "best"
            files = {path.name: path.read_bytes() for path in sorted(directory.iterdir())}
        return {"_files": files, "_place": None, "_model": None}

    def _unpack(self) -> None:
        directory = self._made() / "best"
        directory.mkdir()
        for name, content in (self._files or {}).items():
            (directory / name).write_bytes(content)
        self._files = None

    def _made(self) -> Path:
        """A temporary directory that goes with this object, or at the end of Python."""
        self._place = Path(tempfile.mkdtemp(prefix="ddp-train-model-"))
        weakref.finalize(self, shutil.rmtree, self._place, ignore_errors=True)
        return self._place
