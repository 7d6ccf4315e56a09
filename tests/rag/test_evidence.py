"""The readers: what they promise for every input, and that the model folder is checked."""

import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index.errors import ModelError
from rag.reading.evidence import (
    DEFAULT,
    MAX_BLOCK_CHARS,
    LexicalReader,
    Squeezed,
    _best_span,
    _block_borders,
    load_reader,
)
from rag.reading.features import MAX_QUESTION_CHARS, MAX_SENTENCE_CHARS
from rag.types import PassageReader, Reading

PASSAGES = [
    ["青石桥建于1987年。", "桥长三百二十米，由工程师林望负责设计。", "每天约有四千辆车经过。"],
    ["图书馆周一闭馆。", "读者可以借十本书，借期三十天。"],
    ["这条河发源于北山，向东流入大湖。" * 12, "河上共有七座桥。"],
]
TITLES = ["青石桥", "", "白水河"]
ODD = ["", " ", "\x00\x01", "\ud800abc\udfff", "👩‍👩‍👧‍👦🇨🇳", "ﷺ１２３ＡＢＣ", "\n\n", "。", "é" * 5000, "\u202e\ufeff"]


@pytest.fixture(scope="module")
def reader() -> PassageReader:
    return load_reader()


@pytest.fixture(params=["neural", "lexical"])
def any_reader(request: pytest.FixtureRequest, reader: PassageReader) -> PassageReader:
    return reader if request.param == "neural" else LexicalReader()


def check(reading: Reading, sentences: list[str]) -> None:
    """What holds for every reading."""
    assert len(reading.evidence) == len(reading.spans) == len(reading.span_scores) == len(sentences)
    assert all(0.0 <= p <= 1.0 and math.isfinite(p) for p in (*reading.evidence, *reading.span_scores))
    assert 0.0 <= reading.answerable <= 1.0
    for (start, end), sentence in zip(reading.spans, sentences, strict=True):
        assert 0 <= start <= end <= len(sentence)


def flat(reading: Reading) -> list[float]:
    return [*reading.evidence, *reading.span_scores, reading.answerable]


def test_finds_the_answering_sentence_and_passage(reader: PassageReader) -> None:
    readings = reader.read("青石桥是哪一年建成的？", PASSAGES, TITLES)
    assert int(np.argmax(readings[0].evidence)) == 0
    assert max(readings[0].evidence) > max(*readings[1].evidence, *readings[2].evidence)
    assert readings[0].answerable > max(readings[1].answerable, readings[2].answerable)
    start, end = readings[0].spans[0]
    assert "1987" in PASSAGES[0][0][start:end]


def test_other_questions_find_other_sentences(reader: PassageReader) -> None:
    assert int(np.argmax(reader.read("青石桥的设计者是谁？", PASSAGES[:1], TITLES[:1])[0].evidence)) == 1
    assert int(np.argmax(reader.read("每天有多少辆车经过青石桥？", PASSAGES[:1], TITLES[:1])[0].evidence)) == 2


def test_alone_or_among_others_is_the_same(reader: PassageReader) -> None:
    question = "桥是谁设计的？"
    together = reader.read(question, PASSAGES * 8, TITLES * 8)  # more rows than one batch holds
    for number, reading in enumerate(together):
        at = number % len(PASSAGES)
        alone = reader.read(question, [PASSAGES[at]], [TITLES[at]])[0]
        assert flat(reading) == pytest.approx(flat(alone), abs=1e-4)
        assert reading.spans == alone.spans


def test_is_deterministic(any_reader: PassageReader) -> None:
    first = any_reader.read("桥长多少米？", PASSAGES, TITLES)
    assert first == any_reader.read("桥长多少米？", PASSAGES, TITLES)


@pytest.mark.parametrize("odd", ODD)
def test_odd_text_is_read(any_reader: PassageReader, odd: str) -> None:
    passages = [[odd], ["青石桥建于1987年。", odd, odd], []]
    for question in ("青石桥建于何时？", odd):
        readings = any_reader.read(question, passages, ["", odd, odd])
        for reading, sentences in zip(readings, passages, strict=True):
            check(reading, sentences)


