"""The questions that were written for this project on passages of CMRC and DRCD: `written.jsonl`.

They ask as people do (why, how, who, colloquial, few words of the passage), and about a third of them ask for what the
passage does not say. The file holds our words and offsets only: `context` is the first 12 hex digits of the SHA-256 of
the passage, `evidence` the places `[start, end)` whose sentences answer, none where nothing does.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from training.reader.data import EVIDENCE_ONLY, Example, split_sentences, training_rows

FILE = Path(__file__).with_name("written.jsonl")


@dataclass(frozen=True, slots=True)
class Written:
    """The questions on one passage."""

    answered: tuple[Example, ...]
    unanswered: tuple[Example, ...]


def read_written(data: Path, file: Path = FILE) -> list[Written]:
    """All written questions by passage. Raises ValueError where a passage is not in the training sets."""
    passages = {sha256(row["context"].encode()).hexdigest()[:12]: row for row in training_rows(data)}
    by_context: dict[str, list[Example]] = defaultdict(list)
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["context"] not in passages:
            raise ValueError(f"{file}: no passage {row['context']} in the training sets of {data} ({row['question']})")
        by_context[row["context"]].append(_example(row["question"], row["evidence"], passages[row["context"]]))
    return [
        Written(tuple(e for e in own if e.pieces), tuple(e for e in own if not e.pieces)) for own in by_context.values()
    ]


def _example(question: str, evidence: Sequence[Sequence[int]], passage: dict[str, str]) -> Example:
    sentences = split_sentences(passage["context"])
    pieces, offset = [], 0
    for number, sentence in enumerate(sentences):
        if any(start < offset + len(sentence) and offset < end for start, end in evidence):
            pieces.append((number, 0, EVIDENCE_ONLY))
        offset += len(sentence)
    return Example(question, passage["title"].replace("_", " "), sentences, (), tuple(pieces), passage["title"])
