import os
import subprocess
import sys
from pathlib import Path

import faiss
import numpy as np
import pytest
from numpy.typing import NDArray

import index.vectors
from index.vectors import VectorBuilder, VectorIndex, open_vectors


def build_vectors(rows: NDArray[np.float32]) -> VectorIndex:
    """An index over unit rows (n, dim)."""
    builder = VectorBuilder(rows.shape[1])
    builder.add(rows)
    return builder.finish()


def unit_rows(n: int, dim: int, seed: int) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(n, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def as_stored(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return rows.astype(np.float16).astype(np.float32)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("n", "dim", "top_k"), [(1, 8, 1), (7, 8, 3), (500, 32, 10), (500, 33, 500), (20, 8, 99)])
def test_search_is_a_full_sort_of_the_inner_products(seed: int, n: int, dim: int, top_k: int) -> None:
    rows, query = unit_rows(n, dim, seed), unit_rows(1, dim, seed + 100)[0]
    vectors = build_vectors(rows)
    found, cosines = vectors.search(query, top_k)
    stored = vectors.rows(np.arange(n))  # FAISS rounds to half precision in its own way where 8 does not divide dim
    np.testing.assert_allclose(stored, rows, rtol=1e-3, atol=1e-7)
    expected = stored @ query
    order = np.argsort(-expected, kind="stable")[:top_k]
    assert len(set(found.tolist())) == len(order)
    np.testing.assert_allclose(expected[found], expected[order], atol=1e-6)  # rows as near as that in either order
    np.testing.assert_allclose(cosines, expected[order], atol=1e-5)
    assert (found.dtype, cosines.dtype) == (np.int64, np.float32)


def test_a_row_finds_itself_with_cosine_one() -> None:
    rows = unit_rows(50, 16, 1)
    found, cosines = build_vectors(rows).search(rows[17], 1)
    assert found.tolist() == [17]
    assert cosines[0] == pytest.approx(1, abs=1e-3)


def test_half_precision_moves_a_cosine_by_less_than_a_thousandth() -> None:
    rows, queries = unit_rows(300, 64, 4), unit_rows(20, 64, 5)
    vectors = build_vectors(rows)
    for query in queries:
        found, cosines = vectors.search(query, 300)
        np.testing.assert_allclose(cosines, rows[found] @ query, atol=1e-3)


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
    for made in (vectors, open_vectors(tmp_path / "v.faiss")):
        assert (made.n_rows, made.dim) == (30, 16)
        np.testing.assert_array_equal(made.rows(asked), as_stored(rows[::-1][asked]), strict=True)
        np.testing.assert_array_equal(made.search(rows[3], 5)[0], vectors.search(rows[3], 5)[0])


@pytest.fixture
def low_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes are used from 1,000 rows on, and fewer rows are scored again."""
    monkeypatch.setattr(index.vectors, "EXACT_LIMIT", 1000)
    monkeypatch.setattr(index.vectors, "_MORE_CANDIDATES", 300)


def clustered_rows(n: int, dim: int, seed: int) -> NDArray[np.float32]:
    """Unit rows around 50 centres, so that a row has neighbours, as texts have."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(50, dim))[rng.integers(50, size=n)] + rng.normal(size=(n, dim))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.usefixtures("low_limit")
def test_the_size_decides_whether_all_rows_are_scanned() -> None:
    rows = clustered_rows(1001, 64, 0)
    exact, coded = build_vectors(rows[:1000]), build_vectors(rows)
    assert (exact.is_exact, coded.is_exact) == (True, False)
    assert exact.measure_recall() == 1.0


@pytest.mark.usefixtures("low_limit")
def test_a_search_by_codes_gives_true_cosines_and_nearly_all_true_results() -> None:
    rows, queries = clustered_rows(4000, 128, 1), clustered_rows(40, 128, 2)
    vectors = build_vectors(rows)
    recalls = []
    for query in queries:
        found, cosines = vectors.search(query, 10)
        np.testing.assert_allclose(cosines, as_stored(rows)[found] @ query, atol=1e-5)
        assert (np.diff(cosines) <= 0).all()
        true = np.argsort(-(as_stored(rows) @ query), kind="stable")[:10]
        assert vectors.search_exact(query, 10)[0].tolist() == true.tolist()
        recalls.append(len(set(found.tolist()) & set(true.tolist())) / 10)
    assert np.mean(recalls) > 0.97


@pytest.mark.usefixtures("low_limit")
def test_the_recall_that_is_measured_is_that_of_the_rows_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = clustered_rows(3000, 64, 3)
    vectors = build_vectors(rows)
    assert vectors.measure_recall() > 0.95
    monkeypatch.setattr(index.vectors, "_MORE_CANDIDATES", 0)
    monkeypatch.setattr(index.vectors, "_CANDIDATES_PER_RESULT", 1)
    expected = []
    for row in np.linspace(0, 2999, 32).astype(int):
        true = np.argsort(-(as_stored(rows) @ as_stored(rows)[row]))[1:11]
        found = [other for other in vectors.search(as_stored(rows)[row], 11)[0].tolist() if other != row]
        expected.append(len(set(found[:10]) & set(true.tolist())) / 10)
    assert 0.2 < np.mean(expected) < 0.9, "codes alone miss many"
    assert vectors.measure_recall() == pytest.approx(np.mean(expected))


@pytest.mark.usefixtures("low_limit")
def test_more_results_than_candidates_and_more_than_there_are() -> None:
    rows = clustered_rows(1500, 32, 4)
    vectors = build_vectors(rows)
    for top_k in (1, 700, 1500, 2000):
        found, cosines = vectors.search(rows[7], top_k)
        assert len(set(found.tolist())) == len(cosines) == min(top_k, 1500)
        assert found[0] == 7


@pytest.mark.usefixtures("low_limit")
@pytest.mark.parametrize("n", [600, 1500])
def test_rows_from_the_index_before_give_the_same_file_as_rows_from_the_model(tmp_path: Path, n: int) -> None:
    before_rows, new = clustered_rows(1200, 32, 5), clustered_rows(300, 32, 6)
    build_vectors(before_rows).save(tmp_path / "before")
    order = np.random.default_rng(0).permutation(1200)[: n - 300]
    builder = VectorBuilder(32)
    before = open_vectors(tmp_path / "before")
    builder.add(before.rows(order[:100]))
    builder.add(new)
    builder.add(before.rows(order[100:]))
    builder.finish().save(tmp_path / "incremental")
    at_once = np.concatenate([before_rows[order[:100]], new, before_rows[order[100:]]])
    build_vectors(at_once).save(tmp_path / "at once")
    assert (tmp_path / "incremental").read_bytes() == (tmp_path / "at once").read_bytes()


@pytest.mark.usefixtures("low_limit")
@pytest.mark.parametrize("n", [500, 1500])
def test_an_opened_index_is_mapped_and_finds_the_same(tmp_path: Path, n: int) -> None:
    rows = clustered_rows(n, 64, 7)
    vectors = build_vectors(rows)
    vectors.save(tmp_path / "v.faiss")
    opened = open_vectors(tmp_path / "v.faiss")
    assert str(tmp_path / "v.faiss") in Path("/proc/self/maps").read_text(encoding="utf-8")
    assert opened.is_exact == vectors.is_exact
    for query in rows[:5]:
        for ours, theirs in zip(opened.search(query, 10), vectors.search(query, 10), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_vectors_of_another_type_are_refused(tmp_path: Path) -> None:
    flat = faiss.IndexFlatIP(8)
    faiss.write_index(flat, str(tmp_path / "v.faiss"))
    with pytest.raises(ValueError, match="IndexFlat"):
        open_vectors(tmp_path / "v.faiss")
    with pytest.raises(ValueError, match="IndexFlat"):
        VectorIndex(flat)


SEARCH_AND_COUNT_THREADS = """
import os
import threading
import time
import numpy as np
import index.vectors as vectors
from tests.index.test_vectors import build_vectors

vectors.EXACT_LIMIT = 1000
rows = np.random.default_rng(0).normal(size=(3000, 64)).astype(np.float32)
indexes = [build_vectors(rows[:500]), build_vectors(rows)]


def search():
    for made in indexes:
        for query in rows[:20]:
            made.search(query, 10)
            made.rows(np.arange(200))


before = len(os.listdir("/proc/self/task"))
search()
workers = [threading.Thread(target=search) for _ in range(3)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
deadline = time.monotonic() + 60
while (more := len(os.listdir("/proc/self/task")) - before) and time.monotonic() < deadline:
    time.sleep(0.01)  # a thread that was joined is listed for a moment
print(more)
"""


def test_a_search_starts_no_threads_of_its_own() -> None:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    code = SEARCH_AND_COUNT_THREADS.replace("before =", "vectors.faiss.omp_set_num_threads(4)\nbefore =")
    finished = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert finished.stdout == "0\n", finished.stderr
