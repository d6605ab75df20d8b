"""Single figures of a run over a period, as reports define them.

Every function takes a run and a ``Period`` that the run covers, and returns NaN
where there was nothing to measure. Money is nominal KRW million.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from bordersim.codes import Sex
from bordersim.reports import CROSSING_FEE, Period, price_level, sectors_of
from bordersim.results import FloatArray, RunResults

ARRESTS = (
    "arrests_report",
    "arrests_seizure",
    "arrests_patrol",
    "arrests_pursuit",
    "arrests_route",
)

ALL_DEALS = "all deals"
DEAREST_TUMEN = "dearest Tumen place"
BORDER_CLIENTS = "clients from border provinces"
INTERIOR_CLIENTS = "clients from interior provinces"

SPLIT_OF_FEE = "split of the crossing fee broker : guards : Chinese side"
PARTS_OF_FEE = ("trafficker", "guards", "Chinese side")
"""Who keeps a part of the fee, in the order in which a split is reported."""


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


def share_of_whole(run: RunResults, period: Period, whole: Period) -> float:
    """Share of the arrivals of a longer period that came in a part of it."""
    return _ratio(total(run, "arrivals", period), total(run, "arrivals", whole))


def arrivals_growth(run: RunResults, period: Period) -> float:
    """Arrivals of a period's last twelve months over those of its first twelve."""
    first, last = ends_of(period)
    return _ratio(total(run, "arrivals", last), total(run, "arrivals", first))


def ends_of(period: Period) -> tuple[Period, Period]:
    """First and last twelve months of a period."""
    return Period(period.first, period.first + 11), Period(period.last - 11, period.last)


def fee_growth(run: RunResults, period: Period) -> float:
    """Mean fee of a period's last twelve months over that of its first twelve, nominal."""
    everywhere = _everywhere(run)
    first, last = ends_of(period)
    return _ratio(fee(run, last, everywhere), fee(run, first, everywhere))


def fee_as_reported(run: RunResults, period: Period, words: str) -> float:
    """Mean fee of the deals that a report's words for who and where speak of."""
    special = _FEES_BY_WORDS.get(fee_meaning(words))
    if special is not None:
        return special(run, period)
    return fee(run, period, sectors_of(words, run.sectors))


def fee_meaning(words: str) -> str:
    """Simulated fee that a report's words for who and where speak of.

    ``DEAREST_TUMEN``, ``BORDER_CLIENTS``, ``INTERIOR_CLIENTS``, or ``ALL_DEALS`` when
    the words name no more than rivers or places on them.
    """
    for beginning, meaning in _WORDS_OF_FEES.items():
        if words.startswith(beginning):
            return meaning
    return ALL_DEALS


def homes_named(words: str, homes: Sequence[str]) -> list[str]:
    """Homes that a report names, as keys: "North Hamgyong and Ryanggang"."""
    named = words.lower().replace(" and ", ", ").split(", ")
    return [home for home in homes if home in {name.strip().replace(" ", "_") for name in named}]


_WORDS_OF_FEES = {
    "some Tumen": DEAREST_TUMEN,
    "border resident": BORDER_CLIENTS,
    "interior resident": INTERIOR_CLIENTS,
}
_FEES_BY_WORDS = {
    DEAREST_TUMEN: dearest_tumen_fee,
    BORDER_CLIENTS: border_fee,
    INTERIOR_CLIENTS: interior_fee,
}


@dataclass(frozen=True)
class Figure:
    """One simulated figure: how it is measured, of what, and what exactly it means.

    Attributes
    ----------
    measure
        Function of a run, a period, a place in a report's words and a longer period. Figures
        that need no place or no longer period ignore them.
    needs
        Observables it reads.
    definition
        One line.
    """

    measure: Callable[[RunResults, Period, str, Period], float]
    needs: tuple[str, ...]
    definition: str

    def __call__(
        self, run: RunResults, period: Period, place: str = "", whole: Period | None = None
    ) -> float:
        """Value over a period that the run covers; NaN where there is nothing to measure."""
        return self.measure(run, period, place, period if whole is None else whole)


def _figure(
    measure: Callable[[RunResults, Period], float], needs: Sequence[str], definition: str
) -> Figure:
    return Figure(lambda run, when, *_: measure(run, when), tuple(needs), definition)


def _share_figure(part: str, definition: str) -> Figure:
    return _figure(
        lambda run, when: share_of_arrivals(run, part, when), ("arrivals", part), definition
    )


