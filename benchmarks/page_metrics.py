"""How well a page was read: its gold pieces against the articles that were found.

B-cubed is that of Bagga and Baldwin (1998) over the gold pieces of a page, each counting once; a piece lies in the
article that holds most of its characters. False joins are counted per join that was made, not per sentence.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from index.sentences import split_article
from index.types import Article, Sentence
from training.pages.types import GoldPage, GoldStory, Piece

_PRINTED = ("title", "subtitle", "byline", "dateline", "heading", "body", "caption")
"""Roles whose pieces are clustered; repeats and running heads belong nowhere."""


@dataclass(slots=True)
class Tally:
    """Sums over pages: `rates[name]` is (right, all)."""

    rates: dict[str, tuple[float, float]] = field(default_factory=dict)

    def add(self, name: str, right: float, total: float) -> None:
        before = self.rates.get(name, (0.0, 0.0))
        self.rates[name] = (before[0] + right, before[1] + total)

    def rate(self, name: str) -> float:
        """The share that is right; NaN where nothing was counted."""
        right, total = self.rates.get(name, (0.0, 0.0))
        return right / total if total else float("nan")

    def f1(self) -> float:
        precision, recall = self.rate("b-cubed precision"), self.rate("b-cubed recall")
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


@dataclass(frozen=True, slots=True)
class PageReading:
    """One page, its gold and what was found, so that stories can be counted by their troubles."""

    page: GoldPage
    articles: tuple[Article, ...]
    found: tuple[int, ...]
    """The article of each gold piece, -1 for none."""
    of_story: dict[int, int]
    """The article that holds most of a story's body."""
    sentences: tuple[tuple[Sentence, ...], ...]


def read_page(page: GoldPage, articles: Sequence[Article]) -> PageReading:
    """Assigns the gold pieces and stories of a page to the articles that were found."""
    owner = [-1] * (len(page.text) + 1)
    for article in articles:
        for block in article.blocks:
            owner[block.start : block.end] = [article.number] * (block.end - block.start)
    found = tuple(Counter(owner[piece.start : piece.end]).most_common(1)[0][0] for piece in page.pieces)
    held: dict[int, Counter[int]] = {}
    for piece in page.pieces:
        if piece.role == "body":
            held.setdefault(piece.story, Counter()).update(owner[piece.start : piece.end])
    of_story = {story: counts.most_common(1)[0][0] for story, counts in held.items()}
    sentences = tuple(split_article(article, page.text) for article in articles)
    return PageReading(page, tuple(articles), found, of_story, sentences)


def tally_page(reading: PageReading, tally: Tally, trouble: str | None = None) -> None:
    """Adds a page to a tally; with a trouble, only the stories (or the page) that have it."""
    page = reading.page
    chosen = {i for i, story in enumerate(page.stories) if trouble in (None, *story.troubles, *page.troubles)}
    if not chosen:
        return
    _tally_clusters(reading, tally, chosen)
    for number in chosen:
        story = page.stories[number]
        article = reading.articles[reading.of_story[number]] if reading.of_story.get(number, -1) >= 0 else None
        shares = len([n for n in reading.of_story.values() if n == reading.of_story.get(number)])
        _tally_story(story, article if shares == 1 else None, tally)
        said = {_bare(s.text) for s in reading.sentences[article.number]} if article else set()
        tally.add("sentences mended", sum(_bare(text) in said for text in story.mended), len(story.mended))
    _tally_joins(reading, tally, chosen)
    _tally_repeats(reading, tally, chosen)


def _tally_clusters(reading: PageReading, tally: Tally, chosen: set[int]) -> None:
    pieces = [
        (piece.story, article)
        for piece, article in zip(reading.page.pieces, reading.found, strict=True)
        if piece.role in _PRINTED
    ]
    stories, articles, both = Counter(s for s, _ in pieces), Counter(a for _, a in pieces), Counter(pieces)
    own = [pair for pair in pieces if pair[0] in chosen]
    tally.add("b-cubed precision", sum(both[pair] / articles[pair[1]] for pair in own), len(own))
    tally.add("b-cubed recall", sum(both[pair] / stories[pair[0]] for pair in own), len(own))


def _tally_story(story: GoldStory, article: Article | None, tally: Tally) -> None:
    """Title, dateline, byline and date of one story; a story that shares its article with another has none right."""
    if story.title:
        tally.add("title", article is not None and _bare(article.title) == _bare(story.title), 1)
    else:
        tally.add("no title", article is not None and article.unplaced, 1)
    tally.add("date", article is not None and article.date == story.date, 1)
    tally.add("dateline", article is not None and (article.source, article.place) == (story.source, story.place), 1)
    if story.names:
        printed = _bare(article.byline) if article else ""
        tally.add("byline", all(_bare(name) in printed for name in story.names), 1)
    else:
        tally.add("no byline", article is not None and not article.byline, 1)


def _tally_joins(reading: PageReading, tally: Tally, chosen: set[int]) -> None:
    """Where a sentence passes from one gold piece to another, that must be a break of that sentence."""
    pieces = reading.page.pieces
    piece_at: dict[int, int] = {}
    for number, piece in enumerate(pieces):
        piece_at.update(dict.fromkeys(range(piece.start, piece.end), number))
    for sentence in (s for sentences in reading.sentences for s in sentences if s.kind == "body"):
        passed = [piece_at[i] for start, end in sentence.spans for i in range(start, end) if i in piece_at]
        for left, right in _changes(passed):
            if pieces[left].story not in chosen or pieces[left].role in ("byline", "dateline"):
                continue
            tally.add("false joins", not _belong(pieces, left, right), 1)


def _belong(pieces: Sequence[Piece], left: int, right: int) -> bool:
    if "repeat" in (pieces[left].role, pieces[right].role):
        return pieces[left].story == pieces[right].story
    joined = pieces[right].joins
    return joined is pieces[left]


def _changes(numbers: Iterable[int]) -> Iterable[tuple[int, int]]:
    last = -1
    for number in numbers:
        if last not in (-1, number):
            yield last, number
        last = number


def _tally_repeats(reading: PageReading, tally: Tally, chosen: set[int]) -> None:
    """A repeated fragment must stand in the searched text of its article once."""
    for piece, found in zip(reading.page.pieces, reading.found, strict=True):
        if piece.role == "repeat" and piece.story in chosen:
            number = reading.of_story.get(piece.story, found)
            said = (
                "".join(_bare(s.text) for s in reading.sentences[number] if s.kind != "caption") if number >= 0 else ""
            )
            tally.add("repeats left out", said.count(_bare(piece.text)) == 1, 1)


def _bare(text: str) -> str:
    return re.sub(r"\s+", "", text)
