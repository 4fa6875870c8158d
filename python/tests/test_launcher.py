"""The launcher: how many ranks, which program, and what of mpirun's output is shown."""

import os

import pytest

from ddp_train import _launcher, _machine, _mpirun, _ranks

DASHES = b"-" * 74 + b"\n"
BANNER = DASHES + (
    b"prterun detected that one or more processes exited with non-zero status,\n"
    b"thus causing the job to be terminated. The first process to do so was:\n\n"
    b"   Process name: [prterun-host-7@1,0]\n   Exit code:    65\n") + DASHES
KILLED = DASHES + (
    b"prterun noticed that process rank 1 with PID 9 on node host exited on\n"
    b"signal 9 (Killed).\n") + DASHES


def filtered(pieces):
    """What is shown of standard error that comes in these pieces."""
    shown, target = os.pipe()
    output = _mpirun.BannerFilter(target)
    for piece in pieces:
        output._take(piece)
    output.finish()
    os.close(target)
    with os.fdopen(shown, "rb") as file:
        return file.read()


@pytest.mark.parametrize("size", [1, 7, 74, 75, 4096])
def test_only_mpiruns_page_about_a_status_is_left_out(size):
    text = b"ddp-train: error: no such file\n" + BANNER + KILLED + b"---- a table ----\nstep 1\rstep 2"
    pieces = [text[at:at + size] for at in range(0, len(text), size)]
    assert filtered(pieces) == text.replace(BANNER, b"")


def test_a_line_that_moves_is_shown_at_once():
    shown, target = os.pipe()
    output = _mpirun.BannerFilter(target)
    output._take(b"step 1 of 9")
    assert os.read(shown, 100) == b"step 1 of 9"


def test_a_page_without_an_end_is_shown_when_mpirun_has_ended():
    assert filtered([DASHES, b"cut off"]) == DASHES + b"cut off"


def test_ranks_are_the_launchers_option_and_the_rest_the_programs():
    assert _ranks.split(["--ranks", "4", "a.json"]) == (4, ["a.json"])
    assert _ranks.split(["fit", "a", "--ranks=2"]) == (2, ["fit", "a"])
    assert _ranks.split(["a.json", "--", "--ranks"]) == (None, ["a.json", "--", "--ranks"])


@pytest.mark.parametrize("words", [["--ranks"], ["--ranks", "0"], ["--ranks=many", "a.json"]])
def test_a_number_of_ranks_that_is_none_is_refused(words):
    with pytest.raises(ValueError, match="--ranks wants a whole number"):
        _ranks.split(words)


def test_one_process_does_what_cannot_be_shared(monkeypatch):
    monkeypatch.setattr(_machine, "available_cores", lambda: 6)
    for line in ("--help", "tokenize --model a", "report runs/a", "evaluate --help", "fit a --plan"):
        assert _ranks.count(line.split(), None) == 1
    assert _ranks.count(["predict", "--model", "a"], None) == 6
    assert _ranks.count(["fit", "rows.csv"], None) == 4


def test_the_program_says_how_many_ranks_a_configuration_allows(monkeypatch):
    monkeypatch.setattr(_machine, "available_cores", lambda: 6)
    asked = []
    count = _ranks.count(["train", "c.json", "--resume"], lambda words: asked.append(words) or 3)
    assert count == 3 and asked == [["c.json", "--cores", "6"]]


def test_ranks_follow_from_the_configuration_alone():
    words = ["--vary", "a.b=1,2", "c.json", "--set", "x.y=3", "--set=z=4", "--no-prune"]
    assert _ranks.configuration_arguments(words) == ["c.json", "--set", "x.y=3", "--set=z=4"]


def test_the_highest_level_that_the_processor_has_is_taken():
    v3, v4 = _machine.INSTRUCTIONS["v3"], _machine.INSTRUCTIONS["v4"]
    assert _machine.best_kernels(v4 | {"amx_tile"}) == "v4"
    assert _machine.best_kernels(v4 - {"avx512vl"}) == "v3"
    assert _machine.best_kernels(v3 - {"fma"}) is None


def test_kernels_that_do_not_exist_are_refused(monkeypatch):
    monkeypatch.delenv("DDP_TRAIN_PROGRAM", raising=False)
    monkeypatch.setenv("DDP_TRAIN_KERNELS", "v5")
    with pytest.raises(_launcher.LaunchError, match="must be v3 or v4"):
        _launcher.executable()


def test_what_the_user_has_set_stays(monkeypatch):
    for name in _launcher._RANK_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DDP_TRAIN_PROGRAM", "/bin/true")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    variables = _launcher.environment(2)
    assert variables["OMP_NUM_THREADS"] == variables["OPENBLAS_NUM_THREADS"] == "3"
    assert variables["PRTE_MCA_rmaps_default_mapping_policy"] == ":oversubscribe"
