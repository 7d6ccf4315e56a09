"""What stands in a PDF, in the order in which a person reads it."""

from itertools import pairwise

import pytest

from index.articles import split_articles
from index.formats.pdf import extract
from index.formats.reading import MISSING, Extracted, UnreadableError
from index.types import Document

from ..files import Put, column, pdf
from .pages import BRIDGE, BRIDGE_TITLE, LIBRARY, RICE, RICE_TITLE, assert_covered


def read(data: bytes) -> Extracted:
    return extract(data, lambda: None)


def two_columns(left: str, right: str, *, y: float = 200) -> list[Put]:
    return [*column(left, 60, y), *column(right, 210, y)]


def by_height(page: list[Put]) -> list[Put]:
    """As a program writes that goes over the page from head to foot, through all columns."""
    return sorted(page, key=lambda put: (put.y, put.x))


def test_lines_of_a_paragraph_are_joined_and_paragraphs_are_not() -> None:
    page = [*column(BRIDGE[0], 60, 100), *column(BRIDGE[1], 60, 160)]
    assert read(pdf([page])).text == f"{BRIDGE[0]}\n{BRIDGE[1]}"


@pytest.mark.parametrize("order", [list, by_height, lambda page: page[::-1]])
def test_columns_are_read_one_after_the_other_in_whatever_order_the_file_has_them(order: object) -> None:
    page = [Put(90, 150, RICE_TITLE, 18), *two_columns(RICE[0], RICE[1])]
    assert read(pdf([order(page)])).text == f"{RICE_TITLE}\n{RICE[0]}\n{RICE[1]}"  # type: ignore[operator]


def test_a_sentence_that_a_column_cuts_is_whole() -> None:
    text = BRIDGE[0] + BRIDGE[1]
    lines = column(text, 60, 200)
    page = [*lines[:4], *(Put(210, 200 + 15 * i, put.text) for i, put in enumerate(lines[4:]))]
    assert read(pdf([by_height(page)])).text == text


def test_a_headline_over_the_second_column_of_three_opens_all_of_them() -> None:
    columns = [column(text, 60 + 150 * i, 200) for i, text in enumerate((RICE[0], RICE[1], RICE[2]))]
    page = [Put(235, 150, "红米丰收", 18), *columns[0], *columns[1], *columns[2]]
    assert read(pdf([by_height(page)])).text == "\n".join(["红米丰收", *RICE])


def test_articles_below_each_other_are_read_one_after_the_other() -> None:
    upper = [Put(90, 60, BRIDGE_TITLE[:9], 18), *two_columns(BRIDGE[0], BRIDGE[1], y=100)]
    lower = [Put(90, 300, RICE_TITLE, 18), *two_columns(RICE[0], RICE[1], y=340)]
    text = read(pdf([by_height([*upper, *lower])])).text
    assert text == "\n".join([BRIDGE_TITLE[:9], *BRIDGE[:2], RICE_TITLE, *RICE[:2]])


def test_cells_of_a_table_stay_in_their_row() -> None:
    rows = [("月份", "产量", "价格"), ("一月", "12", "3.5"), ("二月", "15", "3.7"), ("三月", "18", "3.9")]
    page = [Put(60 + 80 * i, 100 + 15 * n, cell) for n, row in enumerate(rows) for i, cell in enumerate(row)]
    assert read(pdf([page])).text.splitlines() == ["\t".join(row) for row in rows]


def test_a_page_that_is_stored_on_its_side_is_read_as_it_is_seen() -> None:
    page = [*column(BRIDGE[0], 60, 100), *column(BRIDGE[1], 60, 200)]
    assert read(pdf([page], rotation=90)).text == f"{BRIDGE[0]}\n{BRIDGE[1]}"


