"""Every tab in a real browser: no serious finding of axe, light and dark; files taken out; nothing lost by a reload."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from index.build import build_index
from index.settings import default_settings
from rag import Engine
from tests.browser.conftest import OpenPage, Serve
from tests.browser.test_chat import HeldEngine
from tests.web.conftest import LIBRARY, free_port
from web.conversations import ConversationStore
from web.evaluation import Evaluation
from web.library import Library
from web.page import build_page
from web.serving import serve
from web.texts import EN, ZH
from web.writer import Writer


@pytest.fixture(scope="module", name="folder")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tabs") / "documents"
    folder.mkdir()
    for name, text in LIBRARY.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "坏.txt").write_bytes(b"\x00\xff\x00\xff")
    return folder


@pytest.fixture(scope="module", name="url")
def page_with_every_tab(folder: Path) -> Iterator[str]:
    index = folder.parent / "index"
    build_index(folder, index, default_settings())
    engine = Engine.open(index)
    page = build_page(
        engine,
        conversations=ConversationStore(folder.parent / "chats.sqlite"),
        library=Library(engine, folder),
        evaluation=Evaluation(engine, folder.parent, folder.parent),
        writer=Writer(engine),
    )
    yield serve(page, "127.0.0.1", free_port())
    page.close(verbose=False)


def serious(page: Page) -> list[str]:
    """The findings of axe that are more than minor, each with the first element that it is about."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] != "minor"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_tab_has_a_serious_finding_of_axe(url: str, open_page: OpenPage, scheme: str) -> None:
    visit = open_page(url, scheme=scheme)
    page = visit.page
    assert serious(page) == []
    visit.ask("新桥是谁设计的？")
    visit.ask("火星探测器是哪一年发射的？")
    visit.page.locator("#wd-chat a.wd-tool").first.click()
    expect(page.locator("#wd-chat .wd-editing")).to_be_visible()
    assert serious(page) == []
    page.get_by_role("tab", name=ZH.tab_search).click()
    page.fill("#wd-search textarea", "新桥是谁设计的？")
    page.get_by_role("spinbutton", name=ZH.n_read).fill("3")
    expect(page.get_by_role("slider", name=ZH.n_read)).to_have_value("3")
    page.get_by_role("button", name=ZH.search_try).click()
    expect(page.locator(".wd-hits mark").first).to_be_visible()
    assert serious(page) == []
    page.get_by_role("tab", name=ZH.tab_library).click()
    page.locator(".wd-article-link").first.click()
    expect(page.locator("#wd-article h2")).to_be_visible()
    assert serious(page) == []
    page.get_by_role("tab", name=ZH.tab_evaluation).click()
    assert serious(page) == []
    page.get_by_role("tab", name=ZH.tab_settings).click()
    expect(page.locator("#wd-writer-status")).to_contain_text(ZH.writer_now_reader)
    assert serious(page) == []


def test_a_language_model_that_cannot_be_reached_is_not_taken(url: str, open_page: OpenPage) -> None:
    page = open_page(url).page
    page.get_by_role("tab", name=ZH.tab_settings).click()
    page.get_by_label(ZH.writer_model).check()
    page.get_by_label(ZH.writer_url).fill(f"http://127.0.0.1:{free_port()}/v1")
    page.get_by_label(ZH.writer_name).fill("qwen3:8b")
    page.get_by_role("button", name=ZH.writer_use).click()
    expect(page.locator("#wd-writer-status")).to_contain_text("连不上")
    expect(page.locator("#wd-writer-status")).to_contain_text(ZH.writer_not_used)


def test_a_question_is_changed_by_keyboard_and_the_answer_printed(url: str, open_page: OpenPage) -> None:
    visit = open_page(url)
    page = visit.page
    visit.ask("新桥是谁设计的？")
    visit.ask("新桥多长？")
    page.locator("#wd-chat a.wd-tool[href='#edit-0']").press("Enter")
    expect(page.locator("#wd-box textarea")).to_have_value("新桥是谁设计的？")
    expect(page.locator("#wd-box textarea")).to_be_focused()
    page.fill("#wd-box textarea", "新桥多宽？")
    page.press("#wd-box textarea", "Enter")
    expect(page.locator("#wd-chat .user.message .wd-text")).to_have_text(["新桥多宽？"])
    expect(page.locator("#wd-chat .bot.message .wd-chips")).to_have_count(1)
    page.get_by_role("button", name=ZH.export_print).click()
    printed = page.frame_locator("#wd-print").locator("body")
    expect(printed).to_contain_text("新桥多宽？")
    expect(printed.locator("li").first).to_contain_text("桥.txt[")


def test_a_question_under_way_is_there_after_a_reload(open_page: OpenPage, served: Serve, tmp_path: Path) -> None:
    engine = HeldEngine(LIBRARY)
    try:
        visit = open_page(served(build_page(engine, conversations=ConversationStore(tmp_path / "chats.sqlite"))))
        visit.page.fill("#wd-box textarea", "新桥设计")
        visit.page.press("#wd-box textarea", "Enter")
        answer = visit.page.locator("#wd-chat .bot.message")
        expect(answer).to_contain_text("（一段很长的答案）")
        visit.reload()
        expect(visit.page.locator("#wd-chat .user.message")).to_contain_text("新桥设计")
        engine.let_go.set()
        expect(answer.locator(".wd-stopped, .wd-chips")).to_be_visible()
        visit.ask("吞吐量")
        expect(visit.page.locator("#wd-chat .user.message")).to_have_count(2)
    finally:
        engine.let_go.set()


def test_a_ticked_file_is_taken_out_and_not_asked_about_any_more(url: str, open_page: OpenPage, folder: Path) -> None:
    # The last one here: what is left gives no first question, which an opened page waits for.
    visit = open_page(url, locale="en-US")
    page = visit.page
    visit.ask("北港去年吞吐量多少？")
    assert "四千万吨" in visit.answer()
    page.get_by_role("tab", name=EN.tab_library).click()
    expect(page.locator(".wd-state-failed")).to_have_text(EN.library_state_failed)
    take = page.get_by_role("button", name=EN.library_take)
    expect(take).to_be_disabled()
    page.get_by_label("港口.txt").check()
    page.once("dialog", lambda dialog: dialog.accept())
    take.click()
    expect(page.locator("#wd-library-status")).to_contain_text(EN.library_removed.format(1))
    assert not (folder / "港口.txt").exists()
    expect(page.locator(".wd-state-gone")).to_have_text(EN.library_state_gone)
    page.get_by_role("button", name=EN.library_build_button).click()
    expect(page.locator("#wd-library-status")).to_contain_text("港口.txt")
    expect(page.locator(".wd-state-gone")).to_have_count(0)
    page.get_by_role("tab", name=EN.tab_chat).click()
    visit.ask("北港去年吞吐量多少？")
    assert "四千万吨" not in visit.answer()
    page.locator("a.wd-cite").first.click()  # what was said before keeps its source
    expect(page.locator("#wd-pane")).to_contain_text(EN.pane_gone)
