"""The file of conversations: what is read is what was kept, by its owner only, within its bounds."""

import json
import sqlite3
import stat
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType

import pytest

from rag.types import Answer, Citation, Claim, Notice, Related
from tests.web.conftest import LIBRARY
from tests.web.fakes import FakeEngine
from web import conversations
from web.conversations import ConversationsError, ConversationStore, Kept, is_token, new_token
from web.types import Exchange

OWNER, OTHER = new_token(), new_token()
NEVER = Kept("k", 0)
ANSWER = Answer(
    question="它多长？\ud800",
    standalone_question="新桥多长？",
    text="三百米[1]。可能更长。",
    refused=False,
    confidence=0.1 + 0.2,
    short="三百米",
    citations=(
        Citation(1, "桥.pdf", 2, "新桥", 7, 10, "三百米", "2021-12-23", "日报", 4),
        Citation(1, "桥.pdf", 2, "新桥", 20, 21, "。"),
    ),
    claims=(Claim(0, 6, (1,)), Claim(6, 11, (), supported=False)),
    hits=tuple(FakeEngine(LIBRARY).retrieve("桥")),
    related=(Related("港口.txt", 0, "北港", "--12-23", 3, 9),),
    timings_ms=MappingProxyType({"bm25": 0.25, "total": 12.5}),
    filters=("日期：2021",),
    notices=(Notice("“宽度”没有查到", "“宽度” was not found"),),
    suggestions=("谁设计的？",),
    model="qwen",
    reranker="bge",
    is_small_talk=True,
)
EXCHANGES = (
    Exchange(0, "  \n", "notice", "请先写下问题"),
    Exchange(2, "它多长？", "done", ANSWER.text, ANSWER, "gen-7", ("谁设计的？", "多宽？")),
    Exchange(3, "说说 <b>桥</b> \x00\udfff", "stopped", "桥"),
)


@pytest.fixture
def store(tmp_path: Path) -> ConversationStore:
    return ConversationStore(tmp_path / "chats.sqlite")


def asked(*questions: str) -> tuple[Exchange, ...]:
    return tuple(Exchange(number, question, "stopped") for number, question in enumerate(questions))


def test_what_is_read_is_what_was_kept_but_for_the_hits(store: ConversationStore) -> None:
    default = Answer("", "", "", False, 0.0)
    same = [one.name for one in fields(Answer) if getattr(ANSWER, one.name) == getattr(default, one.name)]
    assert same == ["refused"]  # every other field has something to lose
    kept = store.save(OWNER, NEVER, EXCHANGES, 9)
    read = store.load(OWNER, "k")
    assert read is not None
    assert kept == read.kept == Kept("k", 1)
    assert read.next_number == 9
    answer = replace(ANSWER, hits=(), timings_ms=dict(ANSWER.timings_ms))
    assert read.exchanges == (EXCHANGES[0], replace(EXCHANGES[1], answer=answer), EXCHANGES[2])
    assert store.latest(OWNER) == read


def test_what_was_said_of_an_answer_before_there_was_english_is_still_read(store: ConversationStore) -> None:
    store.save(OWNER, NEVER, EXCHANGES, 9)
    with closing(sqlite3.connect(store.path)) as file, file:
        (packed,) = file.execute("select exchanges from conversations").fetchone()
        rows = json.loads(packed.decode("utf-8", "surrogatepass"))
        (notice,) = rows[1]["answer"].pop("notices")
        rows[1]["answer"]["notice"] = notice["chinese"]
        older = json.dumps(rows, ensure_ascii=False).encode("utf-8", "surrogatepass")
        file.execute("update conversations set exchanges = ?", (older,))
    read = store.load(OWNER, "k")
    assert read is not None
    assert read.exchanges[1].answer is not None
    assert read.exchanges[1].answer.notices == (Notice(ANSWER.notice, ANSWER.notice),)


