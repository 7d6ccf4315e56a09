"""What a question asks for: its kind, and the words of it that can stand in a document."""

import re
from collections.abc import Sequence
from typing import Literal

from index.terms import fold, split_terms

QuestionKind = Literal["list", "why", "how", "person", "date", "number", "place", "fact"]

_REASON = r"(?:原因|因素|缘由|理由|缘故)"
_KINDS: tuple[tuple[QuestionKind, re.Pattern[str]], ...] = (
    (
        "list",
        re.compile(
            rf"{_REASON}(?:主要|一共|分别)?(?:有|是)?(?:哪[些几]|几)|(?:哪[些几]|几)[个点条种大项]?(?:方面)?的?{_REASON}"
        ),
    ),
    ("why", re.compile(rf"为什么|为何|为啥|缘何|{_REASON}|凭什么|怎么会|得益于|归功于|因为什么|由于什么|出于什么")),
    (
        "list",
        re.compile(
            r"哪些|哪几|哪[两二三四五六七八九十]|有哪|都有谁|有谁|分别|几[个项家点方大条类种]?方面|[两二三四五六七八九十]"
            r"(?:方面|项|个|家|点|大|条|类|种|件)[^，。]{0,8}(?:是什么|是啥|是哪|包括|指|各是)|包括什么|包含什么"
            r"|列出|列举|由谁组成|都是谁|各是|各有"
        ),
    ),
    (
        "date",
        re.compile(
            r"什么时候|何时|(?:星期|周|礼拜)几|哪[一]?[年月日天]|几[月日号点]|什么时间|啥时候|多久以前|哪个月|时间是"
        ),
    ),
    (
        "number",
        re.compile(
            r"多少|几[个家名人次条项座位种台口吨米年天倍成小时节层件只辆艘本张门所步分场页块元斤公度岁届级站枚头根]|多[大高长远重久快宽深厚]|百分之几|比例|占比|面积|数量|几何|价格|年龄|人数|产量|票价|造价|时速|海拔|(?:普及|增长|覆盖|失业|合格|入住|就业|利用|中签|收视)率|增速|增幅"
        ),
    ),
    ("person", re.compile(r"谁|哪位|何人|什么人|叫什么(?:名|$|[？?])|哪个人|姓什么|叫啥")),
    ("place", re.compile(r"哪里|哪儿|何处|什么地方|在哪|哪[个座]?[省市县国城区]")),
    ("how", re.compile(r"怎么|怎样|如何|咋|什么办法|什么方式|什么措施|靠什么|方法|流程|步骤")),
)
_ASKING = re.compile(
    rf"的?(?:主要|根本|直接|具体)?{_REASON}(?=(?:主要|一共|分别)?(?:是|有|在于|何在|$|[？?]))|什么{_REASON}|"
    r"请问|请告诉我|告诉我|我想知道|想问一?下|问一?下|你知道|为什么|为何|为啥|什么时候|啥时候|什么时间|什么地方|什么样|星期几|周几|礼拜几|"
    r"什么|多少|多大|多高|多长|多远|多久|多重|多快|多宽|多深|多厚|哪些|哪几[个家项种位]?|哪[一]?[年月日天个位家里儿座]|哪|怎么样|怎么|"
    r"怎样|如何|谁|几[个家名次条项]?(?=[^\d]|$)|吗|呢|啊|吧|是不是|有没有|是否|有何|何时|何处|何人|[?？!！]"
)
_ONLY_GOES_ON = re.compile(
    r"\s*(?:那么?)?(?:还有|然后|接着|接下来|后来|具体|继续|再说说|详细说说)(?:的|别的|其他的?)?"
    r"(?:呢|吗|哪些|什么|啥)?[？?。！!，, \s]*"
)
_NEWS_WORDS = re.compile(r"报道|文章|文中|新闻|据报|这篇")


