"""Stories -> a newspaper page as raw text, with every trouble of a real one and a gold label on each of its pieces."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.terms import split_terms
from index.traditional import SIMPLIFIED

from .layout import MANNERS, lay_out, move_tail
from .marks import draw_jump
from .render import render
from .stories import Story
from .types import GoldPage, GoldStory, Piece

_LONG = 9
"""Paragraphs from which a story may be set as a long interview or report, with section headings."""


def compose_pages(stories: Sequence[Story], n_pages: int, seed: int) -> Iterator[GoldPage]:
    """Pages of one to six stories drawn from these; the same seed gives the same pages."""
    rng = random.Random(seed)
    long = [story for story in stories if len(story.paragraphs) >= _LONG]
    for number in range(n_pages):
        n_stories = rng.choices([1, 2, 3, 4, 5, 6], [12, 18, 24, 24, 14, 8])[0]
        chosen = rng.sample(stories, n_stories)
        if long and rng.random() < 0.3:
            chosen[rng.randrange(n_stories)] = rng.choice(long)
        yield compose_page(_unlike(chosen), seed * 1_000_003 + number)


def _unlike(stories: Sequence[Story]) -> list[Story]:
    """The stories without those that a page would not print twice: half of their headline is another one's."""
    kept: list[Story] = []
    seen: list[set[str]] = []
    for story in stories:
        terms = set(split_terms(story.title))
        if all(2 * len(terms & others) < min(len(terms), len(others)) for others in seen):
            kept.append(story)
            seen.append(terms)
    return kept


def compose_page(stories: Sequence[Story], seed: int) -> GoldPage:
    """One page with these stories on it; the same seed gives the same page."""
    rng = random.Random(seed)
    convert = _to_traditional if rng.random() < 0.08 else str
    year, month, day = rng.randint(2015, 2026), rng.randint(1, 12), rng.randint(1, 28)
    manner = rng.choice((*MANNERS, "unmarked")) if rng.random() < 0.4 else None
    columns: list[list[Piece]] = []
    tails: list[list[Piece]] = []
    gold: list[GoldStory] = []
    for number, story in enumerate(stories):
        printed = replace(story, title=convert(story.title), paragraphs=tuple(map(convert, story.paragraphs)))
        truth = GoldStory("")
        columns.append(lay_out(rng, printed, number, truth, (year, month, day), manner, convert))
        tails.append(move_tail(rng, columns[-1], truth, alone=len(stories) == 1))
        gold.append(truth)
    pieces = _arrange(rng, columns, tails, gold)
    printed_date = False
    if rng.random() < 0.1:
        weekday = f"{year}年{month}月{day}日　星期{rng.choice('一二三四五六日')}"
        printed_date = rng.random() < 0.5
        head = weekday if printed_date else f"第{rng.randint(1, 16):02}版：要闻"
        pieces.insert(0, Piece(convert(head), -1, "furniture"))
    text, troubles = render(rng, pieces)
    dated_name = rng.random() < 0.6
    doc_id = f"{year}-{month:02}-{day:02}-{seed % 100000:05}.txt" if dated_name else f"page-{seed % 1000}.txt"
    known_year = year if any(truth.date[:1].isdigit() for truth in gold) else 0
    for truth in gold:
        _settle_date(truth, (year, month, day) if dated_name or printed_date else None, known_year)
    return GoldPage(
        doc_id,
        text,
        tuple(pieces),
        tuple(gold),
        frozenset(troubles | ({"traditional"} if convert is not str else set())),
    )


def _settle_date(truth: GoldStory, page_day: tuple[int, int, int] | None, known_year: int) -> None:
    """The date that can be known: the page's (in its file's name or running head), or its year for a dateline's day.

    Where the page has no date, another dateline on it may name the year.
    """
    stated = truth.date
    if page_day and not stated:
        truth.date = "{}-{:02}-{:02}".format(*page_day)
    elif stated.startswith("--") and (page_day or known_year):
        truth.date = f"{page_day[0] if page_day else known_year}{stated[1:]}"


def _arrange(
    rng: random.Random, columns: list[list[Piece]], tails: list[list[Piece]], gold: list[GoldStory]
) -> list[Piece]:
    """The page's pieces in its order: stories one after the other, cut-off tails where columns may put them."""
    page: list[list[Piece]] = [list(column) for column in columns]
    lead: list[Piece] = []
    continued: list[Piece] = []
    for number, tail in enumerate(tails):
        if not tail:
            continue
        places = ["own", "own", "top", "other", "other", "jump"]
        place = rng.choice(places if len(columns) > 1 else ["own", "jump"])
        if place == "jump":
            gold[number].troubles.add("continued")
            forward, back = draw_jump(rng, rng.randint(2, 16))
            inline = rng.random() < 0.5
            page[number].append(Piece(forward, number, "jump", inline=inline))
            heading = (
                [Piece(gold[number].title.replace(" ", ""), number, "jump title", moved=True)]
                if gold[number].title and rng.random() < 0.5
                else []
            )
            tail[0].inline = not heading and rng.random() < 0.5
            continued += [*heading, Piece(back, number, "jump", moved=True), *tail]
        elif place == "top" and not lead:
            lead = tail
        elif place == "own":
            page[number][:0] = tail
        else:
            hosts = [i for i in range(len(columns)) if i != number]
            page[rng.choice(hosts)].extend(tail)
    return lead + [piece for column in page for piece in column] + continued


def _to_traditional(text: str) -> str:
    """Traditional characters for simplified ones, the first of each: rough, as converted text is."""
    return text.translate(_TRADITIONAL)


_TRADITIONAL = {ord(simplified): chr(traditional) for traditional, simplified in reversed(SIMPLIFIED.items())}
