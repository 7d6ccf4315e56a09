"""Reads the training data, and cuts text into sentences and chunks."""

import hashlib
import json
import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SENTENCE = re.compile(r"[^。！？!?；\n]*[。！？!?；\n]+[”’」』）)]*|[^。！？!?；\n]+$")
MAX_CHUNK_CHARS = 350


@dataclass(frozen=True, slots=True)
class News:
    """One news article. `title` is empty where the source gives none."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One human question, and the passage that answers it."""

    question: str
    answers: tuple[str, ...]
    title: str
    context: str


def read_rows(path: Path) -> Iterator[dict[str, object]]:
    """Yields the objects of a `.jsonl.xz` file."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def read_news(path: Path) -> list[News]:
    """Reads a news file of the data folder."""
    return [News(str(row["id"]), str(row["title"]), str(row["text"])) for row in read_rows(path)]


def read_questions(path: Path) -> list[QuestionRow]:
    """Reads a question answering file of the data folder."""
    return [
        QuestionRow(str(row["question"]), tuple(row["answers"]), str(row["title"]), str(row["context"]))
        for row in read_rows(path)
    ]


def is_development(title: str) -> bool:
    """Whether the article of this title belongs to the 30 % that nothing is trained on.

    The training of the reader draws the same line.
    """
    return int(hashlib.md5(title.encode("utf-8")).hexdigest(), 16) % 10 < 3


def split_sentences(text: str) -> list[str]:
    """Cuts after sentence-ending punctuation and at line ends; white space around a sentence is dropped."""
    sentences = (match.group().strip() for match in SENTENCE.finditer(text))
    return [sentence for sentence in sentences if sentence]


def split_chunks(text: str, max_chars: int = MAX_CHUNK_CHARS) -> list[str]:
    """Packs whole sentences into chunks of at most `max_chars`; a longer sentence is cut hard."""
    chunks: list[str] = []
    chunk = ""
    for sentence in split_sentences(text):
        for start in range(0, len(sentence), max_chars):
            piece = sentence[start : start + max_chars]
            if chunk and len(chunk) + len(piece) > max_chars:
                chunks.append(chunk)
                chunk = ""
            chunk += piece
    if chunk:
        chunks.append(chunk)
    return chunks
