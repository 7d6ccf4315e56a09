"""Every formula against its value written as the formula, and against ir_measures on random runs."""

import random
from collections.abc import Hashable
from math import log2

import ir_measures
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import RR, R, Success, nDCG

from eval import metrics

NOTHING: frozenset[Hashable] = frozenset()
A, B = frozenset({"a"}), frozenset({"b"})


def test_success_is_about_one_of_the_first_k() -> None:
    found = [NOTHING, NOTHING, A]
    assert metrics.success_at_k(found, 2) == 0
    assert metrics.success_at_k(found, 3) == 1


def test_recall_is_about_all_gold_items() -> None:
    found = [A, NOTHING, A, B]
    assert metrics.recall_at_k(found, n_gold=3, k=3) == 1 / 3
    assert metrics.recall_at_k(found, n_gold=3, k=4) == 2 / 3


def test_reciprocal_rank_is_one_based_and_stops_at_k() -> None:
    assert metrics.reciprocal_rank([A]) == 1 / 1
    assert metrics.reciprocal_rank([NOTHING, NOTHING, B, A]) == 1 / 3
    assert metrics.reciprocal_rank([NOTHING] * 10 + [A], k=10) == 0


def test_ndcg_is_the_gain_by_the_best_gain() -> None:
    found = [NOTHING, A, NOTHING, B]
    ideal = 1 / log2(1 + 1) + 1 / log2(2 + 1)
    assert metrics.ndcg_at_k(found, n_gold=2) == (1 / log2(2 + 1) + 1 / log2(4 + 1)) / ideal
    assert metrics.ndcg_at_k(found, n_gold=2, k=3) == (1 / log2(2 + 1)) / ideal


def test_ndcg_counts_a_gold_item_once_and_a_chunk_with_two_as_two_ranks() -> None:
    assert metrics.ndcg_at_k([A, A], n_gold=2) == (1 / log2(2)) / (1 / log2(2) + 1 / log2(3))
    assert metrics.ndcg_at_k([A | B], n_gold=2) == 1
    assert metrics.ndcg_at_k([A, A | B], n_gold=2) == 1


def test_finding_nothing_scores_zero() -> None:
    assert metrics.success_at_k([], 10) == 0
    assert metrics.recall_at_k([], 2, 10) == 0
    assert metrics.reciprocal_rank([]) == 0
    assert metrics.ndcg_at_k([], 2) == 0
    assert metrics.citation_precision([], [("d", 0, 5)]) == 0
    assert metrics.citation_recall([], [("d", 0, 5)]) == 0


@pytest.mark.parametrize("seed", range(20))
def test_ranking_agrees_with_ir_measures(seed: int) -> None:
    rng = random.Random(seed)
    pool = [f"d{i}" for i in range(30)]
    gold = {f"q{i}": set(rng.sample(pool, rng.randint(1, 5))) for i in range(10)}
    ranked = {query: rng.sample(pool, rng.randint(0, 20)) for query in gold}
    qrels = {query: dict.fromkeys(ids, 1) for query, ids in gold.items()}
    # A query without any hit is a key without documents: ir_measures gives it 0 as well.
    run = {query: {id: float(100 - i) for i, id in enumerate(ids)} for query, ids in ranked.items()}
    measures = [Success @ 1, Success @ 5, R @ 5, R @ 10, RR @ 10, nDCG @ 10]
    expected = {(m.query_id, m.measure): m.value for m in ir_measures.iter_calc(measures, qrels, run)}
    for query, ids in gold.items():
        found = [frozenset({id} & ids) for id in ranked[query]]
        ours = {
            Success @ 1: metrics.success_at_k(found, 1),
            Success @ 5: metrics.success_at_k(found, 5),
            R @ 5: metrics.recall_at_k(found, len(ids), 5),
            R @ 10: metrics.recall_at_k(found, len(ids), 10),
            RR @ 10: metrics.reciprocal_rank(found, 10),
            nDCG @ 10: metrics.ndcg_at_k(found, len(ids), 10),
        }
        for measure, value in ours.items():
            assert value == pytest.approx(expected[query, measure], abs=1e-12), (query, measure)


found_lists = st.lists(st.frozensets(st.sampled_from("abcd")), max_size=15)


@given(found_lists, st.integers(4, 8), st.integers(1, 12))
def test_ranking_figures_lie_between_0_and_1_and_agree_on_nothing_found(
    found: list[frozenset[Hashable]], n_gold: int, k: int
) -> None:
    recall = metrics.recall_at_k(found, n_gold, k)
    assert 0 <= recall <= 1
    assert 0 <= metrics.ndcg_at_k(found, n_gold, k) <= 1 + 1e-12
    assert (metrics.success_at_k(found, k) == 0) == (recall == 0) == (metrics.reciprocal_rank(found, k) == 0)


