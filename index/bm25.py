"""BM25 scores: rank-bm25's model over counts of terms, weighed when a question is asked.

    score(q, d) = sum over the terms t of q, with repeats, of
                  idf(t) * f(t, d) * (k1 + 1) / (f(t, d) + k1 * (1 - b + b * |d| / avgdl))

(Trotman, Jia and Crane 2012, the ATIRE variant; idf with rank-bm25's floor of `epsilon` times the mean idf.) A
question touches only the postings of its own terms; rank-bm25 itself walks over every document in Python.

Stored are f and |d|, which an edit leaves as they are for all rows but its own. What all rows together decide (avgdl,
and the idf of each frequency) is a few thousand numbers, fitted anew for every generation.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from .generation.postings import Postings, TermCounts, count_rows_of_terms, invert_counts, merge_postings, move_rows

_GROUPS = 1024
"""See `_lower_bound`; for more results than groups all rows with a score are sorted."""
_FEW_POSTINGS = 2**16
"""So many fit into the processor's cache with all that is made of them; below, it is the calls that cost."""
_LEAST = float(np.finfo(np.float32).tiny)
"""Scores are positive or zero."""

POSTINGS = ("terms", "starts", "rows", "counts", "lengths")
"""The files (.npy) of one layer's postings."""
STATISTICS = ("parameters", "frequencies", "idf", "gone_terms", "gone_counts")
"""The files (.npy) of what all rows together decide; `parameters` are k1, b and the mean length."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """What all rows together decide of a term's weight."""

    parameters: NDArray[np.float64]  # (3,) k1, b, mean length
    frequencies: NDArray[np.int64]  # ascending: the numbers of rows in which some term stands
    idf: NDArray[np.float64]  # of a term that stands in so many rows
    gone_terms: NDArray[np.int64]  # ascending: the terms of dead rows of the base
    gone_counts: NDArray[np.int64]  # in how many dead rows each of these stands


class BM25:
    """Scores rows by their postings, which stand in one layer or two: `places` as in `LayeredVectors`, or None where
    row i stands in place i of the only one.
    """

    def __init__(
        self, statistics: Statistics, layers: Sequence[Postings], places: NDArray[np.int32] | None = None
    ) -> None:
        self.statistics = statistics
        self.layers = tuple(layers)
        self._ends = np.cumsum([0, *(layer.n_rows for layer in layers)]).tolist()
        self._order = None if places is None else _order(places, layers[0].n_rows)
        self.n_rows = self._ends[-1] if self._order is None else len(self._order)
        """Number of rows that were fitted."""
        k1, b, mean_length = statistics.parameters.tolist()
        self._k1 = k1
        self._norms = [length_norms(layer.lengths, k1, b, mean_length) for layer in layers]

    @property
    def postings(self) -> Postings:
        """The postings of all rows, row i of chunk i; put together for it where they stand in layers."""
        if self._order is None:
            return self.layers[0]
        rows_of = np.full(self._ends[-1], -1, np.int32)
        rows_of[self._order] = np.arange(self.n_rows, dtype=np.int32)
        base, *recent = (
            move_rows(layer, rows_of[start : start + layer.n_rows], self.n_rows)
            for layer, start in zip(self.layers, self._ends, strict=False)
        )
        return merge_postings(base, recent[0]) if recent else base

    def score(self, keys: Sequence[int]) -> NDArray[np.float32]:
        """The BM25 score of every row, shape (n_rows,), for a question's term keys (repeats count)."""
        repeats = Counter(keys)
        wanted = np.fromiter(repeats, np.int64, len(repeats))
        slices = [_slices(layer, wanted) for layer in self.layers]
        factors = self._factors(wanted, slices) * np.fromiter(repeats.values(), np.float32, len(repeats))
        scores = np.zeros(self._ends[-1], dtype=np.float32)
        for layer, norms, start, (firsts, lasts) in zip(self.layers, self._norms, self._ends, slices, strict=False):
            of_layer = scores[start : start + layer.n_rows]
            for own in _together(firsts, lasts):
                slices_of = [slice(*bounds) for bounds in zip(firsts[own].tolist(), lasts[own].tolist(), strict=True)]
                rows = np.concatenate([layer.rows[one] for one in slices_of])
                counts = np.concatenate([layer.counts[one] for one in slices_of])
                of_postings = np.repeat(factors[own], lasts[own] - firsts[own])
                np.add.at(of_layer, rows, weigh(counts, norms.take(rows), of_postings))  # in the order of the terms
        return scores if self._order is None else scores.take(self._order)

    def document_frequencies(self, keys: Sequence[int]) -> list[int]:
        """In how many rows each term stands."""
        wanted = np.array(keys, np.int64)
        return self._document_frequencies(wanted, [_slices(layer, wanted) for layer in self.layers]).tolist()

    def factors(self, keys: NDArray[np.int64]) -> NDArray[np.float32]:
        """`idf * (k1 + 1)` of each term; 0 for one that stands in no row."""
        return self._factors(keys, [_slices(layer, keys) for layer in self.layers])

    def _factors(self, keys: NDArray[np.int64], slices: "Sequence[_Slices]") -> NDArray[np.float32]:
        frequencies, idf = self.statistics.frequencies, self.statistics.idf
        own = self._document_frequencies(keys, slices)
        if not len(idf):
            return np.zeros(len(keys), np.float32)
        places = np.searchsorted(frequencies, own).clip(max=len(idf) - 1)
        return np.where(own > 0, idf[places] * (self._k1 + 1), 0.0).astype(np.float32)

    def _document_frequencies(self, keys: NDArray[np.int64], slices: "Sequence[_Slices]") -> NDArray[np.int64]:
        found = np.zeros(len(keys), np.int64)
        for firsts, lasts in slices:
            found += lasts - firsts
        terms, counts = self.statistics.gone_terms, self.statistics.gone_counts
        if len(terms):
            places = np.searchsorted(terms, keys).clip(max=len(terms) - 1)
            found -= np.where(terms[places] == keys, counts[places], 0)
        return found


