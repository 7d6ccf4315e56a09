"""Names and numbers of a question in the spellings that documents hold."""

import json
from pathlib import Path

import pytest

from index import build_index, open_index
from index.embeddings import Embedder
from index.settings import IndexSettings
from index.store import Index
from rag.query import read_query
from rag.question import search_terms
from rag.retrieve import Fusion, search_bm25, search_hybrid
from rag.searching.names import GROUPS
from rag.searching.spellings import in_characters, in_known_spellings, number_of, other_spellings, probes, spellings_in

LEXICAL = Fusion(10, 1.0)
TEXTS = {
    "full": "工业和信息化部公布了新的名单。",
    "short": "工信部同日答复了来信。",
    "other": "教育部公布了新的名单。",
    "percent": "赞成的居民占百分之四十。",
    "count": "参加长跑的有1.2万人。",
    "month": "运河节在十二月举行。",
    "filler": "青河上的桥修好了。",
}


def index_of(texts: dict[str, str], folder: Path, model: Path) -> Index:
    (folder / "documents").mkdir(parents=True)
    rows = "".join(json.dumps({"id": key, "text": text}, ensure_ascii=False) + "\n" for key, text in texts.items())
    (folder / "documents" / "a.jsonl").write_text(rows, encoding="utf-8")
    build_index(folder / "documents", folder / "index", IndexSettings(embedder=str(model)))
    return open_index(folder / "index")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Index:
    return index_of(TEXTS, tmp_path_factory.mktemp("both"), model_folder)


@pytest.fixture(scope="module")
def full_only(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Index:
    texts = {key: text for key, text in TEXTS.items() if key != "short"}
    return index_of(texts, tmp_path_factory.mktemp("full"), model_folder)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("工信部说了什么", [("工信部", ("工业和信息化部",))]),
        ("百分之四十的人", [("百分之四十", ("40%",))]),
        ("涨了7.6%", [("7.6%", ("百分之七点六",))]),
        ("1.2万人", [("1.2万", ("12000",))]),
        ("35000名", [("35000", ("3.5万", "三万五千"))]),
        ("二〇二三年", [("二〇二三", ("2023",))]),
        ("1998年", [("1998", ("一九九八",))]),
        ("7月15日", [("7", ("七",)), ("15", ("十五",))]),
        ("第三十一届", [("三十一", ("31",))]),
        ("三千五百吨和三百二十公里", [("三千五百", ("3500",)), ("三百二十", ("320",))]),
        ("十分重要的一些人，万一下雨，千万别来三亚", []),
        ("5G手机2020-05-01上市，卖1,500元", []),
    ],
)
def test_what_of_a_question_is_also_spelled_otherwise(
    question: str, expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert [(question[place.start : place.end], place.others) for place in spellings_in(question)] == expected


@pytest.mark.parametrize("number", [*range(130), 999, 1005, 1050, 3500, 10_000, 10_010, 12_000, 100_500, 5_550_000])
def test_a_number_is_read_as_it_is_written(number: int) -> None:
    assert number_of(in_characters(number)) == number


@pytest.mark.parametrize("text", ["", "三五百", "万", "亿"])
def test_what_is_no_number_has_no_value(text: str) -> None:
    assert number_of(text) is None


def test_a_name_stands_in_one_group_and_no_group_has_one_name() -> None:
    names = [name for group in GROUPS for name in group]
    assert len(names) == len(set(names))
    assert min(map(len, GROUPS)) == 2


def test_the_spelling_that_stands_replaces_the_one_that_does_not() -> None:
    assert in_known_spellings("工信部和北大", {"工业和信息化部", "北大", "北京大学"}) == "工业和信息化部和北大"
    assert in_known_spellings("工信部和北大", set()) == "工信部和北大"
    assert other_spellings("工信部和北大", {"工业和信息化部", "北大", "北京大学"}) == (
        "工业和信息化部和北大",
        "工信部和北京大学",
    )
    assert set(probes("十二月在工信部")) == {"十二", "12", "工信部", "工业和信息化部"}


def test_a_name_that_stands_nowhere_is_asked_for_as_it_stands(full_only: Index, embedder: Embedder) -> None:
    query = read_query(full_only, embedder, "工信部的新名单")
    assert query.text == "工业和信息化部的新名单"
    assert query.terms == tuple(search_terms(query.text))
    assert query.vector.tolist() == embedder.embed_queries([query.text])[0].tolist()
    assert search_hybrid(full_only, query, 3, LEXICAL)[0].chunk.doc_id == "a.jsonl#full"


@pytest.mark.parametrize(
    ("question", "doc_id"),
    [("40%的居民赞成吗", "percent"), ("12000人的长跑", "count"), ("12月的运河节", "month")],
)
def test_a_number_that_stands_nowhere_is_asked_for_as_it_stands(
    both: Index, embedder: Embedder, question: str, doc_id: str
) -> None:
    query = read_query(both, embedder, question)
    assert query.text != question
    assert search_hybrid(both, query, 3, LEXICAL)[0].chunk.doc_id == f"a.jsonl#{doc_id}"


def test_where_both_spellings_stand_each_chunk_counts_by_its_own(both: Index, embedder: Embedder) -> None:
    question = "工信部的答复"
    query = read_query(both, embedder, question)
    assert (query.text, query.spellings) == (question, (tuple(search_terms("工业和信息化部的答复")),))
    found = {hit.chunk.doc_id: hit.bm25_score for hit in search_hybrid(both, query, 10, LEXICAL)}
    asked = {hit.chunk.doc_id: hit.score for hit in search_bm25(both, query.terms, 10)}
    other = {hit.chunk.doc_id: hit.score for hit in search_bm25(both, query.spellings[0], 10)}
    weights = [
        sum(read_query(both, embedder, text).term_weights.values()) for text in (question, "工业和信息化部的答复")
    ]
    factor = weights[0] / weights[1]
    assert "a.jsonl#full" not in asked
    for doc_id, score in found.items():
        assert score == pytest.approx(max(asked.get(doc_id, 0.0), factor * other.get(doc_id, 0.0)), rel=1e-5)
    assert found["a.jsonl#short"] > found["a.jsonl#full"] > found.get("a.jsonl#other", 0.0)


def test_the_best_of_all_spellings_are_the_best_rows(both: Index, embedder: Embedder) -> None:
    query = read_query(both, embedder, "工信部公布的名单")
    every = {hit.chunk.doc_id: hit.bm25_score for hit in search_hybrid(both, query, 10, LEXICAL)}
    first = search_hybrid(both, query, 1, Fusion(1, 1.0))[0]
    assert first.chunk.doc_id == max(every, key=lambda doc_id: every[doc_id]) == "a.jsonl#full"


@pytest.mark.parametrize("question", ["9" * 400 + "万人", "9" * 310 + "亿", "1" * 5000 + "%", "0.0万", "百分之零"])
def test_numbers_that_nobody_writes_are_no_crash(question: str) -> None:
    for place in spellings_in(question):
        assert question[place.start : place.end] not in place.others
