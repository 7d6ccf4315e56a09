"""Which sentences answer a question, the answer inside each, and whether the passage answers at all.

`NeuralReader` runs the shipped network (`models/reader/`, made by `training/reader/`) with onnxruntime;
`LexicalReader` is the model-free peer it is measured against. Both are `rag.types.PassageReader`s.
"""

import hashlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.errors import ModelError
from index.traditional import simplify
from rag.reading.features import (
    CODE_LIMIT,
    MAX_SENTENCE_CHARS,
    Features,
    Floats,
    Ints,
    Lexicon,
    featurise,
)
from rag.reading.lexical import LexicalReader
from rag.types import PassageReader, Reading

__all__ = ["DEFAULT", "LexicalReader", "NeuralReader", "load_reader", "pad_features"]

DEFAULT = Path(__file__).resolve().parents[2] / "models" / "reader"
FORMAT = 1
MAX_BLOCK_CHARS = 1000
"""A longer passage is read in blocks of whole sentences, each with the title."""
MAX_ROWS = 16
"""Blocks that are read at once."""
MAX_SPAN_CHARS = 120
_WHITE = re.compile(r"\s+")
_LATIN = re.compile(r"[A-Za-z0-9]")
OUTPUTS = ("evidence", "start", "end", "answerable")


def load_reader(path: Path | str = DEFAULT) -> PassageReader:
    """Opens the shipped reader. Raises `ModelError` where a file is missing or not the one that was exported."""
    return NeuralReader(Path(path))


@dataclass(frozen=True, slots=True)
class Squeezed:
    """A text without the white space that Chinese typesetting puts between ideographs, numbers and Latin words."""

    text: str
    positions: tuple[int, ...]
    """Where each of its characters stands in the text as given."""

    @classmethod
    def of(cls, text: str) -> "Squeezed":
        """White space stays only between two Latin letters or digits, where it parts words. Traditional characters
        become simplified ones: the reader was trained on those."""
        text = simplify(text)
        gone = {
            at
            for found in _WHITE.finditer(text)
            if not _parts_words(text, *found.span())
            for at in range(*found.span())
        }
        positions = tuple(at for at in range(len(text)) if at not in gone)
        return cls("".join(text[at] for at in positions), positions)

    def given(self, span: tuple[int, int]) -> tuple[int, int]:
        """The span in the text as given."""
        start, end = span
        return (self.positions[start], self.positions[end - 1] + 1) if start < end else (0, 0)


@dataclass(frozen=True, slots=True)
class _Block:
    """Sentences `[first, last)` of one passage, and what the network is given for them."""

    passage: int
    first: int
    last: int
    features: Features
    squeezed: tuple["Squeezed", ...]


class NeuralReader:
    """The trained reader. Scores are probabilities on one scale for all passages of all questions."""

    def __init__(self, path: Path) -> None:
        config = _read_config(path)
        self._lexicon = _read_lexicon(path)
        self._session = _open_session(path)
        self._evidence_scale, self._evidence_shift = map(float, config["calibration"]["evidence"])
        self._answer_scale, self._answer_shift = map(float, config["calibration"]["answerable"])

    def read(self, question: str, passages: Sequence[Sequence[str]], titles: Sequence[str]) -> list[Reading]:
        """One `Reading` per passage, in order. Of the question the last 64 characters are read, of a title the
        first 40, of a sentence the first 400. Blank sentences score 0."""
        asked = Squeezed.of(question).text
        blocks = [
            self._block(asked, number, sentences[first:last], first, title)
            for number, (sentences, title) in enumerate(zip(passages, titles, strict=True))
            for first, last in _block_borders(sentences)
        ]
        found: dict[tuple[int, int], Reading] = {}
        by_length = sorted(blocks, key=lambda block: len(block.features.chars))
        for start in range(0, len(by_length), MAX_ROWS):
            batch = by_length[start : start + MAX_ROWS]
            outputs = self._session.run(list(OUTPUTS), pad_features([block.features for block in batch]))
            for row, block in enumerate(batch):
                found[block.passage, block.first] = self._reading(block, [output[row] for output in outputs])
        return [
            _joined([found[number, first] for first, _ in _block_borders(sentences)])
            for number, sentences in enumerate(passages)
        ]

    def _block(self, question: str, passage: int, sentences: Sequence[str], first: int, title: str) -> _Block:
        squeezed = tuple(Squeezed.of(sentence) for sentence in sentences)
        features = featurise(question, [s.text for s in squeezed], Squeezed.of(title).text, self._lexicon)
        return _Block(passage, first, first + len(sentences), features, squeezed)

    def _reading(self, block: _Block, values: list[Floats]) -> Reading:
        sentences, starts = block.squeezed, block.features.starts
        evidence, start, end, answerable = values
        likely = _sigmoid(self._evidence_scale * evidence[: len(sentences)] + self._evidence_shift)
        lengths = (min(len(s.text), MAX_SENTENCE_CHARS) for s in sentences)
        spans = [_best_span(start[at : at + n], end[at : at + n]) for at, n in zip(starts, lengths, strict=True)]
        blank = [not s.text.strip() for s in sentences]
        return Reading(
            evidence=tuple(0.0 if none else float(p) for p, none in zip(likely, blank, strict=True)),
            spans=tuple(
                s.given((0, 0) if none else span) for s, (span, _), none in zip(sentences, spans, blank, strict=True)
            ),
            span_scores=tuple(0.0 if none else score for (_, score), none in zip(spans, blank, strict=True)),
            answerable=0.0 if all(blank) else float(_sigmoid(self._answer_scale * answerable + self._answer_shift)),
        )


