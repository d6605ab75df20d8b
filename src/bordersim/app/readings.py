"""What the page tells of a played scenario and its baseline, as numbers.

A flow is told as its rate a year, over the last twelve months or as many as there are:
single months of a small scale are mostly luck.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from bordersim.app.playing import PlayedModel, ReadModel
    from bordersim.results import FloatArray

WINDOW = 12


@dataclass(frozen=True)
class Quantity:
    """A line of the table and a picture.

    Attributes
    ----------
    key, title, unit
        Name; what it is; of its values.
    counts
        Observables added up.
    per
        Observable that it is divided by, or None.
    stock
        Whether it is a stock, which has no rate and no sum.
    harm
        Whether it is told as harm.
    """

    key: str
    title: str
    unit: str
    counts: tuple[str, ...]
    per: str | None = None
    stock: bool = False
    harm: bool = False


DEATHS = ("deaths_drowned", "deaths_shot_river", "deaths_shot_china", "deaths_custody")

QUANTITIES = (
    Quantity("arrivals", "Arrivals in the South", "people a year", ("arrivals",)),
    Quantity("caught", "Caught at the river", "people a year", ("interceptions",), harm=True),
    Quantity("returned", "Returned by China", "people a year", ("repatriations",), harm=True),
    Quantity("custody", "Taken into custody", "people a year", ("custody_entries",), harm=True),
    Quantity("died", "Died: river, shot, custody", "people a year", DEATHS, harm=True),
    Quantity("china", "Staying in China", "people", ("stock_china",), stock=True),
    Quantity("fee", "Fee for a crossing", "KRW million of 2015", ("fee_sum",), per="deals"),
)  # fmt: skip


def rate(monthly: FloatArray) -> FloatArray:
    """Sums over the last twelve months, by month; of fewer, grown to twelve.

    Parameters
    ----------
    monthly
        Shape (months,).

    Returns
    -------
    ndarray
        Shape (months,).
    """
    added = np.concatenate([[0.0], np.cumsum(monthly)])
    last = np.arange(1, len(monthly) + 1)
    first = np.maximum(last - WINDOW, 0)
    rates: FloatArray = (added[last] - added[first]) * (WINDOW / (last - first))
    return rates


def series(model: ReadModel, quantity: Quantity) -> FloatArray:
    """National value of a quantity in every month so far.

    Returns
    -------
    ndarray
        Shape (months done,); NaN where there is nothing to measure, such as a fee when
        nothing was sold.
    """
    total = _monthly(model, quantity)
    if quantity.stock:
        return total
    if quantity.per is None:
        return rate(total)
    sold = rate(model.read(quantity.per).sum(axis=1))
    nothing = np.full(len(sold), np.nan)
    mean: FloatArray = np.divide(rate(total), sold, out=nothing, where=sold > 0)
    return mean


def _monthly(model: ReadModel, quantity: Quantity) -> FloatArray:
    total: FloatArray = np.sum([model.read(name).sum(axis=1) for name in quantity.counts], axis=0)
    return total


@dataclass(frozen=True)
class Line:
    """A quantity now, in both, and what the moves have done so far.

    Attributes
    ----------
    quantity
        What.
    played, baseline
        Values of the last month; NaN before the first and where there is nothing.
    effect
        Played minus baseline: added up over all months for a flow, now for the others.
    """

    quantity: Quantity
    played: float
    baseline: float
    effect: float


def lines(model: PlayedModel) -> list[Line]:
    """Every quantity as it stands."""
    return [_line(model, quantity) for quantity in QUANTITIES]


def _line(model: PlayedModel, quantity: Quantity) -> Line:
    if not model.months_done:
        return Line(quantity, np.nan, np.nan, np.nan)
    now, then = (float(series(one, quantity)[-1]) for one in (model, model.beside))
    if quantity.stock or quantity.per is not None:
        return Line(quantity, now, then, now - then)
    effect = _monthly(model, quantity).sum() - _monthly(model.beside, quantity).sum()
    return Line(quantity, now, then, float(effect))


@dataclass(frozen=True)
class Stretch:
    """A sector of the river as it stands.

    Attributes
    ----------
    name
        Its code, such as ``tumen_musan``.
    crossings, caught
        People a year.
    fee
        KRW million of 2015; NaN when nothing was sold.
    staying
        People in China who crossed here.
    wire, cameras, closed
        Shares of the river: behind wire, under cameras, sealed.
    """

    name: str
    crossings: float
    caught: float
    fee: float
    staying: float
    wire: float
    cameras: float
    closed: float


def stretches(model: ReadModel) -> list[Stretch]:
    """Sectors in the order of the river, from the mouth of the Yalu to that of the Tumen."""
    done = model.months_done
    month = max(model.world.month - 1, model.scenario.start_month)
    barriers = [
        model.lever(key, month)
        for key in ("border.wire_coverage", "border.camera_coverage", "border.closure")
    ]
    found = []
    for at, name in enumerate(model.scenario.places.sectors):
        crossings, caught, paid, sold = (
            float(rate(model.read(one)[:, at])[-1]) if done else np.nan
            for one in ("sector_crossings", "sector_interceptions", "fee_sum", "deals")
        )
        staying = float(model.read("sector_stock_china")[-1, at]) if done else np.nan
        fee = paid / sold if sold > 0 else np.nan
        shares = (float(values[at]) for values in barriers)
        found.append(Stretch(name, crossings, caught, fee, staying, *shares))
    return found
