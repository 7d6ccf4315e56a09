"""Hits -> numbered passages: the sentences around the hits of one article, neighbours merged, labels given once."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.searchable import Searchable
from index.sentences import split_article
from index.types import Article, BlockKind, Sentence

from .types import Hit, Passage

_READ: frozenset[BlockKind] = frozenset(("subtitle", "heading", "body", "caption"))
_ASKS_BYLINE = re.compile(r"记者|作者|谁写|通讯员|撰稿")
_UNTITLED_CHARS = 20


def build_passages(index: Searchable, question: str, hits: Sequence[Hit]) -> tuple[Passage, ...]:
    """The passages that hold the hits, in the order of their best hits; labels count from 1.

    A passage is a run of whole sentences of one article in reading order. Bylines are read only where the question asks
    who wrote.
    """
    kinds = _READ | {"byline"} if _ASKS_BYLINE.search(question) else _READ
    by_article: dict[tuple[str, int], list[Hit]] = {}
    for hit in hits:
        by_article.setdefault((hit.chunk.doc_id, hit.chunk.article), []).append(hit)
    found: list[Passage] = []
    for (doc_id, number), own in by_article.items():
        article, document = index.article(doc_id, number), index.document(doc_id)
        if article is None or document is None:
            continue
        everything = split_article(article, document.text)
        sentences = [s for s in everything if s.kind in kinds] or list(everything)
        for run in _runs(sentences, own):
            found.append(
                Passage(
                    label=0,
                    doc_id=doc_id,
                    article=number,
                    title=display_title(article, run),
                    date=article.date,
                    source=article.source,
                    sentences=run,
                    hits=tuple(hit for hit in own if any(touches(sentence, hit) for sentence in run)),
                    opens_article=run[0] is sentences[0],
                )
            )
    found.sort(key=lambda passage: min(hit.rank for hit in passage.hits))
    return tuple(replace(passage, label=label) for label, passage in enumerate(found, start=1))


def article_texts(index: Searchable, hits: Sequence[Hit]) -> list[str]:
    """The texts (headline on the first line) of the articles that hold the hits, in the order of their best hits."""
    texts: dict[tuple[str, int], str] = {}
    for hit in hits:
        key = (hit.chunk.doc_id, hit.chunk.article)
        article, document = index.article(*key), index.document(hit.chunk.doc_id)
        if article is not None and document is not None and key not in texts:
            texts[key] = f"{article.title}\n" + "".join(document.text[start:end] for start, end in article.pieces)
    return list(texts.values())


def display_title(article: Article, sentences: Sequence[Sentence]) -> str:
    """The article's headline, or how its text begins where it has none."""
    if article.title or not sentences:
        return article.title
    opening = sentences[0].text
    return opening if len(opening) <= _UNTITLED_CHARS else opening[:_UNTITLED_CHARS] + "……"


def _runs(sentences: Sequence[Sentence], hits: Sequence[Hit]) -> Iterator[tuple[Sentence, ...]]:
    """Maximal runs of sentences that a hit touches."""
    run: list[Sentence] = []
    for sentence in sentences:
        if any(touches(sentence, hit) for hit in hits):
            run.append(sentence)
        elif run:
            yield tuple(run)
            run = []
    if run:
        yield tuple(run)


def touches(sentence: Sentence, hit: Hit) -> bool:
    """Whether a sentence stands in a hit's chunk, wholly or in part."""
    return any(start < hit.chunk.end and hit.chunk.start < end for start, end in sentence.spans)
