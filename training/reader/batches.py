"""Examples -> padded arrays, for training and for measuring; the same padding as `rag/reading/evidence.py` uses."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rag.reading.evidence import pad_features
from rag.reading.features import MAX_SENTENCE_CHARS, Lexicon, featurise
from training.reader.data import Example


@dataclass(frozen=True, slots=True)
class Targets:
    """What a batch should come to. Row 2i and row 2i + 1 are one question where `joined[i]`."""

    evidence: Tensor  # (b, s) 1 where the sentence holds some of the answer
    real: Tensor  # (b, s) 1 where there is a sentence
    starts: Tensor  # (b, n) 1 where an answer's piece starts
    ends: Tensor  # (b, n) 1 at a piece's last character
    readable: Tensor  # (b, n) 1 inside sentences
    answerable: Tensor  # (b,)
    joined: Tensor  # (b / 2,)


def crop(example: Example, max_chars: int, rng: random.Random) -> Example:
    """A run of sentences of at most `max_chars` (one at least) that holds an answering sentence, where there is one."""
    if sum(map(len, example.sentences)) <= max_chars:
        return example
    last = len(example.sentences) - 1
    low = high = rng.choice(sorted({piece[0] for piece in example.pieces})) if example.pieces else rng.randint(0, last)
    total = len(example.sentences[low])
    while True:
        options = [at for at in (low - 1, high + 1) if 0 <= at <= last]
        if not options:
            break
        at = rng.choice(options)
        if total + len(example.sentences[at]) > max_chars:
            break
        total += len(example.sentences[at])
        low, high = min(low, at), max(high, at)
    pieces = tuple((n - low, start, end) for n, start, end in example.pieces if low <= n <= high)
    return replace(example, sentences=example.sentences[low : high + 1], pieces=pieces)


def to_batch(
    examples: Sequence[Example], joined: Sequence[bool], lexicon: Lexicon
) -> tuple[dict[str, Tensor], Targets]:
    """Features and targets of the examples, in order."""
    features = [featurise(e.question, e.sentences, e.title, lexicon) for e in examples]
    arrays = {name: torch.from_numpy(value) for name, value in pad_features(features).items()}
    shape, n_sentences = arrays["chars"].shape, arrays["sentence_features"].shape[1]
    evidence = np.zeros((len(examples), n_sentences), dtype=np.float32)
    real, starts, ends = np.zeros_like(evidence), np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
    readable = np.zeros(shape, dtype=np.float32)
    for row, (example, f) in enumerate(zip(examples, features, strict=True)):
        real[row, : len(example.sentences)] = 1
        for sentence, at in zip(example.sentences, f.starts, strict=True):
            readable[row, at : at + min(len(sentence), MAX_SENTENCE_CHARS)] = 1
        for number, start, end in example.pieces:
            evidence[row, number] = 1
            if end <= MAX_SENTENCE_CHARS:
                starts[row, f.starts[number] + start] = 1
                ends[row, f.starts[number] + end - 1] = 1
    numbers: list[npt.NDArray[np.float32]] = [evidence, real, starts, ends, readable]
    answerable = torch.tensor([float(bool(e.pieces)) for e in examples])
    return arrays, Targets(*map(torch.from_numpy, numbers), answerable, torch.tensor(joined, dtype=torch.float32))
