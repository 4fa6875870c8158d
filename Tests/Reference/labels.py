"""Compares the table of `ddp-train evaluate --labels` with scikit-learn, from the same model's logits.

    python Tests/Reference/labels.py --labels labels.csv --data rows.jsonl --predictions logits.jsonl

Average precision is that of logits rounded down to 1/16, as docs/reference/outputs.md has it. Ends with status 1
where a figure differs by more than the tolerance.
"""

import argparse
import csv
import json
import sys

import numpy as np
from sklearn import metrics


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("labels", "data", "predictions"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--tolerance", type=float, default=1e-6)
    arguments = parser.parse_args()

    with open(arguments.labels, encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    thresholds = np.array([float(row["threshold"]) for row in table])
    logits = np.array([row["logits"] for row in lines(arguments.predictions)], np.float32)
    rows = [set(row["labels"]) for row in lines(arguments.data)]
    targets = np.array([[name in row for name in (line["label"] for line in table)]
                        for row in rows], int)
    bounds = np.log(thresholds / (1 - thresholds)).astype(np.float32)
    decided = (logits >= bounds).astype(int)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        targets, decided, average=None, zero_division=0)
    confusion = metrics.multilabel_confusion_matrix(targets, decided)
    rounded = np.floor(logits * 16) / 16
    averages = [metrics.average_precision_score(targets[:, label], rounded[:, label])
                if support[label] else 0 for label in range(len(table))]
    expected = {"positives": support, "tp": confusion[:, 1, 1], "fp": confusion[:, 0, 1],
                "fn": confusion[:, 1, 0], "precision": precision, "recall": recall, "f1": f1,
                "average_precision": averages}
    failed = False
    for name, values in expected.items():
        worst = np.abs([float(row[name]) for row in table] - np.asarray(values)).max()
        if not worst <= arguments.tolerance:
            print(f"{name}: differs by {worst}", file=sys.stderr)
            failed = True
    sys.exit(failed)


if __name__ == "__main__":
    main()
