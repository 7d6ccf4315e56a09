"""ASGI layer: a call of one of Gradio's handlers must name one that is there, with as much data as it takes.

Gradio itself answers what is forged or misspelt with 500 and a traceback in the log. And it would fetch the address in
the place of a file's path, for whoever names one, and keep what comes.
"""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from gradio.block_function import BlockFunction

from .asgi import App, Receive, Scope, Send, refuse
from .bodies import JSON
from .guard import API_PREFIX

CALL = re.compile(rf"{API_PREFIX}(?P<way>queue|run|api|call)/(?P<name>[^/]+)/?")


class Calls:
    """Refuses calls that Gradio would fail on."""

    def __init__(self, app: App, functions: Mapping[int, BlockFunction]) -> None:
        """`functions`: the page's handlers by number."""
        self._app = app
        self._functions = functions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        called = CALL.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        wrong = self._wrong(called["way"], called["name"], scope.get(JSON)) if called is not None else ""
        if names_an_address(scope.get(JSON)):  # of the tools, too
            wrong = "A file is sent, not fetched from an address."
        if wrong:
            await refuse(send, HTTPStatus.UNPROCESSABLE_ENTITY, wrong)
        else:
            await self._app(scope, receive, send)

    def _wrong(self, way: str, name: str, body: Any) -> str:
        """What is wrong with a call, or nothing."""
        if not isinstance(body, dict) or not isinstance(body.get("data"), list):
            return 'The body must be an object with "data": the list of arguments.'
        number = body.get("fn_index")
        if number is None:
            function = next((one for one in self._functions.values() if one.api_name == name), None)
        else:
            function = self._functions.get(number) if type(number) is int else None  # true would be 1
        if function is None:
            return f"There is no handler {str(name if number is None else number)[:40]!r}."
        needed = sum(way != "call" or not block.skip_api for block in function.inputs)  # a call sends no tab's state
        if len(body["data"]) < needed:
            return f'"data" has {len(body["data"])} arguments, and {needed} are needed.'
        return ""


def names_an_address(body: Any) -> bool:
    """Whether somewhere in a body stands a file, as Gradio writes them, whose path is no path."""
    waiting = [body]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            path = value.get("path")
            if "meta" in value and isinstance(path, str) and "://" in path:
                return True
            waiting += value.values()
    return False
