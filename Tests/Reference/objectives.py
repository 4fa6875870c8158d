"""Makes the fixtures of ObjectivesTests: losses by PyTorch's autograd, metrics by scikit-learn.

    pip install torch scikit-learn
    python Tests/Reference/objectives.py

Everything is computed in double precision from logits that are single-precision numbers.
"""

import json
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from sklearn import metrics

FIXTURES = pathlib.Path(__file__).parent.parent / "ObjectivesTests" / "Fixtures"


# Losses: each takes logits and targets [B, L], positive counts [L] and the number of training
# rows, and returns the loss of every entry with target 1 and 0 apart, before positive weights.


def bce(x, y, count, rows):
    return y * F.softplus(-x), (1 - y) * F.softplus(x)


def focal(x, y, count, rows, gamma=2.0, alpha=0.25):
    p = torch.sigmoid(x)
    a, b = (1.0, 1.0) if alpha < 0 else (alpha, 1 - alpha)
    return a * y * (1 - p) ** gamma * F.softplus(-x), b * (1 - y) * p**gamma * F.softplus(x)


def asymmetric(x, y, count, rows, gamma_neg=4.0, gamma_pos=1.0, clip=0.05, focusing_gradient=0):
    p = torch.sigmoid(x)
    p_negative = (1 - p + clip).clamp(max=1)
    focus_positive = (1 - p) ** gamma_pos
    focus_negative = (1 - p_negative) ** gamma_neg
    if not focusing_gradient:
        focus_positive, focus_negative = focus_positive.detach(), focus_negative.detach()
    return -y * focus_positive * torch.log(p), -(1 - y) * focus_negative * torch.log(p_negative)


def distribution_balanced(
    x, y, count, rows, alpha=0.1, beta=10.0, mu=0.2, kappa=0.05, **options
):
    slope = options.get("lambda", 2.0)
    inverse = 1 / count
    share = inverse / (y * inverse).sum(dim=1, keepdim=True)
    weight = torch.sigmoid(beta * (share - mu)) + alpha
    z = x - torch.log(rows / count - 1) * kappa
    return weight * y * F.softplus(-z), weight / slope * (1 - y) * F.softplus(slope * z)


def class_balanced(x, y, count, rows, beta=0.9999):
    weight = (1 - beta) / (1 - beta**count)
    weight = weight / weight.mean()
    return weight * y * F.softplus(-x), weight * (1 - y) * F.softplus(x)


def logit_adjusted(x, y, count, rows, tau=1.0):
    z = x + tau * torch.log((count + 0.5) / (rows - count + 0.5))
    return y * F.softplus(-z), (1 - y) * F.softplus(z)


def squared_hinge(x, y, count, rows):
    return y * (1 - x).clamp(min=0) ** 2, (1 - y) * (1 + x).clamp(min=0) ** 2


LOSSES = [
    (bce, {}),
    (focal, {}),
    (focal, {"gamma": 1.5, "alpha": -1}),
    (asymmetric, {}),
    (asymmetric, {"focusing_gradient": 1}),
    (asymmetric, {"gamma_neg": 2.5, "gamma_pos": 0, "clip": 0, "focusing_gradient": 1}),
    (distribution_balanced, {}),
    (distribution_balanced, {"alpha": 0.3, "beta": 4, "mu": 0.4, "kappa": 0.2, "lambda": 3}),
    (class_balanced, {}),
    (class_balanced, {"beta": 0.9}),
    (logit_adjusted, {}),
    (logit_adjusted, {"tau": 0.5}),
    (squared_hinge, {}),
]

# The same with smoothed targets: the losses take the soft targets in place of the true ones.
SMOOTHED_LOSSES = [
    (bce, {}, 0.1),
    (focal, {}, 0.3),
    (asymmetric, {"focusing_gradient": 1}, 0.05),
    (logit_adjusted, {}, 0.2),
]


def exact(values):
    """Nested lists of numbers with nine digits, enough for single precision."""
    return [exact(v) if isinstance(v, list) else float(f"{v:.9g}") for v in values]


