"""The pipeline: documents -> articles -> chunks -> vectors + terms -> a new generation, swapped in when complete.

Incremental by content: a document whose hash did not change is taken over as it is, and a chunk whose searched text did
not change keeps its vector, whatever its file is called now. The result is the same as of a build from nothing.
"""

import errno
import hashlib
import secrets
import shutil
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .documents import check_folder
from .embeddings import Embedder, load_embedder
from .errors import (
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexRefusedError,
    IndexWriteError,
)
from .generation.assemble import ReadDocument, assemble, keeps_base
from .generation.embedded import UNFINISHED, EmbeddedVectors
from .generation.intake import Before, Intake, Progress, add_document, read_folder
from .generation.new_rows import NewRows
from .generation.place import check_places, locked
from .generation.selftest import choose_probe
from .generation.text_parts import TextWriter
from .milvus.address import is_milvus, read_address
from .pages.model_files import MODEL_FILES, read_model_file
from .searchable import Accept
from .settings import IndexSettings
from .store import (
    BASE_FILES,
    FORMAT_VERSION,
    GENERATIONS,
    Index,
    find_damage,
    live_name,
    open_generation,
    open_index,
    remove_generations,
    swap_in,
    write_manifest,
)
from .texts import Texts
from .types import BuildPlan, BuildReport, Document

if TYPE_CHECKING:
    from .milvus.build import MilvusBuild

_RULE_MODULES = (
    "articles", "chunks", "continuations", "documents", "formats/columns", "formats/docx", "formats/encoding",
    "formats/extract", "formats/extract_child", "formats/html", "formats/pdf", "formats/reading", "formats/row_files",
    "formats/text_files", "generation/term_counts", "pages/cohesion", "pages/dates", "pages/drafts", "pages/features",
    "pages/joins", "pages/lines", "pages/markdown", "pages/marks", "pages/network", "pages/page", "pages/placing",
    "pages/repeats", "pages/seams", "pages/tagger", "pages/tails", "sentences", "terms", "traditional",
)  # fmt: skip

_NO_INDEX = "no index is there that this program and this model can go on with"


@dataclass(frozen=True, slots=True)
class _Build:
    """What does not change during one build."""

    folder: Path
    path: Path
    settings: IndexSettings
    embedder: Embedder
    target: Path
    """The folder of the new generation."""
    progress: Progress | None


def build_index(
    documents: str | Path,
    out: str | Path,
    settings: IndexSettings | None = None,
    *,
    progress: Progress | None = None,
    accept: Accept | None = None,
    from_scratch: bool = False,
) -> BuildReport:
    """Builds the index of a folder of documents, or brings it up to date; readers see the old one until it is complete.

    `out` is a folder, or the address of a collection on a Milvus server (`milvus+http://host:port/collection`).

    `from_scratch` takes nothing over from the live index. A build that is interrupted keeps the vectors that it has
    computed, and the next one uses them.

    Raises:
        DocumentsError: the folder is missing, or nothing in it can be read (the index stays as it was).
        IndexBusyError: another build is writing this index.
        IndexRefusedError: `accept` had reasons against the new generation (the index stays as it was).
        IndexWriteError: the disk is full (the index stays as it was).
        ModelError: the embedder or the page model cannot be loaded.
        IndexMismatchError: `out` holds something else, or cannot be written.
        IndexServerError, SettingsError: the server of an address does not answer; the address cannot be used.
    """
    started = time.monotonic()
    settings = settings or IndexSettings()
    if is_milvus(out):
        from .milvus.build import build_on_milvus

        build_there = milvus_build(documents, out, settings, from_scratch=from_scratch)
        return build_on_milvus(build_there, progress, accept)
    folder, path = Path(documents), Path(out)
    check_folder(folder)
    check_places(folder, path)
    embedder = load_embedder(settings.embedder)
    with locked(path):
        before, why_anew = (None, "") if from_scratch else _open_before(path, settings, embedder)
        remove_generations(path, keep={live_name(path)})
        generation = f"{_moment(time.time_ns())}-{secrets.token_hex(2)}"  # a clock may stand still, or jump back
        build = _Build(folder, path, settings, embedder, path / GENERATIONS / generation, progress)
        try:
            build.target.mkdir(parents=True)
            with closing(EmbeddedVectors(path, embedder.fingerprint, embedder.dim)) as embedded:
                intake, n_embedded = _build(build, before, embedded, accept)
                embedded.remove()
        except BaseException as error:
            refused = _write_error(path, error)
            if live_name(path) != generation:  # a fault after the swap must not take the live index with it
                shutil.rmtree(build.target, ignore_errors=True)
            if refused:
                shutil.rmtree(path / UNFINISHED, ignore_errors=True)  # it takes the space that is missing
                raise refused from error
            raise
    notes = [f"everything was built anew: {why_anew}"] if why_anew not in ("", _NO_INDEX) else []
    return _report(intake, n_embedded, notes, time.monotonic() - started)


