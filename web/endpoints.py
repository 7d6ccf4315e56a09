"""ASGI layer: what the named endpoints refuse comes with the status that it has over HTTP.

Gradio answers every error of a handler with 500, and where a question goes into its queue it answers before anything
is looked at.
"""

import re
from http import HTTPStatus

from starlette.requests import Request

from .allowance import Allowance
from .asgi import App, Message, Receive, Scope, Send, refuse
from .guard import API_PREFIX
from .visitors import AnyRequest, scope_of

NAMED = re.compile(rf"{API_PREFIX}(?:run|api|call)/(?:ask|search)/?")
REFUSED = "wenda.refused"
"""The key of a scope under which a handler leaves the status of what it refused, and when to come back (0: never)."""


class Endpoints:
    """Says 429 to who asks too often, and gives Gradio's 500 the status that the handler meant."""

    def __init__(self, app: App, allowance: Allowance) -> None:
        self._app = app
        self._allowance = allowance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        if NAMED.fullmatch(scope["path"]) and (wait_s := self._allowance.wait_s(Request(scope))):
            says = f"Too many questions: ask again in {wait_s} s."
            await refuse(send, HTTPStatus.TOO_MANY_REQUESTS, says, [("retry-after", str(wait_s))], "rate_limit_error")
            return
        refused: list[tuple[HTTPStatus, int]] = []

        async def send_with_status(message: Message) -> None:
            if refused and message["type"] == "http.response.start" and message["status"] == 500:
                status, wait_s = refused[-1]
                again = [(b"retry-after", str(wait_s).encode("ascii"))] if wait_s else []
                message = {**message, "status": int(status), "headers": [*message["headers"], *again]}
            await send(message)

        await self._app({**scope, REFUSED: refused}, receive, send_with_status)


def note_refusal(request: AnyRequest | None, status: HTTPStatus, wait_s: int = 0) -> None:
    """A handler is about to raise: with this status, and for a wait."""
    scope = scope_of(request)
    if scope is not None and REFUSED in scope:
        scope[REFUSED].append((status, wait_s))
