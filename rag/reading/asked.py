"""Where a text asks a question itself and goes on to answer it ("增长的劲头从哪儿来？一是网购旺……").

A reader that looks for words of the question finds the asking sentence, and the reasons behind it share none of them.
So for a question of why or how, the sentence after one that asks the same is put forward.
"""

import re
from itertools import pairwise

from index.terms import fold

from ..question import content_words, coverage, question_kind
from ..types import Passage

_WHY = re.compile(
    r"为什么|为何|为啥|缘何|怎么会|从哪里?儿?来|从何而来|何在|凭什么|靠什么|秘[诀密]|奥秘|(?:原因|因素|缘由|理由)"
)
_HOW = re.compile(r"怎么|怎样|如何|靠什么|怎[么样]办")
_ASKED = {"why": _WHY, "how": _HOW}
_REASON_NOUNS = re.compile(r"劲头|动力|底气|秘[诀密]|奥秘|原因|因素|缘由|理由|答案|从[哪何]里?儿?而?来|何在|在于|靠|凭")
_FUNCTION = re.compile(r"[的了着呢吗是在能会要又也都就还才这那么已把被让给和与及其它他她们]|\W")
MIN_OWN, MIN_ASKED = 0.75, 0.5
"""Of the asking sentence's characters how many must stand in the question, and of the question's pairs how many in the
passage around it and its headline."""
_AROUND = 4


def answering_positions(question: str, passage: Passage) -> set[int]:
    """The positions of the sentences that answer the question, because the one before asks it; mostly none."""
    pattern = _ASKED.get(question_kind(question)) or (_WHY if _WHY.search(question) else None)
    if pattern is None:
        return set()
    asked = _FUNCTION.sub(" ", fold(content_words(question)))
    texts = [fold(sentence.text) for sentence in passage.sentences]
    found: set[int] = set()
    for i, (text, after) in enumerate(pairwise(texts)):
        if not _is_question(text) or _is_question(after) or not pattern.search(text):
            continue
        clause = re.split(r"[。；，]", text.rstrip("？?”’"))[-1]
        around = "\n".join([fold(passage.title), *texts[max(0, i - _AROUND) : i + 2]])
        if _own_share(clause, asked) >= MIN_OWN and coverage(asked.split(), around) >= MIN_ASKED:
            found.add(i + 1)
    return found


def _is_question(text: str) -> bool:
    return text.rstrip("”’」』）)").endswith(("？", "?"))


def _own_share(clause: str, asked: str) -> float:
    """The share of an asking clause's telling characters that stand in the question; 0 where it has none."""
    own = [c for c in _FUNCTION.sub("", content_words(_REASON_NOUNS.sub("", clause))) if c.strip()]
    return sum(c in asked for c in own) / len(own) if own else 0.0
