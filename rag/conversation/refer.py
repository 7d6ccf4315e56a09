"""What a follow-up refers to: the topic of the last question, the antecedent of a pronoun.

Pure functions of texts. Where the forms of the words do not decide, the documents do: `here` is the article (headline
on its first line) that the last questions are about.
"""

import re
from collections.abc import Sequence

from ..question import content_words, is_name, question_kind
from ..types import Turn

PLACES = (
    "全国|全省|全市|全球|世界|国内|国外|北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|"
    "贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|广州|深圳|杭州|南京|武汉|成都|西安|苏州|宁波|厦门|福州|"
    "东部|西部|中部|中西部|东北|长三角|珠三角|京津冀"
)
_ROLES = "厂长|部长|主任|经理|市长|县长|局长|院长|校长|馆长|书记|主席|总裁|董事长|站长|队长|所长|台长|教授|研究员|记者"
SORTS: tuple[re.Pattern[str], ...] = (
    re.compile(r"\d{4}年(?:\d{1,2}月)?(?:\d{1,2}[日号])?"),
    re.compile(r"\d{1,2}月(?:\d{1,2}[日号])?"),
    re.compile(rf"(?:副|总)?(?:{_ROLES})"),
    re.compile(r"(?:国家|世界|[省市县区])级(?:的)?"),
    re.compile(r"第[一二三四五六七八九十\d]+[个项条节期批次届位]?"),
    re.compile(r"[上下]半年|[一二三四]季度|[一二三四五六七八九十]+(?:厂|队|期|审)"),
    re.compile(r"(?:间接|直接|国内|国外|线上|线下|农村|城市|男|女|东部|西部|中部)的?"),
    re.compile(
        rf"(?:{PLACES})(?:那边|这边|地区|省|市)?[\u4e00-\u9fff]{{0,3}}[省市县区州镇乡村]|(?:{PLACES})|(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{{2,4}}[省市县区州镇乡村]"
    ),
)
"""Words that can stand in each other's place: what an ellipsis names replaces what the question had of its sort."""
_TIME = re.compile(r"(?:(?:\d{2,4}年)?(?:\d{1,2}月)?\d{1,2}[日号]|\d{2,4}年(?:\d{1,2}月)?|\d{1,2}月)[底末初份]?")
_ADVERB = re.compile(r"一共|总共|具体|分别|各自|最后|最早|最终|原来|目前|截至|预计|大约|已经")
_TRAILING = re.compile(r"(?:[在是由被把从到有的了于向让给为要会，]|多达|一共|总共)+$")
_LEADING = re.compile(r"^[的在是由被把从到有了和与，]+")
_FUNCTION = re.compile(r"[的了着在是与及跟从到把被由，、。：；“”《》（）\s]+")
_SAYS = "说|表示|介绍|认为|称|告诉|解释|坦言"
_PERSON = re.compile(
    rf"(?:{_ROLES})(?P<behind>[\u4e00-\u9fff]{{2,3}}?)(?=[，。、：是的在和与给掰]|{_SAYS}|$)"
    rf"|(?:^|[，。])(?P<front>[\u4e00-\u9fff]{{2,3}})(?={_SAYS})"
)
_MARK = re.compile(r"[\s“”‘’《》〈〉「」（）()\"']")
_LABEL = re.compile(r"\[\d+\]")
_MEASURED = re.compile(r"(?:[宽长高深重量率值价速度积径龄额跨比数]|收入|规模)$")
_NO_LEAD = re.compile(r"[，。；：！？]|没有(?:找到|看懂|说|提)")
_MEASURES = "个只头名位家座台口吨件套间艘条项辆处根支级岁篇部场块张节层组所颗"
_INSIDE = re.compile(r"(?<=..)(?:里面?|上|中|内|有)+$")
_ASKING = re.compile(r"为什么|为何|为啥|怎么|怎样|如何|什么时候|何时")
_ASKED_MEASURE = re.compile(rf"(?:多少|几|哪[一几]?(?=[{_MEASURES}]))[{_MEASURES}]?")
_ASKS_THING = re.compile(r"哪[一]?(?:个|家|座|条|项|种|款|艘|颗|口|所|支)|什么(?!时候|时间|原因|样|意思)|叫啥")
HEADS = "桥厂站井船馆湖河岛路铁车县市省镇村院校队号房楼"
MIN_TOPIC_CHARS, MAX_LEAD_CHARS, MAX_TOPIC_CHARS = 3, 20, 16
MIN_NAME_CHARS = 4
"""So many characters of a question in a row, in an article: that is a name, or as telling as one."""


def content(asked: str) -> str:
    """All words of a question that can stand in a document."""
    return _TRAILING.sub("", "".join(content_words(_ASKED_MEASURE.sub(" ", asked)).split())) or asked


def content_runs(text: str) -> list[str]:
    """The words of a text that can stand in a document, cut where a word only holds the others together."""
    return [run for word in content_words(text).split() for run in _FUNCTION.split(word) if run]


def lead(answer: str) -> str:
    """The short direct answer that an answer begins with; nothing for a long one or a refusal."""
    first = _LABEL.sub("", answer.split("\n", 1)[0]).strip("。，！ ")
    return "" if len(first) > MAX_LEAD_CHARS or _NO_LEAD.search(first) else first


