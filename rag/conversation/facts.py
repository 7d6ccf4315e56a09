"""An article's own facts -> questions that it answers.

Each template turns a clause of a certain form into the question that it answers: a person behind a role, a number with
its measure, a date, the items of a list, a reason, a question that the text asks itself. Only clauses that name what
they speak of are turned, and those that begin with a pronoun for it. Whether a question is really answered by its
article is for `rag.conversation.suggest` to try.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index.types import Sentence

from ..question import is_name

Kind = Literal["person", "number", "date", "place", "list", "why", "asked", "about"]

MIN_QUESTION_CHARS, MAX_QUESTION_CHARS, MAX_TITLE_CHARS = 7, 32, 40
MIN_NAME_CHARS = 6

_CLAUSE = re.compile(r"[^，；。：！？]+")
_MARKS = re.compile(r"[，；。：！？\s]+")
_UNITS = (
    "立方米 平方米 平方公里 公里 千米 毫米 厘米 米 公斤 吨 斤 亩 公顷 元 人次 人 名 位 家 个百分点 个小时 小时 分钟 个 "
    "座 条 项 件 套 顶 间 艘 辆 头 只 种 处 口 节 台 户 株 棵 岁 列 支 场 所 度 级"
).replace(" ", "|")
_NUMBER = re.compile(
    rf"^(?P<subject>.{{3,20}}?)(?P<about>大约|将近|差不多|不到|约|近|超过|可?达到?)?(?P<number>\d[\d.]*[万亿]?)[多余]?(?P<unit>{_UNITS})"
    r"(?:左右|以上|以下)?(?P<rest>(?:(?![长宽高深]的)[\u4e00-\u9fff]{1,6})?)$"
)
_SIZE = re.compile(
    r"^(?P<subject>.{3,14}?)(?P<measure>全长|长|宽|高|重|主跨|口径|直径)(?:有|为|是|大约)?(?P<number>\d[\d.]*)(?:公里|米|吨|公斤)$"
)
_SHARE = re.compile(r"^(?P<subject>.{3,12}?)(?:只|就|约)?占了?(?P<whole>.{2,8}?的)(?P<number>\d[\d.]*)[%％]$")
_HOW = {
    "全长": "全长多少？",
    "长": "有多长？",
    "宽": "有多宽？",
    "高": "有多高？",
    "重": "有多重？",
    "主跨": "主跨是多少？",
    "口径": "口径有多大？",
    "直径": "直径是多少？",
}
_DATE = re.compile(
    r"^(?P<subject>.{3,16}?)从?(?P<date>(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日|\d{4}年(?:\d{1,2}月)?)(?:上午|下午|凌晨|晚上)?"
    r"(?:就|才|正式|已经)?(?P<verb>(?:通车|开馆|成立|建成|登陆|启程|出发|开幕|开工|动工|上线|开始|投产|启用|沉没|挂牌|开通|被发现)[\u4e00-\u9fff]{0,4})$"
)
_PERSON = re.compile(
    r"(?P<who>[\u4e00-\u9fffA-Za-z\d]{2,16}?(?:副|总)?(?:厂长|部长|局长|市长|县长|院长|校长|馆长|经理|主任|书记|主席|总裁|董事长|站长|队长|列车长"
    r"|所长|检察官|研究员|总工程师|教授))(?P<name>[\u4e00-\u9fff·]{2,6}?)(?=说|表示|介绍|解释|认为|坦言|告诉|掰|给出|随后|[，、]|$)"
)
_PLACE = re.compile(r"^(?P<subject>.{3,16}?)(?P<verb>位于|坐落在|建在|打在|落户)(?P<place>[\u4e00-\u9fff]{2,14})$")
_MAKER = re.compile(
    r"^(?P<subject>.{4,14}?)由(?P<who>.{4,40}?)(?:一起|共同|联合|牵头)*(?P<verb>研制|组织|开发|设计|主办|承建)$"
)
_LIST = re.compile(
    r"^(?P<subject>.{2,14}?)(?P<verb>分成|分为|包括|设|建成|有)(?P<number>[两三四五六七八九十])(?P<measure>个|部分|方面|项|条|家|种|座|件|类)"
    r"(?P<noun>[\u4e00-\u9fff]{0,6})$"
)
_FIRST_ITEM = re.compile(r"(?:一是|第一个(?:叫)?|第一[，是]|首先)[“《]?(?P<item>[^，；。”》]{3,6})")
_REASON = re.compile(
    r"(?:^|[，；：])(?:因为|由于)(?P<reason>[^。；，]{4,40})，(?:所以|因此)?(?P<result>[^，。；]{5,18})(?=[。；]|$)"
)
_NAME_LIKE = re.compile(
    r"^关于|[\u4e00-\u9fff]{2}(?:省|市|县|区|公司|集团|大学|学院|博物馆|大桥|高铁|铁路|公路|油田|油区|厂|站|湖|遗址|研究所|天文台|局|部|号|井|队)|"
    r"[A-Za-z]|全国|长江|黄河|\d{4}年"
)
_ASKS = re.compile(r"为什么|怎么|如何|哪|多少|谁|什么|何")
_WEAK_START = re.compile(
    r"^[“‘《（]?(?:它|他|她|这|那|其|该|此|今|去年|明年|目前|现在|如今|眼下|到|从|在|对|把|被|让|由|当|平均|最|有|已|将|也|还|又|都|就|只|并|而|但|另|各|"
    r"[一二两三四五六七八九十]|\d(?!\d{3}年)|前|后|再|不|同|所|每|正|刚|却|可|因|为|如|虽|以|与|和|及|或|按|据|经|比|随|自|于|至|先|总|共|首|过|连|放|"
    r"我|你|大家|人们|里面|外面|往|通|做|说|看|想|用|具体|设计|其|多数|且|要|需|仅|约|近|超)"
)
_WEAK_ANYWHERE = re.compile(
    r"[它他她]|这[个些座家条项里是样一]|那[个些里是样棵座条艘]|其中|该|一共|已经|[又却]|.\d[年月日]|\d.*、|\d+[吨米元人个家名]|人均|同期|上一|一起"
)
_QUANTITY = re.compile(rf"^\d|\d(?:{_UNITS}|[%年月日])$|[的了在]$")
_PRONOUN = re.compile(r"^(?:它|这[座家条项艘列趟][\u4e00-\u9fff])")
_WEAK_END = re.compile(r"(?:的|第|前|后|每|到|和|比|由|从|至|是|占|为|了\d|[\d.一二三四五六七八九十百千万亿])$")
_TRIMMED = re.compile(r"(?:也|都|还|就|大约|共|一共|已经|已)(?=[有达是占建]?$)|(?:也|都|就)(?=有|达|是|占)")


@dataclass(frozen=True, slots=True)
class Fact:
    """A question made from a sentence, and what its answer must say."""

    question: str
    expected: str
    position: int
    """Of the sentence in its article."""
    kind: Kind


def find_facts(title: str, sentences: Sequence[Sentence]) -> list[Fact]:
    """The questions that the sentences of an article answer, in reading order."""
    found: dict[str, Fact] = {}
    name = article_name(title, "".join(sentence.text for sentence in sentences if sentence.kind == "body"))
    for position, sentence in enumerate(sentences):
        if sentence.kind != "body":
            continue
        after = "".join(one.text for one in sentences[position + 1 : position + 2])
        before = sentences[position - 1].text if position else title
        for fact in _of_sentence(_with_antecedent(sentence.text, before, name), after, position):
            named = replace(fact, question=_with_name(fact.question, name))
            if MIN_QUESTION_CHARS <= len(named.question) <= MAX_QUESTION_CHARS:
                found.setdefault(named.question, named)
    if sentences and 0 < len(title) <= MAX_TITLE_CHARS and title.isprintable():
        found.setdefault("about", Fact(f"《{title}》讲了什么？", "", 0, "about"))
    return list(found.values())


def article_name(title: str, body: str) -> str:
    """What an article is about, by its headline: a quoted name, or the longest beginning of a part of it that its text
    has too; empty where there is none.
    """
    for quoted in re.findall(r"“([^”]{2,10})”", title):
        if f"“{quoted}”" in body:
            return quoted
    beginnings = [part[:n] for part in re.split(r"[，：；。！？“”\s]+", title) for n in range(3, 13) if n <= len(part)]
    return max((name for name in beginnings if _is_telling(name, body)), key=len, default="")


def _is_telling(name: str, body: str) -> bool:
    """Whether a text has a piece of a headline that is long enough for a name, or has it again; no number of things."""
    n_times = body.count(name)
    return n_times >= (1 if len(name) >= MIN_NAME_CHARS else 2) and not _QUANTITY.search(name)


def _with_name(question: str, name: str) -> str:
    """The question with the article's name in front, where it says nothing of it."""
    shares = any(name[i : i + 2] in question for i in range(len(name) - 1))
    return question if not name or shares else f"关于{name}，{question}"


