"""Questions about the collection itself: which articles there are, and how many.

Each pattern must fit the whole question, so that one which only begins like it is asked of the articles: "有哪些文章"
is about the collection, "有哪些文章获奖" and "有哪些公司" are not. So it is with questions for the articles on a topic.
"""

import re

from index.terms import fold

_PLEASE = r"(?:请问|请|麻烦|帮我|给我|我|想|能|可以|能不能|可不可以|知道|告诉我|看一?看|看一?下|查一?下|说说|问一?下)*"
_LIST = r"(?:(?:全部|都|全)?(?:列出来?|列举|列一?下|展示|显示|罗列|给出))?(?:一下)?"
_HERE = (
    r"(?:(?:你|您|你们)?(?:这里|这儿|这边|这一?版|这一?页|本版|这个?(?:系统|网站|库|知识库|文档库|资料库|索引|数据库)|系统|知识库|文档库|资料库|索引|库|手头|手上)?"
    r"(?:里面?|中|上)?)"
)
_NOW = r"(?:现在|目前|一共|总共|共|总计|都|全部|究竟|到底|已经?)*"
_HOLDS = r"(?:有|收录了?|收了|收进了?|包含了?|包括|存了|装了|读了)"
_ITEM = r"(?:新闻)?(?:文章|新闻|报道|文档|文件|资料|稿件|稿子|消息|材料)"
_TITLE = r"(?:标题|题目|目录|清单|列表|名称|名字|篇目)"
_ALL = r"(?:所有|全部|这些|每一?篇|每一?个|整个|全体|你的|你收录|收录|库里|这里)"
_END = r"(?:呢|啊|呀|吗|了|吧|给我|看看|可以(?:看|问|查|读)|能(?:看|问|查|读))*"
_PATTERNS = (
    rf"{_PLEASE}{_LIST}{_HERE}{_NOW}{_HOLDS}(?:些)?(?:哪些|哪几[篇个条]|什么|些什么|啥|多少[篇个条份则]?|几[篇个条份则])(?:的)?(?:{_ITEM}(?:的?{_TITLE})?|{_TITLE}){_END}",
    rf"{_PLEASE}(?:把)?{_LIST}{_ALL}(?:的)?{_ITEM}?(?:的)?(?:所有|全部)?(?:的)?{_TITLE}(?:都|全)?(?:有哪些|是什么|是哪些|列出来?|列一?下)?{_END}",
    rf"{_PLEASE}(?:把)?{_LIST}(?:所有|全部|这里|每一?篇)(?:的)?{_ITEM}(?:都|全)?(?:有哪些|是什么|是哪些|列出来?|列一?下)?{_END}",
    rf"{_PLEASE}(?:列出|列举|列一?下|显示|给出|看看){_HERE}(?:所有|全部)?(?:的)?(?:{_ITEM}(?:的?{_TITLE})?|{_TITLE}){_END}",
    rf"{_PLEASE}{_TITLE}(?:都|一共|分别)*(?:有|是)(?:哪些|什么|啥)",
    rf"{_PLEASE}把(?:{_ITEM}的?)?{_TITLE}(?:都|全)?(?:列出来?|列一?下|给我|告诉我)",
    rf"(?:{_ITEM}的?)?(?:目录|列表|清单|标题列表)",
    rf"{_PLEASE}{_HERE}(?:这些|所有|全部|收录)?的?{_ITEM}(?:的)?{_NOW}(?:有|是)?(?:多少[篇个条份则]?|几[篇个条份则]|数量(?:是多少|有多少)?|总数(?:是多少)?|篇数|哪些){_END}",
    rf"{_PLEASE}(?:一共|总共|共)?(?:多少|几)[篇个条份则]{_ITEM}{_END}",
    rf"{_PLEASE}(?:这些|所有|全部|库里的?|这里的?){_ITEM}(?:主要|大概|分别|都|一共)*(?:讲|说|写|报道|涉及|关于|是关于)了?(?:些)?(?:什么|啥|哪些)(?:内容|事情?|话题|方面|的)?{_END}",
    rf"{_PLEASE}{_HERE}(?:都|主要)*(?:能|可以|可)(?:查|问|看|搜)(?:到)?(?:哪些|什么|些什么){_ITEM}?(?:的)?(?:内容|问题)?{_END}",
)
_ABOUT_COLLECTION = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS))
_ASKS_WHICH = (
    r"(?:有没有|有无|是否有|有哪些|有什么|有几[篇条]|有多少[篇条]|有|找一?下|找一?找|找|列出|列举|看看|查一?下)"
)
_WHICH = r"(?:一共|总共|都)?(?:有哪些|有什么|是哪些|有几[篇条个]|有多少[篇条个]?|有没有|有吗|吗|呢)?"
_ON_TOPIC = (
    re.compile(
        rf"{_PLEASE}{_HERE}{_ASKS_WHICH}?(?:关于|有关|涉及)(?P<topic>.{{2,20}}?)(?:方面|有关|相关)?的?{_ITEM}{_WHICH}"
    ),
    re.compile(
        rf"{_PLEASE}{_HERE}(?:关于|有关)?{_ASKS_WHICH}(?:和|跟|与)?(?P<topic>.{{2,16}}?)(?:方面|有关|相关)?的{_ITEM}吗?"
    ),
    re.compile(
        rf"(?P<topic>.{{2,16}}?)(?:方面|有关|相关)?的{_ITEM}(?:一共|总共|都)?(?:有哪些|有几[篇条个]|有多少[篇条个]?|有没有)"
    ),
)
_THIS = re.compile(r"[这那该]")
_NOISE = re.compile(r"[\s，,。！!？?～~、：:；;…“”\"']+")
MAX_CHARS = 40


def asks_for_collection(question: str) -> bool:
    """Whether a question is about what articles there are, and not about anything that they say."""
    if len(question) > MAX_CHARS:
        return False
    return bool(_ABOUT_COLLECTION.fullmatch(_NOISE.sub("", fold(question))))


def asked_topic(question: str) -> str:
    """The topic on which a question asks for articles ("有没有关于地震的报道"); empty for every other question."""
    bare = _NOISE.sub("", fold(question))
    if len(question) > MAX_CHARS or _THIS.search(bare):
        return ""
    found = next((match for pattern in _ON_TOPIC if (match := pattern.fullmatch(bare))), None)
    return found["topic"] if found else ""
