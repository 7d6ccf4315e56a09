"""The pipeline: documents -> articles -> chunks -> vectors + terms -> a new generation, swapped in when complete.

Incremental by content: a document whose hash did not change keeps its articles and chunks, and a chunk whose searched
text did not change keeps its vector and its term counts, whatever its file is called now. The result is the same as of
a build from nothing.
"""

import fcntl
import hashlib
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .articles import split_articles
from .bm25 import TermCounts, fit_bm25, save_bm25, stack_counts
from .chunks import split_chunks
from .documents import read_documents
from .embeddings import Embedder, load_embedder
from .errors import (
    DocumentsError,
    IndexBusyError,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
)
from .settings import IndexSettings
from .store import (
    TERMS,
    TEXTS,
    VECTORS,
    Index,
    live_name,
    open_generation,
    open_index,
    remove_generations,
    swap_in,
    verify_index,
    write_manifest,
)
from .terms import count_terms
from .texts import TextWriter
from .types import Article, BuildReport, Chunk, Document, Failure
from .vectors import VectorBuilder, VectorIndex

_BATCH = 4096
"""Chunks that are embedded together: bounds what is held in memory besides vectors and term counts."""

_RULE_MODULES = (
    "articles", "chunks", "cohesion", "columns", "documents", "docx", "encoding", "extract", "extract_child", "html",
    "lines", "markdown", "page", "pdf", "reading", "row_files", "sentences", "terms", "text_files", "traditional",
)  # fmt: skip

Progress = Callable[[int, int], None]
"""Called with the number of documents and of chunks so far."""


