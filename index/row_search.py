"""What `Searchable` asks of an index on this machine: row i of every part is chunk i, and place i of a mask."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bm25 import BM25, best_rows
from .generation.layers import LayeredVectors
from .searchable import Mask, Row, Scores
from .texts import Texts

_ROWS_PER_BLOCK = 16_384
"""Bounds the memory that the vectors of a large filter take."""


@dataclass(frozen=True, slots=True, eq=False)
class RowScores:
    """The BM25 score of every row, shape (n_chunks,)."""

    scores: NDArray[np.float32]

    def best(self, top_k: int, among: Mask | None = None) -> Scores:
        """The best rows, equal ones by row."""
        rows, found = best_rows(self.scores if among is None else self.scores * among, top_k)
        return dict(zip(rows.tolist(), found.tolist(), strict=True))

    def of(self, rows: Sequence[Any]) -> Scores:
        """The scores of these rows."""
        return {row: float(self.scores[row]) for row in rows}


class RowSearch:
    """Searches the parts of one generation."""

    __slots__ = ()
    texts: Texts
    bm25: BM25
    vectors: LayeredVectors

    def document_frequencies(self, keys: Sequence[int]) -> list[int]:
        """In how many rows each of the terms with these keys stands."""
        return self.bm25.document_frequencies(keys)

    def score_terms(self, keys: Sequence[int], keep: Mask | None) -> RowScores:
        """The BM25 scores of a question's term keys."""
        scores = self.bm25.score(keys)
        return RowScores(scores if keep is None else scores * keep)

    def nearest(self, vector: NDArray[np.float32], top_k: int, keep: Mask | None) -> Scores:
        """The rows with the highest cosines, best first; all rows of a filter are looked at, in blocks."""
        if keep is None:
            rows, cosines = self.vectors.search(vector, top_k)
            return dict(zip(rows.tolist(), cosines.tolist(), strict=True))
        best, best_cosines = np.zeros(0, np.int64), np.zeros(0, np.float32)
        kept = np.flatnonzero(keep)
        for start in range(0, len(kept), _ROWS_PER_BLOCK):
            block = kept[start : start + _ROWS_PER_BLOCK]
            rows = np.concatenate([best, block])
            cosines = np.concatenate([best_cosines, self.vectors.rows(block) @ vector])
            order = np.lexsort((rows, -cosines))[: max(top_k, 0)]
            best, best_cosines = rows[order], cosines[order]
        return dict(zip(best.tolist(), best_cosines.tolist(), strict=True))

    def cosines(self, vector: NDArray[np.float32], rows: Sequence[Any]) -> Scores:
        """The cosines of these rows."""
        cosines = self.vectors.rows(np.array(rows, np.int64)) @ vector  # (n_rows,)
        return dict(zip(rows, cosines.tolist(), strict=True))

    def dates_and_sources(self) -> list[tuple[str, str]]:
        """Date and source of the article of each row."""
        return self.texts.dates_and_sources()

    def rows_in(self, mask: Mask, rows: Sequence[Any]) -> set[Row]:
        """Those of these rows that a mask means."""
        return {row for row in rows if mask[row]}

    def rows_at(self, places: Sequence[int]) -> Iterator[Row]:
        """A place is a row."""
        return iter(places)
