"""`python -m rag`: exit codes, one-line errors, and JSON that holds what the records hold."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import rag.__main__
from rag import Engine

ROOT = Path(__file__).resolve().parents[2]
QUESTION = "西堠门公铁大桥的主跨是多少米？"
REFUSED = "火星上有没有水？"


@pytest.fixture
def run(engine: Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs the command over the sample index; returns the exit code, stdout and stderr."""
    monkeypatch.setattr(rag.__main__.Engine, "open", lambda path, settings=None, model=None: engine)

    def run_it(*arguments: str) -> tuple[int, str, str]:
        code = rag.__main__.main(list(arguments))
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run_it


def test_ask_prints_the_answer_and_where_each_label_points(run, engine: Engine) -> None:
    code, out, err = run("ask", QUESTION)
    answer = engine.answer(QUESTION)
    assert (code, err) == (0, "")
    assert out.startswith(answer.text)
    for citation in answer.citations:
        assert f"[{citation.label}] {citation.article_title}" in out
        assert f"{citation.doc_id}[{citation.start}:{citation.end}]" in out


def test_filters_are_printed_and_can_be_left_off(run, engine: Engine) -> None:
    question = "2023年8月的报道里，西堠门公铁大桥的主跨是多少米？"
    _, out, _ = run("ask", question)
    assert out.startswith("（日期：2023年8月（2023-08）。问题里加“不限时间”")
    assert "日期：" not in run("ask", question, "--no-filters")[1]
    assert "日期：" not in run("ask", f"不限时间，{question}")[1]
    dated = {hit["chunk"]["date"][:7] for hit in json.loads(run("search", question, "--json")[1])}
    free = {hit["chunk"]["date"][:7] for hit in json.loads(run("search", question, "--json", "--no-filters")[1])}
    assert dated == {"2023-08"} < free


def test_ask_suggests_what_may_be_asked_next(run, engine: Engine) -> None:
    code, out, _ = run("ask", QUESTION, "--suggest")
    suggested = engine.suggest(engine.answer(QUESTION))
    assert code == 0
    assert suggested
    assert [line for line in out.splitlines() if "接着可以问" in line] == [f"  接着可以问：{one}" for one in suggested]
    assert "接着可以问" not in run("ask", QUESTION)[1]
    assert json.loads(run("ask", QUESTION, "--suggest", "--json")[1])["suggestions"] == list(suggested)


def test_ask_json_holds_the_contract(run, engine: Engine) -> None:
    code, out, err = run("ask", QUESTION, "--json")
    found = json.loads(out)
    answer = engine.answer(QUESTION)
    assert (code, err) == (0, "")
    assert (found["text"], found["refused"], found["question"]) == (answer.text, False, QUESTION)
    assert len(found["citations"]) == len(answer.citations) > 0
    for citation in found["citations"]:
        assert {
            "label",
            "doc_id",
            "article_title",
            "start",
            "end",
            "quote",
            "page",
        } <= citation.keys()
        text = engine.document(citation["doc_id"]).text
        assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert [hit["rank"] for hit in found["hits"]] == list(range(1, len(answer.hits) + 1))
    for hit in found["hits"]:
        assert isinstance(hit["score"], float)
        chunk = hit["chunk"]
        assert engine.document(chunk["doc_id"]).text[chunk["start"] : chunk["end"]] == chunk["text"]
    assert found["timings_ms"]["total"] > 0


def test_a_refusal_is_an_answer(run) -> None:
    code, out, err = run("ask", REFUSED, "--json")
    found = json.loads(out)
    assert (code, err, found["refused"], found["citations"]) == (0, "", True, [])
    code, out, err = run("ask", REFUSED)
    assert (code, err) == (0, "")
    assert out.startswith(found["text"])


@pytest.mark.parametrize("mode", ["bm25", "dense", "hybrid", "reranked"])
def test_search_lists_hits(run, engine: Engine, mode: str) -> None:
    code, out, err = run("search", QUESTION, "--mode", mode, "--top-k", "3", "--json")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert [(hit["rank"], hit["source"]) for hit in found] == [(1, mode), (2, mode), (3, mode)]
    expected = engine.retrieve(QUESTION, 3, mode)  # type: ignore[arg-type]
    assert [(h["chunk"]["text"], h["score"]) for h in found] == [(h.chunk.text, h.score) for h in expected]
    code, out, _ = run("search", QUESTION, "--mode", mode, "--top-k", "3")
    assert code == 0
    assert len(out.strip().split("\n")) == 3
    assert all(hit.chunk.doc_id in line for hit, line in zip(expected, out.split("\n"), strict=False))


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", ""),
        ("ask", "  "),
        ("ask", "长" * 5000),
        ("search", ""),
        ("search", "桥", "--top-k", "0"),
        ("search", "桥", "--top-k", "-3"),
    ],
)
def test_what_cannot_be_asked_is_an_error_of_one_line(run, arguments: tuple[str, ...]) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1


def test_bytes_that_are_no_text_can_be_asked_and_printed(run) -> None:
    code, out, err = run("ask", "\udcff西堠门公铁大桥的主跨\udc80", "--json")
    assert (code, err) == (0, "")
    assert "西堠门公铁大桥" in json.loads(out.encode("utf-8"))["question"]


def test_an_index_that_is_missing_is_an_error_of_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert rag.__main__.main(["ask", QUESTION, "--index", str(tmp_path / "nothing")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: There is no index at ")
    assert "python -m index build" in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["ask"], ["tell", "x"], ["search", "x", "--mode", "best"]])
def test_wrong_usage_is_exit_code_two(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        rag.__main__.main(arguments)
    assert stopped.value.code == 2
    assert "usage: python -m rag" in capsys.readouterr().err


def test_the_process_ends_with_the_code_and_without_a_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rag", "ask", QUESTION, "--index", str(tmp_path / "nothing")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: There is no index at ")
    assert "Traceback" not in done.stderr
