"""A page with users behind a reverse proxy, in a real browser: the way in, a cited answer, and the way out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, Visit
from tests.web.public import OWNER, PASSWORDS, READER, PublicServer, public_server
from tests.web.reverse_proxy import reverse_proxy
from web.texts import EN, ZH


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PublicServer]:
    folder: Path = tmp_path_factory.mktemp("users")
    with (
        public_server(folder, with_library=False, root_path="/wenda", trusted_proxies=("127.0.0.1",)) as running,
        reverse_proxy(running.url.removesuffix("wenda/"), "/wenda") as url,
    ):
        running.url = url
        yield running


def log_in(visit: Visit, name: str, password: str) -> None:
    visit.page.fill("input[name=username]", name)
    visit.page.fill("input[name=password]", password)
    visit.page.press("input[name=password]", "Enter")


def test_in_and_out_below_a_path(server: PublicServer, open_page: OpenPage) -> None:
    visit = open_page(server.url, ready="form")
    page = visit.page
    expect(page).to_have_url(f"{server.url}login")
    expect(page.locator("button")).to_have_text(ZH.login_button)
    log_in(visit, READER, "wrong password")
    expect(page.locator("[role=alert]")).to_have_text(ZH.login_wrong)
    assert all("401" in one for one in visit.complaints)
    visit.complaints.clear()
    log_in(visit, READER, PASSWORDS[READER])
    expect(page).to_have_url(server.url)
    page.locator("#wd-chat .example").first.wait_for()
    expect(page.locator(".wd-logout")).to_contain_text(READER)
    visit.ask("新桥设计")
    page.locator("a.wd-cite").first.click()
    expect(page.locator("#wd-pane mark.wd-lit").first).to_be_visible()
    expect(page.get_by_role("tab", name=ZH.tab_evaluation)).to_have_count(0)
    page.get_by_role("tab", name=ZH.tab_search).click()
    expect(page.get_by_role("button", name=ZH.search_try)).to_be_visible()
    expect(page.get_by_role("button", name=ZH.search_apply)).to_have_count(0)
    assert visit.foreign_requests() == []
    with visit.leaving():
        page.locator(".wd-logout button").click()
        expect(page.locator("form input[name=password]")).to_be_visible()
    expect(page).to_have_url(f"{server.url}login")
    page.goto(server.url)
    expect(page).to_have_url(f"{server.url}login")


def test_an_owner_manages_in_english_and_finds_nobodys_conversation(server: PublicServer, open_page: OpenPage) -> None:
    visit = open_page(server.url, ready="form", locale="en-GB")
    page = visit.page
    expect(page.locator("button")).to_have_text(EN.login_button)
    log_in(visit, OWNER, PASSWORDS[OWNER])
    page.locator("#wd-chat .example").first.wait_for()
    expect(page.locator(".wd-logout button")).to_have_text(EN.logout)
    expect(page.locator("#wd-chat .user.message")).to_have_count(0)
    expect(page.get_by_role("tab", name=EN.tab_evaluation)).to_have_count(1)
    page.get_by_role("tab", name=EN.tab_search).click()
    expect(page.get_by_role("button", name=EN.search_apply)).to_be_visible()
