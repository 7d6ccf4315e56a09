"""From filters to rows, and through the engine: what is searched, shown and said, and that it can be left off."""

import json
from pathlib import Path

import numpy as np
import pytest

from index.build import build_index
from index.settings import IndexSettings
from index.store import Index
from rag import Engine, RagSettings
from rag.retrieve import Fusion
from rag.types import Answer, Mode

from .conftest import OpenEngine

STORIES = [
    ("a", "2024-03-01", "本报", "青河大桥开工", "青河大桥昨天开工，桥面宽30米，工人有200名。"),
    ("b", "2024-08-09", "新华社", "青河大桥合龙", "青河大桥昨天合龙，桥面宽32米，工人有500名。"),
    ("c", "2024-12", "村报", "青河大桥通车", "青河大桥这个月通车，桥面宽34米，工人有90名。"),
    ("d", "", "", "红米丰收", "本报红河12月23日电  村里的红米收了八吨，每斤卖到十二元。"),
    ("e", "", "", "图书馆", "图书馆有三层，阅览室有90个座位。"),
]


@pytest.fixture(scope="module")
def bridge(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Path:
    folder = tmp_path_factory.mktemp("bridge")
    rows = [dict(zip(("id", "date", "source", "title", "text"), story, strict=True)) for story in STORIES]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "docs").mkdir()
    (folder / "docs" / "s.jsonl").write_text(lines, encoding="utf-8")
    build_index(folder / "docs", folder / "index", IndexSettings(embedder=str(model_folder)))
    return folder / "index"


@pytest.fixture(scope="module")
def asker(bridge: Path, open_engine: OpenEngine) -> Engine:
    return open_engine(bridge, answer_threshold=0.0)


def ids(found: Answer) -> list[str]:
    return sorted({hit.chunk.doc_id.partition("#")[2] for hit in found.hits})


@pytest.mark.parametrize(
    ("question", "shown", "searched"),
    [
        ("2024年3月1日的报道里，桥面宽多少米？", ["日期：2024年3月1日（2024-02-29—2024-03-01）"], ["a"]),
        ("2024年8月的新闻里桥面宽多少米？", ["日期：2024年8月（2024-08）"], ["b"]),
        ("12月23日的报道里桥面宽多少米？", ["日期：12月23日（12月22日—12月23日）"], ["c", "d"]),
        ("2024年的报道里桥面宽多少米？", ["日期：2024"], ["a", "b", "c", "d"]),
        ("新华社的报道里桥面宽多少米？", ["来源：新华社"], ["b"]),
        ("据村报消息，青河大桥的桥面宽多少米？", ["来源：村报"], ["c"]),
        ("村报12月的报道里桥面宽多少米？", ["来源：村报", "日期：12月"], ["c"]),
        ("青河大桥的桥面宽多少米？", [], ["a", "b", "c", "d", "e"]),
    ],
)
def test_only_the_articles_meant_are_searched(
    asker: Engine, question: str, shown: list[str], searched: list[str]
) -> None:
    answer = asker.answer(question)
    assert (list(answer.filters), ids(answer)) == (shown, searched)
    assert all(citation.doc_id.partition("#")[2] in searched for citation in answer.citations)
    assert (answer.question, answer.standalone_question) == (question, question)


@pytest.mark.parametrize("mode", ["bm25", "dense", "hybrid", "reranked"])
def test_every_mode_keeps_to_the_filter(asker: Engine, mode: Mode) -> None:
    question = "新华社的报道里桥面宽多少米？"
    assert {hit.chunk.doc_id for hit in asker.retrieve(question, 10, mode)} == {"s.jsonl#b"}
    assert len({hit.chunk.doc_id for hit in asker.retrieve(question, 10, mode, filtered=False)}) >= 3


def test_a_filter_can_be_left_off(asker: Engine, bridge: Path, open_engine: OpenEngine) -> None:
    question = "新华社的报道里桥面宽多少米？"
    free = asker.answer(question, filtered=False)
    assert (free.filters, ids(free)) == ((), ["a", "b", "c", "d", "e"])
    never = open_engine(bridge, answer_threshold=0.0, use_filters=False).answer(question)
    assert (never.filters, never.text, ids(never)) == ((), free.text, ids(free))


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("人民日报怎么说青河大桥的桥面？", "来源：人民日报"),
        ("2019年3月的报道里桥面宽多少米？", "日期：2019年3月（2019-03）"),
        ("新华社2024年3月的报道里桥面宽多少米？", "日期：2024年3月（2024-03）"),
    ],
)
def test_a_filter_that_leaves_nothing_is_left_out_and_said(asker: Engine, question: str, missing: str) -> None:
    answer = asker.answer(question)
    assert missing not in answer.filters
    assert f"没有符合“{missing}”的文章" in answer.notice


