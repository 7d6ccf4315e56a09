from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.pages.lines import Line, read_lines

from .pages import BRIDGE


def kinds(text: str) -> list[tuple[str, str]]:
    return [(line.kind, line.text) for line in read_lines(text)]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("青河大桥合龙", "short"),
        ("冰雪季来了吗？", "short"),
        ("谁来种田！", "short"),
        ("大桥合龙了。", "body"),
        ("一、二，三、", "body"),
        ("大桥合龙。车程缩短", "body"),
        ("长" * 49, "body"),
        ("本报记者 陈思", "byline"),
        ("本报记者陈思", "byline"),
        ("（记者陈思、王林）", "byline"),
        ("新华社记者 陈思 王林", "byline"),
        ("通讯员：李秀", "byline"),
        ("图为大桥主塔。", "caption"),
        ("▲大桥主塔", "caption"),
        ("本报记者 林海 摄", "caption"),
        ("新华社发 赵青 作", "caption"),
        ("本报青河10月3日电", "dateline"),
        ("本报青河１０月３日电", "dateline"),
        ("（新华社北京2023年10月3日电）", "dateline"),
        ("【中新社广州3月1日讯】", "dateline"),
        ("宁州日报10月3日讯", "dateline"),
    ],
)
def test_a_line_says_by_its_form_what_it_is(line: str, kind: str) -> None:
    assert kinds(line) == [(kind, line)]


def test_a_dateline_and_a_byline_are_cut_from_the_paragraph_they_open() -> None:
    text = "　　本报青河10月3日电（记者陈思、王林）大桥昨天合龙。\n"
    assert [(line.kind, line.text, line.gap) for line in read_lines(text)] == [
        ("dateline", "本报青河10月3日电", 0),
        ("byline", "（记者陈思、王林）", -1),
        ("body", "大桥昨天合龙。", -1),
    ]


@pytest.mark.parametrize(
    "dateline", ["（新华社北京2021年12月23日电）", "新华社北京１２月２３日电", "【中新社广州3月1日讯】"]
)
@pytest.mark.parametrize("space", ["", " ", "\u3000"])
def test_a_dateline_is_cut_from_the_paragraph_that_it_ends(dateline: str, space: str) -> None:
    lines = read_lines(f"大桥合龙。\n\n　　两岸的车程缩短了。{space}{dateline}\n")
    assert [(line.kind, line.text, line.gap) for line in lines] == [
        ("body", "大桥合龙。", 0), ("body", "两岸的车程缩短了。", 1), ("dateline", dateline, -1),
    ]  # fmt: skip
    opened = f"本报青河10月3日电（记者陈思）两岸的车程缩短了。{space}{dateline}"
    assert [line.kind for line in read_lines(opened)] == ["dateline", "byline", "body", "dateline"]


@pytest.mark.parametrize("text", ["此事见新华社北京12月23日电", "车程缩短。（新华社北京12月23日电）他说。"])
def test_a_dateline_that_is_part_of_a_sentence_or_ends_no_paragraph_stays(text: str) -> None:
    assert [line.text for line in read_lines(text)] == [text]


def test_a_dateline_without_a_day_needs_a_space_behind_it() -> None:
    assert kinds("本报讯 大桥昨天合龙。") == [("dateline", "本报讯"), ("body", "大桥昨天合龙。")]
    assert kinds("本报讯息台昨天开播。") == [("body", "本报讯息台昨天开播。")]


def test_a_date_inside_a_sentence_is_no_dateline() -> None:
    assert kinds("他说，10月3日电价上调。") == [("body", "他说，10月3日电价上调。")]


def test_paragraphs_that_were_wrapped_at_a_width_are_joined() -> None:
    width = 20
    first, second = "大" * width + "桥" * width + "合龙。", "车" * width + "程" * width + "缩短。"
    rows = [paragraph[i : i + width] for paragraph in (first, second) for i in range(0, len(paragraph), width)]
    rows[3] = rows[3][:17]  # a line that is not quite full: a word or a mark did not fit
    second = "".join(rows[3:])
    text = "\n".join(rows)
    assert [line.text.replace("\n", "") for line in read_lines(text)] == [first, second]


def test_a_line_a_paragraph_is_not_joined() -> None:
    text = "\n".join(["大桥合龙" * 20, "车程缩短" * 18, "红米丰收" * 3, "读者排队" * 40])
    assert len(read_lines(text)) == 4


def test_blank_lines_are_counted() -> None:
    assert [line.gap for line in read_lines("大桥\n\n\n合龙\n了")] == [0, 2, 0]


