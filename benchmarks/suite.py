"""What is measured, one function a question: build, edit, open, search by keywords, search by vectors.

Before a search is timed, its ten best must be those of its peer. Nothing here asserts a time.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.bm25 import BM25, fit_bm25, open_bm25, save_bm25, stack_counts
from index.build import build_index
from index.embeddings import load_embedder
from index.errors import UserError
from index.settings import IndexSettings
from index.store import live_generation, open_index
from index.terms import count_terms, split_terms, term_key
from index.vectors import build_vectors

from .corpus import Vocabulary, draw_questions, generate_article, write_articles
from .measure import Measurement, best_of, folder_bytes
from .peers import Recipe, build_recipe, open_recipe, search_numpy, top_rows

TOP_K = 10
BRIEF_RUNS, BRIEF_LIMIT_S = 10, 6.0
USUAL_RECIPE = "usual recipe (rank_bm25 + FAISS, pickled)"


class DisagreementError(UserError):
    """Ours and the peer found different things: their times do not compare."""


@dataclass(frozen=True, slots=True)
class Suite:
    """What one run of the benchmarks is made with."""

    vocabulary: Vocabulary
    embedder: str
    """Folder or name, as `python -m index build --embedder` takes it."""
    seed: int
    n_questions: int
    n_runs: int
    """How often each thing is done; the fastest counts."""

    def measure(self, n_articles: int) -> Iterator[Measurement]:
        """All measurements of one size, each as soon as it is made. Raises DisagreementError."""
        with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
            place = Path(name)
            paths = write_articles(place / "documents", self.vocabulary, n_articles, self.seed)
            yield from self._measure_builds(place, paths)
            yield self._measure_opening(place, n_articles)
            recipe = open_recipe(place / "recipe-0")
            questions = draw_questions([text for _, text in recipe.chunks], self.n_questions, self.seed)
            yield measure_keywords(recipe, questions, place / "bm25", n_articles, self.n_runs)
            queries = load_embedder(self.embedder).embed_queries(questions)
            yield measure_vectors(recipe, queries, n_articles, self.n_runs)

    def _measure_builds(self, place: Path, paths: Sequence[Path]) -> Iterator[Measurement]:
        documents, settings = place / "documents", IndexSettings(embedder=self.embedder)
        ours = best_of(lambda i: build_index(documents, place / f"index-{i}", settings), self.n_runs)
        peer = best_of(lambda i: build_recipe(documents, place / f"recipe-{i}", self.embedder), self.n_runs)
        generation = place / "index-0" / "generations" / live_generation(place / "index-0")
        sizes = folder_bytes(generation) / 1e6, folder_bytes(place / "recipe-0") / 1e6
        yield Measurement("full build", len(paths), "s", ours, peer, USUAL_RECIPE)
        yield Measurement("index on disk", len(paths), "MB", *sizes, USUAL_RECIPE)

        def edit(attempt: int) -> None:
            text = generate_article(self.vocabulary, self.seed, len(paths) + attempt)
            paths[len(paths) // 2].write_text(text, encoding="utf-8")

        edited = best_of(lambda _: build_index(documents, place / "index-0", settings), self.n_runs, prepare=edit)
        yield Measurement("one article edited", len(paths), "s", edited, ours, "our own full build")
        yield Measurement("one article edited", len(paths), "s", edited, peer, "usual recipe, built again")

    def _measure_opening(self, place: Path, n_articles: int) -> Measurement:
        ours = best_of_brief(lambda _: open_index(place / "index-0"), self.n_runs)
        peer = best_of_brief(lambda _: open_recipe(place / "recipe-0"), self.n_runs)
        return Measurement("open an index", n_articles, "ms", ours * 1e3, peer * 1e3, USUAL_RECIPE)


def measure_keywords(
    recipe: Recipe, questions: Sequence[str], folder: Path, n_articles: int, n_runs: int
) -> Measurement:
    """Milliseconds to score all pieces for one question; ours is written to `folder` and opened, as in an index."""
    counts = stack_counts([count_terms(text) for _, text in recipe.chunks])
    save_bm25(fit_bm25(counts, k1=recipe.bm25.k1, b=recipe.bm25.b, epsilon=recipe.bm25.epsilon), folder)
    bm25 = open_bm25(folder)
    terms = [split_terms(question) for question in questions]
    for question, of_question in zip(questions, terms, strict=True):
        expected = recipe.bm25.get_scores(of_question)
        require_same_best(top_rows(_score(bm25, of_question), TOP_K), expected, f"BM25 for {question!r}")
    ours = best_of_brief(lambda _: [_score(bm25, of_question) for of_question in terms], n_runs)
    peer = best_of_brief(lambda _: [recipe.bm25.get_scores(of_question) for of_question in terms], n_runs)
    per_question = 1e3 / len(questions)
    return Measurement(
        "keyword search", n_articles, "ms", ours * per_question, peer * per_question, "rank_bm25 get_scores"
    )


def best_of_brief(run: Callable[[int], object], n_runs: int) -> float:
    """`best_of` for what takes milliseconds, which other work on the machine disturbs more: more often."""
    return best_of(run, BRIEF_RUNS * n_runs, limit_s=BRIEF_LIMIT_S)


def _score(bm25: BM25, terms: Sequence[str]) -> NDArray[np.float32]:
    return bm25.score([term_key(term) for term in terms])


def measure_vectors(recipe: Recipe, queries: NDArray[np.float32], n_articles: int, n_runs: int) -> Measurement:
    """Milliseconds to find the ten nearest pieces to one of the queries (n, dim)."""
    rows = recipe.vectors.reconstruct_n(0, recipe.vectors.ntotal)  # (n_chunks, dim)
    index = build_vectors(rows)
    rows = index.rows(np.arange(len(rows)))  # in half precision, as ours stores them
    for i, query in enumerate(queries):
        require_same_best(index.search(query, TOP_K)[0], rows @ query, f"vectors for question {i}")
    ours = best_of_brief(lambda _: [index.search(query, TOP_K) for query in queries], n_runs)
    peer = best_of_brief(lambda _: [search_numpy(rows, query, TOP_K) for query in queries], n_runs)
    per_question = 1e3 / len(queries)
    return Measurement(
        "vector search", n_articles, "ms", ours * per_question, peer * per_question, "numpy dot and full sort"
    )


def require_same_best(found: NDArray[np.int64], scores: NDArray[np.floating], what: str) -> None:
    """Raises DisagreementError unless `found` are the best rows by the peer's scores, in order.

    Compared by score: rows that differ by less than single precision may stand in either order.
    """
    expected = scores[top_rows(scores, TOP_K)]
    if len(set(found.tolist())) != len(expected) or not np.allclose(scores[found], expected, rtol=1e-4, atol=1e-6):
        raise DisagreementError(f"{what}: rows {found.tolist()}, the peer has {top_rows(scores, TOP_K).tolist()}.")
