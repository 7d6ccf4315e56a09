"""An article of a document -> paragraphs in reading order, each a row of runs that are lit or not.

The lit runs hold exactly the characters of the cited spans that stand in the article, except white space at the edges
of paragraphs, which nobody sees.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.types import Article, BlockKind, Span

_BLANK_LINES = re.compile(r"\n[ \t\r\u3000]*\n")
_LIST_MARKER = re.compile(r"[-*+]|\d{1,3}[.)]|>")


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a paragraph: `document.text[start:end]`."""

    start: int
    end: int
    lit: bool


@dataclass(frozen=True, slots=True)
class Paragraph:
    kind: BlockKind
    runs: tuple[Run, ...]
    marker: str = ""
    """The sign of a list or quotation that stands before it in the file: `-`, `2.`, `>`."""


def lay_out(text: str, article: Article, lit: Sequence[Span]) -> list[Paragraph]:
    """The article's paragraphs in reading order. `text` is the document's; `lit` are spans in it.

    A body block that goes on from the one before it in mid-sentence goes on in its paragraph, also when a caption
    stands between them on the page. What only the file needs (front matter, the `#` of a heading) is not laid out.
    """
    pieces: list[tuple[BlockKind, str, list[Span]]] = []
    last_body: list[Span] | None = None
    marker = ""
    for block in article.blocks:
        if block.kind == "metadata":
            marker = _list_marker(text[block.start : block.end])
            continue
        for nth, span in enumerate(_paragraph_spans(text, block.start, block.end)):
            if nth == 0 and block.joins_previous and last_body is not None:
                last_body.append(span)
                continue
            pieces.append((block.kind, marker, [span]))
            marker = ""
            if block.kind == "body":
                last_body = pieces[-1][2]
    return [
        Paragraph(kind, tuple(run for span in spans for run in _runs(span, lit)), marker)
        for kind, marker, spans in pieces
    ]


def _list_marker(text: str) -> str:
    return text.strip() if _LIST_MARKER.fullmatch(text.strip()) else ""


def _paragraph_spans(text: str, start: int, end: int) -> Iterator[Span]:
    """The paragraphs inside a span (blank lines part them), without the white space around them."""
    for found in _BLANK_LINES.finditer(text, start, end):
        yield from _trimmed(text, start, found.start())
        start = found.end()
    yield from _trimmed(text, start, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    piece = text[start:end]
    if piece.strip():
        yield start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def _runs(span: Span, lit: Sequence[Span]) -> Iterator[Run]:
    """The span cut where a lit span begins or ends."""
    start, end = span
    cuts = sorted({start, end, *(edge for one in lit for edge in one if start < edge < end)})
    for left, right in itertools.pairwise(cuts):
        yield Run(left, right, any(a <= left and right <= b for a, b in lit))
