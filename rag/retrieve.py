"""Question -> hits: by keywords, by vectors, and by both. The legs are always visible on a hit."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.store import Index
from index.terms import split_terms, term_key

from .clock import Clock
from .fuse import fuse_convex, order_by_score
from .query import Query
from .types import Hit, Mode

Scores = dict[int, float]
"""Row -> score of one leg, best first."""


def search_bm25(index: Index, terms: Sequence[str], top_k: int) -> list[Hit]:
    """The `top_k` chunks with the highest BM25 scores; chunks that hold none of the terms are no hits."""
    scores = _best(_bm25_scores(index, terms), top_k)
    return [
        _hit(index, terms, row, "bm25", rank, score, bm25=(rank, score), dense=(0, 0.0))
        for rank, (row, score) in enumerate(scores.items(), start=1)
    ]


def search_dense(index: Index, query: Query, top_k: int) -> list[Hit]:
    """The `top_k` chunks with the highest cosine to the question."""
    rows, cosines = index.vectors.search(query.vector, top_k)
    return [
        _hit(index, query.terms, int(row), "dense", rank, float(cosine), bm25=(0, 0.0), dense=(rank, float(cosine)))
        for rank, (row, cosine) in enumerate(zip(rows, cosines, strict=True), start=1)
    ]


def search_hybrid(
    index: Index, query: Query, top_k: int, *, n_candidates: int, bm25_weight: float, clock: Clock | None = None
) -> list[Hit]:
    """Both legs' `n_candidates` best, each scored by both legs, by the convex combination of their scores.

    A hit's rank in a leg is its rank among that leg's candidates; 0 where it is none of them. The clock is given the
    steps `bm25`, `dense` and `fuse`.
    """
    clock = clock or Clock()
    with clock.step("bm25"):
        all_bm25 = _bm25_scores(index, query.terms)
        bm25 = _best(all_bm25, n_candidates)
    with clock.step("dense"):
        rows, cosines = index.vectors.search(query.vector, n_candidates)
        dense = {int(row): float(cosine) for row, cosine in zip(rows, cosines, strict=True)}
    with clock.step("fuse"):
        return _fused(index, query, top_k, all_bm25, bm25, dense, bm25_weight)


def _fused(
    index: Index,
    query: Query,
    top_k: int,
    all_bm25: NDArray[np.float32],
    bm25: Scores,
    dense: Scores,
    bm25_weight: float,
) -> list[Hit]:
    candidates = list(dict.fromkeys([*bm25, *dense]))
    missing = [row for row in candidates if row not in dense]
    dense_all = dense | dict(
        zip(missing, (index.vectors.rows(np.array(missing, np.int64)) @ query.vector).tolist(), strict=True)
    )
    bm25_all = {row: float(all_bm25[row]) for row in candidates}
    fused = fuse_convex(bm25_all, dense_all, bm25_weight)
    bm25_ranks = {row: rank for rank, row in enumerate(bm25, start=1)}
    dense_ranks = {row: rank for rank, row in enumerate(dense, start=1)}
    return [
        _hit(
            index,
            query.terms,
            row,
            "hybrid",
            rank,
            fused[row],
            bm25=(bm25_ranks.get(row, 0), bm25_all[row]),
            dense=(dense_ranks.get(row, 0), dense_all[row]),
        )
        for rank, row in enumerate(order_by_score(fused)[:top_k], start=1)
    ]


def _bm25_scores(index: Index, terms: Sequence[str]) -> NDArray[np.float32]:
    return index.bm25.score([term_key(term) for term in terms])


def _best(scores: NDArray[np.float32], top_k: int) -> Scores:
    """The `top_k` rows with the highest positive scores, best first, equal ones by row."""
    if top_k < 1:
        return {}
    found = np.flatnonzero(scores > 0)
    if len(found) > top_k:
        threshold = np.partition(scores[found], len(found) - top_k)[len(found) - top_k]
        found = found[scores[found] >= threshold]
    order = found[np.lexsort((found, -scores[found]))][:top_k]
    return {int(row): float(scores[row]) for row in order}


def _hit(
    index: Index,
    terms: Sequence[str],
    row: int,
    source: Mode,
    rank: int,
    score: float,
    *,
    bm25: tuple[int, float],
    dense: tuple[int, float],
) -> Hit:
    chunk = index.chunk(row)
    held = set(split_terms(f"{chunk.title}\n{chunk.text}"))
    matched = sorted(
        {term for term in terms if term in held},
        key=lambda term: (index.bm25.document_frequency(term_key(term)), term),
    )
    return Hit(
        chunk=chunk,
        score=score,
        rank=rank,
        source=source,
        bm25_rank=bm25[0],
        bm25_score=bm25[1],
        dense_rank=dense[0],
        dense_score=dense[1],
        matched_terms=tuple(matched),
    )
