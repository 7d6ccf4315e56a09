"""Rows and documents <-> the records that stand in Milvus."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..types import Article, Block, Chunk, Document
from .server import Record
from .sets import DUMMY, FOREVER, MAX_FIELD_BYTES, PIECE_CHARS, document_key, version_key

_CUT = ""
"""Stands for a text that is too long for a field: it is cut from its document."""


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A row as a search brings it."""

    chunk: Chunk
    row: str
    searched: str
    """The text whose terms are searched."""
    place: int
    vector: NDArray[np.float32]  # (dim,)


def row_name(doc_id: str, number: int) -> str:
    """What names a row within a generation: rows are ordered by document, then as they stand in it."""
    return f"{doc_id}\0{number:07d}"


def split_row_name(row: str) -> tuple[str, int]:
    """The document and the number of a row."""
    doc_id, _, number = row.rpartition("\0")
    return doc_id, int(number)


def fitting(text: str) -> str:
    """The text, or `_CUT` for one that is too long for a field.

    A row whose searched text does not fit is searched by its title and its slice of the document: a sentence of 20,000
    characters that a column cut is in both of its rows on one machine, and in each half here.
    """
    return text if len(text) * 4 <= MAX_FIELD_BYTES or len(text.encode()) <= MAX_FIELD_BYTES else _CUT


def read_row(record: Record) -> StoredRow:
    """A row of a record; texts that were too long are still to be cut (see `is_cut`)."""
    chunk = Chunk(
        *(record["doc_id"], record["article"], record["begin"], record["finish"]),
        *(record["text"], record["title"], record["date"]),
    )
    searched = record["searched"] or f"{chunk.title}\n{chunk.text}"
    vector = np.asarray(record["dense"], np.float32)
    return StoredRow(chunk, row_name(chunk.doc_id, record["number"]), searched, record["place"], vector)


def is_cut(row: StoredRow) -> bool:
    """Whether the row's text must be cut from its document."""
    return not row.chunk.text and row.chunk.end > row.chunk.start


def with_text_of(row: StoredRow, document: Document) -> StoredRow:
    """A cut row with its text."""
    text = document.text[row.chunk.start : row.chunk.end]
    opening = f"{row.chunk.title}\n"  # all that is left of what is searched, if that was too long as well
    searched = opening + text if row.searched == opening else row.searched
    return replace(row, chunk=replace(row.chunk, text=text), searched=searched)


def document_records(document: Document, articles: Sequence[Article], n_rows: int, generation: int) -> list[Record]:
    """The pieces of a document and its articles."""
    content = {
        "text": document.text,
        "encoding": document.encoding,
        "metadata": document.metadata,
        "page_starts": document.page_starts,
        "articles": [_article_record(article) for article in articles],
    }
    packed = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    version = version_key(document.doc_id, document.sha256)
    head = {
        "document": document_key(document.doc_id),
        "doc_id": document.doc_id,
        "sha256": document.sha256,
        "n_rows": n_rows,
        "n_articles": len(articles),
        "born": generation,
        "died": FOREVER,
        "dummy": DUMMY,
    }
    pieces = [packed[i : i + PIECE_CHARS] for i in range(0, len(packed), PIECE_CHARS)]
    return [{**head, "key": f"{version}.{i}", "piece": i, "content": piece} for i, piece in enumerate(pieces)]


def read_documents(pieces: Iterable[Record]) -> dict[str, tuple[Document, tuple[Article, ...]]]:
    """The documents that these pieces are of, by name. Raises ValueError where a piece is missing."""
    by_document: dict[str, list[Record]] = {}
    for piece in pieces:
        by_document.setdefault(piece["doc_id"], []).append(piece)
    return {doc_id: _read_document(own) for doc_id, own in by_document.items()}


def _read_document(pieces: list[Record]) -> tuple[Document, tuple[Article, ...]]:
    pieces.sort(key=lambda piece: piece["piece"])
    content: dict[str, Any] = json.loads("".join(piece["content"] for piece in pieces))
    document = Document(
        *(pieces[0]["doc_id"], content["text"], pieces[0]["sha256"], content["metadata"], content["encoding"]),
        tuple(content["page_starts"]),
    )
    return document, tuple(map(_read_article, content["articles"]))


def _article_record(article: Article) -> dict[str, Any]:
    """An article as its document alone gives it."""
    return {name: value for name, value in asdict(article).items() if name != "parts"}


def _read_article(record: dict[str, Any]) -> Article:
    return Article(**{**record, "blocks": tuple(Block(**block) for block in record["blocks"])})
