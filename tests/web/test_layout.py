"""The lit runs of a laid-out article are exactly the cited characters, for every span of it."""

import re

from hypothesis import given
from hypothesis import strategies as st

from index.types import Article, Block
from web.layout import Paragraph, lay_out

# A page as newspapers are: the body breaks in mid-sentence, a caption stands inside, the headline comes after.
PAGE = "车过大桥，速度不\n\n图为新桥。 李明摄\n\n能超过六十公里。\n　　桥面有\n两层。\n\n苏州新桥通车\n"
TITLE = Block(PAGE.index("苏州新桥"), PAGE.index("苏州新桥") + 6, "title")
FIRST = Block(0, 8)
CAPTION = Block(PAGE.index("图为"), PAGE.index("李明摄") + 3, "caption")
SECOND = Block(PAGE.index("能超"), PAGE.index("。\n　") + 1, joins_previous=True)
THIRD = Block(PAGE.index("　　桥面"), PAGE.index("两层。") + 3)
ARTICLE = Article("page.txt", 0, "苏州新桥通车", (TITLE, FIRST, CAPTION, SECOND, THIRD))


def texts(paragraphs: list[Paragraph]) -> list[str]:
    return ["".join(PAGE[run.start : run.end] for run in one.runs) for one in paragraphs]


def lit_characters(paragraphs: list[Paragraph]) -> set[int]:
    return {at for one in paragraphs for run in one.runs if run.lit for at in range(run.start, run.end)}


def visible(spans: list[tuple[int, int]]) -> set[int]:
    return {at for start, end in spans for at in range(start, end) if not PAGE[at].isspace()}


def test_paragraphs_stand_in_reading_order_and_mend_what_a_column_cut() -> None:
    paragraphs = lay_out(PAGE, ARTICLE, [])
    assert texts(paragraphs) == [
        "苏州新桥通车",
        "车过大桥，速度不能超过六十公里。",
        "图为新桥。 李明摄",
        "桥面有\n两层。",
    ]
    assert [one.kind for one in paragraphs] == ["title", "body", "caption", "body"]
    assert lit_characters(paragraphs) == set()


def test_a_sentence_that_a_column_cut_is_lit_in_both_its_spans() -> None:
    spans = [(FIRST.start, FIRST.end), (SECOND.start, SECOND.end)]
    paragraph = lay_out(PAGE, ARTICLE, spans)[1]
    assert [(run.start, run.end, run.lit) for run in paragraph.runs] == [(*spans[0], True), (*spans[1], True)]


def test_spans_outside_the_article_light_nothing() -> None:
    assert lit_characters(lay_out(PAGE, ARTICLE, [(len(PAGE), len(PAGE) + 9)])) == set()


edges = st.integers(0, len(PAGE))
spans_of_page = st.lists(st.tuples(edges, edges).map(lambda pair: (min(pair), max(pair))), max_size=4)


@given(spans_of_page)
def test_lit_are_exactly_the_cited_characters_of_the_article(spans: list[tuple[int, int]]) -> None:
    in_article = visible(list(ARTICLE.pieces))
    lit = {at for at in lit_characters(lay_out(PAGE, ARTICLE, spans)) if not PAGE[at].isspace()}
    assert lit == visible(spans) & in_article


@given(spans_of_page)
def test_lighting_never_changes_the_text(spans: list[tuple[int, int]]) -> None:
    assert texts(lay_out(PAGE, ARTICLE, spans)) == texts(lay_out(PAGE, ARTICLE, []))


def test_markers_of_a_markdown_file_become_markers_of_paragraphs() -> None:
    text = "---\ntitle: 题\n---\n# 题\n- 甲\n2. 乙\n> 丙"
    at = text.index("# 题")
    marks = [(0, at - 1), (at, at + 2)]
    marks += [found.span() for found in re.finditer(r"- |2\. |> ", text[at:])]
    blocks = []
    for start, end in (marks[0], marks[1], *((at + a, at + b) for a, b in marks[2:])):
        blocks.append(Block(start, end, "metadata"))
        if start:
            line_end = text.find("\n", end)
            blocks.append(Block(end, line_end if line_end > 0 else len(text), "title" if start == at else "body"))
    paragraphs = lay_out(text, Article("a.md", 0, "题", tuple(blocks)), [])
    shown = [(one.kind, one.marker, "".join(text[r.start : r.end] for r in one.runs)) for one in paragraphs]
    assert shown == [("title", "", "题"), ("body", "-", "甲"), ("body", "2.", "乙"), ("body", ">", "丙")]


def test_blank_lines_inside_a_block_part_paragraphs() -> None:
    text = "第一段。\n　\n第二段。"
    article = Article("a.txt", 0, "", (Block(0, len(text)),))
    assert [len(one.runs) for one in lay_out(text, article, [(0, len(text))])] == [1, 1]
