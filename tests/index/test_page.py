from collections.abc import Iterable

import pytest

from index.pages.cohesion import Cohesion
from index.pages.page import find_drafts, split_page, split_pages
from index.pages.tagger import load_weights

from .pages import BRIDGE, BRIDGE_TITLE, LIBRARY, LIBRARY_TITLE, RICE, RICE_TITLE, page

WEIGHTS = load_weights()
STORIES = [(BRIDGE_TITLE, BRIDGE), (RICE_TITLE, RICE), (LIBRARY_TITLE, LIBRARY)]


def long_page(n_articles: int) -> str:
    """Articles in the usual form; every second one breaks off."""
    lines: list[str] = []
    for number in range(n_articles):
        title, body = STORIES[number % 3]
        end = body[2][:-6] if number % 2 else body[2]
        lines += [f"{title}之{number}", f"本报青河10月3日电（记者陈思）{body[0]}", body[1], end]
    return page(*lines)


def test_the_work_for_a_page_grows_no_faster_than_its_length(monkeypatch: pytest.MonkeyPatch) -> None:
    n_texts = [0]
    between = Cohesion.between

    def counting(self: Cohesion, a: Iterable[str], b: Iterable[str]) -> float:
        left, right = list(a), list(b)
        n_texts[0] += len(left) + len(right)
        return between(self, left, right)

    monkeypatch.setattr(Cohesion, "between", counting)
    work = []
    for n_articles in (200, 800):
        n_texts[0] = 0
        assert len(split_page(long_page(n_articles), WEIGHTS)) > 0.8 * n_articles
        work.append(n_texts[0])
    assert work[1] < 5 * work[0]


def test_the_lines_of_a_page_stand_in_its_drafts_once() -> None:
    text = long_page(9)
    drafts, _ = find_drafts(text, WEIGHTS)
    lines = sorted((line.start, line.end) for draft in drafts for line in draft.lines())
    assert "".join(text[start:end] for start, end in lines) == "".join(text.split())


def test_an_article_that_goes_on_on_another_page_is_one() -> None:
    cut = BRIDGE[1].index("每一段")
    front = page(BRIDGE_TITLE, "本报青河10月3日电 " + BRIDGE[0], BRIDGE[1][:cut], "（下转第4版）", RICE_TITLE,
                 "本报云岭10月2日电 " + RICE[0], *RICE[1:])  # fmt: skip
    back = page(
        "（上接第1版）", BRIDGE[1][cut:], BRIDGE[2], LIBRARY_TITLE, "本报宁州10月1日电 " + LIBRARY[0], *LIBRARY[1:]
    )
    text = front + back
    spans = [(0, len(front)), (len(front), len(text))]
    drafts = split_pages(text, spans, WEIGHTS)
    titles = ["".join(line.text for line in draft.titles) for draft in drafts]
    assert titles == [BRIDGE_TITLE, RICE_TITLE, LIBRARY_TITLE]
    assert "".join(line.text for line in drafts[0].paragraphs()) == "".join(BRIDGE)
    assert all(text[line.start : line.end] == line.text for draft in drafts for line in draft.lines())


def test_two_headlines_under_one_text_part_where_a_blank_line_stands() -> None:
    (bridge_title, bridge), (rice_title, rice) = STORIES[0], STORIES[1]
    foot = ["", "（记者陈思）", "本报青河10月3日电", "", bridge_title, "", "稻子熟了", rice_title, ""]
    text = "\n".join([*bridge, *foot, f"本报云岭10月2日电  {rice[0]}", *rice[1:], ""])
    drafts = split_page(text, WEIGHTS)
    assert [[line.text for line in draft.titles] for draft in drafts] == [[bridge_title], ["稻子熟了", rice_title]]
