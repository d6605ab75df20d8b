"""What is compared: an observable, or a figure made of several, of one part of the people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from bordersim.codes import HARMS, OBSERVABLES, Class, Sex
from bordersim.errors import Problem, suggestion
from bordersim.reports import Period, price_level
from bordersim.results import FloatArray, RunResults, measure_of
from bordersim.wording import place_words

TOTAL, MEAN, RATIO, REAL_RATIO = "total", "mean", "ratio", "real ratio"


@dataclass(frozen=True)
class Quantity:
    """One row of a comparison.

    Attributes
    ----------
    name, title, unit
        What it is called.
    parts
        Observables it is made of.
    how
        ``TOTAL``: the parts added up over the window; ``MEAN``: their mean over its
        months; ``RATIO``: the first, in money of its day, over the second;
        ``REAL_RATIO``: the same in money of 2015.
    """

    name: str
    title: str
    unit: str
    parts: tuple[str, ...]
    how: str

    @property
    def by_person(self) -> bool:
        """Whether sexes and classes can be told apart."""
        return all(OBSERVABLES[part].by_person for part in self.parts)

    @property
    def places(self) -> str:
        """Kind of place: home, sector or nation."""
        return OBSERVABLES[self.parts[0]].places


@dataclass(frozen=True)
class Cut:
    """Part of the people or places that is counted; None is all of them."""

    place: str | None = None
    sex: str | None = None
    class_: str | None = None

    def of(self, quantity: Quantity, homes: Sequence[str], sectors: Sequence[str]) -> Cut:
        """The same cut as far as a quantity can be cut."""
        there = {"home": homes, "sector": sectors}.get(quantity.places, ())
        return Cut(
            self.place if self.place in there else None,
            self.sex if quantity.by_person else None,
            self.class_ if quantity.by_person else None,
        )

    def words(self) -> str:
        """What is counted, in words; empty for everything."""
        sex = {"female": "women", "male": "men"}.get(self.sex or "", "")
        place = place_words([self.place]) if self.place else ""
        return ", ".join(filter(None, (place, sex, self.class_)))


DEATHS = tuple(harm for harm in HARMS if harm.startswith("deaths_"))

DERIVED: Mapping[str, Quantity] = MappingProxyType(
    {
        "deaths": Quantity("deaths", "deaths, of every cause", "people", DEATHS, TOTAL),
        "fee": Quantity(
            "fee", "mean fee of all deals", "nominal KRW million", ("fee_sum", "deals"), RATIO
        ),
        "fee_real": Quantity(
            "fee_real",
            "mean fee of all deals, in money of 2015",
            "KRW million of 2015",
            ("fee_sum", "deals"),
            REAL_RATIO,
        ),
        "attempts": Quantity(
            "attempts",
            "attempts, of every mode",
            "people",
            ("attempts_unaided", "attempts_food", "attempts_hire"),
            TOTAL,
        ),
    }
)
"""Quantities made of several observables."""

_NAMES = (*DERIVED, *OBSERVABLES)

HARM = ("deaths", "repatriations", "custody_entries")
"""What always stands beside arrivals."""


def quantity_of(name: str) -> Quantity:
    """Definition of an observable or derived quantity.

    Parameters
    ----------
    name
        A key of ``OBSERVABLES`` or ``DERIVED``; ``compare`` has checked it.

    Returns
    -------
    Quantity
        A flow is added up; stocks and levels are means.
    """
    if name in DERIVED:
        return DERIVED[name]
    measure = measure_of(name)
    return Quantity(
        name, measure.title, measure.unit, (name,), TOTAL if measure.kind == "flow" else MEAN
    )


def with_harm(names: Sequence[str]) -> tuple[str, ...]:
    """The names, and harm behind them where arrivals are among them."""
    arrivals = any(name.startswith("arrivals") for name in names)
    return tuple(dict.fromkeys((*names, *(HARM if arrivals else ()))))


def name_problems(names: Sequence[str]) -> list[Problem]:
    """Find names that are neither observables nor derived quantities."""
    return [
        Problem("compare", "metric", f'no observable "{name}"{suggestion(name, _NAMES)}')
        for name in names
        if name not in _NAMES
    ]


def cut_problems(
    names: Sequence[str], cut: Cut, homes: Sequence[str], sectors: Sequence[str]
) -> list[Problem]:
    """Find what is wrong with what is asked for.

    Parameters
    ----------
    names
        Quantities that were asked for; harm, which is added, is cut as far as it can be.
    cut
        Part of them.
    homes, sectors
        Names of places.

    Returns
    -------
    list of Problem
        Unknown names, and parts that a quantity does not have.
    """
    problems = name_problems(names)
    allowed = {
        "place": (cut.place, (*homes, *sectors)),
        "sex": (cut.sex, tuple(member.name.lower() for member in Sex)),
        "class": (cut.class_, tuple(member.name.lower() for member in Class)),
    }
    wrong = {
        key: f'got "{value}"{suggestion(value, names_there)}'
        for key, (value, names_there) in allowed.items()
        if value is not None and value not in names_there
    }
    problems += [Problem("compare", key, message) for key, message in wrong.items()]
    for name in names if not wrong else ():
        if name in _NAMES:
            problems += _lost(quantity_of(name), cut, homes, sectors)
    return problems


def _lost(
    quantity: Quantity, cut: Cut, homes: Sequence[str], sectors: Sequence[str]
) -> list[Problem]:
    """Parts of a cut that a quantity does not have."""
    got = cut.of(quantity, homes, sectors)
    found = []
    for key, wanted, kept in (
        ("place", cut.place, got.place),
        ("sex", cut.sex, got.sex),
        ("class", cut.class_, got.class_),
    ):
        if wanted != kept:
            message = f'"{quantity.name}" is counted by {_counted_by(quantity)}, not by {key}'
            if key == "place" and quantity.places != "nation":
                message = f'"{quantity.name}" is counted by {quantity.places}; {wanted} is none'
            found.append(Problem("compare", key, message))
    return found


def _counted_by(quantity: Quantity) -> str:
    return f"{quantity.places}, sex and class" if quantity.by_person else quantity.places


def monthly(run: RunResults, quantity: Quantity, cut: Cut) -> FloatArray:
    """Months of a run's quantity, as ``over_window`` needs them.

    Parameters
    ----------
    run
        Any run that has the observables.
    quantity
        What to measure.
    cut
        As ``Cut.of`` gives it for this quantity.

    Returns
    -------
    array
        Shape (rows, months): one row, two for a ratio. NaN where a level has nothing
        to measure.
    """
    rows = [_part(run, name, cut) for name in quantity.parts]
    if quantity.how not in (RATIO, REAL_RATIO):
        return np.asarray(sum(rows[1:], rows[0]))[None]
    if quantity.how == REAL_RATIO:
        return np.array(rows)
    prices = price_level()[run.start_month : run.end_month + 1]
    return np.array([rows[0] * prices, rows[1]])


def _part(run: RunResults, name: str, cut: Cut) -> FloatArray:
    values = run.value(name)
    if cut.place is not None:
        values = values[:, [run.place_names(name).index(cut.place)]]
    if values.ndim == 4:
        if cut.sex is not None:
            values = values[:, :, [Sex[cut.sex.upper()]]]
        if cut.class_ is not None:
            values = values[..., [Class[cut.class_.upper()]]]
        values = values.sum(axis=(2, 3))
    if measure_of(name).kind != "level":
        return np.asarray(values.sum(axis=1))
    there = np.count_nonzero(values, axis=1)
    return np.where(there > 0, values.sum(axis=1) / np.maximum(there, 1), np.nan)


def over_window(quantity: Quantity, months: FloatArray) -> FloatArray:
    """Value over a window.

    Parameters
    ----------
    quantity
        What was measured.
    months
        Shape (..., rows, months): the window's months of ``monthly``.

    Returns
    -------
    array
        Shape (...); NaN where there was nothing to measure.
    """
    if quantity.how == TOTAL:
        return np.asarray(months[..., 0, :].sum(axis=-1))
    if quantity.how in (RATIO, REAL_RATIO):
        part, whole = months[..., 0, :].sum(axis=-1), months[..., 1, :].sum(axis=-1)
    else:
        known = np.isfinite(months[..., 0, :])
        part = np.where(known, months[..., 0, :], 0.0).sum(axis=-1)
        whole = known.sum(axis=-1).astype(np.float64)
    out: FloatArray = np.full_like(part, np.nan)
    np.divide(part, whole, out=out, where=whole > 0)
    return out


def years_of(first: int, last: int) -> list[Period]:
    """Whole calendar years of a span; its months where there are none."""
    years = [Period(12 * y, 12 * y + 11) for y in range(-(-first // 12), (last + 1) // 12)]
    return years or [Period(month, month) for month in range(first, last + 1)]