_NUMERAL = r"(?:\d[\d.,]*|[零〇一二三四五六七八九十百千两半]+)[多余几]?[十百千万亿]*[多余]?"
_LENGTH, _SPAN = "(?:公里|千米|米|厘米|毫米|里)", "(?:个?多?小时|分钟|秒|天|个月|周年?|年)"
_MONEY = re.compile(r"多少钱|多少[万亿]*[美欧日港]?元|价格|票价|金额|票房|产值|产出|投资|营收|成本|门票")
_UNITS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"百分之几|比例|占比|比重|增幅|涨幅|增速|绿化率|普及率|百分比|(?:同比|环比|增长|上涨|下降|下跌)了?多少(?:呢)?[？?]?$"
        ),
        "(?:%|％|个百分点|成|倍|分之)",
    ),
    (re.compile(r"多久|多长时间|几[天年周]|几个?(?:月|小时)|多少[天年]|多少个?(?:月|小时)|时长"), _SPAN),
    (re.compile(r"时速|多快|速度"), "(?:公里|千米|米)"),
    (re.compile(r"多大年纪|多大岁数|几岁|多少岁|年龄|平均多大"), "岁"),
    (_MONEY, "(?:元|块)"),
    (re.compile(r"[用发]电量"), "(?:千瓦时|度)"),
    (re.compile(r"产量|年产|日产|产油|储量|排放|产了"), "(?:吨|斤|公斤|立方米|方|桶|件|辆|台|度)"),
    (re.compile(r"多[高长宽深远厚]|身高|长度|高度|海拔|跨度|距离"), _LENGTH),
    (re.compile(r"多重|重量"), "(?:吨|公斤|千克|克|斤)"),
    (re.compile(r"多少地|面积|占地|多大"), "(?:平方公里|平方米|平方|亩|公顷)"),
    (re.compile(r"(?:几|多少)[万亿]?(?:人次)"), "人次"),
    (re.compile(r"(?:几|多少)个?(?:人|名|位)|人数"), "(?:人|名|位)"),
)
_ANY_UNIT = re.compile(r"(?:几|多少)[万亿]?(?P<unit>[\u4e00-\u9fff])")
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪"
    "范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤艾齐景翟苟党"
)
_ROLES = (
    "长|主任|经理|教授|记者|主席|书记|总裁|检察官|研究员|工程师|队员|院士|医生|专家|司机|老师|先生|女士|员|者|人|家"
)
_ACTORS = re.compile(
    r"公司|集团|企业|大学|学院|学校|[市县省州区]|政府|法院|检察院|委员会|[部局厅署所院厂站队社厅]|团队|课题组|中心|协会|组织|银行|医院|博物馆|"
    r"科学家|专家|[\u4e00-\u9fff](?:人|员|者|师|工|长|手|民|家)(?![\u4e00-\u9fff]?[口均体造])|他|她|我|·"
)
"""Who does something without being named: an organisation, or people by what they do."""
_NAMED_FIRST = re.compile(
    rf"(?:^|[，。、；：“（])[{_SURNAMES}][\u4e00-\u9fff]|[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}[）、]", re.MULTILINE
)
_ASKED_OFFICE = re.compile(
    r"(?P<office>[\u4e00-\u9fff](?:长|师|总监|主席|经理|书记|导演|教授|主任|总裁|司机|教练|检察官))(?:的名字)?(?:是谁|叫什么|叫啥|是哪位|姓什么)"
)
_NAME = re.compile(rf"[{_SURNAMES}][\u4e00-\u9fff]{{1,3}}|[\u4e00-\u9fffA-Za-z]+(?:·[\u4e00-\u9fffA-Za-z]+)+")
_TYPED: dict[QuestionKind, re.Pattern[str]] = {
    "number": re.compile(_NUMERAL),
    "date": re.compile(
        r"\d+[年月日号时点分]|[一二三四五六七八九十]+[月日]|(?:星期|周|礼拜)[一二三四五六日天末]|昨[天日]|今天|当天|凌晨|上午|下午|傍晚|晚上"
    ),
    "person": re.compile(
        rf"(?:{_ROLES})[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}|"
        rf"[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}(?:说|表示|介绍|认为|称|告诉|解释|坦言|等|、|担任|出任)|[\u4e00-\u9fff]·[\u4e00-\u9fff]"
    ),
    "why": re.compile(
        r"因为|由于|因此|所以|为了|是为|为的是|目的|以免|免得|从而|原因|为此|避免|导致|得益|靠的?是|一旦|否则|就是"
    ),
    "place": re.compile(r"[省市县区国州镇乡村岛山河江湖海港湾路街里处地馆站]|[在于从]"),
    "list": re.compile(r"、[^。]*、|、[^。]*(?:和|以及|及|等)|一是|第一[个，、]|；[^。]*；|^[一二三四五六]是"),
}


