"""What a question says about when and where its article appeared: "12月23日的报道", "去年", "新华社怎么说".

A time is a filter only where the words say that it is the article's ("的报道", "那天的报纸"); elsewhere it may be a
fact that stands in the text ("2014年产油多少"), so the articles of that time are only preferred, and of a bare year not
even that. Nothing is filtered where no article would be left; the answer says so.
"""

import datetime
import re
from collections.abc import Collection
from dataclasses import dataclass

from index.terms import fold

from ..question import content_words
from .dates import Day, Period, days, span

_N = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_ISO = r"(?P<iso>(?:19|20)\d{2}([-/.])(?:1[0-2]|0?[1-9])\2(?:3[01]|[12]\d|0?[1-9])(?!\d))"
_DATE = (
    rf"(?:(?P<year>(?:19|20)\d{{2}}|[一二][〇零○一二三四五六七八九]{{3}}|今|去|前)年)?"
    rf"(?:的?(?P<month>{_N})月(?![党饼球嫂])(?:份)?)?(?:(?P<day>{_N})[日号])?"
    r"(?P<part>年?[底末](?!部)|初(?![中级步期次夏冬春秋])|上半年|下半年|[一二三四]季度|[上中下]旬)?"
)
_RELATIVE = (
    r"(?P<relative>今天|昨天|前天|昨日|今日|上个?星期|上周|这个?星期|本周|这周|上个?月|本月|这个月|"
    r"最近(?:[一这]?(?:[两几]天|周|个?星期|个?月|年))?|近期|近日|最新)"
)
_TIME = re.compile(rf"{_ISO}|{_RELATIVE}|(?=\d|[一二三四五六七八九十今去前]){_DATE}")
_ARTICLE = (
    r"(?:(?:报道|报导)(?![了过员数量])|新闻(?!发布|中心|记者|奖|学|社|出版|网|办|人|工作|联播|里的人)|消息(?!人士)|文章|报纸|简讯|"
    r"稿子|稿件|报(?:上|里)|那篇|这篇|那期|那份)"
)
_INSIDE = r"(?:里面|里头|里|中|上)?(?:都?(?:说|称|提到|写)(?!了|啥|什么|的是))?的?[，,、:：]?"
_ABOUT_ARTICLE = re.compile(
    rf"^(?:(?:期间|之间|这段时间|以来)?(?:的|那天的?|当天的?|那一天的?|那期的?)[^，。？?的]{{0,4}}{_ARTICLE}|(?:那篇|这篇|那期|那份)(?:{_ARTICLE})?"
    rf"|(?:报道|报导)(?![了过员数量]))(?:{_INSIDE})"
)
_LISTED = re.compile(
    r"[，,、 ]*+(?:[这那当]天|期间)?[，,、 ]*+(?:(?:都|又)?(?:有|发生|出)了?(?:过|些)?(?:哪些|什么|啥)"
    rf"(?:重要|重大|最?大|最?新)?的?(?:{_ARTICLE}|大?事情?))?[呢吗啊？?。！!， ]*"
)
"""What follows a time of which nothing but its articles is asked: "去年？", "12月有哪些新闻？"."""
_OPENS = re.compile(r"(?:请问|告诉我|我?想?知道|那|在|看|[，,、 ])*+")
_COMPARED = re.compile(rf"[、和与及跟]{_N}[日号月]")
_EMPTY = "那在想知道 ，,、。？?！!了的有说写讲些大小事看我给主要内容介绍发生都"
"""What a question without a topic of its own is made of, besides the words that ask."""
_UNLIMITED = re.compile(r"[（(，,]?不限(?:时间和来源|日期和来源|时间|日期|来源)[）)，,、]?")
_LEADS_IN = re.compile(r"(?:根据|按照|据|按|在|看看?)$")
_RANGE = re.compile(r"^(?:到|至|—|-|~)")
_MEDIA = (
    r"本报|新华社|中新社|中新网|新华网|人民网|央视(?:新闻|网)?|中国青年报|新京报|[一-鿿]{2}(?:日报|晚报|早报|晨报|时报|周报|都市报|周刊)"
    r"|[一-鿿]{2}(?:通讯社|电视台|新闻网)"
)
_AFTER_SOURCE = re.compile(
    rf"^(?:记者)?(?:(?P<article>(?:的|发的|刊登的|写的)*{_ARTICLE}{_INSIDE})|"
    rf"(?P<says>是?怎么(?:说|报道|写|评论|看)|(?:说|写|报道)了(?:什么|些什么|啥)|的说法|(?:都|又)?有(?:哪些|什么|啥){_ARTICLE}))"
)
_SPEAKS = re.compile(rf"{_MEDIA}|据|{_ARTICLE}|怎么(?:说|报道|写|评论|看)|(?:说|写|报道)了(?:什么|些什么|啥)|的说法")
_BEFORE_SOURCE = re.compile(r"(?:据|根据|按照|按)$")
_MONTHS = {
    "底": (11, 12), "末": (11, 12), "初": (1, 2), "上半年": (1, 6), "下半年": (7, 12),
    "一季度": (1, 3), "二季度": (4, 6), "三季度": (7, 9), "四季度": (10, 12),
}  # fmt: skip
_DAYS = {"上旬": (1, 10), "初": (1, 10), "中旬": (11, 20), "下旬": (21, 31), "底": (21, 31), "末": (21, 31)}
_FIGURES = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_NUMERALS = "零一二三四五六七八九十"
NEWEST_DAYS = 30
"""How far back "lately" (最近, 近期) reaches."""
REPORTED_DAYS = 31
"""How long after a time its events are still reported."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What an article must be like, or is preferred to be like."""

    words: str
    """The words of the question that say so."""
    shown: str
    """The same, for its reader: `日期：2021-12-23`."""
    strict: bool
    """Other articles are left out; else they only come after these where they are as good."""
    period: Period | None = None
    source: str = ""

    def fits(self, date: str, source: str) -> bool:
        """Whether an article of this date and source is meant."""
        return self.period.holds(date) if self.period else source == self.source


