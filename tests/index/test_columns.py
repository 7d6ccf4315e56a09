"""A page as pieces of text with their places: generated pages of columns come back in order, whatever is on them."""

import random

import pytest

from index.formats.columns import Segment, order_columns, paragraphs

SIZE = 10.0


def line(text: str, x: float, y: float, size: float = SIZE) -> Segment:
    return Segment(x, y, x + size * len(text), y + size, size, text)


def block(name: str, x: float, y: float, n_columns: int, n_lines: int, width: int = 8) -> list[Segment]:
    """Columns of lines that are told apart by their text, in reading order; a headline of twice their size above.

    It stands over the middle of the columns, and over most of them.
    """
    whole = SIZE * (n_columns * (width + 1) - 1)
    title = name * int(0.8 * whole / (2 * SIZE))
    headline = line(title, x + (whole - 2 * SIZE * len(title)) / 2, y, 2 * SIZE)
    rows = [
        line(f"{name}{column}-{row:02d}".ljust(width, "字"), x + column * SIZE * (width + 1), y + 30 + 15 * row)
        for column in range(n_columns)
        for row in range(n_lines)
    ]
    return [headline, *rows]


LAYOUTS = {
    "one column": block("甲", 0, 0, 1, 8),
    "five columns": block("甲", 0, 0, 5, 9),
    "two articles side by side": [*block("甲", 0, 0, 2, 9), *block("乙", 200, 0, 3, 6)],
    "one above two": [*block("甲", 0, 0, 5, 6), *block("乙", 0, 150, 2, 9), *block("丙", 180, 150, 3, 9)],
    "one beside two": [*block("甲", 0, 0, 2, 20), *block("乙", 180, 0, 3, 7), *block("丙", 180, 170, 3, 7)],
    "three rows": [one for i, name in enumerate("甲乙丙") for one in block(name, 0, 150 * i, 3, 7)],
}


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("seed", range(4))
def test_columns_come_back_in_reading_order(name: str, seed: int) -> None:
    segments = list(LAYOUTS[name])
    random.Random(seed).shuffle(segments)
    read = [one.text for column in order_columns(segments) for one in column]
    assert read == [one.text for one in LAYOUTS[name]]


@pytest.mark.parametrize("seed", range(20))
def test_no_piece_is_lost_or_doubled_wherever_the_pieces_stand(seed: int) -> None:
    chance = random.Random(seed)
    segments = [
        line(f"{i}号", chance.uniform(0, 400), chance.uniform(0, 600), chance.choice([0.0, 5.0, 10.0, 30.0]))
        for i in range(chance.randrange(80))
    ]
    read = "\n".join(paragraphs(order_columns(segments)))
    assert sorted(read.replace("\t", "\n").replace("号", "号\n").split()) == sorted(one.text for one in segments)


def test_a_page_of_very_many_pieces_is_read_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.formats.columns._MAX_SEGMENTS", 10)
    segments = block("甲", 0, 0, 2, 6)
    assert len(order_columns(segments)) == 1
    assert [len(one.text.split("\t")) for one in order_columns(segments)[0]] == [1, 2, 2, 2, 2, 2, 2]


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        (("车程缩短到五分钟，村民", 0), ("们高兴。", 0), True),
        (("车程缩短到五分钟，村民", 0), ("们高兴。", 20), False),
        (("车程缩短。", 0), ("村民高兴。", 0), False),
        (("shorter by five, the", 0), ("people say", 0), True),
    ],
)
def test_a_line_goes_on_where_the_last_is_full_and_the_next_not_indented(
    first: tuple[str, int], second: tuple[str, int], joined: bool
) -> None:
    full = "填" * max(11, len(first[0]))
    column = [
        line(full, 0, 0),
        line(first[0], first[1], 15),
        line(second[0], second[1], 30),
        line(full, 20, 45),
    ]
    texts = paragraphs([column])
    assert any(first[0] in text and second[0] in text for text in texts) == joined
    if joined:
        assert f"{first[0]}{' ' if first[0].isascii() else ''}{second[0]}" in "".join(texts)