def losses():
    generator = np.random.default_rng(7)
    rows, labels, training_rows = 5, 21, 1000
    logits = (generator.normal(size=(rows, labels)) * 4).astype(np.float32)
    logits[0, :4] = [30, -30, 12, 0]
    targets = generator.random((rows, labels)) < 0.15
    targets[1] = False
    targets[2, 20] = True
    targets[0, :2] = [False, True]
    count = generator.integers(1, 400, labels)
    weights = generator.uniform(0.5, 30, labels).astype(np.float32)
    cases = []
    y = torch.tensor(targets, dtype=torch.float64)
    prior = torch.tensor(count, dtype=torch.float64) / training_rows
    for loss, options, smoothing in [(*case, 0) for case in LOSSES] + SMOOTHED_LOSSES:
        x = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
        soft = (1 - smoothing) * y + smoothing * prior
        positive, negative = loss(x, soft, torch.tensor(count, dtype=torch.float64),
                                  training_rows, **options)
        row_losses = (torch.tensor(weights, dtype=torch.float64) * positive + negative).sum(dim=1)
        row_losses.sum().backward()
        cases.append({"loss": loss.__name__, "options": options, "smoothing": smoothing,
                      "rowLosses": exact(row_losses.tolist()), "gradients": exact(x.grad.tolist())})
    return {"trainingRows": training_rows, "counts": count.tolist(),
            "weights": exact(weights.tolist()), "logits": exact(logits.tolist()),
            "targets": [np.flatnonzero(row).tolist() for row in targets], "cases": cases}


def masked_losses():
    """Cells of which nobody knows the target: they are taken out of loss and mean."""
    data = losses()
    logits, count = np.array(data["logits"], dtype=np.float32), np.array(data["counts"])
    weights = torch.tensor(data["weights"], dtype=torch.float64)
    generator = np.random.default_rng(13)
    mask = generator.random(logits.shape) < 0.7
    mask[3], mask[4] = False, True
    known_rows = np.minimum(count + generator.integers(1, 500, len(count)), data["trainingRows"])
    targets = np.zeros_like(mask)
    for row, labels in enumerate(data["targets"]):
        targets[row, labels] = True
    targets &= mask
    y, known = torch.tensor(targets, dtype=torch.float64), torch.tensor(mask)
    rows = torch.tensor(known_rows, dtype=torch.float64)
    counts = torch.tensor(count, dtype=torch.float64)
    cases = []
    for loss, options, smoothing in [(*case, 0) for case in LOSSES] + SMOOTHED_LOSSES:
        x = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
        if loss is distribution_balanced and smoothing:
            continue
        soft = (1 - smoothing) * y + smoothing * counts / rows
        positive, negative = loss(x, soft, counts, rows, **options)
        cells = torch.where(known, weights * positive + negative, 0.0)
        mean = cells.sum() / known.sum()
        mean.backward()
        cases.append({"loss": loss.__name__, "options": options, "smoothing": smoothing,
                      "rowLosses": exact(cells.sum(dim=1).tolist()),
                      "gradients": exact(x.grad.tolist()), "mean": exact([mean.item()])[0]})
    # What PyTorch itself makes of the known cells alone.
    x = torch.tensor(logits, dtype=torch.float64)
    plain = F.binary_cross_entropy_with_logits(
        x[known], y[known], pos_weight=weights.expand_as(x)[known])
    assert abs(plain.item() - cases[0]["mean"]) < 1e-8
    return {"trainingRows": data["trainingRows"], "counts": data["counts"],
            "known": known_rows.tolist(), "weights": data["weights"], "logits": data["logits"],
            "targets": [np.flatnonzero(row).tolist() for row in targets],
            "unknown": [np.flatnonzero(~row).tolist() for row in mask], "cases": cases}


def decisions(y, decided):
    result = {"subset_accuracy": metrics.accuracy_score(y, decided),
              "hamming_accuracy": 1 - metrics.hamming_loss(y, decided)}
    functions = {"f1": metrics.f1_score, "precision": metrics.precision_score,
                 "recall": metrics.recall_score}
    supported = np.flatnonzero(y.sum(axis=0))
    for name, function in functions.items():
        for average in ("micro", "macro", "samples"):
            result[f"{average}_{name}"] = function(y, decided, average=average, zero_division=0)
        result[f"macro_{name}_supported"] = function(
            y[:, supported], decided[:, supported], average="macro", zero_division=0)
    result["weighted_f1"] = metrics.f1_score(y, decided, average="weighted", zero_division=0)
    return result


