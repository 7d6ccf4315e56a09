"""A document's lines, each with what its form says it is: headline-like, byline, dateline, caption, note or body.

A headline is short and ends without a full stop; the other forms are in marks.py.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from .marks import (
    byline_after,
    closing_dateline,
    closing_note,
    ends_sentence,
    is_byline,
    is_caption,
    is_running_head,
    opening_dateline,
    opening_note,
)

LineKind = Literal["short", "byline", "dateline", "caption", "forward", "back", "running head", "repeat", "body"]
"""`forward` and `back` are continuation notes (下转第4版, 上接第1版); a `running head` names the page;
a `repeat` stands on the page twice (repeats.py finds those)."""

MAX_TITLE_CHARS = 48
_MAX_TOPIC_CHARS = 14
_FULL = 0.8
"""Share of the width from which a line is full: a word or a mark did not fit behind it."""
_EXACT, _MIN_EXACT = 0.75, 4
"""Share of the full lines that have the same number of characters where they were counted, and how many at least."""
_UNBROKEN = re.compile(r"[“‘《（(「【]*(?:[A-Za-z0-9.,%:/+-]+|.)[，。、；：？！”’）》」』】,;:?!)%]*")
"""What stands in one line: a word or a number, or a character, with the marks that belong to it."""
_MAX_CAPTION_LINES = 5
_CAPTION_OPENING = re.compile(r"[▲▼△▽]|.?图|\d{1,2}月\d{1,2}日，|新华社(?:记者|发)")
_PICTURED = re.compile(r"[▲▼△▽]|.?图[为：:]")
_BRACKETED = re.compile(r"[（(【]\s*(?:[^）)】]{0,8}记者|[^）)】]{0,10}\d{1,4}\s*[年月]|据?新华社|[^）)】]{0,4}本报)")
_CAPTION_DAY = re.compile(r"(?:20\d\d年)?\d{1,2}月\d{1,2}日，(?!记者|据|从)")
_MAX_CREDIT_CHARS, _MAX_CAPTION_CHARS = 24, 80
_INDENT_CHARS = 2
_INDENT = re.compile(r"[ \t\xa0\u2002\u2003\u3000]{2,}|\u3000")


@dataclass(frozen=True, slots=True)
class Line:
    """A line, or a part of one, without surrounding white space: `text` is the document's `[start:end]`."""

    start: int
    end: int
    text: str
    kind: LineKind
    gap: int
    """Number of blank lines before it; -1 for a part that goes on in the same line."""
    indented: bool = False


@dataclass(frozen=True, slots=True)
class _Raw:
    start: int
    end: int
    gap: int
    indented: bool


@dataclass(frozen=True, slots=True)
class _Width:
    """The width at which lines were broken."""

    n_chars: float
    exact: bool = False
    """Nearly all full lines have just so many characters: a shorter one is a last one, or the next begins unbroken."""


def read_lines(text: str, begin: int = 0) -> list[Line]:
    """All non-blank lines from an offset on: hard-wrapped paragraphs joined, marks cut from the ones that they open."""
    lines = [part for raw in _join_wrapped(text, list(_raw_lines(text, begin))) for part in _cut_marks(text, raw)]
    for i, (line, credit) in enumerate(pairwise(lines)):
        if _is_credited(line, credit):
            lines[i] = replace(line, kind="caption")
    return lines


def _is_credited(line: Line, credit: Line) -> bool:
    """Whether a line is the caption to which the photo credit below it belongs: one short sentence, close to it."""
    if credit.kind != "caption" or len(credit.text) > _MAX_CREDIT_CHARS or re.search(r"[。，：:]", credit.text):
        return False
    is_sentence = (
        line.kind == "body" and len(line.text) <= _MAX_CAPTION_CHARS and line.text.find("。") == len(line.text) - 1
    )
    is_close = credit.gap == 0 and line.gap > 0
    return is_sentence and (is_close or (len(line.text) <= 45 and bool(_CAPTION_DAY.match(line.text))))


def _raw_lines(text: str, begin: int) -> Iterator[_Raw]:
    offset, gap = begin, 0
    for raw in text[begin:].splitlines(keepends=True):
        bare = raw.strip()
        if bare:
            start = offset + len(raw) - len(raw.lstrip())
            yield _Raw(start, start + len(bare), gap, bool(_INDENT.match(raw)))
            gap = 0
        else:
            gap += 1
        offset += len(raw)


def _join_wrapped(text: str, raw: list[_Raw]) -> Iterator[_Raw]:
    """Joins lines that were broken at a fixed width: the one before is full and does not end a sentence."""
    width = _wrap_width([line.end - line.start for line in raw])
    i = 0
    while i < len(raw):
        last = _last_of_caption(text, raw, i, width)
        if last is None:
            last = i
            while last + 1 < len(raw) and _runs_on(text, raw, last, width) and not _is_mark(text, raw, last + 1, width):
                last += 1
        yield _Raw(raw[i].start, raw[last].end, raw[i].gap, raw[i].indented)
        i = last + 1


