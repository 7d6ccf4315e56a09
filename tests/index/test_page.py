from collections.abc import Sequence

import pytest

from index.cohesion import Cohesion
from index.lines import read_lines
from index.page import split_page

from .pages import BRIDGE, BRIDGE_TITLE, LIBRARY, LIBRARY_TITLE, RICE, RICE_TITLE, page


def test_a_long_page_is_cut_in_few_attempts_and_where_the_subject_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    contrast = Cohesion.contrast

    def counting(self: Cohesion, first: Sequence[str], second: Sequence[str]) -> float:
        sizes.append(len(first) + len(second))
        return contrast(self, first, second)

    monkeypatch.setattr(Cohesion, "contrast", counting)
    n_bridge, n_rice = 111, 189
    dateline = "本报青河10月3日电（记者陈思）"
    text = page(
        BRIDGE_TITLE,
        dateline + BRIDGE[0],
        *(BRIDGE[i % 3] for i in range(1, n_bridge)),
        *(RICE[i % 3] for i in range(n_rice)),
        "（记者王林）",
        "本报云岭10月2日电",
        RICE_TITLE,
        LIBRARY_TITLE,
        *LIBRARY,
    )
    bridge, rice, library = split_page(read_lines(text))
    found = [([line.text for line in draft.titles], len(draft.paragraphs())) for draft in (bridge, rice, library)]
    assert found == [([BRIDGE_TITLE], n_bridge), ([RICE_TITLE], n_rice), ([LIBRARY_TITLE], len(LIBRARY))]
    assert 0 < len(sizes) <= 80  # of 299 places where the body could be cut
    assert set(sizes) == {n_bridge + n_rice + 2}
