"""Whether two texts are the two halves of one sentence, by the characters on both sides of the break.

A small network over the last characters of the one and the first of the other, and a table of what stands together
across a break (hashed n-grams). Fitted by `training/pages/seams.py` on cuts through sentences of news, against halves
of different sentences and against paragraphs that begin.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..terms import fold
from .model_files import SEAMS, damaged, read_model_file

SIDE = 12
"""Characters that are looked at on each side of a break."""
PAD, UNKNOWN = 0, 1
"""Numbers of no character (the text is shorter) and of one that is rare."""
GRAMS = (
    (-1, 0), (-2, -1, 0), (-1, 0, 1), (-2, -1, 0, 1), (-3, -2, -1, 0), (-1, 0, 1, 2), (0, 1, 2), (0, 1, 2, 3),
)  # fmt: skip
"""The n-grams over a break, and those that begin behind it: places of characters, -1 the last before the break."""
_FACTORS = (0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F)
_SEED, _MIX, _WORD = 0x5BD1E995, 0xD6E8FEB86659FD93, (1 << 64) - 1
Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Seams:
    """The network: embeddings of characters, one hidden layer, and the table of n-grams."""

    characters: dict[str, int]
    embeddings: Floats  # (n_characters + 2, dim)
    hidden: Floats  # (2 * SIDE * dim, n_hidden)
    hidden_bias: Floats  # (n_hidden,)
    output: Floats  # (n_hidden,)
    bias: float
    grams: Floats  # (n_buckets,)

    def between(self, left: str, right: str) -> float:
        """Log odds that `right` goes on with the sentence in whose middle `left` breaks off; of news, cut anywhere."""
        return _between(self, left[-3 * SIDE :], right[: 3 * SIDE])

    def amid(self, right: str) -> float:
        """Log odds that a text begins in the middle of a sentence, and not as paragraphs begin."""
        return _between(self, "", right[: 3 * SIDE])

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


@lru_cache(maxsize=1 << 15)
def _between(seams: Seams, left: str, right: str) -> float:
    row = _break_row(seams.characters, left, right)
    inner = np.maximum(seams.embeddings[row].reshape(-1) @ seams.hidden + seams.hidden_bias, 0)
    return float(inner @ seams.output) + seams.bias + sum(seams.grams[b] for b in _buckets(row, len(seams.grams)))


def _break_row(characters: dict[str, int], left: str, right: str) -> list[int]:
    """Numbers of the characters around a break, 2 * SIDE of them; white space is left out."""
    before = [characters.get(c, UNKNOWN) for c in "".join(fold(left).split())[-SIDE:]]
    after = [characters.get(c, UNKNOWN) for c in "".join(fold(right).split())[:SIDE]]
    return [PAD] * (SIDE - len(before)) + before + after + [PAD] * (SIDE - len(after))


def _buckets(row: list[int], n_buckets: int) -> list[int]:
    """`gram_buckets` of one row, in plain numbers: ten times faster for one."""
    found: list[int] = []
    for seed, places in enumerate(GRAMS):
        key = seed * _SEED + sum(row[SIDE + place] * factor for place, factor in zip(places, _FACTORS, strict=False))
        key = (key ^ key >> 15) * _MIX & _WORD
        found.append((key >> 32) % n_buckets)
    return found


def gram_buckets(rows: Numbers, n_buckets: int) -> Numbers:
    """Where the n-grams over a break stand in the table, (..., n_grams), for rows (..., 2 * SIDE)."""
    found: list[NDArray[np.uint64]] = []
    for seed, places in enumerate(GRAMS):
        columns = rows[..., [SIDE + place for place in places]].astype(np.uint64)
        keys = (columns * np.array(_FACTORS[: len(places)], np.uint64)).sum(axis=-1, dtype=np.uint64)
        keys += np.uint64(seed * _SEED)
        keys = (keys ^ keys >> np.uint64(15)) * np.uint64(_MIX)
        found.append((keys >> np.uint64(32)) % np.uint64(n_buckets))
    return np.stack(found, axis=-1).astype(np.int64)


@lru_cache(maxsize=2)
def load_seams(path: Path = SEAMS) -> Seams:
    """The network that `python -m training.pages` wrote.

    Raises:
        ModelError: the file is missing or damaged.
    """
    stored = read_model_file(path)
    try:
        with np.load(BytesIO(stored), allow_pickle=False) as arrays:
            return _from_arrays({name: arrays[name] for name in arrays.files})
    except Exception as error:  # numpy and zipfile raise whatever they meet in a damaged file
        raise damaged(path, error) from error


def _from_arrays(arrays: dict[str, NDArray[np.generic]]) -> Seams:
    characters = {chr(int(code)): i + 2 for i, code in enumerate(arrays["characters"])}
    scale = arrays["scales"].astype(np.float32)
    embeddings, hidden, grams = (
        arrays[name].astype(np.float32) * scale[i] for i, name in enumerate(("embeddings", "hidden", "grams"))
    )
    output = arrays["output"].astype(np.float32)
    if embeddings.shape[0] != len(characters) + 2 or 2 * SIDE * embeddings.shape[1] != hidden.shape[0]:
        raise ValueError(f"embeddings {embeddings.shape} do not fit hidden {hidden.shape}")
    return Seams(
        characters, embeddings, hidden, arrays["hidden_bias"].astype(np.float32), output[:-1], float(output[-1]), grams
    )


def save_seams(seams: Seams, path: Path) -> None:
    """Writes the network, its large tables as whole numbers of 8 bits."""
    tables = {"embeddings": seams.embeddings, "hidden": seams.hidden, "grams": seams.grams}
    scales = np.array([max(float(np.abs(table).max()), 1e-6) / 127 for table in tables.values()], np.float32)
    codes: Sequence[int] = [ord(c) for c, _ in sorted(seams.characters.items(), key=lambda item: item[1])]
    np.savez_compressed(
        path,
        characters=np.array(codes, np.uint32),
        scales=scales,
        hidden_bias=seams.hidden_bias,
        output=np.append(seams.output, np.float32(seams.bias)).astype(np.float32),
        **{
            name: np.rint(table / scale).astype(np.int8)
            for (name, table), scale in zip(tables.items(), scales, strict=True)
        },
    )
