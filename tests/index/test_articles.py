from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.articles import split_articles
from index.chunks import split_chunks
from index.documents import read_documents
from index.sentences import split_article
from index.types import Document

from .pages import (
    BRIDGE,
    BRIDGE_TITLE,
    LIBRARY,
    LIBRARY_TITLE,
    RICE,
    RICE_TITLE,
    ROOT,
    assert_covered,
    body_of,
    by_title,
    page,
    split,
)

REAL_PAGE = Path("/work/shared/documents")
OTHER = [RICE_TITLE, "本报云岭10月2日电（记者王林）" + RICE[0], *RICE[1:]]
"""A second article, in the usual form."""


def test_headline_dateline_and_body() -> None:
    text = page(BRIDGE_TITLE, "本报青河10月3日电（记者陈思）" + BRIDGE[0], *BRIDGE[1:], *OTHER)
    bridge, rice = split(text)
    assert (bridge.title, bridge.date, bridge.byline) == (BRIDGE_TITLE, "--10-03", "记者陈思")
    assert (bridge.source, bridge.place, bridge.number, bridge.unplaced) == ("本报", "青河", 0, False)
    assert (rice.title, rice.date, rice.byline, rice.place) == (RICE_TITLE, "--10-02", "记者王林", "云岭")
    assert body_of(bridge, text) == "".join(BRIDGE)
    assert body_of(rice, text) == "".join(RICE)


def test_a_headline_that_stands_after_its_body() -> None:
    text = page(*BRIDGE, "（记者陈思）", "本报青河10月3日电", BRIDGE_TITLE, *OTHER)
    bridge, rice = split(text)
    assert (bridge.title, bridge.date, bridge.byline) == (BRIDGE_TITLE, "--10-03", "记者陈思")
    assert body_of(bridge, text) == "".join(BRIDGE)
    assert (rice.title, body_of(rice, text)) == (RICE_TITLE, "".join(RICE))


def test_a_headline_over_two_lines() -> None:
    text = page("老厂房改成图书馆\n读者半夜还在排座位", "本报记者 周一鸣", *LIBRARY, *OTHER)
    library, rice = split(text)
    assert library.title == "老厂房改成图书馆 读者半夜还在排座位"
    assert [block.kind for block in library.blocks[:3]] == ["title", "title", "byline"]
    assert rice.title == RICE_TITLE


def test_a_sentence_with_a_caption_inside_it_is_joined_without_it() -> None:
    opening = LIBRARY[2].removesuffix("。") + "，也可以请管理员代订，馆里今年入冬以前另外还"
    ending = "为通宵看书的读者准备了热水和毛毯。"
    caption = "图为图书馆的阅览室。 本报记者 林海 摄"
    text = page(LIBRARY_TITLE, "本报宁州10月1日电 " + LIBRARY[0], LIBRARY[1], opening, caption, ending, *OTHER)
    library = by_title(split(text))[LIBRARY_TITLE]
    sentences = {sentence.text: sentence for sentence in split_article(library, text)}
    assert len(sentences[opening + ending].spans) == 2
    assert sentences["图为图书馆的阅览室。"].kind == "caption"
    assert "".join(s.text for s in sentences.values() if s.kind == "caption") == "图为图书馆的阅览室。本报记者 林海 摄"


def test_a_column_that_breaks_in_mid_sentence_is_joined() -> None:
    sentence = BRIDGE[1].removesuffix("。") + "，工人先在岸上把钢梁拼好，再用驳船运到桥位上吊装。"
    cut = sentence.index("驳船")
    column = [sentence[:cut] + "\n\n\n" + sentence[cut:], BRIDGE[2]]
    text = page(*OTHER, BRIDGE_TITLE, "本报青河10月3日电 " + BRIDGE[0], *column)
    bridge = by_title(split(text))[BRIDGE_TITLE]
    assert [block.joins_previous for block in bridge.blocks if block.kind == "body"] == [False, False, True, False]
    assert sentence in [whole.text for whole in split_article(bridge, text)]


def test_a_fragment_that_the_next_paragraph_repeats_is_kept_but_not_read_twice() -> None:
    fragment = "钢梁运到桥位以后要在两天以内完成吊装"
    opening = BRIDGE[1].removesuffix("。") + "，工程师说"
    text = page(
        BRIDGE_TITLE, "本报青河10月3日电 " + BRIDGE[0], opening + fragment, "据工程师介绍，" + fragment, BRIDGE[2]
    )
    (bridge,) = split(text)
    assert [block.kind for block in bridge.blocks] == ["title", "dateline", "body", "body", "repeat", "body", "body"]
    repeat = bridge.blocks[4]
    assert text[repeat.start : repeat.end] == fragment
    assert "".join(sentence.text for sentence in split_article(bridge, text)).count(fragment) == 1
    chunks = split_chunks(bridge, text, max_chars=2000)
    assert "".join(chunk.search_text for chunk in chunks).count(fragment) == 1
    assert_covered(Document("page.txt", text, ""), (bridge,))


