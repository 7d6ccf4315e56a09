"""A clock that jumps or stands still, and very many questions in a row."""

import gc
import os
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from index.build import build_index
from index.settings import IndexSettings
from index.store import open_index
from rag import Engine, Turn

from .conftest import ANSWER, QUESTION

N_QUESTIONS = int(os.environ.get("WENDA_N_QUESTIONS", "120"))
"""10,000 for a release: `WENDA_N_QUESTIONS=10000 pytest tests/faults/test_time.py`."""
_ASKED = (
    QUESTION,
    "水稻亩产多少？",
    "火星上有几个人？",
    "谁设计的？",
    "2024年5月6日的报道",
    "你好",
    "“" * 900,
    "\ud800\0?",
    "12" * 400,
)


@pytest.mark.parametrize("jump_s", [-10 * 365 * 86400, -3600, 3600, 50 * 365 * 86400])
def test_a_clock_that_jumps_changes_no_answer(engine: Engine, monkeypatch: pytest.MonkeyPatch, jump_s: float) -> None:
    before = engine.answer(QUESTION)
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + jump_s)
    after = engine.answer(QUESTION)
    assert (after.text, after.citations) == (before.text, before.citations)
    assert 0 <= after.timings_ms["total"] < 60_000


def test_builds_of_one_moment_are_generations_of_their_own(
    documents: Path, index_path: Path, settings: IndexSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda: 1.0)
    monkeypatch.setattr(time, "time_ns", lambda: 10**9)
    monkeypatch.setattr(time, "strftime", lambda *_: "19700101T000001")
    names = set()
    for number in range(3):
        (documents / f"新{number}.txt").write_text(f"第{number}则\n\n这是第{number}则新闻。\n", encoding="utf-8")
        build_index(documents, index_path, settings)
        names.add(open_index(index_path).generation)
    assert len(names) == 3
    assert len(list(open_index(index_path).articles())) == 6


def test_many_questions_in_a_row_cost_the_same_memory(engine: Engine, rebuild: Callable[[], None]) -> None:
    """Every kind of question, with and without a history; the index is touched now and then, as a backup would."""
    process = psutil.Process()
    history = [Turn(QUESTION, ANSWER)] * 3
    for question in _ASKED * 5:
        engine.answer(question, history)
    n_open, before = process.num_fds(), process.memory_info().rss
    for number in range(N_QUESTIONS):
        answer = engine.answer(_ASKED[number % len(_ASKED)], history if number % 2 else ())
        assert answer.text
        if number % 100 == 99:
            os.utime(engine.index.folder / "chunks.npy", ns=(number, number))
            engine.refresh()
    gc.collect()  # what was opened anew is closed with its last reference
    assert process.num_fds() <= n_open + 16
    assert process.memory_info().rss - before < 64 * 2**20
