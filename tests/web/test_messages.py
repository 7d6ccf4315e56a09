"""What the conversation shows: links for labels that exist, chips, refusals, notices; and hostile text as text."""

from dataclasses import replace

import pytest

from rag.types import Answer, Claim, Notice
from tests.web.fakes import FakeEngine
from tests.web.test_chat import said
from tests.web.test_markup import HOSTILE, read
from web.messages import answer_markup, chips, conversation, linked_text
from web.texts import EN, MAX_SHOWN_CHARS, ZH, choose, readable_date
from web.types import Exchange


def hrefs(markup: str, style: str) -> list[str | None]:
    return [a["href"] for tag, a in read(markup).elements if tag == "a" and style in (a.get("class") or "").split()]


def styles(markup: str) -> list[str]:
    return [a.get("class") or "" for _, a in read(markup).elements]


def test_each_label_with_a_citation_is_a_link_to_it(engine: FakeEngine) -> None:
    answer = engine.answer("新桥设计吞吐量")
    markup = linked_text(answer, 5, ZH)
    assert hrefs(markup, "wd-cite") == ["#cite-5-1", "#cite-5-2", "#cite-5-3"]
    assert read(markup).text == answer.text


def test_labels_without_a_citation_stay_text(engine: FakeEngine) -> None:
    answer = replace(engine.answer("新桥设计"), text="见[9]与[0]，[1][ 1 ][１]")
    markup = linked_text(answer, 0, ZH)
    assert hrefs(markup, "wd-cite") == ["#cite-0-1"]
    assert read(markup).text == answer.text


def test_an_unsupported_sentence_is_marked_exactly() -> None:
    answer = Answer(
        "?", "?", "有出处。没出处。", False, 0.9, claims=(Claim(0, 4, ()), Claim(4, 8, (), supported=False))
    )
    markup = linked_text(answer, 0, ZH)
    assert read(markup).text == answer.text
    assert read(markup.split("</span>")[0].split("wd&#45;unsupported")[1]).text.endswith(">没出处。")
    assert [a.get("title") for _, a in read(markup).elements if a.get("class") == "wd-unsupported"] == [ZH.unsupported]


def test_who_wrote_an_answer_and_what_was_checked_is_said(engine: FakeEngine) -> None:
    answer = engine.answer("新桥设计")
    assert "wd-written" not in " ".join(styles(answer_markup(answer, 0, ZH)))
    n_claims = len(answer.claims)
    written = replace(answer, model="qwen3:8b")
    assert ZH.written_by.format("qwen3:8b", n_claims) in read(answer_markup(written, 0, ZH)).text
    assert EN.written_by.format("qwen3:8b", n_claims) in read(answer_markup(written, 0, EN)).text
    doubted = replace(written, claims=(replace(answer.claims[0], supported=False), *answer.claims[1:]))
    assert ZH.written_doubted.format("qwen3:8b", n_claims, 1) in read(answer_markup(doubted, 0, ZH)).text
    refused = replace(engine.answer("天气"), model="qwen3:8b")
    assert "qwen3:8b" not in read(answer_markup(refused, 0, ZH)).text


def test_chips_name_the_articles_the_confidence_the_time_and_the_question_as_understood(engine: FakeEngine) -> None:
    answer = replace(engine.answer("新桥设计吞吐量"), standalone_question="苏州新桥是谁设计的？")
    shown = read(chips(answer, 0, ZH)).text
    for fact in ("苏州新桥通车", "北港吞吐量创新高", "把握 90 %", "12 毫秒", "理解为：苏州新桥是谁设计的？"):
        assert fact in shown
    assert hrefs(chips(answer, 0, ZH), "wd-chip-article") == ["#cite-0-1", "#cite-0-3"]
    assert "90 % sure" in read(chips(answer, 0, EN)).text


def test_the_question_as_understood_is_not_repeated_when_it_is_the_question(engine: FakeEngine) -> None:
    assert "理解为" not in read(chips(engine.answer("新桥设计"), 0, ZH)).text


def test_filters_are_shown_with_the_way_to_leave_them_off(engine: FakeEngine) -> None:
    answer = engine.answer("新桥设计")
    assert ZH.filter_hint not in read(answer_markup(answer, 0, ZH)).text
    shown = read(answer_markup(replace(answer, filters=("日期：2023-08", "来源：本报")), 0, ZH)).text
    for text in ("日期：2023-08", "来源：本报", ZH.filter_hint):
        assert text in shown


