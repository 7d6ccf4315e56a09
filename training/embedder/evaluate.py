"""Measures the embedder beside BM25 and together with it: `python -m training.embedder.evaluate --data DATA`.

Sets: questions on the news (all 350-character chunks of news_2023; found is any chunk of a gold article): those
that name something rare, even rows (what settings were chosen on) and odd rows, and all of them; CMRC 2018 trial
and the development part of DRCD (each against the distinct contexts of its set). Success@k is the
share of questions whose best gold chunk ranks k or better; MRR@10 counts nothing below rank 10. Ties count
against: a chunk ranks below every other chunk of the same score.

The hybrid is `w * bm25 / max(bm25) + (1 - w) * cosine / max(cosine)`, both maxima over the chunks of a question.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embeddings import Embedder, load_embedder
from training.embedder.bigrams import BigramBM25
from training.embedder.corpus import (
    QuestionRow,
    is_development,
    read_news,
    read_questions,
    read_rows,
    split_chunks,
)

BM25_WEIGHTS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.0)
DEPTH = 10
_QUERY_BATCH = 64


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """Questions over chunks. `gold[i]` are the rows of the chunks that count as found for question `i`."""

    name: str
    chunks: list[str]
    questions: list[str]
    gold: list[NDArray[np.int64]]


def news_set(data: Path) -> RetrievalSet:
    """All questions on `news_2023`."""
    chunks: list[str] = []
    rows_of: dict[str, NDArray[np.int64]] = {}
    for article in read_news(data / "news" / "news_2023.jsonl.xz"):
        pieces = split_chunks(article.text)
        rows_of[article.id] = np.arange(len(chunks), len(chunks) + len(pieces))
        chunks.extend(pieces)
    rows = list(read_rows(data / "bench" / "news_questions_dev.jsonl.xz"))
    gold = [np.concatenate([rows_of[doc_id] for doc_id in row["doc_ids"]]) for row in rows]
    return RetrievalSet("news", chunks, [str(row["question"]) for row in rows], gold)


def news_parts(data: Path) -> dict[str, NDArray[np.bool_]]:
    """The parts of the news questions that are reported, as masks over them."""
    rows = read_rows(data / "bench" / "news_questions_dev.jsonl.xz")
    specific = np.array([bool(row["specific"]) for row in rows])
    even = np.arange(len(specific)) % 2 == 0
    return {
        "news specific even": specific & even,
        "news specific odd": specific & ~even,
        "news all": np.ones_like(specific),
    }


def context_set(name: str, rows: Sequence[QuestionRow]) -> RetrievalSet:
    """Questions against the distinct contexts of the same rows."""
    contexts = list(dict.fromkeys(row.context for row in rows))
    row_of = {context: row for row, context in enumerate(contexts)}
    gold = [np.array([row_of[row.context]]) for row in rows]
    return RetrievalSet(name, contexts, [row.question for row in rows], gold)


def development_sets(data: Path) -> list[RetrievalSet]:
    """CMRC trial, and the articles of DRCD that nothing is trained on."""
    drcd = [row for row in read_questions(data / "qa" / "drcd_dev.jsonl.xz") if is_development(row.title)]
    return [
        context_set("cmrc trial", read_questions(data / "qa" / "cmrc2018_trial.jsonl.xz")),
        context_set("drcd dev part", drcd),
    ]


def gold_rank(scores: NDArray[np.float32], gold: NDArray[np.int64]) -> int:
    """1-based rank of the best gold row; a tie with a row that is not gold ranks below it."""
    best = scores[gold].max()
    n_gold_at_least = int((scores[gold] >= best).sum())
    return int((scores >= best).sum()) - n_gold_at_least + 1


def normalised(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each row divided by its maximum; rows without a positive score stay as they are."""
    top = scores.max(axis=1, keepdims=True)
    return np.divide(scores, top, out=scores.copy(), where=top > 0)


def score_batches(
    found: RetrievalSet, bm25: BigramBM25, embedder: Embedder, passages: NDArray[np.float32]
) -> Iterator[tuple[slice, NDArray[np.float32], NDArray[np.float32]]]:
    """Yields (questions, BM25 scores, cosines), the scores (n_questions, n_chunks) normalised."""
    for start in range(0, len(found.questions), _QUERY_BATCH):
        batch = slice(start, start + _QUERY_BATCH)
        lexical = normalised(bm25.scores(found.questions[batch]))
        dense = normalised(embedder.embed_queries(found.questions[batch]) @ passages.T)
        yield batch, lexical, dense


def ranks_by_weight(
    found: RetrievalSet, bm25: BigramBM25, embedder: Embedder, passages: NDArray[np.float32]
) -> dict[float, NDArray[np.int64]]:
    """For each weight of BM25 the gold rank of each question."""
    ranks: dict[float, list[int]] = {weight: [] for weight in BM25_WEIGHTS}
    for batch, lexical, dense in score_batches(found, bm25, embedder, passages):
        for weight in BM25_WEIGHTS:
            mixed = weight * lexical + (1 - weight) * dense
            ranks[weight] += [gold_rank(row, gold) for row, gold in zip(mixed, found.gold[batch], strict=True)]
    return {weight: np.array(found_ranks) for weight, found_ranks in ranks.items()}


def measures(ranks: NDArray[np.int64]) -> tuple[float, float, float]:
    """(Success@1, Success@10, MRR@10)."""
    reciprocal = np.where(ranks <= DEPTH, 1.0 / ranks, 0.0)
    return float((ranks == 1).mean()), float((ranks <= DEPTH).mean()), float(reciprocal.mean())


def label(weight: float) -> str:
    """The name of a row of the table."""
    if weight == 1.0:
        return "BM25"
    return "dense" if weight == 0.0 else f"{weight:.1f} BM25 + {1 - weight:.1f} dense"


def print_table(results: dict[str, dict[float, NDArray[np.int64]]]) -> None:
    """One row for each weight, three columns for each set."""
    print("| | " + " | ".join(f"{name}: S@1 | S@10 | MRR@10" for name in results) + " |")
    print("|---|" + "---|" * 3 * len(results))
    for weight in BM25_WEIGHTS:
        cells = [f"{value:.3f}" for ranks in results.values() for value in measures(ranks[weight])]
        print(f"| {label(weight)} | " + " | ".join(cells) + " |")


def evaluate(found: RetrievalSet, embedder: Embedder) -> dict[float, NDArray[np.int64]]:
    """Gold ranks of a set by weight of BM25."""
    passages = embedder.embed_passages(found.chunks)
    return ranks_by_weight(found, BigramBM25(found.chunks), embedder, passages)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default=None, help="a folder or hub name; the shipped embedder otherwise")
    arguments = parser.parse_args()
    embedder = load_embedder(arguments.model) if arguments.model else load_embedder()
    ranks = evaluate(news_set(arguments.data), embedder)
    results = {
        name: {weight: values[mask] for weight, values in ranks.items()}
        for name, mask in news_parts(arguments.data).items()
    }
    for found in development_sets(arguments.data):
        results[found.name] = evaluate(found, embedder)
    print_table(results)


if __name__ == "__main__":
    main()
