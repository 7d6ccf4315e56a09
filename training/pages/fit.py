"""Fits the chain model: the likelihood of the right states of composed pages, by gradient descent (torch)."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from index.pages.network import LineNetwork, Reader
from index.pages.tagger import ALLOWED, PARTS, STARTS, STATE_PART, STATES

from .label import Labelled

_NUMBER = {state: i for i, state in enumerate(STATES)}
_MIN_COUNT = 12
"""Features that fewer lines have are left out."""
_FORBIDDEN = -1e4
_BATCH, _DIM, _HIDDEN, _DROPOUT = 64, 48, 64, 0.2
_GRU_TABLES = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
FloatArray = NDArray[np.float64]


def fit_chain(
    pages: Sequence[Labelled], *, epochs: int, decay: float, seed: int = 1
) -> tuple[dict[str, FloatArray], FloatArray, LineNetwork]:
    """Part weights of each feature, transition scores, and the network that reads the page.

    A conditional random field (Lafferty et al., 2001) whose scores of parts are linear in the features plus those of a
    recurrent network; both are fitted together.
    """
    torch.manual_seed(seed)
    counts = Counter(name for page in pages for row in page.described for name in row)
    names = sorted(name for name, n in counts.items() if n >= _MIN_COUNT)
    number = {name: i for i, name in enumerate(names)}
    model = _Chain(len(names))
    optimiser = torch.optim.Adam(
        [{"params": [model.features, model.transitions], "lr": 0.03}, {"params": model.inner(), "lr": 0.004}]
    )
    coded = [_code(page, number) for page in pages]
    by_length = sorted(range(len(coded)), key=lambda i: len(coded[i][0]))
    batches = [by_length[at : at + _BATCH] for at in range(0, len(coded), _BATCH)]
    n_steps = epochs * len(batches)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / n_steps)
    for epoch in range(epochs):
        total = 0.0
        for number_of_batch in np.random.default_rng(epoch).permutation(len(batches)):
            batch = [coded[i] for i in batches[number_of_batch]]
            loss = _loss(batch, model) + decay * (model.features[1:].square().sum() + model.transitions.square().sum())
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.inner(), 5.0)
            optimiser.step()
            schedule.step()
            total += float(loss.detach()) * len(batch)
        print(f"epoch {epoch}: loss {total / len(coded):.4f}", flush=True)
    rows = model.features.detach().numpy()[1:].astype(np.float64)
    transitions = model.transitions.detach().numpy().astype(np.float64)
    return {name: rows[i] for name, i in number.items()}, transitions, model.as_network(number)


class _Chain(torch.nn.Module):
    """The linear scores, the transitions and the recurrent network; row 0 of the features is none."""

    def __init__(self, n_features: int) -> None:
        super().__init__()
        self.features = torch.nn.Parameter(torch.zeros(n_features + 1, len(PARTS)))
        self.transitions = torch.nn.Parameter(torch.zeros(len(STATES), len(STATES)))
        self.embeddings = torch.nn.Embedding(n_features + 1, _DIM, padding_idx=0)
        torch.nn.init.normal_(self.embeddings.weight, std=0.1)
        self.reader = torch.nn.GRU(_DIM, _HIDDEN, batch_first=True, bidirectional=True)
        self.drop = torch.nn.Dropout(_DROPOUT)
        self.output = torch.nn.Linear(2 * _HIDDEN, len(PARTS))

    def inner(self) -> list[torch.nn.Parameter]:
        return [*self.embeddings.parameters(), *self.reader.parameters(), *self.output.parameters()]

    def emissions(self, table: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Scores of the parts, (n_pages, n_lines, n_parts), for the feature numbers (n_pages, n_lines, n_names)."""
        shape, flat = table.shape[:2], table.reshape(-1, table.shape[2])
        known = torch.cat([torch.zeros(1, len(PARTS)), self.features[1:]])
        linear = torch.nn.functional.embedding_bag(flat, known, mode="sum").reshape(*shape, -1)
        rows = torch.nn.functional.embedding_bag(flat, self.embeddings.weight, mode="sum", padding_idx=0)
        lines = self.drop(torch.tanh(rows)).reshape(*shape, -1)
        packed = torch.nn.utils.rnn.pack_padded_sequence(lines, lengths, batch_first=True, enforce_sorted=False)
        states, _ = torch.nn.utils.rnn.pad_packed_sequence(
            self.reader(packed)[0], batch_first=True, total_length=shape[1]
        )
        scores: torch.Tensor = linear + self.output(self.drop(states))
        return scores

    def as_network(self, number: dict[str, int]) -> LineNetwork:
        def array(tensor: torch.Tensor) -> NDArray[np.float32]:
            return tensor.detach().numpy().astype(np.float32)

        readers = [
            Reader(*(array(getattr(self.reader, f"{name}_l0{end}")) for name in _GRU_TABLES))
            for end in ("", "_reverse")
        ]
        return LineNetwork(
            number, array(self.embeddings.weight)[1:], (readers[0], readers[1]), array(self.output.weight),
            array(self.output.bias),
        )  # fmt: skip


Coded = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def _code(page: Labelled, number: dict[str, int]) -> Coded:
    """Feature numbers (n_lines, n_names) with 0 for none, possible parts, and states."""
    rows = [[number[name] + 1 for name in row if name in number] for row in page.described]
    width = max(map(len, rows))
    table = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    return table, torch.tensor(page.possible), torch.tensor([_NUMBER[state] for state in page.states])


def _loss(batch: list[Coded], model: _Chain) -> torch.Tensor:
    """Mean negative log-likelihood of the right states of a batch of pages."""
    longest, widest = max(len(c[0]) for c in batch), max(c[0].shape[1] for c in batch)
    table = torch.zeros(len(batch), longest, widest, dtype=torch.long)
    possible = torch.ones(len(batch), longest, len(PARTS), dtype=torch.bool)
    states = torch.zeros(len(batch), longest, dtype=torch.long)
    mask = torch.zeros(len(batch), longest, dtype=torch.bool)
    for i, (rows, can, gold) in enumerate(batch):
        table[i, : len(rows), : rows.shape[1]] = rows
        possible[i, : len(rows)] = can
        states[i, : len(rows)] = gold
        mask[i, : len(rows)] = True
    parts = model.emissions(table, mask.sum(dim=1))
    emissions = parts.masked_fill(~possible, _FORBIDDEN)[:, :, torch.tensor(STATE_PART)]
    allowed = torch.where(torch.tensor(ALLOWED), model.transitions, torch.tensor(_FORBIDDEN))
    scores = torch.where(torch.tensor(STARTS), emissions[:, 0], torch.tensor(_FORBIDDEN))
    right = emissions.gather(2, states[:, :, None])[:, :, 0]
    gold_score = right[:, 0]
    for t in range(1, longest):
        step = torch.logsumexp(scores[:, :, None] + allowed, dim=1) + emissions[:, t]
        scores = torch.where(mask[:, t, None], step, scores)
        passed = allowed[states[:, t - 1], states[:, t]] + right[:, t]
        gold_score = gold_score + torch.where(mask[:, t], passed, torch.zeros(()))
    return (torch.logsumexp(scores, dim=1) - gold_score).mean()
