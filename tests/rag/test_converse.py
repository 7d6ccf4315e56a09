"""A follow-up and what was asked before -> a question that stands alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.converse import MAX_ASKED_CHARS, asks_for_more, rewrite
from rag.refusals import REFUSAL
from rag.types import Turn


def asked(*questions: str) -> list[Turn]:
    """A conversation of questions that stood alone."""
    return [Turn(question, "答案。[1]", question) for question in questions]


def converse(*questions: str) -> str:
    """The last question as it stands alone, after the ones before it were rewritten in turn."""
    history: list[Turn] = []
    for question in questions[:-1]:
        history.append(Turn(question, "答案。[1]", rewrite(question, history)))
    return rewrite(questions[-1], history)


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        ("采油十二厂的厂长是谁？", "副厂长呢？", "采油十二厂的副厂长是谁？"),
        ("采油十二厂的副厂长是谁？", "那厂长呢？", "采油十二厂的厂长是谁？"),
        ("全厂2020年产油多少？", "那2014年呢？", "全厂2014年产油多少？"),
        ("2022年有多少头江豚？", "2017年呢", "2017年有多少头江豚？"),
        ("国家级的创新中心有多少家？", "省级的呢？", "省级的创新中心有多少家？"),
        ("线上的销售额是多少？", "线下的呢？", "线下的销售额是多少？"),
        ("采油十二厂产油多少？", "不，我问的是采油五厂", "采油五厂产油多少？"),
        ("采油十二厂产油多少？", "不对，我问的是采油五厂。", "采油五厂产油多少？"),
        ("中国稀土集团是什么时候成立的？", "它由哪些公司组成？", "中国稀土集团由哪些公司组成？"),
        ("西堠门公铁大桥有多长？", "其主跨是多少？", "西堠门公铁大桥的主跨是多少？"),
    ],
)
def test_words_of_the_same_sort_and_pronouns_are_replaced(before: str, question: str, expected: str) -> None:
    assert rewrite(question, asked(before)) == expected


@pytest.mark.parametrize(
    ("before", "question", "held"),
    [
        ("专区收进了多少条政策？", "其中免申即享的有几条？", ["专区", "政策", "免申即享的有几条"]),
        ("东方白鹳选中了哪里？", "为什么？", ["东方白鹳", "为什么"]),
        ("工信部稳工业有哪些抓手？", "还有呢？", ["工信部", "抓手"]),
        ("上海有多少人？", "深圳呢？", ["深圳", "多少人"]),
        ("积石山要装多少套板房？", "已经装好多少了？", ["积石山", "板房", "装好多少"]),
        ("西堠门公铁大桥开工了吗？", "什么时候？", ["西堠门公铁大桥", "什么时候"]),
        ("现在全厂产油多少？", "那2014年呢？", ["2014年", "全厂产油多少"]),
        ("如今全厂产油多少？", "那2014年呢？", ["2014年", "全厂产油多少"]),
        ("西堠门公铁大桥什么时候开工？", "这座大桥有多长？", ["西堠门公铁大桥", "有多长"]),
    ],
)
def test_the_topic_goes_along(before: str, question: str, held: list[str]) -> None:
    alone = rewrite(question, asked(before))
    assert [part for part in held if part not in alone] == [], alone


def test_now_is_gone_where_a_year_is_named() -> None:
    assert "现在" not in rewrite("那2014年呢？", asked("现在全厂产油多少？"))


def test_a_person_is_named_by_the_answer() -> None:
    history = [Turn("采油十二厂的厂长是谁？", "马宏[1]\n厂长马宏给出了数字。[1]", "采油十二厂的厂长是谁？")]
    alone = rewrite("他说了什么？", history)
    assert "马宏" in alone
    assert alone.endswith("说了什么？")
    assert "他" not in alone


@pytest.mark.parametrize(
    "question",
    [
        "西堠门公铁大桥的主跨是多少米？",
        "东方白鹳为什么选中查干湖？",
        "福厦高铁全长多少公里？",
        "暑期档的票房是多少？",
        "三星堆新馆展出了哪些文物？",
    ],
)
def test_a_change_of_subject_is_left_unchanged(question: str) -> None:
    assert rewrite(question, asked("采油十二厂的厂长是谁？", "全厂2014年产油多少？")) == question


@pytest.mark.parametrize("question", ["副厂长呢？", "它由哪些公司组成？", "为什么？", "还有呢？", "", "  它 "])
def test_no_history_no_change(question: str) -> None:
    assert rewrite(question, []) == question


@pytest.mark.parametrize(
    ("questions", "expected"),
    [
        (["2013年的产量是多少？", "那2014年呢？", "2020年呢？"], "2020年的产量是多少？"),
        (["采油十二厂的厂长是谁？", "副厂长呢？", "那厂长呢？"], "采油十二厂的厂长是谁？"),
        (["上海有多少人？", "广州呢？", "深圳呢？"], "深圳有多少人？"),
    ],
)
def test_chains_of_ellipses(questions: list[str], expected: str) -> None:
    assert converse(*questions) == expected


def test_a_chain_is_followed_where_the_history_does_not_say_how_it_stood_alone() -> None:
    history = [Turn("2013年的产量是多少？", ""), Turn("那2014年呢？", "")]
    assert rewrite("2020年呢？", history) == "2020年的产量是多少？"


def test_what_was_asked_before_the_last_question_does_not_leak_in() -> None:
    alone = converse("采油十二厂的厂长是谁？", "福厦高铁全长多少公里？", "它什么时候开通？")
    assert "福厦高铁" in alone
    assert "采油" not in alone


@pytest.mark.parametrize(
    ("question", "more"),
    [
        ("还有呢？", True),
        ("还有吗", True),
        ("继续", True),
        ("那还有哪些？", True),
        ("还有多少人？", False),
        ("", False),
    ],
)
def test_asks_for_more(question: str, more: bool) -> None:
    assert asks_for_more(question) is more


FORGED = [
    "",
    " ",
    "\x00",
    "\ud800",
    "[1][2][3]",
    "那" * 20_000 + "呢",
    "在" * 20_000 + "x",
    "《" * 20_000,
    "呢？" * 5000,
]


@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize(
    "question",
    ["副厂长呢？", "为什么？", "它有多大？", "他是谁？", "还有呢", "不，我问的是采油五厂"],
)
def test_a_forged_history_neither_crashes_nor_grows(question: str, forged: str) -> None:
    for history in (
        [Turn(forged, forged, forged)],
        [Turn(forged, forged)] * 6,
        [Turn("", "", "")] * 3,
    ):
        assert len(rewrite(question, history)) <= 2 * MAX_ASKED_CHARS + len(question)


TEXT = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["它多大", "那2014年呢？", "厂长呢", "为什么", "其中几条", "不是，是五厂"]),
)


@given(TEXT, st.lists(st.builds(Turn, TEXT, TEXT, TEXT), max_size=5))
def test_any_conversation_gives_a_question_and_always_the_same(question: str, history: list[Turn]) -> None:
    alone = rewrite(question, history)
    assert alone == rewrite(question, history)
    assert alone.strip() or not question.strip()


ARTICLES = {
    "桥": "西堠门公铁大桥全面开工\n西堠门公铁大桥长3118米，主跨1488米。主塔在水下固定。车并排走，所以桥面宽68米。",
    "博物馆": "四千年前的都城有了博物馆\n陶寺遗址博物馆开馆，展厅大约5000平方米，摆出文物230件，摆了一条长廊。",
    "三星堆": "三星堆新馆亮家底\n新馆展厅摆出1500件文物。青铜神树将近4米高。副馆长余健说，观众很多。",
    "杜苏芮": "台风“杜苏芮”登陆\n台风“杜苏芮”28日在福建晋江登陆，风力15级。",
    "贝碧嘉": "“贝碧嘉”登陆浦东\n13号台风“贝碧嘉”在上海登陆，取消火车577列次、飞机1461班次。江苏转移2万人。",
}


def find_in_articles(question: str) -> list[str]:
    """The articles that hold a pair of the question's characters, those with most first."""
    pairs = {question[i : i + 2] for i in range(len(question) - 1)}
    counted = [(sum(pair in text for pair in pairs), text) for text in ARTICLES.values()]
    return [text for n, text in sorted(counted, key=lambda one: -one[0]) if n]