def test_spans_overlap_when_they_share_a_character_of_the_same_document() -> None:
    assert metrics.overlaps(("d", 0, 5), ("d", 4, 9))
    assert not metrics.overlaps(("d", 0, 5), ("d", 5, 9))
    assert not metrics.overlaps(("d", 5, 9), ("d", 0, 5))
    assert not metrics.overlaps(("d", 0, 5), ("e", 0, 5))


def test_a_citation_with_two_spans_counts_once() -> None:
    gold = [("d", 10, 20)]
    cut_sentence = [("d", 15, 18), ("d", 90, 95)]
    assert metrics.citation_precision([cut_sentence, [("d", 50, 60)], [("d", 30, 40)]], gold) == 1 / 3


def test_citation_recall_is_the_share_of_gold_spans() -> None:
    gold = [("d", 10, 20), ("d", 40, 50), ("e", 0, 3)]
    assert metrics.citation_recall([[("d", 0, 11)], [("e", 2, 9)]], gold) == 2 / 3


def test_a_share_of_nothing_is_not_defined() -> None:
    assert metrics.mean([]) is None
    assert metrics.share(0, 0) is None


def test_f1_is_the_harmonic_mean_of_precision_and_recall() -> None:
    precision, recall = 3 / (3 + 1), 3 / (3 + 2)
    assert metrics.f1(3, 1, 2) == pytest.approx(2 * precision * recall / (precision + recall))
    assert metrics.f1(0, 0, 5) == 0
    assert metrics.f1(0, 0, 0) is None


def test_risk_coverage_answers_the_most_confident_first() -> None:
    scored = [(0.2, False), (0.9, True), (0.6, False), (0.7, True)]
    points = [(1 / 4, 0 / 1), (2 / 4, 0 / 2), (3 / 4, 1 / 3), (4 / 4, 2 / 4)]
    assert metrics.risk_coverage_points(scored) == points
    assert metrics.area_under_risk_coverage(points) == pytest.approx((0 / 1 + 0 / 2 + 1 / 3 + 2 / 4) / 4)


def test_equal_confidences_enter_the_risk_curve_together() -> None:
    scored = [(0.5, True), (0.5, False), (0.9, True)]
    assert metrics.risk_coverage_points(scored) == [(1 / 3, 0 / 1), (3 / 3, 1 / 3)]
    assert metrics.risk_coverage_points(scored[::-1]) == metrics.risk_coverage_points(scored)
    assert metrics.area_under_risk_coverage([]) is None


def test_auc_counts_a_tie_one_half() -> None:
    assert metrics.area_under_roc([0.9, 0.5], [0.5, 0.1]) == (1 + 1 + 0.5 + 1) / 4
    assert metrics.area_under_roc([0.9], []) is None


scores = st.lists(st.integers(0, 5).map(float), min_size=1, max_size=20)


@given(scores, scores)
def test_auc_is_the_share_of_pairs_in_order(positives: list[float], negatives: list[float]) -> None:
    pairs = [(p > n) + (p == n) / 2 for p in positives for n in negatives]
    assert metrics.area_under_roc(positives, negatives) == pytest.approx(sum(pairs) / len(pairs))


def test_percentile_lies_between_two_values() -> None:
    assert metrics.percentile([30.0, 10.0, 20.0, 40.0], 50) == 20 + 0.5 * (30 - 20)
    assert metrics.percentile([7.0], 95) == 7
    assert metrics.percentile([], 50) is None


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.floats(0, 100))
def test_percentile_agrees_with_numpy(values: list[float], q: float) -> None:
    assert metrics.percentile(values, q) == pytest.approx(float(np.percentile(values, q)), rel=1e-9, abs=1e-9)


def test_bootstrap_gives_the_same_digits_twice_and_another_seed_others() -> None:
    rows = [i / 40 for i in range(40)]
    first = metrics.bootstrap_interval(rows, metrics.mean)
    assert first == metrics.bootstrap_interval(rows, metrics.mean)
    assert first != metrics.bootstrap_interval(rows, metrics.mean, seed=1)


def test_bootstrap_interval_has_the_width_of_the_normal_approximation() -> None:
    rows = [1.0] * 60 + [0.0] * 40
    interval = metrics.bootstrap_interval(rows, metrics.mean, n_resamples=4000)
    assert interval is not None
    half = 1.96 * (0.6 * 0.4 / 100) ** 0.5
    assert interval[0] == pytest.approx(0.6 - half, abs=0.02)
    assert interval[1] == pytest.approx(0.6 + half, abs=0.02)


def test_bootstrap_of_what_is_not_defined_is_none() -> None:
    assert metrics.bootstrap_interval([], metrics.mean) is None
    assert metrics.bootstrap_interval([1.0, 2.0], lambda rows: None, n_resamples=10) is None
