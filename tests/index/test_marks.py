import pytest

from index.pages.marks import (
    closing_dateline,
    ends_sentence,
    find_dateline,
    is_byline,
    is_caption,
    is_running_head,
    opening_dateline,
)


@pytest.mark.parametrize("text", ["合龙。", "合龙？”", "合龙……", "他说：", "合龙！）　"])
def test_where_a_sentence_may_end(text: str) -> None:
    assert ends_sentence(text)


@pytest.mark.parametrize("text", ["合龙", "合龙，", "合龙、", "“合龙”", ""])
def test_where_a_sentence_goes_on(text: str) -> None:
    assert not ends_sentence(text)


@pytest.mark.parametrize(
    ("text", "source", "place", "day"),
    [
        ("新华社北京12月23日电", "新华社", "北京", (0, 12, 23)),
        ("新华社北京１２月２３日电", "新华社", "北京", (0, 12, 23)),
        ("新华社北京2023年1月9日电 大桥合龙。", "新华社", "北京", (2023, 1, 9)),
        ("新华社 北京 12月23日电", "新华社", "北京", (0, 12, 23)),
        ("據新華社臺北12月23日電", "新華社", "臺北", (0, 12, 23)),
        ("据新华社呼和浩特12月23日电", "新华社", "呼和浩特", (0, 12, 23)),
        ("（新华社北京12月23日电）", "新华社", "北京", (0, 12, 23)),
        ("【中新社广州3月1日讯】", "中新社", "广州", (0, 3, 1)),
        ("宁州日报10月3日讯", "宁州日报", "", (0, 10, 3)),
        ("（12月23日 人民网）", "人民网", "", (0, 12, 23)),
        ("(12月23日 青河融媒)", "青河融媒", "", (0, 12, 23)),
        ("《人民日报》（2021年12月24日 03版）", "人民日报", "", (2021, 12, 24)),
        ("（人民日报 2021年12月24日）", "人民日报", "", (2021, 12, 24)),
        ("本报讯 大桥合龙。", "本报", "", (0, 0, 0)),
        ("本报讯（记者陈思）大桥合龙。", "本报", "", (0, 0, 0)),
        ("据新华社电", "新华社", "", (0, 0, 0)),
        ("据新华社电大桥昨天合龙。", "新华社", "", (0, 0, 0)),
        ("新华社首尔电 大桥合龙。", "新华社", "首尔", (0, 0, 0)),
        ("新华社雅加达电大桥昨天合龙。", "新华社", "雅加达", (0, 0, 0)),
        ("中国新闻网南京讯大桥昨天合龙。", "中国新闻网", "南京", (0, 0, 0)),
        ("据新华社北京电大桥昨天合龙。", "新华社", "北京", (0, 0, 0)),
        ("新华社北京1月9日报道 大桥合龙。", "新华社", "北京", (0, 1, 9)),
        ("新华社联合国12月23日电", "新华社", "联合国", (0, 12, 23)),
        ("大桥合龙。（新华社北京２０２３年１月９日电）", "新华社", "北京", (2023, 1, 9)),
        ("大桥合龙。新华社北京1月9日电", "新华社", "北京", (0, 1, 9)),
    ],
)
def test_what_a_dateline_says(text: str, source: str, place: str, day: tuple[int, int, int]) -> None:
    found = find_dateline(text)
    assert found
    assert (found.source, found.place, (found.year, found.month, found.day)) == (source, place, day)


@pytest.mark.parametrize(
    "text",
    [
        "大桥合龙。新华社北京1月9日电说，车程缩短。",
        "本报讯息台昨天开播。",
        "本报记者从国家电网获悉，大桥合龙。",
        "据新华社电视台介绍，大桥合龙。",
        "新华社北京电视台记者获悉，大桥合龙。",
        "据路透社1月9日报道，大桥合龙。",
        "据法新社北京1月9日报道, 大桥合龙。",
        "他说，10月3日电价上调。",
        "12月23日，大桥合龙。",
        "",
    ],
)
def test_what_is_no_dateline(text: str) -> None:
    assert find_dateline(text) is None


def test_a_dateline_has_its_span_in_a_long_paragraph() -> None:
    text = "大桥合龙。" * 300 + "（新华社北京12月23日电）"
    found = closing_dateline(text)
    assert found and text[found.start : found.end] == "（新华社北京12月23日电）"
    assert opening_dateline(text) is None


@pytest.mark.parametrize(
    "line",
    [
        "本报记者 陈思",
        "□ 本报记者 陈思 王林",
        "■本報記者 陳思",
        "（記者陳思、王林）",
        "文/陈思",
        "作者：陈思",
        "新华社记者陈思、王林",
        "本报驻青河记者 陈思",
    ],
)
def test_bylines(line: str) -> None:
    assert is_byline(line)


@pytest.mark.parametrize(
    "line",
    [
        "记者了解到，大桥合龙。",
        "陈思",
        "大桥合龙",
        "人民日报评论员文章：开辟新境界",
        "记者节到来之际",
        "编辑部迎来新同事",
    ],
)
def test_what_is_no_byline(line: str) -> None:
    assert not is_byline(line)


@pytest.mark.parametrize(
    "line",
    [
        "新华社发（陈思摄）", "新华社发 程思 作", "▲大桥主塔", "上图：大桥主塔。", "图①：大桥主塔。", "圖為大橋主塔。",
        "大桥主塔。 陈思摄（影像中国）",
        "大桥主塔。（资料图片）", "制图：陈思", "10月3日，大桥合龙。新华社记者 陈思 摄",
    ],
)  # fmt: skip
def test_captions_and_credits(line: str) -> None:
    assert is_caption(line)


def test_a_long_paragraph_is_no_caption() -> None:
    assert not is_caption("大桥合龙。" * 40 + "本报记者 陈思摄")


@pytest.mark.parametrize("line", ["第03版：要闻", "A4版", "2021年12月24日 星期五", "星期五", "— 3 —"])
def test_running_heads(line: str) -> None:
    assert is_running_head(line)
