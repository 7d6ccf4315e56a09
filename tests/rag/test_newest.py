"""Several reports of one number: the newest answers a question that names no time, the older one stands beside it."""

from dataclasses import replace

import pytest

from rag.newest import newest_first, states, with_earlier
from rag.types import Draft

from .pieces import candidates, passage

QUESTION = "充电桩有多少个？"
OLD, NEW = "全市建成的充电桩有1.2万个，车位也多了。", "截至6月末，充电桩达到3.4万个，在全省占两成。"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OLD, True),
        (NEW, True),
        ("充电桩超过5万个", True),
        ("平均每一万人有22个充电桩。", False),  # of something narrower
        ("今年新增加充电桩2万个。", False),
        ("充电桩越来越多。", False),
        ("换电站有300个。", False),
        ("充电桩旁边的停车位有900个。", False),
    ],
)
def test_a_clause_that_says_the_number_asked_for(text: str, expected: bool) -> None:
    assert states(QUESTION, text.replace("全市", "全国").replace("全省", "全国")) is expected


def ranked(old: str = "2023-01-01", new: str = "2024-06-30") -> list:  # type: ignore[type-arg]
    first = replace(passage(OLD.replace("全市", "全国")), date=old)
    second = replace(passage(NEW.replace("全省", "全国"), doc_id="b.txt", label=2), date=new)
    return candidates([first, second], [[2.0], [1.0]], {})


@pytest.mark.parametrize(
    ("question", "old", "new", "moved"),
    [
        (QUESTION, "2023-01-01", "2024-06-30", True),
        (QUESTION, "2024-06-30", "2023-01-01", False),
        (QUESTION, "2023-01-01", "", False),  # nobody knows which is newer
        (QUESTION, "", "2024-06-30", False),
        ("2023年充电桩有多少个？", "2023-01-01", "2024-06-30", False),
        ("去年充电桩有多少个？", "2023-01-01", "2024-06-30", False),
        ("充电桩在哪里？", "2023-01-01", "2024-06-30", False),
    ],
)
def test_the_newest_comes_first_unless_a_time_is_named(question: str, old: str, new: str, moved: bool) -> None:
    given = ranked(old, new)
    assert newest_first(question, given) == ([given[1], given[0]] if moved else given)


def test_the_older_report_is_cited_beside_it_with_both_dates() -> None:
    given = ranked()
    best = given[1]
    draft = Draft("3.4万个[1]", {1: (best.passage.sentences[0], best.passage)})
    written, notice = with_earlier(draft, given, newest_first(QUESTION, given))
    assert written.text.endswith(f"\n{given[0].text}[2]")
    assert written.evidence[2] == (given[0].passage.sentences[0], given[0].passage)
    assert notice is not None
    assert "[1]是2024-06-30的，[2]是2023-01-01的" in notice.chinese
    assert "[1] is of 2024-06-30, [2] of 2023-01-01" in notice.english


def test_an_answer_that_was_not_moved_stays_as_it_is() -> None:
    given = ranked()
    draft = Draft("1.2万个[1]", {1: (given[0].passage.sentences[0], given[0].passage)})
    assert with_earlier(draft, given, newest_first(QUESTION, given)) == (draft, None)
