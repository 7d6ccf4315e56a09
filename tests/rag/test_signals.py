"""Signals that single a sentence out: what few of the sentences hold, cues of a reason, spans of the right sort."""

import numpy as np
import pytest

from index.embeddings import Embedder
from rag.question import cue_pattern
from rag.reading.signals import SENTENCE_FEATURES, holds, log_odds, sentence_features
from rag.types import Reading

from .pieces import passage, query


def column(
    name: str, question: str, texts: list[str], embedder: Embedder, spans: list[str] | None = None
) -> list[float]:
    places = [(t.index(s), t.index(s) + len(s)) for t, s in zip(texts, spans or [""] * len(texts), strict=True)]
    given = [Reading((0.5,) * len(texts), tuple(places), (0.5,) * len(texts), 0.5)]
    asked = query(question, {}, embedder)
    rows = sentence_features(asked, [passage(*texts)], given, np.zeros(len(texts), np.float32))
    return [float(value) for value in rows[:, SENTENCE_FEATURES.index(name)]]


def test_a_character_of_every_sentence_weighs_less_than_one_of_a_single_sentence(embedder: Embedder) -> None:
    texts = ["大桥合龙。", "大桥通车。", "大桥的桥面宽。", "大桥拖了很久。"]
    local = column("local", "大桥几时通车？", texts, embedder)
    assert max(local) == local[1] > local[0]
    n = len(texts)
    rare, common = np.log(1 + (n - 1 + 0.5) / 1.5), np.log(1 + (n - n + 0.5) / (n + 0.5))
    assert local[0] == pytest.approx(2 * common / (2 * common + 2 * rare))


@pytest.mark.parametrize(
    ("question", "answer", "other"),
    [
        ("为什么停船？", "船停了，由于江面有雾。", "船停在江边。"),
        ("怎么报名？", "可以扫码报名。", "报名的人很多。"),
    ],
)
def test_reasons_and_means_have_cues(question: str, answer: str, other: str) -> None:
    assert (holds(cue_pattern(question), answer), holds(cue_pattern(question), other)) == (1, -1)
    assert cue_pattern("桥有多长？") is None


def test_the_span_is_of_the_sort_that_is_asked_for_or_not(embedder: Embedder) -> None:
    texts = ["大桥长620米，8月合龙。"] * 2
    spans = ["620米", "合龙"]
    assert column("span_typed", "大桥多少米？", texts, embedder, spans) == [1, -1]
    assert column("span_measure", "大桥多少米？", texts, embedder, spans) == [1, -1]
    assert column("span_length", "大桥多少米？", texts, embedder, spans) == pytest.approx([np.log(5), np.log(3)])


def test_log_odds_are_finite_at_the_ends() -> None:
    assert log_odds(0.5) == 0
    assert [log_odds(1.0), -log_odds(0.0)] == pytest.approx([np.log((1 - 1e-4) / 1e-4)] * 2)
