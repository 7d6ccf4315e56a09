"""A set is read as it is written, and a wrong line is named."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.datasets import check_quotes, read_set
from eval.errors import SetError
from eval.types import Evidence, Question
from rag.types import Turn
from tests.eval.fakes import TEXTS, FakeEngine, evidence, fake_questions

GOOD: dict[str, Any] = {
    "id": "q1",
    "kind": "followup",
    "question": "它多长？",
    "history": [{"question": "大桥何时通车？", "answer": "去年。"}],
    "answerable": True,
    "answers": ["3.5公里"],
    "required": [["3.5公里", "3500米"]],
    "evidence": [{"doc_id": "桥.txt", "title": "大桥通车", "quote": "大桥全长3.5公里。", "start": 5, "end": 15}],
    "note": "近似问法",
}
UNANSWERABLE = GOOD | {"kind": "unanswerable", "answerable": False, "answers": [], "required": []}


def write_set(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def test_a_row_becomes_a_question(tmp_path: Path) -> None:
    assert read_set(write_set(tmp_path / "set.jsonl", GOOD)) == [
        Question(
            id="q1",
            kind="followup",
            question="它多长？",
            answerable=True,
            answers=("3.5公里",),
            required=(("3.5公里", "3500米"),),
            evidence=(Evidence("桥.txt", "大桥通车", 5, 15, "大桥全长3.5公里。"),),
            history=(Turn("大桥何时通车？", "去年。"),),
            note="近似问法",
        )
    ]


def test_quote_history_and_note_may_be_left_out_and_empty_lines_are_skipped(tmp_path: Path) -> None:
    span = {"doc_id": "d", "title": "", "start": 0, "end": 3}
    row = {key: GOOD[key] for key in ("id", "question", "answerable", "answers", "required")}
    path = tmp_path / "set.jsonl"
    path.write_text("\ufeff\n" + json.dumps(row | {"kind": "fact", "evidence": [span]}) + "\n\n", encoding="utf-8")
    (question,) = read_set(path)
    assert (question.history, question.note, question.evidence[0].quote) == ((), "", "")


WRONG = [
    ("kind", GOOD | {"kind": "facts"}, "'facts' is not a kind"),
    ("answerable", GOOD | {"answerable": 1}, "1 is not true or false"),
    ("question", {key: value for key, value in GOOD.items() if key != "question"}, "missing"),
    ("id", GOOD | {"id": " "}, "empty text"),
    ("answer", GOOD | {"answer": "x"}, "not a field of a set"),
    ("required[0]", GOOD | {"required": ["3.5公里"]}, '"3.5公里" is not a list'),
    ("required[1]", GOOD | {"required": [["a"], []]}, "an empty list"),
    ("answers[0]", GOOD | {"answers": [3.5]}, "3.5 is not text"),
    ("evidence[0].start", GOOD | {"evidence": [GOOD["evidence"][0] | {"start": 15}]}, "15-15 is not a span"),
    (
        "evidence[0].end",
        GOOD | {"evidence": [GOOD["evidence"][0] | {"end": True}]},
        "true is not a whole number",
    ),
    ("evidence[0].page", GOOD | {"evidence": [GOOD["evidence"][0] | {"page": 1}]}, "not a field of a set"),
    ("evidence", GOOD | {"evidence": []}, "needs evidence"),
    ("answers", GOOD | {"answers": [], "required": []}, "needs gold"),
    ("history", GOOD | {"history": []}, "needs the turns before it"),
    ("history[0].answer", GOOD | {"history": [{"question": "?"}]}, "missing"),
    ("answerable", GOOD | {"kind": "unanswerable"}, "the kind is unanswerable"),
    ("answerable", GOOD | {"kind": "fact", "answerable": False}, "the kind is fact"),
    ("required", UNANSWERABLE | {"required": [["x"]]}, "has no gold"),
    ("(line)", ["q1"], "not a JSON object"),
]


@pytest.mark.parametrize(("field", "row", "wrong"), WRONG)
def test_a_wrong_line_is_named(tmp_path: Path, field: str, row: object, wrong: str) -> None:
    path = write_set(tmp_path / "set.jsonl", GOOD | {"id": "q0"}, UNANSWERABLE | {"id": "q00"}, row)
    with pytest.raises(SetError) as caught:
        read_set(path)
    message = str(caught.value)
    assert f"{path}, line 3, field '{field}': " in message
    assert wrong in message
    assert " Repair: " in message


def test_an_id_used_twice_names_both_lines(tmp_path: Path) -> None:
    with pytest.raises(SetError, match=r"line 2, field 'id': 'q1' was used in line 1 already"):
        read_set(write_set(tmp_path / "set.jsonl", GOOD, GOOD))


def test_a_line_that_is_not_json_is_named(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text("{'id': 1}", encoding="utf-8")
    with pytest.raises(SetError, match=r"line 1, field '\(line\)': not JSON .* at column 2"):
        read_set(path)


def test_a_missing_an_empty_and_a_gbk_set_are_said(tmp_path: Path) -> None:
    with pytest.raises(SetError, match="There is no set"):
        read_set(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")
    with pytest.raises(SetError, match="holds no questions"):
        read_set(tmp_path / "empty.jsonl")
    (tmp_path / "gbk.jsonl").write_bytes("问题".encode("gb18030"))
    with pytest.raises(SetError, match="UTF-8"):
        read_set(tmp_path / "gbk.jsonl")


def test_a_set_that_fits_its_documents_has_no_problems() -> None:
    assert check_quotes(fake_questions(), FakeEngine().document) == []


def test_a_span_without_quote_is_not_compared() -> None:
    question = fake_questions()[0]
    bare = replace(question, evidence=(replace(question.evidence[0], quote=""),))
    assert check_quotes([bare], FakeEngine().document) == []


def test_each_kind_of_misfit_is_one_problem() -> None:
    question = fake_questions()[0]
    gold = evidence("桥.txt", "大桥全长3.5公里。")
    length = len(TEXTS["桥.txt"])
    misfits = [
        replace(question, id="shifted", evidence=(replace(gold, start=gold.start + 1, end=gold.end + 1),)),
        replace(question, id="outside", evidence=(gold, replace(gold, start=length - 1, end=length + 1))),
        replace(question, id="unknown", evidence=(gold, replace(gold, doc_id="无.txt"))),
        replace(question, id="unsaid", required=(("3.5公里",), ("王明", "王先生"))),
    ]
    shifted, outside, unknown, unsaid = check_quotes(misfits, FakeEngine().document)
    assert shifted.startswith("shifted: evidence[0]")
    assert f"the quote stands at {gold.start}-{gold.end}" in shifted
    assert outside.startswith("outside: evidence[1]")
    assert f"which has {length} characters" in outside
    assert unknown.startswith("unknown: evidence[1]: document '无.txt' is not in the index")
    assert unsaid == "unsaid: required[1]: none of ['王明', '王先生'] stands in the evidence"
