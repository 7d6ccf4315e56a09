"""Fusion: expected values are written as the formula."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.fuse import fuse_convex, fuse_reciprocal_ranks, order_by_score

SCORES = st.dictionaries(st.integers(0, 20), st.floats(-1, 50), max_size=12)


def test_convex_combination_of_scores_over_their_maxima() -> None:
    fused = fuse_convex({1: 4.0, 2: 2.0}, {2: 0.5, 3: 0.25}, 0.8)
    assert fused == pytest.approx({1: 0.8 * 4 / 4, 2: 0.8 * 2 / 4 + (1 - 0.8) * 0.5 / 0.5, 3: (1 - 0.8) * 0.25 / 0.5})


def test_a_row_that_a_list_lacks_or_scores_below_zero_gets_nothing_of_it() -> None:
    fused = fuse_convex({1: 2.0}, {1: -0.5, 2: 0.4, 3: -0.1}, 0.6)
    assert fused == pytest.approx({1: 0.6, 2: 0.4 * 0.4 / 0.4, 3: 0.0})


@pytest.mark.parametrize("flat", [{}, {1: 0.0, 2: 0.0}, {1: -3.0, 2: -0.5}])
def test_a_list_without_a_positive_score_adds_nothing(flat: dict[int, float]) -> None:
    fused = fuse_convex(flat, {1: 1.0, 2: 0.5}, 0.8)
    assert fused == pytest.approx({1: 0.2 * 1 / 1, 2: 0.2 * 0.5 / 1})
    assert set(fuse_convex(flat, {}, 0.8).values()) <= {0.0}


@pytest.mark.parametrize(("weight", "order"), [(1.0, [1, 2, 3]), (0.0, [3, 2, 1])])
def test_weight_one_and_zero_are_one_list_alone(weight: float, order: list[int]) -> None:
    assert order_by_score(fuse_convex({1: 9.0, 2: 5.0, 3: 1.0}, {1: 0.1, 2: 0.5, 3: 0.9}, weight)) == order


@given(SCORES, SCORES, st.floats(0, 1))
def test_convex_holds_all_rows_between_zero_and_one(a: dict[int, float], b: dict[int, float], weight: float) -> None:
    fused = fuse_convex(a, b, weight)
    assert fused.keys() == a.keys() | b.keys()
    assert all(0 <= score <= 1 + 1e-12 and math.isfinite(score) for score in fused.values())


@given(SCORES, SCORES)
def test_convex_does_not_depend_on_the_unit_of_a_list(a: dict[int, float], b: dict[int, float]) -> None:
    larger = {row: 8 * score for row, score in a.items()}
    assert fuse_convex(larger, b, 0.7) == pytest.approx(fuse_convex(a, b, 0.7))


def test_reciprocal_ranks_count_from_one() -> None:
    fused = fuse_reciprocal_ranks([[7, 8, 9], [9, 7]])
    assert fused == pytest.approx(
        {7: (1 / (60 + 1)) + (1 / (60 + 2)), 8: 1 / (60 + 2), 9: (1 / (60 + 3)) + (1 / (60 + 1))}
    )
    assert fuse_reciprocal_ranks([[5], [], [5]], k=1) == pytest.approx({5: 1 / (1 + 1) + 1 / (1 + 1)})
    assert fuse_reciprocal_ranks([]) == {}


def test_order_is_by_score_and_ties_by_row() -> None:
    assert order_by_score({9: 0.5, 3: 0.5, 4: 0.75, 1: 0.0}) == [4, 3, 9, 1]
    assert order_by_score({1: 0.0, 9: 0.5, 4: 0.75, 3: 0.5}) == [4, 3, 9, 1]
    assert order_by_score({}) == []