def test_each_page_starts_where_its_text_does_and_empty_pages_where_the_next_one_does() -> None:
    texts = [BRIDGE[0], "", RICE[0], LIBRARY[0], ""]
    found = read(pdf([column(text, 60, 100) for text in texts]))
    assert found.text == "\n\n".join([BRIDGE[0], RICE[0], LIBRARY[0]])
    ends = [*found.page_starts, len(found.text)]
    assert [found.text[start:end].strip() for start, end in pairwise(ends)] == texts


def test_running_titles_and_page_numbers_are_left_out_and_what_only_looks_like_them_stays() -> None:
    body = [BRIDGE[0], RICE[0], LIBRARY[0], "12"]
    pages = [
        [Put(60, 30, f"青河年鉴 第{number}卷"), *column(text, 60, 100), Put(290, 820, f"— {number} —")]
        for number, text in enumerate(body, start=1)
    ]
    assert read(pdf(pages)).text.split("\n\n") == body


def test_a_running_title_of_two_pages_stays() -> None:
    pages = [[Put(60, 30, "青河日报"), *column(text, 60, 100)] for text in BRIDGE[:2]]
    assert read(pdf(pages)).text == "\n\n".join(f"青河日报\n{text}" for text in BRIDGE[:2])


def test_pages_that_are_pictures_are_named_and_the_others_are_read() -> None:
    found = read(pdf([[], [], column(BRIDGE[0], 60, 100), []], pictures=[0, 1, 3]))
    assert found.text == BRIDGE[0]
    assert [line.partition(":")[0] for line in found.metadata[MISSING].splitlines()] == ["pages 1-2", "page 4"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (pdf([[], []], pictures=[0, 1]), "has no text layer"),
        (pdf([[]]), "has no text: its pages are empty"),
        (pdf([[Put(60, 60, "秘密。")]], password="secret"), "is encrypted"),
        (pdf([column(BRIDGE[0], 60, 100)])[:600], "is no PDF, or a damaged or truncated one"),
        (b"%PDF-1.7\nnothing", "is no PDF, or a damaged or truncated one"),
    ],
)
def test_a_pdf_that_cannot_be_read_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableError, match=reason):
        read(data)


def test_the_number_of_pages_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.formats.pdf.MAX_PAGES", 2)
    assert read(pdf([[Put(60, 100, "甲。")], [Put(60, 100, "乙。")]])).page_starts == (0, 4)
    with pytest.raises(UnreadableError, match="has 3 pages, the limit is 2: split it"):
        read(pdf([[Put(60, 100, "甲。")]] * 3))


def test_the_text_of_a_page_and_of_a_file_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.formats.pdf.MAX_TEXT_CHARS", 5)
    with pytest.raises(UnreadableError, match="holds more than 5 characters"):
        read(pdf([[Put(60, 100, "大桥合龙。")], [Put(60, 100, "红米。")]]))
    monkeypatch.setattr("index.formats.pdf._MAX_PAGE_CHARS", 4)
    with pytest.raises(UnreadableError, match="has a page of 5 characters"):
        read(pdf([[Put(60, 100, "大桥合龙。")]]))


def articles_of(pages: list[list[Put]]) -> list[str]:
    found = read(pdf(pages))
    document = Document("a.pdf", found.text, "", found.metadata, page_starts=found.page_starts)
    articles = split_articles(document)
    assert_covered(document, articles)
    return [article.title for article in articles]


def test_pages_of_a_newspaper_are_split_each_by_itself() -> None:
    first = [Put(90, 60, RICE_TITLE, 18), *column("".join(RICE), 60, 100)]
    second = [Put(90, 60, BRIDGE_TITLE, 18), *column("".join(BRIDGE), 60, 100)]
    assert articles_of([first, second]) == [RICE_TITLE, BRIDGE_TITLE]


def test_a_report_that_goes_on_over_the_page_is_one_article() -> None:
    text = "".join(RICE)
    first = [Put(90, 60, RICE_TITLE, 18), *column(text[:60], 60, 100)]
    assert articles_of([first, column(text[60:], 60, 100, indent=False)]) == [RICE_TITLE]
