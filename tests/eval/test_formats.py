"""Foreign collections: each format says the same two passages and three questions, and becomes the same set."""

import csv
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eval.datasets import check_quotes, read_set
from eval.errors import SetError
from eval.formats import Collection, read_collection
from eval.importing import write_collection
from index.documents import read_documents
from index.types import Document

BRIDGE, LIBRARY = "大桥全长3.5公里，总投资12亿元。", "图书馆7月1日开放，藏书20万册。7月1日也是馆庆。"


def answer_in(context: str, text: str) -> dict[str, Any]:
    return {"text": text, "answer_start": context.rfind(text)}


def write_squad(path: Path) -> Path:
    paragraphs = [
        {"context": BRIDGE, "qas": [
            {"id": "a", "question": "大桥多长？", "answers": [answer_in(BRIDGE, "3.5公里")]},
            {"id": "c", "question": "大桥多宽？", "answers": [], "is_impossible": True},
        ]},
    ]  # fmt: skip
    library = [
        {"context": LIBRARY, "qas": [{"id": "b", "question": "哪天开放？", "answers": [answer_in(LIBRARY, "7月1日")]}]}
    ]
    content = {
        "version": "2.0",
        "data": [{"title": "桥", "paragraphs": paragraphs}, {"title": "馆", "paragraphs": library}],
    }
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def write_cmrc(path: Path) -> Path:
    rows = [
        {"context_text": BRIDGE, "title": "桥", "qas": [
            {"query_id": "a", "query_text": "大桥多长？", "answers": ["3.5公里"]},
            {"query_id": "c", "query_text": "大桥多宽？", "answers": []},
        ]},
        {"context_text": LIBRARY, "title": "馆", "qas": [
            {"query_id": "b", "query_text": "哪天开放？", "answers": ["7月1日"]},
        ]},
    ]  # fmt: skip
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return path


def write_qa(path: Path) -> Path:
    rows = [
        {"id": "a", "question": "大桥多长？", "answers": ["3.5公里"], "title": "桥", "context": BRIDGE},
        {"id": "c", "question": "大桥多宽？", "answers": [], "title": "桥", "context": BRIDGE},
        {"id": "b", "question": "哪天开放？", "answers": ["7月1日"], "title": "馆", "context": LIBRARY},
    ]
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return path


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def documents_of(folder: Path) -> Callable[[str], Document]:
    by_id = {item.doc_id: item for item in read_documents(folder) if isinstance(item, Document)}
    return by_id.__getitem__


@pytest.mark.parametrize(
    ("format", "name", "write"),
    [("squad", "s.json", write_squad), ("squad", "c.json", write_cmrc), ("qa", "q.jsonl.xz", write_qa)],
    ids=["squad", "cmrc", "qa"],
)
def test_a_span_format_becomes_documents_and_a_set_that_hold_together(
    tmp_path: Path, format: str, name: str, write: Callable[[Path], Path]
) -> None:
    collection = read_collection(write(tmp_path / name), format)
    documents, set_path = write_collection(collection, tmp_path / "out", "s")
    questions = {question.id: question for question in read_set(set_path)}
    assert check_quotes(list(questions.values()), documents_of(documents)) == []
    assert {id: (q.kind, q.answers) for id, q in questions.items()} == {
        "a": ("fact", ("3.5公里",)),
        "b": ("fact", ("7月1日",)),
        "c": ("unanswerable", ()),
    }
    (gold,) = questions["a"].evidence
    document = documents_of(documents)(gold.doc_id)
    assert document.text == f"桥\n{BRIDGE}"
    assert document.text[gold.start : gold.end] == "3.5公里"


def test_the_offset_that_a_format_gives_is_taken_before_the_first_place_of_the_words(tmp_path: Path) -> None:
    squad = read_collection(write_squad(tmp_path / "s.json"), "squad")
    without = read_collection(write_cmrc(tmp_path / "c.json"), "squad")
    starts = [
        next(question.gold[0][1] for question in collection.questions if question.id == "b")
        for collection in (squad, without)
    ]
    assert starts == [LIBRARY.rfind("7月1日"), LIBRARY.find("7月1日")]


