"""Whether a paragraph goes on with the one before it in mid-sentence, because a column broke there.

A paragraph that breaks off may also have lost its end, or its rest may stand elsewhere. So what follows is weighed: how
it starts, whether the two halves make a word, whether it closes quotation marks that the one before did not open, and
whether another paragraph of the page goes on better with the one, or the other goes on better with another one.
"""

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from .drafts import Draft
from .features import Statistics, opens_news
from .lines import Line
from .marks import ends_sentence

_SURE = 1.5
"""Log odds from which two paragraphs are joined: a false sentence costs more than one that stays in two parts."""
_NONE = -9.0
"""The log odds of a rival where there is none."""
_MIN_AMID = -1.0
"""Log odds from which a paragraph may begin in mid-sentence."""
_MAX_NEAR = 8
_MAX_GAP_CHARS = 12
"""Line ends and indents between two lines that stand next to each other."""
_PAIRS = {"”": "“", "’": "‘", "）": "（", "》": "《", "」": "「", "』": "『", "】": "【"}


@dataclass(frozen=True, slots=True)
class Breaks:
    """The paragraphs of a page that break off, and those that may begin in mid-sentence, in the page's order."""

    opened: tuple[Line, ...] = ()
    rests: tuple[Line, ...] = ()


def find_breaks(drafts: Iterable[Draft], statistics: Statistics) -> Breaks:
    """All of a document's pages."""
    paragraphs = sorted((line for draft in drafts for line in draft.paragraphs()), key=lambda line: line.start)
    return Breaks(
        tuple(line for line in paragraphs if not ends_sentence(line.text)),
        tuple(line for line in paragraphs if statistics.seams.amid(line.text) > _MIN_AMID),
    )


def goes_on(
    before: Line, after: Line, *, apart: bool, breaks: Breaks, statistics: Statistics, weights: dict[str, float]
) -> bool:
    """Whether `after` is the rest of the sentence with which `before` breaks off, two paragraphs of one article.

    `apart`: other text stands between them on the page; `breaks` are those of the whole page.
    """
    if ends_sentence(before.text):
        return False
    return sum(weights.get(name, 0.0) for name in describe_join(before, after, apart, breaks, statistics)) > _SURE


def is_apart(last: Line, line: Line) -> bool:
    """Whether other text stands between two lines that follow each other in an article."""
    return line.start < last.end or line.start - last.end > _MAX_GAP_CHARS


def describe_join(line: Line, following: Line, apart: bool, breaks: Breaks, statistics: Statistics) -> list[str]:
    """What speaks for and against it, as names of features."""
    before, after, indented = line.text, following.text, following.indented
    start = round(2 * max(-4.0, min(3.0, statistics.start(after)))) / 2
    joined = statistics.joined(before, after)
    last = "comma" if before[-1] in "，、,；" else "quote" if before[-1] in "”’）》」』】)" else "open"
    news = opens_news(after)
    seam, amid = statistics.seam(before, after), statistics.amid(after)
    return [
        "bias", f"start={start}", f"joined={joined}", f"joined={joined},{start > 0}", f"last={last}",
        f"last={last},{start > 0}", f"news opening={news}", f"news opening={news},{joined}", f"indented={indented}",
        f"seam={seam}", f"amid={amid}", f"seam={seam},{news},{indented}", f"amid={amid // 2},{last}",
        f"seam={seam},{amid}", f"seam={seam // 2},{amid // 2},{last}", f"apart={apart}", f"apart={apart},{seam}",
        f"apart={apart},{amid // 2}", f"closes={closes_unopened(before, after)}",
        f"short={len(before) < 20},{start > 0}", *_rivals(line, following, breaks, statistics),
    ]  # fmt: skip


def _rivals(before: Line, after: Line, breaks: Breaks, statistics: Statistics) -> list[str]:
    """How much better the two fit each other than another paragraph near them on the page fits one of them."""
    between = statistics.seams.between
    own = between(before.text, after.text)
    others = [line for line in _near(breaks.opened, after) if line.start != before.start]
    rests = [line for line in _near(breaks.rests, before) if line.start != after.start]
    left = own - max((between(line.text, after.text) for line in others), default=_NONE)
    right = own - max((between(before.text, line.text) for line in rests), default=_NONE)
    left_bin, right_bin = (max(-4, min(4, round(margin / 1.5))) for margin in (left, right))
    seam, amid = statistics.seam(before.text, after.text), statistics.amid(after.text)
    return [
        f"left={left_bin}", f"right={right_bin}", f"left={left_bin},{seam // 2}", f"right={right_bin},{seam // 2}",
        f"right={right_bin},amid={amid // 2}", f"open={min(len(others), 4)}",
    ]  # fmt: skip


def _near(lines: tuple[Line, ...], line: Line) -> tuple[Line, ...]:
    """Those that stand nearest before and after a line, so that the work for a page is linear in its length."""
    at = bisect_left(lines, line.start, key=lambda other: other.start)
    return lines[max(0, at - _MAX_NEAR) : at + _MAX_NEAR + 1]


def closes_unopened(before: str, after: str) -> bool:
    """Whether `after` closes a quotation or a bracket that neither it nor the last sentence before it opened."""
    opened = [c for c in before[-200:] if c in _PAIRS or c in _PAIRS.values()]
    stack: list[str] = []
    for c in opened:
        if c in _PAIRS.values():
            stack.append(c)
        elif stack:
            stack.pop()
    for c in after[:80]:
        if c in _PAIRS.values():
            stack.append(c)
        elif c in _PAIRS:
            if not stack:
                return True
            stack.pop()
    return False
