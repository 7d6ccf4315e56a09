"""Feedback and conversations on a full disk, locked, damaged: the chat goes on, and they are kept again afterwards."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import eval.feedback
import web.conversations
from eval.feedback import FeedbackStore, feedback_on, read_feedback
from rag.types import Answer
from web.conversations import ConversationsError, ConversationStore, Kept, new_token
from web.types import Exchange

OWNER = "0" * 32


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def exchange(text: str) -> tuple[Exchange, ...]:
    answer = Answer("桥多长？", "桥多长？", text, False, 0.9)
    return (Exchange(0, "桥多长？", status="done", text=text, answer=answer),)


def rate(store: FeedbackStore, key: str, text: str = "620米。") -> None:
    answer = Answer("桥多长？", "桥多长？", text, False, 0.9)
    store.add(feedback_on(answer, "right", key=key, created="2026-01-01", history=(), generation="g"))


def fill(disk: Path) -> Path:
    """Takes all that is left."""
    file = disk / "full"
    with file.open("wb", buffering=0) as handle:
        try:
            while handle.write(b"\0" * 512):
                pass
        except OSError:
            pass
    return file


def test_conversations_on_a_full_disk_are_told_and_kept_when_there_is_space(small_disk: Path) -> None:
    store = ConversationStore(small_disk / "chats.sqlite")
    first = store.save(OWNER, Kept(new_token(), 0), exchange("第一个回答。"), 1)
    full = fill(small_disk)
    with pytest.raises(ConversationsError, match=r"chats\.sqlite: .*(full|I/O|open)"):
        store.save(OWNER, Kept(new_token(), 0), exchange("很长的回答。" * 4000), 1)
    loaded = store.load(OWNER, first.key)
    assert loaded is not None and loaded.exchanges[0].text == "第一个回答。"
    full.unlink()
    second = store.save(OWNER, Kept(new_token(), 0), exchange("第二个回答。"), 1)
    assert {entry.key for entry in store.entries(OWNER)} == {first.key, second.key}


def test_a_rating_on_a_full_disk_is_told_and_kept_when_there_is_space(small_disk: Path) -> None:
    store = FeedbackStore(small_disk / "feedback.sqlite")
    rate(store, "a")
    full = fill(small_disk)
    with pytest.raises(sqlite3.OperationalError, match=r"full|I/O|open"):
        rate(store, "b", "很长的回答。" * 4000)
    full.unlink()
    rate(store, "c")
    assert [one.key for one in read_feedback(store.path)] == ["a", "c"]


def test_locked_files_are_told_soon_and_written_when_they_are_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web.conversations, "LOCK_TIMEOUT_S", 0.05)
    monkeypatch.setattr(eval.feedback, "LOCK_TIMEOUT_S", 0.05)
    chats, feedback = ConversationStore(tmp_path / "chats.sqlite"), FeedbackStore(tmp_path / "feedback.sqlite")
    store_both = (lambda: chats.save(OWNER, Kept(new_token(), 0), exchange("答。"), 1), lambda: rate(feedback, "a"))
    for store in store_both:
        store()
    with closing(sqlite3.connect(chats.path)) as one, closing(sqlite3.connect(feedback.path)) as other:
        one.execute("begin exclusive")
        other.execute("begin exclusive")
        with pytest.raises(ConversationsError, match="locked"):
            store_both[0]()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            store_both[1]()
    for store in store_both:
        store()
    assert (len(chats.entries(OWNER)), len(list(read_feedback(feedback.path)))) == (2, 1)