_Slices = tuple[NDArray[np.int64], NDArray[np.int64]]
"""For each wanted term the first of its postings, and the one behind its last."""


def _slices(layer: Postings, wanted: NDArray[np.int64]) -> _Slices:
    first = layer.terms.searchsorted(wanted)
    last = layer.terms.searchsorted(wanted, side="right")  # one more where the term is there
    return layer.starts[first], layer.starts[last]


def _together(firsts: NDArray[np.int64], lasts: NDArray[np.int64]) -> list[slice]:
    """Which terms are weighed in one go: all of them, or each alone where they have many postings."""
    n_terms = len(firsts)
    if not n_terms or int((lasts - firsts).sum()) <= _FEW_POSTINGS:
        return [slice(0, n_terms)] if n_terms else []
    return [slice(term, term + 1) for term in range(n_terms)]


def _order(places: NDArray[np.int32], n_base: int) -> NDArray[np.int64] | None:
    """The place of each row among the rows of both layers, one behind the other; None if it is row i for all."""
    order = np.where(places >= 0, places, n_base - 1 - places.astype(np.int64))
    return None if len(order) == n_base and np.array_equal(order, np.arange(n_base)) else order


def length_norms(lengths: NDArray[np.int64], k1: float, b: float, mean_length: float) -> NDArray[np.float32]:
    """`k1 * (1 - b + b * |d| / avgdl)` of each row."""
    return (k1 * (1 - b + b * lengths / max(mean_length, 1e-9))).astype(np.float32)


def weigh(
    counts: NDArray[np.unsignedinteger], norms: NDArray[np.float32], factors: NDArray[np.float32] | np.float32
) -> NDArray[np.float32]:
    """What a term gains in each of its rows, of its counts there, their norms, and its factor."""
    frequencies = counts.astype(np.float32)
    return frequencies / (norms + frequencies) * factors


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
    return fit_layers([postings], None, k1=k1, b=b, epsilon=epsilon)


