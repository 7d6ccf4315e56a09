"""CMRC 2018's definition on worked cases, and what counts as said."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.text_metrics import (
    coverage,
    covers,
    exact_match_cmrc,
    f1_cmrc,
    longest_common_run,
    longest_common_subsequence,
    rouge_l,
    segment_cmrc,
    strip_labels,
)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("大桥3.5公里", ["大", "桥", "3.5", "公", "里"]),
        ("约1,000人", ["约", "1,000", "人"]),
        ("增长12%。", ["增", "长", "12", "%"]),
        ("《Deep Learning》（第2版）", ["deep", "learning", "第", "2", "版"]),
        ("2021-12", ["202112"]),
        ("AI, 5G.", ["ai", ",", "5g", "."]),
        ("等待……", ["等", "待", "……"]),
        ("  ", []),
    ],
)
def test_segmentation_is_the_official_scripts(text: str, tokens: list[str]) -> None:
    assert segment_cmrc(text) == tokens


@pytest.mark.parametrize(("a", "b", "n"), [("abcd", "xbcy", 2), ("abcd", "acbd", 1), ("", "a", 0), ("aab", "ab", 2)])
def test_the_common_run_is_contiguous(a: str, b: str, n: int) -> None:
    assert longest_common_run(a, b) == n


words = st.text("甲乙丙", max_size=8)


@given(words, words)
def test_the_common_run_agrees_with_trying_every_run(a: str, b: str) -> None:
    runs = [a[i:j] for i, j in combinations(range(len(a) + 1), 2)]
    assert longest_common_run(a, b) == max((len(run) for run in runs if run in b), default=0)


def test_f1_takes_the_longest_common_run_over_both_lengths() -> None:
    # Five tokens of the answer hold the gold's three.
    precision, recall = 3 / 5, 3 / 3
    assert f1_cmrc("在北京市。里", ["北京市"]) == 2 * precision * recall / (precision + recall)


def test_f1_is_the_best_gold_and_zero_without_common_run() -> None:
    assert f1_cmrc("王明", ["李四", "王明先生"]) == 2 * (2 / 2) * (2 / 4) / (2 / 2 + 2 / 4)
    assert f1_cmrc("王明", ["李四"]) == 0
    assert f1_cmrc("", ["李四"]) == 0
    assert f1_cmrc("。", ["李四"]) == 0


def test_exact_match_ignores_case_and_the_scripts_punctuation() -> None:
    assert exact_match_cmrc("《AI时代》。", ["ai时代"]) == 1
    assert exact_match_cmrc("王明先生", ["李四", "王明"]) == 0
    assert exact_match_cmrc("3.5公里", ["35公里"]) == 0


@given(st.text("甲乙丙a1。，", min_size=1, max_size=12))
def test_an_answer_that_is_the_gold_scores_one(text: str) -> None:
    assert exact_match_cmrc(text, [text]) == 1
    assert f1_cmrc(text, [text]) == (1 if segment_cmrc(text) else 0)


@pytest.mark.parametrize(
    ("text", "wording"),
    [
        ("全长3.5公里", "3.5"),
        ("共 1,000 人", "1000人"),
        ("７月１日", "7月1日"),
        ("用的是“天问 一号”", "天问一号"),
        ("2021-12-23", "12"),
        ("Deep Learning方法", "deep learning"),
        ("13人，3人", "3人"),
        ("投资30亿元", "30亿元"),
        ("第5，第6", "5"),
        ("大概3.", "3"),
    ],
)
def test_covers(text: str, wording: str) -> None:
    assert covers(text, [wording])


@pytest.mark.parametrize(
    ("text", "wording"),
    [
        ("全长13.5公里", "3.5"),
        ("全长3.5公里", "3"),
        ("投资3万元", "3"),
        ("共三十人", "三"),
        ("共十三人", "三人"),
        ("AIGC技术", "AI"),
        ("10-12", "1012"),
        ("5、6", "56"),
        ("什么都没有", "。"),
    ],
)
def test_does_not_cover(text: str, wording: str) -> None:
    assert not covers(text, [wording])


def test_coverage_is_the_share_of_items_in_any_wording() -> None:
    required = [["王明", "王先生"], ["3.5公里"], ["1949年"]]
    assert coverage("王先生设计，长3.5公里。", required) == 2 / 3
    with pytest.raises(ValueError, match="at least one"):
        coverage("王明", [])


def test_labels_are_not_said() -> None:
    assert strip_labels("全长3.5公里[1]。建成[12]") == "全长3.5公里。建成"
    assert not covers(strip_labels("很长[3]"), ["3"])


def longest_common_subsequence_by_table(a: str, b: str) -> int:
    """The textbook's table: the obvious slow way."""
    above = [0] * (len(b) + 1)
    for x in a:
        row = [0]
        for j, y in enumerate(b):
            row.append(above[j] + 1 if x == y else max(above[j + 1], row[j]))
        above = row
    return above[-1]


@given(st.text("甲乙丙丁", max_size=90), st.text("甲乙丙丁戊", max_size=90))
def test_the_bit_parallel_subsequence_equals_the_table(a: str, b: str) -> None:
    assert longest_common_subsequence(a, b) == longest_common_subsequence_by_table(a, b)


def test_rouge_l_is_the_harmonic_mean_of_the_subsequence() -> None:
    # common: 大 桥 长 3 (in order, not contiguous); answer has 6 tokens, gold has 5
    precision, recall = 4 / 6, 4 / 5
    assert rouge_l("大桥全长米3", "大桥长。3里") == pytest.approx(2 * precision * recall / (precision + recall))
    assert rouge_l("", "大桥") == rouge_l("别的", "大桥") == 0.0
    assert rouge_l("大桥全长。", "大桥全长") == 1.0
