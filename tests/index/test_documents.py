import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest

import index.formats.reading as reading
from index.documents import read_documents
from index.errors import DocumentsError
from index.formats.encoding import decode
from index.generation.intake import count_documents
from index.types import Document, Failure

TEXT = "大桥昨天合龙。\r\n两岸的车程缩短到五分钟，村民们高兴地说：“这一天我们盼了很久。”\r\n"
TRADITIONAL = "大橋昨天合龍。兩岸的車程縮短到五分鐘，村民們高興地說：「這一天我們盼了很久。」\n圖書館夜間開放。\n"


def read(folder: Path) -> tuple[dict[str, Document], dict[str, str]]:
    """Documents by id and failures by path."""
    items = list(read_documents(folder))
    found = {item.doc_id: item for item in items if isinstance(item, Document)}
    failed = {item.path: item.reason for item in items if isinstance(item, Failure)}
    assert len(found) + len(failed) == len(items)
    return found, failed


def row(**fields: object) -> str:
    return json.dumps(fields) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that holds one good document."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "good.txt").write_text("大桥合龙。", encoding="utf-8")
    return tmp_path / "docs"


def test_a_text_is_read_as_it_stands(tmp_path: Path) -> None:
    data = TEXT.encode()
    (tmp_path / "a.txt").write_bytes(data)
    found, failed = read(tmp_path)
    assert found == {"a.txt": Document("a.txt", TEXT, hashlib.sha256(data).hexdigest())}
    assert not failed


