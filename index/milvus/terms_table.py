"""In how many rows each term stands, on the server: a record a term, the number of before beside it.

Its readers take `frequency` where `generation` is theirs or older, and `before` where a build has already written for
the next one. So document frequencies change with the generation, in one step, and an edit writes only its own terms.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..errors import IndexDamagedError
from .keywords import RowTerms
from .server import MAX_BATCH, Record, Server
from .sets import DUMMY, CollectionSet

_FIELDS = ("key", "frequency", "before", "generation")
_PENDING = 64
"""Changes that are added up together."""


@dataclass(slots=True)
class Change:
    """How document frequencies change: what rows bring that are added, less those that are removed."""

    _keys: list[NDArray[np.int64]] = field(default_factory=list)
    _deltas: list[NDArray[np.int64]] = field(default_factory=list)
    n_terms: int = 0
    """Change of the number of terms of all rows, with repeats."""

    def add(self, rows: RowTerms, sign: int) -> None:
        """Rows come (1) or go (-1)."""
        keys, n_rows = rows.frequencies()
        self.add_counts(keys, sign * n_rows)
        self.n_terms += sign * int(rows.counts.sum())

    def add_counts(self, keys: NDArray[np.int64], deltas: NDArray[np.int64]) -> None:
        """Terms change by so much."""
        self._keys.append(keys)
        self._deltas.append(deltas)
        if len(self._keys) > _PENDING:
            keys, deltas = self.total()
            self._keys, self._deltas = [keys], [deltas]

    def total(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The terms that change, ascending, and by how much."""
        keys = np.concatenate([np.zeros(0, np.int64), *self._keys])
        deltas = np.concatenate([np.zeros(0, np.int64), *self._deltas])
        distinct, places = np.unique(keys, return_inverse=True)
        sums = np.bincount(places, weights=deltas, minlength=len(distinct)).astype(np.int64)
        return distinct[sums != 0], sums[sums != 0]


def apply_changes(
    server: Server, own: CollectionSet, change: Change, generation: int, histogram: Counter[int]
) -> Counter[int]:
    """Writes the frequencies of a generation; how many terms have each frequency then, from how many had before.

    Raises IndexDamagedError where a term would stand in less than no row.
    """
    keys, deltas = change.total()
    after = Counter(histogram)
    is_empty = not server.query(own.terms, "generation >= 0", ["key"], limit=1)
    for start in range(0, len(keys), MAX_BATCH):
        batch = dict(
            zip(keys[start : start + MAX_BATCH].tolist(), deltas[start : start + MAX_BATCH].tolist(), strict=True)
        )
        before = dict.fromkeys(batch, 0)
        if not is_empty:
            for record in server.query_in(own.terms, "key", batch, _FIELDS):
                before[record["key"]] = frequency_at(record, generation - 1)
        server.upsert(own.terms, list(_changed(server, batch, before, generation, after)))
    return +after


def _changed(
    server: Server, batch: dict[int, int], before: dict[int, int], generation: int, histogram: Counter[int]
) -> Iterator[Record]:
    for key, delta in batch.items():
        frequency = before[key] + delta
        if frequency < 0:
            raise IndexDamagedError(
                f"The index at {server.address} is damaged: a term stands in {before[key]} rows, and {-delta} of those "
                f"are removed. Build it again: python -m index build DOCUMENTS --out {server.address} --full"
            )
        histogram[before[key]] -= bool(before[key])
        histogram[frequency] += bool(frequency)
        yield {"key": key, "frequency": frequency, "before": before[key], "generation": generation, "dummy": DUMMY}


def frequency_at(record: Record, generation: int) -> int:
    """A term's document frequency in a generation: a build writes the next one beside the one before."""
    return int(record["frequency"] if record["generation"] <= generation else record["before"])


def take_back(server: Server, own: CollectionSet, generation: int) -> None:
    """Undoes what a build that died has written for this generation."""
    written = list(server.query_all(own.terms, f"generation >= {generation}", _FIELDS))
    server.upsert(
        own.terms,
        [{**record, "frequency": record["before"], "generation": 0, "dummy": DUMMY} for record in written],
    )
