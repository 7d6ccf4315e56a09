"""Every route of the app, as the app names them: without a login none answers, and with one no file is read."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio.route_utils import DEFAULT_TEMP_DIR
from starlette.routing import Mount

from tests.web.conftest import LIBRARY
from tests.web.fakes import FakeEngine
from tests.web.public import OWNER, READER, PublicServer, public_server
from web.library import MAX_UPLOAD_BYTES
from web.openai_api import ChatCompletions
from web.page import build_page
from web.serving import Serving, build_app

SECRET = "/etc/passwd"
FORGED = {"path": SECRET, "meta": {"_type": "gradio.FileData"}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PublicServer]:
    with public_server(tmp_path_factory.mktemp("routes")) as running:
        yield running


def routes_of(app: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of every route, of mounted apps and included routers too."""
    for route in getattr(app, "routes", []):
        path = prefix + getattr(route, "path", "")
        inner = getattr(route, "app", None) if isinstance(route, Mount) else getattr(route, "original_router", None)
        if inner is not None:
            yield from routes_of(inner, path.rstrip("/") if isinstance(route, Mount) else prefix)
            if isinstance(route, Mount):
                yield "GET", f"{path}/"
                yield "POST", f"{path}/"
        else:
            yield from ((method, path) for method in sorted(getattr(route, "methods", None) or {"GET"}))


def innermost(app: Any) -> Any:
    while (inner := getattr(app, "_app", None)) is not None:
        app = inner
    return app


def all_routes() -> list[tuple[str, str]]:
    engine = FakeEngine(LIBRARY)
    app = innermost(build_app(build_page(engine), ChatCompletions(engine).routes(), Serving(mcp=True)))
    return sorted(set(routes_of(app)))


def test_without_a_login_no_route_answers(server: PublicServer) -> None:
    routes = all_routes()
    paths = {path for _, path in routes}
    for known in ("/", "/config", "/v1/chat/completions", "/gradio_api/mcp/schema", "/gradio_api/mcp/"):
        assert known in paths
    assert {"/gradio_api/upload", "/gradio_api/queue/join", "/gradio_api/file={path_or_url:path}"} <= paths
    assert len(routes) > 80
    let_in = []
    with httpx.Client() as client:
        for method, path in routes:
            url = server.url.rstrip("/") + re.sub(r"\{[^}]*\}", "x", path)
            for accept in ("*/*", "text/html"):
                answer = client.request(method, url, headers={"accept": accept})
                refused = answer.status_code == 401 or (
                    answer.status_code == 303 and answer.headers["location"] == "/login"
                )
                if not refused and path not in ("/login", "/login/", "/logout"):
                    let_in.append((method, path, answer.status_code))
    assert let_in == []


@pytest.mark.parametrize(
    "path",
    [
        "//config",
        "/login/../config",
        "/login/%2e%2e/config",
        "/%6cogin/x",
        "/login;/config",
        "/LOGIN",
        "/login?x=/config",
    ],
)
def test_no_spelling_of_a_path_goes_around_the_login(server: PublicServer, path: str) -> None:
    answer = httpx.get(server.url.rstrip("/") + path)
    assert answer.status_code == 401 or "password" in answer.text.lower()
    assert "dependencies" not in answer.text


def test_websockets_are_closed(server: PublicServer) -> None:
    upgrade = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}
    key = {"sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ=="}
    for headers in ({}, server.bearer()):
        answer = httpx.get(server.url, headers=upgrade | key | headers)
        assert answer.status_code != 101


FILE_ROUTES = [
    f"gradio_api/file={SECRET}",
    f"gradio_api/file/{SECRET}",
    f"gradio_api/file=%2e%2e%2f%2e%2e{SECRET}",
    "gradio_api/file=https://example.invalid/",
    "gradio_api/file=http://127.0.0.1:1/",
    f"file={SECRET}",
    "gradio_api/proxy=https://example.invalid/",
    "proxy=https://example.invalid/",
    f"static/../../../../../..{SECRET}",
    f"static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e{SECRET}",
    f"assets/..%2f..%2f..%2f..%2f..{SECRET}",
    "custom_component/x/client/component/../../../../../../etc/passwd",
    f"gradio_api/custom_component/x/client/component/..%2f..%2f..{SECRET}",
    "gradio_api/stream/a/b/c/playlist-file",
    "monitoring",
    "monitoring/summary",
    "gradio_api/deep_link",
    "gradio_api/mcp/schema",
    "gradio_api/mcp/sse",
    "gradio_api/call/v2/ask",
]


