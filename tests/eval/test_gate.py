"""The gate: a generation that answers worse stays out, and the report says which questions fell."""

from dataclasses import replace
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.gate import Comparison, ask_all, compare_verdicts, find_reasons
from eval.run import AskedEngine
from eval.types import Evidence, Question
from index.store import live_name, open_index, verify_index
from rag.types import Answer
from tests.eval.fakes import FakeEngine, fake_questions
from tests.eval.test_main import write_set

QUESTIONS = fake_questions()


def silent(answer: Answer) -> Answer:
    """A planted fault: the engine refuses everything."""
    return replace(answer, text="资料里没有答案。", refused=True, citations=())


def reasons(live: AskedEngine | None, candidate: AskedEngine, tolerance: float = 0.0) -> tuple[str, ...]:
    return find_reasons([("fake", QUESTIONS)], live, candidate, tolerance=tolerance)


def test_an_index_that_answers_as_well_is_accepted() -> None:
    assert reasons(FakeEngine(), FakeEngine()) == ()
    assert reasons(FakeEngine(silent), FakeEngine()) == ()


def test_an_index_that_answers_worse_is_refused_with_the_questions_that_fell() -> None:
    good = [q for q in QUESTIONS if q.answerable and ask_all(FakeEngine(), [q])[q.id] == "right"]
    assert good
    first, *fallen = reasons(FakeEngine(), FakeEngine(silent))
    assert first.startswith(f"fake: {sum(not q.answerable for q in QUESTIONS)} of 5 answered well, ")
    assert fallen == [f"fake {q.id} (right -> false_refusal): {q.question}" for q in good]


def test_without_a_live_index_there_is_nothing_to_hold() -> None:
    assert reasons(None, FakeEngine(silent)) == ()


@pytest.mark.parametrize(("n_before", "n_now", "is_held"), [(50, 49, True), (50, 47, False), (50, 60, True)])
def test_a_tolerance_is_a_share_of_all_questions(n_before: int, n_now: int, is_held: bool) -> None:
    assert Comparison("set", 100, n_before, n_now, ()).is_held(0.02) is is_held


def test_one_lost_and_one_won_are_held_at_no_tolerance() -> None:
    one, other = QUESTIONS[:2]
    comparison = compare_verdicts(
        "set", [one, other], {one.id: "right", other.id: "wrong"}, {one.id: "partial", other.id: "right"}
    )
    assert (comparison.n_good_before, comparison.n_good_now, len(comparison.fallen)) == (1, 1, 1)
    assert comparison.is_held(0.0)


def write_documents(folder: Path, bridge: str) -> None:
    (folder / "桥.txt").write_text(f"青河大桥建成通车\n\n{bridge}\n", encoding="utf-8")
    (folder / "馆.txt").write_text("市图书馆新馆开放\n\n新馆藏书20万册，每天上午九点开门。\n", encoding="utf-8")


def test_the_command_keeps_the_live_index_where_a_question_falls(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "documents", tmp_path / "index"
    folder.mkdir()
    write_documents(folder, "青河大桥昨天建成通车，全长3.5公里。")
    text = (folder / "桥.txt").read_text(encoding="utf-8")
    evidence = Evidence("桥.txt", "青河大桥建成通车", text.index("全长"), text.index("公里"))
    question = Question("q1", "number", "青河大桥全长多少公里？", True, required=(("3.5",),), evidence=(evidence,))
    path = write_set(tmp_path / "golden.jsonl", [question])
    command = ["gate", str(path), str(folder), "--out", str(out)]
    assert main(command) == 0
    live = live_name(out)
    assert "nothing to compare with" in capsys.readouterr().err
    write_documents(folder, "青河大桥昨天建成通车。")
    assert main(command) == 1
    errors = capsys.readouterr().err
    assert "q1 (right -> " in errors
    assert f"build without the gate: python -m index build {folder} --out {out}" in errors
    assert live_name(out) == live
    assert main([*command, "--tolerance", "1"]) == 0
    assert live_name(out) != live


def test_a_live_index_that_opens_but_is_damaged_does_not_stop_its_repair(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "documents", tmp_path / "index"
    folder.mkdir()
    write_documents(folder, "青河大桥昨天建成通车，全长3.5公里。")
    path = write_set(tmp_path / "golden.jsonl", QUESTIONS)
    command = ["gate", str(path), str(folder), "--out", str(out)]
    assert main(command) == 0
    catalog = out / "generations" / live_name(out) / "catalog.sqlite"
    data = catalog.read_bytes()
    catalog.write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))
    open_index(out)
    assert verify_index(out)
    capsys.readouterr()
    assert main(command) == 0
    assert "nothing to compare with: catalog.sqlite is not what was built" in capsys.readouterr().err
    assert verify_index(out) == []
