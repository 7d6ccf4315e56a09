"""The handlers: what the page is told while a question is asked, stopped, refused, or a citation opened."""

import itertools
from collections.abc import Generator, Sequence

import gradio as gr
import pytest

from index.errors import IndexMissingError
from rag.types import Answer, Event, ResetEvent, TextEvent, Turn
from tests.web.conftest import LIBRARY
from tests.web.fakes import FakeEngine
from tests.web.test_markup import read
from web.chat import MIN_UPDATE_CHARS, Chat
from web.session import Session
from web.texts import EN, ZH
from web.welcome import example_questions

SKIPPED = gr.skip()


def chinese() -> gr.Request:
    return gr.Request(headers={"accept-language": "zh-CN"})


def english() -> gr.Request:
    return gr.Request(headers={"accept-language": "en-US"})


def select(value: object) -> gr.SelectData:
    return gr.SelectData(None, {"index": 0, "value": value})


def click(href: object) -> gr.EventData:
    return gr.EventData(None, {"href": href})


def said(message: dict[str, str]) -> str:
    """What a message says, without the words of the links that change or copy it."""
    return read(message["content"]).text.removesuffix(ZH.edit).removesuffix(ZH.copy)


def shown(messages: list[dict[str, str]]) -> list[str]:
    return [said(one) for one in messages]


def ask(chat: Chat, session: Session, question: str) -> list[tuple[object, object, object]]:
    return list(chat.ask_question(question, session, chinese()))


class InterruptedEngine(FakeEngine):
    """Runs what it is given between the first text of an answer and the rest."""

    def __init__(self, texts: dict[str, str], interrupt: object) -> None:
        super().__init__(texts)
        self.interrupt = interrupt

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Generator[Event, None, None]:
        for nth, event in enumerate(super().stream(question, history)):
            if nth == 2 and callable(self.interrupt):
                self.interrupt()
            yield event


def test_the_answer_grows_and_then_opens_its_first_source(engine: FakeEngine) -> None:
    updates = ask(Chat(engine), Session(), "新桥设计")
    answers = [shown(messages)[-1] for messages, _, _ in updates]
    assert answers[0] == ZH.thinking
    texts = answers[1:-1]
    assert len(texts) >= 2
    assert all(later.startswith(earlier) and later != earlier for earlier, later in itertools.pairwise(texts))
    final = engine.answer("新桥设计")
    assert final.text.startswith(texts[-1])
    assert answers[-1].endswith(final.text)
    assert final.citations[0].quote in read(str(updates[-1][2])).text


class SuggestingEngine(FakeEngine):
    """Suggests what was asked, once more for each turn before it."""

    def suggest(self, answer: Answer, history: Sequence[Turn] = ()) -> tuple[str, ...]:
        return tuple(f"{answer.question}{'又' * n}？" for n in range(len(history) + 1))


def test_what_may_be_asked_next_stands_under_the_last_answer_and_can_be_chosen() -> None:
    chat, session = Chat(SuggestingEngine(LIBRARY)), Session()
    updates = ask(chat, session, "新桥设计")
    before, after = updates[-2][0], updates[-1][0]
    assert "options" not in before[-1]  # type: ignore[index]  # the answer is shown before they are looked for
    assert after[-1]["options"] == [{"value": "新桥设计？", "label": "新桥设计？"}]  # type: ignore[index]
    [chosen, *_] = list(chat.ask_suggestion(session, select("新桥设计？"), chinese()))[-1:]
    assert [turn.question for turn in session.history()] == ["新桥设计", "新桥设计？"]
    with_options = [message for message in chosen[0] if message.get("options")]
    assert with_options == [chosen[0][-1]]
    assert [one["value"] for one in with_options[0]["options"]] == ["新桥设计？？", "新桥设计？又？"]


@pytest.mark.parametrize("value", ["不在其中？", "", None, 3, ["新桥设计？"]])
def test_a_forged_choice_asks_nothing(value: object) -> None:
    chat, session = Chat(SuggestingEngine(LIBRARY)), Session()
    assert list(chat.ask_suggestion(session, select(value), chinese())) == []
    ask(chat, session, "新桥设计")
    assert list(chat.ask_suggestion(session, select(value), chinese())) == []
    assert len(session.exchanges) == 1


def test_suggestions_that_come_late_are_dropped() -> None:
    session = Session()
    session.begin("一")
    session.begin("二")
    assert not session.suggest(0, ("三？",))
    session.clear()
    assert not session.suggest(1, ("三？",))
    assert session.exchanges == ()


def test_updates_are_worth_their_cost(engine: FakeEngine) -> None:
    updates = ask(Chat(engine), Session(), "新桥设计")
    assert len(updates) <= 2 + len(engine.answer("新桥设计").text) // MIN_UPDATE_CHARS


