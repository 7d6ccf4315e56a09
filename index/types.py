"""The records of the offline side: Document -> Article -> Chunk.

Offsets are code points into `Document.text`, the text as it was read (decoded, nothing else changed), half open:
`document.text[start:end]`. No record holds text that does not stand in its document.
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Span = tuple[int, int]
"""`(start, end)` in a document's text, half open."""

BlockKind = Literal["title", "subtitle", "byline", "dateline", "heading", "body", "caption", "repeat", "metadata"]
"""`repeat` is text that stands on the page twice: kept, but not read, searched or quoted again. `metadata` is what is
no part of the article's text: front matter, continuation notes, running heads."""


@dataclass(frozen=True, slots=True)
class Document:
    """One source as read. `doc_id` is the path below the documents folder (`file.jsonl#id` for a row)."""

    doc_id: str
    text: str
    sha256: str
    """Of the bytes that it was read from: what decides whether it changed."""
    metadata: dict[str, str] = field(default_factory=dict)
    """What the format itself says: `title`, `date` (as it is written there), `source`, `author`."""
    encoding: str = "utf-8"
    page_starts: tuple[int, ...] = ()
    """Offset at which each page starts, for formats that have pages; empty otherwise."""


class Unchanged(NamedTuple):
    """A document that was read before from the same bytes, and is not read again (a tuple: there may be very many)."""

    doc_id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Block:
    """A run of an article's text that was neither cut nor mended."""

    start: int
    end: int
    kind: BlockKind = "body"
    joins_previous: bool = False
    """The text goes on from the body block before it in mid-sentence (a column broke there)."""


@dataclass(frozen=True, slots=True)
class Article:
    """A titled piece that a person would cite. Its blocks are in reading order, not in the order of the page."""

    doc_id: str
    number: int
    """0-based, in the order of the document."""
    title: str
    blocks: tuple[Block, ...]
    byline: str = ""
    date: str = ""
    """ISO, as far as it is known: `2021-12-23`, `2021-12`, `2021`, `--12-23` where no year is, or empty."""
    source: str = ""
    place: str = ""
    unplaced: bool = False
    """A piece of text for which no title was found."""
    parts: tuple[tuple[str, int], ...] = ()
    """`(doc_id, number)` of all parts in reading order, this one among them, of an article that goes on in another
    document (下转第4版); its title, byline, date, source and place are then those of the whole. Empty for most."""

    @property
    def pieces(self) -> tuple[Span, ...]:
        """The spans of the document that make up the article, in reading order."""
        return tuple((block.start, block.end) for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an article, whole again: `text` is its spans, joined. Several spans where a column cut it."""

    spans: tuple[Span, ...]
    text: str
    kind: BlockKind = "body"


@dataclass(frozen=True, slots=True)
class Chunk:
    """The unit of retrieval: a contiguous span of one article, `text == document.text[start:end]`."""

    doc_id: str
    article: int
    """`Article.number` within the document."""
    start: int
    end: int
    text: str
    title: str = ""
    """The article's title: searched together with the text."""
    date: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be read, and why, in words for its owner."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """How far a build is."""

    n_documents: int
    """Read so far."""
    n_total: int
    """About how many there are."""
    n_chunks: int


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """What a build would do: names of documents, in the order in which they are read."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    """Documents that stood in the index before and do no more."""
    n_unchanged: int
    failed: tuple[Failure, ...]
    anew: str
    """Why nothing is taken over from the live index (other settings, or none is there); empty where it is."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What one build did. Counts are of the new index, except `n_embedded` and those of what was removed."""

    n_documents: int
    n_articles: int
    n_chunks: int
    n_embedded: int
    """Texts whose vector was computed in this build; the other chunks have one from before, or that of an equal one."""
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    """Documents that stood in the index before and do no more."""
    failed: tuple[Failure, ...]
    notes: tuple[str, ...]
    """What the owner should know: why nothing was taken over from the index before, and which documents were read in
    another encoding than UTF-8."""
    elapsed_s: float

    @property
    def n_added(self) -> int:
        """Number of documents that were not in the index before."""
        return len(self.added)

    @property
    def n_changed(self) -> int:
        """Number of documents whose content is another one than before."""
        return len(self.changed)

    @property
    def n_removed(self) -> int:
        """Number of documents that are there no more."""
        return len(self.removed)

    @property
    def n_unchanged(self) -> int:
        """Number of documents whose content is what it was."""
        return self.n_documents - self.n_added - self.n_changed
