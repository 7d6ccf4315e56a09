"""The chunks that a build makes: embedded and counted in batches: the texts of two batches at most are in memory.

A batch is worked on in a thread of its own while the next one is read and split: tokenizing for the embedder needs no
lock of Python's, so that both cores of a small machine are used.
"""

import hashlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..embeddings import Embedder
from ..texts import CHUNK
from ..types import Chunk
from .embedded import EmbeddedVectors
from .postings import Postings, TermCounts, invert_counts, join_postings
from .term_counts import count_all_terms

BATCH = 4096
"""Chunks that are embedded together."""

FindBefore = Callable[[bytes], int | None]
"""Content key -> a row of the index before that has its vector, or None."""


def content_key(search_text: str) -> bytes:
    """16 bytes that stand for the text of a chunk that is searched: equal texts have equal vectors."""
    return hashlib.sha256(search_text.encode()).digest()[:16]


@dataclass(slots=True)
class NewRows:
    """New chunks in their order. `flush` must be called before the results are read."""

    embedder: Embedder
    embedded: EmbeddedVectors
    find_before: FindBefore
    n_embedded: int = 0
    _chunks: list[NDArray[np.void]] = field(default_factory=list)
    _sources: list[NDArray[np.int64]] = field(default_factory=list)
    _postings: list[Postings] = field(default_factory=list)
    _pending: list[tuple[Chunk, str]] = field(default_factory=list)
    _worker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    _running: Future[None] | None = None

    def add(self, chunk: Chunk, search_text: str) -> None:
        """Adds a chunk as the next row."""
        self._pending.append((chunk, search_text))
        if len(self._pending) >= BATCH:
            self._start()

    def flush(self) -> None:
        """Embeds what has no vector yet, and counts the terms of all that is pending; returns when it is done."""
        self._start()
        self._wait()

    def abandon(self) -> None:
        """Lets the batch that is worked on come to its end, so that what it embeds is kept, and drops the others."""
        self._pending.clear()
        with suppress(Exception):  # what made the build stop is told, not what came of it
            self._wait()

    def _start(self) -> None:
        self._wait()  # one batch at a time: bounds the memory
        if self._pending:
            pending, self._pending = self._pending, []
            self._running = self._worker.submit(self._work_on, pending)

    def _wait(self) -> None:
        running, self._running = self._running, None
        if running:
            running.result()

    def _work_on(self, pending: list[tuple[Chunk, str]]) -> None:
        texts = [search_text for _, search_text in pending]
        keys = [content_key(text) for text in texts]
        chunks = np.zeros(len(keys), CHUNK)
        for i, (chunk, _) in enumerate(pending):
            chunks[i] = (-1, chunk.article, chunk.start, chunk.end, keys[i])
        self._chunks.append(chunks)
        self._sources.append(self._embed(keys, texts))
        self._postings.append(invert_counts(TermCounts(*count_all_terms(texts))))

    def _embed(self, keys: list[bytes], texts: list[str]) -> NDArray[np.int64]:
        """Where each vector stands: `s >= 0` in `embedded`, `s < 0` in row `-1 - s` of the index before."""
        new: dict[bytes, str] = {}
        before: dict[bytes, int] = {}
        for key, text in zip(keys, texts, strict=True):
            if (row := self.find_before(key)) is not None:
                before[key] = -1 - row
            elif self.embedded.find(key) is None:
                new[key] = text
        if new:
            self.embedded.add(list(new), self.embedder.embed_passages(list(new.values())))
            self.n_embedded += len(new)
        found = (before[key] if key in before else self.embedded.find(key) for key in keys)
        return np.fromiter(found, np.int64, len(keys))

    def chunks(self) -> NDArray[np.void]:
        """The chunks (dtype `CHUNK`) with their content keys; the number of their document is not known here."""
        return np.concatenate([np.zeros(0, CHUNK), *self._chunks])

    def sources(self) -> NDArray[np.int64]:
        """Where the vector of each row stands (see `_embed`)."""
        return np.concatenate([np.zeros(0, np.int64), *self._sources])

    def postings(self) -> Postings:
        """The terms of all new rows; may be asked for once, since it frees what it was made of."""
        joined = join_postings(self._postings)
        self._postings.clear()
        return joined
