"""Composed pages: the labels must be true, whatever the troubles, or what is trained and measured on them is not."""

import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from index.articles import split_articles
from index.pages.seams import SIDE, _buckets, gram_buckets, load_seams, save_seams
from index.pages.tagger import ALLOWED, STATES, load_weights, save_weights
from index.sentences import split_article
from index.types import Article, Block, Document
from training.pages.breaks import break_paragraph, sentence_around
from training.pages.compose import compose_page, compose_pages
from training.pages.fit import _Chain, _code, fit_chain
from training.pages.label import label_page
from training.pages.marks import draw_byline, draw_dateline, draw_jump
from training.pages.seams import fit_seams
from training.pages.stories import Story, half_of, use_of
from training.pages.types import GoldPage, GoldStory, Piece

from ..index.pages import BRIDGE, BRIDGE_TITLE, LIBRARY, LIBRARY_TITLE, RICE, RICE_TITLE, assert_covered
from ..index.test_sentences import assert_sound

STORIES = [
    Story(
        "bridge",
        BRIDGE_TITLE,
        (BRIDGE[0] + BRIDGE[1], BRIDGE[2] + BRIDGE[1], BRIDGE[1] + BRIDGE[2], BRIDGE[0], BRIDGE[2]),
    ),
    Story("rice", RICE_TITLE, (RICE[0] + RICE[1], RICE[2] + RICE[1], RICE[1] + RICE[2], RICE[0], RICE[2])),
    Story(
        "library", LIBRARY_TITLE, (LIBRARY[0] + LIBRARY[1], LIBRARY[2] + LIBRARY[1], LIBRARY[1], LIBRARY[2], LIBRARY[0])
    ),
]
PAGES = [compose_page(STORIES, seed) for seed in range(200)]


def test_the_pieces_cover_the_page_and_stand_where_they_say() -> None:
    for page in PAGES:
        end = 0
        for piece in page.pieces:
            assert page.text[end : piece.start].strip() == ""
            assert "".join(page.text[piece.start : piece.end].split()) == "".join(piece.text.split()) != ""
            end = piece.end
        assert page.text[end:].strip() == ""


def test_a_break_is_one_and_its_sentence_is_whole() -> None:
    n = 0
    for page in PAGES:
        if "traditional" in page.troubles:
            continue
        for piece in page.pieces:
            if piece.joins:
                n += 1
                halves = piece.joins.text.rpartition("。")[2][-4:] + piece.text[:1]
                assert (
                    any(halves in sentence for sentence in page.stories[piece.story].mended)
                    or len(piece.joins.text) < 4
                )
        for story in page.stories:
            known = {s.text for one in STORIES for p in one.paragraphs for s in sentences_of(p)}
            assert set(story.mended) <= known
    assert n > 100


def sentences_of(text: str):  # type: ignore[no-untyped-def]
    return split_article(Article("", 0, "", (Block(0, len(text)),)), text)


def test_a_title_is_printed_where_the_story_has_one() -> None:
    for page in PAGES:
        for number, story in enumerate(page.stories):
            printed = [p.text for p in page.pieces if p.story == number and p.role == "title"]
            assert " ".join(printed) == story.title


def test_every_trouble_of_a_real_page_is_applied() -> None:
    troubles = {t for page in PAGES for t in page.troubles.union(*(s.troubles for s in page.stories))}
    assert troubles >= {
        "headline after its body", "headline in the middle", "headline over lines", "no headline", "subtitle",
        "section headings", "sentence cut", "caption in a sentence", "lines twice", "text lost", "tail elsewhere",
        "continued", "signed at the end", "ends in brackets", "unmarked", "traditional", "old line ends", "wrapped",
        "a line a paragraph",
    }  # fmt: skip


def test_a_page_is_the_same_for_the_same_seed() -> None:
    first, second = (list(compose_pages(STORIES * 3, 5, 9)) for _ in range(2))
    assert [page.text for page in first] == [page.text for page in second]
    assert [page.text for page in first] != [page.text for page in compose_pages(STORIES * 3, 5, 10)]


def test_a_break_in_a_paragraph_loses_no_text_but_where_it_says_so() -> None:
    for seed in range(300):
        story, whole = GoldStory(""), BRIDGE[0] + RICE[0]
        parts = break_paragraph(random.Random(seed), Piece(whole, 0, "body"), story, None)
        joined = "".join(part.text for part in parts if part.role == "body")
        assert joined == whole or ("text lost" in story.troubles and whole.startswith(joined))
        assert [part.role for part in parts if part.role != "body"] == ["repeat"] * ("lines twice" in story.troubles)


