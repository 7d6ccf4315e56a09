"""What the page needs of an engine (`rag.Engine` is one), and the record of one exchange."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from index.types import Article, Document
from rag.settings import RagSettings
from rag.types import Answer, Event, Hit, Mode, Turn


class AskableEngine(Protocol):
    """An open index that can be asked, and whose documents can be shown."""

    def answer(self, question: str, history: Sequence[Turn] = ()) -> Answer: ...

    def stream(self, question: str, history: Sequence[Turn] = ()) -> Generator[Event, None, None]: ...

    def suggest(self, answer: Answer, history: Sequence[Turn] = ()) -> tuple[str, ...]: ...

    def first_questions(self, limit: int = 4) -> tuple[str, ...]: ...

    def document(self, doc_id: str) -> Document: ...

    def article(self, doc_id: str, number: int) -> Article: ...

    def articles(self) -> Iterator[Article]: ...

    def refresh(self) -> bool: ...

    @property
    def generation(self) -> str:
        """The name of the open generation of the index."""
        ...


class TunableEngine(Protocol):
    """An engine whose settings can be tried beside those that it answers with; `rag.Engine` is one."""

    settings: RagSettings

    def with_settings(self, settings: RagSettings) -> "TunableEngine": ...

    def answer(self, question: str, history: Sequence[Turn] = ()) -> Answer: ...

    def retrieve(
        self, question: str, top_k: int = 10, mode: Mode = "reranked", history: Sequence[Turn] = ()
    ) -> list[Hit]: ...

    def refresh(self) -> bool: ...


class PageEngine(AskableEngine, TunableEngine, Protocol):
    """What all tabs of the page need together."""


Status = Literal["answering", "done", "stopped", "notice"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question of a conversation and what became of it."""

    number: int
    """0-based place in the conversation: the first part of a citation's reference."""
    question: str
    status: Status = "answering"
    text: str = ""
    """The answer's text as far as it has come; for a notice, what the user is told."""
    answer: Answer | None = None
    """Only when `status` is "done"."""
    generation: str = ""
    """Of the index that answered."""
    suggestions: tuple[str, ...] = ()
    """What may be asked next; found after the answer was shown."""
