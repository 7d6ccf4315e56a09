"""A full queue, as a reader sees it."""

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, Serve
from tests.web.test_capacity import HeldEngine, join
from web.capacity import Capacity
from web.page import build_page
from web.texts import EN, ZH, Texts


@pytest.mark.parametrize(("locale", "texts"), [("zh-CN", ZH), ("en-US", EN)])
def test_a_full_queue_says_so_in_the_readers_language_and_keeps_the_question(
    open_page: OpenPage, served: Serve, locale: str, texts: Texts
) -> None:
    engine = HeldEngine()
    url = served(build_page(engine, capacity=Capacity(at_once=1, max_waiting=1)))
    try:
        visit = open_page(url, locale=locale)
        with httpx.Client(base_url=url) as others:
            assert join(others, "a").status_code == 200
            assert engine.asked.acquire(timeout=30)
            assert join(others, "b").status_code == 200
            visit.page.fill("#wd-box textarea", "新桥设计")
            visit.page.press("#wd-box textarea", "Enter")
            expect(visit.page.locator(".toast-body")).to_contain_text(texts.queue_full.format(1))
            assert [said for said in visit.complaints if "429" not in said] == []
            visit.complaints.clear()
            engine.go_on.set()
            assert engine.asked.acquire(timeout=30)  # the other one who waited has left the queue
            expect(visit.page.locator("#wd-box textarea")).to_have_value("新桥设计")
            visit.ask("新桥设计")
            assert "陈立" in visit.answer()
    finally:
        engine.go_on.set()
