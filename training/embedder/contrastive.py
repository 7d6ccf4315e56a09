"""Contrastive training of a bag of embeddings: every other passage of the batch is a negative."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from torch.nn import functional

from training.embedder.pairs import Bags


@dataclass(frozen=True, slots=True)
class Schedule:
    """One phase of training."""

    n_steps: int
    learning_rate: float
    temperature: float = 0.05
    warmup_steps: int = 50
    lexical: float = 0.0
    """Logits that the best match by words is worth in half of the loss; 0 leaves words out."""

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


def lexical_scores(queries: Bags, passages: Bags, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a search by words would say: (n_queries, n_passages), the best of each query 1.

    The sum of the weights of the pieces that both have, a repeated piece in the passage saturating as in BM25.
    """

    def matrix(bags: Bags) -> csr_matrix:
        ones = np.ones(len(bags.ids), np.float32)
        counts = csr_matrix((ones, bags.ids, bags.offsets), shape=(len(bags.offsets) - 1, len(weights)))
        counts.sum_duplicates()
        return counts

    asked, held = matrix(queries), matrix(passages)
    asked.data *= weights[asked.indices]
    held.data *= 2.5 / (held.data + 1.5)
    scores = (asked @ held.T).toarray()
    return scores / np.maximum(scores.max(axis=1, keepdims=True), 1e-6)


def pair_loss(
    weight: torch.Tensor, queries: Bags, passages: Bags, schedule: Schedule, weights: NDArray[np.float32] | None
) -> torch.Tensor:
    """The contrastive loss of a batch; half of it, if asked, with the lexical scores added to the cosines.

    The second half is small where words alone find the passage, so that the embedding learns what they leave
    (CLEAR, Gao et al. 2021). The product is taken in bfloat16: it is half of the time of a step.
    """
    asked, held = embed_bags(weight, queries), embed_bags(weight, passages)
    logits = (asked.bfloat16() @ held.bfloat16().T).float() / schedule.temperature
    if weights is None or not schedule.lexical:
        return contrastive_loss(logits)
    lexical = torch.from_numpy(lexical_scores(queries, passages, weights)) * schedule.lexical
    return 0.5 * (contrastive_loss(logits) + contrastive_loss(logits + lexical))


def train_contrastive(
    embeddings: NDArray[np.float32],
    draw: Callable[[np.random.Generator], tuple[Bags, Bags]],
    schedule: Schedule,
    *,
    seed: int,
    weights: NDArray[np.float32] | None = None,
    report: Callable[[int, float], None],
) -> NDArray[np.float32]:
    """Trains a copy of the embeddings and returns it; `report(step, loss)` is called after each step.

    `weights` (n_pieces,) are those of the lexical scores, for a schedule that uses them.
    """
    rng = np.random.default_rng(seed)
    weight = torch.nn.Parameter(torch.from_numpy(embeddings.copy()))
    optimizer = torch.optim.Adam([weight], lr=schedule.learning_rate, fused=True)
    for step in range(schedule.n_steps):
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate(step)
        queries, passages = draw(rng)
        loss = pair_loss(weight, queries, passages, schedule, weights)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        report(step, loss.item())
    return weight.detach().numpy()
