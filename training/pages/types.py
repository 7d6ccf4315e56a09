"""The records of a composed page: pieces in the order of the page, stories in the order in which they were drawn."""

from dataclasses import dataclass, field
from typing import Literal

Role = Literal[
    "title", "subtitle", "byline", "dateline", "heading", "body", "caption", "repeat", "jump", "jump title", "furniture"
]


@dataclass(slots=True, eq=False)
class Piece:
    """A run of a page's text that belongs to one story (-1: to none, a running head)."""

    text: str
    story: int
    role: Role
    joins: "Piece | None" = None
    """The piece whose last sentence it goes on with: a column broke there."""
    inline: bool = False
    """It stands in the line of the piece before it."""
    moved: bool = False
    """It belongs to a part of its story that stands elsewhere than after the part before it."""
    start: int = -1
    end: int = -1


@dataclass(slots=True)
class GoldStory:
    """What is true of one story of a page."""

    title: str
    """As printed, lines joined with a space; empty where the page does not print it."""
    date: str = ""
    source: str = ""
    place: str = ""
    names: tuple[str, ...] = ()
    mended: list[str] = field(default_factory=list)
    """The sentences that a break cut, whole."""
    troubles: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class GoldPage:
    """A page's text with its labels. `pieces` cover its text (white space aside), each with its offsets."""

    doc_id: str
    text: str
    pieces: tuple[Piece, ...]
    stories: tuple[GoldStory, ...]
    troubles: frozenset[str]
    """Of the page as a whole: line endings, traditional characters, how lines are set."""
