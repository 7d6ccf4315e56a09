"""What the readers of all formats share: what they give back, and what keeps a text from being a document."""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..types import Document, Failure, Unchanged

MAX_FILE_BYTES = 50 * 2**20
"""A larger file is not a document that a person cites from. Files of rows may be larger: they are read row by row."""
MAX_TEXT_CHARS = 20_000_000
"""As much as a 50 MB text holds in Chinese: a small file may be packed, and what it unpacks to is bounded as well."""
METADATA = ("title", "date", "source", "author")
MISSING = "missing"
"""Key of `Document.metadata` for parts of the file that are not in its text: lines like `page 3: has no text`."""

ReadItem = Document | Failure | Unchanged
Reader = Callable[[Path, str], Iterator[ReadItem]]


class UnreadableError(Exception):
    """A file that is not read; its text is the reason, in words for its owner."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was found in a file whose format is not plain text."""

    text: str
    metadata: dict[str, str] = field(default_factory=dict)
    page_starts: tuple[int, ...] = ()


def read_bytes(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        UnreadableError: it is larger than `MAX_FILE_BYTES`.
        OSError: the system refuses.
    """
    with path.open("rb") as file:
        n = min(os.fstat(file.fileno()).st_size, MAX_FILE_BYTES)  # to ask for the limit would reserve so much
        data = file.read(n + 1)
    if len(data) > MAX_FILE_BYTES:
        size = path.stat().st_size
        limit = MAX_FILE_BYTES // 2**20
        raise UnreadableError(f"has {size / 2**20:.0f} MB, the limit is {limit} MB: split it, or use .jsonl")
    return data


def sha256(data: bytes) -> str:
    """The hash that decides whether a document changed."""
    return hashlib.sha256(data).hexdigest()


def check_text(*texts: str) -> None:
    """Nothing, for texts that can be stored and cut by their offsets.

    Raises:
        UnreadableError: one holds a NUL or half of a character.
    """
    for text in texts:
        if "\0" in text:
            raise UnreadableError("holds a NUL character: repair the text")
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            raise UnreadableError("holds a lone surrogate (half of a character): repair the text") from None
