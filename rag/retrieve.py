"""Question -> hits: by keywords, by vectors, and by both. The legs are always visible on a hit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from index.searchable import Mask, Row, Scores, Searchable, TermScores
from index.terms import term_key, terms_in

from .clock import Clock
from .fuse import fuse_convex, fuse_reciprocal_ranks, order_by_score
from .query import Query, weigh_terms
from .searching.duplicates import N_FOR_DUPLICATES, group_duplicates
from .settings import FusionMethod
from .types import Hit, Mode


def search_bm25(index: Searchable, terms: Sequence[str], top_k: int, keep: Mask | None = None) -> list[Hit]:
    """The `top_k` chunks with the highest BM25 scores; chunks that hold none of the terms are no hits.

    `keep` says which rows are searched, shape (n_places,); None for all.
    """
    scores = index.score_terms(_keys(terms), keep).best(top_k)
    hits = [
        _hit(index, row, "bm25", rank, score, bm25=(rank, score), dense=(0, 0.0))
        for rank, (row, score) in enumerate(scores.items(), start=1)
    ]
    return _with_terms(index, terms, hits)


def search_dense(index: Searchable, query: Query, top_k: int, keep: Mask | None = None) -> list[Hit]:
    """The `top_k` chunks (among those to keep) with the highest cosine to the question."""
    hits = [
        _hit(index, row, "dense", rank, cosine, bm25=(0, 0.0), dense=(rank, cosine))
        for rank, (row, cosine) in enumerate(index.nearest(query.vector, top_k, keep).items(), start=1)
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
    index: Searchable,
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
        terms = _score_spellings(index, query, keep)
        bm25 = terms.best(fusion.n_candidates)
        preferred = terms.best(fusion.n_candidates, prefer) if prefer is not None else {}
    with clock.step("dense"):
        dense = index.nearest(query.vector, fusion.n_candidates, keep)
    with clock.step("fuse"):
        candidates = list(dict.fromkeys([*bm25, *dense, *preferred]))
        bm25_all = terms.of(candidates)
        dense_all = dense | index.cosines(query.vector, [row for row in candidates if row not in dense])
        if fusion.method == "convex":
            fused = fuse_convex(bm25_all, dense_all, fusion.bm25_weight)
        else:
            fused = dict.fromkeys(candidates, 0.0) | fuse_reciprocal_ranks([list(bm25), list(dense)])
        if prefer is not None:
            extra = fusion.preference * max(fused.values(), default=0.0)
            is_preferred = index.rows_in(prefer, candidates)
            fused = {row: score + extra * (row in is_preferred) for row, score in fused.items()}
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


class SpelledScores:
    """The best of a question's BM25 scores in each of its spellings, each times a factor."""

    def __init__(self, spellings: Sequence[tuple[float, TermScores]]) -> None:
        self._spellings = spellings

    def best(self, top_k: int, among: Mask | None = None) -> Scores:
        """As of `TermScores`: what is best in all is among the best in one."""
        rows = dict.fromkeys(row for _, scores in self._spellings for row in scores.best(top_k, among))
        found = self.of(list(rows))
        return {row: found[row] for row in order_by_score(found)[: max(top_k, 0)]}

    def of(self, rows: Sequence[Row]) -> Scores:
        """As of `TermScores`."""
        found: Scores = dict.fromkeys(rows, 0.0)
        for factor, scores in self._spellings:
            for row, score in scores.of(rows).items():
                found[row] = max(found[row], factor * score)
        return found


def _score_spellings(index: Searchable, query: Query, keep: Mask | None) -> TermScores:
    """The question's scores; in each other spelling as if its terms weighed as much as the question's: a name that is
    written out does not count more than its short form."""
    scores = index.score_terms(_keys(query.terms), keep)
    own = _weight(query.terms, query.term_weights)
    weights = [_weight(terms, weigh_terms(index, terms)) for terms in query.spellings]
    others = [
        (own / weight, index.score_terms(_keys(terms), keep))
        for terms, weight in zip(query.spellings, weights, strict=True)
        if weight
    ]
    return SpelledScores([(1.0, scores), *others]) if own and others else scores


def _weight(terms: Sequence[str], weights: Mapping[str, float]) -> float:
    return sum(weights.get(term, 0.0) for term in terms)


def _keys(terms: Sequence[str]) -> list[int]:
    return [term_key(term) for term in terms]


def _hit(
    index: Searchable,
    row: Row,
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


def _with_terms(index: Searchable, terms: Sequence[str], hits: Sequence[Hit]) -> list[Hit]:
    """Hits (and their near duplicates) with the terms that stand in their titles and texts, the rarest first."""
    distinct = sorted(set(terms))
    rarest_first = [term for _, term in sorted(zip(index.document_frequencies(_keys(distinct)), distinct, strict=True))]

    def complete(hit: Hit) -> Hit:
        held = terms_in(f"{hit.chunk.title}\n{hit.chunk.text}", distinct)
        matched = tuple(term for term in rarest_first if term in held)
        return replace(hit, matched_terms=matched, duplicates=tuple(complete(twin) for twin in hit.duplicates))

    return [complete(hit) for hit in hits]
