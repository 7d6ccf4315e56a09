"""Backup and restore: what is saved comes back, also while the app runs; nothing forged or damaged gets in."""

import io
import json
import os
import sqlite3
import stat
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from eval.feedback import FeedbackStore, feedback_on, read_feedback
from index.build import build_index
from index.errors import IndexBusyError, IndexDamagedError, IndexMissingError
from index.generation.place import locked
from index.settings import IndexSettings
from index.store import live_generation, open_index, verify_index
from rag.types import Answer
from tests.web.conftest import LIBRARY
from web.backup.__main__ import main
from web.backup.archive import CHATS, CONTENTS, FEEDBACK, BackupError
from web.backup.saving import Places, check, restore, save
from web.conversations import ConversationStore, Kept, new_token
from web.types import Exchange

OWNER = new_token()


@pytest.fixture(name="places")
def kept_places(tmp_path: Path) -> Places:
    """An index of two documents, one rating and one conversation."""
    documents = tmp_path / "documents"
    documents.mkdir()
    for name, text in LIBRARY.items():
        (documents / name).write_text(text, encoding="utf-8")
    places = Places.beside(tmp_path / "index")
    build_index(documents, places.index, IndexSettings())
    rated = feedback_on(
        Answer("问", "问", "答", False, 0.9), "right", key="1", created="2026-01-01", history=(), generation="g"
    )
    FeedbackStore(places.feedback).add(rated)
    ConversationStore(places.chats).save(OWNER, Kept("", 0), [Exchange(0, "新桥设计", "notice", "答")], 1)
    return places


