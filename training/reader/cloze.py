"""Questions made from news: a date, number, name or place of a sentence becomes the word that asks for it.

Self-supervision only: the questions are computed for training and kept nowhere.
"""

import random
import re
from collections.abc import Sequence

from rag.reading.features import SURNAMES
from training.reader.data import Example, find_pieces, split_sentences

_SAYING = "(?=表示|介绍|指出|认为|告诉|坦言|强调)"
_BODY = "(?:公司|大学|银行|集团|医院|研究院)"
_TYPES: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"\d{4}年(?:\d{1,2}月(?:\d{1,2}日)?)?"), ("什么时候", "哪一年", "何时", "哪年")),
    (re.compile(r"\d{1,2}月\d{1,2}日"), ("什么时候", "哪一天", "何时", "几月几日")),
    (re.compile(r"\d+(?:\.\d+)?[万亿]?(?=[个名人次家吨元米倍件万亿亩度项岁辆台座])"), ("多少", "几")),
    (re.compile(r"\d+(?:\.\d+)?%"), ("多少", "百分之几")),
    (
        re.compile(rf"[{SURNAMES}][\u4e00-\u9fff]{{1,2}}{_SAYING}"),
        ("谁", "哪位", "什么人"),
    ),
    (
        re.compile(r"(?<=在)[\u4e00-\u9fff]{2,5}[省市县区州](?=[\u4e00-\u9fff])"),
        ("哪里", "什么地方", "何地"),
    ),
    (re.compile(r"(?<=《)[^《》]{2,16}(?=》)"), ("什么", "哪部作品", "什么文件")),
    (re.compile(r"(?<=“)[^“”，。]{2,10}(?=”)"), ("什么", "什么名称")),
    (
        re.compile(rf"(?<=[，。、])[\u4e00-\u9fff]{{2,8}}{_BODY}"),
        ("哪家机构", "哪个单位", "谁"),
    ),
)
_CLAUSE = re.compile(r"[^，；：,;]+")


def make_cloze(
    title: str, text: str, rng: random.Random, max_chars: int = 300
) -> tuple[Example, tuple[str, ...]] | None:
    """A question on one part of a news text, and the sentences of the other parts that do not hold the answer.

    None where no sentence has anything to ask for.
    """
    sentences = split_sentences(text[:1500])
    order = [n for n, sentence in enumerate(sentences) if 15 <= len(sentence) <= 120]
    rng.shuffle(order)
    for number in order[:4]:
        asked = _ask(sentences[number], rng)
        if asked is None:
            continue
        question, answer = asked
        low, high = _around(sentences, number, max_chars, rng)
        shown = sentences[low:high]
        pieces = tuple(p for p in find_pieces(shown, (answer,)) if p[0] == number - low or len(answer) > 2)
        others = tuple(s for s in (*sentences[:low], *sentences[high:]) if answer not in s and question not in s)
        return Example(question, title, shown, (answer,), pieces, ""), others
    return None


def _around(sentences: Sequence[str], number: int, max_chars: int, rng: random.Random) -> tuple[int, int]:
    """A run of sentences `[low, high)` with `number` in it."""
    low, high, total = number, number + 1, len(sentences[number])
    while total < max_chars:
        options = [at for at in (low - 1, high) if 0 <= at < len(sentences)]
        if not options or rng.random() < 0.05:
            break
        at = rng.choice(options)
        total += len(sentences[at])
        low, high = min(low, at), max(high, at + 1)
    return low, high


def _ask(sentence: str, rng: random.Random) -> tuple[str, str] | None:
    """A question that the sentence answers, and the answer."""
    kinds = list(_TYPES)
    rng.shuffle(kinds)
    for pattern, words in kinds:
        found = list(pattern.finditer(sentence))
        if not found:
            continue
        chosen = rng.choice(found)
        answer = chosen.group()
        if sentence.count(answer) > 1:
            continue
        clause = next(c for c in _CLAUSE.finditer(sentence) if c.start() <= chosen.start() < c.end())
        before = sentence[clause.start() : chosen.start()]
        after = sentence[chosen.end() : max(clause.end(), chosen.end())]
        if len(before) + len(after) < 10:
            before = sentence[max(0, clause.start() - 14) : clause.start()] + before
            after += sentence[clause.end() : clause.end() + 12]
        before, after = _thin(before[-24:], rng), _thin(after[:24], rng)
        if len(before) + len(after) < 6:
            continue
        word = rng.choice(words)
        if rng.random() < 0.2:
            return f"{before}{after}是{word}？", answer
        return f"{before}{word}{after}？", answer
    return None


def _thin(text: str, rng: random.Random) -> str:
    """The text without punctuation and without some of its runs: a question says things shorter."""
    kept, at = [], 0
    while at < len(text):
        length = rng.randint(1, 4)
        if rng.random() > 0.3:
            kept.append(text[at : at + length])
        at += length
    return re.sub(r"[^\w]", "", "".join(kept))
