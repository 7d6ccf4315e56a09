"""The gate of an index: a new generation goes live only if it answers its golden questions as well as the live one.

Both generations are asked the same questions at the moment of the swap, so that what is held is what users would lose,
not a figure from another day. A question whose source was removed counts as lost too: whether that was meant, only its
owner can say.
"""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.run import AskedEngine, judge_answer
from eval.types import GOOD_VERDICTS, Question, Verdict
from index.__main__ import format_report
from index.build import build_index
from index.errors import IndexDamagedError, IndexRefusedError, UserError
from index.opening import open_searchable, verify_searchable
from index.searchable import Searchable
from index.settings import IndexSettings, default_settings
from rag.engine import Engine

Verdicts = dict[str, Verdict]
"""Question id -> how it was answered."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One set, asked of the live index and of the candidate."""

    set_name: str
    n_questions: int
    n_good_before: int
    n_good_now: int
    fallen: tuple[str, ...]
    """A line for each question that was answered well and is no more."""

    def is_held(self, tolerance: float) -> bool:
        """Whether no more than `tolerance` (a share of the questions) of the good answers is lost, in all."""
        return self.n_good_before - self.n_good_now <= tolerance * self.n_questions

    def __str__(self) -> str:
        return f"{self.set_name}: {self.n_good_now} of {self.n_questions} answered well, {self.n_good_before} before"


def ask_all(engine: AskedEngine, questions: Sequence[Question]) -> Verdicts:
    """How an engine answers each question of a set."""
    return {q.id: judge_answer(q, engine.answer(q.question, history=q.history)) for q in questions}


def compare_verdicts(set_name: str, questions: Sequence[Question], before: Verdicts, now: Verdicts) -> Comparison:
    """Which questions fell, and how many are answered well."""
    fallen = [
        f"{set_name} {question.id} ({before[question.id]} -> {now[question.id]}): {question.question}"
        for question in questions
        if before[question.id] in GOOD_VERDICTS and now[question.id] not in GOOD_VERDICTS
    ]
    n_good_before, n_good_now = (sum(verdicts[q.id] in GOOD_VERDICTS for q in questions) for verdicts in (before, now))
    return Comparison(set_name, len(questions), n_good_before, n_good_now, tuple(fallen))


def find_reasons(
    sets: Sequence[tuple[str, Sequence[Question]]],
    live: AskedEngine | None,
    candidate: AskedEngine,
    *,
    tolerance: float,
    say: Callable[[str], None] = lambda line: None,
) -> tuple[str, ...]:
    """The reasons against the candidate: the sets that it answers worse, each with the questions that fell.

    `say` gets a line for each set. Without a live index there is nothing to hold, and nothing is asked.
    """
    if live is None:
        return ()
    reasons: list[str] = []
    for name, questions in sets:
        now = ask_all(candidate, questions)
        comparison = compare_verdicts(name, questions, ask_all(live, questions), now)
        say(str(comparison))
        if not comparison.is_held(tolerance):
            reasons += [f"{comparison} (tolerance {tolerance:g})", *comparison.fallen]
    return tuple(reasons)


def build_gated(
    sets: Sequence[tuple[str, Sequence[Question]]],
    documents: Path,
    out: Path,
    embedder: str,
    tolerance: float,
    say: Callable[[str], None],
) -> int:
    """Builds an index that goes live only if it holds the gate; 0, or 1 where the one before stays.

    An empty `embedder` is the default one. What was built is printed. Raises as `build_index`.
    """

    def accept(candidate: Searchable) -> tuple[str, ...]:
        try:
            if problems := verify_searchable(out):  # it may open, and fail at a question
                raise IndexDamagedError("; ".join(problems))
            live = Engine.over(open_searchable(out))
        except UserError as error:  # none is there, or none that can be asked
            say(f"nothing to compare with: {error}")
            live = None
        return find_reasons(sets, live, Engine.over(candidate), tolerance=tolerance, say=say)

    settings = IndexSettings(embedder=embedder) if embedder else default_settings()
    try:
        print(format_report(build_index(documents, out, settings, accept=accept)))
    except IndexRefusedError as error:
        ungated = shlex.join(["python", "-m", "index", "build", str(documents), "--out", str(out)])
        model = f" --embedder {shlex.quote(embedder)}" if embedder else ""
        say(f"{error}\nIf these answers may be lost, build without the gate: {ungated}{model}")
        return 1
    return 0
