"""Reprints take one place; stories that only share an event keep their own."""

from dataclasses import replace

import pytest

from rag.searching.duplicates import group_duplicates, near_duplicates, shingles
from rag.types import Hit

from .pieces import hit

STORY = "青河大桥昨天合龙，全桥长1620米，主跨620米，来往两岸的车不必再绕行四十公里，村民说盼了二十年。"
REPRINT = "（本报讯）" + STORY.replace("，", ", ")
CHANGED = STORY.replace("620米，来", "640米，来")
SAME_EVENT = "昨天上午，青河大桥的最后一段钢梁装好了。施工队说，雨季以前要铺完桥面，秋天就能通车，学生上学可以走桥。"


def story(text: str, doc_id: str, rank: int, article: int = 0) -> Hit:
    found = hit(doc_id=doc_id, rank=rank, score=1 / rank, article=article)
    return replace(found, chunk=replace(found.chunk, text=text))


def places(hits: list[Hit]) -> list[tuple[str, int, list[str]]]:
    return [(one.chunk.doc_id, one.rank, [twin.chunk.doc_id for twin in one.duplicates]) for one in hits]


def test_one_story_does_not_fill_the_top_ten() -> None:
    hits = [story(STORY if i % 2 else REPRINT, f"copy{i}.txt", i) for i in range(1, 13)]
    hits += [story(SAME_EVENT, "event.txt", 13), story("红米每斤卖到十二元。" * 6, "rice.txt", 14)]
    copies = [f"copy{i}.txt" for i in range(1, 13)]
    grouped = group_duplicates(hits, 10)
    assert places(grouped) == [("copy1.txt", 1, copies[1:]), ("event.txt", 2, []), ("rice.txt", 3, [])]
    assert [twin.rank for twin in grouped[0].duplicates] == list(range(2, 13))
    three = group_duplicates(hits, 10, n_same=3)
    assert [(name, rank) for name, rank, _ in places(three)] == [
        ("copy1.txt", 1), ("copy2.txt", 2), ("copy3.txt", 3), ("event.txt", 4), ("rice.txt", 5)
    ]  # fmt: skip
    assert [len(one.duplicates) for one in three] == [9, 0, 0, 0, 0]


def test_top_k_cuts_stories_and_still_finds_the_twins_of_those_kept() -> None:
    hits = [story(STORY, "a.txt", 1), story(SAME_EVENT, "b.txt", 2), story(CHANGED, "c.txt", 3)]
    assert places(group_duplicates(hits, 1)) == [("a.txt", 1, ["c.txt"])]
    assert group_duplicates(hits, 0) == group_duplicates([], 5) == []


def test_chunks_of_one_article_are_no_duplicates() -> None:
    same = [story(STORY, "a.txt", 1), story(STORY, "a.txt", 2)]
    assert places(group_duplicates(same, 5)) == [("a.txt", 1, []), ("a.txt", 2, [])]
    other = [story(STORY, "a.txt", 1), story(STORY, "a.txt", 2, article=1)]
    assert places(group_duplicates(other, 5)) == [("a.txt", 1, ["a.txt"])]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (STORY, True),
        (REPRINT, True),
        (CHANGED, True),
        (SAME_EVENT, False),
        (
            STORY
            + SAME_EVENT
            + "红米每斤卖到十二元，收了八吨，山村里家家都添了新屋，合作社年底还要分红，种稻的人多了起来。",
            False,
        ),  # too little of the longer one
        ("", False),
    ],
)
def test_near_duplicates(other: str, expected: bool) -> None:
    assert near_duplicates(shingles(STORY), shingles(other)) is expected
    assert near_duplicates(shingles(other), shingles(STORY)) is expected


def test_short_texts_are_no_stories() -> None:
    assert not near_duplicates(shingles("青河大桥昨天合龙了"), shingles("青河大桥昨天合龙了"))


def test_shingles_leave_out_what_typesetting_changes() -> None:
    assert shingles("５Ｇ 基站，多") == shingles("5g基站多") == {"5g基站", "g基站多"}
