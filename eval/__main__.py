"""The commands: `python -m eval run | check | compare`.

Exit status: 0, or 1 where a baseline figure was lost or a check found problems, or 2 for an error that the
user can repair (one line on standard error). Results go to standard output, everything else to standard
error.
"""

import argparse
import datetime
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from eval.baseline import accept, baseline_path, find_losses, open_baseline, save_baseline, size_note
from eval.compare import compare_runs, render_comparison
from eval.datasets import check_quotes, read_set
from eval.errors import SetError
from eval.figures import Figures, compute_figures, risk_coverage
from eval.report import render_markdown, render_text
from eval.run import AskedEngine, run_set
from eval.runfile import open_runs, run_row, save_runs
from eval.types import KINDS, Question, Run
from index.errors import UserError

OpenEngine = Callable[[Path], AskedEngine]


def open_engine(path: Path) -> AskedEngine:
    """The engine over the index at `path`. Imported here: `compare` must not pay for models."""
    from rag.engine import Engine

    return Engine.open(path)


def main(arguments: Sequence[str] | None = None, *, open_engine: OpenEngine = open_engine) -> int:
    """Run one command and return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "compare":
            return _compare(options)
        if options.command == "check":
            return _check(options, open_engine)
        return _run(options, open_engine)
    except UserError as error:
        print("error:", " ".join(str(error).split()), file=sys.stderr)
        return 2
    except BrokenPipeError:
        # Who reads has seen enough (`| head`); what is still buffered must not raise again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("interrupted: nothing was written", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m eval", description="How good the answers are.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_run(commands.add_parser("run", help="ask every question of a set and print the figures"))
    check = commands.add_parser("check", help="check a set's lines, and its quotes against the documents")
    _add_sets(check)
    compare = commands.add_parser("compare", help="print what changed from one run to another")
    compare.add_argument("run_a", type=Path, metavar="RUN_A")
    compare.add_argument("run_b", type=Path, metavar="RUN_B")
    return parser


def _add_run(run: argparse.ArgumentParser) -> None:
    _add_sets(run)
    layout = run.add_mutually_exclusive_group()
    layout.add_argument("--json", action="store_true", help="print figures and rows as JSON, and nothing else")
    layout.add_argument("--markdown", action="store_true", help="print the tables as Markdown")
    run.add_argument("--out", type=Path, metavar="FILE", help="keep the runs in FILE, for `compare`")
    run.add_argument("--limit", type=_positive, metavar="N", help="ask only the first N questions of a set")
    run.add_argument("--kind", action="append", choices=KINDS, help="ask only this kind; may be repeated")
    run.add_argument("--baseline", type=Path, metavar="DIR", help="fail where a figure of DIR/SET.json is lost")
    run.add_argument("--update-baseline", action="store_true", help="accept the figures as the baseline")
    run.add_argument("-v", "--verbose", action="store_true", help="list every question that failed")


def _add_sets(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sets", nargs="+", type=Path, metavar="SET.jsonl")
    parser.add_argument("--index", type=Path, default=Path(".index"), help="the index to ask (.index)")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


def _run(options: argparse.Namespace, open_engine: OpenEngine) -> int:
    _require_usable(options)
    sets = [(path.stem, read_set(path)) for path in options.sets]
    engine = open_engine(options.index)
    runs = [_run_one(engine, name, questions, options) for name, questions in sets]
    if options.out is not None:
        save_runs(runs, options.out)
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
    if options.baseline is not None and (options.limit or options.kind):
        raise SetError(
            "A baseline is of the whole set, and --limit or --kind asks a part of it. "
            "Repair: leave out --baseline, or --limit and --kind."
        )


def _run_one(engine: AskedEngine, name: str, questions: Sequence[Question], options: argparse.Namespace) -> Run:
    run = run_set(
        engine,
        questions,
        set_name=name,
        limit=options.limit,
        kinds=options.kind,
        progress=_show_progress(name) if sys.stderr.isatty() else None,
    )
    date = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return replace(run, provenance={"date": date, "index": str(options.index)})


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


def _compare(options: argparse.Namespace) -> int:
    comparisons = compare_runs(open_runs(options.run_a), open_runs(options.run_b))
    print("\n\n\n".join(render_comparison(comparison) for comparison in comparisons))
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
