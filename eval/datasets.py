"""A set of questions: JSON lines -> Questions, and the check that its gold quotes stand in the documents.

A row: {"id", "kind", "question", "answerable", "answers": [...], "required": [[wording, ...], ...],
"evidence": [{"doc_id", "title", "start", "end", "quote"}], "history": [{"question", "answer"}], "standalone", "note"}.
`quote`, `history`, `standalone` and `note` may be left out.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from eval.errors import SetError
from eval.text_metrics import covers
from eval.types import KINDS, Evidence, Kind, Question
from index.errors import UserError
from index.types import Document
from rag.types import Turn

_FIELDS = frozenset(
    {"id", "kind", "question", "answerable", "answers", "required", "evidence", "history", "standalone", "note"}
)
_EVIDENCE_FIELDS = frozenset({"doc_id", "title", "start", "end", "quote"})
_TYPE_NAMES = {str: "text", int: "a whole number", bool: "true or false", list: "a list", dict: "an object"}


class _RowError(Exception):
    """One field of one row is wrong; `read_set` adds the file and the line."""

    def __init__(self, field: str, wrong: str, repair: str) -> None:
        super().__init__(wrong)
        self.field, self.wrong, self.repair = field, wrong, repair


def read_set(path: Path) -> list[Question]:
    """The questions of a set, in the file's order. Empty lines are skipped.

    Raises SetError: the file is missing, empty or not UTF-8, or a line is wrong (file, line, field, repair).
    """
    questions: list[Question] = []
    line_of: dict[str, int] = {}
    for number, line in enumerate(_read_lines(path), start=1):
        if not line.strip():
            continue
        try:
            question = parse_question(_parse_object(line))
            if question.id in line_of:
                wrong = f"{question.id!r} was used in line {line_of[question.id]} already"
                raise _RowError("id", wrong, "give every question its own id")
        except _RowError as error:
            where = f"{path}, line {number}, field '{error.field}'"
            raise SetError(f"{where}: {error.wrong}. Repair: {error.repair}.") from None
        line_of[question.id] = number
        questions.append(question)
    if not questions:
        raise SetError(f"{path} holds no questions. Repair: write one JSON object per line.")
    return questions


def parse_question(row: dict[str, Any]) -> Question:
    """One row -> one Question. Raises an error that names the field; `read_set` says in which line."""
    _forbid_unknown(row, _FIELDS, prefix="")
    kind = _take(row, "kind", str)
    if kind not in KINDS:
        raise _RowError("kind", f"{kind!r} is not a kind", "use one of " + ", ".join(KINDS))
    question = Question(
        id=_take_text(row, "id"),
        kind=cast(Kind, kind),
        question=_take_text(row, "question"),
        answerable=_take(row, "answerable", bool),
        answers=_parse_texts(_take(row, "answers", list), "answers"),
        required=tuple(
            _parse_texts(_expect(item, list, f"required[{i}]"), f"required[{i}]", allow_empty=False)
            for i, item in enumerate(_take(row, "required", list))
        ),
        evidence=tuple(
            _parse_evidence(_expect(item, dict, f"evidence[{i}]"), f"evidence[{i}]")
            for i, item in enumerate(_take(row, "evidence", list))
        ),
        history=tuple(
            _parse_turn(_expect(item, dict, f"history[{i}]"), f"history[{i}]")
            for i, item in enumerate(_expect(row.get("history", []), list, "history"))
        ),
        note=_expect(row.get("note", ""), str, "note"),
        standalone=_expect(row.get("standalone", ""), str, "standalone"),
    )
    _require_consistent(question)
    return question


def stand_alone(questions: Sequence[Question]) -> list[Question]:
    """The follow-ups that say how they would be asked alone, asked so, without their history."""
    return [
        replace(question, question=question.standalone, history=()) for question in questions if question.standalone
    ]


def check_quotes(questions: Sequence[Question], document_of: Callable[[str], Document]) -> list[str]:
    """What does not hold between a set and its documents, one sentence each; empty when all is well.

    Checked: each span lies in its document, each quote equals its slice, and every required item stands in
    one of the question's spans. `document_of` raises UserError for a document that the index does not hold.
    """
    problems: list[str] = []
    for question in questions:
        texts: list[str] = []
        for number, evidence in enumerate(question.evidence):
            where = f"{question.id}: evidence[{number}]"
            try:
                text = document_of(evidence.doc_id).text
            except UserError as error:
                problems.append(f"{where}: document {evidence.doc_id!r} is not in the index ({error})")
                continue
            problems += _span_problems(evidence, text, where)
            texts.append(text[evidence.start : evidence.end])
        if question.evidence and not texts:
            continue  # its documents are missing: said above, once
        problems += [
            f"{question.id}: required[{i}]: none of {list(wordings)} stands in the evidence"
            for i, wordings in enumerate(question.required)
            if not any(covers(text, wordings) for text in texts)
        ]
    return problems


def _span_problems(evidence: Evidence, text: str, where: str) -> list[str]:
    if evidence.end > len(text):
        return [
            f"{where}: span {evidence.start}-{evidence.end} ends outside {evidence.doc_id!r}, "
            f"which has {len(text)} characters"
        ]
    found = text[evidence.start : evidence.end]
    if evidence.quote and found != evidence.quote:
        at = text.find(evidence.quote)
        hint = f"; the quote stands at {at}-{at + len(evidence.quote)}" if at >= 0 else ""
        return [
            f"{where}: {evidence.doc_id!r} has {found!r} at {evidence.start}-{evidence.end}, "
            f"the quote is {evidence.quote!r}{hint}"
        ]
    return []


def _read_lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError:
        raise SetError(f"There is no set {path}. Repair: name a .jsonl file of questions.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SetError(f"{path} cannot be read: {error}. Repair: save it as UTF-8 text.") from None


def _parse_object(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        wrong = f"not JSON ({error.msg} at column {error.colno})"
        raise _RowError("(line)", wrong, "write one JSON object per line") from None
    if not isinstance(row, dict):
        raise _RowError("(line)", "not a JSON object", 'write {"id": ..., "question": ..., ...}')
    return row


def _require_consistent(question: Question) -> None:
    """Fields that contradict each other make figures that nobody can read."""
    if question.answerable:
        if question.kind == "unanswerable":
            raise _RowError("answerable", "true, but the kind is unanswerable", "set it to false")
        if question.kind == "retrieval" and (question.answers or question.required):
            raise _RowError("kind", "retrieval, but there is gold in words", "use another kind, or leave them empty")
        if question.kind != "retrieval" and not question.answers and not question.required:
            raise _RowError("answers", "an answerable question needs gold", "fill answers or required")
        if not question.evidence:
            raise _RowError("evidence", "an answerable question needs evidence", "name at least one span")
    else:
        if question.kind not in ("unanswerable", "followup"):
            wrong = f"false, but the kind is {question.kind}"
            raise _RowError("answerable", wrong, "set it to true, or the kind to unanswerable")
        if question.answers or question.required:
            name = "answers" if question.answers else "required"
            raise _RowError(name, "an unanswerable question has no gold", "write [] here")
    if question.kind == "followup" and not question.history:
        raise _RowError("history", "a followup needs the turns before it", "name at least one turn")


def _parse_evidence(row: dict[str, Any], name: str) -> Evidence:
    _forbid_unknown(row, _EVIDENCE_FIELDS, prefix=f"{name}.")
    start, end = _take(row, "start", int, f"{name}."), _take(row, "end", int, f"{name}.")
    if not 0 <= start < end:
        wrong = f"{start}-{end} is not a span"
        raise _RowError(f"{name}.start", wrong, "offsets are half open code points: 0 <= start < end")
    return Evidence(
        doc_id=_take_text(row, "doc_id", f"{name}."),
        title=_take(row, "title", str, f"{name}."),
        start=start,
        end=end,
        quote=_expect(row.get("quote", ""), str, f"{name}.quote"),
    )


def _parse_turn(row: dict[str, Any], name: str) -> Turn:
    _forbid_unknown(row, frozenset({"question", "answer"}), prefix=f"{name}.")
    return Turn(_take_text(row, "question", f"{name}."), _take(row, "answer", str, f"{name}."))


def _parse_texts(values: list[Any], name: str, *, allow_empty: bool = True) -> tuple[str, ...]:
    if not values and not allow_empty:
        raise _RowError(name, "an empty list", "name at least one wording, or leave the item out")
    for i, value in enumerate(values):
        if not _expect(value, str, f"{name}[{i}]").strip():
            raise _RowError(f"{name}[{i}]", "empty text", "fill it or leave it out")
    return tuple(values)


def _forbid_unknown(row: dict[str, Any], known: frozenset[str], *, prefix: str) -> None:
    for name in row:
        if name not in known:
            raise _RowError(prefix + name, "not a field of a set", "use " + ", ".join(sorted(known)))


def _take_text(row: dict[str, Any], name: str, prefix: str = "") -> str:
    value: str = _take(row, name, str, prefix)
    if not value.strip():
        raise _RowError(prefix + name, "empty text", "fill it")
    return value


def _take(row: dict[str, Any], name: str, wanted: type, prefix: str = "") -> Any:
    if name not in row:
        raise _RowError(prefix + name, "missing", f"add it: {_TYPE_NAMES[wanted]}")
    return _expect(row[name], wanted, prefix + name)


def _expect(value: Any, wanted: type, name: str) -> Any:
    # JSON's true is a Python int too: only exactly the wanted type will do.
    if type(value) is not wanted:
        raise _RowError(name, f"{json.dumps(value, ensure_ascii=False)} is not {_TYPE_NAMES[wanted]}", "change it")
    return value
