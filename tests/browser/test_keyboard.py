"""The page without a mouse and without eyes; and texts that are hard to show: parts, long lines, marks of direction."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from index.build import build_index
from index.settings import default_settings
from rag import Engine
from tests.browser.conftest import OpenPage
from tests.index.test_continuations import BACK, FRONT, HALVES, NAMES
from tests.web.conftest import LIBRARY, free_port
from web.library import Library
from web.page import build_page
from web.serving import serve
from web.texts import EN, ZH, Texts

LONG = "长" * 2000 + "A" * 3000
TURNED = "\u202e反着写\u202c"
ODD = f"云台灯会\n云台灯会的总策划是{TURNED}周小灯。\n\n云台灯会的口号是{LONG}。\n"


@pytest.fixture(scope="module", name="folder")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("keyboard") / "documents"
    folder.mkdir()
    for name, text in {**LIBRARY, NAMES[0]: FRONT, NAMES[1]: BACK, "灯会.txt": ODD}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module", name="url")
def page_of_the_folder(folder: Path) -> Iterator[str]:
    index = folder.parent / "index"
    build_index(folder, index, default_settings())
    engine = Engine.open(index)
    page = build_page(engine, library=Library(engine, folder))
    yield serve(page, "127.0.0.1", free_port())
    page.close(verbose=False)


def tab_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Press Tab until the focus is on such an element; fails where it never comes there."""
    for _ in range(40):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    text = page.locator("#wd-chat").inner_text()
    raise AssertionError(f"{selector} cannot be reached by keyboard in: {text}")


@pytest.mark.parametrize(("locale", "texts", "send"), [("zh-CN", ZH, "发送"), ("en-US", EN, "Send")])
def test_a_citation_is_opened_read_and_left_by_keyboard(
    url: str, open_page: OpenPage, locale: str, texts: Texts, send: str
) -> None:
    visit = open_page(url, locale=locale, width=390, height=844)
    page = visit.page
    assert page.get_by_role("heading", level=1).all_text_contents() == [texts.title]
    expect(page.locator("#wd-box textarea")).to_be_focused()
    expect(page.get_by_role("button", name=send, exact=True)).to_be_visible()
    first = page.locator("#wd-chat .example").first
    expect(first).to_have_accessible_name(first.inner_text().strip())
    page.keyboard.type("云台灯会的总策划是谁？")
    page.keyboard.press("Enter")
    page.locator("#wd-chat .bot.message .wd-chips").wait_for()
    log = page.get_by_role("log", name=texts.chat_label)
    expect(log).to_have_attribute("aria-live", "polite")  # a screen reader says what comes into it
    expect(log.locator(".bot.message .wd-text")).to_be_visible()
    tab_to(page, "a.wd-cite", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#wd-pane mark.wd-lit")).to_be_in_viewport()
    expect(page.locator("#wd-pane .wd-body")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#wd-pane mark.wd-lit")).not_to_be_visible()
    expect(page.locator("#wd-chat a.wd-cite:focus")).to_have_count(1)


def test_on_a_telephone_an_article_comes_into_sight_with_its_other_part_and_the_way_back(
    url: str, open_page: OpenPage
) -> None:
    page = open_page(url, width=390, height=480).page
    page.get_by_role("tab", name=ZH.tab_library).click()
    link = page.locator(f".wd-article-link[data-doc='{NAMES[0]}']").first
    link.click()
    article = page.locator("#wd-article")
    expect(article.locator("h2")).to_be_in_viewport()
    expect(article.locator(".wd-part[aria-current]")).to_have_text(ZH.pane_part.format(1, NAMES[0]))
    article.get_by_role("link", name=ZH.pane_part.format(2, NAMES[1])).click()
    expect(article.locator(".wd-body")).to_contain_text(HALVES[1])
    expect(article.locator(".wd-part[aria-current]")).to_have_text(ZH.pane_part.format(2, NAMES[1]))
    article.get_by_role("link", name=ZH.library_back).click()
    expect(link).to_be_in_viewport()
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(article.locator(".wd-body")).to_be_focused()


def test_the_other_part_of_a_cited_article_opens_in_the_source_pane(url: str, open_page: OpenPage) -> None:
    visit = open_page(url)
    visit.ask("青河大桥什么时候通车？")
    pane = visit.page.locator("#wd-pane")
    visit.page.locator("#wd-chat a.wd-chip-article, #wd-chat a.wd-related-link").first.click()
    expect(pane.locator(".wd-parts")).to_contain_text(ZH.pane_parts.format(2))
    open_part = pane.locator(".wd-part[aria-current]").inner_text()
    pane.locator("a.wd-part").click()
    expect(pane.locator(".wd-part[aria-current]")).not_to_have_text(open_part)
    expect(pane.locator(".wd-body")).not_to_be_empty()


@pytest.mark.parametrize("width", [390, 1280])
def test_long_lines_and_marks_of_direction_stay_in_their_place(url: str, open_page: OpenPage, width: int) -> None:
    visit = open_page(url, width=width)
    page = visit.page
    visit.ask("云台灯会的总策划是谁？")
    page.locator("#wd-chat a.wd-cite").first.click()
    mark = page.locator("#wd-pane mark.wd-lit").first
    expect(mark).to_be_visible()
    assert LONG in (page.locator("#wd-pane .wd-body").text_content() or "")
    assert TURNED in (mark.text_content() or "")  # nothing is taken away
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for pane in ("#wd-pane .wd-body", "#wd-chat"):
        assert page.evaluate("name => document.querySelector(name).scrollWidth", pane) <= page.evaluate(
            "name => document.querySelector(name).clientWidth", pane
        )
    expect(mark).to_have_css("direction", "ltr")  # the line around it still runs as it did


def test_a_changed_file_says_so(url: str, open_page: OpenPage, folder: Path) -> None:
    (folder / "灯会.txt").write_text(ODD.replace("周小灯", "吴大灯"), encoding="utf-8")
    page = open_page(url, locale="en-US").page
    page.get_by_role("tab", name=EN.tab_library).click()
    expect(page.locator(".wd-state-changed")).to_have_text(EN.library_state_changed)
    page.get_by_role("button", name=EN.library_build_button).click()
    expect(page.locator("#wd-library-status")).to_contain_text("灯会.txt")
    expect(page.locator(".wd-state-changed")).to_have_count(0)
