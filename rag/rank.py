"""Sentences -> ranked candidates: the reader's evidence together with what else speaks for a sentence.

The reader sees a sentence in its passage; this linear model adds what it does not see: how the retrieval ranked the
passage, the cosine to the question, the question's rare terms, and whether the sentence holds the sort of thing that is
asked for. Its few weights are fitted by `python -m training.ranker` and stand in models/ranker/weights.json.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embeddings import Embedder
from index.errors import ModelError
from index.terms import fold, split_terms

from .context import touches
from .query import Query
from .question import answer_pattern, contradicts, measure_pattern, name_pattern, names_in, question_kind
from .types import Passage, Reading

DEFAULT = Path(__file__).resolve().parent.parent / "models" / "ranker" / "weights.json"
SENTENCE_FEATURES = (
    "evidence",  # log odds of the reader's evidence
    "answerable",  # log odds of the reader's answerable, of the sentence's passage
    "share",  # share of the question's term weight that stands in the sentence
    "share_around",  # the same for the sentence, its two neighbours and the title
    "cosine",  # of question and sentence, less the mean over all sentences
    "prior",  # fused retrieval score of the passage's best hit that touches the sentence, over the highest
    "typed",  # 1 if the sentence holds the sort of thing that is asked for, -1 if it lacks it, 0 if any may answer
    "measure",  # the same for a number in the measure that is asked for
    "figures",  # 1 if all numbers of the question stand in the sentence, its neighbours or date, -1 if not, 0 without
    "heading",  # 1 for a headline or section heading
    "asks",  # 1 for a sentence that is a question itself
    "caption",
    "length",  # log of the number of characters
    "opening",  # 1 for the first sentence of the article
)
ANSWER_FEATURES = (
    "evidence",  # of the best sentence, as above
    "answerable",  # highest over the passages
    "share",  # of the best sentence
    "share_article",  # share of the question's term weight that stands in the best sentence's passage or title
    "share_all",  # the same, a term that stands nowhere in the index weighing as much as the rarest that does
    "rarest",  # 1 if the question's rarest term that stands anywhere in the index stands in the passage or title
    "figures",  # 1 if all numbers of the question stand in the passage, its title or date, -1 if not, 0 without any
    "names",  # 1 if all years, names and roles of the question stand in the passage, its title or date, -1 if not
    "cosine",  # of the question and the best sentence
    "typed",
    "measure",
    "margin",  # score of the best sentence less that of the best one in another article
    "bm25",  # log of 1 + the best hit's BM25 score per term of the question
    "explains",  # 1 for a question that asks why, how or for a list: its evidence is never as clear as a fact's
)
CONTRADICTION = 10.0
"""Taken from the score of a sentence that names another one than the question: it comes after all that do not. Too rare
in the data to be fitted."""
_CLIP = 1e-4
_SEPARATOR = re.compile(r"(?<=\d),(?=\d{3})")
_FIGURE = re.compile(r"[a-z]*\d+(?:\.\d+)?[a-z]*")


@dataclass(frozen=True, slots=True)
class RankerWeights:
    """Weights over the features as they are, and the logistic model of whether there is an answer."""

    sentence: NDArray[np.float64]  # (n_sentence_features,)
    answer: NDArray[np.float64]  # (n_answer_features,)
    answer_bias: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may answer."""

    passage: Passage
    position: int
    """Of the sentence in its passage."""
    score: float
    probability: float
    """Share of this sentence among all candidates, by the softmax of their scores."""
    span: tuple[int, int]
    span_score: float
    cosine: float
    """Of the question and the sentence."""
    features: NDArray[np.float64]

    @property
    def text(self) -> str:
        """The sentence."""
        return self.passage.sentences[self.position].text


