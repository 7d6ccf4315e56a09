"""`python -m index build DIR --out .index [--dry-run | --full]`, `watch`, `info`, `verify`."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .build import build_index, milvus_build, plan_build
from .documents import SUFFIXES, check_folder
from .errors import SettingsError
from .exit_status import exit_status
from .generation.intake import Progress
from .milvus.address import is_milvus, read_address
from .milvus.shards import Shard
from .opening import open_searchable, verify_searchable
from .settings import IndexSettings, default_settings
from .types import BuildPlan, BuildProgress, BuildReport
from .watch import stopped_by_signals, watch_documents

_BAR_INTERVAL_S = 0.1
_PLACE = "folder of the index (default .index), or milvus+http://host:port/collection"
_NAMED = 10
"""Documents that a report names, of each kind; more are counted only."""


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 done, 1 the index is damaged (`verify`), 2 an error that its user can repair."""
    options = _parser().parse_args(arguments)
    return exit_status(
        lambda: int(options.run(options)),
        interrupted="interrupted: the index is as it was; what was embedded is kept for the next build",
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m index", description="Build and inspect an index of documents.")
    commands = parser.add_subparsers(required=True)
    build = commands.add_parser("build", help="build the index of a folder, or bring it up to date")
    watch = commands.add_parser("watch", help="build it, and again whenever the documents change, until Ctrl-C")
    for command in (build, watch):
        _add_what_is_built(command)
    build.add_argument("--dry-run", action="store_true", help="say what would be done, and touch nothing")
    build.add_argument("--full", action="store_true", help="take nothing over from the index that is there")
    shared = build.add_mutually_exclusive_group()
    shared.add_argument("--shard", type=_shard, metavar="K/N", help="Milvus: only this part, beside other builders")
    shared.add_argument("--finish", type=int, metavar="N", help="Milvus: publish what N builders have done")
    shared.add_argument("--ray", type=int, metavar="N", help="Milvus: N shards on a Ray cluster, then published")
    build.add_argument("--ray-address", default="", help="of the cluster (default: the processors of this machine)")
    build.set_defaults(run=_run_build)
    watch.set_defaults(run=_run_watch)
    for name, run, text in (
        ("info", _run_info, "what an index holds"),
        ("verify", _run_verify, "hash every file of an index"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("--index", type=Path, default=Path(".index"), help=_PLACE)
        command.add_argument("--json", action="store_true", help="print JSON and nothing else")
        command.set_defaults(run=run)
    return parser


def _add_what_is_built(command: argparse.ArgumentParser) -> None:
    command.add_argument("documents", type=Path, help=f"folder of the documents ({' '.join(SUFFIXES)})")
    command.add_argument("--out", type=Path, default=Path(".index"), help=_PLACE)
    command.add_argument(
        "--embedder",
        default=default_settings().embedder,
        help="folder or hub name of a sentence-transformers model (default: $WENDA_EMBEDDER, or what ships)",
    )
    command.add_argument("--max-chunk-chars", type=int, default=IndexSettings().max_chunk_chars)


def _settings(options: argparse.Namespace) -> IndexSettings:
    return IndexSettings(embedder=options.embedder, max_chunk_chars=options.max_chunk_chars)


def _run_watch(options: argparse.Namespace) -> int:
    check_folder(options.documents)

    def rebuild() -> str:
        with _progress() as progress:
            return format_report(build_index(options.documents, options.out, _settings(options), progress=progress))

    with stopped_by_signals() as stop:
        print(f"watching {options.documents} (Ctrl-C ends it)", flush=True)
        watch_documents(options.documents, options.out, rebuild, stop=stop, say=lambda text: print(text, flush=True))
    return 0


def _run_build(options: argparse.Namespace) -> int:
    settings = _settings(options)
    if options.dry_run:
        print(format_plan(plan_build(options.documents, options.out, settings)))
        return 0
    with _progress() as progress:
        if options.shard or options.finish or options.ray:
            report = _build_shared(options, settings, progress)
        else:
            report = build_index(options.documents, options.out, settings, progress=progress, from_scratch=options.full)
    print(format_report(report))
    if options.shard:
        print(f"  shard {options.shard.number}/{options.shard.of} is built; publish all: --finish {options.shard.of}")
    return 0


def _shard(text: str) -> Shard:
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise argparse.ArgumentTypeError(f"{text} is no shard: write 3/8 for the third of eight")
    return Shard(int(number), int(of))


def _build_shared(options: argparse.Namespace, settings: IndexSettings, progress: Progress | None) -> BuildReport:
    """A part of a build on a Milvus server, or the end of one."""
    if not is_milvus(options.out):
        raise SettingsError(
            f"--shard, --finish and --ray share a build on a Milvus server, and {str(options.out)!r} is a folder: "
            "--out milvus+http://host:port/collection"
        )
    from .milvus.build import build_shard, finish_shards
    from .milvus.on_ray import build_on_ray

    build = milvus_build(options.documents, options.out, settings, from_scratch=options.full)
    if options.shard:
        return build_shard(build, options.shard, progress)
    if options.ray:
        return build_on_ray(build, options.ray, options.ray_address)
    return finish_shards(build, options.finish)


def format_report(report: BuildReport) -> str:
    """A build report as lines for the terminal."""
    lines = [
        f"{report.n_documents} documents, {report.n_articles} articles, {report.n_chunks} chunks "
        f"in {report.elapsed_s:.1f} s",
        f"  {report.n_added} added, {report.n_changed} changed, {report.n_removed} removed, "
        f"{report.n_unchanged} unchanged; {report.n_embedded} texts embedded",
    ]
    lines += _names("added", report.added) + _names("changed", report.changed) + _names("removed", report.removed)
    lines += [f"  note: {note}" for note in report.notes]
    lines += [f"  not read: {printable(failure.path)}: {failure.reason}" for failure in report.failed]
    return "\n".join(lines)


def format_plan(plan: BuildPlan) -> str:
    """What a build would do, as lines for the terminal."""
    lines = [
        f"{len(plan.added)} documents to add, {len(plan.changed)} changed, {len(plan.removed)} to remove, "
        f"{plan.n_unchanged} unchanged; nothing was written"
    ]
    lines += [f"  everything is built anew: {plan.anew}"] if plan.anew else []
    lines += _names("to add", plan.added) + _names("changed", plan.changed) + _names("to remove", plan.removed)
    lines += [f"  not read: {printable(failure.path)}: {failure.reason}" for failure in plan.failed]
    return "\n".join(lines)


def _names(what: str, doc_ids: Sequence[str]) -> list[str]:
    """A line for each document, where they are few enough to be read."""
    return [f"  {what}: {printable(doc_id)}" for doc_id in doc_ids] if len(doc_ids) <= _NAMED else []


def printable(name: str) -> str:
    """A file's name on one line, whatever characters it holds."""
    return name if name.isprintable() else repr(name)


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar with rate and time left, where someone looks at it."""
    if not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    with tqdm(unit=" documents", file=sys.stderr, leave=False, smoothing=0.05, mininterval=_BAR_INTERVAL_S) as bar:

        def show(step: BuildProgress) -> None:
            bar.total = max(step.n_total, step.n_documents)
            bar.set_postfix_str(f"{step.n_chunks} chunks", refresh=False)
            bar.update(step.n_documents - bar.n)

        yield show


def _run_info(options: argparse.Namespace) -> int:
    index = open_searchable(options.index)
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
    problems = verify_searchable(options.index)
    if options.json:
        print(json.dumps({"problems": problems}, ensure_ascii=False))
    elif problems:
        place = read_address(options.index) if is_milvus(options.index) else options.index  # a path has lost a slash
        repair = f"python -m index build DOCUMENTS --out {place} --full"
        print("\n".join(problems) + f"\nThe index is damaged. Build it again: {repair}", file=sys.stderr)
    else:
        print("every file is what was built")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
