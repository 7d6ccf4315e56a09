"""Whether the documents answer a question at all: features of the ranked sentences, and a logistic model over them.

A near miss shares its topic with what stands there and lacks the fact: the reader was trained on such questions, and
the features beside it say what of the question is missing: terms that no document holds, numbers, names, the measure.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.terms import fold

from ..query import Query
from ..question import name_pattern, names_in, question_kind
from ..types import Hit
from .candidates import Candidate
from .signals import SENTENCE_FEATURES, holds_figures, term_share

ANSWER_FEATURES = (
    "evidence",  # of the best sentence, as among the sentence's features
    "answerable",  # highest over the passages
    "share",  # of the best sentence
    "share_article",  # share of the question's term weight that stands in the best sentence's passage or title
    "unknown",  # number of the question's terms that stand nowhere in the index
    "figures",  # 1 if all numbers of the question stand in the passage, its title or date, -1 if not, 0 without any
    "names",  # 1 if all years, names and roles of the question stand in the passage, its title or date, -1 if not
    "measure",  # of the best sentence
    "margin",  # score of the best sentence less that of the best one in another article
    "bm25",  # log of 1 + the best hit's BM25 score per term of the question
    "list",  # 1 for a question that asks for a list: what is sure differs by what is asked for
    "number",
    "fact",
)


def answer_features(query: Query, candidates: Sequence[Candidate]) -> NDArray[np.float64]:
    """Features of whether there is an answer at all, shape (n_answer_features,); `candidates` are not empty."""
    best = candidates[0]
    passage = best.passage
    texts = [passage.title, *(sentence.text for sentence in passage.sentences)]
    terms = set(query.terms)
    here = (passage.doc_id, passage.article)
    others = [c.score for c in candidates if (c.passage.doc_id, c.passage.article) != here]
    by_name = dict(zip(SENTENCE_FEATURES, best.features, strict=True))
    kind = question_kind(query.text)
    return np.array(
        [
            by_name["evidence"],
            max(c.features[SENTENCE_FEATURES.index("answerable")] for c in candidates),
            by_name["share"],
            term_share(texts, query.term_weights),
            float(len(terms) - len(query.term_weights)),
            holds_figures(query.text, [*texts, passage.date]),
            holds_names(query.text, [*texts, passage.date]),
            by_name["measure"],
            min(best.score - max(others), 5.0) if others else 5.0,
            math.log1p(max((_score_per_term(hit, terms) for hit in passage.hits), default=0.0)),
            float(kind == "list"),
            float(kind == "number"),
            float(kind == "fact"),
        ]
    )


def _score_per_term(hit: Hit, terms: set[str]) -> float:
    """A hit's BM25 score by the question's terms, and by the terms in other words that were found instead of them."""
    return hit.bm25_score / max(len(terms | set(hit.matched_terms)), 1)


def confidence(features: NDArray[np.float64], weights: NDArray[np.float64], bias: float) -> float:
    """The probability that the documents answer, 0 to 1: a logistic model, weights of shape (n_answer_features,)."""
    return float(1 / (1 + math.exp(-float(np.clip(features @ weights + bias, -30, 30)))))


def holds_names(question: str, texts: Sequence[str]) -> float:
    """1 if every year, name and role of the question stands in one of the texts, -1 if not, 0 where it has none."""
    names = names_in(question)
    together = fold("\n".join(texts))
    return 0.0 if not names else 1.0 if all(name_pattern(name).search(together) for name in names) else -1.0
