"""The six panels: what each one shows, and in which unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from bordersim.figures import a_year, dearest_tumen_fee, fee, interior_fee, split_of_fee
from bordersim.plot.marks import (
    Mark,
    arrival_marks,
    fee_marks,
    guards_part_marks,
    numbered,
    returned_marks,
    stock_marks,
)
from bordersim.plot.series import (
    Curve,
    Runs,
    by_month,
    common_span,
    mean_over_runs,
    middle,
    over,
    periods_of,
    ratio,
)
from bordersim.reports import Period
from bordersim.results import FloatArray, RunResults

ARRIVED = ("arrived in the South", "blue", ("arrivals",))
HARMS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("taken into custody", "amber", ("custody_entries",)),
    ("returned by China", "orange", ("repatriations",)),
    ("caught at the river", "sky", ("interceptions",)),
    ("died in custody", "brown", ("deaths_custody",)),
    (
        "drowned, froze, shot",
        "wine",
        ("deaths_drowned", "deaths_shot_river", "deaths_shot_china"),
    ),
)
"""Label, look and observables of each line of people."""

GUARDS = 1
"""Part of the fee that goes to guards (see ``split_of_fee``)."""

Figure = Callable[[RunResults, Period], float]
Spread = tuple[FloatArray, FloatArray, FloatArray]


@dataclass(frozen=True)
class Panel:
    """What one panel shows, ready to be drawn.

    Attributes
    ----------
    title, unit
        Above it; beside its axis, in lines.
    curves
        Simulated; each is labelled by its name.
    marks
        Reported, in the same unit.
    scale, linear_below
        ``linear``, or ``log``, which turns linear below a value if it must show less.
    share
        Of the height that panels divide.
    places
        Years, least and most of a quantity over places, or None.
    top
        Least upper limit of the axis, in its unit.
    bars
        Whether a reported point shows the length of its period.
    foot
        Points below the panel for a row of the marks' numbers; they stand at the marks
        when 0.
    period
        Length of the periods that curves average over, in words, where it matters.
    named
        Whether curves are named at their ends; there may be too many.
    """

    title: str
    unit: str
    curves: list[Curve]
    marks: list[Mark] = field(default_factory=list)
    scale: str = "linear"
    linear_below: float = 10.0
    share: float = 1.0
    places: Spread | None = None
    top: float = 1.0
    bars: bool = True
    foot: float = 0.0
    period: str = ""
    named: bool = True

    @property
    def highest_numbered(self) -> float:
        """Top of the highest mark that has its number above it, 0 when none has."""
        marks = [] if self.foot else [mark.high for mark in self.marks if mark.number]
        return max(marks, default=0.0)

    @property
    def values(self) -> FloatArray:
        """Every finite value that the panel shows."""
        values = [np.ravel(curve.values) for curve in self.curves]
        ends = [end for mark in self.marks for end in (mark.low, mark.high)]
        values.append(np.array(ends, dtype=np.float64))
        if self.places is not None:
            values.extend(self.places[1:])
        every = np.concatenate(values)
        return every[np.isfinite(every)]

    @property
    def highest(self) -> float:
        """Greatest of the values, 0 when there are none."""
        return float(self.values.max(initial=0.0))


def panels_of(runs: Runs) -> list[Panel]:
    """Every panel of the page, from the top, with the marks numbered through."""
    span = common_span(runs)
    groups = [fee_marks(runs), stock_marks(runs), returned_marks(runs), guards_part_marks(runs)]
    fees, stock, returned, part = numbered(groups)
    return [
        _arrivals(runs, span),
        _fees(runs, span, fees),
        _stock(runs, span, stock),
        _harms(runs, span, returned),
        _corruption(runs, span, part),
        _fear(runs, span),
    ]


def _arrivals(runs: Runs, span: Period) -> Panel:
    periods = periods_of(span, 12)
    _, look, names = ARRIVED
    return Panel(
        title="Arrivals in the South" + _by_month(periods),
        unit="people\na year",
        curves=[_people("simulated", look, names, runs, periods)],
        marks=arrival_marks(runs),
        share=1.1,
        bars=False,
    )


def _fees(runs: Runs, span: Period, marks: list[Mark]) -> Panel:
    periods = periods_of(span, 6)
    everywhere = range(len(runs[0].sectors))
    lines: dict[str, tuple[str, Figure]] = {
        "mean of all deals": ("blue", lambda run, when: fee(run, when, everywhere)),
        "dearest Tumen place": ("orange", dearest_tumen_fee),
        "interior clients": ("sky", interior_fee),
    }
    curves = [
        Curve(name, look, *over(runs, periods, figure)) for name, (look, figure) in lines.items()
    ]
    return Panel(
        title="Fee for the river crossing, in money of the day",
        unit="KRW million,\nnominal",
        curves=curves,
        marks=marks,
        share=1.9,
        foot=9.0,
        period="month" if _monthly(periods) else "half-year",
        places=_over_places(runs, periods),
    )


def _stock(runs: Runs, span: Period, marks: list[Mark]) -> Panel:
    thousands = by_month(runs, span, "stock_china") / 1000
    return Panel(
        title="North Koreans in China",
        unit="thousand\npeople",
        curves=[Curve("simulated", "blue", _months(span), thousands)],
        marks=marks,
        scale="log",
        linear_below=0.1,
        share=0.85,
    )


def _harms(runs: Runs, span: Period, marks: list[Mark]) -> Panel:
    periods = periods_of(span, 12)
    curves = [_people(name, look, names, runs, periods) for name, look, names in (*HARMS, ARRIVED)]
    return Panel(
        title="Harm, beside arrivals" + _by_month(periods),
        unit="people\na year",
        curves=curves,
        marks=marks,
        scale="log",
        share=1.45,
    )


def _corruption(runs: Runs, span: Period, marks: list[Mark]) -> Panel:
    years = _months(span)
    guards = by_month(runs, span, "guards")

    def share(name: str) -> FloatArray:
        return 100 * ratio(by_month(runs, span, name), guards)

    part_years, part = over(
        runs, periods_of(span, 6), lambda run, when: split_of_fee(run, when, GUARDS)
    )
    return Panel(
        title="Corruption of the border guards",
        unit="per cent",
        curves=[
            Curve("took any bribe", "sky", years, share("corrupt_guards")),
            Curve("willing to take one", "blue", years, share("willing_guards")),
            Curve("their part of the fee", "orange", part_years, 100 * part),
        ],
        marks=marks,
        top=100.0,
    )


def _fear(runs: Runs, span: Period) -> Panel:
    periods = periods_of(span, 12)

    def share(name: str) -> tuple[FloatArray, FloatArray]:
        return over(runs, periods, lambda run, when: _share_of_guards(run, name, when))

    feared = 100 * by_month(runs, span, "perceived_punishment")
    return Panel(
        title="Guards' fear of punishment, and what happens to them",
        unit="per cent\na year",
        curves=[
            Curve("inspected", "amber", *share("inspections")),
            Curve("punished", "orange", *share("punishments")),
            Curve("perceived chance", "blue", _months(span), feared),
        ],
    )


def _people(
    name: str, look: str, observables: Sequence[str], runs: Runs, periods: Sequence[Period]
) -> Curve:
    """People a year."""

    def figure(run: RunResults, when: Period) -> float:
        return sum(a_year(run, observable, when) for observable in observables)

    return Curve(name, look, *over(runs, periods, figure))


def _share_of_guards(run: RunResults, observable: str, when: Period) -> float:
    """A flow of guards, per cent of them a year."""
    guards = run.between("guards", when.first, when.last).sum(axis=1).mean()
    return float(100 * a_year(run, observable, when) / guards) if guards else float("nan")


def _over_places(runs: Runs, periods: Sequence[Period]) -> Spread | None:
    """Least and most of the mean fees of the sectors in each period."""
    by_sector = []
    for index in range(len(runs[0].sectors)):
        _, values = over(runs, periods, lambda run, when, i=index: fee(run, when, [i]))  # type: ignore[misc]
        by_sector.append(mean_over_runs(values))
    fees = np.array(by_sector)
    known = np.isfinite(fees).any(axis=0)
    if not known.any():
        return None
    years = np.array([middle(period) for period in periods])
    some = fees[:, known]
    return years[known], np.nanmin(some, axis=0), np.nanmax(some, axis=0)


def _months(span: Period) -> FloatArray:
    return np.array([middle(Period(m, m)) for m in range(span.first, span.last + 1)])


def _monthly(periods: Sequence[Period]) -> bool:
    return bool(periods) and periods[0].first == periods[0].last


def _by_month(periods: Sequence[Period]) -> str:
    return " (by month, at a yearly rate)" if _monthly(periods) else ""
