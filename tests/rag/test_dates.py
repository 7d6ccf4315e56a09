"""Partial dates against periods, and the day that relative words count from."""

import datetime

import pytest

from rag.searching.dates import Period, period_of, reference_day, span

DECEMBER, DAY, ANY_DAY = span(2021, 12), span(2021, 12, 23), span(0, 12, 23)


@pytest.mark.parametrize(
    ("date", "december", "day", "any_day"),
    [
        ("2021-12-23", True, True, True),
        ("2021-12-24", True, False, False),
        ("2022-12-23", False, False, True),
        ("2021-12", True, True, True),
        ("2021-11", False, False, False),
        ("2022-12", False, False, True),
        ("2021", True, True, True),
        ("2022", False, False, True),
        ("--12-23", True, True, True),
        ("--12-24", True, False, False),
        ("--11-30", False, False, False),
        ("--12", True, True, True),
        ("", False, False, False),
        ("昨天", False, False, False),
        ("2021-13-01", False, False, False),
        ("2021-02-30", False, False, False),
        ("-", False, False, False),
    ],
)
def test_a_partial_date_fits_where_it_may(date: str, december: bool, day: bool, any_day: bool) -> None:
    assert DECEMBER is not None and DAY is not None and ANY_DAY is not None
    assert (DECEMBER.holds(date), DAY.holds(date), ANY_DAY.holds(date)) == (december, day, any_day)


def test_a_day_without_a_year_may_lie_in_a_stretch_over_new_year() -> None:
    winter = Period((2021, 11, 1), (2022, 1, 31))
    assert winter.holds("--12-23")
    assert winter.holds("2022-01-31")
    assert not winter.holds("2022-02-01")


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ((2021,), "2021"),
        ((2021, 12), "2021-12"),
        ((2021, 12, 3), "2021-12-03"),
        ((0, 12, 3), "12月3日"),
        ((0, 12), "12月"),
    ],
)
def test_a_period_is_shown_as_short_as_it_can_be(parts: tuple[int, ...], shown: str) -> None:
    assert str(span(*parts)) == shown


@pytest.mark.parametrize("parts", [(2021, 13), (2021, 2, 29), (0, 2, 30), (2021, 0, 3), (0,)])
def test_there_is_no_such_day(parts: tuple[int, ...]) -> None:
    assert span(*parts) is None


def test_february_of_any_year_has_29_days() -> None:
    assert span(0, 2, 29) == period_of("--02-29") == Period((0, 2, 29), (0, 2, 29))


@pytest.mark.parametrize(
    ("newest", "reference"),
    [
        ("2025-07-28", datetime.date(2025, 7, 28)),  # an archive counts from its newest article
        ("2026-10-25", datetime.date(2026, 11, 24)),  # a living collection from today
        ("2026-10-23", datetime.date(2026, 10, 23)),
        ("", datetime.date(2026, 11, 24)),
        ("--12-23", datetime.date(2026, 11, 24)),
    ],
)
def test_relative_words_count_from_the_newest_article_of_an_old_collection(
    newest: str, reference: datetime.date
) -> None:
    assert reference_day(newest, datetime.date(2026, 11, 24)) == reference
