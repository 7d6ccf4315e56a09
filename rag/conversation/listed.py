"""A follow-up that names an item of the list of headlines before it: "第三篇讲了什么？" after "有哪些文章？"."""

import re
from collections.abc import Sequence

from ..searching.spellings import number_of
from ..types import Turn

_NTH = re.compile(
    r"^(?:那么?|请问|请)?(?:其中)?(?:的)?第(?P<n>[一二三四五六七八九十]{1,3}|\d{1,2})(?:篇(?:的)?(?:文章|新闻|报道)?|(?:条|则|个)(?:的)?(?:文章|新闻|报道|消息|简讯|标题))(?:里|中)?"
)
_LAST = re.compile(r"^(?:那么?|请问|请)?最后(?:一)?(?:篇|条|则)(?:的)?(?:文章|新闻|报道|消息|标题)?(?:里|中)?")
_LINE = re.compile(r"^(?P<line>.{4,}?)\[(?P<label>\d{1,3})\]$", re.MULTILINE)
_ENDS = re.compile(r"[。！？!?；;…”’]$")
MAX_HISTORY = 4
"""Turns in which the list may stand."""
_BARE = re.compile(r"^(?:呢|是什么|说说|具体)?[？?。！! ]*$")


def with_item_named(question: str, history: Sequence[Turn]) -> str:
    """The question with the headline that it counts to in its place; as it was where no list was shown lately."""
    found = _NTH.match(question) or _LAST.match(question)
    if found is None:
        return question
    lists = (_headlines(turn.answer) for turn in reversed(history[-MAX_HISTORY:]))
    headlines = next((one for one in lists if one), [])
    number = len(headlines) if found.re is _LAST else _number(found["n"]) or 0
    if not 1 <= number <= len(headlines):
        return question
    rest = question[found.end() :]
    return f"《{headlines[number - 1]}》{'讲了什么？' if _BARE.match(rest) else rest}"


def _headlines(answer: str) -> list[str]:
    """The lines of an answer that is a list of headlines: each with the next label, and none a sentence."""
    lines = list(_LINE.finditer(answer))
    is_list = len(lines) > 1 and [int(one["label"]) for one in lines] == list(range(1, len(lines) + 1))
    found = [one["line"] for one in lines]
    return found if is_list and sum(bool(_ENDS.search(line)) for line in found) <= len(found) // 2 else []


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else number_of(text)