def test_relative_words_count_from_the_newest_article(asker: Engine) -> None:
    answer = asker.answer("上个月的报道里桥面宽多少米？")  # the newest whole date is 2024-08-09
    assert "没有符合“日期：上个月（2024-07）”的文章" in answer.notice
    assert asker.answer("这个月的报道里桥面宽多少米？").filters == ("日期：这个月（2024-08-01—2024-08-09）",)


def test_a_preferred_time_comes_first_where_the_rest_is_equal(asker: Engine) -> None:
    for time, expected in (("2024年3月1日", "s.jsonl#a"), ("2024年8月9日", "s.jsonl#b")):
        assert asker.retrieve(f"{time}桥面宽多少米？", 1, "hybrid")[0].chunk.doc_id == expected
    answer = asker.answer("2024年8月青河大桥的桥面宽多少米？")
    assert (answer.filters, ids(answer)) == (("优先：2024年8月",), ["a", "b", "c", "d", "e"])


@pytest.mark.parametrize(
    ("question", "lines"),
    [
        ("2024年的报道说了什么？", ["青河大桥通车[1]", "青河大桥合龙[2]", "青河大桥开工[3]", "红米丰收[4]"]),
        ("新华社说了些什么？", ["青河大桥合龙[1]"]),
        ("12月的新闻有哪些？", ["青河大桥通车[1]", "红米丰收[2]"]),
    ],
)
def test_a_bare_date_or_source_is_answered_by_its_headlines(asker: Engine, question: str, lines: list[str]) -> None:
    answer = asker.answer(question)
    assert answer.text.split("\n") == lines
    assert [citation.label for citation in answer.citations] == list(range(1, len(lines) + 1))
    for citation in answer.citations:
        assert asker.document(citation.doc_id).text[citation.start : citation.end] == citation.quote
    assert all(claim.supported for claim in answer.claims)
    assert (answer.refused, answer.notice, len(answer.filters)) == (False, "", 1)


def test_of_many_articles_the_newest_are_shown_and_said(asker: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.answering.decided.MAX_ARTICLES", 2)
    answer = asker.answer("2024年的报道说了什么？")
    assert [citation.doc_id for citation in answer.citations] == ["s.jsonl#c", "s.jsonl#b"]
    assert "这里是最新的2篇" in answer.notice


def test_facts_are_those_of_the_articles(asker: Engine) -> None:
    index: Index = asker.index
    expected = [
        (article.date, article.source)
        for chunk in map(index.chunk, range(index.n_chunks))
        if (article := index.article(chunk.doc_id, chunk.article))
    ]
    assert index.texts.dates_and_sources() == expected
    mask = asker._open.facts.rows(lambda date, source: source == "村报")
    assert mask.tolist() == [source == "村报" for _, source in expected]


def test_a_large_filter_is_searched_in_blocks(asker: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    question = "2024年的报道里桥面宽多少米？"
    whole = [hit.chunk for hit in asker.retrieve(question, 3, "dense")]
    monkeypatch.setattr("index.row_search._ROWS_PER_BLOCK", 1)
    assert [hit.chunk for hit in asker.retrieve(question, 3, "dense")] == whole
    assert len(whole) == 3


def test_reciprocal_ranks_can_be_chosen(bridge: Path, open_engine: OpenEngine) -> None:
    engine = open_engine(bridge, fusion="reciprocal_ranks")
    hits = engine.retrieve("青河大桥的桥面宽多少米？", 5, "hybrid")
    for one in hits:
        ranks = [rank for rank in (one.bm25_rank, one.dense_rank) if rank]
        assert one.score == pytest.approx(sum(1 / (60 + rank) for rank in ranks))


def test_settings_are_checked() -> None:
    assert Fusion(1, 0.5).method == RagSettings().fusion
    assert np.isclose(RagSettings().preference, 0.1)