def probabilities(y, x):
    """How good σ(x) is as a probability of y, all entries together: 15 bins of equal width."""
    p, y = 1 / (1 + np.exp(-x.ravel())), y.ravel()
    bins = np.minimum((p * 15).astype(int), 14)
    errors = [abs(p[bins == b].sum() - y[bins == b].sum()) for b in range(15)]
    return {"brier_score_loss": metrics.brier_score_loss(y, p),
            "expected_calibration_error": sum(errors) / len(y)}


def ranking(y, x, count, rows, ks):
    order = np.argsort(-x, axis=1, kind="stable")
    hits = np.take_along_axis(y, order, axis=1)
    gains = 1 + (np.log(rows) - 1) * 2.5**0.55 * (count + 1.5) ** -0.55
    result = {"label_ranking_average_precision":
              metrics.label_ranking_average_precision_score(y, x),
              "coverage_error": metrics.coverage_error(y, x),
              "micro_average_precision": metrics.average_precision_score(y, x, average="micro"),
              "macro_average_precision": metrics.average_precision_score(y, x, average="macro")}
    supported = np.flatnonzero(y.sum(axis=0))
    result["macro_average_precision_supported"] = metrics.average_precision_score(
        y[:, supported], x[:, supported], average="macro")
    for k in ks:
        top = hits[:, :k].sum(axis=1)
        result[f"precision_at_{k}"] = np.mean(top / k)
        result[f"recall_at_{k}"] = np.mean(top / np.maximum(y.sum(axis=1), 1))
        result[f"f1_at_{k}"] = np.mean(2 * top / (k + y.sum(axis=1)))
        result[f"ndcg_at_{k}"] = metrics.ndcg_score(y, x, k=k)
        reached = (hits[:, :k] * gains[order[:, :k]]).sum()
        best = -np.sort(-(y * gains), axis=1)[:, :k].sum()
        result[f"propensity_precision_at_{k}"] = reached / best
    return result


def best_f1(y, x):
    """The largest F1 over all thresholds that are scores."""
    return max(metrics.f1_score(y, x >= t, zero_division=0) for t in np.unique(x))


def mean(values):
    return float(np.mean(list(values)))


def masked_decisions(y, decided, known):
    """Micro over the known cells, macro over labels by their known rows, samples over rows by their
    known labels; rows of which nothing is known do not count."""
    rows = [row for row in range(len(y)) if known[row].any()]
    labels = range(y.shape[1])
    supported = [label for label in labels if y[known[:, label], label].any()]
    result = {"hamming_accuracy": metrics.accuracy_score(y[known], decided[known]),
              "subset_accuracy": mean((y[r] == decided[r])[known[r]].all() for r in rows)}
    functions = {"f1": metrics.f1_score, "precision": metrics.precision_score,
                 "recall": metrics.recall_score}
    for name, function in functions.items():
        def of(y, decided):
            return function(y, decided, zero_division=0) if len(y) else 0.0

        by_label = [of(y[known[:, j], j], decided[known[:, j], j]) for j in labels]
        result[f"micro_{name}"] = of(y[known], decided[known])
        result[f"macro_{name}"] = mean(by_label)
        result[f"macro_{name}_supported"] = mean(by_label[j] for j in supported)
        result[f"samples_{name}"] = mean(of(y[r, known[r]], decided[r, known[r]]) for r in rows)
        if name == "f1":
            support = [y[known[:, j], j].sum() for j in labels]
            result["weighted_f1"] = float(np.average(by_label, weights=support))
    return result


def masked_ranking(y, x, count, training_rows, ks, known):
    """Each row by its known labels alone, as if it had no others."""
    gains = 1 + (np.log(training_rows) - 1) * 2.5**0.55 * (count + 1.5) ** -0.55
    rows = [row for row in range(len(y)) if known[row].any()]
    labels = range(y.shape[1])
    supported = [label for label in labels if y[known[:, label], label].any()]
    precisions = [metrics.average_precision_score(y[known[:, j], j], x[known[:, j], j])
                  if j in supported else 0.0 for j in labels]
    result = {"micro_average_precision": metrics.average_precision_score(y[known], x[known]),
              "macro_average_precision": mean(precisions),
              "macro_average_precision_supported": mean(precisions[j] for j in supported)}

    def by_row(function):
        return mean(function(y[r : r + 1, known[r]], x[r : r + 1, known[r]]) for r in rows)

    result["label_ranking_average_precision"] = by_row(
        metrics.label_ranking_average_precision_score)
    result["coverage_error"] = by_row(metrics.coverage_error)
    for k in ks:
        tops, reached, best = [], 0.0, 0.0
        for r in rows:
            order = np.argsort(-x[r, known[r]], kind="stable")[:k]
            hits, gain = y[r, known[r]], gains[known[r]]
            tops.append((hits[order].sum(), hits.sum()))
            reached += (hits * gain)[order].sum()
            best += -np.sort(-(hits * gain))[:k].sum()
        result[f"precision_at_{k}"] = mean(hit / k for hit, _ in tops)
        result[f"recall_at_{k}"] = mean(hit / max(wanted, 1) for hit, wanted in tops)
        result[f"f1_at_{k}"] = mean(2 * hit / (k + wanted) for hit, wanted in tops)
        result[f"ndcg_at_{k}"] = by_row(lambda y, x: metrics.ndcg_score(y, x, k=k))
        result[f"propensity_precision_at_{k}"] = reached / best
    return {name: float(value) for name, value in result.items()}