@dataclass(frozen=True, slots=True)
class Asked:
    """A question without the words that are filters now, and the filters."""

    question: str
    filters: tuple[Filter, ...] = ()
    bare: bool = False
    """Nothing is asked but what articles of that date or source say; the question is whole then."""


def may_filter(question: str) -> bool:
    """Whether a question may say when or where its article appeared: cheap, and true too often."""
    folded = fold(question)
    if _SPEAKS.search(folded) or _UNLIMITED.search(folded):
        return True
    return any(found.group() for found in _TIME.finditer(folded))


def read_filters(question: str, sources: Collection[str], reference: datetime.date) -> Asked:
    """What of a question is about the article itself. Relative words count from the reference day.

    "不限时间" and the like in a question take its filters off: they are left out, and nothing else is.
    """
    if _UNLIMITED.search(question):
        return Asked(_UNLIMITED.sub("", question).strip("，,、 ") or question)
    whole, folded = question, fold(question)
    source, folded, question = _read_source(folded, question, sources)
    times, question = _read_times(folded, question, reference)
    left = question.strip("，,、 ")
    filters = (*source, *times)
    if content_words(left).strip(_EMPTY):
        return Asked(left, filters)
    return Asked(whole, filters, bare=any(one.strict for one in filters))


def _read_source(folded: str, question: str, sources: Collection[str]) -> tuple[list[Filter], str, str]:
    """A source that the question names as what speaks; one that merely stands in it is a word as any other."""
    names = "|".join([*map(re.escape, sorted(filter(None, sources), key=len, reverse=True)), _MEDIA])
    for found in re.finditer(names, folded):
        name, rest = found.group(), folded[found.end() :]
        time = _TIME.match(rest)
        after = _AFTER_SOURCE.match(rest) or (
            _ABOUT_ARTICLE.match(rest[time.end() :]) if time and time.group() else None
        )
        cited = _BEFORE_SOURCE.search(folded[: found.start()])
        alone = _OPENS.fullmatch(folded[: found.start()]) and not rest.strip("呢？?。！!，, ")
        if after is None and cited is None and not alone:
            continue
        start = cited.start() if cited else found.start()
        end = found.end()
        if after is not None and after.re is _AFTER_SOURCE and after["article"]:
            end += after.end()
        one = Filter(question[start:end], f"来源：{name}", strict=True, source=name)
        return [one], folded[:start] + folded[end:], question[:start] + question[end:]
    return [], folded, question


def _read_times(folded: str, question: str, reference: datetime.date) -> tuple[list[Filter], str]:
    found = [(match, period) for match in _TIME.finditer(folded) if (period := _period(match, reference))]
    if len(found) == 2 and _RANGE.match(folded[found[0][0].end() : found[1][0].start()]):
        (first, one), (last, other) = found
        if len(folded[first.end() : last.start()]) <= 1 and one.any_year == other.any_year and one.first <= other.last:
            found = [(last, Period(one.first, other.last))]
            return _as_filter(found[0], folded, question, first.start())
    if len(found) != 1 or _COMPARED.match(folded[found[0][0].end() :]):
        return [], question  # none, or several that are compared
    return _as_filter(found[0], folded, question, found[0][0].start())