def plan_build(documents: str | Path, out: str | Path, settings: IndexSettings | None = None) -> BuildPlan:
    """What `build_index` would do now. Writes nothing; raises as it does, but for what only writing can show."""
    settings = settings or IndexSettings()
    if is_milvus(out):
        from .milvus.build import plan_on_milvus

        return plan_on_milvus(milvus_build(documents, out, settings))
    folder, path = Path(documents), Path(out)
    check_folder(folder)
    check_places(folder, path)
    before, anew = _open_before(path, settings, load_embedder(settings.embedder))
    intake = read_folder(folder, before, lambda item: ReadDocument(item.doc_id, item.sha256, 0, 0), None)
    n_unchanged = len(intake.documents) - len(intake.added) - len(intake.changed)
    return BuildPlan(
        tuple(intake.added), tuple(intake.changed), tuple(intake.removed), n_unchanged, tuple(intake.failed), anew
    )


def milvus_build(
    documents: str | Path, out: str | Path, settings: IndexSettings, *, from_scratch: bool = False
) -> "MilvusBuild":
    """What the builders of an index on a Milvus server share. Raises DocumentsError, SettingsError, ModelError."""
    from .milvus.build import MilvusBuild

    folder = Path(documents)
    check_folder(folder)
    address = read_address(out)
    return MilvusBuild(folder, address, settings, load_embedder(settings.embedder), _rules(), from_scratch)


def _build(
    build: _Build, before: Before | None, embedded: EmbeddedVectors, accept: Accept | None
) -> tuple[Intake, int]:
    """Builds a generation and swaps it in, unless the live one already holds the same; how much was embedded."""
    before, intake, rows, writer = _read(build, before, embedded)
    if intake.is_same(before):
        writer.close()
        shutil.rmtree(build.target)
        return intake, rows.n_embedded
    try:
        _finish(build, before.index if before else None, intake, rows, writer, accept)
    except BaseException:
        writer.close()  # a removed file that is open still takes its space
        raise
    return intake, rows.n_embedded


def _finish(
    build: _Build, index_before: Index | None, intake: Intake, rows: NewRows, writer: TextWriter, accept: Accept | None
) -> None:
    """Writes the generation, and swaps it in if it opens and is accepted."""
    rows.flush()
    made = assemble(build.target, intake.documents, rows, writer, index_before, build.settings)
    probe = choose_probe(Texts(build.target), made.bm25)
    manifest = {**_manifest(build, intake), "vectors": made.vectors, "probe": probe}
    write_manifest(build.target, manifest, made.linked)
    candidate = open_generation(build.path, build.target.name)  # it opens, or it does not go live
    if accept and (reasons := tuple(accept(candidate))):
        text = "The new index was built and not accepted; the one before stays live:"
        raise IndexRefusedError("\n  ".join([text, *reasons]), reasons)
    swap_in(build.path, build.target.name)


def _read(
    build: _Build, before: Before | None, embedded: EmbeddedVectors
) -> tuple[Before | None, Intake, NewRows, TextWriter]:
    """Reads the documents while the index before is checked; if it is damaged, reads them anew without it."""
    if before is None:
        return (None, *_read_with(build, None, embedded))
    base = {name: record for name, record in before.index.manifest["files"].items() if name in BASE_FILES}
    others = {name: record for name, record in before.index.manifest["files"].items() if name not in BASE_FILES}
    with ThreadPoolExecutor(1) as pool:

        def is_damaged(intake: Intake | None) -> bool:
            # A base that is linked keeps its hashes, so that its damage is not taken for what was built; only one that
            # is copied must be read for it. (Vectors of texts that stand elsewhere now are copied all the same.)
            by_time = intake is not None and keeps_base(intake.documents, before.index)
            return bool(problems.result() or find_damage(before.index.folder, base, by_time=by_time))

        problems = pool.submit(find_damage, before.index.folder, others)
        try:
            intake, rows, writer = _read_with(build, before, embedded)
        except Exception:
            if not is_damaged(None):
                raise
        else:
            if not is_damaged(intake):
                return before, intake, rows, writer
            writer.close()
    # Its files can be read but are not what was built: to take them over would keep the damage.
    return (None, *_read_with(build, None, embedded))


