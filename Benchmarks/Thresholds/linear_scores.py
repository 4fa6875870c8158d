"""Scores of a linear one-vs-rest classifier, to compare ways of tuning thresholds on them.

    .venv/bin/python Benchmarks/Thresholds/linear_scores.py data/debtags1500 scores.safetensors
    .build/release/threshold-comparison scores.safetensors

TF-IDF of words and pairs of words (sublinear), LinearSVC with its defaults. The file holds, for
validation and test, `<part>.logits` [N, L] (the margin times 8, so that the bins in which thresholds
are tuned, 1/16 of a logit, are fine against it), `<part>.label_offsets` [N + 1] and
`<part>.labels`, and `training_positives` [L]. It takes some minutes on one core.
"""

import argparse
import json
import pathlib

import numpy as np
from safetensors.numpy import save_file
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

MARGIN_TO_LOGIT = 8


def read(path):
    with open(path, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [row["text"] for row in rows], [set(row["labels"]) for row in rows]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("output")
    arguments = parser.parse_args()

    texts, labels = read(arguments.data / "train.jsonl")
    names = sorted(set().union(*labels))
    index = {name: position for position, name in enumerate(names)}
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32)
    features = vectorizer.fit_transform(texts).astype(np.float64)
    parts = {
        part: read(arguments.data / f"{file}.jsonl")
        for part, file in (("validation", "valid"), ("test", "test"))
    }
    transformed = {part: vectorizer.transform(rows[0]) for part, rows in parts.items()}
    scores = {part: np.empty((len(rows[0]), len(names)), np.float32) for part, rows in parts.items()}
    positives = np.zeros(len(names), np.int64)
    members = [[] for _ in names]
    for row, present in enumerate(labels):
        for name in present:
            members[index[name]].append(row)
    for label, rows in enumerate(members):
        target = np.zeros(len(texts))
        target[rows] = 1
        positives[label] = len(rows)
        model = LinearSVC().fit(features, target)
        for part, values in transformed.items():
            scores[part][:, label] = model.decision_function(values) * MARGIN_TO_LOGIT

    tensors = {"training_positives": positives}
    for part, (_, present) in parts.items():
        rows = [sorted(index[name] for name in row if name in index) for row in present]
        tensors[f"{part}.logits"] = scores[part]
        tensors[f"{part}.labels"] = np.array([label for row in rows for label in row], np.int64)
        tensors[f"{part}.label_offsets"] = np.cumsum([0] + [len(row) for row in rows])
    save_file(tensors, arguments.output)


if __name__ == "__main__":
    main()
