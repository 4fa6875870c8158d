"""What 2 to 256 machines would do, from the rate of one and of the link between them.

The model is `step_seconds`; docs/lab/performance.md states its assumptions.
"""

import argparse
import dataclasses
import math
import pathlib
import re

from measure import train
from scale import parameter_count
from work import BUILD, Work, print_table, run

MACHINES = [2**power for power in range(1, 9)]


@dataclasses.dataclass(frozen=True)
class Link:
    """Between any two machines, both ways at once."""

    bytes_per_second: float
    latency: float
    """Seconds of a message without content."""


@dataclasses.dataclass(frozen=True)
class Load:
    """What one machine does, all of its ranks together, and what a model's exchange moves."""

    forward_seconds: float
    """Of a row."""
    backward_seconds: float
    """Of a row, losses included."""
    optimizer_seconds: float
    """Of all parameters."""
    layers: int
    hidden: int
    parameters: int
    vocabulary: int
    touched: float
    """Entries of the vocabulary that the rows of one machine's step touch, for each row of it."""


def touched_rows(load: Load, rows: float) -> float:
    """Expected entries of the vocabulary that `rows` rows touch, words being drawn independently."""
    return load.vocabulary * (1 - math.exp(-rows * load.touched / load.vocabulary))


def left_over(exchange: float, computation: float, layers: int) -> float:
    """Seconds of an exchange that computing does not hide: the lowest layer has nothing below it for its
    gradients to hide behind, nor before it for its parameters."""
    return max(exchange / layers, exchange - computation * (layers - 1) / layers)


def step_seconds(load: Load, link: Link, machines: int, rows: float) -> dict[str, float]:
    """Seconds of a step of `rows` rows on each of `machines` machines, a power of two."""
    rounds = int(math.log2(machines))
    table_bytes = 4 * load.vocabulary * load.hidden
    dense_bytes = 4 * load.parameters - table_bytes
    share = (machines - 1) / machines
    # Layers, embeddings and head travel as buckets of their own.
    messages = (load.layers + 2) * rounds * link.latency
    reduction = dense_bytes * share / link.bytes_per_second + messages
    # In the round in which 2ᵏ machines' touched rows have been added, half of a 2ᵏ-th of the table goes.
    sparse = sum(
        4 * load.hidden * touched_rows(load, rows * 2**k) / 2 ** (k + 1) / link.bytes_per_second
        + 2 * link.latency
        for k in range(rounds)
    )
    gathering = dense_bytes * share / link.bytes_per_second + messages
    # Each machine asks every other one for the words of its next rows.
    fetching = (4 * load.hidden * touched_rows(load, rows) * share / link.bytes_per_second
                + (machines - 1) * link.latency)  # fmt: skip
    forward, backward = rows * load.forward_seconds, rows * load.backward_seconds
    optimizer = load.optimizer_seconds / machines
    exposed = left_over(reduction, backward, load.layers) + sparse + fetching
    exposed += left_over(gathering, forward, load.layers)
    compute = forward + backward + optimizer
    return {"compute": compute, "exposed": exposed, "step": compute + exposed}


def add_arguments(group) -> None:
    """Options of --nodes."""
    group.add_argument("--link-gbits", type=float, nargs="+", default=[1, 10, 100],
                       help="rates of the link to assume, in Gbit/s")  # fmt: skip
    group.add_argument("--latency-us", type=float, default=30, help="of a message, in microseconds")
    group.add_argument("--link-hosts", help="two hosts, host1,host2: measure the link between them")
    group.add_argument("--rows-of-a-machine", type=int, default=32, help="rows a step, weak scaling")
    group.add_argument("--rows-of-a-step", type=int, default=1_024, help="rows a step, strong scaling")


def measured_gbits(hosts: str) -> float:
    """The link's rate as `ddp-train doctor` finds it: its two ranks each send all bytes once."""
    out = run(["mpirun", "--host", hosts, "--map-by", "node", "-n", 2, BUILD / "ddp-train", "doctor"])
    return 8 * float(re.search(r"all-reduce ([\d.]+) GB/s", out).group(1))


def measured_load(work: Work, ranks: int, precision: str, directory: pathlib.Path) -> Load:
    """From a run on this machine."""
    training = train(work, ranks, precision, directory)
    seconds, shape = training.seconds, work.shape
    tokens = training.tokens / work.batch
    # Texts repeat their words: this many of a row's tokens are new to the row.
    return Load(
        forward_seconds=(seconds["data"] + seconds["forward"]) / work.batch,
        backward_seconds=(seconds["loss"] + seconds["backward"]) / work.batch,
        optimizer_seconds=seconds["optimizer"],
        layers=shape["num_hidden_layers"], hidden=shape["hidden_size"],
        parameters=parameter_count(work, training.labels), vocabulary=shape["vocab_size"],
        touched=0.7 * tokens,
    )  # fmt: skip


def measure(work: Work, options: argparse.Namespace, directory: pathlib.Path) -> None:
    """Prints a table for each link."""
    ranks = max(options.ranks)
    precision = (options.precision or ["fp32"])[0]
    load = measured_load(work, ranks, precision, directory)
    rate = 1 / (load.forward_seconds + load.backward_seconds)
    print(f"One machine of {ranks} ranks, {precision}: {rate:,.1f} rows/s without the optimizer, which "
          f"takes {1e3 * load.optimizer_seconds:,.1f} ms; {load.parameters / 1e6:,.1f} M parameters")
    links = [measured_gbits(options.link_hosts)] if options.link_hosts else options.link_gbits
    for gbits in links:
        link = Link(gbits * 1e9 / 8, options.latency_us * 1e-6)
        print(f"\n{gbits:g} Gbit/s, {options.latency_us:g} µs a message\n")
        print_table(
            ["machines", f"step, {options.rows_of_a_machine} rows a machine", "exposed",
             "rows/s", "of ideal", f"step, {options.rows_of_a_step:,} rows in all", "exposed",
             "rows/s", "of ideal"],
            [line(load, link, machines, options) for machines in MACHINES])  # fmt: skip


def line(load: Load, link: Link, machines: int, options: argparse.Namespace) -> list[str]:
    weak, strong = options.rows_of_a_machine, options.rows_of_a_step
    return [str(machines), *cells(load, link, machines, weak),
            *cells(load, link, machines, strong / machines)]  # fmt: skip


def cells(load: Load, link: Link, machines: int, rows: float) -> list[str]:
    """For `rows` rows a machine; ideal is what machines without exchange would do."""
    times = step_seconds(load, link, machines, rows)
    alone = rows * (load.forward_seconds + load.backward_seconds) + load.optimizer_seconds / machines
    return [f"{times['step']:.3f} s", f"{100 * times['exposed'] / times['step']:.0f} %",
            f"{machines * rows / times['step']:,.0f}", f"{100 * alone / times['step']:.0f} %"]  # fmt: skip
