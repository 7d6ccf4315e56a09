"""What a run has asked so far, a line a question: an interrupted run goes on where it stopped.

The first line says what was asked and on which generation of the index; another set or another index starts anew.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eval.errors import RunFileError
from eval.runfile import result_from_row
from eval.types import Question, Result


class Journal:
    """The results of one set, appended as they come. Not safe for threads: one writer."""

    def __init__(self, path: Path, asked: str) -> None:
        """`asked` names what is asked of what (set, index generation, settings): lines of anything else are dropped.

        Raises RunFileError where the file cannot be written.
        """
        self.path = path
        self._done = _read(path, asked)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", encoding="utf-8") as file:
                for row in [{"asked": asked}, *(asdict(result) for result in self._done.values())]:
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
        except OSError as error:
            raise RunFileError(f"{path} cannot be written: {error}. Repair: name another --resume.") from None

    def done(self, questions: Sequence[Question]) -> dict[str, Result]:
        """The results that are there, by question id, of questions that have not changed since."""
        return {q.id: self._done[q.id] for q in questions if q.id in self._done and self._done[q.id].question == q}

    def add(self, result: Result) -> None:
        """Appends one result; it is on disk when this returns."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")

    def remove(self) -> None:
        """The run is complete: the journal is not needed any more."""
        self.path.unlink(missing_ok=True)


def _read(path: Path, asked: str) -> dict[str, Result]:
    """The results of a journal; none where there is no file, or it is of another run. A torn last line is dropped."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return {}
    rows = [row for row in map(_row, lines) if row is not None]
    if not rows or rows[0] != {"asked": asked}:
        return {}
    results = (result_from_row(row) for row in rows[1:])
    return {result.question.id: result for result in results}


def _row(line: str) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
    except json.JSONDecodeError:
        return None
    return row if isinstance(row, dict) else None
