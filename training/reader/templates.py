"""Questions made from news by patterns: who holds an office, how much in which measure, why, by what means, which ones.

Beside each question stands a near miss on the same passage: it asks for an attribute of which the passage says no word
("票价是多少", "馆长是谁"). A topic that stands in another sentence is often put in front, so that the sentence that
repeats most of the question is not the one that answers. Self-supervision only: the questions are kept nowhere.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.features import SURNAMES
from training.reader.cloze import around, thin
from training.reader.data import Example, find_pieces, split_sentences

_ROLE = (
    "(?:副?(?:董事长|总经理|经理|总裁|市长|县长|省长|部长|局长|厅长|处长|院长|校长|馆长|厂长|所长|站长|队长|会长|秘书长|主任|书记|主席)"
    "|教授|研究员|主教练|发言人|创始人|负责人|导演|工程师|律师|医生|村民|志愿者|列车长|检察官|专家|店主)"
)
_NAME = rf"[{SURNAMES}][\u4e00-\u9fff]{{1,2}}(?=说|表示|介绍|认为|告诉|指出|称|等|、|，|在|出席|主持)"
_OFFICE = re.compile(rf"(?P<body>[\u4e00-\u9fff]{{0,8}})(?P<role>{_ROLE})(?P<name>{_NAME})")
_MEASURES: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"\d[\d.,]*[万亿余多]*(?:美|欧|日|港)?元"), ("多少钱", "多少", "要花多少钱", "金额是多少")),
    (re.compile(r"\d[\d.,]*[余多]?(?:公里|千米|米)"), ("多长", "多高", "有多远", "多少米", "多少公里")),
    (re.compile(r"\d[\d.,]*[万亿余多]*(?:平方米|平方公里|亩|公顷)"), ("多大", "面积有多大", "占地多少")),
    (re.compile(r"\d[\d.,]*[万亿余多]*(?:吨|公斤|千克)"), ("多重", "多少吨", "有多重", "多少")),
    (re.compile(r"\d[\d.]*岁"), ("多大年纪", "几岁", "多大", "今年多大岁数")),
    (re.compile(r"\d[\d.]*[余多]?个?(?:小时|天|年|月|分钟)(?![\d前])"), ("多久", "多长时间", "几天", "几年")),
    (re.compile(r"\d[\d.,]*%"), ("百分之几", "几成", "多少", "占多大比例")),
    (re.compile(r"\d[\d.,]*[万亿余多]*(?:人次|人|名|位)"), ("多少人", "几个人", "有多少", "来了多少人")),
    (re.compile(r"\d[\d.,]*[万亿余多]*(?:家|个|项|件|台|辆|条|座|处|场|架)"), ("多少", "几个", "有几", "总共多少")),
    (re.compile(r"\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?|\d{1,2}月\d{1,2}日"), ("什么时候", "哪天", "哪一年", "几时")),
)
_WHY = (
    re.compile(r"(?:因为|由于|因)(?P<cause>[^，。]{4,40})，(?:所以|因此)?(?P<effect>[^。]{6,40})"),
    re.compile(r"为了?(?P<cause>[^，。]{4,40})，(?P<effect>[^。]{6,40})"),
    re.compile(r"(?P<effect>[^，。]{6,30})，(?:是因为|因为|原因是|目的是|以免|以便)(?P<cause>[^。]{4,40})"),
    re.compile(r"(?P<cause>[^，。]{6,40})，(?:导致|造成|使得|致使)(?P<effect>[^。]{5,30})"),
)
_HOW = (
    re.compile(r"(?:通过|采取|采用|利用|依托|借助)(?P<means>[^，。]{4,40})，(?P<end>[^。]{6,36})"),
    re.compile(r"(?P<end>[^，。]{5,30})，(?:通过|采取|采用|利用)(?P<means>[^。]{4,40})"),
)
_LIST = re.compile(r"(?P<items>[\u4e00-\u9fffA-Za-z0-9“”《》]{2,12}(?:、[\u4e00-\u9fffA-Za-z0-9“”《》]{2,12}){1,6}(?:[和及与等][\u4e00-\u9fff]{0,8})?)")
_ASKS_WHY = ("为什么", "为啥", "为何", "原因是什么", "怎么会", "凭什么", "图什么")
_ASKS_HOW = ("怎么", "如何", "怎样", "靠什么", "用什么办法", "咋")
_ASKS_LIST = ("有哪些", "包括什么", "都有什么", "是哪几个", "分别是什么", "哪几种", "有啥")
_ATTRIBUTES: tuple[tuple[str, str], ...] = (
    ("董事长是谁", "董事长"), ("总经理叫什么", "总经理"), ("市长是谁", "市长"), ("馆长是谁", "馆长"), ("校长叫什么名字", "校长"),
    ("院长是谁", "院长"), ("厂长叫什么", "厂长"), ("主教练是谁", "教练"), ("裁判是谁", "裁判"), ("导演是谁", "导演|执导"),
    ("设计师是谁", "设计"), ("司机叫什么", "司机|驾驶"), ("店长姓什么", "店长|店主|老板"), ("老板叫什么名字", "老板|店主"), ("记者是谁", "记者"),
    ("负责人是谁", "负责人"), ("局长叫什么", "局长"), ("妻子是谁", "妻子|夫人"), ("父亲叫什么", "父亲|爸"), ("发明人是谁", "发明"),
    ("花了多少钱", "元|钱|投资"), ("票价是多少", "票|元"), ("门票多少钱", "门票|元"), ("一共投资多少", "投资|元"), ("报名费是多少", "报名费|元"),
    ("造价多少", "造价|元"), ("年薪多少", "薪|工资|元"), ("赔了多少钱", "赔|元"), ("罚了多少钱", "罚|元"), ("卖多少钱", "售价|价格|元"),
    ("补贴多少钱", "补贴|元"), ("营业额是多少", "营业|营收|元"), ("有多少员工", "员工|职工"), ("有多少人参加", "参加|人"), ("死了多少人", "死|遇难"),
    ("来了多少观众", "观众"), ("有多少学生", "学生"), ("住了多少户", "户"), ("多大年纪", "岁"), ("有多重", "吨|公斤|克|重"),
    ("面积有多大", "平方|亩|公顷|面积"), ("有多高", "米|高"), ("有多长", "米|公里|里|长"), ("时速多少", "时速|速度"), ("离市区多远", "公里|米"),
    ("海拔多少", "海拔"), ("电话是多少", "电话|热线"), ("邮箱是什么", "邮箱"), ("地址在哪儿", "地址|路|街"), ("网址是什么", "网站|网址|网"),
    ("什么时候成立的", "成立|创立|创办|组建"), ("哪年建的", "建"), ("哪年出生的", "出生|生于|岁"), ("什么时候退休", "退休"),
    ("哪天发布的", "发布|公布"), ("什么时候结束", "结束|为止|截至"), ("什么时候开工", "开工|动工"), ("从哪所大学毕业", "毕业|大学"),
    ("是哪国人", "国"), ("籍贯是哪里", "籍|人"), ("是什么牌子的", "牌"), ("用的是什么材料", "材料|制"), ("得了第几名", "名|冠军|奖"),
    ("为什么停运了", "停"), ("为什么取消", "取消"), ("为什么推迟", "推迟|延"), ("为什么关门", "关"), ("为什么辞职", "辞"), ("为什么涨价", "涨|价"),
    ("为什么下降", "下降|减|降"), ("怎么报名", "报名|预约|登记"), ("怎么申请", "申请"), ("怎么去", "交通|地铁|公交|路"), ("赞助商有哪些", "赞助"),
    ("合作单位有哪些", "合作|联合|共同"), ("股东有哪些", "股"), ("评委有谁", "评委|评审"), ("投诉了什么", "投诉"), ("判了几年", "判|刑"),
)  # fmt: skip
_COLLOQUIAL: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("为什么", ("为啥", "为何", "怎么会", "凭什么")),
    ("什么时候", ("啥时候", "几时", "哪天", "何时")),
    ("叫什么", ("叫啥", "叫什么名字")),
    ("是谁", ("是哪位", "是哪个人", "叫什么")),
    ("什么", ("啥", "什么样的")),
    ("怎么", ("咋", "怎样", "如何")),
    ("怎样", ("咋", "怎么")),
    ("如何", ("怎么", "咋")),
    ("哪些", ("哪几个", "啥", "什么")),
    ("多少", ("几", "多少")),
    ("哪里", ("哪儿", "啥地方")),
)
_TOPIC = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]{4,}")


def make_templated(
    title: str, text: str, rng: random.Random, max_chars: int = 300
) -> tuple[Example, Example | None] | None:
    """A question that a part of a news text answers, and one that the same part does not; None where nothing fits."""
    sentences = split_sentences(text[:1500])
    order = [n for n, sentence in enumerate(sentences) if 12 <= len(sentence) <= 140]
    rng.shuffle(order)
    for number in order[:5]:
        made = _ask(sentences[number], rng)
        if made is None:
            continue
        question, answer = made
        low, high = around(sentences, number, max_chars, rng)
        shown = sentences[low:high]
        pieces = tuple(p for p in find_pieces(shown, (answer,)) if p[0] == number - low)
        if not pieces or len(re.sub(r"\W", "", question)) < 5:
            continue
        others = [s for n, s in enumerate(shown) if n != number - low]
        if rng.random() < 0.5 and (topic := _topic([title, *others], rng)):
            question = topic + question
        own = Example(colloquial(question, rng), title, shown, (answer,), pieces, "")
        return own, attribute_miss(own, rng)
    return None


def attribute_miss(example: Example, rng: random.Random) -> Example | None:
    """A question on the passage's subject for an attribute of which title and passage say no word; None without one."""
    text = example.title + "".join(example.sentences)
    for tail, words in rng.sample(_ATTRIBUTES, 8):
        if re.search(words, text):
            continue
        topic = example.title if 2 <= len(example.title) <= 12 and rng.random() < 0.6 else ""
        topic = topic or _topic([example.title, *example.sentences], rng)
        if topic:
            link = rng.choice(("的", "", "")) if not tail.startswith(("为什么", "怎么", "什么时候", "哪")) else ""
            return replace(example, question=colloquial(f"{topic}{link}{tail}？", rng), answers=(), pieces=())
    return None


