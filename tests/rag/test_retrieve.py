"""Each leg against the obvious slow way, and their combination against the formula."""

import numpy as np
import pytest
from rank_bm25 import BM25Okapi

from index.chunks import split_chunks
from index.embeddings import Embedder
from index.settings import IndexSettings
from index.store import Index
from index.terms import split_terms
from index.types import Chunk
from rag.query import read_query
from rag.question import search_terms
from rag.retrieve import Fusion, search_bm25, search_dense, search_hybrid
from rag.types import Hit

QUESTIONS = [
    "西堠门公铁大桥的主跨是多少米？",
    "中国稀土集团由哪几家企业牵头组建？",
    "东方白鹳为什么选中查干湖？",
    "5G基站有多少个",
    "油田 油田 二氧化碳",
]
NOWHERE = "zzqx vvkw"


def place(hit: Hit) -> tuple[str, int, int]:
    return hit.chunk.doc_id, hit.chunk.start, hit.chunk.end


@pytest.fixture(scope="module")
def chunks(sample: Index) -> list[Chunk]:
    return [sample.chunk(row) for row in range(sample.n_chunks)]


@pytest.fixture(scope="module")
def searched(sample: Index) -> list[str]:
    """What is searched of each chunk, made anew from the documents."""
    made = [
        split_chunks(article, document.text, IndexSettings().max_chunk_chars)
        for article in sample.articles()
        if (document := sample.document(article.doc_id))
    ]
    return [one.search_text for of_article in made for one in of_article]


@pytest.fixture(scope="module")
def okapi(searched: list[str]) -> BM25Okapi:
    defaults = IndexSettings()
    corpus = [split_terms(text) for text in searched]
    return BM25Okapi(corpus, k1=defaults.bm25_k1, b=defaults.bm25_b, epsilon=defaults.bm25_epsilon)


@pytest.mark.parametrize("question", QUESTIONS)
def test_bm25_is_rank_bm25(sample: Index, chunks: list[Chunk], okapi: BM25Okapi, question: str) -> None:
    expected = okapi.get_scores(search_terms(question))
    order = sorted(map(int, np.flatnonzero(expected > 0)), key=lambda row: (-expected[row], row))
    hits = search_bm25(sample, search_terms(question), len(chunks))
    assert len(hits) == len(order) >= 3
    assert [hit.score for hit in hits] == pytest.approx(list(expected[order]), rel=1e-4)
    assert [place(hit) for hit in hits[:5]] == [(c.doc_id, c.start, c.end) for c in (chunks[row] for row in order[:5])]
    for rank, hit in enumerate(hits, start=1):
        assert (hit.rank, hit.bm25_rank, hit.bm25_score, hit.source) == (
            rank,
            rank,
            hit.score,
            "bm25",
        )
        assert (hit.dense_rank, hit.dense_score) == (0, 0.0)


@pytest.mark.parametrize("question", QUESTIONS)
def test_dense_is_the_cosine(
    sample: Index, chunks: list[Chunk], searched: list[str], embedder: Embedder, question: str
) -> None:
    rows = embedder.embed_passages(searched).astype(np.float16).astype(np.float32)  # as they are stored
    cosines = rows @ embedder.embed_queries([question])[0]  # (n_chunks,)
    hits = search_dense(sample, read_query(sample, embedder, question), 10)
    order = np.argsort(-cosines, kind="stable")[:10]
    assert [hit.score for hit in hits] == pytest.approx(cosines[order].tolist(), abs=1e-5)
    assert [place(hit) for hit in hits] == [(c.doc_id, c.start, c.end) for c in (chunks[row] for row in order)]
    for rank, hit in enumerate(hits, start=1):
        assert (hit.rank, hit.dense_rank, hit.dense_score, hit.source) == (
            rank,
            rank,
            hit.score,
            "dense",
        )
        assert (hit.bm25_rank, hit.bm25_score) == (0, 0.0)


