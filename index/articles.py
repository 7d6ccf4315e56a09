"""Document -> Articles: titles, bylines, datelines, dates and bodies.

Nothing is dropped and nothing is invented: the blocks of a document's articles cover its text (white space aside) once.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from .pages.dates import date_in_field, date_in_name, date_in_text, date_of
from .pages.drafts import Draft
from .pages.joins import Breaks, find_breaks, goes_on, is_apart
from .pages.lines import Line, LineKind, read_lines
from .pages.markdown import split_markdown
from .pages.marks import Dateline, ends_sentence, find_dateline
from .pages.page import split_page, split_pages
from .pages.tagger import Weights, load_weights
from .types import Article, Block, BlockKind, Document, Span

_KINDS: dict[LineKind, BlockKind] = {
    "short": "heading", "byline": "byline", "dateline": "dateline", "caption": "caption", "forward": "metadata",
    "back": "metadata", "running head": "metadata", "repeat": "repeat", "body": "body",
}  # fmt: skip
_MAX_RUN_CHARS = 60_000
"""Text that is read together as one page: a newspaper page has up to 15,000 characters."""


def split_articles(document: Document) -> tuple[Article, ...]:
    """The articles of a document in page order; at least one where there is any text.

    A document whose format names its title (a JSON-lines row, Markdown) is one article; one with pages (a PDF) is read
    page by page, a text of a book's length in parts, and articles that go on over pages are put together.
    """
    if document.doc_id.lower().endswith(".md"):
        article = split_markdown(document)
        return _with_dates((article,), document) if article.blocks else ()
    weights = load_weights()
    if "title" in document.metadata:
        draft = _whole(document.text, document.metadata["title"])
        drafts = [draft] if draft.lines() else []
    elif document.page_starts or len(document.text) > _MAX_RUN_CHARS:
        drafts = split_pages(document.text, _page_runs(document), weights)
    else:
        drafts = split_page(document.text, weights)
    breaks = find_breaks(drafts, weights.statistics)
    articles = [_to_article(document, number, draft, breaks, weights) for number, draft in enumerate(drafts)]
    return _with_dates(articles, document)


def _page_runs(document: Document) -> list[Span]:
    """Spans of pages: a newspaper's each by itself, those of a report that goes on over the page's end together.

    None is longer than `_MAX_RUN_CHARS`, so that the time for a document is linear in its length.
    """
    runs: list[Span] = []
    for page_start, page_end in pairwise([*(document.page_starts or (0,)), len(document.text)]):
        opening = read_lines(document.text[page_start:page_end].strip().partition("\n")[0][:_MAX_RUN_CHARS])
        is_running_text = not opening or opening[0].kind == "body"
        for start, end in _cut_long(document.text, page_start, page_end):
            if runs and start == page_start and is_running_text and end - runs[-1][0] <= _MAX_RUN_CHARS:
                runs[-1] = (runs[-1][0], end)
            else:
                runs.append((start, end))
    return runs


def _cut_long(text: str, start: int, end: int) -> Iterator[Span]:
    """A span in parts of `_MAX_RUN_CHARS` at most, cut behind a line, a sentence, or anywhere if there is neither."""
    while end - start > _MAX_RUN_CHARS:
        window = start + _MAX_RUN_CHARS
        ends = (text.rfind(mark, start, window) + 1 for mark in ("\n", "。"))
        cut = next((at for at in ends if at > start), window)
        yield start, cut
        start = cut
    yield start, end


def _whole(text: str, title: str) -> Draft:
    """The one article of a text that begins with its title's line; the title is cut off before lines are joined."""
    bare = title.strip()
    if not bare or not text.startswith(f"{title}\n"):
        return Draft(body=read_lines(text))
    start = title.index(bare)
    line = Line(start, start + len(bare), bare, "short", 0)
    return Draft(titles=[line], body=read_lines(text, len(title) + 1))


def _to_article(document: Document, number: int, draft: Draft, breaks: Breaks, weights: Weights) -> Article:
    blocks = [Block(line.start, line.end, "title") for line in draft.titles]
    for line in draft.top:
        blocks.append(Block(line.start, line.end, "subtitle" if line.kind == "short" else _KINDS[line.kind]))
    blocks += _body_blocks(draft.body, breaks, weights)
    blocks += [Block(line.start, line.end, _KINDS[line.kind]) for line in draft.end]
    title = " ".join(line.text for line in draft.titles) or document.metadata.get("title", "")
    bylines = [line.text for line in draft.lines() if line.kind == "byline"]
    return Article(
        doc_id=document.doc_id,
        number=number,
        title=re.sub(r"\s+", " ", title),
        blocks=tuple(blocks),
        byline="；".join(text.strip("（）() 　□■◆●") for text in bylines) or document.metadata.get("author", ""),
        unplaced=not title,
    )


def _body_blocks(lines: Sequence[Line], breaks: Breaks, weights: Weights) -> list[Block]:
    """Body lines as blocks; a paragraph that goes on where a column cut the one before it is joined to that."""
    blocks: list[Block] = []
    before: Line | None = None  # the last paragraph, as long as it waits for its other half
    for last, line in zip([None, *lines], lines, strict=False):
        joins = False
        if line.kind == "body":
            joins = before is not None and goes_on(
                before,
                line,
                apart=last is not None and is_apart(last, line),
                breaks=breaks,
                statistics=weights.statistics,
                weights=weights.joins,
            )
            before = None if ends_sentence(line.text) else line
        elif line.kind == "short":
            before = None
        blocks.append(Block(line.start, line.end, _KINDS[line.kind], joins))
    return blocks


def _with_dates(articles: Sequence[Article], document: Document) -> tuple[Article, ...]:
    """The articles with date, source and place, from their datelines, the page, the format or the file's name."""
    datelines = [_dateline_of(article, document.text) for article in articles]
    page_date = (
        date_in_field(document.metadata.get("date", ""))
        or date_in_name(document.doc_id)
        or next((date for article in articles if (date := _printed_date(article, document.text))), "")
    )
    known = page_date or max((date_of(found, "", "") for found in datelines if found and found.year), default="")
    return tuple(
        replace(
            article,
            date=date_of(dateline, page_date, known),
            source=(dateline.source if dateline else "") or document.metadata.get("source", ""),
            place=dateline.place if dateline else "",
        )
        for article, dateline in zip(articles, datelines, strict=True)
    )


def _dateline_of(article: Article, text: str) -> Dateline | None:
    marks = (find_dateline(text[block.start : block.end]) for block in article.blocks if block.kind == "dateline")
    return next((found for found in marks if found), None)


def _printed_date(article: Article, text: str) -> str:
    """The date in a running head."""
    heads = (text[b.start : b.end] for b in article.blocks if b.kind == "metadata" and b.end - b.start < 40)
    return next((date for head in heads if (date := date_in_text(head))), "")
