"""Which of the ranked sentences an answer quotes: as many as the question asks for, and what they cannot stand without.

One sentence for a fact; the items of an enumeration for a list; connected sentences for why and how; the opening for a
summary; one sentence of another article for a comparison. A sentence that points back ("就从这一刻开始动工") brings the
one before it, where that holds what is asked for.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from ..question import QuestionKind, answer_pattern, measure_pattern, question_kind
from .candidates import Candidate
from .topics import MIN_COVERED, asks_for_summary, covers_topic, names_topic

_ITEM = re.compile(
    r"^(?:[一二三四五六七八九十]+(?:是|、|，)|第[一二三四五六七八九十]|首先|其次|再次|再者|最后|此外|另外|同时|还有|"
    r"[（(]?[\d一二三四五六七八九十]+[)）.、]|[①②③④⑤⑥⑦⑧⑨])"
)
_HOLDS_ITEMS = re.compile(r"[一二三四五六]是|第[一二三四五六][，是、个]|首先|其次")
_CONNECTED = re.compile(r"^(?:因此|所以|为此|于是|这样|这|因为|由于|原来|其中|结果|对此|他说|她说|通过|同时|此外)")
_POINTS_BACK = re.compile(r"^.{0,8}(?:这|该|此|其|它|他|她|那)|^(?:同年|同日|随后|后来|接着|当时|当天|当晚|如今)")
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
_ADDS = re.compile(r"^.{0,8}(?:还|另|也|又|并)")
_JOINS = re.compile(r"、|和|及|与")
LIST_SHARE, CONNECTED_SHARE, COMPARE_SHARE = 0.5, 0.4, 0.4
SECOND_SHARE = 0.3
"""A runner-up at least this likely, against the best, is quoted too: coverage rises, and no citation more is wrong."""
MAX_ITEMS, MAX_CONNECTED = 8, 3


def choose(question: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The sentences that answer, in the order in which they are read; `candidates` are ranked and not empty."""
    best, kind = candidates[0], question_kind(question)
    if asks_for_summary(question):
        return _opening(question, best, candidates)
    chosen = [best]
    if kind == "list":
        counted = _counted_items(question, best, candidates)
        chosen = counted or [best, *_items(best, candidates)]
    elif kind in ("why", "how"):
        chosen += _numbered(best, candidates) or _connected(best, candidates)
    else:
        chosen += _antecedent(question, kind, best, candidates)
    if len(chosen) == 1:
        chosen += _runner_up(best, candidates)
    if _COMPARES.search(question):
        chosen += [c for c in _from_other_articles(best, candidates) if c not in chosen]
    return _in_reading_order(chosen)


def _opening(question: str, best: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The first sentences of the best passage: a newspaper says first what matters.

    Where the passage is not about the topic and only names it, the sentences that do, and what goes on with them.
    """
    own = _passage_of(best, candidates)
    naming = [one for one in own if names_topic(question, one.text)]
    if not naming or covers_topic(question, best.passage) >= MIN_COVERED:
        return own[:MAX_CONNECTED]
    going_on = [after for one, after in pairwise(own) if one in naming and _CONNECTED.match(after.text)]
    return [one for one in own if one in naming or one in going_on][:MAX_CONNECTED]


def _passage_of(best: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """All sentences of the best one's passage, in reading order."""
    return sorted((c for c in candidates if c.passage is best.passage), key=lambda c: c.position)


def _counted_items(question: str, best: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The sentences that open the items of an enumeration (一是, 二是 ...) in the best passage, or none.

    They are as many as are asked for, or the best sentence is one of them or announces them.
    """
    asked = _ASKS_COUNT.search(question)
    items = [c for c in _passage_of(best, candidates) if _NUMBERED_ITEM.match(c.text)]
    if asked is None or len(items) < 2:
        return []
    as_many = _NUMERALS.find(asked.group("n").replace("两", "二")) == len(items)
    near = best in items or best.position == items[0].position - 1
    return items[:MAX_ITEMS] if as_many or near else []


def _items(best: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The other items of the enumeration that the best sentence is in or announces, and what is as likely as it."""
    own = {c.position: c for c in _passage_of(best, candidates)}
    chosen: dict[int, Candidate] = {}
    for step in (1, -1):
        position = best.position + step
        while position in own and (_ITEM.match(own[position].text) or _HOLDS_ITEMS.search(own[position].text)):
            chosen[position] = own[position]
            position += step
    for after in (own.get(best.position + 1), own.get(best.position + 2)):
        if after and _ADDS.match(after.text) and _JOINS.search(after.text):
            chosen[after.position] = after
            break
    for candidate in candidates:
        if candidate.passage is best.passage and candidate.probability >= LIST_SHARE * best.probability:
            chosen.setdefault(candidate.position, candidate)
    chosen.pop(best.position, None)
    return list(chosen.values())[: MAX_ITEMS - 1]


def _numbered(best: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The other reasons or steps where the best sentence is one of an enumeration (一是, 二是 ...), or none."""
    own = _passage_of(best, candidates)
    at = own.index(best)
    if not _NUMBERED_ITEM.match(best.text):
        return []
    first, last = at, at + 1
    while first > 0 and _NUMBERED_ITEM.match(own[first - 1].text):
        first -= 1
    while last < len(own) and _NUMBERED_ITEM.match(own[last].text):
        last += 1
    return [one for one in own[first:last] if one is not best][: MAX_ITEMS - 1]


def _connected(best: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Sentences beside the best one that go on with it."""
    own = {c.position: c for c in _passage_of(best, candidates)}
    chosen: list[Candidate] = []
    before, after = own.get(best.position - 1), own.get(best.position + 1)
    if before and (_CONNECTED.match(best.text) or before.probability >= CONNECTED_SHARE * best.probability):
        chosen.append(before)
    if after and (_CONNECTED.match(after.text) or after.probability >= CONNECTED_SHARE * best.probability):
        chosen.append(after)
    return chosen[: MAX_CONNECTED - 1]


def _antecedent(question: str, kind: QuestionKind, best: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The sentence before a best one that points back and lacks what is asked for, where that one holds it."""
    wanted = measure_pattern(question) or answer_pattern(question)
    before = next((c for c in candidates if c.passage is best.passage and c.position == best.position - 1), None)
    if before is None or not _POINTS_BACK.search(best.text):
        return []
    if wanted is None:
        return [before] if kind == "fact" and before is candidates[1] else []
    return [before] if wanted.search(before.text) and not wanted.search(best.text) else []


def _runner_up(best: Candidate, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The second sentence, where it is nearly as likely an answer and stands in the same article."""
    here = (best.passage.doc_id, best.passage.article)
    return [
        second
        for second in candidates[1:2]
        if second.probability >= SECOND_SHARE * best.probability
        and (second.passage.doc_id, second.passage.article) == here
    ]


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
