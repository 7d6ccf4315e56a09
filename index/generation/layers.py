"""The vectors of an index in two layers: a large one that is not written again for an edit, and a small recent one.

`places[i]` says where row i's vector stands: `p >= 0` is row p of the base, `p < 0` is row `-1 - p` of the recent
layer. Rows of a layer that no place names are dead: their document was changed or removed.
"""

import numpy as np
from numpy.typing import NDArray

from ..vectors import VectorIndex

MAX_DEAD = 512
"""Dead rows that a base may have: a search asks for so many more hits, and drops them."""


class LayeredVectors:
    """Searches both layers as one index; the same methods as `VectorIndex`."""

    def __init__(self, base: VectorIndex, recent: VectorIndex | None = None, *, places: NDArray[np.int32]) -> None:
        self._layers = [base, *([recent] if recent else [])]
        self._places = places
        self._rows_of = [np.full(layer.n_rows, -1, np.int64) for layer in self._layers]
        rows = np.arange(len(places))
        in_base = places >= 0
        if not recent and not in_base.all():
            raise ValueError("some vectors stand in a recent layer that there is not")
        self._rows_of[0][places[in_base]] = rows[in_base]
        if recent:
            self._rows_of[1][-1 - places[~in_base]] = rows[~in_base]
        self._n_dead = [int((rows_of < 0).sum()) for rows_of in self._rows_of]
        if sum(layer.n_rows for layer in self._layers) - sum(self._n_dead) != len(places):
            raise ValueError("two rows have the same vector's place")

    @property
    def n_rows(self) -> int:
        """Number of vectors that are not dead."""
        return len(self._places)

    @property
    def n_base(self) -> int:
        """Number of vectors of the base, dead ones too."""
        return self._layers[0].n_rows

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._layers[0].dim

    def search(self, query: NDArray[np.float32], top_k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The `top_k` nearest rows of one query (dim,) and their cosines, best first; fewer where there are fewer."""
        all_rows, all_cosines = [], []
        for layer, rows_of, n_dead in zip(self._layers, self._rows_of, self._n_dead, strict=True):
            found, cosines = layer.search(query, top_k + n_dead if top_k > 0 else 0)
            rows = rows_of[found]
            all_rows.append(rows[rows >= 0])
            all_cosines.append(cosines[rows >= 0])
        rows, cosines = np.concatenate(all_rows), np.concatenate(all_cosines)
        best = np.lexsort((rows, -cosines))[: max(top_k, 0)]
        return rows[best], cosines[best]

    def rows(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors of these rows, shape (len(rows), dim)."""
        places = self._places[np.asarray(rows, np.int64)].astype(np.int64)
        found = np.zeros((len(places), self.dim), np.float32)
        in_base = places >= 0
        found[in_base] = self._layers[0].rows(places[in_base])
        if not in_base.all():
            found[~in_base] = self._layers[1].rows(-1 - places[~in_base])
        return found
