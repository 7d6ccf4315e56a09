"""The reader without a language model: answers with the sentences that answer, quoted exactly.

What a question asks for decides how much is quoted: one sentence for a fact, the items of an enumeration for a list,
connected sentences for how and why, and one sentence of another article for a comparison. A number, a date or a name
that stands out in the best sentence leads as the direct answer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.terms import fold, split_terms

from .question import (
    QuestionKind,
    answer_pattern,
    asks_for_summary,
    content_words,
    is_name,
    measure_pattern,
    question_kind,
)
from .quoting import in_answer
from .rank import Candidate
from .types import Draft
from .verify import carrier_of, is_carried

_ITEM = re.compile(
    r"^(?:[一二三四五六七八九十]+(?:是|、|，)|第[一二三四五六七八九十]|首先|其次|再次|再者|最后|此外|另外|同时|还有|"
    r"[（(]?[\d一二三四五六七八九十]+[)）.、]|[①②③④⑤⑥⑦⑧⑨])"
)
_HOLDS_ITEMS = re.compile(r"[一二三四五六]是|第[一二三四五六][，是、个]|首先|其次")
_CONNECTED = re.compile(r"^(?:因此|所以|为此|于是|这样|这|因为|由于|原来|其中|结果|对此|他说|她说|通过|同时|此外)")
_COMPARES = re.compile(
    r"分别|相比|比起|各|两[个次座家份场条]|和.{1,24}(?:哪|谁|差|比|都)|与.{1,24}(?:哪|谁|差|比|都)|前后|跟"
)
_NUMBERED_ITEM = re.compile(
    r"^(?:[一二三四五六七八九十]是|第[一二三四五六七八九十][，是、个]|其[一二三四五六七八九十][，是、])"
)
_ASKS_COUNT = re.compile(
    r"(?P<n>[两二三四五六七八九十几])[个项件条大点步]?(?:方面|工作|件事|措施|任务|抓手|举措|办法|个|项|件|条|点|大|步)"
)
_NUMERALS = "零一二三四五六七八九十"
_SAYS = re.compile(r"(?:说|表示|介绍|认为|称|告诉记者|解释|坦言)$")
_ADDS = re.compile(r"^.{0,8}(?:还|另|也|又|并)")
_SHORT_KINDS = frozenset(("number", "date", "person", "place", "fact"))
REPEAT_SHARE = 0.7
MAX_SHORT_CHARS = 24
MIN_SPAN_SCORE = 0.3
MAX_SPAN_SHARE = 0.6
"""A span that is more of its sentence than this says no more directly than the sentence does."""
LIST_SHARE, CONNECTED_SHARE, COMPARE_SHARE = 0.5, 0.6, 0.4
MAX_ITEMS, MAX_CONNECTED = 8, 3
_NUMBER = re.compile(r"\d+(?:(?:[.,]|\s*\n\s*)\d+)*%?")


@dataclass(frozen=True, slots=True)
class Extract:
    """The sentences that were chosen, in the order of the answer, and the direct answer where one is clear."""

    draft: Draft
    short: str


def compose(parts: Sequence[tuple[str, Sequence[Candidate]]], said: str = "") -> Extract:
    """The answer to the questions that a question is made of, from the ranked sentences (at least one) of each.

    Only a question that asks once has a direct answer in front. What was `said` before is left out: of a list its other
    items are left, and where nothing is, the next best sentences answer.
    """
    chosen: list[Candidate] = []
    for question, candidates in parts:
        usable = [candidate for candidate in candidates if not _echoes(candidate.text, question)] or candidates
        whole = _choose(question, question_kind(question), usable)
        if said and not (whole := not_yet_said(whole, said)):
            whole = _choose(question, question_kind(question), not_yet_said(usable, said) or usable)
        chosen += whole
    chosen = _without_repeats(chosen)
    short = _short_answer(parts[0][0], chosen) if len(parts) == 1 else ""
    lines, evidence = [], {}
    for label, candidate in enumerate(chosen, start=1):
        sentence = candidate.passage.sentences[candidate.position]
        evidence[label] = (sentence, candidate.passage)
        lines.append(f"{in_answer(sentence.text)}[{label}]")
    if short and not is_carried(in_answer(short), [carrier_of(chosen[0].text)]):
        short = ""  # it cuts a number, a date or a name in two: another one
    if short:
        lines.insert(0, f"{in_answer(short)}[1]")
    return Extract(Draft("\n".join(lines), evidence), short)


def not_yet_said(candidates: Sequence[Candidate], answer: str) -> list[Candidate]:
    """The candidates that say more than an answer before did: neither in it nor holding nearly all of it."""
    said = set(split_terms(answer))

    def repeats(text: str) -> bool:
        return in_answer(text) in answer or len(said & set(split_terms(text))) >= REPEAT_SHARE * max(len(said), 1)

    return [candidate for candidate in candidates if not repeats(candidate.text)]


def _echoes(sentence: str, question: str) -> bool:
    """Whether a sentence only says the question again, or asks no more than it does: neither answers it."""
    if sentence.rstrip("”’」』）)").endswith(("？", "?")):
        return set(split_terms(content_words(sentence))) <= set(split_terms(question))
    return re.sub(r"\W", "", fold(sentence)) == re.sub(r"\W", "", fold(question))


def _choose(question: str, kind: QuestionKind, candidates: Sequence[Candidate]) -> list[Candidate]:
    best = candidates[0]
    if asks_for_summary(question):
        return _opening(best, candidates)
    chosen = [best]
    if kind == "list":
        counted = _counted_items(question, best, candidates)
        chosen = counted or [best, *_items(best, candidates)]
    elif kind in ("why", "how"):
        chosen += _connected(best, candidates)
    if _COMPARES.search(question):
        chosen += _from_other_articles(best, candidates)
    return _in_reading_order(chosen)


def _opening(best: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The first sentences of the best passage: a newspaper says first what matters."""
    own = sorted((c for c in candidates if c.passage is best.passage), key=lambda c: c.position)
    return own[:MAX_CONNECTED]


