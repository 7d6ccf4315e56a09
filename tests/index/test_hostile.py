"""One folder with everything that goes wrong: each file is named with its reason, and the good one is read."""

import os
import re
from pathlib import Path

import pytest

import index.formats.reading as reading
from index import build_index, open_index
from index.__main__ import main
from index.documents import read_documents
from index.settings import IndexSettings
from index.types import Document, Failure

from ..files import Put, bomb, forms_in_forms, pdf, raw_pdf, replaced, word, word_of
from .pages import BRIDGE

GOOD_WORD = word(["大桥合龙。"])
GOOD_PDF = pdf([[Put(60, 100, "大桥合龙。")]])
ENTITIES = '<!DOCTYPE a [<!ENTITY a "哈哈哈哈哈哈哈哈哈哈">' + "".join(
    f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 20}">' for i in range(8)
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
NO_PAGES = raw_pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"])

HOSTILE: dict[str, tuple[str, bytes, str]] = {
    "a truncated PDF": ("a.pdf", GOOD_PDF[:700], "truncated"),
    "an encrypted PDF": ("a.pdf", pdf([[Put(60, 100, "秘密。")]], password="secret"), "encrypted"),
    "a scanned PDF": ("a.pdf", pdf([[]], pictures=[0]), "no text layer"),
    "a PDF whose pages are its own children": ("a.pdf", NO_PAGES, "no PDF|no text|page 1 cannot be read"),
    "a PDF that is none": ("a.pdf", b"<html>not found</html>", "is no PDF"),
    "a PDF of nothing": ("a.pdf", b"", "is empty"),
    "a PDF of 5,000 pages": ("a.pdf", pdf([[]] * 5000), "has 5000 pages, the limit is 2000: split it"),
    "a truncated Word document": ("a.docx", GOOD_WORD[: len(GOOD_WORD) // 2], "truncated"),
    "an encrypted Word document": ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    "an old Word document": ("a.docx", OLE + bytes(99), "old .doc"),
    "a bomb in a Word document": ("a.docx", bomb(GOOD_WORD, 70 * 2**20), "unpacks to"),
    "entities in a Word document": ("a.docx", word_of("<w:p/>", f"{ENTITIES}]>"), "holds no text"),
    "a Word document nested without end": ("a.docx", word_of("<w:sdt>" * 9999 + "</w:sdt>" * 9999), "xcessive depth"),
    "another package": ("a.docx", replaced(GOOD_WORD, {"[Content_Types].xml": b"<a/>"}), "no Word document"),
    "a web page nested without end": ("a.html", b"<div>" * 90_000 + "大桥。".encode(), "no article|no HTML"),
    "a binary web page": ("a.html", bytes(range(256)) * 20, "no HTML|no article|NUL"),
    "a table without headings": ("a.csv", b"\0\1\2" * 99, "heading row"),
    "a binary text": ("a.txt", GOOD_PDF[:9] + bytes(99), "binary or damaged"),
    "a text of spaces": ("a.txt", b" \n" * 99, "holds no text"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_cannot_be_read_is_named_and_stops_no_other(folder: Path, name: str) -> None:
    file, data, reason = HOSTILE[name]
    (folder / file).write_bytes(data)
    (folder / "good.txt").write_text("大桥合龙。", encoding="utf-8")
    (folder / "z.docx").write_bytes(GOOD_WORD)
    items = list(read_documents(folder))
    assert [item.doc_id for item in items if isinstance(item, Document)] == ["good.txt", "z.docx"]
    (failure,) = (item for item in items if isinstance(item, Failure))
    assert failure.path == file
    assert re.search(reason, failure.reason), failure.reason


def test_a_large_file_is_refused_before_it_is_read(folder: Path) -> None:
    for name in ("a.txt", "b.pdf", "c.html"):
        with (folder / name).open("wb") as file:
            file.truncate(200 * 2**20)  # a hole: nothing is written
    reasons = [item.reason for item in read_documents(folder) if isinstance(item, Failure)]
    assert reasons == ["has 200 MB, the limit is 50 MB: split it, or use .jsonl"] * 3


@pytest.mark.parametrize("name", ["it's.txt", 'a"b.txt', "a\nb.txt", "a..b..txt", "-rf.txt", "${HOME}.txt", "a#b.txt"])
def test_a_strange_name_is_a_name(folder: Path, name: str) -> None:
    (folder / name).write_text("大桥合龙。", encoding="utf-8")
    (document,) = read_documents(folder)
    assert isinstance(document, Document) and document.doc_id == name


def test_a_folder_that_cannot_be_listed_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        (folder / name).mkdir()
        (folder / name / "d.txt").write_text("大桥合龙。", encoding="utf-8")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("b"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    items = list(read_documents(folder))
    assert [item.doc_id for item in items if isinstance(item, Document)] == ["a/d.txt", "c/d.txt"]
    assert [item for item in items if isinstance(item, Failure)] == [
        Failure("b/", "the folder cannot be listed: Permission denied")
    ]


def test_pages_without_text_are_failures_each_time_the_folder_is_read(folder: Path) -> None:
    (folder / "a.pdf").write_bytes(pdf([[Put(60, 100, "大桥合龙。")], [], []], pictures=[1, 2]))
    first = list(read_documents(folder))
    known = {item.doc_id: item for item in first if isinstance(item, Document)}
    again = list(read_documents(folder, lambda doc_id, sha256: known.get(doc_id)))
    assert first == again
    assert [item.path for item in first if isinstance(item, Failure)] == ["a.pdf pages 2-3"]


def test_what_is_known_is_not_parsed_again_and_what_changed_is(folder: Path) -> None:
    (folder / "a.docx").write_bytes(GOOD_WORD)
    (before,) = read_documents(folder)
    asked: list[tuple[str, str]] = []

    def known(doc_id: str, sha256: str) -> Document | None:
        asked.append((doc_id, sha256))
        return Document(doc_id, "从前读到的。", sha256) if sha256 == before.sha256 else None

    assert isinstance(before, Document)
    (document,) = read_documents(folder, known)
    assert isinstance(document, Document) and document.text == "从前读到的。"
    (folder / "a.docx").write_bytes(word(["改了。"]))
    (document,) = read_documents(folder, known)
    assert isinstance(document, Document) and document.text == "改了。"
    assert [doc_id for doc_id, _ in asked] == ["a.docx", "a.docx"]
    assert asked[0][1] == before.sha256 != asked[1][1]


def test_the_failures_of_a_build_are_listed(
    folder: Path, out: Path, model_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "good.txt").write_text("\n".join(BRIDGE), encoding="utf-8")
    (folder / "a.pdf").write_bytes(forms_in_forms(3))
    (folder / "b\n.docx").write_bytes(GOOD_WORD[:99])
    report = build_index(folder, out, IndexSettings(embedder=str(model_folder)))
    assert [failure.path for failure in report.failed] == ["a.pdf", "b\n.docx"]
    assert main(["info", "--index", str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(": ")[2] for line in lines if line.startswith("  not read: ")] == [
        f"a.pdf: {report.failed[0].reason}",
        f"'b\\n.docx': {report.failed[1].reason}",
    ]
    assert len(list(open_index(out).articles())) == 1


def test_a_small_file_that_holds_too_much_text_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_FILE_BYTES", len(GOOD_WORD))
    (folder / "a.docx").write_bytes(GOOD_WORD)
    (folder / "b.docx").write_bytes(GOOD_WORD + b" ")
    items = list(read_documents(folder))
    assert isinstance(items[0], Document) and isinstance(items[1], Failure)
