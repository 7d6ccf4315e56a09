"""Fits the chain model: the likelihood of the right states of composed pages, by gradient descent (torch)."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from index.pages.tagger import ALLOWED, PARTS, STARTS, STATE_PART, STATES

from .label import Labelled

_NUMBER = {state: i for i, state in enumerate(STATES)}
_MIN_COUNT = 12
"""Features that fewer lines have are left out."""
_FORBIDDEN = -1e4
FloatArray = NDArray[np.float64]


def fit_chain(
    pages: Sequence[Labelled], *, epochs: int, decay: float, seed: int = 1
) -> tuple[dict[str, FloatArray], FloatArray]:
    """Part weights of each feature, and transition scores: a conditional random field (Lafferty et al., 2001)."""
    torch.manual_seed(seed)
    counts = Counter(name for page in pages for row in page.described for name in row)
    names = sorted(name for name, n in counts.items() if n >= _MIN_COUNT)
    number = {name: i for i, name in enumerate(names)}
    features = torch.zeros(len(names) + 1, len(PARTS), requires_grad=True)
    transitions = torch.zeros(len(STATES), len(STATES), requires_grad=True)
    optimiser = torch.optim.Adam([features, transitions], lr=0.03)
    coded = [_code(page, number) for page in pages]
    by_length = sorted(range(len(coded)), key=lambda i: len(coded[i][0]))
    batches = [by_length[at : at + 64] for at in range(0, len(coded), 64)]
    rng = np.random.default_rng(seed)
    n_steps = epochs * -(-len(coded) // 64)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 1 - step / n_steps)
    for epoch in range(epochs):
        rng.shuffle(batches)
        total = 0.0
        for numbers in batches:
            batch = [coded[i] for i in numbers]
            loss = _loss(batch, features, transitions) + decay * (
                features[1:].square().sum() + transitions.square().sum()
            )
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += float(loss.detach()) * len(batch)
        print(f"epoch {epoch}: loss {total / len(coded):.4f}", flush=True)
    rows = features.detach().numpy()[1:].astype(np.float64)
    return {name: rows[i] for name, i in number.items()}, transitions.detach().numpy().astype(np.float64)


Coded = tuple[torch.Tensor, torch.Tensor, torch.Tensor]


def _code(page: Labelled, number: dict[str, int]) -> Coded:
    """Feature numbers (n_lines, n_names) with 0 for none, possible parts, and states."""
    rows = [[number[name] + 1 for name in row if name in number] for row in page.described]
    width = max(map(len, rows))
    table = torch.tensor([row + [0] * (width - len(row)) for row in rows])
    return table, torch.tensor(page.possible), torch.tensor([_NUMBER[state] for state in page.states])


def _loss(batch: list[Coded], features: torch.Tensor, transitions: torch.Tensor) -> torch.Tensor:
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
    known = torch.cat([torch.zeros(1, len(PARTS)), features[1:]])
    parts = torch.nn.functional.embedding_bag(table.reshape(-1, widest), known, mode="sum").reshape(
        *table.shape[:2], -1
    )
    emissions = parts.masked_fill(~possible, _FORBIDDEN)[:, :, torch.tensor(STATE_PART)]
    allowed = torch.where(torch.tensor(ALLOWED), transitions, torch.tensor(_FORBIDDEN))
    scores = torch.where(torch.tensor(STARTS), emissions[:, 0], torch.tensor(_FORBIDDEN))
    right = emissions.gather(2, states[:, :, None])[:, :, 0]
    gold_score = right[:, 0]
    for t in range(1, longest):
        step = torch.logsumexp(scores[:, :, None] + allowed, dim=1) + emissions[:, t]
        scores = torch.where(mask[:, t, None], step, scores)
        passed = allowed[states[:, t - 1], states[:, t]] + right[:, t]
        gold_score = gold_score + torch.where(mask[:, t], passed, torch.zeros(()))
    return (torch.logsumexp(scores, dim=1) - gold_score).mean()
