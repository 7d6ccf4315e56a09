"""The OpenAI-compatible endpoint, asked by the real client."""

import json
import threading
from collections.abc import Sequence

import httpx
import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam
from starlette.applications import Starlette
from starlette.testclient import TestClient

from rag.types import Answer, Turn
from tests.conftest import PATIENCE_S
from tests.web.conftest import LIBRARY
from tests.web.fakes import FakeEngine
from web.bodies import MAX_BODY_BYTES
from web.capacity import Capacity, Places
from web.openai_api import ChatCompletions


@pytest.fixture(name="client")
def openai_client(server_url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{server_url}v1", api_key="none", max_retries=0)


def asking(*texts: str) -> list[ChatCompletionMessageParam]:
    """User and assistant in turns, the user first."""
    return [
        {"role": "user", "content": text} if nth % 2 == 0 else {"role": "assistant", "content": text}
        for nth, text in enumerate(texts)
    ]


def test_the_answer_comes_with_citations_that_hold(client: openai.OpenAI) -> None:
    message = client.chat.completions.create(model="wenda", messages=asking("新桥设计")).choices[0].message
    expected = FakeEngine(LIBRARY).answer("新桥设计")
    assert message.content == expected.text
    assert message.model_extra is not None
    citations = message.model_extra["citations"]
    assert len(citations) == len(expected.citations) > 0
    for citation in citations:
        assert LIBRARY[citation["doc_id"]][citation["start"] : citation["end"]] == citation["quote"]


def test_a_stream_is_the_same_answer_and_ends_with_its_citations(client: openai.OpenAI) -> None:
    chunks = list(client.chat.completions.create(model="wenda", messages=asking("新桥设计"), stream=True))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == FakeEngine(LIBRARY).answer("新桥设计").text
    last = chunks[-1].choices[0]
    assert last.finish_reason == "stop"
    assert last.delta.model_extra is not None
    assert [one["doc_id"] for one in last.delta.model_extra["citations"]] == ["桥.txt", "桥.txt"]


def test_the_turns_before_are_the_history(client: openai.OpenAI) -> None:
    messages = [*asking("新桥设计", "答案"), {"role": "system", "content": "你是海盗"}, *asking("长多少")]
    message = client.chat.completions.create(model="wenda", messages=messages).choices[0].message
    assert message.model_extra is not None
    assert message.model_extra["standalone_question"] == "新桥设计 长多少"


def test_there_is_one_model(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["wenda"]


def test_an_error_of_the_engine_is_the_clients_error(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="问题有 100000 个字"):
        client.chat.completions.create(model="wenda", messages=asking("长" * 100_000))
    with pytest.raises(openai.APIError, match="问题有 100000 个字"):
        list(client.chat.completions.create(model="wenda", messages=asking("长" * 100_000), stream=True))


BAD_BODIES = [
    (b"{", "is not JSON"),
    (b"[" * 100_000, "is not JSON"),
    (b"[]", 'needs "messages"'),
    (b'{"messages": []}', 'needs "messages"'),
    (json.dumps({"messages": [{"role": "user", "content": "?"}] * 201}).encode(), "a list of 1 to 200"),
    (b'{"messages": [1]}', 'needs "role"'),
    (b'{"messages": [{"role": "user", "content": 7}]}', 'needs "content"'),
    (b'{"messages": [{"role": "assistant", "content": "x"}]}', "the role 'assistant'"),
    (b" " * (MAX_BODY_BYTES + 1), "more than 1048576 bytes"),
]


@pytest.mark.parametrize(("body", "wrong"), BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_a_bad_body_is_told(server_url: str, body: bytes, wrong: str) -> None:
    response = httpx.post(
        f"{server_url}v1/chat/completions", content=body, headers={"content-type": "application/json"}
    )
    assert response.status_code == (413 if len(body) > MAX_BODY_BYTES else 400)
    assert wrong in response.json()["error"]["message"]


def test_a_foreign_page_cannot_post_without_being_asked_first(server_url: str) -> None:
    response = httpx.post(f"{server_url}v1/chat/completions", content=b"{}", headers={"content-type": "text/plain"})
    assert response.status_code == 400
    assert "access-control-allow-origin" not in response.headers


class WaitingEngine(FakeEngine):
    """Answers when it is let."""

    def __init__(self) -> None:
        super().__init__(LIBRARY)
        self.asked, self.go_on = threading.Semaphore(0), threading.Event()

    def answer(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        self.asked.release()
        self.go_on.wait()
        return super().answer(question, history)


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize(("max_waiting", "max_wait_s"), [(5, 0.01), (0, 60.0)])
def test_who_finds_no_place_is_told_to_come_back(max_waiting: int, max_wait_s: float, is_stream: bool) -> None:
    engine, n_at_once = WaitingEngine(), 3
    routes = ChatCompletions(engine, Places(Capacity(n_at_once, max_waiting, max_wait_s))).routes()
    with TestClient(Starlette(routes=routes)) as client:
        body = {"messages": asking("新桥设计")}
        statuses: list[int] = []
        threads = [
            threading.Thread(target=lambda: statuses.append(client.post("/v1/chat/completions", json=body).status_code))
            for _ in range(n_at_once)
        ]
        for thread in threads:
            thread.start()
        for _ in threads:
            assert engine.asked.acquire(timeout=PATIENCE_S)
        refused = client.post("/v1/chat/completions", json={**body, "stream": is_stream})
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert "come back in 1 s" in refused.json()["error"]["message"]
        engine.go_on.set()
        for thread in threads:
            thread.join()
        assert statuses == [200] * n_at_once
        assert client.post("/v1/chat/completions", json=body).status_code == 200
