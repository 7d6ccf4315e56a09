"""The exact scores of rows that a search of the server has found: of the keywords, and of the vectors."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..searchable import Mask, Scores
from .keywords import Model, count_rows
from .records import StoredRow


class Found(Protocol):
    """An open generation: what scoring asks of it."""

    @property
    def model(self) -> Model: ...

    def document_frequencies(self, keys: Sequence[int]) -> list[int]: ...

    def where(self, *masks: Mask | None) -> str: ...

    def best(self, name: str, query: Any, top_k: int, where: str, score: Any, drift: float) -> Scores: ...

    def rows(self, names: Sequence[str]) -> list[StoredRow]: ...


@dataclass(frozen=True, slots=True)
class MilvusScores:
    """The BM25 scores of one question."""

    index: Found
    keys: tuple[int, ...]
    keep: Mask | None

    def best(self, top_k: int, among: Mask | None = None) -> Scores:
        """The rows with the highest positive scores, best first."""
        frequencies = self.index.document_frequencies(self.keys)
        query = self.index.model.query(self.keys, frequencies)
        if not query:
            return {}
        where = self.index.where(self.keep, among)
        found = self.index.best("terms", query, top_k, where, self._score, self.index.model.drift)
        return {row: score for row, score in found.items() if score > 0}

    def of(self, rows: Sequence[Any]) -> Scores:
        """The scores of these rows."""
        return dict(zip(rows, self._score(self.index.rows(rows)).tolist(), strict=True)) if rows else {}

    def _score(self, rows: Sequence[StoredRow]) -> NDArray[np.float32]:
        frequencies = self.index.document_frequencies(self.keys)
        return self.index.model.score(self.keys, frequencies, count_rows([row.searched for row in rows]))


def cosines_of(rows: Sequence[StoredRow], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The cosines of some rows, shape (n,); rows with the same vector get the same number, wherever they stand."""
    exact = np.stack([row.vector for row in rows]).astype(np.float64) @ vector  # (n,)
    return exact.astype(np.float32)