def test_the_articles_are_found_by_their_questions() -> None:
    assert find_in_articles("陶寺遗址博物馆哪天开馆？")[0] == ARTICLES["博物馆"]
    assert find_in_articles("zz") == []


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        # no topic of its own, and the last question's article speaks of it
        ("陶寺遗址博物馆哪天开馆？", "摆了多少文物？", "陶寺遗址博物馆摆了多少文物？"),
        ("西堠门公铁大桥有多长？", "主跨是多少？", "西堠门公铁大桥主跨是多少？"),
        ("西堠门公铁大桥有多长？", "票价多少？", "西堠门公铁大桥票价多少？"),
        # another name, of which another article speaks: it takes the place of the topic
        ("台风杜苏芮在哪里登陆？", "贝碧嘉呢？", "贝碧嘉在哪里登陆？"),
        # a measure of the same thing
        ("西堠门公铁大桥主跨多少米？", "桥面宽呢？", "西堠门公铁大桥桥面宽多少米？"),
        # what is counted, in a sentence with what was counted
        ("上海取消了多少列次火车？", "飞机呢？", "上海取消了多少飞机？"),
        ("贝碧嘉登陆时上海转移了多少人？", "江苏呢？", "贝碧嘉登陆时江苏转移了多少人？"),
        # names with the same head
        ("长庆油田2020年产油多少？", "大庆油田呢？", "大庆油田2020年产油多少？"),
        ("西堠门公铁大桥有多长？", "这座桥为什么这么宽？", "西堠门公铁大桥为什么这么宽？"),
        # a subject of its own
        ("台风杜苏芮在哪里登陆？", "青铜神树多高？", "青铜神树多高？"),
        ("台风杜苏芮在哪里登陆？", "那三星堆新馆的文物有多少件？", "三星堆新馆的文物有多少件？"),
        ("台风杜苏芮在哪里登陆？", "余健是干什么的？", "余健是干什么的？"),
        ("台风杜苏芮在哪里登陆？", "“神树”多高？", "“神树”多高？"),
        ("台风杜苏芮在哪里登陆？", "这棵青铜神树有多高？", "这棵青铜神树有多高？"),
        ("台风杜苏芮在哪里登陆？", "三星堆新馆什么时候开，它有多少文物？", "三星堆新馆什么时候开，它有多少文物？"),
        ("台风杜苏芮在哪里登陆？", "盐酸奥洛他定滴眼液是谁生产的？", "盐酸奥洛他定滴眼液是谁生产的？"),
        ("台风杜苏芮在哪里登陆？", "换个话题，展厅有多大？", "展厅有多大？"),
        ("台风杜苏芮在哪里登陆？", "还想问一下西堠门公铁大桥有多长？", "西堠门公铁大桥有多长？"),
        # corrections, comparisons
        ("2013年产油多少？", "不是2013年，是2020年", "2020年产油多少？"),
        ("陶寺遗址博物馆有多大？", "我是说三星堆新馆有多大？", "三星堆新馆有多大？"),
        ("2023年票房是多少？", "比去年呢？", "2023年票房，比去年多多少？"),
        ("西堠门公铁大桥好在哪里？", "和杭州湾大桥相比呢？", "西堠门公铁大桥好，比杭州湾大桥怎么样？"),
        # the first of several, and the others
        ("稳工业的四个抓手里，第一个是什么？", "还有呢？", "稳工业的四个抓手，还有哪些？"),
        ("一审怎么判的？", "二审呢？", "二审怎么判的？"),
        ("沉船案一审怎么判的？", "二审是哪天？", "沉船案二审是哪天？"),
    ],
)
def test_the_documents_decide_where_the_words_do_not(before: str, question: str, expected: str) -> None:
    assert rewrite(question, asked(before), find_in_articles) == expected


