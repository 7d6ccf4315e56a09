"""Pieces of text with their places on a page -> columns in reading order -> paragraphs.

A page is cut again and again: across at white space that is wider than between lines, then along the tallest gutter
(a vertical strip of white with text on both sides), and what a wide headline interrupts is cut above and below it. That
is the recursive X-Y cut (Nagy, Seth 1984) with gutters that need not run through the whole page.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

_MIN_GUTTER = 0.5
"""Width of a gutter in character heights."""
_MIN_COLUMN = 5.0
"""Median width of the text on both sides of a gutter in character heights: a table's cells are narrower."""
_WIDE_GAP = 0.9
"""Height in character heights of white space across a whole region that separates what is above and below."""
_HEADLINE = 1.15
"""Size from which text is a headline's, relative to the region's median."""
_ENDS = "。！？!?…”’」』"
_CELL = "\t"
_MAX_DEPTH = 60
_MAX_STRIPS = 64
"""The widest white strips of a region that are tried as gutters."""
_MAX_SEGMENTS = 5000
"""A newspaper page has up to 1,500; a page with more (a map, a plan) is read line by line."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Characters on one line without a wide gap. Points; y grows downwards. `size` is the height of a character."""

    left: float
    top: float
    right: float
    bottom: float
    size: float
    text: str


Line = Segment
"""A line of one column: its segments joined."""


@dataclass(frozen=True, slots=True)
class _Gutter:
    middle: float
    top: float
    bottom: float


def order_columns(segments: list[Segment]) -> list[list[Line]]:
    """The columns of a page in reading order, each with its lines from head to foot."""
    if len(segments) > _MAX_SEGMENTS:
        return [_lines(segments)]
    return [_lines(column) for column in _cut(segments, 0)]


def _cut(region: list[Segment], depth: int) -> Iterator[list[Segment]]:
    """The columns of a region, in reading order."""
    if len(region) < 2 or depth > _MAX_DEPTH:
        if region:
            yield region
        return
    gutter = _tallest_gutter(region)
    bands = _bands(region, gutter)
    if len(bands) > 1:
        for band in bands:
            yield from _cut(band, depth + 1)
    elif gutter is None:
        yield region
    else:
        inside = [s for s in region if gutter.top <= _middle(s) <= gutter.bottom]
        parts = [
            [s for s in region if _middle(s) < gutter.top],
            [s for s in inside if s.left + s.right < 2 * gutter.middle],
            [s for s in inside if s.left + s.right >= 2 * gutter.middle],
            [s for s in region if _middle(s) > gutter.bottom],
        ]
        for part in parts:
            yield from _cut(part, depth + 1)


def _middle(segment: Segment) -> float:
    return (segment.top + segment.bottom) / 2


def _bands(region: list[Segment], gutter: _Gutter | None) -> list[list[Segment]]:
    """The region cut across at its wide white spaces.

    Where a gutter runs through such a space, that may be two paragraphs' ends side by side: it separates only if it is
    very wide or a headline stands below it.
    """
    size = median(segment.size for segment in region)
    ordered = sorted(region, key=lambda segment: segment.top)
    bands = [[ordered[0]]]
    foot = ordered[0].bottom
    for i, segment in enumerate(ordered[1:], start=1):
        gap = segment.top - foot
        crossed = gutter is not None and gutter.top < foot and segment.top < gutter.bottom
        below = [s for s in ordered[i : i + 8] if s.top < segment.top + 1.5 * size]
        announces = any(s.size >= _HEADLINE * size for s in below)
        if gap >= _WIDE_GAP * size and (not crossed or announces or gap >= 3 * size):
            bands.append([])
        bands[-1].append(segment)
        foot = max(foot, segment.bottom)
    return bands


def _tallest_gutter(region: list[Segment]) -> _Gutter | None:
    size = median(segment.size for segment in region)
    headlines = [_widened(s, region) for s in region if s.size >= _HEADLINE * size]
    texts = [s for s in region if s.size < _HEADLINE * size]
    strips = [(left, right) for left, right in _white_strips(region) if right - left >= _MIN_GUTTER * size]
    widest = sorted(sorted(strips, key=lambda strip: strip[0] - strip[1])[:_MAX_STRIPS])
    gutters = [gutter for left, right in widest for gutter in _runs(texts + headlines, left, right)]
    return max(gutters, key=lambda gutter: gutter.bottom - gutter.top, default=None)


def _widened(headline: Segment, region: list[Segment]) -> Segment:
    """A headline with the white beside it: centred over three columns it may stand above the middle one alone."""
    beside = [s for s in region if s is not headline and s.top < headline.bottom and s.bottom > headline.top]
    to_left = any(s.left < headline.left for s in beside)
    to_right = any(s.right > headline.right for s in beside)
    return replace(
        headline,
        left=headline.left if to_left else min(s.left for s in region),
        right=headline.right if to_right else max(s.right for s in region),
    )


