"""What the reader is trained to do, as one number: evidence, spans and answerability together."""

import torch
from torch import Tensor
from torch.nn import functional

from training.reader.batches import Targets

LOW = -1e4


def reader_loss(outputs: tuple[Tensor, Tensor, Tensor, Tensor], targets: Targets) -> Tensor:
    """Mean over rows of: evidence (listwise with a null option, and binary), span edges, answerability (binary)."""
    evidence, start, end, answerable = (output.float() for output in outputs)
    binary = functional.binary_cross_entropy_with_logits(evidence, targets.evidence, reduction="none")
    per_row = (binary * targets.real).sum(dim=1).mean()
    whether = functional.binary_cross_entropy_with_logits(answerable, targets.answerable)
    edges = _edge(start, targets.starts, targets.readable) + _edge(end, targets.ends, targets.readable)
    return listwise(evidence, targets) + 0.5 * per_row + 0.5 * edges + whether


def listwise(evidence: Tensor, targets: Targets) -> Tensor:
    """Minus the log-probability of the answering sentences among all sentences of a question's passages and "none".

    The two passages of a joined pair share one softmax, which makes scores comparable between passages.
    """
    n = evidence.shape[1]
    shown = evidence.masked_fill(targets.real == 0, LOW)
    wanted = evidence.masked_fill(targets.evidence == 0, LOW)
    null = torch.zeros(evidence.shape[0], 1)
    none_wanted = null.masked_fill(targets.evidence.any(dim=1, keepdim=True), LOW)
    alone = torch.logsumexp(torch.cat([shown, null], 1), 1) - torch.logsumexp(torch.cat([wanted, none_wanted], 1), 1)
    pair_none = null[::2].masked_fill(targets.evidence.view(-1, 2 * n).any(dim=1, keepdim=True), LOW)
    everything = torch.cat([shown.view(-1, 2 * n), null[::2]], 1)
    right = torch.cat([wanted.view(-1, 2 * n), pair_none], 1)
    together = torch.logsumexp(everything, 1) - torch.logsumexp(right, 1)
    apart = alone.view(-1, 2).mean(dim=1)
    return (targets.joined * together + (1 - targets.joined) * apart).mean()


def _edge(logits: Tensor, right: Tensor, readable: Tensor) -> Tensor:
    """Minus the log-probability of any right edge among the passage's characters; rows without an answer count 0."""
    has = right.any(dim=1)
    if not bool(has.any()):
        return logits.new_zeros(())
    shown = logits[has].masked_fill(readable[has] == 0, LOW)
    return (torch.logsumexp(shown, 1) - torch.logsumexp(shown.masked_fill(right[has] == 0, LOW), 1)).sum() / len(has)
