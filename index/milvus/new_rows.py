"""The rows that a builder writes: split, counted, embedded where no row with the same text has a vector, and sent."""

import hashlib
from collections.abc import Callable
from dataclasses import astuple, dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..articles import split_articles
from ..chunks import split_chunks
from ..continuations import find_jumps
from ..embeddings import Embedder
from ..generation.assemble import ReadDocument
from ..settings import IndexSettings
from ..types import Article, Chunk, Document
from ..vectors import as_stored
from .keywords import RowTerms, count_rows, sparse_rows
from .manifest import read_value, write_value
from .records import document_records, fitting
from .server import MAX_BATCH, Record
from .sets import FOREVER, document_key, place_code, row_key, version_key
from .stored import StoredVectors
from .terms_table import Change
from .work import ShardWork, Target

_MAX_PENDING_CHARS = 2_000_000
"""Of texts that are sent together."""


@dataclass(slots=True)
class RowWriter:
    """Takes new documents; `flush` must be called before the work is stored."""

    target: Target
    embedder: Embedder
    settings: IndexSettings
    vectors: StoredVectors
    work: ShardWork
    change: Change
    left: set[str]
    """Keys of rows and pieces that a build before this one wrote for the same generation and did not live to publish;
    what is written, or found there, is taken out."""
    alive: Callable[[], None]
    """Called with every batch: shows that the builder lives, or raises."""
    _rows: list[Record] = field(default_factory=list)
    _searched: list[str] = field(default_factory=list)
    _pieces: list[Record] = field(default_factory=list)
    _n_chars: int = 0

    def add(self, document: Document) -> ReadDocument:
        """Splits a document into articles and rows, and sends them when there are enough."""
        articles, number = split_articles(document), 0
        version = version_key(document.doc_id, document.sha256)
        for article in articles:
            made_of_article = split_chunks(article, document.text, self.settings.max_chunk_chars)
            for i, made in enumerate(made_of_article):
                self._add_row(version, number, article, made.chunk, made.search_text, opens=i == 0)
                number += 1
            self.work.count_place(article.date, article.source, len(made_of_article))
        self.work.jumps += [list(astuple(jump)) for jump in find_jumps(document, articles)]
        self._pieces += document_records(document, articles, number, self.target.generation)
        if len(self._rows) >= MAX_BATCH or self._n_chars >= _MAX_PENDING_CHARS:
            self.flush()
        return ReadDocument(document.doc_id, document.sha256, len(articles), number)

    def _add_row(
        self, version: str, number: int, article: Article, chunk: Chunk, searched: str, *, opens: bool
    ) -> None:
        row: Record = {
            "key": row_key(version, number),
            "document": document_key(chunk.doc_id),
            "doc_id": chunk.doc_id,
            "content": hashlib.sha256(searched.encode()).hexdigest()[:32],
            "title": fitting(chunk.title),
            "date": chunk.date,
            "text": fitting(chunk.text),
            "number": number,
            "article": chunk.article,
            "begin": chunk.start,
            "finish": chunk.end,
            "opens": int(opens),
            "place": place_code(article.date, article.source),
            "born": self.target.generation,
            "died": FOREVER,
        }
        if not fitting(searched):  # whoever removes the row must count the terms that are counted here
            searched = f"{row['title']}\n{chunk.text}"
        self._rows.append(row)
        self._searched.append(searched)
        self._n_chars += len(searched) + len(chunk.text)

    def flush(self) -> None:
        """Sends what is pending: rows first, so that a document that is there has all of its rows."""
        rows, searched, pieces = self._rows, self._searched, self._pieces
        self._rows, self._searched, self._pieces, self._n_chars = [], [], [], 0
        for start in range(0, len(rows), MAX_BATCH):
            self.alive()
            self._send(rows[start : start + MAX_BATCH], searched[start : start + MAX_BATCH])
        new = [piece for piece in pieces if piece["key"] not in self.left]
        self.left.difference_update(piece["key"] for piece in pieces)
        for start in range(0, len(new), 100):  # a piece may have 64 KB
            self.target.server.upsert(self.target.own.documents, new[start : start + 100])

    def _send(self, rows: list[Record], searched: list[str]) -> None:
        counted = count_rows(searched)
        shown = count_rows([f"{row['title']}\n{row['text']}" for row in rows])
        self.change.add(counted, 1)
        self._begin_reference(counted)
        keep = [i for i, row in enumerate(rows) if row["key"] not in self.left]
        self.left.difference_update(row["key"] for row in rows)
        if not keep:
            return
        vectors = self._embed([rows[i]["content"] for i in keep], [searched[i] for i in keep])
        own = self.settings
        sparse = sparse_rows(counted, self.work.reference, own.bm25_k1, own.bm25_b) if self.target.keywords else []
        for i, vector in zip(keep, vectors, strict=True):
            rows[i]["searched"] = "" if _same_terms(counted, shown, i) else fitting(searched[i])
            rows[i]["dense"] = vector.tolist()
            if sparse:
                rows[i]["terms"] = sparse[i]
        self.target.server.upsert(self.target.own.rows, [rows[i] for i in keep])
        self.vectors.note(rows[i]["content"] for i in keep)

    def _embed(self, contents: list[str], texts: list[str]) -> NDArray[np.float32]:
        """The vectors of these texts, in half precision as the local index keeps them, shape (n, dim)."""
        found = self.vectors.find(contents)
        new = {c: text for c, text in zip(contents, texts, strict=True) if c not in found}
        if new:
            made = as_stored(self.embedder.embed_passages(list(new.values())))
            found |= dict(zip(new, made, strict=True))
            self.work.n_embedded += len(new)
        return np.stack([found[content] for content in contents])

    def _begin_reference(self, counted: RowTerms) -> None:
        """The set's mean length of a row: of the first rows that were counted for it, by whoever counted first."""
        if self.work.reference:
            return
        key = f"reference/{self.target.own.name}"
        if read_value(self.target.server, key) is None:
            write_value(self.target.server, key, max(1.0, float(counted.lengths.mean())))
        self.work.reference = float(read_value(self.target.server, key))


def _same_terms(one: RowTerms, other: RowTerms, row: int) -> bool:
    """Whether a row has the same terms, as often, in both."""
    a, b = (slice(int(rows.starts[row]), int(rows.starts[row + 1])) for rows in (one, other))
    same_keys = np.array_equal(one.keys[a], other.keys[b])
    return same_keys and np.array_equal(one.counts[a], other.counts[b])
