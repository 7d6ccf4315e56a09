"""What happens when the user asks, stops, or opens a citation: generators of updates for the page's components.

An update is a tuple for (conversation, question box, source pane).
"""

import datetime
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import gradio as gr
from gradio.components.chatbot import ExampleMessage

from eval.feedback import FeedbackStore, Rating, feedback_on
from index.errors import UserError
from rag.types import Answer, AnswerEvent, ResetEvent, TextEvent

from .allowance import UNLIMITED, Allowance, AskedTooOftenError
from .conversations import new_token
from .export import to_json, to_markdown
from .export_page import to_html
from .history import History
from .logs import LOGGER
from .messages import conversation, first_citations
from .references import Reference, named_article, parse, parse_edit
from .requests import HEADER, asked_by, request_id
from .session import Session
from .sources import notice_pane, pane, part_pane
from .texts import Texts, texts_for
from .types import AskableEngine
from .visitors import owner_key, user_of
from .welcome import first_questions, greeting

MIN_UPDATE_CHARS = 6
"""New text that is worth an update of the page: one process sends about a thousand updates a second, to all readers."""

Update = tuple[Any, Any, Any]


class Chat:
    """The handlers of the page, around one open engine. What belongs to one reader is in a `Session`."""

    def __init__(
        self,
        engine: AskableEngine,
        feedback: FeedbackStore | None = None,
        history: History | None = None,
        *,
        is_busy: Callable[[], bool] = lambda: False,
        allowance: Allowance = UNLIMITED,
    ) -> None:
        """`feedback` keeps what readers say of answers; None: they are not asked. `history` keeps conversations.

        `is_busy`: whether others wait for their answers; then no more is done than to answer. `allowance`: how often
        one reader may ask.
        """
        self._engine = engine
        self._feedback = feedback
        self._history = history
        self._is_busy = is_busy
        self._allowance = allowance

    def greet(self, request: gr.Request) -> Update:
        """A page was opened: its words, and first questions from what the index holds now."""
        texts = texts_for(request)
        trouble = self._refresh()
        examples: list[ExampleMessage] = []
        if not trouble:
            examples = [{"text": question} for question in first_questions(self._engine, texts)]
        return (
            gr.Chatbot(
                label=texts.chat_label,
                placeholder=greeting(texts),
                examples=examples,
                feedback_options=feedback_options(texts) if self._feedback else None,
            ),
            gr.Textbox(label=texts.question_label, placeholder=texts.question_hint),
            notice_pane(trouble or texts.pane_empty),
        )

    def ask_question(self, question: str, session: Session, request: gr.Request) -> Iterator[Update]:
        """Ask, and show the answer as it comes; at its end the first citation opens in the pane."""
        texts = texts_for(request)
        if session.is_answering:
            gr.Info(texts.still_answering)
            yield gr.skip(), gr.skip(), gr.skip()
            return
        if not question.strip():
            gr.Info(texts.empty_question)
            yield gr.skip(), gr.Textbox(value=""), gr.skip()
            return
        number = session.begin(question)
        self._keep(session, texts)  # before its answer is there: a reload must not lose the question
        try:
            yield self._shown(session, texts), gr.Textbox(value="", submit_btn=False, stop_btn=True), gr.skip()
            asked_by(request.headers.get(HEADER, ""))  # after the yield: each step of a generator has its own context
            yield from self._answered(question, number, session, request)
        finally:
            if session.wants(number):  # the page was closed or reloaded before the answer was complete
                session.stop()
                self._keep(session, texts)

    def _answered(self, question: str, number: int, session: Session, request: gr.Request) -> Iterator[Update]:
        texts = texts_for(request)
        try:
            self._allowance.take(request)
            yield from self._stream(question, number, session, texts)
        except AskedTooOftenError as error:
            session.refuse(number, texts.asked_too_often.format(error.wait_s))
        except UserError as error:
            session.refuse(number, str(error))
        except Exception:
            LOGGER.exception("answer_failed", extra={"request_id": request_id()})
            session.refuse(number, texts.failed)
            self._keep(session, texts)
            yield self._shown(session, texts), open_box(), gr.skip()
            return
        self._keep(session, texts)
        yield self._shown(session, texts), open_box(), self._first_source(session, number, texts)
        if self._suggest(session, number):
            self._keep(session, texts)
            yield self._shown(session, texts), gr.skip(), gr.skip()

    def ask_example(self, session: Session, event: gr.SelectData, request: gr.Request) -> Iterator[Update]:
        """One of the first questions was chosen."""
        session.editing = None
        yield from self.ask_question(str(event.value.get("text", "")), session, request)

    def ask_suggestion(self, session: Session, event: gr.SelectData, request: gr.Request) -> Iterator[Update]:
        """One of the questions under the last answer was chosen. What the browser names is looked up, not believed."""
        suggested = session.exchanges[-1].suggestions if session.exchanges else ()
        if event.value in suggested:
            session.editing = None
            yield from self.ask_question(str(event.value), session, request)

    def stop(self, session: Session, request: gr.Request) -> tuple[Any, Any]:
        """The reader does not want the rest of the answer."""
        texts = texts_for(request)
        session.stop()
        self._keep(session, texts)
        return self._shown(session, texts), open_box()

    def undo(self, session: Session, request: gr.Request) -> Update:
        """The last question comes back into the box, to be asked otherwise."""
        question = session.undo()
        texts = texts_for(request)
        self._keep(session, texts)
        return self._shown(session, texts), gr.Textbox(value=question, submit_btn=True, stop_btn=False), gr.skip()

    def retry(self, session: Session, request: gr.Request) -> Iterator[Update]:
        """The last question is asked again: of another generation of the index, or of a language model."""
        if not session.is_answering and (question := session.undo()):
            yield from self.ask_question(question, session, request)

    def edit(self, session: Session, event: gr.EventData, request: gr.Request) -> tuple[Any, Any]:
        """A question is to be changed: it comes into the box, and the conversation goes on from there when it is sent.

        What the browser names is looked up; a link that names no exchange ends the change.
        """
        texts = texts_for(request)
        number = parse_edit(_href(event))
        was_editing, session.editing = session.editing is not None, None
        question = session.edit(number) if number is not None else ""
        if not question and not was_editing:
            return gr.skip(), gr.skip()
        return self._shown(session, texts), gr.Textbox(value=question)

    def export_markdown(self, session: Session, request: gr.Request) -> str:
        """The conversation with a footnote for each citation."""
        return to_markdown(session.exchanges, texts_for(request))

    def export_json(self, session: Session) -> str:
        """The conversation as `/ask` would give it."""
        return to_json(session.exchanges)

    def export_page(self, session: Session, request: gr.Request) -> str:
        """The conversation as a page of its own, to be printed."""
        return to_html(session.exchanges, texts_for(request))

    def clear(self, session: Session, request: gr.Request) -> Update:
        """The reader starts anew: what was said is forgotten."""
        texts = texts_for(request)
        session.clear()
        self._keep(session, texts)
        return [], open_box(), notice_pane(texts.pane_empty)

    def rate(self, session: Session, event: gr.LikeData, request: gr.Request) -> None:
        """The reader says what an answer was worth; kept on this machine, as a candidate for an evaluation set."""
        texts = texts_for(request)
        rating = rating_of(event.liked, texts)
        exchange = session.exchange_at(event.index) if isinstance(event.index, int) else None
        if self._feedback is None or rating is None or exchange is None or exchange.answer is None:
            return
        session.key = session.key or new_token()
        user = user_of(request)
        whose = f"{owner_key(user)}-" if user is not None else ""
        rated = feedback_on(
            exchange.answer,
            rating,
            key=f"{whose}{session.key}-{exchange.number}",
            created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            history=session.turns_before(exchange.number),
            generation=exchange.generation,
        )
        try:
            self._feedback.add(rated)
        except sqlite3.Error as error:
            raise gr.Error(texts.feedback_lost.format(error), print_exception=False) from None
        if session.rated.get(exchange.number) != rating:
            session.rated[exchange.number] = rating
            gr.Info(texts.feedback_kept)

    def open_source(self, session: Session, event: gr.EventData, request: gr.Request) -> Any:
        """A citation was clicked, in any message. What the browser names is looked up, not believed."""
        reference = parse(_href(event))
        answer = session.answer_at(reference.exchange) if reference is not None else None
        if reference is None or answer is None:
            return gr.skip()
        trouble = self._refresh()
        if trouble:
            return notice_pane(trouble)
        return pane(self._engine, answer, reference, texts_for(request)) or gr.skip()

    def open_part(self, event: gr.EventData, request: gr.Request) -> Any:
        """Another part of the open article was chosen. What the browser names is looked up, not believed."""
        named = named_article(event._data)
        if named is None:
            return gr.skip()
        return part_pane(self._engine, *named, texts_for(request)) or gr.skip()

    def _refresh(self) -> str:
        """Pick up a new generation of the index; what to tell the reader where that fails, else nothing."""
        try:
            self._engine.refresh()
        except UserError as error:
            return str(error)
        return ""

    def _stream(self, question: str, number: int, session: Session, texts: Texts) -> Iterator[Update]:
        self._engine.refresh()
        waiting = 0
        with closing(self._engine.stream(question, session.history())) as events:
            for event in events:
                if not session.wants(number):  # stopped or cleared: a language model must not go on writing
                    return
                if isinstance(event, TextEvent):
                    session.write(number, event.delta)
                    waiting += len(event.delta)
                    if waiting >= MIN_UPDATE_CHARS or (waiting and not event.delta):  # nothing more for a moment
                        waiting = 0
                        yield self._shown(session, texts), gr.skip(), gr.skip()
                elif isinstance(event, ResetEvent):
                    session.reset(number)
                    waiting = 0
                    yield self._shown(session, texts), gr.skip(), gr.skip()
                elif isinstance(event, AnswerEvent):
                    session.finish(number, event.answer, self._engine.generation)

    def _suggest(self, session: Session, number: int) -> bool:
        """Find what may be asked after an answer, if it is still the last one; whether there is anything."""
        answer = session.answer_at(number)
        if answer is None or self._is_busy():  # what may be asked next costs as much as three answers
            return False
        try:
            questions = self._engine.suggest(answer, session.history()[:-1])
        except UserError:  # the index went away after the answer: that is told when the next question is asked
            return False
        is_there = session.answer_at(number) is answer  # another conversation may have been opened meanwhile
        return bool(questions) and is_there and session.suggest(number, questions)

    def _keep(self, session: Session, texts: Texts) -> None:
        if self._history is not None:
            self._history.keep(session, texts)

    def _shown(self, session: Session, texts: Texts) -> Any:
        return conversation(session.exchanges, texts, session.editing)

    def _first_source(self, session: Session, number: int, texts: Texts) -> Any:
        answer: Answer | None = session.answer_at(number)
        if answer is None or not answer.citations:
            return gr.skip()
        first = first_citations(answer)[0]
        return pane(self._engine, answer, Reference("cite", number, first.label), texts) or gr.skip()


def open_box() -> gr.Textbox:
    """The question box when a question may be sent."""
    return gr.Textbox(submit_btn=True, stop_btn=False)


def feedback_options(texts: Texts) -> list[str]:
    """What can be said of an answer: two thumbs, and the reasons behind a flag."""
    return ["Like", "Dislike", *texts.feedback_reasons.values()]


def rating_of(liked: object, texts: Texts) -> Rating | None:
    """The rating that a click means; it comes from the browser and can be anything."""
    if isinstance(liked, bool):
        return "right" if liked else "wrong"
    return next((rating for rating, words in texts.feedback_reasons.items() if words == liked), None)


def _href(event: gr.EventData) -> str:
    """The link that was clicked; the browser can send anything."""
    return str(event._data.get("href", "")) if isinstance(event._data, dict) else ""
