"""Months as text (``2016-12``) and as the integers the engine counts with."""

from __future__ import annotations

import re

from bordersim.codes import EPOCH_YEAR, LAST_MONTH
from bordersim.units import describe

_MONTH = re.compile(r"(\d{4})-(\d{1,2})\Z")


def month_label(month: int) -> str:
    """Write a month as text.

    Parameters
    ----------
    month
        Months since 1995-01; any integer.

    Returns
    -------
    str
        ``YYYY-MM``.
    """
    year, of_year = divmod(month, 12)
    return f"{EPOCH_YEAR + year:04d}-{of_year + 1:02d}"


def parse_month(text: object) -> int:
    """Read a month such as ``2016-12``.

    Parameters
    ----------
    text
        ``YYYY-MM`` between 1995-01 and 2025-12.

    Returns
    -------
    int
        Months since 1995-01, in [0, LAST_MONTH].

    Raises
    ------
    ValueError
        If it is not text of that form, not a month of a year, or outside the data.
    """
    if not isinstance(text, str) or (match := _MONTH.match(text)) is None:
        raise ValueError(f'got {describe(text)}, expected a month such as "2012-04"')
    year, of_year = int(match[1]), int(match[2])
    if not 1 <= of_year <= 12:
        raise ValueError(f'got "{text}"; a month is 01 to 12')
    month = 12 * (year - EPOCH_YEAR) + of_year - 1
    if not 0 <= month <= LAST_MONTH:
        raise ValueError(
            f'got "{text}"; the data reach from {month_label(0)} to {month_label(LAST_MONTH)}'
        )
    return month