def pad_features(features: Sequence[Features]) -> dict[str, npt.NDArray[Any]]:
    """The network's inputs: rows padded with 0 (`sentence_of`: -1) to the longest; names as in `Reader.forward`."""
    n = max(len(f.chars) for f in features)
    m = max(len(f.question_chars) for f in features)
    s = max(len(f.starts) for f in features)
    return {
        "chars": _pad([f.chars for f in features], n, 0),
        "bigrams": _pad([f.bigrams for f in features], n, 0),
        "char_features": _pad([f.char_features for f in features], n, 0),
        "reversed_at": np.stack([_reversed(len(f.chars), n) for f in features]),
        "sentence_of": _pad([f.sentence_of for f in features], n, -1),
        "question_chars": _pad([f.question_chars for f in features], m, 0),
        "question_bigrams": _pad([f.question_bigrams for f in features], m, 0),
        "question_features": _pad([f.question_features for f in features], m, 0),
        "question_reversed_at": np.stack([_reversed(len(f.question_chars), m) for f in features]),
        "sentence_features": _pad([f.sentence_features for f in features], s, 0),
        "passage_features": np.stack([f.passage_features for f in features]),
    }


def _parts_words(text: str, start: int, end: int) -> bool:
    return start > 0 and end < len(text) and bool(_LATIN.match(text[start - 1]) and _LATIN.match(text[end]))


def _pad(rows: Sequence[npt.NDArray[Any]], length: int, value: int) -> npt.NDArray[Any]:
    padded = np.full((len(rows), length, *rows[0].shape[1:]), value, dtype=rows[0].dtype)
    for at, row in enumerate(rows):
        padded[at, : len(row)] = row
    return padded


def _reversed(n: int, length: int) -> Ints:
    """Positions that turn the first `n` of `length` around and leave the padding where it is."""
    at = np.arange(length, dtype=np.int64)
    at[:n] = at[:n][::-1]
    return at


def _block_borders(sentences: Sequence[str]) -> list[tuple[int, int]]:
    """Runs of whole sentences of at most `MAX_BLOCK_CHARS`, one sentence at least."""
    borders: list[tuple[int, int]] = []
    first, total = 0, 0
    for number, sentence in enumerate(sentences):
        length = min(len(sentence), MAX_SENTENCE_CHARS) + 1
        if number > first and total + length > MAX_BLOCK_CHARS:
            borders.append((first, number))
            first, total = number, 0
        total += length
    return [*borders, (first, len(sentences))] if sentences else []


def _joined(parts: Sequence[Reading]) -> Reading:
    """The reading of a passage from those of its blocks."""
    return Reading(
        evidence=tuple(value for part in parts for value in part.evidence),
        spans=tuple(span for part in parts for span in part.spans),
        span_scores=tuple(score for part in parts for score in part.span_scores),
        answerable=max((part.answerable for part in parts), default=0.0),
    )


def _best_span(start: Floats, end: Floats) -> tuple[tuple[int, int], float]:
    """The likeliest `[start, end)` of a sentence and its share of the probability of all its spans."""
    if not len(start):
        return (0, 0), 0.0
    scores = start[:, None].astype(np.float64) + end[None, :]
    allowed = np.triu(np.ones(scores.shape, dtype=np.bool_)) & ~np.triu(
        np.ones(scores.shape, dtype=np.bool_), MAX_SPAN_CHARS
    )
    scores[~allowed] = -np.inf
    first, last = divmod(int(np.argmax(scores)), len(start))
    top = scores[first, last]
    return (first, last + 1), float(1.0 / np.exp(scores - top).sum())


def _sigmoid(values: Floats | float) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(values, -40, 40))))


def _repair(path: Path) -> str:
    return f"restore the folder (git checkout -- {path}) or train it: python -m training.reader.train --out {path}"


def _read_config(path: Path) -> dict[str, Any]:
    """`reader.json`, after comparing the hashes of the other files with those it names."""
    try:
        config = json.loads((path / "reader.json").read_text(encoding="utf-8"))
        version, hashes, calibration = config["format"], config["sha256"], config["calibration"]
        pairs = [calibration["evidence"], calibration["answerable"]]
        if any(len(pair) != 2 for pair in pairs):
            raise ValueError("calibration")
        actual = {name: hashlib.sha256((path / name).read_bytes()).hexdigest() for name in hashes}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"the reader model in {path} cannot be read ({error}): {_repair(path)}") from error
    if version != FORMAT:
        raise ModelError(
            f"the reader model in {path} has format {version}, this program reads {FORMAT}: {_repair(path)}"
        )
    for name, expected in hashes.items():
        if actual[name] != expected:
            raise ModelError(f"{path / name} has sha256 {actual[name][:12]}, not {expected[:12]}: {_repair(path)}")
    return dict(config)


def _read_lexicon(path: Path) -> Lexicon:
    try:
        with np.load(path / "lexicon.npz") as kept:
            ids = np.ones(CODE_LIMIT, dtype=np.int32)
            ids[kept["codes"]] = kept["ids"]
            idf = kept["char_idf"].astype(np.float32), kept["bigram_idf"].astype(np.float32)
            return Lexicon(ids, idf[0], kept["bigrams"], idf[1])
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise ModelError(f"{path / 'lexicon.npz'} cannot be read ({error!r}): {_repair(path)}") from error


def _open_session(path: Path) -> Any:
    # It reports its use to its maker over the network, and keeps the reports and an id of the machine in the home
    # folder (onnxruntime 1.32): neither is wanted here.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # rows of a few hundred steps: a second thread only waits (60 ms against 110)
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(
            str(path / "reader.onnx"), sess_options=options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime's own classes have no common base
        raise ModelError(f"{path / 'reader.onnx'} cannot be opened ({error}): {_repair(path)}") from error
