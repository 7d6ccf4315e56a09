"""BM25 scores: rank-bm25's model, fitted once and kept as a sparse matrix.

    score(q, d) = sum over the terms t of q, with repeats, of
                  idf(t) * f(t, d) * (k1 + 1) / (f(t, d) + k1 * (1 - b + b * |d| / avgdl))

(Trotman, Jia and Crane 2012, the ATIRE variant; idf with rank-bm25's floor of `epsilon` times the mean idf.) A
question touches only the postings of its own terms; rank-bm25 itself walks over every document in Python.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

ARRAYS = ("terms", "starts", "rows", "weights", "row_starts", "row_terms", "row_counts")
"""The files (.npy) of a fitted BM25, in the order of its fields and those of its `row_counts`."""


@dataclass(frozen=True, slots=True)
class TermCounts:
    """The distinct terms of n rows: row i owns `keys[starts[i]:starts[i + 1]]`, ascending, and their counts."""

    starts: NDArray[np.int64]  # (n + 1,)
    keys: NDArray[np.int64]
    counts: NDArray[np.int32]


def stack_counts(rows: Sequence[tuple[NDArray[np.int64], NDArray[np.int32]]]) -> TermCounts:
    """Rows of (keys, counts) as one `TermCounts`, in the same order."""
    starts = np.zeros(len(rows) + 1, dtype=np.int64)
    np.cumsum([len(keys) for keys, _ in rows], out=starts[1:])
    keys = np.concatenate([k for k, _ in rows]) if rows else np.zeros(0, np.int64)
    counts = np.concatenate([c for _, c in rows]) if rows else np.zeros(0, np.int32)
    return TermCounts(starts, keys, counts)


def inverse_document_frequencies(
    document_frequencies: NDArray[np.int64], n_rows: int, epsilon: float
) -> NDArray[np.float64]:
    """rank-bm25's idf, by its own code, for each term.

    On a tiny corpus the mean idf, and with it the floor, is not positive: one row would score below zero and two rows
    nothing at all. There every term gets `log(1 + (N - n + .5) / (n + .5))` (Lucene's idf), which is always positive.
    """
    if not len(document_frequencies):
        return np.zeros(0)
    model = BM25Okapi.__new__(BM25Okapi)
    model.corpus_size, model.epsilon, model.idf = n_rows, epsilon, {}
    model._calc_idf(dict(enumerate(document_frequencies.tolist())))
    if model.average_idf <= 0:
        n = document_frequencies
        return np.log(1 + (n_rows - n + 0.5) / (n + 0.5))
    return np.fromiter(model.idf.values(), dtype=np.float64, count=len(document_frequencies))


@dataclass(frozen=True, slots=True)
class BM25:
    """Postings: term j (`terms[j]`, ascending) weighs `weights[k]` in row `rows[k]` for k in its slice of `starts`."""

    terms: NDArray[np.int64]  # (n_terms,)
    starts: NDArray[np.int64]  # (n_terms + 1,)
    rows: NDArray[np.int32]  # (n_postings,)
    weights: NDArray[np.float32]  # (n_postings,) idf included
    row_counts: TermCounts
    """What it was fitted on, kept so that the next build does not tokenize an unchanged row again."""

    @property
    def n_rows(self) -> int:
        """Number of rows that were fitted."""
        return len(self.row_counts.starts) - 1

    def score(self, keys: Sequence[int]) -> NDArray[np.float32]:
        """The BM25 score of every row, shape (n_rows,), for a question's term keys (repeats count)."""
        scores = np.zeros(self.n_rows, dtype=np.float32)
        for key in keys:
            postings = self._postings(key)
            scores[self.rows[postings]] += self.weights[postings]  # a row stands once in a term's postings
        return scores

    def document_frequency(self, key: int) -> int:
        """In how many rows the term stands."""
        postings = self._postings(key)
        return postings.stop - postings.start

    def _postings(self, key: int) -> slice:
        j = int(np.searchsorted(self.terms, key))
        if j == len(self.terms) or self.terms[j] != key:
            return slice(0, 0)
        return slice(int(self.starts[j]), int(self.starts[j + 1]))


def fit_bm25(counts: TermCounts, *, k1: float, b: float, epsilon: float) -> BM25:
    """Fits BM25 on rows of term counts."""
    n_rows = len(counts.starts) - 1
    order = np.argsort(counts.keys, kind="stable")  # by term, rows ascending within a term
    row_of = np.repeat(np.arange(n_rows, dtype=np.int32), np.diff(counts.starts))
    terms, first = np.unique(counts.keys[order], return_index=True)
    starts = np.append(first, len(order)).astype(np.int64)
    lengths = np.bincount(row_of, weights=counts.counts, minlength=n_rows)
    mean_length = lengths.mean() if n_rows else 0.0
    idf = inverse_document_frequencies(np.diff(starts), n_rows, epsilon)
    rows, frequencies = row_of[order], counts.counts[order].astype(np.float64)
    norms = k1 * (1 - b + b * lengths[rows] / max(mean_length, 1e-9))
    weights = np.repeat(idf, np.diff(starts)) * frequencies * (k1 + 1) / (frequencies + norms)
    return BM25(terms, starts, rows, weights.astype(np.float32), counts)


def save_bm25(bm25: BM25, folder: Path) -> None:
    """Writes the arrays as .npy files, which are memory-mapped on opening."""
    folder.mkdir()
    counts = bm25.row_counts
    arrays: tuple[NDArray, ...] = (
        *(bm25.terms, bm25.starts, bm25.rows, bm25.weights),
        *(counts.starts, counts.keys, counts.counts),
    )
    for name, array in zip(ARRAYS, arrays, strict=True):
        np.save(folder / f"{name}.npy", array, allow_pickle=False)


def open_bm25(folder: Path) -> BM25:
    """Opens what `save_bm25` wrote, memory-mapped."""
    terms, starts, rows, weights, row_starts, row_terms, row_counts = (
        np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in ARRAYS
    )
    return BM25(terms, starts, rows, weights, TermCounts(row_starts, row_terms, row_counts))
