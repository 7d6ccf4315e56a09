"""The index on disk: generations beside each other, one of them live. Open, check, swap.

    .index/
        CURRENT                     the name of the live generation; replaced in one step
        lock                        held by the build that is writing
        unfinished/                 vectors that a build under way, or an interrupted one, has computed
        generations/<name>/
            catalog.sqlite          the documents in their order
            chunks.npy              row i = chunk i
            places.npy              row i = where the vector and the postings of chunk i stand, in base or recent
            bm25/                   what the keyword search knows of all rows together
            base/                   texts, vectors, postings: linked, not copied, by a generation that changed little
            recent/                 the same of what came after, where a base was linked
            manifest.json           written last: what it was built from, and every file's size and hash

A reader keeps the generation that it opened; a build that dies leaves the live one untouched.
"""

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .bm25 import BM25, POSTINGS, STATISTICS, open_bm25
from .errors import IndexDamagedError, IndexMismatchError, IndexMissingError, UserError
from .generation.layers import LayeredVectors
from .generation.opened_files import OpenFiles, hash_file
from .generation.selftest import find_fault
from .row_search import RowSearch
from .texts import BASE, CATALOG, CHUNKS, RECENT, TEXTS, Texts
from .types import Article, Chunk, Document
from .vectors import open_vectors

FORMAT_VERSION = 5
VECTORS, PLACES, BM25_FOLDER, MANIFEST, CURRENT = "vectors.faiss", "places.npy", "bm25", "manifest.json", "CURRENT"
GENERATIONS = "generations"
_MANIFEST_FIELDS: dict[str, type] = {
    "settings": dict, "embedder": dict, "vectors": dict, "n_documents": int, "n_articles": int, "n_chunks": int,
    "failed": list, "notes": list, "files": dict,
}  # fmt: skip
_EMBEDDER_FIELDS: dict[str, type] = {"name": str, "fingerprint": str, "dim": int}
_PROBE_FIELDS: dict[str, type] = {"text": str, "keys": list, "row": int}
_FILE_FIELDS: dict[str, type] = {"bytes": int, "sha256": str}
BASE_FILES = (f"{BASE}/{TEXTS}", f"{BASE}/{VECTORS}", *(f"{BASE}/{name}.npy" for name in POSTINGS))
_FILES = (CATALOG, CHUNKS, PLACES, *BASE_FILES, *(f"{BM25_FOLDER}/{name}.npy" for name in STATISTICS))
_REPAIR = "Build it again: make index"


@dataclass(frozen=True, slots=True)
class Index(RowSearch):
    """One open generation: everything that retrieval reads. Row i of each part is chunk i."""

    path: Path
    """Of the index, not of the generation."""
    generation: str
    manifest: dict[str, Any]
    texts: Texts
    bm25: BM25
    vectors: LayeredVectors
    places: NDArray[np.int32]  # (n_chunks,) see `LayeredVectors`
    files: OpenFiles

    @property
    def folder(self) -> Path:
        """Of the generation's files."""
        return self.path / GENERATIONS / self.generation

    @property
    def n_chunks(self) -> int:
        """Number of chunks."""
        return self.vectors.n_rows

    def document(self, doc_id: str) -> Document | None:
        """The document of this id, or None."""
        with self.reading():
            return self.texts.document(doc_id)

    def article(self, doc_id: str, number: int) -> Article | None:
        """One article, or None."""
        with self.reading():
            return self.texts.article(doc_id, number)

    def articles(self) -> Iterator[Article]:
        """All articles, by document and number; one that goes on in another document as its parts (`Article.parts`)."""
        with self.reading():
            yield from self.texts.articles()

    def chunk(self, row: int) -> Chunk:
        """The chunk of a row."""
        with self.reading():
            return self.texts.chunk(row)

    @property
    def touched(self) -> bool:
        """Whether its files were written or replaced since they were opened."""
        return self.files.touched

    def newer(self) -> "Index | None":
        """The live generation, opened, if it is another one or its files were replaced; raises as `open_index` does."""
        if live_generation(self.path) == self.generation:
            if not self.files.touched:
                return None
            if fault := self.files.fault():
                raise self.damage(fault)
        return open_index(self.path)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """What damaged files make SQLite, numpy or FAISS raise inside is IndexDamagedError; a fault of ours stays."""
        try:
            yield
        except UserError:
            raise
        except Exception as error:
            fault = self.files.fault()
            if not fault and not isinstance(error, sqlite3.Error):
                raise
            raise self.damage(fault or str(error)) from error

    def damage(self, fault: str) -> IndexDamagedError:
        """The error for the user; who has the index open goes on after the repair."""
        return IndexDamagedError(
            f"The index at {str(self.path)!r} is damaged: {fault}. "
            f"Check it: python -m index verify --index {self.path}. {_REPAIR}"
        )


