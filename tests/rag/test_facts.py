"""Questions made from an article's own facts."""

import pytest

from index.types import Sentence
from rag.conversation.facts import Fact, article_name, find_facts, names_article


def facts_of(*texts: str, title: str = "") -> list[tuple[str, str]]:
    """The questions and what they expect, without the one for the whole article."""
    sentences = [Sentence(((i, i + 1),), text) for i, text in enumerate(texts)]
    return [(fact.question, fact.expected) for fact in find_facts(title, sentences) if fact.kind != "about"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("采油十二厂副厂长赵爱彬掰着指头说，少排了碳。", [("采油十二厂副厂长是谁？", "赵爱彬")]),
        ("专区收进的政策有842条。", [("专区收进的政策有多少条？", "842")]),
        ("国家级的创新中心也有21家，都在东部。", [("国家级的创新中心有多少家？", "21")]),
        ("行业虚拟专网超过3万个。", [("行业虚拟专网有多少个？", "3万")]),
        ("上海提前转移41万多人。", [("上海提前转移多少人？", "41万")]),
        ("油厂的水平井只占全厂油井的22.9%。", [("油厂的水平井占全厂油井的百分之多少？", "22.9")]),
        ("西堠门公铁大桥全长3118米。", [("西堠门公铁大桥全长多少？", "3118")]),
        ("西堠门公铁大桥长3118米。", [("西堠门公铁大桥有多长？", "3118")]),
        ("陶寺遗址1958年就被发现。", [("陶寺遗址是什么时候被发现的？", "1958年")]),
        ("陶寺遗址博物馆12日开馆。", [("陶寺遗址博物馆是什么时候开馆的？", "12日")]),
        ("长江十年禁渔从2021年1月1日开始。", [("长江十年禁渔是什么时候开始的？", "2021年1月1日")]),
        ("专区分成三个栏目：第一个叫“惠企政策一键直达”。", [("专区分成哪三个栏目？", "惠企政策一键")]),
        ("因为渔网的网眼大，小鱼就可以游回湖里。", [("为什么小鱼就可以游回湖里？", "渔网的网")]),
        ("靶标机器人由景奉水课题组联合研制。", [("靶标机器人是由谁研制的？", "景奉水课题组")]),
        ("深地塔科1井打在塔克拉玛干沙漠腹地。", [("深地塔科1井打在哪里？", "塔克拉玛干沙漠腹地")]),
        # what a question could not name, or would say wrongly
        ("它由三部分组成，一共有12个。", []),
        ("其中有101条。", []),
        ("这座桥长3118米。", []),
        ("甘肃遇难113人、受伤782人。", []),
        ("日产量由30吨提高到了36吨。", []),
        ("压轴的还是那棵将近4米高的青铜神树。", []),
        ("“我们一天要用3吨，一口井用60吨。”", []),
        ("国家邮政局12月5日公布，业务量创了新高。", []),
        ("由于信号不稳定，多数时候又探测不到，研究者叫它振荡。", []),
        ("", []),
    ],
)
def test_a_clause_becomes_the_question_that_it_answers(text: str, expected: list[tuple[str, str]]) -> None:
    assert facts_of(text) == expected


def test_a_question_of_the_text_expects_what_follows() -> None:
    assert facts_of("大船为什么迟迟没有捞？", "检察官查明，公司起了纠纷。") == [
        ("大船为什么迟迟没有捞？", "检察官查明公")
    ]
    assert facts_of("大船为什么迟迟没有捞？") == []


def test_the_article_is_named_where_the_clause_does_not() -> None:
    title = "西堠门公铁大桥全面开工"
    texts = ("西堠门公铁大桥进入建设阶段。", "这座桥长3118米。", "宁波一共派出40名工人，甬舟铁路派出12名工人。")
    assert facts_of(*texts, title=title) == [
        ("西堠门公铁大桥有多长？", "3118"),
        ("关于西堠门公铁大桥，甬舟铁路派出多少名工人？", "12"),
    ]


@pytest.mark.parametrize(
    ("title", "body", "name"),
    [
        ("看莫高窟，“京和号”又出发了", "这趟车叫“京和号”。", "京和号"),
        ("深地塔科1井钻过一万米", "塔里木的深地塔科1井4日钻到了。", "深地塔科1井"),
        ("积石山的安置在加紧", "积石山县选了点。积石山的板房。", "积石山"),
        ("地下500米有了信号", "在地下500米的现场。", ""),
        ("四千年前的都城", "陶寺遗址开馆。", ""),
        ("", "", ""),
    ],
)
def test_what_an_article_is_about(title: str, body: str, name: str) -> None:
    assert article_name(title, body) == name


def test_a_first_question_says_what_it_is_about() -> None:
    assert names_article(Fact("陶寺遗址是什么时候被发现的？", "1958年", 0, "date"))
    assert names_article(Fact("关于积石山，震源离地面多少公里？", "10", 0, "number"))
    assert not names_article(Fact("党员占了多少名？", "14", 0, "number"))