def fit_layers(
    layers: Sequence[Postings], places: NDArray[np.int32] | None, *, k1: float, b: float, epsilon: float
) -> BM25:
    """Fits BM25 on the rows that `places` names, in a base and a recent layer of postings."""
    base, *recent = layers
    lengths, alive = np.concatenate([layer.lengths for layer in layers]), np.ones(base.n_rows, np.bool_)
    if places is not None:
        order = _order(places, base.n_rows)
        lengths = lengths if order is None else lengths[order]
        alive = np.zeros(base.n_rows, np.bool_)
        alive[places[places >= 0]] = True
    gone = np.zeros(len(base.terms), np.int64) if alive.all() else count_rows_of_terms(base, ~alive)
    all_frequencies = np.diff(base.starts) - gone
    for layer in recent:
        all_frequencies = _add_frequencies(base.terms, all_frequencies, layer)
    frequencies, idf = inverse_document_frequencies(all_frequencies[all_frequencies > 0], len(lengths), epsilon)
    parameters = np.array([k1, b, lengths.mean() if len(lengths) else 0.0])
    there = np.flatnonzero(gone)
    return BM25(Statistics(parameters, frequencies, idf, base.terms[there], gone[there]), layers, places)


def _add_frequencies(terms: NDArray[np.int64], frequencies: NDArray[np.int64], more: Postings) -> NDArray[np.int64]:
    """The document frequencies of `terms` with those of another layer; its other terms behind them."""
    own = np.diff(more.starts)
    places = np.searchsorted(terms, more.terms)
    known = np.append(terms, -1)[places] == more.terms  # keys are not negative
    summed = frequencies.copy()
    summed[places[known]] += own[known]
    return np.concatenate([summed, own[~known]])


def inverse_document_frequencies(
    document_frequencies: NDArray[np.int64], n_rows: int, epsilon: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(frequencies, idf): the distinct ones of all terms' document frequencies, and rank-bm25's idf, by its own code.

    On a tiny corpus the mean idf, and with it the floor, is not positive: one row would score below zero and two rows
    nothing at all. There every term gets `log(1 + (N - n + .5) / (n + .5))` (Lucene's idf), which is always positive.
    """
    n_terms = np.bincount(document_frequencies)
    distinct = np.flatnonzero(n_terms)
    if not len(distinct):
        return distinct, np.zeros(0)
    log_odds = _log_odds(np.minimum(distinct, n_rows - distinct), n_rows)
    log_odds = np.where(distinct > n_rows - distinct, -log_odds, log_odds)  # the odds of n and of N - n are inverse
    mean = float(log_odds @ n_terms[distinct]) / len(document_frequencies)
    if mean <= 0:
        return distinct, np.log(1 + (n_rows - distinct + 0.5) / (distinct + 0.5))
    return distinct, np.where(log_odds < 0, epsilon * mean, log_odds)


def _log_odds(frequencies: NDArray[np.int64], n_rows: int) -> NDArray[np.float64]:
    """rank-bm25's idf of frequencies up to half of the rows, where it needs no floor."""
    model = BM25Okapi.__new__(BM25Okapi)
    model.corpus_size, model.epsilon, model.idf = n_rows, 0.0, {}
    model._calc_idf({n: n for n in frequencies.tolist()})
    return np.array([model.idf[n] for n in frequencies.tolist()])


def save_postings(postings: Postings, folder: Path) -> None:
    """Writes the arrays of a layer as .npy files, which are memory-mapped on opening."""
    for name in POSTINGS:
        np.save(folder / f"{name}.npy", getattr(postings, name), allow_pickle=False)


def save_statistics(bm25: BM25, folder: Path) -> None:
    """Writes what all rows together decide to a new folder."""
    folder.mkdir()
    for name in STATISTICS:
        np.save(folder / f"{name}.npy", getattr(bm25.statistics, name), allow_pickle=False)


def open_bm25(folder: Path, layers: Sequence[Path], places: NDArray[np.int32] | None = None) -> BM25:
    """Opens the statistics of a folder and the postings of each layer's folder, memory-mapped."""
    statistics = Statistics(*(_open(folder / f"{name}.npy") for name in STATISTICS))
    return BM25(statistics, [open_postings(layer) for layer in layers], places)


def open_postings(folder: Path) -> Postings:
    """Opens what `save_postings` wrote, memory-mapped."""
    return Postings(*(_open(folder / f"{name}.npy") for name in POSTINGS))


def _open(path: Path) -> NDArray:
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    return np.asarray(array.view(np.ndarray))  # np.memmap slices slowly
