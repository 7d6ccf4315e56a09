"""Fusion of two ranked lists: pure functions from row -> score to row -> fused score."""

from collections.abc import Mapping, Sequence

from index.searchable import Row


def fuse_convex(first: Mapping[Row, float], second: Mapping[Row, float], weight: float) -> dict[Row, float]:
    """`weight * a / max(a) + (1 - weight) * b / max(b)`; a row that a list lacks, or scores below 0, gets 0 of it.

    (Bruch, Gai and Ingber 2023 find a convex combination of normalised scores better than reciprocal ranks.)
    """
    fused: dict[Row, float] = {}
    for scores, share in ((first, weight), (second, 1 - weight)):
        highest = max(scores.values(), default=0.0)
        for row, score in scores.items():
            fused[row] = fused.get(row, 0.0) + (share * max(score, 0.0) / highest if highest > 0 else 0.0)
    return fused


def fuse_reciprocal_ranks(lists: Sequence[Sequence[Row]], k: int = 60) -> dict[Row, float]:
    """`sum over the lists of 1 / (k + rank)`, ranks 1-based (Cormack, Clarke and Buettcher 2009)."""
    fused: dict[Row, float] = {}
    for rows in lists:
        for rank, row in enumerate(rows, start=1):
            fused[row] = fused.get(row, 0.0) + 1 / (k + rank)
    return fused


def order_by_score(scores: Mapping[Row, float]) -> list[Row]:
    """Rows by descending score; equal scores by row, so that the order never depends on chance."""
    return sorted(scores, key=lambda row: (-scores[row], row))
