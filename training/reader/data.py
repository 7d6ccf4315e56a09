"""The question sets as examples: sentences, where the answer stands, and the splits."""

import hashlib
import json
import lzma
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rag.reading.features import MAX_SENTENCE_CHARS

EVIDENCE_ONLY = MAX_SENTENCE_CHARS + 1
"""End of a piece that says which sentence answers, and not which of its characters."""
Half = Literal["selection", "report"]
_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?\n]+[”’」』》）)\"]*|[^。！？!?\n]+")


@dataclass(frozen=True, slots=True)
class Example:
    """A question on one passage. `pieces` are the answer's places: `(sentence, start, end)`; empty: not answered.

    A piece that ends at `EVIDENCE_ONLY` is a sentence without a span.
    """

    question: str
    title: str
    sentences: tuple[str, ...]
    answers: tuple[str, ...]
    pieces: tuple[tuple[int, int, int], ...]
    article: str
    """What splits go by."""


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a `.jsonl.xz` file."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def split_sentences(text: str) -> tuple[str, ...]:
    """Sentences that join to the text; closing quotation marks stay with the sentence they close."""
    return tuple(_SENTENCE.findall(text))


def find_pieces(sentences: Sequence[str], answers: Sequence[str]) -> tuple[tuple[int, int, int], ...]:
    """Every occurrence of every answer, cut at the borders of sentences."""
    text = "".join(sentences)
    occurrences = set()
    for answer in answers:
        at = text.find(answer) if answer else -1
        while at >= 0:
            occurrences.add((at, at + len(answer)))
            at = text.find(answer, at + 1)
    pieces = []
    offset = 0
    for number, sentence in enumerate(sentences):
        for start, end in sorted(occurrences):
            low, high = max(start - offset, 0), min(end - offset, len(sentence))
            if low < high:
                pieces.append((number, low, high))
        offset += len(sentence)
    return tuple(pieces)


def to_example(row: dict[str, Any]) -> Example:
    """A row of the question sets."""
    sentences = split_sentences(row["context"])
    title = row["title"].replace("_", " ")
    answers = tuple(dict.fromkeys(row["answers"]))
    return Example(row["question"], title, sentences, answers, find_pieces(sentences, answers), row["title"])


def bucket(text: str) -> int:
    """A number 0..9 that depends on nothing but the text."""
    return int(hashlib.md5(text.encode("utf-8")).hexdigest(), 16) % 10


def half_of(article: str) -> Half:
    """Development articles are split once: what selects never reports."""
    return "selection" if bucket("half:" + article) < 5 else "report"


def training_rows(data: Path) -> list[dict[str, Any]]:
    """CMRC train, and the articles of DRCD that are not for development."""
    cmrc = read_rows(data / "qa" / "cmrc2018_train.jsonl.xz")
    return cmrc + [row for row in read_rows(data / "qa" / "drcd_dev.jsonl.xz") if bucket(row["title"]) >= 3]


def training_examples(data: Path) -> list[Example]:
    """The questions of the training sets that their passages answer."""
    examples = [to_example(row) for row in training_rows(data)]
    return [example for example in examples if example.pieces and len(example.question) > 3]


def sibling_examples(data: Path) -> list[Example]:
    """Questions on articles of several passages: DRCD's for training, and the half of XQuAD that never reports."""
    xquad = [e for e in development_examples(data, "xquad") if half_of(e.article) == "selection"]
    return [e for e in training_examples(data) if e.pieces] + xquad


def development_examples(data: Path, name: Literal["cmrc", "drcd", "xquad", "unanswerable"]) -> list[Example]:
    """A development set, in file order: never trained on."""
    files = {
        "cmrc": "qa/cmrc2018_trial",
        "drcd": "qa/drcd_dev",
        "xquad": "qa/xquad_zh",
        "unanswerable": "bench/unanswerable_dev",
    }
    rows = read_rows(data / f"{files[name]}.jsonl.xz")
    if name == "drcd":
        rows = [row for row in rows if bucket(row["title"]) < 3]
    return [to_example(row) for row in rows]
