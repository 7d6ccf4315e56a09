"""What readers said of answers: kept in one SQLite file on this machine, and exported as candidate rows of a set.

A candidate is not a gold row yet: a person fills in what is missing, and `python -m eval check` names what still is.
"""

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from eval.errors import SetError
from rag.types import Answer, Turn

Rating = Literal["right", "wrong", "wrong_source", "incomplete", "should_refuse", "should_answer"]
"""What is said of an answer. `should_refuse`: the documents do not say it; `should_answer`: they do."""
RATINGS: tuple[Rating, ...] = get_args(Rating)

LOCK_TIMEOUT_S = 2.0
"""How long a rating waits for another program that holds the file."""

_SCHEMA = """create table if not exists feedback (
    key text primary key, created text not null, rating text not null, question text not null,
    standalone_question text not null, history text not null, answer text not null, short text not null,
    refused integer not null, citations text not null, hits text not null, generation text not null
)"""


@dataclass(frozen=True, slots=True)
class Feedback:
    """One rated answer with what it was made of."""

    key: str
    """Of the exchange: who rates it again replaces what was said before."""
    created: str
    """ISO date and time."""
    rating: Rating
    question: str
    standalone_question: str
    history: tuple[Turn, ...]
    answer: str
    short: str
    refused: bool
    citations: tuple[dict[str, Any], ...]
    """`doc_id`, `title`, `start`, `end`, `quote` of each."""
    hits: tuple[dict[str, Any], ...]
    """`doc_id`, `article`, `start`, `end`, `score`, best first."""
    generation: str
    """Of the index that was asked."""


def feedback_on(
    answer: Answer, rating: Rating, *, key: str, created: str, history: Sequence[Turn], generation: str
) -> Feedback:
    """The record of one rated answer."""
    return Feedback(
        key=key,
        created=created,
        rating=rating,
        question=answer.question,
        standalone_question=answer.standalone_question,
        history=tuple(Turn(turn.question, turn.answer) for turn in history),
        answer=answer.text,
        short=answer.short,
        refused=answer.refused,
        citations=tuple(
            {"doc_id": c.doc_id, "title": c.article_title, "start": c.start, "end": c.end, "quote": c.quote}
            for c in answer.citations
        ),
        hits=tuple(
            {
                "doc_id": hit.chunk.doc_id,
                "article": hit.chunk.article,
                "start": hit.chunk.start,
                "end": hit.chunk.end,
                "score": hit.score,
            }
            for hit in answer.hits
        ),
        generation=generation,
    )


class FeedbackStore:
    """The file of ratings; made at the first one. Safe for several threads and processes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, feedback: Feedback) -> None:
        """Keeps one rating, in place of an older one of the same exchange. Raises sqlite3.Error where it cannot.

        A new file is readable for its owner only: what was asked stands in it.
        """
        row = (
            feedback.key, feedback.created, feedback.rating, feedback.question, feedback.standalone_question,
            _json([[turn.question, turn.answer] for turn in feedback.history]), feedback.answer, feedback.short,
            feedback.refused, _json(feedback.citations), _json(feedback.hits), feedback.generation,
        )  # fmt: skip
        try:
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise sqlite3.OperationalError(f"{self.path}: {error.strerror}") from None
        with closing(sqlite3.connect(self.path, timeout=LOCK_TIMEOUT_S)) as connection, connection:
            connection.execute(_SCHEMA)
            connection.execute(f"insert or replace into feedback values ({','.join('?' * len(row))})", row)


def read_feedback(path: Path) -> Iterator[Feedback]:
    """All ratings, the oldest first. Raises SetError where the file is missing, or is not one."""
    if not path.is_file():
        raise SetError(f"There is no feedback {path}. Repair: name the file that app.py --feedback wrote.")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute("select * from feedback order by created, key").fetchall()
        yield from map(_feedback, rows)
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise SetError(f"{path} is not a file of feedback ({error}). Repair: name the one that app.py wrote.") from None


def candidate_rows(rated: Sequence[Feedback]) -> list[dict[str, Any]]:
    """A row of a set for each, with what is known; `note` says what a person has to fill in."""
    return [_candidate(feedback, f"feedback{number}") for number, feedback in enumerate(rated, start=1)]


def _candidate(feedback: Feedback, id: str) -> dict[str, Any]:
    answerable = feedback.rating != "should_refuse" and not (feedback.rating == "right" and feedback.refused)
    is_gold = feedback.rating == "right" and answerable
    row: dict[str, Any] = {
        "id": id,
        "kind": ("followup" if feedback.history else "fact") if answerable else "unanswerable",
        "question": feedback.question,
        "history": [{"question": turn.question, "answer": turn.answer} for turn in feedback.history],
        "answerable": answerable,
        "answers": [feedback.short] if is_gold and feedback.short else [],
        "required": [],
        "evidence": list(feedback.citations) if is_gold or feedback.rating == "incomplete" else [],
    }
    return {**row, "note": _note(feedback, row)}


def _note(feedback: Feedback, row: dict[str, Any]) -> str:
    said = f"{feedback.rating} on {feedback.created[:10]}, generation {feedback.generation}: {feedback.answer}"
    missing = [name for name in ("answers", "evidence") if row["answerable"] and not row[name]]
    return f"TO FILL IN: {', '.join(missing)}. {said}" if missing else said


def _feedback(row: Sequence[Any]) -> Feedback:
    key, created, rating, question, standalone, history, answer, short, refused, citations, hits, generation = row
    if rating not in RATINGS:
        raise ValueError(f"rating {rating!r}")
    turns = tuple(Turn(asked, answered) for asked, answered in json.loads(history))
    cited, found = tuple(json.loads(citations)), tuple(json.loads(hits))
    return Feedback(
        key, created, rating, question, standalone, turns, answer, short, bool(refused), cited, found, generation
    )


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
