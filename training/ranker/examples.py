"""Questions with the features of every sentence retrieved for them, as the engine has them where one is asked."""

import hashlib
import json
import lzma
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.datasets import read_set
from index import Index, build_index, open_index
from index.embeddings import Embedder, load_embedder
from index.types import Sentence
from rag import RagSettings, Turn
from rag.context import build_passages
from rag.converse import rewrite
from rag.query import Query, read_query
from rag.rank import RankerWeights, rank_sentences
from rag.reading.candidates import Candidate
from rag.reading.evidence import load_reader
from rag.reading.refusal import answer_features
from rag.reading.signals import sentence_features
from rag.retrieve import Fusion, search_hybrid
from rag.types import Hit, Passage, PassageReader, Reading

SETTINGS = RagSettings()
PUBLIC = ("qa/drcd_dev", "qa/xquad_zh+bench/unanswerable_dev", "qa/cmrc2018_trial")
OWN = ("documents-dev", "documents-test")
MEASURED_ONLY = frozenset(("qa/cmrc2018_trial", "bench/unanswerable_dev"))
"""Sets that nothing which ships may be fitted on: they say what a fit is worth."""


@dataclass(slots=True)
class Example:
    """One question as the engine meets it."""

    source: str
    seen: bool
    """Whether the fit may use it."""
    group: str
    """The article that answers it: folds are made by it."""
    answerable: bool
    sentences: NDArray[np.float64]  # (n_sentences, n_features)
    gold: NDArray[np.bool_]  # (n_sentences,)
    query: Query
    passages: tuple[Passage, ...]
    readings: list[Reading]
    embedder: Embedder

    def candidates(self, sentence: NDArray[np.float64]) -> list[Candidate]:
        """Its sentences ranked with some weights."""
        weights = RankerWeights(sentence, np.zeros(0), 0.0)
        return rank_sentences(self.query, self.passages, self.readings, self.embedder, weights)

    def answer_features(self, sentence: NDArray[np.float64]) -> NDArray[np.float64]:
        """The features of whether there is an answer, for sentences ranked with some weights."""
        return answer_features(self.query, self.candidates(sentence))


@dataclass(frozen=True, slots=True)
class _Parts:
    """What an engine is made of, without the weights that are fitted here."""

    index: Index
    embedder: Embedder
    reader: PassageReader


@dataclass(frozen=True, slots=True)
class _Asked:
    source: str
    seen: bool
    question: str
    gold_doc: str
    spans: tuple[tuple[str, int, int], ...]
    """(doc_id, start, end) of the gold evidence; empty where there is none."""


def read_examples(data: Path, documents: Path, sets: Path, limit: int) -> list[Example]:
    """All examples of all sources; at most `limit` questions of each half of a large one."""
    examples: list[Example] = []
    with tempfile.TemporaryDirectory() as folder:
        for name in PUBLIC:
            collection = Path(folder) / name.replace("/", "_")
            asked = _first_of_each_half(_write_collection(data, name.split("+"), collection), limit)
            parts = _open(collection, Path(folder) / "index" / collection.name)
            examples += [example for question in asked for example in _features(parts, question)]
        parts = _open(documents, Path(folder) / "index" / "documents")
        for name in OWN:
            examples += [e for asked in _own_set(sets / f"{name}.jsonl") for e in _features(parts, asked)]
    return examples