def _white_strips(region: list[Segment]) -> Iterator[tuple[float, float]]:
    """Strips between a right edge and the next left edge: where the fewest segments stand, as x runs on."""
    edges = sorted([(s.left, True) for s in region] + [(s.right, False) for s in region])
    for (x, opens), (next_x, next_opens) in pairwise(edges):
        if not opens and next_opens:
            yield x, next_x


def _runs(region: list[Segment], left: float, right: float) -> Iterator[_Gutter]:
    """Where the strip is free: between the segments that stand in it, with columns of text on both sides."""
    middle = (left + right) / 2
    blocking = [s for s in region if s.left < middle < s.right]
    rest = sorted((s for s in region if not s.left < middle < s.right), key=_middle)
    cuts = [float("-inf"), *sorted(_middle(s) for s in blocking), float("inf")]
    i = 0
    for low, high in pairwise(cuts):
        beside: tuple[list[Segment], list[Segment]] = ([], [])
        while i < len(rest) and _middle(rest[i]) <= high:
            beside[rest[i].left > middle].append(rest[i])
            i += 1
        if all(map(_is_column, beside)):
            both = beside[0] + beside[1]
            yield _Gutter(middle, max(low, min(map(_middle, both))), min(high, max(map(_middle, both))))


def _is_column(segments: list[Segment]) -> bool:
    """Two lines at least, as wide as running text is."""
    if len(segments) < 2:
        return False
    return median(s.right - s.left for s in segments) >= _MIN_COLUMN * median(s.size for s in segments)


def _lines(column: list[Segment]) -> list[Line]:
    """The lines of a column: segments on one height joined from left to right."""
    rows: list[list[Segment]] = []
    for segment in sorted(column, key=_middle):
        if rows and abs(_middle(segment) - _middle(rows[-1][-1])) < 0.4 * min(segment.size, rows[-1][-1].size):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return [_join_row(sorted(row, key=lambda segment: segment.left)) for row in rows]


def _join_row(row: list[Segment]) -> Line:
    text = row[0].text
    for before, segment in pairwise(row):
        spaced_out = len(before.text) == 1 and len(segment.text) == 1 and segment.left - before.right < 3 * segment.size
        text += segment.text if spaced_out else f"{_CELL}{segment.text}"
    return Line(
        row[0].left,
        min(s.top for s in row),
        max(s.right for s in row),
        max(s.bottom for s in row),
        max(s.size for s in row),
        text,
    )


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where most lines of a column run: its edges, and from one line's head to the next."""

    left: float
    right: float
    pitch: float


def paragraphs(columns: list[list[Line]]) -> list[str]:
    """The paragraphs of columns in reading order: lines joined that go on in the next line or in the next column."""
    texts: list[str] = []
    last: tuple[Line, _Shape, int] | None = None
    for column in columns:
        shape = _shape_of(column)
        for number, line in enumerate(column):
            if last is not None and _goes_on(last, line, shape, len(column), is_first=number == 0):
                texts[-1] += (" " if _is_between_words(texts[-1][-1], line.text[0]) else "") + line.text
            else:
                texts.append(line.text)
            last = (line, shape, len(column))
    return texts


def _shape_of(column: list[Line]) -> _Shape:
    pitches = [below.top - above.top for above, below in pairwise(column)]
    return _Shape(
        left=min((line.left for line in column), default=0.0),
        right=median(line.right for line in column) if column else 0.0,
        pitch=median(pitches) if pitches else 0.0,
    )


def _goes_on(last: tuple[Line, _Shape, int], line: Line, shape: _Shape, n_lines: int, *, is_first: bool) -> bool:
    """Whether a line, of the same size, goes on with the last one: that is full, and this one begins at the left edge.

    Into another column only a sentence that is broken off goes on, between columns of running text.
    """
    before, shape_before, n_lines_before = last
    same_size = abs(before.size - line.size) <= 0.1 * line.size
    is_full = before.right >= shape_before.right - 1.2 * before.size
    is_flush = line.left <= shape.left + 0.8 * line.size
    is_table = _CELL in before.text or _CELL in line.text
    if not (same_size and is_full and is_flush) or is_table:
        return False
    if not is_first:
        return line.top - before.top <= 1.35 * shape.pitch
    return shape.left >= shape_before.right and min(n_lines, n_lines_before) > 1 and before.text[-1] not in _ENDS


def _is_between_words(before: str, after: str) -> bool:
    """Whether a line's end stands for a space: not beside Chinese, and not in a number that the line's end cuts."""
    return before.isascii() and after.isascii() and not (before.isdigit() and after.isdigit())
