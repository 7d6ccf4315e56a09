"""Document -> Articles: titles, bylines, datelines, dates and bodies.

Nothing is dropped and nothing is invented: the blocks of a document's articles cover its text (white space aside) once.
"""

import datetime
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from .lines import Line, ends_sentence, find_dateline, read_lines
from .markdown import split_markdown
from .page import Draft, split_page
from .terms import fold
from .types import Article, Block, Document, Span

_FILE_DATE = re.compile(r"(?<!\d)(\d{4})[-_.年]?(\d{2})[-_.月]?(\d{2})(?!\d)")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_FIELD_DATE = re.compile(
    r"(\d{4})(?:\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})日?|月?)|年?)(?![\d年月日/.-]).*", re.DOTALL
)
"""A date field of a format: a year, with a month and a day where they are known; a time behind it is passed over."""
_REPEAT_CHARS = 10
"""A cut paragraph whose last characters stand again at the end of the next one is a repeated fragment."""


def split_articles(document: Document) -> tuple[Article, ...]:
    """The articles of a document in page order; at least one where there is any text.

    A document whose format names its title (a JSON-lines row, Markdown) is one article; one with pages (a PDF) is read
    page by page.
    """
    if document.page_starts:
        return tuple(_split_pages(document))
    if document.doc_id.lower().endswith(".md"):
        article = split_markdown(document)
        return (_with_date(article, document),) if article.blocks else ()
    if "title" in document.metadata:
        draft = _whole(document.text, document.metadata["title"])
        drafts = [draft] if draft.lines() else []
    else:
        drafts = split_page(read_lines(document.text))
    return tuple(_to_article(document, number, draft) for number, draft in enumerate(drafts))


def _split_pages(document: Document) -> Iterator[Article]:
    """The articles of each page; pages that open in running text are read together with the one before them."""
    number = 0
    for start, end in _page_runs(document):
        run = replace(document, text=document.text[start:end], page_starts=())
        for article in split_articles(run):
            blocks = tuple(replace(one, start=one.start + start, end=one.end + start) for one in article.blocks)
            yield replace(article, number=number, blocks=blocks)
            number += 1


def _page_runs(document: Document) -> list[Span]:
    """Spans of pages: a newspaper's each by itself, those of a report that goes on over the page's end together."""
    runs: list[Span] = []
    for start, end in pairwise([*document.page_starts, len(document.text)]):
        opening = read_lines(document.text[start:end].strip().partition("\n")[0])
        if runs and (not opening or opening[0].kind == "body"):
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs


def _whole(text: str, title: str) -> Draft:
    """The one article of a text that begins with its title's line; the title is cut off before lines are joined."""
    bare = title.strip()
    if not bare or not text.startswith(f"{title}\n"):
        return Draft(body=read_lines(text))
    start = title.index(bare)
    line = Line(start, start + len(bare), bare, "short", 0)
    return Draft(titles=[line], body=read_lines(text, len(title) + 1))


def _to_article(document: Document, number: int, draft: Draft) -> Article:
    blocks = [Block(line.start, line.end, "title") for line in draft.titles]
    for line in draft.top:
        blocks.append(Block(line.start, line.end, "subtitle" if line.kind == "short" else line.kind))
    blocks += _body_blocks(draft.body)
    blocks += [Block(line.start, line.end, line.kind if line.kind != "short" else "body") for line in draft.end]
    title = " ".join(line.text for line in draft.titles) or document.metadata.get("title", "")
    bylines = [line.text for line in draft.lines() if line.kind == "byline"]
    article = Article(
        doc_id=document.doc_id,
        number=number,
        title=re.sub(r"\s+", " ", title),
        blocks=tuple(blocks),
        byline="；".join(text.strip("（）() 　") for text in bylines) or document.metadata.get("author", ""),
        unplaced=not title,
    )
    return _with_date(article, document)


def _body_blocks(lines: list[Line]) -> list[Block]:
    """Body lines as blocks; a paragraph that goes on where a column cut the one before it is joined to that."""
    blocks: list[Block] = []
    open_text = ""  # the last paragraph, as long as it waits for its other half
    for line in lines:
        if line.kind == "short":
            blocks.append(Block(line.start, line.end, "heading"))
            open_text = ""
        elif line.kind == "body":
            repeats = line.text.endswith(open_text[-_REPEAT_CHARS:])
            blocks.append(Block(line.start, line.end, "body", joins_previous=bool(open_text) and not repeats))
            open_text = "" if ends_sentence(line.text) else line.text
        else:
            blocks.append(Block(line.start, line.end, line.kind))
    return blocks


def _with_date(article: Article, document: Document) -> Article:
    """The article with its date, source and place from the dateline, the format or the file's name."""
    page_date = _iso_date(document.metadata.get("date", "")) or _date_in_name(document.doc_id)
    dateline = next(
        (
            found
            for block in article.blocks
            if block.kind == "dateline" and (found := find_dateline(document.text[block.start : block.end]))
        ),
        None,
    )
    parts = dateline.groupdict() if dateline else {}
    return replace(
        article,
        date=_dateline_date(parts, page_date) or page_date,
        source=parts.get("source") or document.metadata.get("source", ""),
        place=parts.get("place") or "",
    )


def _dateline_date(parts: dict[str, str | None], page_date: str) -> str:
    month, day = int(parts.get("month") or 0), int(parts.get("day") or 0)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return ""
    month_day = f"{month:02d}-{day:02d}"
    if parts.get("year"):
        return f"{parts['year']}-{month_day}"
    if not re.match(r"\d{4}", page_date):
        return f"--{month_day}"
    year = int(page_date[:4])
    known = page_date[5:10]  # as much of month and day as the page's date says
    return f"{year - 1 if month_day[: len(known)] > known else year}-{month_day}"  # a page reports what was


def _iso_date(field: str) -> str:
    """A date as people write it (`2023年8月2日`, `2023/8/2`, `20230802`) in ISO, as far as it goes; "" for no date."""
    text = fold(field).strip()
    match = _COMPACT_DATE.fullmatch(text) or _FIELD_DATE.fullmatch(text)
    if not match:
        return ""
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        datetime.date(year or 0, 1 if month is None else month, 1 if day is None else day)
    except ValueError:  # there is no such day
        return ""
    return "-".join(f"{part:0{width}d}" for part, width in ((year, 4), (month, 2), (day, 2)) if part is not None)


def _date_in_name(doc_id: str) -> str:
    match = _FILE_DATE.search(doc_id.rpartition("/")[2])
    if not match:
        return ""
    year, month, day = match.groups()
    return f"{year}-{month}-{day}" if 1 <= int(month) <= 12 and 1 <= int(day) <= 31 else ""
