"""Ranking and calibration of scores."""

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score


def auc(answerable: Sequence[float], not_answerable: Sequence[float]) -> float:
    """The chance that an answerable question scores above an unanswerable one."""
    labels = [1] * len(answerable) + [0] * len(not_answerable)
    return float(roc_auc_score(labels, [*answerable, *not_answerable]))


def platt(logits: Sequence[float], labels: Sequence[int]) -> tuple[float, float]:
    """Scale and shift such that `sigmoid(scale * logit + shift)` is a probability (Platt 1999)."""
    fitted = LogisticRegression(C=1e6).fit(np.asarray(logits).reshape(-1, 1), labels)
    return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])


def calibration_error(probabilities: Sequence[float], labels: Sequence[int], n_bins: int = 10) -> float:
    """Expected calibration error (Guo et al. 2017): mean distance of probability and frequency, over equal bins."""
    p, right = np.asarray(probabilities), np.asarray(labels)
    bins = np.minimum((p * n_bins).astype(int), n_bins - 1)
    gaps = [abs(p[bins == b].sum() - right[bins == b].sum()) for b in range(n_bins)]
    return float(sum(gaps) / len(p))
