"""Scenarios of the links between machines that ssh reaches."""

import time

from cluster import expect
from remote import RemoteRun


def disturbed(cluster, name, **disturbance):
    """Ten seconds of a disturbance in the middle of a run: it goes on meanwhile, and gives the same bits."""
    work = RemoteRun(cluster, cluster.shells, name, cluster.take(2)).start().wait_for_steps()
    for host in work.hosts:
        cluster.hosts.disturb(host, **disturbance)
    before = work.steps()
    time.sleep(10)
    expect(work.steps() > before, "the run goes on meanwhile")
    for host in work.hosts:
        cluster.hosts.heal(host)
    work.expect_status(0)
    work.expect_messages()
    cluster.work.expect_reference(name)


def loss(cluster):
    """Ten seconds in which 5 % of all packets are lost: the run goes on, with the same bits."""
    disturbed(cluster, "loss", loss=0.05)


def delay(cluster):
    """Ten seconds in which packets take 200 ms there and back: the run goes on, with the same bits."""
    disturbed(cluster, "delay", seconds=0.1)


def cable_out(cluster):
    """A cable that is out for 20 s: the run waits and goes on, with the same bits."""
    work = RemoteRun(cluster, cluster.shells, "cable-out", cluster.take(2)).start().wait_for_steps()
    cluster.hosts.cable(work.hosts[1], is_in=False)
    time.sleep(20)
    cluster.hosts.cable(work.hosts[1], is_in=True)
    work.expect_status(0, 120)
    work.expect_messages()
    cluster.work.expect_reference("cable-out")


def cable_cut(cluster):
    """A cable that is cut: all ends, with one message, and resumes to the same bits."""
    work = RemoteRun(cluster, cluster.shells, "cable-cut", cluster.take(2))
    work.start("--set", "training.ddp_timeout=4").wait_for_steps(60)
    cluster.hosts.cable(work.hosts[1], is_in=False)
    status = work.end(60)
    expect(status not in (0, 75), f"it fails, with status {status}")
    work.expect_messages(rf"rank 1 .* on {work.hosts[1]}\).* gave no sign of life for 4 s")
    work.expect_gone()
    cluster.hosts.cable(work.hosts[1], is_in=True)
    work.start("--resume").expect_status(0)
    cluster.work.expect_resumed("cable-cut")
    cluster.work.expect_reference("cable-cut")


def rank_killed_by_ssh(cluster):
    """A rank is killed on another machine: all end, with one message, and it resumes to the same bits."""
    work = RemoteRun(cluster, cluster.shells, "killed-by-ssh", cluster.take(2)).start().wait_for_steps(60)
    process = cluster.hosts.processes(work.hosts[1])["ddp-train"][0]
    cluster.hosts.kill_process(process)
    work.expect_status(137, 20)
    work.expect_messages(rf"rank \d \(process {process} on {work.hosts[1]}\) has died")
    work.expect_gone()
    work.start("--resume").expect_status(0)
    cluster.work.expect_resumed("killed-by-ssh")
    cluster.work.expect_reference("killed-by-ssh")
