"""Two runs: figures that moved, questions won and lost."""

from dataclasses import replace

import pytest

from eval.compare import compare_run, compare_runs, render_comparison
from eval.errors import RunFileError
from eval.run import run_set
from rag.types import Answer
from tests.eval.fakes import FakeEngine, fake_questions


def refuse_all_but_q2(answer: Answer) -> Answer:
    if answer.question == "花了几个亿？":
        return replace(answer, refused=False, text="12亿元[1]")
    return replace(answer, refused=True, text="不知道", citations=())


BEFORE = run_set(FakeEngine(), fake_questions(), set_name="fake")
AFTER = run_set(FakeEngine(refuse_all_but_q2), fake_questions(), set_name="fake")


def test_questions_are_won_and_lost() -> None:
    comparison = compare_run(BEFORE, AFTER)
    assert [change.after.question.id for change in comparison.won] == ["q2", "q5"]
    assert [change.after.question.id for change in comparison.lost] == ["q1", "q3"]
    assert comparison.figures["right"] == (3 / 5, 3 / 5)
    assert comparison.figures["refusal.false"] == (1 / 3, 2 / 3)
    assert comparison.figures["refusal.recall"] == (1 / 2, 2 / 2)


def test_a_run_against_itself_changes_nothing() -> None:
    comparison = compare_run(BEFORE, BEFORE)
    assert comparison.won == comparison.lost == ()
    assert all(a == b for a, b in comparison.figures.values())


def test_only_shared_questions_count() -> None:
    comparison = compare_run(replace(BEFORE, results=BEFORE.results[:3]), replace(AFTER, results=AFTER.results[1:]))
    assert (comparison.n_shared, comparison.only_a, comparison.only_b) == (2, ("q1",), ("q4", "q5"))
    assert comparison.figures["right"] == (1 / 2, 1 / 2)  # of q2 and q3
    assert "Only in the second run: 2 questions, left out here" in render_comparison(comparison)


def test_the_text_shows_both_answers_and_which_way_is_better() -> None:
    lines = render_comparison(compare_run(BEFORE, AFTER)).split("\n")
    assert lines[0] == "fake: 5 questions in both runs"
    assert "[q1] number: 大桥全长多少公里？" in lines
    at = lines.index("[q1] number: 大桥全长多少公里？")
    assert lines[at + 1 : at + 3] == ["  A, right: 大桥全长3.5公里。[1]", "  B, false_refusal: 不知道"]
    figures = {line.split()[0]: line.split()[1:] for line in lines if line and line[0].isalpha()}
    assert figures["refusal.false"] == ["0.333", "0.667", "+0.333", "1.000", "worse"]
    assert figures["refusal.recall"] == ["0.500", "1.000", "+0.500", "1.000", "better"]
    assert figures["right"] == ["0.600", "0.600", "+0.000", "1.000"]


def test_files_without_a_shared_set_or_question_are_errors() -> None:
    with pytest.raises(RunFileError, match="the first has fake, the second other"):
        compare_runs([BEFORE], [replace(AFTER, set_name="other")])
    with pytest.raises(RunFileError, match="share no question"):
        compare_runs([replace(BEFORE, results=BEFORE.results[:1])], [replace(AFTER, results=AFTER.results[1:])])
    assert [c.set_name for c in compare_runs([BEFORE, replace(BEFORE, set_name="x")], [AFTER])] == ["fake"]