def files_of(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as tar:
        return {entry.name: tar.extractfile(entry).read() for entry in tar if entry.isreg()}  # type: ignore[union-attr]


def write(archive: Path, files: dict[str, bytes], more: Callable[[tarfile.TarFile], None] = lambda tar: None) -> None:
    with tarfile.open(archive, "w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
        more(tar)


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tar.xz"])
def test_what_is_saved_comes_back(places: Places, tmp_path: Path, suffix: str) -> None:
    archive = tmp_path / f"saved{suffix}"
    contents = save(archive, places)
    assert check(archive) == contents
    other = Places.beside(tmp_path / "elsewhere" / "index")
    assert restore(archive, other) == contents
    assert verify_index(other.index) == []
    assert open_index(other.index).generation == open_index(places.index).generation
    opened = open_index(other.index).document("桥.txt")
    assert opened is not None
    assert opened.text == LIBRARY["桥.txt"]
    assert [one.question for one in read_feedback(other.feedback)] == ["问"]
    (entry,) = ConversationStore(other.chats).entries(OWNER, "")
    assert entry.title == "新桥设计"
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"documents", "elsewhere", "index", "index-feedback.sqlite", "index-chats.sqlite", archive.name}


def test_archive_and_restored_files_are_for_their_owner_only(places: Places, tmp_path: Path) -> None:
    archive, other = tmp_path / "saved.tar", Places.beside(tmp_path / "other")
    victim = tmp_path / "victim"
    victim.write_text("kept", encoding="utf-8")
    (tmp_path / ".saved.tar.part").symlink_to(victim)  # as somebody else may lay it into a folder that is everybody's
    save(archive, places)
    restore(archive, other)
    for path in (archive, places.feedback, places.chats, other.feedback, other.chats):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert victim.read_text(encoding="utf-8") == "kept"


def test_the_archive_says_nothing_of_this_machines_users(places: Places, tmp_path: Path) -> None:
    save(tmp_path / "saved.tar", places)
    with tarfile.open(tmp_path / "saved.tar") as tar:
        assert {(one.uid, one.gid, one.uname, one.gname, one.mode) for one in tar} == {(0, 0, "", "", 0o600)}


def test_it_is_saved_while_others_write_and_a_build_has_gone_on(places: Places, tmp_path: Path) -> None:
    with closing(sqlite3.connect(places.chats, isolation_level=None)) as other:
        other.execute("begin immediate")
        other.execute("delete from conversations")
        save(tmp_path / "saved.tar", places)
        other.execute("rollback")
    before = live_generation(places.index)
    for text in ("一", "二"):  # the second build removes the generation that was saved
        (tmp_path / "documents" / "新.txt").write_text(f"新闻{text}\n新闻{text}的正文。\n", encoding="utf-8")
        build_index(tmp_path / "documents", places.index, IndexSettings())
    assert live_generation(places.index) != before
    reader = open_index(places.index)
    restore(tmp_path / "saved.tar", places, force=True)
    assert live_generation(places.index) == before
    assert len(ConversationStore(places.chats).entries(OWNER, "")) == 1
    assert reader.document("新.txt") is not None  # who has it open goes on with what he has
    build_index(tmp_path / "documents", places.index, IndexSettings())
    assert open_index(places.index).document("新.txt") is not None


def test_feedback_and_chats_need_not_be_there(places: Places, tmp_path: Path) -> None:
    places.feedback.unlink()
    places.chats.unlink()
    contents = save(tmp_path / "saved.tar", places)
    assert not {FEEDBACK, CHATS} & contents["files"].keys()
    restore(tmp_path / "saved.tar", Places.beside(tmp_path / "other"))
    assert not (tmp_path / "other-chats.sqlite").exists()


def test_nothing_is_replaced_unasked(places: Places, tmp_path: Path) -> None:
    save(tmp_path / "saved.tar", places)
    with pytest.raises(BackupError, match=r"index-feedback\.sqlite.* is there already\. To replace it: --force"):
        restore(tmp_path / "saved.tar", places)


def test_a_build_that_runs_is_waited_for_by_its_owner(places: Places, tmp_path: Path) -> None:
    save(tmp_path / "saved.tar", places)
    with locked(places.index), pytest.raises(IndexBusyError):
        restore(tmp_path / "saved.tar", places, force=True)


def test_a_damaged_index_is_not_saved(places: Places, tmp_path: Path) -> None:
    file = places.index / "generations" / live_generation(places.index) / "chunks.npy"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.unlink()
    file.write_bytes(data)
    with pytest.raises(BackupError, match=r"chunks\.npy is not what was built"):
        save(tmp_path / "saved.tar", places)
    file.write_bytes(data[:-1])
    file.with_name("manifest.json").unlink()
    with pytest.raises(IndexDamagedError):
        save(tmp_path / "saved.tar", places)
    assert not [path for path in tmp_path.iterdir() if "saved" in path.name or "backup" in path.name]


def test_no_index_and_no_kind_of_archive_are_told(places: Places, tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError):
        save(tmp_path / "saved.tar", Places.beside(tmp_path / "none"))
    with pytest.raises(BackupError, match=r"must end in \.tar, "):
        save(tmp_path / "saved.zip", places)


def test_a_file_that_is_no_database_is_told(places: Places, tmp_path: Path) -> None:
    places.chats.write_bytes(b"no database" * 500)
    with pytest.raises(BackupError, match=r"chats\.sqlite cannot be copied"):
        save(tmp_path / "saved.tar", places)


def flip(files: dict[str, bytes]) -> None:
    name = next(one for one in files if one.endswith("chunks.npy"))
    files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])


def shorten(files: dict[str, bytes]) -> None:
    name = next(one for one in files if one.endswith("chunks.npy"))
    files[name] = files[name][:-1]


def lose(files: dict[str, bytes]) -> None:
    del files[next(one for one in files if one.endswith("chunks.npy"))]


def relist(change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, bytes]], None]:
    def apply(files: dict[str, bytes]) -> None:
        contents = json.loads(files[CONTENTS])
        change(contents)
        files[CONTENTS] = json.dumps(contents).encode("utf-8")

    return apply


