"""The table of what the models reach: made of small sets, kept, and gone on with."""

import json
import shutil
from pathlib import Path

import pytest

from training import evaluate
from training.evaluate import MODES, Figures, kept, retrieval_table, whole_table

from .test_reader import write_sets


def test_a_set_that_was_measured_is_not_measured_again(tmp_path: Path) -> None:
    made: list[int] = []

    def make() -> Figures:
        made.append(1)
        return {"n": 2.0}

    assert [kept(tmp_path / "a" / "x.json", make) for _ in range(3)] == [{"n": 2.0}] * 3
    assert len(made) == 1


def test_each_set_has_a_line_for_each_way_of_searching() -> None:
    values = {"n": 7.0, "retrieval.dense.article.success@10": 0.5, "right": 0.25, "time.read.p50": 12.34}
    table = retrieval_table({"news": values})
    assert [row[:3] for row in table.rows] == [("news", "7", shown) for shown in MODES.values()]
    assert table.rows[1] == ("news", "7", "dense alone", "-", "0.500", "-")
    row = dict(zip(whole_table({"news": values}).columns, whole_table({"news": values}).rows[0], strict=True))
    assert (row["right"], row["read"], row["auc"]) == ("0.250", "12.3", "-")


def test_one_command_prints_and_writes_the_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_sets(tmp_path / "data")
    monkeypatch.setattr(evaluate, "milliseconds", lambda reader, examples: 1.0)
    flags = ["--data", str(tmp_path / "data"), "--work", str(tmp_path / "work"), "--sample", "4"]
    out = tmp_path / "RESULTS.md"
    monkeypatch.setattr("sys.argv", ["training.evaluate", *flags, "--out", str(out)])
    evaluate.main()
    said = capsys.readouterr().out
    assert "news is left out" in said
    assert "| cmrc2018-trial | 4 | hybrid + reader | " in out.read_text(encoding="utf-8")
    assert out.read_text(encoding="utf-8").splitlines()[-1] in said
    shutil.rmtree(tmp_path / "data")
    (done,) = (tmp_path / "work").glob("models-*-4")
    assert json.loads((done / "cmrc2018-trial.json").read_text(encoding="utf-8"))["n"] == 4
    monkeypatch.setattr("sys.argv", ["training.evaluate", "cmrc2018-trial", *flags])
    evaluate.main()
    assert "hybrid + reader" in capsys.readouterr().out
