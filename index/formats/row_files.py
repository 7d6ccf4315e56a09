"""Readers of files with a document a row: JSON lines, and tables (.csv, .tsv). A document is named `file.csv#id`.

They are read row by row, so such a file may be of any size; a row that cannot be read is named by its line.
"""

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from ..types import Document, Failure, Unchanged
from .encoding import detect
from .reading import MAX_FILE_BYTES, MAX_TEXT_CHARS, METADATA, ReadItem, UnreadableError, check_text, sha256

_SAMPLE_BYTES = 2**16
_DELIMITERS = ",\t;|"
_HEADINGS = {
    "id": ("id", "编号", "序号", "編號", "序號"),
    "title": ("title", "标题", "題目", "题目", "標題", "headline"),
    "text": ("text", "正文", "内容", "內容", "body", "content"),
    "date": ("date", "日期", "时间", "時間", "发布时间", "發布時間"),
    "source": ("source", "来源", "來源", "媒体", "媒體"),
    "author": ("author", "作者", "记者", "記者"),
}
_FIELD_OF = {heading: name for name, headings in _HEADINGS.items() for heading in headings}


KnownRows = Callable[[str], Mapping[str, str]]
"""A file -> of its lines as they were before: the sha256 of a line -> the id of the document that it was."""


def no_known_rows(doc_id: str) -> Mapping[str, str]:
    """Knows nothing."""
    return {}


def read_jsonl_file(path: Path, doc_id: str, known_rows: KnownRows = no_known_rows) -> Iterator[ReadItem]:
    """A file of articles, one JSON object a line; the document's text is the title, a line end and the text.

    A line that was there before is not parsed.
    """
    seen: set[str] = set()
    known = known_rows(doc_id)
    n_rows = 0
    with path.open("rb") as file:
        for number, line in enumerate(_read_lines(file), start=1):
            if stripped := line.strip():
                n_rows += 1
                digest = sha256(stripped)
                known_id = known.get(digest)
                if known_id is not None and known_id not in seen:
                    seen.add(known_id)
                    yield Unchanged(known_id, digest)
                    continue
                try:
                    yield _to_document(_parse_object(line), doc_id, seen, digest)
                except UnreadableError as error:
                    yield Failure(f"{doc_id} line {number}", str(error))
    if not n_rows:
        raise UnreadableError("holds no text")


def _read_lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a file; of one that is longer than a document may be, only as much as shows that it is."""
    while line := file.readline(MAX_FILE_BYTES + 1):
        yield line
        while len(line) > MAX_FILE_BYTES and not line.endswith(b"\n"):
            line = file.readline(MAX_FILE_BYTES + 1)


def _parse_object(line: bytes) -> dict[str, object]:
    if len(line) > MAX_FILE_BYTES:
        raise UnreadableError(f"is longer than {MAX_FILE_BYTES // 2**20} MB")
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"not a JSON object in UTF-8: {error}") from error
    if not isinstance(row, dict):
        raise UnreadableError('needs an object with a non-empty "text"')
    return row


def read_table_file(path: Path, doc_id: str) -> Iterator[ReadItem]:
    """A table with a heading row: `id, title, text, date, source, author`, or 编号 标题 正文 日期 来源 作者.

    Only the text is needed; a table without a column of ids numbers its rows from 1. The delimiter is the one that
    gives the most known headings.
    """
    with path.open("rb") as file:
        encoding = detect(file.read(_SAMPLE_BYTES))
    encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    csv.field_size_limit(MAX_TEXT_CHARS)
    try:
        with path.open(encoding=encoding, newline="") as table:
            delimiter, fields = _read_heading(table.readline(_SAMPLE_BYTES))
            table.seek(0)
            reader = csv.reader(table, delimiter=delimiter, strict=True)
            yield from _read_table(reader, fields, doc_id, encoding.removesuffix("-sig"))
    except UnicodeError as error:
        raise UnreadableError(f"begins as a text in {encoding} and does not go on as one: {error}") from error


def _read_heading(line: str) -> tuple[str, dict[str, int]]:
    """The delimiter, and the column of each known field."""
    best: tuple[str, dict[str, int]] = (",", {})
    for delimiter in _DELIMITERS:
        try:
            names = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error:
            continue
        fields: dict[str, int] = {}
        for column, name in enumerate(names):
            known = _FIELD_OF.get(name.strip().lower())
            if known:
                fields.setdefault(known, column)
        if len(fields) > len(best[1]):
            best = (delimiter, fields)
    if "text" not in best[1]:
        raise UnreadableError("needs a heading row with a column `text` (or 正文, 内容)")
    return best


def _read_table(reader: Any, fields: Mapping[str, int], doc_id: str, encoding: str) -> Iterator[ReadItem]:
    seen: set[str] = set()
    n_rows = 0
    try:
        next(reader)
    except csv.Error as error:  # a quote that is opened in the heading row and never closed
        raise UnreadableError(f"its heading row cannot be read: {error}") from error
    while True:
        try:
            cells = next(reader)
            if not any(cell.strip() for cell in cells):
                continue
            n_rows += 1
            row: dict[str, object] = {
                name: cells[column].strip() for name, column in fields.items() if column < len(cells)
            }
            row.setdefault("id", str(n_rows))
            digest = sha256(json.dumps(row, sort_keys=True).encode())
            yield _to_document(row, doc_id, seen, digest, encoding)
        except StopIteration:
            break
        except (UnreadableError, csv.Error) as error:
            yield Failure(f"{doc_id} line {reader.line_num}", str(error))
    if not n_rows:
        raise UnreadableError("holds no rows under its heading")


def _to_document(
    row: Mapping[str, object], doc_id: str, seen: set[str], digest: str, encoding: str = "utf-8"
) -> Document:
    body = row.get("text")
    if not isinstance(body, str) or not body.strip():
        raise UnreadableError('needs a non-empty "text"')
    row_id = "" if row.get("id") is None else str(row["id"]).strip()
    own_id = f"{doc_id}#{row_id}"
    if not row_id or own_id in seen:
        raise UnreadableError(f"id {row_id!r} stands twice in the file" if row_id else 'needs an "id"')
    seen.add(own_id)
    metadata = {key: str(row[key]) for key in METADATA if row.get(key)}
    metadata.setdefault("title", "")
    text = f"{metadata['title']}\n{body}" if metadata["title"] else body
    check_text(row_id, text, *metadata.values())
    return Document(own_id, text, digest, metadata, encoding)