def climb(name: str) -> Callable[[dict[str, bytes]], None]:
    """A file outside of the folder, named by the list as well."""

    def apply(files: dict[str, bytes]) -> None:
        files[name] = b"x"
        record = {"bytes": 1, "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}
        relist(lambda contents: contents["files"].update({name: record}))(files)

    return apply


DAMAGES: list[tuple[Callable[[dict[str, bytes]], object], str]] = [
    (flip, "its hash differs"),
    (shorten, "is no file of"),
    (lose, r"chunks\.npy is missing"),
    (lambda files: files.update({"index/more": b"x"}), "which its list does not name"),
    (climb("../escaped"), "belongs to no backup"),
    (climb("index/../../escaped"), "belongs to no backup"),
    (climb("/tmp/escaped"), "belongs to no backup"),
    (climb("escaped"), "belongs to no backup"),
    (climb(""), "is damaged, or is no backup"),
    (relist(lambda contents: contents.update(format=2)), "has format 2, this program reads 1"),
    (relist(lambda contents: contents["files"].pop("index/CURRENT")), "holds no index"),
    (relist(lambda contents: contents.update(files=[])), "is damaged, or is no backup"),
    (lambda files: files.update({CONTENTS: b"{"}), "is damaged, or is no backup"),
    (lambda files: files.pop(CONTENTS), r"does not begin with contents\.json"),
]


@pytest.mark.parametrize(("damage", "says"), DAMAGES, ids=range(len(DAMAGES)))
def test_what_is_damaged_or_forged_changes_nothing(
    places: Places, tmp_path: Path, damage: Callable[[dict[str, bytes]], object], says: str
) -> None:
    save(tmp_path / "saved.tar", places)
    files = files_of(tmp_path / "saved.tar")
    damage(files)
    write(tmp_path / "bad.tar", files)
    before = sorted(os.walk(tmp_path))
    with pytest.raises(BackupError, match=says):
        check(tmp_path / "bad.tar")
    with pytest.raises(BackupError, match=says):
        restore(tmp_path / "bad.tar", places, force=True)
    assert sorted(os.walk(tmp_path)) == before
    assert not (tmp_path.parent / "escaped").exists()


def test_a_link_in_the_place_of_a_file_is_not_followed(places: Places, tmp_path: Path) -> None:
    save(tmp_path / "saved.tar", places)
    files = files_of(tmp_path / "saved.tar")
    name = next(one for one in files if one.endswith("chunks.npy"))
    del files[name]

    def link(tar: tarfile.TarFile) -> None:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(entry)

    write(tmp_path / "bad.tar", files, link)
    with pytest.raises(BackupError, match="is no file of"):
        restore(tmp_path / "bad.tar", Places.beside(tmp_path / "other"))


@pytest.mark.parametrize("keep", [0, 100, -700])
def test_a_truncated_archive_is_told(places: Places, tmp_path: Path, keep: int) -> None:
    save(tmp_path / "saved.tar.gz", places)
    data = (tmp_path / "saved.tar.gz").read_bytes()
    (tmp_path / "bad.tar.gz").write_bytes(data[:keep])
    with pytest.raises(BackupError, match=r"is damaged|is no backup"):
        check(tmp_path / "bad.tar.gz")


@pytest.mark.parametrize("suffix", [".tar.gz", ".tar.xz"])
def test_a_flipped_bit_is_told_or_changes_nothing(places: Places, tmp_path: Path, suffix: str) -> None:
    archive = tmp_path / f"saved{suffix}"
    contents, n_told = save(archive, places), 0
    data = archive.read_bytes()
    for at in range(20, len(data), len(data) // 20):
        archive.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        try:
            assert check(archive) == contents  # padding of the archive, or the name in gzip's header
        except BackupError:
            n_told += 1
    assert n_told >= 10


def test_the_command_says_what_it_did_and_what_is_wrong(
    places: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = str(tmp_path / "saved.tar.gz")
    assert main(["save", archive, "--index", str(places.index)]) == 0
    assert f"generation {live_generation(places.index)}" in capsys.readouterr().out
    assert main(["check", archive]) == 0
    assert "with feedback.sqlite, chats.sqlite" in capsys.readouterr().out
    assert main(["restore", archive, "--index", str(places.index)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["restore", archive, "--index", str(places.index), "--force"]) == 0
    with pytest.raises(SystemExit):
        main(["save", archive, "--index", "milvus+http://127.0.0.1:19530/news"])
    assert "is saved by Milvus' own backup" in capsys.readouterr().err
    assert main(["check", str(tmp_path / "none.tar")]) == 2
    assert "There is no archive" in capsys.readouterr().err.splitlines()[-1]
