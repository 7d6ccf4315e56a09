"""Fits index/pages/seams.py: cuts through the sentences of news, against what does not go on with them.

The stories that pages are composed of are not among them (`stories.py`), or the chain model would learn to trust a
network that knows its sentences by heart.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import torch
from numpy.typing import NDArray

from index.pages.seams import PAD, SIDE, UNKNOWN, Numbers, Seams, gram_buckets
from index.terms import fold

_N_CHARACTERS = 4_000
_DIM, _HIDDEN, _BUCKETS = 16, 96, 1 << 20
_BATCH = 2_048
_ENDS = "。!?…;:”’」』》)"
_MIN_BEFORE, _MIN_BEHIND = 15, 8
"""Characters of a paragraph on both sides of a cut: as `breaks.py` cuts."""


@dataclass(frozen=True, slots=True)
class _Text:
    """All paragraphs, one behind the other, as numbers of characters."""

    numbers: Numbers
    """With `SIDE` of PAD at each end."""
    cuts: Numbers
    """Where a column may break a sentence."""
    starts: Numbers
    """Where paragraphs begin."""
    sentences: Numbers
    """Where sentences begin inside paragraphs."""
    left: NDArray[np.int8]
    """How many characters of its paragraph stand behind each place, that one included; at most `SIDE`."""


def fit_seams(paragraphs: Iterable[str], *, n_examples: int = 8_000_000, seed: int = 1) -> Seams:
    """The network, fitted with as many examples, each drawn anew; deterministic on one machine."""
    folded = ["".join(fold(p).split()) for p in paragraphs]
    counts = Counter(c for p in folded for c in p)
    frequent = sorted(counts, key=lambda c: (-counts[c], c))[:_N_CHARACTERS]
    characters = {c: i + 2 for i, c in enumerate(frequent)}
    text = _encode([p for p in folded if len(p) >= _MIN_BEFORE + _MIN_BEHIND], characters)
    torch.manual_seed(seed)
    network = _Network(len(characters) + 2)
    dense = [p for name, p in network.named_parameters() if not name.startswith("grams")]
    optimisers = (torch.optim.Adam(dense, lr=0.003), torch.optim.SparseAdam(network.grams.parameters(), lr=0.003))
    n_steps = n_examples // _BATCH
    schedules = [torch.optim.lr_scheduler.LambdaLR(o, lambda step: 1 - step / n_steps) for o in optimisers]
    rng = np.random.default_rng(seed)
    total = 0.0
    for step in range(n_steps):
        rows, labels = _draw(text, rng)
        scores = network(torch.from_numpy(rows), torch.from_numpy(gram_buckets(rows, _BUCKETS)))
        loss = torch.nn.functional.binary_cross_entropy_with_logits(scores, torch.from_numpy(labels))
        network.zero_grad()
        loss.backward()
        for optimiser, schedule in zip(optimisers, schedules, strict=True):
            optimiser.step()
            schedule.step()
        total += float(loss.detach())
        if (step + 1) % 500 == 0:
            print(f"seams, {step + 1} of {n_steps}: loss {total / 500:.4f}", flush=True)
            total = 0.0
    return network.as_seams(characters)


class _Network(torch.nn.Module):
    def __init__(self, n_characters: int) -> None:
        super().__init__()
        self.embeddings = torch.nn.Embedding(n_characters, _DIM)
        torch.nn.init.normal_(self.embeddings.weight, std=0.3)
        self.hidden = torch.nn.Linear(2 * SIDE * _DIM, _HIDDEN)
        self.output = torch.nn.Linear(_HIDDEN, 1)
        self.grams = torch.nn.Embedding(_BUCKETS, 1, sparse=True)
        torch.nn.init.zeros_(self.grams.weight)

    def forward(self, rows: torch.Tensor, buckets: torch.Tensor) -> torch.Tensor:
        inner = torch.relu(self.hidden(self.embeddings(rows).flatten(1)))
        scores: torch.Tensor = self.output(inner)[:, 0] + self.grams(buckets).sum(dim=(1, 2))
        return scores

    def as_seams(self, characters: dict[str, int]) -> Seams:
        def array(tensor: torch.Tensor) -> NDArray[np.float32]:
            return tensor.detach().numpy().astype(np.float32)

        return Seams(
            characters,
            array(self.embeddings.weight),
            array(self.hidden.weight.T),
            array(self.hidden.bias),
            array(self.output.weight[0]),
            float(self.output.bias.detach()[0]),
            array(self.grams.weight[:, 0]),
        )


def _encode(paragraphs: Sequence[str], characters: dict[str, int]) -> _Text:
    joined = "".join(paragraphs)
    starts = np.array([0, *accumulate(map(len, paragraphs))], np.int64)
    codes = np.frombuffer(joined.encode("utf-32-le"), np.uint32)
    table = np.full(int(codes.max()) + 1, UNKNOWN, np.int64)
    for c, number in characters.items():
        table[ord(c)] = number
    after_end = np.zeros(len(codes), bool)
    after_end[1:] = np.isin(codes[:-1], [ord(c) for c in _ENDS])
    after_stop = np.zeros(len(codes), bool)
    after_stop[1:] = np.isin(codes[:-1], [ord(c) for c in "。!?"])
    ascii_ = codes < 128
    inside = ascii_ & np.append(False, ascii_[:-1])
    place = np.arange(len(codes)) - np.repeat(starts[:-1], np.diff(starts))
    left = np.repeat(np.diff(starts), np.diff(starts)) - place
    can = (place >= _MIN_BEFORE) & (left > _MIN_BEHIND) & ~after_end & ~inside
    pad = np.full(SIDE, PAD, np.int64)
    sentences = np.flatnonzero(after_stop & (place > 0))
    return _Text(
        np.concatenate([pad, table[codes], pad]),
        np.flatnonzero(can),
        starts[:-1],
        sentences,
        np.minimum(left, SIDE).astype(np.int8),
    )


def _draw(text: _Text, rng: np.random.Generator) -> tuple[Numbers, NDArray[np.float32]]:
    """Rows (n, 2 * SIDE) and labels (n,): true breaks, halves of two sentences, beginnings, texts with none before."""
    n = _BATCH
    left = rng.choice(text.cuts, n)
    right = left.copy()
    kind = rng.random(n)
    other, begins, inner = (kind >= 0.4) & (kind < 0.65), (kind >= 0.65) & (kind < 0.88), kind >= 0.88
    right[other] = rng.choice(text.cuts, int(other.sum()))
    right[begins] = rng.choice(text.starts, int(begins.sum()))
    near = begins & (rng.random(n) < 0.5)  # the paragraph that follows: where a column's end was lost
    right[near] = text.starts[np.searchsorted(text.starts, left[near], side="right") % len(text.starts)]
    right[inner] = rng.choice(text.sentences, int(inner.sum()))
    labels = kind < 0.4
    alone = rng.random(n) < 0.2  # nothing stands before it: does it begin in mid-sentence?
    before = text.numbers[left[:, None] + np.arange(SIDE)]
    before[alone] = PAD
    labels |= alone & other
    behind = text.numbers[right[:, None] + np.arange(SIDE, 2 * SIDE)]
    behind[np.arange(SIDE) >= text.left[right][:, None]] = PAD
    return np.concatenate([before, behind], axis=1), labels.astype(np.float32)
