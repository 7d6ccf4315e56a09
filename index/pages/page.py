"""A newspaper page's text -> drafts of its articles: which lines belong together, and which of them are headlines.

Each line of a page plays a part (tagger.py); where one opens an article, a new draft begins. Captions, running heads
and text that stands there twice play none: they go where they stand. What broke off or stands alone is then brought
together by placing.py.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ..types import Span
from .cohesion import Cohesion
from .drafts import Draft
from .features import Statistics, describe_lines
from .joins import Breaks, find_breaks, goes_on
from .lines import Line, LineKind, read_lines
from .placing import place_drafts
from .repeats import mark_repeats
from .tagger import OPENING, Part, Weights, possible_parts, tag_lines
from .tails import move_tails

_ASIDE: frozenset[LineKind] = frozenset(("caption", "running head", "repeat"))


def chain_lines(text: str, statistics: Statistics) -> tuple[list[Line], Cohesion]:
    """The lines of a page that play a part, and the cohesion of its paragraphs."""
    lines = [line for line in mark_repeats(read_lines(text)) if line.kind not in _ASIDE]
    return lines, page_cohesion(lines, statistics)


def page_cohesion(lines: list[Line], statistics: Statistics) -> Cohesion:
    return Cohesion([line.text for line in lines if line.kind == "body"], statistics.common)


def split_page(text: str, weights: Weights) -> list[Draft]:
    """The articles of a page in the order in which they begin; every line stands in exactly one of them."""
    drafts, cohesion = find_drafts(text, weights)
    drafts = place_drafts(drafts, cohesion, weights.statistics, weights.placing)
    move_tails(drafts, cohesion, weights.statistics, weights.tails)
    return drafts


def split_pages(text: str, spans: Sequence[Span], weights: Weights) -> list[Draft]:
    """The articles of a document's pages, each read by itself; where one says 上接第1版, it is put to its beginning."""
    drafts = [draft.moved_by(start) for start, end in spans for draft in split_page(text[start:end], weights)]
    if not any(draft.has("back") for draft in drafts):
        return drafts
    cohesion = page_cohesion([line for draft in drafts for line in draft.paragraphs()], weights.statistics)
    return place_drafts(drafts, cohesion, weights.statistics, weights.placing, only_noted=True)


def find_drafts(text: str, weights: Weights) -> tuple[list[Draft], Cohesion]:
    """The articles and pieces of articles that stand on the page, each in one place."""
    lines = mark_repeats(read_lines(text))
    chain = [line for line in lines if line.kind not in _ASIDE]
    cohesion = page_cohesion(chain, weights.statistics)
    if len(chain) == 1 and chain[0].kind == "short":  # a headline without an article
        return _assemble(lines, ["title"]), cohesion
    parts = tag_lines(describe_lines(chain, cohesion, weights.statistics), possible_parts(chain), weights)
    drafts = _assemble(lines, parts)
    for before, after in pairwise(drafts):
        _part_headlines(before, after, cohesion)
    breaks = find_breaks(drafts, weights.statistics)
    for draft in drafts:
        _turn(draft, breaks, weights)
    return drafts, cohesion


def _assemble(lines: list[Line], parts: list[Part]) -> list[Draft]:
    drafts: list[Draft] = []
    waiting: list[Line] = []
    following = iter(parts)
    for line in lines:
        if line.kind in _ASIDE:
            waiting.append(line)
            continue
        part = next(following)
        if part in OPENING:
            opened = Draft()
            if drafts and waiting:
                drafts[-1].body.extend(waiting)
            else:
                opened.body.extend(waiting)
            drafts.append(opened)
        else:
            drafts[-1].body.extend(waiting)
        waiting = []
        _add(drafts[-1], line, part)
    if waiting and drafts:
        drafts[-1].body.extend(waiting)
    elif waiting:
        drafts.append(Draft(body=waiting))
    return drafts


def _part_headlines(before: Draft, after: Draft, cohesion: Cohesion) -> None:
    """A headline under its text, and right below it the next article's: a blank line between them is where they part.

    The lines that stand without a gap above the first line of the next headline are lines of that headline, unless they
    speak more of the text above.
    """
    titles = before.titles
    is_last = titles and all(line.start <= titles[-1].start for line in before.lines())
    if not is_last or not after.titles or after.titles[0].gap != 0:
        return
    cut = max((i for i, line in enumerate(titles) if i and line.gap > 0), default=0)
    lower = [line.text for line in titles[cut:]]
    above, below = ([line.text for line in draft.paragraphs()] for draft in (before, after))
    if cut and cohesion.between(lower, below) >= cohesion.between(lower, above):
        before.titles, after.titles = titles[:cut], titles[cut:] + after.titles


def _turn(draft: Draft, breaks: Breaks, weights: Weights) -> None:
    """Where the text under a headline goes on with the text above it, in mid-sentence, what stands above is its end."""
    paragraphs = draft.paragraphs()
    if draft.amid and weights.statistics.start(paragraphs[0].text) < 0:
        last, first = paragraphs[-1], paragraphs[0]
        if goes_on(last, first, apart=True, breaks=breaks, statistics=weights.statistics, weights=weights.joins):
            draft.body = draft.body[draft.amid :] + draft.body[: draft.amid]


def _add(draft: Draft, line: Line, part: Part) -> None:
    """Puts a line where its part says."""
    if part == "subtitle":
        draft.top.append(replace(line, kind="short"))
    elif "title" in part:
        draft.amid = len(draft.body) if part == "title amid" else draft.amid
        draft.titles.append(replace(line, kind="short"))
    elif part == "heading":
        draft.body.append(replace(line, kind="short"))
    elif part in ("end byline", "end dateline"):
        draft.end.append(line)
    elif part.endswith(("byline", "dateline")):
        (draft.body if draft.paragraphs() else draft.top).append(line)
    else:
        draft.body.append(replace(line, kind="body"))
