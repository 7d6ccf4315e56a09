"""Figures for Prometheus at `/metrics`: what became of questions, how long each step took, the queue, the index.

No text of a question or document and no name of a user is in them. Each app has a registry of its own.
"""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from .health import IndexState
from .watched import OUTCOMES, Watched

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 120)
BUILD_OUTCOMES = ("built", "refused", "failed")
CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """The figures of one app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._questions = Counter(
            "wenda_questions", "Questions by what became of them.", ["outcome", "written_by"], registry=self.registry
        )
        for outcome in OUTCOMES:
            self._questions.labels(outcome, "quotes")  # it is there, and 0, before the first one
        self._seconds = Histogram(
            "wenda_question_seconds", "From a question to the end of its answer.",
            registry=self.registry, buckets=BUCKETS_S,
        )  # fmt: skip
        self._steps = Histogram(
            "wenda_step_seconds", "Steps of answering, as Answer.timings_ms names them.", ["step"],
            registry=self.registry, buckets=BUCKETS_S,
        )  # fmt: skip
        self._requests = Counter(
            "wenda_http_requests", "HTTP requests by route and status.", ["route", "status"], registry=self.registry
        )
        self._request_seconds = Histogram(
            "wenda_http_request_seconds", "HTTP requests, streams to their end.", ["route"],
            registry=self.registry, buckets=BUCKETS_S,
        )  # fmt: skip
        self._builds = Counter(
            "wenda_builds", "Builds started in the documents tab, by outcome.", ["outcome"], registry=self.registry
        )
        for built in BUILD_OUTCOMES:
            self._builds.labels(built)
        ProcessCollector(registry=self.registry)

    def note_question(self, watched: Watched) -> None:
        """Counts a question."""
        self._questions.labels(watched.outcome, "model" if watched.is_written else "quotes").inc()
        if watched.outcome in ("answered", "refused"):
            self._seconds.observe(watched.seconds)
        for step, ms in watched.timings_ms.items():
            if step != "total":
                self._steps.labels(step).observe(ms / 1000)

    def note_request(self, route: str, status: int, seconds: float) -> None:
        """Counts a request; `route` is one of a few names."""
        self._requests.labels(route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def note_build(self, outcome: str) -> None:
        """Counts a build: one of BUILD_OUTCOMES."""
        self._builds.labels(outcome).inc()

    def watch_queues(self, waiting: Mapping[str, Callable[[], int]]) -> None:
        """Reads at each scrape how many wait: for a place on the page, or over HTTP."""
        gauge = Gauge("wenda_waiting", "Questions that wait for a place.", ["asked_through"], registry=self.registry)
        for name, count in waiting.items():
            gauge.labels(name).set_function(count)

    def watch_index(self, state: Callable[[], IndexState]) -> None:
        """Reads at each scrape which generation is open and what it holds."""
        self.registry.register(_IndexCollector(state))

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self.registry)


class _IndexCollector(Collector):
    def __init__(self, state: Callable[[], IndexState]) -> None:
        self._state = state

    def collect(self) -> Iterator[Metric]:
        state = self._state()
        info = GaugeMetricFamily(
            "wenda_index_info", "The generation of the index that is open.", labels=["generation", "embedder", "model"]
        )
        info.add_metric([state.generation, state.embedder, state.model], 1)
        yield info
        for name, count in (
            ("documents", state.n_documents), ("articles", state.n_articles), ("chunks", state.n_chunks),
        ):  # fmt: skip
            yield GaugeMetricFamily(f"wenda_index_{name}", f"Number of {name} in the open index.", value=count)

    def describe(self) -> list[Metric]:
        return []  # what is registered need not be read once for its names
