"""What names another one than the question is no answer: roles, deputies, numbered plants; and what follows from it."""

from pathlib import Path

import pytest

from index import IndexSettings, build_index
from rag import Engine, Turn
from rag.question import asks_who_without_answer, contradicts, name_pattern, names_in, names_other_before
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


PLANTS = ["采油十二厂的水平井不多。", "厂长马宏给出了数字。", "采油五厂在试新办法。", "副厂长也来了。"]


@pytest.mark.parametrize(
    ("question", "position", "other"),
    [
        ("采油五厂厂长是谁？", 1, True),  # the plant spoken of there is the twelfth
        ("采油十二厂厂长是谁？", 1, False),
        ("采油五厂厂长是谁？", 3, False),
        ("采油五厂在试什么？", 2, False),
        ("厂长是谁？", 1, False),
    ],
)
def test_a_sentence_goes_on_about_the_plant_named_before_it(question: str, position: int, other: bool) -> None:
    assert names_other_before(question, PLANTS, position) is other


@pytest.mark.parametrize(
    ("question", "told", "without"),
    [
        ("大桥的设计师是谁？", "时速按250公里设计。", True),
        ("大桥的设计师是谁？", "渔民张广存说，水很深。", True),  # the passage knows no such office
        ("船长是谁？", "船长翟一贤说，船很大。", False),
        ("谁提出的？", "张平、王伟提出。", False),
        ("谁负责高空作业？", "秦川负责高空作业。", False),
        ("桥是谁修的？", "由青河公司修建。", False),
        ("地震是谁的错？", "震中在柳沟，深10米。", True),
        ("桥有多长？", "时速按250公里设计。", False),
    ],
)
def test_who_is_answered_by_what_names_somebody(question: str, told: str, without: bool) -> None:
    assert asks_who_without_answer(question, told, told) is without