def test_a_tail_that_stands_before_its_own_headline_at_the_top_of_the_page() -> None:
    cut = BRIDGE[1].index("每一段")
    head = [BRIDGE_TITLE, "本报青河10月3日电 " + BRIDGE[0], BRIDGE[1][:cut]]
    text = page(BRIDGE[1][cut:], BRIDGE[2], *OTHER, *head)
    rice, bridge = split(text)
    assert (rice.title, body_of(rice, text)) == (RICE_TITLE, "".join(RICE))
    assert (bridge.title, body_of(bridge, text)) == (BRIDGE_TITLE, "".join(BRIDGE))
    assert bridge.pieces[-1][1] < bridge.pieces[0][0], "the pieces are in reading order, not in the page's"
    assert BRIDGE[1] in [sentence.text for sentence in split_article(bridge, text)]


def test_an_interview_with_section_headings_is_one_article() -> None:
    text = page(
        "把图书馆开到半夜", "——对话图书馆馆长周敏", "本报记者陈思", LIBRARY[0], "座位怎么分给读者", LIBRARY[1],
        "夜里谁来借书", LIBRARY[2], "本报宁州10月1日电", *OTHER,
    )  # fmt: skip
    interview, rice = split(text)
    assert (interview.title, interview.byline, interview.date) == ("把图书馆开到半夜", "本报记者陈思", "--10-01")
    kinds = {text[block.start : block.end]: block.kind for block in interview.blocks}
    assert kinds["——对话图书馆馆长周敏"] == "subtitle"
    assert kinds["座位怎么分给读者"] == kinds["夜里谁来借书"] == "heading"
    assert kinds["本报宁州10月1日电"] == "dateline"
    assert rice.title == RICE_TITLE


@pytest.mark.parametrize(
    ("top", "end"),
    [
        ([BRIDGE_TITLE, "本报记者 陈思"], ["本报记者 王林"]),
        ([BRIDGE_TITLE, "本报青河10月3日电"], ["（记者王林）", "本报云岭10月2日电"]),
    ],
)
def test_two_articles_under_one_headline_are_two(top: list[str], end: list[str]) -> None:
    last = [LIBRARY_TITLE, "本报宁州10月1日电 " + LIBRARY[0], *LIBRARY[1:]]
    text = page(*top, *BRIDGE, *RICE, *end, RICE_TITLE, *last)
    bridge, rice, library = split(text)
    assert (bridge.title, body_of(bridge, text)) == (BRIDGE_TITLE, "".join(BRIDGE))
    assert (rice.title, body_of(rice, text)) == (RICE_TITLE, "".join(RICE))
    assert (library.title, body_of(library, text)) == (LIBRARY_TITLE, "".join(LIBRARY))


@pytest.mark.parametrize(
    ("dateline", "doc_id", "date"),
    [
        ("本报青河10月3日电", "2022-10-04-01版.txt", "2022-10-03"),
        ("本报青河10月3日电", "news/20221004.txt", "2022-10-03"),
        ("本报青河10月3日电", "2022年10月04日.txt", "2022-10-03"),
        ("本报青河12月31日电", "2023-01-02-01版.txt", "2022-12-31"),
        ("本报青河1月2日电", "2023-01-02-01版.txt", "2023-01-02"),
        ("本报青河2021年10月3日电", "2023-01-02-01版.txt", "2021-10-03"),
        ("本报青河12月23日电", "page.txt", "--12-23"),
        ("本报青河１２月２３日电", "page.txt", "--12-23"),
        ("本报青河13月45日电", "2023-01-02.txt", "2023-01-02"),
        ("本报青河0月3日电", "page.txt", ""),
        ("本报讯", "2023-01-02.txt", "2023-01-02"),
        ("本报青河12月23日电", "20231399.txt", "--12-23"),
        ("本报青河12月23日电", "1234567890.txt", "--12-23"),
    ],
)
@pytest.mark.parametrize("inline", [True, False])
def test_the_date_of_an_article(dateline: str, doc_id: str, date: str, inline: bool) -> None:
    opening = [f"{dateline} {BRIDGE[0]}"] if inline else [BRIDGE[0]]
    text = page(BRIDGE_TITLE, *opening, *BRIDGE[1:], *([] if inline else [dateline]))
    if not inline and dateline == "本报讯":
        return  # it says where an article begins, not where it ends
    (article,) = split(text, doc_id)
    assert (article.title, article.date) == (BRIDGE_TITLE, date)


