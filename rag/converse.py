"""History + follow-up -> a question that stands alone.

Rules without a language model. An ellipsis ("那2014年呢？", "副厂长呢？") takes the last stand-alone question and
puts its own words in the place of those of the same sort. A question with a pronoun ("它由哪些公司组成？") or without
a topic of its own ("为什么？", "装好多少了？") gets the topic of the last one. A question that stands alone is left as
it is, so that history does not leak into it.
"""

import re
from collections.abc import Sequence

from .question import content_words, question_kind
from .types import Turn

_END = r"[？?。！!，, ]*$"
_ELLIPSIS = re.compile(rf"^(?:那么|那|换成|如果是|要是|再问一?下|而)?[，, ]?(?P<what>.{{1,20}}?)呢{_END}")
_CORRECTION = re.compile(rf"^(?:不是|不对|错了|不)[，,。 ]*(?:我?[问说指]的是|是)(?P<what>.{{1,24}}?){_END}")
_MORE = re.compile(
    rf"^(?:那么?)?(?:还有(?:呢|吗|别的吗|其他的吗|哪些)?|然后呢|接着呢|具体呢|详细说说|再说说|继续){_END}"
)
_BARE = re.compile(
    r"^(?:那么?|这是)?(?:为什么|为何|为啥|怎么会|怎么(?:办|做)到的|怎么做的|什么原因|在哪里?|什么时候|谁|多少)"
    rf"(?:会?(?:这样|如此)|是这样)?的?{_END}"
)
_PERSON = re.compile(r"(?<![其吉])[他她](?!们|国|乡|人)")
_THING = re.compile(r"(?<!其)[它他她]们?|^(?:那么?)?(?:这|那|该|此)(?:[个家座项条次起位名场种篇些艘只部趟支件里])?")
_AMONG = re.compile(r"其中|里面|当中")
_POSSESSIVE = re.compile(r"^其(?!中|他|它|实|余)|(?<=[，,])其(?!中|他|它|实|余)")
_OPENS_DEPENDENT = re.compile(r"^(?:那么?|还|又|也|另外|具体|总共|一共|分别|后来|结果|之后|此前|现在|已经)")
_NOW = re.compile(r"现在|目前|如今|今年|眼下")
_TRAILING = re.compile(r"(?:[在是由被把从到有的了于向让给为要会，,]|多达|一共|总共)+$")
_SORTS: tuple[re.Pattern[str], ...] = (
    re.compile(r"\d{4}年(?:\d{1,2}月)?(?:\d{1,2}[日号])?"),
    re.compile(r"\d{1,2}月(?:\d{1,2}[日号])?"),
    re.compile(
        r"副?(?:厂长|部长|主任|经理|市长|县长|局长|院长|校长|馆长|书记|主席|总裁|董事长|站长|队长|所长|教授|研究员)"
    ),
    re.compile(r"(?:国家|世界|[省市县区])级(?:的)?"),
    re.compile(r"[上下]半年|[一二三四]季度|[一二三四五六七八九十]+(?:厂|队|期|审)"),
    re.compile(r"(?:间接|直接|国内|国外|线上|线下|农村|城市|男|女|东部|西部|中部)的?"),
)
MAX_HISTORY = 4
MAX_ASKED_CHARS = 300
"""Of the last question: a history comes from the caller and may be of any length."""
_MAX_LEAD_CHARS = 12
_LABEL = re.compile(r"\[\d+\]")


def rewrite(question: str, history: Sequence[Turn]) -> str:
    """The question as it stands alone; unchanged where it already does or where there is no history."""
    if not history:
        return question
    last, bare = history[-1], question.strip()
    asked = last.standalone_question or rewrite(last.question[:MAX_ASKED_CHARS], history[-MAX_HISTORY:-1])
    asked = asked[:MAX_ASKED_CHARS]
    if correction := _CORRECTION.match(bare):
        return _substitute(asked, correction.group("what"), last)
    if asks_for_more(bare):
        return f"{_content(asked)}，还有哪些？"
    if _BARE.match(bare):
        return f"{_content(asked)}，{bare}"
    if ellipsis := _ELLIPSIS.match(bare):
        return _substitute(asked, ellipsis.group("what"), last)
    return _resolve(bare, asked, last)


def asks_for_more(question: str) -> bool:
    """Whether a follow-up only asks to go on ("还有呢？"): what was already said need not be said again."""
    return bool(_MORE.match(question.strip()))


def _substitute(asked: str, what: str, last: Turn) -> str:
    """The question that was asked, about something else of the same sort; or with it in front where nothing is."""
    before = _ELLIPSIS.match(last.question.strip())
    if before:  # a chain of ellipses: the one before made room for itself in the same way
        asked = asked.removeprefix(f"{before.group('what')}，")
    if _SORTS[0].search(what):
        asked = _NOW.sub("", asked)
    for sort in _SORTS:
        new, old = sort.search(what), sort.search(asked)
        if new and old:  # "采油十二厂" and "采油五厂" begin alike: that beginning goes with what is replaced
            return asked[: old.start()].removesuffix(what[: new.start()]) + what + asked[old.end() :]
    return f"{what}，{asked}"


def _resolve(question: str, asked: str, last: Turn) -> str:
    """The question with the topic of the last one in the place of its pronoun, or in front of it."""
    if _AMONG.search(question):
        return f"{_content(asked)}，{_AMONG.sub('', question, count=1)}"
    if _PERSON.search(question) and question_kind(asked) == "person" and (name := _lead(last.answer)):
        return _PERSON.sub(f"{_topic(asked)}{name}", question, count=1)
    for pronoun, suffix in ((_POSSESSIVE, "的"), (_THING, "")):
        if pronoun.search(question):
            return pronoun.sub(_topic(asked) + suffix, question, count=1)
    if _OPENS_DEPENDENT.match(question) or len(re.sub(r"\W", "", content_words(question))) <= 3:
        return f"{_content(asked)}，{question}"
    return question


def _topic(asked: str) -> str:
    """What a question is about: its words up to the first one that asks, or else all that can stand in a document."""
    words = [_TRAILING.sub("", word) for word in content_words(asked).split()]
    return next((word for word in words if len(word) >= 3), "".join(words)) or asked


def _content(asked: str) -> str:
    """All words of a question that can stand in a document."""
    return _TRAILING.sub("", "".join(content_words(asked).split())) or asked


def _lead(answer: str) -> str:
    """The short direct answer that an answer begins with, or nothing."""
    first = _LABEL.sub("", answer.split("\n", 1)[0]).strip("。，！ ")
    return first if len(first) <= _MAX_LEAD_CHARS else ""