def test_nothing_to_read(any_reader: PassageReader) -> None:
    assert any_reader.read("谁？", [], []) == []
    assert any_reader.read("谁？", [[]], ["题"]) == [Reading((), (), (), 0.0)]


def test_blank_sentences_are_no_evidence(reader: PassageReader) -> None:
    assert reader.read("青石桥建于何时？", [["", " \n"]], [""]) == [Reading((0.0, 0.0), ((0, 0),) * 2, (0.0, 0.0), 0.0)]


def test_titles_must_match_passages(any_reader: PassageReader) -> None:
    with pytest.raises(ValueError):
        any_reader.read("谁？", PASSAGES, TITLES[:1])


def test_only_the_end_of_a_long_question_is_read(reader: PassageReader) -> None:
    question = "青石桥是哪一年建成的？"
    tail = ("请告诉我" * 40 + question)[-MAX_QUESTION_CHARS:]
    assert reader.read("甲" * 500 + tail, PASSAGES, TITLES) == reader.read(tail, PASSAGES, TITLES)


def test_spans_stay_within_what_is_read_of_a_long_sentence(reader: PassageReader) -> None:
    reading = reader.read("哪一年？", [["字" * MAX_SENTENCE_CHARS + "建于1987年"]], [""])[0]
    assert reading.spans[0][1] <= MAX_SENTENCE_CHARS


def test_offsets_are_those_of_the_text_as_given(reader: PassageReader) -> None:
    wide = ["青石桥建于１９８７年。"]  # full width digits: normalised one to one
    start, end = reader.read("青石桥建于哪一年？", [wide], ["青石桥"])[0].spans[0]
    assert "１９８７" in wide[0][start:end]


def test_typesetters_spaces_change_no_score_and_spans_point_past_them(reader: PassageReader) -> None:
    plain, spaced = "青石桥建于1987年5月。", " 青石桥建于 1987 年 5 月。\n"
    one, other = (reader.read("青石桥建于哪一年？", [[text]], ["青石桥"])[0] for text in (plain, spaced))
    assert flat(one) == pytest.approx(flat(other), abs=1e-6)
    cut = [text[slice(*reading.spans[0])] for text, reading in ((plain, one), (spaced, other))]
    assert cut[0] == cut[1].replace(" ", "") and "1987" in cut[1]


@pytest.mark.parametrize(
    ("text", "squeezed"),
    [
        ("8 月 16 日", "8月16日"),
        ("Super Bowl 50 的 ", "Super Bowl 50的"),
        ("\u3000甲\n乙", "甲乙"),
        ("", ""),
        (" ", ""),
    ],
)
def test_squeezing_keeps_the_spaces_that_part_words(text: str, squeezed: str) -> None:
    made = Squeezed.of(text)
    assert made.text == squeezed == "".join(text[at] for at in made.positions)


def test_traditional_characters_are_read_as_simplified_ones(reader: PassageReader) -> None:
    simplified = ["图书馆建于1987年。", "阅览室的书架用旧织机改成。"]
    traditional = ["圖書館建於1987年。", "閱覽室的書架用舊織機改成。"]
    one = reader.read("图书馆是哪一年建成的？", [simplified], ["图书馆"])
    assert reader.read("圖書館是哪一年建成的？", [traditional], ["圖書館"]) == one
    assert reader.read("图书馆是哪一年建成的？", [traditional], ["圖書館"]) == one


def test_long_passages_are_read_in_blocks_of_whole_sentences(reader: PassageReader) -> None:
    sentences = [f"第{n}段说的是别的事情，与桥没有关系。" for n in range(120)] + PASSAGES[0]
    borders = _block_borders(sentences)
    assert [first for first, _ in borders[1:]] == [last for _, last in borders[:-1]]
    assert borders[0][0] == 0 and borders[-1][1] == len(sentences)
    assert all(sum(len(s) + 1 for s in sentences[a:b]) <= MAX_BLOCK_CHARS for a, b in borders)
    reading = reader.read("青石桥是哪一年建成的？", [sentences], ["青石桥"])[0]
    check(reading, sentences)
    assert int(np.argmax(reading.evidence)) == 120


