"""Near-duplicate hits, grouped: one story printed twice takes one place among the hits, and keeps its twins at hand.

Two chunks of different articles are near duplicates where their overlapping runs of four characters (Broder 1997's
shingles) are mostly the same. Only the candidates of one question are compared, a few dozen, so no index of signatures
is needed.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from index.terms import fold

from ..types import Hit

SHINGLE_CHARS = 4
SHARE_OF_SHORTER, SHARE_OF_LONGER = 0.6, 0.4
"""On news, pairs from .6 of the shorter one's shingles on were reprints; those from .3 to .5 often one event in other
words, with facts of their own."""
MIN_SHINGLES = 20
"""A shorter text is no story."""
MAX_SAME = 3
"""Places that one story may take among the hits that a search lists. An answer reads each story once."""
N_FOR_DUPLICATES = 16
"""Hits that are fetched beyond those wanted, so that the place of a duplicate can be filled."""
_NO_TEXT = re.compile(r"\W+")


def group_duplicates(hits: Sequence[Hit], top_k: int, n_same: int = 1) -> list[Hit]:
    """The first `top_k` hits of which no more than `n_same` are near duplicates of each other, ranks from 1.

    The other near duplicates stand in `duplicates` of the first hit of their group, best first.
    """
    kept: list[tuple[Hit, frozenset[str], list[Hit]]] = []
    of_kept: set[str] = set()
    for hit in hits:
        own = shingles(hit.chunk.text)
        same: list[list[Hit]] = []
        if len(of_kept & own) >= SHARE_OF_LONGER * len(own):  # else it cannot share so much with one of them
            same = [t for first, s, t in kept if _other_article(first, hit) and near_duplicates(s, own)]
        if len(same) >= n_same:
            same[0].append(hit)
        elif len(kept) < top_k:
            kept.append((hit, own, []))
            of_kept |= own
    return [replace(hit, rank=rank, duplicates=tuple(twins)) for rank, (hit, _, twins) in enumerate(kept, start=1)]


def shingles(text: str) -> frozenset[str]:
    """All runs of four characters of a text, punctuation and white space left out."""
    flat = _NO_TEXT.sub("", fold(text))
    return frozenset([flat[i : i + SHINGLE_CHARS] for i in range(len(flat) - SHINGLE_CHARS + 1)])


def near_duplicates(first: frozenset[str], second: frozenset[str]) -> bool:
    """Whether two texts share most of the shorter one's shingles, and no small part of the longer one's."""
    shorter, longer = sorted((len(first), len(second)))
    needed = max(SHARE_OF_SHORTER * shorter, SHARE_OF_LONGER * longer)
    return MIN_SHINGLES <= shorter >= needed and len(first & second) >= needed


def _other_article(first: Hit, second: Hit) -> bool:
    return (first.chunk.doc_id, first.chunk.article) != (second.chunk.doc_id, second.chunk.article)
