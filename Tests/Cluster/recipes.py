"""Scenarios that run the commands of docs/guide/launching.md as they stand there."""

import json
import re
import shutil
import subprocess

from cluster import expect
from hosts import Failed
from remote import ROOT


def blocks(heading):
    """The commands below a heading of docs/guide/launching.md."""
    text = (ROOT / "docs" / "launching.md").read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return [part.split("\n", 1)[1] for part in text.split("```")[1::2] if part.startswith("sh\n")]


def project(cluster, name):
    """A folder as a user has it: scripts, program, config and data."""
    place = cluster.work.path / name
    place.mkdir()
    shutil.copytree(ROOT / "launch", place / "launch")
    (place / ".build" / "release").mkdir(parents=True)
    (place / ".build" / "release" / "ddp-train").symlink_to(cluster.work.program)
    for file in ("train.jsonl", "valid.jsonl", "test.jsonl", "vocab.txt", "config.json"):
        shutil.copy(cluster.work.path / file, place)
    return place


def shell(cluster, host, script, place, environment):
    """Runs a script as on a host; gives what it prints."""
    words = cluster.hosts.command(host, "bash", "-ec", script)
    ended = subprocess.run(words, cwd=place, env=environment, capture_output=True, text=True,
                           stdin=subprocess.DEVNULL, timeout=240)  # fmt: skip
    if ended.returncode:
        raise Failed(f"status {ended.returncode}:\n{script}\n{ended.stderr[-2000:]}")
    return ended.stdout


def by_ssh(cluster):
    """The commands for several machines with ssh: the same bits on 16 ranks."""
    hosts = cluster.take(2)
    cluster.shells.serve(hosts)
    place = project(cluster, "by-ssh")
    example = place / "launch" / "hostfile.example"
    example.write_text(example.read_text().replace("node1", hosts[0]).replace("node2", hosts[1]))
    for number, block in enumerate(blocks("Several machines with ssh")):
        run = f"by-ssh/run-{number}"
        script = block.replace("CONFIG", f"config.json --set output_dir=run-{number}")
        output = shell(cluster, hosts[0], script, place, cluster.shells.environment())
        expect("ranks: 16;" in output, "there are 16 ranks")
        cluster.work.expect_reference(run)


def by_slurm(cluster):
    """The commands for Slurm: the same bits, and a sweep for each task of the array."""
    place = project(cluster, "by-slurm")
    environment = cluster.slurm.environment | {"SBATCH_PARTITION": "docs"}
    (script,) = blocks("Slurm")
    output = shell(cluster, cluster.hosts.control, script.replace("CONFIG", "config.json"), place, environment)
    one, array = re.findall(r"Submitted batch job (\d+)", output)
    for job in (one, f"{array}_1", f"{array}_2"):
        state = cluster.slurm.wait(job, "COMPLETED|FAILED", 120)["JobState"]
        expect(state == "COMPLETED", f"job {job} is COMPLETED, not {state}")
    cluster.work.expect_reference("by-slurm/run")
    for task in (1, 2):
        record = json.loads((place / "runs" / f"sweep-{task}" / "sweep.json").read_text())
        expect(len(record["variants"]) == 2, "each sweep has two variants")
