"""`/healthz`: the process is alive. `/readyz`: it can answer now, with what it answers from. `/metrics`: its figures.

They stand before the login, so that what watches the service needs no account; they hold no text and no name.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool

from index.embeddings import Embedder
from index.errors import UserError
from rag.types import Hit, LanguageModel, Mode

from .asgi import App, Receive, Scope, Send, answer

CHECKED_FOR_S = 1.0
"""How long one check is believed: who asks more often costs nothing."""
_PROBE = "今天有什么消息"


@dataclass(frozen=True, slots=True)
class IndexState:
    """What is answered from."""

    generation: str
    n_documents: int
    n_articles: int
    n_chunks: int
    embedder: str
    model: str
    """The language model that writes; empty where sentences are quoted."""


class OpenEngine(Protocol):
    """What is looked at; `rag.Engine` is one."""

    model: LanguageModel | None

    @property
    def index(self) -> Any: ...

    @property
    def generation(self) -> str: ...

    @property
    def embedder(self) -> Embedder: ...

    def refresh(self) -> bool: ...

    def retrieve(self, question: str, top_k: int = ..., mode: Mode = ...) -> list[Hit]: ...


def index_state(engine: OpenEngine) -> IndexState:
    """Of the generation that is open, whether or not it can still be read."""
    manifest = engine.index.manifest
    return IndexState(
        generation=engine.generation,
        n_documents=manifest["n_documents"],
        n_articles=manifest["n_articles"],
        n_chunks=manifest["n_chunks"],
        embedder=engine.embedder.name,
        model=engine.model.name if engine.model is not None else "",
    )


class Readiness:
    """Whether the engine can answer: its live generation is open, and both legs find something in it."""

    def __init__(self, engine: OpenEngine, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._checked_at = float("-inf")
        self._reason = ""

    def reason(self) -> str:
        """Why it cannot answer, in words for the owner; empty where it can. Raises nothing."""
        if self._clock() - self._checked_at >= CHECKED_FOR_S:
            self._reason = self._check()
            self._checked_at = self._clock()
        return self._reason

    def _check(self) -> str:
        try:
            self._engine.refresh()
            if not self._engine.retrieve(_PROBE, top_k=1, mode="dense"):
                return "the index holds nothing that can be found"
        except UserError as error:
            return str(error)
        except Exception as error:  # whatever a damaged file raises: it is told, and asked again a second later
            return f"the index cannot be read ({type(error).__name__})"
        return ""


class Health:
    """ASGI layer: answers `/healthz`, `/readyz` and, where there are figures, `/metrics`."""

    def __init__(
        self,
        app: App,
        readiness: Readiness,
        state: Callable[[], IndexState],
        figures: Callable[[], tuple[bytes, str]] | None = None,
    ) -> None:
        """`figures`: the text of the metrics and its content type; None: there is no such route."""
        self._app = app
        self._readiness = readiness
        self._state = state
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" and scope["method"] in ("GET", "HEAD") else ""
        if path == "/healthz":
            await answer(send, HTTPStatus.OK, {"status": "alive"})
        elif path == "/readyz":
            await self._ready(send)
        elif path == "/metrics" and self._figures is not None:
            await _send_figures(send, *await run_in_threadpool(self._figures))
        elif path == "/metrics":
            await answer(send, HTTPStatus.NOT_FOUND, {"detail": "Start app.py with --metrics for figures."})
        else:
            await self._app(scope, receive, send)

    async def _ready(self, send: Send) -> None:
        reason = await run_in_threadpool(self._readiness.reason)
        if reason:
            again = [("retry-after", "5")]
            await answer(send, HTTPStatus.SERVICE_UNAVAILABLE, {"status": "not ready", "reason": reason}, again)
        else:
            await answer(send, HTTPStatus.OK, {"status": "ready", **asdict(self._state())})


async def _send_figures(send: Send, text: bytes, content_type: str) -> None:
    headers = [(b"content-type", content_type.encode("ascii")), (b"content-length", str(len(text)).encode("ascii"))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": text})
