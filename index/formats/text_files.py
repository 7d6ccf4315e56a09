"""Readers of plain text: `.txt` as it stands, `.md` with its front matter."""

from collections.abc import Iterator
from pathlib import Path

import frontmatter

from ..types import Document
from .encoding import decode
from .reading import METADATA, ReadItem, UnreadableError, check_text, read_bytes, sha256


def read_text_file(path: Path, doc_id: str) -> Iterator[ReadItem]:
    """A plain text file in UTF-8, UTF-16, GB18030 or Big5."""
    yield _read_document(path, doc_id)


def read_markdown_file(path: Path, doc_id: str) -> Iterator[ReadItem]:
    """A Markdown file; a front matter that is not YAML is a failure, so that no date or source is lost silently."""
    document = _read_document(path, doc_id)
    try:
        fields, _ = frontmatter.parse(document.text)
    except Exception as error:  # any YAML error: the library lets its parser's own classes through
        raise UnreadableError(f"front matter cannot be read: {str(error).splitlines()[0]}") from error
    metadata = {key: str(fields[key]) for key in METADATA if fields.get(key)}
    check_text(*metadata.values())
    yield Document(doc_id, document.text, document.sha256, metadata, document.encoding)


def _read_document(path: Path, doc_id: str) -> Document:
    data = read_bytes(path)
    decoded = decode(data)
    if decoded is None:
        raise UnreadableError("not a text in UTF-8, UTF-16, GB18030 or Big5 (binary or damaged): save it as UTF-8")
    text, encoding = decoded
    if not text.strip():
        raise UnreadableError("holds no text")
    return Document(doc_id, text, sha256(data), encoding=encoding)
