"""The articles on a topic: found by its words, kept where headline and opening, or the text to the letter, have it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.terms import fold
from index.types import Article, Document

from ..clock import Clock
from ..context import build_passages
from ..digest import MAX_ARTICLES, digest
from ..question import coverage, search_terms
from ..retrieve import search_bm25
from ..searching.scope import Scope
from ..types import Event, Hit, HitsEvent
from .decided import certain, cited_draft, told
from .opened import Means, documents_of
from .parts import INTRODUCED

N_HITS = 40
"""Chunks among whose articles those on a topic are looked for."""
MIN_NAMED = 0.75
"""Of the topic's character pairs, how many must stand in an article for it to be on it."""
_HEAD_CHARS = 160
"""Of an article with its headline: what it is about stands there."""


@dataclass(frozen=True, slots=True)
class OnTopic:
    """An article, and the shares of the topic in its headline with its opening, and in all of it."""

    article: Article
    at_head: float
    inside: float


def nearest(means: Means, topic: str, scope: Scope | None = None) -> tuple[list[Hit], list[OnTopic]]:
    """The hits of a topic, and the articles that have its words: those that open with it first, then as found."""
    hits = search_bm25(means.index, search_terms(topic), N_HITS, scope.keep if scope else None)
    wanted = fold(topic)
    found: list[OnTopic] = []
    for article, document in articles_of(means, hits):
        text = fold(f"{article.title}\n" + "".join(document.text[start:end] for start, end in article.pieces))
        found.append(OnTopic(article, coverage([wanted], text[:_HEAD_CHARS]), coverage([wanted], text)))
    kept = [one for one in found if one.inside >= MIN_NAMED]
    return hits, sorted(kept, key=lambda one: (-one.at_head, -one.inside))


def articles_on(means: Means, topic: str, scope: Scope) -> list[Hit]:
    """A hit of each article on a topic, ranks from 1: of those that open with it, or else of those that name it."""
    hits, found = nearest(means, topic, scope)
    about = [one for one in found if one.at_head >= MIN_NAMED] or [one for one in found if one.inside == 1.0]
    first = {(hit.chunk.doc_id, hit.chunk.article): hit for hit in reversed(hits)}
    places = [(one.article.doc_id, one.article.number) for one in about[:MAX_ARTICLES]]
    return [replace(first[place], rank=rank) for rank, place in enumerate(places, start=1)]


def articles_of(means: Means, hits: Sequence[Hit]) -> list[tuple[Article, Document]]:
    """The articles of hits, each once, with their documents."""
    document_of = documents_of(means.index)
    places = dict.fromkeys((hit.chunk.doc_id, hit.chunk.article) for hit in hits)
    found = [means.index.article(*place) for place in places]
    return [(article, document_of(article.doc_id)) for article in found if article is not None]


def listed_on(
    means: Means, question: str, alone: str, hits: Sequence[Hit], scope: Scope, clock: Clock
) -> Iterator[Event]:
    """The events of an answer that lists the headlines of the articles of some hits."""
    with clock.step("passages"):
        passages = build_passages(means.index, alone, hits)
    yield HitsEvent(tuple(hits), alone)
    with clock.step("cite"):
        cited = cited_draft(means, digest(means.index, passages))
    answer = certain(question, alone, cited, hits, clock)
    filters = tuple(one.shown for one in scope.filters)
    yield from told(replace(answer, confidence=INTRODUCED, filters=filters))
