"""The words of a question in the wording of the documents: people ask how many died, a newspaper writes 遇难.

A table of words that mean the same in a question, colloquial and written: any of a line may stand for any other. The
keyword leg looks for all of a group; the question is read with the one that the retrieved text has. So it is with names
and numbers that are spelled in two ways, which are `searching/spellings.py`'s.
"""

import re
from collections.abc import Sequence
from functools import cache

from index.terms import split_terms

from .searching.spellings import spellings_in

_GROUPS: tuple[str, ...] = (
    "死了 死掉 死亡 遇难 丧生 身亡 罹难",
    "失踪 失联 下落不明 没找到 没有找到",
    "缺货 短缺 紧缺 不够用 供应不足 缺口",
    "涨了 上涨 增长 提高 增加 上升",
    "跌了 降了 下跌 下降 减少 降低",
    "开通 通车 启用 投运 开张 开业 开馆 开园 开放",
    "建好 修好 盖好 建成 完工 竣工 落成 投用",
    "动工 开工 开建 奠基",
    "成立 组建 创立 挂牌",
    "岁数 年纪 年龄",
    "乡下 农村 乡村",
    "小孩 孩子 娃娃 儿童 少儿",
    "乘坐 搭乘 坐上",
    "出售 销售 卖出",
    "购买 采购 买了",
    "花费 花了 投资 耗资 投入 斥资",
    "判决 宣判 判了 判处",
    "抓获 逮捕 抓了 抓住",
    "战俘 在押人员 被关押人员 被俘人员",
    "救出 营救 救了",
    "撤离 转移 疏散 撤走",
    "赔偿 赔了 赔付",
    "研制 研发",
    "举办 举行 召开",
    "工资 薪水 薪酬",
    "价钱 价格 售价",
    "门票 票价",
    "干旱 旱情 旱灾",
    "大水 洪水 洪涝 汛情",
)
_ASKED_AS = {
    "星期几": "周几", "礼拜几": "周几", "啥时候": "什么时候", "为啥": "为什么", "咋样": "怎么样",
    "咋": "怎么", "啥": "什么",
}  # fmt: skip
"""Words that ask, in the form that the reader knows from the questions it was trained on; longer ones first."""
N_READ_FIRST = 3
"""Passages whose wording counts: the best ones. What stands only in a later one is not what is asked about."""


@cache
def _table() -> tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]:
    groups = []
    for line in _GROUPS:
        words = tuple(line.split())
        longest_first = sorted(words, key=len, reverse=True)
        groups.append((re.compile("|".join(map(re.escape, longest_first))), words))
    return tuple(groups)


def other_words(question: str) -> list[str]:
    """The terms of the words that may stand for those of a question, in the order of the table."""
    found: dict[str, None] = {}
    for pattern, words in _table():
        if own := pattern.search(question):
            found |= dict.fromkeys(term for word in words if word != own.group() for term in split_terms(word))
    return list(found)


def reworded(question: str, texts: Sequence[str]) -> str:
    """The question with each word that the texts lack replaced by the one of its group that they have.

    Of several that they have the first of the group; a word of which they have none stays. Words that ask take the form
    that the reader knows.
    """
    for colloquial, known in _ASKED_AS.items():
        question = question.replace(colloquial, known)
    together = "\n".join(texts)
    for place in reversed(spellings_in(question)):
        if question[place.start : place.end] not in together:
            others = (other for other in place.others if other in together)
            question = next((place.in_other(question, other) for other in others), question)
    for pattern, words in _table():
        own = pattern.search(question)
        if own is None or own.group() in together:
            continue
        if held := next((word for word in words if word in together), ""):
            question = question[: own.start()] + held + question[own.end() :]
    return question
