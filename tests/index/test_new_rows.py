import threading
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.generation import new_rows
from index.generation.embedded import EmbeddedVectors
from index.generation.new_rows import NewRows, content_key
from index.generation.term_counts import count_all_terms
from index.types import Chunk

TEXTS = [f"第{i}号大桥合龙{i % 7}" for i in range(23)]


class Lengths:
    """A text's vector is its length; `texts` are those that were embedded, `threads` where."""

    name = fingerprint = "lengths"
    dim = 8

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.threads: set[str] = set()

    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        self.threads.add(threading.current_thread().name)
        return np.array([[len(text)] * self.dim for text in texts], np.float32)

    embed_queries = embed_passages


class Broken(Lengths):
    def embed_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.texts:
            raise RuntimeError("the model is gone")
        return super().embed_passages(texts)


def rows_of(tmp_path: Path, embedder: Lengths) -> NewRows:
    return NewRows(embedder, EmbeddedVectors(tmp_path, embedder.fingerprint, embedder.dim), lambda key: None)


def add_all(rows: NewRows) -> None:
    for i, text in enumerate(TEXTS):
        rows.add(Chunk("a", 0, i, i + 1, ""), text)


@pytest.mark.parametrize("batch", [1, 5, 100])
def test_rows_are_in_the_order_in_which_they_were_added(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(new_rows, "BATCH", batch)
    embedder = Lengths()
    rows = rows_of(tmp_path, embedder)
    add_all(rows)
    rows.flush()
    assert embedder.texts == TEXTS
    assert threading.main_thread().name not in embedder.threads
    assert rows.n_embedded == len(TEXTS)
    assert rows.chunks()["start"].tolist() == list(range(len(TEXTS)))
    assert [key.ljust(16, b"\0") for key in rows.chunks()["key"].tolist()] == [content_key(text) for text in TEXTS]
    vectors = rows.embedded.vectors(rows.sources())
    assert vectors[:, 0].tolist() == [len(text) for text in TEXTS]
    starts, keys, counts = count_all_terms(TEXTS)
    postings = rows.postings()
    assert postings.lengths.tolist() == [int(counts[start:end].sum()) for start, end in pairwise(starts)]
    assert postings.terms.tolist() == sorted(set(keys.tolist()))


def test_what_goes_wrong_in_the_other_thread_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new_rows, "BATCH", 5)
    rows = rows_of(tmp_path, Broken())
    with pytest.raises(RuntimeError, match="the model is gone"):
        add_all(rows)
    rows.abandon()
    assert rows.embedded.find(content_key(TEXTS[0])) is not None


def test_a_build_that_stops_keeps_what_is_being_embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new_rows, "BATCH", 10)
    rows = rows_of(tmp_path, Lengths())
    add_all(rows)
    rows.abandon()
    rows.embedded.close()
    kept = EmbeddedVectors(tmp_path, "lengths", Lengths.dim)
    assert [kept.find(content_key(text)) is not None for text in TEXTS] == [True] * 20 + [False] * 3
