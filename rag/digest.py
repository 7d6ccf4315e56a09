"""A question that only names a date or a source ("12月23日的报道说了什么") -> the headlines of those articles."""

from collections.abc import Iterable, Sequence

from index.searchable import Row, Searchable
from index.types import Chunk, Sentence

from .quoting import in_answer
from .types import Draft, Hit, Notice, Passage

MAX_ARTICLES = 8
MORE = Notice(
    "符合的文章不止这些，这里是最新的{}篇。可以缩小时间范围，或者问得具体一些。",
    "More articles than these fit: here are the newest {}. Narrow the time down, or ask for something in particular.",
)


def opening_hits(index: Searchable, rows: Iterable[Row]) -> tuple[list[Hit], bool]:
    """A hit on the first chunk of each of the first articles of some rows, and whether there are more articles."""
    first: dict[tuple[str, int], Chunk] = {}
    for row in rows:
        chunk = index.chunk(row)
        if len(first) == MAX_ARTICLES and (chunk.doc_id, chunk.article) not in first:
            return _hits(first.values()), True
        first.setdefault((chunk.doc_id, chunk.article), chunk)
    return _hits(first.values()), False


def digest(index: Searchable, passages: Sequence[Passage]) -> Draft:
    """The headline of each passage's article, one to a line, each with its label."""
    evidence = {label: (_headline(index, passage), passage) for label, passage in enumerate(passages, start=1)}
    lines = [f"{in_answer(sentence.text)}[{label}]" for label, (sentence, _) in evidence.items()]
    return Draft("\n".join(lines), evidence)


def _headline(index: Searchable, passage: Passage) -> Sentence:
    """The headline as it stands in the document; the first sentence of the text where it does not stand there."""
    article, document = index.article(passage.doc_id, passage.article), index.document(passage.doc_id)
    if article and document and article.title:
        spans = tuple((block.start, block.end) for block in article.blocks if block.kind == "title")
        at = document.text.find(article.title)  # a field of the format (`title: ...`) is no block
        if spans or at >= 0:
            return Sentence(spans or ((at, at + len(article.title)),), article.title, "title")
    return next((sentence for sentence in passage.sentences if sentence.kind == "body"), passage.sentences[0])


def _hits(chunks: Iterable[Chunk]) -> list[Hit]:
    return [Hit(chunk, 0.0, rank, "hybrid") for rank, chunk in enumerate(chunks, start=1)]
