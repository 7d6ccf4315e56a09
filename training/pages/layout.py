"""One story -> its pieces: where headline, byline and dateline stand, section headings, captions, breaks."""

import random
from collections.abc import Callable
from typing import Literal

from index.pages.marks import ends_sentence

from .breaks import break_paragraph, cut_in_two, draw_clause, lose_end
from .marks import draw_byline, draw_caption, draw_dateline, draw_name
from .stories import Story
from .types import GoldStory, Piece

Manner = Literal[
    "dateline opens", "byline opens", "byline and dateline open", "signed at the end", "byline opens, dateline ends",
    "ends in brackets", "byline ends", "unmarked",
]  # fmt: skip
MANNERS: tuple[Manner, ...] = (
    "dateline opens", "dateline opens", "dateline opens", "byline opens", "byline and dateline open",
    "signed at the end", "signed at the end", "byline opens, dateline ends", "ends in brackets", "byline ends",
)  # fmt: skip
"""As often as they are drawn. Where other articles are signed, one in thirty is not; a whole page may be unsigned."""
Convert = Callable[[str], str]
Day = tuple[int, int, int]


def draw_manner(rng: random.Random) -> Manner:
    """How a story is signed on a page where each goes its own way."""
    return "unmarked" if rng.random() < 0.03 else rng.choice(MANNERS)


def lay_out(
    rng: random.Random, story: Story, number: int, truth: GoldStory, day: Day, manner: Manner | None, convert: Convert
) -> list[Piece]:
    """The pieces of a story in the order in which they are printed; fills in what is true of it."""
    paragraphs = list(story.paragraphs[: rng.choice([2, 3, 4, 5, 6, 8, 10, 14, 30])])
    body = _with_headings(rng, [Piece(p, number, "body") for p in paragraphs], truth)
    body = _with_breaks(rng, body, truth, day, convert)
    top, end = _marks(rng, number, truth, day, manner or draw_manner(rng), convert)
    if any(piece.inline for piece in top):  # the dateline opens the first paragraph's line
        body[0].inline = True
        next(piece for piece in top if piece.role == "dateline").inline = False
    _captions(rng, body, day, convert)
    if end and end[0].inline and (body[-1].role != "body" or not ends_sentence(body[-1].text)):
        end[0].inline = False
    return _with_title(rng, story.title, paragraphs, number, truth, (top, body, end))


def _with_headings(rng: random.Random, body: list[Piece], truth: GoldStory) -> list[Piece]:
    if len(body) < 5 or rng.random() > (0.4 if len(body) < 9 else 0.75):
        return body
    truth.troubles.add("section headings")
    n_headings = rng.choice([2, 3, 3, 4, 5]) if len(body) > 6 else 2
    longest = rng.choice([12, 16, 22])
    wide = rng.random() < 0.5
    places = sorted(rng.sample(range(1, len(body)), min(n_headings, len(body) - 2)))
    result: list[Piece] = []
    for i, piece in enumerate(body):
        if i in places:
            own = [p.text for p in body[i : min([q for q in places if q > i], default=len(body))]]
            result.append(Piece(_heading(rng, own, longest, wide=wide), piece.story, "heading"))
        result.append(piece)
    return result


def _heading(rng: random.Random, paragraphs: list[str], longest: int, *, wide: bool) -> str:
    """A section heading: a clause or two of the section, now and then as a question or with a number."""
    clauses = [draw_clause(rng, paragraphs, 4, longest) for _ in range(2 if wide else 1)]
    text = rng.choice(["，", " ", "　"]).join(dict.fromkeys(clauses))
    form = rng.random()
    if form < 0.08:
        return rng.choice(["如何", "为什么", "怎样"]) + text + rng.choice(["", "？"])
    if form < 0.12:
        return rng.choice("一二三四") + "、" + text
    return clauses[0][:4] if form < 0.2 else text


