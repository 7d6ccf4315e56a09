"""Documents and their articles in a SQLite file that is written once: a part of an index's texts.

`base/` holds most documents and is shared by generations that changed little (a hard link); `recent/` holds what was
added or changed since. Which document stands in which part, and in what order they come, says the catalog.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from pathlib import Path

from ..continuations import Jump
from ..types import Article, Block, Document

_SCHEMA = """
create table documents (doc_id text primary key, sha256 text, encoding text, metadata text, page_starts text,
                        text text);
create table articles (doc_id text, number integer, title text, date text, record text, primary key (doc_id, number));
create table jumps (doc_id text, number integer, to_page text, from_page text, page text, title text, first text,
                    last text, primary key (doc_id, number));
"""
ARTICLE_COLUMNS = "doc_id, number, title, date, record"


class TextWriter:
    """Writes one part; `commit` ends it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript("pragma journal_mode = off; pragma synchronous = off;" + _SCHEMA + "begin;")

    def add(self, document: Document, articles: Sequence[Article], jumps: Sequence[Jump] = ()) -> None:
        """Adds a document, its articles, and the notes of those that go on in another document."""
        metadata = json.dumps(document.metadata, ensure_ascii=False)
        self._db.execute(
            "insert into documents values (?, ?, ?, ?, ?, ?)",
            (document.doc_id, document.sha256, document.encoding, metadata, json.dumps(document.page_starts),
             document.text),
        )  # fmt: skip
        self._db.executemany(
            "insert into articles values (?, ?, ?, ?, ?)",
            ((a.doc_id, a.number, a.title, a.date, _article_record(a)) for a in articles),
        )
        self._db.executemany("insert into jumps values (?, ?, ?, ?, ?, ?, ?, ?)", map(astuple, jumps))

    def take_over(self, part: Path, doc_ids: Iterable[str]) -> None:
        """Copies documents and their articles, unread, from another part."""
        self._db.execute("commit")
        self._db.execute("attach ? as other", (str(part),))
        self._db.execute("begin")
        self._db.execute("create temp table wanted (doc_id text primary key) without rowid")
        self._db.executemany("insert into wanted values (?)", ((doc_id,) for doc_id in doc_ids))
        for table in ("documents", "articles", "jumps"):
            self._db.execute(f"insert into {table} select o.* from wanted join other.{table} o using (doc_id)")
        self._db.execute("drop table temp.wanted")
        self._db.execute("commit")
        self._db.execute("detach other")
        self._db.execute("begin")

    def commit(self) -> None:
        """Makes what was added a whole file, and closes it."""
        self._db.execute("commit")
        self._db.close()

    def close(self) -> None:
        """Closes; what was not committed is worth nothing."""
        self._db.close()


def read_document(row: tuple[str, str, str, str, str, str]) -> Document:
    """A row of the table `documents`."""
    doc_id, sha256, encoding, metadata, page_starts, text = row
    return Document(doc_id, text, sha256, json.loads(metadata), encoding, tuple(json.loads(page_starts)))


def _article_record(article: Article) -> str:
    """Everything but id, number, title and date, as short as it can be said: most of an article are its blocks."""
    blocks = [(b.start, b.end, b.kind, int(b.joins_previous)) for b in article.blocks]
    fields = (blocks, article.byline, article.source, article.place, int(article.unplaced))
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def read_article(row: tuple[str, int, str, str, str]) -> Article:
    """A row of the table `articles`."""
    doc_id, number, title, date, record = row
    blocks, byline, source, place, unplaced = json.loads(record)
    pieces = tuple(Block(start, end, kind, bool(joins)) for start, end, kind, joins in blocks)
    return Article(doc_id, number, title, pieces, byline, date, source, place, bool(unplaced))
