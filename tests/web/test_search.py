"""The search tab: the order, where each hit stood, what matched; trying changes nobody's answers, applying does."""

import re
from dataclasses import replace

import gradio as gr
import pytest

from tests.web.fakes import FakeEngine
from tests.web.test_chat import chinese
from tests.web.test_markup import read
from web.search import MAX_READ, Search, hits_table
from web.texts import ZH

HOSTILE = {"<b>.txt": "<script>alert(1)</script>\n<img src=x onerror=alert(2)>新桥${alert(3)}。\n"}


def try_out(engine: FakeEngine, *, top_k: float = 10, threshold: float = 0.5) -> str:
    return Search(engine).try_out("新桥设计", 0.7, threshold, 8, top_k, chinese())


def test_every_hit_shows_its_places_and_its_terms_lit(engine: FakeEngine) -> None:
    text = read(try_out(engine)).text
    first, second = text.index("苏州新桥通车"), text.index("北港吞吐量创新高")
    assert first < second
    assert "2 (0.500)1 (2.50)–苏州新桥通车" in text  # fused 2nd, keywords 1st, no vector rank
    lit = re.findall("<mark[^>]*>(.*?)</mark>", try_out(engine))
    assert lit[0] == "新桥"  # 新桥 and 桥 overlap: one mark


def test_a_fused_hit_that_was_not_reranked_is_shown_below(engine: FakeEngine) -> None:
    text = read(try_out(engine, top_k=1)).text  # reranked: the bridge; fused: the port
    assert text.index("苏州新桥通车") < text.index("北港吞吐量创新高")
    assert "–1 (1.000)" in text


def test_the_decision_names_the_threshold(engine: FakeEngine) -> None:
    assert ZH.search_answered.format("0.90", "0.50") in read(try_out(engine)).text


def test_small_talk_is_no_decision(engine: FakeEngine) -> None:
    reply = replace(engine.answer("天气"), is_small_talk=True)
    text = read(hits_table(reply, [], [], 0.5, ZH)).text
    assert ZH.search_small_talk in text
    assert "门槛" not in text


def test_trying_leaves_the_settings_and_applying_changes_them(engine: FakeEngine) -> None:
    search, before = Search(engine), engine.settings
    search.try_out("新桥设计", 0.1, 0.9, 3, 5, chinese())
    assert engine.settings == before
    search.apply(0.1, 0.9, 3, chinese())
    assert engine.settings == replace(before, bm25_weight=0.1, answer_threshold=0.9, n_read=3)


def test_settings_from_a_forged_request_are_refused(engine: FakeEngine) -> None:
    before = engine.settings
    with pytest.raises(gr.Error, match="bm25_weight is 7"):
        Search(engine).apply(7.0, 0.5, 8, chinese())
    with pytest.raises(gr.Error, match="n_read is 0"):
        Search(engine).apply(0.7, 0.5, 0, chinese())
    assert engine.settings == before
    assert "bm25_weight is 7" in read(Search(engine).try_out("问", 7.0, 0.5, 8, 5, chinese())).text
    Search(engine).apply(0.7, 0.5, 10**9, chinese())
    assert engine.settings.n_read == MAX_READ


def test_what_a_document_says_is_text() -> None:
    page = read(try_out(FakeEngine(HOSTILE)))
    assert "<script>alert(1)</script>" in page.text
    assert "${alert(3)}" in page.text
    assert not {"script", "img", "b"} & {name for name, _ in page.elements}


def test_an_empty_question_asks_nothing(engine: FakeEngine) -> None:
    assert read(Search(engine).try_out("  ", 0.5, 0.5, 8, 5, chinese())).text == ZH.empty_question
