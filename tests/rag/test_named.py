"""What names another one than the question is no answer: roles, deputies, numbered plants; and what follows from it."""

from pathlib import Path

import pytest

from index import IndexSettings, build_index
from rag import Engine, Turn
from rag.question import contradicts, name_pattern, names_in
from rag.reader import compose
from rag.reading.evidence import LexicalReader
from rag.reading.refusal import holds_names
from rag.reading.signals import holds_figures
from tests.fakes import write_static_model
from tests.rag.pieces import candidates, passage, weights


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("采油十二厂厂长是谁？", {"十二厂", "厂长"}),
        ("大庆油田2020年产了多少油？", {"大庆油田", "2020"}),
        ("工信部的副部长叫什么？", {"副部长"}),
        ("三星堆新馆在哪里？", set()),
    ],
)
def test_names_that_say_which_one_is_meant(question: str, names: set[str]) -> None:
    assert names_in(question) == names


@pytest.mark.parametrize(
    ("name", "text", "stands"),
    [
        ("厂长", "厂长马宏说", True),
        ("厂长", "副厂长赵爱彬说", False),
        ("副厂长", "副厂长赵爱彬说", True),
        ("二厂", "采油十二厂", False),
        ("十二厂", "采油十二厂", True),
        ("2020", "2020年", True),
    ],
)
def test_a_name_stands_as_itself(name: str, text: str, stands: bool) -> None:
    assert bool(name_pattern(name).search(text)) is stands


@pytest.mark.parametrize(
    ("question", "text", "another"),
    [
        ("采油十二厂厂长是谁？", "采油十二厂副厂长赵爱彬掰着指头说。", True),
        ("采油十二厂副厂长是谁？", "采油十二厂厂长马宏说。", True),
        ("采油八厂从哪里买二氧化碳？", "采油五厂从煤化工企业买来二氧化碳。", True),
        ("采油十二厂厂长是谁？", "厂长马宏给出的数字是：2014年全厂产油100万吨。", False),
        ("采油五厂从哪里买二氧化碳？", "采油五厂从煤化工企业买来二氧化碳。", False),
        ("为什么要打捞沉船？", "副厂长说，船挡住了航道。", False),
    ],
)
def test_a_sentence_that_names_another_one_contradicts(question: str, text: str, another: bool) -> None:
    assert contradicts(question, text) is another


def test_names_and_figures_of_the_question_stand_there_or_not() -> None:
    assert holds_names("采油十二厂厂长是谁？", ["采油十二厂副厂长赵爱彬说"]) == -1.0
    assert holds_names("采油十二厂厂长是谁？", ["采油十二厂", "厂长马宏"]) == 1.0
    assert holds_names("为什么？", ["厂长"]) == 0.0
    assert holds_figures("3600吨是哪里产的？", ["年产3,600吨"]) == 1.0
    assert holds_figures("6G基站有几个？", ["5G基站139.6万个"]) == -1.0
    assert holds_figures("有几个？", ["5G"]) == 0.0


def test_a_number_over_a_line_break_is_whole_in_the_direct_answer() -> None:
    text = "大桥主跨长48\n0米，是省里最长的。"
    ranked = candidates([passage(text)], [[1.0]], {text: ("0米", 0.9)})
    assert compose([("大桥主跨长多少米？", ranked)]).short.replace("\n", "") == "480米"


def test_the_best_sentence_keeps_the_first_label() -> None:
    ranked = candidates([passage("甲是桥。", "乙是路。")], [[2.0, 1.0]])
    again = compose([("甲是什么？", ranked), ("乙是什么？", ranked[::-1]), ("甲是什么？", ranked)])
    assert [sentence.text for sentence, _ in again.draft.evidence.values()] == ["甲是桥。", "乙是路。"]


def test_what_is_left_to_say_decides_how_sure_a_continuation_is(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "a.txt").write_text("大桥通车\n\n大桥的桥长是三公里。\n\n天气很好。\n", encoding="utf-8")
    settings = IndexSettings(embedder=str(write_static_model(tmp_path / "model")))
    build_index(folder, tmp_path / "index", settings)
    engine = Engine.open(tmp_path / "index", reader=LexicalReader(), weights=weights())
    first = engine.answer("大桥的桥长是多少？")
    more = engine.answer("还有呢？", [Turn(first.question, first.text, first.standalone_question)])
    assert not first.refused
    assert more.confidence < first.confidence
