"""BM25 scores: rank-bm25's model, fitted once and kept as a sparse matrix.

    score(q, d) = sum over the terms t of q, with repeats, of
                  idf(t) * f(t, d) * (k1 + 1) / (f(t, d) + k1 * (1 - b + b * |d| / avgdl))

(Trotman, Jia and Crane 2012, the ATIRE variant; idf with rank-bm25's floor of `epsilon` times the mean idf.) A
question touches only the postings of its own terms; rank-bm25 itself walks over every document in Python.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from .generation.postings import Postings, TermCounts, invert_counts

_BLOCK = 2**18
"""Postings that are weighed together."""
_GROUPS = 1024
"""See `_lower_bound`; for more results than groups all rows with a score are sorted."""
_LEAST = float(np.finfo(np.float32).tiny)
"""Scores are positive or zero."""

ARRAYS = ("terms", "starts", "rows", "counts", "lengths", "weights")
"""The files (.npy) of a fitted BM25: the fields of its postings, and its weights."""


def inverse_document_frequencies(
    document_frequencies: NDArray[np.int64], n_rows: int, epsilon: float
) -> NDArray[np.float64]:
    """rank-bm25's idf, by its own code, for each term.

    On a tiny corpus the mean idf, and with it the floor, is not positive: one row would score below zero and two rows
    nothing at all. There every term gets `log(1 + (N - n + .5) / (n + .5))` (Lucene's idf), which is always positive.
    """
    if not len(document_frequencies):
        return np.zeros(0)
    distinct, places, n_terms = np.unique(document_frequencies, return_inverse=True, return_counts=True)
    log_odds = _log_odds(np.minimum(distinct, n_rows - distinct), n_rows)
    log_odds = np.where(distinct > n_rows - distinct, -log_odds, log_odds)  # the odds of n and of N - n are inverse
    mean = float(log_odds @ n_terms) / len(document_frequencies)
    if mean <= 0:
        n = document_frequencies
        return np.log(1 + (n_rows - n + 0.5) / (n + 0.5))
    return np.where(log_odds < 0, epsilon * mean, log_odds)[places]


def _log_odds(frequencies: NDArray[np.int64], n_rows: int) -> NDArray[np.float64]:
    """rank-bm25's idf of frequencies up to half of the rows, where it needs no floor."""
    model = BM25Okapi.__new__(BM25Okapi)
    model.corpus_size, model.epsilon, model.idf = n_rows, 0.0, {}
    model._calc_idf({n: n for n in frequencies.tolist()})
    return np.array([model.idf[n] for n in frequencies.tolist()])


@dataclass(frozen=True, slots=True)
class BM25:
    """Postings and their weights: `weights[k]` is what a term of the question gains in `postings.rows[k]`."""

    postings: Postings
    weights: NDArray[np.float32]  # (n_postings,) idf included

    @property
    def n_rows(self) -> int:
        """Number of rows that were fitted."""
        return self.postings.n_rows

    def score(self, keys: Sequence[int]) -> NDArray[np.float32]:
        """The BM25 score of every row, shape (n_rows,), for a question's term keys (repeats count)."""
        scores = np.zeros(self.n_rows, dtype=np.float32)
        for own, n_repeats in self._slices(keys):
            weights = self.weights[own]
            np.add.at(scores, self.postings.rows[own], weights if n_repeats == 1 else weights * np.float32(n_repeats))
        return scores

    def document_frequency(self, key: int) -> int:
        """In how many rows the term stands."""
        own = self._slice(key)
        return own.stop - own.start

    def _slices(self, keys: Sequence[int]) -> list[tuple[slice, int]]:
        """The postings of each distinct term that stands in a row, and how often the question has it."""
        repeats = Counter(keys)
        wanted = np.fromiter(repeats, np.int64, len(repeats))
        first = np.searchsorted(self.postings.terms, wanted)
        last = np.searchsorted(self.postings.terms, wanted, side="right")  # one more where the term is there
        starts = self.postings.starts
        bounds = zip(starts[first].tolist(), starts[last].tolist(), repeats.values(), strict=True)
        return [(slice(start, stop), n_repeats) for start, stop, n_repeats in bounds if start < stop]

    def _slice(self, key: int) -> slice:
        terms, starts = self.postings.terms, self.postings.starts
        j = int(np.searchsorted(terms, key))
        if j == len(terms) or terms[j] != key:
            return slice(0, 0)
        return slice(int(starts[j]), int(starts[j + 1]))


def best_rows(scores: NDArray[np.float32], top_k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The `top_k` rows with the highest scores and these, best first, equal ones by row; none that scores zero."""
    rows = np.flatnonzero(scores >= max(_lower_bound(scores, top_k), _LEAST))
    best = rows[np.argsort(-scores[rows], kind="stable")[: max(top_k, 0)]]
    return best, scores[best]


def _lower_bound(scores: NDArray[np.float32], top_k: int) -> float:
    """A score that `top_k` rows reach at least: the rows are dealt into groups, and each group's best is a row.

    All rows need only be compared with it, which is far quicker than to sort or to partition them.
    """
    n_deals = len(scores) // _GROUPS
    if not 0 < top_k <= _GROUPS or not n_deals:
        return 0.0
    best_of_groups = scores[: n_deals * _GROUPS].reshape(n_deals, _GROUPS).max(axis=0)
    return float(np.partition(best_of_groups, _GROUPS - top_k)[_GROUPS - top_k])


def fit_bm25(counts: TermCounts | Postings, *, k1: float, b: float, epsilon: float) -> BM25:
    """Fits BM25 on rows of term counts, or on postings that were made of them."""
    postings = invert_counts(counts) if isinstance(counts, TermCounts) else counts
    starts, lengths = postings.starts, postings.lengths
    mean_length = lengths.mean() if len(lengths) else 0.0
    idf = inverse_document_frequencies(np.diff(starts), len(lengths), epsilon)
    norms = (k1 * (1 - b + b * lengths / max(mean_length, 1e-9))).astype(np.float32)  # (n_rows,)
    factors = (idf * (k1 + 1)).astype(np.float32)  # (n_terms,)
    weights = np.empty(len(postings.rows), np.float32)
    for first, last in _term_blocks(starts):
        own = slice(int(starts[first]), int(starts[last]))
        frequencies = postings.counts[own].astype(np.float32)
        of_block = np.take(norms, postings.rows[own])
        of_block += frequencies
        np.divide(frequencies, of_block, out=of_block)
        np.multiply(of_block, np.repeat(factors[first:last], np.diff(starts[first : last + 1])), out=weights[own])
    return BM25(postings, weights)


def _term_blocks(starts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Ranges of terms with about `_BLOCK` postings each: few enough for the processor's cache."""
    first = 0
    while first < len(starts) - 1:
        last = int(np.searchsorted(starts, starts[first] + _BLOCK, side="right")) - 1
        yield first, max(last, first + 1)
        first = max(last, first + 1)


def save_bm25(bm25: BM25, folder: Path) -> None:
    """Writes the arrays as .npy files, which are memory-mapped on opening."""
    folder.mkdir()
    postings = bm25.postings
    arrays: tuple[NDArray, ...] = (
        *(postings.terms, postings.starts, postings.rows, postings.counts, postings.lengths),
        bm25.weights,
    )
    for name, array in zip(ARRAYS, arrays, strict=True):
        np.save(folder / f"{name}.npy", array, allow_pickle=False)


def open_bm25(folder: Path) -> BM25:
    """Opens what `save_bm25` wrote, memory-mapped."""
    terms, starts, rows, counts, lengths, weights = (
        np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False).view(np.ndarray)  # np.memmap slices slowly
        for name in ARRAYS
    )
    return BM25(Postings(terms, starts, rows, counts, lengths), weights)
