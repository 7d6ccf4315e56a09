"""A running page: the endpoint through the real client, the routes that are closed, the headers, forged files."""

import json
from pathlib import Path

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from tests.web.conftest import LIBRARY
from web.guard import POLICY, is_open

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
SECRETS = ["/etc/passwd", str(PROJECT)]


@pytest.fixture(scope="session")
def client(server_url: str) -> Client:
    return Client(server_url, verbose=False, analytics_enabled=False)


def test_ask_answers_as_json_with_citations_that_hold(client: Client) -> None:
    answer = client.predict("新桥设计", api_name="/ask")
    assert set(answer) == {
        "text",
        "refused",
        "confidence",
        "citations",
        "standalone_question",
        "model",
        "notice",
        "is_small_talk",
        "claims",
        "filters",
    }
    assert not answer["refused"]
    assert answer["standalone_question"] == "新桥设计"
    assert [one["label"] for one in answer["citations"]] == [1, 2]
    for one in answer["citations"]:
        assert set(one) == {
            "label", "doc_id", "article_title", "date", "source", "start", "end", "quote", "page"
        }  # fmt: skip
        assert LIBRARY[one["doc_id"]][one["start"] : one["end"]] == one["quote"]


def test_ask_refuses_as_json(client: Client) -> None:
    answer = client.predict("天气", api_name="/ask")
    assert answer["refused"]
    assert answer["citations"] == []


def test_ask_tells_what_is_wrong_with_a_question(client: Client) -> None:
    with pytest.raises(AppError, match="问题有 100000 个字"):
        client.predict("长" * 100_000, api_name="/ask")


def test_search_gives_passages_as_json(client: Client) -> None:
    (first,) = client.predict("新桥设计", 1, "bm25", api_name="/search")
    assert (first["rank"], first["doc_id"], first["article_title"]) == (1, "桥.txt", "苏州新桥通车")
    assert LIBRARY["桥.txt"][first["start"] : first["end"]] == first["text"]


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [(("问", 0), "top_k is 0"), (("问", 1000), "top_k is 1000"), (("问", 3, "x"), "mode is 'x'")],
)
def test_search_tells_what_is_wrong(client: Client, arguments: tuple[object, ...], wrong: str) -> None:
    with pytest.raises(AppError, match=wrong):
        client.predict(*arguments, api_name="/search")


def test_ask_and_search_are_the_only_endpoints_that_are_shown(client: Client) -> None:
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert {name: [one["parameter_name"] for one in end["parameters"]] for name, end in endpoints.items()} == {
        "/ask": ["question"],
        "/search": ["question", "top_k", "mode"],
    }


def test_every_response_carries_the_policy(server_url: str) -> None:
    for path in ("", "config", "gradio_api/info", "gradio_api/file=/etc/passwd", "nothing-here"):
        assert httpx.get(server_url + path).headers["content-security-policy"] == POLICY


def test_the_policy_lets_nothing_load_or_send_elsewhere() -> None:
    directives = {name: values for name, *values in (part.split() for part in POLICY.split("; "))}
    assert directives["default-src"] == directives["connect-src"] == directives["form-action"] == ["'self'"]
    assert directives["object-src"] == ["'none'"]
    allowed = {"'self'", "'none'", "'unsafe-inline'", "'unsafe-eval'", "data:", "blob:"}
    assert {value for values in directives.values() for value in values} <= allowed


def test_the_page_names_no_foreign_address_that_it_would_load(server_url: str) -> None:
    text = httpx.get(server_url).text
    assert "fonts.googleapis.com/css" not in text
    config = httpx.get(server_url + "config").json()
    assert config["analytics_enabled"] is False


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("route", ["file=", "file/", "proxy="])
def test_no_route_reads_a_file(server_url: str, route: str, secret: str) -> None:
    for prefix in ("gradio_api/", ""):
        response = httpx.get(f"{server_url}{prefix}{route}{secret}")
        assert response.status_code in (403, 404)
        assert Path(secret).read_text(encoding="utf-8")[:40] not in response.text


def test_the_server_fetches_no_address(server_url: str) -> None:
    assert httpx.get(f"{server_url}gradio_api/file=https://example.invalid/").status_code == 403


def test_uploads_are_refused(server_url: str) -> None:
    response = httpx.post(f"{server_url}gradio_api/upload", files={"files": ("a.txt", b"x")})
    assert response.status_code == 403


@pytest.mark.parametrize("secret", SECRETS)
def test_a_forged_file_path_is_refused_by_every_handler(server_url: str, secret: str) -> None:
    """Gradio's FileData names a server path: no handler of the page may answer it with that file's content."""
    start = Path(secret).read_text(encoding="utf-8")[:40]
    forged = {"path": secret, "meta": {"_type": "gradio.FileData"}}
    message = {"role": "user", "content": [{"type": "file", "file": forged}]}
    with httpx.Client(base_url=server_url) as client:
        dependencies = client.get("config").json()["dependencies"]
        assert len(dependencies) >= 6
        for number, dependency in enumerate(dependencies):
            for value in (forged, [message]):
                data = [value for _ in dependency["inputs"]]
                body = {"data": data, "fn_index": number, "session_hash": "forged", "event_data": forged}
                said = client.post("gradio_api/run/predict", json=body).text
                joined = client.post("gradio_api/queue/join", json=body)
                if joined.status_code == 200:
                    said += _until_complete(client, "forged", joined.json()["event_id"])
                assert start not in said
                assert start not in json.dumps(said)


def _until_complete(client: httpx.Client, session: str, event_id: str) -> str:
    """All that the queue tells this session until what it asked is done."""
    said = ""
    with client.stream("GET", "gradio_api/queue/data", params={"session_hash": session}) as events:
        for line in events.iter_lines():
            said += line
            if '"close_stream"' in line or ('"process_completed"' in line and event_id in line):
                break
    return said


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/", True),
        ("/config", True),
        ("/assets/index.js", True),
        ("/theme.css", True),
        ("/gradio_api/queue/join", True),
        ("/gradio_api/call/ask", True),
        ("/gradio_api/file=/etc/passwd", False),
        ("/gradio_api/upload", False),
        ("/gradio_api/proxy=https://x", False),
        ("/gradio_api/stream/a/b/c/playlist.m3u8", False),
        ("/gradio_api/vibe-code", False),
        ("/gradio_api/runs", False),
        ("/gradio_api/", False),
        ("/monitoring", False),
        ("/file=/etc/passwd", False),
    ],
)
def test_open_is_what_the_page_needs(path: str, expected: bool) -> None:
    assert is_open(path) is expected
