"""The main path in a real browser: ask, see the cited sentence lit in its article, come back to it."""

import threading
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import expect

from eval.feedback import FeedbackStore, read_feedback
from rag.types import Event, TextEvent, Turn
from tests.browser.conftest import OpenPage, Serve
from tests.web.conftest import LIBRARY
from tests.web.fakes import FakeEngine
from web.page import build_page
from web.texts import EN, ZH

FILLER = [
    "大桥两侧设有人行道和自行车道，桥头建了两座小公园，市民可以在那里歇脚看河。",
    "建设期间，施工队在枯水季完成了水下基础，雨季到来之前，所有桥墩都露出了水面。",
    "为了不打扰附近的学校，打桩安排在周末白天，运料车绕行北环路。",
    "桥上的路灯用太阳能供电，阴雨天可以连续照明七个晚上。",
    "通车前，技术人员用三十六辆满载的卡车做了荷载试验，各项数据都在设计范围之内。",
    "公交公司同时调整了五条线路，从老城到新区不必再绕过火车站。",
    "附近的商户说，过去客人要等渡船，一到傍晚就没有生意，现在晚上也热闹了。",
    "养护单位将在桥面装上传感器，结冰的时候会自动提醒司机慢行。",
]
BRIDGE = "\n\n".join(
    [
        "---\ntitle: 青河大桥建成通车\ndate: 2023-05-12\nsource: 青河日报\n---",
        "# 青河大桥建成通车",
        "青河大桥5月12日正式通车，老城和新区之间的车程从四十分钟缩短到八分钟。",
        *FILLER,
        "青河大桥的总设计师是陈立新，他今年六十一岁，一生设计了二十三座桥。",
        "市交通局表示，大桥不收通行费。",
    ]
)
MUSEUM = "\n\n".join(
    [
        "---\ntitle: 白塔博物馆新馆开放\ndate: 2023-06-01\nsource: 青河日报\n---",
        "# 白塔博物馆新馆开放",
        "白塔博物馆新馆6月1日对公众开放，展出文物一千二百件。",
        "白塔博物馆每周一闭馆，其余日子上午九点开门。",
    ]
)
TRICKS = (
    '<script>window.pwned=1</script><img src=x onerror="window.pwned=2">${window.pwned=3}$$x^2$$'
    "[链](javascript:window.pwned=4)`${window.pwned=5}`{{#each value}}%%%LATEX_BLOCK_0%%%"
    "![图](http://evil.example/a.png)\u202e反\u202c<iframe src=http://evil.example></iframe>"
)
CITED_TRICKS = TRICKS[: TRICKS.index("!")]
"""The sentence that is cited ends at the exclamation mark; the article shows all of it."""
HOSTILE = f"---\ntitle: 黑风镇失窃案{TRICKS[:40]}\ndate: 2023-07-02\n---\n\n黑风镇失窃案的嫌疑人是{TRICKS}周五郎。\n"


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documents")
    for name, text in {"桥.md": BRIDGE, "博物馆.md": MUSEUM, "失窃案.md": HOSTILE}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_file_is_added_built_and_asked_about_while_the_chat_goes_on(
    app_url: str, library: Path, open_page: OpenPage, tmp_path: Path
) -> None:
    added = tmp_path / "灯塔.txt"
    added.write_text("白沙岛灯塔点亮\n白沙岛灯塔昨晚点亮，灯塔高四十二米。\n", encoding="utf-8")
    visit = open_page(app_url)
    visit.ask("白沙岛灯塔高多少米？")
    visit.page.get_by_role("tab", name=ZH.tab_library).click()
    visit.page.set_input_files("#wd-documents input[type=file]", added)
    status = visit.page.locator("#wd-library-status")
    expect(status).to_contain_text(ZH.library_added.format(added.name))
    assert (library / added.name).read_bytes() == added.read_bytes()
    visit.page.get_by_role("button", name=ZH.library_build_button).click()
    expect(status).to_contain_text(f"{ZH.library_new}：{added.name}")
    visit.page.locator(".wd-article-link", has_text="白沙岛灯塔点亮").click()
    expect(visit.page.locator("#wd-article")).to_contain_text("灯塔高四十二米")
    visit.page.get_by_role("tab", name=ZH.tab_chat).click()
    visit.ask("白沙岛灯塔高多少米？")
    assert "四十二米" in visit.answer()


