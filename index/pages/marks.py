"""What a newsroom writes around an article: datelines, bylines, captions, credits, continuation notes, running heads.

The rules are those of the trade: a dateline names agency, place and day; a byline names the reporter; a photo credit
ends in 摄. They are read in simplified characters and half-width digits (`fold`), offsets unchanged.
"""

import re
from dataclasses import dataclass

from ..terms import HAN, fold

MAX_CAPTION_CHARS = 120
_MARK_CHARS = 100
"""No mark is longer: only so much of either end of a line is looked at."""
_PAPER = rf"[{HAN}]{{2,6}}?(?:日报|晚报|时报|早报|晨报|商报|都市报|青年报|周报)"
_AGENCY = (
    r"(?:新华社|中新社|中国新闻社|中国新闻网|中新网|新华网|人民网|央视网|央视新闻|央广网|中国网|光明网|参考消息网|路透社|法新社|美联社|"
    rf"塔斯社|共同社|韩联社|本报|本刊|本台|本网|{_PAPER})"
)
_DAY = r"(?:(?P<year>\d{4})\s*年\s*)?(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*日"
_PLACE = rf"(?P<place>(?:(?!记者|通讯员|讯)[{HAN}·]){{0,14}}?)"
_DATED = re.compile(
    rf"(?:[【（(]\s*)?(?:(?:据|综合)\s*)?(?P<source>{_AGENCY})\s*{_PLACE}\s*{_DAY}\s*(?:专电|综合电|电|讯|消息|报道(?!\s*[，,]))[】）)]?"
)
"""`据路透社7月26日报道，...` is no dateline: it is a clause of the sentence that it opens."""
_SIGNED = re.compile(rf"[（(【]\s*{_DAY}\s*(?P<source>{_AGENCY}|[{HAN}]{{2,8}})(?P<place>)\s*[）)】]")
_PRINTED_IN = re.compile(
    rf"(?:《\s*(?P<source>[{HAN}]{{2,10}})\s*》|[（(]\s*(?P<named>{_AGENCY}))\s*[（(]?\s*{_DAY}"
    r"[\s,，]*(?:第?\s*\d{1,2}\s*版)?\s*[）)]"
)
_CITIES = (
    "北京|上海|天津|重庆|广州|深圳|杭州|南京|武汉|成都|西安|兰州|南昌|长沙|合肥|福州|济南|郑州|太原|沈阳|长春|哈尔滨|呼和浩特|乌鲁木齐|拉萨|西宁|"
    "银川|昆明|贵阳|南宁|海口|石家庄|宁波|厦门|青岛|大连|苏州|香港|澳门|台北|华盛顿|纽约|洛杉矶|伦敦|巴黎|柏林|罗马|马德里|维也纳|"
    "日内瓦|布鲁塞尔|海牙|华沙|布达佩斯|贝尔格莱德|雅典|莫斯科|基辅|明斯克|东京|首尔|平壤|乌兰巴托|河内|金边|万象|曼谷|仰光|吉隆坡|"
    "新加坡|雅加达|马尼拉|新德里|孟买|达卡|加德满都|科伦坡|伊斯兰堡|喀布尔|德黑兰|巴格达|大马士革|贝鲁特|耶路撒冷|加沙|安卡拉|"
    "伊斯坦布尔|利雅得|阿布扎比|迪拜|多哈|开罗|的黎波里|喀土穆|亚的斯亚贝巴|内罗毕|阿布贾|拉各斯|达喀尔|约翰内斯堡|渥太华|多伦多|"
    "墨西哥城|哈瓦那|里约热内卢|巴西利亚|圣保罗|布宜诺斯艾利斯|利马|圣地亚哥|堪培拉|悉尼|惠灵顿|联合国"
)
_WIRED = r"(?:讯(?!息|号|问|飞)|电(?![话视影力台子源网动器厂商池]))"
"""What ends a dateline that stands against its text: `新华社广州电国家副主席...`, and not `新华社北京电视台`."""
_UNDATED = re.compile(
    rf"(?:据)?(?P<source>{_AGENCY})(?P<place>[{HAN}]{{0,8}}?)(?:讯|电|消息)(?=[\s（(]|$)"
    rf"|据?(?P<named>{_AGENCY})(?P<city>{_CITIES}){_WIRED}|(?:本报|据新华社|据中新社){_WIRED}"
)
_BRACKETED_NAMES = re.compile(
    r"\s*(?P<byline>[（(][^）)（(]{0,12}(?:记者|通讯员|实习生)[^）)（(]{1,60}[）)]|"
    rf"(?:记者|通讯员)[\s:：]*[{HAN}·]{{2,4}}(?:[、\s][{HAN}·]{{2,4}}){{0,3}}\s*报道[:：，]?)"
)
_ROLE = (
    rf"(?:首席|特约|见习|实习|本报|本刊|本台|特派|驻?[{HAN}]{{2,6}})?"
    r"(?:记者|通讯员|特派员|特约评论员|评论员|撰稿人|作者|撰文|责任编辑|编辑|文[/／])(?!文章|协会|会议|见面会|[节站团部])"
)
"""And no headline of them: `人民日报评论员文章：...`, `记者节到来之际`."""
_BYLINE = re.compile(
    rf"[\s□■◆●▲]*[（(【]?\s*(?:{_AGENCY}|[{HAN}]{{2,4}}社)?{_ROLE}[:：\s]*[^。！？；，,]{{2,60}}[）)】]?$"
)
_CAPTION = re.compile(
    rf"^(?:[▲△◆↑↓←→▼▽]|(?:上|下|左|右|题|本版|①|②)?图(?:[①-⑩一二三四\d]{{0,2}})[为:：]|图片|资料图|制图|{_AGENCY}(?:记者)?\s*发[\s（(])"
    rf"|(?:摄|摄影|供图|制图|绘|摄影报道|资料图片|资料照片|影像中国|视觉中国)[）)。]*$|发\s.{{1,12}}\s作$"
)
_JUMP = (
    r"[（(▶▷►→\s]*(?:{})\s*第?\s*(?P<page>[A-Za-z]?\d{{1,3}}|[一二三四五六七八九十]{{1,3}})\s*版"
    r"(?:《[^》]{{1,40}}》)?[）)◀▶▷►→]*"
)
_FORWARD = re.compile(_JUMP.format("下转|转"))
_BACK = re.compile(_JUMP.format("上接|紧接|续接|接"))
_RUNNING_HEAD = re.compile(
    r"(?:第?\s*[A-Za-z]?\d{1,3}\s*版(?:[\s:：]*\S{1,8})?|\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日\s*(?:星期[一二三四五六日天])?(?:\s*第?\s*\d{1,3}\s*版)?"
    r"|星期[一二三四五六日天]|[-—]\s*\d{1,3}\s*[-—])"
)


