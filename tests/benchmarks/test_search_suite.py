from pathlib import Path

import numpy as np
import pytest
from rank_bm25 import BM25Okapi

import index.vectors
from benchmarks import search_suite
from benchmarks.corpus import Source, draw_questions, read_source, take_pieces
from benchmarks.peers import as_bm25s, search_bm25s, top_rows
from benchmarks.search_suite import (
    DisagreementError,
    SearchSuite,
    build_both,
    fit_pieces,
    measure_rank_bm25,
    measure_vectors,
    require_same_best,
)
from index.embeddings import load_embedder
from index.terms import split_terms, term_key

from ..fakes import write_static_model

DOCUMENTS = Path(__file__).resolve().parents[2] / "documents"
N_CHUNKS = 40


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_static_model(tmp_path_factory.mktemp("model")))


@pytest.fixture(scope="module")
def source() -> Source:
    return read_source(DOCUMENTS, None, seed=1)


@pytest.fixture(scope="module")
def pieces(source: Source) -> list[str]:
    return take_pieces(source, N_CHUNKS)


def test_bm25s_with_our_matrix_gives_rank_bm25s_scores(tmp_path: Path, pieces: list[str]) -> None:
    bm25 = fit_pieces(pieces, tmp_path / "bm25")
    retriever = as_bm25s(bm25)
    oracle = BM25Okapi([split_terms(piece) for piece in pieces])
    for question in draw_questions(pieces, 15, seed=2):
        terms = split_terms(question)
        expected = oracle.get_scores(terms)
        tokens = [str(term_key(term)) for term in terms]
        np.testing.assert_allclose(retriever.get_scores(tokens), expected, rtol=1e-4, atol=1e-6)
        require_same_best(search_bm25s(retriever, tokens, 10), expected, "x")


def test_a_peer_that_finds_other_things_is_not_compared(
    tmp_path: Path, pieces: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bm25, questions = fit_pieces(pieces, tmp_path / "bm25"), draw_questions(pieces, 5, seed=2)
    measure_rank_bm25(bm25, pieces, questions, 1)
    monkeypatch.setattr(search_suite, "BM25Okapi", lambda texts, **more: BM25Okapi(texts[::-1], **more))
    with pytest.raises(DisagreementError, match="BM25"):
        measure_rank_bm25(bm25, pieces, questions, 1)


def test_recall_tells_what_a_search_by_codes_misses(
    pieces: list[str], model_folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder = load_embedder(model_folder)
    monkeypatch.setattr(index.vectors, "EXACT_LIMIT", 100)
    flat, ours = build_both(embedder, pieces, 400, seed=1)
    assert flat.ntotal == ours.n_rows == 400
    assert not ours.is_exact
    queries = embedder.embed_queries(draw_questions(pieces, 10, seed=3))
    recall, times = measure_vectors(ours, flat, queries, 1)
    assert (recall.what, recall.ours) == ("vectors: recall@10", pytest.approx(100))
    assert times.ours > 0 < times.peer
    monkeypatch.setattr(index.vectors, "_MORE_CANDIDATES", 0)
    monkeypatch.setattr(index.vectors, "_CANDIDATES_PER_RESULT", 1)
    assert next(measure_vectors(ours, flat, queries, 1)).ours < 95


SCORES = np.array([0.5, 0.9, 0.1, 0.9 + 1e-9, *np.zeros(20)])


@pytest.mark.parametrize("best", [[1, 3, 0, 2], [3, 1, 0, 2], [1, 3, 0, 2, 9, 4, 5]])
def test_rows_of_equal_score_may_stand_in_either_order(best: list[int]) -> None:
    require_same_best(np.array(best), SCORES, "x")


@pytest.mark.parametrize("best", [[0, 1, 3, 2], [1, 1, 0, 2], [1, 3, 0, 10], [1, 3, 0], [4, 5]])
def test_other_rows_are_a_disagreement(best: list[int]) -> None:
    with pytest.raises(DisagreementError, match="x: rows"):
        require_same_best(np.array(best), SCORES, "x")


def test_the_best_rows_are_those_of_a_full_sort() -> None:
    scores = np.random.default_rng(0).normal(size=200)
    for top_k in (1, 7, 200, 300):
        assert top_rows(scores, top_k).tolist() == np.argsort(-scores)[:top_k].tolist()


def test_each_search_is_measured_beside_each_peer(
    source: Source, model_folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite = SearchSuite(source, model_folder, seed=1, n_questions=3, n_runs=1)
    rows = list(suite.measure(30))
    assert [(row.what, row.peer_name.split(",")[0], row.unit) for row in rows] == [
        ("keyword search", "bm25s retrieve", "ms"), ("keyword search", "bm25s get_scores", "ms"),
        ("keyword search", "rank_bm25", "ms"),
        ("vectors: recall@10", "FAISS Flat", "%"), ("vector search", "FAISS Flat", "ms"),
    ]  # fmt: skip
    assert all(row.n_chunks == 30 and row.ours > 0 < row.peer for row in rows)
    monkeypatch.setattr(search_suite, "LARGEST_TEXTS", 20)
    monkeypatch.setattr(search_suite, "LARGEST_RANK_BM25", 20)
    larger = list(suite.measure(50))
    assert [(row.n_chunks, row.peer_name.split(",")[0]) for row in larger] == [
        (50, "bm25s retrieve"), (50, "bm25s get_scores"), (50, "FAISS Flat"), (50, "FAISS Flat"),
    ]  # fmt: skip
