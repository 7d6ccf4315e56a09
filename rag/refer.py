"""What a follow-up refers to: the topic of the last question, the antecedent of a pronoun, the words that an ellipsis
puts itself in the place of.

Pure functions of texts. Where the forms of the words do not decide, the documents do: `texts` are articles (headline
first) that the last question is about.
"""

import re
from collections.abc import Sequence

from .question import content_words, is_name, question_kind
from .types import Turn

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
_TIME = re.compile(r"(?:(?:\d{2,4}年)?(?:\d{1,2}月)?\d{1,2}[日号]|\d{2,4}年(?:\d{1,2}月)?|\d{1,2}月)[底末初]?")
_ADVERB = re.compile(r"一共|总共|具体|分别|各自|最后|最早|最终|原来|目前|截至|预计|大约|已经")
_NOW = re.compile(r"现在|目前|如今|今年|眼下")
_TRAILING = re.compile(r"(?:[在是由被把从到有的了于向让给为要会，]|多达|一共|总共)+$")
_LEADING = re.compile(r"^[的在是由被把从到有了和与，]+")
_FUNCTION = re.compile(r"[的了着在是与及跟从到把被由，、。：；“”《》（）\s]+")
_VAGUE = re.compile(r"(?<=[\u4e00-\u9fff]{2})(?:[那这](?:一?[座个家条项位场次种]|边|里|儿)|方面)$")
_COUNTED = re.compile(
    r"(?<=多少)(?:[列班]?次|[个名家座台口吨件套顶间艘条项辆处万亿]+)?(?P<noun>[\u4e00-\u9fff]{2,6})(?=[？?]?$)"
    r"|(?<=的)(?P<owner>[^的，]{2,6}?)(?=有?(?:多少|几))"
)
_SAYS = "说|表示|介绍|认为|称|告诉|解释|坦言"
_PERSON = re.compile(
    rf"(?:{_ROLES})(?P<behind>[\u4e00-\u9fff]{{2,3}}?)(?=[，。、：是的在和与给掰]|{_SAYS}|$)"
    rf"|(?:^|[，。])(?P<front>[\u4e00-\u9fff]{{2,3}})(?={_SAYS})"
)
_MARK = re.compile(r"[\s“”‘’《》〈〉「」（）()\"']")
_LABEL = re.compile(r"\[\d+\]")
_MEASURED = re.compile(r"(?:[宽长高深重量率值价速度积径龄额]|收入|人数|规模)$")
_NO_LEAD = re.compile(r"[，。；：！？]|没有(?:找到|看懂|说|提)")
_MEASURES = "个只头名位家座台口吨件套间艘条项辆处根支级岁篇部场块张节层组所颗"
_ASKING = re.compile(r"为什么|为何|为啥|怎么|怎样|如何|什么时候|何时")
_ASKED_MEASURE = re.compile(rf"(?:多少|几|哪[一几]?(?=[{_MEASURES}]))[{_MEASURES}]?")
_ASKS_THING = re.compile(r"哪[一]?(?:个|家|座|条|项|种|款|艘|颗|口|所|支)|什么(?!时候|时间|原因|样|意思)|叫啥")
_HEADS = "桥厂站井船馆湖河岛路铁车县市省镇村院校队号房楼"
MIN_TOPIC_CHARS, MAX_LEAD_CHARS, MAX_TOPIC_CHARS = 3, 20, 16
MIN_NAME_CHARS = 4
"""So many characters of a question in a row, in an article: that is a name, or as telling as one."""


def content(asked: str) -> str:
    """All words of a question that can stand in a document."""
    return _TRAILING.sub("", "".join(content_words(asked).split())) or asked


def content_runs(text: str) -> list[str]:
    """The words of a text that can stand in a document, cut where a word only holds the others together."""
    return [run for word in content_words(text).split() for run in _FUNCTION.split(word) if run]


def lead(answer: str) -> str:
    """The short direct answer that an answer begins with; nothing for a long one or a refusal."""
    first = _LABEL.sub("", answer.split("\n", 1)[0]).strip("。，！ ")
    return "" if len(first) > MAX_LEAD_CHARS or _NO_LEAD.search(first) else first


def topic(asked: str, here: Sequence[str] = ()) -> str:
    """What a question is about: the longest words of it that stand in the headline of its article, or in its text, or
    else its words up to the first one that asks. `here` holds the article first, if it is known.
    """
    stated = _ASKING.split(asked, maxsplit=1)[0]
    stated = stated if len(stated) >= MIN_TOPIC_CHARS else asked
    words = content_runs(_ASKED_MEASURE.sub(" ", _ADVERB.sub(" ", _TIME.sub(" ", stated))))
    for text in here[:1]:
        headline = text.split("\n", 1)[0]
        held = max((_longest_held(word, _MARK.sub("", headline)) for word in words), key=len, default="")
        if len(held) >= MIN_NAME_CHARS:
            return held
        pieces = [(word, _longest_held(word, _MARK.sub("", text))) for word in words]
        held = max((piece for word, piece in pieces if word.startswith(piece)), key=len, default="")
        held = held if len(held) >= MIN_TOPIC_CHARS else max((piece for _, piece in pieces), key=len, default="")
        if len(held) >= MIN_TOPIC_CHARS:
            return held
    words = [_TRAILING.sub("", word) for word in content_words(asked).split()]
    first = next((word for word in words if len(word) >= MIN_TOPIC_CHARS), "".join(words)) or asked
    return _before_sort(first)


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


