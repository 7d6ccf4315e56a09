"""The commands: what they print where, and how they end."""

import json
import re
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import main
from eval.run import AskedEngine
from eval.types import Question
from index.errors import IndexMissingError
from rag.types import Answer, Turn
from tests.eval.fakes import FakeEngine, fake_questions


def write_set(path: Path, questions: list[Question]) -> Path:
    rows = []
    for question in questions:
        row = asdict(question)
        row["history"] = [{"question": t["question"], "answer": t["answer"]} for t in row["history"]]
        rows.append(json.dumps(row, ensure_ascii=False))
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


@pytest.fixture(name="set_path")
def fake_set(tmp_path: Path) -> Path:
    return write_set(tmp_path / "fake.jsonl", fake_questions())


def call(*arguments: object, engine: AskedEngine | None = None) -> int:
    return main([str(argument) for argument in arguments], open_engine=lambda _: engine or FakeEngine())


def shifted(answer: Answer) -> Answer:
    return replace(answer, citations=tuple(replace(c, start=c.start + 1) for c in answer.citations))


def test_run_prints_the_report(set_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("run", set_path) == 0
    out, err = capsys.readouterr()
    assert out.startswith("fake: 5 questions, 3 answerable, 2 not\n")
    assert "Retrieval by evidence" in out
    assert err == ""


def test_alone_asks_the_follow_ups_as_their_writer_would(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain, gold = fake_questions()[:2]
    turn = Turn("大桥何时通车？", "去年。")
    follow_up = replace(gold, kind="followup", question="它呢？", history=(turn,), standalone=gold.question)
    path = write_set(tmp_path / "talk.jsonl", [plain, follow_up])
    assert call("run", path, "--alone", "--json") == 0
    [run] = json.loads(capsys.readouterr().out)["runs"]
    assert run["figures"]["set_name"] == "talk-alone"
    [result] = run["run"]["results"]
    assert (result["question"]["question"], result["question"]["history"]) == (gold.question, [])
    assert result["standalone_question"] == gold.question


def test_json_is_all_that_stands_on_standard_output(
    set_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_set(tmp_path / "other.jsonl", fake_questions()[:1])
    assert call("run", set_path, other, "--json", "-v", "--baseline", tmp_path / "baselines") == 0
    out, err = capsys.readouterr()
    fake, second = json.loads(out)["runs"]
    assert fake["figures"]["groups"]["overall"]["right"] == 3 / 5
    assert fake["figures"]["risk_coverage"] == [[2 / 3, 0.0], [1.0, 1 / 3]]
    assert [row["verdict"] for row in fake["run"]["results"]] == [
        "right",
        "false_refusal",
        "right",
        "right_refusal",
        "wrong_answer",
    ]
    assert second["figures"]["set_name"] == "other"
    assert "no baseline yet" in err


def figures_in(out: str) -> list[dict[str, Any]]:
    return [run["figures"] for run in json.loads(out)["runs"]]


def test_two_runs_give_the_same_figures_but_for_time(set_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call("run", set_path, "--json")
    first = figures_in(capsys.readouterr().out)
    call("run", set_path, "--json")
    second = figures_in(capsys.readouterr().out)
    for figures in first + second:
        for values in figures["groups"].values():
            assert values.pop("time.wall.p50") >= 0
            assert values.pop("time.wall.p95") >= 0
    assert first == second


def test_markdown_limit_and_kind(set_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("run", set_path, "--markdown", "--kind", "number", "--kind", "followup", "--limit", 2) == 0
    out = capsys.readouterr().out
    assert out.startswith("## fake\n\nfake: 2 questions (a part of the set)")
    assert "| number | 2 |" in out


def test_a_baseline_is_said_to_be_missing_then_written_then_held(
    set_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "baselines"
    assert call("run", set_path, "--baseline", folder) == 0
    assert "fake.json: no baseline yet, nothing is held" in capsys.readouterr().err
    assert not folder.exists()
    assert call("run", set_path, "--baseline", folder, "--update-baseline") == 0
    assert (folder / "fake.json").is_file()
    capsys.readouterr()
    assert call("run", set_path, "--baseline", folder) == 0
    assert "figures held" in capsys.readouterr().err


def test_a_lost_figure_ends_with_1_and_is_named(
    set_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call("run", set_path, "--baseline", tmp_path, "--update-baseline")
    capsys.readouterr()
    assert call("run", set_path, "--baseline", tmp_path, engine=FakeEngine(shifted)) == 1
    assert capsys.readouterr().err.splitlines() == [
        "LOST fake: citation.exactness: 0.0000, baseline 1.0000, tolerance 0: must be at least 1.0000"
    ]


def test_one_lost_set_of_two_is_a_loss(set_path: Path, tmp_path: Path) -> None:
    other = write_set(tmp_path / "other.jsonl", fake_questions()[3:4])  # answers nothing: nothing to cite
    call("run", set_path, other, "--baseline", tmp_path, "--update-baseline")
    assert call("run", other, "--baseline", tmp_path, engine=FakeEngine(shifted)) == 0
    assert call("run", set_path, other, "--baseline", tmp_path, engine=FakeEngine(shifted)) == 1


def test_runs_are_kept_and_compared(set_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call("run", set_path, "--out", tmp_path / "a.json")
    call("run", set_path, "--out", tmp_path / "b.json", engine=FakeEngine(shifted))
    capsys.readouterr()
    assert main(["compare", str(tmp_path / "a.json"), str(tmp_path / "b.json")]) == 0
    out = capsys.readouterr().out
    assert "Won: 0" in out
    assert "citation.exactness" in out
    assert "worse" in out


def test_a_run_is_held_against_a_folder_of_baselines(
    set_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call("run", set_path, "--baseline", tmp_path / "baselines", "--update-baseline")
    call("run", set_path, "--out", tmp_path / "b.json", engine=FakeEngine(shifted))
    capsys.readouterr()
    assert call("compare", tmp_path / "baselines", tmp_path / "b.json") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "fake: baseline of 5 questions"
    lost = [line for line in lines if line.endswith("LOST")]
    assert [line.split() for line in lost] == [["citation.exactness", "1.000", "0.000", "-1.000", "worse", "LOST"]]


def test_a_run_becomes_a_page_at_once_or_later(set_path: Path, tmp_path: Path) -> None:
    assert call("run", set_path, "--out", tmp_path / "a.json", "--html", tmp_path / "a.html") == 0
    assert call("report", tmp_path / "a.json", "--out", tmp_path / "b.html") == 0
    assert (tmp_path / "a.html").read_text("utf-8") == (tmp_path / "b.html").read_text("utf-8")


def test_an_interrupted_run_is_resumed_and_leaves_nothing(
    set_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(answer: Answer) -> Answer:
        if answer.question == "设计者是谁？":
            raise KeyboardInterrupt
        return answer

    kept = tmp_path / "kept"
    assert call("run", set_path, "--resume", kept, engine=FakeEngine(interrupt)) == 130
    assert "what was asked is kept" in capsys.readouterr().err
    assert len((kept / "fake.journal").read_text("utf-8").splitlines()) == 1 + 2
    assert call("run", set_path, "--resume", kept) == 0
    assert list(kept.iterdir()) == []


def test_provenance_names_the_index_and_the_commit(set_path: Path, tmp_path: Path) -> None:
    call("run", set_path, "--out", tmp_path / "a.json")
    (run,) = json.loads((tmp_path / "a.json").read_text("utf-8"))["runs"]
    assert run["provenance"]["index"] == ".index"
    assert re.fullmatch(r"[0-9a-f]{7,}(-dirty)?", run["provenance"].get("commit", "0000000"))


def test_import_says_what_to_do_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = {"id": 1, "question": "大桥多长？", "answers": ["3.5公里"], "context": "大桥全长3.5公里。"}
    source = tmp_path / "mine.jsonl"
    source.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    assert call("import", "qa", source, "--out", tmp_path / "out") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == f"{tmp_path / 'out' / 'mine.jsonl'}: 1 questions"
    assert (
        lines[2] == f"Next: python -m index build {tmp_path / 'out' / 'documents'} --out {tmp_path / 'out' / 'index'}"
    )


def test_import_of_a_sheet_asks_the_index_for_its_documents(tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("问题,答案,文档,引文\n大桥多长？,3.5公里,桥.txt,大桥全长3.5公里。\n", encoding="utf-8")
    assert call("import", "csv", sheet, "--out", tmp_path) == 0
    assert call("check", tmp_path / "sheet.jsonl") == 0


def test_check_ends_with_0_or_names_the_problems_and_ends_with_1(
    set_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("check", set_path) == 0
    assert capsys.readouterr().out == f"{set_path}: 5 questions, 3 gold spans, 0 problems\n"
    question = fake_questions()[0]
    wrong = replace(question, evidence=(replace(question.evidence[0], quote="大桥全长3.6公里。"),))
    path = write_set(tmp_path / "wrong.jsonl", [wrong])
    assert call("check", set_path, path) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith(f"{path}: q1: evidence[0]: '桥.txt' has '大桥全长3.5公里。'")
    assert lines[2] == f"{path}: 1 questions, 1 gold spans, 1 problems"


ERRORS = [
    (["run", "none.jsonl"], "There is no set none.jsonl"),
    (["run", "{set}", "--update-baseline"], "--update-baseline needs to know where"),
    (["run", "{set}", "--baseline", "b", "--limit", "1"], "A baseline is of the whole set"),
    (["run", "{set}", "--baseline", "b", "--alone"], "A baseline is of the whole set"),
    (["run", "{set}", "--alone"], "No question"),
    (["run", "{set}", "--kind", "why"], "No question of fake is left to ask"),
    (["run", "{set}", "{set}"], "Two of the sets have the same name"),
    (["compare", "none.json", "none.json"], "There is no file of runs none.json"),
    (["report", "none.json", "--out", "a.html"], "There is no file of runs none.json"),
    (["import", "qa", "none.jsonl", "--out", "a"], "none.jsonl cannot be read"),
    (["sweep", "{set}", "nothing=1", "--documents", "a"], "'nothing=1' is no dimension"),
]


@pytest.mark.parametrize(("arguments", "message"), ERRORS)
def test_what_the_user_can_repair_is_one_line_and_2(
    set_path: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(*(argument.format(set=set_path) for argument in arguments)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {message}")
    assert err.count("\n") == 1
    assert " Repair: " in err


def test_an_error_of_the_engine_is_one_line_and_2(set_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def no_index(path: Path) -> AskedEngine:
        raise IndexMissingError(f"There is no index at {path}.\nRun: python -m index")

    assert main(["run", str(set_path), "--index", "nowhere"], open_engine=no_index) == 2
    assert capsys.readouterr().err == "error: There is no index at nowhere. Run: python -m index\n"


@pytest.mark.parametrize("limit", ["0", "-1", "x"])
def test_a_limit_that_is_no_count_is_refused(set_path: Path, limit: str) -> None:
    with pytest.raises(SystemExit) as ended:
        call("run", set_path, "--limit", limit)
    assert ended.value.code == 2