_CUES: dict[QuestionKind, re.Pattern[str]] = {
    "why": re.compile(
        r"因为|由于|因此|所以|为了|是为|为的是|目的|以免|免得|从而|原因|为此|避免|导致|得益|靠的?是|一旦|否则|就是|考虑到|"
        r"想把|想让|旨在|结果|使得|以便|出于|鉴于|担心|没有|不"
    ),
    "how": re.compile(
        r"通过|采取|采用|用|利用|方式|把|将|先|再|然后|改|建立|加强|推进|提供|可以|可由|应|要|进行|按|凭|扫码|拨打|登录|联系|从"
    ),
}


_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?=年|[^\d]|$)")
_NAMED = re.compile(
    r"[\u4e00-\u9fff]{2}(?:油田|集团|公司|大学|学院|医院|博物馆|大桥|高铁|铁路|地震|沙漠|遗址|省|县|镇|乡|岛|站|湖|号)|"
    r"副?(?:董事长|部长|厂长|局长|市长|县长|院长|校长|馆长|行长|书记|总裁)|[一二三四五六七八九十]+(?:厂|院|中|队)|[\u4e00-\u9fff](?:法院|检察院)|"
    r"电话|热线|注册资本|票价|邮箱|网址|导演|学历|籍贯"
)
_ORDINALS = "一二三四五六七八九十"
_ROLE_NAMES = frozenset(
    ["董事长", "部长", "厂长", "局长", "市长", "县长", "院长", "校长", "馆长", "行长", "书记", "总裁"]
)
_NO_NAME_BEGINS = "的在和与是有个位名了家那这到搞总全是省"


def names_in(question: str) -> set[str]:
    """Years, the ends of names that say which is meant ("大庆油田", "三厂"), roles, and facts with one name."""
    content = content_words(question)
    named = {match.group() for match in _NAMED.finditer(content)}
    return {name for name in named if name[0] not in _NO_NAME_BEGINS} | years_in(content)


def years_in(question: str) -> set[str]:
    """The years of four digits that a question names."""
    return set(_YEAR.findall(fold(question)))


def name_pattern(name: str) -> re.Pattern[str]:
    """The name as itself: "厂长" does not stand in "副厂长", nor "二厂" in "十二厂"."""
    before = "副" if name in _ROLE_NAMES else _ORDINALS if name[0] in _ORDINALS else ""
    return re.compile((f"(?<![{before}])" if before else "") + re.escape(name))


def contradicts(question: str, text: str) -> bool:
    """Whether a text names another one where the question names one: the deputy, or plant twelve for plant five."""
    for name in names_in(question):
        if name_pattern(name).search(text):
            continue
        deputy = name.removeprefix("副") if name.startswith("副") else f"副{name}"
        role = name.removeprefix("副") in _ROLE_NAMES
        if (role and deputy in text) or (name[0] in _ORDINALS and re.search(f"[{_ORDINALS}]{name[-1]}", text)):
            return True
    return False


