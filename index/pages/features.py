"""A page's lines -> what speaks for and against each being a headline, the start of an article, a section heading ...

Features are names (`"next=dateline"`); the weights of models/pages know some of them, and the others weigh nothing.
Numbers are put into bins, so that a linear model can follow any curve.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..terms import fold
from .cohesion import Cohesion
from .lines import Line
from .marks import ends_sentence
from .seams import Seams

_COHESION_BINS = (0.001, 0.006, 0.012, 0.02, 0.03, 0.045, 0.07, 0.11)
_COVERAGE_BINS = (0.001, 0.04, 0.08, 0.14, 0.22, 0.32, 0.45, 0.6, 0.8)
_DIFFERENCE_BINS = (-0.4, -0.25, -0.14, -0.06, -0.015, 0.015, 0.06, 0.14, 0.25, 0.4)
_SEAM_BINS = (-7.0, -5.0, -3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5, 5.0, 7.0)
_LENGTH_BINS = (5, 8, 11, 15, 20, 26, 34, 48)
_AMID = 6
"""Bin from which a text may begin in mid-sentence."""
_MIN_TWIN = 5
"""Characters of a line that may be the same as another one, or a part of it."""
_MAX_OPEN, _MAX_SHORTS = 12, 40
"""Lines that break off, of those that a page's other lines are compared with."""
_MAX_RUN, _MAX_WALK = 6, 24
"""Paragraphs before and after a line that it is compared with, and lines that are passed to find them."""
_SUBTITLE = re.compile(r"——|—|--|访|记(?!者)|对话|专访")
_NUMBERED = re.compile(r"[（(]?[一二三四五六七八九十\d]{1,3}[）)、.．]|[●■◆▶·]")
_NEWS_OPENING = re.compile(
    r".{0,14}?(?:\d{1,2}日|近日|日前|昨天|昨日|今天|今日|今年|近年|最近|目前|当地时间|记者|据|连日来|随着|截至|此外|同时|与此同时|对此)"
    r"|[^，。,:：]{2,16}?(?:表示|强调|指出|认为|介绍|说|称|宣布|要求|提出|透露|建议)[，,：:“]"
)
_CLOSERS = "，。、；：？！”’）》」』】,;:?!)"


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the news says of characters: which start a sentence, and which two stand together."""

    starts: dict[str, float]
    """Log odds of a character, or of two, at a paragraph's start, against the middle of one."""
    ends: dict[str, float]
    """Log odds of a character, or of two, before a mark of punctuation, against before another character."""
    pairs: frozenset[str]
    """Pairs of characters that stand together far more often than by chance."""

    common: dict[str, float]
    """How much terms count that stand in many articles, 0 to 1; other terms count 1."""

    seams: Seams = field(compare=False)
    """Whether two texts are the halves of one sentence."""

    def seam(self, left: str, right: str) -> int:
        """The bin, 0 to 12, of how much `right` looks like the rest of the sentence with which `left` breaks off."""
        return bisect_right(_SEAM_BINS, self.seams.between(left, right))

    def amid(self, text: str) -> int:
        """The bin, 0 to 12, of how much a text looks as if it began in the middle of a sentence."""
        return bisect_right(_SEAM_BINS, self.seams.amid(text))

    def start(self, text: str) -> float:
        """How much a text looks like the start of a paragraph: below 0 it looks like the middle of one."""
        if text[:1] in _CLOSERS:
            return -4.0
        folded = fold(text[:2])
        return self.starts.get(folded, self.starts.get(folded[:1], 0.0))

    def end(self, text: str) -> float:
        """How much a text looks like the end of a clause: below 0 it looks like the middle of one."""
        folded = fold(text[-2:])
        return self.ends.get(folded, self.ends.get(folded[-1:], 0.0))

    def joined(self, left: str, right: str) -> bool:
        """Whether two texts look like the two halves of a word."""
        a, b = left[-1:], right[:1]
        both = fold(a + b)
        return both in self.pairs or (both.isascii() and both.isalnum()) or a in "“‘（《「『【(" or b in _CLOSERS


def opens_news(text: str) -> bool:
    """Whether a text begins as reports begin a paragraph: with a day, a source, or someone who says something."""
    return bool(_NEWS_OPENING.match(fold(text[:30])))


def describe_lines(lines: Sequence[Line], cohesion: Cohesion, statistics: Statistics) -> list[list[str]]:
    """The features of each line of a page (captions, running heads and repeats are not among them)."""
    page = _Page(lines, cohesion, statistics)
    return [page.describe(i) for i in range(len(lines))]


