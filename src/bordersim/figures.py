"""Single figures of a run over a period, as reports define them.

Every function takes a run and a ``Period`` that the run covers, and returns NaN
where there was nothing to measure. Money is nominal KRW million.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from bordersim.codes import Sex
from bordersim.reports import Period, price_level
from bordersim.results import FloatArray, RunResults

ARRESTS = (
    "arrests_report",
    "arrests_seizure",
    "arrests_patrol",
    "arrests_pursuit",
    "arrests_route",
)


def total(run: RunResults, observable: str, period: Period) -> float:
    """Sum of a flow over the period and all places."""
    return float(run.between(observable, period.first, period.last).sum())


def a_year(run: RunResults, observable: str, period: Period) -> float:
    """Flow per year."""
    return total(run, observable, period) / period.years


def stock_in_china(run: RunResults, period: Period) -> float:
    """People in China, mean over the period's months."""
    return float(run.between("stock_china", period.first, period.last).sum(axis=1).mean())


def share_of_arrivals(run: RunResults, part: str, period: Period) -> float:
    """Share of arrivals that a second count of arrivals makes up."""
    return _ratio(total(run, part, period), total(run, "arrivals", period))


def women_share(run: RunResults, period: Period) -> float:
    """Share of women among arrivals."""
    start = period.first - run.start_month
    arrivals = run.value("arrivals")[start : period.last - run.start_month + 1]
    return _ratio(float(arrivals[:, :, Sex.FEMALE].sum()), float(arrivals.sum()))


def place_share(run: RunResults, period: Period, homes: Sequence[str]) -> float:
    """Share of arrivals that come from some homes."""
    where = [run.homes.index(home) for home in homes]
    arrivals = run.between("arrivals", period.first, period.last)
    return _ratio(float(arrivals[:, where].sum()), float(arrivals.sum()))


def delay_years(run: RunResults, period: Period) -> float:
    """Mean time from leaving home to arrival, in years."""
    return share_of_arrivals(run, "arrivals_delay", period) / 12


def caught_share(run: RunResults, period: Period) -> float:
    """Arrests in China in a year over the mean stock there."""
    arrests = sum(a_year(run, cause, period) for cause in ARRESTS)
    return _ratio(arrests, stock_in_china(run, period))


def fee(run: RunResults, period: Period, where: Sequence[int]) -> float:
    """Mean fee of the deals struck in some sectors."""
    return _mean_fee(run, period, ("fee_sum", "deals"), where)


def border_fee(run: RunResults, period: Period) -> float:
    """Mean fee of clients from border provinces."""
    return _mean_fee(run, period, ("fee_sum_border", "deals_border"), _everywhere(run))


def interior_fee(run: RunResults, period: Period) -> float:
    """Mean fee of clients from interior provinces."""
    return _mean_fee(run, period, ("fee_sum_interior", "deals_interior"), _everywhere(run))


def dearest_tumen_fee(run: RunResults, period: Period) -> float:
    """Mean fee in the sector of the Tumen where it is highest."""
    tumen = [index for index, key in enumerate(run.sectors) if key.startswith("tumen")]
    fees = [fee(run, period, [index]) for index in tumen]
    known = [value for value in fees if np.isfinite(value)]
    return max(known) if known else float("nan")


def interior_ratio(run: RunResults, period: Period) -> float:
    """Fee of an interior client over that of a border client."""
    return _ratio(interior_fee(run, period), border_fee(run, period))


def dearest_ratio(run: RunResults, period: Period) -> float:
    """Fee in the dearest Tumen place over the mean of all deals."""
    return _ratio(dearest_tumen_fee(run, period), fee(run, period, _everywhere(run)))


def split_of_fee(run: RunResults, period: Period, part: int) -> float:
    """Share of fees that stays with the trafficker (0), guards (1), the Chinese side (2)."""
    fees, bribes, chinese = (
        total(run, name, period) for name in ("fee_sum", "bribe_sum", "chinese_cost_sum")
    )
    return _ratio((fees - bribes - chinese, bribes, chinese)[part], fees)


FIGURES: Mapping[str, Callable[[RunResults, Period], float]] = MappingProxyType(
    {
        "share of arrivals that had used a broker": lambda run, when: share_of_arrivals(
            run, "arrivals_paid", when
        ),
        "share of arrivals that had paid a trafficker": lambda run, when: share_of_arrivals(
            run, "arrivals_paid", when
        ),
        "share of arrivals under one year after leaving": lambda run, when: share_of_arrivals(
            run, "arrivals_under_year", when
        ),
        "share of arrivals within three months of leaving (direct)": (
            lambda run, when: share_of_arrivals(run, "arrivals_direct", when)
        ),
        "mean time from leaving to arrival in Seoul": delay_years,
        "share of North Koreans in China caught per year": caught_share,
        "people returned by China per year": lambda run, when: a_year(run, "repatriations", when),
        "arrivals of officials posted abroad": lambda run, when: total(
            run, "arrivals_official", when
        ),
        "fee of an interior resident over that of a border resident": interior_ratio,
        "fee in the dearest Tumen places over the typical one": dearest_ratio,
    }
)
"""Simulated counterpart of each quantity in the evidence, by its name there."""


def _mean_fee(
    run: RunResults, period: Period, names: tuple[str, str], where: Sequence[int]
) -> float:
    """Sum of nominal fees over number of deals; prices change with the calendar year."""
    prices = price_level()[period.first : period.last + 1]
    sums, deals = (run.between(name, period.first, period.last)[:, where] for name in names)
    nominal: FloatArray = sums * prices[:, None]
    return _ratio(float(nominal.sum()), float(deals.sum()))


def _everywhere(run: RunResults) -> Sequence[int]:
    return range(len(run.sectors))


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