def names_article(fact: Fact) -> bool:
    """Whether a question says what it is about to somebody who has not seen the article."""
    return bool(_NAME_LIKE.search(fact.question))


def plain(text: str) -> str:
    """A text without marks of punctuation and spaces: what `Fact.expected` stands in."""
    return _MARKS.sub("", text)


def _with_antecedent(text: str, before: str, name: str) -> str:
    """A sentence that begins with a pronoun, with the article's name in its place where the one before speaks of it."""
    spoken_of = any(name[i : i + 2] in before for i in range(len(name) - 1))
    return _PRONOUN.sub(name, text, count=1) if spoken_of else text


def _of_sentence(text: str, after: str, position: int) -> Iterator[Fact]:
    flat = re.sub(r"\s+", "", text)
    if flat.endswith("？"):
        yield from _asked(flat, after, position)
        return
    if flat.startswith(("“", "‘")) or flat.endswith("”"):
        return  # speech: who speaks of what is not said in it
    for match in _PERSON.finditer(flat):
        if is_name(match.group("name")) and _names_itself(match.group("who"), 4):
            yield Fact(f"{match.group('who')}是谁？", match.group("name"), position, "person")
    for match in _REASON.finditer(flat):
        if _names_itself(match.group("result"), 4):
            yield Fact(
                f"为什么{match.group('result').replace('就会', '会')}？", match.group("reason")[:4], position, "why"
            )
    for clause in _CLAUSE.findall(flat):
        yield from _of_clause(clause, flat + after, position)


