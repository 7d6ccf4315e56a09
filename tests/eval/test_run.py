"""A run keeps what the engine gave, judges it, and refuses an index of other documents."""

from dataclasses import replace

import pytest

from eval.errors import SetError, SetMismatchError
from eval.run import article_of, judge, run_set
from eval.types import MODES, Evidence, Question
from index.types import Article, Block
from rag.types import Answer
from tests.eval.fakes import TEXTS, FakeEngine, evidence, fake_questions


def test_a_run_holds_every_answer_with_its_verdict() -> None:
    run = run_set(FakeEngine(), fake_questions(), set_name="fake")
    assert [(result.question.id, result.verdict) for result in run.results] == [
        ("q1", "right"),
        ("q2", "false_refusal"),
        ("q3", "right"),
        ("q4", "right_refusal"),
        ("q5", "wrong_answer"),
    ]
    assert run.whole_set
    assert run.notes == ()


def test_a_result_keeps_hits_citations_and_gold() -> None:
    result = run_set(FakeEngine(), fake_questions()).results[0]
    start = TEXTS["桥.txt"].index("大桥全长")
    assert list(result.hits) == list(MODES)
    best = result.hits["reranked"][0]
    assert (best.doc_id, best.start) == ("桥.txt", start)
    assert [(citation.doc_id, citation.start, citation.exact) for citation in result.citations] == [
        ("桥.txt", start, True)
    ]
    assert result.gold_articles == (("桥.txt", 0),)


def test_history_goes_to_the_answer_and_to_every_retrieval() -> None:
    question = fake_questions()[2]
    (result,) = run_set(FakeEngine(), [question]).results
    assert result.standalone_question == question.history[0].question + question.question
    (alone,) = run_set(FakeEngine(), [replace(question, history=())]).results
    for mode in MODES:
        assert result.hits[mode] != alone.hits[mode]


def test_wall_time_is_what_the_asker_waited_and_steps_are_the_engines() -> None:
    ticks = iter([10.0, 10.25, 20.0, 20.5])
    run = run_set(FakeEngine(), fake_questions()[:2], clock=lambda: next(ticks))
    assert [result.timings_ms for result in run.results] == [
        {"retrieve": 2.0, "total": 3.0, "wall": 250.0},
        {"retrieve": 2.0, "total": 3.0, "wall": 500.0},
    ]


def test_limit_counts_after_kinds_and_makes_a_part() -> None:
    seen: list[tuple[int, int]] = []
    run = run_set(
        FakeEngine(),
        fake_questions(),
        kinds=["unanswerable", "followup"],
        limit=2,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert [result.question.id for result in run.results] == ["q3", "q4"]
    assert not run.whole_set
    assert seen == [(1, 2), (2, 2)]
    with pytest.raises(SetError, match="No question of s is left"):
        run_set(FakeEngine(), fake_questions(), set_name="s", kinds=["why"])


def test_an_index_of_other_documents_is_an_error_before_anything_is_asked() -> None:
    question = fake_questions()[0]
    strange = replace(question, evidence=(replace(question.evidence[0], doc_id="别的.txt"),))
    with pytest.raises(SetMismatchError, match=r"does not hold 1 of the documents .* 别的.txt \(question q1\)"):
        run_set(FakeEngine(), [fake_questions()[1], strange])


def test_an_index_of_another_text_is_an_error() -> None:
    question = fake_questions()[0]
    gold = question.evidence[0]
    for moved in (replace(gold, start=gold.start + 1, end=gold.end + 1), replace(gold, quote="", end=10**6)):
        with pytest.raises(SetMismatchError, match=r"holds another text of 桥\.txt"):
            run_set(FakeEngine(), [replace(question, evidence=(moved,))])


def shift(answer: Answer) -> Answer:
    moved = [replace(citation, start=citation.start + 1) for citation in answer.citations]
    return replace(answer, citations=tuple(moved))


def lose_document(answer: Answer) -> Answer:
    return replace(answer, citations=tuple(replace(c, doc_id="无.txt") for c in answer.citations))


def empty_quote(answer: Answer) -> Answer:
    return replace(answer, citations=tuple(replace(c, quote="", end=c.start) for c in answer.citations))


@pytest.mark.parametrize("fault", [shift, lose_document, empty_quote])
def test_a_citation_that_does_not_hold_is_not_exact(fault: object) -> None:
    result = run_set(FakeEngine(fault), fake_questions()).results[0]  # type: ignore[arg-type]
    assert [citation.exact for citation in result.citations] == [False]


def test_the_verdict_goes_by_what_is_required() -> None:
    question = Question("q", "list", "?", True, ("甲",), (("甲", "A"), ("乙",)))
    assert judge(question, "有 A 和乙[1]", refused=False) == "right"
    assert judge(question, "有甲", refused=False) == "partial"
    assert judge(question, "有丙", refused=False) == "wrong"
    assert judge(question, "有甲和乙", refused=True) == "false_refusal"


def test_the_verdict_goes_by_the_answers_where_nothing_is_required() -> None:
    question = Question("q", "number", "?", True, ("5", "五"))
    assert judge(question, "共5个[1]", refused=False) == "right"
    assert judge(question, "共6个[5]", refused=False) == "wrong"


def test_the_gold_article_has_most_of_the_evidence() -> None:
    articles = [
        Article("d", 0, "", (Block(0, 12),)),
        Article("d", 1, "", (Block(30, 40), Block(12, 20))),
    ]
    assert article_of(Evidence("d", "", 10, 20), articles) == ("d", 1)
    assert article_of(Evidence("d", "", 5, 14), articles) == ("d", 0)
    assert article_of(Evidence("d", "", 20, 30), articles) == ("d", -1)


class EngineWithoutArticles(FakeEngine):
    def articles(self) -> list[Article]:
        return []


def test_evidence_in_no_article_is_noted_and_not_found() -> None:
    run = run_set(EngineWithoutArticles(), fake_questions()[:1])
    assert run.results[0].gold_articles == (("桥.txt", -1),)
    assert run.notes[0].startswith("1 questions have evidence that lies in no article")


def test_the_fakes_own_gold_stands_in_its_texts() -> None:
    gold = evidence("馆.txt", "藏书20万册。")
    assert TEXTS["馆.txt"][gold.start : gold.end] == gold.quote
