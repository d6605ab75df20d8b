"""Figures as the words and digits of a table's cells."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

Row = Mapping[str, Any]
Form = Callable[[float], str]

PLUS_MINUS = "\N{PLUS-MINUS SIGN}"


def people(value: float) -> str:
    """Whole people."""
    return f"{value:,.0f}"


def money(value: float) -> str:
    """KRW million; small amounts keep two digits that count."""
    if value >= 1:
        return f"{value:,.1f}"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def share(value: float) -> str:
    """Share, ratio or years."""
    return f"{value:.2f}"


def percent(value: float) -> str:
    """Share in per cent; small ones keep a decimal, so that a change from zero is seen."""
    return f"{value:.1%}" if 0 < value < 0.095 else f"{value:.0%}"


def form_of(row: Row) -> Form:
    """Whole people for counts, two digits for shares and ratios."""
    return people if row["reported_high"] >= 10 else share


def known(value: float, form: Form) -> str:
    """A value, or a dash where there was nothing to measure."""
    return "-" if math.isnan(value) else form(value)


def simulated(row: Row, form: Form) -> str:
    """One run's value, or the mean of several with the middle 90 % in brackets.

    A value that would read like an end of the reported interval, and is not, shows more
    digits.
    """
    value = row["simulated"]
    ends = [row[name] for name in ("reported_low", "reported_high") if name in row]
    text = known(value, form)
    if any(text == form(end) and value != end for end in ends if not math.isnan(end)):
        text = f"{value:,.4g}" if value < 1000 else text
    if math.isnan(row["simulated_low"]):
        return text
    return f"{text} [{form(row['simulated_low'])}, {form(row['simulated_high'])}]"


def with_error(row: Row) -> str:
    """One run's value, or the mean of several with half of the middle 90 %."""
    text = known(row["simulated"], people)
    if math.isnan(row["simulated_low"]):
        return text
    return f"{text} {PLUS_MINUS}{people((row['simulated_high'] - row['simulated_low']) / 2)}"


def reported(row: Row, form: Form) -> str:
    """Interval, point or upper bound."""
    low, high = row["reported_low"], row["reported_high"]
    if math.isnan(low):
        return f"up to {form(high)}"
    return form(low) if low == high else f"{form(low)}-{form(high)}"


def compared(row: Row) -> str:
    """Where the simulated value lies against the reported interval, or how far from a point.

    In brackets for reports that are context, not a target.
    """
    value, low, high = (row[name] for name in ("simulated", "reported_low", "reported_high"))
    if math.isnan(value):
        return ""
    if low == high:
        text = f"{value / low - 1:+.0%}"
    elif value > high:
        text = "above"
    else:
        text = "below" if value < low else "inside"
    return f"({text})" if row["use"] == "context" else text
