"""The commands: `python -m eval run | check | compare | report | import | from-feedback | gate | sweep |
public`.

Exit status: 0, or 1 where a baseline figure was lost, a check found problems or a gate stayed shut, or 2 for
an error that the user can repair (one line on standard error). Results go to standard output, everything
else to standard error.
"""

import argparse
import datetime
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from eval.arguments import parser
from eval.baseline import accept, baseline_path, find_losses, open_baseline, save_baseline, size_note
from eval.compare import compare_runs, render_against_baseline, render_comparison
from eval.datasets import check_quotes, read_set, stand_alone
from eval.errors import RunFileError, SetError
from eval.feedback import candidate_rows, read_feedback
from eval.figures import Figures, compute_figures, risk_coverage
from eval.formats import read_collection
from eval.importing import write_collection, write_set
from eval.journal import Journal
from eval.public import BENCHMARKS, public_table, run_benchmark
from eval.report import markdown_table, render_markdown, render_text, text_table
from eval.run import AskedEngine, run_set
from eval.runfile import open_runs, run_row, save_runs
from eval.spreadsheet import read_spreadsheet
from eval.types import Question, Run
from index.errors import UserError
from rag.settings import RagSettings

OpenEngine = Callable[..., AskedEngine]
"""From an index's path, and settings or None, to an engine."""


def open_engine(path: Path, settings: RagSettings | None = None) -> AskedEngine:
    """The engine over the index at `path`. Imported here: `compare` must not pay for models."""
    from rag.engine import Engine

    return Engine.open(path, settings)


def main(arguments: Sequence[str] | None = None, *, open_engine: OpenEngine = open_engine) -> int:
    """Run one command and return its exit status."""
    options = parser().parse_args(arguments)
    try:
        return _COMMANDS[options.command](options, open_engine)
    except UserError as error:
        print("error:", " ".join(str(error).split()), file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Who reads has seen enough (`| head`); what is still buffered must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        kept = getattr(options, "resume", None)
        what = f"what was asked is kept, the same command goes on ({kept})" if kept else "nothing was written"
        print(f"interrupted: {what}", file=sys.stderr)
        return 130


def _run(options: argparse.Namespace, open_engine: OpenEngine) -> int:
    _require_usable(options)
    sets = [(path.stem, read_set(path)) for path in options.sets]
    if options.alone:
        sets = [(f"{name}-alone", stand_alone(questions)) for name, questions in sets]
    engine = open_engine(options.index)
    runs = [_run_one(engine, name, questions, options) for name, questions in sets]
    if options.out is not None:
        save_runs(runs, options.out)
    if options.html is not None:
        _save_html(runs, options.html)
    figures = [compute_figures(run) for run in runs]
    _print_runs(runs, figures, options)
    if options.baseline is None:
        return 0
    return max(_hold_baseline(of_set, options.baseline, options.update_baseline) for of_set in figures)


def _require_usable(options: argparse.Namespace) -> None:
    """Refuse at once what would only be noticed after minutes of asking."""
    stems = [path.stem for path in options.sets]
    if len(set(stems)) < len(stems):
        raise SetError(
            f"Two of the sets have the same name ({', '.join(stems)}), and a baseline is kept by that name. "
            "Repair: rename one of the files."
        )
    if options.update_baseline and options.baseline is None:
        raise SetError("--update-baseline needs to know where. Repair: add --baseline DIR.")
    if options.baseline is not None and (options.limit or options.kind or options.alone):
        raise SetError(
            "A baseline is of the whole set as it is written, and --limit, --kind or --alone asks a part of it. "
            "Repair: leave out --baseline, or --limit, --kind and --alone."
        )


def _run_one(engine: AskedEngine, name: str, questions: Sequence[Question], options: argparse.Namespace) -> Run:
    journal = _journal(name, options)
    run = run_set(
        engine,
        questions,
        set_name=name,
        limit=options.limit,
        kinds=options.kind,
        n_workers=options.workers,
        journal=journal,
        progress=_show_progress(name) if sys.stderr.isatty() else None,
    )
    if journal:
        journal.remove()
    return replace(run, provenance=_provenance(options.index))


def _journal(name: str, options: argparse.Namespace) -> Journal | None:
    """Where the answers of this set to this generation of the index are kept while it is asked."""
    from index.store import live_name  # here: it brings FAISS

    if options.resume is None:
        return None
    return Journal(options.resume / f"{name}.journal", f"{name} of {options.index} at {live_name(options.index)}")


def _provenance(index: Path) -> dict[str, str]:
    """When, on which index, and by which commit of this program, where it stands in a repository."""
    from index.store import live_name  # here: it brings FAISS

    date = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    try:
        commit = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):  # no git here, or no repository: an installed package
        commit = ""
    return {"date": date, "index": str(index), "generation": live_name(index), **({"commit": commit} if commit else {})}