def names_other_before(question: str, texts: Sequence[str], position: int) -> bool:
    """Whether a sentence without the numbered name of the question ("采油五厂") follows one that names another like it:
    then "厂长马宏" is the other plant's.
    """
    for name in names_in(question):
        if name[0] not in _ORDINALS or name_pattern(name).search(texts[position]):
            continue
        before = "".join(texts[: position + 1])
        said = re.findall(rf"[{_ORDINALS}]+{name[-1]}", before)
        if said and said[-1] != name:
            return True
    return False


def asks_who_without_answer(question: str, told: str, around: str) -> bool:
    """Whether a question asks who, and what is told names nobody: no person, and nothing that people make up.

    Who holds an office is a person, and the passage `around` must name the office.
    """
    if question_kind(question) != "person":
        return False
    is_named = bool(_TYPED["person"].search(told) or _NAMED_FIRST.search(told))
    if office := _ASKED_OFFICE.search(question):
        return not is_named or office["office"] not in around
    return not (is_named or _ACTORS.search(told))


def echoes(sentence: str, question: str) -> bool:
    """Whether a sentence only says the question again, or asks no more than it does: neither answers it."""
    if sentence.rstrip("”’」』）)").endswith(("？", "?")):
        kind = question_kind(question)
        return (kind in ("why", "how") and question_kind(sentence) == kind) or set(
            split_terms(content_words(sentence))
        ) <= set(split_terms(question))
    return re.sub(r"\W", "", fold(sentence)) == re.sub(r"\W", "", fold(question))


def cue_pattern(question: str) -> re.Pattern[str] | None:
    """Words with which a reason or a means is told, where the question asks for one."""
    return _CUES.get(question_kind(question))


def answer_pattern(question: str) -> re.Pattern[str] | None:
    """What an answer of the kind that is asked for looks like; None where anything may answer."""
    return _TYPED.get(question_kind(question))


def is_name(text: str) -> bool:
    """Whether a text is a person's name by its form: a surname and one to three characters, or parts with a dot."""
    return bool(_NAME.fullmatch(text))


def measure_pattern(question: str) -> re.Pattern[str] | None:
    """A number in the measure that the question asks in ("多少项" -> "1200项"); None where it names none."""
    if question_kind(question) != "number":
        return None
    folded = fold(question)
    unit = next((unit for asks, unit in _UNITS if asks.search(folded)), "")
    if not unit and (named := _ANY_UNIT.search(folded)):
        unit = named.group("unit")
    return re.compile(_NUMERAL + unit) if unit else None


def asks_for_money(question: str) -> bool:
    """Whether a question asks for an amount of money."""
    return question_kind(question) == "number" and bool(_MONEY.search(fold(question)))


def question_kind(question: str) -> QuestionKind:
    """What the question asks for, by its question words; `fact` where none says more."""
    folded = fold(question)
    return next((kind for kind, pattern in _KINDS if pattern.search(folded)), "fact")


def asks(text: str) -> bool:
    """Whether a clause asks for something."""
    return bool(_ASKING.search(re.sub(r"[?？!！]|吗|呢|啊|吧|是否|有没有", "", text)))


def content_words(question: str) -> str:
    """The question without the words that only ask: what is left can stand in a document."""
    return _ASKING.sub(" ", _NEWS_WORDS.sub(" ", question))


def coverage(words: Sequence[str], text: str) -> float:
    """The share of the words' character pairs (of a single character: itself) that stand in a text."""
    pairs = [word[i : i + 2] for word in words for i in range(max(len(word) - 1, 1))]
    return sum(pair in text for pair in pairs) / len(pairs) if pairs else 0.0


def search_terms(question: str) -> list[str]:
    """The terms that the keyword leg looks for; all of the question's where nothing but asking words is left.

    None of a question that only asks to go on ("还有呢？") where nothing was said before: no document answers that.
    """
    if _ONLY_GOES_ON.fullmatch(question):
        return []
    return split_terms(content_words(question)) or split_terms(question)
