"""An article's byline, dateline and front matter -> the words that say who wrote it, when and where it appeared."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.pages.marks import find_dateline
from index.terms import fold
from index.types import Article, Document, Sentence, Span

from .conversation.imprint import Field

_KEYS: dict[Field, str] = {"author": "author", "date": "date", "source": "source"}
_ROLE = re.compile(
    r"^(?:本报|本刊|本社|本台|[\u4e00-\u9fff]{2,4}社)?(?:首席|特约|见习|实习|特派)?"
    r"(?:记者|通讯员|特派员|评论员|撰稿人|作者|撰文|文)[:：/／\s]*"
)
_EDGE = "（）()【】 　□■◆●▲——"
_DAY = re.compile(r"(?:\d{4}\s*年\s*)?\d{1,2}\s*月\s*\d{1,2}\s*日")
MAX_SHORT_CHARS = 24


@dataclass(frozen=True, slots=True)
class Imprint:
    """Where a document says who wrote an article, when or where it appeared."""

    sentence: Sentence
    short: str
    """The name, the day or the paper alone; it stands in the sentence. Empty where it is no shorter."""


def imprint_of(article: Article, document: Document, field: Field) -> Imprint | None:
    """What the document itself says of an article; None where only the file's name or fields say it, or nothing."""
    for start, end, short in _places(article, document, field):
        text = document.text[start:end]
        short = short if short != text and len(short) <= MAX_SHORT_CHARS else ""
        return Imprint(Sentence(((start, end),), text, "byline" if field == "author" else "dateline"), short)
    return None


def recorded(article: Article, field: Field) -> str:
    """What the index knows of an article, wherever it has it from; empty where it knows nothing."""
    return {"author": article.byline, "date": article.date, "source": article.source}[field]


def _places(article: Article, document: Document, field: Field) -> Iterator[tuple[int, int, str]]:
    """The spans that say it, each with its telling part: a mark on the page first, then the front matter."""
    text = document.text
    for block in article.blocks:
        span = _strip(text, block.start, block.end)
        words = text[slice(*span)]
        if field == "author" and block.kind == "byline":
            yield *span, _ROLE.sub("", words.strip(_EDGE)).strip(_EDGE)
        elif field != "author" and block.kind == "dateline" and (dateline := find_dateline(words)):
            day = _DAY.search(fold(words))
            said = words[slice(*day.span())] if day and field == "date" else ""
            said = dateline.source if field == "source" else said
            if said and said in words:
                yield *span, said
    value = document.metadata.get(_KEYS[field], "")
    for block in article.blocks:
        if value and block.kind == "metadata":
            found = re.compile(rf"^{_KEYS[field]}\s*:\s*[\"']?({re.escape(value)})", re.MULTILINE)
            if match := found.search(text, block.start, block.end):
                yield *match.span(1), value


def _strip(text: str, start: int, end: int) -> Span:
    """A span without the white space around its words."""
    words = text[start:end]
    return start + len(words) - len(words.lstrip()), start + len(words.rstrip())
