"""What patterns and claims are measured by: named figures of a run over a period."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from bordersim.codes import EPOCH_YEAR, Class
from bordersim.figures import (
    a_year,
    dearest_ratio,
    dearest_tumen_fee,
    delay_years,
    fee,
    place_share,
    share_of_arrivals,
    stock_in_china,
    total,
    women_share,
)
from bordersim.reports import Period
from bordersim.results import FloatArray, RunResults
from bordersim.wording import number

SUPPLYING = ("north_hamgyong", "ryanggang")
"""The two provinces that most arrivals come from."""

OTHER_BORDER = ("north_pyongan", "chagang")
"""The other provinces on the border."""

Figure = Callable[[RunResults, Period], float]


@dataclass(frozen=True)
class Measure:
    """A figure of a run over a period, NaN where there was nothing to measure.

    Attributes
    ----------
    figure
        Of a run that covers the period.
    observables
        What of a run it looks at.
    words
        What it is, with its unit.
    yearly
        Whether it looks at whole calendar years within the period.
    names_year
        Whether its value is a calendar year.
    """

    figure: Figure
    observables: tuple[str, ...]
    words: str
    yearly: bool = False
    names_year: bool = False

    def said(self, value: float) -> str:
        """A value in digits; a dash for none."""
        if math.isnan(value):
            return "-"
        return f"{value:.0f}" if self.names_year else number(value, 3)


def years_in(period: Period) -> list[Period]:
    """Whole calendar years within a period."""
    return [
        Period(first, first + 11)
        for first in range(-(-period.first // 12) * 12, period.last - 10, 12)
    ]


def _by_year(run: RunResults, period: Period, figure: Figure) -> FloatArray:
    return np.array([figure(run, year) for year in years_in(period)], dtype=np.float64)


def _arrivals(run: RunResults, period: Period) -> float:
    return a_year(run, "arrivals", period)


def _peak_year(run: RunResults, period: Period) -> float:
    """Calendar year with most arrivals; the first of several."""
    at = int(np.argmax(_by_year(run, period, _arrivals)))
    return float(EPOCH_YEAR + years_in(period)[at].first // 12)


def _first_above_hundred_a_month(run: RunResults, period: Period) -> float:
    """First year with at least 100 arrivals a month; NaN if none has."""
    above = np.flatnonzero(_by_year(run, period, _arrivals) >= 1200)
    return float(EPOCH_YEAR + years_in(period)[above[0]].first // 12) if above.size else np.nan


def _arrivals_of(run: RunResults, period: Period, classes: Sequence[Class]) -> float:
    start = period.first - run.start_month
    arrivals = run.value("arrivals")[start : period.last - run.start_month + 1]
    return float(arrivals[..., list(classes)].sum()) / period.years


def _everywhere(run: RunResults) -> range:
    return range(len(run.sectors))


def _fee(run: RunResults, period: Period) -> float:
    return fee(run, period, _everywhere(run))


def _a_deal(run: RunResults, period: Period, money: str) -> float:
    """Money over deals, in KRW million of 2015."""
    return _over(total(run, money, period), total(run, "deals", period))


def _consent(run: RunResults, period: Period) -> float:
    """Share of fees that is passed on to guards and to the Chinese side."""
    passed_on = sum(total(run, name, period) for name in ("bribe_sum", "chinese_cost_sum"))
    return _over(passed_on, total(run, "fee_sum", period))


def _feared(run: RunResults, period: Period) -> float:
    """Chance of punishment in a year as guards see it, mean over guards and months."""
    guards = run.between("guards", period.first, period.last)
    feared = run.between("perceived_punishment", period.first, period.last)
    return _over(float((guards * feared).sum()), float(guards.sum()))


def _caught_at_river(run: RunResults, period: Period) -> float:
    return _over(total(run, "interceptions", period), total(run, "crossings", period))


def _fee_with_fear(run: RunResults, period: Period) -> float:
    """Rank correlation over years of the real fee with guards' feared chance."""
    fees = _by_year(run, period, lambda r, year: _a_deal(r, year, "fee_sum"))
    fears = _by_year(run, period, _feared)
    known = np.isfinite(fees) & np.isfinite(fears)
    if np.count_nonzero(known) < 3:
        return np.nan
    ranks = [np.argsort(np.argsort(one[known])).astype(float) for one in (fees, fears)]
    if any(np.ptp(one[known]) == 0 for one in (fees, fears)):
        return np.nan
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


