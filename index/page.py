"""A newspaper page's lines -> drafts of its articles: which lines belong together, and which of them are headlines.

A page is read as an alternation of *bodies* (runs of paragraphs) and *heads* (headlines, bylines and datelines between
two bodies). A head ends the article before it, opens the one after it, or is a section heading inside one; who owns a
headline is decided by where datelines stand and by the terms that it shares with the text on either side. A page that
breaks off in mid-sentence looks for its tail: paragraphs elsewhere that fit it better than where they stand.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import takewhile

from .cohesion import Cohesion
from .lines import Line, ends_sentence

_SUBTITLE = re.compile(r"^(?:——|—|--|访|记(?!者)|对话|专访)")
_SAME_TOPIC, _SAME_TOPIC_MARKED = 0.02, 0.008
"""Cohesion from which the text after a headline without byline or dateline goes on with the article before it, so that
the headline is a section heading: on a page without bylines and datelines, and on one where articles carry them."""
_TAIL = 0.04
"""Cohesion from which paragraphs may be the tail of an article that breaks off."""
_MAX_CUTS = 40
"""How many places are tried at once for a cut: reading a page stays linear in its paragraphs."""


@dataclass(slots=True)
class Draft:
    """An article while its page is being read: lists of lines in reading order."""

    titles: list[Line] = field(default_factory=list)
    top: list[Line] = field(default_factory=list)
    body: list[Line] = field(default_factory=list)
    """Paragraphs, captions, section headings and what stands between them."""
    end: list[Line] = field(default_factory=list)

    def lines(self) -> list[Line]:
        return self.titles + self.top + self.body + self.end

    def paragraphs(self) -> list[Line]:
        return [line for line in self.body if line.kind == "body"]

    def texts(self) -> list[str]:
        return [line.text for line in self.titles + self.paragraphs()]

    def breaks_off(self) -> bool:
        paragraphs = self.paragraphs()
        return bool(paragraphs) and not self.end and not ends_sentence(paragraphs[-1].text)


def split_page(lines: list[Line]) -> list[Draft]:
    """The articles of a page in the order in which they begin; every line stands in exactly one of them."""
    cohesion = Cohesion([line.text for line in lines if line.kind == "body"])
    marked = sum(1 for line in lines if line.kind == "dateline") > 1
    same_topic = _SAME_TOPIC_MARKED if marked else _SAME_TOPIC
    drafts = [Draft()]
    i = 0
    while i < len(lines):
        stop = i
        while stop < len(lines) and lines[stop].kind not in ("body", "caption"):
            stop += 1
        if stop > i:
            _place_head(drafts, lines[i:stop], _paragraphs_from(lines, stop), cohesion, same_topic)
            i = stop
        else:
            drafts[-1].body.append(lines[i])
            i += 1
    drafts = [draft for draft in drafts if draft.lines()]
    _move_tails(drafts, cohesion)
    return [draft for draft in drafts if draft.lines()]


def _paragraphs_from(lines: list[Line], start: int) -> list[Line]:
    """The paragraphs that follow a head, up to the next head."""
    paragraphs: list[Line] = []
    for line in lines[start:]:
        if line.kind == "body":
            paragraphs.append(line)
        elif line.kind != "caption":
            break
    return paragraphs


def _place_head(
    drafts: list[Draft], head: list[Line], following: list[Line], cohesion: Cohesion, same_topic: float
) -> None:
    """Gives a head's lines to the article before it and to the one that it opens, or keeps them as headings."""
    before = drafts[-1]
    shorts = [line for line in head if line.kind == "short"]
    if not before.body:  # nothing was read yet: everything here is the top of an article
        _open(before, head)
    elif not following:  # the page ends: what stands here signs off the last article, or names one
        _close_page(drafts, head, shorts)
    elif not shorts:
        _place_unnamed(drafts, head, opens_paragraph=following[0].gap == -1)
    elif _is_heading(before, head, shorts, [line.text for line in following], cohesion, same_topic):
        before.body.extend(head)
    else:
        _place_named(drafts, head, shorts, [line.text for line in following], cohesion)


def _is_heading(
    before: Draft,
    head: list[Line],
    shorts: list[Line],
    after: list[str],
    cohesion: Cohesion,
    same_topic: float,
) -> bool:
    """Whether what looks like a headline is a section heading: nothing marks a new article, and the topic goes on."""
    marked = len(shorts) < len(head)
    return bool(before.titles) and not marked and cohesion.between(after, before.texts()) >= same_topic


def _open(draft: Draft, head: list[Line]) -> None:
    """A head that opens an article: its first headlines are the title, the rest stands at the top."""
    for line in head:
        is_title = line.kind == "short" and not draft.top and not (draft.titles and _SUBTITLE.match(line.text))
        (draft.titles if is_title else draft.top).append(line)


def _close_page(drafts: list[Draft], head: list[Line], shorts: list[Line]) -> None:
    drafts[-1].end.extend(line for line in head if line.kind != "short")
    untitled = [draft for draft in drafts if not draft.titles]
    if shorts and untitled:
        untitled[-1].titles.extend(shorts)
    elif shorts:
        drafts.append(Draft(titles=list(shorts)))


def _place_unnamed(drafts: list[Draft], head: list[Line], *, opens_paragraph: bool) -> None:
    """Bylines and datelines between two bodies sign off the article before, or open one that has no headline yet."""
    before = drafts[-1]
    has_dateline = any(line.kind == "dateline" for line in before.top)
    if head[-1].kind == "dateline" and (opens_paragraph or has_dateline):
        drafts.append(Draft(top=list(head)))
    elif opens_paragraph:
        before.body.extend(head)
    else:
        before.end.extend(head)
        drafts.append(Draft())


