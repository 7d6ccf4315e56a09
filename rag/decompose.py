"""A question that asks for two things -> the questions for each of them.

"20日和22日分别是多少" asks about two days, "农村站有多少个，网点又有多少处" asks twice: each part is searched and
answered on its own, so that an answer can come from two articles. A question that asks once comes back alone.
"""

import re

from index.terms import fold

from .question import asks, content_words

_TIME = re.compile(r"(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}[日号]|(?:\d{4}年)?\d{1,2}月[底末初份]?|\d{4}年[底末初]?")
_JOINS_TIMES = re.compile(r"分别|各|前后|相比|比|变化|怎么变|又|从.*到|增[加长]了|多了|少了|差")
_CHANGES = re.compile(
    r"(?:是怎么变的|怎么变的?|有什么变化|变化(?:了?多少|有多大|如何)|增[加长]了?多少|多了多少|少了多少)"
)
_PAIR = re.compile(
    r"^(?P<a>[^，,和与跟、]{2,16})[和与跟、](?P<b>[^，,和与跟、]{2,24}?)(?P<mark>，|,)?(?P<rest>[^，,]*(?:分别|各|都)[^，,]*)$"
)
_CONNECTOR = re.compile(r"的?比?_|[从到和与至跟、]*_[和与到至跟、]*|分别|各是|又(?=[是有])|前后")
_CLAUSE = re.compile(r"[^，,；;。？?！!]+")
MAX_PARTS = 3
_FROM = re.compile(r"从(?=\d{1,4}[年月])")
_EACH = re.compile(r"分别|各自?|都")
_MIN_TOPIC_CHARS = 3
"""A clause with fewer characters that can stand in a document lives on the clause before it."""


def decompose(question: str) -> list[str]:
    """The questions that a question is made of, in its order; itself alone where it asks once."""
    return _by_clause(question) or _by_time(question) or _by_name(question) or [question]


def _by_time(question: str) -> list[str]:
    times = list(_TIME.finditer(fold(question)))
    if not 2 <= len(times) <= MAX_PARTS or not _JOINS_TIMES.search(question) or not asks(question):
        return []
    parts = []
    for own in times:
        text = question
        for other in reversed(times):
            if other is not own:
                text = text[: other.start()] + "_" + text[other.end() :]
        parts.append(_tidy(_CHANGES.sub("是多少", _FROM.sub("", text))))
    return parts


def _by_name(question: str) -> list[str]:
    """One question for each of two names that are asked about in one breath ("甲和乙分别有多少")."""
    pair = _PAIR.match(question)
    if pair is None or not asks(question):
        return []
    a, b, rest = pair.group("a"), pair.group("b"), pair.group("rest")
    if not pair.group("mark"):
        b, rest = _end_of_name(a, b + rest)
    return [_tidy(f"{name}{pair.group('mark') or ''}{_EACH.sub('', rest)}") for name in (a, b)]


def _end_of_name(other: str, text: str) -> tuple[str, str]:
    """A text that begins with a name, as the name and what follows: it ends as the other does, or is as long."""
    same = text.find(other[-1], 1, len(other) + 6)
    end = same + 1 if same >= 0 else len(other)
    return text[:end], text[end:]


def _by_clause(question: str) -> list[str]:
    """One question for each clause that asks, with the clauses that do not ask in front of it as its topic."""
    clauses = _CLAUSE.findall(question)
    asking = [clause for clause in clauses if asks(clause)]
    if not 2 <= len(asking) <= MAX_PARTS:
        return []
    parts, topic, before = [], "", ""
    for clause in clauses:
        if not asks(clause):
            topic = clause
            continue
        words = "".join(content_words(clause).split())
        lives_on_others = len(words) <= _MIN_TOPIC_CHARS
        head = topic or (before if lives_on_others else "")
        parts.append(_tidy(f"{head}，{clause}"))
        before = before if lives_on_others else words
    return parts


def _tidy(text: str) -> str:
    """Without the connectors that only held the parts together (`_` stands where a time was taken out)."""
    return re.sub(r"[，,]{2,}", "，", _CONNECTOR.sub("，", text)).strip("，, ")
