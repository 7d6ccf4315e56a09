"""Which runs of the question stand in which part of a passage, and how much of its weight each part holds."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def common_runs(equal: Bools, longest: int) -> list[Bools]:
    """For n = 1..longest, `(n_passage, n_question)`: an n-gram of both starts here."""
    runs = [equal]
    for n in range(2, longest + 1):
        before, shifted = runs[-1], np.zeros_like(equal)
        if equal.shape[0] >= n and equal.shape[1] >= n:
            shifted[: -(n - 1), : -(n - 1)] = before[: -(n - 1), : -(n - 1)] & equal[n - 1 :, n - 1 :]
        runs.append(shifted)
    return runs


def covered_by(starts: Bools, n: int) -> Bools:
    """Which positions lie in an n-gram that starts where `starts` says."""
    covered = starts.copy()
    for shift in range(1, n):
        covered[shift:] |= starts[:-shift]
    return covered


def density(values: Floats, reach: int) -> Floats:
    """Mean of `values` over `reach` characters to each side."""
    sums = np.concatenate([np.zeros(1), np.cumsum(values, dtype=np.float64)])
    at = np.arange(len(values))
    high, low = np.minimum(at + reach + 1, len(values)), np.maximum(at - reach, 0)
    return ((sums[high] - sums[low]) / (2 * reach + 1)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Overlap:
    """How much of the question's weight (idf) each part, 0 the title, holds."""

    chars_in: Bools  # (parts, m)
    bigrams_in: Bools  # (parts, m)
    char_weight: Floats  # (m,) sums to 1, or all 0
    bigram_weight: Floats  # (m,)
    char_share: Floats  # (parts,)
    bigram_share: Floats  # (parts,)
    longest: Floats  # (parts,) longest common run, up to 4, in quarters
    local_chars: Floats  # (m,) as char_weight, but rarity also among the sentences themselves
    local_share: Floats  # (parts,) of both local weights, half each
    left_share: Floats  # (parts,) the same, of what the title does not hold

    @classmethod
    def of(cls, runs: list[Bools], starts: Ints, char_idf: Floats, bigram_idf: Floats, content: Bools) -> "Overlap":
        chars_in = np.logical_or.reduceat(runs[0], starts, axis=0)
        bigrams_in = np.logical_or.reduceat(runs[1], starts, axis=0)
        pairs = content.copy()
        pairs[:-1] &= content[1:]
        pairs[-1] = False
        char_weight, bigram_weight = _share(char_idf * content), _share(bigram_idf * pairs)
        longest = sum(np.logical_or.reduceat(run.any(axis=1), starts).astype(np.float32) for run in runs) / 4
        local_chars, local_bigrams = _local(char_weight, chars_in), _local(bigram_weight, bigrams_in)
        return cls(
            chars_in,
            bigrams_in,
            char_weight,
            bigram_weight,
            (chars_in @ char_weight).astype(np.float32),
            (bigrams_in @ bigram_weight).astype(np.float32),
            np.asarray(longest, dtype=np.float32),
            local_chars,
            _both(chars_in, local_chars, bigrams_in, local_bigrams),
            _both(chars_in, _share(local_chars * ~chars_in[0]), bigrams_in, _share(local_bigrams * ~bigrams_in[0])),
        )

    def sentence_features(self, lengths: Ints) -> Floats:
        """`(s, N_SENTENCE_FEATURES)`"""
        own, chars = self.bigram_share[1:], self.char_share[1:]
        neighbours = self.bigrams_in[1:].copy()
        neighbours[1:] |= self.bigrams_in[1:-1]
        with_title = (self.bigrams_in[1:] | self.bigrams_in[:1]) @ self.bigram_weight
        columns = [
            own,
            chars,
            own / max(float(own.max()), 1e-6),
            chars / max(float(chars.max()), 1e-6),
            neighbours @ self.bigram_weight,
            with_title,
            self.longest[1:],
            np.log1p(lengths) / 6,
            np.minimum(np.arange(len(own)), 20) / 20,
            np.arange(len(own)) == 0,
            *self._local_columns(),
        ]
        return np.stack(columns, axis=1).astype(np.float32)

    def _local_columns(self) -> list[Floats]:
        """Local shares of each sentence, relative to the best, and those of the sentences before and after it."""
        local, left = self.local_share[1:], self.left_share[1:]
        before, after = np.zeros_like(left), np.zeros_like(left)
        before[1:], after[:-1] = left[:-1], left[1:]
        return [local, left, local / max(local.max(), 1e-6), left / max(left.max(), 1e-6), before, after]

    def passage_features(self) -> Floats:
        """`(N_PASSAGE_FEATURES,)`"""
        values = [
            self.chars_in.any(axis=0) @ self.char_weight,
            self.bigrams_in.any(axis=0) @ self.bigram_weight,
            self.bigram_share[1:].max(),
            self.char_share[1:].max(),
            self.bigram_share[0],
            self.longest.max(),
            self.left_share[1:].max(),
            np.log1p(len(self.longest)) / 4,
        ]
        return np.array(values, dtype=np.float32)


def _share(weights: npt.NDArray[np.floating]) -> Floats:
    return (weights / max(float(weights.sum()), 1e-6)).astype(np.float32)


def _local(weight: Floats, held: Bools) -> Floats:
    """`(m,)`: weights times their idf among the passage's sentences: what every sentence holds tells them not apart."""
    n_sentences = len(held) - 1
    return _share(weight * np.log(1 + n_sentences / (1 + held[1:].sum(axis=0))))


def _both(chars_in: Bools, char_weight: Floats, bigrams_in: Bools, bigram_weight: Floats) -> Floats:
    return (0.5 * (chars_in @ char_weight) + 0.5 * (bigrams_in @ bigram_weight)).astype(np.float32)
