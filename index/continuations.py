"""Articles that go on in another document: 下转第4版 in the one, 上接第1版 in the other.

What a document's rows are depends on that document alone, so that an edit costs what it costs. So each article keeps
only its own notes (a `Jump`, written with it), and which two belong together is decided from all notes when they are
read: a pure function of what the documents say, the same after an edit as after a full build.

Two parts belong together where they stand in the same issue, their page numbers do not contradict each other, and the
second carries the first one's headline, or some of it; or carries none, and begins as the first one ends. Each must be
the only one that fits the other.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from .pages.dates import date_in_name
from .pages.marks import ends_sentence, jump_page
from .pages.seams import Seams
from .terms import fold
from .types import Article, Document

Part = tuple[str, int]
"""`(doc_id, number)` of an article."""

_EDGE_CHARS = 24
_MIN_SHARED_TITLE = 6
_MOST_PAIRS = 100_000
"""An issue has a few hundred notes. So many that are only alike (an archive in one folder, without dates) say nothing,
and to compare them all would take minutes."""
_PAGE_HEAD = re.compile(r"第?\s*([a-z]?\d{1,3}|[一二三四五六七八九十]{1,3})\s*版")
_PAGE_IN_NAME = re.compile(r"第([a-z]?\d{1,3})版|[-_. ](?:p|page|版)?([a-z]?\d{1,2})版?$")
_DATE_IN_NAME = re.compile(r"(?<!\d)(?:19|20)\d{2}[-_.年]?\d{2}[-_.月]?\d{2}日?(?!\d)")


@dataclass(frozen=True, slots=True)
class Jump:
    """What the continuation notes of one article say, and what is needed to find its other part."""

    doc_id: str
    number: int
    to_page: str
    """The page that it goes on, as a number without zeros (`4`, `a4`); "" where it does not go on."""
    from_page: str
    """The page that it comes from; "" where it comes from none."""
    page: str
    """The page that it stands on, if the running head or the file's name says so."""
    title: str
    first: str
    """The first characters of its text."""
    last: str

    @property
    def part(self) -> Part:
        return self.doc_id, self.number


def find_jumps(document: Document, articles: Sequence[Article]) -> list[Jump]:
    """The articles of a document whose other part does not stand in it."""
    found: list[Jump] = []
    for article in articles:
        notes = [document.text[block.start : block.end] for block in article.blocks if block.kind == "metadata"]
        pages = [(kind, page) for note in notes for kind, page in [jump_page(note)] if page]
        to_page = pages[-1][1] if pages and pages[-1][0] == "forward" else ""
        from_page = pages[0][1] if pages and pages[0][0] == "back" else ""
        if to_page or from_page:
            body = [document.text[b.start : b.end] for b in article.blocks if b.kind == "body"] or [""]
            found.append(
                Jump(
                    article.doc_id, article.number, to_page, from_page, _own_page(document, articles),
                    "" if article.unplaced else article.title, body[0][:_EDGE_CHARS], body[-1][-_EDGE_CHARS:],
                )
            )  # fmt: skip
    return found


def _own_page(document: Document, articles: Sequence[Article]) -> str:
    heads = (document.text[b.start : b.end] for a in articles for b in a.blocks if b.kind == "metadata")
    for head in heads:
        match = _PAGE_HEAD.match(fold(head))
        if match and not jump_page(head)[1]:
            return page_number(match[1])
    stem = fold(document.doc_id.rpartition("/")[2].rpartition(".")[0])
    match = _PAGE_IN_NAME.search(_DATE_IN_NAME.sub("", stem))
    return page_number(match[1] or match[2]) if match else ""


def find_links(jumps: Iterable[Jump], seams: Seams) -> list[tuple[Part, ...]]:
    """The parts of each article that stands in several documents, in reading order; each part in one article."""
    forward: dict[tuple[str, str], list[Jump]] = {}
    back: dict[tuple[str, str], list[Jump]] = {}
    for jump in sorted(jumps, key=lambda jump: jump.part):
        if jump.to_page:
            forward.setdefault(_issue(jump.doc_id), []).append(jump)
        if jump.from_page:
            back.setdefault(_issue(jump.doc_id), []).append(jump)
    following: dict[Part, Part] = {}
    for issue, heads in forward.items():
        following |= _match(heads, back.get(issue, []), seams)
    return _chains(following)


