"""Questions about the collection: told by their form, answered with headlines that are cited and with their number."""

from pathlib import Path

import pytest

from eval.datasets import read_set
from index.build import build_index
from index.settings import IndexSettings
from rag import Engine, Turn
from rag.conversation.collection import _ABOUT_COLLECTION, MAX_CHARS, asked_topic, asks_for_collection
from rag.conversation.listed import with_item_named
from rag.digest import MAX_LISTED
from rag.types import Claim

from .conftest import OpenEngine

SETS = Path(__file__).parents[2] / "eval" / "sets"


@pytest.mark.parametrize(
    "question",
    [
        "有哪些文章",
        "都有哪些文章？",
        "你这里有什么文章可以看",
        "所有文章的标题",
        "列出所有文章的标题",
        "请把标题都列出来",
        "文章目录",
        "这里有什么新闻",
        "一共有多少篇文章",
        "有几篇报道？",
        "文章有多少篇？",
        "库里收录了多少文档",
        "这些文章都讲了什么？",
        "我能问哪些内容",
    ],
)
def test_the_collection_is_asked_about(question: str) -> None:
    assert asks_for_collection(question)


@pytest.mark.parametrize(
    "question",
    [
        "有哪些公司",
        "有哪些文章获奖",
        "有什么消息传来",
        "这篇文章讲了什么？",
        "关于地震有哪些文章",
        "一共有多少件文物",
        "有多少人看了报道",
        "标题",
        "新闻发布会有几场",
        "12月有哪些新闻？",
        "新闻",
        "",
        "？",
        "有哪些文章" * 9,
    ],
)
def test_what_the_articles_say_is_asked_of_them(question: str) -> None:
    assert not asks_for_collection(question)
    assert len("有哪些文章" * 9) > MAX_CHARS


@pytest.mark.parametrize("path", sorted(SETS.glob("*.jsonl")), ids=lambda path: path.stem)
def test_no_question_of_a_set_is_about_the_collection(path: Path) -> None:
    questions = [one.question for one in read_set(path)]
    assert [one for one in questions if asks_for_collection(one) or asked_topic(one)] == []


def test_the_newest_headlines_are_cited_under_the_number_of_articles(engine: Engine) -> None:
    answer = engine.answer("你好，有哪些文章？")
    n_articles = engine.index.manifest["n_articles"]
    lead, *headlines = answer.text.split("\n")
    assert n_articles > MAX_LISTED
    assert lead == f"共 {n_articles} 篇文章，最新的 {MAX_LISTED} 篇是："
    assert len(headlines) == MAX_LISTED
    assert (answer.refused, answer.confidence) == (False, 1.0)
    dates = [engine.article(one.doc_id, one.article).date for one in answer.citations]
    assert dates == sorted(dates, reverse=True)
    for one in answer.citations:
        assert engine.document(one.doc_id).text[one.start : one.end] == one.quote
        assert one.quote in engine.article(one.doc_id, one.article).title


def test_only_the_headlines_are_claims_and_they_stand_where_they_are_said(engine: Engine) -> None:
    answer = engine.answer("有哪些文章？")
    said = [answer.text[claim.start : claim.end].strip() for claim in answer.claims]
    assert said == answer.text.split("\n")[1:]
    assert all(isinstance(claim, Claim) and claim.supported for claim in answer.claims)


def test_a_small_collection_is_listed_whole(tmp_path: Path, model_folder: Path, open_engine: OpenEngine) -> None:
    (tmp_path / "in").mkdir()
    for name, title in (("a", "新桥通车"), ("b", "旧桥拆除")):
        (tmp_path / "in" / f"{name}.md").write_text(f"# {title}\n\n昨天的事。\n", encoding="utf-8")
    build_index(tmp_path / "in", tmp_path / "index", IndexSettings(embedder=str(model_folder)))
    answer = open_engine(tmp_path / "index").answer("一共有多少篇文章？")
    assert answer.text == "共 2 篇文章：\n新桥通车[1]\n旧桥拆除[2]"


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("有没有关于地震的报道？", "地震"),
        ("关于台风的文章有哪些", "台风"),
        ("有哪些和5G有关的新闻？", "5g"),
        ("5G的新闻有几篇？", "5g"),
        ("有哪些公司", ""),
        ("这篇关于地震的报道有哪些内容", ""),
        ("地震有哪些报道过的数字", ""),
        ("关于地震的报道是谁写的", ""),
        ("", ""),
    ],
)
def test_articles_on_a_topic_are_asked_for(question: str, topic: str) -> None:
    assert asked_topic(question) == topic


def test_the_articles_on_a_topic_are_listed_and_no_other(engine: Engine) -> None:
    answer = engine.answer("有没有关于台风的报道？")
    assert sorted(answer.text.split("\n")) == ["“贝碧嘉”登陆浦东，上海75年来最强[2]", "台风“杜苏芮”在福建晋江登陆[1]"]
    assert not answer.refused
    assert all(claim.supported for claim in answer.claims)
    assert engine.answer("有没有关于火星的报道？").refused


LIST = Turn("有哪些文章？", "共 3 篇文章：\n新桥通车[1]\n旧桥拆除[2]\n市长来了[3]", "有哪些文章？")
AFTER = Turn("第一篇讲了什么？", "桥长三百米。[1]\n昨天通车。[2]", "《新桥通车》讲了什么？")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("第二篇讲了什么？", "《旧桥拆除》讲了什么？"),
        ("那第3条新闻是谁写的", "《市长来了》是谁写的"),
        ("最后一篇呢？", "《市长来了》讲了什么？"),
        ("第四篇讲了什么？", "第四篇讲了什么？"),
        ("第二条路在哪里？", "第二条路在哪里？"),
        ("讲讲第二篇", "讲讲第二篇"),
    ],
)
def test_an_item_of_the_list_is_meant(question: str, expected: str) -> None:
    assert with_item_named(question, [LIST, AFTER]) == expected
    assert with_item_named(question, [AFTER]) == question
    assert with_item_named(question, []) == question


def test_a_headline_that_was_counted_to_is_asked_about(engine: Engine) -> None:
    listed = engine.answer("有没有关于台风的报道？")
    history = [Turn(listed.question, listed.text, listed.standalone_question)]
    answer = engine.answer("第二篇讲了什么？", history)
    assert answer.standalone_question == "《“贝碧嘉”登陆浦东，上海75年来最强》讲了什么？"
    assert {one.article_title for one in answer.citations} == {"“贝碧嘉”登陆浦东，上海75年来最强"}


@pytest.mark.parametrize("words", ["我想", "请问", "看看", "知道", "列一下", "总共", "新闻文章", "关于", "有关的"])
def test_no_repetition_makes_a_pattern_search_without_end(words: str) -> None:
    """An ambiguous repetition doubles the time with each word: with this many it would never end."""
    assert _ABOUT_COLLECTION.fullmatch(words * 30 + "x") is None
