"""What a request passes through before it reaches a route: layers around one ASGI app, the outermost first.

A layer is made of the app inside it. Each does one thing and stands in a module of its own; `web.serving` puts them in
order.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Layer = Callable[[App], App]

LINGER_S = 5.0
"""How long more of a refused request is waited for; nginx's `lingering_timeout`."""
LINGER_WHOLE_S = 30.0
"""How long all of it may take; nginx's `lingering_time`."""
LINGER_BYTES = 64 * 2**20
"""How much of it is thrown away before the connection is closed all the same."""


def stack(app: App, layers: Sequence[Layer]) -> App:
    """The app inside all layers; the first one is outermost: it sees a request first and its answer last."""
    for layer in reversed(layers):
        app = layer(app)
    return app


def header(scope: Scope, name: str) -> str:
    """A request's header (the first of its name), or "" where it has none. `name` in lower case."""
    wanted = name.encode("ascii")
    return next((value.decode("latin-1") for key, value in scope.get("headers", []) if key == wanted), "")


def address(scope: Scope) -> str:
    """Of whom the request comes from: what a trusted proxy says, else the other end of the connection."""
    client = scope.get("client")
    return str(client[0]) if client else ""


async def refuse(
    send: Send, status: HTTPStatus, message: str, headers: Iterable[tuple[str, str]] = (), kind: str = ""
) -> None:
    """Answers with an error in the shape that OpenAI's clients read; others find the text in it, too."""
    await answer(send, status, _error(status, message, kind), headers)


async def refuse_unread(receive: Receive, send: Send, status: HTTPStatus, message: str) -> None:
    """Refuses a request of which more may come, and closes the connection.

    What comes is read on and thrown away, within these three bounds: a connection that is closed with unread bytes is
    reset, and then the other end may lose the answer that it was just sent (RFC 9112, 9.6).
    """
    await answer(send, status, _error(status, message), [("connection", "close")], is_whole=False)
    left = LINGER_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_WHOLE_S):
            while left > 0:
                async with asyncio.timeout(LINGER_S):
                    came = await receive()
                left -= len(came.get("body", b""))
                if not came.get("more_body"):  # the end of it, or of the connection
                    break
    await send({"type": "http.response.body", "body": b""})


def _error(status: HTTPStatus, message: str, kind: str = "") -> dict[str, Any]:
    return {"error": {"message": message, "type": kind or "invalid_request_error", "code": int(status)}}


async def answer(
    send: Send,
    status: HTTPStatus,
    content: Mapping[str, Any],
    headers: Iterable[tuple[str, str]] = (),
    is_whole: bool = True,
) -> None:
    """Answers with JSON. Where `is_whole` is False, the answer stays open until an empty body is sent."""
    body = json.dumps(content, ensure_ascii=False).encode("utf-8")
    fields = [("content-type", "application/json"), ("content-length", str(len(body))), *headers]
    raw = [(name.encode("ascii"), value.encode("latin-1")) for name, value in fields]
    await send({"type": "http.response.start", "status": int(status), "headers": raw})
    await send({"type": "http.response.body", "body": body, "more_body": not is_whole})
