import json
import lzma
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from benchmarks.corpus import (
    CHUNK_CHARS,
    Source,
    Vocabulary,
    cut_pieces,
    draw_questions,
    generate_article,
    perturb_pieces,
    read_source,
    read_vocabulary,
    take_articles,
    take_pieces,
    write_articles,
)
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


def generated(seed: int = 5) -> Source:
    return Source("generated", VOCABULARY, None, seed)


def test_a_small_corpus_is_the_beginning_of_a_large_one() -> None:
    small, large = take_articles(generated(), 3), take_articles(generated(), 12)
    assert large[: len(small)] == small
    assert small == [generate_article(VOCABULARY, 5, number) for number in range(len(small))]


@pytest.mark.parametrize("n_chunks", [1, 7, 20])
def test_a_corpus_has_as_many_pieces_as_asked(n_chunks: int) -> None:
    articles = take_articles(generated(), n_chunks)
    pieces = [piece for article in articles for piece in cut_pieces(article)]
    assert len(pieces) >= n_chunks > len(pieces) - len(cut_pieces(articles[-1]))
    assert take_pieces(generated(), n_chunks) == pieces[:n_chunks]


def test_pieces_are_the_text_cut() -> None:
    text = "大桥" * 400
    assert "".join(cut_pieces(text)) == text
    assert [len(piece) for piece in cut_pieces(text)] == [CHUNK_CHARS, CHUNK_CHARS, 200]


def test_a_larger_corpus_repeats_the_pieces_with_changes() -> None:
    pieces = [generate_article(VOCABULARY, 0, number)[:300] for number in range(20)]
    many = list(perturb_pieces(pieces, 70, seed=1))
    assert many == list(perturb_pieces(pieces, 70, seed=1))
    assert many[:20] == pieces
    assert len(many) == 70
    assert len(set(many)) >= 60
    for number, piece in enumerate(many[20:], start=20):
        of_base = sum(one == other for one, other in zip(piece, pieces[number % 20], strict=False))
        assert len(piece) == len(pieces[number % 20])
        assert 0.6 * len(piece) < of_base


@pytest.mark.parametrize("name", ["news.jsonl", "news.jsonl.xz"])
def test_articles_are_read_from_a_file(tmp_path: Path, name: str) -> None:
    rows = [{"title": "大桥合龙", "text": "红米丰收。"}, {"text": "无题。"}]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
    (tmp_path / name).write_bytes(lzma.compress(text) if name.endswith("xz") else text)
    source = read_source(tmp_path, tmp_path / name, 1)
    assert take_articles(source, 99) == ["大桥合龙\n红米丰收。", "\n无题。"]
    write_articles(tmp_path / "docs" / "articles.jsonl", take_articles(source, 99))
    read = [item.text for item in read_documents(tmp_path / "docs") if isinstance(item, Document)]
    assert [text.strip() for text in read] == ["大桥合龙\n红米丰收。", "无题。"]
    assert name in source.name


def test_a_file_of_articles_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DocumentsError, match=r"none\.jsonl"):
        read_source(tmp_path, tmp_path / "none.jsonl", 1)


def test_each_row_is_one_titled_article_for_the_index(tmp_path: Path) -> None:
    source = read_source(Path(__file__).resolve().parents[2] / "documents", None, 1)
    made = take_articles(source, 40)
    write_articles(tmp_path / "docs" / "articles.jsonl", made)
    documents = [item for item in read_documents(tmp_path / "docs") if isinstance(item, Document)]
    assert len(documents) == len(made) > 10
    articles = [article for document in documents for article in split_articles(document)]
    assert [article.title for article in articles] == [text.split("\n")[0] for text in made]


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
