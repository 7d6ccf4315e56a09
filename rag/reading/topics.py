"""What a story is about: a question that asks for no fact but for the story itself ("积石山地震怎么样了").

Its answer is how the article begins: a newspaper says first what matters. Which article is meant, headline and opening
decide; the reader, which looks for facts, has no say in it.
"""

import re

from index.terms import fold

from ..question import content_words, coverage
from ..types import Passage

_ABOUT = re.compile(
    r"讲了|讲的|主要内容|介绍一下|总结|概括|摘要|说的是(?:什么|啥)事?[？?]?$"
    r"|怎么样了[？?。]*$|怎么回事|(?:什么|啥)情况|情况(?:怎么样|如何)|(?:有|有了)?(?:什么|哪些|啥)?(?:新的?|最新)(?:进展|情况|消息|动态)"
    r"|有(?:什么|哪些|啥)(?:看点|亮点|新闻|消息|进展|动态)|(?:最新|目前)?进展(?:如何|怎么样)|的?来龙去脉"
)
_NO_TOPIC = re.compile(r"请|帮我|一下|文章|报道|新闻|消息|这篇|那篇|关于|主要|内容|目前|现在|最近|最新|[《》的了]")
MIN_COVERED = 0.75
"""Of the topic's character pairs, how many must stand in headline and opening for the article to be about it."""
_OPENING_SENTENCES = 2
_MIN_TOPIC_CHARS = 2


def asks_for_summary(question: str) -> bool:
    """Whether the question wants to know what an article says as a whole."""
    return bool(_ABOUT.search(question))


def covers_topic(question: str, passage: Passage) -> float:
    """The share of a summary's topic (its character pairs) in a passage's headline and opening, 0 to 1.

    0 for a passage from the middle of an article, and where the question names no topic.
    """
    topic = re.sub(r"\W", "", content_words(_NO_TOPIC.sub(" ", _ABOUT.sub(" ", fold(question)))))
    if len(topic) < _MIN_TOPIC_CHARS or not passage.opens_article:
        return 0.0
    opening = fold("\n".join([passage.title, *(s.text for s in passage.sentences[:_OPENING_SENTENCES])]))
    return coverage([topic], opening)