def _save_html(runs: Sequence[Run], path: Path) -> None:
    """Imported here: its template engine is paid for only where a page is written."""
    from eval.html_report import save_html

    save_html(runs, path)
    _say(f"{path}: report written")


def _show_progress(name: str) -> Callable[[int, int], None]:
    def show(n_done: int, n_total: int) -> None:
        end = "\n" if n_done == n_total else ""
        print(f"\r{name}: {n_done}/{n_total}", end=end, file=sys.stderr, flush=True)

    return show


def _print_runs(runs: Sequence[Run], figures: Sequence[Figures], options: argparse.Namespace) -> None:
    pairs = list(zip(runs, figures, strict=True))
    if options.json:
        content = {"runs": [_json_row(run, of_run) for run, of_run in pairs]}
        print(json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False))
    elif options.markdown:
        print("\n".join(render_markdown(run, of_run) for run, of_run in pairs), end="")
    else:
        print("\n\n\n".join(render_text(run, of_run, verbose=options.verbose) for run, of_run in pairs))


def _json_row(run: Run, figures: Figures) -> dict[str, Any]:
    curve = risk_coverage(run.results)
    return {"figures": {**asdict(figures), "risk_coverage": curve}, "run": run_row(run)}


def _hold_baseline(figures: Figures, folder: Path, update: bool) -> int:
    """0, or 1 where a figure was lost; what there is to say goes to standard error."""
    path = baseline_path(folder, figures.set_name)
    baseline = open_baseline(path)
    if update:
        save_baseline(accept(figures, baseline), path)
        _say(f"{path}: baseline written")
        return 0
    if baseline is None:
        _say(f"{path}: no baseline yet, nothing is held; write it with --update-baseline")
        return 0
    if note := size_note(figures, baseline):
        _say(f"note: {note}")
    losses = find_losses(figures, baseline)
    for loss in losses:
        _say(f"LOST {figures.set_name}: {loss}")
    if not losses:
        _say(f"{path}: all {len(baseline.figures)} figures held")
    return 1 if losses else 0


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
    _save_html(open_runs(options.runs), options.out)
    return 0


def _import(options: argparse.Namespace, open_engine: OpenEngine) -> int:
    name = options.path.name.split(".")[0]
    if options.format == "csv":
        rows = read_spreadsheet(options.path, open_engine(options.index).document)
        set_path = write_set(rows[: options.limit], options.out, name)
        print(f"{set_path}: {len(rows[: options.limit])} questions")
        return 0
    collection = read_collection(options.path, options.format)
    documents, set_path = write_collection(collection, options.out, name, limit=options.limit)
    print(f"{documents}: {len(collection.passages)} documents")
    print(f"{set_path}: {len(collection.questions[: options.limit])} questions")
    print(f"Next: python -m index build {documents} --out {options.out / 'index'}")
    print(f"      python -m eval run {set_path} --index {options.out / 'index'}")
    return 0


def _from_feedback(options: argparse.Namespace, open_engine: OpenEngine) -> int:
    rated = [one for one in read_feedback(options.feedback) if options.all or one.rating != "right"]
    rows = candidate_rows(rated)
    path = write_set(rows, options.out.parent, options.out.stem)
    n_open = sum(row["note"].startswith("TO FILL IN") for row in rows)
    print(f"{path}: {len(rows)} candidates, {n_open} to fill in by hand (their notes say what)")
    return 0


def _sweep(options: argparse.Namespace, open_engine: OpenEngine) -> int:
    """Imported here: the other commands do not build."""
    from eval.sweep import parse_grid, sweep, sweep_table

    grid, questions, trials = parse_grid(options.grid), read_set(options.set), []
    for trial in sweep(options.documents, questions, grid, open_engine, options.work):
        trials.append(trial)
        _say(", ".join(f"{name}={value}" for name, value in trial.settings.items()) + f": {trial.values['right']:.3f}")
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
            _say(f"{name} is left out: {error}")
            continue
        runs.append(replace(run, provenance=_provenance(options.work / name / "index")))
        _say(f"{name}: {len(run.results)} questions asked")
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
    return build_gated(sets, options.documents, options.out, options.embedder, options.tolerance, _say)


def _say(line: str) -> None:
    print(line, file=sys.stderr)


_COMMANDS: dict[str, Callable[[argparse.Namespace, OpenEngine], int]] = {
    "run": _run,
    "check": _check,
    "compare": _compare,
    "report": _report,
    "import": _import,
    "from-feedback": _from_feedback,
    "gate": _gate,
    "sweep": _sweep,
    "public": _public,
}

if __name__ == "__main__":
    sys.exit(main())
