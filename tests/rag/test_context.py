"""Passages: whole sentences of one article around its hits, labelled once."""

import json
from pathlib import Path

import pytest

from index.build import build_index
from index.sentences import split_article
from index.settings import IndexSettings
from index.store import Index, open_index
from index.types import Article, Sentence
from rag.context import build_passages, display_title
from rag.types import Hit, Passage

from .pieces import hit

TOWER = [
    "白石塔建在江心的小岛上，塔身一共七层。",
    "塔的底层收着三块旧碑，碑文讲修塔的经过。",
    "登塔要先坐渡船，渡船每半小时开一班。",
    "去年岛上装了新的灯，夜里也能看见塔。",
    "守塔人老郑在岛上住了二十六年。",
]


@pytest.fixture(scope="module")
def fine(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Index:
    """An index whose chunks hold one or two sentences, so that articles have several."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "塔.md").write_text("# 江心的白石塔\n\n" + "\n\n".join(TOWER) + "\n", encoding="utf-8")
    (folder / "桥.md").write_text("# 新桥通车\n\n新桥昨天通车。\n\n桥上可以走人，也可以骑车。\n", encoding="utf-8")
    row = {"id": "1", "text": "没有标题的短讯：今天傍晚有大风，渡船从五点起停开。明早恢复。"}
    (folder / "短.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    out = tmp_path_factory.mktemp("fine") / "index"
    build_index(folder, out, IndexSettings(embedder=str(model_folder), max_chunk_chars=24))
    return open_index(out)


def hits_of(index: Index, doc_id: str) -> list[Hit]:
    """A hit on every chunk of a document, ranked in its order."""
    chunks = [index.chunk(row) for row in range(index.n_chunks)]
    own = [chunk for chunk in chunks if chunk.doc_id == doc_id]
    return [Hit(chunk, 1 / rank, rank, "hybrid") for rank, chunk in enumerate(own, start=1)]


def texts(passage: Passage) -> list[str]:
    return [sentence.text for sentence in passage.sentences]


def check(index: Index, passages: tuple[Passage, ...], hits: list[Hit]) -> None:
    """What holds for every set of passages."""
    assert [p.label for p in passages] == list(range(1, len(passages) + 1))
    best = [min(h.rank for h in p.hits) for p in passages]
    assert best == sorted(best)
    seen: set[tuple[str, tuple[tuple[int, int], ...]]] = set()
    for passage in passages:
        document, article = (
            index.document(passage.doc_id),
            index.article(passage.doc_id, passage.article),
        )
        assert document is not None
        assert article is not None
        whole = {sentence.spans: sentence for sentence in split_article(article, document.text)}
        for sentence in passage.sentences:
            assert whole[sentence.spans] == sentence
            assert (passage.doc_id, sentence.spans) not in seen
            seen.add((passage.doc_id, sentence.spans))
        assert all((h.chunk.doc_id, h.chunk.article) == (passage.doc_id, passage.article) for h in passage.hits)
    assert {h.chunk for p in passages for h in p.hits} == {h.chunk for h in hits}


@pytest.mark.parametrize("step", [1, 2, 5])
@pytest.mark.parametrize("start", range(4))
def test_passages_of_the_sample_hold(sample: Index, start: int, step: int) -> None:
    rows = range(start, sample.n_chunks, step)
    hits = [Hit(sample.chunk(row), 1 / rank, rank, "hybrid") for rank, row in enumerate(rows, start=1)]
    passages = build_passages(sample, "大桥有多长？", hits)
    check(sample, passages, hits)
    assert len(passages) > 5


def test_neighbours_are_merged_and_others_are_not(fine: Index) -> None:
    hits = hits_of(fine, "塔.md")
    assert len(hits) == len(TOWER)
    (both,) = build_passages(fine, "塔有几层？", hits[1:3])
    assert texts(both) == TOWER[1:3]
    assert both.hits == tuple(hits[1:3])
    apart = build_passages(fine, "塔有几层？", [hits[3], hits[0]])
    assert [texts(p) for p in apart] == [TOWER[:1], TOWER[3:4]]
    assert [p.hits for p in apart] == [(hits[0],), (hits[3],)]
    (everything,) = build_passages(fine, "塔有几层？", hits)
    assert texts(everything) == TOWER
    check(fine, (everything,), hits)


def test_passages_come_in_the_order_of_their_best_hit(fine: Index) -> None:
    tower, bridge = hits_of(fine, "塔.md"), hits_of(fine, "桥.md")
    ranked = [Hit(h.chunk, 1 / rank, rank, "hybrid") for rank, h in enumerate([tower[4], bridge[0], tower[0]], start=1)]
    passages = build_passages(fine, "塔", ranked)
    assert [(p.label, p.doc_id, texts(p)[0]) for p in passages] == [
        (1, "塔.md", TOWER[4]),
        (2, "桥.md", "新桥昨天通车。"),
        (3, "塔.md", TOWER[0]),
    ]
    check(fine, passages, ranked)


def test_only_the_first_sentence_opens_the_article(fine: Index) -> None:
    hits = hits_of(fine, "塔.md")
    opens = [p.opens_article for p in build_passages(fine, "塔", [hits[0], hits[2], hits[4]])]
    assert opens == [True, False, False]


def test_distinct_articles_are_never_mixed(sample: Index) -> None:
    rows = range(sample.n_chunks)
    hits = [Hit(sample.chunk(row), 1.0, rank, "hybrid") for rank, row in enumerate(rows, start=1)]
    owners = {(h.chunk.doc_id, h.chunk.article) for h in hits}
    passages = build_passages(sample, "油田", hits)
    assert {(p.doc_id, p.article) for p in passages} == owners
    for passage in passages:
        article = sample.article(passage.doc_id, passage.article)
        assert article is not None
        for start, end in (span for sentence in passage.sentences for span in sentence.spans):
            assert any(a <= start and end <= b for a, b in article.pieces)


def test_bylines_are_read_only_where_the_question_asks_who_wrote(sample: Index) -> None:
    hits = [Hit(sample.chunk(row), 1.0, row + 1, "hybrid") for row in range(sample.n_chunks)]
    kinds = {
        question: {s.kind for p in build_passages(sample, question, hits) for s in p.sentences}
        for question in ("大桥有多长？", "这篇报道是哪位记者写的？", "作者是谁？")
    }
    assert "byline" not in kinds["大桥有多长？"]
    assert kinds["这篇报道是哪位记者写的？"] == kinds["作者是谁？"] == {*kinds["大桥有多长？"], "byline"}


def test_no_passage_holds_the_headline_or_a_dateline(sample: Index) -> None:
    hits = [Hit(sample.chunk(row), 1.0, row + 1, "hybrid") for row in range(sample.n_chunks)]
    kinds = {s.kind for p in build_passages(sample, "大桥有多长？", hits) for s in p.sentences}
    assert {"body", "heading"} <= kinds
    assert not kinds & {"title", "dateline", "metadata"}


def test_an_untitled_article_is_shown_by_how_it_begins(fine: Index) -> None:
    passages = build_passages(fine, "渡船", hits_of(fine, "短.jsonl#1"))
    article = fine.article("短.jsonl#1", 0)
    assert article is not None
    assert article.title == ""
    assert passages[0].title == "没有标题的短讯：今天傍晚有大风，渡船从五……"


def test_display_title() -> None:
    untitled = Article("a", 0, "", ())
    short, long = Sentence(((0, 5),), "今天有风。"), Sentence(((0, 30),), "字" * 21)
    assert display_title(untitled, [short]) == "今天有风。"
    assert display_title(untitled, [long, short]) == "字" * 20 + "……"
    assert display_title(untitled, []) == ""
    assert display_title(Article("a", 0, "风", ()), [long]) == "风"


def test_a_hit_on_what_is_gone_gives_no_passage(fine: Index) -> None:
    (kept,) = build_passages(
        fine,
        "塔",
        [hit(doc_id="没有.txt"), hit(doc_id="塔.md", article=9), hits_of(fine, "塔.md")[0]],
    )
    assert (kept.label, kept.doc_id) == (1, "塔.md")
    assert build_passages(fine, "塔", []) == ()
