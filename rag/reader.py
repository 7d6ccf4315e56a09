"""The reader without a language model: answers with the sentences that answer, quoted exactly.

What a question asks for decides how much is quoted: one sentence for a fact, the items of an enumeration for a list,
connected sentences for how and why, one sentence from each article for a comparison. A number, a date or a name that
stands out in the best sentence leads as the direct answer.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.terms import split_terms

from .question import QuestionKind, asks_for_summary, content_words, question_kind
from .rank import Candidate
from .types import Draft

_ITEM = re.compile(
    r"^(?:[一二三四五六七八九十]+(?:是|、|，)|第[一二三四五六七八九十]|首先|其次|再次|再者|最后|此外|另外|同时|还有|"
    r"[（(]?[\d一二三四五六七八九十]+[)）.、]|[①②③④⑤⑥⑦⑧⑨])"
)
_HOLDS_ITEMS = re.compile(r"[一二三四五六]是|第[一二三四五六][，是、个]|首先|其次")
_CONNECTED = re.compile(r"^(?:因此|所以|为此|于是|这样|这|因为|由于|原来|其中|结果|对此|他说|她说|通过|同时|此外)")
_COMPARES = re.compile(
    r"分别|相比|比起|各|两[个次座家份场条]|和.{1,24}(?:哪|谁|差|比|都)|与.{1,24}(?:哪|谁|差|比|都)|前后|跟"
)
_SHORT_KINDS = frozenset(("number", "date", "person", "place", "fact"))
MAX_SHORT_CHARS = 24
MIN_SPAN_SCORE = 0.3
LIST_SHARE, CONNECTED_SHARE, COMPARE_SHARE = 0.5, 0.6, 0.4
MAX_ITEMS, MAX_CONNECTED = 8, 3
_LINE_BREAK = re.compile(r"\s*\n\s*")
_LIKE_LABEL = re.compile(r"\[(\d{1,3})\]")


@dataclass(frozen=True, slots=True)
class Extract:
    """The sentences that were chosen, in the order of the answer, and the direct answer where one is clear."""

    draft: Draft
    short: str


def compose(question: str, candidates: Sequence[Candidate]) -> Extract:
    """The answer to a question from ranked sentences (at least one)."""
    candidates = [candidate for candidate in candidates if not _echoes(candidate.text, question)] or candidates
    kind = question_kind(question)
    chosen = _choose(question, kind, candidates)
    short = _short_answer(kind, chosen)
    lines, evidence = [], {}
    for label, candidate in enumerate(chosen, start=1):
        sentence = candidate.passage.sentences[candidate.position]
        evidence[label] = (sentence, candidate.passage)
        lines.append(f"{in_answer(sentence.text)}[{label}]")
    if short:
        lines.insert(0, f"{in_answer(short)}[1]")
    return Extract(Draft("\n".join(lines), evidence), short)


def in_answer(text: str) -> str:
    """A sentence as an answer shows it: on one line, and a footnote mark of its own (`[3]`) is no label."""
    pieces = _LINE_BREAK.split(text)
    whole = pieces[0]
    for piece in pieces[1:]:
        whole += " " * (whole[-1:].isascii() and piece[:1].isascii()) + piece
    return _LIKE_LABEL.sub(r"［\1］", whole)


def _echoes(sentence: str, question: str) -> bool:
    """Whether a sentence only says the question again, or asks no more than it does: neither answers it."""
    if sentence.rstrip("”’」』）)").endswith(("？", "?")):
        return set(split_terms(content_words(sentence))) <= set(split_terms(question))
    return split_terms(sentence) == split_terms(question)


def _choose(question: str, kind: QuestionKind, candidates: Sequence[Candidate]) -> list[Candidate]:
    best = candidates[0]
    if asks_for_summary(question):
        return _opening(best, candidates)
    chosen = [best]
    if kind == "list":
        chosen += _items(best, candidates)
    elif kind in ("why", "how"):
        chosen += _connected(best, candidates)
    if _COMPARES.search(question):
        chosen += _from_other_articles(best, candidates)
    return _in_reading_order(chosen)


def _opening(best: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The first sentences of the best article: a newspaper says first what matters."""
    own = sorted((c for c in candidates if c.passage is best.passage), key=lambda c: c.position)
    return own[:MAX_CONNECTED]


def _items(best: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The other items of the enumeration that the best sentence is in or announces, and what is as likely as it."""
    own = {c.position: c for c in candidates if c.passage is best.passage}
    chosen: dict[int, Candidate] = {}
    for step in (1, -1):
        position = best.position + step
        while position in own and (_ITEM.match(own[position].text) or _HOLDS_ITEMS.search(own[position].text)):
            chosen[position] = own[position]
            position += step
    for candidate in candidates:
        if candidate.passage is best.passage and candidate.probability >= LIST_SHARE * best.probability:
            chosen.setdefault(candidate.position, candidate)
    chosen.pop(best.position, None)
    return list(chosen.values())[: MAX_ITEMS - 1]


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
    """Without repeats: the best sentence's article first, each article in its own order; no sentence twice."""
    first = chosen[0].passage.label
    ordered = sorted(chosen, key=lambda c: (c.passage.label != first, c.passage.label, c.position))
    seen: set[str] = set()
    return [c for c in ordered if not (c.text in seen or seen.add(c.text))]  # type: ignore[func-returns-value]


def _short_answer(kind: QuestionKind, chosen: Sequence[Candidate]) -> str:
    """The answering span of a single sentence, where it is short and clear."""
    if kind not in _SHORT_KINDS or len(chosen) != 1:
        return ""
    start, end = chosen[0].span
    span = chosen[0].text[start:end].strip("，。、；：！？“”‘’（）《》 ")
    clear = chosen[0].span_score >= MIN_SPAN_SCORE and len(span) <= MAX_SHORT_CHARS
    return span if clear and len(span) < len(chosen[0].text) - 2 else ""
