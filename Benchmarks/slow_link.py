"""Training over hosts that a slow link joins: how much of the communication computing hides.

Started by launch/slow-link, which removes the network namespaces that are made here, whatever happens.
The report goes to standard output, in Markdown; progress to standard error.

Each host is a network namespace with one virtual Ethernet port, which leads to a bridge. Both ends of
the port are limited to the same rate, as both directions of a network card are.
"""

import argparse
import dataclasses
import pathlib
import shlex
import tempfile
from collections.abc import Iterator

from measure import Training, train
from work import ENCODER, Work, default_data, print_table, run, say

SUBNET = "10.213.77"
"""Seen inside the namespaces only."""


def ip(*words: object) -> None:
    run(["ip", *words])


class Hosts:
    """Namespaces that play hosts."""

    def __init__(self, name: str, count: int, directory: pathlib.Path) -> None:
        self.names = [f"{name}-{count}-{index}" for index in range(count)]
        self.hub = f"{name}-{count}-hub"
        self.directory = directory
        ip("netns", "add", self.hub)
        ip("-n", self.hub, "link", "add", "bridge", "type", "bridge")
        ip("-n", self.hub, "link", "set", "bridge", "up")
        for index, host in enumerate(self.names):
            ip("netns", "add", host)
            ip("-n", host, "link", "set", "lo", "up")
            ip("-n", self.hub, "link", "add", f"port{index}", "type", "veth",
               "peer", "name", "eth0", "netns", host)  # fmt: skip
            ip("-n", self.hub, "link", "set", f"port{index}", "master", "bridge", "up")
            ip("-n", host, "address", "add", f"{self.address(index)}/24", "dev", "eth0")
            ip("-n", host, "link", "set", "eth0", "up")

    def address(self, index: int) -> str:
        return f"{SUBNET}.{index + 1}"

    def limit(self, mbits: float) -> None:
        """Limits every port, both ways."""
        # A token bucket of 2 ms, and a queue of 20 ms in front of it, as a switch has.
        burst = max(16_000, round(mbits * 1e6 / 8 * 0.002))
        shape = ["root", "tbf", "rate", f"{round(mbits * 1000)}kbit", "burst", burst,
                 "latency", "20ms"]  # fmt: skip
        for index, host in enumerate(self.names):
            run(["tc", "-n", host, "qdisc", "replace", "dev", "eth0", *shape])
            run(["tc", "-n", self.hub, "qdisc", "replace", "dev", f"port{index}", *shape])

    def launcher(self) -> list[str]:
        """mpirun, started on the first host, with one rank on each."""
        agent = self.directory / "agent"
        # In place of ssh: mpirun gives a host and a command for its shell. The host gets a name of its
        # own, because mpirun takes processes of one name for neighbors who share memory.
        cases = "\n".join(f"  {self.address(i)}) ns={name} ;;" for i, name in enumerate(self.names))
        agent.write_text(
            "#!/bin/sh\nwhile :; do case $1 in -*) shift ;; *) break ;; esac; done\n"
            f'host=$1; shift\ncase $host in\n{cases}\n  *) exit 1 ;;\nesac\n{enter("$ns", "$*")}\n'
        )
        agent.chmod(0o755)
        hostfile = self.directory / "hosts"
        lines = [f"{self.address(index)} slots=1\n" for index in range(len(self.names))]
        hostfile.write_text("".join(lines))
        options = {
            "plm_rsh_agent": agent, "plm_rsh_no_tree_spawn": 1, "pml": "ob1", "btl": "tcp,self",
            "btl_tcp_if_include": f"{SUBNET}.0/24", "oob_tcp_if_include": f"{SUBNET}.0/24",
        }  # fmt: skip
        words = ["mpirun", "--hostfile", hostfile, "--map-by", "node"]
        for key, value in options.items():
            words += ["--mca", key, value]
        inside = shlex.join(map(str, words)) + ' "$@"'
        launch = self.directory / "mpirun"
        launch.write_text(f"#!/bin/sh\n{enter(self.names[0], inside)}\n")
        launch.chmod(0o755)
        return [str(launch)]


