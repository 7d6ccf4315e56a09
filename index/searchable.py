"""What asking needs of an open index, wherever it stands: on this machine (`store.Index`) or on a Milvus server.

Both rank the same: the same terms, weights and vectors, exact scores for every candidate, ties by row.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .types import Article, Chunk, Document

Row = int | str
"""What names a chunk within one generation. All rows of an index are of one type, and ordered as its documents are."""
Mask = NDArray[np.bool_]
"""Which rows are meant, shape (n_places,): see `Searchable.dates_and_sources`."""
Scores = dict[Row, float]
"""Row -> score, best first."""


class TermScores(Protocol):
    """The BM25 scores of one question."""

    def best(self, top_k: int, among: Mask | None = None) -> Scores:
        """The `top_k` rows (of those that are meant) with the highest positive scores, best first."""
        ...

    def of(self, rows: Sequence[Row]) -> Scores:
        """The scores of these rows, in their order."""
        ...


class Searchable(Protocol):
    """One open generation of an index. May be used from several threads."""

    @property
    def path(self) -> Path:
        """Where the index stands; the address of a Milvus index too."""
        ...

    @property
    def generation(self) -> str: ...

    @property
    def manifest(self) -> dict[str, Any]: ...

    @property
    def n_chunks(self) -> int: ...

    @property
    def touched(self) -> bool:
        """Whether it may not be used any more as it was opened: then `newer` is asked before the next question."""
        ...

    def newer(self) -> "Searchable | None":
        """The live generation, opened, where this is not it; None where this one is to be used on. Raises UserError."""
        ...

    def reading(self) -> AbstractContextManager[None]:
        """Inside, whatever a damaged or lost index makes a library raise is a UserError."""
        ...

    def document(self, doc_id: str) -> Document | None: ...

    def article(self, doc_id: str, number: int) -> Article | None: ...

    def articles(self) -> Iterator[Article]:
        """All articles, by document and number."""
        ...

    def chunk(self, row: Any) -> Chunk: ...

    def document_frequencies(self, keys: Sequence[int]) -> list[int]:
        """In how many rows each of the terms with these keys stands."""
        ...

    def score_terms(self, keys: Sequence[int], keep: Mask | None) -> TermScores:
        """The scores of a question's term keys (repeats count); rows that are not kept score 0."""
        ...

    def nearest(self, vector: NDArray[np.float32], top_k: int, keep: Mask | None) -> Scores:
        """The `top_k` rows (among those to keep) with the highest cosine to this vector, shape (dim,), best first."""
        ...

    def cosines(self, vector: NDArray[np.float32], rows: Sequence[Row]) -> Scores:
        """The cosines of these rows to a vector, in the order of the rows."""
        ...

    def dates_and_sources(self) -> list[tuple[str, str]]:
        """Date and source of the article at each place of a `Mask`.

        On one machine every row is a place; on a server, all rows of one date and source are one.
        """
        ...

    def rows_in(self, mask: Mask, rows: Sequence[Row]) -> set[Row]:
        """Those of these rows that a mask means."""
        ...

    def rows_at(self, places: Sequence[int]) -> Iterator[Row]:
        """The rows that stand at these places of a mask, in the order of the places."""
        ...


Accept = Callable[[Searchable], Sequence[str]]
"""What a build asks with the new generation before it goes live: the reasons against it, or none."""
