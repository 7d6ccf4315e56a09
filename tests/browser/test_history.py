"""Conversations in a real browser: they survive a reload, stand side by side, and are nobody else's."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, Serve, Visit
from tests.web.conftest import LIBRARY
from tests.web.fakes import FakeEngine
from web.conversations import ConversationStore
from web.page import build_page
from web.texts import EN, ZH


@pytest.fixture
def url(served: Serve, tmp_path: Path) -> str:
    return served(build_page(FakeEngine(LIBRARY), conversations=ConversationStore(tmp_path / "chats.sqlite")))


def show_list(visit: Visit) -> None:
    visit.page.locator("#wd-history .toggle-button").click()
    expect(visit.page.locator("#wd-new")).to_be_in_viewport()


def test_after_a_reload_the_answer_is_there_and_its_citation_opens(url: str, open_page: OpenPage) -> None:
    visit = open_page(url)
    visit.ask("新桥设计")
    visit.ask("吞吐量")
    said = visit.page.locator("#wd-chat .bot.message").all_text_contents()
    lit = [LIBRARY["港口.txt"].split("\n")[1]]
    expect(visit.page.locator("#wd-pane mark.wd-lit")).to_have_text(lit)
    visit.reload()
    expect(visit.page.locator("#wd-chat .bot.message .wd-chips")).to_have_count(2)
    expect(visit.page.locator("#wd-chat .bot.message")).to_have_text(said)
    assert visit.lit() == []
    visit.page.locator("a.wd-cite[href='#cite-1-1']").click()
    expect(visit.page.locator("#wd-pane mark.wd-lit")).to_have_text(lit)
    visit.ask("它多长")
    expect(visit.page.locator("#wd-chat .user.message")).to_have_count(3)

    other = open_page(url)  # another browser: nothing of the first
    show_list(other)
    assert other.page.locator("#wd-chats").inner_text().strip() == ""
    assert other.page.locator("#wd-chat .user.message").count() == 0


def test_several_conversations_are_found_renamed_and_deleted(url: str, open_page: OpenPage) -> None:
    visit = open_page(url)
    page, listed = visit.page, visit.page.locator("#wd-chats .wd-chat-open")
    visit.ask("新桥设计")
    show_list(visit)
    page.get_by_role("button", name=ZH.history_new).click()
    expect(page.locator("#wd-chat .user.message")).to_have_count(0)
    visit.ask("吞吐量")
    expect(listed).to_have_text(["吞吐量", "新桥设计"])
    expect(listed.first).to_have_attribute("aria-current", "true")

    page.get_by_role("tab", name=ZH.tab_search).click()
    expect(page.locator(".sidebar-parent")).to_have_css("padding-left", "0px")  # the list is the chat's
    page.get_by_role("tab", name=ZH.tab_chat).click()
    listed.nth(1).click()
    expect(page.locator("#wd-chat .user.message")).to_contain_text("新桥设计")
    page.get_by_role("link", name="[2]").click()
    expect(page.locator("#wd-pane mark.wd-lit")).to_have_text("工程师陈立负责设计这座桥。")

    page.once("dialog", lambda dialog: dialog.accept("关于<b>桥</b>"))
    page.get_by_role("button", name=f"{ZH.history_rename}: 新桥设计").click()
    expect(listed).to_have_text(["吞吐量", "关于<b>桥</b>"])
    page.get_by_label(ZH.history_search).fill("四千万")
    expect(listed).to_have_text(["吞吐量"])
    page.get_by_label(ZH.history_search).fill("")
    expect(listed).to_have_count(2)

    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name=f"{ZH.history_remove}: 关于").click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name=f"{ZH.history_remove}: 关于").click()
    expect(listed).to_have_text(["吞吐量"])
    expect(page.locator("#wd-chat .user.message")).to_have_count(0)
    visit.reload()
    expect(page.locator("#wd-chat .user.message")).to_contain_text("吞吐量")
    show_list(visit)
    expect(listed).to_have_text(["吞吐量"])


def test_on_a_telephone_the_list_covers_the_page_and_goes_when_one_is_chosen(url: str, open_page: OpenPage) -> None:
    visit = open_page(url, width=390, height=844, locale="en-US")
    visit.ask("新桥设计")
    expect(visit.page.locator("#wd-history input")).not_to_be_visible()  # closed: the keyboard does not go there
    visit.page.get_by_role("button", name=EN.history).click()
    visit.page.get_by_role("button", name=EN.history_new).click()
    expect(visit.page.locator("#wd-new")).not_to_be_visible()
    visit.ask("吞吐量")
    visit.page.get_by_role("button", name=EN.history).click()
    expect(visit.page.locator("#wd-new")).to_be_visible()
    visit.page.locator("#wd-chats .wd-chat-open", has_text="新桥设计").press("Enter")
    expect(visit.page.locator("#wd-new")).not_to_be_visible()
    expect(visit.page.locator("#wd-chat .user.message")).to_contain_text("新桥设计")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390
