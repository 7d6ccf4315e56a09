"""One formula, one function: ranking, citations, refusals, confidence, time, and the bootstrap interval.

A ranking is given as what each hit finds: `found[i]` is the set of gold items (articles, or evidence spans)
that the hit of rank i + 1 finds; `n_gold` is how many there are. An empty ranking scores 0: a question that
found nothing still counts. A share of nothing is None, never 0 or 1.
"""

import math
from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

import numpy as np

from eval.text_metrics import coverage, covers, exact_match_cmrc, f1_cmrc

__all__ = [
    "area_under_risk_coverage",
    "area_under_roc",
    "bootstrap_interval",
    "citation_precision",
    "citation_recall",
    "coverage",
    "covers",
    "exact_match_cmrc",
    "f1",
    "f1_cmrc",
    "mean",
    "ndcg_at_k",
    "overlaps",
    "percentile",
    "recall_at_k",
    "reciprocal_rank",
    "risk_coverage_points",
    "share",
    "success_at_k",
]

T = TypeVar("T")
Found = Sequence[frozenset[Hashable]]
DocSpan = tuple[str, int, int]
"""`(doc_id, start, end)`, half open."""


# Ranking ----------------------------------------------------------------------------------------------------


def success_at_k(found: Found, k: int) -> float:
    """1 if one of the first k hits finds a gold item, else 0. Others call this the hit rate; TREC's word is
    Success."""
    return float(any(found[:k]))


def recall_at_k(found: Found, n_gold: int, k: int) -> float:
    """The share of all gold items that the first k hits find. Not Success: half of two is 0.5."""
    return len(frozenset[Hashable]().union(*found[:k])) / n_gold


def reciprocal_rank(found: Found, k: int = 10) -> float:
    """1 / the 1-based rank of the first hit that finds a gold item, 0 if the first k find none. Its mean is
    MRR@k."""
    return next((1 / rank for rank, items in enumerate(found[:k], start=1) if items), 0.0)


def ndcg_at_k(found: Found, n_gold: int, k: int = 10) -> float:
    """Binary nDCG@k: the sum of 1 / log2(rank + 1) over gold items found, by that of n_gold items on top.

    An item counts where it is first found; a hit that only finds it again counts as not relevant. A hit that
    finds m new items stands for m consecutive ranks, so that the perfect ranking is 1 also where one chunk
    holds two spans.
    """
    gain, rank, seen = 0.0, 0, set[Hashable]()
    for items in found:
        new = items - seen
        seen |= new
        for _ in range(max(1, len(new))):
            rank += 1
            if new and rank <= k:
                gain += 1 / math.log2(rank + 1)
    return gain / sum(1 / math.log2(rank + 1) for rank in range(1, min(n_gold, k) + 1))


# Citations --------------------------------------------------------------------------------------------------


def overlaps(a: DocSpan, b: DocSpan) -> bool:
    """Whether two spans share at least one character of the same document."""
    return a[0] == b[0] and a[1] < b[2] and b[1] < a[2]


def citation_precision(citations: Sequence[Sequence[DocSpan]], gold: Sequence[DocSpan]) -> float:
    """The share of citations that overlap gold evidence; 0 for an answer that cites nothing.

    A citation is one label with all its spans (a sentence that a column cut has several): it counts once.
    """
    if not citations:
        return 0.0
    good = sum(any(overlaps(span, g) for span in spans for g in gold) for spans in citations)
    return good / len(citations)


def citation_recall(citations: Sequence[Sequence[DocSpan]], gold: Sequence[DocSpan]) -> float:
    """The share of gold evidence spans that some citation overlaps."""
    return sum(any(overlaps(span, g) for spans in citations for span in spans) for g in gold) / len(gold)


# Shares and their harmonic mean -----------------------------------------------------------------------------


def mean(values: Sequence[float]) -> float | None:
    """The arithmetic mean; None of nothing."""
    return math.fsum(values) / len(values) if values else None


def share(part: int, whole: int) -> float | None:
    """part / whole; None where there is no whole."""
    return part / whole if whole else None


def f1(n_true_positive: int, n_false_positive: int, n_false_negative: int) -> float | None:
    """The harmonic mean of precision and recall, from counts: 2 TP / (2 TP + FP + FN).

    Who never says yes has no precision, yet an F1 of 0 as soon as there was something to find; None where there was
    not and nothing was said.
    """
    return share(2 * n_true_positive, 2 * n_true_positive + n_false_positive + n_false_negative)


# Confidence -------------------------------------------------------------------------------------------------


def risk_coverage_points(scored: Sequence[tuple[float, bool]]) -> list[tuple[float, float]]:
    """`(coverage, risk)` when only the most confident are answered, one point for each distinct confidence.

    `scored` holds (confidence, right). Coverage: the share answered. Risk: the share of wrong among those
    answered. Equal confidences enter together, so the order of the questions has no influence.
    """
    points: list[tuple[float, float]] = []
    ranked = sorted(scored, key=lambda pair: -pair[0])
    n_wrong = 0
    for n, (confidence, right) in enumerate(ranked, start=1):
        n_wrong += not right
        if n == len(ranked) or ranked[n][0] != confidence:
            points.append((n / len(ranked), n_wrong / n))
    return points


def area_under_risk_coverage(points: Sequence[tuple[float, float]]) -> float | None:
    """The mean risk over coverage 0 to 1 (AURC), lower is better; each risk holds from the point before to
    its own.

    With distinct confidences it is the mean of the n risks, as in Geifman and El-Yaniv (2017).
    """
    if not points:
        return None
    lefts = [0.0, *(coverage for coverage, _ in points[:-1])]
    return math.fsum((x - left) * risk for left, (x, risk) in zip(lefts, points, strict=True))


def area_under_roc(positives: Sequence[float], negatives: Sequence[float]) -> float | None:
    """The probability that a positive scores above a negative, a tie counting one half; None if either is
    empty."""
    if not positives or not negatives:
        return None
    ordered = np.sort(np.asarray(negatives, dtype=np.float64))
    below = np.searchsorted(ordered, positives, side="left")
    not_above = np.searchsorted(ordered, positives, side="right")
    return float((below + not_above).sum()) / (2 * len(positives) * len(negatives))


# Time and doubt ---------------------------------------------------------------------------------------------


def percentile(values: Sequence[float], q: float) -> float | None:
    """The q-th percentile (0 to 100), between two values by linear interpolation; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    at = q / 100 * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (at - low) * (ordered[high] - ordered[low])


def bootstrap_interval(
    rows: Sequence[T],
    statistic: Callable[[Sequence[T]], float | None],
    *,
    n_resamples: int = 1000,
    level: float = 0.95,
    seed: int = 20180911,
) -> tuple[float, float] | None:
    """The percentile bootstrap interval of a statistic over questions: rows are drawn with replacement.

    The same rows and seed give the same digits. Resamples in which the statistic is not defined are left out;
    None where it never is. Source: Efron and Tibshirani (1993), chapter 13.
    """
    if not rows:
        return None
    draws = np.random.Generator(np.random.PCG64(seed)).integers(0, len(rows), size=(n_resamples, len(rows)))
    values = [value for draw in draws.tolist() if (value := statistic([rows[i] for i in draw])) is not None]
    low, high = percentile(values, 50 - 50 * level), percentile(values, 50 + 50 * level)
    return None if low is None or high is None else (low, high)