def test_an_answer_under_way_is_kept_as_such(store: ConversationStore) -> None:
    store.save(OWNER, NEVER, [Exchange(0, "问", "answering", "一半")], 1)
    assert store.load(OWNER, "k").exchanges == (Exchange(0, "问", "answering", "一半"),)  # type: ignore[union-attr]


def test_nothing_of_another_owner_is_found_changed_or_deleted(store: ConversationStore) -> None:
    store.save(OWNER, NEVER, EXCHANGES, 4)
    before = store.load(OWNER, "k")
    for stranger in (OTHER, "", "%", OWNER[:-1], OWNER.upper(), "' or 1=1 --"):
        assert store.load(stranger, "k") is None
        assert store.latest(stranger) is None
        assert store.entries(stranger) == store.entries(stranger, "桥") == ()
        store.rename(stranger, "k", "偷")
        store.remove(stranger, "k")
        store.save(stranger, NEVER, asked("我的"), 1)  # under the same key
        store.remove(stranger, "k")
    assert store.load(OWNER, "k") == before
    assert [one.title for one in store.entries(OWNER)] == ["它多长？"]


@pytest.mark.parametrize("key", ["", "x", "%", "k' or '1'='1"])
def test_a_forged_key_opens_nothing(store: ConversationStore, key: str) -> None:
    store.save(OWNER, NEVER, EXCHANGES, 4)
    assert store.load(OWNER, key) is None


def test_tokens_are_long_random_and_recognised() -> None:
    assert len({new_token() for _ in range(100)}) == 100
    assert is_token(new_token())
    for forged in (None, 5, "", OWNER[1:], OWNER + "0", OWNER + "\n", "g" * 32, "Ａ" * 32, [OWNER]):
        assert not is_token(forged)


def test_the_list_has_the_last_used_first_and_is_searched_and_renamed(store: ConversationStore) -> None:
    store.save(OWNER, Kept("a", 0), asked("新桥\n多长"), 1)
    store.save(OWNER, Kept("b", 0), (Exchange(0, "Where is it?", "stopped", "在 STRASSE 100%"),), 1)
    store.save(OWNER, Kept("a", 1), asked("新桥\n多长", "多宽"), 2)
    assert [(one.key, one.title) for one in store.entries(OWNER)] == [("a", "新桥 多长"), ("b", "Where is it?")]
    for query, found in [
        ("多宽", "a"),
        ("WHERE", "b"),
        ("straße", "b"),
        ("100%", "b"),
        ("%", "b"),
        ("_", ""),
        (" ", "ab"),
    ]:
        assert "".join(one.key for one in store.entries(OWNER, query)) == found, query
    store.rename(OWNER, "b", "  地址 \ud800 " + "长" * 100)
    (named,) = store.entries(OWNER, "地址")
    assert named.title == ("地址 ? " + "长" * 100)[: conversations.MAX_TITLE_CHARS]
    store.save(OWNER, Kept("b", 1), asked("别的"), 2)
    assert store.entries(OWNER)[0].title == named.title  # it is kept when the conversation goes on
    store.rename(OWNER, "b", " ")
    assert store.entries(OWNER)[0].title == "别的"


def test_two_pages_with_one_conversation_lose_nothing(store: ConversationStore) -> None:
    shared = store.save(OWNER, NEVER, asked("一"), 1)
    ours = store.save(OWNER, shared, asked("一", "二"), 2)
    theirs = store.save(OWNER, shared, asked("一", "三"), 2)
    assert ours == Kept("k", 2)
    assert theirs.key != "k"
    assert store.load(OWNER, "k").exchanges == asked("一", "二")  # type: ignore[union-attr]
    assert store.load(OWNER, theirs.key).exchanges == asked("一", "三")  # type: ignore[union-attr]
    store.remove(OWNER, "k")
    again = store.save(OWNER, ours, asked("一", "二", "四"), 3)  # deleted by another page
    assert again.key not in ("k", theirs.key)