def topic(asked: str, here: Sequence[str] = ()) -> str:
    """What a question is about: what of it stands in the headline of its article, or the longest words in its text, or
    else its words up to the first one that asks. `here` holds the article first, if it is known.
    """
    for text in here[:1]:
        if named := headline_topic(asked, text):
            return named
        words = [_before_sort(word) for word in _stated(asked)]
        pieces = [(word, _longest_held(word, without_marks(text))) for word in words]
        held = max((piece for word, piece in pieces if word.startswith(piece)), key=len, default="")
        held = held if len(held) >= MIN_TOPIC_CHARS else max((piece for _, piece in pieces), key=len, default="")
        if len(held) >= MIN_TOPIC_CHARS:
            return held
    words = [_TRAILING.sub("", word) for word in content_words(_ASKED_MEASURE.sub(" ", asked)).split()]
    first = next((word for word in words if len(word) >= MIN_TOPIC_CHARS), "".join(words)) or asked
    return _before_sort(first)


def headline_topic(asked: str, text: str) -> str:
    """A whole word of a question, or a long piece of it, that stands in the headline of an article; or nothing."""
    headline = without_marks(text.split("\n", 1)[0])
    words = [_INSIDE.sub("", word) for word in _stated(asked)]
    whole = max((word for word in words if len(word) >= 2 and word in headline), key=len, default="")
    piece = max((_longest_held(word, headline) for word in words), key=len, default="")
    return piece if len(piece) >= MIN_NAME_CHARS else whole


def named_topic(asked: str, text: str) -> str:
    """The first word of a question, if an article's text has it and it ends as names of things do; or nothing."""
    first = next(iter(_stated(asked)), "")
    named = len(first) >= MIN_TOPIC_CHARS and first[-1] in HEADS.replace("车", "") and first in without_marks(text)
    return first if named else ""


def _stated(asked: str) -> list[str]:
    """The words of a question before it asks why, how or when, without numbers of things, times and adverbs."""
    stated = _ASKING.split(asked, maxsplit=1)[0]
    stated = stated if len(stated) >= MIN_TOPIC_CHARS else asked
    return content_runs(_ASKED_MEASURE.sub(" ", _ADVERB.sub(" ", _TIME.sub(" ", stated))))


def _before_sort(words: str) -> str:
    """Words without the part that others of its sort could stand in the place of, and what follows it, at their end."""
    starts = [match.start() for sort in SORTS[2:7] for match in [sort.search(words)] if match]
    return words[: min(starts)] if starts and min(starts) >= MIN_TOPIC_CHARS else words


def _longest_held(word: str, held: str) -> str:
    """The longest piece of a word that stands in a text, with the one or two characters of the word before it."""
    for n in range(min(len(word), MAX_TOPIC_CHARS), 1, -1):
        for start in range(len(word) - n + 1):
            if word[start : start + n] in held:
                return word[: start + n] if start <= 2 else word[start : start + n]
    return ""


def without_marks(text: str) -> str:
    """A text without spaces, quotation marks and brackets, which a question does not repeat."""
    return _MARK.sub("", text)


def is_measured(what: str) -> bool:
    """Whether a word is a measure: its answer is a number."""
    return bool(_MEASURED.search(what))


def longest_shared(words: Sequence[str], text: str) -> int:
    """The number of characters of the longest piece of a word that stands in a text."""
    plain = without_marks(text)
    return max(
        (
            n
            for word in words
            for n in range(1, min(len(word), MAX_TOPIC_CHARS) + 1)
            if any(word[start : start + n] in plain for start in range(len(word) - n + 1))
        ),
        default=0,
    )


def person(asked: str, last: Turn) -> str:
    """The person whom 他 or 她 means: the answer's where a person was asked for, else the question's, or nobody."""
    if question_kind(asked) == "person" and is_name(name := lead(last.answer)):
        return name
    return _named_person(asked) or _named_person(_LABEL.sub("", last.answer))


def is_person(name: str, texts: Sequence[str]) -> bool:
    """Whether a text speaks of somebody of this name: behind a role, or before a verb of saying."""
    spoken = re.compile(rf"(?:{_ROLES}|长|员|家|者){re.escape(name)}|{re.escape(name)}(?:{_SAYS})")
    return is_name(name) and any(spoken.search(text) for text in texts)


def _named_person(text: str) -> str:
    """The first name that stands behind a role or before a verb of saying."""
    for match in _PERSON.finditer(text):
        name = match.group("behind") or match.group("front")
        if is_name(name):
            return name
    return ""


def thing(asked: str, last: Turn, about: str, here: Sequence[str]) -> str:
    """What 它 means: the answer to which thing, or else what that question began with, or what the talk is about."""
    named = lead(last.answer)
    if named and _ASKS_THING.search(asked) and not re.search(r"\d", named) and not is_name(named):
        return named
    first = _INSIDE.sub("", next(iter(_stated(asked)), ""))
    spoken_of = len(first) >= MIN_TOPIC_CHARS and any(first in without_marks(text) for text in here)
    return first if spoken_of else about


def with_head(rest: str, asked: str, last: Turn) -> tuple[str, int]:
    """What "这座桥" means, from the words after 这座: what ended in the same head before, and how long that head is.

    Empty where nothing said before ends so.
    """
    said = lead(last.answer)
    for n in range(min(4, len(rest)), 0, -1):
        head = rest[:n]
        if n == 1 and head not in HEADS + "案剧片书团会人":
            continue
        if said.endswith(head) and not said[0].isdigit():
            return said, n
        for word in content_words(asked).split():
            at = word.rfind(head)
            if at > 0 and (before := _LEADING.sub("", word[:at])):
                return before + head, n
    return "", 0
