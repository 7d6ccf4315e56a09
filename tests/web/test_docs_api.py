"""docs/api.md: every Python example is run as it stands there, and the commands are ones that exist."""

import contextlib
import io
import json
import re
import shlex
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

import app
from tests.web.conftest import free_port
from tests.web.fakes import FakeEngine
from tests.web.public import READER, PublicServer, public_server
from web import users
from web.openai_api import ChatCompletions
from web.page import build_page
from web.serving import Serving, serve

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
NAME = "2021-12-24-03版.txt"
SERVED_AT = "http://127.0.0.1:7860/"
SAYS = "厂长"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)


EXAMPLES = blocks("python")


def engine() -> FakeEngine:
    return FakeEngine({NAME: (ROOT / "documents" / NAME).read_text(encoding="utf-8")})


@pytest.fixture(scope="module")
def open_url() -> Iterator[str]:
    page = build_page(engine())
    yield serve(page, "127.0.0.1", free_port(), ChatCompletions(engine()).routes(), Serving(mcp=True, local=True))
    page.close(verbose=False)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PublicServer]:
    with public_server(tmp_path_factory.mktemp("docs"), texts=engine().texts) as server:
        yield server


def run(example: str, url: str) -> str:
    """What an example prints."""
    assert SERVED_AT.rstrip("/") in example
    said = io.StringIO()
    code = compile(example.replace(SERVED_AT, url), "docs/api.md", "exec")
    # in a thread of its own: an example runs a loop, and Playwright's runs in this one once a browser test has begun
    with contextlib.redirect_stdout(said), ThreadPoolExecutor(1) as pool:
        pool.submit(exec, code, {"__name__": "docs"}).result()
    return said.getvalue()


def test_there_is_an_example_for_each_way() -> None:
    assert len(EXAMPLES) == 4
    for example, library in zip(EXAMPLES, ("gradio_client", "openai", "mcp", "WENDA_TOKEN"), strict=True):
        assert library in example


@pytest.mark.parametrize("number", range(3))
def test_an_example_runs_and_prints_an_answer_with_its_quote(open_url: str, number: int) -> None:
    said = run(EXAMPLES[number], open_url)
    answer = engine().answer("采油十二厂厂长是谁？")
    assert answer.text in said
    assert (answer.citations[0].doc_id if number == 1 else answer.citations[0].quote) in said
    if number == 2:
        assert "['ask', 'search']" in said


def test_the_example_with_a_token_runs(guarded: PublicServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENDA_TOKEN", guarded.tokens[READER])
    assert "['wenda']" in run(EXAMPLES[3], guarded.url)


def test_the_request_without_a_client_runs(open_url: str) -> None:
    (line,) = [one for block in blocks("sh") for one in block.splitlines() if one.startswith("curl")]
    _, _, url, _, header, _, body = shlex.split(line)
    name, _, value = header.partition(": ")
    answer = httpx.post(url.replace(SERVED_AT, open_url), content=body.encode("utf-8"), headers={name: value})
    assert answer.status_code == 200
    assert answer.json()["data"][0]["citations"]


def test_commands_and_flags_exist() -> None:
    commands = [one for block in blocks("sh") for one in block.splitlines() if one.startswith("python -m web.users")]
    assert len(commands) == 2
    for command in commands:
        users._parser().parse_args(shlex.split(command)[3:])
    for command in re.findall(r"`python app\.py([^`]*)`", DOCS):
        app.parse_flags(shlex.split(command))
    for flag in set(re.findall(r"(?<!-)--[a-z][a-z-]+", DOCS)) - {"--owner"}:
        assert flag.lstrip("-").replace("-", "_") in vars(app.parse_flags([]))
    for block in blocks("json"):
        assert json.loads(block)["mcpServers"]["wenda"]["url"].startswith(SERVED_AT)
