"""What the news says of characters: which ones start a paragraph, and which two stand together."""

import math
import random
from collections import Counter
from collections.abc import Sequence

from index.pages.features import Statistics
from index.pages.seams import Seams
from index.terms import fold, split_terms

from .stories import Story

_MARKS = ",。!?;:、”》)"
_SHRINK = 25
"""A character that was counted so often counts half."""
_MIN_PAIR = 20
_MAX_PAIRS = 14_000


def count_characters(stories: Sequence[Story], seams: Seams, seed: int = 1) -> Statistics:
    """Statistics of the stories' paragraphs; deterministic."""
    rng = random.Random(seed)
    starts: Counter[str] = Counter()
    middles: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    inner: Counter[str] = Counter()
    singles: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    articles: Counter[str] = Counter()
    for story in stories:
        articles.update({term for p in story.paragraphs for term in split_terms(p) if len(term) == 2})
        for paragraph in map(fold, story.paragraphs):
            starts.update((paragraph[0], paragraph[:2]))
            for at in (rng.randrange(1, len(paragraph) - 1) for _ in range(6)):
                if paragraph[at - 1] not in "。!?;:”":
                    middles.update((paragraph[at], paragraph[at : at + 2]))
            for at in (rng.randrange(2, len(paragraph)) for _ in range(12)):
                (ends if paragraph[at] in _MARKS else inner).update((paragraph[at - 1], paragraph[at - 2 : at]))
            singles.update(paragraph)
            pairs.update(paragraph[i : i + 2] for i in range(len(paragraph) - 1))
    n_singles = sum(singles.values())
    gain = {
        pair: n * math.log(n * n_singles / (singles[pair[0]] * singles[pair[1]]))
        for pair, n in pairs.items()
        if n >= _MIN_PAIR and pair.isalpha() and n * n_singles > 8 * singles[pair[0]] * singles[pair[1]]
    }
    best = sorted(gain, key=lambda pair: (-gain[pair], pair))[:_MAX_PAIRS]
    starting, ending = _log_odds(starts, middles), _log_odds(ends, inner)
    return Statistics(starting, ending, frozenset(best), _common(articles, len(stories)), seams)


def _log_odds(here: Counter[str], there: Counter[str]) -> dict[str, float]:
    """Of each character, and each two, that were counted often enough; rarer ones nearer to 0, rounded to a tenth."""
    n_here, n_there = sum(here.values()) / 2, sum(there.values()) / 2
    frequent = sorted(c for c, n in (here + there).items() if n >= (8 if len(c) == 1 else 24))
    odds = {}
    for c in frequent:
        n = here[c] + there[c]
        raw = math.log((here[c] + 0.5) / (n_here + 1)) - math.log((there[c] + 0.5) / (n_there + 1))
        odds[c] = round(raw * n / (n + _SHRINK), 1)
    return odds


def _common(articles: Counter[str], n_articles: int) -> dict[str, float]:
    """Factors of the terms that stand in one article of a hundred or more."""
    factors = {}
    for term, n in articles.items():
        share = n / n_articles
        if share >= 0.01 and not term.isascii():
            factors[term] = 0.25 if share >= 0.1 else 0.45 if share >= 0.04 else 0.65 if share >= 0.02 else 0.8
    return factors
