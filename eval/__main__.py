"""The commands: `python -m eval run | check | compare | report | import | draft | from-feedback | gate | sweep |
public`.

Exit status: 0, or 1 where a baseline figure was lost, a check found problems or a gate stayed shut, or 2 for
an error that the user can repair (one line on standard error). Results go to standard output, everything
else to standard error.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from eval.arguments import parser
from eval.baseline import baseline_path, open_baseline
from eval.compare import compare_runs, render_against_baseline, render_comparison
from eval.datasets import check_quotes, read_set
from eval.errors import RunFileError, SetError
from eval.figures import compute_figures
from eval.public import BENCHMARKS, public_table, run_benchmark
from eval.report import markdown_table, text_table
from eval.run import AskedEngine
from eval.run_command import OpenEngine, provenance, run_command, save_page, say
from eval.runfile import open_runs, save_runs
from eval.set_commands import draft_command, feedback_command, import_command
from eval.types import Run
from index.exit_status import exit_status
from rag.settings import RagSettings


def open_engine(path: Path, settings: RagSettings | None = None) -> AskedEngine:
    """The engine over the index at `path`. Imported here: `compare` must not pay for models."""
    from rag.engine import Engine

    return Engine.open(path, settings)


def main(arguments: Sequence[str] | None = None, *, open_engine: OpenEngine = open_engine) -> int:
    """Run one command and return its exit status."""
    options = parser().parse_args(arguments)
    kept = getattr(options, "resume", None)
    what = f"what was asked is kept, the same command goes on ({kept})" if kept else "nothing was written"
    return exit_status(
        lambda: _COMMANDS[options.command](options, open_engine), interrupted=f"interrupted: {what}", one_line=True
    )


def _check(options: argparse.Namespace, open_engine: OpenEngine) -> int:
    sets = [(path, read_set(path)) for path in options.sets]
    engine = open_engine(options.index)
    n_problems = 0
    for path, questions in sets:
        problems = check_quotes(questions, engine.document)
        n_problems += len(problems)
        n_spans = sum(len(question.evidence) for question in questions)
        for problem in problems:
            print(f"{path}: {problem}")
        print(f"{path}: {len(questions)} questions, {n_spans} gold spans, {len(problems)} problems")
    return 1 if n_problems else 0


def _compare(options: argparse.Namespace, open_engine: OpenEngine) -> int:
    runs_b = open_runs(options.run_b)
    if options.run_a.is_dir():
        print("\n\n\n".join(_against_baseline(run, options.run_a) for run in runs_b))
        return 0
    comparisons = compare_runs(open_runs(options.run_a), runs_b)
    print("\n\n\n".join(render_comparison(comparison) for comparison in comparisons))
    return 0


def _against_baseline(run: Run, folder: Path) -> str:
    path = baseline_path(folder, run.set_name)
    baseline = open_baseline(path)
    if baseline is None:
        raise RunFileError(f"There is no baseline {path}. Repair: write it with `eval run --update-baseline`.")
    return render_against_baseline(compute_figures(run), baseline)


def _report(options: argparse.Namespace, open_engine: OpenEngine) -> int:
    save_page(open_runs(options.runs), options.out)
    return 0


def _sweep(options: argparse.Namespace, open_engine: OpenEngine) -> int:
    """Imported here: the other commands do not build."""
    from eval.sweep import parse_grid, sweep, sweep_table

    grid, questions, trials = parse_grid(options.grid), read_set(options.set), []
    for trial in sweep(options.documents, questions, grid, open_engine, options.work):
        trials.append(trial)
        say(", ".join(f"{name}={value}" for name, value in trial.settings.items()) + f": {trial.values['right']:.3f}")
    print(text_table(sweep_table(trials)))
    return 0


def _public(options: argparse.Namespace, open_engine: OpenEngine) -> int:
    runs: list[Run] = []
    for name in _known_benchmarks(options.names):
        try:
            run = run_benchmark(name, options.data, options.work, open_engine, limit=options.limit)
        except SetError as error:
            if options.names:  # it was asked for by name
                raise
            say(f"{name} is left out: {error}")
            continue
        runs.append(replace(run, provenance=provenance(options.work / name / "index")))
        say(f"{name}: {len(run.results)} questions asked")
    if not runs:
        raise SetError(f"None of the benchmarks is in {options.data}. Repair: name their folder with --data.")
    if options.out is not None:
        save_runs(runs, options.out)
    print(f"{runs[0].provenance['date'][:10]}, commit {runs[0].provenance.get('commit', 'unknown')}\n")
    print(markdown_table(public_table(runs)))
    return 0


def _known_benchmarks(names: Sequence[str]) -> Sequence[str]:
    if unknown := [name for name in names if name not in BENCHMARKS]:
        raise SetError(f"There is no benchmark {unknown[0]!r}. Repair: use one of {', '.join(BENCHMARKS)}.")
    return names or list(BENCHMARKS)


def _gate(options: argparse.Namespace, open_engine: OpenEngine) -> int:
    """Builds an index and asks the candidate before it goes live; 1 where it answers worse than the live one."""
    from eval.gate import build_gated  # here: it brings FAISS

    sets = [(path.stem, read_set(path)) for path in options.sets]
    return build_gated(sets, options.documents, options.out, options.embedder, options.tolerance, say)


_COMMANDS: dict[str, Callable[[argparse.Namespace, OpenEngine], int]] = {
    "run": run_command,
    "check": _check,
    "compare": _compare,
    "report": _report,
    "import": import_command,
    "draft": draft_command,
    "from-feedback": feedback_command,
    "gate": _gate,
    "sweep": _sweep,
    "public": _public,
}

if __name__ == "__main__":
    sys.exit(main())
