"""`python -m index build DIR --out .index`, `info`, `verify`."""

import argparse
import json
import sys
from pathlib import Path

from .build import Progress, build_index
from .errors import UserError
from .settings import IndexSettings, default_settings
from .store import open_index, verify_index
from .types import BuildReport


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 done, 1 the index is damaged (`verify`), 2 an error that its user can repair."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted: the index is as it was", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m index", description="Build and inspect an index of documents.")
    commands = parser.add_subparsers(required=True)
    build = commands.add_parser("build", help="build the index of a folder, or bring it up to date")
    build.add_argument("documents", type=Path, help="folder of .txt, .md and .jsonl files")
    build.add_argument("--out", type=Path, default=Path(".index"), help="folder of the index (default .index)")
    build.add_argument(
        "--embedder",
        default=default_settings().embedder,
        help="folder or hub name of a sentence-transformers model (default: $WENDA_EMBEDDER, or what ships)",
    )
    build.add_argument("--max-chunk-chars", type=int, default=IndexSettings().max_chunk_chars)
    build.set_defaults(run=_run_build)
    for name, run, text in (
        ("info", _run_info, "what an index holds"),
        ("verify", _run_verify, "hash every file of an index"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("--index", type=Path, default=Path(".index"), help="folder of the index (default .index)")
        command.add_argument("--json", action="store_true", help="print JSON and nothing else")
        command.set_defaults(run=run)
    return parser


def _run_build(options: argparse.Namespace) -> int:
    settings = IndexSettings(embedder=options.embedder, max_chunk_chars=options.max_chunk_chars)
    report = build_index(options.documents, options.out, settings, progress=_progress())
    print(format_report(report))
    return 0


def format_report(report: BuildReport) -> str:
    """A build report as lines for the terminal."""
    lines = [
        f"{report.n_documents} documents, {report.n_articles} articles, {report.n_chunks} chunks "
        f"in {report.elapsed_s:.1f} s",
        f"  {report.n_added} added, {report.n_changed} changed, {report.n_removed} removed, "
        f"{report.n_unchanged} unchanged; {report.n_embedded} chunks embedded",
    ]
    lines += [f"  note: {note}" for note in report.notes]
    lines += [f"  not read: {printable(failure.path)}: {failure.reason}" for failure in report.failed]
    return "\n".join(lines)


def printable(name: str) -> str:
    """A file's name on one line, whatever characters it holds."""
    return name if name.isprintable() else repr(name)


def _progress() -> Progress | None:
    if not sys.stderr.isatty():
        return None

    def show(n_documents: int, n_chunks: int) -> None:
        if n_documents % 100 == 0:
            print(f"\r{n_documents} documents, {n_chunks} chunks", end="", file=sys.stderr, flush=True)

    return show


def _run_info(options: argparse.Namespace) -> int:
    index = open_index(options.index)
    manifest = {"generation": index.generation, **index.manifest}
    if options.json:
        print(json.dumps(manifest, ensure_ascii=False, indent=1))
        return 0
    for key in ("generation", "created", "documents", "n_documents", "n_articles", "n_chunks"):
        print(f"{key:12} {manifest[key]}")
    print(f"{'embedder':12} {manifest['embedder']['name']}, {manifest['embedder']['dim']} dimensions")
    for article in index.articles():
        date, title = article.date or "no date", article.title or "(untitled)"
        print(f"  {printable(article.doc_id)}  {date:10}  {title}")
    for failure in manifest["failed"]:
        print(f"  not read: {printable(failure['path'])}: {failure['reason']}")
    return 0


def _run_verify(options: argparse.Namespace) -> int:
    problems = verify_index(options.index)
    if options.json:
        print(json.dumps({"problems": problems}, ensure_ascii=False))
    elif problems:
        print("\n".join(problems) + "\nThe index is damaged. Build it again: make index", file=sys.stderr)
    else:
        print("every file is what was built")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
