"""Which sentences are quoted: what a sentence cannot stand without, and what is as likely as it."""

import pytest

from rag.reading.choice import SECOND_SHARE, choose

from .pieces import candidates, passage

PAGE = passage(
    "8月13日傍晚，打桩船把护筒放进海里。",
    "大桥就从这一刻开始动工。",
    "桥面铺好了。",
    "桥长29公里。",
)


def chosen(question: str, *scores: float) -> list[int]:
    return [c.position for c in choose(question, candidates([PAGE], [list(scores)]))]


@pytest.mark.parametrize(
    ("question", "best", "positions"),
    [
        ("大桥什么时候动工的？", 1, [0, 1]),  # points back, and the date stands before it
        ("大桥什么时候动工的？", 0, [0]),
        ("大桥的桥面怎么样？", 2, [2]),
        ("大桥多长？", 1, [1]),  # what stands before holds no length either
        ("大桥多长？", 3, [3]),
    ],
)
def test_a_sentence_that_points_back_brings_the_one_before_it(question: str, best: int, positions: list[int]) -> None:
    scores = [0.0] * 4
    scores[best] = 9.0
    assert chosen(question, *scores) == positions


def test_a_runner_up_is_quoted_where_it_is_nearly_as_likely_and_of_the_same_article() -> None:
    assert chosen("桥面用了什么？", 0.0, 0.0, 5.0, 4.9) == [2, 3]
    assert chosen("桥面用了什么？", 0.0, 0.0, 5.0, 3.5) == [2]
    other = passage("桥长30公里。", label=2, doc_id="b.txt")
    found = choose("桥面用了什么？", candidates([PAGE, other], [[0.0, 0.0, 5.0, 0.0], [4.9]]))
    assert [c.text for c in found] == ["桥面铺好了。"]
    assert 0 < SECOND_SHARE < 1


def test_the_other_items_of_a_list_are_found_one_sentence_further_on() -> None:
    firms = passage("牵头的有三家：甲、乙、丙。", "它们要取长补短。", "新集团还请进来两家，即丁和戊。", "股份分好了。")
    found = choose("集团由哪些公司组成？", candidates([firms], [[9.0, 0.0, 1.0, 0.0]]))
    assert [c.position for c in found] == [0, 2]
