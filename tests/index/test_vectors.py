from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.vectors import build_vectors, open_vectors


def unit_rows(n: int, dim: int, seed: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(n, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("n", "dim", "top_k"), [(1, 8, 1), (7, 8, 3), (500, 32, 10), (500, 33, 500), (20, 8, 99)])
def test_search_is_a_full_sort_of_the_inner_products(seed: int, n: int, dim: int, top_k: int) -> None:
    rows, query = unit_rows(n, dim, seed), unit_rows(1, dim, seed + 100)[0]
    found, cosines = build_vectors(rows).search(query, top_k)
    expected = rows @ query
    order = np.argsort(-expected, kind="stable")[:top_k]
    assert found.tolist() == order.tolist()
    np.testing.assert_allclose(cosines, expected[order], atol=1e-5)
    assert (found.dtype, cosines.dtype) == (np.int64, np.float32)


def test_a_row_finds_itself_with_cosine_one() -> None:
    rows = unit_rows(50, 16, 1)
    found, cosines = build_vectors(rows).search(rows[17], 1)
    assert found.tolist() == [17]
    assert cosines[0] == pytest.approx(1, abs=1e-5)


def test_more_than_there_are_gives_all_there_are_and_nothing_gives_none() -> None:
    vectors = build_vectors(unit_rows(3, 8, 0))
    assert sorted(vectors.search(unit_rows(1, 8, 1)[0], 10)[0].tolist()) == [0, 1, 2]
    for top_k in (0, -1):
        rows, cosines = vectors.search(unit_rows(1, 8, 1)[0], top_k)
        assert (rows.shape, cosines.shape) == ((0,), (0,))


def test_an_index_without_rows_finds_nothing() -> None:
    vectors = build_vectors(np.zeros((0, 8), np.float32))
    assert (vectors.n_rows, vectors.dim) == (0, 8)
    rows, cosines = vectors.search(unit_rows(1, 8, 1)[0], 5)
    assert (rows.shape, cosines.shape) == ((0,), (0,))
    assert vectors.rows(np.zeros(0, np.int64)).shape == (0, 8)


def test_a_zero_query_has_cosine_zero_with_everything() -> None:
    rows, cosines = build_vectors(unit_rows(4, 8, 0)).search(np.zeros(8, np.float32), 4)
    assert sorted(rows.tolist()) == [0, 1, 2, 3]
    assert cosines.tolist() == [0, 0, 0, 0]


def test_rows_come_back_bit_by_bit_in_the_order_asked_for(tmp_path: Path) -> None:
    rows = unit_rows(30, 16, 2)
    vectors = build_vectors(rows[::-1])  # a view that is not contiguous
    vectors.save(tmp_path / "v.faiss")
    asked = np.array([29, 0, 5, 5])
    for index in (vectors, open_vectors(tmp_path / "v.faiss")):
        assert (index.n_rows, index.dim) == (30, 16)
        np.testing.assert_array_equal(index.rows(asked), rows[::-1][asked], strict=True)
        np.testing.assert_array_equal(index.search(rows[3], 5)[0], vectors.search(rows[3], 5)[0])