def live_generation(path: Path) -> str:
    """The name of the live generation.

    Raises:
        IndexMissingError: there is no index at this path.
    """
    try:
        name = (path / CURRENT).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise IndexMissingError(
            f"There is no index at {str(path)!r}. Build one: python -m index build DOCUMENTS --out {path}"
        ) from error
    if not name or "/" in name or name.startswith("."):
        raise IndexDamagedError(f"{path / CURRENT} names no generation ({name!r}). {_REPAIR}")
    return name


def live_name(path: Path) -> str:
    """The name of the live generation, or "" where there is none or it cannot be told."""
    try:
        return live_generation(path)
    except (IndexMissingError, IndexDamagedError):
        return ""


def open_index(path: str | Path) -> Index:
    """Opens the live generation of an index. Loads no model; texts and postings stay on disk until they are read.

    Raises:
        IndexMissingError: there is no index at this path.
        IndexMismatchError: it was written by another format version.
        IndexDamagedError: a file is missing or has another size than its manifest says.
    """
    path = Path(path)
    for attempt in range(3):
        generation = live_generation(path)
        try:
            return open_generation(path, generation)
        except IndexDamagedError:
            if attempt == 2 or live_generation(path) == generation:  # not just swapped away under us
                raise
    raise AssertionError("unreachable")