def enter(namespace: str, line: str) -> str:
    """A line of shell that runs `line` in a namespace under the namespace's name as host name."""
    if line == "$*":
        return f'exec ip netns exec {namespace} unshare --uts sh -c "hostname {namespace}; $*"'
    inside = f"hostname {namespace}; exec {line}"
    return f"exec ip netns exec {namespace} unshare --uts sh -c {shlex.quote(inside)} sh \"$@\""


@dataclasses.dataclass
class Run:
    """One line of the report."""

    ranks: int
    training: Training
    mbits: float | None = None
    """Of the link; None where there is none."""

    @property
    def step(self) -> float:
        return sum(self.training.seconds.values())

    @property
    def alone(self) -> float:
        """Seconds that a step's bytes would take at the link's rate, one direction."""
        return self.training.sent_bytes * 8 / (self.mbits * 1e6)

    def cells(self) -> list[str]:
        def share(seconds: float) -> str:
            return f"{100 * seconds / self.step:.1f} %"

        seconds = self.training.seconds
        link = f"TCP, {self.mbits:,.0f} Mbit/s" if self.mbits else "shared memory"
        alone = [f"{self.alone:.3f} s", share(self.alone)] if self.mbits else ["", ""]
        return [f"{self.ranks} ranks, {link}", f"{self.training.sent_bytes / 1e6:,.1f} MB",
                f"{self.step:.3f} s", *alone, share(seconds["wait"]), share(seconds["progress"]),
                f"{self.training.rate:,.0f}"]  # fmt: skip


HEADER = ["", "sent by rank 0, a step", "step", "the bytes alone", "of the step",
          "exposed: waiting", "moving data between kernels", "tokens/s"]  # fmt: skip


def measure(options: argparse.Namespace, work: Work, count: int,
            directory: pathlib.Path) -> Iterator[Run]:  # fmt: skip
    """A run without a limit, and one over the link."""
    say(f"{count} ranks, shared memory")
    free = Run(count, train(work, count, options.precision, directory))
    yield free
    hosts = Hosts(options.name, count, directory)
    mbits, step = options.rate, free.step
    # A step over the link takes longer than one without, so the rate is corrected once.
    for _ in range(2 if options.share else 1):
        if options.share:
            mbits = free.training.sent_bytes * 8 / (options.share / 100 * step) / 1e6
        say(f"{count} ranks, {mbits:,.0f} Mbit/s")
        hosts.limit(mbits)
        limited = Run(
            count, train(work, count, options.precision, directory, hosts.launcher()), mbits
        )
        step = limited.step
    yield limited


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="launch/slow-link", description=__doc__)
    parser.add_argument("--name", default="ddplink", help=argparse.SUPPRESS)
    parser.add_argument("--hosts", type=int, nargs="+", default=[2, 4], help="one rank on each")
    link = parser.add_mutually_exclusive_group()
    link.add_argument("--rate", type=float, default=1000, help="of the link, in Mbit/s")
    link.add_argument("--share", type=float, metavar="PERCENT",
                      help="chooses the rate at which a step's bytes alone take so much of the step")  # fmt: skip
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--steps", type=int, default=10, help="measured steps of a run")
    parser.add_argument("--model", type=pathlib.Path, default=ENCODER)
    parser.add_argument("--data", type=pathlib.Path, default=default_data())
    parser.add_argument("--batch", type=int, default=32, help="rows of a step, over all ranks")
    parser.add_argument("--microbatches", type=int, help="as many as ranks unless said otherwise")
    parser.add_argument("--max-length", type=int, default=256)
    return parser.parse_args()


def main() -> None:
    options = arguments()
    work = Work(
        data=options.data.resolve(), batch=options.batch, max_length=options.max_length,
        steps=options.steps, model=options.model, microbatches=options.microbatches,
    )  # fmt: skip
    print(f"\n{work.batch} rows a step, max_length {work.max_length}, {options.precision}, one thread a "
          "rank; shares of a step of rank 0\n")
    with tempfile.TemporaryDirectory() as name:
        print_table(HEADER, (line.cells() for count in options.hosts
                             for line in measure(options, work, count, pathlib.Path(name))))


if __name__ == "__main__":
    main()
