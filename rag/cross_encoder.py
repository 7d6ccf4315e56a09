"""Any cross-encoder as reranker: it reads the question together with each retrieved text and says how well they match.

The model is loaded by sentence-transformers, with the prompt and the longest input that it declares itself. The reader
still finds the sentence that answers and its span; the cross-encoder decides which texts the reader is given, and in
which order they are shown.
"""

import os
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.errors import ModelError

from .types import Hit


class CrossEncoderReranker:
    """A loaded cross-encoder. May be used from several threads: they take turns."""

    def __init__(self, name: str) -> None:
        """`name` is a folder, or a name on the hub or in the hub's cache. Raises ModelError where it cannot be used."""
        folder = Path(name).expanduser()
        if not folder.is_dir() and (folder.is_absolute() or name.startswith((".", "~")) or name.count(os.sep) > 1):
            raise _load_error(name, "there is no such folder")
        from sentence_transformers import CrossEncoder  # seconds, and torch: only where a reranker is set
        from torch.nn import Sigmoid

        try:
            self._model = CrossEncoder(str(folder.resolve()) if folder.is_dir() else name)
            n_labels = int(self._model.num_labels)
        except Exception as error:  # the loaders below it raise whatever a damaged file provokes
            raise _load_error(name, str(error).strip().split("\n")[0].rstrip(".")) from error
        if n_labels != 1:
            raise _load_error(name, f"it gives {n_labels} scores for a pair of texts, a reranker gives one")
        self.name = name
        self._probability = Sigmoid()
        self._turn = threading.Lock()

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float64]:
        """How well each text answers, 0 to 1, shape (n_texts,). Raises ModelError where a score is not a number."""
        if not texts:
            return np.zeros(0)
        pairs = [(question, text) for text in texts]
        with self._turn:  # the tokenizers of transformers are not made for several threads
            said = self._model.predict(pairs, activation_fn=self._probability, show_progress_bar=False)
        scores = np.asarray(said, dtype=np.float64)
        if not np.isfinite(scores).all():
            raise ModelError(f"The reranker {self.name!r} gives scores that are not numbers. Set another one.")
        return scores


def rerank_with(reranker: CrossEncoderReranker, question: str, hits: Sequence[Hit]) -> list[Hit]:
    """The hits in the order of the cross-encoder's scores, equal ones as they were; ranks from 1."""
    texts = ["\n".join(part for part in (hit.chunk.title, hit.chunk.text) if part) for hit in hits]
    scores = reranker.scores(question, texts).tolist()
    ordered = sorted(zip(scores, hits, strict=True), key=lambda pair: (-pair[0], pair[1].rank))
    return [
        replace(hit, score=score, rank=rank, source="reranked") for rank, (score, hit) in enumerate(ordered, start=1)
    ]


def _load_error(name: str, reason: str) -> ModelError:
    return ModelError(
        f"The reranker {name!r} cannot be loaded: {reason}. Set the folder of a cross-encoder, or a hub name that this "
        "machine can reach or has in its cache; without a reranker the reader that ships orders the passages."
    )
