from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import index.generation.term_counts
from index.generation.term_counts import count_all_terms
from index.terms import split_terms, term_key

MIXED = st.text(alphabet="长江大桥〇𠮷臺ab Z１2,.。\n-_é٣\x00\ud800", max_size=60)


def require_counts(texts: list[str]) -> None:
    """Each text's terms are counted as `split_terms` gives them, one by one."""
    starts, keys, counts = count_all_terms(texts)
    assert (starts.dtype, keys.dtype, counts.dtype) == (np.int64, np.int64, np.int32)
    assert (starts[0], starts[-1], len(starts)) == (0, len(keys), len(texts) + 1)
    for i, text in enumerate(texts):
        own = slice(starts[i], starts[i + 1])
        assert np.all(np.diff(keys[own]) > 0)
        assert dict(zip(keys[own].tolist(), counts[own].tolist(), strict=True)) == Counter(
            map(term_key, split_terms(text))
        )


@given(st.lists(MIXED, max_size=6))
def test_counts_are_those_of_the_terms_of_each_text(texts: list[str]) -> None:
    require_counts(texts)


@given(st.lists(st.text(), max_size=4))
def test_any_text_can_be_counted(texts: list[str]) -> None:
    require_counts(texts)


@pytest.mark.parametrize(
    "texts",
    [[], [""], ["", "。", ""], ["江", "江"], ["长江大桥长江", "GDP增长1,234.5万吨 GDP gdp", "", "江 a 江 a 5g"]],
)
def test_empty_texts_and_repeats(texts: list[str]) -> None:
    require_counts(texts)


def test_blocks_are_joined_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"第{i}号大桥，大桥" * (i % 3) for i in range(11)]
    whole = count_all_terms(texts)
    monkeypatch.setattr(index.generation.term_counts, "_ROWS_PER_SORT", 3)
    for one, other in zip(whole, count_all_terms(texts), strict=True):
        np.testing.assert_array_equal(one, other, strict=True)
    require_counts(texts)