@pytest.mark.parametrize("doc_id", ["page.txt", "news.jsonl#1"])
def test_a_dateline_at_the_end_of_the_last_paragraph_signs_the_article_off(doc_id: str) -> None:
    text = "\n".join([BRIDGE_TITLE, *BRIDGE]) + "（新华社青河2021年12月23日电）\n"
    fields = {"title": BRIDGE_TITLE} if "#" in doc_id else {}
    (article,) = split(text, doc_id, **fields)
    assert (article.title, article.date, article.source, article.place) == (
        BRIDGE_TITLE,
        "2021-12-23",
        "新华社",
        "青河",
    )
    assert body_of(article, text) == "".join(BRIDGE)
    assert article.blocks[-1].kind == "dateline"
    rest = page(*OTHER)
    bridge, rice = split(text + "\n" + rest)
    assert (bridge.date, rice.title, rice.date) == ("2021-12-23", RICE_TITLE, "2021-10-02")


def test_without_a_dateline_the_date_is_that_of_the_file_name() -> None:
    assert [article.date for article in split(page(BRIDGE_TITLE, *BRIDGE), "2022-10-04.txt")] == ["2022-10-04"]
    assert [article.date for article in split(page(BRIDGE_TITLE, *BRIDGE), "2022-10-04/page.txt")] == [""]


@pytest.mark.parametrize(
    ("field", "date"),
    [
        ("2023-08-10", "2023-08-10"),
        ("2023-8-2", "2023-08-02"),
        ("2023/8/2", "2023-08-02"),
        ("2023.08.02", "2023-08-02"),
        ("2023年8月10日", "2023-08-10"),
        ("２０２３年８月１０日", "2023-08-10"),
        (" 2023 年 8 月 10 日 ", "2023-08-10"),
        ("20230810", "2023-08-10"),
        ("2023-08-10 09:30:00", "2023-08-10"),
        ("2023-08-10T09:30:00+08:00", "2023-08-10"),
        ("2023年8月10日 星期四", "2023-08-10"),
        ("2023年8月", "2023-08"),
        ("2023-08", "2023-08"),
        ("2023年", "2023"),
        ("2023", "2023"),
        ("2023-13-01", ""),
        ("2023-02-30", ""),
        ("2023-0-1", ""),
        ("0000", ""),
        ("20231399", ""),
        ("2023-08-101", ""),
        ("去年八月", ""),
        ("8/2/2023", ""),
    ],
)
def test_a_date_field_is_iso_or_nothing(field: str, date: str) -> None:
    (article,) = split(f"{BRIDGE_TITLE}\n{BRIDGE[0]}", "news.jsonl#1", title=BRIDGE_TITLE, date=field)
    assert article.date == date


@pytest.mark.parametrize(
    ("field", "date"),
    [
        ("2023", "2023-10-03"),
        ("2023-10", "2023-10-03"),
        ("2023-11", "2023-10-03"),
        ("2023-08", "2022-10-03"),
        ("2023-10-02", "2022-10-03"),
        ("2023-10-03", "2023-10-03"),
        ("2023/10/4", "2023-10-03"),
        ("昨天", "--10-03"),
    ],
)
def test_a_dateline_takes_the_year_of_a_date_field_as_far_as_that_goes(field: str, date: str) -> None:
    text = f"{BRIDGE_TITLE}\n本报青河10月3日电 {BRIDGE[0]}"
    (article,) = split(text, "news.jsonl#1", title=BRIDGE_TITLE, date=field)
    assert article.date == date


def test_a_dateline_between_two_headlines_is_kept() -> None:
    text = page(BRIDGE[0], BRIDGE_TITLE, "本报青河10月3日电", BRIDGE_TITLE, BRIDGE_TITLE, BRIDGE[0])
    assert_covered(Document("page.txt", text, ""), split(text))


def test_a_row_is_one_article_with_the_fields_of_its_format() -> None:
    text = "\n".join([BRIDGE_TITLE, BRIDGE[0], RICE_TITLE, "本报云岭10月2日电", RICE[0]])
    fields = {"title": BRIDGE_TITLE, "date": "2022-10-04", "source": "青河日报", "author": "陈思"}
    (article,) = split(text, "news.jsonl#1", **fields)
    assert (article.title, article.byline, article.date) == (BRIDGE_TITLE, "陈思", "2022-10-02")
    assert [block.kind for block in article.blocks] == ["title", "body", "heading", "dateline", "body"]
    (untitled,) = split(BRIDGE[0], "news.jsonl#2", title="")
    assert untitled.unplaced
    assert untitled.title == ""
    assert untitled.blocks[0].kind == "body"


