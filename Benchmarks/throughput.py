"""Training steps of ddp-train against the machine's matrix products, and against the peer.

Everything is measured in one go, the programs in turn, and the median of several runs is printed
with its range, because machines are noisy.
"""

import dataclasses
import pathlib
import statistics
from collections.abc import Iterable

from measure import LIBRARIES, Training, Trial, allocator_note, train, train_peer, try_out
from work import Work, print_table, say, spread


@dataclasses.dataclass
class Result:
    """Runs of one precision on one number of ranks."""

    ranks: int
    precision: str
    trials: list[Trial] = dataclasses.field(default_factory=list)
    plain: list[dict] = dataclasses.field(default_factory=list)
    tuned: list[dict] = dataclasses.field(default_factory=list)
    without_dropout: list[Training] = dataclasses.field(default_factory=list)

    @property
    def trainings(self) -> list[Training]:
        return [trial.training for trial in self.trials]

    @property
    def rates(self) -> list[float]:
        return [training.rate for training in self.trainings]

    def median(self, figure: str) -> float:
        """Of a figure of the trials."""
        return statistics.median(getattr(trial, figure) for trial in self.trials)

    def ratio(self, peers: list[dict]) -> float:
        """To the peer, of the runs that were made one after the other."""
        pairs = zip(self.rates, peers)
        return statistics.median(own / peer["tokens_per_second"] for own, peer in pairs)


def measure(work: Work, ranks: list[int], precisions: list[str], runs: int,
            directory: pathlib.Path, compare: bool = False,
            no_dropout: bool = False) -> list[Result]:  # fmt: skip
    """Runs everything `runs` times, in turn."""
    results = [Result(count, precision) for count in ranks for precision in precisions]
    for number in range(runs):
        for result in results:
            say(f"run {number + 1} of {runs}: {result.precision}, {result.ranks} ranks")
            result.trials.append(try_out(work, result.ranks, result.precision, directory))
            if no_dropout:
                bare = dataclasses.replace(work, dropout=False)
                result.without_dropout.append(train(bare, result.ranks, result.precision, directory))
            for tuned, found in ((False, result.plain), (True, result.tuned)):
                if compare:
                    found.append(train_peer(work, result.ranks, result.precision, tuned, directory))
    return results


def report(work: Work, results: list[Result]) -> None:
    """All tables."""
    for ranks in dict.fromkeys(result.ranks for result in results):
        chosen = [result for result in results if result.ranks == ranks]
        first = chosen[0].trainings[0]
        print(f"\n## {ranks} rank{'s' if ranks > 1 else ''} of one thread: {work.batch} rows a step "
              f"({first.tokens:,.0f} tokens), {first.labels:,} labels, max_length {work.max_length}\n")
        report_ceilings(chosen)
        report_rates(chosen)
        report_times(chosen)
        report_dropout(chosen)
    if any(result.tuned for result in results):
        print(allocator_note())


def report_ceilings(results: list[Result]) -> None:
    for result in results:
        library = statistics.median(trial.ceiling.library for trial in result.trials)
        own = statistics.median(trial.ceiling.own for trial in result.trials)
        print(f"Matrix products alone, {result.precision}, over all ranks: {LIBRARIES[result.precision]} "
              f"{library:,.0f} GFLOP/s, those of ddp-train {own:,.0f}; at "
              f"{result.median('operations') / 1e6:,.1f} MFLOP a token the library's are a ceiling of "
              f"{result.median('library_rate'):,.0f} tokens/s")
    print()


def report_rates(results: list[Result]) -> None:
    rows = []
    for result in results:
        rows.append([f"ddp-train {result.precision}", spread(result.rates),
                     f"{result.median('library_share'):.0f} %", f"{result.median('own_share'):.0f} %", "",
                     memory(training.peak_mb for training in result.trainings)])  # fmt: skip
        for name, found in (("", result.plain), (", tuned", result.tuned)):
            if found:
                rates = [peer["tokens_per_second"] for peer in found]
                share = 100 * statistics.median(rates) / result.median("library_rate")
                rows.append([f"HF + DDP {result.precision}{name}", spread(rates), f"{share:.0f} %", "",
                             f"{result.ratio(found):.2f}", memory(peer["peak_mb"] for peer in found)])
    print_table(["", "tokens/s: median (range)", "of the ceiling", "of its own products alone",
                 "ddp-train is faster by", "peak memory of a rank"], rows)  # fmt: skip


def memory(megabytes: Iterable[float]) -> str:
    return f"{statistics.median(megabytes):,.0f} MB"


def report_times(results: list[Result]) -> None:
    """Where a step of rank 0 spends its time, by activity and by kind of kernel."""
    header = ["rank 0, a step"] + [result.precision for result in results]
    columns = [split(result) for result in results]
    for kind in ("seconds", "kernels"):
        rows = [[name] + [column[kind][name] for column in columns] for name in columns[0][kind]]
        print()
        print_table(header, rows)


def split(result: Result) -> dict[str, dict[str, str]]:
    """Milliseconds and shares, as text."""
    runs = result.trainings

    def mean(part: str, name: str) -> float:
        return statistics.mean(getattr(run, part)[name] for run in runs)

    total = sum(mean("seconds", name) for name in runs[0].seconds)

    def text(seconds: float) -> str:
        return f"{1e3 * seconds:,.1f} ms, {100 * seconds / total:.1f} %"

    kernels = {name: mean("kernels", name) for name in runs[0].kernels}
    outside = total - mean("seconds", "wait") - sum(kernels.values())
    cells = {name: text(value) for name, value in kernels.items()}
    form_operations = result.median("operations") / 3 * runs[0].tokens / result.ranks
    for name in result.trials[0].ceiling.forms:
        alone = statistics.median(trial.ceiling.forms[name] for trial in result.trials)
        inside = form_operations / kernels[name] / 1e9
        cells[name] += f" ({inside:,.0f} of {alone:,.0f} GFLOP/s alone)"
    return {
        "seconds": {name: text(mean("seconds", name)) for name in runs[0].seconds},
        "kernels": cells | {"no kernel, without waiting": text(max(0.0, outside))},
    }


MASKED = ("attention_forward", "attention_backward", "layer_norm", "dropout")
"""The kernels that make masks and use them."""


def report_dropout(results: list[Result]) -> None:
    for result in results:
        if result.without_dropout:
            pairs = list(zip(result.trainings, result.without_dropout))
            whole = statistics.median(1 - own.rate / bare.rate for own, bare in pairs)
            kernels = statistics.median(
                sum(own.kernels[name] - bare.kernels[name] for name in MASKED)
                / sum(own.seconds.values()) for own, bare in pairs)  # fmt: skip
            print(f"\nDropout costs {100 * whole:.1f} % of a step ({result.precision}; the same run without "
                  f"it, in turn); in the kernels that use masks {100 * kernels:.1f} % of a step.")
