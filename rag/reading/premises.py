"""What a question takes for granted and the passage does not hold: a year, an amount, that something fell, a name.

The model of `refusal.py` weighs how much of the question stands there; these few say what no weight makes up for. Each
was counted on development sets before it was taken (eval/LOG.md).
"""

import re

from index.terms import fold

from ..question import asks_for_money, years_in
from ..types import Passage

SHARE_LEFT = 0.5
"""What is left of how sure it is, for each premise that does not hold."""
_AMOUNT = re.compile(
    r"[\d零〇一二三四五六七八九十百千两半][多余几]?[十百千万亿]*[多余]?(?:[美欧日港韩加澳新]?元(?!素|件|旦)|美金|块[钱二三四五六七八九]|英镑|法郎|"
    r"卢布|卢比|马克)|[$¥￥€£]|免费|不收费|不要钱|不花钱"
)
_OPPOSITES = tuple(
    (re.compile(one), re.compile(other))
    for one, other in (
        ("增长|增加|上升|上涨|提高|扩大|增多|攀升", "下降|减少|下跌|降低|回落|缩小|下滑|萎缩"),
        ("开通|投运|运营|启用|投入使用|通车|开业|恢复", "停运|关闭|停用|关停|停业|停产|取消|中断"),
        ("同意|支持|赞成", "反对|拒绝|否决"),
        ("盈利", "亏损"),
        ("缩短", "延长"),
        ("提前", "推迟|延期|延后"),
        ("进口", "出口"),
        ("流入", "流出"),
        ("上任|就任|当选", "辞职|卸任|离任|下台"),
    )
)
_ONE_OF_A_KIND = re.compile(r"(?P<name>[\u4e00-\u9fff]{2})(?P<kind>油田|大桥|遗址|高铁|地震|博物馆|医院|集团)")
_NO_NAME = frozenset(
    "的在和与是有个位名了家那这到哪些什么为被一二两三几多少该此从某各其由对把将叫做过向给座条所次型主要"
)


def share_left(question: str, passage: Passage) -> float:
    """What is left of the confidence that this passage answers: `SHARE_LEFT` for each premise that does not hold."""
    asked = fold(question)
    body = fold("\n".join(sentence.text for sentence in passage.sentences))
    whole = "\n".join([fold(passage.title), fold(passage.date), body])
    broken = (
        any(year not in whole for year in years_in(question)),
        asks_for_money(question) and not _AMOUNT.search(body),
        _says_the_opposite(asked, whole),
        _names_another(asked, whole),
    )
    return SHARE_LEFT ** sum(broken)


def _says_the_opposite(question: str, text: str) -> bool:
    """Whether the question says that something fell and the text only that it rose, or the other way round."""
    return any(
        asked.search(question) and not against.search(question) and against.search(text) and not asked.search(text)
        for pair in _OPPOSITES
        for asked, against in (pair, pair[::-1])
    )


def _names_another(question: str, text: str) -> bool:
    """Whether the question names one of a kind (大庆油田), and the text another one (长庆油田) and never that name."""
    asked = [match for match in _ONE_OF_A_KIND.finditer(question) if _NO_NAME.isdisjoint(match["name"])]
    there = [match for match in _ONE_OF_A_KIND.finditer(text) if _NO_NAME.isdisjoint(match["name"])]
    return any(one["name"] not in text and any(one["kind"] == other["kind"] for other in there) for one in asked)
