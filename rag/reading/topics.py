"""What a story is about: a question that asks for no fact but for the story itself ("积石山地震怎么样了").

Its answer is how the article begins: a newspaper says first what matters. Which article is meant, headline and opening
decide; the reader, which looks for facts, has no say in it. Where a topic stands in no headline and no opening, no
story is about it ("介绍一下采油五厂"): then the sentences that name it are the answer.
"""

import re

from index.terms import fold

from ..question import asks, content_words, coverage
from ..types import Passage

_ABOUT = re.compile(
    r"讲了|讲的|主要内容|介绍一下"
    r"|总结|概括|摘要|说的是(?:什么|啥)事?[？?]?$"
    r"|怎么样了[？?。]*$|怎么回事|(?:什么|啥)情况|情况(?:怎么样|如何)|(?:有|有了)?(?:什么|哪些|啥)?(?:新的?|最新)(?:进展|情况|消息|动态)"
    r"|有(?:什么|哪些|啥)(?:看点|亮点|新闻|消息|进展|动态)|(?:最新|目前)?进展(?:如何|怎么样)|的?来龙去脉"
)
_TELL = re.compile(
    r"^什么[是叫]|^(?:请|麻烦|帮我|给我|能|可以|再|先)*(?:简单|简要|大概|大致)?(?:介绍|[讲说谈聊](?:[讲说谈聊]|一下|一讲|一说))(?:一?下|介绍)?"
)
"""An order to tell of something, which is none where a question follows: "说说为什么……" asks for a reason."""
_NO_TOPIC = re.compile(
    r"^(?:请|麻烦|帮我|给我|能|可以|再|先)+(?:简单|简要|大概|大致)?|一下|文章|报道|新闻|消息|这篇|那篇|关于|主要|内容|目前|现在|最近|最新|[《》的了]"
)
MIN_COVERED = 0.75
"""Of the topic's character pairs, how many must stand in headline and opening for the article to be about it."""
_OPENING_SENTENCES = 2
_MORE = 0.4
_MARKS = re.compile(r"[\s“”‘’《》「」\"']")
_DEFINES = r"(?:名叫|叫做?|称为|名为|就是){0}|{0}(?:是(?![否不])|位于|成立于|全称|坐落)"
_MIN_TOPIC_CHARS = 2


def asks_for_summary(question: str) -> bool:
    """Whether the question wants to know what an article says as a whole."""
    told = _TELL.match(question)
    return bool(_ABOUT.search(question)) or (told is not None and not asks(question[told.end() :]))


def topic_of(question: str) -> str:
    """What a summary is asked of; empty where the question names nothing."""
    topic = re.sub(r"\W", "", content_words(_NO_TOPIC.sub(" ", _ABOUT.sub(" ", _TELL.sub(" ", fold(question))))))
    return topic if len(topic) >= _MIN_TOPIC_CHARS else ""


def covers_topic(question: str, passage: Passage) -> float:
    """The share of a summary's topic (its character pairs) in a passage's headline and opening, 0 to 1.

    0 for a passage from the middle of an article, and where the question names no topic.
    """
    topic = topic_of(question)
    if not topic or not passage.opens_article:
        return 0.0
    opening = fold("\n".join([passage.title, *(s.text for s in passage.sentences[:_OPENING_SENTENCES])]))
    return coverage([topic], opening)


def centrality(question: str, passage: Passage) -> float:
    """How much a passage's article is about a summary's topic: `covers_topic`, and a little more for what decides
    between stories that open with it: the headline, a sentence that says what it is, how often it is named.
    """
    topic = topic_of(question)
    if not topic:
        return 0.0
    text = _MARKS.sub("", fold("\n".join(sentence.text for sentence in passage.sentences)))
    defined = re.search(_DEFINES.format(re.escape(topic)), text)
    more = _MORE * (
        coverage([topic], _MARKS.sub("", fold(passage.title))) + bool(defined) + min(text.count(topic), 5) / 10
    )
    return covers_topic(question, passage) + more


def names_topic(question: str, text: str) -> bool:
    """Whether a sentence names a summary's topic, letter for letter but for marks."""
    topic = topic_of(question)
    return bool(topic) and topic in _MARKS.sub("", fold(text))
