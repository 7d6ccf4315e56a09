"""The direct answer: the few characters of a sentence that are the number, date, name or place that is asked for."""

import re

from ..question import (
    QuestionKind,
    answer_pattern,
    is_name,
    measure_pattern,
    names_in,
    question_kind,
)
from ..quoting import in_answer
from .candidates import Candidate
from .persons import asked_person, role_of
from .topics import asks_for_summary

_SAYS = re.compile(r"(?:说|表示|介绍|认为|称|告诉记者|解释|坦言)$")
_ASKS_WHETHER = re.compile(r"(?<!什)[吗么][？?]?$|是不是|有没有|是否|了没有?[？?]?$|能不能|会不会|要不要")
_ASKS_SHARE = re.compile(r"[率比幅速占]|增[长加]|上涨|下降|提高|减少|百分")
_ASKS_PLACE_IN_ORDER = re.compile(r"第几")
_SHORT_KINDS = frozenset(("number", "date", "person", "place", "fact"))
_NUMBER = re.compile(r"\d+(?:(?:[.,]|\s*\n\s*|[\u00ad\u200b-\u200f\u2060\ufeff]+)\d+)*%?")
"""Also with a line break, or a mark that nobody sees, between two figures."""
_DATE = re.compile(
    r"\d{4}年(?:\d{1,2}月(?:\d{1,2}[日号])?)?[底初]?|(?:[同当今去前次]年)?\d{1,2}月(?:\d{1,2}[日号]|份|底|初|末)?|(?<!月)\d{1,2}[日号]"
)
_CLOCK = re.compile(r"(?:凌晨|早晨|上午|中午|下午|傍晚|晚上|深夜)?\d{1,2}(?:时|点)(?:\d{1,2}分|半)?")
_ASKS_DAY = re.compile(r"哪[一]?[年月日天]|几[月日号]|什么时候|何时|啥时候|几时|什么时间")
_HOLDER = (
    r"(?P<name>[\u4e00-\u9fff]{2,3}?|[\u4e00-\u9fff]{1,6}(?:·[\u4e00-\u9fff]{1,8})+)"
    r"(?=[说在给表介认称告指出等、，。的]|$)"
)
MAX_SHORT_CHARS = 24
MIN_SPAN_SCORE = 0.3
MAX_SPAN_SHARE = 0.6
"""A span that is more of its sentence than this says no more directly than the sentence does."""


def direct_answer(question: str, best: Candidate) -> str:
    """The answering span of a sentence, where it is short, clear, and of the sort that is asked for; else empty."""
    kind = question_kind(question)
    if kind not in _SHORT_KINDS or asks_for_summary(question) or _ASKS_WHETHER.search(question):
        return ""
    text = best.text
    if person := asked_person(question):
        role = role_of(text, person)
        return role if len(role) <= MAX_SHORT_CHARS else ""
    start, end = _with_whole_numbers(text, *best.span)
    span = text[start:end].strip("，。、；：！？“”‘’（）《》 ")
    if kind == "person":
        span = _SAYS.sub("", span)
        if not is_name(span):
            return _holder(question, text)
    measure = measure_pattern(question)
    if measure and not measure.search(in_answer(span)):
        return _only(measure, question, text)  # the only number in the measure that is asked for
    span = _only_measured(question, span, kind, measure)
    if kind == "date" and not (_DATE.search(span) or _CLOCK.search(span)):
        return _only(_DATE if _ASKS_DAY.search(question) else _CLOCK, question, text)
    if kind == "number" and span.endswith(("%", "％")) and not (measure or _ASKS_SHARE.search(question)):
        return ""  # by how much something grew is not how much it is
    if kind == "number" and (_DATE.fullmatch(span) or _CLOCK.fullmatch(span)) and not measure:
        return ""  # a fee is no day
    expected = answer_pattern(question) if kind in ("number", "date") else None
    fits = expected is None or expected.search(span)
    clear = best.span_score >= MIN_SPAN_SCORE and 0 < len(span) <= MAX_SHORT_CHARS
    whole = len(span) > MAX_SPAN_SHARE * len(text) or re.search(r"[，。；！？]", span)
    shown = in_answer(span) in in_answer(text)  # not where it cuts a footnote mark of the text in two
    return span if fits and clear and shown and not whole and span not in question else ""


def _only_measured(question: str, span: str, kind: QuestionKind, measure: re.Pattern[str] | None) -> str:
    """Of a span with more than the time or the measured number that is asked for that alone, where it is one."""
    if _ASKS_PLACE_IN_ORDER.search(question):
        return span
    if kind == "date":
        found = [match.span() for pattern in (_DATE, _CLOCK) for match in pattern.finditer(span)]
    else:
        found = [match.span() for match in measure.finditer(span)] if measure else []
        found = found if len(found) == 1 else []
    if not found:
        return span
    start, end = _with_whole_numbers(span, min(start for start, _ in found), max(end for _, end in found))
    return span[start:end]


def _with_whole_numbers(text: str, start: int, end: int) -> tuple[int, int]:
    """A span that does not begin or end inside a number: "80米" of "480米" would be another length."""
    for number in _NUMBER.finditer(text):
        if number.start() < end and start < number.end():
            start, end = min(start, number.start()), max(end, number.end())
    return start, end


def _only(pattern: re.Pattern[str], question: str, text: str) -> str:
    """What a pattern finds in a sentence, where that is one thing that the question does not name itself."""
    found = {match.group() for match in pattern.finditer(in_answer(text))} - {""}
    only = found.pop() if len(found) == 1 else ""
    return only if only not in question else ""


def _holder(question: str, text: str) -> str:
    """The name that follows an office that the question names ("厂长" -> "马宏"), where it has the form of a name."""
    for office in sorted(names_in(question), key=len, reverse=True):
        found = re.search(re.escape(office) + _HOLDER, text)
        if found and is_name(found.group("name")):
            return found.group("name")
    return ""
