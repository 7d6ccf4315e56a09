"""The records of the online side: Hit -> Passage -> Reading -> Draft -> Citation -> Answer -> Turn."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from index.types import Chunk, Sentence

Mode = Literal["bm25", "dense", "hybrid", "reranked"]


@dataclass(frozen=True, slots=True)
class Hit:
    """One ranked chunk. Ranks are 1-based; 0 means that this leg did not find it."""

    chunk: Chunk
    score: float
    rank: int
    source: Mode
    bm25_rank: int = 0
    bm25_score: float = 0.0
    dense_rank: int = 0
    dense_score: float = 0.0
    matched_terms: tuple[str, ...] = ()
    """Terms of the question that stand in the chunk, the rarest first."""
    duplicates: tuple["Hit", ...] = ()
    """Hits of other articles that say nearly the same, best first: they take no place of their own."""


@dataclass(frozen=True, slots=True)
class Passage:
    """What the reader is given: sentences of one article around its hits."""

    label: int
    """1-based, given once in `context.py`."""
    doc_id: str
    article: int
    title: str
    date: str
    source: str
    sentences: tuple[Sentence, ...]
    hits: tuple[Hit, ...]
    opens_article: bool = False
    """Whether it begins with the article's first sentence."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of one passage: for each of its sentences, in order."""

    evidence: tuple[float, ...]
    """How likely it is that the sentence answers the question, 0 to 1."""
    spans: tuple[tuple[int, int], ...]
    """The best answering span `[start, end)` inside each sentence's text; `(0, 0)` where there is none."""
    span_scores: tuple[float, ...]
    """How likely that span is the answer, given that the sentence answers, 0 to 1."""
    answerable: float
    """How likely it is that the passage answers the question at all, 0 to 1."""


class PassageReader(Protocol):
    """Reads sentences against a question. Sentences of one passage come in reading order; titles go along."""

    def read(self, question: str, passages: Sequence[Sequence[str]], titles: Sequence[str]) -> list[Reading]: ...


class LanguageModel(Protocol):
    """Writes text. `stream` yields it as it comes, empty strings as signs of life; closing it stops the model.

    `stream` returns why it ended: "stop", or "length" where a limit cut it. It raises GeneratorError.
    """

    @property
    def name(self) -> str: ...

    def stream(self, messages: Sequence[Mapping[str, str]]) -> Generator[str, None, str]: ...


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer's text, with the labels that carry it. `start`/`end` point into the answer's text."""

    start: int
    end: int
    labels: tuple[int, ...]
    supported: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before its citations are verified: text with `[n]` labels, and what each label points at."""

    text: str
    evidence: Mapping[int, tuple[Sentence, Passage]]


@dataclass(frozen=True, slots=True)
class Citation:
    """A pointer that holds: `engine.document(doc_id).text[start:end] == quote`.

    A sentence that a column cut has several citations with the same label.
    """

    label: int
    doc_id: str
    article: int
    article_title: str
    start: int
    end: int
    quote: str
    date: str = ""
    source: str = ""
    page: int | None = None
    """1-based page of the document where it has pages."""


@dataclass(frozen=True, slots=True)
class Related:
    """An article that is near the question, offered when the documents do not say."""

    doc_id: str
    article: int
    title: str
    date: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Notice:
    """What the user should know about how an answer was made, in the languages of the interface."""

    chinese: str
    english: str

    def format(self, *values: object) -> "Notice":
        """As `str.format`, in each language."""
        return Notice(self.chinese.format(*values), self.english.format(*values))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the user gets. `refused` means: the documents do not say; then there are no citations."""

    question: str
    standalone_question: str
    """The question as it was searched; differs from `question` for a follow-up."""
    text: str
    refused: bool
    confidence: float
    """The reader's probability that the documents answer, 0 to 1."""
    short: str = ""
    """The direct answer (a number, a name, a date), where one is clear; it stands in a cited sentence."""
    citations: tuple[Citation, ...] = ()
    claims: tuple[Claim, ...] = ()
    hits: tuple[Hit, ...] = ()
    related: tuple[Related, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    """Milliseconds by step: `rewrite`, then for each part of the question `embed` (and its terms' weights), `bm25`,
    `dense`, `fuse` (and the texts of the hits), `rerank` where a cross-encoder is set, `passages`, `read`, `rank`, then
    `cite`; and `total`. A refusal has no `cite`; the parts of a question are added up."""
    filters: tuple[str, ...] = ()
    """What of the question was taken as the date or source of the article, as it is shown: "日期：…" and "来源：…"
    leave other articles out, "优先：…" only prefers. Asked again with `filtered=False`, none is."""
    notices: tuple[Notice, ...] = ()
    """What the user should know about how this answer was made (for example which part of it stayed open)."""
    suggestions: tuple[str, ...] = ()
    """What may be asked next, where it was asked for: `Engine.suggest` finds it after the answer is shown."""
    model: str = ""
    """The language model that wrote the text; empty where the sentences are quoted."""
    reranker: str = ""
    """The cross-encoder that chose what was read; empty where none is set."""
    is_small_talk: bool = False
    """A reply to what asks the documents nothing ("谢谢", "你是谁"). It cites nothing, so it is `refused` too, but it
    does not say that the documents lack something, and its confidence means nothing."""

    @property
    def notice(self) -> str:
        """The notices in the language of the documents, a line each."""
        return "\n".join(one.chinese for one in self.notices)


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange of a conversation."""

    question: str
    answer: str
    standalone_question: str = ""


@dataclass(frozen=True, slots=True)
class HitsEvent:
    """Retrieval is done."""

    hits: tuple[Hit, ...]
    standalone_question: str


@dataclass(frozen=True, slots=True)
class TextEvent:
    """More of the answer's text. Empty as a sign of life, so that whoever waits can close the stream."""

    delta: str


@dataclass(frozen=True, slots=True)
class ResetEvent:
    """What has come of the text is void: a language model failed half way, and another answer follows."""


@dataclass(frozen=True, slots=True)
class AnswerEvent:
    """The final answer; its text is the concatenation of the deltas since the last reset, or since the beginning."""

    answer: Answer


Event = HitsEvent | TextEvent | ResetEvent | AnswerEvent
