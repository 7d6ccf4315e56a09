"""A document's lines, each with what its form says it is: headline-like, byline, dateline, caption or body.

The rules are those of the trade: a dateline names agency, place and day; a byline names the reporter; a photo credit
ends in 摄; a headline is short and ends without a full stop.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from .terms import HAN, fold

LineKind = Literal["short", "byline", "dateline", "caption", "body"]

MAX_TITLE_CHARS = 48
MAX_CAPTION_CHARS = 90
_PAPER = r"[\u4e00-\u9fff]{2,6}?(?:日报|晚报|时报|早报|商报|都市报)"
_AGENCY = rf"(?:新华社|中新社|中国新闻社|新华网|人民网|央视网|央广网|本报|本刊|本台|{_PAPER})"
DATELINE = re.compile(
    rf"[【（(]?(?P<source>{_AGENCY})(?P<place>[{HAN}·]{{0,14}}?)\s*"
    r"(?:(?P<year>\d{4})年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})日\s*(?:电|讯|消息|报道)[】）)]?"
)
_UNDATED = re.compile(rf"(?P<source>{_AGENCY})(?P<place>[{HAN}]{{0,8}}?)讯(?=[\s　（(])")
_INLINE_BYLINE = re.compile(r"\s*(?P<byline>[（(][^）()（]{0,12}(?:记者|通讯员|实习生)[^）()（]{2,50}[）)])")
_ROLE = (
    r"(?:首席|特约|见习|实习|本报|驻[\u4e00-\u9fff]{2,6})?(?:记者|通讯员|特派员|撰稿人|作者|撰文|责任编辑|编辑|文[/／])"
)
_BYLINE = re.compile(
    rf"[（(【]?\s*(?:{_AGENCY}|[\u4e00-\u9fff]{{2,4}}社)?{_ROLE}[:：\s　]*[^。！？；，,]{{2,46}}[）)】]?$"
)
_CREDIT = re.compile(
    rf"^(?:[▲△◆↑↓←→]|(?:上|下|左|右)?图[为:：]|图片(?:说明|来源)|资料图|{_AGENCY}(?:记者)?[ 　]*发[ 　])"
    r"|(?:摄|摄影|供图|制图|绘|摄影报道|资料图片)[）)。]?$|发[ 　].{1,12}[ 　]作$"
)
_STOPS = "。！？!?…；;"
_CLOSING = "”’」』》）)】\"'"


@dataclass(frozen=True, slots=True)
class Line:
    """A line, or a part of one, without surrounding white space: `text` is the document's `[start:end]`."""

    start: int
    end: int
    text: str
    kind: LineKind
    gap: int
    """Number of blank lines before it; -1 for a part that goes on in the same line."""


def read_lines(text: str, begin: int = 0) -> list[Line]:
    """All non-blank lines from an offset on: hard-wrapped paragraphs joined, a dateline cut from the one it opens."""
    return [
        part
        for start, end, gap in _join_wrapped(text, list(_raw_lines(text, begin)))
        for part in _cut_dateline(text, start, end, gap)
    ]


def ends_sentence(text: str) -> bool:
    """Whether a text ends where a sentence may end (a colon counts: what it announces follows)."""
    return text.rstrip().rstrip(_CLOSING).endswith(tuple(_STOPS + "：:"))


def find_dateline(text: str) -> re.Match[str] | None:
    """The dateline that stands at the start or the end of a text; digits may be full-width."""
    folded = fold(text)
    opening = DATELINE.match(folded) or _UNDATED.match(folded)
    if opening:
        return opening
    return next((m for m in DATELINE.finditer(folded) if m.end() == len(folded)), None)


def _raw_lines(text: str, begin: int) -> Iterator[tuple[int, int, int]]:
    offset, gap = begin, 0
    for raw in text[begin:].splitlines(keepends=True):
        bare = raw.strip()
        if bare:
            start = offset + len(raw) - len(raw.lstrip())
            yield start, start + len(bare), gap
            gap = 0
        else:
            gap += 1
        offset += len(raw)


def _join_wrapped(text: str, raw: list[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """Joins lines that were broken at a fixed width: the one before is full and does not end a sentence."""
    width = _wrap_width([end - start for start, end, _ in raw])
    i = 0
    while i < len(raw):
        start, end, gap = raw[i]
        last_start = start
        while (
            i + 1 < len(raw)
            and raw[i + 1][2] == 0
            and end - last_start >= 0.8 * width
            and not ends_sentence(text[last_start:end])
        ):
            i += 1
            last_start, end, _ = raw[i]
        yield start, end, gap
        i += 1


def _wrap_width(lengths: list[int]) -> float:
    """The width at which most lines were broken, or infinity for text with a line a paragraph."""
    if len(lengths) < 4:
        return float("inf")
    longest = max(lengths)
    full = sum(1 for length in lengths if length >= 0.8 * longest)
    return longest if longest <= 60 and full >= 0.5 * len(lengths) else float("inf")


def _cut_dateline(text: str, start: int, end: int, gap: int) -> Iterator[Line]:
    """One line as its parts: dateline and byline in front, the paragraph, a dateline at its end."""
    folded = fold(text[start:end])
    opening = DATELINE.match(folded) or _UNDATED.match(folded)
    closing = _closing_dateline(folded, opening.end() if opening else 0)
    stop = len(folded[:closing].rstrip())
    cut = 0
    if opening:
        cut = opening.end()
        yield _line(text, start, start + cut, "dateline", gap)
        byline = _INLINE_BYLINE.match(folded, cut, stop)
        if byline:
            cut = byline.end()
            yield _line(text, start + byline.start("byline"), start + cut, "byline", -1)
        cut += len(folded[cut:stop]) - len(folded[cut:stop].lstrip())
    if cut < stop:
        rest = text[start + cut : start + stop]
        kind = "body" if opening else _line_kind(rest, folded[:stop])
        yield _line(text, start + cut, start + stop, kind, -1 if opening else gap)
    if closing < len(folded):
        yield _line(text, start + closing, end, "dateline", -1)


def _line(text: str, start: int, end: int, kind: LineKind, gap: int) -> Line:
    return Line(start, end, text[start:end], kind, gap)


def _closing_dateline(folded: str, begin: int) -> int:
    """Where the dateline starts that ends a line (in brackets, or after a sentence); the line's length for none."""
    for match in DATELINE.finditer(folded, begin):
        before = folded[begin : match.start()].rstrip()
        bracketed = match[0][0] in "【（(" and match[0][-1] in "】）)"
        if match.end() == len(folded) and before and (bracketed or ends_sentence(before)):
            return match.start()
    return len(folded)


def _line_kind(line: str, folded: str) -> LineKind:
    if len(line) <= MAX_CAPTION_CHARS and _CREDIT.search(line):
        return "caption"
    if len(line) <= 60 and _BYLINE.match(folded):
        return "byline"
    if len(line) <= MAX_TITLE_CHARS and not ends_sentence(line) and line[-1] not in "，、,":
        return "short" if "。" not in line else "body"
    if len(line) <= 30 and line[-1] in "？！?!" and not re.search(r"[。，,；]", line[:-1]):
        return "short"
    return "body"