def colloquial(question: str, rng: random.Random) -> str:
    """The question, now and then with another asking word of the same sense, or without its mark."""
    for word, others in _COLLOQUIAL:
        if word in question and rng.random() < 0.3:
            question = question.replace(word, rng.choice(others), 1)
            break
    return question.rstrip("？?") if rng.random() < 0.15 else question


def _topic(texts: Sequence[str], rng: random.Random) -> str:
    """A run of 2 to 8 characters with which a phrase of one of the texts begins; empty where none has one."""
    phrases = [phrase for text in texts for phrase in _TOPIC.findall(text)]
    return rng.choice(phrases)[: rng.randint(2, 8)] if phrases else ""


def _ask(sentence: str, rng: random.Random) -> tuple[str, str] | None:
    """A question that the sentence answers, and the answer, by one of the patterns that fit."""
    makers: list[Callable[[str, random.Random], tuple[str, str] | None]] = [_office, _measure, _why, _why, _how, _list]
    rng.shuffle(makers)
    return next((made for maker in makers if (made := maker(sentence, rng)) is not None), None)


def _office(sentence: str, rng: random.Random) -> tuple[str, str] | None:
    found = list(_OFFICE.finditer(sentence))
    if not found:
        return None
    chosen = rng.choice(found)
    body, role, name = chosen.group("body", "role", "name")
    body = body[-rng.randint(0, 8) :] if rng.random() < 0.7 else ""
    if rng.random() < 0.25:
        return rng.choice((f"{name}是什么职务？", f"{name}是干什么的？", f"{name}是什么人？")), body + role
    saying = thin(sentence[chosen.end() : chosen.end() + 24], rng) if rng.random() < 0.3 else ""
    if saying:
        return rng.choice((f"谁说{saying}？", f"{saying}是谁说的？", f"说{saying}的{role}是谁？")), name
    return rng.choice((f"{body}{role}是谁？", f"{body}的{role}叫什么？", f"谁是{body}{role}？")), name


