"""Question -> hits: by keywords, by vectors, and by both. The legs are always visible on a hit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.bm25 import best_rows
from index.store import Index
from index.terms import split_terms, term_key

from .clock import Clock
from .fuse import fuse_convex, fuse_reciprocal_ranks, order_by_score
from .query import Query
from .searching.duplicates import N_FOR_DUPLICATES, group_duplicates
from .settings import FusionMethod
from .types import Hit, Mode

Mask = NDArray[np.bool_]
Scores = dict[int, float]
"""Row -> score of one leg, best first."""
_ROWS_PER_BLOCK = 16_384
"""Bounds the memory that the vectors of a large filter take."""


def search_bm25(index: Index, terms: Sequence[str], top_k: int, keep: Mask | None = None) -> list[Hit]:
    """The `top_k` chunks with the highest BM25 scores; chunks that hold none of the terms are no hits.

    `keep` says which rows are searched, shape (n_chunks,); None for all.
    """
    scores = _best(_kept(_bm25_scores(index, terms), keep), top_k)
    hits = [
        _hit(index, row, "bm25", rank, score, bm25=(rank, score), dense=(0, 0.0))
        for rank, (row, score) in enumerate(scores.items(), start=1)
    ]
    return _with_terms(index, terms, hits)


def search_dense(index: Index, query: Query, top_k: int, keep: Mask | None = None) -> list[Hit]:
    """The `top_k` chunks (among those to keep) with the highest cosine to the question."""
    hits = [
        _hit(index, row, "dense", rank, cosine, bm25=(0, 0.0), dense=(rank, cosine))
        for rank, (row, cosine) in enumerate(_dense_scores(index, query, top_k, keep).items(), start=1)
    ]
    return _with_terms(index, query.terms, hits)


@dataclass(frozen=True, slots=True)
class Fusion:
    """How the two legs are made one: RagSettings says what each is."""

    n_candidates: int
    bm25_weight: float
    method: FusionMethod = "convex"
    preference: float = 0.0


def search_hybrid(
    index: Index,
    query: Query,
    top_k: int,
    fusion: Fusion,
    *,
    keep: Mask | None = None,
    prefer: Mask | None = None,
    n_same: int | None = None,
    clock: Clock | None = None,
) -> list[Hit]:
    """Both legs' best candidates, each scored by both legs, by the fusion of their scores (or of their ranks).

    Rows to prefer get the fusion's preference times the highest fused score on top, and bring their own best of the
    keyword leg among the candidates. A hit's rank in a leg is its rank among that leg's candidates; 0 where it is none
    of them. With `n_same` no more than so many hits are of one story. The clock is given the steps `bm25`, `dense` and
    `fuse`.
    """
    clock = clock or Clock()
    with clock.step("bm25"):
        all_bm25 = _kept(_bm25_scores(index, query.terms), keep)
        bm25 = _best(all_bm25, fusion.n_candidates)
        preferred = _best(_kept(all_bm25, prefer), fusion.n_candidates) if prefer is not None else {}
    with clock.step("dense"):
        dense = _dense_scores(index, query, fusion.n_candidates, keep)
    with clock.step("fuse"):
        candidates = list(dict.fromkeys([*bm25, *dense, *preferred]))
        bm25_all = {row: float(all_bm25[row]) for row in candidates}
        dense_all = dense | _cosines(index, query, [row for row in candidates if row not in dense])
        if fusion.method == "convex":
            fused = fuse_convex(bm25_all, dense_all, fusion.bm25_weight)
        else:
            fused = dict.fromkeys(candidates, 0.0) | fuse_reciprocal_ranks([list(bm25), list(dense)])
        if prefer is not None:
            extra = fusion.preference * max(fused.values(), default=0.0)
            fused = {row: score + extra * bool(prefer[row]) for row, score in fused.items()}
        bm25_ranks = {row: rank for rank, row in enumerate(bm25, start=1)}
        dense_ranks = {row: rank for rank, row in enumerate(dense, start=1)}
        n_fetched = top_k if n_same is None else top_k + N_FOR_DUPLICATES
        hits = [
            _hit(
                index,
                row,
                "hybrid",
                rank,
                fused[row],
                bm25=(bm25_ranks.get(row, 0), bm25_all[row]),
                dense=(dense_ranks.get(row, 0), dense_all[row]),
            )
            for rank, row in enumerate(order_by_score(fused)[:n_fetched], start=1)
        ]
        if n_same is not None:
            hits = group_duplicates(hits, top_k, n_same)
        return _with_terms(index, query.terms, hits)


def _kept(scores: NDArray[np.float32], keep: Mask | None) -> NDArray[np.float32]:
    return scores if keep is None else scores * keep


def _dense_scores(index: Index, query: Query, top_k: int, keep: Mask | None) -> Scores:
    if keep is None:
        rows, cosines = index.vectors.search(query.vector, top_k)
        return {int(row): float(cosine) for row, cosine in zip(rows, cosines, strict=True)}
    found: Scores = {}
    kept = np.flatnonzero(keep)
    for start in range(0, len(kept), _ROWS_PER_BLOCK):
        found |= _cosines(index, query, kept[start : start + _ROWS_PER_BLOCK].tolist())
        found = {row: found[row] for row in order_by_score(found)[: max(top_k, 0)]}
    return found


def _cosines(index: Index, query: Query, rows: Sequence[int]) -> Scores:
    cosines = index.vectors.rows(np.array(rows, np.int64)) @ query.vector  # (n_rows,)
    return dict(zip(rows, cosines.tolist(), strict=True))


def _bm25_scores(index: Index, terms: Sequence[str]) -> NDArray[np.float32]:
    return index.bm25.score([term_key(term) for term in terms])


def _best(scores: NDArray[np.float32], top_k: int) -> Scores:
    """The `top_k` rows with the highest positive scores, best first, equal ones by row."""
    rows, found = best_rows(scores, top_k)
    return dict(zip(rows.tolist(), found.tolist(), strict=True))


def _hit(
    index: Index,
    row: int,
    source: Mode,
    rank: int,
    score: float,
    *,
    bm25: tuple[int, float],
    dense: tuple[int, float],
) -> Hit:
    """A hit whose matched terms are still to be found."""
    return Hit(
        chunk=index.chunk(row),
        score=score,
        rank=rank,
        source=source,
        bm25_rank=bm25[0],
        bm25_score=bm25[1],
        dense_rank=dense[0],
        dense_score=dense[1],
    )


def _with_terms(index: Index, terms: Sequence[str], hits: Sequence[Hit]) -> list[Hit]:
    """Hits (and their near duplicates) with the terms that stand in their titles and texts, the rarest first."""
    rarest_first = sorted(set(terms), key=lambda term: (index.bm25.document_frequency(term_key(term)), term))

    def complete(hit: Hit) -> Hit:
        held = set(split_terms(f"{hit.chunk.title}\n{hit.chunk.text}"))
        matched = tuple(term for term in rarest_first if term in held)
        return replace(hit, matched_terms=matched, duplicates=tuple(complete(twin) for twin in hit.duplicates))

    return [complete(hit) for hit in hits]
