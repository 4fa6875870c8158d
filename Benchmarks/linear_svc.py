#!/usr/bin/env python3
"""scikit-learn's linear support vector machines on data sets of JSON Lines: the bar for every model.

    linear_svc.py FOLDER…          each with train.jsonl, valid.jsonl and test.jsonl

TF-IDF of words and pairs of words, one LinearSVC (C = 1) for each label. The decision values are cut at 0, at
one threshold tuned on the validation rows for micro-F1, and at one tuned for each label's F1, if that is at
least LEAST_F1: thresholds that follow a few hopeless rows would give the label to every row (compare SCutFBR,
Yang 2001). Prints a Markdown table of test figures.
Needs scikit-learn (Tests/Reference/requirements.txt).
"""

import json
import sys
import time

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import MultiLabelBinarizer
from sklearn.svm import LinearSVC


LEAST_F1 = 0.3


def read(folder, part):
    with open(f"{folder}/{part}.jsonl", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    return [row["text"] for row in rows], [row["labels"] for row in rows]


def f1(true_positives, predicted, positives):
    return 2 * true_positives / np.maximum(predicted + positives, 1)


def micro_macro(targets, decisions):
    hits, predicted = (targets & decisions).sum(0), decisions.sum(0)
    positives = targets.sum(0)
    return f1(hits.sum(), predicted.sum(), positives.sum()), f1(hits, predicted, positives).mean()


def best_threshold(scores, targets):
    """The threshold of the highest F1, and that F1; scores and targets are flat."""
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(targets[order])
    values = f1(hits, np.arange(1, len(order) + 1), targets.sum())
    best = values.argmax()
    return scores[order[best]], values[best]


def per_label_thresholds(scores, targets, common):
    thresholds = np.full(scores.shape[1], common)
    for label in np.flatnonzero(targets.any(0)):
        threshold, value = best_threshold(scores[:, label], targets[:, label])
        if value >= LEAST_F1:
            thresholds[label] = threshold
    return thresholds


def figures(folder):
    start = time.perf_counter()
    texts, labels = read(folder, "train")
    binarizer = MultiLabelBinarizer().fit(labels)
    vectorizer = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2)
    model = OneVsRestClassifier(LinearSVC(C=1))
    model.fit(vectorizer.fit_transform(texts), binarizer.transform(labels))
    seconds = time.perf_counter() - start

    scores, targets = {}, {}
    for part in ("valid", "test"):
        texts, labels = read(folder, part)
        known = set(binarizer.classes_)
        labels = [[label for label in row if label in known] for row in labels]
        scores[part] = model.decision_function(vectorizer.transform(texts))
        targets[part] = binarizer.transform(labels).astype(bool)
    common, _ = best_threshold(scores["valid"].ravel(), targets["valid"].ravel())
    thresholds = per_label_thresholds(scores["valid"], targets["valid"], common)
    first = scores["test"].argmax(1)
    precision = targets["test"][np.arange(len(first)), first].mean()
    cuts = [micro_macro(targets["test"], scores["test"] >= cut) for cut in (0, common, thresholds)]
    return [value for pair in cuts for value in pair] + [precision, seconds]


def main():
    print("| data | micro, macro at 0 | at a tuned threshold | per label | P@1 | seconds |")
    print("|" + " --- |" * 6)
    for folder in sys.argv[1:]:
        *values, seconds = figures(folder)
        cells = [f"{value:.3f}" for value in values]
        print(f"| {folder} | {cells[0]}, {cells[1]} | {cells[2]}, {cells[3]} | {cells[4]}, {cells[5]} "
              f"| {cells[6]} | {seconds:.0f} |", flush=True)


if __name__ == "__main__":
    main()
