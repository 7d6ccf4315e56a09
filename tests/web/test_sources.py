"""The source pane: what is lit, what is said about the source, and what happens when the source is gone."""

import re
from dataclasses import replace

import pytest

from index.types import Article, Block, Document
from rag.types import Answer, Citation
from tests.web.fakes import FakeEngine
from tests.web.test_markup import HOSTILE, read
from web.references import Reference
from web.sources import notice_pane, pane
from web.texts import EN, ZH

CITE = Reference("cite", 0, 1)


def lit_texts(markup: str, style: str = "wd-lit") -> list[str]:
    return [read(inner).text for inner in re.findall(rf'<mark class="{style}">(.*?)</mark>', _plain(markup))]


def _plain(markup: str) -> str:
    return markup.replace("wd&#45;", "wd-")


def classes(markup: str) -> set[str]:
    return {name for _, attributes in read(markup).elements for name in (attributes.get("class") or "").split()}


def links(markup: str) -> dict[str, str | None]:
    """The words of each link of the bar, and where it leads."""
    return {
        attributes.get("title") or "": attributes["href"] for tag, attributes in read(markup).elements if tag == "a"
    }


@pytest.mark.parametrize("label", [1, 2, 3])
def test_the_quote_of_the_label_is_lit_and_nothing_else(engine: FakeEngine, label: int) -> None:
    answer = engine.answer("新桥设计吞吐量")
    quote = next(one.quote for one in answer.citations if one.label == label)
    assert lit_texts(pane(engine, answer, Reference("cite", 0, label), ZH) or "") == [quote]


def test_a_quote_over_a_line_end_is_lit_with_its_line_end(engine: FakeEngine) -> None:
    text = engine.document("桥.txt").text
    start, end = text.index("桥长"), text.index("二十米。") + 4
    citation = Citation(1, "桥.txt", 0, "苏州新桥通车", start, end, text[start:end])
    answer = Answer("?", "?", "桥长三百米[1]", False, 0.9, citations=(citation,))
    assert lit_texts(pane(engine, answer, CITE, ZH) or "") == ["桥长三百米，\n宽二十米。"]


def test_all_spans_of_a_label_are_lit(engine: FakeEngine) -> None:
    first, _, other = engine.answer("新桥设计吞吐量").citations
    text = engine.document("桥.txt").text
    at = text.index("工程师")
    second = replace(first, start=at, end=at + 5, quote=text[at : at + 5])
    answer = Answer("?", "?", "x", False, 0.9, citations=(first, second, replace(other, label=2)))
    assert lit_texts(pane(engine, answer, CITE, ZH) or "") == [first.quote, "工程师陈立"]


def test_the_pane_names_title_date_source_and_document(engine: FakeEngine) -> None:
    shown = read(pane(engine, engine.answer("新桥设计"), CITE, ZH) or "").text
    for fact in ("苏州新桥通车", "2021-12-23", "示例日报", "桥.txt"):
        assert fact in shown
    assert shown.count("苏州新桥通车") == 1


def test_a_page_number_is_named_in_the_readers_language(engine: FakeEngine) -> None:
    answer = engine.answer("新桥设计")
    answer = replace(answer, citations=tuple(replace(one, page=7) for one in answer.citations))
    assert "第 7 页" in read(pane(engine, answer, CITE, ZH) or "").text
    assert "page 7" in read(pane(engine, answer, CITE, EN) or "").text


def test_previous_and_next_lead_through_the_citations_of_the_answer(engine: FakeEngine) -> None:
    answer = engine.answer("新桥设计吞吐量")
    labels = sorted({one.label for one in answer.citations})
    assert labels == [1, 2, 3]
    assert links(pane(engine, answer, Reference("cite", 4, 1), ZH) or "") == {ZH.next: "#cite-4-2"}
    assert links(pane(engine, answer, Reference("cite", 4, 2), ZH) or "") == {
        ZH.previous: "#cite-4-1",
        ZH.next: "#cite-4-3",
    }
    assert "2 / 3" in read(pane(engine, answer, Reference("cite", 4, 2), ZH) or "").text


def test_a_related_article_opens_with_its_place_shown_as_near_and_not_as_cited(engine: FakeEngine) -> None:
    answer = engine.answer("天气")
    assert answer.refused
    markup = pane(engine, answer, Reference("related", 0, 1), ZH) or ""
    one = answer.related[1]
    assert lit_texts(markup, "wd-near") == [engine.document(one.doc_id).text[one.start : one.end]]
    assert "wd-lit" not in classes(markup)


@pytest.mark.parametrize("reference", [Reference("cite", 0, 0), Reference("cite", 0, 99), Reference("related", 0, 0)])
def test_what_the_answer_does_not_cite_opens_nothing(engine: FakeEngine, reference: Reference) -> None:
    assert pane(engine, engine.answer("新桥设计"), reference, ZH) is None


def test_a_changed_document_is_not_lit_at_the_old_place(engine: FakeEngine) -> None:
    answer = engine.answer("新桥设计")
    engine.texts["桥.txt"] = "苏州新桥通车\n前面加了一句。" + engine.texts["桥.txt"].split("\n", 1)[1]
    markup = pane(engine, answer, CITE, ZH) or ""
    assert ZH.pane_changed in read(markup).text
    assert answer.citations[0].quote in read(markup).text
    assert "wd-lit" not in classes(markup)


def test_a_removed_document_leaves_the_quote(engine: FakeEngine) -> None:
    answer = engine.answer("新桥设计")
    del engine.texts["桥.txt"]
    shown = read(pane(engine, answer, CITE, ZH) or "").text
    assert ZH.pane_gone in shown
    assert answer.citations[0].quote in shown


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_document_shows_as_text(text: str) -> None:
    line = " ".join(text.split())
    document = Document(text, f"{line}\n{line}", "0", {})
    article = Article(
        text, 0, line, (Block(0, len(line), "title"), Block(len(line) + 1, 2 * len(line) + 1)), source=text
    )
    engine = FakeEngine({})
    engine.document = lambda doc_id: document  # type: ignore[method-assign]
    engine.article = lambda doc_id, number: article  # type: ignore[method-assign]
    citation = Citation(1, text, 0, line, 0, len(line), line)
    markup = pane(engine, Answer("?", "?", "x", False, 1.0, citations=(citation,)), CITE, ZH) or ""
    found = read(markup)
    assert found.text.count(line) >= 2
    assert {tag for tag, _ in found.elements} <= {
        "article", "nav", "span", "a", "button", "p", "div", "h2", "mark", "bdi"
    }  # fmt: skip
    assert not any(name.startswith("on") for _, attributes in found.elements for name in attributes)


def test_a_pane_without_an_article_says_why() -> None:
    assert read(notice_pane("<b>没有索引</b>")).text == "<b>没有索引</b>"
