"""What columns do to a paragraph: cut in mid-word, a caption between the halves, lines twice, lines lost."""

import random
import re

from index.sentences import split_article
from index.types import Article, Block

from .types import GoldStory, Piece

_MIN_CHARS = 45
_ENDS = "。！？!?…；;：:”’」』》）)"


def draw_clause(rng: random.Random, paragraphs: list[str], low: int = 6, high: int = 22) -> str:
    """A clause of a story, as captions and section headings use them."""
    clauses = [
        c for p in paragraphs for c in re.split(r"[，。！？；：、“”‘’（）《》—…\s]+", p) if low <= len(c) <= high
    ]
    return rng.choice(clauses) if clauses else paragraphs[0][:high].rstrip("，。、")


def break_paragraph(rng: random.Random, piece: Piece, story: GoldStory, caption: str | None) -> list[Piece]:
    """A body piece cut somewhere in mid-sentence; the piece itself becomes the first part.

    With a `caption` that stands between the parts. One cut in six repeats text from the column before, one in twelve
    loses the rest of the paragraph.
    """
    cut = _draw_cut(rng, piece.text)
    if cut == 0:
        return [piece]
    whole = piece.text
    between = [Piece(caption, piece.story, "caption")] if caption else []
    if caption:
        story.troubles.add("caption in a sentence")
    kind = rng.random()
    if kind < 0.08:
        story.troubles.add("text lost")
        piece.text = whole[:cut]
        return [piece, *between]
    story.mended.append(sentence_around(whole, cut))
    story.troubles.add("sentence cut")
    if kind < 0.25 and cut > 30:
        story.troubles.add("lines twice")
        return _overlap(rng, piece, whole, cut, between, story)
    piece.text = whole[:cut]
    return [piece, *between, Piece(whole[cut:], piece.story, "body", joins=piece)]


def cut_in_two(rng: random.Random, piece: Piece, story: GoldStory) -> Piece | None:
    """Cuts a piece in mid-sentence and returns its second part; None where no sentence is long enough."""
    whole = piece.text
    cut = _draw_cut(rng, whole)
    if not cut:
        return None
    story.mended.append(sentence_around(whole, cut))
    story.troubles.add("sentence cut")
    piece.text = whole[:cut]
    return Piece(whole[cut:], piece.story, "body", joins=piece)


def lose_end(rng: random.Random, piece: Piece, story: GoldStory) -> Piece:
    """The piece, broken off in mid-sentence: the column's end was not read."""
    cut = _draw_cut(rng, piece.text)
    if cut:
        story.troubles.add("text lost")
        piece.text = piece.text[:cut]
    return piece


def _draw_cut(rng: random.Random, text: str) -> int:
    cuts = [
        i for i in range(15, len(text) - 8) if text[i - 1] not in _ENDS and not text[i - 1 : i + 1].isspace()
        and not (text[i - 1].isascii() and text[i].isascii()) and not text[i].isspace() and not text[i - 1].isspace()
    ]  # fmt: skip
    return rng.choice(cuts) if len(text) >= _MIN_CHARS and cuts else 0


def _overlap(
    rng: random.Random, piece: Piece, whole: str, cut: int, between: list[Piece], truth: GoldStory
) -> list[Piece]:
    """Text of the column before stands again: before the next part, in a line of its own, or behind another cut."""
    n = rng.randint(10, min(28, cut - 12))
    fragment = whole[cut - n : cut]
    story = piece.story
    form = rng.random()
    if form < 0.4:
        piece.text = whole[:cut]
        repeat = Piece(fragment, story, "repeat")
        return [piece, *between, repeat, Piece(whole[cut:], story, "body", joins=piece, inline=True)]
    if form < 0.6:
        piece.text = whole[:cut]
        return [piece, *between, Piece(fragment, story, "repeat"), Piece(whole[cut:], story, "body", joins=piece)]
    early = rng.randint(10, cut - n - 1)  # as on the real page: the end of the middle part stands behind the first, too
    if sentence_around(whole, early) not in truth.mended:
        truth.mended.append(sentence_around(whole, early))
    piece.text = whole[:early]
    middle = Piece(whole[early:cut], story, "body", joins=piece)
    repeat = Piece(fragment, story, "repeat", inline=True)
    return [piece, repeat, *between, middle, Piece(whole[cut:], story, "body", joins=middle)]


def sentence_around(text: str, cut: int) -> str:
    """The sentence of a paragraph in which an offset lies."""
    article = Article("", 0, "", (Block(0, len(text)),))
    for sentence in split_article(article, text):
        if sentence.spans[-1][1] > cut or sentence.spans[-1][1] == len(text.rstrip()):
            return sentence.text
    return text
