"""A client that goes away in mid-answer: the language model must not go on writing for nobody."""

import asyncio
import json
import threading
from collections.abc import Generator, MutableMapping, Sequence
from typing import Any

import pytest
from starlette.applications import Starlette

from rag.types import Event, TextEvent, Turn
from web.openai_api import ChatCompletions

from ..web.conftest import LIBRARY, run_async
from ..web.fakes import FakeEngine


class SilentEngine(FakeEngine):
    """Has a language model that says nothing, with signs of life, until somebody ends it."""

    def __init__(self) -> None:
        super().__init__(LIBRARY)
        self.asked, self.closed = threading.Event(), threading.Event()

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Generator[Event, None, None]:
        self.asked.set()
        try:
            while True:
                yield TextEvent("")
                self.closed.wait(0.01)
        finally:
            self.closed.set()


@pytest.mark.parametrize("stream", [True, False])
def test_who_goes_away_ends_the_language_model(stream: bool) -> None:
    engine = SilentEngine()
    app = Starlette(routes=ChatCompletions(engine).routes())
    body = json.dumps({"messages": [{"role": "user", "content": "新桥"}], "stream": stream}).encode()

    async def ask_and_leave() -> None:
        sent = iter([{"type": "http.request", "body": body, "more_body": False}])

        async def receive() -> MutableMapping[str, Any]:
            if (message := next(sent, None)) is not None:
                return message
            while not engine.asked.is_set():
                await asyncio.sleep(0.01)
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            await asyncio.sleep(0)

        headers = [(b"content-type", b"application/json")]
        scope = {"type": "http", "method": "POST", "path": "/v1/chat/completions", "headers": headers}
        await asyncio.wait_for(app({**scope, "query_string": b"", "client": ("127.0.0.1", 1)}, receive, send), 120)

    run_async(ask_and_leave())
    assert engine.closed.wait(120)
