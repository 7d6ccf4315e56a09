"""An article of a document -> paragraphs in reading order, each a row of runs that are lit or not.

The lit runs hold exactly the characters of the cited spans that stand in the article, except white space at the edges
of paragraphs, which nobody sees.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.types import Article, BlockKind, Span

_LINE_END = re.compile(r"\r\n|\n|\r")
_SENTENCE_ENDS = "。！？!?…；;：:”」』）)"
_NEW_PARAGRAPH = re.compile(r"[ \t\u3000]{2,}|\u3000|[-*+•·●◆■▲][ \t\u3000]*|#{1,6} |\||>|\d{1,3}[.、)）]")


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


def lay_out(text: str, article: Article, lit: Sequence[Span]) -> list[Paragraph]:
    """The article's paragraphs in reading order. `text` is the document's; `lit` are spans in it.

    A body block that goes on from the one before it in mid-sentence goes on in its paragraph, also when a caption
    stands between them on the page.
    """
    pieces: list[tuple[BlockKind, list[Span]]] = []
    last_body: int | None = None
    for block in article.blocks:
        for nth, span in enumerate(_paragraph_spans(text, block.start, block.end)):
            if block.joins_previous and nth == 0 and last_body is not None:
                pieces[last_body][1].append(span)
                continue
            pieces.append((block.kind, [span]))
            if block.kind == "body":
                last_body = len(pieces) - 1
    return [Paragraph(kind, tuple(run for span in spans for run in _runs(span, lit))) for kind, spans in pieces]


def _paragraph_spans(text: str, start: int, end: int) -> Iterator[Span]:
    """The paragraphs inside a span, without the white space around them."""
    first = last = start
    for line_start, line_end in _lines(text, start, end):
        line = text[line_start:line_end]
        if not line.strip():
            yield from _trimmed(text, first, last)
            first = last = line_end
        elif last > first and _starts_paragraph(text[first:last], line):
            yield from _trimmed(text, first, last)
            first, last = line_start, line_end
        else:
            first, last = (first if last > first else line_start), line_end
    yield from _trimmed(text, first, last)


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    for found in _LINE_END.finditer(text, start, end):
        yield start, found.start()
        start = found.end()
    yield start, end


def _starts_paragraph(before: str, line: str) -> bool:
    """Whether a line is a new paragraph rather than the same one, folded by the width of a page."""
    return before.rstrip()[-1:] in _SENTENCE_ENDS or _NEW_PARAGRAPH.match(line) is not None


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
