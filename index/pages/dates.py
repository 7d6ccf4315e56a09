"""When an article is from: its dateline, with the year that the page, the file's name or its format gives."""

import datetime
import re

from ..terms import fold
from .marks import Dateline

_FILE_DATE = re.compile(r"(?<!\d)((?:19|20)\d{2})[-_.年]?(\d{2})[-_.月]?(\d{2})(?!\d)")
_PRINTED_DATE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_FIELD_DATE = re.compile(
    r"(\d{4})(?:\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})日?|月?)|年?)(?![\d年月日/.-]).*", re.DOTALL
)
"""A date field of a format: a year, with a month and a day where they are known; a time behind it is passed over."""


def date_of(dateline: Dateline | None, page_date: str, known: str) -> str:
    """ISO as far as it is known: the dateline's day, or the page's date where it names none.

    A day without a year takes that of the page's date, or else of `known`, the full date of another dateline on it.
    """
    if dateline is None or not (1 <= dateline.month <= 12 and 1 <= dateline.day <= 31):
        return page_date
    month_day = f"{dateline.month:02d}-{dateline.day:02d}"
    if dateline.year:
        return f"{dateline.year}-{month_day}"
    if not re.match(r"\d{4}", known):
        return f"--{month_day}"
    year = int(known[:4])
    if not page_date:  # of another article on the page: a few days before or after
        months = dateline.month - int(known[5:7])
        return f"{year + (months < -6) - (months > 6)}-{month_day}"
    stated = known[5:10]  # as much of month and day as the known date says
    return f"{year - 1 if month_day[: len(stated)] > stated else year}-{month_day}"  # a page reports what was


def date_in_field(field: str) -> str:
    """A date as people write it (`2023年8月2日`, `2023/8/2`, `20230802`) in ISO, as far as it goes; "" for no date."""
    text = fold(field).strip()
    match = _COMPACT_DATE.fullmatch(text) or _FIELD_DATE.fullmatch(text)
    if not match:
        return ""
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        datetime.date(year or 0, 1 if month is None else month, 1 if day is None else day)
    except ValueError:  # there is no such day
        return ""
    return "-".join(f"{part:0{width}d}" for part, width in ((year, 4), (month, 2), (day, 2)) if part is not None)


def date_in_name(doc_id: str) -> str:
    """The date in a file's name (not in its folder's); "" for none."""
    match = _FILE_DATE.search(doc_id.rpartition("/")[2])
    if not match:
        return ""
    year, month, day = match.groups()
    return f"{year}-{month}-{day}" if 1 <= int(month) <= 12 and 1 <= int(day) <= 31 else ""


def date_in_text(text: str) -> str:
    """The full date that a running head prints; "" for none."""
    match = _PRINTED_DATE.search(fold(text))
    return date_in_field(match[0]) if match else ""
