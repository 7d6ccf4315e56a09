"""The terms of many texts, counted together: the numbers that `split_terms` gives, at six times the speed.

A text is an array of code points here. Nearly all terms are pairs of Han characters, and those need no Python: a pair
is two neighbours, its key is arithmetic, and equal ones stand side by side after one sort. Only words and numbers are
found by the regular expression.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..terms import HAN, fold_points, term_key

Counts = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int32]]
"""(starts, keys, counts): row i owns the slice `starts[i]:starts[i + 1]` of the others, its keys ascending."""

_OTHER_RUN = re.compile(rf"[0-9]+(?:[.,][0-9]+)*|[^\W\d_{HAN}]+|\d+")
_KEY_BITS = 42
"""Keys of one or two characters are below 2 ** 42; above them, a row's number fits into 63 bits."""
_ROWS_PER_SORT = 1024
"""Few enough that the arrays stay in the processor's cache."""

_is_han = np.zeros(0x110000, np.bool_)
for _first, _last in re.findall("(.)(?:-(.))?", HAN):
    _is_han[ord(_first) : ord(_last or _first) + 1] = True
_cached_term_key = lru_cache(maxsize=1_000_000)(term_key)


def count_all_terms(texts: Sequence[str]) -> Counts:
    """The distinct term keys of each text, and how often each occurs."""
    blocks = [_count_block(texts[i : i + _ROWS_PER_SORT]) for i in range(0, len(texts), _ROWS_PER_SORT)]
    sizes = np.concatenate([np.zeros(1, np.int64), *(sizes for sizes, _, _ in blocks)])
    keys = np.concatenate([np.zeros(0, np.int64), *(keys for _, keys, _ in blocks)])
    counts = np.concatenate([np.zeros(0, np.int32), *(counts for _, _, counts in blocks)])
    return np.cumsum(sizes), keys, counts


def _count_block(texts: Sequence[str]) -> Counts:
    """The same with the number of terms of each text instead of `starts`."""
    points = fold_points("\n".join(texts) + "\n")  # no run of characters goes over a line's end
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    row_of = np.repeat(np.arange(len(texts), dtype=np.int64), lengths + 1)
    places, keys = _han_terms(points)
    other_places, other_keys = _other_terms(points)
    short = other_keys < 1 << _KEY_BITS
    packed = np.concatenate([row_of[places] << _KEY_BITS | keys,
                             row_of[other_places[short]] << _KEY_BITS | other_keys[short]])  # fmt: skip
    packed.sort()
    rows, keys, counts = _runs(packed >> _KEY_BITS, packed & ((1 << _KEY_BITS) - 1))
    long_rows, long_keys = row_of[other_places[~short]], other_keys[~short]
    order = np.lexsort((long_keys, long_rows))
    long_rows, long_keys, long_counts = _runs(long_rows[order], long_keys[order])
    behind = np.searchsorted(rows, long_rows, side="right")  # a hashed key is greater than those of its row
    sizes = np.bincount(rows, minlength=len(texts)) + np.bincount(long_rows, minlength=len(texts))
    return sizes, np.insert(keys, behind, long_keys), np.insert(counts, behind, long_counts)


def _han_terms(points: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(places, keys) of the pairs of Han characters and of those that stand alone."""
    han = np.concatenate([[False], _is_han[points], [False]])
    pairs = np.flatnonzero(han[1:-1] & han[2:])
    alone = np.flatnonzero(han[1:-1] & ~han[:-2] & ~han[2:])
    first, second = points[pairs].astype(np.int64), points[pairs + 1].astype(np.int64)
    return np.concatenate([pairs, alone]), np.concatenate([first << 21 | second, points[alone].astype(np.int64)])


def _other_terms(points: NDArray[np.uint32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(places, keys) of words and numbers."""
    folded = points.tobytes().decode("utf-32-le", "surrogatepass")
    found = [(run.start(), _cached_term_key(run.group().replace(",", ""))) for run in _OTHER_RUN.finditer(folded)]
    places, keys = np.array(found, np.int64).reshape(-1, 2).T
    return places, keys


def _runs(rows: NDArray[np.int64], keys: NDArray[np.int64]) -> Counts:
    """Sorted (row, key) pairs as the distinct ones and how often each stands there."""
    if not len(keys):
        return rows, keys, np.zeros(0, np.int32)
    edges = np.flatnonzero(np.concatenate([[True], (rows[1:] != rows[:-1]) | (keys[1:] != keys[:-1])]))
    counts = np.diff(np.append(edges, len(keys))).astype(np.int32)
    return rows[edges], keys[edges], counts
