"""A folder -> Documents: walks it in a fixed order and hands each file to the reader of its suffix.

    .txt               one document a file, in UTF-8, UTF-16, GB18030 or Big5
    .md                one document a file; front matter gives title, date, source, author
    .html .htm         one document a file: the article of the page, without menus and footers
    .docx              one document a file: paragraphs, tables, text boxes and notes
    .pdf               one document a file: its text layer, column by column, with page starts
    .jsonl .csv .tsv   one document a row, `file.csv#id`: id, title, text, date, source, author

A file that cannot be read never stops the others: it is a `Failure` with its reason.
"""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from .errors import DocumentsError
from .formats.extract import EXTRACTORS, Extractor
from .formats.reading import MISSING, Reader, ReadItem, UnreadableError, read_bytes, sha256
from .formats.row_files import KnownRows, no_known_rows, read_jsonl_file, read_table_file
from .formats.text_files import read_markdown_file, read_text_file
from .types import Document, Failure

READERS: dict[str, Reader] = {
    ".txt": read_text_file,
    ".md": read_markdown_file,
    ".jsonl": read_jsonl_file,
    ".csv": read_table_file,
    ".tsv": read_table_file,
}
"""Formats that are read here; those of `EXTRACTORS` are parsed in a process of their own."""

SUFFIXES = (*READERS, *EXTRACTORS)
"""Of all files that are read."""

Known = Callable[[str, str], Document | None]
"""(doc_id, sha256) -> the document as it was read before from the same bytes, or None."""


def read_documents(
    folder: Path, known: Known = lambda doc_id, sha256: None, known_rows: KnownRows = no_known_rows
) -> Iterator[ReadItem]:
    """All documents below a folder, ordered by path; files that cannot be read come as `Failure`s in their place.

    Hidden files and folders are passed over, and links that lead out of the folder are failures. A format that is slow
    to parse (PDF, HTML, DOCX) is parsed only where `known` has no document for the file's hash. A line of a .jsonl file
    that `known_rows` has is not parsed either: it comes as `Unchanged`.

    Raises:
        DocumentsError: the folder does not exist or is not a folder.
    """
    check_folder(folder)
    with Extractor() as extractor:
        for found in walk(folder):
            if isinstance(found, Failure):
                yield found
            else:
                yield from _read_file(folder, found, extractor, known, known_rows)


def check_folder(folder: Path) -> None:
    """Raises DocumentsError where there is no such folder."""
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise DocumentsError(f"The documents folder {str(folder)!r} {what}. Name a folder: make index DOCUMENTS=dir")


def walk(folder: Path) -> Iterator[Path | Failure]:
    """Files, and links to folders (which `os.walk` does not enter), in a fixed order; folders that cannot be listed.

    What is hidden is passed over.
    """
    refused: list[OSError] = []
    for parent, folders, files in os.walk(folder, onerror=refused.append):
        yield from _refusals(folder, refused)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        for name in sorted(files + links):
            if not name.startswith("."):
                yield Path(f"{parent}/{name}")
    yield from _refusals(folder, refused)


def _refusals(folder: Path, refused: list[OSError]) -> Iterator[Failure]:
    for error in refused:
        name = _printed(Path(os.fsdecode(error.filename)).relative_to(folder).as_posix())
        yield Failure(f"{name}/", f"the folder cannot be listed: {error.strerror or error}")
    refused.clear()


def _read_file(
    folder: Path, path: Path, extractor: Extractor, known: Known, known_rows: KnownRows
) -> Iterator[ReadItem]:
    doc_id = str(path).removeprefix(str(folder)).lstrip("/")
    try:
        if _printed(doc_id) != doc_id:
            raise UnreadableError("its name is not valid UTF-8: rename the file")
        mode = path.lstat().st_mode  # asked once: there may be very many files
        if stat.S_ISLNK(mode):
            if not _leads_inside(path, folder):
                raise UnreadableError("a link that leads out of the documents folder, or nowhere, is not followed")
            mode = path.stat().st_mode
        if stat.S_ISDIR(mode):  # a link to a folder of ours: its files are read where they stand
            return
        suffix = path.suffix.lower()
        if suffix not in SUFFIXES:
            formats = ", ".join(SUFFIXES)
            raise UnreadableError(f"format {path.suffix or 'without suffix'!r} is not read: use {formats}")
        if not stat.S_ISREG(mode):
            raise UnreadableError("is no regular file (a pipe or a device)")
        if suffix == ".jsonl":
            yield from read_jsonl_file(path, doc_id, known_rows)
        elif suffix in READERS:
            yield from READERS[suffix](path, doc_id)
        else:
            yield from _extract_file(path, doc_id, extractor, known)
    except UnreadableError as error:
        yield Failure(_printed(doc_id), str(error))
    except OSError as error:
        yield Failure(_printed(doc_id), f"cannot be read: {error.strerror or error}")


def _extract_file(path: Path, doc_id: str, extractor: Extractor, known: Known) -> Iterator[ReadItem]:
    data = read_bytes(path)
    if not data:
        raise UnreadableError("is empty")
    digest = sha256(data)
    document = known(doc_id, digest)
    if document is None:
        found = extractor.extract(path.suffix.lower(), data)
        document = Document(doc_id, found.text, digest, found.metadata, page_starts=found.page_starts)
    yield document
    for line in document.metadata.get(MISSING, "").splitlines():
        place, _, reason = line.partition(": ")
        yield Failure(f"{doc_id} {place}", reason)


def _printed(name: str) -> str:
    """A name with what is no UTF-8 in it written as escapes."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _leads_inside(link: Path, folder: Path) -> bool:
    try:
        return link.resolve(strict=True).is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # it leads nowhere, or in a circle
        return False