def _with_breaks(rng: random.Random, body: list[Piece], truth: GoldStory, day: Day, convert: Convert) -> list[Piece]:
    n_breaks = rng.choice([0, 0, 1, 1, 2])
    long = [piece for piece in body if piece.role == "body" and len(piece.text) > 45]
    broken = {id(piece) for piece in rng.sample(long, min(n_breaks, len(long)))}
    result: list[Piece] = []
    for piece, following in zip(body, [*body[1:], None], strict=True):
        if piece in long and following and following.role == "heading" and rng.random() < 0.1:
            result.append(lose_end(rng, piece, truth))
            continue
        if id(piece) not in broken:
            result.append(piece)
            continue
        caption = None
        if rng.random() < 0.35:
            caption = convert(draw_caption(rng, draw_clause(rng, [piece.text]), day[1], day[2]))
        result += break_paragraph(rng, piece, truth, caption)
    return result


def _marks(
    rng: random.Random, number: int, truth: GoldStory, day: Day, manner: Manner, convert: Convert
) -> tuple[list[Piece], list[Piece]]:
    """Bylines and datelines at the top and at the end; those that stand in a paragraph's line are `inline`."""
    top: list[Piece] = []
    end: list[Piece] = []
    month, today = day[1], max(1, day[2] - rng.choice([0, 1, 1]))

    def dateline(place: list[Piece], *, at_end: bool, inline: bool) -> None:
        drawn = draw_dateline(rng, month, today, day[0], at_end=at_end)
        truth.source, truth.place = convert(drawn.source), convert(drawn.place)
        if drawn.month:
            truth.date = f"{drawn.year or '-'}-{drawn.month:02}-{drawn.day:02}"
        place.append(Piece(convert(drawn.text), number, "dateline", inline=inline))

    def byline(place: list[Piece], *, bracketed: bool, inline: bool = False) -> None:
        text, names = draw_byline(rng, bracketed=bracketed)
        truth.names = tuple(map(convert, names))
        place.append(Piece(convert(text), number, "byline", inline=inline))

    if manner in ("byline opens", "byline and dateline open", "byline opens, dateline ends"):
        byline(top, bracketed=False)
    if manner in ("dateline opens", "byline and dateline open"):
        inline = rng.random() < 0.85
        dateline(top, at_end=False, inline=inline)
        if manner == "dateline opens" and rng.random() < 0.6:
            byline(top, bracketed=True, inline=inline)
    if manner == "signed at the end":
        if rng.random() < 0.75:
            byline(end, bracketed=rng.random() < 0.7)
        dateline(end, at_end=True, inline=False)
    if manner == "byline opens, dateline ends":
        dateline(end, at_end=True, inline=False)
    if manner == "ends in brackets":
        dateline(end, at_end=True, inline=True)
        if end[0].text[0] not in "（(【":
            end[0].inline = rng.random() < 0.5
    if manner == "byline ends":
        byline(end, bracketed=rng.random() < 0.6)
    truth.troubles.add(manner)
    return top, end


def _captions(rng: random.Random, body: list[Piece], day: Day, convert: Convert) -> None:
    """Captions between paragraphs (never between the halves of one: those are drawn with the break)."""
    while rng.random() < 0.3:
        texts = [piece.text for piece in body if piece.role == "body"]
        places = [
            i for i in range(1, len(body) + 1)
            if i == len(body) or (body[i].role in ("body", "heading") and not body[i].joins and not body[i].inline)
        ]  # fmt: skip
        caption = convert(draw_caption(rng, draw_clause(rng, texts), day[1], day[2]))
        body.insert(rng.choice(places), Piece(caption, body[0].story, "caption"))


