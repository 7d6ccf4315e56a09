"""Bodies that no client of good will sends: told with a status below 500, in words, and without a traceback."""

import asyncio
import json
import logging
import socket
from http import HTTPStatus
from typing import Any

import httpx
import pytest

from tests.conftest import PATIENCE_S
from tests.web.conftest import LIBRARY, run_async
from tests.web.fakes import FakeEngine
from tests.web.public import Clock
from web.asgi import LINGER_BYTES, Message, refuse_unread
from web.bodies import MAX_BODY_BYTES

JSON = {"content-type": "application/json"}
GRADIO = ["gradio_api/run/ask", "gradio_api/call/ask", "gradio_api/queue/join"]
HUGE = b'{"data": ["' + b"x" * 10 * 2**20 + b'"]}'
NOT_JSON = [b"{", b"[" * 100_000, b"\xff\xfe", b'{"data": NaN', b"data=1"]
NOT_CALLS: list[Any] = [
    [1],
    "x",
    7,
    None,
    {},
    {"data": 5},
    {"data": {"question": "x"}},
    {"data": []},
    {"data": ["x"], "fn_index": 99_999},
    {"data": ["x"], "fn_index": -1},
    {"data": ["x"], "fn_index": True},
    {"data": ["x"], "fn_index": "0"},
    {"data": ["x"], "fn_index": [0]},
]


def told(answer: httpx.Response) -> str:
    assert 400 <= answer.status_code < 500
    assert "Traceback" not in answer.text
    said = answer.json()
    return json.dumps(said, ensure_ascii=False)


@pytest.mark.parametrize("route", [*GRADIO, "v1/chat/completions"])
def test_ten_megabytes_are_refused_before_they_are_read(server_url: str, route: str) -> None:
    answer = httpx.post(server_url + route, content=HUGE, headers=JSON)
    assert answer.status_code == 413
    assert str(MAX_BODY_BYTES) in told(answer)


def test_who_reads_only_after_all_was_sent_is_told_too(server_url: str) -> None:
    """A connection that is closed over unread bytes is reset, and with it the answer may be lost."""
    url = httpx.URL(server_url)
    head = f"POST /gradio_api/run/ask HTTP/1.1\r\nHost: {url.host}:{url.port}\r\nContent-Type: application/json\r\n"
    with socket.create_connection((url.host, url.port), timeout=PATIENCE_S) as client:
        client.sendall(f"{head}Content-Length: {len(HUGE)}\r\n\r\n".encode())
        client.sendall(HUGE)
        said = b"".join(iter(lambda: client.recv(2**16), b""))
    assert said.startswith(b"HTTP/1.1 413 ")
    assert str(MAX_BODY_BYTES).encode() in said