def test_best_span_against_all_pairs() -> None:
    rng = np.random.default_rng(7)
    for length in (1, 2, 9, 30):
        start, end = rng.normal(size=length).astype(np.float32), rng.normal(size=length).astype(np.float32)
        pairs = {(i, j + 1): float(start[i]) + float(end[j]) for i in range(length) for j in range(i, length)}
        best = max(pairs, key=lambda pair: pairs[pair])
        span, score = _best_span(start, end)
        assert span == best
        assert score == pytest.approx(math.exp(pairs[best]) / sum(map(math.exp, pairs.values())), rel=1e-6)


def test_reading_imports_no_torch() -> None:
    code = (
        "import sys; from rag.reading.evidence import load_reader;"
        "load_reader().read('谁？', [['王五。']], ['']); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=DEFAULT.parent.parent)


def test_reading_leaves_nothing_in_the_home_folder(tmp_path: Path) -> None:
    """Of an onnxruntime that reports its use there are a database of reports and an id of the machine."""
    code = "from rag.reading.evidence import load_reader; load_reader().read('谁？', [['王五。']], [''])"
    cleared = ("CI", "XDG_CACHE_HOME", "ORT_DISABLE_TELEMETRY")
    environment = {name: value for name, value in os.environ.items() if name not in cleared}
    environment["HOME"] = str(tmp_path)
    subprocess.run([sys.executable, "-c", code], check=True, cwd=DEFAULT.parent.parent, env=environment)
    assert list(tmp_path.rglob("*")) == []


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(DEFAULT, tmp_path / "reader"))


def test_a_copy_elsewhere_reads_the_same(copied: Path, reader: PassageReader) -> None:
    assert load_reader(copied).read("谁？", PASSAGES, TITLES) == reader.read("谁？", PASSAGES, TITLES)


def test_a_missing_folder_is_named_with_its_repair(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere.*training\.reader\.train"):
        load_reader(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["reader.json", "reader.onnx", "lexicon.npz"])
def test_a_missing_file_is_found(copied: Path, name: str) -> None:
    (copied / name).unlink()
    with pytest.raises(ModelError, match=name):
        load_reader(copied)


@pytest.mark.parametrize("name", ["reader.json", "reader.onnx", "lexicon.npz"])
def test_a_cut_file_is_found(copied: Path, name: str) -> None:
    content = (copied / name).read_bytes()
    (copied / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelError, match=str(copied)):
        load_reader(copied)


def test_another_format_is_refused(copied: Path) -> None:
    config = json.loads((copied / "reader.json").read_text(encoding="utf-8"))
    (copied / "reader.json").write_text(json.dumps(config | {"format": 99}), encoding="utf-8")
    with pytest.raises(ModelError, match="format 99"):
        load_reader(copied)


def test_lexical_share_is_the_formula() -> None:
    # terms of 桥长: 桥, 长, 桥长. Two sentences; 桥 stands in both, 长 and 桥长 in one.
    both, one = math.log(1 + 2 / (1 + 2)), math.log(1 + 2 / (1 + 1))
    reading = LexicalReader().read("桥长", [["桥长。", "桥。"]], [""])[0]
    assert reading.evidence == pytest.approx((0.85, 0.85 * both / (both + 2 * one)))


def test_lexical_rules_find_the_type_asked_for() -> None:
    reading = LexicalReader().read("桥建于哪一年？", [["桥建于1987年。", "桥很长。"]], [""])[0]
    assert [("桥建于1987年。", "桥很长。")[n][a:b] for n, (a, b) in enumerate(reading.spans)] == ["1987年", ""]
    assert reading.evidence[0] > reading.evidence[1]
