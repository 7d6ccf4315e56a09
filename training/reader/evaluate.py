"""Measures readers on the development sets: `python -m training.reader.evaluate --data ../shared/data`, one table.

Evidence first: the best sentence of the right passage overlaps an occurrence of an answer. EM and F1 by CMRC 2018:
characters without punctuation; F1 from the longest common substring; the best over the answers; the span is that of
the best sentence. Refusal AUC: the chance that the `answerable` of an answerable question is above that of an
unanswerable one. Only the report half, which selects nothing, unless `--half selection`.
"""

import argparse
import random
import re
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.reading.evidence import DEFAULT, LexicalReader, load_reader
from rag.types import PassageReader, Reading
from training.reader.data import Example, development_examples, half_of, read_rows, split_sentences
from training.reader.negatives import NearMisses, Passages, near_passages, on_other_passage, without_answer
from training.reader.scores import auc, calibration_error

_IGNORED = re.compile(r"[^\w]|_")


def normalised(text: str) -> str:
    """Lower case without punctuation and spaces, as CMRC's scorer compares."""
    return _IGNORED.sub("", text.lower())


def span_f1(predicted: str, answer: str) -> float:
    """CMRC's F1: from the length of the longest common substring of the normalised texts."""
    a, b = normalised(predicted), normalised(answer)
    if not a or not b:
        return float(a == b)
    longest = 0
    table = [0] * (len(b) + 1)
    for x in a:
        row = [0] * (len(b) + 1)
        for at, y in enumerate(b):
            row[at + 1] = table[at] + 1 if x == y else 0
        longest, table = max(longest, *row), row
    precision, recall = longest / len(a), longest / len(b)
    return 2 * precision * recall / (precision + recall) if longest else 0.0


def read_all(reader: PassageReader, examples: Sequence[Example]) -> list[Reading]:
    """Each question on its own passage."""
    return [reader.read(e.question, [e.sentences], [e.title])[0] for e in examples]


def evidence_first(examples: Sequence[Example], readings: Sequence[Reading]) -> float:
    """See the module's docstring."""
    hits = [
        int(np.argmax(reading.evidence)) in {piece[0] for piece in example.pieces}
        for example, reading in zip(examples, readings, strict=True)
    ]
    return float(np.mean(hits))


def span_figures(examples: Sequence[Example], readings: Sequence[Reading]) -> tuple[float, float]:
    """Mean EM and F1 of the best sentence's span."""
    exact, overlap = [], []
    for example, reading in zip(examples, readings, strict=True):
        best = int(np.argmax(reading.evidence))
        start, end = reading.spans[best]
        said = example.sentences[best][start:end]
        exact.append(max(float(normalised(said) == normalised(a)) for a in example.answers))
        overlap.append(max(span_f1(said, a) for a in example.answers))
    return float(np.mean(exact)), float(np.mean(overlap))


def first_of_eight(reader: PassageReader, examples: Sequence[Example], n_asked: int = 300) -> float:
    """Evidence first among all sentences of eight passages: the right one and the seven nearest without the answer."""
    own = sorted({(e.title, e.sentences) for e in examples})
    passages = Passages(tuple(title for title, _ in own), tuple(body for _, body in own))
    asked = examples[:n_asked]
    hits = []
    for example, near in zip(asked, near_passages(asked, passages, 7), strict=True):
        bodies = [example.sentences, *(passages.sentences[at] for at in near)]
        readings = reader.read(example.question, bodies, [example.title, *(passages.titles[at] for at in near)])
        scores = [score for reading in readings for score in reading.evidence]
        hits.append(int(np.argmax(scores)) in {piece[0] for piece in example.pieces})
    return float(np.mean(hits))


def made_auc(reader: PassageReader, examples: Sequence[Example]) -> dict[str, float]:
    """Questions against what `negatives.py` makes of them, as in training but from articles that were held out."""
    rng, misses = random.Random(0), NearMisses(examples)
    own = sorted({(e.title, e.sentences) for e in examples})
    passages = Passages(tuple(title for title, _ in own), tuple(body for _, body in own))
    nearest = zip(examples, near_passages(examples, passages, 1), strict=True)
    made: dict[str, list[Example | None]] = {
        "near misses": [misses.make(e, rng) for e in examples],
        "answering sentence removed": [without_answer(e) for e in examples],
        "nearest other passage": [
            on_other_passage(e, passages.titles[near[0]], passages.sentences[near[0]]) for e, near in nearest if near
        ],
    }
    answered = [r.answerable for r in read_all(reader, examples)]
    return {
        name: auc(answered, [r.answerable for r in read_all(reader, [e for e in kept if e is not None])])
        for name, kept in made.items()
    }


