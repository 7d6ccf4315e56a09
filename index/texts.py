"""The texts of an index in SQLite: documents, articles and chunks, read when they are asked for.

Row i of `chunks` is vector i and BM25 row i. A chunk's text is not stored twice: it is cut from its document.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from .types import Article, Block, Chunk, Document

_SCHEMA = """
create table documents (doc_id text primary key, sha256 text, encoding text, metadata text, page_starts text,
                        text text) without rowid;
create table articles (doc_id text, number integer, record text, primary key (doc_id, number)) without rowid;
create table chunks (row integer primary key, doc_id text, article integer, start integer, end integer, key blob);
create index chunks_by_document on chunks (doc_id);
"""


class TextWriter:
    """Writes the texts of a new generation; `close` makes them durable."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript("pragma journal_mode = off; pragma synchronous = off;" + _SCHEMA + "begin;")
        self.n_documents = self.n_articles = self.n_chunks = 0

    def add(self, document: Document, articles: Sequence[Article], chunks: Sequence[tuple[Chunk, bytes]]) -> None:
        """Adds a document, its articles, and its chunks with their content keys, as the next rows."""
        metadata = json.dumps(document.metadata, ensure_ascii=False)
        self._db.execute(
            "insert into documents values (?, ?, ?, ?, ?, ?)",
            (document.doc_id, document.sha256, document.encoding, metadata, json.dumps(document.page_starts),
             document.text),
        )  # fmt: skip
        self._db.executemany(
            "insert into articles values (?, ?, ?)",
            ((a.doc_id, a.number, json.dumps(asdict(a), ensure_ascii=False)) for a in articles),
        )
        self._db.executemany(
            "insert into chunks values (?, ?, ?, ?, ?, ?)",
            ((self.n_chunks + i, c.doc_id, c.article, c.start, c.end, key) for i, (c, key) in enumerate(chunks)),
        )
        self.n_documents += 1
        self.n_articles += len(articles)
        self.n_chunks += len(chunks)

    def close(self) -> None:
        """Commits and closes."""
        self._db.execute("commit")
        self._db.close()


class Texts:
    """Read-only texts of one generation; may be used from several threads."""

    def __init__(self, path: Path) -> None:
        # One connection, opened now: the file may be removed while it is read (by the second build from here).
        # SQLite is built to be shared between threads (sqlite3.threadsafety is 3), and each query has its own cursor.
        uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._db = sqlite3.connect(uri, uri=True, check_same_thread=False)

    def _query(self, sql: str, *values: object) -> sqlite3.Cursor:
        return self._db.execute(sql, values)

    def document(self, doc_id: str) -> Document | None:
        """The document of this id, or None."""
        row = self._query("select * from documents where doc_id = ?", doc_id).fetchone()
        return _document(row) if row else None

    def document_hashes(self) -> dict[str, str]:
        """doc_id -> sha256 of every document, in no particular order."""
        return dict(self._query("select doc_id, sha256 from documents"))

    def article(self, doc_id: str, number: int) -> Article | None:
        """One article, or None."""
        row = self._query("select record from articles where doc_id = ? and number = ?", doc_id, number).fetchone()
        return _article(row[0]) if row else None

    def articles(self, doc_id: str | None = None) -> Iterator[Article]:
        """All articles (of one document), by document and number."""
        where = "" if doc_id is None else "where doc_id = ?"
        values = () if doc_id is None else (doc_id,)
        for (record,) in self._query(f"select record from articles {where} order by doc_id, number", *values):
            yield _article(record)

    def chunk(self, row: int) -> Chunk:
        """The chunk of a row."""
        doc_id, number, start, end, text, record = self._query(
            "select c.doc_id, c.article, c.start, c.end, substr(d.text, c.start + 1, c.end - c.start), a.record "
            "from chunks c join documents d on d.doc_id = c.doc_id "
            "join articles a on a.doc_id = c.doc_id and a.number = c.article where c.row = ?",
            row,
        ).fetchone()
        article = json.loads(record)
        return Chunk(doc_id, number, start, end, text, article["title"], article["date"])

    def chunk_keys(self) -> Iterator[tuple[int, bytes]]:
        """(row, content key) of every chunk."""
        yield from self._query("select row, key from chunks")

    def chunks_of(self, doc_id: str) -> list[tuple[Chunk, bytes]]:
        """The chunks of a document with their content keys, in order; texts left empty (they are cut on reading)."""
        rows = self._query("select article, start, end, key from chunks where doc_id = ? order by row", doc_id)
        return [(Chunk(doc_id, article, start, end, ""), key) for article, start, end, key in rows]

    def n_chunks(self) -> int:
        """Number of chunks."""
        return int(self._query("select count(*) from chunks").fetchone()[0])


def _document(row: tuple[str, str, str, str, str, str]) -> Document:
    doc_id, sha256, encoding, metadata, page_starts, text = row
    return Document(doc_id, text, sha256, json.loads(metadata), encoding, tuple(json.loads(page_starts)))


def _article(record: str) -> Article:
    fields = json.loads(record)
    fields["blocks"] = tuple(Block(**block) for block in fields["blocks"])
    return Article(**fields)