def test_a_conversation_is_saved_with_footnotes_and_its_last_question_taken_back(
    app_url: str, open_page: OpenPage
) -> None:
    visit = open_page(app_url)
    visit.ask("青河大桥的总设计师是谁？")
    with visit.page.expect_download() as saving:
        visit.page.get_by_role("button", name=ZH.export_markdown).click()
    assert saving.value.suggested_filename == "wenda.md"
    text = saving.value.path().read_text(encoding="utf-8")
    assert "## 青河大桥的总设计师是谁？" in text
    assert "[^1-1]: 青河大桥建成通车, 2023-05-12, 青河日报, 桥.md" in text
    visit.page.get_by_role("button", name="撤销").click()
    expect(visit.page.locator("#wd-box textarea")).to_have_value("青河大桥的总设计师是谁？")


def test_a_rated_answer_is_kept(open_page: OpenPage, served: Serve, tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path / "feedback.sqlite")
    visit = open_page(served(build_page(FakeEngine(LIBRARY), store)))
    visit.ask("新桥设计")
    visit.page.locator("#wd-chat button[aria-label='踩']").first.click()
    expect(visit.page.get_by_text(ZH.feedback_kept)).to_be_visible()
    (rated,) = read_feedback(store.path)
    assert (rated.question, rated.rating) == ("新桥设计", "wrong")


def test_ask_see_the_sentence_lit_and_come_back_to_it(app_url: str, open_page: OpenPage) -> None:
    visit = open_page(app_url, height=480)  # so low that the sentence is seen only when it is scrolled to
    visit.ask("青河大桥的总设计师是谁？")
    quote = "青河大桥的总设计师是陈立新，他今年六十一岁，一生设计了二十三座桥。"
    assert "陈立新" in visit.answer()
    assert "[1]" in visit.answer()
    expect(visit.page.locator("#wd-pane mark.wd-lit")).to_have_text([quote])
    assert visit.lit() == [quote]
    expect(visit.page.locator("#wd-pane mark.wd-lit")).to_be_in_viewport()
    pane = visit.page.locator("#wd-pane").inner_text()
    for fact in ("青河大桥建成通车", "2023-05-12", "青河日报", "桥.md", FILLER[0]):
        assert fact in pane

    visit.ask("白塔博物馆星期几闭馆？")
    assert "周一" in visit.answer()
    expect(visit.page.locator("#wd-pane mark.wd-lit")).to_have_text("白塔博物馆每周一闭馆，其余日子上午九点开门。")

    visit.page.locator("#wd-chat .bot.message").first.get_by_role("link", name="[1]").first.click()
    expect(visit.page.locator("#wd-pane mark.wd-lit")).to_have_text(quote)
    expect(visit.page.locator("#wd-pane mark.wd-lit")).to_be_in_viewport()
    expect(visit.page.locator("#wd-chat a.wd-cite[aria-current]").first).to_have_attribute("href", "#cite-0-1")
    assert visit.page.url == app_url


def test_a_hostile_document_shows_as_text_and_runs_nothing(app_url: str, open_page: OpenPage) -> None:
    visit = open_page(app_url)
    visit.ask(f"黑风镇失窃案的嫌疑人是谁？\n\n# {TRICKS}\n\n{TRICKS}")  # after a blank line Markdown would read on
    expect(visit.page.locator("#wd-chat .user.message")).to_contain_text(f"# {TRICKS}\n\n{TRICKS}")
    visit.ask("黑风镇失窃案的嫌疑人是谁？")
    assert CITED_TRICKS in visit.answer()
    expect(visit.page.locator("#wd-pane mark.wd-lit")).to_contain_text([CITED_TRICKS])
    assert TRICKS in (visit.page.locator("#wd-pane .wd-body").text_content() or "")
    assert visit.page.evaluate("window.pwned") is None
    assert visit.page.locator("#wd-chat :is(img, script, h1, .katex), #wd-pane :is(img, script, h1)").count() == 0
    assert visit.page.locator("a[href^='javascript'], a[href*='evil.example']").count() == 0


def test_a_question_that_the_documents_do_not_answer(app_url: str, open_page: OpenPage) -> None:
    visit = open_page(app_url)
    visit.ask("火星探测器是哪一年发射的？")
    expect(visit.page.locator("#wd-chat .wd-refusal")).to_contain_text(ZH.refused)
    assert visit.lit() == []


