"""Runs the scenarios of a cluster. Started by launch/cluster-test, which says what it needs."""

import argparse
import concurrent.futures
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time

import jobs
import links
import recipes
from cluster import Cluster
from hosts import Failed, Hosts
from remote import Shells
from slurm import Slurm
from work import Work

SHORT = [
    jobs.preempted, jobs.rank_killed, jobs.node_killed, jobs.terminated, jobs.cancelled_under_srun,
    jobs.rank_killed_under_srun, jobs.tasks_that_are_no_ranks, jobs.array_of_sweeps,
    links.cable_cut, links.rank_killed_by_ssh,
]  # fmt: skip
LONG = [
    jobs.warned, jobs.time_limit, jobs.preempted_under_srun, jobs.cancelled, jobs.first_rank_killed,
    jobs.first_rank_killed_under_srun, jobs.rank_killed_in_step, jobs.rank_killed_without_requeue,
    jobs.bound_to_the_allocation, jobs.many_ranks, recipes.by_ssh, recipes.by_slurm, links.loss,
    links.delay, links.cable_out,
]  # fmt: skip
EPOCHS = 10


def attempt(scenario, cluster):
    """The failure of a scenario, or None, and its seconds."""
    start = time.monotonic()
    try:
        scenario(cluster)
        failure = None
    except Failed as error:
        failure = str(error)
    except Exception as error:  # noqa: BLE001 - the other scenarios go on
        failure = f"{type(error).__name__}: {error}"
    return failure, time.monotonic() - start


def perform(scenarios, cluster, together):
    """Runs the scenarios; returns how many failed."""
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(together) as pool:
        waiting = {pool.submit(attempt, scenario, cluster): scenario for scenario in scenarios}
        for future in concurrent.futures.as_completed(waiting):
            (failure, seconds), scenario = future.result(), waiting[future]
            print(f"{'FAILED' if failure else 'passed'} {scenario.__name__} ({seconds:.0f} s): "
                  f"{scenario.__doc__.splitlines()[0]}", flush=True)  # fmt: skip
            if failure:
                failed += 1
                print("    " + failure.replace("\n", "\n    "), flush=True)
    return failed


def arguments():
    parser = argparse.ArgumentParser(prog="launch/cluster-test", description=__doc__)
    parser.add_argument("--short", action="store_true", help="the scenarios that CI runs")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these scenarios")
    parser.add_argument("--list", action="store_true", help="the names of the scenarios")
    parser.add_argument("--together", type=int, default=4, help="scenarios at a time")
    parser.add_argument("--keep", action="store_true", help="keep the directory of the runs")
    parser.add_argument("--name", default=f"ddpc{os.getpid()}", help=argparse.SUPPRESS)
    parser.add_argument("--program", type=pathlib.Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def main():
    options = arguments()
    # A signal ends the test as an error does, so that what it has started ends, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    scenarios = [each for each in SHORT + LONG if not options.only or each.__name__ in options.only]
    if options.short:
        scenarios = SHORT
    if options.list:
        for scenario in SHORT + LONG:
            print(f"{scenario.__name__}: {scenario.__doc__.splitlines()[0]}")
        return 0
    # Names of sockets have 107 characters at most.
    directory = pathlib.Path(tempfile.mkdtemp(prefix=options.name, dir="/tmp"))
    directory.chmod(0o755)
    hosts = Hosts(options.name, 2 * len(scenarios) + 4)
    slurm = Slurm(hosts, directory / "slurm", cores=8)
    shells = Shells(hosts, directory / "ssh")
    work = Work(directory / "work", options.program.resolve(), EPOCHS)
    try:
        hosts.start()
        slurm.start()
        shells.start()
        work.begin_reference()
        failed = perform(scenarios, Cluster(hosts, slurm, shells, work), options.together)
    finally:
        work.end()
        slurm.stop()
        hosts.stop()
        left = hosts.remains()
        hosts.remove_remains()
        if options.keep:
            print(f"the runs are in {directory}")
        else:
            shutil.rmtree(directory)
    if left:
        print(f"FAILED: these were left behind: {', '.join(map(str, left))}")
    print(f"{len(scenarios) - failed} of {len(scenarios)} scenarios passed")
    return 1 if failed or left else 0


if __name__ == "__main__":
    sys.exit(main())
