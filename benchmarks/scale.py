"""How an index grows: `python -m benchmarks.scale measure N...` appends to scale.jsonl, `... table` fits and prints.

Each size is measured in processes of its own: a full build, an edit of one article, and questions. Times are of the
processor, not of the clock, so that other work on the machine counts little; memory is resident at its highest. Text is
the articles of `--articles`, and beyond them the same again with a third of each taken from another.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from index.build import build_index
from index.settings import default_settings
from index.store import live_generation, open_index
from rag.engine import Engine

from .corpus import draw_questions, perturb_pieces, read_source
from .measure import ROOT, folder_bytes, peak_mb
from .scale_fit import render

RECORDS = ROOT / "benchmarks" / "scale.jsonl"
N_QUESTIONS = 200
_SEED = 20230804
_PARTS = {"texts": ("texts.sqlite", "catalog.sqlite", "chunks.npy"), "vectors": ("vectors.faiss", "places.npy")}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 done."""
    options = _parser().parse_args(arguments)
    if options.command == "table":
        print(render([json.loads(line) for line in options.records.read_text(encoding="utf-8").splitlines()]))
        return 0
    if options.command == "step":
        print(json.dumps(_step(options.step, options.place)))
        return 0
    for size in options.sizes:
        record = measure(size, options.articles, options.work)
        print(json.dumps(record), flush=True)
        with options.records.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=(__doc__ or "").split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    measuring = commands.add_parser("measure", help="measure these sizes and append them to the records")
    measuring.add_argument("sizes", type=int, nargs="+", help="numbers of chunks")
    measuring.add_argument("--articles", type=Path, help="a file of real articles: .jsonl or .jsonl.xz")
    measuring.add_argument("--work", type=Path, help="folder for what is built (default: a temporary one)")
    table = commands.add_parser("table", help="fit the measurements up to 100,000 and print the table")
    for command in (measuring, table):
        command.add_argument("--records", type=Path, default=RECORDS)
    step = commands.add_parser("step", help="one step in this process (used by `measure`)")
    step.add_argument("step", choices=("build", "ask"))
    step.add_argument("place", type=Path)
    return parser


def measure(n_chunks: int, articles: Path | None, work: Path | None) -> dict[str, Any]:
    """Everything that is measured of one size, by name."""
    with tempfile.TemporaryDirectory(prefix="scale-", dir=work) as name:
        place = Path(name)
        lines = _write_corpus(place / "documents" / "articles.jsonl", n_chunks, articles)
        built = _run("build", place)
        generation = place / "index" / "generations" / live_generation(place / "index")
        record = {"n_chunks": built["n_chunks"], "n_documents": lines}
        record |= {"build_cpu_s": built["cpu_s"], "build_wall_s": built["wall_s"], "build_peak_mb": built["peak_mb"]}
        record |= _sizes(generation)
        record |= _run("ask", place)
        _edit(place / "documents" / "articles.jsonl")
        edited = _run("build", place)
        return record | {"edit_cpu_s": edited["cpu_s"], "edit_peak_mb": edited["peak_mb"]}


def _write_corpus(path: Path, n_chunks: int, file: Path | None) -> int:
    """Writes so many articles that they have about `n_chunks` chunks (300 characters each); how many."""
    source = read_source(ROOT / "documents", file, _SEED)
    path.parent.mkdir(parents=True)
    texts = list(islice(source.articles(), 70_000 if file else 20_000))
    n_lines = n_pieces = 0
    with path.open("w", encoding="utf-8") as lines:
        for article in perturb_pieces(texts, 2**40, _SEED):
            title, _, text = article.partition("\n")
            row = {"id": f"{n_lines:08d}", "title": title, "text": text.strip()}
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
            n_lines, n_pieces = n_lines + 1, n_pieces + -(-len(article) // 280)
            if n_pieces >= n_chunks:
                return n_lines
    raise AssertionError("unreachable")


def _edit(path: Path) -> None:
    """Changes the first article: the file is read anew, its other lines are what they were."""
    with path.open("r+b") as file:
        line = file.readline()
        row = json.loads(line)
        row["text"] = "改" + row["text"][1:]
        changed = (json.dumps(row, ensure_ascii=False)).encode()
        padding = len(line) - 1 - len(changed)
        file.seek(0)
        file.write(changed + b" " * max(padding, 0) if padding >= 0 else line[:-1])


def _run(step: str, place: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.scale", "step", step, str(place)]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if finished.returncode:
        raise RuntimeError(f"{step} failed: {finished.stderr}")
    found: dict[str, Any] = json.loads(finished.stdout.splitlines()[-1])
    return found


def _step(step: str, place: Path) -> dict[str, Any]:
    if step == "ask":
        return _ask(place)
    started = time.perf_counter()
    report = build_index(place / "documents", place / "index", default_settings())
    wall_s = time.perf_counter() - started
    return {"n_chunks": report.n_chunks, "cpu_s": _cpu_s(), "wall_s": wall_s, "peak_mb": peak_mb()}


def _ask(place: Path) -> dict[str, Any]:
    """Milliseconds of the processor for a question, each leg and both, after one that warms up; and what it takes."""
    started = time.process_time()
    engine = Engine.open(place / "index")
    opening = time.process_time() - started
    index = open_index(place / "index")
    lines = islice((place / "documents" / "articles.jsonl").open(encoding="utf-8"), 0, None, 7)
    texts = [json.loads(line)["text"] for line in islice(lines, 5000)]
    questions = draw_questions([text for text in texts if len(text) > 30], N_QUESTIONS, _SEED)
    found: dict[str, Any] = {"open_cpu_ms": opening * 1e3}
    for mode in ("bm25", "dense", "hybrid"):
        seconds = [_timed(engine, question, mode) for question in questions]
        found[f"{mode}_cpu_ms"] = float(np.mean(seconds[10:])) * 1e3
    found |= {"ask_peak_mb": peak_mb(), "n_terms": len(index.bm25.postings.terms)}
    return found | {"n_postings": len(index.bm25.postings.rows)}


def _timed(engine: Engine, question: str, mode: Any) -> float:
    started = time.process_time()
    engine.retrieve(question, 10, mode)
    return time.process_time() - started


def _sizes(generation: Path) -> dict[str, float]:
    """Megabytes on disk, by what they hold."""
    found = {f"{name}_mb": 0.0 for name in (*_PARTS, "keywords")}
    for file in generation.rglob("*"):
        if file.is_file():
            part = next((name for name, files in _PARTS.items() if file.name in files), "keywords")
            found[f"{part}_mb"] += file.stat().st_size / 1e6
    return {**found, "disk_mb": folder_bytes(generation) / 1e6}


def _cpu_s() -> float:
    """Processor seconds of this process so far, and of those that it started."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
