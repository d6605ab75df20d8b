"""Periods that reports speak of, as spans of months."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from bordersim.codes import EPOCH_YEAR
from bordersim.errors import BordersimError

_PART_OF_YEAR = re.compile(r"(\d{4})-([HQ])(\d)")
_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?")


@dataclass(frozen=True)
class Period:
    """Span of months a report speaks of, both ends included, from January 1995."""

    first: int
    last: int

    @property
    def years(self) -> float:
        """Length in years."""
        return (self.last - self.first + 1) / 12

    @property
    def middle_year(self) -> int:
        """Calendar year of the middle month."""
        return EPOCH_YEAR + (self.first + self.last) // 2 // 12


@lru_cache(maxsize=1024)
def parse_period(text: str) -> Period:
    """Read the period of a report.

    Understands a year, a month, half-years and quarters ("2002-H1", "2011-Q1")
    and ranges ("2008-2015", "2015-01..2015-10"). The part of a range before
    1995 is left out.

    Raises
    ------
    BordersimError
        When the text is none of these.
    """
    ends = _months(text)
    if ends is None or ends[0] > ends[1]:
        raise BordersimError(f'"{text}" is no period; expected for example 2010, 2010-02, 2010-H1')
    return Period(max(ends[0], 0), ends[1])


def _months(text: str) -> tuple[int, int] | None:
    """First and last month from January 1995, which may be negative; None if unreadable."""
    part = _PART_OF_YEAR.fullmatch(text)
    if part:
        length = {"H": 6, "Q": 3}[part[2]]
        first = _month(int(part[1]), (int(part[3]) - 1) * length + 1)
        return None if first is None else (first, first + length - 1)
    years = re.fullmatch(r"(\d{4})-(\d{4})", text)
    dates = [_DATE.fullmatch(end) for end in ([years[1], years[2]] if years else text.split(".."))]
    if not 1 <= len(dates) <= 2:
        return None
    begin, end = dates[0], dates[-1]
    if begin is None or end is None:
        return None
    first = _month(int(begin[1]), int(begin[2] or 1))
    last = _month(int(end[1]), int(end[2] or 12))
    return None if first is None or last is None else (first, last)


def _month(year: int, of_year: int) -> int | None:
    return 12 * (year - EPOCH_YEAR) + of_year - 1 if 1 <= of_year <= 12 else None
