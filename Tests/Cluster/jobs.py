"""Scenarios of Slurm's jobs."""

import json
import os
import signal
import time

from cluster import expect
from hosts import eventually

STOPPED = r"error: stopped by a signal after step \d+; go on with --resume"


def died(rank, process, host):
    return rf"error: rank {rank} \(process {process} on {host}\) has died, so all others end"


def warned(cluster):
    """The script is told to stop: saved, queued again, the same bits."""
    job = cluster.job("warned", cluster.take(2)).wait_for_steps()
    job.cancel("--batch", "--signal=USR1")
    job.expect_queued_again("stopped with a checkpoint")
    job.expect_same_bits()
    job.expect_messages(STOPPED)


def time_limit(cluster):
    """A time limit of a minute, with a warning before it: saved, queued again, the same bits."""
    job = cluster.job("time-limit", cluster.take(2), "--time=1", "--signal=B:USR1@50").wait_for_steps()
    # Slurm looks at time limits every half minute, for which the run is held.
    job.signal_ranks(signal.SIGSTOP)
    job.wait_for_log("slurm.sbatch: asked to stop", 70)
    job.signal_ranks(signal.SIGCONT)
    job.expect_queued_again("stopped with a checkpoint")
    job.expect_same_bits()


def preempted(cluster, launcher="mpirun"):
    """A job of higher priority takes the nodes after a time of grace: saved, queued again, the same bits."""
    hosts = cluster.take(2)
    job = cluster.job(f"preempted-{launcher}", hosts, LAUNCHER=launcher).wait_for_steps()
    options = ["--partition=high", "--exclusive", "--nodes=2", f"--nodelist={','.join(hosts)}", "--wrap=true",
               "--output=/dev/null"]  # fmt: skip
    other = cluster.slurm.ask("sbatch", "--parsable", *options).strip()
    job.wait_for_log("queueing job")
    cluster.slurm.wait(other, "COMPLETED", 40)
    job.expect_same_bits()
    job.expect_messages(STOPPED)


def preempted_under_srun(cluster):
    """The same with ranks that srun has started."""
    preempted(cluster, "srun")


def terminated(cluster):
    """`scancel --signal=TERM`, which reaches the step and not the script: saved, queued again, the same bits."""
    job = cluster.job("terminated", cluster.take(2)).wait_for_steps()
    job.cancel("--signal=TERM")
    job.expect_queued_again("a rank or a node was lost")
    job.expect_same_bits()
    job.expect_messages(STOPPED)


def cancelled(cluster, launcher="mpirun"):
    """`scancel`: saved, and stays cancelled."""
    job = cluster.job(f"cancelled-{launcher}", cluster.take(2), LAUNCHER=launcher).wait_for_steps()
    job.cancel()
    job.expect_end("CANCELLED")
    job.expect_messages(STOPPED)
    time.sleep(4)
    job.expect_end("CANCELLED")
    expect("queueing" not in job.log(), "a cancelled job is not queued again")


def cancelled_under_srun(cluster):
    """The same with ranks that srun has started."""
    cancelled(cluster, "srun")


def rank_killed(cluster, launcher="mpirun", victim=1):
    """One rank is killed on another machine: one message that names it, queued again, the same bits."""
    job = cluster.job(f"rank-{victim}-killed-{launcher}", cluster.take(2), LAUNCHER=launcher)
    job.wait_for_steps(60)
    host = job.hosts[victim]
    process = job.kill_rank(host)
    job.expect_queued_again("a rank or a node was lost (status 137)")
    job.expect_same_bits()
    job.expect_messages(died(victim, process, host))


def first_rank_killed(cluster):
    """The same of rank 0, alone on its machine."""
    rank_killed(cluster, victim=0)


def rank_killed_under_srun(cluster):
    """The same with ranks that srun has started: it ends within seconds."""
    rank_killed(cluster, "srun")


def first_rank_killed_under_srun(cluster):
    """The same of rank 0 with ranks that srun has started."""
    rank_killed(cluster, "srun", victim=0)


