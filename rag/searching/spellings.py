"""A question in other spellings of its names and numbers: 工信部 and 工业和信息化部, 40% and 百分之四十.

What stands in no document in the question's spelling is asked for in one that does; where both stand, the keyword leg
asks in each spelling (`rag/retrieve.py`). Names are of `names.py`; numbers are computed.
"""

import re
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass

from .names import GROUPS

MAX_SPELLINGS = 4
"""Other spellings of one question: each is one more look into the keyword index."""

_DIGITS = "零一二三四五六七八九"
_HAN = "零〇一二三四五六七八九两十百千万亿"
_UNITS = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "亿": 10**8}
_COUNTED = "年月日号时点分届次个名人位岁天家项条辆只座所期级层村户件米吨公里平种台亩万亿元多余"
_NO_NUMBERS = re.compile(
    "一[些定直般旦切再共并]|进一步|十分(?=[重高大关清严激紧困便明必突珍满热])|千方百计|千万(?=[不别要])|万一|万物"
)
_YEAR = re.compile(r"(?<![〇零一二三四五六七八九])([一二][〇零一二三四五六七八九]{3})(?=年)")
_PERCENT = re.compile(r"(?<![\d.,])(\d+(?:\.\d+)?)[%％]")
_HAN_PERCENT = re.compile(rf"百分之([{_HAN}]+)(?:点([{_HAN}]+))?")
_SCALED = re.compile(r"(?<![\d.,])(\d{1,12}(?:\.\d+)?)([万亿])(?![亿])")
_LONG = re.compile(r"(?<![\d.,])\d{2,12}0{3}(?![\d.])")
_COUNT = re.compile(rf"(?<![\d.,])(\d{{1,4}})(?=[{_COUNTED}])|(?<=第)(\d{{1,4}})(?![\d.])")
_HAN_COUNT = re.compile(
    rf"(?<![点分])(?:(?<=第)[{_HAN}]+|[{_HAN}]*[十百千][{_HAN}]*(?![分足])|[一二三四五六七八九两](?=[月届万亿]))"
)
_SINGLE = re.compile(rf"(?:^|[^\u4e00-\u9fff])[{_HAN}]$")
_NAMES = {name: group for group in GROUPS for name in group}
_NAME = re.compile("|".join(sorted(map(re.escape, _NAMES), key=len, reverse=True)))


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch `[start, end)` of a question that has other spellings."""

    start: int
    end: int
    others: tuple[str, ...]

    def in_other(self, question: str, spelling: str) -> str:
        """The question with this stretch spelled otherwise."""
        return question[: self.start] + spelling + question[self.end :]

    def probe(self, question: str, spelling: str) -> str:
        """What is looked up to see whether a spelling stands somewhere: where it ends in a single ideograph
        (七, 1.2万), with what follows it, since terms are pairs of ideographs."""
        return spelling + question[self.end : self.end + 1] if _SINGLE.search(spelling) else spelling


def spellings_in(question: str) -> list[Place]:
    """The names and numbers of a question that are also written otherwise, in order; none overlaps another."""
    taken = [match.span() for match in _NO_NUMBERS.finditer(question)]
    found: list[Place] = []
    for place in _candidates(question):
        if all(place.end <= start or end <= place.start for start, end in taken):
            taken.append((place.start, place.end))
            found.append(place)
    return sorted(found, key=lambda place: place.start)


def probes(question: str) -> list[str]:
    """The texts that are looked up to see which spellings of a question stand somewhere."""
    return [
        place.probe(question, spelling)
        for place in spellings_in(question)
        for spelling in (question[place.start : place.end], *place.others)
    ]


def in_known_spellings(question: str, known: Set[str]) -> str:
    """The question with each name and number that no document holds in a spelling that one does, where there is one.

    `known` are those of its probes that stand somewhere.
    """
    for place in reversed(spellings_in(question)):
        if place.probe(question, question[place.start : place.end]) not in known:
            others = (other for other in place.others if place.probe(question, other) in known)
            question = next((place.in_other(question, other) for other in others), question)
    return question


def other_spellings(question: str, known: Set[str]) -> tuple[str, ...]:
    """The question with one name or number spelled otherwise, for each such spelling that documents hold."""
    others = (
        place.in_other(question, other)
        for place in spellings_in(question)
        for other in place.others
        if other not in question and place.probe(question, other) in known
    )
    return tuple(dict.fromkeys(others))[:MAX_SPELLINGS]


def number_of(numeral: str) -> int | None:
    """The value of a numeral in characters: 三千五百 -> 3500, 二〇二三 -> 2023; None where it is none."""
    if numeral and all(character in _DIGITS + "〇" for character in numeral):
        return int("".join(str(_digit(character)) for character in numeral))
    total, section, digit = 0, 0, None
    for character in numeral:
        if character in _UNITS:
            section, digit = section + (1 if digit is None else digit) * _UNITS[character], None
        elif character in _LARGE:
            section += digit or 0
            if not section and not total:
                return None
            total, section, digit = (total + section) * _LARGE[character], 0, None
        elif digit:
            return None  # 三五 is a guess, not a number
        else:
            digit = _digit(character)
    return total + section + (digit or 0) if numeral else None


def in_characters(number: int) -> str:
    """A number below 100,000,000 as it is written out: 3500 -> 三千五百, 12 -> 十二."""
    text = _in_characters(number)
    return text.removeprefix("一") if text.startswith("一十") else text or "零"


def _in_characters(number: int) -> str:
    if number >= _LARGE["万"]:
        thousands, rest = divmod(number, _LARGE["万"])
        return _in_characters(thousands) + "万" + ("零" if 0 < rest < 1000 else "") + _in_characters(rest)
    text, gap = "", False
    for name, unit in (("千", 1000), ("百", 100), ("十", 10), ("", 1)):
        digit, number = divmod(number, unit)
        if digit:
            text += ("零" if gap and text else "") + _DIGITS[digit] + name
        gap = not digit
    return text


def _digit(character: str) -> int:
    return 2 if character == "两" else 0 if character == "〇" else _DIGITS.index(character)


def _candidates(question: str) -> Iterator[Place]:
    """Names first, then numbers, the longer patterns before those that are part of them."""
    for match in _NAME.finditer(question):
        own = match.group()
        yield Place(match.start(), match.end(), tuple(name for name in _NAMES[own] if name != own))
    for pattern, respell in _NUMBERS:
        for match in pattern.finditer(question):
            others = tuple(dict.fromkeys(other for other in respell(match) if other and other != match.group()))
            if others:
                yield Place(match.start(), match.end(), others)


def _year(match: re.Match[str]) -> tuple[str, ...]:
    return ("".join(str(_digit(character)) for character in match.group()),)


def _han_percent(match: re.Match[str]) -> tuple[str, ...]:
    whole = number_of(match.group(1))
    fraction = "".join(str(_digit(character)) for character in match.group(2) or "" if character in _DIGITS)
    return () if whole is None else (f"{whole}.{fraction}%" if fraction else f"{whole}%",)


def _percent(match: re.Match[str]) -> tuple[str, ...]:
    whole, _, fraction = match.group(1).partition(".")
    said = "百分之" + in_characters(int(whole[:8]))
    return (said + ("点" + "".join(_DIGITS[int(digit)] for digit in fraction) if fraction else ""),)


def _scaled(match: re.Match[str]) -> tuple[str, ...]:
    value = round(float(match.group(1)) * _LARGE[match.group(2)])
    whole = int(float(match.group(1)))
    said = in_characters(whole) + match.group(2) if float(match.group(1)) == whole < 10**4 else ""
    return (str(value) if match.group(2) == "万" else "", said)


def _long(match: re.Match[str]) -> tuple[str, ...]:
    value = int(match.group())
    name, unit = ("亿", 10**8) if value >= 10**8 else ("万", 10**4)
    return (f"{value / unit:.4f}".rstrip("0").rstrip(".") + name, in_characters(value) if value < 10**8 else "")


def _count(match: re.Match[str]) -> tuple[str, ...]:
    digits = match.group(1) or match.group(2)
    year = len(digits) == 4 and match.string[match.end() : match.end() + 1] == "年"
    return ("".join("〇一二三四五六七八九"[int(digit)] for digit in digits) if year else in_characters(int(digits)),)


def _han_count(match: re.Match[str]) -> tuple[str, ...]:
    value = number_of(match.group())
    if value is None:
        return ()
    scaled = f"{value // 10**4}万" if value >= 10**4 and not value % 10**4 and value < 10**8 else ""
    return (scaled, str(value))


_NUMBERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[str, ...]]], ...] = (
    (_YEAR, _year),
    (_HAN_PERCENT, _han_percent),
    (_PERCENT, _percent),
    (_SCALED, _scaled),
    (_LONG, _long),
    (_HAN_COUNT, _han_count),
    (_COUNT, _count),
)
