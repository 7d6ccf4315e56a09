"""A spreadsheet of questions becomes a set whose quotes stand in the documents."""

import json
from pathlib import Path

import pytest

from eval.datasets import check_quotes, read_set
from eval.errors import SetError
from eval.importing import write_set
from eval.spreadsheet import read_spreadsheet
from tests.eval.fakes import FakeEngine

SHEET = """问题,答案,文档,引文
大桥多长？,3.5公里|三点五公里,桥.txt,大桥全长3.5公里。
几时开放，藏书多少？,7月1日；20万册,馆.txt,"图书馆7月1日开放。
藏书20万册。"
馆长是谁？,,,

"""
document_of = FakeEngine().document


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_sheet_in_chinese_becomes_a_set(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "问题.csv"
    path.write_bytes(SHEET.encode(encoding))
    questions = read_set(write_set(read_spreadsheet(path, document_of), tmp_path, "s"))
    assert check_quotes(questions, document_of) == []
    assert [q.kind for q in questions] == ["fact", "fact", "unanswerable"]
    assert questions[0].answers == ("3.5公里", "三点五公里")
    assert questions[1].required == (("7月1日",), ("20万册",))


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("大桥多长？,3.5公里,桥.txt,大桥全长3.6公里。", "row 2: '大桥全长3.6公里。' does not stand in '桥.txt'"),
        ("大桥多长？,3.5公里,河.txt,大桥", "row 2: the index has no document '河.txt'"),
        ("大桥多长？,3.5公里,桥.txt,", "row 2: the quote is missing"),
        ("大桥多长？,,桥.txt,大桥全长3.5公里。", "row 2: the answer is missing"),
        (",3.5公里,桥.txt,大桥全长3.5公里。", "row 2: the question is empty"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: str, wrong: str) -> None:
    path = tmp_path / "s.csv"
    path.write_text(f"question,answer,document,quote\n{row}\n", encoding="utf-8")
    with pytest.raises(SetError, match=wrong):
        read_spreadsheet(path, document_of)


def test_a_sheet_without_headings_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text(json.dumps({"question": 1}), encoding="utf-8")
    with pytest.raises(SetError, match="no column is headed question or 问题"):
        read_spreadsheet(path, document_of)
    path.write_bytes(b"\0\1\2")
    with pytest.raises(SetError, match="is no text"):
        read_spreadsheet(path, document_of)
