"""Questions about an article as a piece of a newspaper: who wrote it, when it appeared, where.

"谁写的这篇报道" and "《雪岭下的油田》的记者是谁" ask for what stands in a byline or dateline, not for what the article
says. The question must name an article or be about nothing else: "大桥是谁设计的", "这本书是谁写的" are none of these.
"""

import re
from dataclasses import dataclass
from typing import Literal

from index.terms import fold

Field = Literal["author", "date", "source"]

_NOUN = (
    r"(?:新闻报道|新闻稿|报道|报导|文章|新闻(?!发布|社|网|办|出版|中心)|稿子|稿件|消息|通讯(?!社|员)|简讯|评论(?!员))"
)
_ONE = r"(?:(?:这|那|该|此)(?:一)?(?:篇|条|则|个|份)?|本)"
_WHO = r"(?:谁|哪一?位(?:记者|作者)?|哪一?个(?:记者|人)|哪些(?:记者|人)|哪几[位个](?:记者|人)?|什么人)"
_WHEN = r"(?:哪一?[天日年]|哪一?年哪一?月(?:哪一?[天日])?|什么时[候间]|何时|几[月]?几?[号日]|几月份?|哪个?月)"
_WHERE = r"(?:哪一?[家个份](?:报纸|媒体|报社|通讯社|网站|单位|机构)?|哪里|哪儿|什么(?:报纸|媒体|报社|地方)|谁)"
_WRITES = r"(?:采写|撰写|写|报道|采访|署名)"
_APPEARS = r"(?:发表|发布|刊登|刊发|登出?|写|报道|发|见报|出)"
_ASKED: tuple[tuple[Field, re.Pattern[str]], ...] = (
    (
        "source",
        re.compile(
            rf"(?:的)?(?:来源|出处)(?:是|于|自)?(?:{_WHERE})?"
            rf"|(?:是|由)?(?:出自|来自|转自|摘自|源自|转载自){_WHERE}(?:的)?"
            rf"|(?:是|由|在)?哪一?[家个份](?:报纸|媒体|报社|通讯社|网站)(?:上)?{_APPEARS}?(?:的)?"
        ),
    ),
    (
        "author",
        re.compile(
            rf"(?:是|由)?{_WHO}{_WRITES}了?的?"
            rf"|的?(?:记者|作者|撰稿人|通讯员|署名)(?:都|分别)?(?:是|叫|有)(?:谁|什么(?:名字|人)?|哪一?[位个]|哪些人?|哪几[位个])"
            rf"|{_WHO}是(?:记者|作者)|的?(?:记者|作者|署名)(?=$)"
        ),
    ),
    (
        "date",
        re.compile(
            rf"(?:是|在)?{_WHEN}{_APPEARS}?的"
            rf"|(?:是|在)?{_WHEN}{_APPEARS}(?:了|出来)?"
            rf"|的?(?:发表|发布|刊登|报道|见报|出版|写作)?(?:日期|时间)(?:是)?(?:{_WHEN}|多少|什么)?"
        ),
    ),
)
_BARE: dict[Field, re.Pattern[str]] = {
    "source": re.compile(r"来源|出处"),
    "author": re.compile(r"记者|作者|通讯员|谁(?:采写|写|报道)"),
    "date": re.compile(r"(?:发表|发布|刊登|报道|见报)(?:的?日期|的?时间)|(?:发表|刊登|见报|报道)的?$"),
}
"""What may be asked of an article without saying "the article"."""
_POLITE = re.compile(r"^(?:请问|请告诉我|告诉我|我想知道|想知道|想问一?下|问一?下|那么?|你知道)+")
_TAIL = re.compile(r"[？?。！!，,\s呢啊呀吗]+$")
_TITLE = re.compile(rf"《(?P<topic>.+)》(?:{_ONE}?{_NOUN})?的?(?:是)?")
_NAMED = re.compile(
    rf"(?:{_ONE}?(?:关于|有关|写|讲|介绍|报道)?)?(?P<topic>.*?)(?:的)?{_ONE}?(?:的)?{_NOUN}(?:里|中|上)?(?:的)?(?:是)?"
)
_BY_DATE = re.compile(r"最[新近早老旧]")
"""Which article is meant is no topic, but a comparison of dates."""
MAX_CHARS = 80


@dataclass(frozen=True, slots=True)
class ImprintQuestion:
    """What is asked of which article."""

    field: Field
    topic: str
    """What the article is about, or its headline; empty where the talk says which is meant."""


def read_imprint(question: str, before: str = "") -> ImprintQuestion | None:
    """What a question asks of an article itself; None for every other question.

    After a question of this sort (`before`) the next one need not say "the article" ("哪天的？").
    """
    found = _read(question)
    return _read(f"这篇报道{question}") if found is None and before and _read(before) else found


def _read(question: str) -> ImprintQuestion | None:
    bare = _POLITE.sub("", _TAIL.sub("", fold(question)).strip())
    if len(bare) > MAX_CHARS:
        return None
    for field, pattern in _ASKED:
        for found in pattern.finditer(bare):
            before, after = bare[: found.start()], bare[found.end() :]
            if before and after and not before.startswith("《"):
                continue  # what is asked for stands at one end
            rest = (before + after).strip("，, ")
            if not rest:
                return ImprintQuestion(field, "") if _BARE[field].search(bare) else None
            if named := _TITLE.fullmatch(rest) or _NAMED.fullmatch(rest):
                topic = named["topic"].strip("，,的“”《》 ")
                return None if _BY_DATE.match(topic) else ImprintQuestion(field, topic)
    return None
