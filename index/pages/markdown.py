"""A Markdown document -> one Article: front matter, `#` title, `##` headings, paragraphs and list items.

Front matter itself is read in `documents.py` (into `Document.metadata`); here it only becomes a block, so that every
character of the document has its place.
"""

import re

from ..types import Article, Block, BlockKind, Document
from .marks import find_dateline

FRONT_MATTER = re.compile(r"\ufeff?\s*---[ \t]*\r?\n.*?\r?\n---[ \t]*(?=\r?\n|$)", re.DOTALL)
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
        dateline = find_dateline(text[begin:end]) if kind == "body" else None
        if dateline and dateline.start == 0:
            blocks.append(Block(begin, begin + dateline.end, "dateline"))
            begin += dateline.end
        if text[begin:end].strip():
            blocks.append(Block(begin, end, kind))
    return Article(
        doc_id=document.doc_id,
        number=0,
        title=title,
        blocks=tuple(blocks),
        byline=document.metadata.get("author", ""),
        unplaced=not title,
    )


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
