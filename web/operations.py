"""What a running service tells its owner: which layers and watches an app gets, and what they are given."""

import os
from collections.abc import Mapping
from functools import partial
from typing import Protocol

import gradio as gr

from .asgi import Layer
from .capacity import Places, n_waiting
from .health import Health, OpenEngine, Readiness, index_state
from .logs import LOGGER
from .metrics import CONTENT_TYPE, Metrics
from .requests import Requests
from .types import PageEngine
from .watched import Watched, WatchedEngine

_SECRET_ENDINGS = ("_KEY", "_TOKEN", "_PASSWORD", "_SECRET")


class WatchableEngine(PageEngine, OpenEngine, Protocol):
    """An engine that can be asked and looked into; `rag.Engine` is one."""


class Operations:
    """Of one app."""

    def __init__(self, engine: WatchableEngine, *, shows_metrics: bool = False) -> None:
        """`shows_metrics`: `/metrics` is served, to everybody who reaches the port."""
        self.metrics = Metrics()
        self.engine = WatchedEngine(engine, [self.metrics.note_question, log_question])
        self._state = partial(index_state, engine)
        self._readiness = Readiness(engine)
        self._shows_metrics = shows_metrics

    def layers(self, page: gr.Blocks, places: Places) -> tuple[Layer, ...]:
        """The outermost layers: they see every request, also those that are refused, and need no login."""
        self.metrics.watch_queues({"page": lambda: n_waiting(page), "v1": lambda: places.n_waiting})
        self.metrics.watch_index(self._state)
        figures = (lambda: (self.metrics.text(), CONTENT_TYPE)) if self._shows_metrics else None
        return (
            partial(Requests, observe=self.metrics.note_request),
            partial(Health, readiness=self._readiness, state=self._state, figures=figures),
        )


def log_question(watched: Watched) -> None:
    """One line for each question; the question itself only where questions are logged."""
    fields = {
        "outcome": watched.outcome,
        "ms": round(watched.seconds * 1000, 1),
        "written_by": "model" if watched.is_written else "quotes",
        **({"error": watched.error} if watched.error else {}),
        "steps_ms": {step: round(ms, 1) for step, ms in watched.timings_ms.items()},
        "question": watched.question,
    }
    LOGGER.info("question", extra={"fields": fields, "request_id": watched.request_id})


def secrets_of(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The values that must appear nowhere: of our own variables that are named like a key, token or password."""
    return [
        value for name, value in environment.items() if name.startswith("WENDA_") and name.endswith(_SECRET_ENDINGS)
    ]