@pytest.mark.parametrize(
    ("turn", "question", "expected"),
    [
        (("沉船是谁的？", "广东的一家航运公司。[1]"), "这家公司要赔多少？", "广东的一家航运公司要赔多少？"),
        (("考察队去哪个站？", "秦岭站。"), "那里有多冷？", "秦岭站有多冷？"),
        (("考察队去哪个站？", "文档里没有找到这个问题的答案。"), "那里有多冷？", "考察队去有多冷？"),
        (("三星堆博物馆的副馆长是谁？", "余健[1]\n副馆长余健说，观众很多。[1]"), "他还兼任什么？", "余健还兼任什么？"),
        (("肖亚庆说了什么？", "2022年要稳。"), "他最看重什么？", "肖亚庆最看重什么？"),
        (("哪座桥最长？", "西堠门公铁大桥[1]"), "它有多长？", "西堠门公铁大桥有多长？"),
    ],
)
def test_an_answer_can_be_the_antecedent(turn: tuple[str, str], question: str, expected: str) -> None:
    assert rewrite(question, [Turn(turn[0], turn[1], turn[0])], find_in_articles) == expected


def talk(*questions: str) -> list[str]:
    """The questions of a conversation as they stand alone, over the articles."""
    history: list[Turn] = []
    for question in questions:
        history.append(Turn(question, "答案。[1]", rewrite(question, history, find_in_articles)))
    return [turn.standalone_question for turn in history]


