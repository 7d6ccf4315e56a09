"""Figures of a run that can be counted by hand: see fakes.fake_questions."""

from dataclasses import replace
from math import log2

import pytest

from eval.figures import MAIN_FIGURES, OVERALL, compute_figures, overall_values, risk_coverage
from eval.run import run_set
from eval.types import Result, Run
from rag.types import Answer
from tests.eval.fakes import FakeEngine, fake_questions


@pytest.fixture(name="run")
def fake_run() -> Run:
    return run_set(FakeEngine(), fake_questions(), set_name="fake")


def test_counts_and_groups(run: Run) -> None:
    figures = compute_figures(run)
    assert list(figures.groups) == [OVERALL, "number", "followup", "unanswerable"]
    overall = figures.groups[OVERALL]
    names = ("n", "n_answerable", "n_unanswerable", "n_refused", "n_false_refusals", "n_wrong_answers")
    assert [overall[name] for name in names] == [5, 3, 2, 2, 1, 1]
    assert [values["n"] for values in figures.groups.values()] == [5, 2, 1, 2]


def test_answers_count_a_refusal_as_nothing(run: Run) -> None:
    overall = overall_values(run.results)
    assert overall["right"] == 3 / 5
    assert overall["answer.coverage"] == overall["answer.all_covered"] == 2 / 3
    # q1 "大桥全长3.5公里。": 3 of 7 tokens are the gold's 3; q3 "设计者是王明。": 2 of 6 are the gold's 2.
    q1 = 2 * (3 / 7) * 1 / (3 / 7 + 1)
    q3 = 2 * (2 / 6) * 1 / (2 / 6 + 1)
    assert overall["answer.f1"] == pytest.approx((q1 + 0 + q3) / 3)


def test_exact_match_looks_at_the_direct_answer_where_there_is_one() -> None:
    engine = FakeEngine(lambda answer: replace(answer, short="" if answer.refused else "3.5公里"))
    run = run_set(engine, fake_questions())
    assert overall_values(run.results)["answer.em"] == 1 / 3


def test_a_right_text_may_carry_a_wrong_direct_answer() -> None:
    shorts = {"大桥全长多少公里？": "12公里", "设计者是谁？": "设计者王明"}
    engine = FakeEngine(lambda answer: replace(answer, short=shorts.get(answer.question, "")))
    overall = overall_values(run_set(engine, fake_questions()).results)
    assert overall["answer.all_covered"] == 2 / 3
    assert (overall["answer.direct_given"], overall["answer.direct_right"]) == (2 / 2, 1 / 2)


def test_refusals(run: Run) -> None:
    overall = overall_values(run.results)
    assert overall["refusal.precision"] == 1 / 2  # q4 of q2 and q4
    assert overall["refusal.recall"] == 1 / 2  # q4 of q4 and q5
    assert overall["refusal.f1"] == 1 / 2
    assert overall["refusal.false"] == 1 / 3  # q2 of q1, q2, q3
    assert overall["refusal.wrong_answers"] == 1 / 2  # q5 of q4 and q5


def test_an_engine_that_never_refuses_has_refusal_f1_zero() -> None:
    bold = FakeEngine(lambda answer: replace(answer, refused=False))
    overall = overall_values(run_set(bold, fake_questions()).results)
    assert overall["refusal.precision"] is None
    assert (overall["refusal.f1"], overall["refusal.recall"]) == (0, 0 / 2)


def test_citations(run: Run) -> None:
    overall = overall_values(run.results)
    assert overall["citation.precision"] == 2 / 2  # of those that were answered: q1 and q3
    assert overall["citation.recall"] == 2 / 3  # q2 was refused
    assert overall["citation.exactness"] == 3 / 3  # q5 cites, too
    shifted = FakeEngine(lambda a: replace(a, citations=tuple(replace(c, end=c.end - 1) for c in a.citations)))
    assert overall_values(run_set(shifted, fake_questions()).results)["citation.exactness"] == 0 / 3


