"""What a reader of the report sees."""

import pytest

from eval.figures import compute_figures
from eval.report import Table, format_figure, render_failures, render_markdown, render_text, report_tables
from eval.run import run_set
from eval.types import MODES, Run
from tests.eval.fakes import FakeEngine, fake_questions


@pytest.fixture(name="run")
def fake_run() -> Run:
    return run_set(FakeEngine(), fake_questions(), set_name="fake")


def table_of(run: Run, title: str) -> Table:
    (table,) = [table for table in report_tables(compute_figures(run)) if table.title == title]
    return table


def test_main_figures_say_over_how_many_a_share_is(run: Run) -> None:
    rows = {row[0]: row[1:] for row in table_of(run, "Main figures").rows}
    assert rows["right"][0] == "0.600"
    assert rows["refusal.recall"] == ("0.500", "0.000 - 1.000", "2")
    assert rows["citation.exactness"] == ("1.000", "1.000 - 1.000", "3")


def test_kinds_stand_under_the_whole(run: Run) -> None:
    table = table_of(run, "By kind")
    assert [(row[0], row[1], row[2]) for row in table.rows] == [
        ("overall", "5", "0.600"),
        ("number", "2", "0.500"),
        ("followup", "1", "1.000"),
        ("unanswerable", "2", "0.500"),
    ]
    assert table.rows[3][table.columns.index("f1")] == "-"


def test_the_four_modes_stand_side_by_side(run: Run) -> None:
    for level in ("article", "evidence"):
        rows = table_of(run, f"Retrieval by {level}").rows
        assert tuple(row[0] for row in rows) == MODES
    column = table_of(run, "Retrieval by evidence").columns.index("success@1")
    assert [row[column] for row in rows] == ["1.000", "0.000", "1.000", "1.000"]


def test_time_is_by_step(run: Run) -> None:
    assert [row[0] for row in table_of(run, "Time by step, ms").rows] == ["retrieve", "total", "wall"]
    assert table_of(run, "Time by step, ms").rows[0] == ("retrieve", "2.0", "2.0")


def test_text_is_aligned_and_lists_failures_only_when_asked(run: Run) -> None:
    figures = compute_figures(run)
    text = render_text(run, figures)
    lines = text.split("\n")
    assert lines[0] == "fake: 5 questions, 3 answerable, 2 not"
    start = lines.index("Retrieval by article") + 2
    assert len({len(line) for line in lines[start : start + 5]}) == 1
    assert "Failures" not in text
    assert render_text(run, figures, verbose=True) == text + "\n\n" + render_failures(run.results)


def test_a_failure_shows_what_was_asked_wanted_and_got(run: Run) -> None:
    text = render_failures(run.results)
    assert text.startswith("Failures: 2 of 5\n\n[q2] number, false_refusal, confidence 0.05\n")
    assert "  asked:  花了几个亿？\n  wanted: 12亿\n  got:    资料里没有答案。" in text
    assert "  wanted: (a refusal)\n  got:    图书馆7月1日开放。[1]" in text
    assert "[q1]" not in text


def test_a_followup_that_failed_shows_its_history(run: Run) -> None:
    silent = FakeEngine(lambda answer: answer.__class__(answer.question, "改写", "", True, 0.0))
    text = render_failures(run_set(silent, fake_questions()[2:3]).results)
    assert "  before: 大桥全长多少？\n  asked:  设计者是谁？\n  as:     改写\n" in text


def test_markdown_has_a_table_with_equal_cells_in_every_row(run: Run) -> None:
    text = render_markdown(run, compute_figures(run))
    assert text.startswith("## fake\n")
    block = text.split("### By kind\n\n")[1].split("\n\n")[0]
    assert len({line.count("|") for line in block.split("\n")}) == 1
    assert "| number | 2 | 0.500 |" in block


def test_a_part_of_a_set_and_notes_are_said() -> None:
    run = run_set(FakeEngine(), fake_questions(), set_name="fake", limit=2)
    noted = Run(run.set_name, run.results, run.whole_set, ("something",), {"index": ".index"})
    lines = render_text(noted, compute_figures(noted)).split("\n")
    assert lines[:3] == [
        "fake: 2 questions (a part of the set), 2 answerable, 0 not",
        "index: .index",
        "Note: something",
    ]


def test_digits_follow_the_figure() -> None:
    names = ("answer.f1", "n", "n_refused", "time.wall.p95", "answer.chars", "answer.em")
    values = (0.12345, 5, 2, 12.34, 31.26, None)
    assert [format_figure(n, v) for n, v in zip(names, values, strict=True)] == [
        "0.123",
        "5",
        "2",
        "12.3",
        "31.3",
        "-",
    ]
