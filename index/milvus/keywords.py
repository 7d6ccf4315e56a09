"""BM25 on Milvus: sparse vectors that find the candidates, and exact scores for these.

    score(q, d) = sum over t of idf(t) * (k1 + 1) * f / (f + k1 * (1 - b + b * |d| / avgdl))

A row's sparse vector holds f / (f + k1 * (1 - b + b * |d| / reference)) for its terms; the question's holds
idf(t) * (k1 + 1). So idf is always that of the generation that is asked. The mean length avgdl moves as rows come and
go and cannot be taken out of a row's weight; `reference` is what it was when the set was begun. With r = avgdl /
reference each weight, and so each score, is between min(1, r) and max(1, r) times what the server computes. The best
rows of the server are therefore scored again here, from their texts, and more of them are fetched until no other row
can be among the best: the ranking is that of the local index, number for number.

A term is the dimension `dimensions(key)`, of 32 bits. Two terms that share one add up in both vectors, which can only
raise what the server computes: the bound holds.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..bm25 import inverse_document_frequencies, length_norms, weigh
from ..generation.term_counts import count_all_terms

_RESERVED = 2**32 - 2
"""A dimension that no term has: Milvus takes no empty vector."""
_MIX = np.uint64(0x9E3779B97F4A7C15)
"""Knuth's multiplicative hash (TAOCP 6.4): neighbouring keys come far apart."""


@dataclass(frozen=True, slots=True)
class RowTerms:
    """The distinct terms of some rows: row i owns `keys[starts[i]:starts[i + 1]]`, ascending, and their counts."""

    starts: NDArray[np.int64]
    keys: NDArray[np.int64]
    counts: NDArray[np.uint32]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Terms of each row, with repeats."""
        return np.diff(np.concatenate([np.zeros(1, np.int64), np.cumsum(self.counts, dtype=np.int64)])[self.starts])

    def frequencies(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The distinct terms of all these rows, and in how many rows each stands."""
        keys, n_rows = np.unique(self.keys, return_counts=True)
        return keys, n_rows.astype(np.int64)


def count_rows(texts: Sequence[str]) -> RowTerms:
    """The terms of the texts that are searched."""
    starts, keys, counts = count_all_terms(texts)
    return RowTerms(starts, keys, counts.astype(np.uint32))


@dataclass(frozen=True, slots=True)
class Model:
    """BM25's parameters, and the statistics of one generation."""

    k1: float
    b: float
    epsilon: float
    n_rows: int
    mean_length: float
    reference: float
    idf: dict[int, float]
    """Document frequency -> idf, for all that occur."""

    @property
    def drift(self) -> float:
        """How many times as much as the server computes a score may be."""
        return max(1.0, self.mean_length / self.reference) * (1 + 1e-5)  # single precision adds its own

    def factor(self, frequency: int) -> np.float32:
        """What the question brings to a term's weight."""
        return np.float32(self.idf[frequency] * (self.k1 + 1))

    def query(self, keys: Sequence[int], frequencies: Sequence[int]) -> dict[int, float]:
        """The question as a sparse vector; terms that stand nowhere are left out."""
        vector: dict[int, float] = {}
        known = {key: frequency for key, frequency in zip(keys, frequencies, strict=True) if frequency}
        for key, n_repeats in Counter(keys).items():
            if key in known:
                dimension = int(dimensions(np.array([key]))[0])
                vector[dimension] = vector.get(dimension, 0.0) + float(self.factor(known[key])) * n_repeats
        return vector

    def score(self, keys: Sequence[int], frequencies: Sequence[int], rows: RowTerms) -> NDArray[np.float32]:
        """The scores of some rows, shape (n,): the arithmetic of `BM25.score`, in its order."""
        norms = length_norms(rows.lengths, self.k1, self.b, self.mean_length)
        known = dict(zip(keys, frequencies, strict=True))
        scores = np.zeros(len(norms), np.float32)
        for key, n_repeats in Counter(keys).items():
            if not known[key]:
                continue
            holds = np.flatnonzero(rows.keys == key)
            own = np.searchsorted(rows.starts, holds, side="right") - 1
            weights = weigh(rows.counts[holds], norms[own], self.factor(known[key]))
            scores[own] += weights if n_repeats == 1 else weights * np.float32(n_repeats)
        return scores


def fit_idf(histogram: dict[int, int], n_rows: int, epsilon: float) -> dict[int, float]:
    """Document frequency -> idf, from how many terms have each frequency."""
    frequencies = np.array(sorted(histogram), np.int64)
    each = np.repeat(frequencies, [histogram[n] for n in frequencies.tolist()])
    distinct, idf = inverse_document_frequencies(each, n_rows, epsilon)
    return dict(zip(distinct.tolist(), idf.tolist(), strict=True))


def sparse_rows(rows: RowTerms, reference: float, k1: float, b: float) -> list[dict[int, float]]:
    """The sparse vectors of some rows."""
    norms = length_norms(rows.lengths, k1, b, reference)
    row_of = np.repeat(np.arange(len(norms)), np.diff(rows.starts))
    weights = weigh(rows.counts, norms[row_of], np.float32(1)).tolist()
    at = dimensions(rows.keys).tolist()
    starts = rows.starts.tolist()
    vectors = []
    for first, last in pairwise(starts):
        vector: dict[int, float] = {}
        for dimension, weight in zip(at[first:last], weights[first:last], strict=True):
            vector[dimension] = vector.get(dimension, 0.0) + weight
        vectors.append(vector or {_RESERVED: 1e-6})
    return vectors


def dimensions(keys: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Which dimension each term is, below 2^32 - 2."""
    mixed = (keys.astype(np.uint64) * _MIX) >> np.uint64(32)
    return np.minimum(mixed, np.uint64(_RESERVED - 1))
