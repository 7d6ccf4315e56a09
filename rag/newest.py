"""Of reports that give the same number at different times: the newest first, where the question names no time.

"5G基站有多少个" is asked for how it is now. What an older article says is not wrong, it is old: it is shown beside the
answer with its date.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from index.terms import fold

from .question import content_words, coverage, measure_pattern, question_kind
from .quoting import in_answer
from .reading.candidates import Candidate
from .types import Draft, Notice

NOTICE = Notice(
    "不同时候的报道数字不同：[{}]是{}的，[{}]是{}的。",
    "Reports of different times give different numbers: [{}] is of {}, [{}] of {}.",
)
MIN_HELD = 0.8
"""Of the question's character pairs, how many must stand in the clause that says the number."""
MAX_FOREIGN_CHARS = 2
"""Of the clause, beside the question's words and those that any report of a number has: more would be another number
("每一万人有", "新增")."""
_CLAUSE = re.compile(r"[^，,；;。！!？?：:]+")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*[多余几]?[十百千万亿]*")
_REPORTS = re.compile(
    r"截至|截止|目前|如今|现在|已经?|累计|全国|我国|全球|一共|总共|共有?|总数|总量|数量|建成|开通|建设|达到?|超过?|突破|接近|近|约"
    r"|为|有|是|到|了|的|多|余|在|将|还|据|已|其中"
)
_ASKS = re.compile(
    r"(?:一共|总共|到底|大概|约)?(?:已经?)?(?:达到?|建[了成]|超过|共)?有?(?:多少|几)[万亿]?[\u4e00-\u9fff]?"
)
_WHOLE = re.compile(r"全国|我国|中国|国内")
_TIME = re.compile(
    r"\d{2,4}年|\d{1,2}月|\d{1,2}[日号]|[今去前明]年|[今昨前]天|年[初中底末]|当时|那年|以前|原来|最初|历史|曾"
)


def newest_first(question: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The ranked sentences, the newest of those that give the number asked for in front; as they are for others."""
    if not candidates or question_kind(question) != "number" or _TIME.search(fold(question)):
        return list(candidates)
    first = candidates[0]
    if not states(question, first.text):
        return list(candidates)
    alike = [c for c in candidates if _whole_date(c) and states(question, c.text)]
    newest = max(alike, key=lambda c: c.passage.date, default=first)
    if not _whole_date(first) or newest.passage.date <= first.passage.date:
        return list(candidates)
    return [newest, *(c for c in candidates if c is not newest)]


def states(question: str, text: str) -> bool:
    """Whether a clause of a text says the number that is asked for, and of nothing narrower or wider than is asked."""
    measure = measure_pattern(question) or _NUMBER
    asked = re.sub(r"\W", "", content_words(_WHOLE.sub(" ", _ASKS.sub(" ", fold(question), count=1))))
    pairs = {asked[i : i + 2] for i in range(len(asked) - 1)}
    return any(_states(measure, asked, pairs, clause) for clause in _CLAUSE.findall(fold(text)))


def with_earlier(draft: Draft, ranked: Sequence[Candidate], moved: Sequence[Candidate]) -> tuple[Draft, Notice | None]:
    """The draft of an answer that `newest_first` put in front (`ranked` became `moved`), and beside it what was first.

    The second part is what its reader should know; None where no older article gives the number, and the draft is as it
    was.
    """
    (label, (sentence, passage)), *more = draft.evidence.items()
    newest, earlier = moved[0], ranked[0]
    if more or newest is earlier or newest.passage.sentences[newest.position] is not sentence:
        return draft, None
    second = label + 1
    text = f"{draft.text}\n{in_answer(earlier.text)}[{second}]"
    evidence = {**draft.evidence, second: (earlier.passage.sentences[earlier.position], earlier.passage)}
    return Draft(text, evidence), NOTICE.format(label, passage.date, second, earlier.passage.date)


def _states(measure: re.Pattern[str], asked: str, pairs: set[str], clause: str) -> bool:
    if not measure.search(clause) or not pairs or coverage(list(pairs), clause) < MIN_HELD:
        return False
    longest = SequenceMatcher(None, asked, clause, autojunk=False).find_longest_match()
    core = asked[longest.a : longest.a + longest.size]
    rest = _REPORTS.sub("", _NUMBER.sub("", "".join(clause.split()).replace(core, "", 1)))
    return len(re.sub(r"\W", "", rest)) <= MAX_FOREIGN_CHARS


def _whole_date(candidate: Candidate) -> bool:
    return len(candidate.passage.date) == len("2024-01-01")
