"""What speaks for a sentence: the reader's evidence, and what the reader does not see.

That is how the retrieval ranked the passage, the cosine to the question, the terms of the question (by their idf in the
index, and by how few of the sentences that were read hold them), and whether sentence and span hold the sort of thing
that is asked for.
"""

import math
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.terms import fold, split_terms

from ..context import touches
from ..query import Query
from ..question import answer_pattern, content_words, cue_pattern, measure_pattern
from ..types import Passage, Reading

SENTENCE_FEATURES = (
    "evidence",  # log odds of the reader's evidence
    "answerable",  # log odds of the reader's answerable, of the sentence's passage
    "share",  # share of the question's term weight that stands in the sentence
    "share_around",  # the same for the sentence, its two neighbours and the title
    "share_next",  # the same for the sentence after it
    "local",  # share of the question's characters in the sentence, by their idf among all sentences that were read
    "cosine",  # of question and sentence, less the mean over all sentences
    "prior",  # fused retrieval score of the passage's best hit that touches the sentence, over the highest
    "typed",  # 1 if the sentence holds the sort of thing that is asked for, -1 if it lacks it, 0 if any may answer
    "measure",  # the same for a number in the measure that is asked for
    "cue",  # the same for a word that gives a reason or a means, where one is asked for
    "figures",  # 1 if all numbers of the question stand in the sentence, its neighbours or date, -1 if not, 0 without
    "span_typed",  # as `typed`, of the answering span alone
    "span_measure",
    "span_length",  # log of 1 + its number of characters
    "heading",  # 1 for a headline or section heading
    "asks",  # 1 for a sentence that is a question itself
    "caption",
    "length",  # log of the number of characters
    "opening",  # 1 for the first sentence of the article
)
_CLIP = 1e-4
_SEPARATOR = re.compile(r"(?<=\d),(?=\d{3})")
_FIGURE = re.compile(r"(?:(?<![a-z])[a-z]++)?\d+(?:\.\d+)?[a-z]*")
_CLOSING = "”’」』）)"


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
    question = query.text
    typed, measure, cue = answer_pattern(question), measure_pattern(question), cue_pattern(question)
    highest = max((hit.score for passage in passages for hit in passage.hits), default=0.0) or 1.0
    local = _local_shares(question, [sentence.text for passage in passages for sentence in passage.sentences])
    rows: list[list[float]] = []
    for passage, reading in zip(passages, readings, strict=True):
        texts = [sentence.text for sentence in passage.sentences]
        for i, sentence in enumerate(passage.sentences):
            around = texts[max(0, i - 1) : i + 2]
            touching = [hit.score for hit in passage.hits if touches(sentence, hit)]
            span = sentence.text[slice(*reading.spans[i])]
            rows.append(
                [
                    log_odds(reading.evidence[i]),
                    log_odds(reading.answerable),
                    term_share([sentence.text], query.term_weights),
                    term_share([*around, passage.title], query.term_weights),
                    term_share(texts[i + 1 : i + 2], query.term_weights),
                    local[len(rows)],
                    float(cosines[len(rows)] - cosines.mean()),
                    max(touching, default=0.0) / highest,
                    holds(typed, sentence.text),
                    holds(measure, sentence.text),
                    holds(cue, sentence.text),
                    holds_figures(question, [*around, passage.title, passage.date]),
                    holds(typed, span),
                    holds(measure, span),
                    math.log1p(len(span)),
                    float(sentence.kind in ("heading", "subtitle", "title")),
                    float(sentence.text.rstrip(_CLOSING).endswith(("？", "?"))),
                    float(sentence.kind == "caption"),
                    math.log(max(len(sentence.text), 1)),
                    float(i == 0 and passage.opens_article),
                ]
            )
    return np.array(rows)


def _local_shares(question: str, texts: Sequence[str]) -> list[float]:
    """For each text the share of the question's characters in it, each weighing its idf among the texts.

    A character that stands in every sentence (the topic's) weighs little, one that singles a sentence out much.
    """
    asked = set(re.sub(r"\W", "", fold(content_words(question))))
    folded = [fold(text) for text in texts]
    counts = {character: sum(character in text for text in folded) for character in asked}
    weights = {c: math.log(1 + (len(texts) - n + 0.5) / (n + 0.5)) for c, n in counts.items() if n}
    total = sum(weights.values())
    return [sum(weight for c, weight in weights.items() if c in text) / total if total else 0.0 for text in folded]


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


def log_odds(probability: float) -> float:
    """The logarithm of p / (1 - p), p kept off 0 and 1 by a ten-thousandth."""
    clipped = min(max(probability, _CLIP), 1 - _CLIP)
    return math.log(clipped / (1 - clipped))
