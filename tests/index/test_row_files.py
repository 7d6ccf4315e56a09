"""Tables and JSON lines: a document a row."""

import re
from pathlib import Path

import pytest

import index.formats.row_files as row_files
from index.documents import read_documents
from index.types import Document, Failure

TABLE = "编号,标题,正文,日期,来源,备注\n7,大桥合龙,车程缩短。,2022年10月4日,青河日报,略\nb,,红米丰收。,,,\n"


def read(folder: Path) -> tuple[dict[str, Document], dict[str, str]]:
    items = list(read_documents(folder))
    found = {item.doc_id: item for item in items if isinstance(item, Document)}
    failed = {item.path: item.reason for item in items if isinstance(item, Failure)}
    assert len(found) + len(failed) == len(items)
    return found, failed


def read_table(folder: Path, text: str, encoding: str = "utf-8", name: str = "a.csv") -> dict[str, Document]:
    (folder / name).write_bytes(text.encode(encoding))
    found, failed = read(folder)
    assert not failed
    return found


def test_a_row_gives_its_title_text_and_fields(tmp_path: Path) -> None:
    found = read_table(tmp_path, TABLE)
    assert list(found) == ["a.csv#7", "a.csv#b"]
    seven, b = found.values()
    assert seven.text == "大桥合龙\n车程缩短。"
    assert seven.metadata == {"title": "大桥合龙", "date": "2022年10月4日", "source": "青河日报"}
    assert (b.text, b.metadata) == ("红米丰收。", {"title": ""})


@pytest.mark.parametrize(
    ("encoding", "named"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("gb18030", "gb18030"), ("utf-16", "utf-16"), ("utf-16-le",) * 2],
)
def test_an_encoding_is_found(tmp_path: Path, encoding: str, named: str) -> None:
    seven = read_table(tmp_path, TABLE, encoding)["a.csv#7"]
    assert (seven.text, seven.encoding) == ("大桥合龙\n车程缩短。", named)


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_a_delimiter_is_found_and_quoted_cells_may_hold_anything(tmp_path: Path, delimiter: str) -> None:
    rows = [["id", "title", "text"], ["1", "合龙", '"一,二;三\t四|五\n他说：""好。"""']]
    text = "\r\n".join(delimiter.join(cells) for cells in rows)
    assert read_table(tmp_path, text)["a.csv#1"].text == '合龙\n一,二;三\t四|五\n他说："好。"'


def test_a_table_without_ids_numbers_its_rows_and_short_rows_have_no_more_fields(tmp_path: Path) -> None:
    found = read_table(tmp_path, "text,date\n甲。,2022-01-02\n\n乙。\n", name="a.TSV")
    assert [(id_, one.text, one.metadata.get("date")) for id_, one in found.items()] == [
        ("a.TSV#1", "甲。", "2022-01-02"),
        ("a.TSV#2", "乙。", None),
    ]


def test_the_hash_of_a_row_does_not_follow_its_neighbours_but_its_fields(tmp_path: Path) -> None:
    first = read_table(tmp_path, "id,text,note\n1,甲。,a\n2,乙。,b\n")
    second = read_table(tmp_path, "id,text,note\n0,新。,c\n1,甲。,z\n2,乙。改,b\n")
    assert first["a.csv#1"] == second["a.csv#1"]
    assert first["a.csv#2"].sha256 != second["a.csv#2"].sha256


@pytest.mark.parametrize(
    ("rows", "failures"),
    [
        ("1,甲。\n1,乙。\n2,丙。\n", {"a.csv line 3": "id '1' stands twice"}),
        ("1,甲。\n3,\n2,丙。\n", {"a.csv line 3": 'needs a non-empty "text"'}),
        ('1,甲。\n3,"乙"x\n2,丙。\n', {"a.csv line 3": "expected after"}),
        ("1,甲。\n3,乙\0。\n2,丙。\n", {"a.csv line 3": "NUL"}),
        ('1,甲。\n2,丙。\n3,"乙。\n4,丁。\n', {"a.csv line 5": "unexpected end of data"}),
    ],
)
def test_a_row_that_cannot_be_read_is_named_by_its_line(tmp_path: Path, rows: str, failures: dict[str, str]) -> None:
    (tmp_path / "a.csv").write_text("id,text\n" + rows, encoding="utf-8")
    found, failed = read(tmp_path)
    assert list(found) == ["a.csv#1", "a.csv#2"]
    assert list(failed) == list(failures)
    assert all(reason in failed[place] for place, reason in failures.items())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "needs a heading row"),
        (b"\x89PNG\r\n\x1a\n\0\0", "needs a heading row|does not go on as one"),
        ("标题,日期\n甲,乙\n".encode(), "needs a heading row with a column `text`"),
        (b"id,text\n", "holds no rows"),
        (b"id,text\n1,ok\n" + b"2,fine\n" * 20_000 + b"\xff\xfe\xff\n", "begins as a text in utf-8"),
    ],
)
def test_a_table_that_cannot_be_read_says_why(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "a.csv").write_bytes(data)
    failed = read(tmp_path)[1]
    assert re.search(reason, failed["a.csv"])


def test_a_line_without_end_is_not_read_into_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_files, "MAX_FILE_BYTES", 60)
    good = '{"id": "%d", "text": "a"}\n'
    (tmp_path / "a.jsonl").write_text(good % 1 + '{"id": "2", "text": "' + "b" * 500 + '"}\n' + good % 3, "utf-8")
    found, failed = read(tmp_path)
    assert list(found) == ["a.jsonl#1", "a.jsonl#3"]
    assert list(failed) == ["a.jsonl line 2"]
    assert "is longer than" in failed["a.jsonl line 2"]
