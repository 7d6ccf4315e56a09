"""`python -m benchmarks [--sizes 1000 10000] [--builds 1000] [--out DIR]`: time and size, each beside a peer."""

import argparse
import datetime
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from index.errors import UserError
from index.settings import IndexSettings

from .build_suite import BuildSuite
from .corpus import read_source
from .measure import LIMIT_S, Measurement, cells, describe_commit, describe_machine, render_markdown, render_text
from .plot import draw
from .search_suite import (
    BRIEF_LIMIT_S,
    BRIEF_RUNS,
    LARGEST_RANK_BM25,
    LARGEST_TEXTS,
    DisagreementError,
    SearchSuite,
)

RESULTS, PLOT = "RESULTS.md", "cost.svg"
READING = f"""Less is better in every row but recall; peer / ours above 1 means that ours is faster or smaller.

The recipe keeps bare pieces of 300 characters: it finds no articles and no titles, has no offsets to cite from,
does not check what it reads back, and can only be built again as a whole. It gets our terms and our embedder. A hybrid
question of ours also reads its texts from disk, groups near duplicates and says which terms were found. bm25s gets
the matrix that ours has; its other backend needs numba, which does not come with this project. Beyond
{LARGEST_TEXTS:,} pieces the searches are measured on repeated and perturbed text and vectors, and beyond
{LARGEST_RANK_BM25:,} rank_bm25 is left out: it needs about 30 GB for a million."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 measured, 1 ours and a peer found different things, 2 an error that its user can repair."""
    options = _parser().parse_args(arguments)
    options.shown = shlex.join(sys.argv[1:] if arguments is None else arguments)
    try:
        source = read_source(options.documents, options.articles, options.seed)
        of_run = (source, options.embedder, options.seed, options.questions, options.runs)
        measurements = list(_measure(SearchSuite(*of_run), BuildSuite(*of_run), options))
    except DisagreementError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    facts = _facts(source.name, options)
    print("\n".join([*facts, "", render_text(measurements), "", READING]))
    if options.out:
        _write(measurements, facts, options.out)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Speed and size, each beside a peer in the same run."
    )
    parser.add_argument(
        "--sizes", type=_positive, nargs="+", default=[1000, 10000], help="chunks to search (default 1000 10000)"
    )
    parser.add_argument(
        "--builds", type=_positive, nargs="*", help="chunks of a whole index, or all articles where there are fewer "
        f"(default: the sizes up to {LARGEST_TEXTS:,})",
    )  # fmt: skip
    parser.add_argument("--documents", type=Path, default=Path("documents"), help="folder that lends its vocabulary")
    parser.add_argument("--articles", type=Path, help="a file of real articles instead: .jsonl or .jsonl.xz")
    parser.add_argument("--embedder", default=IndexSettings().embedder, help="folder or hub name of a model")
    parser.add_argument("--questions", type=_positive, default=10, help="how many are searched (default 10)")
    parser.add_argument("--runs", type=_positive, default=3, help="the fastest of so many counts (default 3)")
    parser.add_argument("--seed", type=int, default=20230804, help="of generated articles, questions and noise")
    parser.add_argument("--out", type=Path, help=f"folder to write {RESULTS} and {PLOT} to (needs matplotlib)")
    parser.add_argument("--note", default="", help="a sentence on the machine, for the heading")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


def _measure(searches: SearchSuite, builds: BuildSuite, options: argparse.Namespace) -> Iterator[Measurement]:
    builds_of = options.builds if options.builds is not None else [n for n in options.sizes if n <= LARGEST_TEXTS]
    started = time.monotonic()
    for size in sorted({*options.sizes, *builds_of}):
        for suite in [*([searches] if size in options.sizes else []), *([builds] if size in builds_of else [])]:
            for row in suite.measure(size):
                line = "  ".join([f"{time.monotonic() - started:4.0f} s", *cells(row)])
                print(line, file=sys.stderr, flush=True)  # a long run can be stopped
                yield row


def _facts(source_name: str, options: argparse.Namespace) -> list[str]:
    return [
        f"Date: {datetime.date.today().isoformat()}",
        f"Command: `python -m benchmarks {options.shown}`",
        f"Commit: {describe_commit() or 'unknown'}",
        f"Machine: {describe_machine()}",
        *([f"Note: {options.note}"] if options.note else []),
        f"Text: {source_name}; {options.questions} questions, seed {options.seed}; embedder {options.embedder}",
        f"Each figure: the fastest of {options.runs} builds, or of those that {LIMIT_S:.0f} s allow; "
        f"of {BRIEF_RUNS * options.runs} openings and searches, or of those that {BRIEF_LIMIT_S:.0f} s allow; hybrid "
        f"questions: {20 * options.questions}, or those that {LIMIT_S:.0f} s allow",
    ]


def _write(measurements: Sequence[Measurement], facts: Sequence[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["# Speed and size", ""]
    lines += [f"- {fact}" for fact in facts]
    lines += ["", f"![cost against size]({PLOT})", "", render_markdown(measurements), "", READING, ""]
    (folder / RESULTS).write_text("\n".join(lines), encoding="utf-8")
    draw(measurements, folder / PLOT)


if __name__ == "__main__":
    sys.exit(main())