@pytest.mark.parametrize(
    ("questions", "expected"),
    [
        # the topic outlives a question that says enough without it, and one that finds nothing
        (
            ["西堠门公铁大桥有多长？", "火车和汽车为什么并排走？", "主跨是多少？", "它的主跨呢？"],
            ["火车和汽车为什么并排走？", "西堠门公铁大桥主跨是多少？", "西堠门公铁大桥的主跨是多少？"],
        ),
        (["台风杜苏芮在哪里登陆？", "zz？", "风力多大？"], ["zz？", "台风杜苏芮风力多大？"]),
        # and is left where another article is asked for
        (
            ["台风杜苏芮在哪里登陆？", "青铜神树多高？", "谁说的？", "那贝碧嘉呢？"],
            ["青铜神树多高？", "青铜神树谁说的？", "贝碧嘉谁说的？"],
        ),
        (
            ["稳工业的四个抓手是什么？", "第二个呢？", "第三个呢？"],
            ["稳工业的四个抓手，第二个是什么？", "稳工业的四个抓手，第三个是什么？"],
        ),
        # a question that names nothing lends no topic: the headline of its article does
        (["在海上把主塔固定好的水下工程多大？", "主跨是多少？"], ["《西堠门公铁大桥全面开工》里主跨是多少？"]),
        (["专区有多少条政策？", "其中免申即享的呢？"], ["专区有政策，免申即享的有多少？"]),
        (["陶寺遗址博物馆哪天开馆？", "比去年晚了多少？"], ["陶寺遗址博物馆比去年晚了多少？"]),
    ],
)
def test_a_talk_keeps_its_topic(questions: list[str], expected: list[str]) -> None:
    assert talk(*questions)[1:] == expected


@pytest.mark.parametrize("said", ["哈哈", "😂", "1", "好吧", "随便", "asdf"])
def test_what_asks_nothing_gets_no_topic(said: str) -> None:
    assert rewrite(said, asked("西堠门公铁大桥有多长？"), find_in_articles) == said


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("再说一遍", "西堠门公铁大桥有多长？"),
        ("总结一下这篇文章", "《西堠门公铁大桥全面开工》讲了什么？"),
        ("这篇报道讲了什么？", "《西堠门公铁大桥全面开工》讲了什么？"),
        ("主跨", "西堠门公铁大桥主跨"),
    ],
)
def test_what_was_asked_and_its_article_can_be_meant(question: str, expected: str) -> None:
    assert rewrite(question, asked("西堠门公铁大桥有多长？"), find_in_articles) == expected


def test_going_on_again_and_again_does_not_pile_up() -> None:
    history = asked("工信部稳工业有哪些抓手？")
    for _ in range(3):
        question = rewrite("还有呢？", history)
        assert question == "工信部稳工业有抓手，还有哪些？"
        history = [*history, Turn("还有呢？", "能源。", question)]
    assert rewrite("为什么？", history) == "工信部稳工业有抓手，为什么？"


@pytest.mark.parametrize(
    ("answered", "refused", "question", "expected"),
    [
        # what was refused gives no topic
        ("西堠门公铁大桥有多长？", "火星上有水吗？", "主跨是多少？", "西堠门公铁大桥主跨是多少？"),
        ("西堠门公铁大桥有多长？", "火星上有水吗？", "它的桥面多宽？", "西堠门公铁大桥的桥面多宽？"),
        ("2013年产油多少？", "董事长是谁？", "那2020年呢？", "2020年产油多少？"),
        # unless the follow-up is worded for it
        ("西堠门公铁大桥有多长？", "贝碧嘉的票房是多少？", "它在哪里登陆？", "贝碧嘉在哪里登陆？"),
        ("西堠门公铁大桥有多长？", "火星上有水吗？", "月球呢？", "月球，火星上有水吗？"),
        ("采油十二厂在哪里？", "采油十二厂的董事长是谁？", "副厂长呢？", "采油十二厂的副厂长是谁？"),
        ("西堠门公铁大桥有多长？", "火星上有水吗？", "不，我问的是火星上有人吗", "火星上有人吗"),
        ("西堠门公铁大桥有多长？", "火星上有水吗？", "再说一遍", "火星上有水吗？"),
    ],
)
def test_a_refused_question_gives_no_topic(answered: str, refused: str, question: str, expected: str) -> None:
    history = [Turn(answered, "答案。[1]", answered), Turn(refused, REFUSAL, refused)]
    assert rewrite(question, history, find_in_articles) == expected


def test_where_nothing_was_answered_the_refused_question_is_all_there_is() -> None:
    assert rewrite("那2020年呢？", [Turn("2013年产油多少？", REFUSAL, "2013年产油多少？")]) == "2020年产油多少？"


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("2023年有哪些新闻？", "2024年有哪些新闻？"),
        ("有哪些台风？", "2024年，有哪些台风？"),
        ("台风杜苏芮在哪里登陆？", "2024年，台风杜苏芮在哪里登陆？"),
    ],
)
def test_a_corrected_year_takes_the_place_of_no_topic(before: str, expected: str) -> None:
    history = [Turn(before, "甲[1]\n乙[2]", before)]
    assert rewrite("不对，我问的是2024年", history, find_in_articles) == expected