_DEALS = ("fee_sum", "deals")
_BY_CLIENTS = ("fee_sum_border", "deals_border", "fee_sum_interior", "deals_interior")
_PAID = _share_figure("arrivals_paid", "arrivals who had paid a trafficker for the river / all")

FIGURES: Mapping[str, Figure] = MappingProxyType(
    {
        "arrivals in the South": _figure(
            lambda run, when: total(run, "arrivals", when),
            ("arrivals",),
            "people debriefed in the period, officials posted abroad included",
        ),
        "people debriefed in the South": _figure(
            lambda run, when: total(run, "arrivals", when),
            ("arrivals",),
            "people debriefed in the period: an arrival counts in the month of its debriefing",
        ),
        "arrivals a month, mean of a year": _figure(
            lambda run, when: a_year(run, "arrivals", when) / 12,
            ("arrivals",),
            "people debriefed in the period / its months",
        ),
        "arrivals of the last year over those of the first": _figure(
            arrivals_growth,
            ("arrivals",),
            "arrivals of the last twelve months / of the first twelve",
        ),
        "people settled in the South, cumulative": _figure(
            lambda run, when: total(run, "arrivals", when),
            ("arrivals",),
            "people debriefed from the beginning of the simulation to the end of the period",
        ),
        "share of the arrivals of a longer period": Figure(
            lambda run, when, _, whole: share_of_whole(run, when, whole),
            ("arrivals",),
            "arrivals of the period / arrivals of the longer one that contains it",
        ),
        "share of women among arrivals": _figure(
            women_share, ("arrivals",), "women / all, of the period's arrivals"
        ),
        "share of arrivals from a home": Figure(
            lambda run, when, place, _: place_share(run, when, homes_named(place, run.homes)),
            ("arrivals",),
            "arrivals whose home is in the province, or in one of several / all",
        ),
        CROSSING_FEE: Figure(
            lambda run, when, place, _: fee_as_reported(run, when, place),
            (*_DEALS, *_BY_CLIENTS),
            "nominal fees / deals struck in the sectors or with the clients that the report names",
        ),
        "fee of the last year over that of the first": _figure(
            fee_growth, _DEALS, "mean nominal fee of the last twelve months / of the first twelve"
        ),
        "North Koreans living in China": _figure(
            stock_in_china,
            ("stock_china",),
            "people in China at the end of a month, mean of months",
        ),
        "share of arrivals that had used a broker": _PAID,
        "share of arrivals that had paid a trafficker": _PAID,
        "share of arrivals under one year after leaving": _share_figure(
            "arrivals_under_year", "arrivals within twelve months of leaving home / all"
        ),
        "share of arrivals within three months of leaving (direct)": _share_figure(
            "arrivals_direct", "arrivals within three months of leaving home / all"
        ),
        "mean time from leaving to arrival in Seoul": _figure(
            delay_years,
            ("arrivals", "arrivals_delay"),
            "months since leaving home, added over arrivals / arrivals / 12",
        ),
        "share of North Koreans in China caught per year": _figure(
            caught_share,
            (*ARRESTS, "stock_china"),
            "arrests in China a year, of whatever cause / mean stock there",
        ),
        "people returned by China per year": _figure(
            lambda run, when: a_year(run, "repatriations", when),
            ("repatriations",),
            "people handed back to the North, a year",
        ),
        "arrivals of officials posted abroad": _figure(
            lambda run, when: total(run, "arrivals_official", when),
            ("arrivals_official",),
            "officials posted abroad who arrive in the period",
        ),
        "fee of an interior resident over that of a border resident": _figure(
            interior_ratio, _BY_CLIENTS, "mean fee of clients from interior / border provinces"
        ),
        "fee in the dearest Tumen places over the typical one": _figure(
            dearest_ratio, _DEALS, "mean fee of the dearest sector of the Tumen / of all deals"
        ),
        SPLIT_OF_FEE: Figure(
            lambda run, when, place, _: split_of_fee(run, when, PARTS_OF_FEE.index(place)),
            ("fee_sum", "bribe_sum", "chinese_cost_sum"),
            "the part named (trafficker: fees less bribes and Chinese part) / fees, of all deals",
        ),
    }
)
"""Simulated counterpart of each quantity in the evidence, by its name there."""

OBSERVABLES_NEEDED: tuple[str, ...] = tuple(
    sorted({name for figure in FIGURES.values() for name in figure.needs})
)
"""Observables that the figures are measured from: all that a sweep must keep for a fit."""


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
