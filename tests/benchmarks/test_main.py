import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.measure import Measurement
from benchmarks.plot import draw, series

from ..fakes import write_static_model

DOCUMENTS = Path(__file__).resolve().parents[2] / "documents"
ROWS = [
    Measurement("keyword search", 1000, "ms", 0.1, 4.0, "rank_bm25"),
    Measurement("keyword search", 100, "ms", 0.05, 0.4, "rank_bm25"),
    Measurement("keyword search", 100, "ms", 0.04, 0.2, "bm25s, numpy backend"),
    Measurement("full build", 100, "s", 1.0, 2.0, "usual recipe (rank_bm25)"),
]


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_static_model(tmp_path_factory.mktemp("model")))


def run_tiny(model_folder: str, *more: str) -> int:
    tiny = ("--sizes", "12", "20", "--builds", "12", "--questions", "1", "--runs", "1")
    return main([*tiny, "--documents", str(DOCUMENTS), "--embedder", model_folder, *more])


def test_the_command_prints_one_table_and_writes_it_with_a_plot(
    tmp_path: Path, model_folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    assert run_tiny(model_folder, "--note", "the machine was shared", "--out", str(tmp_path)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("what ") for line in lines) == 1
    assert [line.split()[2] for line in lines if line.startswith("vector search")] == ["12", "20"]
    assert sum(line.startswith("full build ") for line in lines) == 1
    written = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert written.startswith("# Speed and size\n")
    assert "- Note: the machine was shared\n" in written
    assert "- Command: `python -m benchmarks --sizes 12 20 --builds 12 --questions 1 " in written
    assert [len(line.split("|")) for line in written.splitlines() if line.startswith("|")] == [8] * (2 + 16 + 5)
    assert "](cost.svg)" in written
    assert ElementTree.parse(tmp_path / "cost.svg").getroot().tag.endswith("svg")


def test_a_plot_has_a_line_for_ours_and_each_peer() -> None:
    assert series(ROWS, "keyword search") == {
        "this project": [(100, 0.04), (1000, 0.1)],
        "rank_bm25": [(100, 0.4), (1000, 4.0)],
        "bm25s": [(100, 0.2)],
    }
    assert series(ROWS, "full build") == {"this project": [(100, 1.0)], "usual recipe": [(100, 2.0)]}
    assert series(ROWS, "vector search") == {}


def test_the_same_measurements_give_the_same_plot(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for name in ("a.svg", "b.svg"):
        draw(ROWS, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert "Keyword search" in (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "Vector search" not in (tmp_path / "a.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("size", ["0", "ten", "-5"])
def test_sizes_are_counts(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--sizes", size])
    assert stopped.value.code == 2
    assert "--sizes" in capsys.readouterr().err


def test_what_its_user_can_repair_is_told_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--documents", str(tmp_path)]) == 2
    assert main(["--documents", str(DOCUMENTS), "--sizes", "1", "--embedder", str(tmp_path / "none")]) == 2
    assert main(["--articles", str(tmp_path / "none.jsonl")]) == 2
    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 3
