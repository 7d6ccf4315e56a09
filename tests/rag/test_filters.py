"""Which words of a question say when and where its article appeared, and which only look like it."""

import datetime

import pytest

from rag.searching.filters import may_filter, read_filters

REFERENCE = datetime.date(2025, 7, 28)  # a Monday
SOURCES = ("本报", "新华社", "村报")

STRICT = [
    ("12月23日的报道里，平台怎么推政策？", "12月23日（12月22日—12月23日）", "平台怎么推政策？"),
    ("12月23日那天的报纸写的大桥有多长？", "12月23日（12月22日—12月23日）", "大桥有多长？"),
    ("2021年12月23日的新闻里大桥有多长？", "2021年12月23日（2021-12-22—2021-12-23）", "大桥有多长？"),
    ("2021年1月1日的消息说大桥多长？", "2021年1月1日（2020-12-31—2021-01-01）", "大桥多长？"),
    ("2023年8月的新闻，票房是多少？", "2023年8月（2023-08）", "票房是多少？"),
    ("2023年的报道里大桥有多长？", "2023", "大桥有多长？"),
    ("根据2023年12月25日的报道，板房有多少间？", "2023年12月25日（2023-12-24—2023-12-25）", "板房有多少间？"),
    ("八月十九日的报道里气象站有几套？", "八月十九日（8月18日—8月19日）", "气象站有几套？"),
    ("去年的报道里大桥有多长？", "去年（2024）", "大桥有多长？"),
    ("今年的文章里大桥有多长？", "今年（2025）", "大桥有多长？"),
    ("前年的新闻里大桥有多长？", "前年（2023）", "大桥有多长？"),
    ("上周的报道，大桥有多长？", "上周（2025-07-21—2025-07-27）", "大桥有多长？"),
    ("上个月那篇讲长江的，江豚有几头？", "上个月（2025-06）", "讲长江的，江豚有几头？"),
    ("昨天的报纸上大桥有多长？", "昨天（2025-07-27）", "大桥有多长？"),
    ("最近的报道里大桥有多长？", "最近（2025-06-28—2025-07-28）", "大桥有多长？"),
    ("最近一周的新闻里大桥有多长？", "最近一周（2025-07-21—2025-07-28）", "大桥有多长？"),
    ("2021年底的报道里大桥有多长？", "2021年底（2021-11-01—2021-12-31）", "大桥有多长？"),
    ("2023年上半年的报道里大桥有多长？", "2023年上半年（2023-01-01—2023-06-30）", "大桥有多长？"),
    ("2024年2月下旬的消息里大桥有多长？", "2024年2月下旬（2024-02-21—2024-02-29）", "大桥有多长？"),
    ("8月1日到8月10日的报道里大桥有多长？", "8月1日到8月10日（8月1日—8月10日）", "大桥有多长？"),
    ("2023年7月至2023年8月的新闻里票房是多少？", "2023年7月至2023年8月（2023-07-01—2023-08-31）", "票房是多少？"),
    ("12月23日的报道说了什么", "12月23日（12月22日—12月23日）", "12月23日的报道说了什么"),  # nothing else to look for
    ("2023年12月有哪些新闻？", "2023年12月（2023-12）", "2023年12月有哪些新闻？"),
    ("请问12月23日发生了什么大事", "12月23日（12月22日—12月23日）", "请问12月23日发生了什么大事"),
    ("去年", "去年（2024）", "去年"),
    ("2021年？", "2021", "2021年？"),
    ("那2021年呢？", "2021", "那2021年呢？"),
    ("二〇二三年八月的新闻里票房是多少？", "二〇二三年八月（2023-08）", "票房是多少？"),
    ("2023-08-11的文章里船在哪里？", "2023-08-11（2023-08-10—2023-08-11）", "船在哪里？"),
    ("2023/8/11的报道", "2023/8/11（2023-08-10—2023-08-11）", "2023/8/11的报道"),
]  # fmt: skip

PREFERRED = [
    ("2021年底全国有多少个5G基站？", "2021年底", (2021, 11, 1), (2022, 1, 31)),
    ("2023年年底5G基站多少个", "2023年年底", (2023, 11, 1), (2024, 1, 31)),
    ("去年快递多少亿件？", "去年（2024）", (2024, 1, 1), (2025, 1, 31)),
    ("去年报道了多少起事故？", "去年（2024）", (2024, 1, 1), (2025, 1, 31)),
    ("2023年8月2日自动化所宣布了什么？", "2023年8月2日", (2023, 8, 2), (2023, 9, 2)),
    ("12月24日为止有几间板房通了电？", "12月24日", (0, 12, 24), (0, 12, 24)),
    ("2023年上半年造船完工多少吨？", "2023年上半年", (2023, 1, 1), (2023, 7, 31)),
    ("最近一次普查有几头江豚？", "最近（2025-06-28—2025-07-28）", (2025, 6, 28), (2025, 8, 28)),
]

