#!/usr/bin/env python3
"""Prints the test figures of sweeps as the tables of docs/lab/low-f1-debtags.md: low_f1_table.py SWEEP.json..."""

import json
import sys

COLUMNS = (
    ("micro, macro at 0.5", ("micro_f1", "macro_f1")),
    ("tuned", ("micro_f1_global", "macro_f1_global")),
    ("frequent, medium, rare", ("frequent_f1_global", "medium_f1_global", "rare_f1_global")),
    ("per label", ("micro_f1_per_label", "macro_f1_per_label")),
    ("P@1", ("precision_at_1",)),
)


def main():
    print("| | " + " | ".join(title for title, _ in COLUMNS) + " |")
    print("|" + " --- |" * (len(COLUMNS) + 1))
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            variants = json.load(file)["variants"]
        for variant in variants:
            test = (variant.get("results") or {}).get("test")
            if test:
                print(f"| {name(variant['values'])} | " + " | ".join(cells(test)) + " |")


def name(values):
    """The keys that were varied, without their sections, and their values."""
    return ", ".join(
        f"{key.split('.')[-1]} {value if isinstance(value, str) else json.dumps(value)}"
        for key, value in values.items()
    )


def cells(test):
    for _, names in COLUMNS:
        yield ", ".join(f"{test[name]:.3f}" for name in names)


if __name__ == "__main__":
    main()
