"""Verdicts: which bars hold, and which do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from bordersim.reports import parse_period
from bordersim.results import FloatArray
from bordersim.validating.bars import Bars, Condition
from bordersim.validating.reading import Readings
from bordersim.validating.schema import ArrivalsBar
from bordersim.validating.scorecard import CONTEXT, FIT, HOLDOUT, INSIDE

if TYPE_CHECKING:
    import pandas as pd

ARRIVALS, FEES = "arrivals", "fees"
"""Groups of evidence that bars speak of."""


@dataclass(frozen=True)
class Verdict:
    """One bar, and whether it holds.

    Attributes
    ----------
    bar
        fit, hold-out, closure or patterns.
    what
        What is judged.
    asked, got
        In words.
    holds
        None when the runs do not reach far enough to tell.
    """

    bar: str
    what: str
    asked: str
    got: str
    holds: bool | None


def judged(readings: Readings, bars: Bars, card: pd.DataFrame) -> tuple[Verdict, ...]:
    """Judge every bar."""
    section = bars.section
    found = [
        *_arrivals("fit", section.fit.arrivals, card),
        _fees(section.fit.fees.least_inside, card),
        *_arrivals("hold-out", section.holdout.arrivals, card),
    ]
    for one in bars.closure:
        found.append(_closure(one, readings, section.closure.least_draws))
    together: list[FloatArray] = []
    for pattern in bars.patterns:
        values = held_in(readings, pattern.conditions)
        what = f"{pattern.id} {pattern.title}"
        if values is None:
            found.append(_not_judged("patterns", what, readings))
            continue
        together.append(values)
        found.append(_share("patterns", what, values, section.patterns.least_draws))
    if together:
        all_of_them = np.all(together, axis=0)
        what = f"all {len(together)} patterns in one draw"
        found.append(_share("patterns", what, all_of_them, section.patterns.least_together))
    return tuple(found)


def held_in(readings: Readings, conditions: Sequence[Condition]) -> FloatArray | None:
    """In which runs conditions hold together, as 1 and 0, shape (runs,); None when not covered."""
    known = {one.id: at for at, one in enumerate(readings.conditions)}
    if any(one.id not in known for one in conditions):
        return None
    each = [[one.holds(value) for value in readings.values[:, known[one.id]]] for one in conditions]
    return np.asarray(np.all(each, axis=0), dtype=np.float64)


def _arrivals(name: str, bar: ArrivalsBar, card: pd.DataFrame) -> list[Verdict]:
    period = parse_period(str(bar.period))
    years = (period.last - period.first + 1) // 12
    rows = card[
        (card["group"] == ARRIVALS)
        & (card["lane"] != CONTEXT)
        & (card["first_month"] >= period.first)
        & (card["last_month"] <= period.last)
        & (card["last_month"] - card["first_month"] == 11)
    ]
    least = years if bar.least_inside == "all" else int(bar.least_inside)
    asked = (f"at least {least} of {years} years", f"at most {bar.most_error:.0%}")
    what = (f"arrivals {bar.period}: years inside the band", f"arrivals {bar.period}: median error")
    if len(rows) < years:
        got = f"only {len(rows)} of {years} years simulated"
        return [Verdict(name, w, a, got, None) for w, a in zip(what, asked, strict=True)]
    n_inside = int((rows["band"] == INSIDE).sum())
    error = float(rows["error"].abs().median())
    return [
        Verdict(name, what[0], asked[0], f"{n_inside} of {years}", n_inside >= least),
        Verdict(name, what[1], asked[1], f"{error:.1%}", error <= bar.most_error),
    ]


def _fees(least_inside: int | Literal["all"], card: pd.DataFrame) -> Verdict:
    rows = card[(card["group"] == FEES) & (card["lane"].isin([FIT, HOLDOUT]))]
    least = len(rows) if least_inside == "all" else int(least_inside)
    n_inside = int((rows["band"] == INSIDE).sum())
    what = "reported fees: intervals inside the band"
    asked = f"at least {least} of {len(rows)}"
    return Verdict("fit", what, asked, f"{n_inside} of {len(rows)}", 0 < least <= n_inside)


def _closure(one: Condition, readings: Readings, least: float) -> Verdict:
    values = held_in(readings, [one])
    what = f"{one.name}: {one.measure.words}, {one.span}, {one.limits}"
    return (
        _not_judged("closure", what, readings)
        if values is None
        else _share("closure", what, values, least)
    )


def _share(bar: str, what: str, values: FloatArray, least: float) -> Verdict:
    share = float(values.mean())
    return Verdict(bar, what, f"in {least:.0%} of draws", f"{share:.0%}", share >= least)


def _not_judged(bar: str, what: str, readings: Readings) -> Verdict:
    from bordersim.dates import month_label

    return Verdict(bar, what, "", f"the runs end in {month_label(readings.span.last)}", None)


def conditions_table(readings: Readings, bars: Bars) -> pd.DataFrame:
    """Every condition over the runs.

    Columns: id, group (P1-P8, closure or claims), name, measure (in words), period,
    limits, reported, median, low, high (band over runs), said (the median in words), share
    (of runs in which it holds).
    """
    import pandas as pd

    groups = {one.id: pattern.id for pattern in bars.patterns for one in pattern.conditions}
    groups |= {one.id: "closure" for one in bars.closure}
    rows = []
    for at, one in enumerate(readings.conditions):
        values = readings.values[:, at]
        known = values[np.isfinite(values)]
        ends = np.quantile(known, [0.5, *bars.quantiles]) if known.size else [np.nan] * 3
        rows.append(
            {
                "id": one.id,
                "group": groups.get(one.id, "claims"),
                "name": one.name,
                "measure": one.measure.words,
                "period": one.span,
                "limits": one.limits,
                "reported": one.reported,
                "median": float(ends[0]),
                "low": float(ends[1]),
                "high": float(ends[2]),
                "said": one.measure.said(float(ends[0])),
                "share": float(np.mean([one.holds(value) for value in values])),
            }
        )
    return pd.DataFrame(rows)


def patterns_table(readings: Readings, bars: Bars) -> pd.DataFrame:
    """Patterns over the runs: id, title, share of runs in which all their conditions hold."""
    import pandas as pd

    rows = []
    for pattern in bars.patterns:
        values = held_in(readings, pattern.conditions)
        share = np.nan if values is None else float(values.mean())
        rows.append({"id": pattern.id, "title": pattern.title, "share": share})
    return pd.DataFrame(rows, columns=["id", "title", "share"])