def _highest_year(run: RunResults, period: Period) -> float:
    return float(np.max(_by_year(run, period, _arrivals)))


def _over(part: float, whole: float) -> float:
    return part / whole if whole else np.nan


def _money(money: str, words: str) -> Measure:
    return Measure(
        lambda run, when: _a_deal(run, when, money),
        (money, "deals"),
        f"{words} a deal, KRW million of 2015",
    )


_FEES = ("fee_sum", "deals")

MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "arrivals": Measure(_arrivals, ("arrivals",), "arrivals a year"),
        "arrivals_total": Measure(
            lambda run, when: total(run, "arrivals", when), ("arrivals",), "arrivals in all"
        ),
        "arrivals_a_month": Measure(
            lambda run, when: _arrivals(run, when) / 12, ("arrivals",), "arrivals a month"
        ),
        "peak_year": Measure(
            _peak_year, ("arrivals",), "year with most arrivals", yearly=True, names_year=True
        ),
        "highest_year": Measure(
            _highest_year, ("arrivals",), "arrivals of the highest year", yearly=True
        ),
        "first_year_above_100_a_month": Measure(
            _first_above_hundred_a_month,
            ("arrivals",),
            "first year with 100 arrivals a month",
            yearly=True,
            names_year=True,
        ),
        "arrivals_poor": Measure(
            lambda run, when: _arrivals_of(run, when, (Class.POOR,)),
            ("arrivals",),
            "arrivals of the poor a year",
        ),
        "share_poor": Measure(
            lambda run, when: _over(_arrivals_of(run, when, (Class.POOR,)), _arrivals(run, when)),
            ("arrivals",),
            "share of the poor among arrivals",
        ),
        "officials": Measure(
            lambda run, when: total(run, "arrivals_official", when),
            ("arrivals_official",),
            "arrivals of officials posted abroad",
        ),
        "women_share": Measure(women_share, ("arrivals",), "share of women among arrivals"),
        "supplying_provinces": Measure(
            lambda run, when: place_share(run, when, SUPPLYING),
            ("arrivals",),
            "share of arrivals from North Hamgyong and Ryanggang",
        ),
        "other_border_provinces": Measure(
            lambda run, when: place_share(run, when, OTHER_BORDER),
            ("arrivals",),
            "share of arrivals from North Pyongan and Chagang",
        ),
        "stock": Measure(stock_in_china, ("stock_china",), "people in China"),
        "delay": Measure(
            delay_years,
            ("arrivals", "arrivals_delay"),
            "mean years from leaving to arrival",
        ),
        "under_year": Measure(
            lambda run, when: share_of_arrivals(run, "arrivals_under_year", when),
            ("arrivals", "arrivals_under_year"),
            "share of arrivals within a year of leaving",
        ),
        "fee": Measure(_fee, _FEES, "mean fee of all deals, nominal KRW million"),
        "dearest_tumen_fee": Measure(
            dearest_tumen_fee, _FEES, "mean fee in the dearest Tumen place, nominal KRW million"
        ),
        "dearest_ratio": Measure(
            dearest_ratio, _FEES, "fee in the dearest Tumen place over that of all deals"
        ),
        "real_fee": _money("fee_sum", "fee"),
        "bribe": _money("bribe_sum", "guards' part"),
        "chinese_part": _money("chinese_cost_sum", "Chinese part"),
        "consent_share": Measure(
            _consent,
            ("fee_sum", "bribe_sum", "chinese_cost_sum"),
            "share of fees that buys consent, in the North and in China",
        ),
        "feared_chance": Measure(
            _feared,
            ("guards", "perceived_punishment"),
            "chance of punishment in a year as guards see it",
        ),
        "fee_with_fear": Measure(
            _fee_with_fear,
            ("fee_sum", "deals", "guards", "perceived_punishment"),
            "rank correlation over years of the real fee with the feared chance",
            yearly=True,
        ),
        "caught_at_river": Measure(
            _caught_at_river, ("interceptions", "crossings"), "caught at the river per crossing"
        ),
        "tips_acted_on": Measure(
            lambda run, when: a_year(run, "tips_acted_on", when),
            ("tips_acted_on",),
            "residents' tips that the Chinese authorities acted on, a year",
        ),
    }
)
"""Every measure that ``calibration/bars.yaml`` may name."""
