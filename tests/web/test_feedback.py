"""What a reader says of an answer: only what the page offers, only of answers of the reader's own conversation."""

from pathlib import Path

import gradio as gr
import pytest

from eval.feedback import FeedbackStore, read_feedback
from tests.web.fakes import FakeEngine
from tests.web.test_chat import ask, chinese
from web.chat import Chat, feedback_options, rating_of
from web.session import Session
from web.texts import EN, ZH


def said(index: object, liked: object) -> gr.LikeData:
    return gr.LikeData(None, {"index": index, "value": "", "liked": liked})


@pytest.mark.parametrize("texts", [ZH, EN], ids=["zh", "en"])
def test_every_option_is_a_rating(texts: object) -> None:
    assert isinstance(texts, type(ZH))
    reasons = [option for option in feedback_options(texts) if option not in ("Like", "Dislike")]
    assert [rating_of(reason, texts) for reason in reasons] == [
        "incomplete", "wrong_source", "should_refuse", "should_answer",
    ]  # fmt: skip
    assert (rating_of(True, texts), rating_of(False, texts)) == ("right", "wrong")
    assert rating_of("drop table", texts) is rating_of(None, texts) is None


def test_the_answer_of_the_message_is_kept_with_its_history(engine: FakeEngine, tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path / "f.sqlite")
    chat, session = Chat(engine, store), Session()
    ask(chat, session, "新桥设计")
    ask(chat, session, "火星上有水吗")
    chat.rate(session, said(1, False), chinese())
    chat.rate(session, said(3, True), chinese())
    first, second = sorted(read_feedback(store.path), key=lambda one: one.key)
    assert (first.question, first.rating, first.history) == ("新桥设计", "wrong", ())
    assert (second.question, second.rating) == ("火星上有水吗", "right")
    assert [turn.question for turn in second.history] == ["新桥设计"]
    assert {first.generation, second.generation} == {"fake-generation"}


def test_a_reason_that_comes_twice_is_thanked_for_once(
    engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = list[str]()
    monkeypatch.setattr("web.chat.gr.Info", told.append)
    chat, session = Chat(engine, FeedbackStore(tmp_path / "f.sqlite")), Session()
    ask(chat, session, "新桥设计")
    for liked in (ZH.feedback_reasons["incomplete"], ZH.feedback_reasons["incomplete"], True):
        chat.rate(session, said(1, liked), chinese())
    assert told == [ZH.feedback_kept] * 2
    assert [one.rating for one in read_feedback(tmp_path / "f.sqlite")] == ["right"]


@pytest.mark.parametrize(("index", "liked"), [(0, True), (9, True), ("1", True), (1, "no such reason"), ((0, 1), True)])
def test_a_forged_rating_keeps_nothing(engine: FakeEngine, tmp_path: Path, index: object, liked: object) -> None:
    store = FeedbackStore(tmp_path / "f.sqlite")
    chat, session = Chat(engine, store), Session()
    ask(chat, session, "新桥设计")
    chat.rate(session, said(index, liked), chinese())
    assert not store.path.exists()


def test_a_rating_that_cannot_be_kept_is_said(engine: FakeEngine, tmp_path: Path) -> None:
    chat, session = Chat(engine, FeedbackStore(tmp_path / "missing" / "f.sqlite")), Session()
    ask(chat, session, "新桥设计")
    with pytest.raises(gr.Error, match="没有记下来"):
        chat.rate(session, said(1, True), chinese())
