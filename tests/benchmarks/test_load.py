"""The load of `make load`, small: over a page around a few strings, in this process."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

import pytest

from benchmarks.load import Load, known_replies, measure_surface, read_questions, run_people, wrong_replies
from benchmarks.load_app import RunningApp
from benchmarks.load_table import COLUMNS, Row, render
from rag.types import Answer, Turn
from tests.web.conftest import LIBRARY, free_port, run_async
from tests.web.fakes import FakeEngine
from web.capacity import Capacity, Places
from web.openai_api import ChatCompletions
from web.page import build_page
from web.serving import serve

QUESTIONS = ["新桥设计", "天气", "北港吞吐量", "扩建两个泊位", "桥长三百米"]
Surface = Literal["chat", "/v1"]


@pytest.fixture(name="app", scope="module")
def running_page() -> Iterator[RunningApp]:
    """A page with one place and one to wait: who comes third is told to come back."""
    engine, capacity = FakeEngine(LIBRARY), Capacity(at_once=1, max_waiting=1)
    page = build_page(engine, capacity=capacity)
    yield RunningApp(
        serve(page, "127.0.0.1", free_port(), ChatCompletions(engine, Places(capacity)).routes()), os.getpid()
    )
    page.close(verbose=False)


@pytest.mark.parametrize("surface", ["chat", "/v1"])
def test_people_ask_at_once_and_each_gets_what_one_alone_is_told(app: RunningApp, surface: Surface) -> None:
    rows, wrong = run_async(measure_surface(app, surface, "model", QUESTIONS, [5]))
    assert wrong == []
    (row,) = rows
    assert (row.n_people, row.n_questions, row.n_errors, row.n_mixed) == (5, 20, 0, 0)
    assert 0 < row.first_p50_ms <= row.whole_ms[0] <= row.whole_ms[1] <= row.whole_ms[2]
    assert row.peak_mb >= 50


def test_both_ways_show_the_answer_of_the_engine(app: RunningApp) -> None:
    for surface in ("chat", "/v1"):
        known = run_async(known_replies(app, surface, QUESTIONS))  # type: ignore[arg-type]
        for question in QUESTIONS:
            for sentence in FakeEngine(LIBRARY).answer(question).text.split("["):
                assert sentence.partition("]")[2] in known[question]
        assert len(set(known.values())) == len(QUESTIONS)


def test_an_error_and_a_mixed_answer_are_found(app: RunningApp) -> None:
    known = run_async(known_replies(app, "/v1", QUESTIONS))
    load = run_async(run_people(app, "/v1", QUESTIONS, 2, 4))
    assert wrong_replies(load, known) == ([], [])
    first, second, *others = load.asked
    mixed = Load((replace(first, reply=second.reply), replace(second, error="boom"), *others), 1.0, 0.1, 100.0, ())
    errors, wrong = wrong_replies(mixed, known)
    assert len(errors) == len(wrong) == 1
    assert errors[0].endswith(": boom")
    assert wrong[0].startswith(first.question)


class BrokenEngine(FakeEngine):
    def answer(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        raise OSError("gone")


def test_a_handler_that_fails_is_an_error_of_the_load() -> None:
    page = build_page(BrokenEngine(LIBRARY))
    engine = BrokenEngine(LIBRARY)
    url = serve(page, "127.0.0.1", free_port(), ChatCompletions(engine, Places(Capacity(1, 1))).routes())
    try:
        with pytest.raises(RuntimeError, match="asked alone failed"):
            run_async(known_replies(RunningApp(url, os.getpid()), "/v1", QUESTIONS))
    finally:
        page.close(verbose=False)


def test_the_questions_need_no_conversation_and_are_different() -> None:
    questions = read_questions()
    assert len(questions) == len(set(questions)) > 60


def test_the_table_has_a_cell_for_each_column() -> None:
    load = Load((), 2.0, 0.5, 100.0, ())
    row = Row.of("chat", "reader", 3, load, n_errors=0, n_mixed=0, after_mb=90.0)
    assert len(row.cells()) == len(COLUMNS)
    assert render([row]).count("\n") == 2