def open_generation(path: Path, generation: str) -> Index:
    """Opens one generation by name; raises as `open_index` does."""
    folder = path / GENERATIONS / generation
    manifest = read_manifest(folder)
    for name, expected in manifest["files"].items():
        size = (folder / name).stat().st_size if (folder / name).is_file() else None
        if size != expected["bytes"]:
            found = "is missing" if size is None else f"has {size} bytes, the manifest says {expected['bytes']}"
            raise IndexDamagedError(f"{folder / name} {found}. {_REPAIR}")
    files = OpenFiles(folder, manifest["files"])  # before they are opened: what is written meanwhile is seen
    try:
        texts, places = Texts(folder), np.load(folder / PLACES, mmap_mode="r", allow_pickle=False)
        layers = [folder / BASE, *([folder / RECENT] if (folder / RECENT / VECTORS).is_file() else [])]
        bm25 = open_bm25(folder / BM25_FOLDER, layers, places)
        vectors = LayeredVectors(*(open_vectors(layer / VECTORS) for layer in layers), places=places)
        fault = find_fault(manifest["probe"], bm25)
    except Exception as error:  # whatever a damaged file makes FAISS, numpy or SQLite raise
        raise IndexDamagedError(f"{folder} cannot be read ({error}). {_REPAIR}") from error
    counts = {
        "manifest": manifest["n_chunks"],
        "texts": texts.n_chunks(),
        "vectors": vectors.n_rows,
        "terms": bm25.n_rows,
    }
    if len(set(counts.values())) > 1:
        raise IndexDamagedError(f"{folder}: the parts disagree on the number of chunks: {counts}. {_REPAIR}")
    if fault:
        raise IndexDamagedError(f"{folder}: {fault}. {_REPAIR}")
    return Index(path, generation, manifest, texts, bm25, vectors, places, files)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a generation.

    Raises:
        IndexDamagedError: it is missing or is no manifest.
        IndexMismatchError: it has another format version.
    """
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        version = manifest["format"]
        if version == FORMAT_VERSION:
            _check_manifest(manifest)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise IndexDamagedError(f"{folder / MANIFEST} is missing or damaged ({error}). {_REPAIR}") from error
    if version != FORMAT_VERSION:
        raise IndexMismatchError(
            f"The index at {folder} has format {version}, this program reads {FORMAT_VERSION}. {_REPAIR}"
        )
    return manifest


def _check_manifest(manifest: dict[str, Any]) -> None:
    """Raises ValueError where a field is missing or of another type, or a file is not named."""
    _check_fields(manifest, _MANIFEST_FIELDS, "it")
    _check_fields(manifest["embedder"], _EMBEDDER_FIELDS, "embedder")
    for name, file in manifest["files"].items():
        _check_fields(file, _FILE_FIELDS, name)
    if manifest["probe"] is not None:
        _check_fields(manifest["probe"], _PROBE_FIELDS, "probe")
    if not all(isinstance(note, str) for note in manifest["notes"]):
        raise ValueError("notes are no texts")
    for failure in manifest["failed"]:
        _check_fields(failure, {"path": str, "reason": str}, "failed")
    if unnamed := sorted(set(_FILES) - manifest["files"].keys()):
        raise ValueError(f"files does not name {', '.join(unnamed)}")


def _check_fields(record: object, fields: dict[str, type], place: str) -> None:
    if not isinstance(record, dict):
        raise ValueError(f"{place} is no object")
    for name, kind in fields.items():
        if type(record.get(name)) is not kind:  # not isinstance: true is no number
            raise ValueError(f"{place} has no {name} of type {kind.__name__}")


def verify_index(path: str | Path) -> list[str]:
    """What is wrong with the live generation: every file is hashed and compared with the manifest. Empty: nothing."""
    path = Path(path)
    folder = path / GENERATIONS / live_generation(path)
    return find_damage(folder, read_manifest(folder)["files"])


def find_damage(folder: Path, files: Mapping[str, Mapping[str, Any]], *, by_time: bool = False) -> list[str]:
    """What is wrong with these files of a generation, by their hashes; `files` are their records in its manifest.

    With `by_time` a file that has the size and the time of its last change is taken to be what was built.
    """
    problems: list[str] = []
    for name, expected in files.items():
        file = folder / name
        if not file.is_file():
            problems.append(f"{name} is missing")
        elif by_time and expected.get("mtime_ns") == file.stat().st_mtime_ns:
            continue
        elif hash_file(file) != expected["sha256"]:
            problems.append(f"{name} is not what was built (its hash differs)")
    return problems


def write_manifest(folder: Path, manifest: dict[str, Any], known: dict[str, Any]) -> None:
    """Syncs and hashes every file of a generation, and its folders, then writes its manifest.

    `known` are the records of the files that are links: they are not hashed again, so that a damage of theirs since
    they were built is not taken for what was built.
    """
    files = {}
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = file.relative_to(folder).as_posix()
        _sync(file)
        of_file = known.get(name) or {"bytes": file.stat().st_size, "sha256": hash_file(file)}
        files[name] = of_file | {"mtime_ns": file.stat().st_mtime_ns}
    text = json.dumps({"format": FORMAT_VERSION, **manifest, "files": files}, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    _sync(folder / MANIFEST)
    for place in (*(p for p in folder.rglob("*") if p.is_dir()), folder, folder.parent):
        _sync(place)


def swap_in(path: Path, generation: str) -> None:
    """Makes a complete generation the live one, in one step, and removes all but it and the one before."""
    previous = live_name(path)
    temporary = path / f"{CURRENT}.new"
    temporary.write_text(generation + "\n", encoding="utf-8")
    _sync(temporary)
    temporary.replace(path / CURRENT)
    _sync(path)
    remove_generations(path, keep={generation, previous})


def remove_generations(path: Path, keep: set[str]) -> None:
    """Removes the generations that are not named: old ones, and those of builds that died."""
    for folder in (path / GENERATIONS).iterdir():
        if folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