@pytest.mark.parametrize(
    "title", [BRIDGE_TITLE, f" {BRIDGE_TITLE} ", "大桥合龙。", "大桥\n合龙", "本报讯", "大桥" * 40]
)
def test_the_title_of_a_hard_wrapped_row_stays_its_title(title: str) -> None:
    width = len(BRIDGE_TITLE)
    wrapped = [paragraph[i : i + width] for paragraph in BRIDGE for i in range(0, len(paragraph), width)]
    text = title + "\n" + "\n".join(wrapped)
    (article,) = split(text, "news.jsonl#1", title=title)
    shown = [(block.kind, text[block.start : block.end].replace("\n", "")) for block in article.blocks]
    assert shown == [("title", title.strip().replace("\n", "")), *(("body", paragraph) for paragraph in BRIDGE)]
    assert_covered(Document("news.jsonl#1", text, ""), (article,))


def test_markdown_is_one_article_and_its_marks_stand_in_no_searched_block() -> None:
    text = "---\ntitle: 大桥\n---\n\n# 大桥\n\n第一段，\n接着写。\n\n## 数字\n- 主跨长\n- 41段\n\n> 引文。\n"
    (article,) = split(text, "a.md", title="大桥", date="2022-10-04", author="陈思")
    assert (article.title, article.date, article.byline) == ("大桥", "2022-10-04", "陈思")
    shown = [(block.kind, text[block.start : block.end]) for block in article.blocks if block.kind != "metadata"]
    assert shown == [
        ("title", "大桥"), ("body", "第一段，\n接着写。"), ("heading", "数字"), ("body", "主跨长"), ("body", "41段"),
        ("body", "引文。"),
    ]  # fmt: skip
    assert_covered(Document("a.md", text, ""), (article,))


