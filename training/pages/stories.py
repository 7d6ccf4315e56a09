"""News articles with real titles -> stories that pages are composed of, split in halves by article id."""

import hashlib
import json
import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Half = Literal["fitted", "development", "held out"]
Use = Literal["pages", "seams"]

_SENTENCE = re.compile(r"[^。！？]*[。！？]+[”’」』》）)]*")
_OPENING = re.compile(
    r"^.{0,60}?(?:\d{1,2}\s*月\s*\d{1,2}\s*日\s*(?:电|讯|消息|报道)|讯)[】）)]?\s*(?:[（(][^）)]{2,50}[）)])?\s*"
)
_STILL_MARKED = re.compile(
    r"月\s*\d{1,2}\s*日\s*[电讯]|记者[ 　]|^央视网消息|来源|原标题|微信|编辑|综合报道|摄|图源|图片"
)
"""A text that begins with such a mark would carry two: the one that it came with and the one that is drawn."""
_MIN_CHARS, _MAX_CHARS = 150, 6000
_PARAGRAPH_CHARS = 130
"""Text that comes without paragraphs is cut into ones of about this length."""


@dataclass(frozen=True, slots=True)
class Story:
    """An article before it is laid out: each paragraph ends a sentence."""

    story_id: str
    title: str
    paragraphs: tuple[str, ...]


def half_of(story_id: str) -> Half:
    """The part that an article belongs to: a hash of its id, so that no article stands in two."""
    byte = _hash(story_id)[0]
    return "held out" if byte >= 128 else "development" if byte >= 104 else "fitted"


def use_of(story_id: str) -> Use:
    """What a fitted article is used for: pages are composed of those that the network of breaks does not know."""
    return "pages" if _hash(story_id)[1] < 128 else "seams"


def _hash(story_id: str) -> bytes:
    return (
        hashlib.blake2b(story_id.encode("utf-8"), digest_size=1).digest() + hashlib.sha256(story_id.encode()).digest()
    )


def read_stories(path: Path, half: Half, use: Use | None = None) -> list[Story]:
    """The titled articles of a data file (JSON lines, xz) that are whole enough to stand on a page, in its order."""
    rows = (row for row in read_rows(path) if half_of(row["id"]) == half and use in (None, use_of(row["id"])))
    stories = (_to_story(row) for row in rows)
    return [story for story in stories if story is not None]


def read_paragraphs(path: Path, *, titled: bool) -> Iterator[str]:
    """The fitted paragraphs that are not for pages; with `titled` of titled articles, else of those without."""
    for row in read_rows(path):
        own = half_of(row["id"]) == "fitted" and bool(row["title"]) == titled
        if own and (not titled or use_of(row["id"]) == "seams"):
            text = row["text"].strip()
            paragraphs = text.splitlines() if "\n" in text else _cut(text)
            yield from (
                p for p in map(str.strip, paragraphs) if len(p) > 20 and p.rstrip("”’」』》）)")[-1:] in "。！？"
            )


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a data file; an OSError where there is none."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def _to_story(row: dict[str, Any]) -> Story | None:
    title = _without_deck(re.sub(r"^(?:【[^】]*】)+|^原标题[:：]?", "", row["title"]).strip())
    text = _OPENING.sub("", row["text"].strip()).removeprefix(row["title"]).strip()
    paragraphs = [p.strip() for p in text.splitlines()] if "\n" in text else list(_cut(text))
    whole = tuple(p for p in paragraphs if len(p) > 20 and p.rstrip("”’」』》）)")[-1:] in tuple("。！？"))
    n_chars = sum(map(len, whole))
    fits = (
        7 <= len(title) <= 44
        and "。" not in title
        and "——" not in title
        and len(whole) > 1
        and not _STILL_MARKED.search(text[:90])
        and _MIN_CHARS <= n_chars <= _MAX_CHARS
    )
    return Story(row["id"], title, whole) if fits else None


def _without_deck(title: str) -> str:
    """A headline without what stands behind its dash: a page prints that as a subtitle, a line by itself."""
    head, _, _ = title.partition("——")
    return head.strip() if head.count("《") == head.count("》") and head.count("“") == head.count("”") else title


def _cut(text: str) -> Iterator[str]:
    paragraph = ""
    for sentence in _SENTENCE.findall(text):
        paragraph += sentence.strip()
        if len(paragraph) >= _PARAGRAPH_CHARS:
            yield paragraph
            paragraph = ""
    if paragraph:
        yield paragraph
