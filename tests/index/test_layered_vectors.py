"""Two layers of vectors are searched as one: checked against a numpy dot over the rows that are alive."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.generation.layers import LayeredVectors

from .test_vectors import build_vectors

DIM = 8


def unit(n: int, seed: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(n, DIM)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@given(st.integers(1, 30), st.integers(0, 8), st.integers(0, 10**6), st.integers(0, 40))
def test_a_search_is_that_of_the_rows_that_are_alive(n_base: int, n_recent: int, seed: int, top_k: int) -> None:
    rng = np.random.default_rng(seed)
    base, recent = unit(n_base, seed), unit(n_recent, seed + 1)
    alive = rng.permutation(n_base)[: rng.integers(1, n_base + 1)]
    places = rng.permutation(np.concatenate([alive, -1 - np.arange(n_recent)])).astype(np.int32)
    layered = LayeredVectors(build_vectors(base), build_vectors(recent) if n_recent else None, places=places)
    rows = layered.rows(np.arange(len(places)))
    expected = np.stack([base[p] if p >= 0 else recent[-1 - p] for p in places])
    np.testing.assert_allclose(rows, expected, atol=1e-3)  # half precision
    query = unit(1, seed + 2)[0]
    found, cosines = layered.search(query, top_k)
    scores = rows @ query
    assert len(found) == len(set(found.tolist())) == min(top_k, len(places))
    np.testing.assert_allclose(cosines, scores[found], atol=1e-5)
    np.testing.assert_allclose(cosines, np.sort(scores)[::-1][: len(found)], atol=1e-5)


@pytest.mark.parametrize(("places", "said"), [([0, -1], "there is not"), ([0, 0], "the same vector's place")])
def test_places_that_cannot_be_are_refused(places: list[int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        LayeredVectors(build_vectors(unit(2, 0)), None, places=np.array(places, np.int32))
