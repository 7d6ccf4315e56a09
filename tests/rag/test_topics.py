"""A story asked for as a whole: the form of the question, and which article's beginning is about its topic."""

from dataclasses import replace

import pytest

from rag.reading.topics import MIN_COVERED, asks_for_summary, covers_topic

from .pieces import passage

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
