"""The documents tab over a real index: what it lists, what it takes, and a rebuild that changes the next answer."""

from pathlib import Path

import gradio as gr
import pytest

from index.build import build_index
from index.settings import IndexSettings
from rag import Engine
from rag.reading.evidence import LexicalReader
from tests.fakes import write_static_model
from tests.rag.pieces import weights
from tests.web.test_chat import chinese
from tests.web.test_markup import read
from web.catalogue import file_of
from web.guard import is_open
from web.library import MAX_UPLOAD_BYTES, REMOVED, Library
from web.texts import ZH

BRIDGE = "青河大桥通车\n本报青河12月1日电 （记者王一）青河大桥全长三公里，今天通车。\n"
HOSTILE = "<script>alert(1)</script>\n青河市今天公布了新的规定，所有商户都要遵守。\n"


@pytest.fixture(name="library")
def small_library(tmp_path: Path) -> Library:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "桥.txt").write_text(BRIDGE, encoding="utf-8")
    (folder / "规定.txt").write_text(HOSTILE, encoding="utf-8")
    (folder / "坏.txt").write_bytes(b"\x00\xff\x00\xff")
    build_index(folder, tmp_path / "index", IndexSettings(embedder=str(write_static_model(tmp_path / "model"))))
    return Library(Engine.open(tmp_path / "index", reader=LexicalReader(), weights=weights()), folder)


def upload(tmp_path: Path, name: str, content: str = "新书首发\n新书昨天首发，卖了三百本。\n") -> str:
    """A file as Gradio hands it over: in a folder of its own, under the name that the browser gave."""
    path = tmp_path / "cache" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return str(path)


def shown(library: Library, query: str = "") -> str:
    return read(library.shown(query, chinese())).text


def take(library: Library, files: object) -> str:
    return str(library.remove("", gr.EventData(None, {"files": files}), chinese())[0])


def opened(library: Library, **data: object) -> object:
    return library.open_article(gr.EventData(None, data), chinese())


def test_the_listing_names_documents_articles_and_failures(library: Library) -> None:
    text = shown(library)
    assert ZH.library_counts.format(2, 2, 2) in text
    assert "青河大桥通车" in text
    assert f"坏.txt{ZH.library_state_failed}" in text
    assert f"桥.txt{ZH.library_state_in}{ZH.library_articles.format(1)}{ZH.library_chunks.format(1)}" in text
    (library.folder / "桥.txt").unlink()
    assert f"桥.txt{ZH.library_state_gone}" in shown(library)


def test_files_are_ticked_by_name(library: Library) -> None:
    boxes = [a for name, a in read(library.shown("", chinese())).elements if name == "input"]
    assert [box["value"] for box in boxes] == ["坏.txt", "桥.txt", "规定.txt"]
    assert boxes[0]["type"] == "checkbox"


@pytest.mark.parametrize("files", [None, "桥.txt", {}, [["桥.txt"]], [1]])
def test_a_forged_tick_takes_nothing(library: Library, files: object) -> None:
    assert ZH.library_nothing in read(take(library, files)).text
    assert library.files() == ["坏.txt", "桥.txt", "规定.txt"]


def test_a_row_of_a_table_belongs_to_its_file() -> None:
    assert file_of("a#1", ["a"]) == "a"
    assert file_of("a#b.jsonl#7", ["a", "a#b.jsonl"]) == "a#b.jsonl"
    assert file_of("a#b.txt", ["a", "a#b.txt"]) == "a#b.txt"
    assert file_of("gone#1", []) == "gone#1"


def test_the_listing_is_narrowed_by_name_and_title(library: Library) -> None:
    assert "规定.txt" not in shown(library, "大桥")
    assert "桥.txt" not in shown(library, "规定.TXT")


def test_an_article_opens_as_text(library: Library) -> None:
    page = read(str(opened(library, doc="规定.txt", article=0)))
    assert "<script>alert(1)</script>" in page.text
    assert "script" not in {name for name, _ in page.elements}


