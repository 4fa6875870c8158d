"""The version of the package is the program's own, which Swift's source states."""

import os
import pathlib
import re

import setuptools

program = pathlib.Path(__file__).resolve().parent.parent / "Sources/Reporting/Program.swift"
version = re.search(r'version = "([^"]+)"', program.read_text(encoding="utf-8"))
if version is None:
    raise SystemExit(f"{program} states no version")
suffix = os.environ.get("DDP_TRAIN_VERSION_SUFFIX", "")
setuptools.setup(version=version.group(1) + suffix)
