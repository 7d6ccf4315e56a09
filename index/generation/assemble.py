"""A new generation's files: what is taken over from the index before, and what a build made, put together.

The texts, vectors and postings of most documents stand in `base`, which an edit links instead of writing it again;
`recent` holds what came after. When too much of it is dead or recent, or the index is small, everything becomes one
base again. The catalog, the chunks and BM25's statistics are small, and of all rows: they are written for each edit.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..bm25 import BM25, fit_layers, open_postings, save_postings, save_statistics
from ..settings import IndexSettings
from ..store import BASE_FILES, BM25_FOLDER, PLACES, VECTORS, Index
from ..texts import BASE, CATALOG, CHUNK, CHUNKS, RECENT, TEXTS
from ..vectors import VectorBuilder
from .catalog import Entry, write_catalog
from .layers import MAX_DEAD
from .new_rows import NewRows
from .postings import Postings, merge_postings, move_rows
from .text_parts import TextWriter

LAYERED_FROM = 20_000
"""Rows below which everything is one base: to write it anew takes less than a second."""
MAX_RECENT = 1 / 20
"""Share of the rows that may stand in the recent layer."""
_BLOCK = 8192
"""Rows whose vectors are copied together."""


class ReadDocument(NamedTuple):
    """A document as it was read: `before` is its line in the index before, if all of it is taken over."""

    doc_id: str
    sha256: str
    n_articles: int
    n_rows: int
    before: Entry | None = None


@dataclass(frozen=True, slots=True)
class Assembled:
    """What the manifest needs of the files that were written."""

    linked: dict[str, Any]
    """The manifest's records of the files that are links: they are those of the generation before."""
    vectors: dict[str, Any]
    """How the base's vectors are searched (`VectorIndex.describe`)."""
    bm25: BM25


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of the new generation, in the order of the documents."""

    chunks: NDArray[np.void]
    """dtype `CHUNK`."""
    old: NDArray[np.int64]  # (n,) the row of the index before that each is taken over from, or -1
    vector_sources: NDArray[np.int64]  # (n,) as `NewRows.sources`


def assemble(
    target: Path,
    documents: Sequence[ReadDocument],
    new_rows: NewRows,
    writer: TextWriter,
    before: Index | None,
    settings: IndexSettings,
) -> Assembled:
    """Writes every file but the manifest; `writer` has the new documents."""
    rows = _arrange(documents, new_rows, before)
    kept_base = before if before and keeps_base(documents, before) else None
    linked = _link_base(target, kept_base)
    entries = _entries(documents, kept_base is not None)
    _write_texts(target, documents, entries, writer, before)
    places = _places(rows, kept_base)
    np.save(target / PLACES, places, allow_pickle=False)
    vectors = _write_vectors(target, rows, places, new_rows, before, kept_base)
    _write_rows(target, documents, entries, rows.chunks, kept_base)
    layers = _write_postings(target, rows, places, new_rows.postings(), before, kept_base)
    bm25 = fit_layers(layers, places, k1=settings.bm25_k1, b=settings.bm25_b, epsilon=settings.bm25_epsilon)
    save_statistics(bm25, target / BM25_FOLDER)
    return Assembled(linked, vectors, bm25)


def _arrange(documents: Sequence[ReadDocument], new_rows: NewRows, before: Index | None) -> _Rows:
    """The rows in the order of the documents."""
    n_rows = np.array([document.n_rows for document in documents], np.int64)
    first = np.array([d.before.first_row if d.before else -1 for d in documents], np.int64)
    within = np.arange(n_rows.sum()) - np.repeat(np.cumsum(n_rows) - n_rows, n_rows)  # 0.. in each document
    old = np.repeat(first, n_rows)
    old = np.where(old >= 0, old + within, -1)
    chunks = np.zeros(len(old), CHUNK)
    sources = -1 - old
    if before:
        chunks[old >= 0] = before.texts.chunks[old[old >= 0]]
    chunks[old < 0] = new_rows.chunks()
    sources[old < 0] = new_rows.sources()
    chunks["document"] = np.repeat(np.arange(len(documents)), n_rows)
    return _Rows(chunks, old, sources)


def keeps_base(documents: Sequence[ReadDocument], before: Index) -> bool:
    """Whether few enough rows changed for the base to be linked."""
    n_rows = sum(document.n_rows for document in documents)
    n_alive = sum(d.n_rows for d in documents if d.before and d.before.part == BASE)
    few_dead = before.vectors.n_base - n_alive <= MAX_DEAD
    return n_rows >= LAYERED_FROM and few_dead and n_rows - n_alive <= n_rows * MAX_RECENT


def _link_base(target: Path, kept: Index | None) -> dict[str, Any]:
    """Makes the folder of the base, with the files of the one that is kept; their records."""
    (target / BASE).mkdir()
    if kept is None:
        return {}
    records = {name: kept.manifest["files"][name] for name in BASE_FILES}
    for name in records:
        try:
            os.link(kept.folder / name, target / name)
        except OSError:  # a file system without hard links: the same content, at the price of a copy
            shutil.copyfile(kept.folder / name, target / name)
    return records


def _entries(documents: Sequence[ReadDocument], keeps_base: bool) -> list[Entry]:
    entries, first_row = [], 0
    for number, d in enumerate(documents):
        part = BASE if not keeps_base or (d.before is not None and d.before.part == BASE) else RECENT
        entries.append(Entry(number, d.doc_id, d.sha256, part, d.n_rows, d.n_articles, first_row))
        first_row += d.n_rows
    return entries


def _write_rows(
    target: Path,
    documents: Sequence[ReadDocument],
    entries: Sequence[Entry],
    chunks: NDArray[np.void],
    kept_base: Index | None,
) -> None:
    """Writes the catalog and the chunks."""
    changed = [
        entry
        for entry, d in zip(entries, documents, strict=True)
        if not d.before or entry.number != d.before.number or entry.part != d.before.part
    ]
    write_catalog(target / CATALOG, entries, kept_base.folder / CATALOG if kept_base else None, changed)
    np.save(target / CHUNKS, chunks, allow_pickle=False)


def _write_texts(
    target: Path, documents: Sequence[ReadDocument], entries: Sequence[Entry], writer: TextWriter, before: Index | None
) -> None:
    """Adds the documents that are taken over to the new ones, unless they stand in a base that is linked."""
    part = BASE if all(entry.part == BASE for entry in entries) else RECENT
    is_linked = (target / BASE / TEXTS).is_file()
    for old_part in (BASE, RECENT):
        wanted = [d.doc_id for d in documents if d.before and d.before.part == old_part]
        if before and wanted and not (is_linked and old_part == BASE):
            writer.take_over(before.folder / old_part / TEXTS, wanted)
    writer.commit()
    if is_linked and part == BASE:  # documents were removed, and nothing else
        writer.path.unlink()
        return
    (target / part).mkdir(exist_ok=True)
    writer.path.replace(target / part / TEXTS)


def _places(rows: _Rows, kept_base: Index | None) -> NDArray[np.int32]:
    """Where each row's vector and postings stand (see `LayeredVectors`)."""
    places = np.full(len(rows.old), -1, np.int32)
    if kept_base is None:
        return np.arange(len(places), dtype=np.int32)
    taken_over = rows.old >= 0
    places[taken_over] = kept_base.places[rows.old[taken_over]]
    to_write = np.flatnonzero(places < 0)
    places[to_write] = -1 - np.arange(len(to_write))
    return places


