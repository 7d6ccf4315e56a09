"""The two searches alone, at any size: keywords beside rank_bm25 and bm25s, vectors beside FAISS Flat.

Before a search is timed, its ten best must be those of its peer (for vectors beyond the exact size: their share is
reported as recall). Nothing here asserts a time.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from index.bm25 import BM25, best_rows, fit_bm25, open_bm25, save_postings, save_statistics
from index.embeddings import Embedder, load_embedder
from index.errors import UserError
from index.generation.postings import TermCounts, invert_counts, join_postings
from index.generation.term_counts import count_all_terms
from index.settings import IndexSettings
from index.terms import split_terms, term_key
from index.vectors import VectorBuilder, VectorIndex, open_vectors

from .corpus import Source, draw_questions, perturb_pieces, take_pieces
from .measure import Measurement, best_of
from .peers import as_bm25s, search_bm25s, top_rows

TOP_K = 10
BRIEF_RUNS, BRIEF_LIMIT_S = 10, 6.0
LARGEST_TEXTS = 100_000
"""So many pieces are cut from articles and embedded; a larger corpus repeats and perturbs them and their vectors."""
LARGEST_RANK_BM25 = 100_000
"""Its dictionaries take about 30 GB for a million pieces."""
_NOISE = 0.35
"""Length of what is added to a repeated unit vector: its cosine to itself becomes 0.94."""
_BATCH = 8192


class DisagreementError(UserError):
    """Ours and the peer found different things: their times do not compare."""


@dataclass(frozen=True, slots=True)
class SearchSuite:
    """What one run of these benchmarks is made with."""

    source: Source
    embedder: str
    """Folder or name, as `python -m index build --embedder` takes it."""
    seed: int
    n_questions: int
    n_runs: int
    """How often each thing is done; the fastest counts."""

    def measure(self, n_chunks: int) -> Iterator[Measurement]:
        """All measurements of one size, each as soon as it is made. Raises DisagreementError."""
        pieces = take_pieces(self.source, min(n_chunks, LARGEST_TEXTS))
        questions = draw_questions(pieces, self.n_questions, self.seed)
        with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
            yield from self._measure_keywords(pieces, questions, n_chunks, Path(name))
            yield from self._measure_vectors(pieces, questions, n_chunks, Path(name))

    def _measure_keywords(
        self, pieces: Sequence[str], questions: Sequence[str], n_chunks: int, place: Path
    ) -> Iterator[Measurement]:
        bm25 = fit_pieces(perturb_pieces(pieces, n_chunks, self.seed), place / "bm25")
        yield from measure_bm25s(bm25, questions, self.n_runs)
        if n_chunks <= LARGEST_RANK_BM25:
            yield measure_rank_bm25(bm25, pieces, questions, self.n_runs)

    def _measure_vectors(
        self, pieces: Sequence[str], questions: Sequence[str], n_chunks: int, place: Path
    ) -> Iterator[Measurement]:
        embedder = load_embedder(self.embedder)
        flat, ours = build_both(embedder, pieces, n_chunks, self.seed)
        ours.save(place / "vectors.faiss")
        queries = embedder.embed_queries(questions)
        yield from measure_vectors(open_vectors(place / "vectors.faiss"), flat, queries, self.n_runs)


def fit_pieces(pieces: Iterable[str], folder: Path) -> BM25:
    """BM25 with our settings, counted in batches as a build does, written to a folder and opened."""
    settings, left = IndexSettings(), iter(pieces)
    blocks = []
    while batch := list(islice(left, _BATCH)):
        blocks.append(invert_counts(TermCounts(*count_all_terms(batch))))
    postings = join_postings(blocks)
    blocks.clear()
    bm25 = fit_bm25(postings, k1=settings.bm25_k1, b=settings.bm25_b, epsilon=settings.bm25_epsilon)
    save_statistics(bm25, folder)
    save_postings(postings, folder)
    return open_bm25(folder, [folder])


def measure_bm25s(bm25: BM25, questions: Sequence[str], n_runs: int) -> Iterator[Measurement]:
    """Milliseconds from a question's terms to its ten best rows, beside bm25s with the same matrix.

    Once as it is used (`retrieve`), once with its scores alone and a selection that is faster than its own.
    """
    retriever, top_k = as_bm25s(bm25), min(TOP_K, bm25.n_rows)
    keys = [[term_key(term) for term in split_terms(question)] for question in questions]
    tokens = [[str(key) for key in of_question] for of_question in keys]
    for question, ours, theirs in zip(questions, keys, tokens, strict=True):
        scores = retriever.get_scores(theirs)
        for found in (search_keywords(bm25, ours), search_bm25s(retriever, theirs, top_k)):
            require_same_best(found, scores, f"bm25s for {question!r}")

    def ours_all() -> object:
        return [search_keywords(bm25, of_question) for of_question in keys]

    yield _beside(
        "keyword search", bm25.n_rows, len(questions), n_runs, "bm25s retrieve",
        ours_all, lambda: [search_bm25s(retriever, of_question, top_k) for of_question in tokens],
    )  # fmt: skip
    yield _beside(
        "keyword search", bm25.n_rows, len(questions), n_runs, "bm25s get_scores, argpartition",
        ours_all, lambda: [top_rows(retriever.get_scores(of_question), top_k) for of_question in tokens],
    )  # fmt: skip


def measure_rank_bm25(bm25: BM25, pieces: Sequence[str], questions: Sequence[str], n_runs: int) -> Measurement:
    """The same beside rank_bm25, which is fitted here on the same pieces."""
    settings = IndexSettings()
    oracle = BM25Okapi(
        [split_terms(piece) for piece in pieces], k1=settings.bm25_k1, b=settings.bm25_b, epsilon=settings.bm25_epsilon
    )
    terms = [split_terms(question) for question in questions]
    keys = [[term_key(term) for term in of_question] for of_question in terms]
    for question, ours, theirs in zip(questions, keys, terms, strict=True):
        require_same_best(search_keywords(bm25, ours), oracle.get_scores(theirs), f"BM25 for {question!r}")
    return _beside(
        "keyword search", bm25.n_rows, len(questions), n_runs, "rank_bm25",
        lambda: [search_keywords(bm25, of_question) for of_question in keys],
        lambda: [top_rows(oracle.get_scores(of_question), TOP_K) for of_question in terms],
    )  # fmt: skip


def search_keywords(bm25: BM25, keys: Sequence[int]) -> NDArray[np.int64]:
    """The ten best rows for a question's term keys."""
    return best_rows(bm25.score(keys), TOP_K)[0]


