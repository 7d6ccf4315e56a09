"""Hits in the order of the best sentence that each holds."""

from dataclasses import replace

import pytest

from rag.rerank import interleave_hits, rerank_hits

from .pieces import candidates, hit, passage

FIRST, SECOND, THIRD = (
    hit(0, 5, rank=1, score=0.9),
    hit(5, 10, rank=2, score=0.8),
    hit(10, 15, rank=3, score=0.7),
)
OTHER = hit(0, 5, doc_id="b.txt", rank=4, score=0.6)
TEXTS = ("第一句。呀", "第二句。呀", "第三句。呀")


def test_a_hit_takes_the_place_of_its_best_sentence() -> None:
    own = passage(*TEXTS, hits=[FIRST, SECOND, THIRD])
    other = passage("另一句。呀", label=2, doc_id="b.txt", hits=[OTHER])
    ranked = candidates([own, other], [[0.0, 3.0, 1.0], [2.0]])
    reranked = rerank_hits([FIRST, SECOND, THIRD, OTHER], ranked)
    assert [h.chunk for h in reranked] == [SECOND.chunk, OTHER.chunk, THIRD.chunk, FIRST.chunk]
    assert [h.score for h in reranked] == pytest.approx([c.probability for c in ranked])
    assert [h.rank for h in reranked] == [1, 2, 3, 4]
    assert {h.source for h in reranked} == {"reranked"}


def test_a_sentence_in_two_hits_counts_for_both_and_ties_keep_their_order() -> None:
    wide = hit(3, 12, rank=2)
    own = passage(*TEXTS, hits=[FIRST, wide, THIRD])
    reranked = rerank_hits([FIRST, wide, THIRD], candidates([own], [[5.0, 0.0, 1.0]]))
    assert [h.chunk for h in reranked] == [FIRST.chunk, wide.chunk, THIRD.chunk]
    assert reranked[0].score == reranked[1].score > reranked[2].score


def test_what_was_not_read_comes_last_as_it_was_with_no_score() -> None:
    read = hit(0, 5, doc_id="a.txt", rank=3)
    own = passage(TEXTS[0], hits=[read])
    unread = [
        hit(0, 5, doc_id="c.txt", rank=1, score=9.0),
        hit(0, 5, doc_id="d.txt", rank=2, score=8.0),
    ]
    reranked = rerank_hits([*unread, read], candidates([own], [[0.0]]))
    assert [h.chunk.doc_id for h in reranked] == ["a.txt", "c.txt", "d.txt"]
    assert [h.score for h in reranked] == [1.0, 0.0, 0.0]


def test_what_the_legs_said_stays_visible() -> None:
    found = replace(FIRST, bm25_rank=4, bm25_score=2.5, dense_rank=7, dense_score=0.3, matched_terms=("塔",))
    (kept,) = rerank_hits([found], candidates([passage(TEXTS[0], hits=[found])], [[0.0]]))
    assert kept == replace(found, score=1.0, rank=1, source="reranked")


def test_no_candidates_no_change_of_order() -> None:
    assert [h.chunk for h in rerank_hits([FIRST, SECOND], [])] == [FIRST.chunk, SECOND.chunk]
    assert rerank_hits([], []) == []


def test_hits_of_two_questions_take_turns_and_a_chunk_comes_once() -> None:
    first = [hit(0, 5, rank=1), hit(5, 10, rank=2), hit(10, 15, rank=3)]
    second = [hit(5, 10, rank=1), hit(20, 25, rank=2)]
    together = interleave_hits([first, second])
    assert [(h.chunk.start, h.rank) for h in together] == [(0, 1), (5, 2), (20, 3), (10, 4)]
    assert interleave_hits([first]) == first
    assert interleave_hits([[], second]) == second