def _match(heads: Sequence[Jump], tails: Sequence[Jump], seams: Seams) -> dict[Part, Part]:
    """Of one issue: first those with the same headline, then those with some of it, then those that are left; of each
    kind, those that are the only ones for each other."""
    titles = {jump.part: "".join(re.findall(r"\w", fold(jump.title))) for jump in (*heads, *tails)}
    found: dict[Part, Part] = {}

    def shares(head: Jump, tail: Jump) -> bool:
        short, long = sorted((titles[head.part], titles[tail.part]), key=len)
        return len(short) >= _MIN_SHARED_TITLE and short in long

    def is_left(head: Jump, tail: Jump) -> bool:
        return not titles[tail.part] and _goes_on(head, tail, seams)

    for is_fit in (None, shares, is_left):
        taken = set(found.values())
        own_heads = [head for head in heads if head.part not in found]
        own_tails = [tail for tail in tails if tail.part not in taken]
        if is_fit is None:
            pairs = _of_one_title(own_heads, own_tails, titles)
        else:
            pairs = [pair for pair in _agreeing(own_heads, own_tails) if is_fit(*pair)]
        n_tails, n_heads = (Counter(pair[i].part for pair in pairs) for i in (0, 1))
        found |= {h.part: t.part for h, t in pairs if n_tails[h.part] == n_heads[t.part] == 1}
    return found


def _of_one_title(heads: Sequence[Jump], tails: Sequence[Jump], titles: Mapping[Part, str]) -> list[tuple[Jump, Jump]]:
    """The pairs that have a headline, the same one."""
    groups: dict[str, tuple[list[Jump], list[Jump]]] = {}
    for side, jumps in enumerate((heads, tails)):
        for jump in jumps:
            groups.setdefault(titles[jump.part], ([], []))[side].append(jump)
    groups.pop("", None)
    return [pair for group in groups.values() for pair in _agreeing(*group)]


def _agreeing(heads: Sequence[Jump], tails: Sequence[Jump]) -> list[tuple[Jump, Jump]]:
    """The pairs whose page numbers do not contradict each other; none of more notes than any issue has."""
    if len(heads) * len(tails) > _MOST_PAIRS:
        return []
    return [(head, tail) for head in heads for tail in tails if _agree(head, tail)]


def _agree(head: Jump, tail: Jump) -> bool:
    """Whether the page numbers of two parts of two documents allow that the one goes on with the other."""
    on = not tail.page or tail.page == head.to_page
    return on and (not head.page or head.page == tail.from_page) and head.doc_id != tail.doc_id


def _goes_on(head: Jump, tail: Jump, seams: Seams) -> bool:
    """Whether the second part begins as the first ends: in mid-sentence, or not."""
    breaks_off = bool(head.last) and not ends_sentence(head.last)
    return breaks_off == (seams.amid(tail.first) > 0)


def _chains(following: dict[Part, Part]) -> list[tuple[Part, ...]]:
    chains: list[tuple[Part, ...]] = []
    for start in sorted(following.keys() - set(following.values())):
        chain = [start]
        while chain[-1] in following:
            chain.append(following[chain[-1]])
        chains.append(tuple(chain))
    return chains


def as_whole(parts: Sequence[Article]) -> tuple[Article, ...]:
    """The parts of one article with what is true of it as a whole: headline, byline, date, source, place.

    Each keeps its own blocks, which are offsets into its own document. What the first part does not say (a dateline may
    stand at the end) is taken from the others.
    """
    signed = next((part for part in parts if part.source), parts[0])
    title = next((part.title for part in parts if part.title), "")
    byline = next((part.byline for part in parts if part.byline), "")
    names = tuple((part.doc_id, part.number) for part in parts)
    return tuple(
        replace(
            part, title=title, byline=byline, date=signed.date, source=signed.source, place=signed.place,
            unplaced=not title, parts=names,
        )
        for part in parts
    )  # fmt: skip


def _issue(doc_id: str) -> tuple[str, str]:
    """Documents of one issue: the same folder, and the same date in the name."""
    return doc_id.rpartition("/")[0], date_in_name(doc_id)


def page_number(printed: str) -> str:
    """A page's number as it is compared: `04` and `四` are `4`, `A04` is `a4`."""
    printed = fold(printed)
    letters, digits = re.fullmatch(r"([a-z]?)(.*)", printed).groups()  # type: ignore[union-attr]  # it always matches
    if digits.isdecimal():
        return f"{letters}{int(digits)}"
    tens, ten, ones = digits.rpartition("十")
    return str((_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0))


_DIGITS = {character: number for number, character in enumerate("零一二三四五六七八九")}
