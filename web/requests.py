"""Each request gets an id, one line in the log, and a place in the figures of HTTP."""

import re
import secrets
import time
from collections.abc import Callable
from contextvars import ContextVar

from .asgi import App, Message, Receive, Scope, Send, header
from .guard import API_PREFIX
from .logs import LOGGER

HEADER = "x-request-id"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
_REQUEST: ContextVar[str] = ContextVar("request", default="")

ROUTES = ("queue/join", "queue/data", "call", "run", "cancel", "heartbeat", "upload")
"""Gradio's routes that are told apart; all others are `page`."""
OWN_ROUTES = ("v1", "healthz", "readyz", "metrics", "login", "logout", "mcp")

ObserveRequest = Callable[[str, int, float], None]
"""Of a request: its route, status and seconds."""


class Requests:
    """ASGI layer: names each request, and says afterwards what came of it."""

    def __init__(self, app: App, observe: ObserveRequest) -> None:
        self._app = app
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = header(scope, HEADER)  # of a proxy; only a label, so that anybody may choose it
        name = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
        _REQUEST.set(name)
        raw = HEADER.encode("ascii"), name.encode("ascii")
        scope["headers"] = [one for one in scope["headers"] if one[0] != raw[0]] + [raw]
        status, started = 500, time.perf_counter()

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), raw]
            await send(message)

        try:
            await self._app(scope, receive, send_named)
        finally:
            seconds, route = time.perf_counter() - started, route_of(scope["path"])
            self._observe(route, status, seconds)
            said = {"method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1000, 1)}
            LOGGER.info("request", extra={"fields": said, "request_id": name})


def request_id() -> str:
    """Of the request that is answered now; "" outside of one."""
    return _REQUEST.get()


def asked_by(name: str) -> None:
    """Says which request a piece of work belongs to that runs outside of it, as Gradio's queue does.

    Any text may come here: a header of a request. It is taken only if it has the form of an id.
    """
    _REQUEST.set(name if _GIVEN.fullmatch(name) else "")


def route_of(path: str) -> str:
    """A path as one of a few names: paths themselves can be anything, and as many as a client likes."""
    if path.startswith(API_PREFIX):
        rest = path.removeprefix(API_PREFIX)
        return next((route for route in ROUTES if rest.startswith(route)), "mcp" if rest.startswith("mcp") else "page")
    first = path.strip("/").split("/")[0]
    return first if first in OWN_ROUTES else "page"