def _write_collection(data: Path, names: Sequence[str], folder: Path) -> list[_Asked]:
    """Writes the contexts of some question sets as one .jsonl of articles; returns the questions."""
    folder.mkdir(parents=True)
    contexts: dict[str, dict[str, Any]] = {}
    asked: list[_Asked] = []
    for name in names:
        for row in _development_rows(data / f"{name}.jsonl.xz", name):
            number = hashlib.sha256(row["context"].encode()).hexdigest()[:12]
            title = row["title"]
            contexts.setdefault(number, {"id": number, "title": title, "text": row["context"]})
            doc_id, shift = f"articles.jsonl#{number}", len(title) + 1
            answer = row["answers"][0] if row["answers"] else ""
            starts = _occurrences(row["context"], answer)
            spans = tuple((doc_id, shift + start, shift + start + len(answer)) for start in starts)
            half = int(hashlib.sha256(title.encode()).hexdigest(), 16) % 2 == 0
            asked.append(_Asked(name, half and name not in MEASURED_ONLY, row["question"], doc_id, spans))
    with (folder / "articles.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in contexts.values())
    return asked


def _development_rows(path: Path, name: str) -> Iterator[dict[str, Any]]:
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            bucket = int(hashlib.md5(row["title"].encode()).hexdigest(), 16) % 10
            if name != "qa/drcd_dev" or bucket < 3:  # the other articles of DRCD may have trained the models
                yield row


def _occurrences(text: str, answer: str) -> list[int]:
    starts, start = [], text.find(answer) if answer else -1
    while start >= 0:
        starts.append(start)
        start = text.find(answer, start + 1)
    return starts


def _first_of_each_half(asked: Sequence[_Asked], limit: int) -> list[_Asked]:
    """In an order that does not depend on the file's: by the hash of the question."""
    ordered = sorted(asked, key=lambda question: hashlib.sha256(question.question.encode()).hexdigest())
    halves: dict[tuple[str, bool], list[_Asked]] = {}
    for question in ordered:
        halves.setdefault((question.source, question.seen), []).append(question)
    return [question for half in halves.values() for question in half[:limit]]


def _open(documents: Path, target: Path) -> _Parts:
    build_index(documents, target)
    return _Parts(open_index(target), load_embedder(), load_reader())


def _own_set(path: Path) -> Iterator[_Asked]:
    for question in read_set(path):
        turns = [Turn(turn.question, turn.answer) for turn in question.history]
        spans = tuple((e.doc_id, e.start, e.end) for e in question.evidence)
        standalone = rewrite(question.question, turns)
        yield _Asked(path.stem, True, standalone, spans[0][0] if spans else "", spans)


def _features(parts: _Parts, asked: _Asked) -> Iterator[Example]:
    """The question as it is and, where it has an answer on a public set, with the article that answers taken away."""
    query = read_query(parts.index, parts.embedder, asked.question)
    hits = search_hybrid(
        parts.index,
        query,
        3 * SETTINGS.n_read,
        Fusion(SETTINGS.n_candidates, SETTINGS.bm25_weight, SETTINGS.fusion),
    )
    yield from _example(parts, query, asked, hits[: SETTINGS.n_read])
    if asked.spans and not asked.source.startswith("documents"):
        others = [hit for hit in hits if hit.chunk.doc_id != asked.gold_doc]
        yield from _example(parts, query, replace(asked, spans=()), others[: SETTINGS.n_read])


def _is_gold(passage: Passage, sentence: Sentence, spans: Sequence[tuple[str, int, int]]) -> bool:
    return any(
        passage.doc_id == doc_id and a < end and start < b for doc_id, start, end in spans for a, b in sentence.spans
    )


def _example(parts: _Parts, query: Query, asked: _Asked, hits: Sequence[Hit]) -> Iterator[Example]:
    passages = build_passages(parts.index, asked.question, hits)
    if not passages:
        return
    texts = [[sentence.text for sentence in passage.sentences] for passage in passages]
    readings = parts.reader.read(asked.question, texts, [passage.title for passage in passages])
    cosines = parts.embedder.embed_passages([text for own in texts for text in own]) @ query.vector
    rows = sentence_features(query, passages, readings, cosines)
    gold = [_is_gold(p, sentence, asked.spans) for p in passages for sentence in p.sentences]
    yield Example(
        source=asked.source,
        seen=asked.seen,
        group=asked.gold_doc or asked.question,
        answerable=bool(asked.spans),
        sentences=rows,
        gold=np.array(gold),
        query=query,
        passages=passages,
        readings=readings,
        embedder=parts.embedder,
    )
