"""Reading the documents folder into a build: what is unchanged is noted, what is new is split, embedded and counted."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ..articles import split_articles
from ..chunks import split_chunks
from ..continuations import find_jumps
from ..documents import SUFFIXES, read_documents, walk
from ..errors import DocumentsError
from ..settings import IndexSettings
from ..store import Index
from ..types import BuildProgress, Document, Failure, Unchanged
from .assemble import ReadDocument
from .catalog import Entry
from .new_rows import NewRows
from .text_parts import TextWriter

Progress = Callable[[BuildProgress], None]
_ROW_FILES = {".jsonl", ".csv", ".tsv"}


class KnownDocuments(Protocol):
    """The documents of the index before a build, wherever it stands."""

    takes_over: bool
    entries: dict[str, Entry]

    def find_rows(self, file: str) -> Mapping[str, str]: ...

    def find_document(self, doc_id: str, sha256: str) -> Document | None: ...


@dataclass(slots=True)
class Before:
    """The live index, as far as a build can use it."""

    index: Index
    takes_over: bool
    """Whether unchanged documents are taken over: not if other rules or settings made their rows."""
    entries: dict[str, Entry] = field(init=False)
    _rows_by_key: dict[bytes, int] | None = None
    _rows_of_files: dict[str, dict[str, str]] | None = None

    def __post_init__(self) -> None:
        self.entries = {entry.doc_id: entry for entry in self.index.texts.entries()}

    def find(self, key: bytes) -> int | None:
        """A row that was made of the text with this content key, or None."""
        if self._rows_by_key is None:
            keys = self.index.texts.chunks["key"].tolist()
            self._rows_by_key = dict(zip(keys, range(len(keys)), strict=True))
        return self._rows_by_key.get(key)

    def find_rows(self, file: str) -> Mapping[str, str]:
        """The lines of a file of rows, where documents are taken over: the hash of each -> its document's id."""
        if self._rows_of_files is None:
            self._rows_of_files = rows_of_files(self.entries if self.takes_over else {})
        return self._rows_of_files.get(file, {})

    def find_document(self, doc_id: str, sha256: str) -> Document | None:
        """The document as it was read from the same bytes, where documents are taken over."""
        entry = self.entries.get(doc_id) if self.takes_over else None
        return self.index.document(doc_id) if entry and entry.sha256 == sha256 else None


@dataclass(slots=True)
class Intake:
    """What was found in the documents folder."""

    documents: list[ReadDocument] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def n_articles(self) -> int:
        """Number of articles of all documents."""
        return sum(document.n_articles for document in self.documents)

    @property
    def n_chunks(self) -> int:
        """Number of chunks of all documents."""
        return sum(document.n_rows for document in self.documents)

    def is_same(self, before: Before | None) -> bool:
        """Whether the live index already holds all this, in this order."""
        if before is None or not before.takes_over or self.failed_records() != before.index.manifest["failed"]:
            return False
        numbers = [document.before.number if document.before else -1 for document in self.documents]
        return numbers == list(range(len(before.entries)))

    def failed_records(self) -> list[dict[str, str]]:
        """The failures as the manifest keeps them."""
        return [{"path": failure.path, "reason": failure.reason} for failure in self.failed]


def read_folder(
    folder: Path,
    before: KnownDocuments | None,
    add: Callable[[Document], ReadDocument],
    progress: Progress | None,
) -> Intake:
    """Reads all documents; `add` takes those that are not taken over from the index before.

    Raises:
        DocumentsError: the folder is missing, or nothing in it can be read.
    """
    intake, seen = Intake(), set[str]()
    entries = before.entries if before else {}
    step = BuildProgress(0, count_documents(folder) if progress else 0, 0)
    for item in read_documents(folder, before.find_document, before.find_rows) if before else read_documents(folder):
        if isinstance(item, Failure):
            intake.failed.append(item)
            continue
        if item.doc_id in seen:  # `a.jsonl#b.txt` may be a row and a file
            intake.failed.append(Failure(item.doc_id, "another document has this name: rename one of them"))
            continue
        seen.add(item.doc_id)
        entry = entries.get(item.doc_id)
        if entry is None:
            intake.added.append(item.doc_id)
        elif entry.sha256 != item.sha256:
            intake.changed.append(item.doc_id)
        if entry and entry.sha256 == item.sha256 and before and before.takes_over:
            intake.documents.append(ReadDocument(item.doc_id, item.sha256, entry.n_articles, entry.n_rows, entry))
        elif not isinstance(item, Unchanged):
            intake.documents.append(add(item))
        if not isinstance(item, Unchanged) and item.encoding != "utf-8":
            intake.notes.append(f"{item.doc_id}: read as {item.encoding}")
        if progress:
            n_chunks = step.n_chunks + intake.documents[-1].n_rows
            step = BuildProgress(step.n_documents + 1, step.n_total, n_chunks)
            progress(step)
    intake.removed = [doc_id for doc_id in entries if doc_id not in seen]
    if not intake.documents:
        raise DocumentsError(_nothing_read(folder, intake.failed))
    return intake


def rows_of_files(entries: Mapping[str, Entry]) -> dict[str, dict[str, str]]:
    """File -> hash of a line -> its document's id, of the documents that can only be lines of files of rows.

    Where a name leaves open which file a line is of (`a#b.jsonl#1`), or that it is one (`a.jsonl#b.txt` may be a file),
    it is left out, and the line is parsed again.
    """
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for doc_id, entry in entries.items():
        file, *row = doc_id.split("#")
        if len(row) == 1 and not doc_id.lower().endswith(SUFFIXES):
            found[file][entry.sha256] = doc_id
    return found


def add_document(writer: TextWriter, rows: NewRows, document: Document, settings: IndexSettings) -> ReadDocument:
    """Splits a document into articles and chunks, and keeps its texts and its rows."""
    articles, n_rows = split_articles(document), 0
    for article in articles:
        for made in split_chunks(article, document.text, settings.max_chunk_chars):
            rows.add(made.chunk, made.search_text)
            n_rows += 1
    writer.add(document, articles, find_jumps(document, articles))
    return ReadDocument(document.doc_id, document.sha256, len(articles), n_rows)


def count_documents(folder: Path) -> int:
    """About how many documents stand below a folder: one a file, or one a line of those that hold rows."""
    n = 0
    for path in walk(folder):
        if isinstance(path, Path) and path.is_file():
            n += _count_lines(path) if path.suffix.lower() in _ROW_FILES else 1
    return n


def _count_lines(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(2**20), b""))
    except OSError:  # reading it will say so
        return 0


def _nothing_read(folder: Path, failed: list[Failure]) -> str:
    if not failed:
        return f"The documents folder {str(folder)!r} is empty: put files into it ({', '.join(SUFFIXES)})."
    shown = "\n".join(f"  {failure.path}: {failure.reason}" for failure in failed[:5])
    more = f"\n  and {len(failed) - 5} more" if len(failed) > 5 else ""
    return f"Nothing in the documents folder {str(folder)!r} can be read:\n{shown}{more}"