def rank_killed_in_step(cluster):
    """`srun --mpi=pmix` without `--kill-on-bad-exit`, two ranks a machine: ends with one message."""
    hosts = cluster.take(2)
    for victim in (0, 1):
        run = f"in-step-{victim}"
        command = f"srun --mpi=pmix {cluster.work.program} config.json --set output_dir={run}"
        job = cluster.wrap(run, hosts, command, tasks=2).wait_for_steps()
        processes = [rank for host in hosts for rank in job.ranks(host)]
        host = hosts[victim]
        process = job.kill_rank(host)
        job.expect_end("FAILED", 20)
        job.expect_messages(rf"error: rank \d \(process {process} on {host}\) has died")
        expect(len(processes) == 4 and not any(job.ranks(host) for host in hosts), "no rank is left")


def rank_killed_without_requeue(cluster):
    """With MAX_LOSSES=0 such a job fails."""
    job = cluster.job("without-requeue", cluster.take(2), MAX_LOSSES=0).wait_for_steps()
    process = job.kill_rank(job.hosts[1])
    job.expect_end("FAILED")
    job.expect_messages(died(1, process, job.hosts[1]))
    expect("(status 137)" in job.log(), "the log says the status")


def node_killed(cluster):
    """All processes of a node die: one message that names its ranks, queued again, the same bits."""
    job = cluster.job("node-killed", cluster.take(2), tasks=2).wait_for_steps(60)
    host = job.hosts[1]
    first, second = job.ranks(host)
    cluster.hosts.lose_power(host)
    job.wait_for_log("have died", 20)
    cluster.slurm.start_node(host)
    job.expect_same_bits()
    ranks = "".join(rf".*rank \d \(process {process} on {host}\)" for process in (first, second))
    job.expect_messages(ranks + " have died, so all others end")


def tasks_that_are_no_ranks(cluster):
    """`srun` without `--mpi=pmix`: refused, and nothing is written."""
    command = f"srun {cluster.work.program} config.json --set output_dir=no-ranks"
    job = cluster.wrap("no-ranks", cluster.take(2), command)
    job.expect_end("FAILED")
    job.expect_messages(r"error: start the 2 tasks by srun --mpi=pmix")
    expect(not (cluster.work.path / "no-ranks").exists(), "nothing is written")


def array_of_sweeps(cluster):
    """Each task of an array makes a sweep of its own; one that is warned is queued again, alone."""
    words = ["sweep", "config.json", "--set", "training.num_train_epochs=6", "--vary",
             "training.weight_decay=0,0.1", "--output", "sweep-%a"]  # fmt: skip
    job = cluster.job("sweep", cluster.take(1), "--array=1-2", "--output=sweep-%a.out", arguments=words)
    sweeps = [cluster.work.path / f"sweep-{task}" for task in (1, 2)]
    eventually(lambda: any(sweeps[0].glob("001*/metrics.jsonl")), 40, "the first sweep trains")
    cluster.slurm.ask("scancel", "--batch", "--signal=USR1", f"{job.number}_1")
    for task in (1, 2):
        cluster.slurm.wait(f"{job.number}_{task}", "COMPLETED", 90)
    results = []
    for sweep in sweeps:
        record = json.loads((sweep / "sweep.json").read_text())
        expect(len(record["variants"]) == 2, "each sweep has two variants")
        results.append([variant["results"] for variant in record["variants"]])
    expect(results[0] == results[1], "the sweep that was queued again has the same results")
    logs = [(cluster.work.path / f"sweep-{task}.out").read_text() for task in (1, 2)]
    expect("queueing" in logs[0] and "queueing" not in logs[1], "only the first was queued again")


def bound_to_the_allocation(cluster):
    """Ranks are bound to the cores that Slurm leaves a job, and not bound where it leaves all of a node's."""
    cores = sorted(os.sched_getaffinity(0))[:2]
    confined, hosts = cluster.take(2), cluster.take(2)
    for host, core in zip(confined, cores):
        cluster.hosts.kill(host, "slurmd")
        cluster.slurm.start_node(host, core)
    for run, places, wanted in (
        ("confined", confined, [{core} for core in cores]),
        ("free", hosts, [os.sched_getaffinity(0)] * 2),
    ):  # fmt: skip
        job = cluster.job(run, places).wait_for_steps()
        found = [os.sched_getaffinity(job.ranks(host)[0]) for host in places]
        job.cancel()
        job.expect_end("CANCELLED")
        expect(found == wanted, f"{run} ranks run on {wanted}, not {found}")


def many_ranks(cluster):
    """Sixteen ranks on two nodes, however few cores they have: the same bits."""
    job = cluster.job("many-ranks", cluster.take(2), tasks=8)
    job.expect_end("COMPLETED", 300)
    cluster.work.expect_reference("many-ranks")
