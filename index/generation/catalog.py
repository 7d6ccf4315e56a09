"""The catalog of an index: its documents in their order, in a SQLite file that is written once for a generation."""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

_SCHEMA = """
create table documents (number integer primary key, doc_id text unique not null, sha256 text not null,
                        part text not null, n_rows integer not null, n_articles integer not null);
"""


class Entry(NamedTuple):
    """A document's line in the catalog (a tuple: every build reads all of them)."""

    number: int
    """0-based, in the order in which the documents were read."""
    doc_id: str
    sha256: str
    part: str
    """`base` or `recent`: the folder of its text."""
    n_rows: int
    n_articles: int
    first_row: int
    """Its chunks are the `n_rows` rows from here. Not stored: it would change for all that come after an edit."""


def write_catalog(path: Path, entries: Sequence[Entry], before: Path | None, changed: Sequence[Entry]) -> None:
    """Writes the catalog; from that of the index before, if only what is `changed` has another line there."""
    if before:
        shutil.copyfile(before, path)
        if _update_catalog(path, len(entries), changed):
            return
        path.unlink()  # documents have other numbers now
    with _write(path) as db:
        db.execute(_SCHEMA)
        db.executemany("insert into documents values (?, ?, ?, ?, ?, ?)", (entry[:-1] for entry in entries))


def _update_catalog(path: Path, n_entries: int, changed: Sequence[Entry]) -> bool:
    """Whether the lines of the changed documents, and so all lines, stand now in a copy of an older catalog."""
    sql = "update documents set sha256 = ?, part = ?, n_rows = ?, n_articles = ? where number = ? and doc_id = ?"
    with _write(path) as db:
        lines = [(e.sha256, e.part, e.n_rows, e.n_articles, e.number, e.doc_id) for e in changed]
        n_updated = sum(db.execute(sql, line).rowcount for line in lines)
        (n_there,) = db.execute("select count(*) from documents").fetchone()
    return n_updated == len(changed) and bool(n_there == n_entries)


@contextmanager
def _write(path: Path) -> Iterator[sqlite3.Connection]:
    """A transaction on a file that nobody reads yet, and that is synced later."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.executescript("pragma journal_mode = off; pragma synchronous = off; begin;")
        yield db
        db.execute("commit")
