"""Postings by every road are those that counting all rows at once gives."""

import itertools
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.generation.postings import Postings, TermCounts, invert_counts, join_postings, merge_postings, move_rows
from index.generation.term_counts import count_all_terms
from index.terms import split_terms, term_key

TEXTS = st.lists(st.text(alphabet="大桥合龙 a。", max_size=8), max_size=9)


def invert(texts: Sequence[str]) -> Postings:
    return invert_counts(TermCounts(*count_all_terms(texts)))


def assert_same(found: Postings, expected: Postings) -> None:
    for name in Postings.__slots__:
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), err_msg=name)


def test_postings_are_what_counting_gives() -> None:
    postings = invert(["大桥，大桥", "", "合龙大桥"])
    found = {}
    for j, term in enumerate(postings.terms.tolist()):
        own = slice(postings.starts[j], postings.starts[j + 1])
        found[term] = list(zip(postings.rows[own].tolist(), postings.counts[own].tolist(), strict=True))
    expected: dict[int, list[tuple[int, int]]] = {}
    for row, text in enumerate(["大桥，大桥", "", "合龙大桥"]):
        for term, count in Counter(map(term_key, split_terms(text))).items():
            expected.setdefault(term, []).append((row, count))
    assert found == expected
    assert postings.lengths.tolist() == [2, 0, 3]


@given(TEXTS, st.lists(st.integers(0, 9), max_size=3))
def test_joined_blocks_are_the_whole(texts: list[str], cuts: list[int]) -> None:
    bounds = sorted({0, len(texts), *(cut for cut in cuts if cut < len(texts))})
    blocks = [invert(texts[a:b]) for a, b in itertools.pairwise(bounds)]
    assert_same(join_postings(blocks), invert(texts))


@given(st.booleans(), TEXTS, st.data())
def test_moved_and_merged_rows_are_the_whole(in_pieces: bool, before: list[str], data: st.DataObject) -> None:
    after: list[str | None] = []  # None: a row that is taken over
    new_rows = np.full(len(before), -1, np.int32)
    for i in range(len(before)):
        after += data.draw(TEXTS.map(lambda texts: texts[:2]))
        if data.draw(st.booleans()):
            new_rows[i] = len(after)
            after.append(None)
    kept = {int(row): before[i] for i, row in enumerate(new_rows) if row >= 0}
    whole = [kept[row] if text is None else text for row, text in enumerate(after)]
    new = invert([text or "" for text in after])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.generation.postings._FEW", 0 if in_pieces else 10**9)
        found = merge_postings(move_rows(invert(before), new_rows, len(after)), new)
    assert_same(found, invert(whole))


def test_rows_may_change_places() -> None:
    texts = ["大桥", "合龙大桥", "大桥大桥", "龙"]
    new_rows = np.array([3, -1, 0, 1], np.int32)
    assert_same(move_rows(invert(texts), new_rows, 4), invert(["大桥大桥", "龙", "", "大桥"]))


@pytest.mark.parametrize(("n", "dtype"), [(255, np.uint8), (256, np.uint16), (65536, np.uint32)])
def test_a_count_is_never_cut(n: int, dtype: type) -> None:
    postings = invert(["大桥 " * n])
    assert (postings.counts.max(), postings.counts.dtype) == (n, dtype)
    assert_same(join_postings([invert([""]), postings]), invert(["", "大桥 " * n]))
    assert_same(merge_postings(invert(["合龙", ""]), invert(["", "大桥 " * n])), invert(["合龙", "大桥 " * n]))
