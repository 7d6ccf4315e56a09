"""Run -> Figures: every figure by name, overall and by kind, with intervals for the main ones.

Names are paths: `retrieval.reranked.article.mrr@10`, `answer.coverage`, `time.total.p95`. A figure that is
not defined in a group (no refusal, so no refusal precision) is None or absent; the main ones are never
absent.

- Retrieval, answers, citations: over the answerable questions; a refusal or an empty list counts as 0.
- Article rankings count distinct articles in the order of their first hit; evidence rankings count hits.
- Exact match and F1 look at the direct answer where the engine gives one, else at the whole text.
- `answer.direct_given`: the share of answers to questions with a short gold that have a direct answer at all;
  `answer.direct_right`: of those, the share whose direct answer says a gold one. A right text may carry a wrong one.
- `answer.rouge_l`: the whole answer against the gold quotes; over questions whose quotes the set keeps.
- `citation.precision` is over answerable questions that were answered: a refusal cites and claims nothing.
- `refusal.precision`, `.recall`, `.f1`: a refusal is the positive. `refusal.false`: the share of answerable
  questions that were refused. `refusal.wrong_answers`: the share of unanswerable ones that were answered.
- `risk.area` is over the answered questions, sorted by confidence.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from eval import metrics
from eval.text_metrics import coverage, covers, exact_match_cmrc, f1_cmrc, rouge_l, strip_labels
from eval.types import GOOD_VERDICTS, KINDS, MODES, FoundChunk, Result, Run

Values = dict[str, float | None]
OVERALL = "overall"

SUCCESS_KS = (1, 3, 5, 10)
RECALL_KS = (5, 10)

MAIN_FIGURES = (
    "right",
    "retrieval.reranked.article.success@1",
    "retrieval.reranked.article.mrr@10",
    "retrieval.reranked.evidence.success@5",
    "retrieval.reranked.evidence.mrr@10",
    "answer.coverage",
    "answer.all_covered",
    "answer.em",
    "answer.f1",
    "answer.rouge_l",
    "answer.direct_given",
    "answer.direct_right",
    "citation.precision",
    "citation.recall",
    "citation.exactness",
    "refusal.precision",
    "refusal.recall",
    "refusal.f1",
    "refusal.false",
    "refusal.wrong_answers",
    "confidence.auc",
    "risk.area",
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run scored."""

    set_name: str
    groups: dict[str, Values]
    """`overall`, then each kind that was asked."""
    intervals: dict[str, tuple[float, float]]
    """95 % bootstrap intervals over questions, of the main figures overall."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A result and the scores that are defined for it; a figure is the mean over the questions that have
    it."""

    result: Result
    scores: dict[str, float]


Statistic = Callable[[Sequence[Scored]], float | None]


def compute_figures(run: Run) -> Figures:
    """All figures of a run. Two calls give the same digits."""
    rows = score_results(run.results)
    groups = {OVERALL: _group_values(rows)}
    for kind in KINDS:
        if of_kind := [row for row in rows if row.result.question.kind == kind]:
            groups[kind] = _group_values(of_kind)
    intervals = {
        name: interval
        for name in MAIN_FIGURES
        if (interval := metrics.bootstrap_interval(rows, statistic_of(name))) is not None
    }
    return Figures(run.set_name, groups, intervals)


def overall_values(results: Sequence[Result]) -> Values:
    """The figures of these results alone, without kinds and intervals."""
    return _group_values(score_results(results))


def score_result(result: Result) -> dict[str, float]:
    """The scores of one question, by figure; only those that are defined for it."""
    scores = {"right": float(result.verdict in GOOD_VERDICTS)}
    if not result.refused:
        scores["answer.chars"] = float(len(strip_labels(result.text)))
    else:
        scores["refusal.precision"] = float(not result.question.answerable)
    if result.question.answerable:
        scores["refusal.false"] = float(result.refused)
        return scores | _answer_scores(result) | _citation_scores(result) | _retrieval_scores(result)
    scores["refusal.recall"] = float(result.refused)
    scores["refusal.wrong_answers"] = float(not result.refused)
    return scores


def score_results(results: Sequence[Result]) -> list[Scored]:
    """The results with their scores, in their order."""
    return [Scored(result, score_result(result)) for result in results]


def _answer_scores(result: Result) -> dict[str, float]:
    question = result.question
    said = "" if result.refused else strip_labels(result.text)
    direct = "" if result.refused else result.short or said
    scores = {}
    if question.answers:
        scores["answer.em"] = exact_match_cmrc(direct, question.answers)
        scores["answer.f1"] = f1_cmrc(direct, question.answers)
        if not result.refused:
            scores["answer.direct_given"] = float(bool(result.short))
            if result.short:
                scores["answer.direct_right"] = float(covers(result.short, question.answers))
    if quotes := "".join(evidence.quote for evidence in question.evidence):
        scores["answer.rouge_l"] = rouge_l(said, quotes)
    if question.required:
        covered = coverage(said, question.required)
        scores["answer.coverage"], scores["answer.all_covered"] = covered, float(covered == 1.0)
    return scores


