from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from benchmarks.corpus import Vocabulary, draw_questions, generate_article, read_vocabulary, write_articles
from index.articles import split_articles
from index.documents import read_documents
from index.errors import DocumentsError
from index.terms import split_terms
from index.types import Document

VOCABULARY = Vocabulary(("大桥", "合龙", "红米"), np.array([0.5, 0.75, 1.0]))


def test_the_vocabulary_is_the_terms_of_the_documents_with_their_frequencies(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("大桥，大桥，合龙。", encoding="utf-8")
    (tmp_path / "b.txt").write_text("大桥。", encoding="utf-8")
    vocabulary = read_vocabulary(tmp_path)
    assert vocabulary.words == ("合龙", "大桥")
    assert vocabulary.cumulative.tolist() == [1 / 4, 1]


def test_a_folder_without_text_lends_no_words(tmp_path: Path) -> None:
    with pytest.raises(DocumentsError, match="no text"):
        read_vocabulary(tmp_path)


def test_the_same_seed_and_number_give_the_same_article() -> None:
    first = generate_article(VOCABULARY, 1, 7)
    assert generate_article(VOCABULARY, 1, 7) == first
    assert generate_article(VOCABULARY, 2, 7) != first
    assert generate_article(VOCABULARY, 1, 8) != first


def test_words_come_as_often_as_in_the_documents() -> None:
    text = "".join(generate_article(VOCABULARY, 0, number) for number in range(40))
    letters = Counter(text)
    total = letters["桥"] + letters["龙"] + letters["米"]
    assert total > 3000
    for letter, share in (("桥", 0.5), ("龙", 0.25), ("米", 0.25)):
        assert letters[letter] / total == pytest.approx(share, abs=0.03)


def test_a_small_corpus_is_the_beginning_of_a_large_one(tmp_path: Path) -> None:
    small = write_articles(tmp_path / "small", VOCABULARY, 3, seed=5)
    large = write_articles(tmp_path / "large", VOCABULARY, 12, seed=5)
    assert [path.name for path in large] == [f"{number:06d}.txt" for number in range(12)]
    assert [p.read_bytes() for p in small] == [p.read_bytes() for p in large[:3]]


def test_each_file_is_one_titled_article_for_the_index(tmp_path: Path) -> None:
    vocabulary = read_vocabulary(Path(__file__).resolve().parents[2] / "documents")
    write_articles(tmp_path / "docs", vocabulary, 25, seed=1)
    documents = [item for item in read_documents(tmp_path / "docs") if isinstance(item, Document)]
    assert len(documents) == 25
    articles = [article for document in documents for article in split_articles(document)]
    assert [article.title for article in articles] == [document.text.split("\n")[0] for document in documents]


def test_a_corpus_goes_on_making_new_terms() -> None:
    vocabulary = read_vocabulary(Path(__file__).resolve().parents[2] / "documents")
    texts = [generate_article(vocabulary, 0, number) for number in range(40)]
    half = {term for text in texts[:20] for term in split_terms(text)}
    assert len({term for text in texts for term in split_terms(text)}) > 1.3 * len(half)


def test_questions_are_pieces_of_the_texts() -> None:
    texts = [generate_article(VOCABULARY, 0, number) for number in range(5)]
    questions = draw_questions(texts, 30, seed=3)
    assert questions == draw_questions(texts, 30, seed=3)
    assert questions != draw_questions(texts, 30, seed=4)
    assert len(questions) == 30
    assert all(8 <= len(question) <= 20 and any(question in text for text in texts) for question in questions)
    assert draw_questions(["短"], 1, seed=0) == ["短"]
