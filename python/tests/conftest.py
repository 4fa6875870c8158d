"""What the tests share: the program, rows, and a run that was trained once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "configs/debtags/sample"
BUILT = ROOT / ".build/release/ddp-train"


def pytest_configure() -> None:
    """Tests run with the installed package and its program, or with those of this folder."""
    if "DDP_TRAIN_PROGRAM" not in os.environ and not _is_installed() and BUILT.exists():
        os.environ["DDP_TRAIN_PROGRAM"] = str(BUILT)
    # More ranks than cores, and other tests beside these.
    os.environ.setdefault("OMPI_MCA_mpi_yield_when_idle", "1")


def _is_installed() -> bool:
    import ddp_train

    return (Path(ddp_train.__file__).parent / "bin").is_dir()


sys.path.append(str(ROOT / "python"))


@pytest.fixture(scope="session")
def rows() -> list[dict[str, Any]]:
    """Some labeled rows: id, text, labels."""
    with open(SAMPLE / "train.jsonl", encoding="utf-8") as file:
        return [json.loads(line) for line, _ in zip(file, range(500))]


@pytest.fixture(scope="session")
def new_rows() -> list[dict[str, Any]]:
    """Rows that no model has seen."""
    with open(SAMPLE / "test.jsonl", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


@pytest.fixture(scope="session")
def run(rows: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A run of a fit on two ranks, of rows in memory. There is time for the linear model only."""
    import ddp_train

    return ddp_train.fit(
        rows, text="text", labels="labels", id="id", minutes=0.01, ranks=2, verbose=False,
        encoder=None, output=tmp_path_factory.mktemp("fit") / "run")


@pytest.fixture
def python(tmp_path: Path) -> Callable[..., "subprocess.Popen[str]"]:
    """Starts another Python with the package, in a folder of its own."""
    def start(code: str, *arguments: str) -> "subprocess.Popen[str]":
        import ddp_train

        place = str(Path(ddp_train.__file__).parents[1])
        variables = {**os.environ, "PYTHONPATH": place}
        return subprocess.Popen(
            [sys.executable, "-c", code, *arguments], cwd=tmp_path, env=variables,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return start
