"""Ratings are kept with what they are about, and become rows of a set that say what is missing."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.datasets import parse_question
from eval.errors import SetError
from eval.feedback import RATINGS, FeedbackStore, Rating, candidate_rows, feedback_on, read_feedback
from rag.types import Turn
from tests.eval.fakes import FakeEngine

LENGTH, WEATHER = "大桥全长多少公里？", "今天天气怎样？"


def rate(
    store: FeedbackStore, key: str, question: str, rating: Rating, history: Sequence[Turn] = (), day: int = 1
) -> None:
    engine = FakeEngine()
    answer = replace(engine.answer(question, history), hits=tuple(engine.retrieve(question, history=history)))
    created = f"2026-11-{day:02d}T08:00:00+00:00"
    store.add(feedback_on(answer, rating, key=key, created=created, history=history, generation="g1"))


def test_what_was_rated_is_read_back_whole_and_in_order(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path / "f.sqlite")
    rate(store, "b", WEATHER, "should_answer", day=2)
    rate(store, "a", LENGTH, "wrong", [Turn("大桥在哪？", "'\"\n；drop table")], day=1)
    first, second = read_feedback(store.path)
    assert (first.question, first.rating, first.generation) == (LENGTH, "wrong", "g1")
    assert first.history == (Turn("大桥在哪？", "'\"\n；drop table"),)
    assert [c["quote"] for c in first.citations] == ["大桥全长3.5公里。"]
    assert first.hits[0]["doc_id"] == "桥.txt"
    assert (second.refused, second.citations) == (True, ())


def test_who_rates_again_replaces_what_was_said(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path / "f.sqlite")
    rate(store, "a", LENGTH, "wrong")
    rate(store, "a", LENGTH, "right")
    assert [one.rating for one in read_feedback(store.path)] == ["right"]


@pytest.mark.parametrize("rating", RATINGS)
def test_a_candidate_says_what_is_missing_or_is_a_row_of_a_set(tmp_path: Path, rating: Rating) -> None:
    store = FeedbackStore(tmp_path / "f.sqlite")
    rate(store, "a", LENGTH, rating)
    (row,) = candidate_rows(list(read_feedback(store.path)))
    if rating == "should_refuse":
        assert (row["kind"], row["answerable"], row["evidence"]) == ("unanswerable", False, [])
        assert parse_question(row).question == LENGTH
    else:
        assert row["answerable"]
        assert row["note"].startswith("TO FILL IN: answers")
        assert bool(row["evidence"]) == (rating in ("right", "incomplete"))


def test_a_right_refusal_is_a_whole_row(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path / "f.sqlite")
    rate(store, "a", WEATHER, "right")
    (row,) = candidate_rows(list(read_feedback(store.path)))
    assert parse_question(row).answerable is False


def test_the_command_leaves_out_what_was_right_unless_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = FeedbackStore(tmp_path / "f.sqlite")
    rate(store, "a", LENGTH, "right")
    rate(store, "b", LENGTH, "should_refuse")
    out = tmp_path / "candidates.jsonl"
    assert main(["from-feedback", str(store.path), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}: 1 candidates, 0 to fill in by hand (their notes say what)\n"
    assert json.loads(out.read_text("utf-8"))["kind"] == "unanswerable"
    assert main(["from-feedback", str(store.path), "--out", str(out), "--all"]) == 0
    assert len(out.read_text("utf-8").splitlines()) == 2


def test_what_is_no_feedback_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SetError, match="There is no feedback"):
        list(read_feedback(tmp_path / "none.sqlite"))
    (tmp_path / "text.sqlite").write_text("no database at all, but a text", encoding="utf-8")
    with pytest.raises(SetError, match="is not a file of feedback"):
        list(read_feedback(tmp_path / "text.sqlite"))
    with sqlite3.connect(tmp_path / "other.sqlite") as other:
        other.execute("create table feedback (key text)")
        other.execute("insert into feedback values ('a')")
    with pytest.raises(SetError, match="is not a file of feedback"):
        list(read_feedback(tmp_path / "other.sqlite"))
