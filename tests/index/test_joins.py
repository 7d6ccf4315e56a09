import pytest

from index.pages.drafts import Draft
from index.pages.joins import Breaks, closes_unopened, describe_join, find_breaks, goes_on
from index.pages.lines import Line
from index.pages.tagger import load_weights

WEIGHTS = load_weights()


def lines(*texts: str, indented: bool = False) -> list[Line]:
    """Paragraphs of a page, a hundred characters from one to the next."""
    return [Line(100 * i, 100 * i + len(text), text, "body", 1, indented) for i, text in enumerate(texts)]


def joins(before: str, after: str, *, indented: bool = False) -> bool:
    first, second = lines(before, after, indented=indented)
    return goes_on(first, second, apart=False, breaks=Breaks(), statistics=WEIGHTS.statistics, weights=WEIGHTS.joins)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("工信部门说，要集中", "力量解决汽车等领域的难题。"),
        ("大桥主跨的钢梁昨天吊装到位，两岸的车", "程由四十分钟缩短到五分钟。"),
        ("大桥一共分成41段，每段约3", "00吨。"),
        ("合作社帮村民在网上开店，", "梯田里的稻谷不愁销路。"),
        ("他说，大桥叫“青河", "大桥”，明年通车。"),
    ],
)
def test_the_two_halves_of_a_sentence(before: str, after: str) -> None:
    assert joins(before, after)


@pytest.mark.parametrize(
    ("before", "after", "indented"),
    [
        ("大桥昨天合龙。", "力量解决汽车等领域的难题。", False),
        ("他提出三点要求：", "一要集中力量。", False),
        ("目前，全省已建成21家制造业创", "今年以来，各地加快建设。", True),
    ],
)
def test_what_does_not_go_on(before: str, after: str, indented: bool) -> None:
    assert not joins(before, after, indented=indented)


@pytest.mark.parametrize(
    ("before", "after", "unopened"),
    [
        ("专区一站式汇聚", "享”等创新服务", True),
        ("专区推出“直达快", "享”等创新服务", False),
        ("专区推出直达", "服务，叫“一键直达”。", False),
        ("大桥（主跨", "620米）合龙", False),
        ("大桥合龙", "主跨620米）", True),
    ],
)
def test_a_quotation_that_nothing_opened(before: str, after: str, unopened: bool) -> None:
    assert closes_unopened(before, after) is unopened


def test_the_breaks_of_a_page_in_its_order() -> None:
    opened, whole, rest = lines("两岸的车", "近日，国家发展改革委印发通知。", "程由四十分钟缩短到五分钟。")
    found = find_breaks([Draft(body=[rest]), Draft(body=[whole, opened])], WEIGHTS.statistics)
    assert found.opened == (opened,)
    assert found.rests[-1:] == (rest,)
    assert whole not in found.rests


def test_a_rest_that_fits_another_break_better_speaks_against_a_join() -> None:
    other, before, rest = lines(
        "工信部门说，要集中", "大桥主跨的钢梁昨天吊装到位，两岸的车", "力量解决汽车等领域的难题。"
    )

    def margin(breaks: Breaks, first: Line) -> int:
        (name,) = [
            n
            for n in describe_join(first, rest, False, breaks, WEIGHTS.statistics)
            if n[:5] == "left=" and "," not in n
        ]
        return int(name[5:])

    breaks = Breaks(opened=(other, before), rests=(rest,))
    assert margin(breaks, before) < 0 < margin(breaks, other)
    assert margin(Breaks(opened=(before,)), before) > margin(breaks, before)
