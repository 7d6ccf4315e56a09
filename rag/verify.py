"""Whether a sentence is carried by what it cites: its facts stand there, and what it says is said there.

A fact is a number (also in Chinese numerals), a date, a word of Latin letters, a 《title》 or a “quoted name”. It
stands in a text only where the same characters stand there, after full-width forms, capitals, line breaks and the
separators of thousands (1,200) are folded. There is no fuzzy matching: 3200万 is not carried by 三千二百万, nor
12月23日 by 12月23号.

Of the other words a share must stand in what is cited, more of them the longer the words from outside of the passage
are; a person must be named in the passage, and a negation needs one in what is cited. Where several texts are cited,
each clause with a fact must be carried by one of them. What no such rule can see: two facts of one cited sentence
exchanged, and a negation left out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from index.terms import fold, split_terms

from .quoting import one_line

MIN_SHARE, FOREIGN_COST = 0.3, 0.05
"""Share of a sentence's terms that must stand in what it cites, and how much more for each character of the longest run
from outside of the passage. Chosen on 101 hand-written sentences (tests/rag/paraphrases.py), see eval/LOG.md."""

MIN_CLAUSE_SHARE, MIN_CLAUSE_TERMS = 0.5, 3
"""Where a sentence cites several texts: the share of a clause with a fact, and how many of its pairs of characters,
must stand in one of them together with the fact. A date or a number alone stands in too many."""

_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]")
_SPACE = re.compile(r"\s+")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_HAN_DIGITS = "零〇一二三四五六七八九十百千万亿两几半"
_WORDS = (  # words with a numeral that counts nothing: none that a changed numeral makes of others (三起 -> 一起)
    "一[些定直般旦切再共并]|(?<!前)进一步|十分(?=[重高大关清严激紧困便明必突珍满热艰卖受])|千万(?=[不别要])|"
    "老百姓|百分点|千方百计|万物|半导体|半径|几乎|几何"
)
_DATE = (
    r"(?:(?:\d{2,4}|[零〇一二三四五六七八九]{2,4})年)?"
    r"(?:\d{1,2}月(?:\d{1,2}[日号])?|[一二三四五六七八九十]{1,2}月(?:[一二三四五六七八九十]{1,3}[日号])?)"
)
_DIGITS = r"(?:\d{4}-\d{1,2}(?:-\d{1,2})?(?!\d)|\d+(?:[.,:/]\d+)*)"
_NUMBER = (
    rf"(?:第|周|星期|百分之|千分之|万分之)?(?:{_DIGITS}[十百千万亿]*|[{_HAN_DIGITS}]+(?:[点分][之{_HAN_DIGITS}]+)?)"
    r"[多余]?\s?[%‰]?"
)
_LATIN = r"[a-z0-9]*[a-z][a-z0-9]*(?:\.[0-9]+)?"  # PM2.5 is one word
_UNIT = (
    "个?百分点|平方公里|平方千米|平方米|立方米|公里|千米|厘米|毫米|微米|纳米|海里|英里|米|公斤|千克|毫克|克|吨|斤|公顷|亩|"
    "摄氏度|千瓦时|千瓦|度|美元|欧元|日元|港元|元|块|小时|分钟|秒|天|周年|年|个月|月|日|号|周岁|岁|倍|成|折"
)
_IN_SENTENCE = re.compile(
    rf"(?P<word>{_WORDS})|(?P<latin>{_LATIN})|(?P<date>{_DATE})|(?P<number>{_NUMBER})\s?(?P<unit>{_UNIT})?"
)
_IN_CITED = re.compile(rf"(?P<word>{_WORDS})|(?P<latin>{_LATIN})|(?P<number>{_NUMBER})\s?(?P<unit>{_UNIT})?")
_TITLE = re.compile(r"《[^《》]*》?|^[^《》]*》")
_QUOTED = tuple(
    re.compile(rf"{opens}(?P<inner>[^{opens}{closes}]*){closes}?|^(?P<tail>[^{opens}{closes}]*){closes}")
    for opens, closes in ("“”", "‘’", "「」", "『』")
)
_STRAIGHT = re.compile(r'"(?P<inner>[^"]*)(?:"|$)')
_FUNCTION = frozenset("的是在与和于由为要而被将已也了着从向对把")
"""Characters that join words and are part of few."""
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭林罗郑梁谢宋唐韩冯邓曹彭曾萧肖田董袁潘蒋蔡余杜叶苏魏吕丁沈姚卢姜崔钟谭陆汪范廖贾夏韦付邹"
    "孟熊秦邱侯尹薛闫雷龙陶黎贺顾郝龚邵钱"
)
_PERSON = re.compile(
    rf"(?<=[是叫为由和与、长员者授师士席记生])[{_SURNAMES}][\u4e00-\u9fff]|[\u4e00-\u9fff]·[\u4e00-\u9fff]"
)
_NEGATION = re.compile("不(?![少仅断但同过妨锈])|没(?!收)|未(?!来)|无(?![人线疑论锡])")
_CLAUSE_END = re.compile(r"[，；、和与及]|,(?!\d)")
_EDGE = " 。，！？；：、.,!?;:"
_ITEM_NUMBER = re.compile(r"\(?\d{1,2}[.)、](?!\d)")
_LIST_MARK = re.compile(r"^\s*(?:[-*•]\s*|\(?\d{1,2}[.)、)](?!\d)\s*)")


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a sentence must stand literally in what it cites."""

    numbers: frozenset[tuple[str, str]]
    """(number, unit); the unit is empty where none follows."""
    dates: frozenset[str]
    latin: frozenset[str]
    names: frozenset[str]
    """Titles with their marks, quoted words without them; without white space."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """A cited text, made ready to be asked whether it carries facts and terms."""

    flat: str
    """Folded, without white space: where names and dates are looked up."""
    numbers: frozenset[tuple[str, str]]
    """Each number with its unit, and with none."""
    latin: frozenset[str]
    item_number: str
    """`3.` where it is an item of a numbered list, or nothing."""
    title: str
    """Of the article, flat: a sentence may name what the article is about."""
    near: str
    """The passage that it stands in, its title and itself, flat: where the words around a fact may come from."""


def canonical(text: str) -> str:
    """On one line, full-width forms and capitals folded, without marks that nobody sees (they cut a number in two).

    A full-width comma stays a comma of the sentence.
    """
    return fold(_UNSEEN.sub("", one_line(text)).replace("，", "、"))


def facts_of(sentence: str) -> Facts:
    """The facts of a sentence without labels. The mark of a list item (`1.`, `-`) is none."""
    text = canonical(_LIST_MARK.sub("", sentence))
    numbers, dates, latin = set(), set(), set()
    for match in _IN_SENTENCE.finditer(text):
        if match["latin"]:
            latin.add(match["latin"])
        elif match["date"]:
            dates.add(match["date"])
        elif match["number"]:
            numbers.add((_plain(match["number"]), match["unit"] or ""))
    return Facts(frozenset(numbers), frozenset(dates), frozenset(latin), frozenset(_names(text)))


def carrier_of(cited: str, passage: str = "", title: str = "") -> Carrier:
    """A cited text (the quotes of one label, joined), the passage that it stands in, and its article's title."""
    text = canonical(cited)
    numbers, latin = set(), set()
    for match in _IN_CITED.finditer(text):
        if match["latin"]:
            latin.add(match["latin"])
        elif match["number"]:
            number = _plain(match["number"])
            numbers |= {(number, ""), (number, match["unit"] or "")}
    flat, head = _SPACE.sub("", text), _flat(title)
    near = "\n".join((flat, head, _flat(passage)))
    return Carrier(flat, frozenset(numbers), frozenset(latin), _item_number(text), head, near)


