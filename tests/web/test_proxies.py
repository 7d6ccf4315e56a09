"""Behind a reverse proxy: page, assets, endpoints and tools below a path; whose forwarded headers are believed."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

import httpx
import openai
import pytest
from gradio_client import Client
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client

from tests.web.conftest import LIBRARY, free_port, run_async
from tests.web.fakes import FakeEngine
from tests.web.public import READER, PublicServer, Tab, public_server
from tests.web.reverse_proxy import reverse_proxy
from web.allowance import Allowance
from web.lockout import FORGOTTEN_AFTER_S, N_FREE
from web.page import build_page
from web.proxies import ProxyError, checked_proxies, checked_root_path
from web.serving import Serving, serve

PREFIX = "/wenda"
ADDRESSES = (f"203.0.113.{number}" for number in range(1, 255))
"""Of callers; each is used by one test, since an address has asked enough after two questions."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PublicServer]:
    rates = Allowance("", "2/hour")
    with public_server(
        tmp_path_factory.mktemp("proxied"), rates, root_path=PREFIX, trusted_proxies=("127.0.0.1",)
    ) as running:
        running.url = running.url.removesuffix(f"{PREFIX}/") + "/"
        yield running


@pytest.fixture(scope="module", params=[True, False], ids=["stripped", "whole"])
def url(request: pytest.FixtureRequest, server: PublicServer) -> Iterator[str]:
    with reverse_proxy(server.url, PREFIX, strips=request.param) as proxied:
        yield proxied


def cookies_at(url: str) -> dict[str, str]:
    form = {"username": READER, "password": "battery staple"}
    answer = httpx.post(f"{url}login", data=form, headers={"accept": "text/html", "origin": url.split(PREFIX)[0]})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PREFIX}/")
    assert f"Path={PREFIX}/" in answer.headers["set-cookie"]
    return dict(answer.cookies)


def test_the_login_is_below_the_path(url: str) -> None:
    sent = httpx.get(url, headers={"accept": "text/html"})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{PREFIX}/login")
    assert f'action="{PREFIX.replace("/", "&#47;")}&#47;login"' in httpx.get(f"{url}login").text


def test_everything_that_the_page_loads_is_below_the_path(url: str) -> None:
    tab = Tab(url, cookies_at(url))
    page = tab.http.get(url)
    assert page.status_code == 200
    loaded = set(re.findall(r'(?:src|href)="([^"]+\.(?:js|css))"', page.text))
    assert loaded
    for one in loaded:
        address = urljoin(url, one)
        assert address.startswith(url)
        assert tab.http.get(address).status_code == 200
    assert tab.http.get(f"{url}config").json()["root"] == url.rstrip("/")


def test_the_chat_answers_through_the_proxy_and_its_citation_opens(url: str) -> None:
    tab = Tab(url, cookies_at(url))
    tab.http.headers["x-test-address"] = next(ADDRESSES)
    tab.call("restore", [None, None])
    assert "陈立" in str(tab.call("ask_question", ["新桥设计", None]))
    opened = tab.call("open_source", [None], {"href": "#cite-0-1"})
    assert "苏州河上的新桥周一通车" in str(opened)


@pytest.mark.parametrize("before", [f"{PREFIX}/", f"{PREFIX}{PREFIX}/", f"{PREFIX}{PREFIX}{PREFIX}/"])
def test_saying_the_path_twice_opens_no_closed_route(server: PublicServer, before: str) -> None:
    url = server.url.rstrip("/") + before  # past the proxy
    for route in (
        "gradio_api/user",
        "gradio_api/proxy=http://127.0.0.1:1/",
        "gradio_api/mcp/schema",
        "gradio_api/runs",
    ):
        answer = httpx.get(url + route, headers=server.bearer())
        assert answer.status_code == (403 if before == f"{PREFIX}/" else 404), route
    files = {"files": ("a.txt", b"x")}
    assert httpx.post(f"{url}gradio_api/upload", files=files, headers=server.bearer()).status_code in (403, 404)


