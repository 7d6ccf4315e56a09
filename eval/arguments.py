"""The command line of `python -m eval`: what may be asked for, and its help."""

import argparse
from pathlib import Path

from eval.formats import READERS
from eval.public import BENCHMARKS
from eval.types import KINDS


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    whole = argparse.ArgumentParser(prog="python -m eval", description="How good the answers are.")
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_run(commands.add_parser("run", help="ask every question of a set and print the figures"))
    _add_sets(commands.add_parser("check", help="check a set's lines, and its quotes against the documents"))
    compare = commands.add_parser("compare", help="print what changed from one run, or from the baselines, to a run")
    compare.add_argument("run_a", type=Path, metavar="RUN_A", help="a file of runs, or a folder of baselines")
    compare.add_argument("run_b", type=Path, metavar="RUN_B")
    report = commands.add_parser("report", help="a file of runs as one HTML page that needs no network")
    report.add_argument("runs", type=Path, metavar="RUNS")
    report.add_argument("--out", type=Path, required=True, metavar="FILE.html")
    _add_import(commands.add_parser("import", help="turn another format into documents and a set"))
    draft = commands.add_parser("draft", help="propose questions from the documents of an index, for a person to check")
    draft.add_argument("--index", type=Path, default=Path(".index"), help="the index of the documents (.index)")
    draft.add_argument("--out", type=Path, required=True, metavar="SET.jsonl")
    draft.add_argument(
        "-n", type=positive, default=40, metavar="N", help="questions (40), a quarter of them near misses"
    )
    draft.add_argument("--seed", type=int, default=0, help="another number, other questions (0)")
    feedback = commands.add_parser("from-feedback", help="what readers rated in the chat, as candidate rows of a set")
    feedback.add_argument("feedback", type=Path, metavar="FILE", help="what app.py --feedback wrote")
    feedback.add_argument("--out", type=Path, required=True, metavar="SET.jsonl")
    feedback.add_argument("--all", action="store_true", help="also answers that were rated right")
    _add_gate(commands.add_parser("gate", help="build an index; it goes live only if it answers as well as before"))
    _add_sweep(commands.add_parser("sweep", help="try settings over a grid"))
    _add_public(commands.add_parser("public", help="ask the public benchmarks and print one table"))
    return whole


def _add_run(run: argparse.ArgumentParser) -> None:
    _add_sets(run)
    layout = run.add_mutually_exclusive_group()
    layout.add_argument("--json", action="store_true", help="print figures and rows as JSON, and nothing else")
    layout.add_argument("--markdown", action="store_true", help="print the tables as Markdown")
    run.add_argument("--out", type=Path, metavar="FILE", help="keep the runs in FILE, for `compare` and `report`")
    run.add_argument("--html", type=Path, metavar="FILE", help="write the report as one HTML page")
    run.add_argument("--limit", type=positive, metavar="N", help="ask only the first N questions of a set")
    run.add_argument("--kind", action="append", choices=KINDS, help="ask only this kind; may be repeated")
    run.add_argument("--alone", action="store_true", help="ask follow-ups by their `standalone` text: the ceiling")
    run.add_argument("--workers", type=positive, default=1, metavar="N", help="ask N questions at once (1)")
    run.add_argument("--resume", type=Path, metavar="DIR", help="keep what is asked in DIR; go on there if interrupted")
    run.add_argument("--baseline", type=Path, metavar="DIR", help="fail where a figure of DIR/SET.json is lost")
    run.add_argument("--update-baseline", action="store_true", help="accept the figures as the baseline")
    run.add_argument("-v", "--verbose", action="store_true", help="list every question that failed")


def _add_import(command: argparse.ArgumentParser) -> None:
    command.add_argument("format", choices=[*READERS, "csv"], help="csv: a spreadsheet of questions, see --index")
    command.add_argument("path", type=Path, metavar="PATH", help="the file, or BEIR's folder")
    command.add_argument("--out", type=Path, required=True, metavar="DIR", help="where documents/ and the set go")
    command.add_argument("--limit", type=positive, metavar="N", help="only the first N questions (all documents)")
    command.add_argument("--index", type=Path, default=Path(".index"), help="csv: the index of its documents (.index)")


def _add_gate(command: argparse.ArgumentParser) -> None:
    command.add_argument("sets", nargs="+", type=Path, metavar="SET.jsonl", help="the golden questions")
    command.add_argument("documents", type=Path, metavar="DIR", help="folder of the documents")
    command.add_argument("--out", type=Path, default=Path(".index"), help="folder of the index (.index)")
    command.add_argument("--embedder", default="", metavar="NAME", help="as of `python -m index build`")
    command.add_argument(
        "--tolerance", type=share, default=0.0, metavar="SHARE", help="of the questions that may be lost, in all (0)"
    )


def _add_sweep(command: argparse.ArgumentParser) -> None:
    command.add_argument("set", type=Path, metavar="SET.jsonl")
    command.add_argument("grid", nargs="+", metavar="NAME=VALUE,VALUE", help="for example bm25_weight=.5,.7,.9")
    command.add_argument("--documents", type=Path, required=True, metavar="DIR", help="what the indexes are built of")
    command.add_argument("--work", type=Path, metavar="DIR", help="keep the indexes here (else a temporary folder)")


def _add_public(command: argparse.ArgumentParser) -> None:
    command.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)} (all)")
    command.add_argument("--data", type=Path, default=Path("../shared/data"), help="their folder (../shared/data)")
    command.add_argument(
        "--work", type=Path, default=Path(".eval-public"), help="where indexes are kept (.eval-public)"
    )
    command.add_argument("--limit", type=positive, metavar="N", help="ask N questions of each, taken evenly")
    command.add_argument("--out", type=Path, metavar="FILE", help="keep the runs in FILE, for `compare` and `report`")


def _add_sets(command: argparse.ArgumentParser) -> None:
    command.add_argument("sets", nargs="+", type=Path, metavar="SET.jsonl")
    command.add_argument("--index", type=Path, default=Path(".index"), help="the index to ask (.index)")


def share(text: str) -> float:
    """A number from 0 to 1."""
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 1")
    return number


def positive(text: str) -> int:
    """A whole number from 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number
