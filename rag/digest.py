"""A question that only names a date or a source ("12月23日的报道说了什么"), or asks what there is -> headlines."""

from collections.abc import Iterable, Sequence

from index.searchable import Row, Searchable
from index.types import Article, Chunk, Document, Sentence

from .quoting import in_answer
from .types import Draft, Hit, Notice, Passage

MAX_ARTICLES, MAX_LISTED = 8, 20
"""Headlines of a date or source, and of the whole collection."""
MORE = Notice(
    "符合的文章不止这些，这里是最新的{}篇。可以缩小时间范围，或者问得具体一些。",
    "More articles than these fit: here are the newest {}. Narrow the time down, or ask for something in particular.",
)
ALL, NEWEST = "共 {0} 篇文章：\n", "共 {0} 篇文章，最新的 {1} 篇是：\n"


def opening_hits(index: Searchable, rows: Iterable[Row], limit: int) -> tuple[list[Hit], bool]:
    """A hit on the first chunk of each of the first articles of some rows, and whether there are more articles.

    An article that goes on in another document is one: its first part stands for it.
    """
    first: dict[tuple[str, int], Chunk] = {}
    for row in rows:
        chunk = index.chunk(row)
        place = (chunk.doc_id, chunk.article)
        if place in first or _continues(index, place):
            continue
        if len(first) == limit:
            return _hits(first.values()), True
        first[place] = chunk
    return _hits(first.values()), False


def count_of(n_shown: int, n_articles: int) -> str:
    """How many articles there are, as it stands before the headlines of some or all."""
    return (NEWEST if n_shown < n_articles else ALL).format(n_articles, n_shown)


def _continues(index: Searchable, place: tuple[str, int]) -> bool:
    article = index.article(*place)
    return article is not None and bool(article.parts) and article.parts[0] != place


def digest(index: Searchable, passages: Sequence[Passage]) -> Draft:
    """The headline of each passage's article, one to a line, each with its label."""
    evidence = {label: (_headline_of(index, passage), passage) for label, passage in enumerate(passages, start=1)}
    lines = [f"{in_answer(sentence.text)}[{label}]" for label, (sentence, _) in evidence.items()]
    return Draft("\n".join(lines), evidence)


def headline(article: Article, document: Document) -> Sentence | None:
    """The headline as it stands in the document; None where it does not stand there."""
    spans = tuple((block.start, block.end) for block in article.blocks if block.kind == "title")
    at = document.text.find(article.title)  # a field of the format (`title: ...`) is no block
    if not article.title or not (spans or at >= 0):
        return None
    return Sentence(spans or ((at, at + len(article.title)),), article.title, "title")


def _headline_of(index: Searchable, passage: Passage) -> Sentence:
    """The headline, or the first sentence of the text where it does not stand in the document."""
    article, document = index.article(passage.doc_id, passage.article), index.document(passage.doc_id)
    if article and document and (found := headline(article, document)):
        return found
    return next((sentence for sentence in passage.sentences if sentence.kind == "body"), passage.sentences[0])


def _hits(chunks: Iterable[Chunk]) -> list[Hit]:
    return [Hit(chunk, 0.0, rank, "hybrid") for rank, chunk in enumerate(chunks, start=1)]
