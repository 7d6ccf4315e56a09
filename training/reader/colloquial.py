"""Questions as people say them, and questions for what a passage says no word of."""

import random
import re
from dataclasses import replace

from training.reader.data import Example

_SAID_OTHERWISE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("为什么", ("为啥", "为何", "怎么会", "凭什么")),
    ("什么时候", ("啥时候", "几时", "哪天", "何时")),
    ("叫什么", ("叫啥", "叫什么名字")),
    ("是谁", ("是哪位", "是哪个人", "叫什么")),
    ("什么", ("啥", "什么样的")),
    ("怎么", ("咋", "怎样", "如何")),
    ("怎样", ("咋", "怎么")),
    ("如何", ("怎么", "咋")),
    ("哪些", ("哪几个", "啥", "什么")),
    ("哪里", ("哪儿", "啥地方")),
)
_ATTRIBUTES = """
董事长是谁 董事长;总经理叫什么 总经理;市长是谁 市长;馆长是谁 馆长;校长叫什么名字 校长;院长是谁 院长;厂长叫什么 厂长
主教练是谁 教练;裁判是谁 裁判;导演是谁 导演|执导;设计师是谁 设计;司机叫什么 司机|驾驶;店长姓什么 店长|店主|老板
老板叫什么名字 老板|店主;记者是谁 记者;负责人是谁 负责人;局长叫什么 局长;妻子是谁 妻子|夫人;父亲叫什么 父亲|爸
发明人是谁 发明;花了多少钱 元|钱|投资;票价是多少 票|元;门票多少钱 门票|元;一共投资多少 投资|元;报名费是多少 报名费|元
造价多少 造价|元;年薪多少 薪|工资|元;赔了多少钱 赔|元;罚了多少钱 罚|元;卖多少钱 售价|价格|元;补贴多少钱 补贴|元
营业额是多少 营业|营收|元;有多少员工 员工|职工;有多少人参加 参加|人;死了多少人 死|遇难;来了多少观众 观众;有多少学生 学生
住了多少户 户;多大年纪 岁;有多重 吨|公斤|克|重;面积有多大 平方|亩|公顷|面积;有多高 米|高;有多长 米|公里|里|长
时速多少 时速|速度;离市区多远 公里|米;海拔多少 海拔;电话是多少 电话|热线;邮箱是什么 邮箱;地址在哪儿 地址|路|街
网址是什么 网站|网址|网;什么时候成立的 成立|创立|创办|组建;哪年建的 建;哪年出生的 出生|生于|岁;什么时候退休 退休
哪天发布的 发布|公布;什么时候结束 结束|为止|截至;什么时候开工 开工|动工;从哪所大学毕业 毕业|大学;是哪国人 国
籍贯是哪里 籍|人;是什么牌子的 牌;用的是什么材料 材料|制;得了第几名 名|冠军|奖;为什么停运了 停;为什么取消 取消
为什么推迟 推迟|延;为什么关门 关;为什么辞职 辞;为什么涨价 涨|价;为什么下降 下降|减|降;怎么报名 报名|预约|登记
怎么申请 申请;怎么去 交通|地铁|公交|路;赞助商有哪些 赞助;合作单位有哪些 合作|联合|共同;股东有哪些 股;评委有谁 评委|评审
投诉了什么 投诉;判了几年 判|刑
"""
ATTRIBUTES = tuple(
    (asked, re.compile(words)) for line in re.split(r"[;\n]", _ATTRIBUTES.strip()) for asked, words in [line.split(" ")]
)
"""What is asked for, and the words one of which a passage that answers would hold."""
_TITLE_CHARS = (2, 12)


def colloquial(question: str, rng: random.Random) -> str:
    """The question, now and then with another asking word of the same sense, or without its mark."""
    word, others = next(((w, o) for w, o in _SAID_OTHERWISE if w in question), ("", ()))
    if word and rng.random() < 0.3:
        question = question.replace(word, rng.choice(others), 1)
    return question.rstrip("？?") if rng.random() < 0.15 else question


def attribute_miss(example: Example, rng: random.Random) -> Example | None:
    """A question on the article's subject for something of which title and passage say no word; None without one."""
    low, high = _TITLE_CHARS
    if not low <= len(example.title) <= high:
        return None
    text = example.title + "".join(example.sentences)
    for asked, words in rng.sample(ATTRIBUTES, 10):
        if not words.search(text):
            link = rng.choice(("的", "")) if not asked.startswith(("为什么", "怎么", "什么时候", "哪")) else ""
            return replace(example, question=colloquial(f"{example.title}{link}{asked}？", rng), answers=(), pieces=())
    return None
