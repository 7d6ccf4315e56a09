"""The figures of how pages are read: what they count, on readings made by hand."""

from collections.abc import Sequence

import pytest

from benchmarks.page_metrics import Tally, read_page, tally_page
from benchmarks.pages import main, read_pages, render
from index.types import Article, Block
from training.pages.compose import compose_page
from training.pages.types import GoldPage, GoldStory, Piece

from ..training.test_pages import STORIES

LINES = ["大桥合龙", "本报记者 陈思", "大桥昨天合", "图为大桥。", "龙。", "红米丰收", "红米昨天丰收。"]
TEXT = "\n".join(LINES)


def span(line: int) -> tuple[int, int]:
    start = sum(len(text) + 1 for text in LINES[:line])
    return start, start + len(LINES[line])


def piece(line: int, story: int, role: str, joins: Piece | None = None) -> Piece:
    start, end = span(line)
    return Piece(LINES[line], story, role, joins, start=start, end=end)  # type: ignore[arg-type]


HALF = piece(2, 0, "body")
GOLD = GoldPage(
    "page.txt",
    TEXT,
    (
        piece(0, 0, "title"), piece(1, 0, "byline"), HALF, piece(3, 0, "caption"), piece(4, 0, "body", HALF),
        piece(5, 1, "title"), piece(6, 1, "body"),
    ),
    (
        GoldStory("大桥合龙", names=("陈思",), mended=["大桥昨天合龙。"], troubles={"sentence cut"}),
        GoldStory("红米丰收", date="2022-10-04"),
    ),
    frozenset(),
)  # fmt: skip


def article(number: int, blocks: Sequence[tuple[int, str, bool]], **fields: str) -> Article:
    made = tuple(Block(*span(line), kind, joins) for line, kind, joins in blocks)  # type: ignore[arg-type]
    return Article("page.txt", number, fields.pop("title", ""), made, **fields)  # type: ignore[arg-type]


BRIDGE_BLOCKS = [
    (0, "title", False),
    (1, "byline", False),
    (2, "body", False),
    (3, "caption", False),
    (4, "body", True),
]
RIGHT = [
    article(0, BRIDGE_BLOCKS, title="大桥合龙", byline="本报记者 陈思"),
    article(1, [(5, "title", False), (6, "body", False)], title="红米丰收", date="2022-10-04"),
]


def tally(articles: Sequence[Article], trouble: str | None = None) -> Tally:
    counted = Tally()
    tally_page(read_page(GOLD, articles), counted, trouble)
    return counted


def test_a_right_reading_has_all_right() -> None:
    counted = tally(RIGHT)
    assert counted.f1() == 1
    names = ("title", "date", "dateline", "byline", "sentences mended", "no byline")
    assert [counted.rate(name) for name in names] == [1] * 6
    assert counted.rates["false joins"] == (0, 1)


def test_b_cubed_of_two_stories_in_one_article() -> None:
    blocks = [*BRIDGE_BLOCKS, (5, "heading", False), (6, "body", False)]
    counted = tally([article(0, blocks, title="大桥合龙", byline="本报记者 陈思")])
    assert counted.rate("b-cubed precision") == pytest.approx((5 * 5 / 7 + 2 * 2 / 7) / 7)
    assert counted.rate("b-cubed recall") == 1
    assert counted.rate("title") == 0, "neither story has an article of its own"


def test_b_cubed_of_a_story_in_two_articles() -> None:
    parts = [article(0, BRIDGE_BLOCKS[:3]), article(2, [(3, "caption", False), (4, "body", False)])]
    counted = tally([parts[0], RIGHT[1], parts[1]])
    assert counted.rate("b-cubed precision") == 1
    assert counted.rate("b-cubed recall") == pytest.approx((3 * 3 / 5 + 2 * 2 / 5 + 2) / 7)


def test_what_is_not_joined_is_not_mended_and_what_is_joined_wrongly_is_counted() -> None:
    apart = [(line, kind, False) for line, kind, _ in BRIDGE_BLOCKS]
    counted = tally([article(0, apart), RIGHT[1]])
    assert counted.rate("sentences mended") == 0
    assert "false joins" not in counted.rates
    mixed = [article(0, [*BRIDGE_BLOCKS[:3], (6, "body", True)]), article(1, [(4, "body", False), (5, "title", False)])]
    assert tally(mixed).rates["false joins"] == (1, 1)


def test_a_kind_of_trouble_counts_only_the_stories_that_have_it() -> None:
    assert tally(RIGHT, "sentence cut").rates["date"] == (1, 1)
    assert tally(RIGHT, "wrapped").rates == {}


def test_a_repeat_must_be_read_once() -> None:
    gold = GoldPage("page.txt", "大桥合龙\n大桥合龙", (
        Piece("大桥合龙", 0, "body", start=0, end=4), Piece("大桥合龙", 0, "repeat", start=5, end=9),
    ), (GoldStory(""),), frozenset())  # fmt: skip
    for kind, rate in (("repeat", 1), ("body", 0)):
        counted = Tally()
        blocks = (Block(0, 4), Block(5, 9, kind))  # type: ignore[arg-type]
        tally_page(read_page(gold, [Article("page.txt", 0, "", blocks)]), counted)
        assert counted.rate("repeats left out") == rate


def test_composed_pages_of_three_subjects_are_read() -> None:
    readings, elapsed_s = read_pages([compose_page(STORIES, seed) for seed in range(1000, 1060)])
    counted = Tally()
    for reading in readings:
        tally_page(reading, counted)
    assert elapsed_s > 0
    assert counted.f1() > 0.93
    assert counted.rate("title") > 0.8
    assert counted.rate("sentences mended") > 0.8
    table = render(readings)
    assert table.splitlines()[1].startswith("all ")
    assert any(line.startswith("tail elsewhere") for line in table.splitlines())


def test_data_that_is_not_there_is_named(tmp_path: object, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) == 2
    assert "news" in capsys.readouterr().err