def test_a_sentence_that_a_column_cut_is_one_citation() -> None:
    def add_far_half(answer: Answer) -> Answer:
        far = tuple(replace(c, start=0, end=1) for c in answer.citations)
        return replace(answer, citations=answer.citations + far)

    overall = overall_values(run_set(FakeEngine(add_far_half), fake_questions()).results)
    assert overall["citation.precision"] == 2 / 2
    assert overall["n_citations"] == 6


def test_what_a_refusal_says_does_not_count_as_said() -> None:
    hedging = FakeEngine(lambda answer: replace(answer, refused=True, text="不是3.5公里，12亿，王明"))
    overall = overall_values(run_set(hedging, fake_questions()).results)
    assert [overall[f"answer.{name}"] for name in ("coverage", "all_covered", "em", "f1")] == [0, 0, 0, 0]


def test_an_answer_without_citations_has_precision_zero() -> None:
    bare = FakeEngine(lambda answer: replace(answer, citations=()))
    overall = overall_values(run_set(bare, fake_questions()).results)
    assert overall["citation.precision"] == 0
    assert overall["citation.exactness"] is None


def test_retrieval_by_article_counts_articles_and_by_evidence_counts_hits(run: Run) -> None:
    q1 = overall_values(run.results[:1])
    # "dense" of the fake ranks the worst first: q1's chunk, the best, is the last of five, after both documents.
    assert q1["retrieval.dense.evidence.mrr@10"] == 1 / 5
    assert q1["retrieval.dense.evidence.ndcg@10"] == (1 / log2(5 + 1)) / (1 / log2(1 + 1))
    articles = list(dict.fromkeys(hit.doc_id for hit in run.results[0].hits["dense"]))
    assert q1["retrieval.dense.article.mrr@10"] == 1 / (articles.index("桥.txt") + 1)
    assert q1["retrieval.reranked.evidence.success@1"] == 1
    assert q1["retrieval.dense.evidence.recall@5"] == 1


def test_a_question_that_found_nothing_counts_as_zero(run: Run) -> None:
    empty = replace(run.results[0], hits={})
    overall = overall_values([run.results[0], empty])
    assert overall["retrieval.reranked.article.success@1"] == 1 / 2
    assert overall["retrieval.hybrid.evidence.ndcg@10"] == 1 / 2


def test_confidence(run: Run) -> None:
    # answerable: .30 .05 .30; unanswerable: .00 .25
    assert overall_values(run.results)["confidence.auc"] == 5 / 6
    # answered, by confidence: q1 and q3 right at .30, q5 wrong at .25
    assert risk_coverage(run.results) == [(2 / 3, 0 / 2), (3 / 3, 1 / 3)]
    assert overall_values(run.results)["risk.area"] == pytest.approx(1 / 3 * 1 / 3)


def test_time_is_by_step(run: Run) -> None:
    def took(result: Result, ms: float) -> Result:
        return replace(result, timings_ms={"total": ms})

    overall = overall_values([took(run.results[0], 10.0), took(run.results[1], 30.0)])
    assert overall["time.total.p50"] == 10 + 0.5 * (30 - 10)
    assert overall["time.total.p95"] == pytest.approx(10 + 0.95 * (30 - 10))


def test_what_no_question_defines_is_none_but_the_main_figures_are_there(run: Run) -> None:
    unanswerable = compute_figures(run).groups["unanswerable"]
    assert unanswerable["answer.f1"] is None
    assert set(MAIN_FIGURES) <= set(unanswerable)


def test_two_computations_give_the_same_digits_and_intervals_hold_the_value(run: Run) -> None:
    figures = compute_figures(run)
    assert figures == compute_figures(run)
    for name, (low, high) in figures.intervals.items():
        value = figures.groups[OVERALL][name]
        assert value is not None
        assert low <= value <= high, name
    # The fake gives no direct answers: that figure is not defined, and has no interval.
    assert set(MAIN_FIGURES) - set(figures.intervals) == {"answer.direct_right"}
