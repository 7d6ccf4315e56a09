"""A question that asks twice -> the questions for each; what asks once comes back as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.decompose import MAX_PARTS, decompose
from rag.question import search_terms


@pytest.mark.parametrize(
    "question",
    [
        "西堠门公铁大桥的主跨是多少米？",
        "为什么要先打护筒？",
        "助企纾困专区分成哪三个栏目？",
        "记者说，大桥昨天合龙，主跨有多长？",
        "2014年全厂产油多少？",
        "2023年12月20日，是谁公布的？",
        "从宁波坐火车到舟山要多久？",
        "张三和李四是什么关系？",
        "",
        "？！",
    ],
)
def test_a_question_that_asks_once_comes_back_as_it_is(question: str) -> None:
    assert decompose(question) == [question]


@pytest.mark.parametrize(
    ("question", "held"),
    [
        ("遇难人数20日和22日分别是多少？", [["遇难人数", "20日"], ["遇难人数", "22日"]]),
        ("2017年底和2022年底江豚各有多少头？", [["2017年", "江豚"], ["2022年", "江豚"]]),
        ("大桥的主跨有多长，农村的服务站有多少个？", [["大桥的主跨"], ["农村的服务站"]]),
        ("三星堆新馆和陶寺博物馆分别展出多少件文物？", [["三星堆新馆", "文物"], ["陶寺博物馆", "文物"]]),
        ("杜苏芮和贝碧嘉登陆时的风力分别是几级？", [["杜苏芮", "登陆", "风力"], ["贝碧嘉", "登陆", "风力"]]),
        ("甲桥和乙桥，主跨各是多少米？", [["甲桥", "主跨"], ["乙桥", "主跨"]]),
        ("5G基站从2021年底到2024年6月是怎么变的？", [["2021年底", "多少"], ["2024年6月", "多少"]]),
        ("西堠门公铁大桥的主跨有多长，桥面有多宽？", [["主跨"], ["西堠门公铁大桥", "桥面"]]),
    ],
)
def test_a_question_that_asks_twice_is_two_questions(question: str, held: list[list[str]]) -> None:
    parts = decompose(question)
    assert len(parts) == len(held)
    for part, words in zip(parts, held, strict=True):
        assert [word for word in words if word not in part] == [], parts
    first, second = parts
    assert not any(time in second for time in ("20日", "2017年", "2021年", "多长", "三星堆", "杜苏芮", "甲桥"))
    assert not any(time in first for time in ("22日", "2022年", "2024年", "服务站", "桥面", "陶寺", "贝碧嘉", "乙桥"))


@given(st.text(alphabet="20日和22月年分别是多少，谁哪里大桥？_。比到 ", max_size=60))
def test_any_question_has_one_to_three_parts_that_can_be_searched(question: str) -> None:
    parts = decompose(question)
    assert 1 <= len(parts) <= MAX_PARTS
    assert parts == [question] or all(search_terms(part) for part in parts)
