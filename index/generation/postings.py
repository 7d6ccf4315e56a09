"""Which terms stand in which rows, and how often: counted once, then joined, moved and merged without counting again.

Rows of text are counted a block at a time (`TermCounts`), turned into postings (`invert_counts`), and the blocks joined
(`join_postings`). An edit takes over the postings of the rows that stay (`move_rows`) and merges those of the new rows
into them (`merge_postings`): whole arrays are copied, nothing is sorted but what is new.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.unsignedinteger]

_BLOCK = 2**17
"""Rows that are looked up together: numpy widens them to 64 bits, which must not be done to all at once."""
_FEW = 256
"""One place in so many values or fewer: then pieces are copied, which takes a tenth of numpy's time."""


@dataclass(frozen=True, slots=True)
class TermCounts:
    """The distinct terms of n rows: row i owns `keys[starts[i]:starts[i + 1]]`, ascending, and their counts."""

    starts: NDArray[np.int64]  # (n + 1,)
    keys: NDArray[np.int64]
    counts: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Postings:
    """Term j (`terms[j]`, ascending) stands `counts[k]` times in row `rows[k]`, for k in `starts[j]:starts[j + 1]`.

    Rows ascend within a term, and every term has one at least: the same texts always give the same arrays.
    """

    terms: NDArray[np.int64]  # (n_terms,)
    starts: NDArray[np.int64]  # (n_terms + 1,)
    rows: NDArray[np.int32]  # (n_postings,)
    counts: Counts  # (n_postings,) in the smallest type that holds them
    lengths: NDArray[np.int64]  # (n_rows,) terms of each row, with repeats

    @property
    def n_rows(self) -> int:
        """Number of rows, those without a term too."""
        return len(self.lengths)


def invert_counts(counts: TermCounts) -> Postings:
    """Rows of terms as postings."""
    n_rows = len(counts.starts) - 1
    order = np.argsort(counts.keys, kind="stable")  # by term, rows ascending within a term
    row_of = np.repeat(np.arange(n_rows, dtype=np.int32), np.diff(counts.starts))
    terms, first = np.unique(counts.keys[order], return_index=True)
    starts = np.append(first, len(order)).astype(np.int64)
    lengths = np.bincount(row_of, weights=counts.counts, minlength=n_rows).astype(np.int64)
    return Postings(terms, starts, row_of[order], _smallest(counts.counts[order]), lengths)


def join_postings(blocks: Sequence[Postings]) -> Postings:
    """The rows of several blocks one behind the other: row i of the second is row `len(first) + i`."""
    terms = _union([block.terms for block in blocks])
    places = [np.searchsorted(terms, block.terms) for block in blocks]
    sizes = np.zeros(len(terms), np.int64)
    for place, block in zip(places, blocks, strict=True):
        sizes[place] += np.diff(block.starts)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
    rows = np.empty(int(starts[-1]), np.int32)
    counts = np.empty(len(rows), np.result_type(np.uint8, *(block.counts.dtype for block in blocks)))
    filled, n_rows = starts[:-1].copy(), 0
    for place, block in zip(places, blocks, strict=True):
        block_sizes = np.diff(block.starts)
        target = np.repeat(filled[place] - block.starts[:-1], block_sizes) + np.arange(len(block.rows))
        rows[target], counts[target] = block.rows + np.int32(n_rows), block.counts
        filled[place] += block_sizes
        n_rows += block.n_rows
    lengths = np.concatenate([np.zeros(0, np.int64), *(block.lengths for block in blocks)])
    return Postings(terms, starts, rows, counts, lengths)


def move_rows(postings: Postings, new_rows: NDArray[np.int32], n_rows: int) -> Postings:
    """The same postings where row i is row `new_rows[i]` of `n_rows`; a row of -1 is left out."""
    moved = np.empty(len(postings.rows), np.int32)
    for start in range(0, len(moved), _BLOCK):
        own = slice(start, start + _BLOCK)
        moved[own] = new_rows[postings.rows[own]]
    gone = np.flatnonzero(moved < 0)
    term_of_gone = np.searchsorted(postings.starts, gone, side="right") - 1
    sizes = np.diff(postings.starts) - np.bincount(term_of_gone, minlength=len(postings.terms))
    rows, counts = _delete(moved, gone), _delete(np.asarray(postings.counts), gone)
    stay = new_rows >= 0
    if (np.diff(new_rows[stay]) < 0).any():  # rows changed places: seldom, and the only time that all is sorted
        order = np.lexsort((rows, np.repeat(np.arange(len(sizes)), sizes)))
        rows, counts = rows[order], counts[order]
    used = sizes > 0
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes[used])])
    lengths = np.zeros(n_rows, np.int64)
    lengths[new_rows[stay]] = postings.lengths[stay]
    return Postings(postings.terms[used], starts, rows, counts, lengths)


