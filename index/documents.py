"""A folder -> Documents: walks it in a fixed order, decodes, hashes. One reader for each suffix.

    .txt    one document a file
    .md     one document a file; front matter gives title, date, source, author
    .jsonl  one document a row, `file.jsonl#id`: {"id", "title", "text", "date", "source", "author"}

A file that cannot be read never stops the others: it is a `Failure` with its reason.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import charset_normalizer
import frontmatter

from .errors import DocumentsError
from .types import Document, Failure

MAX_FILE_BYTES = 50 * 2**20
"""A larger text is not a document that a person cites from. A .jsonl file may be larger: it is read row by row."""
_METADATA = ("title", "date", "source", "author")

ReadItem = Document | Failure
Reader = Callable[[Path, str], Iterator[ReadItem]]


def read_documents(folder: Path) -> Iterator[ReadItem]:
    """All documents below a folder, ordered by path; files that cannot be read come as `Failure`s in their place.

    Hidden files and folders are passed over, and links that lead out of the folder are failures.

    Raises:
        DocumentsError: the folder does not exist or is not a folder.
    """
    if not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist"
        raise DocumentsError(f"The documents folder {str(folder)!r} {what}. Name a folder: make index DOCUMENTS=dir")
    for path in _walk(folder):
        yield from _read_file(folder, path)


def _walk(folder: Path) -> Iterator[Path]:
    """Files, and links to folders (which `os.walk` does not enter), in a fixed order."""
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        for name in sorted(files + links):
            if not name.startswith("."):
                yield Path(parent) / name


def _read_file(folder: Path, path: Path) -> Iterator[ReadItem]:
    doc_id = path.relative_to(folder).as_posix()
    name = doc_id.encode("utf-8", "backslashreplace").decode("utf-8")
    if name != doc_id:
        yield Failure(name, "its name is not valid UTF-8: rename the file")
        return
    if path.is_symlink() and not _leads_inside(path, folder):
        yield Failure(doc_id, "a link that leads out of the documents folder, or nowhere, is not followed")
        return
    if path.is_dir():  # a link to a folder of ours: its files are read where they stand
        return
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        yield Failure(doc_id, f"format {path.suffix or 'without suffix'!r} is not read: use {', '.join(READERS)}")
        return
    if not path.is_file():
        yield Failure(doc_id, "is no regular file (a pipe or a device)")
        return
    try:
        yield from reader(path, doc_id)
    except OSError as error:
        yield Failure(doc_id, f"cannot be read: {error.strerror or error}")


def _leads_inside(link: Path, folder: Path) -> bool:
    try:
        return link.resolve(strict=True).is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # it leads nowhere, or in a circle
        return False


def read_text_file(path: Path, doc_id: str) -> Iterator[ReadItem]:
    """A plain text file in UTF-8, UTF-16, GB18030 or Big5."""
    read = _read_bytes(path, doc_id)
    if isinstance(read, Failure):
        yield read
        return
    decoded = decode(read)
    if decoded is None:
        yield Failure(doc_id, "not a text in UTF-8, UTF-16, GB18030 or Big5 (binary or damaged): save it as UTF-8")
    elif not decoded[0].strip():
        yield Failure(doc_id, "holds no text")
    else:
        yield Document(doc_id, decoded[0], _sha256(read), encoding=decoded[1])


def read_markdown_file(path: Path, doc_id: str) -> Iterator[ReadItem]:
    """A Markdown file; a front matter that is not YAML is a failure, so that no date or source is lost silently."""
    for item in read_text_file(path, doc_id):
        if isinstance(item, Failure):
            yield item
            continue
        try:
            fields, _ = frontmatter.parse(item.text)
        except Exception as error:  # any YAML error: the library lets its parser's own classes through
            yield Failure(doc_id, f"front matter cannot be read: {str(error).splitlines()[0]}")
            continue
        metadata = {key: str(fields[key]) for key in _METADATA if fields.get(key)}
        yield Document(item.doc_id, item.text, item.sha256, metadata, item.encoding)


def read_jsonl_file(path: Path, doc_id: str) -> Iterator[ReadItem]:
    """A file of articles, one JSON object a line; the document's text is the title, a line end and the text."""
    seen: set[str] = set()
    n_rows = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if line.strip():
                n_rows += 1
                yield _read_row(line, f"{doc_id} line {number}", doc_id, seen)
    if not n_rows:
        yield Failure(doc_id, "holds no text")


def _read_row(line: bytes, place: str, doc_id: str, seen: set[str]) -> ReadItem:
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return Failure(place, f"not a JSON object in UTF-8: {error}")
    if not isinstance(row, dict) or not isinstance(row.get("text"), str) or not row["text"].strip():
        return Failure(place, 'needs an object with a non-empty "text"')
    row_id = "" if row.get("id") is None else str(row["id"]).strip()
    if not row_id or row_id in seen:
        return Failure(place, f"id {row_id!r} stands twice in the file" if row_id else 'needs an "id"')
    seen.add(row_id)
    metadata = {key: str(row[key]) for key in _METADATA if row.get(key)}
    metadata.setdefault("title", "")
    text = f"{metadata['title']}\n{row['text']}" if metadata["title"] else row["text"]
    flaw = _flaw("".join([row_id, text, *metadata.values()]))
    return Failure(place, flaw) if flaw else Document(f"{doc_id}#{row_id}", text, _sha256(line.strip()), metadata)


def _flaw(text: str) -> str:
    """What keeps a text from being stored and cut by its offsets, or nothing."""
    if "\0" in text:
        return "holds a NUL character: repair the text"
    if any("\ud800" <= character <= "\udfff" for character in text):
        return "holds a lone surrogate (half of a character): repair the text"
    return ""


def decode(data: bytes) -> tuple[str, str] | None:
    """The text of some bytes and its encoding, or None for what is no text. Line ends stay as they are."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _try_decode(data, "utf-16")
    if b"\0" in data:
        return None
    text = _try_decode(data.removeprefix(b"\xef\xbb\xbf"), "utf-8")  # the mark is no part of the text
    if text is not None:
        return text
    guess = charset_normalizer.from_bytes(data[:65536], cp_isolation=["gb18030", "big5"]).best()
    order = ["big5", "gb18030"] if guess is not None and guess.encoding == "big5" else ["gb18030", "big5"]
    return next((found for encoding in order if (found := _try_decode(data, encoding))), None)


def _try_decode(data: bytes, encoding: str) -> tuple[str, str] | None:
    try:
        text = data.decode(encoding)
    except UnicodeError:
        return None
    return None if "\0" in text else (text, encoding)


def _read_bytes(path: Path, doc_id: str) -> bytes | Failure:
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        limit = MAX_FILE_BYTES // 2**20
        return Failure(doc_id, f"has {size / 2**20:.0f} MB, the limit is {limit} MB: split it, or use .jsonl")
    return path.read_bytes()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


READERS: dict[str, Reader] = {
    ".txt": read_text_file,
    ".md": read_markdown_file,
    ".jsonl": read_jsonl_file,
}
