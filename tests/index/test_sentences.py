from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.articles import split_articles
from index.documents import read_documents
from index.sentences import split_article
from index.types import Article, Block, Document, Sentence

from .pages import ROOT, page, split
from .test_articles import pages


def sentences_of(text: str) -> list[str]:
    """The sentences of one body block that is the whole text."""
    article = Article("a.txt", 0, "", (Block(0, len(text)),))
    sentences = split_article(article, text)
    assert_sound(article, text, sentences)
    return [sentence.text for sentence in sentences]


def assert_sound(article: Article, text: str, sentences: tuple[Sentence, ...]) -> None:
    """What holds for the sentences of any article."""
    blocks = [(block.start, block.end) for block in article.blocks if block.kind not in ("metadata", "repeat")]
    for sentence in sentences:
        assert sentence.text == "".join(text[start:end] for start, end in sentence.spans)
        for start, end in sentence.spans:
            assert start < end
            assert text[start:end] == text[start:end].strip()
            assert any(a <= start and end <= b for a, b in blocks)
    spans = [span for sentence in sentences for span in sentence.spans]
    assert len(set(spans)) == len(spans)
    assert all(a[1] <= b[0] for a, b in pairwise(sorted(spans))), "no character stands in two sentences"
    said = sorted("".join(sentence.text for sentence in sentences).replace("\n", ""))
    written = sorted("".join(text[start:end] for start, end in blocks))
    assert [c for c in said if not c.isspace()] == [c for c in written if not c.isspace()]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("大桥合龙。车程缩短！", ["大桥合龙。", "车程缩短！"]),
        ("真的吗？！真的……", ["真的吗？！", "真的……"]),
        ("他说：“合龙了。”大家鼓掌。", ["他说：“合龙了。”", "大家鼓掌。"]),
        ("（图为大桥。）车程缩短", ["（图为大桥。）", "车程缩短"]),
        ("共3.5万吨。", ["共3.5万吨。"]),
        ("版本v2.0发布。", ["版本v2.0发布。"]),
        ("It ends. It goes on.", ["It ends.", "It goes on."]),
        ("上一行，\n下一行。", ["上一行，\n下一行。"]),
        ("上一段\n\n下一段", ["上一段", "下一段"]),
        ("  合龙。  \n ", ["合龙。"]),
        ("短句；不切；到此。", ["短句；不切；到此。"]),
        ("。", ["。"]),
    ],
)
def test_where_sentences_end(text: str, sentences: list[str]) -> None:
    assert sentences_of(text) == sentences


def test_a_long_enumeration_is_cut_at_its_semicolons() -> None:
    parts = ["甲" * 50 + "；", "乙" * 50 + "；", "丙" * 30 + "。"]
    assert sentences_of("".join(parts)) == parts
    assert sentences_of("丁" * 119 + "；") == ["丁" * 119 + "；"]


def test_a_sentence_over_a_column_break_has_two_spans() -> None:
    text = "大桥的钢梁\n\n图为大桥。\n\n昨天合龙。车程缩短。"
    blocks = (Block(0, 5), Block(7, 12, "caption"), Block(14, 24, "body", joins_previous=True))
    article = Article("a.txt", 0, "", blocks)
    sentences = split_article(article, text)
    assert_sound(article, text, sentences)
    assert [(sentence.text, sentence.spans, sentence.kind) for sentence in sentences] == [
        ("大桥的钢梁昨天合龙。", ((0, 5), (14, 19)), "body"),
        ("车程缩短。", ((19, 24),), "body"),
        ("图为大桥。", ((7, 12),), "caption"),
    ]


def test_a_headline_is_one_sentence_of_its_kind() -> None:
    text = page("大桥合龙了！车程缩短了吗", "本报青河10月3日电 大桥昨天合龙。")
    (article,) = split(text)
    kinds = [(sentence.kind, sentence.text) for sentence in split_article(article, text)]
    assert kinds == [
        ("title", "大桥合龙了！车程缩短了吗"),
        ("dateline", "本报青河10月3日电"),
        ("body", "大桥昨天合龙。"),
    ]


def test_front_matter_is_no_sentence() -> None:
    text = "---\ntitle: 大桥\n---\n\n合龙。\n"
    (article,) = split(text, "a.md", title="大桥")
    assert [sentence.text for sentence in split_article(article, text)] == ["合龙。"]


def test_the_sentences_of_the_sample_documents_are_sound() -> None:
    n = 0
    for document in read_documents(ROOT / "documents"):
        assert isinstance(document, Document)
        for article in split_articles(document):
            sentences = split_article(article, document.text)
            assert_sound(article, document.text, sentences)
            n += len(sentences)
    assert n > 200


@given(pages(), st.sampled_from(["page.txt", "page.md"]))
@settings(max_examples=150, deadline=None)
def test_the_sentences_of_any_page_are_sound(text: str, doc_id: str) -> None:
    for article in split(text, doc_id):
        assert_sound(article, text, split_article(article, text))


def test_a_text_without_an_end_is_cut() -> None:
    text = "长" * 2500 + "。短句。"
    article = Article("a.txt", 0, "", (Block(0, len(text)),))
    assert [len(sentence.text) for sentence in split_article(article, text)] == [1000, 1000, 501, 3]
