"""Disturbs training for a while and looks whether a run is ever lost. Started by launch/soak.

Models with layers of MiniLM's sizes are trained over and over, in fp32, in bf16, with a frozen encoder, with words,
and a linear one in turn. While one trains it is killed in whole or in part, stopped,
paused, its disk filled; between two starts its checkpoints rot and its log is torn; it goes on with
--resume on other numbers of ranks. A run that ends must have left the weights, thresholds, results and
the log's figures of the run that nothing disturbed. All is drawn by a seed; how a fault meets the
program's own timing is not.
"""

import argparse
import collections
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time

import faults
from workplace import KINDS, Workplace


def main():
    options = arguments()
    # A shell lets its background jobs ignore SIGINT, and so would what they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="ddp-train-soak-"))
    disk = None
    try:
        workplace = Workplace(directory, options.program.resolve(), options.epochs)
        disk = faults.SmallDisk(workplace.disk, 320)
        if not disk.is_mounted:
            print("no file system can be mounted here: the disk is never full", flush=True)
        expected = {kind: undisturbed(workplace, kind) for kind in options.kinds}
        expected = {kind: result for kind, result in expected.items() if result}
        soak = Soak(workplace, expected, random.Random(options.seed), disk.is_mounted, options.only)
        soak.go_on_for(60 * options.minutes, options.faults)
        soak.report()
    except faults.Lost as lost:
        kept = keep(workplace, directory, options.seed)
        sys.exit(f"a run was lost: {lost}\nseed {options.seed}; what it left is kept in {kept}")
    finally:
        if disk is not None:
            disk.close()
        shutil.rmtree(directory, ignore_errors=True)


def undisturbed(workplace, kind):
    """What a run of this kind leaves that nothing disturbs; None where this machine has no bf16."""
    started = workplace.start(kind, 1)
    begin = time.monotonic()
    status = started.wait(600)
    if kind == "bf16" and status == 78:
        print(f"bf16 is left out: {workplace.log().strip()}", flush=True)
        return None
    if status != 0:
        raise faults.Lost(f"the undisturbed {kind} run failed\n{workplace.log()}")
    print(f"the undisturbed {kind} run took {time.monotonic() - begin:.1f} s", flush=True)
    expected = workplace.result(workplace.run)
    shutil.rmtree(workplace.run)
    return expected


class Soak:
    def __init__(self, workplace, expected, source, has_small_disk, only):
        self.workplace, self.expected, self.source = workplace, expected, source
        self.counts = collections.Counter()
        running = faults.RUNNING + ([faults.fill_disk] if has_small_disk else [])
        self.running = [fault for fault in running if not only or fault.__name__ in only]
        self.resting = [fault for fault in faults.RESTING if not only or fault.__name__ in only]
        self.completed = self.starts = 0
        self.kinds = list(expected)

    def go_on_for(self, seconds, most):
        """Disturbs run after run, until the time is over or `most` faults are done; the last run is
        brought to its end."""
        deadline = time.monotonic() + seconds

        def is_over():
            return time.monotonic() > deadline or (most and sum(self.counts.values()) >= most)

        shown = time.monotonic()
        while not is_over():
            if self.disturbed_start():
                self.check()
            if time.monotonic() - shown > 60:
                shown = time.monotonic()
                self.report()
        while not self.start_until_end(disturbances=0):
            pass
        self.check()

    def disturbed_start(self):
        """One start of the program with its faults; whether the run came to its end."""
        if self.resting and self.source.random() < 0.4:
            fault = self.source.choice(self.resting)
            if fault(self.workplace, self.source) is not None:
                self.counts[fault.__name__] += 1
        return self.start_until_end(disturbances=self.source.choice([1, 1, 1, 2, 3]))

    @property
    def kind(self):
        """What the run under way trains: the kinds take turns."""
        return self.kinds[self.completed % len(self.kinds)]

    def start_until_end(self, disturbances):
        timer = self.source.choice([None, self.source.randint(200, 3000)])
        ranks = self.source.choice([1, 2, 4])
        started = self.workplace.start(self.kind, ranks, "--resume", timer=timer)
        self.starts += 1
        for _ in range(disturbances):
            if started.wait(self.source.uniform(0.02, 2.5)) is not None:
                break
            fault = self.source.choice(self.running)
            fault(started, self.source)
            self.counts[fault.__name__] += 1
            if started.process.poll() is not None:
                return self.has_ended(started, disturbed=True)
        if started.wait(180) is None:
            started.end_by_force()
            raise faults.Lost(f"the program hangs\n{self.workplace.log()}")
        return self.has_ended(started, disturbed=disturbances > 0)

    def has_ended(self, started, disturbed):
        """Whether the run is done. An end that no fault explains is a loss."""
        status = started.process.returncode
        full = status == 74 and self.counts["fill_disk"] > 0
        if not disturbed and status != 0 and not full:
            raise faults.Lost(f"ended with {status} undisturbed\n{self.workplace.log()}")
        if status in (65, 66, 70, 76, 78):
            raise faults.Lost(f"ended with {status}\n{self.workplace.log()}")
        return status == 0

    def check(self):
        """Compares a run that came to its end with the undisturbed one, and clears its place."""
        found = self.workplace.result(self.workplace.run)
        files, figures = self.expected[self.kind]
        for name, digest in files.items():
            if found[0][name] != digest:
                raise faults.Lost(f"{name} is not that of the undisturbed {self.kind} run")
        if found[1] != figures:
            pairs = zip(found[1], figures)
            first = next((pair for pair in pairs if pair[0] != pair[1]), None)
            raise faults.Lost(
                f"metrics.jsonl has {len(found[1])} lines, {len(figures)} are right; "
                f"the first difference: {first}")
        self.completed += 1
        shutil.rmtree(self.workplace.run)

    def report(self):
        parts = ", ".join(f"{name} {count}" for name, count in sorted(self.counts.items()))
        print(
            f"faults injected: {sum(self.counts.values())} ({parts}); starts: {self.starts}; "
            f"runs completed: {self.completed}; runs lost: 0", flush=True)  # fmt: skip


def keep(workplace, directory, seed):
    kept = pathlib.Path(tempfile.gettempdir()) / f"ddp-train-soak-lost-{seed}"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(directory, kept, ignore_dangling_symlinks=True)
    return kept


def arguments():
    parser = argparse.ArgumentParser(prog="launch/soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--faults", type=int, help="stop after so many, whatever the time")
    parser.add_argument(
        "--only", nargs="+", metavar="FAULT",
        choices=[fault.__name__ for fault in [*faults.RUNNING, faults.fill_disk, *faults.RESTING]],
        help="no other faults than these; at least one must be of a running program")  # fmt: skip
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--epochs", type=int, default=3, help="of each run, of 20 steps")
    parser.add_argument("--program", type=pathlib.Path, default=".build/release/ddp-train")
    return parser.parse_args()


if __name__ == "__main__":
    main()
