"""(question, hits) -> hits: the reader's evidence, mixed with the score that the retrieval gave."""

from collections.abc import Sequence
from dataclasses import replace

from .types import Hit, Passage, Reading


def rerank_hits(
    hits: Sequence[Hit], passages: Sequence[Passage], readings: Sequence[Reading], retrieval_weight: float
) -> list[Hit]:
    """Hits that were read come first, by `weight * fused / max(fused) + (1 - weight) * evidence`; then the others.

    A hit's evidence is that of its best sentence.
    """
    evidence: dict[tuple[str, int, int], float] = {}
    for passage, reading in zip(passages, readings, strict=True):
        for hit in passage.hits:
            best = max(
                (
                    value
                    for sentence, value in zip(passage.sentences, reading.evidence, strict=True)
                    if any(a < hit.chunk.end and hit.chunk.start < b for a, b in sentence.spans)
                ),
                default=0.0,
            )
            key = (hit.chunk.doc_id, hit.chunk.start, hit.chunk.end)
            evidence[key] = max(evidence.get(key, 0.0), best)
    highest = max((hit.score for hit in hits), default=0.0) or 1.0
    scored: list[tuple[float, Hit]] = []
    for hit in hits:
        found = evidence.get((hit.chunk.doc_id, hit.chunk.start, hit.chunk.end))
        share = retrieval_weight * hit.score / highest
        scored.append((share + (1 - retrieval_weight) * found if found is not None else share - 1, hit))
    scored.sort(key=lambda pair: (-pair[0], pair[1].rank))
    return [
        replace(hit, score=score, rank=rank, source="reranked") for rank, (score, hit) in enumerate(scored, start=1)
    ]
