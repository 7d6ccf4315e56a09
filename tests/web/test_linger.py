"""What comes right after an event finds the stream of the page still open, or is confirmed when its end was seen."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr
import httpx
import pytest

from tests.ports import free_port
from tests.web.conftest import run_async
from web.asgi import Message, Receive, Scope, Send
from web.bodies import JSON
from web.linger import HOLD_S, Handover, keep_streams_open
from web.serving import serve


@contextmanager
def page_that_shouts(linger_s: float) -> Iterator[str]:
    """The address of its queue."""
    with gr.Blocks(analytics_enabled=False) as page:
        said, shouted = gr.Textbox(), gr.Textbox()
        said.submit(str.upper, said, shouted)
    page.queue()
    keep_streams_open(page, linger_s)
    yield f"{serve(page, '127.0.0.1', free_port())}gradio_api/queue"
    page.close(verbose=False)


def join(url: str, text: str) -> str:
    body = {"data": [text], "fn_index": 0, "session_hash": "one"}
    return str(httpx.post(f"{url}/join", json=body).json()["event_id"])


@contextmanager
def messages(url: str) -> Iterator[Iterator[dict[str, Any]]]:
    """What the stream of the session tells, until it breaks off."""
    with httpx.stream("GET", f"{url}/data", params={"session_hash": "one"}) as stream:
        yield (json.loads(line.removeprefix("data: ")) for line in stream.iter_lines() if line)


def told(stream: Iterator[dict[str, Any]], event: str) -> list[str]:
    """What came of an event."""
    return next(
        one["output"]["data"] for one in stream if (one["msg"], one.get("event_id")) == ("process_completed", event)
    )


def test_a_second_event_is_told_on_the_stream_of_the_first() -> None:
    with page_that_shouts(linger_s=1000) as url:
        first = join(url, "first")
        with messages(url) as stream:
            assert told(stream, first) == ["FIRST"]
            time.sleep(0.2)  # by now Gradio would have ended the stream, and the browser not know yet
            assert told(stream, join(url, "second")) == ["SECOND"]


def test_the_stream_ends_when_nothing_more_comes() -> None:
    with page_that_shouts(linger_s=0.2) as url:
        first = join(url, "first")
        with messages(url) as stream:
            assert told(stream, first) == ["FIRST"]
            assert [one["msg"] for one in stream][-1] == "close_stream"


class Queue:
    """Gradio's queue behind the layer, and a clock that only waiting moves."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.waited_s: list[float] = []
        self.layer = Handover(self.app, clock=lambda: self.now_s, sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.waited_s.append(seconds)
        self.now_s += seconds

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["says"]})

    def ask(self, path: str, session: str, says: bytes = b"{}") -> list[Message]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        scope: Scope = {"type": "http", "path": f"/gradio_api/queue/{path}", "says": says}
        named = (
            {JSON: {"session_hash": session}}
            if path == "join"
            else {"query_string": f"session_hash={session}".encode()}
        )
        run_async(self.layer({**scope, **named}, receive_nothing, send))
        return sent


async def receive_nothing() -> Message:
    return {"type": "http.disconnect"}


END = b'data: {"msg":"close_stream","event_id":null}\n\n'


def test_who_asks_as_the_stream_ends_is_confirmed_when_the_end_was_seen() -> None:
    queue = Queue()
    assert queue.ask("data", "one", END)[-1]["body"] == END
    queue.now_s += 0.1
    assert len(queue.ask("join", "one")) == 2
    assert queue.waited_s == [pytest.approx(HOLD_S - 0.1)]
    queue.ask("join", "one")
    assert len(queue.waited_s) == 1  # by now it has been seen


def test_nobody_else_waits() -> None:
    queue = Queue()
    queue.ask(
        "data", "one", b'data: {"msg":"process_completed","output":{"data":["\\"msg\\":\\"close_stream\\""]}}\n\n'
    )
    queue.ask("join", "one")
    queue.ask("data", "two", END)
    queue.ask("join", "one")
    assert queue.waited_s == []


def test_ends_that_matter_no_more_are_forgotten() -> None:
    queue = Queue()
    for number in range(100):
        queue.ask("data", str(number), END)
        queue.now_s += 1
    assert len(queue.layer._ended) == 1


def test_a_page_tells_the_end_as_the_layer_knows_it() -> None:
    with page_that_shouts(linger_s=0.0) as url:
        first = join(url, "first")
        with httpx.stream("GET", f"{url}/data", params={"session_hash": "one"}) as stream:
            assert b'"msg":"close_stream"' in b"".join(stream.iter_raw())
        with messages(url) as again:
            assert told(again, join(url, "second")) == ["SECOND"]
        assert first
