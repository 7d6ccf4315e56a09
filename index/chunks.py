"""Article -> Chunks: whole sentences up to a number of characters, each chunk one contiguous span of the document."""

from collections.abc import Iterator
from dataclasses import dataclass

from .sentences import split_article
from .types import Article, Chunk, Sentence, Span


@dataclass(frozen=True, slots=True)
class SearchableChunk:
    """A chunk and the text that is embedded and searched for it: its title and its sentences, whole again."""

    chunk: Chunk
    search_text: str


def split_chunks(article: Article, text: str, max_chars: int) -> tuple[SearchableChunk, ...]:
    """The chunks of an article in reading order; `text` is the document's.

    Headings go with the text under them; the headline, bylines and datelines are one chunk of their own only where the
    article has nothing else. A chunk ends where the article jumps on the page: a sentence that is cut there stands in
    both chunks' `search_text`.
    """
    sentences = [s for s in split_article(article, text) if s.kind in ("heading", "body", "caption", "subtitle")]
    sentences = sentences or list(split_article(article, text))
    return tuple(
        SearchableChunk(
            Chunk(article.doc_id, article.number, start, end, text[start:end], article.title, article.date),
            "\n".join([article.title, *(sentence.text for sentence in group)]),
        )
        for (start, end), group in _group(sentences, max_chars)
    )


def _group(sentences: list[Sentence], max_chars: int) -> Iterator[tuple[Span, list[Sentence]]]:
    start = end = 0
    group: list[Sentence] = []
    for sentence in sentences:
        for a, b in sentence.spans:
            adjoins = bool(group) and end <= a <= end + max_chars and b - start <= max_chars
            if group and not adjoins:
                yield (start, end), group
                group = []
            start, end = (start if group else a), b
            if not group or group[-1] is not sentence:
                group.append(sentence)
    if group:
        yield (start, end), group
