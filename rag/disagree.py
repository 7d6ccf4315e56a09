"""Two articles that say the same sentence with another number: which sentence to show beside the answer's."""

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.terms import fold, split_terms
from index.types import Sentence

from .question import measure_pattern, question_kind
from .quoting import in_answer
from .reading.candidates import Candidate
from .types import Draft, Notice, Passage

NOTICE = Notice(
    "两篇文章的数字不一致：[{}]是{}，[{}]是{}。",
    "Two articles give different numbers: [{}] says {}, [{}] says {}.",
)
MIN_SAME_SHARE = 0.6
"""Of the terms of both sentences, numbers left out, that stand in both."""
MAX_DAYS_APART = 3
_CONTEXT_CHARS = 4
_MIN_CONTEXT_CHARS = 2
_ANY_MEASURE = re.compile(r"\d+(?:[.,]\d+)*[万亿]?[^\s\d，。、；：！？（）“”]?")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_SEPARATOR = re.compile(r"(?<=\d),(?=\d{3})")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What an answer's sentence says, and the sentence of another article that says otherwise."""

    said: str
    otherwise: str
    sentence: Sentence
    passage: Passage


def with_disagreement(
    draft: Draft, question: str, candidates: Sequence[Candidate], others: Iterable[Passage]
) -> tuple[Draft, Notice | None]:
    """The draft of an answer, and beside its one sentence that of another article that gives another number.

    The second part is what its reader should know; None where no article disagrees, and the draft is as it was.
    """
    (label, (sentence, passage)), *_ = draft.evidence.items()
    span = next((c.span for c in candidates if c.passage.sentences[c.position] is sentence), (0, 0))
    found = find_disagreement(question, sentence, passage, span, others)
    if found is None:
        return draft, None
    second = max(draft.evidence) + 1
    text = f"{draft.text}\n{in_answer(found.sentence.text)}[{second}]"
    evidence = {**draft.evidence, second: (found.sentence, found.passage)}
    return Draft(text, evidence), NOTICE.format(label, found.said, second, found.otherwise)


def find_disagreement(
    question: str, sentence: Sentence, passage: Passage, span: tuple[int, int], others: Iterable[Passage]
) -> Disagreement | None:
    """The first sentence of another article that differs from an answer's in the number that was asked for.

    `span` is where the answer stands in the sentence's text. None where the question asks for no number, or where it is
    not clear which number of the sentence answers.
    """
    if question_kind(question) != "number":
        return None
    measure = measure_pattern(question) or _ANY_MEASURE
    said = _number_at(measure, sentence.text, span)
    if said is None:
        return None
    here = (passage.doc_id, passage.article)
    for other in others:
        if (other.doc_id, other.article) == here or _far_apart(passage.date, other.date):
            continue
        for candidate in other.sentences:
            if _same_but_numbers(sentence.text, candidate.text):
                otherwise = _counterpart(measure, said, sentence.text, candidate.text)
                if otherwise and _value(otherwise) != _value(said.group()):
                    return Disagreement(said.group(), otherwise, candidate, other)
    return None


def _far_apart(first: str, second: str) -> bool:
    """Whether two whole dates are so far apart that the articles are about two days, like two market reports."""
    if len(first) != 10 or len(second) != 10:
        return False
    try:
        days = datetime.date.fromisoformat(first) - datetime.date.fromisoformat(second)
    except ValueError:
        return False
    return abs(days.days) > MAX_DAYS_APART


def _number_at(measure: re.Pattern[str], text: str, span: tuple[int, int]) -> re.Match[str] | None:
    """The number in the measure asked for that the span touches, or the only one."""
    numbers = [found for found in measure.finditer(text) if _value(found.group())]
    touched = [found for found in numbers if found.start() < span[1] and span[0] < found.end()]
    return touched[0] if len(touched) == 1 else numbers[0] if len(numbers) == 1 else None


def _counterpart(measure: re.Pattern[str], said: re.Match[str], text: str, other: str) -> str:
    """The number of another sentence that stands behind the same words, or the only one of both; "" for none."""
    numbers = [found for found in measure.finditer(other) if _value(found.group())]
    alone = len(numbers) == 1 and sum(1 for found in measure.finditer(text) if _value(found.group())) == 1
    if alone:
        return numbers[0].group()
    before = text[max(0, said.start() - _CONTEXT_CHARS) : said.start()]
    for found in numbers:
        there = other[max(0, found.start() - _CONTEXT_CHARS) : found.start()]
        if _common_end(before, there) >= min(_MIN_CONTEXT_CHARS, len(before)):
            return found.group()
    return ""


def _common_end(first: str, second: str) -> int:
    length = 0
    while length < min(len(first), len(second)) and first[-1 - length] == second[-1 - length]:
        length += 1
    return length


def _same_but_numbers(first: str, second: str) -> bool:
    one, other = (set(split_terms(_DIGITS.sub(" ", fold(text)))) for text in (first, second))
    return len(one & other) >= MIN_SAME_SHARE * max(len(one | other), 1)


def _value(number: str) -> tuple[str, ...]:
    """The digits of a number, thousands unseparated; empty for one in words, which is compared with nothing."""
    return tuple(_DIGITS.findall(_SEPARATOR.sub("", fold(number))))