def _measure(sentence: str, rng: random.Random) -> tuple[str, str] | None:
    kinds = list(_MEASURES)
    rng.shuffle(kinds)
    for pattern, words in kinds:
        found = list(pattern.finditer(sentence))
        if not found:
            continue
        chosen = rng.choice(found)
        if sentence.count(chosen.group()) > 1:
            continue
        before = re.split(r"[，。；：]", sentence[: chosen.start()])[-1]
        after = re.split(r"[，。；：]", sentence[chosen.end() :])[0]
        context = thin(before[-16:], rng) + thin(after[:10], rng)
        if len(context) >= 3:
            return f"{context}{rng.choice(words)}？", chosen.group()
    return None


def _why(sentence: str, rng: random.Random) -> tuple[str, str] | None:
    found = next((match for pattern in _WHY if (match := pattern.search(sentence))), None)
    if found is None:
        return None
    return _around_word(thin(found.group("effect")[:30], rng), rng.choice(_ASKS_WHY), rng), found.group("cause")


def _how(sentence: str, rng: random.Random) -> tuple[str, str] | None:
    found = next((match for pattern in _HOW if (match := pattern.search(sentence))), None)
    if found is None:
        return None
    return _around_word(thin(found.group("end")[:30], rng), rng.choice(_ASKS_HOW), rng), found.group("means")


def _list(sentence: str, rng: random.Random) -> tuple[str, str] | None:
    found = _LIST.search(sentence)
    if found is None:
        return None
    context = thin(sentence[: found.start()][-20:], rng) + thin(sentence[found.end() :][:10], rng)
    return (f"{context}{rng.choice(_ASKS_LIST)}？", found.group("items")) if len(context) >= 4 else None


def _around_word(context: str, word: str, rng: random.Random) -> str:
    """The asking word in front, behind, or inside."""
    at = rng.choice((0, len(context), rng.randint(0, max(len(context), 1))))
    return f"{context[:at]}{word}{context[at:]}？"