def masked_evaluation():
    data = evaluation()
    x, count = np.array(data["logits"]), np.array(data["counts"])
    y = np.zeros(x.shape, dtype=int)
    for row, labels in enumerate(data["targets"]):
        y[row, labels] = 1
    known = np.random.default_rng(17).random(x.shape) < 0.6
    # A label and a row of which nothing is known, a row of which all is, one with two known labels, one
    # that is answered rightly as far as it is known.
    known[:, 4], known[9], known[10], known[11] = False, False, True, False
    known[11, [2, 18]] = True
    known[12] = (y == (x >= 0))[12]
    y[~known] = 0
    thresholds = np.array(data["thresholds"])
    bounds = np.log(thresholds / (1 - thresholds))
    return {"trainingRows": data["trainingRows"], "counts": data["counts"], "topK": data["topK"],
            "logits": data["logits"], "targets": [np.flatnonzero(row).tolist() for row in y],
            "unknown": [np.flatnonzero(~row).tolist() for row in known],
            "thresholds": data["thresholds"],
            "atHalf": masked_decisions(y, (x >= 0).astype(int), known),
            "atThresholds": masked_decisions(y, (x >= bounds).astype(int), known),
            "ranking": masked_ranking(
                y, x, count, data["trainingRows"], data["topK"], known),
            "probabilities": probabilities(y[known], x[known]),
            "bestMicroF1": best_f1(y[known], x[known]),
            "bestLabelF1": [best_f1(y[known[:, j], j], x[known[:, j], j])
                            if y[known[:, j], j].any() else 0.0 for j in range(x.shape[1])]}


def evaluation():
    generator = np.random.default_rng(11)
    rows, labels, training_rows, ks = 60, 19, 5000, [1, 3, 5]
    # Multiples of 2^-4, the coarse bins: average precision is exact. No ties inside a row.
    grid = np.arange(-112, 112) / 16
    x = np.stack([generator.choice(grid, labels, replace=False) for _ in range(rows)])
    prior = np.linspace(-7, 1, labels)
    y = (generator.random((rows, labels)) < 1 / (1 + np.exp(-(x * 0.5 + prior)))).astype(int)
    y[3] = 0
    y[7] = 1
    y[:, 0] = 0
    count = generator.integers(0, 300, labels)
    thresholds = generator.uniform(0.1, 0.9, labels)
    bounds = np.log(thresholds / (1 - thresholds))
    return {"trainingRows": training_rows, "counts": count.tolist(), "topK": ks,
            "logits": x.tolist(), "targets": [np.flatnonzero(row).tolist() for row in y],
            "thresholds": thresholds.tolist(), "atHalf": decisions(y, (x >= 0).astype(int)),
            "atThresholds": decisions(y, (x >= bounds).astype(int)),
            "ranking": ranking(y, x, count, training_rows, ks), "probabilities": probabilities(y, x),
            "bestMicroF1": best_f1(y.ravel(), x.ravel()),
            "bestLabelF1": [best_f1(y[:, j], x[:, j]) if y[:, j].any() else 0.0
                            for j in range(labels)]}


def main():
    fixtures = {"losses": losses(), "metrics": evaluation(), "masked_losses": masked_losses(),
                "masked_metrics": masked_evaluation()}
    for name, fixture in fixtures.items():
        text = json.dumps(fixture, separators=(",", ":")) + "\n"
        (FIXTURES / f"{name}.json").write_text(text)


if __name__ == "__main__":
    main()
