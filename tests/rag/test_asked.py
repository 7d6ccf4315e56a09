"""A text that asks a question itself and answers it: which sentence the answer is."""

import pytest

from rag.question import question_kind
from rag.reading.asked import answering_positions
from rag.reading.choice import choose

from .pieces import candidates, passage

MARKET = passage(
    "青河市的菜价今年降了一成。",
    "菜价下降的底气从哪儿来？",
    "一是大棚多了。",
    "二是运费少了。",
    "居民都说好。",
    "为什么要建冷库？",
    "市长说，蔬菜怕热。",
    "谁来管？钱够不够？",
    title="青河市菜价下降",
)


@pytest.mark.parametrize(
    ("question", "positions"),
    [
        ("青河市菜价下降的原因有哪些？", {2}),
        ("菜价为什么下降？", {2}),
        ("建冷库是什么原因", {6}),
        ("冷库为什么建在青河市？", {6}),
        ("菜价下降了多少？", set()),  # asks for no reason
        ("青河市的房价为什么上涨？", set()),
        ("钱为什么不够？", set()),
    ],
)
def test_the_sentence_after_one_that_asks_the_same(question: str, positions: set[int]) -> None:
    assert answering_positions(question, MARKET) == positions


def test_a_question_that_another_question_follows_is_not_answered_there() -> None:
    assert answering_positions("菜价为什么下降？", passage("菜价为什么下降？", "难道是天气好？", "大棚多了。")) == set()


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("菜价下降的原因有哪些", "list"),
        ("菜价下降有哪几个原因", "list"),
        ("菜价下降的原因是什么", "why"),
        ("菜价下降的因素", "why"),
        ("菜价下降得益于什么", "why"),
        ("菜价下降了多少", "number"),
    ],
)
def test_reasons_are_asked_for_one_or_all(question: str, kind: str) -> None:
    assert question_kind(question) == kind


def test_why_collects_the_numbered_reasons() -> None:
    found = choose("菜价为什么下降？", candidates([MARKET], [[0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 0.0, 0.0]]))
    assert [one.text for one in found] == ["一是大棚多了。", "二是运费少了。"]