def _read_with(build: _Build, before: Before | None, embedded: EmbeddedVectors) -> tuple[Intake, NewRows, TextWriter]:
    rows = NewRows(build.embedder, embedded, before.find if before else lambda key: None)
    path = build.target / "new.sqlite"
    path.unlink(missing_ok=True)
    writer = TextWriter(path)

    def add(document: Document) -> ReadDocument:
        return add_document(writer, rows, document, build.settings)

    try:
        return read_folder(build.folder, before, add, build.progress), rows, writer
    except BaseException:
        rows.abandon()
        writer.close()
        raise


def _manifest(build: _Build, intake: Intake) -> dict[str, Any]:
    embedder = build.embedder
    return {
        "created": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "documents": str(build.folder),
        "settings": build.settings.to_dict(),
        "rules": _rules(),
        "embedder": {"name": embedder.name, "fingerprint": embedder.fingerprint, "dim": embedder.dim},
        "n_documents": len(intake.documents),
        "n_articles": intake.n_articles,
        "n_chunks": intake.n_chunks,
        "failed": intake.failed_records(),
        "notes": intake.notes,
    }


def _report(intake: Intake, n_embedded: int, notes: list[str], elapsed_s: float) -> BuildReport:
    return BuildReport(
        n_documents=len(intake.documents),
        n_articles=intake.n_articles,
        n_chunks=intake.n_chunks,
        n_embedded=n_embedded,
        added=tuple(intake.added),
        changed=tuple(intake.changed),
        removed=tuple(intake.removed),
        failed=tuple(intake.failed),
        notes=(*notes, *intake.notes),
        elapsed_s=elapsed_s,
    )


def _open_before(path: Path, settings: IndexSettings, embedder: Embedder) -> tuple[Before | None, str]:
    """The live index, where its vectors can be taken over, and why everything is built anew, if it is."""
    try:
        index = open_index(path)
        if index.manifest["embedder"]["fingerprint"] != embedder.fingerprint:
            return None, "another embedder made the live index"
        if index.manifest.get("rules") == _rules() and index.manifest["settings"] == settings.to_dict():
            return Before(index, takes_over=True), ""
        why = "other settings, or another version of this program, made the live index; its vectors are kept"
        return Before(index, takes_over=False), why
    except IndexMissingError:
        return None, _NO_INDEX
    except IndexMismatchError:
        return None, f"the live index has another format than this version of the program writes ({FORMAT_VERSION})"
    except (IndexDamagedError, sqlite3.DatabaseError):  # the last of a damaged catalog
        return None, "the live index is damaged"


def _rules() -> str:
    """A hash of the code that turns documents into rows: an index made by other rules is not taken over."""
    digest = hashlib.sha256()
    for name in _RULE_MODULES:
        digest.update((Path(__file__).parent / f"{name}.py").read_bytes())
    for path in MODEL_FILES:
        digest.update(read_model_file(path))
    return digest.hexdigest()


def _moment(now_ns: int) -> str:
    """A moment, in nanoseconds since 1970, as the beginning of a name: names sort as their moments do."""
    seconds, rest = divmod(now_ns, 10**9)
    return f"{time.strftime('%Y%m%dT%H%M%S', time.localtime(seconds))}-{rest:09d}"


def _write_error(path: Path, error: BaseException) -> IndexWriteError | None:
    """The error for the user if the disk is full, whatever part of the build was told so."""
    is_full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if not is_full and not any(said in str(error) for said in ("disk is full", "No space left")):  # SQLite, FAISS
        return None
    return IndexWriteError(
        f"The disk that holds {str(path)!r} is full ({error}). The index is as it was. Free some space and build "
        "again: a build needs up to three times the size of the finished index."
    )