SPEAKING = [
    ("新华社怎么说积石山地震？", "新华社", "怎么说积石山地震？"),
    ("新华社的报道里板房有几间？", "新华社", "板房有几间？"),
    ("据新华社报道，板房有几间？", "新华社", "板房有几间？"),
    ("据村报消息，桥有多长？", "村报", "桥有多长？"),
    ("人民日报怎么评论稀土集团？", "人民日报", "怎么评论稀土集团？"),
    ("新华社有哪些报道？", "新华社", "新华社有哪些报道？"),
    ("新华社", "新华社", "新华社"),
    ("请问长江日报的文章里桥有多长？", "长江日报", "请问桥有多长？"),
]

NEITHER = """2014年全厂产油多少？
2014年产量多少
2022年长江江豚有多少头？
2014年新闻发布会开了几场？
2014年报纸的发行量是多少？
2008年8号线用的是什么车型？
2023年初中学生有多少？
为什么说明年一季度工业压力大？
12月20日和22日的遇难人数分别是多少？
20日的报道里有多少人受伤？
2013年和2020年的产量各是多少？
2月30日的报道
13月的新闻
2023-13-11的文章
版本2023.8.115是什么？
2021年有多少个基站？
新华社是哪一年成立的？
新华社记者有多少人？
本报记者是谁？
人民日报社在哪里？
十二月党人是谁？
三十四号楼在哪？
这篇报道讲了什么？
报道说桥有多长？
大桥有多长？
？！""".splitlines()


@pytest.mark.parametrize(("question", "shown", "left"), STRICT)
def test_a_time_said_of_the_article_is_a_filter_and_leaves_the_question(question: str, shown: str, left: str) -> None:
    asked = read_filters(question, SOURCES, REFERENCE)
    assert [(one.shown, one.strict) for one in asked.filters] == [(f"日期：{shown}", True)]
    assert asked.question == left
    assert asked.bare == (question == left)
    assert all(one.words in question for one in asked.filters)
    assert may_filter(question)


@pytest.mark.parametrize(("question", "shown", "first", "last"), PREFERRED)
def test_another_time_is_preferred_and_stays_in_the_question(
    question: str, shown: str, first: tuple[int, int, int], last: tuple[int, int, int]
) -> None:
    asked = read_filters(question, SOURCES, REFERENCE)
    assert [(one.shown, one.strict) for one in asked.filters] == [(f"优先：{shown}", False)]
    period = asked.filters[0].period
    assert period is not None
    assert ((period.first, period.last), asked.question) == ((first, last), question)
    assert may_filter(question)


@pytest.mark.parametrize(("question", "source", "left"), SPEAKING)
def test_a_source_that_speaks_is_a_filter(question: str, source: str, left: str) -> None:
    asked = read_filters(question, SOURCES, REFERENCE)
    assert [(one.shown, one.source, one.strict) for one in asked.filters] == [(f"来源：{source}", source, True)]
    assert asked.question == left
    assert asked.filters[0].fits("", source)
    assert not asked.filters[0].fits("2021-12-23", "晚报")
    assert may_filter(question)


@pytest.mark.parametrize("question", NEITHER)
def test_a_fact_is_no_filter(question: str) -> None:
    asked = read_filters(question, SOURCES, REFERENCE)
    assert (asked.question, asked.filters) == (question, ())


def test_source_and_date_together() -> None:
    asked = read_filters("本报7月25日那篇写兰花的，谁带的队？", SOURCES, REFERENCE)
    assert [one.shown for one in asked.filters] == ["来源：本报", "日期：7月25日（7月24日—7月25日）"]
    assert asked.question == "兰花的，谁带的队？"


def test_a_question_without_times_and_sources_is_not_looked_into() -> None:
    assert not may_filter("大桥有多长？")


@pytest.mark.parametrize("words", ["不限时间，", "不限来源，", "（不限日期）", "不限日期和来源，"])
def test_words_in_the_question_take_its_filters_off(words: str) -> None:
    for question in ("新华社去年的报道里桥有多长？", "去年桥有多长？"):
        assert may_filter(words + question)
        asked = read_filters(words + question, SOURCES, REFERENCE)
        assert (asked.question, asked.filters) == (question, ())


def test_full_width_figures_are_figures() -> None:
    asked = read_filters("２０２３年８月的新闻，票房是多少？", SOURCES, REFERENCE)
    assert [one.shown for one in asked.filters] == ["日期：２０２３年８月（2023-08）"]


@pytest.mark.parametrize("day", ["十二十日", "三十十月", "十十十日", "〇月", "99月99日"])
def test_what_is_no_number_is_no_date(day: str) -> None:
    """Found by fuzzing: 十二十日 ended in a ValueError."""
    asked = read_filters(f"{day}的报道里大桥有多长？", SOURCES, REFERENCE)
    assert (asked.filters, asked.question) == ((), f"{day}的报道里大桥有多长？")


@pytest.mark.parametrize("opening", ["看看", "告诉我看看", "我想知道那", " ，"])
def test_an_opening_that_repeats_itself_takes_no_time(opening: str) -> None:
    """Read in two ways each time ("看看", "看" + "看"), it would take for ever."""
    assert [one.strict for one in read_filters(opening * 100 + "到2023年底有多少？", (), REFERENCE).filters] == [False]
