"""A run is written and read back without a difference."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.errors import RunFileError
from eval.run import run_set
from eval.runfile import open_runs, save_runs
from tests.eval.fakes import FakeEngine, fake_questions


def test_runs_come_back_equal(tmp_path: Path) -> None:
    run = run_set(FakeEngine(), fake_questions(), set_name="fake", limit=3)
    runs = [replace(run, notes=("a note",), provenance={"index": ".index"}), replace(run, set_name="other")]
    save_runs(runs, tmp_path / "new" / "runs.json")
    assert open_runs(tmp_path / "new" / "runs.json") == runs
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["runs.json"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 1, "runs": [{}]}', '{"format": 1, "runs": 3}'])
def test_another_file_is_an_error(tmp_path: Path, content: str) -> None:
    (tmp_path / "runs.json").write_text(content, encoding="utf-8")
    with pytest.raises(RunFileError, match="is not a file of runs"):
        open_runs(tmp_path / "runs.json")


def test_a_missing_file_and_another_format_are_errors(tmp_path: Path) -> None:
    with pytest.raises(RunFileError, match="There is no file of runs"):
        open_runs(tmp_path / "none.json")
    (tmp_path / "runs.json").write_text(json.dumps({"format": 99, "runs": []}), encoding="utf-8")
    with pytest.raises(RunFileError, match="has format 99, this version reads 1"):
        open_runs(tmp_path / "runs.json")


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(RunFileError, match="cannot be written"):
        save_runs([], tmp_path / "file" / "runs.json")