def _of_clause(clause: str, around: str, position: int) -> Iterator[Fact]:
    if (match := _LIST.match(clause)) and _names_itself(match.group("subject").removesuffix("的"), 2):
        if first := _FIRST_ITEM.search(around[around.index(clause) :]):
            counted = "".join(match.group("number", "measure", "noun"))
            question = f"{match.group('subject')}{match.group('verb')}哪{counted}？"
            yield Fact(question, plain(first.group("item")), position, "list")
    elif (match := _SIZE.match(clause)) and _names_itself(match.group("subject"), 3):
        how = _HOW[match.group("measure")]
        yield Fact(match.group("subject") + how, match.group("number"), position, "number")
    elif (match := _PLACE.match(clause)) and _names_itself(match.group("subject"), 3):
        yield Fact(f"{match.group('subject')}{match.group('verb')}哪里？", match.group("place"), position, "place")
    elif (match := _MAKER.match(clause)) and _names_itself(match.group("subject"), 4):
        question = f"{match.group('subject')}是由谁{match.group('verb')}的？"
        yield Fact(question, match.group("who"), position, "person")
    elif (match := _DATE.match(clause)) and _names_itself(match.group("subject"), 3):
        question = f"{match.group('subject')}是什么时候{match.group('verb').rstrip('了的')}的？"
        yield Fact(question, match.group("date"), position, "date")
    elif (match := _SHARE.match(clause)) and _names_itself(match.group("subject"), 3):
        question = f"{match.group('subject')}占{match.group('whole')}百分之多少？"
        yield Fact(question, match.group("number"), position, "number")
    elif (match := _NUMBER.match(clause)) and _names_itself(match.group("subject"), 4):
        subject = _TRIMMED.sub("", match.group("subject"))
        has = "有" if (match.group("about") or "").endswith(("超过", "达", "达到", "不到")) else ""
        question = f"{subject}{has}多少{match.group('unit')}{match.group('rest')}？"
        yield Fact(question, match.group("number"), position, "number")


def _asked(text: str, after: str, position: int) -> Iterator[Fact]:
    """A question of the text itself, where what follows can be its answer."""
    if _ASKS.search(text) and _names_itself(text, 6) and "。" not in text and len(after) > MIN_QUESTION_CHARS:
        yield Fact(text, plain(after)[:6], position, "asked")


def _names_itself(subject: str, min_chars: int) -> bool:
    """Whether a clause begins with what it speaks of, and is whole."""
    weak = _WEAK_START.match(subject) or _WEAK_ANYWHERE.search(subject) or _WEAK_END.search(subject)
    return len(subject) >= min_chars and not weak and subject.count("“") == subject.count("”")
