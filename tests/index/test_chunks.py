from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.articles import split_articles
from index.chunks import split_chunks
from index.documents import read_documents
from index.sentences import split_article
from index.types import Article, Block, BlockKind, Document

from .pages import BRIDGE, BRIDGE_TITLE, ROOT, page, split
from .test_articles import pages

MAX_CHARS = [20, 21, 37, 64, 100, 150, 299, 300, 301, 512, 1000]


def assert_sound(article: Article, text: str, max_chars: int) -> None:
    """What holds for the chunks of any article at any size."""
    chunks = split_chunks(article, text, max_chars)
    assert bool(chunks) == any(block.kind != "metadata" for block in article.blocks)
    own = {i for start, end in article.pieces for i in range(start, end)}
    sentences = split_article(article, text)
    spans = {span for sentence in sentences for span in sentence.spans}
    for made in chunks:
        chunk = made.chunk
        assert text[chunk.start : chunk.end] == chunk.text
        assert chunk.text == chunk.text.strip() != ""
        assert (chunk.doc_id, chunk.article) == (article.doc_id, article.number)
        assert (chunk.title, chunk.date) == (article.title, article.date)
        assert all(i in own or text[i].isspace() for i in range(chunk.start, chunk.end)), "another article's text"
        assert len(chunk.text) <= max_chars or (chunk.start, chunk.end) in spans, "longer only where a sentence is"
        assert made.search_text.startswith(article.title + "\n")
    ordered = sorted((made.chunk.start, made.chunk.end) for made in chunks)
    assert all(a[1] <= b[0] for a, b in pairwise(ordered)), "chunks do not overlap"
    for sentence in sentences:
        if sentence.kind == "body":
            assert any(sentence.text in made.search_text for made in chunks)
            for start, end in sentence.spans:
                assert any(made.chunk.start <= start and end <= made.chunk.end for made in chunks)


@pytest.mark.parametrize("max_chars", MAX_CHARS)
def test_the_chunks_of_the_sample_documents_are_sound(max_chars: int) -> None:
    for document in read_documents(ROOT / "documents"):
        assert isinstance(document, Document)
        for article in split_articles(document):
            assert_sound(article, document.text, max_chars)


@given(pages(), st.sampled_from(["page.txt", "page.md"]), st.integers(20, 400))
@settings(max_examples=150, deadline=None)
def test_the_chunks_of_any_page_are_sound(text: str, doc_id: str, max_chars: int) -> None:
    for article in split(text, doc_id):
        assert_sound(article, text, max_chars)


def test_a_chunk_ends_before_the_sentence_that_would_make_it_too_long() -> None:
    text = "甲" * 19 + "。" + "乙" * 19 + "。" + "丙" * 9 + "。"
    article = Article("a.txt", 0, "题", (Block(0, len(text)),))

    def lengths(max_chars: int) -> list[int]:
        return [len(made.chunk.text) for made in split_chunks(article, text, max_chars)]

    assert lengths(20) == [20, 20, 10]
    assert lengths(29) == [20, 20, 10]
    assert lengths(30) == [20, 30]
    assert lengths(39) == [20, 30]
    assert lengths(40) == [40, 10]
    assert lengths(50) == [50]


def test_what_is_searched_is_the_title_and_the_sentences() -> None:
    text = page(BRIDGE_TITLE, "本报记者 陈思", BRIDGE[0], "何时通车", BRIDGE[2], "本报青河10月3日电")
    (article,) = split(text)
    (made,) = split_chunks(article, text, 300)
    assert made.search_text == "\n".join([BRIDGE_TITLE, BRIDGE[0], "何时通车", BRIDGE[2]])


def test_a_heading_goes_with_the_text_under_it() -> None:
    text = "甲" * 30 + "。\n\n小标题\n\n" + "乙" * 30 + "。"
    heading = text.index("小标题")
    blocks = (Block(0, 31), Block(heading, heading + 3, "heading"), Block(heading + 5, len(text)))
    article = Article("a.txt", 0, "", blocks)
    assert [made.chunk.text for made in split_chunks(article, text, 40)] == [text[:31], text[heading:]]
    too_long = [made.chunk.text for made in split_chunks(article, text, 35)]
    assert too_long == [text[:31], "小标题", text[heading + 5 :]]


def test_a_chunk_holds_no_text_of_an_article_that_stands_inside_its_own() -> None:
    opening = BRIDGE[1].removesuffix("。") + "，工人先在岸上把钢梁拼好，再用"
    inside = ["红米价高", "本报云岭10月2日电 秋收时节，红米每斤卖到十二元，村民都说好。"]
    ending = "驳船把钢梁运到桥位上吊装，大桥合龙。"
    text = page(BRIDGE_TITLE, BRIDGE[0], opening, *inside, ending)
    kinds: list[tuple[str, BlockKind]] = [
        (BRIDGE_TITLE, "title"),
        (BRIDGE[0], "body"),
        (opening, "body"),
        (ending, "body"),
    ]
    blocks = tuple(Block(text.index(s), text.index(s) + len(s), kind, s == ending) for s, kind in kinds)
    bridge = Article("page.txt", 0, BRIDGE_TITLE, blocks)
    first, second = split_chunks(bridge, text, 300)
    assert "红米" not in first.search_text + second.search_text + first.chunk.text + second.chunk.text
    assert first.chunk.text.endswith(opening)
    assert second.chunk.text == ending
    assert opening + ending in first.search_text
    assert opening + ending in second.search_text


def test_a_caption_inside_a_sentence_is_searched_with_it() -> None:
    text = "大桥的钢梁\n\n图为大桥。\n\n昨天合龙。车程缩短。"
    blocks = (Block(0, 5), Block(7, 12, "caption"), Block(14, 24, "body", joins_previous=True))
    (made,) = split_chunks(Article("a.txt", 0, "题", blocks), text, 300)
    assert made.chunk.text == text
    assert made.search_text == "题\n大桥的钢梁昨天合龙。\n图为大桥。\n车程缩短。"


def test_an_article_of_a_headline_alone_is_one_chunk() -> None:
    (article,) = split("大桥昨天合龙\n")
    (made,) = split_chunks(article, "大桥昨天合龙\n", 300)
    assert (made.chunk.text, made.search_text) == ("大桥昨天合龙", "大桥昨天合龙\n大桥昨天合龙")
