"""What comes right after an event finds the stream of the page still open."""

import json
import time
from collections.abc import Iterator

import gradio as gr
import httpx
import pytest

from tests.web.conftest import free_port
from web.linger import keep_streams_open


@pytest.fixture(name="url")
def page_that_shouts() -> Iterator[str]:
    with gr.Blocks(analytics_enabled=False) as page:
        said, shouted = gr.Textbox(), gr.Textbox()
        said.submit(str.upper, said, shouted)
    page.queue()
    keep_streams_open(page, linger_s=1.0)
    port = free_port()
    page.launch(server_port=port, prevent_thread_lock=True, quiet=True)
    yield f"http://127.0.0.1:{port}/gradio_api/queue"
    page.close(verbose=False)


def join(url: str, text: str) -> str:
    body = {"data": [text], "fn_index": 0, "session_hash": "one"}
    return str(httpx.post(f"{url}/join", json=body).json()["event_id"])


def test_a_second_event_is_told_on_the_stream_of_the_first_which_then_ends(url: str) -> None:
    events = [join(url, "first")]
    told: list[str] = []
    with httpx.stream("GET", f"{url}/data", params={"session_hash": "one"}, timeout=30) as stream:
        for line in stream.iter_lines():
            message = json.loads(line.removeprefix("data: ")) if line else {}
            if message.get("msg") == "close_stream":
                break
            if message.get("msg") == "process_completed" and message["event_id"] in events:
                told += message["output"]["data"]
                if len(events) == 1:
                    time.sleep(0.2)  # here Gradio has ended the stream, and the browser does not know yet
                    events.append(join(url, "second"))
        else:
            raise AssertionError("the stream broke off")
    assert told == ["FIRST", "SECOND"]
