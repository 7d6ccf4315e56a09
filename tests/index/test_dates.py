import pytest

from index.pages.dates import date_in_name, date_in_text, date_of
from index.pages.marks import Dateline


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("2022-10-04-01版.txt", "2022-10-04"),
        ("news/20221004.txt", "2022-10-04"),
        ("2022-10-04/page.txt", ""),
        ("30990105.txt", ""),
        ("20221304.txt", ""),
        ("12022100412.txt", ""),
    ],
)
def test_the_date_in_a_file_name(name: str, date: str) -> None:
    assert date_in_name(name) == date


def test_the_date_in_a_running_head() -> None:
    assert date_in_text("２０２１年１２月２４日 星期五") == "2021-12-24"
    assert date_in_text("第03版：要闻") == ""


@pytest.mark.parametrize(
    ("dateline", "page_date", "known", "date"),
    [
        (None, "", "2021-12-24", ""),
        (None, "2021-12-24", "2021-12-24", "2021-12-24"),
        (Dateline(0, 1, "本报", "", 0, 12, 23), "", "", "--12-23"),
        (Dateline(0, 1, "本报", "", 0, 12, 23), "", "2021-12-24", "2021-12-23"),
        (Dateline(0, 1, "本报", "", 0, 12, 31), "", "2022-01-02", "2021-12-31"),
        (Dateline(0, 1, "本报", "", 2020, 12, 31), "", "2022-01-02", "2020-12-31"),
        (Dateline(0, 1, "本报", ""), "2021-12-24", "2021-12-24", "2021-12-24"),
    ],
)
def test_the_date_of_a_dateline(dateline: Dateline | None, page_date: str, known: str, date: str) -> None:
    assert date_of(dateline, page_date, known) == date