def test_what_is_deleted_is_gone_from_the_file(store: ConversationStore) -> None:
    store.save(OWNER, NEVER, asked("very secret question"), 1)
    assert b"very secret question" in store.path.read_bytes()
    store.remove(OWNER, "k")
    assert store.entries(OWNER) == ()
    assert b"very secret question" not in store.path.read_bytes()


def test_only_the_newest_conversations_of_an_owner_stay(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversations, "MAX_CONVERSATIONS", 2)
    store.save(OTHER, NEVER, asked("另一个人的"), 1)
    for key in "abc":
        store.save(OWNER, Kept(key, 0), asked(key), 1)
    assert [one.key for one in store.entries(OWNER)] == ["c", "b"]
    assert [one.key for one in store.entries(OTHER)] == ["k"]


def test_of_a_long_conversation_the_end_stays(store: ConversationStore) -> None:
    long = "长" * (conversations.MAX_CONVERSATION_BYTES // 3 // 3)
    store.save(OWNER, NEVER, asked(*(f"{n}{long}" for n in range(4)), "巨" * conversations.MAX_CONVERSATION_BYTES), 5)
    assert [one.number for one in store.load(OWNER, "k").exchanges] == [2, 3]  # type: ignore[union-attr]
    assert store.load(OWNER, "k").next_number == 5  # type: ignore[union-attr]


def test_a_full_file_says_so_and_keeps_what_it_has(store: ConversationStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store.save(OWNER, NEVER, asked("一"), 1)
    monkeypatch.setattr(conversations, "MAX_FILE_BYTES", 20_000)
    with pytest.raises(ConversationsError, match="full"):
        store.save(OWNER, Kept("big", 0), asked("长" * 30_000), 1)
    assert [one.key for one in store.entries(OWNER)] == ["k"]


def test_only_its_owner_on_this_machine_may_read_the_file(store: ConversationStore) -> None:
    assert store.entries(OWNER) == ()
    assert store.latest(OWNER) is store.load(OWNER, "k") is None
    store.remove(OWNER, "k")
    assert not store.path.exists()  # asking alone makes no file
    store.save(OWNER, NEVER, asked("一"), 1)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_a_locked_file_is_told(store: ConversationStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversations, "LOCK_TIMEOUT_S", 0.01)
    kept = store.save(OWNER, NEVER, asked("一"), 1)
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(ConversationsError, match="locked"):
            store.save(OWNER, kept, asked("一", "二"), 2)
        other.execute("rollback")
    assert store.save(OWNER, kept, asked("一", "二"), 2) == Kept("k", 2)


@pytest.mark.parametrize(
    "content", [b"no database at all, but longer than its header" * 40, b"SQLite format 3\x00junk"]
)
def test_a_file_that_is_not_ours_is_told(store: ConversationStore, content: bytes) -> None:
    store.path.write_bytes(content)
    with pytest.raises(ConversationsError, match=store.path.name):
        store.latest(OWNER)
    assert store.path.read_bytes() == content


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConversationsError, match="missing"):
        ConversationStore(tmp_path / "missing" / "c.sqlite").save(OWNER, NEVER, asked("一"), 1)


@pytest.mark.parametrize(
    "change",
    [
        "update conversations set exchanges = 'x'",
        "update conversations set exchanges = x'5b'",
        "update conversations set exchanges = x'5b7b7d5d'",
        "update conversations set exchanges = x'5b315d'",
        "update conversations set exchanges = replace(cast(exchanges as text), 'stopped', 'other')",
        "update conversations set exchanges = cast(replace(cast(exchanges as text), 'stopped', 'other') as blob)",
        "update conversations set exchanges = cast(replace(cast(exchanges as text), '\"quote\"', '\"q\"') as blob)",
        "pragma user_version = 7",
    ],
)
def test_damage_is_told(store: ConversationStore, change: str) -> None:
    store.save(OWNER, NEVER, EXCHANGES[1:], 4)
    with closing(sqlite3.connect(store.path)) as file, file:
        file.execute(change)
    with pytest.raises(ConversationsError, match=store.path.name):
        store.load(OWNER, "k")
