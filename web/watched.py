"""An engine whose questions are watched: what became of each, and how long it took. Metrics and logs look on."""

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from index.errors import UserError
from index.types import Article, Document
from rag.settings import RagSettings
from rag.types import Answer, AnswerEvent, Event, Hit, Mode, Turn

from .requests import request_id
from .types import PageEngine, TunableEngine

Outcome = Literal["answered", "refused", "small_talk", "rejected", "failed", "stopped"]
"""`refused`: the documents do not say. `small_talk`: they were not asked. `rejected`: the question or the index has
something that its owner can repair. `failed`: a fault of this program. `stopped`: nobody waited for the rest."""
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(frozen=True, slots=True)
class Watched:
    """One question and what became of it."""

    outcome: Outcome
    question: str
    seconds: float
    timings_ms: dict[str, float] = field(default_factory=dict)
    is_written: bool = False
    """By a language model; else sentences are quoted."""
    error: str = ""
    """The name of the class of what went wrong, not its words: they may hold the question."""
    request_id: str = ""


Watch = Callable[[Watched], None]


def outcome_of(answer: Answer) -> Outcome:
    """What became of a question that got an answer object."""
    return "small_talk" if answer.is_small_talk else "refused" if answer.refused else "answered"


class WatchedEngine:
    """A `PageEngine` around another one. What is asked silently (suggestions, the search tab) is not counted."""

    def __init__(self, engine: PageEngine, watches: Sequence[Watch]) -> None:
        self._engine = engine
        self._watches = tuple(watches)

    @property
    def settings(self) -> RagSettings:
        return self._engine.settings

    @settings.setter
    def settings(self, settings: RagSettings) -> None:
        self._engine.settings = settings

    @property
    def generation(self) -> str:
        return self._engine.generation

    def answer(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        for event in self.stream(question, history):
            if isinstance(event, AnswerEvent):
                return event.answer
        raise AssertionError("a stream ends with its answer")

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Generator[Event, None, None]:
        asked_by, started = request_id(), time.perf_counter()
        outcome: Outcome = "stopped"
        error, answer = "", None
        try:
            for event in self._engine.stream(question, history):
                if isinstance(event, AnswerEvent):
                    answer = event.answer
                    outcome = outcome_of(answer)
                yield event
        except UserError as told:
            outcome, error = "rejected", type(told).__name__
            raise
        except Exception as fault:
            outcome, error = "failed", type(fault).__name__
            raise
        finally:
            seconds = time.perf_counter() - started
            timings, is_written = (dict(answer.timings_ms), bool(answer.model)) if answer else ({}, False)
            watched = Watched(outcome, question, seconds, timings, is_written, error, asked_by)
            for watch in self._watches:
                watch(watched)

    def with_settings(self, settings: RagSettings) -> TunableEngine:
        return self._engine.with_settings(settings)

    def retrieve(
        self, question: str, top_k: int = 10, mode: Mode = "reranked", history: Sequence[Turn] = ()
    ) -> list[Hit]:
        return self._engine.retrieve(question, top_k=top_k, mode=mode, history=history)

    def suggest(self, answer: Answer, history: Sequence[Turn] = ()) -> tuple[str, ...]:
        return self._engine.suggest(answer, history)

    def first_questions(self, limit: int = 4) -> tuple[str, ...]:
        return self._engine.first_questions(limit)

    def document(self, doc_id: str) -> Document:
        return self._engine.document(doc_id)

    def article(self, doc_id: str, number: int) -> Article:
        return self._engine.article(doc_id, number)

    def articles(self) -> Iterator[Article]:
        return self._engine.articles()

    def refresh(self) -> bool:
        return self._engine.refresh()