def build_both(
    embedder: Embedder, pieces: Sequence[str], n_chunks: int, seed: int
) -> tuple[faiss.IndexFlat, VectorIndex]:
    """FAISS Flat and ours over the same rows: the pieces' vectors, then these again with noise."""
    rng = np.random.default_rng(seed)
    flat, builder = faiss.IndexFlatIP(embedder.dim), VectorBuilder(embedder.dim)
    base = embedder.embed_passages(pieces)
    for start in range(0, n_chunks, _BATCH):
        numbers = np.arange(start, min(start + _BATCH, n_chunks))
        rows = base[numbers % len(base)]
        again = numbers >= len(base)
        noise = rng.normal(size=(int(again.sum()), embedder.dim)).astype(np.float32)
        rows[again] += noise * np.float32(_NOISE / embedder.dim**0.5)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        flat.add(rows)
        builder.add(rows)
    return flat, builder.finish()


def measure_vectors(
    index: VectorIndex, flat: faiss.IndexFlat, queries: NDArray[np.float32], n_runs: int
) -> Iterator[Measurement]:
    """Milliseconds to find the ten nearest pieces to one of the queries (n, dim), and the share that is right."""
    faiss.omp_set_num_threads(1)  # what ours uses
    top_k = min(TOP_K, index.n_rows)
    cosines, _ = flat.search(queries, top_k)
    found = [index.search(query, top_k)[0] for query in queries]
    recalls = [
        float(np.mean(flat.reconstruct_batch(rows) @ query >= best[-1] - 1e-3))  # half precision moves by so much
        for rows, query, best in zip(found, queries, cosines, strict=True)
    ]
    yield Measurement("vectors: recall@10", index.n_rows, "%", 100 * float(np.mean(recalls)), 100.0, "FAISS Flat")
    yield _beside(
        "vector search", index.n_rows, len(queries), n_runs, "FAISS Flat",
        lambda: [index.search(query, top_k) for query in queries],
        lambda: [flat.search(query[None, :], top_k) for query in queries],
    )  # fmt: skip


def _beside(
    what: str,
    n_chunks: int,
    n_questions: int,
    n_runs: int,
    peer_name: str,
    ours: Callable[[], object],
    peer: Callable[[], object],
) -> Measurement:
    """Milliseconds a question, of the fastest of several rounds over all questions."""
    seconds = [best_of_brief(lambda _, run=run: run(), n_runs) for run in (ours, peer)]
    ours_ms, peer_ms = (1e3 * each / n_questions for each in seconds)
    return Measurement(what, n_chunks, "ms", ours_ms, peer_ms, peer_name)


def best_of_brief(run: Callable[[int], object], n_runs: int) -> float:
    """`best_of` for what takes milliseconds, which other work on the machine disturbs more: more often."""
    return best_of(run, BRIEF_RUNS * n_runs, limit_s=BRIEF_LIMIT_S)


def require_same_best(found: NDArray[np.int64], scores: NDArray[np.floating], what: str) -> None:
    """Raises DisagreementError unless `found` are the best rows by the peer's scores, in order.

    Compared by score: rows that differ by less than single precision may stand in either order. Rows that score zero
    count for nothing: some searches fill up with them.
    """
    found, best = found[scores[found] > 0], top_rows(scores, TOP_K)
    best = best[scores[best] > 0]
    if len(set(found.tolist())) != len(best) or not np.allclose(scores[found], scores[best], rtol=1e-4, atol=1e-6):
        raise DisagreementError(f"{what}: rows {found.tolist()}, the peer has {best.tolist()}.")
