"""Partial dates, and the stretches of time that words mean.

An article's date may be whole (`2021-12-23`), `2021-12`, `2021`, `--12-23` without a year, or empty. A period is
compared with what of it is known: `2021` may lie in December 2021, `--12-23` lies in any year's December.
"""

import calendar
import datetime
import re
from dataclasses import dataclass

_PARTIAL = re.compile(r"(?P<year>\d{4}|-)(?:-(?P<month>\d{2})(?:-(?P<day>\d{2}))?)?")
OLD_DAYS = 30
"""A collection whose newest article is older than this is an archive: "last year" is the year before that article's."""

Day = tuple[int, int, int]
"""(year, month, day); year 0 stands for any year."""


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day, both included."""

    first: Day
    last: Day

    @property
    def any_year(self) -> bool:
        """Whether it recurs every year (12月23日)."""
        return self.first[0] == 0

    def holds(self, date: str) -> bool:
        """Whether an article's date lies in it, or may lie in it as far as that date is known; never for none."""
        known = period_of(date)
        if known is None:
            return False
        if self.any_year or known.any_year:
            if known.any_year and self.first[0] != self.last[0]:
                return True  # it spans a turn of the year: a day without a year may be in it
            whole_year = known.first[1:] == (1, 1) and known.last[1:] == (12, 31)
            return whole_year or (known.first[1:] <= self.last[1:] and self.first[1:] <= known.last[1:])
        return known.first <= self.last and self.first <= known.last

    def __str__(self) -> str:
        first, last = _written(self.first), _written(self.last)
        if first == last:
            return first
        year, month = self.first[:2]
        if self.any_year and self == span(0, month):
            return f"{month}月"
        if self.first[:2] == self.last[:2] and (self.first[2], self.last[2]) == (1, _last_day(year, month)):
            return first[:-3]
        if year == self.last[0] and (self.first[1:], self.last[1:]) == ((1, 1), (12, 31)):
            return first[:4]
        return f"{first}—{last}"


def period_of(date: str) -> Period | None:
    """The days that an article's date may mean; None where it says nothing."""
    found = _PARTIAL.fullmatch(date)
    if found is None or (found["year"] == "-" and not found["month"]):
        return None
    return span(
        0 if found["year"] == "-" else int(found["year"]),
        int(found["month"]) if found["month"] else 0,
        int(found["day"]) if found["day"] else 0,
    )


def span(year: int, month: int = 0, day: int = 0) -> Period | None:
    """A year, a month or a day as a period; None where there is no such day (2月30日)."""
    if day and 1 <= month <= 12 and 1 <= day <= _last_day(year, month):
        return Period((year, month, day), (year, month, day))
    if not day and 1 <= month <= 12:
        return Period((year, month, 1), (year, month, _last_day(year, month)))
    if not day and not month and year:
        return Period((year, 1, 1), (year, 12, 31))
    return None


def days(first: datetime.date, last: datetime.date) -> Period:
    """The period between two days, both included."""
    return Period((first.year, first.month, first.day), (last.year, last.month, last.day))


def reference_day(newest: str, today: datetime.date) -> datetime.date:
    """The day that relative words (去年, 上周) count from.

    Today, where the collection is alive; the newest article's date, where even that is older than `OLD_DAYS` days.
    """
    known = period_of(newest)
    if known is None or known.any_year:
        return today
    last = datetime.date(*known.last)
    return last if (today - last).days > OLD_DAYS else today


def _last_day(year: int, month: int) -> int:
    return calendar.monthrange(year or 2024, month)[1]  # any year: February may have 29 days


def _written(day: Day) -> str:
    year, month, number = day
    return f"{month}月{number}日" if not year else f"{year}-{month:02}-{number:02}"
