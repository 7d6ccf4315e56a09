"""Who somebody is: the question's form, and the words of a sentence that introduce them."""

import pytest

from rag.reading.direct import direct_answer
from rag.reading.persons import asked_person, introduces, is_full_name, role_of

from .pieces import candidates, passage


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("林望海是谁？", "林望海"),
        ("请问林望海是谁呀", "林望海"),
        ("林望海是干什么的", "林望海"),
        ("林望海是什么职务？", "林望海"),
        ("林望海担任什么职务", "林望海"),
        ("卡洛斯·桑托斯是谁", "卡洛斯·桑托斯"),
        ("厂长是谁", ""),
        ("谁是厂长", ""),
        ("他是谁？", ""),
        ("这个人是谁", ""),
        ("大桥是谁建的", ""),
        ("青河大桥是什么", ""),
        ("青河大桥的设计者是谁", ""),
    ],
)
def test_whether_a_question_asks_who_somebody_is(question: str, name: str) -> None:
    assert asked_person(question) == name


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("青河大桥项目部副经理林望海介绍，桥塔已经封顶。", "青河大桥项目部副经理"),
        ("记者找到项目部副经理林望海。", "项目部副经理"),
        ("“长虹”的构想是建筑师林望海提出的。", "建筑师"),
        ("林望海，青河大桥的总工程师，在这里守了三年。", "青河大桥的总工程师"),
        ("林望海是第一批上桥的工人。", "第一批上桥的工人"),
        ("林望海负责高空作业。", "负责高空作业"),
        ("林望海说，桥塔已经封顶。", ""),
        ("副经理赵山介绍，桥塔已经封顶。", ""),
    ],
)
def test_the_words_that_introduce_somebody(text: str, role: str) -> None:
    assert role_of(text, "林望海") == role
    assert introduces(text, "林望海") is bool(role)


def test_the_office_is_the_direct_answer() -> None:
    text = "青河大桥项目部副经理林望海介绍，桥塔已经封顶。"
    best = candidates([passage(text)], [[1.0]], {text: ("桥塔", 0.9)})[0]
    assert direct_answer("林望海是谁？", best) == "青河大桥项目部副经理"


def test_longer_names_and_given_names_in_front() -> None:
    assert asked_person("内维尔胡森是谁") == "内维尔胡森"
    assert role_of("西国总理内维尔胡森21日说，谈判没有结果。", "内维尔胡森") == "西国总理"
    assert role_of("边境事务主管汤姆·霍尔29日表示不会撤走。", "霍尔") == "边境事务主管"


@pytest.mark.parametrize("question", ["男单冠军是谁", "副厂长是谁", "大桥设计者是谁", "获奖者是谁？"])
def test_who_holds_an_office_is_another_question(question: str) -> None:
    assert asked_person(question) == ""


@pytest.mark.parametrize(
    ("name", "expected"), [("林望海", True), ("林海", True), ("林区防火", False), ("内维尔胡森", False)]
)
def test_a_full_name_is_one_beyond_doubt(name: str, expected: bool) -> None:
    assert is_full_name(name) is expected