def test_the_history_of_a_follow_up_is_what_the_server_saw(engine: FakeEngine) -> None:
    chat, session = Chat(engine), Session()
    ask(chat, session, "新桥设计")
    ask(chat, session, "它多长")
    assert [turn.question for turn in session.history()] == ["新桥设计", "它多长"]
    assert session.answer_at(1).standalone_question == "新桥设计 它多长"  # type: ignore[union-attr]


def test_two_sessions_do_not_mix(engine: FakeEngine) -> None:
    chat, one, other = Chat(engine), Session(), Session()
    ask(chat, one, "新桥设计")
    ask(chat, other, "吞吐量")
    assert [turn.question for turn in one.history()] == ["新桥设计"]
    assert [turn.question for turn in other.history()] == ["吞吐量"]


@pytest.mark.parametrize("question", ["", "  \n　"])
def test_an_empty_question_is_not_asked(engine: FakeEngine, question: str) -> None:
    session = Session()
    updates = ask(Chat(engine), session, question)
    assert [(update[0], update[2]) for update in updates] == [(SKIPPED, SKIPPED)]
    assert session.exchanges == ()


def test_a_question_of_100_000_characters_gets_the_engines_message(engine: FakeEngine) -> None:
    session = Session()
    updates = ask(Chat(engine), session, "长" * 100_000)
    assert shown(updates[-1][0])[-1] == "问题有 100000 个字，最多 2000 个。"  # type: ignore[arg-type]
    assert session.history() == ()
    assert not session.is_answering


def test_a_failure_is_told_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise RuntimeError("boom")

    session, updates = Session(), []
    updates.extend(Chat(InterruptedEngine(LIBRARY, fail)).ask_question("新桥设计", session, chinese()))
    (record,) = caplog.records
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "boom"
    assert not session.is_answering
    assert session.exchanges[0].text == ZH.failed


def test_a_stopped_answer_keeps_what_has_come_and_is_no_history() -> None:
    session = Session()
    chat = Chat(InterruptedEngine(LIBRARY, session.stop))
    updates = ask(chat, session, "新桥设计")
    first = next(e for e in FakeEngine(LIBRARY).stream("新桥设计") if isinstance(e, TextEvent)).delta
    assert shown(updates[-1][0])[-1] == first + ZH.stopped  # type: ignore[arg-type]
    assert session.history() == ()
    assert updates[-1][2] == SKIPPED


def test_a_second_question_waits_for_the_first(engine: FakeEngine) -> None:
    session = Session()
    session.begin("还在答")
    assert ask(Chat(engine), session, "新桥设计") == [(SKIPPED, SKIPPED, SKIPPED)]
    assert len(session.exchanges) == 1


def test_a_citation_of_an_old_message_opens(engine: FakeEngine) -> None:
    chat, session = Chat(engine), Session()
    ask(chat, session, "新桥设计")
    ask(chat, session, "吞吐量")
    opened = chat.open_source(session, click("#cite-0-1"), chinese())
    assert engine.answer("新桥设计").citations[0].quote in read(opened).text


def test_an_index_that_is_gone_is_told_wherever_it_is_needed(engine: FakeEngine) -> None:
    def fail() -> bool:
        raise IndexMissingError("没有索引")

    chat, session = Chat(engine), Session()
    ask(chat, session, "新桥设计")
    engine.refresh = fail  # type: ignore[method-assign]
    assert read(chat.open_source(session, click("#cite-0-1"), chinese())).text == "没有索引"
    chatbot, _, source = chat.greet(chinese())
    assert chatbot.examples == []
    assert read(source).text == "没有索引"
    assert shown(ask(chat, session, "新桥设计")[-1][0])[-1] == "没有索引"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "href",
    ["#cite-0-7", "#cite-9-1", "#related-0-0", "#cite-0-1x", "cite-0-1", "", None, 7, "#cite--1-1", "#cite-０-1",
     "#cite-0-99999999999999999999"],
)  # fmt: skip
def test_a_forged_link_opens_nothing(engine: FakeEngine, href: object) -> None:
    chat, session = Chat(engine), Session()
    ask(chat, session, "新桥设计")
    assert chat.open_source(session, click(href), chinese()) == SKIPPED


def test_forged_event_data_opens_nothing(engine: FakeEngine) -> None:
    assert Chat(engine).open_source(Session(), gr.EventData(None, ["#cite-0-1"]), chinese()) == SKIPPED


def test_clearing_forgets_the_conversation(engine: FakeEngine) -> None:
    chat, session = Chat(engine), Session()
    ask(chat, session, "新桥设计")
    messages, _, source = chat.clear(session, chinese())
    assert messages == []
    assert ZH.pane_empty in read(source).text
    assert session.history() == ()
    assert chat.open_source(session, click("#cite-0-1"), chinese()) == SKIPPED


