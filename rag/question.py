"""What a question asks for: its kind, and the words of it that can stand in a document."""

import re
from typing import Literal

from index.terms import fold, split_terms

QuestionKind = Literal["list", "why", "how", "person", "date", "number", "place", "fact"]

_KINDS: tuple[tuple[QuestionKind, re.Pattern[str]], ...] = (
    ("why", re.compile(r"为什么|为何|为啥|缘何|原因|凭什么|怎么会|什么缘故")),
    (
        "list",
        re.compile(
            r"哪些|哪几|哪[两二三四五六七八九十]|有哪|都有谁|有谁|分别|几[个项家点方大条类种]?方面|[两二三四五六七八九十]"
            r"(?:方面|项|个|家|点|大|条|类|种|件)[^，。]{0,8}(?:是什么|是啥|是哪|包括|指|各是)|包括什么|包含什么"
            r"|列出|列举|由谁组成|都是谁|各是|各有"
        ),
    ),
    ("date", re.compile(r"什么时候|何时|哪[一]?[年月日天]|几[月日号点]|什么时间|啥时候|多久以前|哪个月|时间是")),
    (
        "number",
        re.compile(
            r"多少|几[个家名人次条项座位种台口吨米年天倍成小时]|多[大高长远重久快宽深厚]|百分之几|比例|占比|面积|数量|几何|价格"
        ),
    ),
    ("person", re.compile(r"谁|哪位|何人|什么人|叫什么名|哪个人")),
    ("place", re.compile(r"哪里|哪儿|何处|什么地方|在哪|哪[个座]?[省市县国城区]")),
    ("how", re.compile(r"怎么|怎样|如何|咋|什么办法|什么方式|什么措施|靠什么|方法|流程|步骤")),
)
_ASKING = re.compile(
    r"请问|请告诉我|告诉我|我想知道|想问一?下|问一?下|你知道|为什么|为何|为啥|什么时候|啥时候|什么时间|什么地方|什么样|"
    r"什么|多少|多大|多高|多长|多远|多久|多重|多快|多宽|多深|多厚|哪些|哪几[个家项种位]?|哪[一]?[年月日天个位家里儿座]|哪|怎么样|怎么|"
    r"怎样|如何|谁|几[个家名次条项]?(?=[^\d]|$)|吗|呢|啊|吧|是不是|有没有|是否|有何|何时|何处|何人|[?？!！]"
)
_ABOUT = re.compile(r"讲了|说了|讲的|说的|主要内容|介绍一下|总结|概括|摘要")
_NEWS_WORDS = re.compile(r"报道|文章|文中|新闻|据报|这篇")


def question_kind(question: str) -> QuestionKind:
    """What the question asks for, by its question words; `fact` where none says more."""
    folded = fold(question)
    return next((kind for kind, pattern in _KINDS if pattern.search(folded)), "fact")


def asks_for_summary(question: str) -> bool:
    """Whether the question wants to know what an article says as a whole."""
    return bool(_ABOUT.search(question))


def content_words(question: str) -> str:
    """The question without the words that only ask: what is left can stand in a document."""
    return _ASKING.sub(" ", _NEWS_WORDS.sub(" ", question))


def search_terms(question: str) -> list[str]:
    """The terms that the keyword leg looks for; all of the question's where nothing but asking words is left."""
    return split_terms(content_words(question)) or split_terms(question)


def has_han(question: str) -> bool:
    """Whether there is any Chinese in the question."""
    return any("\u4e00" <= character <= "\u9fff" for character in question)
