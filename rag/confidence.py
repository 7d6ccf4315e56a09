"""How sure it is that the documents answer: what decides between an answer and a refusal."""

from collections.abc import Sequence

from .types import Hit, Passage, Reading


def confidence(question: str, hits: Sequence[Hit], passages: Sequence[Passage], readings: Sequence[Reading]) -> float:
    """The highest probability, over the passages, that one answers the question; 0 to 1."""
    return max((reading.answerable for reading in readings), default=0.0)