def load_weights(path: Path = DEFAULT) -> RankerWeights:
    """Reads the weights. Raises ModelError where the file is missing or made for other features."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        sentence = np.array([stored["sentence"][name] for name in SENTENCE_FEATURES], np.float64)
        answer = np.array([stored["answer"][name] for name in ANSWER_FEATURES], np.float64)
        bias = float(stored["answer_bias"])
        if not np.isfinite([*sentence, *answer, bias]).all():
            raise ValueError("a weight is not a number")
        return RankerWeights(sentence, answer, bias)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"the ranker's weights in {path} cannot be read ({error!r}): restore them (git checkout -- {path}) or fit "
            "them: python -m training.ranker"
        ) from error


def rank_sentences(
    query: Query,
    passages: Sequence[Passage],
    readings: Sequence[Reading],
    embedder: Embedder,
    weights: RankerWeights,
) -> list[Candidate]:
    """All sentences of all passages, the likeliest answer first."""
    texts = [sentence.text for passage in passages for sentence in passage.sentences]
    cosines = embedder.embed_passages(texts) @ query.vector  # (n_sentences,)
    rows = sentence_features(query, passages, readings, cosines)
    wrong = np.array([contradicts(query.text, text) for text in texts], dtype=float)
    scores = rows @ weights.sentence - CONTRADICTION * wrong  # (n_sentences,)
    shares = np.exp(scores - scores.max()) if len(scores) else scores
    places = [(p, i) for p, passage in enumerate(passages) for i in range(len(passage.sentences))]
    candidates = [
        Candidate(
            passages[p],
            i,
            float(scores[n]),
            float(shares[n] / shares.sum()),
            readings[p].spans[i],
            readings[p].span_scores[i],
            float(cosines[n]),
            rows[n],
        )
        for n, (p, i) in enumerate(places)
    ]
    return sorted(candidates, key=lambda c: (-c.score, c.passage.label, c.position))


def sentence_features(
    query: Query,
    passages: Sequence[Passage],
    readings: Sequence[Reading],
    cosines: NDArray[np.float32],
) -> NDArray[np.float64]:
    """Features of all sentences in order of passage and position, shape (n_sentences, n_features).

    `cosines` are those of the question and each sentence, shape (n_sentences,).
    """
    if not len(cosines):
        return np.zeros((0, len(SENTENCE_FEATURES)))
    question, term_weights = query.text, query.term_weights
    typed, measure = answer_pattern(question), measure_pattern(question)
    highest = max((hit.score for passage in passages for hit in passage.hits), default=0.0) or 1.0
    rows: list[list[float]] = []
    for passage, reading in zip(passages, readings, strict=True):
        for i, sentence in enumerate(passage.sentences):
            around = [s.text for s in passage.sentences[max(0, i - 1) : i + 2]]
            touching = [hit.score for hit in passage.hits if touches(sentence, hit)]
            rows.append(
                [
                    _log_odds(reading.evidence[i]),
                    _log_odds(reading.answerable),
                    term_share([sentence.text], term_weights),
                    term_share([*around, passage.title], term_weights),
                    float(cosines[len(rows)] - cosines.mean()),
                    max(touching, default=0.0) / highest,
                    holds(typed, sentence.text),
                    holds(measure, sentence.text),
                    holds_figures(question, [*around, passage.title, passage.date]),
                    float(sentence.kind in ("heading", "subtitle", "title")),
                    float(sentence.text.rstrip("”’」』）)").endswith(("？", "?"))),
                    float(sentence.kind == "caption"),
                    math.log(max(len(sentence.text), 1)),
                    float(i == 0 and passage.opens_article),
                ]
            )
    return np.array(rows)


def answer_features(query: Query, candidates: Sequence[Candidate]) -> NDArray[np.float64]:
    """Features of whether there is an answer at all, shape (n_answer_features,); `candidates` are not empty."""
    question, term_weights = query.text, query.term_weights
    best = candidates[0]
    passage = best.passage
    texts = [passage.title, *(sentence.text for sentence in passage.sentences)]
    held = {term for text in texts for term in split_terms(text)}
    terms = set(query.terms)
    known_share = term_share(texts, term_weights)
    unknown = (len(terms) - len(term_weights)) * max(term_weights.values(), default=1.0)
    rarest = max(term_weights, key=lambda term: term_weights[term], default="")
    here = (passage.doc_id, passage.article)
    others = [c.score for c in candidates if (c.passage.doc_id, c.passage.article) != here]
    hits = [hit.bm25_score for hit in passage.hits]
    by_name = dict(zip(SENTENCE_FEATURES, best.features, strict=True))
    return np.array(
        [
            by_name["evidence"],
            max(c.features[1] for c in candidates),
            by_name["share"],
            known_share,
            known_share * sum(term_weights.values()) / max(sum(term_weights.values()) + unknown, 1e-9),
            float(rarest in held),
            holds_figures(question, [*texts, passage.date]),
            holds_names(question, [*texts, passage.date]),
            best.cosine,
            by_name["typed"],
            by_name["measure"],
            min(best.score - max(others), 5.0) if others else 5.0,
            math.log1p(max(hits, default=0.0) / max(len(terms), 1)),
            float(question_kind(question) in ("why", "how", "list")),
        ]
    )


def confidence(features: NDArray[np.float64], weights: RankerWeights) -> float:
    """The probability that the documents answer, 0 to 1."""
    return float(1 / (1 + math.exp(-float(np.clip(features @ weights.answer + weights.answer_bias, -30, 30)))))


def term_share(texts: Sequence[str], term_weights: dict[str, float]) -> float:
    """The share of the question's term weight that stands in some texts; 0 where the question has none."""
    held = {term for text in texts for term in split_terms(text)}
    total = sum(term_weights.values())
    return sum(weight for term, weight in term_weights.items() if term in held) / total if total else 0.0


def holds(pattern: re.Pattern[str] | None, text: str) -> float:
    """1 if a text holds a pattern, -1 if it does not, 0 where there is none to hold."""
    return 0.0 if pattern is None else 1.0 if pattern.search(text) else -1.0


def holds_figures(question: str, texts: Sequence[str]) -> float:
    """1 if every number of the question stands in one of the texts, -1 if one is missing, 0 for no numbers."""
    asked = _figures(question)
    found = {figure for text in texts for figure in _figures(text)}
    return 0.0 if not asked else 1.0 if asked <= found else -1.0


def _figures(text: str) -> set[str]:
    """The numbers of a text, with the letters that belong to them (5g), without separators and leading zeros."""
    return {figure.lstrip("0") for figure in _FIGURE.findall(_SEPARATOR.sub("", fold(text)))}


def holds_names(question: str, texts: Sequence[str]) -> float:
    """1 if every year, name and role of the question stands in one of the texts, -1 if not, 0 where it has none."""
    names = names_in(question)
    together = fold("\n".join(texts))
    return 0.0 if not names else 1.0 if all(name_pattern(name).search(together) for name in names) else -1.0


def _log_odds(probability: float) -> float:
    clipped = min(max(probability, _CLIP), 1 - _CLIP)
    return math.log(clipped / (1 - clipped))
