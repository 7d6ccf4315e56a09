from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from rank_bm25 import BM25Okapi

import index.bm25
from index.bm25 import (
    BM25,
    STATISTICS,
    best_rows,
    fit_bm25,
    fit_layers,
    inverse_document_frequencies,
    open_bm25,
    save_postings,
    save_statistics,
)
from index.generation.postings import Postings, TermCounts
from index.generation.term_counts import count_all_terms
from index.terms import split_terms, term_key

DEFAULTS = {"k1": 1.5, "b": 0.75, "epsilon": 0.25}


def fit(texts: Sequence[str], **parameters: float) -> BM25:
    return fit_bm25(TermCounts(*count_all_terms(texts)), **(DEFAULTS | parameters))


def keys(question: str) -> list[int]:
    return [term_key(term) for term in split_terms(question)]


def random_text(rng: np.random.Generator, n: int) -> str:
    """Characters with very different frequencies, as in a language; 的 and 是 stand in most texts."""
    alphabet = "的是大桥合龙车程缩短红米丰收图书馆读者座位钢梁"
    weights = 1 / np.arange(1, len(alphabet) + 1)
    return "".join(rng.choice(list(alphabet), size=n, p=weights / weights.sum()))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("parameters", [{}, {"k1": 0.9, "b": 0.4, "epsilon": 0.1}, {"b": 0.0}, {"b": 1.0}])
