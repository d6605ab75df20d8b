"""A question of attribution: which change, over which factors, under which draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bordersim.dates import month_label
from bordersim.periods import Period
from bordersim.scenario import Scenario
from bordersim.sweeping.draws import Draws

MAIN, PRIOR, ALTERNATIVE = "main", "prior", "alternative"

POINT = "point"
"""Name of the main set of a study without draws."""

USUAL = ("arrivals", "attempts", "crossings", "fee", "repatriations", "deaths", "custody_entries")
"""What is divided when a study does not say: harm beside counts."""

MOMENTUM = "momentum"
"""What would have happened with every factor held."""


@dataclass(frozen=True)
class Factor:
    """Levers that are real together, or held together.

    Attributes
    ----------
    name
        Of the factor.
    levers
        Their keys, in the order of the catalogue.
    """

    name: str
    levers: tuple[str, ...]


@dataclass(frozen=True)
class DrawSet:
    """Parameters under which all coalitions are simulated.

    Attributes
    ----------
    name
        Of its folder within the study.
    title
        For people.
    role
        ``MAIN``, ``PRIOR`` or ``ALTERNATIVE``.
    draws
        None for the parameters as the scenario has them.
    values
        Parameters that make another structure.
    """

    name: str
    title: str
    role: str
    draws: Draws | None
    values: Mapping[str, float] = field(default_factory=dict)

    @property
    def n_draws(self) -> int:
        """Draws, 1 without."""
        return 1 if self.draws is None else len(self.draws.rows)


@dataclass(frozen=True)
class Question:
    """What is asked.

    Attributes
    ----------
    name, title
        Of the study.
    scenario
        What happened, recorded from the first period to the last.
    first, last
        The two periods.
    factors
        Among which the change is divided.
    passing
        Policies that end where a lever is held as they end where it is real.
    first_seed, n_seeds
        Seeds of the dynamics.
    sets
        The main draws first.
    observables
        What is divided.
    identified_below
        See ``AttributionFile``.
    """

    name: str
    title: str
    scenario: Scenario
    first: Period
    last: Period
    factors: tuple[Factor, ...]
    passing: tuple[str, ...]
    first_seed: int
    n_seeds: int
    sets: tuple[DrawSet, ...]
    observables: tuple[str, ...]
    identified_below: float

    @property
    def held_from(self) -> int:
        """Month from which levers are held, since 1995-01."""
        return self.first.last + 1

    @property
    def n_coalitions(self) -> int:
        """Two to the number of factors."""
        return 1 << len(self.factors)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the factors."""
        return tuple(factor.name for factor in self.factors)

    @property
    def left_out(self) -> tuple[str, ...]:
        """Levers of no factor: they follow the scenario in every coalition."""
        named = {lever for factor in self.factors for lever in factor.levers}
        return tuple(key for key in self.scenario.catalogue if key not in named)

    def plain(self) -> dict[str, Any]:
        """What is asked, as plain data."""
        return {
            "name": self.name,
            "title": self.title,
            "scenario": self.scenario.name,
            "from": period_text(self.first),
            "to": period_text(self.last),
            "held_from": month_label(self.held_from),
            "factors": {factor.name: list(factor.levers) for factor in self.factors},
            "left_to_history": list(self.left_out),
            "passing": list(self.passing),
            "seeds": {"first": self.first_seed, "count": self.n_seeds},
            "scale": self.scenario.scale,
            "sets": [
                {
                    "name": one.name,
                    "role": one.role,
                    "title": one.title,
                    "draws": one.n_draws,
                    "set": dict(one.values),
                }
                for one in self.sets
            ],
            "observables": list(self.observables),
            "identified_below": self.identified_below,
        }


def period_text(period: Period) -> str:
    """A year where it is one, else its months."""
    first, last = month_label(period.first), month_label(period.last)
    if first.endswith("-01") and last.endswith("-12"):
        years = (first[:4], last[:4])
        return years[0] if years[0] == years[1] else ":".join(years)
    return first if first == last else f"{first}:{last}"
