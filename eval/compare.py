"""Two runs of the same set: which figures moved and whether by more than chance, which questions were won and lost."""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.baseline import LOWER_IS_BETTER, Baseline, find_losses
from eval.errors import RunFileError
from eval.figures import MAIN_FIGURES, OVERALL, Figures, score_results, statistic_of
from eval.report import format_figure
from eval.significance import paired_p_value
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
    p_values: dict[str, float | None]
    """Of each figure's difference: the two-sided paired randomisation test; None where a figure is not defined."""
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
    rows_a, rows_b = score_results([of_a[id] for id in shared]), score_results([of_b[id] for id in shared])
    statistics = {name: statistic_of(name) for name in MAIN_FIGURES}
    changes = [Change(of_a[id], of_b[id]) for id in shared]
    return Comparison(
        set_name=a.set_name,
        n_shared=len(shared),
        only_a=tuple(id for id in of_a if id not in of_b),
        only_b=tuple(id for id in of_b if id not in of_a),
        figures={name: (statistic(rows_a), statistic(rows_b)) for name, statistic in statistics.items()},
        p_values={name: paired_p_value(rows_a, rows_b, statistic) for name, statistic in statistics.items()},
        won=tuple(change for change in changes if not _good(change.before) and _good(change.after)),
        lost=tuple(change for change in changes if _good(change.before) and not _good(change.after)),
    )


def render_comparison(comparison: Comparison) -> str:
    """The comparison for a console."""
    lines = [f"{comparison.set_name}: {comparison.n_shared} questions in both runs"]
    for name, ids in (("the first", comparison.only_a), ("the second", comparison.only_b)):
        if ids:
            lines.append(f"Only in {name} run: {len(ids)} questions, left out here")
    lines += ["", f"{'figure':40}  {'A':>8}  {'B':>8}  {'B - A':>8}  {'p':>6}"]
    lines += [_figure_line(name, a, b, comparison.p_values[name]) for name, (a, b) in comparison.figures.items()]
    for title, changes in (("Won", comparison.won), ("Lost", comparison.lost)):
        lines += ["", f"{title}: {len(changes)}"]
        lines += [line for change in changes for line in _change_lines(change)]
    return "\n".join(lines)


def _good(result: Result) -> bool:
    return result.verdict in GOOD_VERDICTS


def render_against_baseline(figures: Figures, baseline: Baseline) -> str:
    """The figures beside an accepted baseline: which are lost beyond their tolerance."""
    values = figures.groups[OVERALL]
    lost = {loss.name for loss in find_losses(figures, baseline)}
    lines = [f"{figures.set_name}: baseline of {baseline.n_questions} questions"]
    lines += ["", f"{'figure':40}  {'baseline':>8}  {'now':>8}  {'change':>8}"]
    for name, guard in baseline.figures.items():
        value = values.get(name)
        lines.append(_figure_line(name, guard.value, value) + ("  LOST" if name in lost else ""))
    return "\n".join(lines)


def _figure_line(name: str, a: float | None, b: float | None, p: float | None = None) -> str:
    difference, mark = "-", ""
    if a is not None and b is not None:
        difference = f"{b - a:+.3f}"
        if a != b:
            mark = "  better" if (b < a) == (name in LOWER_IS_BETTER) else "  worse"
    doubt = "" if p is None else f"  {p:>6.3f}"
    return f"{name:40}  {format_figure(name, a):>8}  {format_figure(name, b):>8}  {difference:>8}{doubt}{mark}"


def _change_lines(change: Change) -> list[str]:
    question = change.after.question
    return [
        f"[{question.id}] {question.kind}: {question.question}",
        f"  A, {change.before.verdict}: {' '.join(change.before.text.split())}",
        f"  B, {change.after.verdict}: {' '.join(change.after.text.split())}",
    ]
