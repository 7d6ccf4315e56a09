"""A documents folder with what no documents folder should hold: the build names it, and reads the rest."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import index.formats.reading as reading
import index.formats.row_files as row_files
from index import build_index, open_index
from index.documents import READERS, read_documents
from index.formats.reading import ReadItem
from index.settings import IndexSettings
from index.types import Document, Failure

GOOD = "大桥通车\n\n大桥昨天通车，全长三公里。\n"


def read(folder: Path) -> tuple[list[str], dict[str, str]]:
    """Ids of documents, and reasons of failures by path."""
    items = list(read_documents(folder))
    failed = {item.path: item.reason for item in items if isinstance(item, Failure)}
    return [item.doc_id for item in items if isinstance(item, Document)], failed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "good.txt").write_text(GOOD, encoding="utf-8")
    return tmp_path / "docs"


def test_names_of_any_shape_are_read_or_named(folder: Path) -> None:
    names = [
        "a\nb.txt",
        "q\"u'o`te.txt",
        "..txt.txt",
        "a..b.txt",
        "\u202egnp.txt",
        "好" * 83 + "ab.txt",
        "$(id).txt",
        "-rf.txt",
    ]
    assert len(names[5].encode()) == 255
    for name in names:
        (folder / name).write_text(GOOD, encoding="utf-8")
    (folder / os.fsdecode(b"\xff\xfe.txt")).write_text(GOOD, encoding="utf-8")
    found, failed = read(folder)
    assert set(found) == {"good.txt", *names} - {"..txt.txt"}, "a name that begins with a dot is hidden"
    assert failed == {"\\udcff\\udcfe.txt": "its name is not valid UTF-8: rename the file"}


def test_pipes_devices_sockets_and_circles_do_not_block(folder: Path) -> None:
    os.mkfifo(folder / "pipe.txt")
    os.mkfifo(folder / "pipe.pdf")
    (folder / "endless.txt").symlink_to("/dev/zero")
    (folder / "self.txt").symlink_to(folder / "self.txt")
    (folder / "a").mkdir()
    (folder / "a" / "up").symlink_to(folder)
    (folder / "a" / "down").symlink_to(folder / "a")
    found, failed = read(folder)
    assert found == ["good.txt"]
    assert set(failed) == {"pipe.txt", "pipe.pdf", "endless.txt", "self.txt"}


def test_nobody_reads_out_of_the_folder(folder: Path) -> None:
    (folder.parent / "secret.txt").write_text("秘密", encoding="utf-8")
    for name, target in {
        "up.txt": "../secret.txt",
        "abs.txt": str(folder.parent / "secret.txt"),
        "etc": "/etc",
    }.items():
        (folder / name).symlink_to(target)
    found, failed = read(folder)
    assert found == ["good.txt"]
    assert all("leads out of the documents folder" in failed[name] for name in ("up.txt", "abs.txt", "etc"))


def test_a_line_of_50_mb_is_a_failure_and_the_others_are_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a limit of 5 kB: what is counted is how much of the line was in memory at once."""
    monkeypatch.setattr(row_files, "MAX_FILE_BYTES", 5000)
    line = '{{"id": "{}", "text": "{}"}}\n'
    (folder / "rows.jsonl").write_text(
        line.format(1, "大桥通车。") + line.format(2, "长" * 50_000) + line.format(3, "水稻丰收。"), encoding="utf-8"
    )
    found, failed = read(folder)
    assert found == ["good.txt", "rows.jsonl#1", "rows.jsonl#3"]
    assert list(failed) == ["rows.jsonl line 2"]


def test_a_file_that_grows_while_it_is_read_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_FILE_BYTES", 100)
    fstat = os.fstat

    def grow(descriptor: int) -> os.stat_result:
        size = fstat(descriptor)
        with (folder / "good.txt").open("ab") as file:
            file.write(b"x" * 1000)
        return size

    monkeypatch.setattr(os, "fstat", grow)
    found, failed = read(folder)
    assert not found or failed == {}
    assert len(found) + len(failed) == 1


@pytest.mark.parametrize(
    "error", [FileNotFoundError(2, "gone"), PermissionError(13, "Permission denied"), OSError(5, "I/O error")]
)
def test_a_file_that_is_gone_or_closed_when_its_turn_comes_stops_no_other(
    folder: Path, tmp_path: Path, settings: IndexSettings, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    (folder / "bad.txt").write_text(GOOD, encoding="utf-8")
    text = READERS[".txt"]

    def fail(path: Path, doc_id: str) -> Iterator[ReadItem]:
        if path.name == "bad.txt":
            raise error
        yield from text(path, doc_id)

    monkeypatch.setitem(READERS, ".txt", fail)
    report = build_index(folder, tmp_path / "out", settings)
    assert [(one.path, one.reason) for one in report.failed] == [("bad.txt", f"cannot be read: {error.strerror}")]
    assert [article.title for article in open_index(tmp_path / "out").articles()] == ["大桥通车"]