@given(st.lists(st.sampled_from([*"大桥，。！ \n\r\t\u3000\u2028", "本报青河10月3日电", "（记者陈思）", "\r\n"])))
def test_lines_are_cut_from_the_text_and_lose_only_white_space(parts: list[str]) -> None:
    text = "".join(parts)
    lines: list[Line] = read_lines(text)
    assert all(line.text == text[line.start : line.end] == line.text.strip() for line in lines)
    assert all(a.end <= b.start for a, b in pairwise(lines))
    covered = "".join(line.text for line in lines)
    assert "".join(covered.split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("line", "kinds_of_parts"),
    [
        ("（下转第4版）", ["forward"]),
        ("▶下转04版", ["forward"]),
        ("（上接第一版）", ["back"]),
        ("大桥的钢梁昨天吊装（下转第4版）", ["short", "forward"]),
        ("（上接第1版）到位，两岸通车。", ["back", "body"]),
        ("（上接第1版）\u3000本报青河10月3日电 大桥合龙。", ["back", "dateline", "body"]),
        ("他说，下转第4版看不到。", ["body"]),
        ("第03版：要闻", ["running head"]),
        ("2021年12月24日 星期五", ["running head"]),
        ("2021年12月24日，大桥合龙。", ["body"]),
    ],
)
def test_notes_and_running_heads_are_cut_off(line: str, kinds_of_parts: list[str]) -> None:
    assert [part.kind for part in read_lines(line)] == kinds_of_parts


def test_a_headline_wider_than_the_columns_does_not_hide_that_they_are_wrapped() -> None:
    paragraph = "大" * 18 + "桥" * 18 + "合龙。"
    rows = [
        "青河大桥合龙以后两岸车程缩短到五分钟左右的消息",
        *(paragraph[i : i + 18] for i in range(0, len(paragraph), 18)),
    ] * 2
    assert [line.text.replace("\n", "") for line in read_lines("\n".join(rows))] == [rows[0], paragraph] * 2


def test_an_indent_or_a_mark_begins_a_line_of_its_own() -> None:
    rows = ["大" * 18, "桥" * 18, "\u3000\u3000" + "车" * 16, "程" * 18, "本报记者 陈思", "红" * 18]
    lines = read_lines("\n".join(rows))
    assert [line.text.replace("\n", "") for line in lines] == [
        "大" * 18 + "桥" * 18, "车" * 16 + "程" * 18, "本报记者 陈思", "红" * 18,
    ]  # fmt: skip
    assert [line.indented for line in lines] == [False, True, False, False]


@pytest.mark.parametrize(
    "caption",
    [
        ["图为青河大桥的主塔和昨天刚刚", "安装的护栏。"],
        ["青河大桥昨天合龙。（资料图", "片）"],
        ["▲青河大桥的主塔和昨天刚刚安", "装的护栏"],
    ],
)
def test_a_caption_that_is_broken_at_the_width_is_one(caption: list[str]) -> None:
    width = 13
    text = [BRIDGE[0][i : i + width] for i in range(0, len(BRIDGE[0]), width)]
    found = read_lines("\n".join(["　　" + text[0], *text[1:], *caption, "　　" + text[0], *text[1:]]))
    assert [(line.kind, line.text) for line in found if line.kind != "body"] == [("caption", "\n".join(caption))]


@pytest.mark.parametrize(
    ("caption", "credit", "kind"),
    [
        ("10月3日，工人在青河大桥上安装护栏。", "新华社记者 李明 摄", "caption"),
        ("工人在青河大桥上安装护栏。", "新华社发（李明摄）", "caption"),
        ("工人在青河大桥上安装护栏。他们要干到明年。", "李明摄", "body"),
        ("工人在青河大桥上安装护栏。", "今年以来，天气晴好。", "body"),
        ("工人在青河大桥上安装护栏。", "图为青河大桥。李明摄", "body"),  # the credit has a caption of its own
    ],
)
def test_a_line_right_above_a_photo_credit_is_its_caption(caption: str, credit: str, kind: str) -> None:
    lines = read_lines(f"{BRIDGE[0]}\n\n{caption}\n{credit}\n\n{BRIDGE[1]}\n")
    assert [line.kind for line in lines if line.text == caption] == [kind]
    assert [line.kind for line in lines if line.text in BRIDGE] == ["body", "body"]


def test_a_byline_that_is_broken_inside_its_brackets_is_one_line() -> None:
    text = "（记者 陈思　王林　李\n秀　周敏）\n" + BRIDGE[0] + "\n（新华社青河10\n月3日电）\n"
    assert [(line.kind, "".join(line.text.split())) for line in read_lines(text)] == [
        ("byline", "（记者陈思王林李秀周敏）"), ("body", BRIDGE[0]), ("dateline", "（新华社青河10月3日电）"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "kind"),
    [("青河大桥：", "short"), ("他说：", "body"), ("要求如下，一是：", "body"), ("今年。为此：", "body")],
)
def test_a_topic_with_a_colon_may_be_the_first_line_of_a_headline(line: str, kind: str) -> None:
    assert [found.kind for found in read_lines(line)] == [kind]
