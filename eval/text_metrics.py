"""How near an answer's words come to the gold: exact match and F1 of CMRC 2018, and coverage of required
items.

Source of the first two: the official script of the CMRC 2018 shared task, cmrc2018_evaluate.py version 5.
"""

import re
import unicodedata
from collections.abc import Sequence

# The script's own list. It also names the two-character "……", which a single character never equals: an
# ellipsis is therefore not removed, there or here. ASCII comma, full stop, brackets and "?" are not in it
# either.
_CMRC_PUNCTUATION = frozenset("-:_*^/\\~`+=，。：？！“”；’《》·、「」（）－～『』")
_CHINESE = re.compile(r"[\u4e00-\u9fa5]")
# What nltk.word_tokenize makes of a run without Chinese: words and numbers stay whole ("3.5", "1,000"),
# brackets, quotes, "%", "," and a final "." stand alone. Its rules for English contractions are left out.
_WORD = re.compile(
    r"\.{2,}|[;@#$%&?!\[\](){}<>\"]|,(?!\d)|\.(?=\s|$)|(?:[^\s;@#$%&?!\[\](){}<>\",.]|,(?=\d)|\.(?![.\s]|$))+"
)
_LABEL = re.compile(r"\[\d+\]")

_EDGES = (  # (an item that starts or ends with one of these, must not be cut out of a run of those)
    (frozenset("0123456789"), frozenset("0123456789."), frozenset("0123456789.万亿")),
    (frozenset("abcdefghijklmnopqrstuvwxyz"),) * 3,
    (frozenset("零〇一二两三四五六七八九十百千万亿"),) * 3,
)


def segment_cmrc(text: str) -> list[str]:
    """The script's `mixed_segmentation(text, rm_punc=True)`: Chinese by character, other runs by word.

    A removed mark does not end a run: "2021-12" is the one token "202112", as in the script.
    """
    tokens: list[str] = []
    run = ""
    for char in text.lower().strip():
        if char in _CMRC_PUNCTUATION:
            continue
        if _CHINESE.match(char):
            tokens += [*_WORD.findall(run), char]
            run = ""
        else:
            run += char
    return tokens + _WORD.findall(run)


def longest_common_run(a: Sequence[str], b: Sequence[str]) -> int:
    """Tokens in the longest contiguous run that both have.

    The script calls it `find_lcs`; it is the longest common substring, not subsequence.
    """
    longest = 0
    above = [0] * (len(b) + 1)
    for token in a:
        row = [0] * (len(b) + 1)
        for j, other in enumerate(b):
            if token == other:
                row[j + 1] = above[j] + 1
                longest = max(longest, row[j + 1])
        above = row
    return longest


def longest_common_subsequence(a: Sequence[str], b: Sequence[str]) -> int:
    """Tokens in the longest, not necessarily contiguous, sequence that both have, in order.

    Bit-parallel: bit i of `row` is 0 where a longer match ends at a[i]. Source: Hyyro (2004), "Bit-parallel LCS-length
    computation revisited".
    """
    places: dict[str, int] = {}
    for i, token in enumerate(a):
        places[token] = places.get(token, 0) | 1 << i
    everything = (1 << len(a)) - 1
    row = everything
    for token in b:
        matched = row & places.get(token, 0)
        row = ((row + matched) | (row - matched)) & everything
    return len(a) - row.bit_count()


def rouge_l(answer: str, gold: str) -> float:
    """ROUGE-L's F measure (beta 1) over `segment_cmrc`'s tokens: the longest common subsequence's precision and recall.

    Source: Lin (2004), "ROUGE: a package for automatic evaluation of summaries", section 3.1.
    """
    answer_tokens, gold_tokens = segment_cmrc(answer), segment_cmrc(gold)
    common = longest_common_subsequence(gold_tokens, answer_tokens)
    return 2 * common / (len(answer_tokens) + len(gold_tokens)) if common else 0.0


def f1_cmrc(answer: str, golds: Sequence[str]) -> float:
    """The script's `calc_f1_score`, 0 to 1: the best gold's harmonic mean of run/answer and run/gold
    lengths."""
    answer_tokens = segment_cmrc(answer)
    best = 0.0
    for gold in golds:
        gold_tokens = segment_cmrc(gold)
        common = longest_common_run(gold_tokens, answer_tokens)
        if common:
            precision, recall = common / len(answer_tokens), common / len(gold_tokens)
            best = max(best, 2 * precision * recall / (precision + recall))
    return best


def exact_match_cmrc(answer: str, golds: Sequence[str]) -> float:
    """The script's `calc_em_score`: 1 if, lowered and without its punctuation, the answer equals a gold, else
    0."""
    return float(any(_bare_cmrc(answer) == _bare_cmrc(gold) for gold in golds))


def _bare_cmrc(text: str) -> str:
    return "".join(char for char in text.lower().strip() if char not in _CMRC_PUNCTUATION)


def strip_labels(text: str) -> str:
    """An answer's text without its `[n]`: a label must not count as a number that was said."""
    return _LABEL.sub("", text)


def covers(text: str, wordings: Sequence[str]) -> bool:
    """Whether the text says an item in one of its wordings.

    Case, width (NFKC), spaces and punctuation do not matter. A number is not found inside a longer number:
    "3" not in "13", "3.5" or "3万", "三" not in "三十"; a Latin word not inside a longer one.
    """
    said = _bare(text)
    return any(_stands_in(said, _bare(wording)) for wording in wordings)


def coverage(text: str, required: Sequence[Sequence[str]]) -> float:
    """The share of required items that the text covers. Raises ValueError where nothing is required."""
    if not required:
        raise ValueError("coverage needs at least one required item")
    return sum(covers(text, wordings) for wordings in required) / len(required)


def _stands_in(said: str, wording: str) -> bool:
    start = said.find(wording) if wording else -1
    while start >= 0:
        end = start + len(wording)
        if not _is_cut(said[start - 1 : start], wording[0], wording[-1], said[end : end + 1]):
            return True
        start = said.find(wording, start + 1)
    return False


def _is_cut(before: str, first: str, last: str, after: str) -> bool:
    return any(
        (first in edge and before in left and before != "") or (last in edge and after in right and after != "")
        for edge, left, right in _EDGES
    )


def _bare(text: str) -> str:
    """The text without what a reader does not hear. Between two Latin letters or digits a mark leaves a
    "|"."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)  # 1,000 is 1000
    text = re.sub(r"(?<!\d)\.|\.(?!\d)", " ", text)  # a point stays inside a number only
    text = re.sub(r"(?<=[a-z0-9])[^\w.%]+(?=[a-z0-9])", "|", text)
    return "".join(char for char in text if char.isalnum() or char in "|.%")
