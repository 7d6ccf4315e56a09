"""Which articles a question is about, by date and source: from the filters that it names to rows of the index."""

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.searchable import Mask, Row, Searchable

from ..types import Notice
from .dates import period_of, reference_day
from .filters import Filter, may_filter, read_filters

_NO_SUCH = Notice("没有符合“{}”的文章，下面是在全部文章里找的。", "No article fits “{}”: all articles were searched.")


class RowFacts:
    """Date and source of the article of each row, read from an index when they are first needed."""

    def __init__(self, index: Searchable) -> None:
        self._index = index

    @cached_property
    def _table(self) -> tuple[list[tuple[str, str]], NDArray[np.int32]]:
        """The distinct (date, source) pairs, and which of them each row has."""
        codes: dict[tuple[str, str], int] = {}
        rows = [codes.setdefault(pair, len(codes)) for pair in self._index.dates_and_sources()]
        return list(codes), np.array(rows, np.int32)

    @property
    def sources(self) -> frozenset[str]:
        """All sources of the index."""
        return frozenset(source for _, source in self._table[0] if source)

    def newest(self, today: datetime.date) -> str:
        """The newest whole date of the index that is not in the future; "" where there is none."""
        days = [date for date, _ in self._table[0] if len(date) == 10 and period_of(date)]
        return max((date for date in days if date <= today.isoformat()), default="")

    def rows(self, wanted: Callable[[str, str], bool]) -> Mask:
        """Which rows are of an article whose date and source are wanted, shape (n_places,)."""
        pairs, codes = self._table
        fitting = np.array([wanted(date, source) for date, source in pairs], np.bool_)
        return fitting[codes] if len(codes) else np.zeros(0, np.bool_)

    def newest_first(self, rows: Mask) -> Iterator[Row]:
        """The wanted rows, those of the newest date first, and in their own order where dates are the same."""
        pairs, codes = self._table
        by_date = sorted(range(len(pairs)), key=lambda code: pairs[code][0], reverse=True)
        place = np.empty(len(pairs), np.int64)
        place[by_date] = np.arange(len(pairs))
        wanted = np.flatnonzero(rows)
        return self._index.rows_at(wanted[np.argsort(place[codes[wanted]], kind="stable")].tolist())


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """What is searched for, and where."""

    question: str
    """Without the words that have become filters; whole where one was left out."""
    filters: tuple[Filter, ...] = ()
    keep: Mask | None = None
    """The rows that are searched; None for all."""
    prefer: Mask | None = None
    """The rows that come first where others are as good; None for none."""
    bare: bool = False
    """Nothing else is asked: the articles themselves are the answer."""
    notice: Notice | None = None
    """Which filter fits no article and was left out."""

    def prefers(self, date: str, source: str) -> bool:
        """Whether an article of this date and source is one that the question would rather have."""
        return self.prefer is not None and any(one.fits(date, source) for one in self.filters if not one.strict)


def scope_of(question: str, facts: RowFacts, today: datetime.date) -> Scope:
    """The scope that a question names. A filter that would leave nothing is left out, and said."""
    if not may_filter(question):
        return Scope(question)
    reference = reference_day(facts.newest(today), today)
    asked = read_filters(question, facts.sources, reference)
    kept: list[Filter] = []
    keep: Mask | None = None
    prefer: Mask | None = None
    missing: list[str] = []
    for one in asked.filters:
        rows = facts.rows(one.fits)
        if one.strict and keep is not None:
            rows &= keep
        if not rows.any():
            missing += [one.shown] if one.strict else []
            continue
        kept.append(one)
        if one.strict:
            keep = rows
        elif not rows.all():
            prefer = rows
    notice = _NO_SUCH.format("，".join(missing)) if missing else None
    bare = asked.bare and keep is not None and not missing
    return Scope(question if missing else asked.question, tuple(kept), keep, prefer, bare, notice)