def test_an_answer_under_way_when_all_is_cleared_comes_back_nowhere() -> None:
    session = Session()

    def clear_and_ask_again() -> None:
        session.clear()
        session.begin("新的")

    updates = ask(Chat(InterruptedEngine(LIBRARY, clear_and_ask_again)), session, "新桥设计")
    assert shown(updates[-1][0]) == ["新的", ZH.thinking]  # type: ignore[arg-type]
    assert [one.number for one in session.exchanges] == [1]
    assert session.history() == ()


def test_first_questions_are_the_titles_of_the_documents(engine: FakeEngine) -> None:
    assert example_questions(engine, ZH) == ["《苏州新桥通车》讲了什么？", "《北港吞吐量创新高》讲了什么？"]


def test_titles_that_read_badly_are_not_suggested() -> None:
    texts = {"a": "长" * 41 + "\n文。", "b": "反\u202e向\n文。", "c": "短题\n文。"}
    assert example_questions(FakeEngine(texts), ZH) == ["《短题》讲了什么？"]


def test_a_page_is_greeted_in_the_browsers_language(engine: FakeEngine) -> None:
    chatbot, box, source = Chat(engine).greet(gr.Request(headers={"accept-language": "en-GB"}))
    assert EN.subtitle in chatbot.placeholder
    assert box.placeholder == EN.question_hint
    assert EN.pane_empty in read(source).text


def test_what_has_come_is_shown_when_a_model_pauses() -> None:
    class PausingEngine(FakeEngine):
        def stream(self, question: str, history: Sequence[Turn] = ()) -> Generator[Event, None, None]:
            yield TextEvent("桥长")
            yield TextEvent("")
            yield TextEvent("")
            yield from super().stream(question, history)

    updates = ask(Chat(PausingEngine(LIBRARY)), Session(), "新桥设计")
    assert [shown(messages)[-1] for messages, _, _ in updates][:3].count("桥长") == 1


class FailingModelEngine(FakeEngine):
    """A language model says something and dies; the extractive answer follows."""

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Generator[Event, None, None]:
        yield TextEvent("")
        yield TextEvent("模型写了一半的话")
        yield ResetEvent()
        yield from super().stream(question, history)


def test_what_a_dead_model_said_is_taken_back(engine: FakeEngine) -> None:
    session = Session()
    updates = ask(Chat(FailingModelEngine(LIBRARY)), session, "新桥设计")
    answers = [shown(messages)[-1] for messages, _, _ in updates]
    final = engine.answer("新桥设计")
    void = answers.index("模型写了一半的话")
    assert answers[void + 1] == ZH.thinking
    assert all(final.text.startswith(text) for text in answers[void + 2 : -1])
    assert answers[-1].endswith(final.text)
    assert session.answer_at(0) == final


@pytest.mark.parametrize("end", ["stop", "clear"])
def test_a_stopped_answer_closes_its_stream_at_the_next_sign_of_life(end: str) -> None:
    session, closed = Session(), []

    class EndlessEngine(FakeEngine):
        def stream(self, question: str, history: Sequence[Turn] = ()) -> Generator[Event, None, None]:
            try:
                yield TextEvent("第一句话说完了。")
                getattr(session, end)()
                while True:
                    yield TextEvent("")
            finally:
                closed.append(True)

    ask(Chat(EndlessEngine(LIBRARY)), session, "新桥设计")
    assert closed == [True]
    assert not session.is_answering


def test_a_changed_question_takes_the_place_of_the_old_one(engine: FakeEngine) -> None:
    chat, session = Chat(engine), Session()
    for question in ("新桥设计", "吞吐量", "泊位"):
        ask(chat, session, question)
    messages, box = chat.edit(session, click("#edit-1"), chinese())
    assert box.value == "吞吐量"  # type: ignore[union-attr]
    assert ZH.editing in read(messages[2]["content"]).text
    messages, box = chat.edit(session, click("#edit-off"), chinese())
    assert box.value == ""
    assert ZH.editing not in "".join(read(one["content"]).text for one in messages)
    chat.edit(session, click("#edit-1"), chinese())
    ask(chat, session, "四千万吨")
    assert [(one.number, one.question) for one in session.exchanges] == [(0, "新桥设计"), (3, "四千万吨")]


@pytest.mark.parametrize("href", ["#edit-7", "#edit--1", "#edit-１", "#edit-off", "#cite-0-1", None])
def test_only_a_question_that_is_there_can_be_changed(engine: FakeEngine, href: object) -> None:
    chat, session = Chat(engine), Session()
    ask(chat, session, "新桥设计")
    assert chat.edit(session, click(href), chinese()) == (SKIPPED, SKIPPED)
    ask(chat, session, "吞吐量")
    assert len(session.exchanges) == 2


def test_a_second_question_at_a_time_is_refused(engine: FakeEngine) -> None:
    chat, session = Chat(engine), Session()
    session.begin("新桥设计")
    assert ask(chat, session, "吞吐量") == [(SKIPPED, SKIPPED, SKIPPED)]
    assert [one.question for one in session.exchanges] == ["新桥设计"]