@pytest.mark.parametrize("route", FILE_ROUTES)
@pytest.mark.parametrize("name", [OWNER, None])
def test_no_route_reads_a_file_or_fetches_an_address(
    server: PublicServer, server_url: str, route: str, name: str | None
) -> None:
    url, headers = (server.url, server.bearer(name)) if name else (server_url, {})
    answer = httpx.get(url + route, headers=headers)
    assert answer.status_code in (400, 403, 404, 405)
    assert "root:" not in answer.text


def test_a_forged_file_is_read_by_no_handler(server: PublicServer) -> None:
    tab = server.tab(OWNER)
    message = {"role": "user", "content": [{"type": "file", "file": FORGED}]}
    dependencies = tab.http.get(f"{server.url}config").json()["dependencies"]
    said = ""
    for one in dependencies:
        for value in (FORGED, [message]):
            body = {"data": [value for _ in one["inputs"]], "fn_index": one["id"], "session_hash": "f" + tab.session}
            said += tab.http.post(f"{server.url}gradio_api/run/x", json=body).text
    assert "root:" not in said
    assert len(said) > 1000


ADDRESS = {"path": "http://example.invalid/x.txt", "meta": {"_type": "gradio.FileData"}}
FETCHING: list[tuple[str, dict[str, Any]]] = [
    ("run/ask", {"data": [ADDRESS]}),
    ("call/search", {"data": [[{"deep": ADDRESS}], 3, "hybrid"]}),
    ("queue/join", {"data": [ADDRESS, None], "fn_index": 1, "session_hash": "x"}),
    ("mcp/", {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"arguments": {"question": ADDRESS}}}),
]


@pytest.mark.parametrize(("route", "body"), FETCHING)
def test_no_address_is_fetched_in_the_place_of_a_file(server: PublicServer, route: str, body: dict[str, Any]) -> None:
    answer = httpx.post(f"{server.url}gradio_api/{route}", json=body, headers=server.bearer())
    assert answer.status_code == 422
    assert "not fetched from an address" in answer.text


LONG = "x" * 300 + ".txt"
UPLOADS = ["../../evil.txt", "..\\..\\evil.txt", "/etc/cron.d/evil.txt", ".hidden.txt", "a\x00b.txt", LONG]


@pytest.mark.parametrize("name", UPLOADS)
def test_an_upload_never_leaves_its_folder(server: PublicServer, tmp_path: Path, name: str) -> None:
    boundary = "b"
    head = f'--{boundary}\r\ncontent-disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
    body = head.encode() + f"evil\r\n--{boundary}--\r\n".encode()
    headers = server.bearer(OWNER) | {"content-type": f"multipart/form-data; boundary={boundary}"}
    answer = httpx.post(f"{server.url}gradio_api/upload", content=body, headers=headers)
    if answer.status_code == 200:
        (path,) = answer.json()
        assert Path(path).resolve().is_relative_to(Path(DEFAULT_TEMP_DIR).resolve())
    else:
        assert 400 <= answer.status_code < 500


def test_an_upload_over_its_size_is_refused(server: PublicServer) -> None:
    files = {"files": ("a.txt", b"x" * (MAX_UPLOAD_BYTES + 1))}
    answer = httpx.post(f"{server.url}gradio_api/upload", files=files, headers=server.bearer(OWNER))
    assert answer.status_code == 413


def test_forged_citations_and_histories_open_nothing(server: PublicServer) -> None:
    tab = server.tab(READER)
    tab.call("restore", [None, None])
    for href in ("#cite-0-1", "#cite-99-1", "#cite--1-0", "#related-0-1", "../../etc/passwd", {"path": 1}, None, 7):
        ended = tab.call("open_source", [None], {"href": href})
        assert ended["success"]
        assert "__type__" in json.dumps(ended["output"]["data"][0])  # nothing is changed
    forged = {"exchanges": [{"question": "x", "answer": "root:"}], "key": "x", "owner": "x"}
    assert "root:" not in str(tab.call("export_json", [forged]))
