"""Logits as scores and probabilities, rounded as the program rounds them."""

from __future__ import annotations

import math
from typing import Any, Sequence

import numpy as np

# Rows and labels in single precision.
Logits = np.ndarray[Any, np.dtype[np.float32]]


def probability(logit: float) -> float:
    """σ(x) to eight digits after the point."""
    power = math.exp(-abs(logit))
    return math.floor((power if logit < 0 else 1) / (1 + power) * 1e8 + 0.5) / 1e8


def probabilities(logits: Any) -> Any:
    """σ(x) of many numbers in double precision, rounded likewise."""
    powers = np.exp(-np.abs(logits))
    return np.floor(np.where(logits < 0, powers, 1) / (1 + powers) * 1e8 + 0.5) / 1e8


def threshold_logits(thresholds: Sequence[float]) -> Logits:
    """log(t / (1 − t)), rounded to single precision: what logits are compared with."""
    def logit(value: float) -> float:
        if value <= 0 or value >= 1:
            return math.inf if value >= 1 else -math.inf
        return math.log(value) - math.log1p(-value)

    return np.asarray([logit(value) for value in thresholds], dtype=np.float32)
