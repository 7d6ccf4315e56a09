"""The texts of an index, read when they are asked for: documents, articles and chunks.

    catalog.sqlite      documents in their order, and the part that each stands in
    chunks.npy          row i of every part of the index: its document, article, offsets and content key
    base/, recent/      the documents themselves (see `text_parts`); `recent` only where there is one

A chunk's text is not stored twice: it is cut from its document.
"""

import heapq
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .continuations import Jump, Part, as_whole, find_links
from .generation.catalog import Entry
from .generation.text_parts import ARTICLE_COLUMNS, read_article, read_document
from .pages.seams import load_seams
from .types import Article, Chunk, Document

CATALOG, CHUNKS, TEXTS = "catalog.sqlite", "chunks.npy", "texts.sqlite"
BASE, RECENT = "base", "recent"
CHUNK = np.dtype([("document", "<i4"), ("article", "<i4"), ("start", "<i4"), ("end", "<i4"), ("key", "V16")])
"""A row of `chunks.npy`: `document` is its number in the catalog, `key` a hash of the text that is searched."""


class Texts:
    """Read-only texts of one generation; may be used from several threads."""

    def __init__(self, folder: Path) -> None:
        # One connection, opened now: the files may be removed while they are read (by the second build from here).
        # SQLite is built to be shared between threads (sqlite3.threadsafety is 3), and each query has its own cursor.
        self._db = sqlite3.connect(_uri(folder / CATALOG), uri=True, check_same_thread=False)
        self._parts = [part for part in (BASE, RECENT) if (folder / part / TEXTS).is_file()]
        for part in self._parts:
            self._db.execute(f"attach ? as {part}", (_uri(folder / part / TEXTS),))
            self._db.execute(f"select 1 from {part}.documents limit 1")  # it is read here, or its damage is told here
        self.chunks: NDArray[np.void] = np.load(folder / CHUNKS, mmap_mode="r", allow_pickle=False)
        if self.chunks.dtype != CHUNK:
            raise ValueError(f"{CHUNKS} holds other fields")
        self._wholes: dict[Part, Article] | None = None

    def _query(self, sql: str, *values: object) -> sqlite3.Cursor:
        return self._db.execute(sql, values)

    def _part(self, doc_id: str) -> str:
        """The part that a document stands in, or "" where there is no such document."""
        row = self._query("select part from documents where doc_id = ?", doc_id).fetchone()
        return self._known(row[0]) if row else ""

    def _known(self, part: str) -> str:
        if part not in self._parts:  # it becomes a part of a query: only what stands in our own list may
            raise ValueError(f"the catalog names a part {part!r} that there is not")
        return part

    def document(self, doc_id: str) -> Document | None:
        """The document of this id, or None."""
        if not (part := self._part(doc_id)):
            return None
        return read_document(self._query(f"select * from {part}.documents where doc_id = ?", doc_id).fetchone())

    def entries(self) -> Iterator[Entry]:
        """The catalog, in the order of the documents."""
        first_row = 0
        for number, doc_id, digest, part, n_rows, n_articles in self._query("select * from documents order by number"):
            yield Entry(number, doc_id, digest, part, n_rows, n_articles, first_row)
            first_row += n_rows

    def article(self, doc_id: str, number: int) -> Article | None:
        """One article, or None; a part of one that goes on in another document says what is true of the whole."""
        return self._parts_of_wholes().get((doc_id, number)) or self._own_article(doc_id, number)

    def _own_article(self, doc_id: str, number: int) -> Article | None:
        """An article as its document alone gives it."""
        if not (part := self._part(doc_id)):
            return None
        sql = f"select {ARTICLE_COLUMNS} from {part}.articles where doc_id = ? and number = ?"
        row = self._query(sql, doc_id, number).fetchone()
        return read_article(row) if row else None

    def articles(self, doc_id: str | None = None) -> Iterator[Article]:
        """All articles (of one document), by document and number."""
        if doc_id is None:
            cursors = [
                self._query(
                    f"select a.doc_id, a.number, a.title, a.date, a.record from {part}.articles a "
                    "join main.documents d on d.doc_id = a.doc_id and d.part = ? order by a.doc_id, a.number",
                    part,
                )
                for part in self._parts
            ]
            rows: Iterable[tuple[str, int, str, str, str]] = heapq.merge(*cursors, key=lambda row: row[:2])
        elif part := self._part(doc_id):
            sql = f"select {ARTICLE_COLUMNS} from {part}.articles where doc_id = ? order by number"
            rows = self._query(sql, doc_id)
        else:
            rows = ()
        wholes = self._parts_of_wholes()
        yield from (wholes.get((a.doc_id, a.number), a) for a in map(read_article, rows))

    def _parts_of_wholes(self) -> dict[Part, Article]:
        """The articles that go on in another document, or come from one, by their place; found once."""
        if self._wholes is None:
            jumps = [
                Jump(*row)
                for part in self._parts
                for row in self._query(
                    f"select j.* from {part}.jumps j join main.documents d on d.doc_id = j.doc_id and d.part = ?", part
                )
            ]
            wholes: dict[Part, Article] = {}
            for parts in find_links(jumps, load_seams()) if jumps else ():
                own = (self._own_article(*place) for place in parts)
                wholes |= dict(zip(parts, as_whole([article for article in own if article]), strict=True))
            self._wholes = wholes
        return self._wholes

    def chunk(self, row: int) -> Chunk:
        """The chunk of a row."""
        document, number, start, end, _ = self.chunks[row].item()
        doc_id, part = self._query("select doc_id, part from documents where number = ?", document).fetchone()
        part = self._known(part)
        text, title, date = self._query(
            "select substr(d.text, ? + 1, ? - ?), a.title, a.date "
            f"from {part}.documents d join {part}.articles a on a.doc_id = d.doc_id "
            "where d.doc_id = ? and a.number = ?",
            *(start, end, start, doc_id, number),
        ).fetchone()
        whole = self._parts_of_wholes().get((doc_id, number))
        title, date = (whole.title, whole.date) if whole else (title, date)
        return Chunk(doc_id, number, start, end, text, title, date)

    def dates_and_sources(self) -> list[tuple[str, str]]:
        """Date and source of the article of each chunk, by row. (The source is the third field of a record.)"""
        found: dict[tuple[int, int], tuple[str, str]] = {}
        for part in self._parts:
            rows = self._query(
                f"select d.number, a.number, a.date, json_extract(a.record, '$[2]') from {part}.articles a "
                "join main.documents d on d.doc_id = a.doc_id and d.part = ?",
                part,
            )
            found |= {(document, number): (date, source) for document, number, date, source in rows}
        for (doc_id, number), whole in self._parts_of_wholes().items():
            (document,) = self._query("select number from documents where doc_id = ?", doc_id).fetchone()
            found[document, number] = (whole.date, whole.source)
        chunks = zip(self.chunks["document"].tolist(), self.chunks["article"].tolist(), strict=True)
        return [found[chunk] for chunk in chunks]

    def n_chunks(self) -> int:
        """Number of chunks."""
        return len(self.chunks)


def _uri(path: Path) -> str:
    return f"{path.resolve().as_uri()}?mode=ro&immutable=1"
