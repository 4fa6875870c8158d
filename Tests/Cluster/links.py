"""Scenarios of machines that ssh reaches, and of the links between them."""

import shutil
import subprocess
import time

from cluster import expect
from hosts import Failed
from remote import ROOT, RemoteRun


def recipe(cluster):
    """The commands of docs/launching.md for several machines, as they stand there: the same bits on 16 ranks."""
    hosts = cluster.take(2)
    cluster.shells.serve(hosts)
    place = cluster.work.path / "recipe"
    place.mkdir()
    shutil.copytree(ROOT / "launch", place / "launch")
    example = place / "launch" / "hostfile.example"
    example.write_text(example.read_text().replace("node1", hosts[0]).replace("node2", hosts[1]))
    (place / ".build" / "release").mkdir(parents=True)
    (place / ".build" / "release" / "ddp-train").symlink_to(cluster.work.program)
    for name in ("train.jsonl", "valid.jsonl", "test.jsonl", "vocab.txt", "config.json"):
        shutil.copy(cluster.work.path / name, place)
    for number, block in enumerate(blocks("Several machines with ssh")):
        script = block.replace("CONFIG", f"config.json --set output_dir={cluster.work.path}/recipe-{number}")
        words = cluster.hosts.command(hosts[0], "bash", "-ec", script)
        ended = subprocess.run(words, cwd=place, env=cluster.shells.environment(), capture_output=True,
                               text=True, stdin=subprocess.DEVNULL, timeout=240)  # fmt: skip
        if ended.returncode:
            raise Failed(f"status {ended.returncode}:\n{script}\n{ended.stderr[-2000:]}")
        cluster.work.expect_reference(f"recipe-{number}")
        expect("ranks: 16;" in ended.stdout, "there are 16 ranks")


def blocks(heading):
    """The commands below a heading of docs/launching.md."""
    text = (ROOT / "docs" / "launching.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [part.split("\n", 1)[1] for part in text.split("```")[1::2] if part.startswith("sh\n")]


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
