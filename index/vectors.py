"""Vectors -> the nearest rows by cosine similarity (wraps FAISS).

Rows and queries are unit vectors, so the inner product is the cosine. Rows are stored in half precision, which moves a
cosine by less than 1e-3 (an exact scan then reads half as many bytes). The file is memory-mapped, never copied.

Up to `EXACT_LIMIT` rows a search scans them all. Beyond, it scans codes of one bit for each dimension (RaBitQ: Gao and
Long 2024, here around the origin) and scores the best of them again with the stored rows: cosines are true, and a row
is missed only where its code misleads. A code depends on its row alone, nothing is trained: the same rows give the same
file, whether they come from the model or from the index before. Measured against other types in eval/LOG.md.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

EXACT_LIMIT = 50_000
"""Rows up to which all are scanned: 2 ms of one core at 512 dimensions, what the codes could save is less."""

_MORE_CANDIDATES, _CANDIDATES_PER_RESULT, _MOST_RESULTS = 600, 20, 50
"""So many rows are scored again, for more results than `_MOST_RESULTS` no more than for these and one each: recall@10
and @50 above 0.99 on a million rows (eval/LOG.md)."""
_READ_FLAGS = faiss.IO_FLAG_MMAP_IFC | faiss.IO_FLAG_READ_ONLY
_BLOCK = 16_384
"""Rows that are decoded together."""


class VectorIndex:
    """An inner-product index over unit rows; row i is chunk i. May be searched from several threads."""

    def __init__(self, index: faiss.Index) -> None:
        """Raises ValueError if the index is of a type that `VectorBuilder` does not make."""
        self._owner = index  # a downcast index does not keep what it points to alive
        self._index = faiss.downcast_index(index)
        self._is_exact = not isinstance(self._index, faiss.IndexRefine)
        refine_index: faiss.Index | None = getattr(self._index, "refine_index", None)
        self._stored = self._index if refine_index is None else faiss.downcast_index(refine_index)
        if not isinstance(self._stored, faiss.IndexScalarQuantizer):
            raise ValueError(f"the vectors are a FAISS {type(self._stored).__name__}, not of this program")

    @property
    def n_rows(self) -> int:
        """Number of vectors."""
        return int(self._index.ntotal)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._index.d)

    @property
    def is_exact(self) -> bool:
        """Whether a search looks at every stored row."""
        return self._is_exact

    def search(self, query: NDArray[np.float32], top_k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The `top_k` nearest rows of one query (dim,) and their cosines, best first; fewer where there are fewer."""
        n_found = min(top_k, self.n_rows)
        if n_found < 1:
            return np.zeros(0, np.int64), np.zeros(0, np.float32)
        parameters = None
        if not self._is_exact:
            n_more = _MORE_CANDIDATES + (_CANDIDATES_PER_RESULT - 1) * min(n_found, _MOST_RESULTS)
            parameters = faiss.IndexRefineSearchParameters()
            parameters.k_factor = 1 + n_more / n_found
        return self._search(self._index, query, n_found, parameters)

    def search_exact(self, query: NDArray[np.float32], top_k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """What `search` finds when it looks at every row."""
        return self._search(self._stored, query, min(top_k, self.n_rows), None)

    def _search(
        self, index: faiss.Index, query: NDArray[np.float32], n_found: int, parameters: faiss.SearchParameters | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        with _one_thread():
            cosines, rows = index.search(query[None, :], n_found, params=parameters)
        found = rows[0] >= 0  # FAISS pads with -1
        return rows[0][found], cosines[0][found]

    def rows(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The vectors of these rows, shape (len(rows), dim)."""
        if not len(rows):
            return np.zeros((0, self.dim), np.float32)
        with _one_thread():
            return self._stored.reconstruct_batch(np.asarray(rows, dtype=np.int64))

    def measure_recall(self, *, n_queries: int = 32, top_k: int = 10) -> float:
        """Recall@`top_k` of `search` against the exact search, the mean over rows spread evenly over the index.

        The row itself is left out. A row counts as found if its cosine is that of a true result: of rows that are
        the same, any will do. 1.0 for an exact index.
        """
        if self._is_exact or self.n_rows <= top_k:
            return 1.0
        rows = np.unique(np.linspace(0, self.n_rows - 1, n_queries).astype(np.int64))
        recalls = [self._recall_of(row, query, top_k) for row, query in zip(rows, self.rows(rows), strict=True)]
        return float(np.mean(recalls))

    def _recall_of(self, row: int, query: NDArray[np.float32], top_k: int) -> float:
        _, expected = _without(row, *self.search_exact(query, top_k + 1))
        _, found = _without(row, *self.search(query, top_k + 1))
        return float(np.mean(found[:top_k] >= expected[:top_k].min() - 1e-6))

    def describe(self) -> dict[str, str | float]:
        """What the manifest says of it: how it searches, and the recall@10 that was measured on its own rows."""
        kind = "every row" if self._is_exact else "one-bit codes, the best scored again"
        return {"search": kind, "recall_at_10": round(self.measure_recall(), 4)}

    def save(self, path: Path) -> None:
        """Writes the index to a file."""
        faiss.write_index(self._index, str(path))


def _without(
    row: int, rows: NDArray[np.int64], cosines: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    kept = rows != row
    return rows[kept], cosines[kept]


class VectorBuilder:
    """Takes rows in blocks, in half precision, so that a build never holds them all in single precision."""

    def __init__(self, dim: int) -> None:
        self._stored = faiss.IndexScalarQuantizer(dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
        self._codes = faiss.IndexRaBitQ(dim, faiss.METRIC_INNER_PRODUCT)
        self._codes.train(np.zeros((1, dim), np.float32))  # the origin: a code must not depend on other rows

    def add(self, rows: NDArray[np.float32]) -> None:
        """Adds unit rows (n, dim) as the next ones."""
        self._stored.add(np.ascontiguousarray(rows, dtype=np.float32))

    def finish(self) -> VectorIndex:
        """The index over the rows so far; call it once."""
        n_rows = self._stored.ntotal
        if n_rows <= EXACT_LIMIT:
            return VectorIndex(self._stored)
        for start in range(0, n_rows, _BLOCK):
            self._codes.add(self._stored.reconstruct_n(start, min(_BLOCK, n_rows - start)))
        return VectorIndex(faiss.IndexRefine(self._codes, self._stored))


def as_stored(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows (n, dim) as an index gives them back: in half precision by FAISS's own rounding, which is not numpy's."""
    stored = faiss.IndexScalarQuantizer(rows.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    with _one_thread():
        return stored.sa_decode(stored.sa_encode(np.ascontiguousarray(rows, dtype=np.float32)))


def open_vectors(path: Path) -> VectorIndex:
    """Opens what `VectorIndex.save` wrote, memory-mapped."""
    return VectorIndex(faiss.read_index(str(path), _READ_FLAGS))


@contextmanager
def _one_thread() -> Iterator[None]:
    """FAISS works on this thread alone: a team for each of many questions at once only gets in its own way."""
    n_threads = faiss.omp_get_max_threads()  # of the calling thread
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(n_threads)
