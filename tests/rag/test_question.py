"""What a question asks for, and which of its words are searched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.terms import split_terms
from rag.question import (
    answer_pattern,
    content_words,
    measure_pattern,
    question_kind,
    search_terms,
)

KINDS = {
    "why": [
        "为什么先打护筒？",
        "大桥为何放宽？",
        "他为啥不去",
        "停航的原因是什么？",
        "怎么会塌？",
        "缘何减产",
    ],
    "list": [
        "平台有哪些栏目？",
        "牵头的是哪几家企业？",
        "哪三个行业先行？",
        "分为几个方面？",
        "获奖的都有谁？",
        "两座桥分别有多长？",
        "三项工作是什么？",
        "专区包括什么？",
        "请列举参加的单位",
        "董事会由谁组成？",
    ],
    "date": [
        "大桥什么时候通车？",
        "何时开工？",
        "哪一年建成？",
        "哪天闭馆？",
        "几月开学？",
        "什么时间出发？",
        "哪个月最冷？",
    ],
    "number": [
        "桥长多少米？",
        "一共几节车厢？",
        "有几个人？",
        "塔有多高？",
        "桥面有多宽？",
        "占百分之几？",
        "湿地的面积",
        "要走多久？",
        "井有多深？",
    ],
    "person": ["谁设计了这座桥？", "馆长是哪位？", "何人发现的？", "他叫什么名字？"],
    "place": [
        "台风在哪里登陆？",
        "博物馆在哪儿？",
        "何处能停车？",
        "在什么地方集合？",
        "公司设在哪个城市？",
    ],
    "how": ["怎么报名？", "如何办理？", "怎样保护江豚？", "靠什么驱动？", "申请的流程"],
    "fact": ["CCUS是什么？", "大桥开工了吗？", "青河大桥", "冬捕结束没有"],
}


@pytest.mark.parametrize(("kind", "question"), [(kind, q) for kind, questions in KINDS.items() for q in questions])
def test_kind(kind: str, question: str) -> None:
    assert question_kind(question) == kind


def test_kind_reads_full_width_forms_as_half_width_ones() -> None:
    assert question_kind("长１２米的桥，多少座？") == question_kind("长12米的桥,多少座?") == "number"


@pytest.mark.parametrize(
    ("question", "held", "not_held"),
    [
        ("专区有多少项服务？", "服务有1200项", "政策有842条"),
        ("桥有多长？", "主跨620米", "重约300吨"),
        ("占百分之几？", "只占22.9%", "有229家"),
        ("从宁波到舟山要多久？", "大约26分钟", "时速250公里"),
        ("护筒有多重？", "重约98吨", "长61.1米"),
        ("票房是多少元？", "票房178亿元", "连着58天"),
    ],
)
def test_measure_is_the_one_that_is_asked_for(question: str, held: str, not_held: str) -> None:
    pattern = measure_pattern(question)
    assert pattern is not None
    assert pattern.search(held)
    assert not pattern.search(not_held)


@pytest.mark.parametrize("question", ["谁建了桥？", "为什么桥长620米？", "大桥开工了吗？", ""])
def test_no_number_asked_no_measure(question: str) -> None:
    assert measure_pattern(question) is None


def test_what_answers_a_fact_has_no_form() -> None:
    assert answer_pattern("大桥开工了吗？") is None
    assert answer_pattern("桥长多少米？") is not None


@pytest.mark.parametrize(
    ("question", "kept", "gone"),
    [
        ("请问青河大桥的主跨有多长？", ["青河大桥的主跨"], ["请问", "多长", "？"]),
        ("为什么要在钻孔之前打护筒呢？", ["钻孔之前打护筒"], ["为什么", "呢"]),
        ("中国稀土集团是什么时候成立的？", ["中国稀土集团", "成立"], ["什么时候"]),
        ("H9平台用了多少吨柴油", ["H9平台", "柴油"], ["多少"]),
        ("这篇文章里，报道的5G基站有多少", ["5G基站"], ["文章", "报道"]),
        ("谁是赣州稀土集团的负责人", ["赣州稀土集团的负责人"], ["谁"]),
        ("西堠门公铁大桥有多宽", ["西堠门公铁大桥"], ["多宽"]),
    ],
)
def test_content_words_keep_what_can_stand_in_a_document(question: str, kept: list[str], gone: list[str]) -> None:
    content = content_words(question)
    assert [word for word in kept if word not in content] == []
    assert [word for word in gone if word in content] == []


@pytest.mark.parametrize("question", ["为什么？", "谁呢", "多少", "什么时候", "怎么样啊？", "哪里"])
def test_a_question_of_asking_words_only_still_has_terms(question: str) -> None:
    assert split_terms(content_words(question)) == []
    assert search_terms(question) == split_terms(question) != []


@pytest.mark.parametrize("question", ["", "？！。", "😀🇨🇳", "\u200b\u202e"])
def test_no_word_no_terms(question: str) -> None:
    assert search_terms(question) == []


def test_terms_are_those_of_the_content() -> None:
    assert search_terms("青河大桥有多长？") == split_terms("青河大桥有")
    assert search_terms("What is CCUS？")[-1] == "ccus"


@given(st.text(max_size=60))
def test_any_text_has_a_kind_and_terms_of_its_own(text: str) -> None:
    assert question_kind(text) in {*KINDS}
    assert bool(search_terms(text)) == bool(split_terms(text))


@pytest.mark.parametrize("question", ["还有呢", "还有吗？", "那还有哪些？", "继续", "然后呢？", " 具体呢？ "])
def test_nothing_is_looked_for_where_only_more_is_asked(question: str) -> None:
    assert search_terms(question) == []
    assert search_terms(f"大桥{question}")
