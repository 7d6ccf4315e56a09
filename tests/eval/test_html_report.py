"""The report page: everything is on it, nothing in it runs, nothing outside is asked for."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from eval.errors import RunFileError
from eval.html_report import render_html, save_html
from eval.plots import draw_bars, draw_lines
from eval.run import run_set
from rag.types import Answer
from tests.eval.fakes import FakeEngine, fake_questions

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">{{ 7 * 7 }}${alert(3)}'


def hostile(answer: Answer) -> Answer:
    return replace(answer, text=HOSTILE, standalone_question=HOSTILE)


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


RUN = run_set(FakeEngine(), fake_questions(), set_name="fake")


def test_every_question_stands_on_the_page_with_its_verdict() -> None:
    tags = Tags(render_html([RUN])).tags
    shown = [(a["data-verdict"], a["data-kind"], a["data-good"]) for tag, a in tags if tag == "details"]
    assert shown == [
        ("right", "number", "yes"),
        ("false_refusal", "number", "no"),
        ("right", "followup", "yes"),
        ("right_refusal", "unanswerable", "yes"),
        ("wrong_answer", "unanswerable", "no"),
    ]


def test_the_page_holds_the_tables_the_plots_and_the_answers() -> None:
    page = render_html([RUN])
    assert "大桥全长3.5公里。[1]" in page
    assert "桥.txt[5:15]" in page
    for title in ("Main figures", "Retrieval by evidence", "Risk by coverage", "Right, by kind", "Time by step"):
        assert title in page
    assert page.count("<svg") == 5


def test_what_an_answer_says_is_text() -> None:
    page = render_html([run_set(FakeEngine(hostile), fake_questions(), set_name="<b>")])
    tags = Tags(page).tags
    assert [tag for tag, _ in tags].count("script") == 1  # its own
    assert not [tag for tag, _ in tags if tag in ("img", "b", "iframe", "link")]
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on")]
    assert "{{ 7 * 7 }}" in page


def test_the_page_asks_nothing_of_the_outside() -> None:
    page = render_html([RUN])
    assert not re.search(r"https?://|@import|url\(", page)
    assert not [a for _, a in Tags(page).tags if "src" in a or "href" in a]
    assert "default-src 'none'" in page


def test_it_is_written_whole_or_the_error_says_where(tmp_path: Path) -> None:
    save_html([RUN], tmp_path / "a" / "report.html")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["report.html"]
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(RunFileError, match="cannot be written"):
        save_html([RUN], tmp_path / "file" / "report.html")


def test_a_line_goes_from_corner_to_corner() -> None:
    svg = draw_lines("t", {"a & b": [(0.0, 0.0), (1.0, 1.0)]}, "x", "y").svg
    assert 'points="44.0,216.0 412.0,24.0"' in svg
    assert "a &amp; b" in svg


def test_bars_are_as_long_as_their_values() -> None:
    svg = draw_bars("t", {"half": 0.5, "whole": 1.0, "above": 3.0}, highest=1.0).svg
    half, whole, above = (float(width) for width in re.findall(r'<rect[^>]* width="([\d.]+)"', svg))
    assert (half * 2, above) == (whole, whole)
    assert ">3.000<" in svg  # cut off in length, never in the number
