"""How often may be asked, per user and per address, on every way to ask."""

import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import fastapi
import httpx
import openai
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from tests.web.public import OWNER, READER, PublicServer, public_server
from web.addresses import network_of
from web.allowance import UNLIMITED, Allowance, AskedTooOftenError, RateError
from web.texts import EN
from web.visitors import USER

ASK = {"data": ["新桥设计"]}
CHAT = {"messages": [{"role": "user", "content": "新桥设计"}]}


def request_of(user: str, address: str) -> fastapi.Request:
    scope: dict[str, Any] = {"type": "http", "client": (address, 1), "headers": []}
    if user:
        scope[USER] = SimpleNamespace(id=user)
    return fastapi.Request(scope)


def test_a_user_is_counted_wherever_they_are_and_an_address_whoever_it_is() -> None:
    allowance = Allowance("2/hour", "3/hour")
    allowance.take(request_of("a", "192.0.2.1"))
    allowance.take(request_of("a", "192.0.2.2"))
    with pytest.raises(AskedTooOftenError) as told:
        allowance.take(request_of("a", "192.0.2.3"))
    assert 3590 <= told.value.wait_s <= 3600
    allowance.take(request_of("b", "192.0.2.1"))
    allowance.take(request_of("c", "192.0.2.1"))
    with pytest.raises(AskedTooOftenError):
        allowance.take(request_of("d", "192.0.2.1"))
    allowance.take(request_of("d", "192.0.2.3"))  # what was refused was not counted, for a as little as for 192.0.2.3


def test_a_clock_that_goes_back_makes_nobody_wait_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 7200)
    allowance = Allowance("", "2/minute")
    for _ in range(2):
        allowance.take(request_of("", "192.0.2.1"))
    assert 0 < allowance.wait_s(request_of("", "192.0.2.1")) <= 60
    monkeypatch.setattr(time, "time", lambda: now)
    assert allowance.wait_s(request_of("", "192.0.2.1")) == 0
    for _ in range(2):
        allowance.take(request_of("", "192.0.2.1"))
    assert 0 < allowance.wait_s(request_of("", "192.0.2.1")) <= 60


def test_without_rates_nobody_waits() -> None:
    for _ in range(1000):
        UNLIMITED.take(request_of("a", "192.0.2.1"))
    UNLIMITED.take(None)


def test_the_longest_of_several_rates_holds() -> None:
    allowance = Allowance("", "2/minute;3/day")
    for _ in range(2):
        allowance.take(request_of("", "192.0.2.1"))
    assert allowance.wait_s(request_of("", "192.0.2.1")) <= 60


@pytest.mark.parametrize("rate", ["often", "0", "x/minute", "10/fortnight"])
def test_what_is_no_rate_is_told(rate: str) -> None:
    with pytest.raises(RateError, match="write for example 20/minute"):
        Allowance(rate)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("testclient", "testclient"),
    ],
)
def test_one_line_is_one_address(host: str, expected: str) -> None:
    assert network_of(host) == expected


@pytest.fixture(scope="module")
def used_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PublicServer]:
    """A server whose reader has asked as often as may be."""
    with public_server(tmp_path_factory.mktemp("rates"), Allowance("3/hour", "100/hour")) as server:
        for _ in range(3):
            answer = httpx.post(f"{server.url}gradio_api/run/ask", json=ASK, headers=server.bearer(READER))
            assert answer.status_code == 200
        yield server


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("v1/chat/completions", CHAT),
        ("v1/chat/completions", CHAT | {"stream": True}),
        ("gradio_api/run/ask", ASK),
        ("gradio_api/call/ask", ASK),
        ("gradio_api/call/search", {"data": ["新桥", 1, "bm25"]}),
    ],
)
def test_a_program_is_told_when_to_come_back(used_up: PublicServer, route: str, body: dict[str, Any]) -> None:
    answer = httpx.post(used_up.url + route, json=body, headers=used_up.bearer(READER))
    assert answer.status_code == 429
    assert 3500 < int(answer.headers["retry-after"]) <= 3600
    assert answer.json()["error"]["type"] == "rate_limit_error"


def test_another_user_may_ask(used_up: PublicServer) -> None:
    answer = httpx.post(f"{used_up.url}gradio_api/run/ask", json=ASK, headers=used_up.bearer(OWNER))
    assert answer.status_code == 200


def test_the_number_of_a_handler_goes_around_no_limit(used_up: PublicServer) -> None:
    tab = used_up.tab(READER)
    config = tab.http.get(f"{used_up.url}config").json()
    (number,) = [one["id"] for one in config["dependencies"] if one["api_name"] == "ask"]
    body = ASK | {"fn_index": number, "session_hash": tab.session}
    answer = tab.http.post(f"{used_up.url}gradio_api/run/anything", json=body)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 3500
    ended = tab.call("ask", ASK["data"])
    assert not ended["success"]
    assert "Too many questions" in str(ended)


def test_the_real_clients_are_told(used_up: PublicServer) -> None:
    client = openai.OpenAI(base_url=f"{used_up.url}v1", api_key=used_up.tokens[READER], max_retries=0)
    with pytest.raises(openai.RateLimitError, match="ask again in"):
        client.chat.completions.create(model="wenda", messages=[{"role": "user", "content": "新桥设计"}])
    gradio = Client(used_up.url, headers=used_up.bearer(READER), verbose=False, analytics_enabled=False)
    with pytest.raises(AppError, match="ask again in"):
        gradio.predict("新桥设计", api_name="/ask")


def test_the_chat_says_so_in_the_conversation(used_up: PublicServer) -> None:
    tab = used_up.tab(READER)
    tab.call("restore", [None, None])
    ended = tab.call("ask_question", ["新桥设计", None])
    assert ended["success"]
    words = EN.asked_too_often.split("{}")[0].strip()
    assert words in tab.call("export_json", [None])["output"]["data"][0] + str(ended).replace("&#58;", ":")
    assert words in str(tab.call("try_out", ["新桥", 0.5, 0.5, 8, 5])).replace("&#58;", ":")