@dataclass(slots=True)
class _Rows:
    """The new generation's rows while they are made; `pending` waits to be embedded."""

    embedder: Embedder
    before: Index | None
    known: dict[bytes, int]
    """Content key -> row of the index before."""
    vectors: VectorBuilder
    counts: list[tuple[NDArray[np.int64], NDArray[np.int32]]] = field(default_factory=list)
    pending: list[tuple[bytes, str | None]] = field(default_factory=list)
    n_embedded: int = 0

    def add(self, key: bytes, search_text: str | None) -> None:
        """Adds a chunk as the next row; `search_text` may be None where its key is known."""
        self.pending.append((key, search_text))
        if len(self.pending) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Embeds and counts what is pending, taking over what the index before has."""
        if not self.pending:
            return
        block = np.zeros((len(self.pending), self.embedder.dim), np.float32)
        old = [(i, self.known[key]) for i, (key, _) in enumerate(self.pending) if key in self.known]
        new = [(i, text) for i, (key, text) in enumerate(self.pending) if key not in self.known and text is not None]
        if old and self.before:
            block[[i for i, _ in old]] = self.before.vectors.rows(np.array([row for _, row in old]))
        if new:
            block[[i for i, _ in new]] = self.embedder.embed_passages([text for _, text in new])
        rows_before = dict(old)
        texts = dict(new)
        for i in range(len(self.pending)):
            self.counts.append(self._counts_before(rows_before[i]) if i in rows_before else count_terms(texts[i]))
        self.vectors.add(block)
        self.n_embedded += len(new)
        self.pending.clear()

    def _counts_before(self, row: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        assert self.before is not None
        counts: TermCounts = self.before.bm25.row_counts
        own = slice(int(counts.starts[row]), int(counts.starts[row + 1]))
        return np.array(counts.keys[own]), np.array(counts.counts[own])


@dataclass(slots=True)
class _Tally:
    """What happened to the documents."""

    seen: set[str] = field(default_factory=set)
    n_documents: int = 0
    n_articles: int = 0
    n_chunks: int = 0
    n_added: int = 0
    n_changed: int = 0
    n_removed: int = 0
    failed: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def build_index(
    documents: str | Path,
    out: str | Path,
    settings: IndexSettings | None = None,
    *,
    progress: Progress | None = None,
) -> BuildReport:
    """Builds the index of a folder of documents, or brings it up to date; readers see the old one until it is complete.

    Raises:
        DocumentsError: the folder is missing, or nothing in it can be read (the index stays as it was).
        IndexBusyError: another build is writing this index.
        ModelError: the embedder cannot be loaded.
        IndexMismatchError: `out` holds something else, or cannot be written.
    """
    started = time.monotonic()
    settings = settings or IndexSettings()
    folder, path = Path(documents), Path(out)
    _check_places(folder, path)
    embedder = load_embedder(settings.embedder)
    with _locked(path):
        before = _open_before(path, settings, embedder)
        remove_generations(path, keep={live_name(path)})
        generation = f"{time.strftime('%Y%m%dT%H%M%S')}-{time.time_ns() % 10**9:09d}"
        target = path / "generations" / generation
        target.mkdir(parents=True)
        try:
            rows, tally = _read_into(target, folder, settings, embedder, before, progress)
            if _is_same(before, tally):
                shutil.rmtree(target)
            else:
                rows.flush()
                vectors = _write_rows(target, rows, settings)
                write_manifest(target, _manifest(folder, settings, embedder, tally, vectors))
                open_generation(path, generation)  # it opens, or it does not go live
                swap_in(path, generation)
        except BaseException:
            if live_name(path) != generation:  # a fault after the swap must not take the live index with it
                shutil.rmtree(target, ignore_errors=True)
            raise
    return _report(rows, tally, time.monotonic() - started)


def _read_into(
    target: Path,
    folder: Path,
    settings: IndexSettings,
    embedder: Embedder,
    before: Index | None,
    progress: Progress | None,
) -> tuple[_Rows, _Tally]:
    """Reads all documents and writes their texts; vectors and terms are left in the rows."""
    hashes = before.texts.document_hashes() if before else {}
    known = {key: row for row, key in before.texts.chunk_keys()} if before else {}
    rows = _Rows(embedder, before, known, VectorBuilder(embedder.dim))
    tally = _Tally()
    writer = TextWriter(target / TEXTS)
    for item in read_documents(folder):
        if isinstance(item, Failure):
            tally.failed.append(item)
            continue
        if item.doc_id in tally.seen:  # `a.jsonl#b.txt` may be a row and a file
            tally.failed.append(Failure(item.doc_id, "another document has this name: rename one of them"))
            continue
        hash_before = hashes.get(item.doc_id)
        tally.n_added += hash_before is None
        tally.n_changed += hash_before not in (None, item.sha256)
        tally.seen.add(item.doc_id)
        reusable = before if hash_before == item.sha256 else None
        _add_document(writer, rows, item, reusable, settings)
        if item.encoding != "utf-8":
            tally.notes.append(f"{item.doc_id}: read as {item.encoding}")
        if progress:
            progress(writer.n_documents, writer.n_chunks)
    writer.close()
    tally.n_removed = len(hashes.keys() - tally.seen)
    tally.n_documents, tally.n_articles, tally.n_chunks = (
        writer.n_documents,
        writer.n_articles,
        writer.n_chunks,
    )
    if not tally.n_documents:
        raise DocumentsError(_nothing_read(folder, tally.failed))
    return rows, tally


def _add_document(
    writer: TextWriter, rows: _Rows, document: Document, before: Index | None, settings: IndexSettings
) -> None:
    articles: list[Article]
    chunks: list[tuple[Chunk, bytes]]
    if before:
        articles, chunks = (
            list(before.texts.articles(document.doc_id)),
            before.texts.chunks_of(document.doc_id),
        )
        for _, key in chunks:
            rows.add(key, None)
    else:
        articles, chunks = list(split_articles(document)), []
        for article in articles:
            for made in split_chunks(article, document.text, settings.max_chunk_chars):
                key = hashlib.sha256(made.search_text.encode()).digest()[:16]
                rows.add(key, made.search_text)
                chunks.append((made.chunk, key))
    writer.add(document, articles, chunks)


def _is_same(before: Index | None, tally: _Tally) -> bool:
    """Whether the live index already holds all this."""
    if before is None or tally.n_added or tally.n_changed or tally.n_removed:
        return False
    return bool(before.manifest["failed"] == _failed_records(tally))


def _write_rows(target: Path, rows: _Rows, settings: IndexSettings) -> VectorIndex:
    vectors = rows.vectors.finish()
    vectors.save(target / VECTORS)
    bm25 = fit_bm25(stack_counts(rows.counts), k1=settings.bm25_k1, b=settings.bm25_b, epsilon=settings.bm25_epsilon)
    save_bm25(bm25, target / TERMS)
    return vectors


def _manifest(
    folder: Path, settings: IndexSettings, embedder: Embedder, tally: _Tally, vectors: VectorIndex
) -> dict[str, Any]:
    return {
        "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "documents": str(folder),
        "settings": settings.to_dict(),
        "rules": _rules(),
        "embedder": {"name": embedder.name, "fingerprint": embedder.fingerprint, "dim": embedder.dim},
        "vectors": vectors.describe(),
        "n_documents": tally.n_documents,
        "n_articles": tally.n_articles,
        "n_chunks": tally.n_chunks,
        "failed": _failed_records(tally),
        "notes": tally.notes,
    }


def _failed_records(tally: _Tally) -> list[dict[str, str]]:
    return [{"path": failure.path, "reason": failure.reason} for failure in tally.failed]


def _report(rows: _Rows, tally: _Tally, elapsed_s: float) -> BuildReport:
    return BuildReport(
        n_documents=tally.n_documents,
        n_articles=tally.n_articles,
        n_chunks=tally.n_chunks,
        n_embedded=rows.n_embedded,
        n_added=tally.n_added,
        n_changed=tally.n_changed,
        n_removed=tally.n_removed,
        n_unchanged=tally.n_documents - tally.n_added - tally.n_changed,
        failed=tuple(tally.failed),
        notes=tuple(tally.notes),
        elapsed_s=elapsed_s,
    )


def _check_places(folder: Path, path: Path) -> None:
    if path.is_file() or (path.is_dir() and any(path.iterdir()) and not (path / "generations").is_dir()):
        raise IndexMismatchError(f"{str(path)!r} exists and is no index: name another folder with --out")
    if folder.is_dir() and path.resolve() == folder.resolve():
        raise IndexMismatchError(f"The index cannot stand in the documents folder itself ({str(folder)!r}).")
    if folder.is_dir() and path.resolve().is_relative_to(folder.resolve()):
        below = path.resolve().relative_to(folder.resolve())
        if not any(part.startswith(".") for part in below.parts):  # hidden folders are passed over
            raise IndexMismatchError(
                f"The index cannot stand among the documents ({str(path)!r} would be read as one of them): "
                "name a hidden folder, or one outside, with --out"
            )


def _nothing_read(folder: Path, failed: list[Failure]) -> str:
    if not failed:
        return f"The documents folder {str(folder)!r} is empty: put .txt, .md or .jsonl files into it."
    shown = "\n".join(f"  {failure.path}: {failure.reason}" for failure in failed[:5])
    more = f"\n  and {len(failed) - 5} more" if len(failed) > 5 else ""
    return f"Nothing in the documents folder {str(folder)!r} can be read:\n{shown}{more}"


def _open_before(path: Path, settings: IndexSettings, embedder: Embedder) -> Index | None:
    """The live index, where its vectors and chunks can be taken over; a damaged or other one is built anew."""
    try:
        index = open_index(path)
    except (IndexMissingError, IndexDamagedError, IndexMismatchError):
        return None
    if verify_index(path):
        return None  # its files can be read but are not what was built: to take them over would keep the damage
    same_model = index.manifest["embedder"]["fingerprint"] == embedder.fingerprint
    same_rules = index.manifest.get("rules") == _rules() and index.manifest["settings"] == settings.to_dict()
    return index if same_model and same_rules else None


def _rules() -> str:
    """A hash of the code that turns documents into rows: an index made by other rules is not taken over."""
    digest = hashlib.sha256()
    for name in _RULE_MODULES:
        digest.update((Path(__file__).parent / f"{name}.py").read_bytes())
    return digest.hexdigest()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    try:
        (path / "generations").mkdir(parents=True, exist_ok=True)
        lock = (path / "lock").open("w")
    except OSError as error:
        text = f"{str(path)!r} cannot be written ({error.strerror}): name another folder with --out"
        raise IndexMismatchError(text) from error
    with lock as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise IndexBusyError(f"Another build is writing {str(path)!r}: try again when it is done.") from error
        yield
