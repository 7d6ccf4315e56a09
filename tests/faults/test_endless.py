"""What does not end: a model that writes unseen, long runs of one character, histories of any length.

What grows with the square of the length would take minutes here, and run into the time limit of the tests.
"""

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

import pytest

from index.build import build_index
from index.settings import IndexSettings
from rag import Engine, Turn
from rag.generator import INSTEAD

from .conftest import ANSWER, QUESTION, open_engine


class UnseenModel:
    """Writes the same for ever."""

    name = "endless"

    def __init__(self, written: str) -> None:
        self._written = written
        self.n_chars = 0

    def stream(self, messages: Sequence[Mapping[str, str]]) -> Generator[str, None, str]:
        while self.n_chars < 10_000_000:
            self.n_chars += len(self._written)
            yield self._written
        return "stop"


@pytest.mark.parametrize("piece", [" ", "<think>想", "\n", "["])
def test_a_model_that_writes_unseen_without_end_is_ended(engine: Engine, piece: str) -> None:
    model = UnseenModel(piece * 100)
    engine.model = model
    answer = engine.answer(QUESTION)
    assert ANSWER in answer.text and INSTEAD.chinese in answer.notice
    assert model.n_chars < 300_000


@pytest.mark.parametrize("run", ["a", "1", "（", "“", " ", "的", "、", "12月"])
def test_a_long_run_in_a_document_is_answered_in_linear_time(tmp_path: Path, settings: IndexSettings, run: str) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    text = f"青河大桥合龙\n\n{ANSWER}\n\n工程师陈立说，{run * 100_000}大桥有多长。\n"
    (folder / "a.txt").write_text(text, encoding="utf-8")
    build_index(folder, tmp_path / "index", settings)
    engine = open_engine(tmp_path / "index")
    assert engine.answer(QUESTION).text
    assert engine.answer("陈立说什么？").text


@pytest.mark.parametrize(
    "history",
    [[Turn(QUESTION, ANSWER)] * 10_000, [Turn(QUESTION, "（" * 200_000)], [Turn("1" * 200_000, "a" * 200_000)]],
    ids=["turns", "brackets", "runs"],
)
def test_an_endless_history_is_answered(engine: Engine, history: list[Turn]) -> None:
    for question in ("他是谁？", "还有呢？", "为什么？", QUESTION):
        assert engine.answer(question, history).text
