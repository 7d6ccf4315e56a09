"""Whether the documents answer a question at all: features of the ranked sentences, and a logistic model over them.

A near miss shares its topic with what stands there and lacks the fact, so most features say what of the question is
missing: terms that no document holds, a run of words that the passage does not hold, a year, a name, the measure.
"""

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.terms import fold, split_terms

from .candidates import Candidate
from .query import Query
from .question import name_pattern, names_in, question_kind
from .signals import SENTENCE_FEATURES, holds_figures, term_share

ANSWER_FEATURES = (
    "evidence",  # of the best sentence, as among the sentence's features
    "answerable",  # highest over the passages
    "share",  # of the best sentence
    "share_around",  # of the best sentence with its neighbours and title
    "share_article",  # share of the question's term weight that stands in the best sentence's passage or title
    "share_all",  # the same, a term that stands nowhere in the index weighing as much as the rarest that does
    "local",  # of the best sentence
    "unknown",  # number of the question's terms that stand nowhere in the index
    "gap",  # length of the longest run of the question's terms that stand neither in the passage nor in its title
    "rarest",  # 1 if the question's rarest term that stands anywhere in the index stands in the passage or title
    "figures",  # 1 if all numbers of the question stand in the passage, its title or date, -1 if not, 0 without any
    "year",  # 1 if a year of the question stands neither in the passage nor in its title or date
    "names",  # 1 if all years, names and roles of the question stand in the passage, its title or date, -1 if not
    "cosine",  # of the question and the best sentence
    "typed",
    "measure",
    "cue",
    "margin",  # score of the best sentence less that of the best one in another article
    "bm25",  # log of 1 + the best hit's BM25 score per term of the question
    "explains",  # 1 for a question that asks why or how: its evidence is never as clear as a fact's
    "list",  # 1 for a question that asks for a list
    "number",
    "fact",
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?=年|[^\d]|$)")


def answer_features(query: Query, candidates: Sequence[Candidate]) -> NDArray[np.float64]:
    """Features of whether there is an answer at all, shape (n_answer_features,); `candidates` are not empty."""
    best = candidates[0]
    passage = best.passage
    texts = [passage.title, *(sentence.text for sentence in passage.sentences)]
    held = {term for text in texts for term in split_terms(text)}
    weights, terms = query.term_weights, list(dict.fromkeys(query.terms))
    known_share, n_unknown = term_share(texts, weights), len(terms) - len(weights)
    unknown_weight = n_unknown * max(weights.values(), default=1.0)
    rarest = max(weights, key=lambda term: weights[term], default="")
    here = (passage.doc_id, passage.article)
    others = [c.score for c in candidates if (c.passage.doc_id, c.passage.article) != here]
    by_name = dict(zip(SENTENCE_FEATURES, best.features, strict=True))
    kind = question_kind(query.text)
    return np.array(
        [
            by_name["evidence"],
            max(c.features[SENTENCE_FEATURES.index("answerable")] for c in candidates),
            by_name["share"],
            by_name["share_around"],
            known_share,
            known_share * sum(weights.values()) / max(sum(weights.values()) + unknown_weight, 1e-9),
            by_name["local"],
            float(n_unknown),
            float(_longest_gap(terms, held)),
            float(rarest in held),
            holds_figures(query.text, [*texts, passage.date]),
            float(lacks_year(query.text, [*texts, passage.date])),
            holds_names(query.text, [*texts, passage.date]),
            best.cosine,
            by_name["typed"],
            by_name["measure"],
            by_name["cue"],
            min(best.score - max(others), 5.0) if others else 5.0,
            math.log1p(max((hit.bm25_score for hit in passage.hits), default=0.0) / max(len(terms), 1)),
            float(kind in ("why", "how")),
            float(kind == "list"),
            float(kind == "number"),
            float(kind == "fact"),
        ]
    )


def confidence(features: NDArray[np.float64], weights: NDArray[np.float64], bias: float) -> float:
    """The probability that the documents answer, 0 to 1: a logistic model, weights of shape (n_answer_features,)."""
    return float(1 / (1 + math.exp(-float(np.clip(features @ weights + bias, -30, 30)))))


def holds_names(question: str, texts: Sequence[str]) -> float:
    """1 if every year, name and role of the question stands in one of the texts, -1 if not, 0 where it has none."""
    names = names_in(question)
    together = fold("\n".join(texts))
    return 0.0 if not names else 1.0 if all(name_pattern(name).search(together) for name in names) else -1.0


def lacks_year(question: str, texts: Sequence[str]) -> bool:
    """Whether the question names a year that stands in none of the texts."""
    return not set(_YEAR.findall(fold(question))) <= {year for text in texts for year in _YEAR.findall(fold(text))}


def _longest_gap(terms: Sequence[str], held: set[str]) -> int:
    """How many terms in a row do not stand in the text: a run of two or more is a word that is missing."""
    longest = run = 0
    for term in terms:
        run = 0 if term in held else run + 1
        longest = max(longest, run)
    return longest
