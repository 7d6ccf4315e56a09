"""A story asked for as a whole: the form of the question, and which article's beginning is about its topic."""

from dataclasses import replace

import pytest

from rag.reading.choice import choose
from rag.reading.topics import MIN_COVERED, asks_for_summary, centrality, covers_topic, names_topic

from .pieces import candidates, passage

BEGINNING = replace(
    passage("青河大桥昨天合龙，两岸的人走到了一起。", "桥面宽30米。", title="青河大桥合龙"), opens_article=True
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("青河大桥怎么样了？", True),
        ("青河大桥有什么最新进展", True),
        ("青河大桥是怎么回事", True),
        ("总结一下青河大桥的报道", True),
        ("《青河大桥合龙》讲了什么？", True),
        ("青河大桥桥面多宽？", False),
        ("青河大桥怎么样建成的？", False),
        ("谁介绍了情况？", False),
        ("这篇文章讲了什么？", True),
        ("总结一下地铁的报道", True),
        ("概括全文", True),
        ("地铁几点开", False),
        ("介绍一下青河大桥", True),
        ("请简单介绍青河大桥", True),
        ("讲讲青河大桥", True),
        ("说一下青河大桥", True),
        ("讲讲为什么修桥", False),
        ("说说桥面多宽", False),
        ("他说说这件事", False),
    ],
)
def test_whether_a_story_is_asked_for_as_a_whole(question: str, expected: bool) -> None:
    assert asks_for_summary(question) is expected


def test_the_topic_stands_in_headline_and_opening() -> None:
    assert covers_topic("青河大桥怎么样了？", BEGINNING) == 1.0
    assert covers_topic("月球基地怎么样了？", BEGINNING) == 0.0
    assert covers_topic("红河大桥怎么样了？", BEGINNING) < MIN_COVERED


def test_the_middle_of_an_article_is_no_summary() -> None:
    assert covers_topic("青河大桥怎么样了？", replace(BEGINNING, opens_article=False)) == 0.0


def test_a_question_without_a_topic_has_none_to_cover() -> None:
    assert covers_topic("总结一下", BEGINNING) == 0.0


def test_of_stories_that_open_with_a_topic_the_headline_decides() -> None:
    other = passage("青河大桥旁边开了一家店。", title="店开张了")
    assert covers_topic("介绍一下青河大桥", other) == covers_topic("介绍一下青河大桥", BEGINNING) == 1.0
    assert centrality("介绍一下青河大桥", BEGINNING) > centrality("介绍一下青河大桥", other) > 1.0
    defined = passage("这座桥名叫青河大桥。", title="店开张了")
    assert centrality("介绍一下青河大桥", defined) > centrality("介绍一下青河大桥", other)
    assert centrality("总结一下", BEGINNING) == 0.0


def test_what_no_story_is_about_is_told_by_the_sentences_that_name_it() -> None:
    page = passage(
        "两岸的人走到了一起。", "桥很宽。", "建桥的是“红星”工程队。", "这支队伍来自外省。", "天晴了。", title="大桥合龙"
    )
    assert names_topic("介绍一下红星工程队", page.sentences[2].text)
    found = choose("介绍一下红星工程队", candidates([page], [[0.0, 0.0, 5.0, 0.0, 0.0]]))
    assert [one.position for one in found] == [2, 3]
    found = choose("介绍一下大桥", candidates([page], [[0.0, 0.0, 5.0, 0.0, 0.0]]))
    assert [one.position for one in found] == [0, 1, 2]
