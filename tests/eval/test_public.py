"""The public benchmarks over a small folder in their layout: read, built, asked, one line each."""

import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import main
from eval.datasets import read_set
from eval.errors import SetError
from eval.public import BENCHMARKS, is_held_out, public_table, read_held_out, read_news, run_benchmark
from rag.engine import Engine
from training.embedder.corpus import is_development
from training.reader.data import bucket

BRIDGE, LIBRARY = "大桥全长3.5公里，总投资12亿元。", "图书馆7月1日开放，藏书20万册。"


def write_xz(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with lzma.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture(name="data")
def small_data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    rows = [
        {"id": "1", "question": "大桥全长多少公里？", "answers": ["3.5公里"], "title": "大桥", "context": BRIDGE},
        {"id": "2", "question": "图书馆藏书多少册？", "answers": ["20万册"], "title": "图书馆", "context": LIBRARY},
        {"id": "3", "question": " ", "answers": ["20万册"], "title": "图书馆", "context": LIBRARY},
    ]
    write_xz(data / "qa" / "cmrc2018_trial.jsonl.xz", rows)
    articles = [{"id": "n1", "title": "", "text": BRIDGE}, {"id": "n2", "title": "图书馆", "text": LIBRARY}]
    write_xz(data / "news" / "news_2023.jsonl.xz", articles)
    asked = [
        {"id": "a", "question": "大桥全长多少公里？", "answers": ["3.5公里"], "doc_ids": ["n1"], "specific": True},
        {"id": "b", "question": "哪里开放？", "answers": ["别处"], "doc_ids": ["n2"], "specific": True},
        {"id": "c", "question": "什么事件？", "answers": ["参阅"], "doc_ids": ["n2"], "specific": False},
    ]
    write_xz(data / "bench" / "news_questions_dev.jsonl.xz", asked)
    return data


def test_news_questions_point_at_the_answer_or_at_the_whole_article(data: Path) -> None:
    files = [data / file for file in BENCHMARKS["news"].files]
    collection = read_news(*files)
    assert {question.id: question.gold for question in collection.questions} == {
        "a": (("n1", BRIDGE.index("3.5公里"), BRIDGE.index("3.5公里") + 5),),
        "b": (("n2", 0, len(LIBRARY)),),
    }


def test_a_benchmark_is_asked_and_kept(data: Path, tmp_path: Path) -> None:
    run = run_benchmark("cmrc2018-trial", data, tmp_path / "work", Engine.open)
    assert [result.verdict for result in run.results] == ["right", "right"]  # the one without words is left out
    row = public_table([run]).rows[0]
    assert row[:3] == ("cmrc2018-trial", "2", "1.000")
    folder = tmp_path / "work" / "cmrc2018-trial"
    assert len(read_set(folder / "cmrc2018-trial.jsonl")) == 2
    assert (folder / "index" / "CURRENT").is_file()


def test_what_is_not_there_is_left_out_unless_it_was_named(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = ["public", "--data", str(data), "--work", str(tmp_path / "work"), "--limit", "1"]
    assert main(common) == 0
    out, err = capsys.readouterr()
    assert "| cmrc2018-trial | 1 |" in out
    assert "| news | 1 |" in out
    assert "drcd-dev is left out" in err
    assert main([*common, "drcd-dev"]) == 2
    assert main([*common, "other"]) == 2
    with pytest.raises(SetError, match=r"has no qa/drcd_dev\.jsonl\.xz"):
        run_benchmark("drcd-dev", data, tmp_path / "work", Engine.open)


def test_held_out_articles_are_those_that_no_training_takes(tmp_path: Path) -> None:
    titles = [f"条目{number}" for number in range(40)]
    rows = [
        {
            "id": title,
            "question": f"{title}全长多少？",
            "answers": ["3.5公里"],
            "title": title,
            "context": title + BRIDGE,
        }
        for title in titles
    ]
    write_xz(tmp_path / "drcd_dev.jsonl.xz", rows)
    collection = read_held_out(tmp_path / "drcd_dev.jsonl.xz")
    kept = [one.title for one in collection.passages]
    assert kept == [title for title in titles if is_development(title)] == [t for t in titles if bucket(t) < 3]
    assert kept == [title for title in titles if is_held_out(title)]
    assert [question.id for question in collection.questions] == kept
    assert 0 < len(kept) < len(titles)
