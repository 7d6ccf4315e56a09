"""An index beside the usual recipe: build, disk, memory, an edit, opening, hybrid questions at 1 and 8 threads."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from index.store import live_generation, open_index
from rag.engine import Engine

from .corpus import CHUNK_CHARS, Source, draw_questions, take_articles, write_articles
from .measure import LIMIT_S, Measurement, best_of, folder_bytes, percentile_ms
from .peers import open_recipe
from .processes import Cost, run_apart
from .search_suite import TOP_K, best_of_brief

USUAL_RECIPE = "usual recipe (rank_bm25 + FAISS Flat, pickled)"
N_THREADS = (1, 8)


@dataclass(frozen=True, slots=True)
class BuildSuite:
    """What one run of these benchmarks is made with."""

    source: Source
    embedder: str
    seed: int
    n_questions: int
    n_runs: int

    def measure(self, n_chunks: int) -> Iterator[Measurement]:
        """All measurements of one size, each as soon as it is made."""
        with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
            place = Path(name)
            articles = take_articles(self.source, n_chunks)
            write_articles(place / "documents" / "articles.jsonl", articles)
            n_pieces = sum(-(-len(article) // CHUNK_CHARS) for article in articles)
            yield from self._measure_builds(place, articles, n_pieces)
            yield self._measure_opening(place, n_pieces)
            yield from self._measure_questions(place, articles, n_pieces)

    def _measure_builds(self, place: Path, articles: list[str], n_chunks: int) -> Iterator[Measurement]:
        def build(step: str, out: str) -> Cost:
            return run_apart(step, place / "documents", place / out, self.embedder)

        ours = least(lambda attempt: build("build", f"index-{attempt}"), self.n_runs)
        peer = least(lambda attempt: build("recipe", f"recipe-{attempt}"), self.n_runs)
        generation = place / "index-0" / "generations" / live_generation(place / "index-0")
        sizes = folder_bytes(generation) / 1e6, folder_bytes(place / "recipe-0") / 1e6
        yield Measurement("full build", n_chunks, "s", ours.seconds, peer.seconds, USUAL_RECIPE)
        yield Measurement("full build: peak memory", n_chunks, "MB", ours.peak_mb, peer.peak_mb, USUAL_RECIPE)
        yield Measurement("index on disk", n_chunks, "MB", *sizes, USUAL_RECIPE)

        def edit(attempt: int) -> Cost:
            articles[len(articles) // 2] = f"第{attempt}次修改\n{articles[0]}"
            write_articles(place / "documents" / "articles.jsonl", articles)
            return build("build", "index-0")

        edited = least(edit, self.n_runs)
        yield Measurement("one article edited", n_chunks, "s", edited.seconds, ours.seconds, "our own full build")
        yield Measurement(
            "one article edited", n_chunks, "s", edited.seconds, peer.seconds, "usual recipe, built again"
        )
        yield Measurement(
            "one article edited: peak memory", n_chunks, "MB", edited.peak_mb, peer.peak_mb, "usual recipe, built again"
        )

    def _measure_opening(self, place: Path, n_chunks: int) -> Measurement:
        ours = best_of_brief(lambda _: open_index(place / "index-0"), self.n_runs)
        peer = best_of(lambda _: open_recipe(place / "recipe-0"), self.n_runs)
        return Measurement("open an index", n_chunks, "ms", ours * 1e3, peer * 1e3, USUAL_RECIPE)

    def _measure_questions(self, place: Path, articles: Sequence[str], n_chunks: int) -> Iterator[Measurement]:
        engine, recipe = Engine.open(place / "index-0"), open_recipe(place / "recipe-0")
        questions = draw_questions(articles, 20 * self.n_questions, self.seed)

        def ask_ours(question: str) -> object:
            return engine.retrieve(question, TOP_K, "hybrid")

        def ask_peer(question: str) -> object:
            return recipe.search(engine.embedder, question, TOP_K)

        for n_threads in N_THREADS:
            ours = ask_all(ask_ours, questions, n_threads)
            peer = ask_all(ask_peer, questions, n_threads)
            threads = "1 thread" if n_threads == 1 else f"{n_threads} threads"
            for percent in (50, 99):
                pair = percentile_ms(ours, percent), percentile_ms(peer, percent)
                yield Measurement(f"hybrid question, {threads}, p{percent}", n_chunks, "ms", *pair, USUAL_RECIPE)


def least(run: Callable[[int], Cost], n_runs: int) -> Cost:
    """The time of the fastest run and the median of memory; no further run once they took `LIMIT_S` in all."""
    costs: list[Cost] = []
    for attempt in range(n_runs):
        costs.append(run(attempt))
        if sum(cost.seconds for cost in costs) >= LIMIT_S:
            break
    peak_mb = statistics.median(cost.peak_mb for cost in costs)
    return Cost(min(cost.seconds for cost in costs), peak_mb)


def ask_all(ask: Callable[[str], object], questions: Sequence[str], n_threads: int) -> list[float]:
    """Seconds of each question, asked by so many threads at once, after each thread has asked one to get warm.

    No further question is begun once they took `LIMIT_S`.
    """
    deadline = time.perf_counter() + LIMIT_S

    def timed(question: str) -> float | None:
        started = time.perf_counter()
        if started > deadline:
            return None
        ask(question)
        return time.perf_counter() - started

    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(ask, islice(questions, n_threads)))
        return [seconds for seconds in pool.map(timed, questions) if seconds is not None]
