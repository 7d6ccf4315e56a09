"""An ellipsis, put into the question before it: "副厂长呢？" after "采油十二厂厂长是谁？".

What it names takes the place of what the question had of the same sort, or with the same head; or of its topic, where
the documents speak of what it names in another article; or of the measure or the noun that was asked for.
"""

import re
from collections.abc import Sequence

from ..question import content_words
from .refer import HEADS, SORTS, content, is_measured, is_person, topic, without_marks

_VAGUE = re.compile(r"(?<=[\u4e00-\u9fff]{2})(?:[那这](?:一?[座个家条项位场次种]|边|里|儿)|方面)$")
_COUNTED = re.compile(
    r"(?<=多少)(?:[列班]?次|[个名家座台口吨件套顶间艘条项辆处万亿]+)?(?P<noun>[\u4e00-\u9fff]{2,6})(?=[？?]?$)"
    r"|(?<=的)(?P<owner>[^的，]{2,6}?)(?=有?(?:多少|几))"
)
_ORDINAL = re.compile(
    r"^第[一二三四五六七八九十\d]+[个项条点家件]?$|^(?:另外?一?[个项家条]|其[他余](?:的|几[个项家条])?|前者|后者)$"
)
_NOW = re.compile(r"现在|目前|如今|今年|眼下")


def substitute(asked: str, what: str, here: Sequence[str] = (), elsewhere: Sequence[str] = ()) -> str:
    """The question that was asked, about something else; `what` in front of it where nothing is of the same sort.

    `here` are the articles that the last question is about, `elsewhere` those that the question about `what` may be.
    """
    what = _VAGUE.sub("", what)
    if _ORDINAL.match(what) and not SORTS[4].search(asked):
        return f"{content(asked)}，{what}是什么？"
    if SORTS[0].search(what):
        asked = _NOW.sub("", asked)
    for sort in SORTS:
        new, old = sort.search(what), sort.search(asked)
        if new and old and old.group() != new.group():
            # "采油十二厂" and "采油五厂" begin alike: that beginning goes with what is replaced
            return asked[: old.start()].removesuffix(what[: new.start()]) + what + asked[old.end() :]
    if SORTS[0].fullmatch(what) or SORTS[1].fullmatch(what):
        return f"{what}，{asked}"  # a time takes the place of no topic
    if SORTS[2].fullmatch(what) and (name := next((asked[:n] for n in (3, 2) if is_person(asked[:n], here)), "")):
        return what + asked.removeprefix(name)
    holding = [text for text in (*here, *elsewhere) if what in text][:1]
    for place in (
        _same_head(asked, what),
        _topic_of_another(asked, what, holding, here),
        _attribute(asked, what, here),
        _counted(asked, what, holding),
    ):
        if place:
            return asked[: place[0]] + what + asked[place[1] :]
    return f"{what}，{asked}"


def _same_head(asked: str, what: str) -> tuple[int, int] | None:
    """Where the question has a name with the head, or the first word, of `what`: 长庆油田 for 大庆油田."""
    bounds = [match.span() for match in re.finditer(r"[^的在是和与跟从到，、]+", asked)]
    for start, end in bounds:
        run = asked[start:end]
        asking = content_words(run).split()[:1]
        name = asking[0] if asking and run.startswith(asking[0]) else ""
        at = name.rfind(what[-2:]) if len(what) > 2 else -1
        if at > 0:
            return start, start + at + 2
        if len(what) >= 4 and name.startswith(what[:2]) and len(name) > 2:
            return start, start + len(name)
        at = name.rfind(what[-1]) if what[-1] in HEADS else -1
        if at >= 1 and len(what) == 2:
            return start + at - 1, start + at + 1
        if at >= 2:
            return start, start + at + 1
    return None


def _topic_of_another(asked: str, what: str, texts: Sequence[str], here: Sequence[str]) -> tuple[int, int] | None:
    """Where the question has its topic, if the article that holds `what` speaks of another: 杜苏芮 for 贝碧嘉."""
    about = topic(asked, here)
    at = asked.find(about)
    if at < 0 or not texts or texts[0] in here or about in without_marks(texts[0]):
        return None
    return at, at + len(about)


def _attribute(asked: str, what: str, here: Sequence[str]) -> tuple[int, int] | None:
    """Where the question has what it asks of its topic, if `what` is a measure of it too: 主跨 for 桥面宽."""
    about = topic(asked, here)
    at = asked.find(about)
    if at < 0 or not is_measured(what) or not any(what[:2] in text for text in here):
        return None
    rest = asked[at + len(about) :]
    own = (content_words(rest).split() or [""])[0]
    start = at + len(about) + (1 if own.startswith("的") else 0)
    return (start, at + len(about) + len(own)) if own.strip("的") and rest.startswith(own) else None


def _counted(asked: str, what: str, texts: Sequence[str]) -> tuple[int, int] | None:
    """Where the question has the noun that it counts: 火车 for 飞机, where one sentence speaks of both."""
    match = _COUNTED.search(asked)
    if match is None:
        return None
    name = "noun" if match.group("noun") else "owner"
    beside = re.compile(re.escape(what) + r"[有达约共为]{0,2}\d")  # as what was counted stands there
    lines = [line for text in texts for line in re.split("[。\n]", text) if match.group(name) in line]
    both = any(beside.search(line) for line in lines)
    return match.span() if both else None


def parallel(question: str, asked: str) -> str:
    """The beginning of the last question, up to a word that the new one has another of: 一审 and 二审."""
    for sort in SORTS:
        new, old = sort.search(question), sort.search(asked)
        if new and old and new.group() != old.group() and old.start() >= 2:
            return asked[: old.start()]
    return ""
