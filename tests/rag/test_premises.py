"""What a question takes for granted, against what stands there."""

from dataclasses import replace

import pytest

from rag.reading.premises import SHARE_LEFT, share_left
from rag.types import Passage
from tests.rag.pieces import passage


@pytest.fixture
def station() -> Passage:
    made = passage("新站2月7日建成，预算有一块写明是公开的。", "一季度的客流比去年增长了三成。", title="新站启用")
    return replace(made, date="2024-02-08")


@pytest.mark.parametrize(
    ("question", "n_broken"),
    [
        ("新站花了多少钱？", 1),  # "一块" is no money
        ("新站有多大？", 0),
        ("2024年新站的客流增长了多少？", 0),
        ("2023年新站的客流增长了多少？", 1),
        ("新站的客流为什么下降了？", 1),
        ("新站的客流是增长还是下降？", 0),
        ("新站为什么停用了？", 1),
        ("2023年新站的客流下降了多少，票价是多少？", 3),
        ("新站谁设计的？", 0),
    ],
)
def test_each_premise_that_does_not_hold_halves_what_is_left(station: Passage, question: str, n_broken: int) -> None:
    assert share_left(question, station) == SHARE_LEFT**n_broken


@pytest.mark.parametrize(
    "amount",
    ["6000万元", "两百多万元", "五十块钱", "$10.2亿", "77亿美元", "上千元", "三块五", "１２元", "10亿美金", "学生免费"],
)
def test_an_amount_of_money_is_known_by_its_form(amount: str) -> None:
    assert share_left("门票是多少钱？", passage(f"票价是{amount}。")) == 1.0


@pytest.mark.parametrize("text", ["6000万吨", "一元素", "三块展板", "元旦那天", "多元的"])
def test_what_only_looks_like_money_is_none(text: str) -> None:
    assert share_left("门票是多少钱？", passage(f"那里有{text}。")) == SHARE_LEFT


@pytest.mark.parametrize(
    ("question", "n_broken"),
    [
        ("大庆油田产了多少油？", 1),
        ("长庆油田产了多少油？", 0),
        ("哪座油田产了多少油？", 0),
        ("大庆地震是哪天？", 0),  # no other earthquake is named there
    ],
)
def test_another_of_the_same_kind_is_another(question: str, n_broken: int) -> None:
    assert share_left(question, passage("长庆油田去年产了6000万吨。")) == SHARE_LEFT**n_broken
