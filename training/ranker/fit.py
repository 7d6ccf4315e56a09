"""The two fits: a listwise softmax over a question's sentences, and a logistic regression of answer or refusal."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from .examples import OWN, Example

Floats = NDArray[np.float64]
OWN_SHARE = 4
SENTENCE_PENALTY, ANSWER_PENALTY = 3e-3, 3e-2
"""Share of the squared (standardised) weights that is added to the mean loss."""


def fit_sentence(examples: Sequence[Example]) -> Floats:
    """Weights w that maximise the probability `softmax(X w)` of the gold sentences; who has none is passed over."""
    usable = [e for e in examples if e.gold.any()]
    scale = np.concatenate([e.sentences for e in usable]).std(axis=0) + 1e-6
    importance = _importance(usable)

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, gradient = SENTENCE_PENALTY * float(weights @ weights), 2 * SENTENCE_PENALTY * weights
        for example, share in zip(usable, importance, strict=True):
            rows = example.sentences / scale
            scores = rows @ weights
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            inside = shares * example.gold
            held = inside.sum()
            total -= share * float(np.log(held + 1e-12))
            gradient += share * rows.T @ (shares - inside / (held + 1e-12))
        return total, gradient

    return np.asarray(minimize(loss, np.zeros(len(scale)), jac=True, method="L-BFGS-B").x) / scale


def fit_answer(examples: Sequence[Example], sentence: Floats) -> tuple[Floats, float]:
    """Weights and bias of a logistic regression; answerable and not weigh the same in each source."""
    rows = np.array([e.answer_features(sentence) for e in examples])
    labels = np.array([e.answerable for e in examples], dtype=float)
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    standard = np.hstack([(rows - mean) / scale, np.ones((len(rows), 1))])
    importance = np.array(_importance(examples, by_label=True))

    def loss(weights: Floats) -> tuple[float, Floats]:
        margins = standard @ weights
        probabilities = 1 / (1 + np.exp(-margins))
        losses = np.logaddexp(0, margins) - labels * margins
        penalty = np.append(weights[:-1], 0.0)
        gradient = standard.T @ (importance * (probabilities - labels)) + 2 * ANSWER_PENALTY * penalty
        return float(importance @ losses + ANSWER_PENALTY * penalty @ penalty), gradient

    found = np.asarray(minimize(loss, np.zeros(standard.shape[1]), jac=True, method="L-BFGS-B").x)
    weights = found[:-1] / scale
    return weights, float(found[-1] - weights @ mean)


def auc(scores: Floats, labels: NDArray[np.bool_]) -> float:
    """The chance that an answerable question scores higher than one that is not; ties count half."""
    if labels.all() or not labels.any():
        return float("nan")
    ahead = scores[labels][:, None] - scores[~labels][None, :]
    return float((ahead > 0).mean() + 0.5 * (ahead == 0).mean())


def _importance(examples: Sequence[Example], *, by_label: bool = False) -> list[float]:
    """A weight for each example, so that every source (and label) weighs the same however many it has; sums to 1.

    For the answer, where labels count, newspaper questions weigh more: near misses are what a refusal is for.
    """
    groups = [(e.source, e.answerable if by_label else True) for e in examples]
    sizes = Counter(groups)
    raw = [(OWN_SHARE if by_label and source in OWN else 1) / sizes[source, label] for source, label in groups]
    total = sum(raw)
    return [value / total for value in raw]
