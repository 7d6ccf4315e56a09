"""Contrastive training of a bag of embeddings: every other passage of the batch is a negative."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from training.embedder.pairs import Bags


@dataclass(frozen=True, slots=True)
class Schedule:
    """One phase of training."""

    n_steps: int
    learning_rate: float
    temperature: float = 0.05
    warmup_steps: int = 50

    def rate(self, step: int) -> float:
        """Linear warm-up, then a cosine down to a twentieth."""
        if step < self.warmup_steps:
            return self.learning_rate * (step + 1) / self.warmup_steps
        progress = (step - self.warmup_steps) / max(1, self.n_steps - self.warmup_steps)
        return self.learning_rate * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * progress)))


def embed_bags(weight: torch.Tensor, bags: Bags) -> torch.Tensor:
    """Unit rows, (n_texts, dim)."""
    ids, offsets = torch.from_numpy(bags.ids), torch.from_numpy(bags.offsets[:-1])
    return functional.normalize(functional.embedding_bag(ids, weight, offsets, mode="sum"), dim=1)


def contrastive_loss(logits: torch.Tensor) -> torch.Tensor:
    """InfoNCE in both directions over logits (n_queries, n_passages).

    Passage `i` answers query `i`; the passages after the last query are hard negatives.
    """
    n_queries = len(logits)
    forward = logits.logsumexp(dim=1).mean()
    backward = logits[:, :n_queries].logsumexp(dim=0).mean()
    return 0.5 * (forward + backward) - logits.diagonal().mean()


def pair_loss(weight: torch.Tensor, queries: Bags, passages: Bags, temperature: float) -> torch.Tensor:
    """The contrastive loss of a batch. The product is taken in bfloat16: it is half of the time of a step."""
    asked, held = embed_bags(weight, queries), embed_bags(weight, passages)
    return contrastive_loss((asked.bfloat16() @ held.bfloat16().T).float() / temperature)


def train_contrastive(
    embeddings: NDArray[np.float32],
    draw: Callable[[np.random.Generator], tuple[Bags, Bags]],
    schedule: Schedule,
    *,
    seed: int,
    report: Callable[[int, float], None],
) -> NDArray[np.float32]:
    """Trains a copy of the embeddings and returns it; `report(step, loss)` is called after each step."""
    rng = np.random.default_rng(seed)
    weight = torch.nn.Parameter(torch.from_numpy(embeddings.copy()))
    optimizer = torch.optim.Adam([weight], lr=schedule.learning_rate, fused=True)
    for step in range(schedule.n_steps):
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate(step)
        queries, passages = draw(rng)
        loss = pair_loss(weight, queries, passages, schedule.temperature)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        report(step, loss.item())
    return weight.detach().numpy()
