"""Who wrote an article, when it appeared and where: which questions ask that, and what a document says of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from eval.datasets import read_set
from index.articles import split_articles
from index.types import Document
from rag import Engine, Turn
from rag.answering.signed import WHICH
from rag.conversation.imprint import Field, ImprintQuestion, read_imprint
from rag.imprint import imprint_of, recorded
from rag.refusals import REFUSAL

SETS = Path(__file__).parents[2] / "eval" / "sets"


@pytest.mark.parametrize(
    ("question", "field", "topic"),
    [
        ("谁写的这篇报道", "author", ""),
        ("这篇文章是谁写的？", "author", ""),
        ("记者是谁", "author", ""),
        ("请问作者叫什么名字？", "author", ""),
        ("积石山地震那篇报道是谁写的", "author", "积石山地震"),
        ("写长庆油田的那篇报道，记者是谁？", "author", "长庆油田"),
        ("《雪岭下的油田》是谁写的", "author", "雪岭下的油田"),
        ("《雪岭下的油田》这篇报道的记者是谁？", "author", "雪岭下的油田"),
        ("这条新闻是哪天的", "date", ""),
        ("发表时间是什么时候？", "date", ""),
        ("关于沉船的文章是哪天的", "date", "沉船"),
        ("三星堆新馆的新闻是哪天发的", "date", "三星堆新馆"),
        ("来源是哪家", "source", ""),
        ("助企纾困的新闻来源是哪家", "source", "助企纾困"),
        ("这条消息是哪家媒体报道的", "source", ""),
        ("这篇文章出自哪家报纸", "source", ""),
    ],
)
def test_what_is_asked_of_which_article(question: str, field: Field, topic: str) -> None:
    assert read_imprint(question) == ImprintQuestion(field, topic)


@pytest.mark.parametrize(
    "question",
    [
        "大桥是谁设计的",
        "这本书是谁写的",
        "黑洞那篇论文是谁写的",
        "论文的第一作者是谁",
        "被打的记者是谁",
        "新闻发布会是哪天开的",
        "中国天眼是哪天建成的",
        "开馆时间是哪天",
        "哪天发布的",
        "这项消息是谁发布的？".replace("消息", "政策"),
        "这篇报道讲了什么",
        "哪家公司的来源",
        "最早的报道是哪天的",
        "",
        "《" * 40,
        "谁写的" * 60,
    ],
)
def test_what_an_article_tells_is_not_asked_of_its_byline(question: str) -> None:
    assert read_imprint(question) is None


@pytest.mark.parametrize("path", sorted(SETS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_no_question_of_a_set_is_about_a_byline(path: Path) -> None:
    assert [one.question for one in read_set(path) if one.answerable and read_imprint(one.question)] == []


PAGE = "新桥昨天通车\n本报苏州3月5日电（记者王小明、李红）  新桥昨天通车，桥长三百米。两岸的人走到了一起。\n"
FRONT = '---\ntitle: 新桥通车\ndate: 2024-03-05\nsource: "苏州日报"\nauthor: 王小明\n---\n\n新桥昨天通车。\n'


def told(document: Document, field: Field) -> tuple[str, str]:
    found = imprint_of(split_articles(document)[0], document, field)
    assert found is not None
    ((start, end),) = found.sentence.spans
    assert document.text[start:end] == found.sentence.text
    return found.sentence.text, found.short


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("author", ("（记者王小明、李红）", "王小明、李红")),
        ("date", ("本报苏州3月5日电", "3月5日")),
        ("source", ("本报苏州3月5日电", "本报")),
    ],
)
def test_marks_on_the_page_are_quoted_with_their_telling_part(field: Field, expected: tuple[str, str]) -> None:
    assert told(Document("a.txt", PAGE, ""), field) == expected


@pytest.mark.parametrize(("field", "value"), [("author", "王小明"), ("date", "2024-03-05"), ("source", "苏州日报")])
def test_front_matter_is_quoted_by_its_field(field: Field, value: str) -> None:
    metadata = {"title": "新桥通车", "date": "2024-03-05", "source": "苏州日报", "author": "王小明"}
    assert told(Document("a.md", FRONT, "", metadata), field) == (value, "")


def test_what_stands_in_no_document_is_only_recorded() -> None:
    document = Document("a.jsonl#1", "新桥通车\n新桥昨天通车。", "", {"title": "新桥通车", "date": "2024-03-05"})
    article = split_articles(document)[0]
    fields: tuple[Field, ...] = ("author", "date", "source")
    assert [imprint_of(article, document, field) for field in fields] == [None] * 3
    assert [recorded(article, field) for field in fields] == ["", "2024-03-05", ""]
    assert recorded(replace(article, byline="王小明"), "author") == "王小明"


def test_the_article_of_the_last_answer_is_meant(engine: Engine) -> None:
    said = "采油五厂正在尝试更新的办法：从附近的煤化工企业买来二氧化碳，注进几千米深的油层。[1]"
    history = [Turn("采油五厂在做什么？", said), Turn("它的董事长是谁？", REFUSAL), Turn("谢谢", "不客气。")]
    author = engine.answer("谁写的这篇报道？", history)
    assert (author.short, author.text) == ("任晓伟、马新民", "任晓伟、马新民[1]\n（记者任晓伟、马新民）[1]")
    assert author.standalone_question == "《雪岭下的油田：产量往上走，碳排放往下走》是谁写的？"
    date = engine.answer("这条新闻是哪天的？", history)
    assert date.text == "12月23日[1]\n本报兰州12月23日电[1]"
    assert engine.answer("来源是哪家", history).short == "本报"
    for answer in (author, date):
        assert all(claim.supported for claim in answer.claims)
        for one in answer.citations:
            assert engine.document(one.doc_id).text[one.start : one.end] == one.quote


def test_an_article_is_named_by_its_topic_or_headline(engine: Engine) -> None:
    assert engine.answer("《带娃跑上马：2023耐克少儿跑报名指南》是谁写的？").text == "沈晓岚[1]"
    assert engine.answer("写陶寺遗址博物馆的那篇报道，作者是谁？").text == "薛文静[1]"


def test_what_only_the_file_records_leads_and_is_no_claim(engine: Engine) -> None:
    answer = engine.answer("台风杜苏芮的新闻是哪天的？")
    assert answer.text == "2023-07-28（文件的记录，正文里没有写）\n台风“杜苏芮”在福建晋江登陆[1]"
    assert [answer.text[claim.start : claim.end] for claim in answer.claims] == ["台风“杜苏芮”在福建晋江登陆[1]"]


def test_no_byline_no_answer(engine: Engine) -> None:
    answer = engine.answer("助企纾困专区的报道是谁写的？")
    assert (answer.refused, answer.text, answer.citations) == (True, REFUSAL, ())
    assert [one.title for one in answer.related] == ["办事少跑腿，政策找上门 国家政务服务平台开出“助企纾困”专区"]
    assert "没有署名" in answer.notice
    unknown = engine.answer("火星登陆的报道是谁写的？")
    assert (unknown.refused, unknown.related, unknown.notice) == (True, (), "")


def test_without_a_talk_it_is_said_that_no_article_is_named(engine: Engine) -> None:
    answer = engine.answer("记者是谁？")
    assert (answer.refused, answer.text, answer.notice) == (True, REFUSAL, WHICH.chinese)


def test_after_such_a_question_the_article_need_not_be_said() -> None:
    assert read_imprint("哪天的？", "谁写的这篇报道？") == ImprintQuestion("date", "")
    assert read_imprint("哪天的？", "桥有多长？") is None
    assert read_imprint("桥有多长？", "谁写的这篇报道？") is None
