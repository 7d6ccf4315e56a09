"""The public benchmarks, asked as a user asks: each becomes documents, an index and a set; one table of all.

The folder is laid out as in ../shared/data: `qa/*.jsonl.xz` and `bench/*.jsonl.xz`, and `news/news_2023.jsonl.xz` for
the news questions. What is not there is left out, and said.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.datasets import read_set
from eval.errors import SetError
from eval.figures import Values, overall_values
from eval.formats import Collection, SourcePassage, SourceQuestion, read_qa, read_rgb, read_rows
from eval.importing import write_collection
from eval.report import Table, format_figure
from eval.run import AskedEngine, run_set
from eval.types import Run

COLUMNS = (
    ("n", "n"),
    ("s@1 bm25", "retrieval.bm25.article.success@1"),
    ("dense", "retrieval.dense.article.success@1"),
    ("hybrid", "retrieval.hybrid.article.success@1"),
    ("reranked", "retrieval.reranked.article.success@1"),
    ("s@10", "retrieval.reranked.article.success@10"),
    ("mrr@10", "retrieval.reranked.article.mrr@10"),
    ("evid. s@1", "retrieval.reranked.evidence.success@1"),
    ("right", "right"),
    ("f1", "answer.f1"),
    ("cite p", "citation.precision"),
    ("false ref.", "refusal.false"),
    ("wrong ans.", "refusal.wrong_answers"),
    ("auc", "confidence.auc"),
    ("p50 ms", "time.wall.p50"),
)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One public set: the files that it is made of, and how they are read."""

    files: tuple[str, ...]
    read: Callable[..., Collection]


def read_held_out(path: Path) -> Collection:
    """Question answering rows whose article (by its title) nothing that ships was trained on: three in ten of DRCD."""
    whole = read_qa(path)
    passages = tuple(one for one in whole.passages if is_held_out(one.title))
    kept = {one.id for one in passages}
    return Collection(passages, tuple(one for one in whole.questions if one.gold[0][0] in kept))


def is_held_out(title: str) -> bool:
    """Whether an article is for development; the trainings under `training/` draw the same line."""
    return int(hashlib.md5(title.encode("utf-8")).hexdigest(), 16) % 10 < 3


def read_news(questions: Path, news: Path) -> Collection:
    """Questions on news that name something rare (`specific`); gold: the answer in its article, else all of that."""
    asked = [row for row in read_rows(questions) if row["specific"]]
    wanted = {doc_id for row in asked for doc_id in row["doc_ids"]}
    passages, text_of = [], {}
    for row in read_rows(news):
        title = row.get("title") or ""
        passages.append(SourcePassage(str(row["id"]), title, row["text"]))
        if row["id"] in wanted:
            text_of[row["id"]] = row["text"]
    return Collection(tuple(passages), tuple(_news_questions(asked, text_of)))


def _news_questions(asked: Sequence[dict[str, object]], text_of: Mapping[str, str]) -> Iterator[SourceQuestion]:
    for row in asked:
        doc_ids = [str(doc_id) for doc_id in _list(row["doc_ids"]) if doc_id in text_of]
        answers = tuple(str(answer) for answer in _list(row["answers"]))
        gold = []
        for doc_id in doc_ids:
            text = text_of[doc_id]
            found = next(((at, at + len(a)) for a in answers if (at := text.find(a)) >= 0), (0, len(text)))
            gold.append((doc_id, *found))
        if gold and answers:
            yield SourceQuestion(str(row["id"]), str(row["question"]), answers, (), tuple(gold))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


BENCHMARKS: dict[str, Benchmark] = {
    "cmrc2018-trial": Benchmark(("qa/cmrc2018_trial.jsonl.xz",), read_qa),
    "drcd-dev": Benchmark(("qa/drcd_dev.jsonl.xz",), read_qa),
    "drcd-held-out": Benchmark(("qa/drcd_dev.jsonl.xz",), read_held_out),
    "xquad-unanswerable": Benchmark(("qa/xquad_zh.jsonl.xz", "bench/unanswerable_dev.jsonl.xz"), read_qa),
    "rgb-int": Benchmark(("bench/rgb_zh_int.jsonl.xz",), read_rgb),
    "rgb-fact": Benchmark(("bench/rgb_zh_fact.jsonl.xz",), read_rgb),
    "news": Benchmark(("bench/news_questions_dev.jsonl.xz", "news/news_2023.jsonl.xz"), read_news),
}


def run_benchmark(
    name: str, data: Path, work: Path, open_engine: Callable[[Path], AskedEngine], *, limit: int | None = None
) -> Run:
    """Asks one benchmark; the index is kept below `work`, so that the next run only asks.

    `limit` questions are taken evenly from the whole. Raises SetError where its files are missing.
    """
    from index.build import build_index  # here: what does not build must not pay for FAISS

    benchmark = BENCHMARKS[name]
    missing = [file for file in benchmark.files if not (data / file).is_file()]
    if missing:
        raise SetError(f"{data} has no {', '.join(missing)}. Repair: name the folder with --data.")
    folder = work / name
    write_collection(benchmark.read(*(data / file for file in benchmark.files)), folder, name)
    build_index(folder / "documents", folder / "index")
    questions = read_set(folder / f"{name}.jsonl")
    step = max(1, len(questions) // limit) if limit else 1
    return run_set(open_engine(folder / "index"), questions[::step][:limit], set_name=name)


def public_table(runs: Sequence[Run]) -> Table:
    """One line a benchmark."""
    rows = []
    for run in runs:
        values: Values = overall_values(run.results)
        rows.append((run.set_name, *(format_figure(name, values.get(name)) for _, name in COLUMNS)))
    return Table("Public benchmarks", ("set", *(title for title, _ in COLUMNS)), tuple(rows))
