"""Writes the numbers of a text in another way: 3.5万 -> 35000, 12月 -> 十二月, 百分之五 -> 5%."""

import random
import re

from rag.searching.spellings import in_characters, number_of

DIGITS = "零一二三四五六七八九"
COUNTED = "月日号个名人位岁年天届次家项"
ARABIC = re.compile(rf"(?<![\d.])(\d{{1,2}})(?=[{COUNTED}时点条辆只座所期级层])|(?<=第)(\d{{1,2}})(?!\d)")
CHINESE = re.compile(
    r"(?<=第)([一二三四五六七八九]?十[一二三四五六七八九]?|[一二三四五六七八九])(?![一二三四五六七八九十百千万亿])"
    rf"|(?<![百千万亿点])([二三四五六七八九]?十[一二三四五六七八九]?)(?=[{COUNTED}])"
)
PERCENT = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)%")
LARGE = re.compile(r"(?<![\d.])(\d{1,4}(?:\.\d{1,4})?)(万|亿)(?![亿])")


def percent_in_characters(match: re.Match[str]) -> str:
    """7.6% -> 百分之七点六; whole numbers of three digits and more stay."""
    whole, _, fraction = match.group(1).partition(".")
    if len(whole) > 2:
        return match.group()
    words = "百分之" + in_characters(int(whole))
    return words + ("点" + "".join(DIGITS[int(digit)] for digit in fraction) if fraction else "")


def large_in_digits(match: re.Match[str]) -> str:
    """3.5万 -> 35000."""
    return f"{float(match.group(1)) * {'万': 10**4, '亿': 10**8}[match.group(2)]:.0f}"


def rewrite_numbers(text: str, random_source: random.Random) -> str:
    """Writes about half of the numbers of a text in the other way."""
    if random_source.random() < 0.5:
        text = ARABIC.sub(lambda match: in_characters(int(match.group())), text)
    else:
        text = CHINESE.sub(lambda match: str(number_of(match.group())), text)
    if random_source.random() < 0.5:
        text = PERCENT.sub(percent_in_characters, text)
    if random_source.random() < 0.5:
        text = LARGE.sub(large_in_digits, text)
    return text