def test_front_matter_may_stand_under_blank_lines(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("\n \n---\ntitle: 大桥\n---\n\n合龙。\n", encoding="utf-8")
    (document,) = read_documents(tmp_path)
    assert isinstance(document, Document)
    (article,) = split_articles(document)
    shown = [(block.kind, document.text[block.start : block.end].strip()) for block in article.blocks]
    assert shown == [("metadata", "---\ntitle: 大桥\n---"), ("body", "合龙。")]
    assert article.title == "大桥"


@pytest.mark.parametrize(
    ("paragraph", "kinds", "byline", "date"),
    [
        ("新华社青河2022年10月3日电（记者陈思）大桥合龙。", ["dateline", "byline", "body"], "记者陈思", "2022-10-03"),
        ("**新华社青河2022年10月3日电** 大桥合龙。", ["dateline", "body"], "", "2022-10-03"),
        ("大桥合龙。（新华社青河2022年10月3日电）", ["body", "dateline"], "", "2022-10-03"),
        ("本报记者 陈思", ["byline"], "本报记者 陈思", ""),
        ("*图为大桥。 李明摄*", ["caption"], "", ""),
        ("![大桥合龙现场](bridge.png)", ["caption"], "", ""),
        ("**大桥合龙。**", ["body"], "", ""),
        ("大桥*合龙*。", ["body"], "", ""),
    ],
)
def test_marks_of_a_newsroom_are_read_in_markdown(paragraph: str, kinds: list[str], byline: str, date: str) -> None:
    text = f"# 青河大桥合龙\n\n{paragraph}\n"
    (article,) = articles = split(text, "a.md")
    assert [block.kind for block in article.blocks if block.kind not in ("metadata", "title")] == kinds
    assert (article.byline, article.date) == (byline, date)
    assert_covered(Document("a.md", text, ""), articles)
    said = [sentence.text for sentence in split_article(article, text)][1:]
    assert not any(mark in sentence for sentence in said for mark in ("](", "!["))


def test_markdown_without_front_matter_takes_its_first_heading_as_title() -> None:
    text = "# 大桥\r\n\r\n合龙。\r\n\r\n# 图书馆\r\n\r\n开馆。\r\n"
    (article,) = split(text, "a.MD")
    assert article.title == "大桥"
    assert [block.kind for block in article.blocks if block.kind != "metadata"] == ["title", "body", "heading", "body"]


@pytest.mark.parametrize("text", ["", " \n\u3000\r\n", "\u2028"])
@pytest.mark.parametrize("doc_id", ["a.txt", "a.md"])
def test_a_document_without_text_has_no_article(text: str, doc_id: str) -> None:
    assert split(text, doc_id) == ()


def test_every_character_of_the_sample_documents_stands_in_one_block() -> None:
    documents = [item for item in read_documents(ROOT / "documents") if isinstance(item, Document)]
    assert len(documents) > 15
    for document in documents:
        assert_covered(document, split_articles(document))


LINES = [
    *BRIDGE, *RICE, *LIBRARY, BRIDGE_TITLE, RICE_TITLE, LIBRARY_TITLE, "本报青河10月3日电", "（记者陈思）",
    "本报云岭10月2日电（记者王林）", "本报记者 周一鸣", "图为大桥。 本报记者 林海 摄", "——对话馆长", "谁来借书？",
    "（下转第4版）", "（上接第1版）", "第03版：要闻", "2021年12月24日 星期五", "据新华社电", "據新華社臺北12月23日電",
    "# 题", "- 项", "---", "\ufeff", "\0", "。", "\u200b", "a: [",
]  # fmt: skip


@st.composite
def pages(draw: st.DrawFn) -> str:
    """A page of known lines in any order, some cut anywhere, with any separators."""
    parts: list[str] = []
    for line in draw(st.lists(st.sampled_from(LINES), max_size=14)):
        separators = st.sampled_from(["\n\n", "\n", "\r\n", "", " ", "\u3000", "\n\n\n"])
        cut = draw(st.integers(0, len(line)))
        parts += [line[:cut], draw(separators), line[cut:], draw(separators)]
    return "".join(parts)


@given(pages(), st.sampled_from(["page.txt", "2022-10-04.md", "rows.jsonl#1"]))
@settings(max_examples=300, deadline=None)
def test_every_character_of_any_page_stands_in_one_block(text: str, doc_id: str) -> None:
    metadata = {"title": BRIDGE_TITLE} if "#" in doc_id else {}
    document = Document(doc_id, text, "", metadata)
    assert_covered(document, split_articles(document))


@given(st.text(max_size=200), st.sampled_from(["page.txt", "page.md", "rows.jsonl#1"]))
@settings(max_examples=200, deadline=None)
def test_every_character_of_any_text_stands_in_one_block(text: str, doc_id: str) -> None:
    document = Document(doc_id, text, "", {"title": ""} if "#" in doc_id else {})
    assert_covered(document, split_articles(document))


@pytest.mark.skipif(not REAL_PAGE.is_dir(), reason=f"{REAL_PAGE} (the newspaper page of the task) is not here")
def test_the_four_articles_of_the_real_page() -> None:
    (document,) = [item for item in read_documents(REAL_PAGE) if isinstance(item, Document)]
    articles = split_articles(document)
    assert_covered(document, articles)
    assert len(articles) == 4
    assert not any(article.unplaced for article in articles)
    texts = ["".join(document.text[start:end] for start, end in article.pieces) for article in articles]

    def only(fact: str) -> int:
        (found,) = [number for number, text in enumerate(texts) if fact in text]
        return found

    rare_earth, oil_field, interview = only("稀土集团有限公司成立"), only("CCUS"), only("139.6")
    assert only("赣州") == only("产业孵化") == rare_earth
    assert "长庆油田" in articles[oil_field].title
    assert "稀土集团有限公司成立" in articles[rare_earth].title
    service = only("1200项")
    assert {rare_earth, oil_field, interview, service} == {0, 1, 2, 3}
    assert [article.date for article in articles] == ["--12-23"] * 4
    assert articles[rare_earth].place == "南昌"
    assert articles[oil_field].place == "兰州"


@pytest.mark.parametrize("mark", ["\n", "。", ""])
def test_a_long_text_is_read_in_parts_that_cover_it(monkeypatch: pytest.MonkeyPatch, mark: str) -> None:
    monkeypatch.setattr("index.articles._MAX_RUN_CHARS", 100)
    text = mark.join([*BRIDGE, *RICE, *LIBRARY] * 3).replace("。", "。" if mark else "，")
    document = Document("book.txt", text, "")
    articles = split_articles(document)
    assert_covered(document, articles)
    assert all(sum(end - start for start, end in article.pieces) <= 100 for article in articles)


def test_pages_that_go_on_are_read_together_only_up_to_a_page_s_length(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [*RICE, *BRIDGE]
    starts = tuple(sum(len(page) + 2 for page in pages[:i]) for i in range(len(pages)))
    document = Document("a.pdf", "\n\n".join(pages), "", page_starts=starts)
    assert len(split_articles(document)) <= 2  # two subjects
    monkeypatch.setattr("index.articles._MAX_RUN_CHARS", 90)
    articles = split_articles(document)
    assert len(articles) > 2
    assert_covered(document, articles)