def read_beir_folder(tmp_path: Path, splits: dict[str, list[list[str]]]) -> Collection:
    folder = tmp_path / "beir"
    (folder / "qrels").mkdir(parents=True)
    write_lines(folder / "corpus.jsonl", [{"_id": "d1", "title": "桥", "text": BRIDGE}, {"_id": "d2", "text": LIBRARY}])
    write_lines(folder / "queries.jsonl", [{"_id": "q1", "text": "大桥多长"}, {"_id": "q2", "text": "无人判断"}])
    for name, rows in splits.items():
        with (folder / "qrels" / f"{name}.tsv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter="\t").writerows([["query-id", "corpus-id", "score"], *rows])
    return read_collection(folder, "beir")


def test_a_retrieval_benchmark_has_whole_passages_as_gold_and_no_words(tmp_path: Path) -> None:
    collection = read_beir_folder(
        tmp_path, {"dev": [["q1", "d2", "1"]], "test": [["q1", "d1", "2"], ["q1", "d2", "0"]]}
    )
    (question,) = collection.questions  # nobody judged q2; of dev and test, test
    assert (question.gold, question.answers) == ((("d1", 0, len(BRIDGE)),), ())
    documents, set_path = write_collection(collection, tmp_path / "out", "b")
    (read,) = read_set(set_path)
    assert read.kind == "retrieval"
    assert check_quotes([read], documents_of(documents)) == []


def test_rgb_in_both_layouts(tmp_path: Path) -> None:
    ours = {
        "id": 0, "question": "几时宣誓，几时开会？",
        "answers": ["1月3日", "1月12日"], "sub_answers": [["1月3日"], ["1月12日"]],
        "passages": [{"text": "1月3日宣誓。", "label": "positive"}, {"text": "1月12日开会。", "label": "positive"},
                     {"text": "1月3日下雨。", "label": "negative"}],
    }  # fmt: skip
    original = {
        "id": 1,
        "query": "多少席？",
        "answer": ["70", "七十"],
        "positive": ["共70席。"],
        "positive_wrong": ["共170席。"],
        "negative": [],
    }
    collection = read_collection(write_lines(tmp_path / "r.jsonl", [ours, original]), "rgb")
    assert len(collection.passages) == 5
    first, second = collection.questions
    assert first.required == (("1月3日",), ("1月12日",))
    assert [id for id, _, _ in first.gold] == ["p000000", "p000001"]  # never in the negative one
    assert (second.answers, second.required) == (("70", "七十"), (("70", "七十"),))
    assert [id for id, _, _ in second.gold] == ["p000003"]


@pytest.mark.parametrize(
    ("format", "content", "wrong"),
    [
        ("squad", "{", "is not in the format squad"),
        ("squad", "{}", "KeyError: 'data'"),
        ("qa", '{"id": 1, "question": "?", "answers": ["无"], "context": "有"}', "none of its answers"),
        ("qa", "[1]", "is not in the format qa"),
        ("rgb", '{"id": 1}', "is not in the format rgb"),
    ],
)
def test_what_is_in_another_format_is_an_error_with_its_repair(
    tmp_path: Path, format: str, content: str, wrong: str
) -> None:
    path = tmp_path / "x.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SetError, match=wrong) as raised:
        read_collection(path, format)
    assert "Repair:" in str(raised.value)


def test_a_missing_file_is_an_error_too(tmp_path: Path) -> None:
    with pytest.raises(SetError, match="cannot be read"):
        read_collection(tmp_path / "none.json", "squad")
    with pytest.raises(SetError, match=r"qrels.* holds no \.tsv"):
        read_beir_folder(tmp_path, {})


def test_a_limit_takes_questions_and_keeps_all_documents(tmp_path: Path) -> None:
    collection = read_collection(write_qa(tmp_path / "q.jsonl.xz"), "qa")
    documents, set_path = write_collection(collection, tmp_path / "out", "q", limit=1)
    assert len(read_set(set_path)) == 1
    assert len((documents / "q.jsonl").read_text(encoding="utf-8").splitlines()) == 2
