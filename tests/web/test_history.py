"""Earlier conversations in the page: they come back after a reload, to their own browser and to no other."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from tests.web.conftest import LIBRARY
from tests.web.fakes import FakeEngine
from tests.web.test_chat import SKIPPED, InterruptedEngine, ask, chinese, click, shown
from tests.web.test_markup import read
from web import conversations
from web.chat import Chat
from web.conversations import ConversationStore, is_token, new_token
from web.history import History
from web.session import Session
from web.texts import ZH


@pytest.fixture
def store(tmp_path: Path) -> ConversationStore:
    return ConversationStore(tmp_path / "chats.sqlite")


def named(**data: object) -> gr.EventData:
    return gr.EventData(None, data)


def opened(history: History, token: object = None) -> tuple[Session, Any]:
    """A page that was opened in the browser of this token: its session, and the updates."""
    session = Session()
    return session, history.restore(token, session, chinese())


def keys(store: ConversationStore, session: Session) -> list[str]:
    return [one.key for one in store.entries(session.owner)]


def test_a_reload_shows_the_conversation_and_its_citations_open(engine: FakeEngine, store: ConversationStore) -> None:
    history = History(store)
    chat = Chat(engine, None, history)
    session, (token, messages, _, listing) = opened(history)
    assert (messages, listing) == (SKIPPED, "")
    ask(chat, session, "新桥设计")
    ask(chat, session, "它多长")
    before = chat.open_source(session, click("#cite-1-1"), chinese())
    again, (same, messages, _, listing) = opened(History(ConversationStore(store.path)), token)
    assert same == token
    assert [one.question for one in again.exchanges] == ["新桥设计", "它多长"]
    assert len(shown(messages)) == 4
    assert again.history() == session.history()
    assert chat.open_source(again, click("#cite-1-1"), chinese()) == before
    assert "新桥设计" in read(listing).text
    ask(chat, again, "吞吐量")  # it goes on in the same conversation, under a new number
    assert [one.number for one in again.exchanges] == [0, 1, 2]
    assert keys(store, again) == [session.key]


@pytest.mark.parametrize("forged", [None, "", 7, "x", "%", {"a": 1}, new_token()])
def test_another_browser_sees_nothing(engine: FakeEngine, store: ConversationStore, forged: object) -> None:
    history = History(store)
    chat = Chat(engine, None, history)
    session, _ = opened(history)
    ask(chat, session, "新桥设计")
    other, (token, messages, _, listing) = opened(history, forged)
    assert token == other.owner != session.owner
    assert is_token(token)  # what has not the shape of one is replaced
    assert (messages, listing) == (SKIPPED, "")
    assert read(history.listed("桥", other, chinese())).text == ZH.history_none
    left = history.choose("", other, named(key=session.key), chinese())
    assert left == (SKIPPED, SKIPPED, SKIPPED, "")
    history.rename("", other, named(key=session.key, title="偷"), chinese())
    history.remove("", other, named(key=session.key), chinese())
    assert other.exchanges == ()
    assert [one.title for one in store.entries(session.owner)] == ["新桥设计"]


@pytest.mark.parametrize("data", [None, [], "x", {}, {"key": 3}, {"key": None}, {"key": ["a"]}, {"key": "unknown"}])
def test_a_forged_choice_opens_nothing(engine: FakeEngine, store: ConversationStore, data: object) -> None:
    history = History(store)
    session, _ = opened(history)
    ask(Chat(engine, None, history), session, "新桥设计")
    event = gr.EventData(None, data)
    assert history.choose("", session, event, chinese())[:3] == (SKIPPED, SKIPPED, SKIPPED)
    history.rename("", session, event, chinese())
    history.remove("", session, event, chinese())
    assert [one.title for one in store.entries(session.owner)] == ["新桥设计"]
    assert len(session.exchanges) == 1


def test_conversations_are_begun_chosen_renamed_and_deleted(engine: FakeEngine, store: ConversationStore) -> None:
    history = History(store)
    chat = Chat(engine, None, history)
    session, _ = opened(history)
    ask(chat, session, "新桥设计")
    first = session.key
    messages, _, source, _ = history.start("", session, chinese())
    assert messages == []
    assert ZH.pane_empty in read(source).text
    assert chat.open_source(session, click("#cite-0-1"), chinese()) == SKIPPED
    ask(chat, session, "吞吐量")
    assert keys(store, session) == [session.key, first]
    messages, _, _, listing = history.choose("", session, named(key=first), chinese())
    assert shown(messages)[0] == "新桥设计"
    assert chat.open_source(session, click("#cite-0-1"), chinese()) != SKIPPED
    listing = history.rename("", session, named(key=first, title="<b>桥</b>"), chinese())
    assert "<b>桥</b>" in read(listing).text
    messages, _, _, listing = history.remove("", session, named(key=first), chinese())
    assert messages == []
    assert session.exchanges == ()
    assert "桥" not in read(listing).text
    (left,) = store.entries(session.owner)
    assert history.remove("", session, named(key=left.key), chinese())[0] == SKIPPED  # not the open one
    assert keys(store, session) == []


def test_undo_retry_and_clear_are_kept_too(engine: FakeEngine, store: ConversationStore) -> None:
    history = History(store)
    chat = Chat(engine, None, history)
    session, (token, *_) = opened(history)

    def questions() -> list[tuple[int, str]]:
        return [(one.number, one.question) for one in opened(history, token)[0].exchanges]

    ask(chat, session, "新桥设计")
    ask(chat, session, "它多长")
    chat.undo(session, chinese())
    assert questions() == [(0, "新桥设计")]
    again, _ = opened(history, token)
    ask(chat, again, "吞吐量")  # the number of what was taken back is not given again, also after a reload
    assert questions() == [(0, "新桥设计"), (2, "吞吐量")]
    list(chat.retry(again, chinese()))
    assert questions() == [(0, "新桥设计"), (3, "吞吐量")]
    chat.clear(again, chinese())
    assert questions() == []
    assert keys(store, again) == []
    ask(chat, again, "新桥设计")
    assert questions() == [(4, "新桥设计")]


def test_a_stopped_answer_is_kept_with_what_has_come(store: ConversationStore) -> None:
    history = History(store)
    session, (token, *_) = opened(history)
    chat = Chat(InterruptedEngine(LIBRARY, lambda: chat.stop(session, chinese())), None, history)
    ask(chat, session, "新桥设计")
    (kept,) = opened(history, token)[0].exchanges
    assert (kept.status, kept.text) == ("stopped", session.exchanges[0].text)
    assert len(keys(store, session)) == 1


def test_an_answer_under_way_writes_into_no_other_conversation(engine: FakeEngine, store: ConversationStore) -> None:
    history = History(store)
    session, _ = opened(history)
    ask(Chat(engine, None, history), session, "新桥设计")
    first = session.key
    history.start("", session, chinese())

    def leave() -> None:
        history.choose("", session, named(key=first), chinese())
        session.begin("还没有答")

    ask(Chat(InterruptedEngine(engine.texts, leave), None, history), session, "吞吐量")
    assert session.key == first
    assert [(one.question, one.status) for one in session.exchanges] == [
        ("新桥设计", "done"),
        ("还没有答", "answering"),
    ]
    assert len({one.number for one in session.exchanges}) == 2
    (other,) = [key for key in keys(store, session) if key != first]
    assert [one.status for one in store.load(session.owner, other).exchanges] == ["stopped"]  # type: ignore[union-attr]


def test_what_was_asked_before_the_page_was_restored_stays(engine: FakeEngine, store: ConversationStore) -> None:
    history = History(store)
    chat = Chat(engine, None, history)
    session, (token, *_) = opened(history)
    ask(chat, session, "新桥设计")
    hasty = Session()
    ask(chat, hasty, "吞吐量")
    assert history.restore(token, hasty, chinese())[1] == SKIPPED
    assert [one.question for one in hasty.exchanges] == ["吞吐量"]


def test_a_locked_file_is_told_and_the_chat_goes_on(
    engine: FakeEngine, store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversations, "LOCK_TIMEOUT_S", 0.01)
    history = History(store)
    chat = Chat(engine, None, history)
    session, (token, *_) = opened(history)
    ask(chat, session, "新桥设计")
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("begin immediate")
        updates = ask(chat, session, "吞吐量")
        assert ZH.history_lost.format("") in read(history.followed("", session, chinese())[1]).text
        assert session.answer_at(1) == engine.answer("吞吐量", session.history()[:1])
        assert shown(updates[-1][0])[2] == "吞吐量"  # type: ignore[arg-type]
        with pytest.warns(UserWarning):
            assert history.remove("", session, named(key=session.key), chinese())[0] == SKIPPED
        _, (_, messages, source, listing) = opened(history, token)
        assert messages == SKIPPED
        for said in (source, listing):
            assert ZH.history_unread.format("") in read(said).text
        assert len(session.exchanges) == 2
        other.execute("rollback")
    ask(chat, session, "它多长")
    assert history.followed("", session, chinese())[1] == ""
    assert [one.question for one in opened(history, token)[0].exchanges] == ["新桥设计", "吞吐量", "它多长"]


def test_a_question_under_way_is_followed_by_the_page_that_was_reloaded(store: ConversationStore) -> None:
    history = History(store)
    pages: list[tuple[Session, Any]] = []
    token = new_token()

    def reload() -> None:
        pages.append(opened(history, token))

    session = Session()
    history.restore(token, session, chinese())
    ask(Chat(InterruptedEngine(LIBRARY, reload), None, history), session, "新桥设计")
    again, (_, messages, _, _) = pages[0]
    assert shown(messages) == ["新桥设计", ZH.thinking]
    _, update = history.follow(again, chinese())
    assert shown(update)[1].endswith(session.exchanges[0].text)
    assert again.exchanges == session.exchanges
    ask(Chat(FakeEngine(LIBRARY), None, history), again, "吞吐量")
    assert keys(store, again) == [session.key]


def test_a_page_that_is_closed_stops_its_question(engine: FakeEngine, store: ConversationStore) -> None:
    history = History(store)
    session, (token, *_) = opened(history)
    updates = Chat(engine, None, history).ask_question("新桥设计", session, chinese())
    next(updates)
    assert [one.status for one in opened(history, token)[0].exchanges] == ["answering"]
    updates.close()  # type: ignore[attr-defined]
    again, (_, messages, _, _) = opened(history, token)
    assert [one.status for one in again.exchanges] == ["stopped"]
    assert shown(messages) == ["新桥设计", ZH.stopped]


def test_an_answer_of_a_program_that_ended_was_stopped(engine: FakeEngine, store: ConversationStore) -> None:
    history = History(store)
    session, (token, *_) = opened(history)
    next(Chat(engine, None, history).ask_question("新桥设计", session, chinese()))
    again, (_, messages, _, _) = opened(History(ConversationStore(store.path)), token)
    assert shown(messages) == ["新桥设计", ZH.stopped]
    assert not again.is_answering
