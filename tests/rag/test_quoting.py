"""A document's text on one line, with nothing in it that an answer would take for a label."""

import pytest

from rag.quoting import in_answer, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("主跨长62\n0米", "主跨长620米"),
        ("大桥\n  通车", "大桥通车"),
        ("open\n source", "open source"),
        ("用 \n\n GPU 算", "用GPU 算"),
        ("GPU\n3块", "GPU 3块"),
        ("一行", "一行"),
        ("", ""),
    ],
)
def test_a_line_break_of_the_page_is_no_space_in_chinese(text: str, shown: str) -> None:
    assert one_line(text) == shown


def test_a_footnote_mark_is_no_label() -> None:
    assert in_answer("见[3]和[12]，不是[a]。\n完") == "见［3］和［12］，不是[a]。完"