@dataclass(frozen=True, slots=True)
class Dateline:
    """A dateline in a text: its span, and what it says as it is printed; a number is 0 where it is not named."""

    start: int
    end: int
    source: str
    place: str
    year: int = 0
    month: int = 0
    day: int = 0


def opening_dateline(text: str) -> Dateline | None:
    """The dateline that stands at a text's start."""
    folded = fold(text[:_MARK_CHARS])
    for pattern in (_DATED, _UNDATED, _SIGNED):
        match = pattern.match(folded)
        if match:
            return _to_dateline(match, text)
    match = _PRINTED_IN.fullmatch(folded) if len(text) <= _MARK_CHARS else None
    return _to_dateline(match, text) if match else None


def closing_dateline(text: str, begin: int = 0) -> Dateline | None:
    """The dateline that ends a text: in brackets, or after a sentence, from an offset on."""
    skipped = max(begin, len(text) - _MARK_CHARS)
    folded = fold(text[skipped:])
    for pattern in (_DATED, _SIGNED, _PRINTED_IN):
        for match in pattern.finditer(folded):
            before = text[begin : skipped + match.start()].rstrip()
            bracketed = match[0][0] in "【（(《" and match[0][-1] in "】）)"
            if match.end() == len(folded) and before and (bracketed or ends_sentence(before)):
                return _to_dateline(match, text, skipped)
    return None


def closing_note(text: str, begin: int = 0) -> int:
    """Where the note starts that ends a text and says on which page it goes on; the text's length for none."""
    skipped = max(begin, len(text) - _MARK_CHARS)
    folded = fold(text[skipped:])
    for match in _FORWARD.finditer(folded):
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        if match.end() == len(folded) and (skipped + match.start() == begin or match[0].lstrip()[0] in "(下▶▷►→"):
            return skipped + start
    return len(text)


def opening_note(text: str) -> int:
    """Where the note ends that opens a text and says from which page it comes; 0 for none."""
    match = _BACK.match(fold(text[:_MARK_CHARS]))
    return len(match[0].rstrip()) if match else 0


def jump_page(note: str) -> tuple[str, str]:
    """Of a continuation note: `forward` or `back`, and the page that it names as printed; "" and "" for no note."""
    folded = fold(note.strip())
    for kind, pattern in (("back", _BACK), ("forward", _FORWARD)):
        match = pattern.fullmatch(folded)
        if match:
            return kind, match["page"]
    return "", ""


def find_dateline(text: str) -> Dateline | None:
    """The dateline that stands at the start or the end of a text."""
    return opening_dateline(text) or closing_dateline(text)


def _to_dateline(match: re.Match[str], text: str, skipped: int = 0) -> Dateline:
    parts = match.re.groupindex
    text = text[skipped:]

    def printed(*names: str) -> str:
        span = next((match.span(name) for name in names if name in parts and match[name]), (0, 0))
        return text[slice(*span)]

    numbers = {name: int(match[name] or 0) for name in ("year", "month", "day") if name in parts}
    source = printed("source", "named") or _bare_source(text[match.start() : match.end()])
    return Dateline(skipped + match.start(), skipped + match.end(), source, printed("place", "city"), **numbers)


def _bare_source(mark: str) -> str:
    """The agency of a mark that names no day: 本报讯, 据新华社电."""
    bare = mark.lstrip("据據")
    return bare[:3] if bare[2:3] == "社" else bare[:2]


def byline_after(text: str, begin: int) -> tuple[int, int] | None:
    """The span of the reporter's name that follows a dateline in the same line."""
    match = _BRACKETED_NAMES.match(fold(text[begin : begin + _MARK_CHARS]))
    return (begin + match.start("byline"), begin + match.end("byline")) if match else None


def is_byline(line: str) -> bool:
    return len(line) <= 75 and bool(_BYLINE.match(fold(line)))


def is_caption(line: str) -> bool:
    return len(line) <= MAX_CAPTION_CHARS and bool(_CAPTION.search(fold(line)))


def is_running_head(line: str) -> bool:
    return bool(_RUNNING_HEAD.fullmatch(fold(line)))


_STOPS = "。！？!?…；;"
_CLOSING = "”’」』》）)】\"'"


def ends_sentence(text: str) -> bool:
    """Whether a text ends where a sentence may end (a colon counts: what it announces follows)."""
    return text.rstrip().rstrip(_CLOSING).endswith(tuple(_STOPS + "：:"))