@pytest.mark.parametrize("question", [*QUESTIONS, NOWHERE])
@pytest.mark.parametrize("weight", [0.0, 0.35, 0.8, 1.0])
def test_hybrid_is_the_convex_combination_of_both_legs(
    sample: Index, embedder: Embedder, question: str, weight: float
) -> None:
    n = 7
    bm25 = {place(hit): hit for hit in search_bm25(sample, search_terms(question), sample.n_chunks)}
    dense = {place(hit): hit for hit in search_dense(sample, read_query(sample, embedder, question), sample.n_chunks)}
    pool = {p for p, hit in bm25.items() if hit.rank <= n} | {p for p, hit in dense.items() if hit.rank <= n}
    hits = search_hybrid(sample, read_query(sample, embedder, question), 100, Fusion(n, weight))
    assert {place(hit) for hit in hits} == pool
    best_bm25 = max((bm25[p].score for p in pool if p in bm25), default=0.0)
    best_dense = max(dense[p].score for p in pool)
    for rank, hit in enumerate(hits, start=1):
        keywords = bm25[place(hit)].score / best_bm25 if place(hit) in bm25 else 0.0
        cosine = dense[place(hit)].score
        expected = weight * keywords + (1 - weight) * (max(cosine, 0.0) / best_dense if best_dense > 0 else 0.0)
        assert hit.score == pytest.approx(expected, abs=1e-5)
        assert hit.bm25_score == pytest.approx(bm25[place(hit)].score if place(hit) in bm25 else 0.0)
        assert hit.dense_score == pytest.approx(cosine, abs=1e-5)
        bm25_rank = bm25[place(hit)].rank if place(hit) in bm25 else 0
        assert hit.bm25_rank == (bm25_rank if bm25_rank <= n else 0)
        assert hit.dense_rank == (dense[place(hit)].rank if dense[place(hit)].rank <= n else 0)
        assert (hit.rank, hit.source) == (rank, "hybrid")
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_some_hits_are_found_by_one_leg_alone(sample: Index, embedder: Embedder) -> None:
    hits = search_hybrid(sample, read_query(sample, embedder, QUESTIONS[0]), 100, Fusion(5, 0.8))
    assert any(hit.bm25_rank and not hit.dense_rank for hit in hits)
    assert any(hit.dense_rank and not hit.bm25_rank for hit in hits)
    assert {hit.bm25_rank for hit in hits} - {0} == {hit.dense_rank for hit in hits} - {0} == {1, 2, 3, 4, 5}


@pytest.mark.parametrize("question", QUESTIONS)
def test_matched_terms_stand_in_the_chunk_or_its_title_the_rarest_first(
    sample: Index, searched: list[str], embedder: Embedder, question: str
) -> None:
    found = {term: sum(term in split_terms(text) for text in searched) for term in set(search_terms(question))}
    hits = search_hybrid(sample, read_query(sample, embedder, question), 100, Fusion(100, 0.8))
    for hit in hits:
        held = set(split_terms(hit.chunk.title)) | set(split_terms(hit.chunk.text))
        assert set(hit.matched_terms) == held & found.keys()
        assert list(hit.matched_terms) == sorted(hit.matched_terms, key=lambda term: (found[term], term))
        assert hit.bm25_score > 0 or not hit.matched_terms
    assert any(len(hit.matched_terms) > 1 for hit in hits)


@pytest.mark.parametrize("top_k", [1, 3, 10_000])
def test_top_k_cuts_and_never_pads(sample: Index, embedder: Embedder, top_k: int) -> None:
    n = min(top_k, sample.n_chunks)
    everything = search_hybrid(sample, read_query(sample, embedder, QUESTIONS[0]), 10_000, Fusion(10_000, 0.8))
    cut = search_hybrid(sample, read_query(sample, embedder, QUESTIONS[0]), top_k, Fusion(10_000, 0.8))
    assert cut == everything[:n]
    assert len(cut) == n
    assert len(search_dense(sample, read_query(sample, embedder, QUESTIONS[0]), top_k)) == n
    bm25 = search_bm25(sample, search_terms(QUESTIONS[0]), 10_000)
    assert search_bm25(sample, search_terms(QUESTIONS[0]), top_k) == bm25[:top_k]


@pytest.mark.parametrize("top_k", [0, -1])
def test_no_hits_wanted_none_given(sample: Index, embedder: Embedder, top_k: int) -> None:
    assert search_bm25(sample, search_terms(QUESTIONS[0]), top_k) == []
    assert search_dense(sample, read_query(sample, embedder, QUESTIONS[0]), top_k) == []


@pytest.mark.parametrize("question", [NOWHERE, "？！", "😀"])
def test_where_no_term_matches_keywords_find_nothing(sample: Index, embedder: Embedder, question: str) -> None:
    assert search_bm25(sample, search_terms(question), 10) == []
    hits = search_hybrid(sample, read_query(sample, embedder, question), 10, Fusion(10, 0.8))
    assert len(hits) == 10
    assert all(hit.bm25_rank == 0 and hit.bm25_score == 0 and hit.matched_terms == () for hit in hits)
    assert all(np.isfinite(hit.score) for hit in hits)
