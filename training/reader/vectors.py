"""Vectors of characters and bigrams from running news text: positive PMI of what stands near, then a truncated SVD.

Self-supervision only: nothing of the text but these statistics is kept. Method: Levy, Goldberg and Dagan (2015),
with context-distribution smoothing .75 and eigenvalue weighting .5.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

from rag.reading.features import CODE_LIMIT, N_SPECIAL, bigram_keys, code_points, normalised_code_points

WINDOW = 7
"""Context characters to each side."""
SMOOTHING = 0.75


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Characters and bigrams that have an id, and how rare they are."""

    code_ids: npt.NDArray[np.int32]
    """Code point -> character id; 1 where unknown."""
    char_idf: npt.NDArray[np.float32]
    bigrams: npt.NDArray[np.int64]
    """Sorted keys; bigram id = position + N_SPECIAL."""
    bigram_idf: npt.NDArray[np.float32]


def count_vocabulary(texts: Sequence[str], *, min_char: int, n_bigrams: int) -> Vocabulary:
    """Chooses the characters seen `min_char` times and the `n_bigrams` most frequent bigrams; idf over pieces."""
    normal = normalised_code_points()
    code_counts = np.zeros(CODE_LIMIT, dtype=np.int64)
    for text in texts:
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        np.add.at(code_counts, normal[codes], 1)
    kept = np.flatnonzero(code_counts >= min_char)
    ids_of_normal = np.full(CODE_LIMIT, 1, dtype=np.int32)
    ids_of_normal[kept] = np.arange(len(kept)) + N_SPECIAL
    code_ids = ids_of_normal[normal]
    pieces = [code_ids[code_points(piece)] for text in texts for piece in _pieces(text)]
    char_df = np.zeros(len(kept) + N_SPECIAL, dtype=np.int64)
    keys: list[npt.NDArray[np.int64]] = []
    for ids in pieces:
        char_df[np.unique(ids)] += 1
        keys.append(np.unique(bigram_keys(ids)))
    every, df = np.unique(np.concatenate(keys), return_counts=True)
    known = (every // (1 << 20) >= N_SPECIAL) & (every % (1 << 20) >= N_SPECIAL)
    every, df = every[known], df[known]
    top = np.sort(np.argsort(-df, kind="stable")[:n_bigrams])
    return Vocabulary(
        code_ids,
        _idf(char_df, len(pieces)),
        every[top],
        np.r_[_idf(np.zeros(N_SPECIAL), len(pieces)), _idf(df[top], len(pieces))],
    )


def train_vectors(
    texts: Iterable[str], vocabulary: Vocabulary, *, dim: int, n_contexts: int, seed: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Returns unit rows for characters `(n_chars, dim)` and bigrams `(n_bigrams + N_SPECIAL, dim)`."""
    n_chars, n_bigrams = len(vocabulary.char_idf), len(vocabulary.bigrams) + N_SPECIAL
    context_rank = np.argsort(vocabulary.bigram_idf[N_SPECIAL:], kind="stable")[:n_contexts] + N_SPECIAL
    context_ids = np.full(n_bigrams, -1, dtype=np.int64)
    context_ids[context_rank] = np.arange(len(context_rank))
    n_columns = n_chars + len(context_rank)
    counts = sparse.csr_matrix((n_chars + n_bigrams, n_columns), dtype=np.float32)
    for block in _blocks(texts, 1_000_000):
        counts = counts + _count_block(block, vocabulary, context_ids, n_chars, counts.shape)
    matrix = _ppmi(counts)
    left, values, _ = randomized_svd(matrix, n_components=dim, n_iter=3, random_state=seed)
    rows = (left * np.sqrt(values)).astype(np.float32)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    return rows[:n_chars], rows[n_chars:]


def _pieces(text: str, size: int = 200) -> Iterable[str]:
    return (text[start : start + size] for start in range(0, len(text), size))


def _idf(df: npt.NDArray[np.int64], n: int) -> npt.NDArray[np.float32]:
    """Scaled to 0..1: 1 is a term never seen."""
    return (np.log((n + 1) / (df + 1)) / np.log(n + 1)).astype(np.float32)


def _blocks(texts: Iterable[str], size: int) -> Iterable[str]:
    held: list[str] = []
    total = 0
    for text in texts:
        held.append(text)
        total += len(text)
        if total >= size:
            yield "\n".join(held)
            held, total = [], 0
    if held:
        yield "\n".join(held)


def _count_block(
    text: str, vocabulary: Vocabulary, context_ids: npt.NDArray[np.int64], n_chars: int, shape: tuple[int, int]
) -> sparse.csr_matrix:
    """Co-occurrences of each character and bigram with the characters and frequent bigrams around it."""
    ids = vocabulary.code_ids[code_points(text)].astype(np.int64)
    keys = bigram_keys(ids)
    place = np.minimum(np.searchsorted(vocabulary.bigrams, keys), len(vocabulary.bigrams) - 1)
    bigrams = np.where(vocabulary.bigrams[place] == keys, place + N_SPECIAL, 1)
    column = context_ids[bigrams]
    total = sparse.csr_matrix(shape, dtype=np.float32)
    for distance in range(1, WINDOW + 1):
        far = distance + 1  # a bigram's own second character is not its context
        pairs = [
            (bigrams[:-far] + n_chars, ids[far : far + len(bigrams) - far]),
            (bigrams[distance:] + n_chars, ids[: len(bigrams) - distance]),
            (ids[:-distance], ids[distance:]),
            (ids[distance:], ids[:-distance]),
        ]
        if distance > 1:
            pairs += [
                (bigrams[:-distance] + n_chars, np.where(column[distance:] >= 0, column[distance:] + n_chars, 0)),
                (bigrams[distance:] + n_chars, np.where(column[:-distance] >= 0, column[:-distance] + n_chars, 0)),
            ]
        rows = np.concatenate([pair[0] for pair in pairs])
        columns = np.concatenate([pair[1] for pair in pairs])
        keep = (columns >= N_SPECIAL) & (rows >= N_SPECIAL)
        ones = np.ones(int(keep.sum()), dtype=np.float32)
        total = total + sparse.csr_matrix((ones, (rows[keep], columns[keep])), shape=shape)
    return total


def _ppmi(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    row_sums = np.asarray(counts.sum(axis=1)).ravel()
    smooth = np.asarray(counts.sum(axis=0)).ravel() ** SMOOTHING
    columns = smooth / smooth.sum()
    table = counts.tocoo()
    pmi = np.log(table.data / np.maximum(row_sums[table.row], 1) / np.maximum(columns[table.col], 1e-12))
    keep = pmi > 0
    return sparse.csr_matrix((pmi[keep], (table.row[keep], table.col[keep])), shape=counts.shape, dtype=np.float32)
