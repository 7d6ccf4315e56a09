"""The record between ranking and reading: a sentence that may answer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..types import Passage


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A sentence that may answer."""

    passage: Passage
    position: int
    """Of the sentence in its passage."""
    score: float
    probability: float
    """Share of this sentence among all candidates, by the softmax of their scores."""
    span: tuple[int, int]
    span_score: float
    cosine: float
    """Of the question and the sentence."""
    features: NDArray[np.float64]

    @property
    def text(self) -> str:
        """The sentence."""
        return self.passage.sentences[self.position].text
