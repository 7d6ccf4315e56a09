"""The evaluation tab: progress, the report in a frame that sees nothing of the page, the baseline beside it."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from eval.baseline import accept, save_baseline
from eval.figures import compute_figures
from eval.run import run_set
from tests.eval.fakes import FakeEngine, fake_questions
from tests.web.test_chat import chinese
from tests.web.test_markup import read
from web.evaluation import MAX_KEPT_RUNS, Evaluation
from web.texts import ZH


@pytest.fixture(name="evaluation")
def fake_evaluation(tmp_path: Path) -> Evaluation:
    (tmp_path / "sets").mkdir()
    rows = [json.dumps(asdict(question), ensure_ascii=False) for question in fake_questions()]
    rows = [row.replace(', "standalone_question": ""', "") for row in rows]
    (tmp_path / "sets" / "fake.jsonl").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "sets" / "bad.jsonl").write_text("{", encoding="utf-8")
    return Evaluation(FakeEngine(), tmp_path / "sets", tmp_path / "baselines", tmp_path / "runs")


def run(evaluation: Evaluation, name: str | None) -> list[tuple[str, object]]:
    return [(read(str(status)).text, report) for status, report in evaluation.run(name, chinese())]


def test_progress_comes_first_and_the_report_last(evaluation: Evaluation) -> None:
    updates = run(evaluation, "fake")
    assert updates[0][0] == ZH.evaluation_asking.format(0, "?")
    assert [says for says, _ in updates[1:-1]] == [ZH.evaluation_asking.format(n, 5) for n in range(1, 6)]
    ((name, attributes),) = read(str(updates[-1][1])).elements
    assert name == "iframe"
    assert attributes["sandbox"] == "allow-scripts"  # without allow-same-origin: it cannot reach the page
    assert "大桥全长3.5公里。[1]" in (attributes["srcdoc"] or "")
    assert updates[-1][0].startswith(ZH.evaluation_no_baseline)


def test_the_baseline_stands_beside_the_figures(evaluation: Evaluation, tmp_path: Path) -> None:
    figures = compute_figures(run_set(FakeEngine(), fake_questions(), set_name="fake"))
    save_baseline(accept(figures), tmp_path / "baselines" / "fake.json")
    says = run(evaluation, "fake")[-1][0]
    assert says.startswith("fake: baseline of 5 questions")
    assert "LOST" not in says


@pytest.mark.parametrize("name", [None, "../fake", "none"])
def test_only_a_set_of_the_folder_can_be_asked(evaluation: Evaluation, name: str | None) -> None:
    assert [says for says, _ in run(evaluation, name)] == [ZH.evaluation_choose]


def test_a_bad_set_is_told(evaluation: Evaluation) -> None:
    assert "line 1" in run(evaluation, "bad")[-1][0]


def test_the_last_run_is_there_again(evaluation: Evaluation, tmp_path: Path) -> None:
    assert read(evaluation.last("fake", chinese())[0]).text == ZH.evaluation_never
    report = run(evaluation, "fake")[-1][1]
    says, again = evaluation.last("fake", chinese())
    assert again == report
    assert ZH.evaluation_before in read(says).text
    assert evaluation.last("../fake", chinese())[1] == ""
    for second in range(10):
        (tmp_path / "runs" / f"page-fake-20200101T00000{second}Z.json").write_text("{", encoding="utf-8")
    (tmp_path / "runs" / "page-fake-more-20300101T000000Z.json").write_text("{", encoding="utf-8")  # another set's
    run(evaluation, "fake")
    assert len(list((tmp_path / "runs").glob("page-fake-2*.json"))) == MAX_KEPT_RUNS
