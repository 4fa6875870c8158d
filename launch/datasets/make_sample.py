#!/usr/bin/env python3
"""Makes the sample that ships with the project: a seeded random subset of each split of debtags1500.

    make_sample.py --input data/debtags1500 --output configs/debtags/sample

Rows keep their role: those of train come from train, and so on, so the sample's test rows are as foreign
to its training rows as in the whole set. Labels with fewer than 10 positives among the sample's training
rows are taken away everywhere; a row may then have no label.
"""

import argparse
import collections
import json
import os
import random

SEED = 3
ROWS = {"train": 4000, "valid": 600, "test": 600}
MINIMUM_POSITIVES = 10


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--input", default="data/debtags1500")
    parser.add_argument("--output", default="configs/debtags/sample")
    arguments = parser.parse_args()

    sample = {}
    for part, count in ROWS.items():
        with open(os.path.join(arguments.input, part + ".jsonl"), encoding="utf-8") as file:
            rows = [json.loads(line) for line in file]
        chosen = sorted(random.Random(f"{SEED} {part}").sample(range(len(rows)), count))
        sample[part] = [rows[i] for i in chosen]
    positives = collections.Counter(l for row in sample["train"] for l in row["labels"])
    labels = {label for label, count in positives.items() if count >= MINIMUM_POSITIVES}

    os.makedirs(arguments.output, exist_ok=True)
    for part, rows in sample.items():
        path = os.path.join(arguments.output, part + ".jsonl")
        with open(path, "w", encoding="utf-8") as file:
            for row in rows:
                row["labels"] = [label for label in row["labels"] if label in labels]
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
        positives = sum(len(row["labels"]) for row in rows)
        empty = sum(not row["labels"] for row in rows)
        print(f"{path}: {len(rows)} rows, {len(labels)} labels, {positives} labels set, "
              f"{empty} rows without labels, {os.path.getsize(path)} bytes")


if __name__ == "__main__":
    main()
