"""Regressions planted in the real engine: `make eval`'s comparison with a baseline must catch each of them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import rag.answering.asked
import rag.engine
import rag.query
from eval.baseline import accept, find_losses
from eval.datasets import read_set
from eval.figures import Figures, compute_figures
from eval.run import run_set
from eval.types import Question
from index.build import build_index
from rag.engine import Engine
from rag.settings import RagSettings
from rag.types import Answer, Turn

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = read_set(ROOT / "eval" / "sets" / "documents-dev.jsonl")[::4]


class ShiftedEngine(Engine):
    """Citations one character to the right of what they quote."""

    def answer(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        answer = super().answer(question, history)
        shifted = tuple(replace(c, start=c.start + 1, end=c.end + 1) for c in answer.citations)
        return replace(answer, citations=shifted)


@pytest.fixture(scope="module", name="index_path")
def shipped_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("planted") / "index"
    build_index(ROOT / "documents", out)
    return out


@pytest.fixture(scope="module", name="healthy")
def healthy_figures(index_path: Path) -> Figures:
    return figures_of(Engine.open(index_path))


def figures_of(engine: Engine, questions: Sequence[Question] = QUESTIONS) -> Figures:
    return compute_figures(run_set(engine, questions, set_name="planted"))


def lost(figures: Figures, healthy: Figures) -> set[str]:
    return {loss.name for loss in find_losses(figures, accept(healthy))}


def test_the_same_engine_loses_nothing(index_path: Path, healthy: Figures) -> None:
    assert lost(figures_of(Engine.open(index_path)), healthy) == set()


def test_citations_shifted_by_one_character_are_caught(index_path: Path, healthy: Figures) -> None:
    assert "citation.exactness" in lost(figures_of(ShiftedEngine.open(index_path)), healthy)


def test_a_threshold_at_zero_is_caught(index_path: Path, healthy: Figures) -> None:
    never_refuses = Engine.open(index_path, RagSettings(answer_threshold=0.0))
    assert {"refusal.wrong_answers", "refusal.f1"} <= lost(figures_of(never_refuses), healthy)


@pytest.fixture(name="broken_tokenizer")
def _broken_tokenizer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking no longer cuts as building did: single characters instead of bigrams."""

    def characters(text: str) -> list[str]:
        return [character for character in text if character.isalnum()]

    for module in (rag.query, rag.engine, rag.answering.asked):  # every mode but BM25 alone, and that one
        monkeypatch.setattr(module, "search_terms", characters)


@pytest.mark.usefixtures("broken_tokenizer")
def test_a_broken_tokenizer_is_caught(index_path: Path, healthy: Figures) -> None:
    assert "retrieval.bm25.article.mrr@10" in lost(figures_of(Engine.open(index_path)), healthy)