def _counted_items(question: str, best: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The sentences that open the items of an enumeration (一是, 二是 ...) in the best passage, or none.

    They are as many as are asked for, or the best sentence is one of them or announces them.
    """
    asked = _ASKS_COUNT.search(question)
    own = sorted((c for c in candidates if c.passage is best.passage), key=lambda c: c.position)
    items = [c for c in own if _NUMBERED_ITEM.match(c.text)]
    if asked is None or len(items) < 2:
        return []
    as_many = _NUMERALS.find(asked.group("n").replace("两", "二")) == len(items)
    near = best in items or best.position == items[0].position - 1
    return items[:MAX_ITEMS] if as_many or near else []


def _items(best: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The other items of the enumeration that the best sentence is in or announces, and what is as likely as it."""
    own = {c.position: c for c in candidates if c.passage is best.passage}
    chosen: dict[int, Candidate] = {}
    for step in (1, -1):
        position = best.position + step
        while position in own and (_ITEM.match(own[position].text) or _HOLDS_ITEMS.search(own[position].text)):
            chosen[position] = own[position]
            position += step
    after = own.get(best.position + 1)
    if after and _ADDS.match(after.text) and _holds_list(after.text):
        chosen[after.position] = after
    for candidate in candidates:
        if candidate.passage is best.passage and candidate.probability >= LIST_SHARE * best.probability:
            chosen.setdefault(candidate.position, candidate)
    chosen.pop(best.position, None)
    return list(chosen.values())[: MAX_ITEMS - 1]


def _holds_list(text: str) -> bool:
    return bool(re.search(r"、|和|及|与", text))


def _connected(best: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Sentences beside the best one that go on with it."""
    own = {c.position: c for c in candidates if c.passage is best.passage}
    chosen: list[Candidate] = []
    before, after = own.get(best.position - 1), own.get(best.position + 1)
    if before and (_CONNECTED.match(best.text) or before.probability >= CONNECTED_SHARE * best.probability):
        chosen.append(before)
    if after and (_CONNECTED.match(after.text) or after.probability >= CONNECTED_SHARE * best.probability):
        chosen.append(after)
    return chosen[: MAX_CONNECTED - 1]


def _from_other_articles(best: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The best sentence of another article, where it is nearly as likely an answer."""
    here = (best.passage.doc_id, best.passage.article)
    for candidate in candidates:
        there = (candidate.passage.doc_id, candidate.passage.article)
        if there != here and candidate.probability >= COMPARE_SHARE * best.probability:
            return [candidate]
    return []


def _in_reading_order(chosen: Sequence[Candidate]) -> list[Candidate]:
    """The best sentence's passage first, each passage in its own order."""
    first = chosen[0].passage.label
    return sorted(chosen, key=lambda c: (c.passage.label != first, c.passage.label, c.position))


def _without_repeats(chosen: Sequence[Candidate]) -> list[Candidate]:
    """The same sentence is not said twice."""
    first: dict[str, Candidate] = {}
    for candidate in chosen:
        first.setdefault(candidate.text, candidate)
    return list(first.values())


def _with_whole_numbers(text: str, start: int, end: int) -> tuple[int, int]:
    """A span that does not begin or end inside a number: "80米" of "480米" would be another length."""
    for number in _NUMBER.finditer(text):
        if number.start() < end and start < number.end():
            start, end = min(start, number.start()), max(end, number.end())
    return start, end


def _short_answer(question: str, chosen: Sequence[Candidate]) -> str:
    """The answering span of a single sentence, where it is short, clear, and of the sort that is asked for."""
    if len(chosen) != 1 or question_kind(question) not in _SHORT_KINDS:
        return ""
    text = chosen[0].text
    start, end = _with_whole_numbers(text, *chosen[0].span)
    span = text[start:end].strip("，。、；：！？“”‘’（）《》 ")
    if question_kind(question) == "person":
        span = _SAYS.sub("", span)
        if not is_name(span):
            return ""
    measure = measure_pattern(question)
    if measure and not measure.search(in_answer(span)):
        found = {match.group() for match in measure.finditer(in_answer(text))} - {""}
        only = found.pop() if len(found) == 1 else ""  # the only number in the measure that is asked for
        return only if only not in question else ""
    expected = answer_pattern(question) if question_kind(question) in ("number", "date") else None
    fits = expected is None or expected.search(span)
    clear = chosen[0].span_score >= MIN_SPAN_SCORE and 0 < len(span) <= MAX_SHORT_CHARS
    whole = len(span) > MAX_SPAN_SHARE * len(text) or re.search(r"[，。；！？]", span)
    return span if fits and clear and not whole and span not in question else ""
