"""An interrupted run goes on where it stopped, and asks nothing twice."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from eval.journal import Journal
from eval.run import run_set
from eval.types import Run
from rag.types import Answer, Turn
from tests.eval.fakes import FakeEngine, fake_questions


class CountingEngine(FakeEngine):
    """Stops the run when it is asked a number of questions."""

    def __init__(self, stop_at: int) -> None:
        super().__init__()
        self.asked: list[str] = []
        self._stop_at = stop_at

    def answer(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        if len(self.asked) == self._stop_at:
            raise KeyboardInterrupt
        self.asked.append(question)
        return super().answer(question, history)


def without_times(run: Run) -> Run:
    return replace(run, results=tuple(replace(result, timings_ms={}) for result in run.results))


def test_what_was_asked_is_not_asked_again(tmp_path: Path) -> None:
    path, questions = tmp_path / "fake.journal", fake_questions()
    first = CountingEngine(stop_at=2)
    with pytest.raises(KeyboardInterrupt):
        run_set(first, questions, journal=Journal(path, "fake at 1"))
    second = CountingEngine(stop_at=99)
    run = run_set(second, questions, journal=Journal(path, "fake at 1"))
    assert first.asked + second.asked == [question.question for question in questions]
    assert without_times(run) == without_times(run_set(FakeEngine(), questions))


def test_a_torn_line_a_changed_question_and_another_index_are_asked_anew(tmp_path: Path) -> None:
    path, questions = tmp_path / "fake.journal", fake_questions()
    run_set(FakeEngine(), questions, journal=Journal(path, "fake at 1"))
    text = path.read_text(encoding="utf-8")
    path.write_text(text[:-10], encoding="utf-8")
    assert set(Journal(path, "fake at 1").done(questions)) == {"q1", "q2", "q3", "q4"}
    changed = [replace(questions[0], question="别的？"), *questions[1:]]
    assert set(Journal(path, "fake at 1").done(changed)) == {"q2", "q3", "q4"}
    assert Journal(path, "fake at 2").done(questions) == {}


def test_several_workers_give_the_same_run_in_the_same_order() -> None:
    one, four = (run_set(FakeEngine(), fake_questions(), n_workers=n) for n in (1, 4))
    assert without_times(one) == without_times(four)
