"""What a server holds before a build, as far as the build can use it: what stays, and vectors that are paid for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..generation.catalog import Entry
from ..generation.intake import rows_of_files
from ..types import Article, Document
from .opened import MilvusIndex
from .records import StoredRow, is_cut, read_documents, read_row, with_text_of
from .server import MAX_BATCH, Record, Server, batches, listed
from .sets import FOREVER, CollectionSet, document_key, seen
from .shards import Shard


@dataclass(slots=True)
class StoredDocuments:
    """The documents of the live generation: what `read_folder` asks of the index before."""

    index: MilvusIndex
    takes_over: bool
    """Whether unchanged documents stay as they are: not if other rules or settings made their rows."""
    shard: Shard
    entries: dict[str, Entry] = field(init=False)
    _rows_of_files: dict[str, dict[str, str]] | None = None

    def __post_init__(self) -> None:
        where = f"piece == 0 and {seen(self.index.live.generation)}"
        fields = ["doc_id", "sha256", "n_rows", "n_articles"]
        heads = self.index.server.query_all(self.index.own.documents, where, fields)
        own = sorted((head for head in heads if self.shard.holds(head["doc_id"])), key=lambda head: head["doc_id"])
        self.entries = {
            head["doc_id"]: Entry(
                number=number,
                doc_id=head["doc_id"],
                sha256=head["sha256"],
                part="",
                first_row=-1,
                n_rows=head["n_rows"],
                n_articles=head["n_articles"],
            )
            for number, head in enumerate(own)
        }

    def find_rows(self, file: str) -> Mapping[str, str]:
        """The lines of a file of rows, where documents are taken over: the hash of each -> its document's id."""
        if self._rows_of_files is None:
            self._rows_of_files = rows_of_files(self.entries if self.takes_over else {})
        return self._rows_of_files.get(file, {})

    def find_document(self, doc_id: str, sha256: str) -> Document | None:
        """The document as it was read from the same bytes; one of another shard without its text."""
        if not self.shard.holds(doc_id):
            return Document(doc_id, "", sha256)
        entry = self.entries.get(doc_id) if self.takes_over else None
        return self.index.document(doc_id) if entry and entry.sha256 == sha256 else None


@dataclass(slots=True)
class StoredVectors:
    """Vectors of rows that a server holds, by the content key of their texts."""

    server: Server
    collections: list[str]
    """Of rows, of the same model: the live ones, and those that are being built."""
    _seen_now: set[str] = field(default_factory=set)
    _is_new: bool = True

    def __post_init__(self) -> None:
        self._is_new = not any(self.server.query(name, "born > 0", ["key"], limit=1) for name in self.collections)

    def find(self, contents: Iterable[str]) -> dict[str, NDArray[np.float32]]:
        """The vectors of those texts that have one."""
        wanted = [content for content in dict.fromkeys(contents) if not self._is_new or content in self._seen_now]
        found: dict[str, NDArray[np.float32]] = {}
        for name in self.collections:
            missing = [content for content in wanted if content not in found]
            for batch in batches(missing, MAX_BATCH // 2):  # several rows may have a text
                for record in self.server.query(name, f"content in {listed(batch)}", ["content", "dense"]):
                    found[record["content"]] = np.asarray(record["dense"], np.float32)
        return found

    def note(self, contents: Iterable[str]) -> None:
        """These texts have rows now."""
        self._seen_now.update(contents)


class Ended(NamedTuple):
    """What is taken back of the statistics with a row that ends."""

    searched: str
    place: tuple[str, str]
    """Date and source."""


def mark_removed(server: Server, own: CollectionSet, doc_ids: Sequence[str], generation: int) -> Iterator[list[Ended]]:
    """Ends the rows and pieces of these documents before a generation; the rows that ended, in batches."""
    for batch in batches(doc_ids, 20):
        where = f"document in {listed(map(document_key, batch))} and {seen(generation - 1)}"
        pieces = [record for page in _pages(server, own.documents, where) for record in page]
        documents = read_documents(pieces)
        for rows in _pages(server, own.rows, where):
            yield [_ended(read_row(record), documents) for record in rows]
            server.upsert(own.rows, [{**record, "died": generation} for record in rows])
        for some in batches(pieces, 100):
            server.upsert(own.documents, [{**record, "died": generation} for record in some])


def _ended(row: StoredRow, documents: Mapping[str, tuple[Document, tuple[Article, ...]]]) -> Ended:
    document, articles = documents[row.chunk.doc_id]
    article = articles[row.chunk.article]
    searched = (with_text_of(row, document) if is_cut(row) else row).searched
    return Ended(searched, (article.date, article.source))


def revive(server: Server, own: CollectionSet, generation: int, shard: Shard) -> None:
    """Takes back what a build that died has marked: it is seen beyond this generation again."""
    for collection in (own.rows, own.documents):
        keys = [
            record["key"]
            for record in server.query_all(collection, f"died == {generation}", ["key", "doc_id"])
            if shard.holds(record["doc_id"])
        ]
        for batch in batches(keys, 200):
            records = server.query(collection, f"key in {listed(batch)}", ["*"])
            server.upsert(collection, [{**record, "died": FOREVER} for record in records])


def _pages(server: Server, collection: str, where: str) -> Iterator[list[Record]]:
    """All records that a filter matches, whole, a few hundred at a time: rows with their vectors are large."""
    keys = [record["key"] for record in server.query_all(collection, where, ["key"])]
    for batch in batches(keys, 200):
        yield server.query(collection, f"key in {listed(batch)}", ["*"])