def _item_number(text: str) -> str:
    found = _ITEM_NUMBER.match(text.lstrip())
    return found.group() if found else ""


@lru_cache(maxsize=256)
def _flat(text: str) -> str:
    """The canonical form without white space; kept, as a passage surrounds each of its sentences."""
    return _SPACE.sub("", canonical(text))


def missing_facts(facts: Facts, carriers: Sequence[Carrier]) -> list[str]:
    """The facts that stand in none of the carriers, as they read in the sentence, folded."""
    missing = [number + unit for number, unit in facts.numbers if not _any_holds(carriers, (number, unit))]
    missing += [date for date in facts.dates if not any(_holds_date(date, one.flat) for one in carriers)]
    missing += [word for word in facts.latin if not any(word in one.latin for one in carriers)]
    missing += [name for name in facts.names if not any(name in one.flat for one in carriers)]
    return sorted(missing)


def carried_share(sentence: str, carriers: Sequence[Carrier]) -> float:
    """Share of the sentence's distinct terms that stand in the carriers, 0 to 1; 1 where it has no terms.

    Terms of the title that stand in no carrier do not count: they name what the article is about.
    """
    terms = set(split_terms(canonical(sentence)))
    held = {term for term in terms if any(term in one.flat for one in carriers)}
    counted = held | {term for term in terms if not any(term in one.title for one in carriers)}
    return len(held) / len(counted) if counted else float(not terms)