@pytest.mark.parametrize("data", [{}, {"doc": 1, "article": 0}, {"doc": "桥.txt", "article": "0"}])
def test_a_forged_click_opens_nothing(library: Library, data: dict[str, object]) -> None:
    assert opened(library, **data) == gr.skip()


def test_a_document_that_is_not_there_is_told(library: Library) -> None:
    assert "../secret" in read(str(opened(library, doc="../secret", article=0))).text


def test_what_was_added_is_planned_built_and_answered(library: Library, tmp_path: Path) -> None:
    says = library.add([upload(tmp_path, "书.txt")], "", chinese())[0]
    assert ZH.library_added.format("书.txt") in read(says).text
    assert ZH.library_plan.format(1, 0, 0, 2) in read(library.plan(chinese())).text
    assert f"书.txt{ZH.library_state_new}" in shown(library)
    *_, (report, listing) = library.rebuild("", chinese())
    assert ZH.library_built.format(1, 0, 0, 2, "")[:20] in read(report).text
    assert "新书首发" in read(listing).text


def test_a_rebuild_shows_its_progress_first(library: Library) -> None:
    first, *_ = library.rebuild("", chinese())
    assert ZH.library_reading.format(0, 0, 0) in read(first[0]).text


def test_a_file_of_the_same_name_replaces_and_keeps_the_old_one(library: Library, tmp_path: Path) -> None:
    library.add([upload(tmp_path, "桥.txt", "另一座桥\n")], "", chinese())
    assert (library.folder / "桥.txt").read_text(encoding="utf-8") == "另一座桥\n"
    (kept,) = (library.folder / REMOVED).rglob("桥.txt")
    assert kept.read_text(encoding="utf-8") == BRIDGE


@pytest.mark.parametrize("name", ["程序.exe", ".隐藏.txt", "无后缀", "长" * 70 + ".txt", "右\u202e左.txt"])
def test_what_cannot_be_a_document_is_refused_by_name(library: Library, tmp_path: Path, name: str) -> None:
    says = library.add([upload(tmp_path, name)], "", chinese())[0]
    assert "不能添加" in read(says).text
    assert library.files() == ["坏.txt", "桥.txt", "规定.txt"]


def test_a_file_that_is_too_large_is_refused(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "大.txt"
    with path.open("wb") as file:
        file.truncate(MAX_UPLOAD_BYTES + 1)
    assert ZH.library_too_large.format("大.txt", 50) in read(library.add([str(path)], "", chinese())[0]).text


def test_a_link_in_the_folder_is_not_written_through(library: Library, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("外面", encoding="utf-8")
    (library.folder / "链.txt").symlink_to(outside)
    library.add([upload(tmp_path, "链.txt")], "", chinese())
    take(library, ["链.txt"])
    assert outside.read_text(encoding="utf-8") == "外面"
    assert (library.folder / "链.txt").is_symlink()


def test_only_a_file_of_the_folder_can_be_taken_out_and_it_is_kept(library: Library, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("外面", encoding="utf-8")
    says = take(library, ["../outside.txt", "桥.txt", "没有.txt"])
    assert ZH.library_removed.format(1) in read(says).text
    assert outside.exists()
    assert library.files() == ["坏.txt", "规定.txt"]
    (kept,) = (library.folder / REMOVED).rglob("桥.txt")
    assert kept.read_text(encoding="utf-8") == BRIDGE
    *_, (_, listing) = library.rebuild("", chinese())
    assert "青河大桥通车" not in read(listing).text


def test_a_build_that_cannot_be_is_told_and_the_index_stays(library: Library) -> None:
    for name in library.files():
        (library.folder / name).unlink()
    *_, (says, _) = library.rebuild("", chinese())
    assert str(library.folder) in read(says).text
    assert "青河大桥通车" in shown(library)


def test_uploads_are_closed_unless_the_page_takes_documents() -> None:
    for route in ("/gradio_api/upload", "/gradio_api/upload_progress"):
        assert not is_open(route)
        assert is_open(route, uploads=True)
    assert not is_open("/gradio_api/file=/etc/passwd", uploads=True)
    assert not is_open("/upload", uploads=True)