class _Page:
    """The lines of one page with what is looked up again and again."""

    def __init__(self, lines: Sequence[Line], cohesion: Cohesion, statistics: Statistics) -> None:
        self.lines = lines
        self.kinds = ["start", "start", *(line.kind for line in lines), "end", "end"]
        self.cohesion = cohesion
        self.statistics = statistics
        n_datelines = self.kinds.count("dateline")
        self.marked = "marked" if n_datelines > 1 else "one" if n_datelines else "bare"
        bodies = [line for line in lines if line.kind == "body"]
        self.indents = sum(line.indented for line in bodies) > 0.3 * len(bodies)
        gaps = sorted(line.gap for line in lines if line.gap >= 0)
        self.gap = gaps[len(gaps) // 2] if gaps else 0
        kinds = self.kinds[2:-2]
        self.open = [i for i, line in enumerate(lines) if line.kind == "body" and not ends_sentence(line.text)]
        self.shorts = [i for i, line in enumerate(lines) if line.kind == "short"][:_MAX_SHORTS]
        self.amid = [statistics.amid(line.text) if line.kind in ("body", "short") else 0 for line in lines]
        self.before = {kind: _nearest(kinds, kind, "start") for kind in ("short", "body")}
        self.after = {kind: _nearest(kinds[::-1], kind, "end")[::-1] for kind in ("short", "body")}

    def describe(self, i: int) -> list[str]:
        line = self.lines[i]
        kind = line.kind
        before, after = self._run(i - 1, -1), self._run(i if kind == "body" else i + 1, 1)
        names = [f"kind={kind}", *self._surroundings(i), *self._form(i)]
        names += self._break(i)
        if kind == "short":
            names += self._headline(i, before, after)
        else:
            names += self._boundary(i, before, after)
        return [f"{kind}:{name}" for name in names]

    def _kind(self, i: int) -> str:
        return self.kinds[i + 2] if -2 <= i < len(self.lines) + 2 else "none"

    def _run(self, first: int, step: int) -> list[str]:
        """The paragraphs next to a place: past headlines and marks to the first one, and on to the next mark."""
        texts: list[str] = []
        for i in range(first, first + step * _MAX_WALK, step):
            if not 0 <= i < len(self.lines) or len(texts) == _MAX_RUN:
                break
            if self.lines[i].kind == "body":
                texts.append(self.lines[i].text)
            elif texts:
                break
        return texts

    def _surroundings(self, i: int) -> list[str]:
        p, pp, n, nn = (self._kind(i + k) for k in (-1, -2, 1, 2))
        line = self.lines[i]
        after = self.lines[i + 1].gap if i + 1 < len(self.lines) else 9
        return [
            f"prev={p}", f"prev2={pp},{p}", f"next={n}", f"next2={n},{nn}", f"around={p},{n}",
            f"gap={_sign(line.gap - self.gap)}", f"inline={line.gap == -1},{after == -1}",
            f"next gap={_sign(after - self.gap)}", f"gaps={_sign(line.gap - after)}",
        ]  # fmt: skip

    def _form(self, i: int) -> list[str]:
        text = self.lines[i].text
        folded = fold(text[:24])
        end = "stop" if ends_sentence(text) else "comma" if text[-1] in "，、" else "open"
        names = [
            f"amid={self.amid[i]}",
            f"end={end},{text[-1] in '？！?!'}",
            f"length={bisect_right(_LENGTH_BINS, len(text))}",
        ]
        names.append(f"start={round(max(-4, min(3, self.statistics.start(text))))}")
        if end == "open":
            names.append(f"ending={round(max(-4, min(3, self.statistics.end(text))))}")
        if re.search(r"[。！？；]", text[:-1]):
            names.append(f"stop inside={end}")
        if _SUBTITLE.match(folded):
            names.append("subtitle")
        if _NUMBERED.match(folded):
            names.append("numbered")
        if opens_news(text):
            names.append("news opening")
        names.append(f"commas={min(3, sum(map(text.count, '，、；')))},{len(text) > 30}")
        if self.indents:
            names.append(f"indented={self.lines[i].indented}")
        if text[0] in "（(【" and text[-1] in "）)】":
            names.append("bracketed")
        if re.search(r"\s", text):
            names.append("spaced")
        return names

    def _break(self, i: int) -> list[str]:
        """Whether the paragraph before it breaks off, and whether this line goes on with it."""
        text = self.lines[i].text
        names: list[str] = []
        for back in (1, 2, 3):
            j = i - back
            if j < 0:
                break
            if self.lines[j].kind in ("body", "short") and (self.lines[j].kind == "body" or back == 1):
                other = self.lines[j].text
                opened = not ends_sentence(other)
                joined = opened and self.statistics.joined(other, text)
                names.append(f"before{back}={self.lines[j].kind},{opened},{joined}")
                names.append(f"length={bisect_right(_LENGTH_BINS, len(text))},{opened}")
                names.append(f"before{back}={self.lines[j].kind},{opened},{joined},{self.statistics.start(text) < 0}")
                seam = self.statistics.seam(other, text) if opened else -1
                names.append(f"seam={seam},{self.lines[j].kind}")
                names.append(f"seam={seam},{self.amid[i] // 2},{back}")
                names.append(f"elsewhere={self._better(i, j, seam)},{seam // 3}")
                break
        if i + 1 < len(self.lines) and self.lines[i + 1].kind in ("body", "short") and not ends_sentence(text):
            other = self.lines[i + 1].text
            joined = self.statistics.joined(text, other)
            names.append(f"after={self.lines[i + 1].kind},{joined},{self.statistics.start(other) < 0}")
            names.append(f"seam after={self.lines[i + 1].kind},{self.statistics.seam(text, other)}")
        return names

    def _better(self, i: int, before: int, seam: int) -> str:
        """Whether a line that begins in mid-sentence goes on better with another line of the page that breaks off."""
        if self.amid[i] < _AMID:
            return "start"
        others = [j for j in self.open if j not in (i, before)][:_MAX_OPEN]
        best = max((self.statistics.seam(self.lines[j].text, self.lines[i].text) for j in others), default=-1)
        return "none" if best < 0 else str(max(-4, min(4, best - seam)) // 2)

    def _headline(self, i: int, before: list[str], after: list[str]) -> list[str]:
        text = self.lines[i].text
        behind, ahead = self.cohesion.coverage(text, before), self.cohesion.coverage(text, after)
        mark, signed = self.after["short"][i][0], self.before["short"][i][0]
        same = bisect_right(_COHESION_BINS, self.cohesion.between(before, after))
        beyond, beneath = self._signs_beyond(i)
        nth, n_after = self.before["short"][i][1], self.after["short"][i][1]
        difference = bisect_right(_DIFFERENCE_BINS, ahead - behind)
        lead = bisect_right(_COVERAGE_BINS, self.cohesion.coverage(text, after[:1]))
        place = f"{min(nth, 2)}/{min(nth + n_after, 3)}"
        names = [
            f"behind={bisect_right(_COVERAGE_BINS, behind)}", f"ahead={bisect_right(_COVERAGE_BINS, ahead)}",
            f"difference={difference}", f"difference={difference},{place}", f"same={same}",
            f"same={same},{self.marked},{mark}", f"mark={mark},{signed}", f"mark={mark},{signed},{self.marked}",
            f"place={place}", f"place={place},{mark},{signed}", f"cover={_coarse(behind)},{_coarse(ahead)},{same // 2}",
            f"twin={self._twin(i)}", f"lead={lead}",
            f"beyond={mark},{beyond}",
            f"beyond={mark},{beyond},{beneath},{self.marked}", f"beyond={mark},{beyond},same={same}",
        ]  # fmt: skip
        if nth:
            both = self.statistics.joined(self.lines[i - 1].text, text)
            names.append(f"run joined={both}")
            names.append(f"run seam={self.statistics.seam(self.lines[i - 1].text, text)}")
            names.append(f"run start={self.statistics.start(text) < 0}")
        return names

    def _twin(self, i: int) -> str:
        """Whether a line stands on the page twice: a headline is repeated where its article goes on."""
        own = "".join(self.lines[i].text.split())
        if len(own) < _MIN_TWIN:
            return "short"
        others = [(j, "".join(self.lines[j].text.split())) for j in self.shorts if j != i]
        twins = [j for j, other in others if own in other or (len(other) >= _MIN_TWIN and other in own)]
        return "none" if not twins else "before" if twins[0] < i else "after"

    def _signs_beyond(self, i: int) -> tuple[str, str]:
        """What stands beyond the paragraphs under a headline, and beyond those above it."""
        below = min(i + 1 + self.after["short"][i][1], len(self.lines) - 1)
        above = max(i - 1 - self.before["short"][i][1], 0)
        return self.after["body"][below][0], self.before["body"][above][0]

    def _boundary(self, i: int, before: list[str], after: list[str]) -> list[str]:
        same = self.cohesion.between(before[:4], after[:4])
        near = self.cohesion.between(before[:1], after[:2])
        rest = self.cohesion.between(after[:1], after[1:4])
        bins = bisect_right(_COHESION_BINS, same)
        names = [
            f"same={bins}", f"near={bisect_right(_COHESION_BINS, near)}", f"same={bins},{self._kind(i - 1)}",
            f"drop={bisect_right(_DIFFERENCE_BINS, 3 * (near - rest))}", f"page={self.marked}",
            f"runs={min(len(before), 2)},{min(len(after), 2)}", f"amid={self.amid[i] // 2},same={bins}",
        ]  # fmt: skip
        ahead, behind = self.after["body"][i][0], self.before["body"][i][0]
        names.append(f"run ends={behind},{ahead}")
        names.append(f"same={bins},{behind},{ahead}")
        return names


def _nearest(kinds: Sequence[str], passed: str, edge: str) -> list[tuple[str, int]]:
    """For each line the nearest kind before it that is not `passed` (`edge` for none), and how many it passes."""
    found: list[tuple[str, int]] = []
    last, n_passed = edge, 0
    for kind in kinds:
        found.append((last, n_passed))
        last, n_passed = (last, n_passed + 1) if kind == passed else (kind, 0)
    return found


def _coarse(coverage: float) -> int:
    return bisect_right(_COVERAGE_BINS, coverage) // 3


def _sign(number: int) -> str:
    return "<" if number < 0 else ">" if number > 0 else "="