def test_scores_are_those_of_rank_bm25(seed: int, parameters: dict[str, float]) -> None:
    rng = np.random.default_rng(seed)
    texts = [random_text(rng, int(n)) for n in rng.integers(1, 120, size=rng.integers(8, 60))]
    oracle = BM25Okapi([split_terms(text) for text in texts], **(DEFAULTS | parameters))
    assert oracle.average_idf > 0, "the model as it is, not mended"
    bm25 = fit(texts, **parameters)
    for question in [random_text(rng, 12), "的是的是的是", "合龙" * 5, "没有这些词xyz", "合龙没有", ""]:
        expected = oracle.get_scores(split_terms(question))
        np.testing.assert_allclose(bm25.score(keys(question)), expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("top_k", [0, 1, 3, 10, 500])
def test_the_best_rows_are_those_of_a_full_sort_and_equal_ones_by_row(
    monkeypatch: pytest.MonkeyPatch, seed: int, top_k: int
) -> None:
    rng = np.random.default_rng(seed)
    monkeypatch.setattr(index.bm25, "_GROUPS", 16)
    texts = [random_text(rng, int(n)) for n in rng.integers(1, 30, size=200)]
    bm25 = fit(texts + texts[:50])  # rows of equal score
    for question in [random_text(rng, 12), "的是的是的是", "合龙" * 5, "没有这些词xyz", "合龙没有", ""]:
        scores = bm25.score(keys(question))
        expected = [row for row in np.argsort(-scores, kind="stable").tolist() if scores[row] > 0][:top_k]
        rows, found = best_rows(scores, top_k)
        assert (rows.dtype, found.dtype) == (np.int64, np.float32)
        assert rows.tolist() == expected
        assert found.tolist() == scores[expected].tolist()


def test_repeated_terms_of_a_question_count() -> None:
    bm25 = fit(["大桥合龙", "车程缩短", "红米丰收", "读者排队", "图书开馆"])
    np.testing.assert_allclose(bm25.score(keys("大桥，大桥，大桥")), 3 * bm25.score(keys("大桥")), rtol=1e-6)


def test_a_worked_example() -> None:
    bm25 = fit(["大桥，大桥，合龙", "车程", "红米", "读者", "图书"])
    idf = np.log(5 - 1 + 0.5) - np.log(1 + 0.5)
    mean_length = (3 + 1 + 1 + 1 + 1) / 5
    expected = idf * 2 * (1.5 + 1) / (2 + 1.5 * (1 - 0.75 + 0.75 * 3 / mean_length))
    assert bm25.score(keys("大桥")).tolist() == pytest.approx([expected, 0, 0, 0, 0])


@pytest.mark.parametrize("n_rows", [1, 2, 3])
def test_a_tiny_corpus_is_searchable(n_rows: int) -> None:
    texts = ["大桥合龙", "大桥通车", "红米丰收"][:n_rows]
    bm25 = fit(texts)
    for row, text in enumerate(texts):
        scores = bm25.score(keys(text))
        assert scores[row] > 0
        assert scores.argmax() == row
        for term in split_terms(text):
            assert bm25.score([term_key(term)])[row] > 0


def test_a_corpus_whose_rows_are_all_the_same_is_searchable() -> None:
    assert (fit(["大桥合龙"] * 6).score(keys("大桥")) > 0).all()


def test_no_rows_and_rows_without_terms() -> None:
    assert fit([]).n_rows == 0
    assert fit([]).score(keys("大桥")).shape == (0,)
    bm25 = fit(["。", "", "——"])
    assert bm25.n_rows == 3
    assert bm25.score(keys("大桥")).tolist() == [0, 0, 0]
    mixed = fit(["。", "大桥", "红米", "读者", "图书"])
    assert mixed.score(keys("大桥")).argmax() == 1
    assert mixed.score(keys("大桥"))[0] == 0


def test_no_terms_have_no_weights() -> None:
    assert [array.shape for array in inverse_document_frequencies(np.zeros(0, np.int64), 3, 0.25)] == [(0,), (0,)]


def test_in_how_many_rows_a_term_stands() -> None:
    bm25 = fit(["大桥，大桥", "大桥合龙", "红米"])
    terms = ["大桥", "合龙", "红米", "没有"]
    assert bm25.document_frequencies([term_key(term) for term in terms]) == [2, 1, 1, 0]


@pytest.mark.parametrize("seed", range(4))
def test_idf_is_that_of_rank_bm25_for_every_frequency(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_rows = int(rng.integers(50, 60))
    frequencies = np.minimum(rng.geometric(0.1, size=300), n_rows)
    frequencies[:3] = [n_rows, n_rows - 1, n_rows // 2 + 1]
    model = BM25Okapi([["x"]] * 3)
    model.corpus_size, model.epsilon, model.idf = n_rows, 0.25, {}
    model._calc_idf(dict(enumerate(frequencies.tolist())))
    assert min(frequencies) < n_rows / 2 < max(frequencies)
    distinct, idf = inverse_document_frequencies(frequencies, n_rows, 0.25)
    np.testing.assert_allclose(idf[np.searchsorted(distinct, frequencies)], list(model.idf.values()))


@pytest.mark.parametrize("seed", range(10))
def test_rows_in_two_layers_score_as_in_one(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n_base, n_recent = int(rng.integers(1, 30)), int(rng.integers(0, 6))
    texts = [random_text(rng, int(n)) + f" 词{i}" for i, n in enumerate(rng.integers(0, 60, size=n_base + n_recent))]
    alive = rng.permutation(n_base)[: rng.integers(0, n_base + 1)]
    places = rng.permutation(np.concatenate([alive, -1 - np.arange(n_recent)])).astype(np.int32)
    expected = fit([texts[place] if place >= 0 else texts[n_base - 1 - place] for place in places])
    layers = [fit(part).postings for part in (texts[:n_base], texts[n_base:]) if part]
    bm25 = fit_layers(layers, places, **DEFAULTS)
    for i, layer in enumerate(layers):
        (tmp_path / f"{i}").mkdir()
        save_postings(layer, tmp_path / f"{i}")
    save_statistics(bm25, tmp_path / "bm25")
    for found in (bm25, open_bm25(tmp_path / "bm25", [tmp_path / f"{i}" for i in range(len(layers))], places)):
        assert found.n_rows == len(places)
        for name in Postings.__slots__:
            np.testing.assert_array_equal(getattr(found.postings, name), getattr(expected.postings, name))
        for question in [random_text(rng, 12), "的是的是的是", f"词{rng.integers(n_base)}", "没有这些词xyz", ""]:
            np.testing.assert_array_equal(found.score(keys(question)), expected.score(keys(question)), strict=True)
            frequencies = expected.document_frequencies(keys(question))
            assert found.document_frequencies(keys(question)) == frequencies


@pytest.mark.parametrize("texts", [[], ["。"], ["大桥合龙", "大桥通车", "", "红米 丰收", "GDP 3.5"]])
def test_what_is_opened_is_what_was_saved(tmp_path: Path, texts: list[str]) -> None:
    bm25 = fit(texts)
    save_statistics(bm25, tmp_path / "bm25")
    save_postings(bm25.postings, tmp_path)
    opened = open_bm25(tmp_path / "bm25", [tmp_path])
    for name in STATISTICS:
        found, expected = getattr(opened.statistics, name), getattr(bm25.statistics, name)
        np.testing.assert_array_equal(found, expected, strict=True)
    for name in Postings.__slots__:
        np.testing.assert_array_equal(getattr(opened.postings, name), getattr(bm25.postings, name), strict=True)
    np.testing.assert_array_equal(opened.score(keys("大桥gdp")), bm25.score(keys("大桥gdp")))