def _runs_on(text: str, raw: list[_Raw], i: int, width: _Width) -> bool:
    """Whether a line is full, and the next one may go on with it."""
    line, following = raw[i], raw[i + 1]
    n_chars = line.end - line.start
    full = _FULL * width.n_chars <= n_chars <= 1.1 * width.n_chars
    if full and width.exact:
        unbroken = _UNBROKEN.match(text, following.start)
        n_following = unbroken.end() - unbroken.start() if unbroken else 1
        full = n_chars + _INDENT_CHARS * line.indented + n_following > width.n_chars
    if _opens_mark(text[line.start : line.end]) and following.gap == 0:
        return True
    return full and following.gap == 0 and not following.indented and not ends_sentence(text[line.start : line.end])


def _opens_mark(line: str) -> bool:
    """Whether a line is a byline or dateline in brackets whose end stands in the next line."""
    return bool(_BRACKETED.match(line)) and not re.search(r"[）)】]", line)


def _is_mark(text: str, raw: list[_Raw], i: int, width: _Width) -> bool:
    """Whether a line stands by itself, so that nothing before it runs on into it."""
    line = text[raw[i].start : raw[i].end]
    if line.startswith(("——", "--")) or is_byline(line) or opening_dateline(line):
        return True
    return _last_of_caption(text, raw, i, width) is not None


def _last_of_caption(text: str, raw: list[_Raw], i: int, width: _Width) -> int | None:
    """The last line of the caption that begins at a line; None where none does."""
    found: int | None = None
    for last in range(i, min(i + _MAX_CAPTION_LINES, len(raw))):
        caption = "".join(text[raw[i].start : raw[last].end].splitlines())
        known = last == i or _CAPTION_OPENING.match(caption) or len(caption) <= 2 * width.n_chars
        if known and is_caption(caption):
            found = last
            if not _PICTURED.match(caption) or last + 1 == len(raw) or not _runs_on(text, raw, last, width):
                break
        if last + 1 == len(raw) or raw[last + 1].gap or not _FULL * width.n_chars <= raw[last].end - raw[last].start:
            break
    return found


def _wrap_width(lengths: list[int]) -> _Width:
    """The width at which most lines were broken, or infinity for text with a line a paragraph.

    Headlines may be wider than the columns, so it is the width that explains most lines, not that of the longest.
    """
    if len(lengths) < 4:
        return _Width(float("inf"))
    full = {width: sum(1 for n in lengths if _FULL * width <= n <= width) for width in set(lengths) if width <= 60}
    width = max(full, key=lambda width: (full[width], width), default=0)
    if not width or full[width] < 0.45 * len(lengths):
        return _Width(float("inf"))
    counts = Counter(n for n in lengths if _FULL * width <= n <= 1.1 * width)
    exact, n_exact = counts.most_common(1)[0]
    is_exact = n_exact >= _MIN_EXACT and n_exact >= _EXACT * counts.total()
    return _Width(exact if is_exact else width, is_exact)


def _cut_marks(text: str, raw: _Raw) -> Iterator[Line]:
    """One line as its parts: a note, dateline and byline in front, the paragraph, a dateline or a note at its end."""
    whole = text[raw.start : raw.end]
    gap, cut, stop = raw.gap, 0, len(whole)

    def part(begin: int, end: int, kind: LineKind) -> Line:
        return Line(
            raw.start + begin,
            raw.start + end,
            whole[begin:end],
            kind,
            gap if begin == 0 else -1,
            raw.indented and not begin,
        )

    back = opening_note(whole)
    if back:
        yield part(0, back, "back")
        cut = _skip_space(whole, back)
    opening = opening_dateline(whole[cut:])
    if opening:
        end = cut + opening.end
        yield part(cut, end, "dateline")
        byline = byline_after(whole, end)
        if byline:
            yield part(*byline, "byline")
            end = byline[1]
        cut = _skip_space(whole, end)
    endings: list[Line] = []
    forward = closing_note(whole, cut)
    if forward < stop:
        endings.append(part(forward, stop, "forward"))
        stop = len(whole[:forward].rstrip())
    closing = closing_dateline(whole[:stop], cut)
    if closing and closing.start > cut:
        endings.append(part(closing.start, stop, "dateline"))
        stop = len(whole[: closing.start].rstrip())
    if cut < stop:
        kind: LineKind = "body" if opening or back else _line_kind(whole[cut:stop])
        yield part(cut, stop, kind)
    yield from reversed(endings)


def _skip_space(text: str, offset: int) -> int:
    while offset < len(text) and text[offset].isspace():
        offset += 1
    return offset


def _line_kind(line: str) -> LineKind:
    if is_running_head(line):
        return "running head"
    if is_caption("".join(line.splitlines())):
        return "caption"
    if len(line) <= 75 and is_byline(line):
        return "byline"
    if len(line) <= MAX_TITLE_CHARS and not ends_sentence(line) and line[-1] not in "，、,":
        return "short" if "。" not in line else "body"
    if len(line) <= _MAX_TOPIC_CHARS and line[-1] in "：:" and not re.search(r"[。，,；说道指称示]", line):
        return "short"  # the first line of a headline that names its subject
    if len(line) <= 30 and line[-1] in "？！?!" and not re.search(r"[。，,；]", line[:-1]):
        return "short"
    return "body"
