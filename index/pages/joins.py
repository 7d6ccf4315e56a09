"""Whether a paragraph goes on with the one before it in mid-sentence, because a column broke there.

A paragraph that breaks off may also have lost its end. So what follows is weighed: how it starts, whether the two
halves make a word, whether it closes quotation marks that the one before did not open.
"""

from .features import Statistics, opens_news
from .lines import Line
from .marks import ends_sentence

_SURE = 1.0
"""Log odds from which two paragraphs are joined: a false sentence costs more than one that stays in two parts."""
_MAX_GAP_CHARS = 12
"""Line ends and indents between two lines that stand next to each other."""
_PAIRS = {"”": "“", "’": "‘", "）": "（", "》": "《", "」": "「", "』": "『", "】": "【"}


def goes_on(
    before: str, after: str, *, indented: bool, apart: bool, statistics: Statistics, weights: dict[str, float]
) -> bool:
    """Whether `after` is the rest of the sentence with which `before` breaks off, two paragraphs of one article.

    `indented`: `after` is set as paragraphs are; `apart`: other text stands between them on the page.
    """
    if not before or ends_sentence(before):
        return False
    return sum(weights.get(name, 0.0) for name in describe_join(before, after, indented, apart, statistics)) > _SURE


def is_apart(last: Line, line: Line) -> bool:
    """Whether other text stands between two lines that follow each other in an article."""
    return line.start < last.end or line.start - last.end > _MAX_GAP_CHARS


def describe_join(before: str, after: str, indented: bool, apart: bool, statistics: Statistics) -> list[str]:
    """What speaks for and against it, as names of features."""
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
        f"short={len(before) < 20},{start > 0}",
    ]  # fmt: skip


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
