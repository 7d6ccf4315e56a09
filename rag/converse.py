"""History + follow-up -> a question that stands alone.

Rules without a language model: an elliptical question ("那2014年呢？", "副厂长呢？") takes the last stand-alone question and
puts its own words in the place of those of the same sort; a question with a pronoun ("它由哪些公司组成？") gets the topic
of the last one. A question that stands alone is left as it is, so that history does not leak into it.
"""

import re
from collections.abc import Sequence

from index.terms import HAN, fold

from .question import content_words, question_kind
from .types import Turn

_ELLIPSIS = re.compile(r"^(?:那么?|那|还有|换成|如果是|要是|再问[下问]?|而)?[，, ]?(?P<what>.{1,20}?)呢[？?。！!]*$")
_CORRECTION = re.compile(r"^(?:不是?|错了|不对|不，)[，,。 ]*(?:我(?:问|说|指)的是)?(?P<what>.{1,24}?)[。！!？?]*$")
_BARE = re.compile(r"^(?:那么?)?(?:为什么|为何|怎么会|怎么办到的|怎么做到的|还有呢|还有吗|然后呢|具体呢|详细说说|在哪里|什么时候|谁)"
                   r"(?:会?这样|是这样)?[？?。！!]*$")  # fmt: skip
_PRONOUN = re.compile(
    r"它们?|他们?|她们?|(?:这|那|该|此)(?:个|家|座|项|条|次|起|位|名|场|种|篇|些|艘|只|部|趟|支|件|一)?"
    rf"(?P<noun>[{HAN}]{{1,2}})?|其中?|前者|后者|里面"
)
_OPENS_DEPENDENT = re.compile(r"^(?:那么?|还|又|也|其中|另外|同时|具体|总共|一共|分别|后来|结果|之后|此前)")
_SORTS: tuple[re.Pattern[str], ...] = (
    re.compile(r"\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?"),
    re.compile(r"\d{1,2}月(?:\d{1,2}[日号])?"),
    re.compile(
        r"(?:副?(?:厂长|部长|主任|经理|市长|县长|局长|院长|校长|馆长|书记|主席|总裁|董事长|站长|队长|所长|教授|研究员))"
    ),
    re.compile(r"(?:采油)?[一二三四五六七八九十]+(?:厂|队|期|季度|方面)"),
)
MAX_HISTORY = 4


def rewrite(question: str, history: Sequence[Turn]) -> str:
    """The question as it stands alone; unchanged where it already does or where there is no history."""
    if not history:
        return question
    last = history[-1]
    asked = last.standalone_question or _replay(history)
    bare = question.strip()
    correction = _CORRECTION.match(bare)
    ellipsis = _ELLIPSIS.match(bare)
    if correction:
        return _substitute(asked, correction.group("what"))
    if _BARE.match(bare):
        return f"{_topic(asked, last)}{bare}"
    if ellipsis:
        return _substitute(asked, ellipsis.group("what"))
    return _resolve(question, asked, last)


def _replay(history: Sequence[Turn]) -> str:
    """The last question, stand-alone: rewritten with the turns before it."""
    recent = history[-MAX_HISTORY:]
    return rewrite(recent[-1].question, recent[:-1])


def _substitute(asked: str, what: str) -> str:
    """The question that was asked, about something else of the same sort; or with it added where nothing is."""
    for sort in _SORTS:
        new = sort.search(what)
        old = sort.search(asked)
        if new and old:
            return asked[: old.start()] + what + asked[old.end() :]
    return f"{what}，{asked}"


def _resolve(question: str, asked: str, last: Turn) -> str:
    pronoun = _PRONOUN.search(question)
    dependent = bool(pronoun) or bool(_OPENS_DEPENDENT.match(question)) or len(content_words(question).strip()) <= 4
    if not dependent:
        return question
    topic = _topic(asked, last)
    if pronoun and pronoun.group().rstrip("中").startswith(("它", "他", "她", "其")):
        return question[: pronoun.start()] + topic + "的" * ("其" in pronoun.group()) + question[pronoun.end() :]
    return f"{topic}，{question}"


def _topic(asked: str, last: Turn) -> str:
    """What the last question was about: its words that the answer repeats, or all that can stand in a document."""
    shared = _longest_shared(fold(asked), fold(last.answer))
    if len(shared) >= 4:
        return shared
    words = [word for word in re.split(r"\s+", content_words(asked)) if word]
    return "".join(words) if words else asked


def _longest_shared(a: str, b: str) -> str:
    """The longest run of Han characters, letters and digits that stands in both texts."""
    best = ""
    for start in range(len(a)):
        end = start + len(best) + 1
        while end <= len(a) and a[start:end] in b and re.fullmatch(rf"[{HAN}\w·“”]+", a[start:end]):
            best = a[start:end]
            end += 1
    return best


def kind_changed(question: str, asked: str) -> bool:
    """Whether a follow-up asks for another kind of thing than the question before it."""
    return question_kind(question) != question_kind(asked)
