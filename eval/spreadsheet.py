"""A spreadsheet of questions, saved as CSV, -> rows of a set, against an index of the documents that it speaks of.

Columns, in any order, by their English or Chinese heading:

    question   问题                 what is asked
    answer     答案   (may be left out)  wordings apart by "|"; several things that must be said, by ";" or "；"
    document   文档                 the document's name below its folder
    quote      引文                 the words of the document that carry the answer, as they stand there
    kind       类型   (may be left out)  as in a set

A row without answer, document and quote is a question that the documents do not answer.
"""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from eval.errors import SetError
from index.errors import UserError
from index.formats.encoding import decode
from index.types import Document

_HEADINGS = {
    "id": "id", "编号": "id",
    "question": "question", "问题": "question",
    "answer": "answer", "答案": "answer",
    "document": "document", "文档": "document",
    "quote": "quote", "引文": "quote",
    "kind": "kind", "类型": "kind",
}  # fmt: skip
_ITEMS = re.compile("[;；]")


def read_spreadsheet(path: Path, document_of: Callable[[str], Document]) -> list[dict[str, Any]]:
    """The rows of a set, in the file's order; `document_of` raises UserError for a document that is not there.

    Raises SetError: a heading or a row is wrong, or a quote does not stand in its document (row, and the repair).
    """
    try:
        decoded = decode(path.read_bytes())
    except OSError as error:
        raise SetError(f"{path} cannot be read ({error.strerror}). Repair: name a .csv file.") from None
    if decoded is None:
        raise SetError(f"{path} is no text. Repair: save the sheet as CSV (UTF-8).")
    table = list(csv.reader(io.StringIO(decoded[0], newline="")))
    names = [_HEADINGS.get(cell.strip().lower(), "") for cell in table[0]] if table else []
    if "question" not in names:
        raise SetError(f"{path}: no column is headed question or 问题. Repair: name the columns in the first row.")
    rows = []
    for number, cells in enumerate(table[1:], start=2):
        row = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
        if any(row.values()):
            rows.append(_set_row(row, f"{path}, row {number}", number, document_of))
    return rows


def _set_row(row: dict[str, str], where: str, number: int, document_of: Callable[[str], Document]) -> dict[str, Any]:
    items = [_wordings(item) for item in _ITEMS.split(row.get("answer", "")) if item.strip()]
    if not row.get("question"):
        raise SetError(f"{where}: the question is empty. Repair: fill it, or remove the row.")
    if bool(items) != bool(row.get("quote")):
        lacking = "quote" if items else "answer"
        raise SetError(f"{where}: the {lacking} is missing. Repair: fill both answer and quote, or neither.")
    return {
        "id": row.get("id") or f"row{number}",
        "kind": row.get("kind") or ("fact" if items else "unanswerable"),
        "question": row["question"],
        "answerable": bool(items),
        "answers": items[0] if len(items) == 1 else [],
        "required": items,
        "evidence": [_evidence(row, where, document_of)] if items else [],
    }


def _wordings(item: str) -> list[str]:
    return [wording.strip() for wording in item.split("|") if wording.strip()]


def _evidence(row: dict[str, str], where: str, document_of: Callable[[str], Document]) -> dict[str, Any]:
    name, quote = row.get("document", ""), row["quote"]
    try:
        text = document_of(name).text
    except UserError:
        raise SetError(f"{where}: the index has no document {name!r}. Repair: its name as in `index info`.") from None
    start = text.find(quote)
    if start < 0:
        raise SetError(f"{where}: {quote[:40]!r} does not stand in {name!r}. Repair: copy it from the document.")
    return {"doc_id": name, "title": "", "start": start, "end": start + len(quote), "quote": quote}