def _as_filter(found: tuple[re.Match[str], Period], folded: str, question: str, start: int) -> tuple[list[Filter], str]:
    match, period = found
    article = _ABOUT_ARTICLE.match(folded[match.end() :])
    if article is None and _OPENS.fullmatch(folded[:start]):
        article = _LISTED.fullmatch(folded[match.end() :])
    if article is None:
        if not _prefers(match):
            return [], question
        words = question[start : match.end()]
        shown = f"优先：{_named(words, period) if match['relative'] or match['year'] == '去' else words}"
        return [Filter(words, shown, strict=False, period=_with_days_after(period))], question
    if period.first == period.last and not match["relative"]:
        period = _with_day_before(period)
    end = match.end() + article.end()
    words = question[start:end]
    left = f"{_LEADS_IN.sub('', question[:start])}{question[end:]}"
    shown = f"日期：{_named(question[start : match.end()], period)}"
    return [Filter(words, shown, strict=True, period=period)], left


def _prefers(match: re.Match[str]) -> bool:
    """Whether a time that is not said of an article may still be one's: a day or part of a year is, a year is not."""
    groups = match.groupdict()
    return bool(
        groups["relative"]
        or groups["iso"]
        or groups["day"]
        or groups["part"]
        or groups["month"]
        or groups["year"] == "去"
    )


def _with_day_before(period: Period) -> Period:
    """A day and the day before it: a newspaper carries what was written the day before."""
    year, month, day = period.first
    before = datetime.date(year or 2024, month, day) - datetime.timedelta(days=1)
    if not year and before.year != 2024:
        return period
    return Period((before.year if year else 0, before.month, before.day), period.last)


def _with_days_after(period: Period) -> Period:
    """A period and the month after it: what happened in it is reported then too."""
    if period.any_year:
        return period
    year, month, day = period.last
    return Period(period.first, _day(datetime.date(year, month, day) + datetime.timedelta(days=REPORTED_DAYS)))


def _day(day: datetime.date) -> Day:
    return day.year, day.month, day.day


def _named(words: str, period: Period) -> str:
    shown = str(period)
    return shown if fold(words).strip("年") == shown else f"{words}（{shown}）"


def _period(match: re.Match[str], reference: datetime.date) -> Period | None:
    if match["relative"]:
        return _relative(match["relative"], reference)
    if match["iso"]:
        year, month, day = map(int, re.split("[-/.]", match["iso"]))
        return span(year, month, day)
    if not match.group():
        return None
    written = match["year"] or ""
    year = (
        reference.year - "今去前".index(written)
        if written in tuple("今去前")
        else int(written.translate(_FIGURES) or 0)
    )
    month, day, part = _number(match["month"]), _number(match["day"]), match["part"] or ""
    if day and not month:
        return None  # "20日" alone: of which month?
    if not part or (day and month):
        return span(year, month, day)
    if month:
        return _part_of_month(year, month, part)
    return _part_of_year(year, part) if year else None  # "年底" alone: of which year?


def _part_of_year(year: int, part: str) -> Period | None:
    if (part := part.removeprefix("年")) not in _MONTHS:
        return None
    begin, end = (span(year, month) for month in _MONTHS[part])
    return Period(begin.first, end.last) if begin and end else None


def _part_of_month(year: int, month: int, part: str) -> Period | None:
    whole = span(year, month)
    if whole is None or part not in _DAYS:
        return None
    first, last = _DAYS[part]
    return Period((year, month, first), (year, month, min(last, whole.last[2])))


def _relative(words: str, reference: datetime.date) -> Period:
    day = datetime.timedelta(days=1)
    monday = reference - reference.weekday() * day
    this_month = reference.replace(day=1)
    if words[:2] in ("今天", "今日", "昨天", "昨日", "前天"):
        that = reference - day * {"今": 0, "昨": 1, "前": 2}[words[0]]
        return days(that, that)
    if words.startswith("上") and not words.endswith("月"):
        return days(monday - 7 * day, monday - day)
    if words in ("本周", "这周", "这星期", "这个星期"):
        return days(monday, monday + 6 * day)
    if words in ("上月", "上个月"):
        return days((this_month - day).replace(day=1), this_month - day)
    if words in ("本月", "这个月"):
        return days(this_month, reference)
    back = 365 if words.endswith("年") else 7 if re.search("天|周|星期", words) else NEWEST_DAYS
    return days(reference - back * day, reference)


def _number(text: str | None) -> int:
    """12, 十二, 二十三 -> the number; 0 for none, and for what is none (十二十)."""
    if not text:
        return 0
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _NUMERALS.index(text) if len(text) == 1 else 99
    if len(tens) > 1:
        return 0
    return 10 * (_NUMERALS.index(tens) if tens else 1) + (_NUMERALS.index(ones) if len(ones) == 1 else 0)
