"""Vectors -> the nearest rows by cosine similarity (wraps FAISS).

Rows and queries are unit vectors, so the inner product is the cosine. The index is exact (`IndexFlatIP`).
"""

from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray


class VectorIndex:
    """An exact inner-product index over unit rows; row i is chunk i."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @property
    def n_rows(self) -> int:
        """Number of vectors."""
        return int(self._index.ntotal)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    def search(self, query: NDArray[np.float32], top_k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The `top_k` nearest rows of one query (dim,) and their cosines, best first; fewer where there are fewer."""
        if not self.n_rows or top_k < 1:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        cosines, rows = self._index.search(query[None, :], min(top_k, self.n_rows))
        found = rows[0] >= 0  # FAISS pads with -1
        return rows[0][found], cosines[0][found]

    def rows(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors of these rows, shape (len(rows), dim)."""
        if not len(rows):
            return np.zeros((0, self.dim), np.float32)
        return self._index.reconstruct_batch(np.asarray(rows, dtype=np.int64))

    def save(self, path: Path) -> None:
        """Writes the index to a file."""
        faiss.write_index(self._index, str(path))


def build_vectors(rows: NDArray[np.float32]) -> VectorIndex:
    """An index over unit rows (n, dim)."""
    index = faiss.IndexFlatIP(rows.shape[1])
    index.add(np.ascontiguousarray(rows, dtype=np.float32))
    return VectorIndex(index)


def open_vectors(path: Path) -> VectorIndex:
    """Opens what `VectorIndex.save` wrote."""
    return VectorIndex(faiss.read_index(str(path)))
