"""Sentences -> ranked candidates: a linear model over the features of `signals.py`.

Its few weights, and those of `refusal.py`, are fitted by `python -m training.ranker` and stand in
models/ranker/weights.json.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embeddings import Embedder
from index.errors import ModelError

from .query import Query
from .question import contradicts, echoes, names_other_before
from .reading.asked import answering_positions
from .reading.candidates import Candidate
from .reading.persons import asked_person, introduces
from .reading.refusal import ANSWER_FEATURES
from .reading.signals import SENTENCE_FEATURES, sentence_features
from .reading.topics import asks_for_summary, centrality, names_topic
from .types import Passage, Reading

DEFAULT = Path(__file__).resolve().parent.parent / "models" / "ranker" / "weights.json"
CONTRADICTION = 10.0
"""Taken from the score of a sentence that names another one than the question, or only says the question again: it
comes after all others. Too rare in the data to be fitted."""
INTRODUCTION = 5.0
"""Added to the score of a sentence that says who the person is of whom the question asks just that."""
ASKED = 5.0
"""Added to the score of a sentence that follows one which asks the question itself."""
TOPIC = 8.0
"""Times how central its topic is: added to the score of the sentences of a story that is asked for as a whole."""
NAMED = 2.0
"""Added to those of them that name the topic."""
PREFERENCE = 2.5
"""Added to the score of a sentence of an article of the time that the question names ("2021年底"): a report of another
year often has nearly the same words. See eval/LOG.md."""


@dataclass(frozen=True, slots=True)
class RankerWeights:
    """Weights over the features as they are, and the logistic model of whether there is an answer."""

    sentence: NDArray[np.float64]  # (n_sentence_features,)
    answer: NDArray[np.float64]  # (n_answer_features,)
    answer_bias: float


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


def _none_preferred(passage: Passage) -> bool:
    return False


def rank_sentences(
    query: Query,
    passages: Sequence[Passage],
    readings: Sequence[Reading],
    embedder: Embedder,
    weights: RankerWeights,
    preferred: Callable[[Passage], bool] = _none_preferred,
) -> list[Candidate]:
    """All sentences of all passages, the likeliest answer first; those of `preferred` passages are put forward."""
    texts = [sentence.text for passage in passages for sentence in passage.sentences]
    cosines = embedder.embed_passages(texts) @ query.vector  # (n_sentences,)
    rows = sentence_features(query, passages, readings, cosines)
    wrong = np.array([contradicts(query.text, text) or echoes(text, query.text) for text in texts], dtype=float)
    wrong = np.maximum(
        wrong, [float(names_other_before(query.text, own, i)) for own in _texts(passages) for i in range(len(own))]
    )
    n_sentences = [len(passage.sentences) for passage in passages]
    named = np.zeros(len(texts))
    bonus = [PREFERENCE * preferred(passage) for passage in passages]
    if asks_for_summary(query.text):
        bonus = [own + TOPIC * centrality(query.text, passage) for own, passage in zip(bonus, passages, strict=True)]
        named = np.array([names_topic(query.text, text) for text in texts], dtype=float)
    person = asked_person(query.text)
    asked = [answering_positions(query.text, passage) for passage in passages]
    told = np.array([introduces(text, person) for text in texts], dtype=float)
    scores = rows @ weights.sentence  # (n_sentences,)
    after = np.array([i in own for p, own in zip(passages, asked, strict=True) for i in range(len(p.sentences))], float)
    scores += ASKED * after + NAMED * named
    scores += np.repeat(bonus, n_sentences) + INTRODUCTION * told - CONTRADICTION * wrong
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


def _texts(passages: Sequence[Passage]) -> list[list[str]]:
    return [[sentence.text for sentence in passage.sentences] for passage in passages]
