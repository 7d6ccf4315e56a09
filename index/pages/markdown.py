"""A Markdown document -> one Article: front matter, `#` title, `##` headings, paragraphs and list items.

Front matter itself is read in `documents.py` (into `Document.metadata`); here it only becomes a block, so that every
character of the document has its place.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from ..types import Article, Block, BlockKind, Document
from .marks import byline_after, find_dateline, is_byline, is_caption

FRONT_MATTER = re.compile(r"\ufeff?\s*---[ \t]*\r?\n.*?\r?\n---[ \t]*(?=\r?\n|$)", re.DOTALL)
_IMAGE = re.compile(r"!\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_EMPHASIS = "*_"
_MARK = re.compile(r"(?:#{1,6}\s+|[-*+]\s+(?=\S)|\d{1,3}[.)]\s+|>\s*)")


def split_markdown(document: Document) -> Article:
    """The whole file as one article. Markers (`#`, `-`, `>`) stand in no block that is searched or quoted."""
    text = document.text
    blocks: list[Block] = []
    start = 0
    front = FRONT_MATTER.match(text)
    if front:
        blocks.append(Block(0, front.end(), "metadata"))
        start = front.end()
    title = document.metadata.get("title", "")
    for begin, end in _paragraphs(text, start):
        mark = _MARK.match(text, begin, end)
        kind: BlockKind = "body"
        if mark and mark.group().startswith("#"):
            heading = text[mark.end() : end]
            kind = "title" if heading == title or not title else "heading"
            title = title or heading
        if mark:
            blocks.append(Block(begin, mark.end(), "metadata"))
            begin = mark.end()
        if kind == "body":
            blocks += _marked(text, begin, end)
        elif begin < end:
            blocks.append(Block(begin, end, kind))
    bylines = (text[block.start : block.end].strip("（）() 　") for block in blocks if block.kind == "byline")
    return Article(
        doc_id=document.doc_id,
        number=0,
        title=title,
        blocks=tuple(blocks),
        byline=document.metadata.get("author", "") or "；".join(bylines),
        unplaced=not title,
    )


def _marked(text: str, begin: int, end: int) -> Iterator[Block]:
    """A paragraph as its parts: an image with its description, a caption, a byline, or a dateline with what follows."""
    image = _IMAGE.fullmatch(text, begin, end)
    if image:
        yield from _parts((begin, "metadata"), (image.start(1), "caption"), (image.end(1), "metadata"), end=end)
        return
    start, stop = begin, end  # without the emphasis that opens and closes the paragraph
    while start < stop and text[start] in _EMPHASIS:
        start += 1
    while stop > start and text[stop - 1] in _EMPHASIS:
        stop -= 1
    bare = text[start:stop]
    kind: BlockKind = "caption" if is_caption(bare) else "byline" if is_byline(bare) else "body"
    dateline = find_dateline(bare) if kind == "body" else None
    if dateline is None:
        if kind == "body":  # emphasis is a part of its text
            start, stop = begin, end
        yield from _parts((begin, "metadata"), (start, kind), (stop, "metadata"), end=end)
    elif dateline.start > 0:
        yield from _parts((begin, "body"), (start + dateline.start, "dateline"), (stop, "metadata"), end=end)
    else:
        yield from _opened(text, begin, start, start + dateline.end, end)


def _opened(text: str, begin: int, start: int, stop: int, end: int) -> Iterator[Block]:
    """A paragraph that a dateline opens, `[start, stop)`: the reporter's name behind it, and the text."""
    after = stop
    while after < end and text[after] in _EMPHASIS:
        after += 1
    first, last = byline_after(text[:end], after) or (after, after)
    yield from _parts(
        (begin, "metadata"), (start, "dateline"), (stop, "metadata"), (first, "byline"), (last, "body"), end=end
    )


def _parts(*starts: tuple[int, BlockKind], end: int) -> Iterator[Block]:
    """Blocks from each start to the next one; empty ones are left out."""
    for (start, kind), (stop, _) in pairwise([*starts, (end, "body")]):
        if start < stop:
            yield Block(start, stop, kind)


def _paragraphs(text: str, start: int) -> list[tuple[int, int]]:
    """Spans of paragraphs: lines up to a blank one or to one that opens with a marker."""
    spans: list[tuple[int, int]] = []
    offset = start
    open_paragraph = False
    for raw in text[start:].splitlines(keepends=True):
        bare = raw.strip()
        begin = offset + len(raw) - len(raw.lstrip())
        offset += len(raw)
        if not bare:
            open_paragraph = False
            continue
        marked = _MARK.match(text, begin)
        if open_paragraph and not marked:
            spans[-1] = (spans[-1][0], begin + len(bare))
        else:
            spans.append((begin, begin + len(bare)))
        open_paragraph = not (marked and marked.group().startswith("#"))
    return spans
