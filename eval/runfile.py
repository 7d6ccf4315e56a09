"""A file of runs: written by `python -m eval run --out`, read by `compare`."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from eval.errors import RunFileError
from eval.types import Evidence, FoundChunk, GivenCitation, Question, Result, Run
from rag.types import Turn

FORMAT = 1


def save_runs(runs: Sequence[Run], path: Path) -> None:
    """Write the runs to `path`; it appears whole or not at all. Raises RunFileError where it cannot."""
    content = {"format": FORMAT, "runs": [run_row(run) for run in runs]}
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise RunFileError(f"The runs cannot be written: {error}. Repair: name another --out.") from None


def open_runs(path: Path) -> list[Run]:
    """The runs of a file. Raises RunFileError where it is missing, or not a file of runs."""
    repair = "Repair: write it with `python -m eval run SET.jsonl --out FILE`."
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise RunFileError(f"{path} has format {content['format']}, this version reads {FORMAT}. {repair}")
        return [run_from_row(row) for row in content["runs"]]
    except FileNotFoundError:
        raise RunFileError(f"There is no file of runs {path}. {repair}") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        wrong = f"{type(error).__name__}: {error}"
        raise RunFileError(f"{path} is not a file of runs ({wrong}). {repair}") from None


def run_row(run: Run) -> dict[str, Any]:
    """The run as JSON's own types."""
    return asdict(run)


def run_from_row(row: dict[str, Any]) -> Run:
    """The run that `run_row` made the row of. Raises KeyError or TypeError where it is not such a row."""
    return Run(
        set_name=row["set_name"],
        results=tuple(result_from_row(result) for result in row["results"]),
        whole_set=row["whole_set"],
        notes=tuple(row["notes"]),
        provenance=row["provenance"],
    )


def result_from_row(row: dict[str, Any]) -> Result:
    """The result that its JSON row was made of. Raises KeyError or TypeError where it is not such a row."""
    rest = {name: row[name] for name in ("standalone_question", "text", "short", "refused", "confidence")}
    return Result(
        question=_question(row["question"]),
        citations=tuple(GivenCitation(**citation) for citation in row["citations"]),
        hits={mode: tuple(FoundChunk(**hit) for hit in hits) for mode, hits in row["hits"].items()},
        gold_articles=tuple((doc_id, number) for doc_id, number in row["gold_articles"]),
        timings_ms=row["timings_ms"],
        verdict=row["verdict"],
        **rest,
    )


def _question(row: dict[str, Any]) -> Question:
    return Question(
        **{
            **row,
            "answers": tuple(row["answers"]),
            "required": tuple(tuple(wordings) for wordings in row["required"]),
            "evidence": tuple(Evidence(**evidence) for evidence in row["evidence"]),
            "history": tuple(Turn(**turn) for turn in row["history"]),
        }
    )
