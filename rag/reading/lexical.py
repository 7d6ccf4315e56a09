"""The reader without a model: idf-weighted overlap and rules for the type of answer. A pure function of its input."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from rag.reading.features import asking_mask, cut_question
from rag.types import Reading

_MONTH = r"\d{1,2}月(?:\d{1,2}[日号])?"
_DATE = rf"(?:\d{{2,4}}年(?:{_MONTH})?|{_MONTH}|[零〇一二三四五六七八九十]+[年月日世]\S?)"
_NUMBER = r"(?:\d+(?:[.,]\d+)*|[零〇一二三四五六七八九十百千万亿两]+)[%％]?[万亿]?[^\s，。、；：！？\d]?"
_PLACE = r"[\u4e00-\u9fff]{2,6}?[省市县区国州镇村岛]"
_RULES: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (re.compile("什么时候|何时|哪一?年|哪一?天|几月|几号|几年|日期|时间"), re.compile(_DATE)),
    (re.compile("多少|几|多长|多大|多高|多久|多远|比例|数量|人数"), re.compile(_NUMBER)),
    (re.compile("哪里|哪儿|何地|何处|哪个(?:城市|国家|地区|省)|什么地方"), re.compile(_PLACE)),
)
"""What asks, and what an answer to it looks like; the first that fits decides."""
TYPE_BONUS = 0.15
"""Added where a sentence holds something of the type asked for."""


class LexicalReader:
    """Scores a sentence by the share of the question's rare characters and bigrams that it holds.

    The scores are shares, not calibrated probabilities. The idf comes from the sentences of the call.
    """

    def read(self, question: str, passages: Sequence[Sequence[str]], titles: Sequence[str]) -> list[Reading]:
        """One `Reading` per passage, in order; titles are not used."""
        if len(titles) != len(passages):
            raise ValueError(f"{len(passages)} passages, but {len(titles)} titles")
        terms = _question_terms(cut_question(question))
        sentences = [_terms(sentence) for sentences in passages for sentence in sentences]
        counts = Counter(term for sentence in sentences for term in sentence & terms)
        idf = {term: math.log(1 + len(sentences) / (1 + counts[term])) for term in sorted(terms)}
        pattern = next((answer for asks, answer in _RULES if asks.search(question)), None)
        return [_read_passage(question, passage, idf, pattern) for passage in passages]


def _read_passage(
    question: str, passage: Sequence[str], idf: dict[str, float], pattern: re.Pattern[str] | None
) -> Reading:
    evidence, spans = [], []
    for sentence in passage:
        span = _typed_span(question, sentence, pattern)
        evidence.append(min(1.0, (1 - TYPE_BONUS) * _share(sentence, idf) + TYPE_BONUS * (span != (0, 0))))
        spans.append(span)
    return Reading(
        evidence=tuple(evidence),
        spans=tuple(spans),
        span_scores=tuple(0.5 if span != (0, 0) else 0.0 for span in spans),
        answerable=max(evidence, default=0.0),
    )


def _question_terms(question: str) -> frozenset[str]:
    """Characters and bigrams of the question that do not ask."""
    asking = asking_mask(question)
    content = "".join(" " if asks else char for char, asks in zip(question, asking, strict=True))
    return _terms(content)


def _terms(text: str) -> frozenset[str]:
    chars = text.lower()
    singles = {char for char in chars if char.isalnum()}
    pairs = {a + b for a, b in pairwise(chars) if a.isalnum() and b.isalnum()}
    return frozenset(singles | pairs)


def _share(sentence: str, idf: dict[str, float]) -> float:
    held = _terms(sentence)
    total = sum(idf.values())
    return sum(weight for term, weight in idf.items() if term in held) / total if total else 0.0


def _typed_span(question: str, sentence: str, pattern: re.Pattern[str] | None) -> tuple[int, int]:
    """The first piece of the type asked for that the question does not hold itself; `(0, 0)` where there is none."""
    if pattern is None:
        return (0, 0)
    for found in pattern.finditer(sentence):
        if found.group() not in question:
            return found.span()
    return (0, 0)
