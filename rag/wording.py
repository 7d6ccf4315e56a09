"""The words of a question in the wording of the documents: people ask how many died, a newspaper writes 遇难.

One table of words that mean the same in a question, colloquial and written, short name and full one. The keyword leg
looks for all of a group; the question is read with the one that the retrieved text has.
"""

import re
from collections.abc import Sequence
from functools import cache

from index.terms import split_terms

_GROUPS: tuple[str, ...] = (
    # colloquial and written: any of a line may stand for any other
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
    "老板 董事长 总经理",
    "研制 研发",
    "举办 举行 召开",
    "工资 薪水 薪酬",
    "价钱 价格 售价",
    "门票 票价",
    "干旱 旱情 旱灾",
    "大水 洪水 洪涝 汛情",
    # short names and full ones
    "工信部 工业和信息化部",
    "发改委 国家发展改革委 国家发展和改革委员会",
    "卫健委 国家卫生健康委 国家卫生健康委员会",
    "人社部 人力资源社会保障部 人力资源和社会保障部",
    "住建部 住房城乡建设部 住房和城乡建设部",
    "文旅部 文化和旅游部",
    "应急部 应急管理部",
    "环境部 生态环境部",
    "农业部 农业农村部",
    "交通部 交通运输部",
    "自然资源部 国土资源部",
    "央行 人民银行 中国人民银行",
    "证监会 中国证券监督管理委员会",
    "国资委 国务院国有资产监督管理委员会",
    "市场监管总局 国家市场监督管理总局",
    "国铁集团 中国国家铁路集团",
    "中科院 中国科学院",
    "社科院 中国社会科学院",
    "最高法 最高人民法院",
    "最高检 最高人民检察院",
    "中石油 中国石油",
    "中石化 中国石化",
    "中铝 中国铝业",
    "五矿 中国五矿",
    "世卫组织 世界卫生组织",
    "央视 中央广播电视总台",
    "北大 北京大学",
    "清华 清华大学",
    "国博 国家博物馆",
    "高铁 高速铁路",
    "奥运会 奥林匹克运动会",
    "冬奥会 冬季奥林匹克运动会",
    "残奥会 残疾人奥林匹克运动会",
    "亚残运会 亚洲残疾人运动会",
    "亚运会 亚洲运动会",
    "全运会 全国运动会",
    "大运会 大学生运动会",
    "进博会 中国国际进口博览会",
    "服贸会 中国国际服务贸易交易会",
    "广交会 中国进出口商品交易会",
    "链博会 中国国际供应链促进博览会",
    "消博会 中国国际消费品博览会",
    "上合组织 上海合作组织",
    "东盟 东南亚国家联盟",
    "联大 联合国大会",
    "北约 北大西洋公约组织",
    "一季度 第一季度",
    "二季度 第二季度",
    "三季度 第三季度",
    "四季度 第四季度",
)
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

    Of several that they have the first of the group; a word of which they have none stays.
    """
    together = "\n".join(texts)
    for pattern, words in _table():
        own = pattern.search(question)
        if own is None or own.group() in together:
            continue
        if held := next((word for word in words if word in together), ""):
            question = question[: own.start()] + held + question[own.end() :]
    return question
