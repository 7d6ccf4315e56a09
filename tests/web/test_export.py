"""A conversation as a file: every citation as a footnote that says where; nothing of it runs in a viewer."""

import json
from dataclasses import replace

from rag.types import Notice
from tests.web.conftest import LIBRARY
from tests.web.fakes import FakeEngine
from tests.web.test_chat import ask, chinese
from tests.web.test_markup import read
from web.chat import Chat
from web.export import to_json, to_markdown
from web.export_page import to_html
from web.session import Session
from web.texts import ZH


def conversation(engine: FakeEngine, *questions: str) -> Session:
    session = Session()
    for question in questions:
        ask(Chat(engine), session, question)
    return session


def test_each_citation_is_a_footnote_of_its_answer(engine: FakeEngine) -> None:
    text = to_markdown(conversation(engine, "北港吞吐量", "新桥设计").exchanges, ZH)
    assert "## 新桥设计" in text
    assert "工程师陈立负责设计这座桥。[^2-2]" in text
    start = LIBRARY["桥.txt"].index("工程师")
    place = f"桥.txt\\[{start}:{start + 13}\\]"
    assert f"[^2-2]: 苏州新桥通车, 2021-12-23, 示例日报, {place}: “工程师陈立负责设计这座桥。”" in text


def test_what_was_said_stays_text(engine: FakeEngine) -> None:
    session = conversation(engine, "新桥设计")
    (one,) = session.exchanges
    assert one.answer is not None
    hostile = replace(one, question="<script>*[a](javascript:b)", answer=replace(one.answer, text="[9]![x](y)<img>"))
    text = to_markdown([hostile], ZH)
    assert r"\<script\>\*\[a\](javascript:b)" in text
    assert r"\[9\]!\[x\](y)\<img\>" in text


def test_json_holds_the_spans(engine: FakeEngine) -> None:
    (row,) = json.loads(to_json(conversation(engine, "新桥设计").exchanges))
    assert (row["question"], row["generation"]) == ("新桥设计", "fake-generation")
    for citation in row["citations"]:
        assert LIBRARY[citation["doc_id"]][citation["start"] : citation["end"]] == citation["quote"]


def test_an_exchange_without_an_answer_is_left_out(engine: FakeEngine) -> None:
    session = Session()
    session.begin("新桥设计")
    session.stop()
    assert json.loads(to_json(session.exchanges)) == []


def test_undo_gives_the_question_back_and_retry_asks_it_again(engine: FakeEngine) -> None:
    chat = Chat(engine)
    session = conversation(engine, "北港吞吐量", "新桥设计")
    _, box, _ = chat.undo(session, chinese())
    assert box.value == "新桥设计"
    assert [one.question for one in session.exchanges] == ["北港吞吐量"]
    list(chat.retry(session, chinese()))
    assert [one.question for one in session.exchanges] == ["北港吞吐量"]
    assert session.exchanges[0].number == 2  # never a number twice: an old link opens no new answer
    assert session.undo() == "北港吞吐量"
    assert session.undo() == ""
    assert list(chat.retry(session, chinese())) == []


def test_the_page_to_print_holds_each_cited_sentence_in_full_and_nothing_that_runs(engine: FakeEngine) -> None:
    session = conversation(engine, "新桥设计")
    (one,) = session.exchanges
    assert one.answer is not None
    hostile = replace(
        one, question="<script>alert(1)</script>", answer=replace(one.answer, notices=(Notice("<img src=x>", ""),))
    )
    page = read(to_html([one, hostile, replace(one, answer=None)], ZH))
    start = LIBRARY["桥.txt"].index("工程师")
    assert "[2] 工程师陈立负责设计这座桥。" in page.text
    assert f"苏州新桥通车 · 2021-12-23 · 示例日报 · 桥.txt[{start}:{start + 13}]" in page.text
    assert "<script>alert(1)</script>" in page.text
    assert not {"script", "img", "link"} & {name for name, _ in page.elements}
