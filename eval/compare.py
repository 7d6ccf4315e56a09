"""Two runs of the same set: which figures moved, which questions were won and lost."""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.baseline import LOWER_IS_BETTER
from eval.errors import RunFileError
from eval.figures import MAIN_FIGURES, overall_values
from eval.report import format_figure
from eval.types import GOOD_VERDICTS, Result, Run


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose verdict went from good to not good, or back."""

    before: Result
    after: Result


@dataclass(frozen=True, slots=True)
class Comparison:
    """Run A against run B over the questions that both asked."""

    set_name: str
    n_shared: int
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    figures: dict[str, tuple[float | None, float | None]]
    """The main figures of A and of B, over the shared questions."""
    won: tuple[Change, ...]
    lost: tuple[Change, ...]


def compare_runs(runs_a: Sequence[Run], runs_b: Sequence[Run]) -> list[Comparison]:
    """One comparison for each set that both files have. Raises RunFileError where they share none."""
    by_name = {run.set_name: run for run in runs_b}
    shared = [compare_run(run, by_name[run.set_name]) for run in runs_a if run.set_name in by_name]
    if not shared:
        names = [", ".join(run.set_name for run in runs) or "none" for runs in (runs_a, runs_b)]
        raise RunFileError(
            f"The two files share no set: the first has {names[0]}, the second {names[1]}. "
            "Repair: run the same set twice."
        )
    return shared


def compare_run(a: Run, b: Run) -> Comparison:
    """Compare by question id. Raises RunFileError where the runs share no question."""
    of_a = {result.question.id: result for result in a.results}
    of_b = {result.question.id: result for result in b.results}
    shared = [id for id in of_a if id in of_b]
    if not shared:
        raise RunFileError(f"The two runs of {a.set_name} share no question. Repair: run the same set twice.")
    values_a = overall_values([of_a[id] for id in shared])
    values_b = overall_values([of_b[id] for id in shared])
    changes = [Change(of_a[id], of_b[id]) for id in shared]
    return Comparison(
        set_name=a.set_name,
        n_shared=len(shared),
        only_a=tuple(id for id in of_a if id not in of_b),
        only_b=tuple(id for id in of_b if id not in of_a),
        figures={name: (values_a.get(name), values_b.get(name)) for name in MAIN_FIGURES},
        won=tuple(change for change in changes if not _good(change.before) and _good(change.after)),
        lost=tuple(change for change in changes if _good(change.before) and not _good(change.after)),
    )


def render_comparison(comparison: Comparison) -> str:
    """The comparison for a console."""
    lines = [f"{comparison.set_name}: {comparison.n_shared} questions in both runs"]
    for name, ids in (("the first", comparison.only_a), ("the second", comparison.only_b)):
        if ids:
            lines.append(f"Only in {name} run: {len(ids)} questions, left out here")
    lines += ["", f"{'figure':40}  {'A':>8}  {'B':>8}  {'B - A':>8}"]
    lines += [_figure_line(name, a, b) for name, (a, b) in comparison.figures.items()]
    for title, changes in (("Won", comparison.won), ("Lost", comparison.lost)):
        lines += ["", f"{title}: {len(changes)}"]
        lines += [line for change in changes for line in _change_lines(change)]
    return "\n".join(lines)


def _good(result: Result) -> bool:
    return result.verdict in GOOD_VERDICTS


def _figure_line(name: str, a: float | None, b: float | None) -> str:
    difference, mark = "-", ""
    if a is not None and b is not None:
        difference = f"{b - a:+.3f}"
        if a != b:
            mark = "  better" if (b < a) == (name in LOWER_IS_BETTER) else "  worse"
    return f"{name:40}  {format_figure(name, a):>8}  {format_figure(name, b):>8}  {difference:>8}{mark}"


def _change_lines(change: Change) -> list[str]:
    question = change.after.question
    return [
        f"[{question.id}] {question.kind}: {question.question}",
        f"  A, {change.before.verdict}: {' '.join(change.before.text.split())}",
        f"  B, {change.after.verdict}: {' '.join(change.after.text.split())}",
    ]
