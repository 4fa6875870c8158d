#!/usr/bin/env python3
"""Prints the test figures of a finished run: show_results.py runs/quickstart"""

import json
import os
import sys


def figure(metrics, name):
    """A metric under its plain name or with the prefix of its split."""
    for key in (name, "test_" + name, "eval_" + name):
        if isinstance(metrics.get(key), (int, float)):
            return f"{metrics[key]:.3f}"
    return "–"


def main():
    path = os.path.join(sys.argv[1], "results.json")
    with open(path, encoding="utf-8") as file:
        results = json.load(file)
    metrics = results.get("test")
    if not isinstance(metrics, dict):
        sys.exit(f"{path} has no test figures; does the config name data.test?")
    print("Test figures of the best model   at 0.5   at the threshold tuned on validation")
    for title, name in (("micro-F1", "micro_f1"), ("macro-F1, all labels", "macro_f1"),
                        ("samples-F1", "samples_f1")):
        print(f"  {title:<29}  {figure(metrics, name):>7}   {figure(metrics, name + '_global')}")
    print(f"  {'precision of the first label':<29}  {figure(metrics, 'precision_at_1'):>7}")
    print(f"  {'micro-F1 of the baseline':<29}  {figure(metrics, 'baseline_micro_f1'):>7}")


if __name__ == "__main__":
    main()
