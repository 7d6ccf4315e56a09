"""Question -> hits: by keywords, by vectors, and by both. The legs are always visible on a hit."""

import numpy as np
from numpy.typing import NDArray

from index.embeddings import Embedder
from index.store import Index
from index.terms import split_terms, term_key

from .fuse import fuse_convex, order_by_score
from .question import search_terms
from .types import Hit, Mode

Scores = dict[int, float]
"""Row -> score of one leg, best first."""


def search_bm25(index: Index, question: str, top_k: int) -> list[Hit]:
    """The `top_k` chunks with the highest BM25 scores; chunks that hold no term of the question are no hits."""
    scores = _best(_bm25_scores(index, question), top_k)
    return [
        _hit(index, question, row, "bm25", rank, score, bm25=(rank, score), dense=(0, 0.0))
        for rank, (row, score) in enumerate(scores.items(), start=1)
    ]


def search_dense(index: Index, embedder: Embedder, question: str, top_k: int) -> list[Hit]:
    """The `top_k` chunks with the highest cosine to the question."""
    rows, cosines = index.vectors.search(embedder.embed_queries([question])[0], top_k)
    return [
        _hit(index, question, int(row), "dense", rank, float(cosine), bm25=(0, 0.0), dense=(rank, float(cosine)))
        for rank, (row, cosine) in enumerate(zip(rows, cosines, strict=True), start=1)
    ]


def search_hybrid(
    index: Index, embedder: Embedder, question: str, top_k: int, *, n_candidates: int, bm25_weight: float
) -> list[Hit]:
    """Both legs' `n_candidates` best, each scored by both legs, by the convex combination of their scores.

    A hit's rank in a leg is its rank among that leg's candidates; 0 where it is none of them.
    """
    all_bm25 = _bm25_scores(index, question)
    bm25 = _best(all_bm25, n_candidates)
    query = embedder.embed_queries([question])[0]
    rows, cosines = index.vectors.search(query, n_candidates)
    dense = {int(row): float(cosine) for row, cosine in zip(rows, cosines, strict=True)}
    candidates = list(dict.fromkeys([*bm25, *dense]))
    missing = [row for row in candidates if row not in dense]
    dense_all = dense | dict(
        zip(missing, (index.vectors.rows(np.array(missing, np.int64)) @ query).tolist(), strict=True)
    )
    bm25_all = {row: float(all_bm25[row]) for row in candidates}
    fused = fuse_convex(bm25_all, dense_all, bm25_weight)
    bm25_ranks = {row: rank for rank, row in enumerate(bm25, start=1)}
    dense_ranks = {row: rank for rank, row in enumerate(dense, start=1)}
    return [
        _hit(
            index,
            question,
            row,
            "hybrid",
            rank,
            fused[row],
            bm25=(bm25_ranks.get(row, 0), bm25_all[row]),
            dense=(dense_ranks.get(row, 0), dense_all[row]),
        )
        for rank, row in enumerate(order_by_score(fused)[:top_k], start=1)
    ]


def _bm25_scores(index: Index, question: str) -> NDArray[np.float32]:
    return index.bm25.score([term_key(term) for term in search_terms(question)])


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
    question: str,
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
        {term for term in search_terms(question) if term in held},
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