def _citation_scores(result: Result) -> dict[str, float]:
    gold = _gold_spans(result)
    by_label: dict[int, list[metrics.DocSpan]] = {}
    for citation in result.citations:
        by_label.setdefault(citation.label, []).append((citation.doc_id, citation.start, citation.end))
    cited = list(by_label.values())
    scores = {"citation.recall": metrics.citation_recall(cited, gold)}
    if not result.refused:
        scores["citation.precision"] = metrics.citation_precision(cited, gold)
    return scores


def _retrieval_scores(result: Result) -> dict[str, float]:
    scores: dict[str, float] = {}
    gold = _gold_spans(result)
    for mode in MODES:
        hits = result.hits.get(mode, ())
        for level, found, n_gold in (
            ("article", _articles_found(hits, result), len(result.gold_articles)),
            ("evidence", _evidence_found(hits, gold), len(gold)),
        ):
            path = f"retrieval.{mode}.{level}"
            scores |= {f"{path}.success@{k}": metrics.success_at_k(found, k) for k in SUCCESS_KS}
            scores |= {f"{path}.recall@{k}": metrics.recall_at_k(found, n_gold, k) for k in RECALL_KS}
            scores[f"{path}.mrr@10"] = metrics.reciprocal_rank(found, 10)
            scores[f"{path}.ndcg@10"] = metrics.ndcg_at_k(found, n_gold, 10)
    return scores


def _gold_spans(result: Result) -> list[metrics.DocSpan]:
    spans = [(evidence.doc_id, evidence.start, evidence.end) for evidence in result.question.evidence]
    return list(dict.fromkeys(spans))  # a span named twice is one gold item


def _articles_found(hits: Sequence[FoundChunk], result: Result) -> list[frozenset[Hashable]]:
    ranked = dict.fromkeys((hit.doc_id, hit.article) for hit in hits)
    return [frozenset([key]) if key in result.gold_articles else frozenset() for key in ranked]


def _evidence_found(hits: Sequence[FoundChunk], gold: Sequence[metrics.DocSpan]) -> list[frozenset[Hashable]]:
    spans = [(hit.doc_id, hit.start, hit.end) for hit in hits]
    return [frozenset(g for g in gold if metrics.overlaps(span, g)) for span in spans]


def _group_values(rows: Sequence[Scored]) -> Values:
    """Counts, then every mean that some question has, then what is no mean of questions, then time."""
    values: Values = _counts([row.result for row in rows])
    for name in dict.fromkeys(name for row in rows for name in row.scores):
        values[name] = _mean_of(name)(rows)
    for name, statistic in _COMPOSED.items():
        values[name] = statistic(rows)
    for name in MAIN_FIGURES:
        values.setdefault(name, None)
    steps = dict.fromkeys(step for row in rows for step in row.result.timings_ms)
    for step in steps:
        took = [row.result.timings_ms[step] for row in rows if step in row.result.timings_ms]
        values[f"time.{step}.p50"] = metrics.percentile(took, 50)
        values[f"time.{step}.p95"] = metrics.percentile(took, 95)
    return values


def _counts(results: Sequence[Result]) -> Values:
    return {
        "n": len(results),
        "n_answerable": sum(result.question.answerable for result in results),
        "n_unanswerable": sum(not result.question.answerable for result in results),
        "n_refused": sum(result.refused for result in results),
        "n_false_refusals": sum(result.verdict == "false_refusal" for result in results),
        "n_wrong_answers": sum(result.verdict == "wrong_answer" for result in results),
        "n_citations": sum(len(result.citations) for result in results),
    }


def _mean_of(name: str) -> Statistic:
    return lambda rows: metrics.mean([row.scores[name] for row in rows if name in row.scores])


def _refusal_f1(rows: Sequence[Scored]) -> float | None:
    """A refusal is the positive: precision over what was refused, recall over what should have been."""
    pairs = [(row.result.refused, row.result.question.answerable) for row in rows]
    return metrics.f1(pairs.count((True, False)), pairs.count((True, True)), pairs.count((False, False)))


def _exactness(rows: Sequence[Scored]) -> float | None:
    """The share of all citations, of all answers, that equal their slice of the document."""
    citations = [citation for row in rows for citation in row.result.citations]
    return metrics.share(sum(citation.exact for citation in citations), len(citations))


def _confidence_auc(rows: Sequence[Scored]) -> float | None:
    results = [row.result for row in rows]
    return metrics.area_under_roc(
        [result.confidence for result in results if result.question.answerable],
        [result.confidence for result in results if not result.question.answerable],
    )


def risk_coverage(results: Sequence[Result]) -> list[tuple[float, float]]:
    """The risk-coverage curve of the answered questions; a partial answer counts as wrong."""
    return metrics.risk_coverage_points(
        [(result.confidence, result.verdict in GOOD_VERDICTS) for result in results if not result.refused]
    )


def _risk_area(rows: Sequence[Scored]) -> float | None:
    return metrics.area_under_risk_coverage(risk_coverage([row.result for row in rows]))


_COMPOSED: dict[str, Statistic] = {
    "refusal.f1": _refusal_f1,
    "citation.exactness": _exactness,
    "confidence.auc": _confidence_auc,
    "risk.area": _risk_area,
}


def statistic_of(name: str) -> Statistic:
    """The function from scored questions to one figure overall."""
    return _COMPOSED.get(name) or _mean_of(name)
