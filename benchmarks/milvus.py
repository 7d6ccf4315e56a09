"""`python -m benchmarks.milvus`: the same questions asked of an index on this machine and of one on a Milvus server.

The server is Milvus Lite's on loopback unless `--place` names another one: it shows that the ranking is the same, and
no speed. Documents are the articles of `--articles`, questions those of `--dev` about them, then pieces of their texts.
Counted is, for each mode, how many questions get the same chunks in the same order; where two chunks'
scores differ by less than 2e-6 of their size, single precision, either may come first.
"""

import argparse
import json
import lzma
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, get_args

from index.build import build_index
from index.opening import open_searchable
from rag.engine import Engine
from rag.types import Hit, Mode

from .corpus import draw_questions
from .measure import ROOT

TOLERANCE = 2e-6
TOP_K = 10
_SEED = 20230804
_START_S = 60.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 all rankings are the same, 1 some are not."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="milvus-") as name:
        work = Path(name)
        texts = _write_documents(work / "documents", options.articles, options.n_articles)
        questions = [*_questions_about(texts, options.dev)][: options.questions]
        n_written = len(questions)
        questions += draw_questions(list(texts.values()), options.questions - len(questions), _SEED)
        with _server(work, options.place) as place:
            counts = _compare(work, place, questions, options.modes)
    print(f"{len(texts)} articles, {len(questions)} questions, {n_written} of them written by people")
    for mode in options.modes:
        own = {what: n for (of_mode, what), n in counts.items() if of_mode == mode}
        print(f"{mode:9}" + ", ".join(f"{own.get(what, 0)} {what}" for what in ("same", "swapped ties", "different")))
    return int(any(what == "different" for _, what in counts))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.milvus", description=(__doc__ or "").split("\n")[0])
    data = ROOT.parent / "shared" / "data"
    parser.add_argument("--articles", type=Path, default=data / "news" / "news_2023.jsonl.xz", help=".jsonl.xz")
    parser.add_argument("--dev", type=Path, default=data / "bench" / "news_questions_dev.jsonl.xz", help=".jsonl.xz")
    parser.add_argument("--n-articles", type=int, default=1200)
    parser.add_argument("--questions", type=int, default=1000)
    parser.add_argument("--modes", nargs="+", choices=get_args(Mode), default=["bm25", "dense", "hybrid"])
    parser.add_argument("--place", default="", help="milvus+http://host:port/collection (default: a Lite server)")
    return parser


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _write_documents(folder: Path, articles: Path, n_articles: int) -> dict[str, str]:
    """Writes the first articles as one file of rows in the order of their ids; id -> text."""
    folder.mkdir()
    rows = sorted(islice(_rows(articles), n_articles), key=lambda row: str(row["id"]))
    with (folder / "news.jsonl").open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return {str(row["id"]): row["text"] for row in rows}


def _questions_about(texts: dict[str, str], dev: Path) -> Iterator[str]:
    """The questions that people wrote about these articles."""
    for row in _rows(dev) if dev.is_file() else ():
        if any(str(doc_id) in texts for doc_id in row["doc_ids"]):
            yield row["question"]


@contextmanager
def _server(work: Path, place: str) -> Iterator[str]:
    """The address to build at: the one that was named, or a server of our own."""
    if place:
        yield place
        return
    port = 19559
    command = [str(Path(sys.executable).parent / "milvus-lite"), "server", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--data-dir", str(work / "milvus")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(2)
        yield f"milvus+http://127.0.0.1:{port}/benchmark"
    finally:
        process.kill()
        process.wait()


def _compare(work: Path, place: str, questions: Sequence[str], modes: Sequence[Mode]) -> Counter[tuple[str, str]]:
    engines = []
    for out in (str(work / "index"), place):
        started = time.monotonic()
        report = build_index(work / "documents", out)
        print(f"{out}: {report.n_chunks} chunks in {time.monotonic() - started:.0f} s", flush=True)
        engines.append(Engine.over(open_searchable(out)))
    local, remote = engines
    counts: Counter[tuple[str, str]] = Counter()
    for number, question in enumerate(questions, start=1):
        for mode in modes:
            outcome = judge(local.retrieve(question, 3 * TOP_K, mode), remote.retrieve(question, TOP_K, mode))
            counts[mode, outcome] += 1
            if outcome == "different":
                print(f"different ({mode}): {question}", flush=True)
        if number % 100 == 0:
            print(f"{number} questions: {dict(counts)}", flush=True)
    return counts


def judge(local: Sequence[Hit], remote: Sequence[Hit]) -> str:
    """Whether the first hits of both are the same; `local` goes further down than `remote`."""
    scores = {_place(hit): (hit.score, hit.bm25_score, hit.dense_score) for hit in local}
    if len(remote) != min(len(local), TOP_K):
        return "different"
    for hit, expected in zip(remote, local, strict=False):
        own = scores.get(_place(hit))
        found = (hit.score, hit.bm25_score, hit.dense_score)
        if own is None or any(abs(a - b) > TOLERANCE * max(1.0, abs(a)) for a, b in zip(own, found, strict=True)):
            return "different"
        if abs(hit.score - expected.score) > TOLERANCE:
            return "different"
    in_order = [_place(hit) for hit in remote] == [_place(hit) for hit in local[: len(remote)]]
    return "same" if in_order else "swapped ties"


def _place(hit: Hit) -> tuple[str, int, int]:
    return hit.chunk.doc_id, hit.chunk.start, hit.chunk.end


if __name__ == "__main__":
    sys.exit(main())
