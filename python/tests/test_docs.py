"""The examples of docs/guide/python.md, run as they stand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_examples_run(
    rows: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("pandas", "sklearn", "scipy", "matplotlib"):
        pytest.importorskip(package)
    import matplotlib

    matplotlib.use("Agg")
    text = (ROOT / "docs/guide/python.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert len(examples) == 5 and len(text.split()) < 800
    monkeypatch.chdir(tmp_path)
    lines = "".join(json.dumps(row) + "\n" for row in rows[:200])
    Path("rows.jsonl").write_text(lines, encoding="utf-8")
    names: dict[str, Any] = {}
    for example in examples:
        exec(compile(example, "docs/guide/python.md", "exec"), names)
    assert names["predicted"].shape == names["Y"].shape
    assert names["colors"].predict("a red car")[0][0] == "red"
