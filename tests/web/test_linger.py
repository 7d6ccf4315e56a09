"""What comes right after an event finds the stream of the page still open."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr
import httpx

from tests.ports import free_port
from web.linger import keep_streams_open
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