def test_what_cannot_be_asked_is_told(app_url: str, open_page: OpenPage) -> None:
    visit = open_page(app_url)
    visit.page.press("#wd-box textarea", "Enter")
    expect(visit.page.get_by_text(ZH.empty_question)).to_be_visible()
    expect(visit.page.locator(".toast-title")).to_have_text("提示")
    visit.ask("长" * 100_000)
    notice = visit.page.locator("#wd-chat .wd-notice")
    assert "100" in (notice.text_content() or "")
    visit.ask("青河大桥的总设计师是谁？")
    assert "陈立新" in visit.answer()


def test_a_first_question_can_be_chosen(app_url: str, open_page: OpenPage) -> None:
    visit = open_page(app_url)
    suggested = visit.page.locator("#wd-chat .example").first
    question = suggested.inner_text()
    suggested.click()
    visit.page.locator("#wd-chat .bot.message .wd-chips").wait_for()
    expect(visit.page.locator("#wd-chat .user.message")).to_contain_text(question)


def test_a_suggestion_under_an_answer_can_be_chosen(app_url: str, open_page: OpenPage) -> None:
    visit = open_page(app_url)
    visit.ask("青河大桥的总设计师是谁？")
    suggested = visit.page.locator("#wd-chat .option").first
    question = suggested.inner_text()
    assert "青河大桥" in question
    suggested.click()
    visit.page.locator("#wd-chat .bot.message").nth(1).locator(".wd-chips").wait_for()
    expect(visit.page.locator("#wd-chat .user.message").nth(1)).to_contain_text(question)
    expect(visit.page.locator("#wd-pane mark.wd-lit").first).to_be_visible()


def test_a_conversation_can_be_cleared(app_url: str, open_page: OpenPage) -> None:
    visit = open_page(app_url)
    visit.ask("青河大桥的总设计师是谁？")
    visit.page.get_by_role("button", name="清空对话").click()
    visit.page.locator("#wd-chat .example").first.wait_for()
    expect(visit.page.locator("#wd-pane")).to_contain_text(ZH.pane_empty)
    visit.ask("白塔博物馆星期几闭馆？")
    assert visit.page.locator("#wd-chat .user.message").count() == 1
    expect(visit.page.locator("#wd-chat a.wd-cite").first).to_have_attribute("href", "#cite-1-1")


def test_on_a_telephone_the_source_comes_up_as_a_sheet(app_url: str, open_page: OpenPage) -> None:
    visit = open_page(app_url, width=390, height=844, locale="en-US")
    expect(visit.page.locator("#wd-box textarea")).to_have_attribute("placeholder", EN.question_hint)
    visit.ask("青河大桥的总设计师是谁？")
    mark = visit.page.locator("#wd-pane mark.wd-lit")
    expect(mark).not_to_be_visible()
    visit.page.get_by_role("link", name="[1]").first.click()
    expect(mark).to_be_in_viewport()
    visit.page.get_by_role("button", name=EN.close).click()
    expect(mark).not_to_be_visible()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_refusal_offers_articles_that_open(open_page: OpenPage, served: Serve) -> None:
    visit = open_page(served(build_page(FakeEngine(LIBRARY))))
    visit.ask("天气")
    visit.page.get_by_role("link", name="北港吞吐量创新高").click()
    expect(visit.page.locator("#wd-pane h2")).to_have_text("北港吞吐量创新高")
    expect(visit.page.locator("#wd-pane mark.wd-near")).to_be_in_viewport()
    visit.page.get_by_role("link", name=ZH.previous).click()
    expect(visit.page.locator("#wd-pane h2")).to_have_text("苏州新桥通车")


class HeldEngine(FakeEngine):
    """Says one piece of its answer, and the rest when it is let go."""

    def __init__(self, texts: dict[str, str]) -> None:
        super().__init__(texts)
        self.let_go = threading.Event()

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Generator[Event, None, None]:
        for event in super().stream(question, history):
            yield event
            if isinstance(event, TextEvent):
                yield TextEvent("（一段很长的答案）")
                self.let_go.wait(120)


def test_a_streaming_answer_is_seen_and_can_be_stopped(open_page: OpenPage, served: Serve) -> None:
    engine = HeldEngine(LIBRARY)
    visit = open_page(served(build_page(engine)))
    visit.page.fill("#wd-box textarea", "新桥设计")
    visit.page.press("#wd-box textarea", "Enter")
    answer = visit.page.locator("#wd-chat .bot.message")
    expect(answer).to_contain_text("（一段很长的答案）")
    visit.page.locator("#wd-box .stop-button").click()
    expect(answer).to_contain_text(ZH.stopped)
    engine.let_go.set()
    visit.ask("吞吐量")
    assert visit.answer() == engine.answer("吞吐量").text