def count_rows_of_terms(postings: Postings, rows: NDArray[np.bool_]) -> NDArray[np.int64]:
    """In how many of the rows of a mask (n_rows,) each term stands, shape (n_terms,)."""
    found = [
        start + np.flatnonzero(rows[postings.rows[start : start + _BLOCK]])
        for start in range(0, len(postings.rows), _BLOCK)
    ]
    terms = np.searchsorted(postings.starts, np.concatenate([np.zeros(0, np.int64), *found]), side="right") - 1
    return np.bincount(terms, minlength=len(postings.terms))


def merge_postings(one: Postings, other: Postings) -> Postings:
    """Both, over the same `n_rows` rows; a row has terms in one of them only. Fast where `other` is small."""
    terms = _union([one.terms, other.terms])
    place, other_place = np.searchsorted(terms, one.terms), np.searchsorted(terms, other.terms)
    starts = np.zeros(len(terms) + 1, np.int64)  # of `one`, over the terms of both
    starts[place + 1] = np.diff(one.starts)
    np.cumsum(starts, out=starts)
    other_sizes = np.diff(other.starts)
    term_of = np.repeat(other_place, other_sizes)
    before = _lower_bounds(one.rows, starts[term_of], starts[term_of + 1], other.rows)
    dtype = np.result_type(one.counts.dtype, other.counts.dtype)
    rows = _insert(one.rows, before, other.rows)
    counts = _insert(one.counts.astype(dtype, copy=False), before, other.counts.astype(dtype, copy=False))
    added = np.zeros(len(terms) + 1, np.int64)
    added[other_place + 1] = other_sizes
    return Postings(terms, starts + np.cumsum(added), rows, _smallest(counts), one.lengths + other.lengths)


def _lower_bounds(
    rows: NDArray[np.int32], low: NDArray[np.int64], high: NDArray[np.int64], wanted: NDArray[np.int32]
) -> NDArray[np.int64]:
    """For each wanted row its place in the ascending slice `rows[low:high]`: all bisections side by side."""
    low, high = low.copy(), high.copy()
    while (still := np.flatnonzero(low < high)).size:
        middle = (low[still] + high[still]) // 2
        right = rows[middle] < wanted[still]
        low[still[right]] = middle[right] + 1
        high[still[~right]] = middle[~right]
    return low


def _delete(array: NDArray, places: NDArray[np.int64]) -> NDArray:
    """`np.delete` for ascending places; where they are few, what lies between them is copied in whole pieces."""
    if len(places) * _FEW > len(array):
        return np.delete(array, places)
    if not len(places):
        return array
    starts = [0, *(places + 1).tolist()]
    return np.concatenate([array[a:b] for a, b in zip(starts, [*places.tolist(), len(array)], strict=True)])


def _insert(array: NDArray, before: NDArray[np.int64], values: NDArray) -> NDArray:
    """`np.insert` for ascending places, likewise."""
    if len(before) * _FEW > len(array):
        return np.insert(array, before, values)
    places = before.tolist()
    if not places:
        return array
    pieces = [array[: places[0]]]
    for i, (a, b) in enumerate(zip(places, [*places[1:], len(array)], strict=True)):
        pieces += [values[i : i + 1], array[a:b]]
    return np.concatenate(pieces)


def _union(arrays: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The distinct values of all arrays, ascending. By a sort: `np.unique` hashes, which is ten times slower here."""
    merged = np.sort(np.concatenate([np.zeros(0, np.int64), *arrays]))
    return merged[np.concatenate([[True], merged[1:] != merged[:-1]])] if len(merged) else merged


def _smallest(counts: NDArray[np.integer]) -> Counts:
    """The counts in the smallest unsigned type that holds the largest."""
    dtype = np.min_scalar_type(int(counts.max(initial=0)))
    found: Counts = counts.astype(dtype, copy=False)
    return found