def test_a_refusal_looks_like_one_and_offers_related_articles(engine: FakeEngine) -> None:
    answer = engine.answer("天气")
    markup = answer_markup(answer, 2, ZH)
    assert "wd-refusal" in styles(markup)
    assert hrefs(markup, "wd-related-link") == ["#related-2-0", "#related-2-1"]
    assert hrefs(markup, "wd-cite") == []
    assert "有答案的可能 10 %" in read(markup).text
    assert "把握" not in read(markup).text


def test_small_talk_is_no_refusal_and_nothing_to_be_sure_of(engine: FakeEngine) -> None:
    reply = replace(engine.answer("天气"), text="不客气。", related=(), is_small_talk=True)
    markup = answer_markup(reply, 2, ZH)
    assert "不客气。" in read(markup).text
    assert "wd-refusal" not in styles(markup)
    for absent in (ZH.refused, "%", "毫秒"):
        assert absent not in read(markup).text


def test_a_conversation_shows_each_question_and_what_became_of_it(engine: FakeEngine) -> None:
    exchanges = [
        Exchange(0, "新桥设计", "done", "", engine.answer("新桥设计")),
        Exchange(1, "停下", "stopped", "写到一"),
        Exchange(2, "太长", "notice", "问题太长"),
        Exchange(3, "在问", "answering", ""),
    ]
    messages = conversation(exchanges, ZH)
    assert [one["role"] for one in messages] == ["user", "assistant"] * 4
    shown = [said(one) for one in messages]
    assert shown[0::2] == ["新桥设计", "停下", "太长", "在问"]
    assert shown[3] == "写到一" + ZH.stopped
    assert shown[5] == "问题太长"
    assert shown[7] == ZH.thinking


def test_a_very_long_question_is_shown_shortened_and_counted() -> None:
    shown = said(conversation([Exchange(0, "长" * 100_000, "notice", "x")], ZH)[0])
    assert shown == "长" * MAX_SHOWN_CHARS + "……（共 100,000 字）"


def test_what_should_be_known_of_an_answer_is_said_in_the_readers_language(engine: FakeEngine) -> None:
    answer = replace(engine.answer("新桥设计"), notices=(Notice("只答了一半。", "This is half of it."),))
    chinese, english = (read(answer_markup(answer, 0, texts)).text for texts in (ZH, EN))
    assert "只答了一半。" in chinese and "half" not in chinese
    assert "This is half of it." in english and "一半" not in english


def test_what_was_taken_as_a_filter_is_named_in_the_readers_language(engine: FakeEngine) -> None:
    answer = replace(engine.answer("新桥设计"), filters=("日期：2023", "来源：日报", "优先：去年"))
    assert "日期：2023来源：日报优先：去年" in read(chips(answer, 0, ZH)).text
    assert "Date: 2023Source: 日报Preferred: 去年" in read(chips(answer, 0, EN)).text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_questions_answers_and_titles_show_as_text(engine: FakeEngine, text: str) -> None:
    answer = engine.answer("新桥设计")
    cited = tuple(replace(one, article_title=text) for one in answer.citations)
    answer = replace(
        answer, text=text, standalone_question=text, notices=(Notice(text, text),), citations=cited, model=text
    )
    for message in conversation([Exchange(0, text, "done", text, answer), Exchange(1, text, "notice", text)], ZH):
        found = read(message["content"])
        assert text in found.text
        assert {tag for tag, _ in found.elements} <= {"div", "span", "a", "bdi", "ul", "li"}
        assert "\n" not in message["content"]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh-CN"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-US,en;q=0.9", "en"),
        ("fr-FR,fr;q=0.9", "en"),
        ("de,zh;q=0.5,en;q=0.3", "zh-CN"),
    ],
)
def test_the_interface_speaks_the_browsers_language(header: str, language: str) -> None:
    assert choose(header).language == language


def test_a_date_without_a_year_is_readable() -> None:
    assert readable_date("--12-23") == "12-23"
    assert readable_date("2021-12-23") == "2021-12-23"
