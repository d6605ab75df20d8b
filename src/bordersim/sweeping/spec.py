"""A sweep: what is to be simulated, frozen, and the scenario of each of its cells."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bordersim.codes import HARMS, OBSERVABLES
from bordersim.errors import Problem, ScenarioError
from bordersim.frozen import FrozenMap
from bordersim.policies import Policy
from bordersim.provenance import OWN, POLICY, SetBy, note
from bordersim.scenario import Scenario
from bordersim.sweeping.designs import Design, Point
from bordersim.sweeping.draws import Draws, set_by_scenario

NO_POINT: Point = ()
"""The only point of a sweep without a design, and the only draw of one without draws."""

ALWAYS = ("arrivals", "crossings", "stock_china", *HARMS)
"""Observables that every run keeps: harm stands beside arrivals."""

USUAL = (
    *ALWAYS, "considerers", "attempts_unaided", "attempts_food", "attempts_hire", "priced_out",
    "crossings_paid", "turned_back", "returns_voluntary", "arrivals_paid", "sector_attempts",
    "sector_crossings", "sector_interceptions", "deals", "fee_sum", "fee_median", "fee_p10",
    "fee_p90", "bribes", "bribe_sum", "traffickers", "guards", "corrupt_guards", "reports",
)  # fmt: skip
"""Observables that a run keeps when a sweep does not say: a third of all."""


@dataclass(frozen=True)
class Sweep:
    """Scenarios x design points x posterior draws x seeds.

    Attributes
    ----------
    name, title
        Of the study.
    scenarios
        With the sweep's own scale and span.
    first_seed, n_seeds
        Seeds of the dynamics.
    design
        None for the scenarios as they are.
    draws
        None for the parameters as they are.
    observables
        Series that are kept; None for all.
    events
        Whether event logs are kept.
    """

    name: str
    title: str
    scenarios: tuple[Scenario, ...]
    first_seed: int
    n_seeds: int
    design: Design | None = None
    draws: Draws | None = None
    observables: tuple[str, ...] | None = USUAL
    events: bool = False

    @property
    def n_points(self) -> int:
        """Points of the design, 1 without one."""
        return 1 if self.design is None else self.design.n_points

    @property
    def n_draws(self) -> int:
        """Posterior draws, 1 without."""
        return 1 if self.draws is None else len(self.draws.rows)

    @property
    def n_cells(self) -> int:
        """Cells: every scenario at every point with every draw and seed."""
        return len(self.scenarios) * self.n_points * self.n_draws * self.n_seeds

    def points(self) -> list[Point]:
        """Values of the axes, point by point."""
        return [NO_POINT] if self.design is None else self.design.points()

    def drawn(self) -> tuple[Point, ...]:
        """Values of the drawn parameters, draw by draw."""
        return (NO_POINT,) if self.draws is None else self.draws.rows

    def variant(self, scenario: int, point: Point, draw: Point) -> Scenario:
        """Give the scenario of a cell.

        Parameters
        ----------
        scenario
            Position among ``scenarios``.
        point, draw
            Values of the axes and of the drawn parameters.

        Raises
        ------
        ScenarioError
            When the values take a lever out of its range.
        """
        base = self.scenarios[scenario]
        values: dict[str, float] = {}
        if self.draws is not None:
            drawn = zip(self.draws.keys, draw, strict=True)
            pinned = self.draws.pinned
            values = {k: v for k, v in drawn if not (pinned and set_by_scenario(base, k))}
        policies: list[Policy] = []
        for axis, value in zip(self.design.axes if self.design else (), point, strict=True):
            if axis.policy is None:
                values[axis.key] = value
            else:
                policies.append(replace(axis.policy, value=value))
        return _changed(base, values, policies) if values or policies else base

    def identity(self) -> str:
        """Hash of all that decides what a cell means: not of how many there are."""
        said = {
            "scenarios": [[one.name, one.resolved()] for one in self.scenarios],
            "first_seed": self.first_seed,
            "design": None if self.design is None else self.design.plain(),
            "draws": None if self.draws is None else self.draws.plain(),
        }
        text = json.dumps(said, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def plain(self) -> dict[str, Any]:
        """Give what a reader of its results may want to know, as plain data."""
        return {
            "name": self.name,
            "title": self.title,
            "identity": self.identity(),
            "scenarios": [one.name for one in self.scenarios],
            "first_seed": self.first_seed,
            "n_seeds": self.n_seeds,
            "n_points": self.n_points,
            "n_draws": self.n_draws,
            "design": None if self.design is None else self.design.plain(),
            "draws": None if self.draws is None else self.draws.plain(),
            "observables": None if self.observables is None else list(self.observables),
            "events": self.events,
        }

    def conflicts(self) -> list[tuple[str, str]]:
        """Parameters that draws would overwrite, each with who set it."""
        if self.draws is None:
            return []
        swept = {axis.key for axis in self.design.axes} if self.design else set()
        found = [(key, "the design varies it, too") for key in self.draws.keys if key in swept]
        if self.draws.pinned:
            return found
        for base in self.scenarios:
            for key in self.draws.keys:
                if where := set_by_scenario(base, key):
                    found.append((key, f'scenario "{base.name}" sets it ({where})'))
        return found


def _changed(base: Scenario, values: dict[str, float], policies: Sequence[Policy]) -> Scenario:
    """The scenario with other values and last policies.

    What ``with_parameters`` and ``add`` give, without reading the whole again: a sweep makes
    thousands, and each axis has been checked once.
    """
    parameters = base.parameters.replace(values)
    history = dict(base.history)
    for key in values:
        note(history, key, SetBy(OWN, "the sweep", parameters[key].value))
    for policy in policies:
        note(history, POLICY + policy.id, SetBy(OWN, policy.where, policy))
    return replace(
        base,
        parameters=parameters,
        policies=(*base.policies, *policies),
        history=FrozenMap(history),
    )


def kept_observables(names: Sequence[str] | str | None) -> tuple[str, ...] | None:
    """Observables a run keeps, from what a sweep says of them; None for all.

    Raises
    ------
    ScenarioError
        When a name is not one.
    """
    if names == "all":
        return None
    if names is None:
        return USUAL
    unknown = [name for name in names if name not in OBSERVABLES]
    if unknown:
        raise ScenarioError([Problem("observables", name, "unknown") for name in unknown])
    return tuple(name for name in OBSERVABLES if name in {*names, *ALWAYS})