def test_the_rest_of_a_refused_body_is_read_before_the_answer_ends_but_not_without_end() -> None:
    piece = b"x" * 2**20
    happened: list[str] = []

    async def receive() -> Message:
        happened.append("read")
        return {"type": "http.request", "body": piece, "more_body": True}

    async def send(message: Message) -> None:
        happened.append(f"{message['type']} {message.get('more_body', False)}")

    run_async(refuse_unread(receive, send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too long"))
    assert happened == [
        "http.response.start False",
        "http.response.body True",
        *["read"] * (LINGER_BYTES // len(piece)),
        "http.response.body False",
    ]


def test_who_sends_no_more_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.asgi.LINGER_S", 0.01)
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError("never")

    async def send(message: Message) -> None:
        sent.append(message)

    run_async(refuse_unread(receive, send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too long"))
    assert sent[-1] == {"type": "http.response.body", "body": b""}


def test_who_sends_slowly_is_waited_for_as_long_as_something_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five times longer in all than it may be silent."""
    monkeypatch.setattr("web.asgi.LINGER_S", 1.0)
    clock, n_read = Clock(), 0

    async def receive() -> Message:
        nonlocal n_read
        n_read += 1
        clock.now += 0.5
        await asyncio.sleep(0)  # here the loop looks at its clock
        return {"type": "http.request", "body": b"x", "more_body": n_read < 10}

    async def send(message: Message) -> None:
        pass

    async def refused() -> None:
        monkeypatch.setattr(asyncio.get_running_loop(), "time", clock)
        await refuse_unread(receive, send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too long")

    run_async(refused())
    assert n_read == 10


def test_a_body_without_a_length_is_bounded_too(server_url: str) -> None:
    pieces = (b" " * 2**16 for _ in range(40))
    assert httpx.post(f"{server_url}gradio_api/run/ask", content=pieces, headers=JSON).status_code == 413


@pytest.mark.parametrize("route", GRADIO)
@pytest.mark.parametrize("body", NOT_JSON, ids=range(len(NOT_JSON)))
def test_what_is_not_json_is_told(server_url: str, route: str, body: bytes, caplog: pytest.LogCaptureFixture) -> None:
    assert "not JSON" in told(httpx.post(server_url + route, content=body, headers=JSON))
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("route", GRADIO)
@pytest.mark.parametrize("body", NOT_CALLS, ids=range(len(NOT_CALLS)))
def test_what_is_no_call_is_told(server_url: str, route: str, body: Any, caplog: pytest.LogCaptureFixture) -> None:
    if isinstance(body, dict) and route.endswith("join"):
        body = {"session_hash": "bodies"} | body
    told(httpx.post(server_url + route, json=body))
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("name", ["nothing", "predict", "..%2fask", "ask%00", "长" * 100])
def test_a_handler_that_is_not_there_is_told(server_url: str, name: str) -> None:
    told(httpx.post(f"{server_url}gradio_api/run/{name}", json={"data": ["x"]}))


@pytest.mark.parametrize(
    ("question", "wrong"),
    [(5, "must be a text"), (None, "must be a text"), (["x"], "must be a text"), ("a\ud800b", "lone surrogate")],
)
def test_a_question_that_is_no_text_is_told(server_url: str, question: Any, wrong: str) -> None:
    body = json.dumps({"data": [question]}).encode("ascii")
    assert wrong in told(httpx.post(f"{server_url}gradio_api/run/ask", content=body, headers=JSON))
    search = json.dumps({"data": [question, 3, "bm25"]}).encode("ascii")
    assert wrong in told(httpx.post(f"{server_url}gradio_api/run/search", content=search, headers=JSON))


@pytest.mark.parametrize(
    ("top_k", "mode"), [("x", "bm25"), (True, "bm25"), (None, "bm25"), (3, 7), (3, None), (1e9, "bm25")]
)
def test_arguments_of_a_search_that_are_none_are_told(server_url: str, top_k: Any, mode: Any) -> None:
    answer = httpx.post(f"{server_url}gradio_api/run/search", json={"data": ["新桥", top_k, mode]})
    assert ("top_k" if mode == "bm25" else "mode") in told(answer)


def test_signs_that_are_text_are_answered(server_url: str) -> None:
    for question in ("新桥\x00设计", "\u202e新桥设计", "新桥设计\ufffe", "🦊" * 100, "a\u0301" * 100):
        answer = httpx.post(f"{server_url}gradio_api/run/ask", json={"data": [question]})
        assert answer.status_code == 200
        assert answer.json()["data"][0]["text"] == FakeEngine(LIBRARY).answer(question).text


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"messages": [{"role": "user", "content": "a\ud800"}]}, "lone surrogate"),
        ({"messages": [{"role": "user\udfff", "content": "a"}]}, "lone surrogate"),
        ({"messages": [{"role": "user", "content": "新桥"}], "stream": "yes"}, '\\"stream\\" is'),
        ({"messages": [{"role": "user", "content": "新桥"}], "stream": [1]}, '\\"stream\\" is'),
        ({"messages": {"role": "user"}}, "messages"),
        ({"messages": [{"role": ["user"], "content": "x"}]}, "must be the user's question"),
        ({"messages": [{"role": "user", "content": None}]}, "content"),
        ({"messages": [{"role": "user", "content": {"text": "x"}}]}, "content"),
        (7, "messages"),
        (None, "messages"),
    ],
)
def test_a_conversation_that_is_none_is_told(server_url: str, body: Any, wrong: str) -> None:
    content = json.dumps(body).encode("ascii")
    assert wrong in told(httpx.post(f"{server_url}v1/chat/completions", content=content, headers=JSON))


def test_a_null_byte_in_a_conversation_is_text(server_url: str) -> None:
    body = {"messages": [{"role": "user", "content": "新桥\x00设计"}], "stream": None}
    answer = httpx.post(f"{server_url}v1/chat/completions", json=body)
    assert answer.status_code == 200