def _with_title(
    rng: random.Random,
    title: str,
    paragraphs: list[str],
    number: int,
    truth: GoldStory,
    parts: tuple[list[Piece], list[Piece], list[Piece]],
) -> list[Piece]:
    top, body, end = parts
    lines = _title_lines(rng, title)
    titles = [Piece(line, number, "title") for line in lines]
    truth.title = " ".join(lines)
    if len(lines) > 1:
        truth.troubles.add("headline over lines")
    where = rng.random()
    starts = [i for i in range(1, len(body)) if body[i].role == "body" and not body[i].joins and not body[i].inline
              and body[i - 1].role == "body"]  # fmt: skip
    if where < 0.18:
        truth.troubles.add("headline after its body")
        between = rng.random() < 0.15 and end and not end[0].inline
        return [*top, *body, *titles, *end] if between else [*top, *body, *end, *titles]
    if where < 0.24 and starts:
        truth.troubles.add("headline in the middle")
        cut = rng.choice(starts)
        return [*top, *body[:cut], *titles, *body[cut:], *end]
    if where < 0.27:
        truth.troubles.add("no headline")
        truth.title = ""
        return [*top, *body, *end]
    if rng.random() < 0.2:
        truth.troubles.add("subtitle")
        titles.append(Piece(_subtitle(rng, paragraphs), number, "subtitle"))
    return [*titles, *top, *body, *end]


def _subtitle(rng: random.Random, paragraphs: list[str]) -> str:
    """A second deck that its form tells from another line of the headline: in raw text nothing else does."""
    clause = draw_clause(rng, paragraphs, 6, 18)
    return rng.choice(
        [
            f"——{clause}",
            f"——访{clause[:10]}负责人{draw_name(rng)}",
            f"访{clause[:8]}专家{draw_name(rng)}",
            f"——{clause}侧记",
            f"——{clause}",
            f"——访{draw_name(rng)}",
        ]
    )


def _title_lines(rng: random.Random, title: str) -> list[str]:
    """A headline in one line, or in two or three, broken at its spaces, at its marks, or anywhere."""
    if len(title) < 12 or rng.random() > 0.3:
        return [title]
    if " " in title and rng.random() < 0.8:
        return [part for part in title.split(" ") if part]
    marks = [i + 1 for i, c in enumerate(title[:-3]) if c in "，：！？" and i > 3]
    cut = rng.choice(marks) if marks and rng.random() < 0.7 else rng.randint(5, len(title) - 5)
    return [part for part in (title[:cut].rstrip("， "), title[cut:].strip()) if part]


def move_tail(rng: random.Random, pieces: list[Piece], truth: GoldStory, *, alone: bool) -> list[Piece]:
    """Cuts off the end of a story, to stand elsewhere on its page; nothing for most stories.

    A column ends where its lines end: in mid-sentence, and in one case of nine or so between two paragraphs.
    """
    if rng.random() > 0.22 or alone or "headline in the middle" in truth.troubles:
        return []
    starts = [i for i, piece in enumerate(pieces) if i > 1 and piece.role == "body" and not piece.inline
              and any(p.role == "body" for p in pieces[:i])]  # fmt: skip
    between = [i for i in starts if not pieces[i].joins]
    at_paragraph = bool(between) and rng.random() < 0.12
    cut = rng.choice(between) if at_paragraph else _cut_for_tail(rng, pieces, truth, starts)
    tail = pieces[cut:] if cut else []
    if sum(len(p.text) for p in tail if p.role == "body") < 30:
        return []
    del pieces[cut:]
    for piece in tail:
        piece.moved = True
    truth.troubles.add("tail elsewhere")
    return tail


def _cut_for_tail(rng: random.Random, pieces: list[Piece], truth: GoldStory, starts: list[int]) -> int:
    """Where a sentence is cut, or is cut now: the index of its second part; 0 where no sentence is long enough."""
    in_sentence = [i for i in starts if pieces[i].joins and pieces[i - 1].role in ("body", "caption")]
    if in_sentence:
        return rng.choice(in_sentence)
    whole = [
        i
        for i, piece in enumerate(pieces)
        if piece.role == "body" and len(piece.text) > 60 and ends_sentence(piece.text) and not piece.joins
    ]
    for i in rng.sample(whole, len(whole)):
        rest = cut_in_two(rng, pieces[i], truth)
        if rest:
            pieces.insert(i + 1, rest)
            return i + 1
    return 0