def _place_named(
    drafts: list[Draft], head: list[Line], shorts: list[Line], after: list[str], cohesion: Cohesion
) -> None:
    """Headlines between two bodies: the first may name the article before them, the others open the next."""
    first = head.index(shorts[0])
    sign_off = head[:first]
    if _hides_an_article(drafts[-1], sign_off):
        drafts.append(_cut_hidden(drafts[-1], shorts[0], after, cohesion))
    before = drafts[-1]
    before.end.extend(sign_off)
    leading = list(takewhile(lambda line: line.kind == "short", head[first:]))
    n_own = 0 if before.titles else _n_titles_of(before.texts(), leading, after, cohesion)
    before.titles.extend(leading[:n_own])
    opened = Draft()
    _open(opened, head[first + n_own :])
    drafts.append(opened)


def _hides_an_article(draft: Draft, sign_off: list[Line]) -> bool:
    """A body under one byline or dateline that ends in another is two articles."""
    top_kinds = {line.kind for line in draft.top}
    doubled = any(line.kind in top_kinds for line in sign_off if line.kind != "short")
    return doubled and len(draft.paragraphs()) > 1


def _cut_hidden(draft: Draft, title: Line, after: list[str], cohesion: Cohesion) -> Draft:
    """Cuts the second article out of a body, where each paragraph fits its own side best.

    Its headline is `title`, which stands after it; or, where that fits the text `after` it better, what was taken for a
    section heading.
    """
    headings = [i for i, line in enumerate(draft.body) if i and line.kind == "short"]
    named_inside = headings and cohesion.between([title.text], after) > cohesion.between([title.text], draft.texts())
    cuts = headings if named_inside else [i for i, line in enumerate(draft.body) if i and line.kind == "body"]

    def fit(cut: int) -> float:
        first, second = draft.titles + draft.body[:cut], draft.body[cut:]
        if not named_inside:
            second = [title, *second]
        # Minus what it shares with the other side: a side of one or two lines is always close to itself.
        return cohesion.contrast([line.text for line in first], [line.text for line in second])

    cut = _best_cut(cuts, fit)
    body = draft.body[cut:]
    del draft.body[cut:]
    return Draft(titles=body[:1], body=body[1:]) if named_inside else Draft(body=body)


def _best_cut(cuts: list[int], fit: Callable[[int], float]) -> int:
    """The cut that fits best. Of more than `_MAX_CUTS`, evenly spread ones are tried, then those around the best."""
    while len(cuts) > _MAX_CUTS:
        step = math.ceil(len(cuts) / _MAX_CUTS)
        best = max(range(0, len(cuts), step), key=lambda i: fit(cuts[i]))
        cuts = cuts[max(0, best - step + 1) : best + step]
    return max(cuts, key=fit)


def _n_titles_of(before: list[str], shorts: list[Line], after: list[str], cohesion: Cohesion) -> int:
    """How many of the headlines between two bodies belong to the one before them (its headline stands after it)."""

    def fit(n_own: int) -> float:
        own = sum(cohesion.between([line.text], before) for line in shorts[:n_own])
        return own + sum(cohesion.between([line.text], after) for line in shorts[n_own:])

    return max(range(len(shorts) + 1), key=fit)


def _move_tails(drafts: list[Draft], cohesion: Cohesion) -> None:
    """Gives each article that breaks off in mid-sentence the paragraphs elsewhere on the page that go on with it."""
    for draft in drafts:
        if not draft.breaks_off():
            continue
        found = _find_tail(draft, drafts, cohesion)
        if found is None:
            continue
        home, cut = found
        draft.body.extend(home.body[cut:])
        del home.body[cut:]
        if not home.body:
            draft.end.extend(home.top + home.end)
            home.top, home.end = [], []


def _find_tail(draft: Draft, drafts: list[Draft], cohesion: Cohesion) -> tuple[Draft, int] | None:
    """Where the best tail stands: its article so far, and the index in that article's body from which on it is."""
    best: tuple[float, Draft, int] | None = None
    for home in drafts:
        if home is draft:
            continue
        first_cut = 0 if not home.titles else 1
        for cut in range(first_cut, len(home.body)):
            tail = [line.text for line in home.body[cut:] if line.kind == "body"]
            kept = [line.text for line in home.titles + home.body[:cut] if line.kind != "caption"]
            fit = cohesion.between(tail, draft.texts())
            margin = fit - 1.5 * cohesion.between(tail, kept) if kept else fit
            starts_sentence = cut == 0 or ends_sentence(home.body[cut - 1].text)
            if tail and starts_sentence and fit >= _TAIL and margin > 0 and (best is None or fit > best[0]):
                best = (fit, home, cut)
    return (best[1], _extend_tail(draft, best[1], best[2], cohesion)) if best else None


def _extend_tail(draft: Draft, home: Draft, cut: int, cohesion: Cohesion) -> int:
    """Moves the cut up over the paragraphs that fit the tail and its article better than what stays behind."""
    while cut > 1:
        paragraph = [home.body[cut - 1].text]
        grown = draft.texts() + [line.text for line in home.body[cut:]]
        kept = [line.text for line in home.titles + home.body[: cut - 1]]
        if home.body[cut - 1].kind != "body" or cohesion.between(paragraph, grown) <= cohesion.between(paragraph, kept):
            break
        cut -= 1
    return cut