def rgb_auc(reader: PassageReader, data: Path) -> float:
    """Passages labelled positive against negative, within each question of RGB, mean over questions."""
    values = []
    for name in ("rgb_zh_int", "rgb_zh_fact"):
        for row in read_rows(data / "bench" / f"{name}.jsonl.xz"):
            kept = [p for p in row["passages"] if p["label"] in ("positive", "negative") and p["text"].strip()]
            read = reader.read(row["question"], [split_sentences(p["text"]) for p in kept], [""] * len(kept))
            scores: dict[str, list[float]] = {"positive": [], "negative": []}
            for passage, reading in zip(kept, read, strict=True):
                scores[passage["label"]].append(reading.answerable)
            if all(scores.values()):
                values.append(auc(scores["positive"], scores["negative"]))
    return float(np.mean(values))


def milliseconds(reader: PassageReader, examples: Sequence[Example], repeats: int = 20) -> float:
    """Median time of one call with eight passages of 400 characters."""
    texts = [e for e in examples if sum(map(len, e.sentences)) >= 400][:8]
    passages = [split_sentences("".join(e.sentences)[:400]) for e in texts]
    times = []
    for _ in range(repeats + 2):
        began = time.perf_counter()
        reader.read(texts[0].question, passages, [e.title for e in texts])
        times.append((time.perf_counter() - began) * 1000)
    return float(np.median(times[2:]))


def figures(reader: PassageReader, data: Path, half: str) -> dict[str, float]:
    """All figures of one reader, by the names of the table's rows."""

    def chosen(examples: Sequence[Example]) -> list[Example]:
        return [e for e in examples if half == "all" or half_of(e.article) == half]

    sets = {n: chosen(development_examples(data, n)) for n in ("cmrc", "drcd", "xquad", "unanswerable")}
    read = {name: read_all(reader, examples) for name, examples in sets.items()}
    whether = {name: [r.answerable for r in readings] for name, readings in read.items()}
    table: dict[str, float] = {}
    for name in ("cmrc", "drcd", "xquad"):
        table[f"evidence first, {name} ({len(sets[name])})"] = evidence_first(sets[name], read[name])
    for name in ("cmrc", "drcd"):
        table[f"span EM, {name}"], table[f"span F1, {name}"] = span_figures(sets[name], read[name])
        table[f"evidence first of 8 passages, {name} (300)"] = first_of_eight(reader, sets[name])
    refused, answered = whether["unanswerable"], whether["cmrc"] + whether["drcd"]
    table[f"refusal AUC, unanswerable ({len(refused)}) vs cmrc + drcd"] = auc(answered, refused)
    table["refusal AUC, unanswerable vs xquad (same kind of text)"] = auc(whether["xquad"], refused)
    labels = [1] * len(answered + whether["xquad"]) + [0] * len(refused)
    table["calibration error, answerable"] = calibration_error([*answered, *whether["xquad"], *refused], labels)
    every_third = [*sets["cmrc"], *sets["drcd"]][::3]
    for name, value in made_auc(reader, every_third).items():
        table[f"refusal AUC, {name} (of {len(every_third)})"] = value
    table["passage AUC, rgb positive vs negative"] = rgb_auc(reader, data)
    table["ms, 8 passages of 400 characters"] = milliseconds(reader, sets["cmrc"])
    return table


def main() -> None:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=DEFAULT)
    parser.add_argument("--half", choices=("selection", "report", "all"), default="report")
    args = parser.parse_args()
    readers: dict[str, PassageReader] = {"shipped": load_reader(args.model), "lexical": LexicalReader()}
    columns = {name: figures(reader, args.data, args.half) for name, reader in readers.items()}
    columns["shipped"]["MB"] = sum(path.stat().st_size for path in args.model.iterdir()) / 1e6
    columns["lexical"]["MB"] = 0.0
    print(f"| {args.half} half | shipped | lexical |\n|---|---|---|")
    for row in columns["shipped"]:
        digits = 1 if row[:2] in ("ms", "MB") else 3
        print(f"| {row} | {columns['shipped'][row]:.{digits}f} | {columns['lexical'][row]:.{digits}f} |")


if __name__ == "__main__":
    main()
