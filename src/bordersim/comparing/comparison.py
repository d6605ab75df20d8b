"""Paired differences between two scenarios: what a comparison holds, says and draws."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from bordersim.comparing.estimates import METHODS, NONE, Estimate, estimate, read_precision
from bordersim.comparing.quantities import Cut, Quantity, over_window, years_of
from bordersim.dates import month_label
from bordersim.errors import BordersimError
from bordersim.reports import Period
from bordersim.results import FloatArray
from bordersim.wording import number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from bordersim.comparing.ledger import Ledger
    from bordersim.comparing.pairing import Pair
    from bordersim.scenario import Scenario

Row = dict[str, Any]

PRECISION = "5%"
"""Half-width of the interval for which the pairs needed are counted: so much of A."""


@dataclass(frozen=True, eq=False)
class Measured:
    """One quantity of every pair: values of shape (pairs, rows, months covered)."""

    quantity: Quantity
    cut: Cut
    a: FloatArray
    b: FloatArray


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """B against A, pair by pair.

    Attributes
    ----------
    names
        Of A, the baseline, and of B.
    asked
        Observables asked for; harm stands behind them.
    pairs
        In order of point, draw and seed.
    covered, window
        Months that all runs cover, and those compared.
    measured
        Every quantity of every pair and month.
    scale
        Simulated share of the population.
    note
        What was left out.
    design, policies
        Levers and parameters at each point, and what they add to a scenario there.
    scenarios
        Those that are at hand.
    """

    names: tuple[str, str]
    asked: tuple[str, ...]
    pairs: tuple[Pair, ...]
    covered: Period
    window: Period
    measured: tuple[Measured, ...]
    scale: float
    note: str
    design: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    policies: Mapping[int, Sequence[Any]] = field(default_factory=dict)
    scenarios: tuple[Scenario, ...] = ()

    def __repr__(self) -> str:
        n = len(self.pairs)
        return f"Comparison({self.names[1]!r} against {self.names[0]!r}, {n} pairs, {self.span()})"

    @cached_property
    def points(self) -> tuple[int, ...]:
        """Points of the design, each compared by itself."""
        return tuple(sorted({pair.point for pair in self.pairs}))

    def point_words(self, point: int) -> str:
        """Values of the design at a point; empty where there is one point."""
        if len(self.points) == 1:
            return ""
        values = (f"{key} {number(value)}" for key, value in self.design.get(point, {}).items())
        return ", ".join(values) or f"point {point}"

    def span(self) -> str:
        """The window in words."""
        first, last = self.window.first, self.window.last
        if first % 12 == 0 and last % 12 == 11:
            years = month_label(first)[:4], month_label(last)[:4]
            return years[0] if years[0] == years[1] else "-".join(years)
        return " to ".join(map(month_label, (first, last)))

    def estimate(
        self, observable: str, point: int | None = None, window: Period | None = None
    ) -> Estimate:
        """Effect on one quantity.

        Parameters
        ----------
        observable
            One of those compared.
        point
            Of the design; the first when None.
        window
            Within the months covered; that of the comparison when None.

        Raises
        ------
        BordersimError
            When it was not compared.
        """
        found = [one for one in self.measured if one.quantity.name == observable]
        if not found:
            there = ", ".join(one.quantity.name for one in self.measured)
            raise BordersimError(f'"{observable}" was not compared; there are {there}')
        return self._estimate(found[0], self.points[0] if point is None else point, window)

    def _estimate(self, one: Measured, point: int, window: Period | None = None) -> Estimate:
        window = window or self.window
        months = slice(window.first - self.covered.first, window.last - self.covered.first + 1)
        here = np.array([pair.point == point for pair in self.pairs])
        a, b = (over_window(one.quantity, side[here][..., months]) for side in (one.a, one.b))
        draw, seed = (
            np.array([getattr(pair, key) for pair in self.pairs], np.int64)[here]
            for key in ("draw", "seed")
        )
        return estimate(a, b, draw, seed)

    def rows(self, precision: str | float = PRECISION) -> list[Row]:
        """Give one row for each quantity and point, ready for a table or JSON.

        Parameters
        ----------
        precision
            Half-width of the interval for which pairs are counted: ``"5%"`` of A's
            mean, or a number in the unit of the quantity.
        """
        return [self._row(one, point, precision) for point in self.points for one in self.measured]

    def _row(self, one: Measured, point: int, precision: str | float) -> Row:
        found = self._estimate(one, point)
        value, relative = read_precision(precision)
        wanted = value * abs(found.a) if relative else value
        names = (
            "a", "b", "effect", "low", "high", "relative", "relative_low", "relative_high",
            "mc_error", "pairs", "draws", "variance_reduction", "seed_share",
        )  # fmt: skip
        return {
            "observable": one.quantity.name,
            "title": one.quantity.title,
            "unit": one.quantity.unit,
            "of": one.cut.words(),
            "over": "total" if one.quantity.how == "total" else "mean",
            "point": point,
            "design": dict(self.design.get(point, {})),
            "at": self.point_words(point),
            **{name: getattr(found, name) for name in names},
            "precision": wanted,
            "pairs_needed": found.pairs_needed(wanted),
            "interval": found.method,
        }

    def table(self, precision: str | float = PRECISION) -> pd.DataFrame:
        """Effects with their errors, one row for each quantity (and point, if several).

        Parameters
        ----------
        precision
            As for ``rows``.

        Returns
        -------
        DataFrame
            Means of ``a`` and ``b``, the ``effect`` B - A with the ends of its 90 %
            interval, the same over A's mean, the Monte-Carlo error, pairs, draws, the
            variance-reduction factor, and the pairs needed for ``precision``.
        """
        import pandas as pd

        frame = pd.DataFrame(self.rows(precision))
        index = ["observable"] if len(self.points) == 1 else ["point", "observable"]
        left = ["design", "at", *(name for name in ("point",) if name not in index)]
        design = pd.DataFrame([row["design"] for row in self.rows(precision)])
        frame = pd.concat([design, frame], axis=1) if len(self.points) > 1 else frame
        pairs = pd.array([row["pairs_needed"] for row in self.rows(precision)], dtype="Int64")
        return frame.assign(pairs_needed=pairs).drop(columns=left).set_index(index)

    def series(self, observable: str, point: int | None = None) -> pd.DataFrame:
        """Effect by calendar year (by month where no whole year is covered).

        Parameters
        ----------
        observable, point
            As for ``estimate``.

        Returns
        -------
        DataFrame
            By period: a, b, effect, low, high, mc_error, pairs. Intervals hold year by
            year, not for all years together.
        """
        import pandas as pd

        periods = years_of(self.covered.first, self.covered.last)
        by_month = periods[0].first == periods[0].last
        found = [self.estimate(observable, point, period) for period in periods]
        names = ("a", "b", "effect", "low", "high", "mc_error", "pairs")
        labels = [month_label(p.first) if by_month else month_label(p.first)[:4] for p in periods]
        index = pd.PeriodIndex(labels, freq="M" if by_month else "Y", name="period")
        return pd.DataFrame([{n: getattr(one, n) for n in names} for one in found], index=index)

    def methods(self) -> list[str]:
        """How the intervals were made, and what else a reader must know, in sentences."""
        found = [self._estimate(one, point) for point in self.points for one in self.measured]
        told = list(dict.fromkeys(f"{METHODS[one.method]}." for one in found if one.pairs))
        if any(one.draws > 1 and math.isnan(one.mc_error) for one in found):
            told.append(
                "With one seed in a draw, luck cannot be told from what the draws differ in: "
                "the interval holds both, and no Monte-Carlo error is known."
            )
        elif any(one.draws > 1 for one in found):
            told.append(
                "The Monte-Carlo error is that of seeds alone, given these draws; luck is its "
                "share of the variance over draws."
            )
        if all(one.method == NONE for one in found):
            told.append("More seeds give one.")
        return [text[0].upper() + text[1:] for text in told]

    def document(self, precision: str | float = PRECISION) -> Row:
        """Everything as plain data, ready for JSON."""
        return {
            "a": self.names[0],
            "b": self.names[1],
            "window": [month_label(self.window.first), month_label(self.window.last)],
            "scale": self.scale,
            "seeds": sorted({pair.seed for pair in self.pairs}),
            "note": self.note,
            "methods": self.methods(),
            "effects": self.rows(precision),
        }

    def ledger(
        self,
        scenarios: Sequence[Scenario] = (),
        *,
        split: bool = False,
        point: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Ledger:
        """What became of each person in A against B by the end of the window.

        Every run is simulated again and its event log read month by month.

        Parameters
        ----------
        scenarios
            Those that were simulated, where they are neither shipped nor at hand.
        split
            Also take the effect apart into direct and through the market.
        point
            Of the design; may be left out where there is one.
        progress
            Called with runs done and runs in all.

        Returns
        -------
        Ledger
            Its margins are the effects on arrivals, deaths and people in China, exactly.

        Raises
        ------
        BordersimError
            When there are several points and none is named, or a run cannot be made again.
        """
        from bordersim.comparing.known import Known
        from bordersim.comparing.ledger import ledger_of

        if point is None and len(self.points) > 1:
            raise BordersimError(f"name a point of the design, ledger(point=...): {self.points}")
        wanted = self.points[0] if point is None else point
        pairs = [pair for pair in self.pairs if pair.point == wanted]
        known = Known((*scenarios, *self.scenarios), self.policies)
        ledger = ledger_of(pairs, self.window, known, split=split, progress=progress)
        return ledger.named(*self.names)

    def plot(self, observable: str | None = None) -> Figure:
        """Effects with their intervals, and one of them year by year.

        Parameters
        ----------
        observable
            What is drawn by year; the first that was asked for when None.
        """
        from bordersim.plot_effects import effect_figure

        return effect_figure(self, observable or self.measured[0].quantity.name)

    def _repr_html_(self) -> str:
        from bordersim.comparing.showing import comparison_html

        return comparison_html(self)
