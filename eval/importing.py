"""A foreign collection -> a folder of documents and a set of ours, so that every command works on it.

DIR/documents/NAME.jsonl     its passages, one article a row: `python -m index build DIR/documents`
DIR/NAME.jsonl               its questions: `python -m eval run DIR/NAME.jsonl`
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.errors import SetError
from eval.formats import Collection, SourcePassage, SourceQuestion

MAX_QUOTE_CHARS = 400
"""A longer gold span (a whole passage) is kept by its offsets alone."""


def write_collection(collection: Collection, folder: Path, name: str, *, limit: int | None = None) -> tuple[Path, Path]:
    """Writes documents and set, of the first `limit` questions; every passage is kept, so that they stay as hard.

    A question without words is left out: public sets hold such rows. Returns the folder of documents and
    the set. Raises SetError where the folder cannot be written.
    """
    documents = folder / "documents"
    passage_of = {passage.id: passage for passage in collection.passages}
    asked = [question for question in collection.questions if question.question.strip()][:limit]
    rows = [_question_row(question, passage_of, f"{name}.jsonl") for question in asked]
    _write_rows(documents / f"{name}.jsonl", [_passage_row(passage) for passage in collection.passages])
    return documents, write_set(rows, folder, name)


def write_set(rows: Sequence[dict[str, Any]], folder: Path, name: str) -> Path:
    """Writes the rows of a set and returns its path. Raises SetError where there are none, or it cannot be written."""
    if not rows:
        raise SetError(f"There is no question for {name}.jsonl. Repair: name another source.")
    path = folder / f"{name}.jsonl"
    _write_rows(path, rows)
    return path


def _passage_row(passage: SourcePassage) -> dict[str, str]:
    return {"id": passage.id, "title": passage.title, "text": passage.text}


def _question_row(question: SourceQuestion, passage_of: dict[str, SourcePassage], file: str) -> dict[str, Any]:
    return {
        "id": question.id,
        "kind": _kind(question),
        "question": question.question,
        "answerable": bool(question.gold),
        "answers": list(question.answers) if question.gold else [],
        "required": [list(wordings) for wordings in question.required],
        "evidence": [_evidence_row(passage_of[id], start, end, file) for id, start, end in question.gold],
    }


def _kind(question: SourceQuestion) -> str:
    if not question.gold:
        return "unanswerable"
    return "fact" if question.answers or question.required else "retrieval"


def _evidence_row(passage: SourcePassage, start: int, end: int, file: str) -> dict[str, Any]:
    """The span in the document that a row becomes: its title, a line end, its text (`index.documents`)."""
    offset = len(passage.title) + 1 if passage.title else 0
    quote = passage.text[start:end]
    return {
        "doc_id": f"{file}#{passage.id}",
        "title": passage.title,
        "start": start + offset,
        "end": end + offset,
        "quote": quote if len(quote) <= MAX_QUOTE_CHARS else "",
    }


def _write_rows(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    except OSError as error:
        raise SetError(f"{path} cannot be written: {error}. Repair: name another --out.") from None
