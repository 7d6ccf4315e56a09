"""`python -m benchmarks [--sizes 1000,10000] [--markdown]`: one table of our time and size, each beside a peer."""

import argparse
import datetime
import sys
from collections.abc import Sequence
from pathlib import Path

from index.errors import UserError
from index.settings import IndexSettings

from .corpus import read_vocabulary
from .measure import LIMIT_S, Measurement, describe_commit, describe_machine, render_markdown, render_text
from .suite import BRIEF_LIMIT_S, BRIEF_RUNS, DisagreementError, Suite

READING = """Less is better in every row; peer / ours above 1 means that ours is faster or smaller.

The recipe keeps bare pieces of 300 characters: it finds no articles and no titles, has no offsets to cite from,
does not check what it reads back, and can only be built again as a whole. Ours stores the terms of each chunk beside
the postings, so that an edit need not split the others again. After an edit it also keeps the generation before:
twice this space."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 measured, 1 ours and a peer found different things, 2 an error that its user can repair."""
    options = _parser().parse_args(arguments)
    try:
        vocabulary = read_vocabulary(options.documents)
        suite = Suite(vocabulary, options.embedder, options.seed, options.questions, options.runs)
        measurements = [row for size in options.sizes for row in _measure(suite, size)]
    except DisagreementError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print(_report(measurements, options))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Speed and size, each beside a peer in the same run."
    )
    parser.add_argument("--sizes", type=_sizes, default=[1000, 10000], help="numbers of articles (default 1000,10000)")
    parser.add_argument("--documents", type=Path, default=Path("documents"), help="folder that lends its vocabulary")
    parser.add_argument("--embedder", default=IndexSettings().embedder, help="folder or hub name of a model")
    parser.add_argument("--questions", type=_positive, default=10, help="how many are searched (default 10)")
    parser.add_argument("--runs", type=_positive, default=3, help="the fastest of so many counts (default 3)")
    parser.add_argument("--seed", type=int, default=20230804, help="of the generated articles")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument("--note", default="", help="a sentence on the machine, for the heading")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


def _sizes(text: str) -> list[int]:
    return [_positive(part) for part in text.split(",")]


def _measure(suite: Suite, n_articles: int) -> list[Measurement]:
    rows = []
    for row in suite.measure(n_articles):
        print(f"{row.n_articles:,} articles: {row.what}, {row.peer_name}: done", file=sys.stderr)
        rows.append(row)
    return rows


def _report(measurements: Sequence[Measurement], options: argparse.Namespace) -> str:
    facts = [
        f"Date: {datetime.date.today().isoformat()}",
        f"Commit: {describe_commit() or 'unknown'}",
        f"Machine: {describe_machine()}",
        *([f"Note: {options.note}"] if options.note else []),
        f"Text: generated from the words of {options.documents}, seed {options.seed}; {options.questions} questions; "
        f"embedder {options.embedder}",
        f"Each figure: the fastest of {options.runs} builds, or of those that {LIMIT_S:.0f} s allow; "
        f"of {BRIEF_RUNS * options.runs} openings and searches, or of those that {BRIEF_LIMIT_S:.0f} s allow",
    ]
    if not options.markdown:
        return "\n".join([*facts, "", render_text(measurements), "", READING])
    lines = ["# Speed and size", "", "Made by `python -m benchmarks --markdown`.", ""]
    lines += [f"- {fact}" for fact in facts]
    return "\n".join([*lines, "", render_markdown(measurements), "", READING])


if __name__ == "__main__":
    sys.exit(main())
