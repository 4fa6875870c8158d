#!/usr/bin/env python3
"""Prints the runs of ./launch/defaults as Markdown: runs_table.py runs/defaults

Two tables for each data set: the test figures of each run, and the validation figures after each epoch.
The last columns of the second say which epoch is the best one by each metric.
"""

import glob
import json
import os
import sys

CHOICES = {"eval_loss": min, "eval_micro_f1_global": max, "eval_macro_f1_global": max}


def main():
    for data in sorted(glob.glob(os.path.join(sys.argv[1], "*", ""))):
        runs = [os.path.dirname(path) for path in sorted(glob.glob(data + "*/results.json"))]
        print(f"## {os.path.basename(os.path.dirname(data))}\n")
        print_results(runs)
        print_epochs([run for run in runs if os.path.exists(f"{run}/metrics.jsonl")])


def print_results(runs):
    print("| run | micro, macro at 0.5 | global | per label | P@1 | best epoch of | minutes |")
    print("|" + " --- |" * 7)
    for run in runs:
        with open(f"{run}/results.json", encoding="utf-8") as file:
            results = json.load(file)
        test = results.get("test") or of_evaluation(results)
        pairs = [pair(test, suffix) for suffix in ("", "_global", "_per_label")]
        epochs, minutes = progress(run, results)
        print(f"| {os.path.basename(run)} | {' | '.join(pairs)} | {test['precision_at_1']:.3f} "
              f"| {epochs} | {minutes} |")
    print()


def of_evaluation(results):
    """What `evaluate` writes, by the names of results.json: an ensemble's thresholds are global ones."""
    return {
        name.removeprefix("eval_").replace("_saved", "_global"): value for name, value in results.items()
    }


def pair(test, suffix):
    values = [test.get(name + suffix) for name in ("micro_f1", "macro_f1")]
    return ", ".join("–" if value is None else f"{value:.3f}" for value in values)


def events(run, kind):
    path = f"{run}/metrics.jsonl"
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return [event for event in map(json.loads, file) if event["event"] == kind]


def progress(run, results):
    """The epoch of the best model of all epochs, and the minutes of the training steps."""
    evaluations = events(run, "eval")
    best = [event["epoch"] for event in evaluations if event["step"] == results.get("best_step")]
    if not best:
        return "–", "–"
    seconds, tokens = 0, 0
    for event in events(run, "train"):
        seconds += (event["tokens"] - tokens) / event["tokens_per_second"]
        tokens = event["tokens"]
    return f"{best[0]:g} of {evaluations[-1]['epoch']:g}", f"{seconds / 60:.1f}"


def print_epochs(runs):
    print("| run | micro, macro on validation after each epoch (global) | best by loss, micro, macro |")
    print("|" + " --- |" * 3)
    for run in runs:
        evaluations = events(run, "eval")
        if len(evaluations) > 1:
            figures = "; ".join(
                f"{event['eval_micro_f1_global']:.3f}, {event['eval_macro_f1_global']:.3f}"
                for event in evaluations)
            best = [choose(evaluations, key=lambda event: event[name])["epoch"]
                    for name, choose in CHOICES.items()]
            print(f"| {os.path.basename(run)} | {figures} | {', '.join(f'{e:g}' for e in best)} |")
    print()


if __name__ == "__main__":
    main()