def longest_foreign(sentence: str, carriers: Sequence[Carrier]) -> int:
    """The most characters in a row that stand in no carrier and, as a pair, in no passage around one; Chinese only."""
    text = _SPACE.sub("", canonical(sentence))
    known = [not is_han(one) or one in _FUNCTION or any(one in each.flat for each in carriers) for one in text]
    for at in range(len(text) - 1):
        if any(text[at : at + 2] in one.near for one in carriers):
            known[at] = known[at + 1] = True
    return max(sum(1 for _ in run) if not is_known else 0 for is_known, run in groupby([*known, True]))


def foreign_persons(sentence: str, carriers: Sequence[Carrier]) -> list[str]:
    """Names that stand in no passage around what is cited: a surname and what follows it, behind a role or a verb, or
    what stands about the dot of a foreign name."""
    found = _PERSON.findall(_SPACE.sub("", canonical(sentence)))
    return [name for name in found if not any(name in one.near for one in carriers)]


def is_carried(sentence: str, carriers: Sequence[Carrier]) -> bool:
    """Whether something is cited, all facts of the sentence stand in it, and it says what the sentence says."""
    if not carriers or missing_facts(facts_of(sentence), carriers) or foreign_persons(sentence, carriers):
        return False
    if _NEGATION.search(sentence) and not any(_NEGATION.search(one.flat) for one in carriers):
        return False
    if not _keeps_item_number(sentence, carriers):
        return False
    if len(carriers) > 1 and not all(_is_clause_held(one, carriers) for one in _CLAUSE_END.split(sentence)):
        return False
    return carried_share(sentence, carriers) >= MIN_SHARE + FOREIGN_COST * longest_foreign(sentence, carriers)


def _keeps_item_number(sentence: str, carriers: Sequence[Carrier]) -> bool:
    """The number of a list item is the answer's own, but not another one than that of the item that is cited."""
    said = _item_number(canonical(sentence))
    cited = {one.item_number for one in carriers if one.item_number}
    return not said or not cited or said in cited


def _is_clause_held(clause: str, carriers: Sequence[Carrier]) -> bool:
    """Whether one of several cited texts says what a clause says of its facts: a fact of one is not true of another."""
    facts = facts_of(clause)
    if not missing_facts(facts, []):
        return True
    pairs = [term for term in split_terms(canonical(clause)) if len(term) == 2 and is_han(term[0])]
    return any(
        not missing_facts(facts, [one])
        and carried_share(clause, [one]) >= MIN_CLAUSE_SHARE
        and sum(pair in one.flat for pair in pairs) >= MIN_CLAUSE_TERMS
        for one in carriers
    )


def stands_in(part: str, cited: str) -> bool:
    """Whether a part stands literally in a cited text, white space aside."""
    flat = _SPACE.sub("", part)
    return bool(flat) and flat in _SPACE.sub("", cited)


def is_han(character: str) -> bool:
    """Whether a character is Chinese."""
    return "\u4e00" <= character <= "\u9fff"


def _any_holds(carriers: Sequence[Carrier], number: tuple[str, str]) -> bool:
    return any(number in one.numbers for one in carriers)


def _holds_date(date: str, flat: str) -> bool:
    """Not inside a longer number: 2月3日 does not stand in 12月3日."""
    before = r"(?<![\d])" if date[0].isdigit() else rf"(?<![{_HAN_DIGITS}])"
    return bool(re.search(before + re.escape(date), flat))


def _plain(number: str) -> str:
    """Without white space and the separators of thousands."""
    bare = _SPACE.sub("", number)
    return _THOUSANDS.sub(lambda match: match.group().replace(",", ""), bare)


def _names(text: str) -> Iterator[str]:
    """Titles with their marks and quoted words, also where a mark of the pair stands in another sentence."""
    for match in _TITLE.finditer(text):
        yield from _flat_name(match.group())
    for pattern in _QUOTED:
        for match in pattern.finditer(text):
            yield from _flat_name(match["inner"] if match["inner"] is not None else match["tail"])
    for match in _STRAIGHT.finditer(text):
        yield from _flat_name(match["inner"])


def _flat_name(name: str) -> Iterator[str]:
    flat = _SPACE.sub("", name).strip(_EDGE)
    if flat.strip("《》"):
        yield flat