def parallel(question: str, asked: str) -> str:
    """The beginning of the last question, up to a word that the new one has another of: 一审 and 二审."""
    for sort in SORTS:
        new, old = sort.search(question), sort.search(asked)
        if new and old and new.group() != old.group() and old.start() >= 2:
            return asked[: old.start()]
    return ""


def coverage(words: Sequence[str], text: str) -> float:
    """The share of the words' character pairs (of a single character: itself) that stand in a text."""
    pairs = [word[i : i + 2] for word in words for i in range(max(len(word) - 1, 1))]
    return sum(pair in text for pair in pairs) / len(pairs) if pairs else 0.0


def longest_shared(words: Sequence[str], text: str) -> int:
    """The number of characters of the longest piece of a word that stands in a text."""
    plain = _MARK.sub("", text)
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


def thing(asked: str, last: Turn, texts: Sequence[str]) -> str:
    """What 它 means: the answer where the question asked which thing, else what the question is about."""
    named = lead(last.answer)
    if named and _ASKS_THING.search(asked) and not re.search(r"\d", named) and not is_name(named):
        return named
    return topic(asked, texts)


def with_head(rest: str, asked: str, last: Turn) -> tuple[str, int]:
    """What "这座桥" means, from the words after 这座: what ended in the same head before, and how long that head is.

    Empty where nothing said before ends so.
    """
    said = lead(last.answer)
    for n in range(min(4, len(rest)), 0, -1):
        head = rest[:n]
        if n == 1 and head not in _HEADS + "案剧片书团会人":
            continue
        if said.endswith(head) and not said[0].isdigit():
            return said, n
        for word in content_words(asked).split():
            at = word.rfind(head)
            if at > 0 and (before := _LEADING.sub("", word[:at])):
                return before + head, n
    return "", 0


def substitute(asked: str, what: str, here: Sequence[str] = (), elsewhere: Sequence[str] = ()) -> str:
    """The question that was asked, about something else; `what` in front of it where nothing is of the same sort.

    `here` are the articles that the last question is about, `elsewhere` those that the question about `what` may be.
    """
    what = _VAGUE.sub("", what)
    if SORTS[0].search(what):
        asked = _NOW.sub("", asked)
    for sort in SORTS:
        new, old = sort.search(what), sort.search(asked)
        if new and old and old.group() != new.group():
            # "采油十二厂" and "采油五厂" begin alike: that beginning goes with what is replaced
            return asked[: old.start()].removesuffix(what[: new.start()]) + what + asked[old.end() :]
    holding = [text for text in (*here, *elsewhere) if what in text][:1]
    for place in (
        _same_head(asked, what),
        _topic_of_another(asked, what, holding, here),
        _attribute(asked, what, here),
        _counted(asked, what, holding),
    ):
        if place:
            return asked[: place[0]] + what + asked[place[1] :]
    return f"{what}，{asked}"


def _same_head(asked: str, what: str) -> tuple[int, int] | None:
    """Where the question has a name with the head, or the first word, of `what`: 长庆油田 for 大庆油田."""
    bounds = [match.span() for match in re.finditer(r"[^的在是和与跟从到，、]+", asked)]
    for start, end in bounds:
        run = asked[start:end]
        asking = content_words(run).split()[:1]
        name = asking[0] if asking and run.startswith(asking[0]) else ""
        at = name.rfind(what[-2:]) if len(what) > 2 else -1
        if at > 0:
            return start, start + at + 2
        if len(what) >= 4 and name.startswith(what[:2]) and len(name) > 2:
            return start, start + len(name)
        at = name.rfind(what[-1]) if what[-1] in _HEADS else -1
        if at >= 1 and len(what) == 2:
            return start + at - 1, start + at + 1
        if at >= 2:
            return start, start + at + 1
    return None


def _topic_of_another(asked: str, what: str, texts: Sequence[str], here: Sequence[str]) -> tuple[int, int] | None:
    """Where the question has its topic, if the article that holds `what` speaks of another: 杜苏芮 for 贝碧嘉."""
    about = topic(asked, here)
    at = asked.find(about)
    if at < 0 or not texts or texts[0] in here or about in _MARK.sub("", texts[0]):
        return None
    return at, at + len(about)


def _attribute(asked: str, what: str, here: Sequence[str]) -> tuple[int, int] | None:
    """Where the question has what it asks of its topic, if `what` is a measure of it too: 主跨 for 桥面宽."""
    about = topic(asked, here)
    at = asked.find(about)
    if at < 0 or not _MEASURED.search(what) or not any(what[:2] in text for text in here):
        return None
    rest = asked[at + len(about) :]
    own = (content_words(rest).split() or [""])[0]
    start = at + len(about) + (1 if own.startswith("的") else 0)
    return (start, at + len(about) + len(own)) if own.strip("的") and rest.startswith(own) else None


def _counted(asked: str, what: str, texts: Sequence[str]) -> tuple[int, int] | None:
    """Where the question has the noun that it counts: 火车 for 飞机, where one sentence speaks of both."""
    match = _COUNTED.search(asked)
    if match is None:
        return None
    name = "noun" if match.group("noun") else "owner"
    both = any(match.group(name) in line and what in line for text in texts for line in re.split("[。\n]", text))
    return match.span() if both else None
