"""Runs on hosts that ssh reaches."""

import os
import pathlib
import re
import shutil
import subprocess

from hosts import Failed, eventually, run
from work import errors

ROOT = pathlib.Path(__file__).parents[2]
SERVER = """\
Port 22
HostKey {keys}/host
AuthorizedKeysFile {keys}/user.pub
PidFile none
PermitRootLogin yes
StrictModes no
UsePAM no
"""
CLIENT = """\
IdentityFile {keys}/user
StrictHostKeyChecking no
UserKnownHostsFile /dev/null
LogLevel ERROR
"""


class Shells:
    """An sshd on hosts, with keys of its own, and an ssh that knows them."""

    def __init__(self, hosts, directory):
        self.hosts, self.directory = hosts, pathlib.Path(directory)

    def start(self):
        keys, tools = self.directory / "keys", self.directory / "bin"
        keys.mkdir(parents=True)
        tools.mkdir()
        for name in ("host", "user"):
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", keys / name)
        (keys / "server").write_text(SERVER.format(keys=keys))
        client = "".join(f"Host {host}\n  HostName {self.hosts.address(host)}\n" for host in self.hosts.names)
        (keys / "client").write_text(client + "Host *\n" + CLIENT.format(keys=keys))
        (tools / "ssh").write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {keys}/client "$@"\n')
        (tools / "ssh").chmod(0o755)
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)

    def serve(self, hosts):
        for host in hosts:
            run(*self.hosts.command(host, shutil.which("sshd"), "-f", self.directory / "keys" / "server"))

    def environment(self):
        """A shell of root on the first host, in which nothing of MPI is set."""
        kept = {name: value for name, value in os.environ.items() if not re.match("OMPI_|OMP_|OPENBLAS_", name)}
        return kept | {"PATH": f"{self.directory}/bin:{os.environ['PATH']}"}


class RemoteRun:
    """A run by launch/ssh with two ranks on each of some hosts, under way."""

    def __init__(self, cluster, shells, run_name, hosts):
        self.cluster, self.shells, self.run, self.hosts = cluster, shells, run_name, hosts
        self.log_path = cluster.work.path / f"{run_name}.log"
        self.hostfile = cluster.work.path / f"{run_name}.hosts"
        self.hostfile.write_text("".join(f"{host} slots=2\n" for host in hosts))
        shells.serve(hosts)
        self.process = None

    def start(self, *arguments):
        command = [ROOT / "launch" / "ssh", self.hostfile, "config.json", "--set", f"output_dir={self.run}"]
        words = self.cluster.hosts.command(self.hosts[0], *command, *arguments)
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                words, cwd=self.cluster.work.path, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.shells.environment() | {"PROGRAM": str(self.cluster.work.program)},
            )  # fmt: skip
        return self

    def log(self):
        return self.log_path.read_text(errors="replace")

    def wait_for_steps(self, count=30):
        self.cluster.work.wait_for_steps(self.run, count)
        return self

    def steps(self):
        return self.cluster.work.steps(self.run)

    def end(self, seconds):
        """The status; fails if the run does not end in time."""
        eventually(lambda: self.process.poll() is not None, seconds, f"{self.run} ends")
        return self.process.returncode

    def expect_status(self, status, seconds=90):
        ended = self.end(seconds)
        if ended != status:
            raise Failed(f"{self.run} ended with status {ended}, not {status}:\n{self.log()[-1500:]}")

    def expect_gone(self):
        """Neither ranks nor daemons of MPI are left on the hosts."""
        names = {"ddp-train", "orted", "mpirun"}

        def left():
            return [(host, names & set(self.cluster.hosts.processes(host))) for host in self.hosts]

        try:
            eventually(lambda: not any(found for _, found in left()), 40, f"{self.run} is gone")
        except Failed as failure:
            raise Failed(f"{failure}: {left()}") from None

    def expect_messages(self, *patterns):
        found = errors(self.log())
        if len(found) != len(patterns) or not all(map(re.search, patterns, found)):
            raise Failed(f"the messages are {found}, not {list(patterns)}")
