"""The questions that a question is made of: each retrieved, read, and held against what the documents say."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..clock import Clock
from ..context import build_passages
from ..conversation.smalltalk import is_foreign
from ..cross_encoder import rerank_with
from ..query import Query, read_query
from ..question import asks_who_without_answer
from ..rank import RankerWeights, rank_sentences
from ..reader import not_yet_said
from ..reading.asked import answering_positions
from ..reading.candidates import Candidate
from ..reading.persons import asked_person, introduces, is_full_name
from ..reading.premises import share_left
from ..reading.refusal import answer_features, confidence
from ..reading.topics import MIN_COVERED, asks_for_summary, covers_topic, names_topic
from ..rerank import rerank_hits
from ..retrieve import Fusion, search_hybrid
from ..searching.scope import Scope
from ..types import Hit, Passage
from ..wording import N_READ_FIRST, other_words, reworded
from .opened import Means

INTRODUCED = 0.8
"""How sure it is at least that a sentence of the form "office + name" says who that person is, that a story whose
headline and opening are about the topic tells of it, and that a text which asks the question goes on to answer it."""


NOBODY = 0.5
"""What is left of how sure it is where the question asks who, and the best sentence names nobody."""
MENTIONED = 0.7
"""How sure it is at least that a sentence which names what is to be introduced says something of it."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the questions that a question is made of, retrieved and read."""

    asked: str
    """In the words of its asker."""
    query: Query
    """In the words of the passages that were read."""
    hits: list[Hit]
    candidates: list[Candidate]
    confidence: float


def search(means: Means, query: Query, scope: Scope, top_k: int, n_same: int, clock: Clock) -> list[Hit]:
    """The best hits of both legs, no more than `n_same` of one story; ranks from 1."""
    own = means.settings
    fusion = Fusion(own.n_candidates, own.bm25_weight, own.fusion, own.preference)
    return search_hybrid(
        means.index, query, top_k, fusion, keep=scope.keep, prefer=scope.prefer, n_same=n_same, clock=clock
    )


def read_part(means: Means, question: str, scope: Scope, top_k: int, n_same: int, clock: Clock) -> Part:
    """Retrieves and reads for one question; its hits come in the order of their best sentences.

    A cross-encoder, where one is set, chooses what is read, and its order stays.
    """
    with clock.step("embed"):
        query = read_query(means.index, means.embedder, question)
        if is_full_name(person := asked_person(query.text)):
            # of "赵乐际担任什么职务" the name is looked for: the other words lead to other people's offices
            query = replace(read_query(means.index, means.embedder, person), text=query.text)
    wider = replace(query, terms=(*query.terms, *other_words(question)))
    hits = _reranked(means, wider, scope, max(top_k, means.settings.n_read), n_same, clock)
    with clock.step("passages"):
        passages = build_passages(means.index, question, hits[: means.settings.n_read])
    if (worded := reworded(question, _best_texts(passages))) != question:
        with clock.step("embed"):
            query = read_query(means.index, means.embedder, worded)
    candidates = _read(means, query, passages, scope, clock)
    with clock.step("rank"):
        sure = _confidence(query, candidates, means.weights)
        ordered = rerank_hits(hits, candidates) if means.reranker is None else hits
        return Part(question, query, ordered, candidates, sure)


def _reranked(means: Means, query: Query, scope: Scope, top_k: int, n_same: int, clock: Clock) -> list[Hit]:
    """The best hits by the cross-encoder among the best of both legs; without one, these."""
    if means.reranker is None:
        return search(means, query, scope, top_k, n_same, clock)
    hits = search(means, query, scope, max(top_k, means.settings.n_reranked), n_same, clock)
    with clock.step("rerank"):
        return rerank_with(means.reranker, query.text, hits)[:top_k]


def continued(part: Part, said: str, weights: RankerWeights) -> Part:
    """A part of which something was already said: how sure it is depends on what is left."""
    return replace(part, confidence=_confidence(part.query, not_yet_said(part.candidates, said), weights))


def answered_parts(parts: Sequence[Part], threshold: float) -> list[Part]:
    """The parts of the question that the documents answer: sure enough, and in the language of the question."""
    sure = [part for part in parts if part.candidates and part.confidence >= threshold]
    return [part for part in sure if not is_foreign(part.query.text) or is_foreign(part.candidates[0].text)]


def _best_texts(passages: Sequence[Passage]) -> list[str]:
    return [text for own in passages[:N_READ_FIRST] for text in (own.title, *(s.text for s in own.sentences))]


def _read(means: Means, query: Query, passages: Sequence[Passage], scope: Scope, clock: Clock) -> list[Candidate]:
    with clock.step("read"):
        texts = [[sentence.text for sentence in passage.sentences] for passage in passages]
        readings = means.reader.read(query.text, texts, [passage.title for passage in passages])
    with clock.step("rank"):
        return rank_sentences(
            query, passages, readings, means.embedder, means.weights, lambda own: scope.prefers(own.date, own.source)
        )


def _confidence(query: Query, candidates: Sequence[Candidate], weights: RankerWeights) -> float:
    if not candidates or not query.terms:
        return 0.0
    best, passage = candidates[0], candidates[0].passage
    sure = confidence(answer_features(query, candidates), weights.answer, weights.answer_bias)
    sure *= share_left(query.text, passage)
    around = "\n".join([passage.title, *(sentence.text for sentence in passage.sentences)])
    told = "\n".join(one.text for one in candidates[:2] if one.passage is passage)
    if asks_who_without_answer(query.text, told, around):
        sure *= NOBODY
    if asks_for_summary(query.text):
        if covers_topic(query.text, passage) >= MIN_COVERED:
            return max(sure, INTRODUCED)
        if names_topic(query.text, best.text):
            return max(sure, MENTIONED)
    if best.position in answering_positions(query.text, passage):
        return max(sure, INTRODUCED)
    if person := asked_person(query.text):
        if introduces(best.text, person):
            return max(sure, INTRODUCED)
        unknown = is_full_name(person) and not any(person in candidate.text for candidate in candidates)
        return 0.0 if unknown else sure
    return sure