def _write_vectors(
    target: Path,
    rows: _Rows,
    places: NDArray[np.int32],
    new_rows: NewRows,
    before: Index | None,
    kept_base: Index | None,
) -> dict[str, Any]:
    """Writes the layer that is new; how the base is searched."""
    to_write = np.flatnonzero(places < 0) if kept_base else np.arange(len(places))
    if kept_base and not len(to_write):
        return dict(kept_base.manifest["vectors"])
    builder = VectorBuilder(new_rows.embedder.dim)
    sources = rows.vector_sources[to_write]
    for start in range(0, len(sources), _BLOCK):
        builder.add(_vectors(sources[start : start + _BLOCK], new_rows, before))
    written = builder.finish()
    written.save(target / (RECENT if kept_base else BASE) / VECTORS)
    return dict(kept_base.manifest["vectors"]) if kept_base else written.describe()


def _vectors(sources: NDArray[np.int64], new_rows: NewRows, before: Index | None) -> NDArray[np.float32]:
    """The vectors of these sources, shape (n, dim)."""
    found = np.zeros((len(sources), new_rows.embedder.dim), np.float32)
    found[sources >= 0] = new_rows.embedded.vectors(sources[sources >= 0])
    if before:
        found[sources < 0] = before.vectors.rows(-1 - sources[sources < 0])
    return found


def _write_postings(
    target: Path,
    rows: _Rows,
    places: NDArray[np.int32],
    new: Postings,
    before: Index | None,
    kept_base: Index | None,
) -> list[Postings]:
    """Writes the layer that is new; the layers. Rows that are taken over are not counted again."""
    to_write = np.flatnonzero(places < 0) if kept_base else np.arange(len(places))
    if kept_base and not len(to_write):
        return [open_postings(target / BASE)]
    position = np.full(len(places) + 1, -1, np.int32)  # of a row in the new layer; the last stands for "no row"
    position[to_write] = np.arange(len(to_write), dtype=np.int32)
    written = move_rows(new, position[np.flatnonzero(rows.old < 0)], len(to_write))
    if before and (taken_over := _taken_over(before, kept_base is not None)):
        postings, old = taken_over
        row_of_old = np.full(before.n_chunks, -1, np.int64)
        row_of_old[rows.old[rows.old >= 0]] = np.flatnonzero(rows.old >= 0)
        written = merge_postings(move_rows(postings, position[row_of_old[old]], len(to_write)), written)
    folder = target / (RECENT if kept_base else BASE)
    save_postings(written, folder)
    return [open_postings(target / BASE), *([open_postings(folder)] if kept_base else [])]


def _taken_over(before: Index, is_base_kept: bool) -> tuple[Postings, NDArray[np.int64]] | None:
    """What may be taken over into the layer that is written, and the row of the index before of each of its rows."""
    if not is_base_kept:
        return before.bm25.postings, np.arange(before.n_chunks)
    if len(before.bm25.layers) == 1:
        return None
    recent = np.flatnonzero(before.places < 0)
    old = np.empty(len(recent), np.int64)
    old[-1 - before.places[recent]] = recent
    return before.bm25.layers[1], old
