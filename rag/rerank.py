"""(question, hits) -> hits: in the order of the best sentence that each holds."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from .context import touches
from .reading.candidates import Candidate
from .types import Hit


def rerank_hits(hits: Sequence[Hit], candidates: Sequence[Candidate]) -> list[Hit]:
    """Hits that hold a candidate come first, by the probability of their best one; then the others as they were.

    A hit's new score is that probability, or 0 where none of its sentences was read.
    """
    best: dict[tuple[str, int, int], float] = {}
    for candidate in candidates:
        sentence = candidate.passage.sentences[candidate.position]
        for hit in candidate.passage.hits:
            if touches(sentence, hit):
                key = (hit.chunk.doc_id, hit.chunk.start, hit.chunk.end)
                best[key] = max(best.get(key, 0.0), candidate.probability)
    scored = [(best.get((hit.chunk.doc_id, hit.chunk.start, hit.chunk.end), 0.0), hit) for hit in hits]
    scored.sort(key=lambda pair: (-pair[0], pair[1].rank))
    return [
        replace(hit, score=score, rank=rank, source="reranked") for rank, (score, hit) in enumerate(scored, start=1)
    ]


def interleave_hits(lists: Sequence[Sequence[Hit]]) -> list[Hit]:
    """The hits of several questions, the first of each, then the second of each; a chunk once; ranks from 1."""
    if len(lists) == 1:
        return list(lists[0])
    found: dict[tuple[str, int, int], Hit] = {}
    for row in zip_longest(*lists):
        for hit in row:
            if hit is not None:
                found.setdefault((hit.chunk.doc_id, hit.chunk.start, hit.chunk.end), hit)
    return [replace(hit, rank=rank) for rank, hit in enumerate(found.values(), start=1)]
