"""Builds killed at random moments; `python -m benchmarks.chaos` kills two hundred."""

from pathlib import Path

from benchmarks.chaos import run_chaos
from index.settings import IndexSettings
from tests.fakes import write_static_model


def test_after_a_kill_the_index_holds_one_whole_state_and_answers(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    report = run_chaos(place, IndexSettings(embedder=str(write_static_model(tmp_path / "model"))), 12, seed=1)
    assert report.n_kills == 12
    assert report.generations
