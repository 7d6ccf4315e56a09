"""The records of an evaluation: Question -> Result -> Run.

All are frozen and made of JSON's own types, so that a run can be written, read back and compared to the
digit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from rag.types import Mode, Turn

Kind = Literal[
    "fact", "number", "date", "person", "list", "why", "how", "cross", "followup", "retrieval", "unanswerable"
]
"""`retrieval`: the gold is passages, without words (a retrieval benchmark); right is who cites one of them."""
KINDS: tuple[Kind, ...] = get_args(Kind)
MODES: tuple[Mode, ...] = ("bm25", "dense", "hybrid", "reranked")

ArticleKey = tuple[str, int]
"""`(doc_id, Article.number)`; the number is -1 where no article covers the evidence."""

Verdict = Literal["right", "partial", "wrong", "false_refusal", "right_refusal", "wrong_answer"]
"""Of an answerable question: all, some or none of what is required was said, or it was refused.
Of an unanswerable one: it was refused (`right_refusal`) or answered (`wrong_answer`)."""
GOOD_VERDICTS: frozenset[Verdict] = frozenset({"right", "right_refusal"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """A gold span: `document(doc_id).text[start:end]` is what carries the answer."""

    doc_id: str
    title: str
    start: int
    end: int
    quote: str = ""
    """The text of the span, kept in the set so that a changed document is noticed; empty where it is not
    kept."""


@dataclass(frozen=True, slots=True)
class Question:
    """One row of a set."""

    id: str
    kind: Kind
    question: str
    answerable: bool
    answers: tuple[str, ...] = ()
    """Short gold answers, each of them right on its own."""
    required: tuple[tuple[str, ...], ...] = ()
    """What a right answer must say: every item, each in one of its wordings."""
    evidence: tuple[Evidence, ...] = ()
    history: tuple[Turn, ...] = ()
    note: str = ""
    standalone: str = ""
    """A follow-up as its writer would ask it alone: asked instead, it shows what the reader could do at best."""


@dataclass(frozen=True, slots=True)
class FoundChunk:
    """A hit as a run keeps it: where it points, not its text."""

    doc_id: str
    article: int
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class GivenCitation:
    """A citation as a run keeps it."""

    label: int
    doc_id: str
    article: int
    start: int
    end: int
    quote: str
    exact: bool
    """`document.text[start:end] == quote` held when the run was made."""


@dataclass(frozen=True, slots=True)
class Result:
    """What the engine made of one question."""

    question: Question
    standalone_question: str
    text: str
    short: str
    refused: bool
    confidence: float
    citations: tuple[GivenCitation, ...]
    hits: Mapping[str, tuple[FoundChunk, ...]]
    """By mode, best first."""
    gold_articles: tuple[ArticleKey, ...]
    timings_ms: Mapping[str, float]
    """By the engine's own steps, and `wall`: what the asker waited."""
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Run:
    """Every question of one set, asked once."""

    set_name: str
    """The stem of the set's file: also the name of its baseline."""
    results: tuple[Result, ...]
    whole_set: bool = True
    """False where `limit` or `kinds` left questions out."""
    notes: tuple[str, ...] = ()
    provenance: Mapping[str, str] = field(default_factory=dict)
    """When and on what it was run; no figure depends on it."""
