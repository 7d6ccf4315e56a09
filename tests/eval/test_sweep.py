"""The grid: parsed by type, every combination asked, the best first."""

from pathlib import Path

import pytest

from eval.errors import SetError
from eval.run import AskedEngine
from eval.sweep import parse_grid, sweep, sweep_table
from eval.types import Question
from rag.settings import RagSettings
from tests.eval.fakes import TEXTS, FakeEngine, evidence
from tests.fakes import write_static_model


def test_values_have_the_type_of_their_setting() -> None:
    assert parse_grid(["bm25_weight=.5, 1", "n_read=4", "embedder=a/b"]) == {
        "bm25_weight": [0.5, 1.0],
        "n_read": [4],
        "embedder": ["a/b"],
    }


@pytest.mark.parametrize("dimension", ["nothing=1", "n_read", "n_read=", "n_read=four"])
def test_what_is_no_dimension_is_named(dimension: str) -> None:
    with pytest.raises(SetError, match=dimension):
        parse_grid([dimension])


def test_each_combination_is_asked_once_and_an_index_is_built_once(tmp_path: Path) -> None:
    documents, model = tmp_path / "documents", write_static_model(tmp_path / "model")
    documents.mkdir()
    for name, text in TEXTS.items():
        (documents / name).write_text(text, encoding="utf-8")
    gold = evidence("桥.txt", "大桥全长3.5公里。")
    questions = [Question("q", "number", "大桥全长多少公里？", True, ("3.5公里",), (("3.5公里",),), (gold,))]
    opened: list[tuple[str, float]] = []

    def open_engine(path: Path, settings: RagSettings) -> AskedEngine:
        assert (path / "CURRENT").is_file()
        opened.append((path.name, settings.bm25_weight))
        return FakeEngine()

    grid = parse_grid([f"embedder={model}", "max_chunk_chars=50,100", "bm25_weight=.2,.8"])
    trials = list(sweep(documents, questions, grid, open_engine))
    assert opened == [("sweep0", 0.2), ("sweep0", 0.8), ("sweep1", 0.2), ("sweep1", 0.8)]
    assert [trial.settings["max_chunk_chars"] for trial in trials] == [50, 50, 100, 100]
    table = sweep_table(trials)
    assert len(table.rows) == 4
    assert table.rows[0][0] == f"embedder={model}, max_chunk_chars=50, bm25_weight=0.2"
