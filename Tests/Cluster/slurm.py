"""A Slurm cluster on hosts that one machine plays: slurmctld, a slurmd for each host, and munge."""

import os
import pathlib
import re
import signal
import threading

from hosts import SUBNET, Failed, eventually, run

CONFIGURATION = """\
ClusterName={name}
SlurmctldHost={control}({subnet}.254)
SlurmUser=root
AuthType=auth/munge
CredType=cred/munge
# A job that is queued again may start when the credential of its first start has expired.
AuthInfo=socket={directory}/munge/socket,cred_expire=5
StateSaveLocation={directory}/state
SlurmdSpoolDir={directory}/spool/%n
# Where the PMIx server has its socket: hosts that share a file system must not share it.
TmpFS={directory}/tmp/%n
SlurmctldPidFile={directory}/slurmctld.pid
SlurmdPidFile={directory}/slurmd-%n.pid
SlurmctldLogFile={directory}/log/slurmctld
SlurmdLogFile={directory}/log/%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=100000,batch_sched_delay=0
ReturnToService=2
SlurmdTimeout=6
# An srun that has lost a node ends its step by number after this time and two seconds, which must be before
# the job, queued again, has a step of the same number.
KillWait=2
OverTimeLimit=0
# Hosts may claim more cores than this machine has.
SlurmdParameters=config_overrides
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=low Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1 GraceTime=20
PartitionName=high Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=off
PartitionName=docs Nodes={last} MaxTime=INFINITE State=UP
"""


class Slurm:
    """Slurm on `hosts`, each of which claims to have `cores`."""

    def __init__(self, hosts, directory, cores):
        self.hosts, self.directory, self.cores = hosts, pathlib.Path(directory), cores
        self.lock = threading.Lock()
        # Jobs get the environment of sbatch: nothing in it is to help them that a user has not set.
        unwanted = re.compile("OMPI_|PMIX_|PRTE_|SLURM|OPENBLAS_|OMP_")
        kept = {name: value for name, value in os.environ.items() if not unwanted.match(name)}
        self.environment = kept | {"SLURM_CONF": f"{self.directory}/slurm.conf"}

    def start(self):
        for name in ("state", "log", "spool", "tmp", "munge"):
            (self.directory / name).mkdir(parents=True)
        munge = self.directory / "munge"
        (munge / "key").write_bytes(os.urandom(128))
        (munge / "key").chmod(0o600)
        files = [f"--{what}-file={munge}/{what}" for what in ("key", "pid", "log", "seed")]
        # Sockets in the file system cross namespaces, so one munged serves all hosts.
        run("munged", "--force", f"--socket={munge}/socket", *files)
        lines = [CONFIGURATION.format(name=self.hosts.name, control=self.hosts.control,
                                      subnet=SUBNET, directory=self.directory,
                                      last=",".join(self.hosts.names[-2:]))]  # fmt: skip
        for host in self.hosts.names:
            lines.append(
                f"NodeName={host} NodeAddr={self.hosts.address(host)} CPUs={self.cores} Sockets=1 "
                f"CoresPerSocket={self.cores} ThreadsPerCore=1 RealMemory=1000 State=UNKNOWN\n"
            )
        (self.directory / "slurm.conf").write_text("".join(lines))
        run(*self.hosts.command(self.hosts.control, "slurmctld"), env=self.environment)
        for host in self.hosts.names:
            self.start_node(host)
        idle = f"{len(self.hosts.names)} idle"
        eventually(lambda: idle in self.ask("sinfo", "-h", "-p", "low", "-o", "%D %t", check=False),
                   30, "the nodes are idle")  # fmt: skip

    def start_node(self, host, core=None):
        """Starts the host's slurmd, confined to a core if one is given."""
        for folder in ("spool", "tmp"):
            (self.directory / folder / host).mkdir(exist_ok=True)
        confined = [] if core is None else ["taskset", "-c", core]
        run(*self.hosts.command(host, *confined, "slurmd", "-N", host), env=self.environment)

    def ask(self, *words, check=True):
        """The answer to one of Slurm's commands."""
        command = self.hosts.command(self.hosts.control, *words)
        return run(*command, env=self.environment, check=check).stdout

    def submit(self, script, directory, options=(), arguments=(), **environment):
        """The number of a new job."""
        words = self.hosts.command(self.hosts.control, "sbatch", "--parsable", *options, script, *arguments)
        variables = self.environment | {name: str(value) for name, value in environment.items()}
        answer = run(*words, env=variables, cwd=directory).stdout
        return answer.strip().splitlines()[-1]

    def fields(self, job):
        """What Slurm says of a job."""
        text = self.ask("scontrol", "-o", "show", "job", job, check=False)
        return dict(re.findall(r"(\S+?)=(\S*)", text.splitlines()[0] if text else ""))

    def state(self, job):
        return self.fields(job).get("JobState", "UNKNOWN")

    def wait(self, job, states, seconds):
        """Waits until the job is in one of the states, written `A|B`."""
        wanted, seen = states.split("|"), []

        def reached():
            state = self.state(job)
            if state not in seen[-1:]:
                seen.append(state)
            return state in wanted

        try:
            eventually(reached, seconds, f"job {job} is {states}")
        except Failed as failure:
            raise Failed(f"{failure}; it was {', then '.join(seen)}") from None
        return self.fields(job)

    def stop(self):
        for host in [*self.hosts.names, self.hosts.control]:
            if not pathlib.Path(f"/run/netns/{host}").exists():
                continue
            for name in ("slurmd", "slurmctld"):
                self.hosts.kill(host, name)
        pid = self.directory / "munge" / "pid"
        if pid.exists():
            number = int(pid.read_text())
            os.kill(number, signal.SIGTERM)
            eventually(lambda: not pathlib.Path(f"/proc/{number}").exists(), 10, "munged ends")

