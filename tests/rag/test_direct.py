"""The direct answer: a number, date, name or place, whole, or none."""

import pytest

from rag.reading.direct import direct_answer

from .pieces import candidates, passage


def direct(question: str, text: str, span: str = "", sure: float = 0.0) -> str:
    return direct_answer(question, candidates([passage(text)], [[1.0]], {text: (span, sure)})[0])


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("采油厂厂长是谁？", "采油厂厂长马宏说，今年产油160万吨。", "马宏"),
        ("厂长叫什么？", "厂长马宏给出的数字是160万吨。", "马宏"),
        ("厂长是谁？", "副厂长赵爱彬说，厂里用上了电。", "赵爱彬"),
        ("副厂长是谁？", "副厂长赵爱彬说，厂里用上了电。", "赵爱彬"),
        ("厂长是谁？", "厂长给出的数字是160万吨。", ""),
        ("大桥哪天开工？", "8月13日傍晚，大桥动工。", "8月13日"),
        ("大桥什么时候开工？", "大桥于2023年8月动工。", "2023年8月"),
        ("大桥哪天开工？", "大桥8月13日动工，10月1日停工。", ""),
        ("8月13日做了什么，是哪天？", "8月13日大桥动工。", ""),
        ("几点开工？", "傍晚6时48分，大桥动工。", "傍晚6时48分"),
        ("主跨多少米？", "主跨长620米，桥面铺好了。", "620米"),
        ("为什么停工？", "因为有雾，8月13日停工。", ""),
        ("这篇文章讲了什么？", "主跨长620米。", ""),
    ],
)
def test_the_only_one_of_its_sort_is_the_direct_answer(question: str, text: str, expected: str) -> None:
    assert direct(question, text) == expected


def test_a_clear_span_of_the_right_sort_goes_before() -> None:
    text = "大桥8月13日动工，10月1日停工。"
    assert direct("哪天停工？", text, "10月1日", 0.9) == "10月1日"
    assert direct("哪天停工？", text, "10月1日", 0.1) == ""
    assert direct("哪天停工？", text, "停工", 0.9) == ""


def test_a_day_or_an_hour_is_no_amount() -> None:
    text = "报名通道8月3日打开，8月8日下午5点关闭，费用120。"
    assert direct("报名费是多少？", text, "8月3日", 0.9) == ""
    assert direct("报名费是多少？", text, "下午5点", 0.9) == ""
    assert direct("报名费是多少？", text, "120", 0.9) == "120"


def test_a_span_that_cuts_a_number_or_a_footnote_mark_is_mended_or_left_out() -> None:
    text = "村里昨天开了会，一共来了12\u200b0人，会开到很晚才散。"
    assert direct("来了多少人？", text, "0人", 0.9) == "12\u200b0人"
    text = "红楼镇的桥有[2]三座，还有两座正在修，明年才能通车。"
    assert direct("桥有几座？", text, "2]三座", 0.9) == "三座"
    assert direct("桥有几座？", text, "三座", 0.9) == "三座"


def test_of_a_longer_span_the_number_or_the_time_alone() -> None:
    assert direct("集团什么时候成立的？", "一家新的企业23日在赣州宣告成立，全称很长。", "企业23日", 0.9) == "23日"
    assert direct("政策有多少条？", "其中不用申请的政策有101条，办事服务有1200项。", "政策有101条", 0.9) == "101条"
    assert direct("展厅有多大？", "展厅大约5000平方米，分成上下两层。", "展厅大约5000平方米", 0.9) == "5000平方米"
    assert direct("它是第几座站？", "这是我国在南极的第五座考察站，今天建成。", "第五座考察站", 0.9) == "第五座考察站"


def test_a_question_whether_has_no_direct_answer() -> None:
    text = "飓风刮了72个小时，新站没有受损。"
    assert direct("新站受损了吗？", text, "新站没有受损", 0.9) == ""


def test_by_how_much_it_grew_is_not_how_much_it_is() -> None:
    text = "全市的订单额同比增长8.6%，达到历史最高，各行各业都有增加。"
    assert direct("订单额是多少？", text, "8.6%", 0.9) == ""
    assert direct("订单额增长多少？", text, "8.6%", 0.9) == "8.6%"
