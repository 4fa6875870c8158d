"""What scenarios work with: jobs on hosts of their own, and what is expected of them."""

import os
import pathlib
import re
import signal

from hosts import Failed, eventually
from work import errors

SCRIPT = pathlib.Path(__file__).parents[2] / "launch" / "slurm.sbatch"


def expect(condition, what):
    if not condition:
        raise Failed(f"expected: {what}")


class Cluster:
    """Slurm and ssh, the work, and hosts of which each scenario takes its own."""

    def __init__(self, hosts, slurm, shells, work):
        self.hosts, self.slurm, self.shells, self.work = hosts, slurm, shells, work
        self.free = list(hosts.names)

    def take(self, count):
        """Hosts that no other scenario uses."""
        taken, self.free = self.free[:count], self.free[count:]
        expect(len(taken) == count, "there are hosts left")
        return taken

    def job(self, run, hosts, *options, tasks=1, arguments=None, **environment):
        """A job of launch/slurm.sbatch that trains in the directory `run`."""
        sizes = [f"--nodes={len(hosts)}", f"--nodelist={','.join(hosts)}", f"--ntasks-per-node={tasks}"]
        words = arguments or ["config.json", "--set", f"output_dir={run}"]
        environment = {"DDP_TRAIN": self.work.program, "STOP_SECONDS": 2} | environment
        number = self.slurm.submit(SCRIPT, self.work.path, [*sizes, *options], words, **environment)
        return Job(self, number, run, hosts)

    def wrap(self, run, hosts, command, tasks=1):
        """A job that is one line of shell."""
        options = [f"--nodes={len(hosts)}", f"--nodelist={','.join(hosts)}", f"--ntasks-per-node={tasks}"]
        environment = {"OMPI_MCA_orte_execute_quiet": 1, "OPENBLAS_NUM_THREADS": 1}
        number = self.slurm.submit(f"--wrap={command}", self.work.path, options, **environment)
        return Job(self, number, run, hosts)


class Job:
    """A job that was submitted, and the run that it makes."""

    def __init__(self, cluster, number, run, hosts):
        self.cluster, self.number, self.run, self.hosts = cluster, number, run, hosts

    def log(self):
        path = self.cluster.work.path / f"slurm-{self.number}.out"
        return path.read_text(errors="replace") if path.exists() else ""

    def wait_for_steps(self, count=30):
        self.cluster.work.wait_for_steps(self.run, count)
        return self

    def wait_for_log(self, text, seconds=60):
        eventually(lambda: text in self.log(), seconds, f"the log of job {self.number} says '{text}'")

    def ranks(self, host):
        """Process numbers of the host's ranks."""
        return sorted(self.cluster.hosts.processes(host).get("ddp-train", []))

    def signal_ranks(self, number):
        for host in self.hosts:
            for process in self.ranks(host):
                os.kill(process, number)

    def kill_rank(self, host):
        process = self.ranks(host)[0]
        os.kill(process, signal.SIGKILL)
        return process

    def cancel(self, *options):
        self.cluster.slurm.ask("scancel", *options, self.number)

    def expect_end(self, state, seconds=90):
        fields = self.cluster.slurm.wait(self.number, "COMPLETED|FAILED|CANCELLED|TIMEOUT", seconds)
        expect(fields["JobState"] == state, f"job {self.number} is {state}, not {fields['JobState']}")
        return fields

    def expect_messages(self, *patterns):
        """The program's messages are exactly these."""
        found = errors(self.log())
        if len(found) != len(patterns) or not all(map(re.search, patterns, found)):
            raise Failed(f"the messages are {found}, not {list(patterns)}")

    def expect_queued_again(self, reason):
        self.wait_for_log(f"slurm.sbatch: {reason}")

    def expect_same_bits(self):
        """It was queued again, and came to the end that it has without disturbance."""
        fields = self.expect_end("COMPLETED")
        expect(int(fields["Restarts"]) >= 1, f"job {self.number} was started again")
        self.cluster.work.expect_resumed(self.run)
        self.cluster.work.expect_reference(self.run)
