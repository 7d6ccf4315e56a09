"""ASGI layer: how much a request may bring along, and that Gradio is sent JSON. Uploads are limited by Gradio."""

import json
from http import HTTPStatus
from typing import Any

from .asgi import App, Message, Receive, Scope, Send, header, refuse, refuse_unread
from .guard import API_PREFIX, SAFE_METHODS

MAX_BODY_BYTES = 2**20
JSON = "wenda.json"
"""The key of a scope under which the value of Gradio's JSON stands."""
UPLOAD = f"{API_PREFIX}upload"


class BodyTooLargeError(Exception):
    """More came than may."""


async def read_body(receive: Receive, max_bytes: int) -> bytes:
    """All of a request's body. Raises BodyTooLargeError."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return body
        body += message.get("body", b"")
        if len(body) > max_bytes:
            raise BodyTooLargeError
        if not message.get("more_body"):
            return body


def replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives a body that was read already, and then what else comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again


class Bodies:
    """Refuses bodies over a MiB, and for Gradio what is not JSON: it would answer with a traceback."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS or scope["path"] == UPLOAD:
            await self._app(scope, receive, send)
            return
        try:
            length = header(scope, "content-length")
            if length.isdecimal() and int(length[:20]) > MAX_BODY_BYTES:
                raise BodyTooLargeError
            body = await read_body(receive, MAX_BODY_BYTES)
        except BodyTooLargeError:
            says = f"The body has more than {MAX_BODY_BYTES} bytes: send a shorter one."
            await refuse_unread(receive, send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, says)
            return
        if scope["path"].startswith(API_PREFIX):
            try:
                scope = {**scope, JSON: _parsed(body)}
            except (ValueError, RecursionError) as error:
                await refuse(send, HTTPStatus.BAD_REQUEST, f"The body is not JSON: {error}.")
                return
        await self._app(scope, replayed(body, receive), send)


def _parsed(body: bytes) -> Any:
    """The JSON value as Gradio will read it; None of an empty body. Raises ValueError or RecursionError."""
    return json.loads(body) if body else None
