"""Hits, passages, candidates and weights made by hand, so that a test states what comes out."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from index.embeddings import Embedder
from index.types import BlockKind, Chunk, Document, Sentence
from rag.query import Query
from rag.question import search_terms
from rag.rank import RankerWeights
from rag.reading.candidates import Candidate
from rag.reading.refusal import ANSWER_FEATURES
from rag.reading.signals import SENTENCE_FEATURES
from rag.types import Hit, Passage, Reading

SENTENCE_WEIGHTS = {"evidence": 1, "share": 4, "cosine": 2, "typed": 0.5, "asks": -3, "heading": -2}
ANSWER_WEIGHTS = {"share_article": 8, "share": 4}


def weights(
    sentence: Mapping[str, float] = SENTENCE_WEIGHTS,
    answer: Mapping[str, float] = ANSWER_WEIGHTS,
    answer_bias: float = -5.0,
) -> RankerWeights:
    """Ranker weights by name of feature, 0 where none is given; the defaults answer what shares rare words."""
    assert sentence.keys() <= set(SENTENCE_FEATURES)
    assert answer.keys() <= set(ANSWER_FEATURES)
    return RankerWeights(
        np.array([float(sentence.get(name, 0)) for name in SENTENCE_FEATURES]),
        np.array([float(answer.get(name, 0)) for name in ANSWER_FEATURES]),
        answer_bias,
    )


def hit(
    start: int = 0,
    end: int = 10,
    *,
    doc_id: str = "a.txt",
    article: int = 0,
    score: float = 1.0,
    rank: int = 1,
) -> Hit:
    """A hybrid hit on a stretch of a document."""
    return Hit(Chunk(doc_id, article, start, end, "字" * (end - start)), score, rank, "hybrid")


def passage(
    *texts: str,
    label: int = 1,
    doc_id: str = "a.txt",
    article: int = 0,
    title: str = "一个标题",
    kinds: Sequence[BlockKind] = (),
    hits: Sequence[Hit] | None = None,
) -> Passage:
    """A passage whose sentences stand one behind the other from offset 0, and one hit on all of it."""
    sentences, at = [], 0
    for number, text in enumerate(texts):
        kind: BlockKind = kinds[number] if kinds else "body"
        sentences.append(Sentence(((at, at + len(text)),), text, kind))
        at += len(text)
    own = (hit(0, max(at, 1), doc_id=doc_id, article=article),) if hits is None else tuple(hits)
    return Passage(
        label,
        doc_id,
        article,
        title,
        "2024-01-01",
        "本报",
        tuple(sentences),
        own,
        opens_article=True,
    )


def documents_of(*passages: Passage) -> Callable[[str], Document]:
    """The documents that hand-made passages stand in."""
    texts = {p.doc_id: "".join(sentence.text for sentence in p.sentences) for p in passages}
    return lambda doc_id: Document(doc_id, texts[doc_id], "")


def candidates(
    passages: Sequence[Passage],
    scores: Sequence[Sequence[float]],
    spans: Mapping[str, tuple[str, float]] | None = None,
) -> list[Candidate]:
    """Ranked candidates with these scores; `spans` gives for a sentence its answer and how sure that is."""
    found = []
    total = sum(math.exp(score) for row in scores for score in row)
    for own, row in zip(passages, scores, strict=True):
        for position, (sentence, score) in enumerate(zip(own.sentences, row, strict=True)):
            answer, sure = (spans or {}).get(sentence.text, ("", 0.0))
            at = sentence.text.index(answer)
            span = (at, at + len(answer))
            features = np.zeros(len(SENTENCE_FEATURES))
            found.append(Candidate(own, position, score, math.exp(score) / total, span, sure, 0.0, features))
    return sorted(found, key=lambda c: (-c.score, c.passage.label, c.position))


def query(question: str, term_weights: Mapping[str, float], embedder: Embedder) -> Query:
    """A question with these weights of its terms, whatever an index would say."""
    return Query(question, tuple(search_terms(question)), dict(term_weights), embedder.embed_queries([question])[0])


def reading(n_sentences: int, evidence: float = 0.5, answerable: float = 0.5) -> Reading:
    """A reading that finds every sentence as likely."""
    return Reading((evidence,) * n_sentences, ((0, 0),) * n_sentences, (0.0,) * n_sentences, answerable)