def test_the_sentence_around_a_cut() -> None:
    text = "大桥合龙。车程缩短了。通车。"
    assert [sentence_around(text, cut) for cut in (2, 5, 7, 11, 13)] == [
        "大桥合龙。", "车程缩短了。", "车程缩短了。", "通车。", "通车。",
    ]  # fmt: skip


def test_marks_say_what_is_recorded_of_them() -> None:
    rng = random.Random(3)
    for _ in range(200):
        dateline = draw_dateline(rng, 12, 23, 2021, at_end=bool(rng.random() < 0.5))
        assert dateline.source in dateline.text and dateline.place in dateline.text
        text, names = draw_byline(rng, bracketed=bool(rng.random() < 0.5))
        assert names and all(name in text for name in names)
    assert all("4" in pair[0] and "1" in pair[1] for pair in (draw_jump(rng, 4) for _ in range(20)))


def test_no_article_stands_in_two_parts() -> None:
    halves = [half_of(f"crud_{i}") for i in range(400)]
    assert halves == [half_of(f"crud_{i}") for i in range(400)]
    assert 150 < halves.count("held out") < 250
    assert 120 < halves.count("fitted") < 210
    assert 0 < halves.count("development") < 80
    assert 150 < [use_of(f"crud_{i}") for i in range(400)].count("pages") < 250


def test_a_network_of_breaks_tells_the_rest_of_a_sentence_from_a_beginning(tmp_path: Path) -> None:
    paragraphs = [a + b for a, b in pairwise([*BRIDGE, *RICE, *LIBRARY] * 4)]
    save_seams(fit_seams(paragraphs, n_examples=400_000), tmp_path / "seams.npz")
    seams = load_seams(tmp_path / "seams.npz")
    for text in (*BRIDGE, *RICE, *LIBRARY):
        assert seams.amid(text) < 0 < seams.amid(text[20:])
        assert seams.between(text[:20], text[20:]) > max(0.0, seams.between(text[:20], BRIDGE[0]))
    rows = np.arange(4 * 2 * SIDE).reshape(4, -1) * 37 % 900
    assert [_buckets(row.tolist(), 1 << 18) for row in rows] == gram_buckets(rows, 1 << 18).tolist()


def test_labels_are_sequences_that_the_grammar_allows() -> None:
    statistics = load_weights().statistics
    labelled = [found for page in PAGES if (found := label_page(page, statistics))]
    assert len(labelled) > 0.8 * len(PAGES)
    number = {state: i for i, state in enumerate(STATES)}
    for page in labelled:
        path = [number[state] for state in page.states]
        assert all(ALLOWED[a, b] for a, b in pairwise(path))


def test_weights_are_the_same_after_saving(tmp_path: Path) -> None:
    weights = load_weights()
    save_weights(weights, tmp_path / "weights.json")
    again = load_weights(tmp_path / "weights.json")
    assert again.statistics == weights.statistics
    assert (again.transitions == weights.transitions).all()
    assert again.features.keys() == weights.features.keys()
    assert all((again.features[name] == row).all() for name, row in weights.features.items())
    assert (again.placing, again.tails, again.joins) == (weights.placing, weights.tails, weights.joins)
    assert weights.network and again.network
    described = [sorted(weights.features)[i : i + 12] for i in range(0, 240, 12)]
    np.testing.assert_allclose(again.network.score(described), weights.network.score(described), atol=2e-3)


def test_the_network_scores_as_the_one_that_was_fitted() -> None:
    """numpy's reading of the page against torch's, on features of a page."""
    statistics = load_weights().statistics
    page = next(found for page in PAGES if (found := label_page(page, statistics)))
    _, _, network = fit_chain([page] * 24, epochs=2, decay=1e-4)
    number = network.numbers
    torch.manual_seed(1)
    chain = _Chain(len(number)).eval()
    network = chain.as_network(number)
    table, _, _ = _code(page, number)
    with torch.no_grad():
        expected = chain.emissions(table[None], torch.tensor([len(table)]))[0]
    np.testing.assert_allclose(network.score(page.described), expected.numpy(), atol=1e-5)
    assert np.abs(expected.numpy()).max() > 1e-3


@pytest.mark.parametrize("page", PAGES[:3])
def test_a_page_has_a_name_that_may_give_its_date(page: GoldPage) -> None:
    assert page.doc_id.endswith(".txt")


def test_nothing_of_a_composed_page_is_lost() -> None:
    for page in PAGES:
        document = Document(page.doc_id, page.text, "")
        articles = split_articles(document)
        assert_covered(document, articles)
        for article in articles:
            assert_sound(article, page.text, split_article(article, page.text))
