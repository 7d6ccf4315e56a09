"""`python -m eval run`: asks the sets, prints and keeps what came, and holds it against the baselines."""

import argparse
import datetime
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from eval.baseline import accept, baseline_path, find_losses, open_baseline, save_baseline, size_note
from eval.datasets import read_set, stand_alone
from eval.errors import SetError
from eval.figures import Figures, compute_figures, risk_coverage
from eval.journal import Journal
from eval.report import render_markdown, render_text
from eval.run import AskedEngine, run_set
from eval.runfile import run_row, save_runs
from eval.types import Question, Run

OpenEngine = Callable[..., AskedEngine]
"""From an index's path, and settings or None, to an engine."""


def run_command(options: argparse.Namespace, open_engine: OpenEngine) -> int:
    """Exit status 1 where a figure of a baseline was lost."""
    _require_usable(options)
    sets = [(path.stem, read_set(path)) for path in options.sets]
    if options.alone:
        sets = [(f"{name}-alone", stand_alone(questions)) for name, questions in sets]
    engine = open_engine(options.index)
    runs = [_run_one(engine, name, questions, options) for name, questions in sets]
    if options.out is not None:
        save_runs(runs, options.out)
    if options.html is not None:
        save_page(runs, options.html)
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
    return replace(run, provenance=provenance(options.index))


def _journal(name: str, options: argparse.Namespace) -> Journal | None:
    """Where the answers of this set to this generation of the index are kept while it is asked."""
    from index.store import live_name  # here: it brings FAISS

    if options.resume is None:
        return None
    return Journal(options.resume / f"{name}.journal", f"{name} of {options.index} at {live_name(options.index)}")


def provenance(index: Path) -> dict[str, str]:
    """When, on which index, and by which commit of this program, where it stands in a repository."""
    from index.store import live_name  # here: it brings FAISS

    date = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    try:
        commit = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
    except (OSError, subprocess.SubprocessError):  # no git here, or no repository: an installed package
        commit = ""
    return {"date": date, "index": str(index), "generation": live_name(index), **({"commit": commit} if commit else {})}


def save_page(runs: Sequence[Run], path: Path) -> None:
    """Imported here: its template engine is paid for only where a page is written."""
    from eval.html_report import save_html

    save_html(runs, path)
    say(f"{path}: report written")


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
        say(f"{path}: baseline written")
        return 0
    if baseline is None:
        say(f"{path}: no baseline yet, nothing is held; write it with --update-baseline")
        return 0
    if note := size_note(figures, baseline):
        say(f"note: {note}")
    losses = find_losses(figures, baseline)
    for loss in losses:
        say(f"LOST {figures.set_name}: {loss}")
    if not losses:
        say(f"{path}: all {len(baseline.figures)} figures held")
    return 1 if losses else 0


def say(line: str) -> None:
    """One line for people, beside what goes to standard output."""
    print(line, file=sys.stderr)
