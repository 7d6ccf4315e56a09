"""The page with a language model behind it, which is a scripted server: streaming, stopping, marking, falling back."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import expect

from index.build import build_index
from index.settings import default_settings
from rag import Engine, ModelSettings, open_model
from rag.generator import INSTEAD
from tests.browser.conftest import OpenPage
from tests.rag.llm_server import CLOSED_WITHIN_S, Call, Script, ScriptedServer, says, serving
from tests.web.conftest import free_port
from web.page import build_page
from web.serving import serve
from web.texts import ZH

WrittenBy = Callable[[Script], ScriptedServer]
DOCUMENTS = Path(__file__).parents[2] / "documents"
QUESTION = "西堠门公铁大桥的主跨是多少米？"
CARRIED = "西堠门公铁大桥的主跨是1488米。[1]"
INVENTED = "它由王建国<b>设计</b>，造价999亿元。[1]"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    out = tmp_path_factory.mktemp("sample") / "index"
    build_index(DOCUMENTS, out, default_settings())
    return Engine.open(out)


@pytest.fixture(scope="module")
def url(engine: Engine) -> Iterator[str]:
    page = build_page(engine)
    yield serve(page, "127.0.0.1", free_port())
    page.close(verbose=False)


@pytest.fixture
def written_by(engine: Engine) -> Iterator[WrittenBy]:
    """Lets a script write the answers of the page."""
    with ExitStack() as servers:

        def write(script: Script) -> ScriptedServer:
            server = servers.enter_context(serving(script))
            engine.model = open_model(ModelSettings("模型<b>x</b>", server.url, "sk-secret"))
            return server

        yield write
    engine.model = None


def test_what_nothing_carries_is_marked_and_who_wrote_it_is_said(
    open_page: OpenPage, url: str, written_by: WrittenBy
) -> None:
    written_by(says(CARRIED + INVENTED))
    visit = open_page(url)
    visit.ask(QUESTION)
    answer = visit.page.locator("#wd-chat .bot.message").last
    doubted = answer.locator(".wd-unsupported")
    expect(doubted).to_have_text("它由王建国<b>设计</b>，造价999亿元。[2]")
    expect(doubted).to_have_attribute("title", ZH.unsupported)
    assert "wavy" in doubted.evaluate("element => getComputedStyle(element).textDecoration")
    assert "⚠" in doubted.evaluate("element => getComputedStyle(element, '::after').content")
    expect(answer.locator(".wd-written")).to_have_text(ZH.written_doubted.format("模型<b>x</b>", 2, 1))
    assert answer.locator("b").count() == 0
    lit = visit.page.locator("#wd-pane mark.wd-lit")
    expect(lit.first).to_contain_text("主跨1488米")


def test_words_are_seen_as_they_come(open_page: OpenPage, url: str, written_by: WrittenBy) -> None:
    go_on = threading.Event()

    def script(call: Call) -> None:
        call.begin()
        call.say("西堠门公铁大桥的", "主跨是")
        go_on.wait(CLOSED_WITHIN_S)
        call.say("1488米。", "[1]", finish="stop")

    written_by(script)
    visit = open_page(url)
    visit.page.fill("#wd-box textarea", QUESTION)
    visit.page.press("#wd-box textarea", "Enter")
    text = visit.page.locator("#wd-chat .bot.message .wd-text")
    expect(text).to_have_text("西堠门公铁大桥的主跨是")
    go_on.set()
    expect(text).to_have_text(CARRIED)


def test_stop_ends_the_request(open_page: OpenPage, url: str, written_by: WrittenBy) -> None:
    def script(call: Call) -> None:
        call.begin()
        call.say("西堠门公铁大桥的主跨是")
        call.wait_until_closed()

    server = written_by(script)
    visit = open_page(url)
    visit.page.fill("#wd-box textarea", QUESTION)
    visit.page.press("#wd-box textarea", "Enter")
    answer = visit.page.locator("#wd-chat .bot.message")
    expect(answer).to_contain_text("主跨是")
    visit.page.locator("#wd-box .stop-button").click()
    expect(answer).to_contain_text(ZH.stopped)
    assert server.closed.wait(CLOSED_WITHIN_S)


def test_a_server_that_dies_leaves_the_extractive_answer_and_says_so(
    open_page: OpenPage, url: str, written_by: WrittenBy
) -> None:
    def script(call: Call) -> None:
        call.begin()
        call.say("这半句话会被收回，", "因为")
        call.die()

    written_by(script)
    visit = open_page(url)
    visit.ask(QUESTION)
    answer = visit.page.locator("#wd-chat .bot.message").last
    expect(answer.locator(".wd-note")).to_contain_text(INSTEAD.chinese)
    assert "1488" in visit.answer()
    assert "收回" not in visit.answer()
    assert "sk-secret" not in visit.page.content()