def test_every_client_works_through_the_proxy(url: str, server: PublicServer) -> None:
    headers = server.bearer() | {"x-test-address": next(ADDRESSES)}
    client = Client(url, headers=headers, verbose=False, analytics_enabled=False)
    assert client.predict("新桥设计", api_name="/ask")["citations"]
    other = headers | {"x-test-address": next(ADDRESSES)}
    models = openai.OpenAI(base_url=f"{url}v1", api_key=server.tokens[READER], default_headers=other)
    message = models.chat.completions.create(model="wenda", messages=[{"role": "user", "content": "新桥设计"}])
    assert message.choices[0].message.content

    async def tools() -> list[str]:
        tools_url = f"{url}gradio_api/mcp/"
        async with (
            streamablehttp_client(tools_url, headers=headers) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            return [tool.name for tool in (await session.list_tools()).tools]

    assert run_async(tools()) == ["ask", "search"]


def ask(url: str, server: PublicServer, **headers: str) -> int:
    fields = server.bearer() | {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(f"{url}gradio_api/run/ask", json={"data": ["新桥设计"]}, headers=fields).status_code


def test_the_callers_address_counts_not_the_proxys(url: str, server: PublicServer) -> None:
    for place in (next(ADDRESSES), next(ADDRESSES)):
        assert [ask(url, server, x_test_address=place) for _ in range(3)] == [200, 200, 429]
    server.clock.now += FORGOTTEN_AFTER_S
    locked, free = next(ADDRESSES), next(ADDRESSES)
    wrong = {"username": READER, "password": "wrong password"}
    for number in range(N_FREE + 1):
        form = wrong | {"username": f"nobody {number}"}
        assert httpx.post(f"{url}login", data=form, headers={"x-test-address": locked}).status_code == 401
    assert httpx.post(f"{url}login", data=wrong, headers={"x-test-address": locked}).status_code == 429
    assert httpx.post(f"{url}login", data=wrong, headers={"x-test-address": free}).status_code == 401


def test_a_cookie_of_a_tls_page_is_for_tls_only(server: PublicServer) -> None:
    with reverse_proxy(server.url, PREFIX, scheme="https") as url:
        form = {"username": READER, "password": "battery staple"}
        answer = httpx.post(f"{url}login", data=form)
    assert "; Secure" in answer.headers["set-cookie"]


FORGED = {
    "x-forwarded-for": "203.0.113.77",
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "https",
    "x-gradio-server": "http://evil.example",
    "forwarded": "for=203.0.113.77;host=evil.example",
}


@pytest.fixture(scope="module")
def unproxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PublicServer]:
    """No proxy is named, or another one than who asks."""
    rates = Allowance("", "2/hour")
    with public_server(tmp_path_factory.mktemp("bare"), rates, trusted_proxies=("192.0.2.0/24",)) as running:
        yield running


def test_forwarded_headers_of_others_are_dropped(unproxied: PublicServer) -> None:
    config = httpx.get(f"{unproxied.url}config", headers=unproxied.bearer() | FORGED)
    assert config.json()["root"] == unproxied.url.rstrip("/")
    assert "evil" not in httpx.get(unproxied.url, headers=unproxied.bearer() | FORGED).text
    form = {"username": READER, "password": "battery staple"}
    assert "Secure" not in httpx.post(f"{unproxied.url}login", data=form, headers=FORGED).headers["set-cookie"]
    asked = [
        ask(unproxied.url, unproxied, x_forwarded_for=f"203.0.113.{number}", x_real_ip=f"203.0.113.{number}")
        for number in range(3)
    ]
    assert asked == [200, 200, 429]  # whatever they say, they come from one address


@pytest.mark.parametrize("name", ["x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded"])
def test_a_page_for_this_machine_is_not_for_a_proxy_that_was_not_named(name: str) -> None:
    page = build_page(FakeEngine(LIBRARY))
    url = serve(page, "127.0.0.1", free_port(), (), Serving(local=True))
    try:
        refused = httpx.get(f"{url}config", headers={name: "127.0.0.1"})
        assert (refused.status_code, "--trusted-proxy" in refused.text) == (421, True)
        assert httpx.get(f"{url}config").status_code == 200
    finally:
        page.close(verbose=False)


def test_a_page_for_this_machine_is_asked_under_its_names_only() -> None:
    page = build_page(FakeEngine(LIBRARY))
    url = serve(page, "127.0.0.1", free_port(), (), Serving(local=True))
    port = url.rstrip("/").rsplit(":", 1)[1]
    try:
        for host, expected in (
            (f"localhost:{port}", 200),
            (f"127.0.0.1:{port}", 200),
            ("[::1]", 200),
            ("evil.example", 421),
            (f"evil.example:{port}", 421),
            ("127.0.0.1.evil.example", 421),
            ("localhost@evil.example", 421),
            ("", 421),
        ):
            assert httpx.get(f"{url}config", headers={"host": host}).status_code == expected, host
        for origin, expected in (
            ("http://evil.example", 403),
            ("null", 403),
            (f"http://localhost:{port}", 403),
            (url.rstrip("/"), 200),
        ):
            body = {"data": ["新桥设计"]}
            answer = httpx.post(f"{url}gradio_api/run/ask", json=body, headers={"origin": origin})
            assert answer.status_code == expected, origin
    finally:
        page.close(verbose=False)


@pytest.mark.parametrize("text", ["wenda", "/we nda", "/a?b", "/a/../b%2f", '/"', "/文"])
def test_what_is_no_path_is_told(text: str) -> None:
    with pytest.raises(ProxyError, match="such as /wenda"):
        checked_root_path(text)


def test_paths_and_proxies_that_will_do() -> None:
    assert [checked_root_path(text) for text in ("", "/", "/wenda/", "/a/b")] == ["", "", "/wenda", "/a/b"]
    assert checked_proxies(["10.0.0.7", "10.0.0.0/24", "::1"]) == ("10.0.0.7", "10.0.0.0/24", "::1")
    for text in ("*", "proxy.example", "10.0.0.1/24", ""):
        with pytest.raises(ProxyError, match="must be an address or a network"):
            checked_proxies([text])