@pytest.mark.parametrize(
    ("text", "codec", "encoding"),
    [
        (TEXT, "utf-8", "utf-8"),
        (TEXT, "utf-8-sig", "utf-8"),
        (TEXT, "utf-16", "utf-16"),
        (TEXT, "gb18030", "gb18030"),
        (TEXT, "gbk", "gb18030"),
        (TRADITIONAL, "big5", "big5"),
        (TRADITIONAL, "utf-8", "utf-8"),
        ("plain ascii\n", "ascii", "utf-8"),
        ("生僻字：𠮷、㐂、﨑。大桥昨天合龙，两岸的车程缩短到五分钟。", "gb18030", "gb18030"),
    ],
)
def test_an_encoding_is_found_and_the_text_comes_back(tmp_path: Path, text: str, codec: str, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes(text.encode(codec))
    found, _ = read(tmp_path)
    assert (found["a.txt"].text, found["a.txt"].encoding) == (text, encoding)


def test_big_endian_utf_16_is_read_by_its_mark() -> None:
    assert decode(b"\xfe\xff" + TEXT.encode("utf-16-be")) == (TEXT, "utf-16")


BROKEN: dict[str, tuple[str, bytes, str]] = {
    "binary": ("a.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary or damaged"),
    "no encoding fits": ("a.txt", b"\xff" * 9, "binary or damaged"),
    "half a utf-16": ("a.txt", b"\xff\xfe" + TEXT.encode("utf-16-le")[:-1], "binary or damaged"),
    "a lone surrogate in utf-16": ("a.txt", b"\xff\xfe\x00\xd8a\x00", "binary or damaged"),
    "a NUL": ("a.txt", "大桥\0合龙。".encode(), "binary or damaged"),
    "a NUL after a mark": ("a.txt", "\ufeff大桥\0合龙。".encode(), "binary or damaged"),
    "a NUL in utf-16": ("a.txt", "大桥\0合龙。".encode("utf-16"), "binary or damaged"),
    "empty": ("a.txt", b"", "holds no text"),
    "a mark alone": ("a.txt", b"\xef\xbb\xbf", "holds no text"),
    "white space": ("a.txt", " \r\n\u3000\t\n".encode(), "holds no text"),
    "empty Markdown": ("a.md", b"\n", "holds no text"),
    "empty rows": ("a.jsonl", b"\n \n", "holds no text"),
    "front matter that is no YAML": ("a.md", "---\ntitle: [大桥\n---\n\n合龙。\n".encode(), "front matter"),
    "a surrogate in front matter": ("a.md", b'---\ntitle: "\\ud800"\n---\n\ntext\n', "front matter"),
    "another format": ("a.xls", b"\xd0\xcf", "format '.xls' is not read"),
    "no suffix": ("README", b"text", "without suffix"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_read_is_named_and_stops_no_other(folder: Path, name: str) -> None:
    file, data, reason = BROKEN[name]
    (folder / file).write_bytes(data)
    (folder / "z.txt").write_text("车程缩短。", encoding="utf-8")
    found, failed = read(folder)
    assert set(found) == {"good.txt", "z.txt"}
    assert list(failed) == [file]
    assert reason in failed[file]


BROKEN_ROWS: dict[str, tuple[str, str]] = {
    "no JSON": ("{broken\n", "not a JSON object"),
    "nested without end": ("[" * 100_000 + "\n", "not a JSON object"),
    "not an object": ('["1"]\n', 'needs an object with a non-empty "text"'),
    "no text": (row(id="1"), 'needs a non-empty "text"'),
    "white space": (row(id="1", text=" \n"), 'needs a non-empty "text"'),
    "text that is a number": (row(id="1", text=5), 'needs a non-empty "text"'),
    "no id": (row(text="合龙。"), 'needs an "id"'),
    "an id that is null": (row(id=None, text="合龙。"), 'needs an "id"'),
    "the id of another row": (row(id="good", text="合龙。"), "id 'good' stands twice"),
    "a lone surrogate": (row(id="1", text="合\ud800龙。"), "lone surrogate"),
    "a lone surrogate in a field": (row(id="1", text="合龙。", source="\udfff"), "lone surrogate"),
    "a lone surrogate in the id": (row(id="\ud800", text="合龙。"), "lone surrogate"),
    "a NUL": (row(id="1", text="合\0龙。"), "NUL"),
}


@pytest.mark.parametrize("name", BROKEN_ROWS)
def test_a_row_that_cannot_be_read_is_named_by_its_line(tmp_path: Path, name: str) -> None:
    line, reason = BROKEN_ROWS[name]
    rows = row(id="good", text="大桥合龙。") + "\n" + line + row(id="last", text="车程缩短。")
    (tmp_path / "a.jsonl").write_text(rows, encoding="utf-8")
    found, failed = read(tmp_path)
    assert set(found) == {"a.jsonl#good", "a.jsonl#last"}
    assert list(failed) == ["a.jsonl line 3"]
    assert reason in failed["a.jsonl line 3"]


def test_a_row_in_another_encoding_is_a_failure_of_its_line(tmp_path: Path) -> None:
    text = '{"id": "1", "text": "大桥"}\n'
    (tmp_path / "a.jsonl").write_bytes(text.encode("gb18030") + text.encode())
    found, failed = read(tmp_path)
    assert set(found) == {"a.jsonl#1"}
    assert "UTF-8" in failed["a.jsonl line 1"]


def test_a_row_gives_its_title_text_and_fields(tmp_path: Path) -> None:
    first = row(id=7, title="大桥合龙", text="车程缩短。", date="2022-10-04", source="青河日报", author="", other=1)
    (tmp_path / "a.jsonl").write_bytes(b"\xef\xbb\xbf" + first.encode() + row(id="b", text="红米丰收。").encode())
    found, _ = read(tmp_path)
    seven, b = found["a.jsonl#7"], found["a.jsonl#b"]
    assert seven.text == "大桥合龙\n车程缩短。"
    assert seven.metadata == {"title": "大桥合龙", "date": "2022-10-04", "source": "青河日报"}
    assert (b.text, b.metadata) == ("红米丰收。", {"title": ""})
    assert b.sha256 == hashlib.sha256(row(id="b", text="红米丰收。").strip().encode()).hexdigest()


def test_the_hash_of_a_row_does_not_follow_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(row(id="1", text="甲。") + row(id="2", text="乙。"), encoding="utf-8")
    before = read(tmp_path)[0]["a.jsonl#2"]
    (tmp_path / "a.jsonl").write_text(row(id="0", text="新。") + row(id="2", text="乙。"), encoding="utf-8")
    assert read(tmp_path)[0]["a.jsonl#2"] == before


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_front_matter_gives_the_fields_and_stays_in_the_text(tmp_path: Path, mark: str, end: str) -> None:
    text = end.join(["---", "title: 大桥合龙", "date: 2022-10-04", "tags: [桥]", "---", "", "车程缩短。", ""])
    (tmp_path / "a.md").write_bytes((mark + text).encode())
    document = read(tmp_path)[0]["a.md"]
    assert document.metadata == {"title": "大桥合龙", "date": "2022-10-04"}
    assert document.text == text


def test_a_rule_inside_markdown_is_no_front_matter(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# 大桥\n\n---\n\na: [b\n\n---\n", encoding="utf-8")
    assert read(tmp_path)[0]["a.md"].metadata == {}


def test_a_large_file_is_refused_but_large_rows_are_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_FILE_BYTES", 40)
    for name in ("a.txt", "a.md"):
        (folder / name).write_text("大桥合龙。" * 3, encoding="utf-8")
    (folder / "a.jsonl").write_text(row(id="1", text="大桥合龙。"), encoding="utf-8")
    found, failed = read(folder)
    assert set(found) == {"good.txt", "a.jsonl#1"}
    assert set(failed) == {"a.txt", "a.md"}
    assert "the limit is" in failed["a.txt"]


def test_folders_are_walked_in_one_order_and_hidden_ones_are_passed_over(tmp_path: Path) -> None:
    names = ["b.txt", "a.TXT", "子/c.txt", "子/深/d.md", ".hidden.txt", ".git/e.txt", "子/.f/g.txt"]
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("大桥合龙。", encoding="utf-8")
    order = [item.doc_id for item in read_documents(tmp_path) if isinstance(item, Document)]
    assert order == ["a.TXT", "b.txt", "子/c.txt", "子/深/d.md"]
    assert count_documents(tmp_path) == len(order)


def outside_file(folder: Path) -> None:
    (folder.parent / "secret.txt").write_text("秘密。", encoding="utf-8")
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")


def outside_folder(folder: Path) -> None:
    (folder.parent / "secret").mkdir()
    (folder.parent / "secret" / "a.txt").write_text("秘密。", encoding="utf-8")
    (folder / "link.txt").symlink_to(folder.parent / "secret")


def relative(folder: Path) -> None:
    (folder.parent / "secret.txt").write_text("秘密。", encoding="utf-8")
    (folder / "link.txt").symlink_to("../secret.txt")


def sibling_with_the_same_beginning(folder: Path) -> None:
    (folder.parent / "docs-private").mkdir()
    (folder.parent / "docs-private" / "a.txt").write_text("秘密。", encoding="utf-8")
    (folder / "link.txt").symlink_to(folder.parent / "docs-private" / "a.txt")


def nowhere(folder: Path) -> None:
    (folder / "link.txt").symlink_to(folder / "gone.txt")


def circle(folder: Path) -> None:
    (folder / "link.txt").symlink_to(folder / "link.txt")


@pytest.mark.parametrize(
    "make", [outside_file, outside_folder, relative, sibling_with_the_same_beginning, nowhere, circle]
)
def test_a_link_that_leads_out_or_nowhere_is_a_failure(folder: Path, make: Callable[[Path], None]) -> None:
    make(folder)
    found, failed = read(folder)
    assert set(found) == {"good.txt"}
    assert list(failed) == ["link.txt"]
    assert "link" in failed["link.txt"]


def test_a_link_inside_the_folder_is_read_and_a_link_to_a_folder_inside_is_not_read_twice(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "a.txt").write_text("红米丰收。", encoding="utf-8")
    (folder / "again.txt").symlink_to(folder / "good.txt")
    (folder / "loop").symlink_to(folder)
    found, failed = read(folder)
    assert set(found) == {"good.txt", "again.txt", "sub/a.txt"}
    assert not failed


def test_a_folder_that_is_itself_a_link_is_read(folder: Path) -> None:
    (folder.parent / "alias").symlink_to(folder)
    assert set(read(folder.parent / "alias")[0]) == {"good.txt"}


def test_a_pipe_is_a_failure_and_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe.txt")
    found, failed = read(folder)
    assert set(found) == {"good.txt"}
    assert "no regular file" in failed["pipe.txt"]


def test_a_name_that_is_not_utf_8_is_a_failure_that_can_be_printed(folder: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/\xb4\xf3.txt")).write_text("大桥合龙。", encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes only names in UTF-8")
    found, failed = read(folder)
    assert set(found) == {"good.txt"}
    (name,) = failed
    assert name.encode("utf-8") == rb"\udcb4\udcf3.txt"
    assert "UTF-8" in failed[name]


def test_a_file_that_the_system_refuses_is_a_failure(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "a.txt").write_text("大桥合龙。", encoding="utf-8")
    whole = Path.open

    def refuse(path: Path, mode: str = "r") -> IO[Any]:
        if path.name == "a.txt":
            raise PermissionError(13, "Permission denied")
        return whole(path, mode)

    monkeypatch.setattr(Path, "open", refuse)
    found, failed = read(folder)
    assert set(found) == {"good.txt"}
    assert failed == {"a.txt": "cannot be read: Permission denied"}


def test_a_folder_that_is_missing_or_is_a_file_is_named(folder: Path) -> None:
    with pytest.raises(DocumentsError, match=r"gone' does not exist.*make index"):
        list(read_documents(folder / "gone"))
    with pytest.raises(DocumentsError, match=r"good\.txt' is not a folder.*make index"):
        list(read_documents(folder / "good.txt"))
