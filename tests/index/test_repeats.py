import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.pages.lines import read_lines
from index.pages.repeats import mark_repeats

from .pages import BRIDGE, page


def shown(text: str) -> list[tuple[str, str]]:
    return [(line.kind, line.text) for line in mark_repeats(read_lines(text))]


FRAGMENT = "钢梁运到桥位以后要在两天以内完成吊装"
CAPTION = "图为青河大桥。 本报记者 林海 摄"


@pytest.mark.parametrize("between", [[], [CAPTION]])
def test_the_next_column_begins_with_the_end_of_the_one_before(between: list[str]) -> None:
    first, rest = f"{BRIDGE[0]}工程师说，{FRAGMENT}", "，大桥才能合龙。"
    found = shown(page(first, *between, FRAGMENT + rest))
    assert found[0] == ("body", first)
    assert found[-2:] == [("repeat", FRAGMENT), ("body", rest)]


def test_a_line_that_stands_alone_again() -> None:
    first, rest = f"{BRIDGE[0]}工程师说，{FRAGMENT}", "，大桥才能合龙。"
    found = shown(page(first, FRAGMENT, rest))
    assert [kind for kind, _ in found] == ["body", "repeat", "body"]


def test_two_parts_that_end_alike() -> None:
    first, second = f"{BRIDGE[0]}工程师说，工期很紧", f"钢梁分成41段，{BRIDGE[1]}工程师又说"
    found = shown(page(first + FRAGMENT, CAPTION, second + FRAGMENT, "，大桥才能合龙。"))
    assert found[:2] == [("body", first), ("repeat", FRAGMENT)]
    assert [kind for kind, _ in found[2:]] == ["caption", "body", "body"]


@pytest.mark.parametrize(
    "text",
    [
        page(BRIDGE[0], BRIDGE[0]),  # a sentence that ends is no cut column, whatever follows
        page(
            "青河大桥合龙", "青河大桥合龙，两岸车程缩短到五分钟，工程师很高兴。"
        ),  # a headline that its text begins with
        page("大桥的钢梁", "钢梁昨天吊装到位。"),
    ],
)
def test_what_is_no_repeat(text: str) -> None:
    assert "repeat" not in [kind for kind, _ in shown(text)]


@given(
    st.lists(
        st.sampled_from([FRAGMENT, BRIDGE[0], BRIDGE[1][:30], BRIDGE[1][12:30], CAPTION, "\n", "\n\n", " "]), max_size=9
    )
)
def test_nothing_is_lost(parts: list[str]) -> None:
    text = "".join(parts)
    lines = mark_repeats(read_lines(text))
    assert all(text[line.start : line.end] == line.text == line.text.strip() != "" for line in lines)
    assert "".join("".join(line.text for line in lines).split()) == "".join(text.split())
