"""How each lever came to its path: the default, policy after policy, the budget."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bordersim.codes import LEVER_KEYS, Lever
from bordersim.errors import Problem, ScenarioError, suggestion
from bordersim.levers import LeverSpec, starting_paths
from bordersim.places import Places
from bordersim.policies import Policy, apply_policy
from bordersim.provenance import PACKAGE, SETTING
from bordersim.scenario_views import ScenarioViews

Path = npt.NDArray[np.float64]
"""Shape (LAST_MONTH + 1, places of the lever)."""

POLICIES = "policies"
"""Layer of the policies of a scenario."""

BUDGET = "budget"
"""Layer of ``north.security_budget``, which scales some levers after every policy."""

IN_FORCE = "in force"
OVERRIDDEN = "overridden"
REPEATS = "changes nothing"
OUTSIDE = "outside the span"

NATION = "nation"
"""Place of a lever that does not vary over places."""

_BUDGET_KEY = LEVER_KEYS[Lever.NORTH_SECURITY_BUDGET]


@dataclass(frozen=True)
class LeverStep:
    """One step on the way from a lever's default to its path.

    Attributes
    ----------
    layer
        ``package``, ``policies``, ``--set`` or ``budget``.
    source
        Id of the policy, key of the budget, or name of the driver; empty for a number.
    where
        File and line, or the call.
    policy, amount
        The policy and the number it works with; None for the default and the budget.
    path
        The lever after this step.
    status
        ``IN_FORCE`` if the final path within the span would be another without it;
        else ``OVERRIDDEN``, ``REPEATS`` or ``OUTSIDE``.
    """

    layer: str
    source: str
    where: str
    policy: Policy | None
    amount: float | None
    path: Path
    status: str


def find_lever(scenario: ScenarioViews, key: str, label: str) -> LeverSpec:
    """Look a lever up by its key.

    Parameters
    ----------
    scenario
        Has the catalogue.
    key
        ``group.name``.
    label
        How a message names the caller.

    Returns
    -------
    LeverSpec
        Its description.

    Raises
    ------
    ScenarioError
        If there is no such lever; the message offers the nearest.
    """
    if key in scenario.catalogue:
        return scenario.catalogue[key]
    message = f'unknown lever "{key}"{suggestion(key, scenario.catalogue)}'
    if key in scenario.parameters:
        message = "is a parameter, not a lever; it holds at all times and places"
    raise ScenarioError([Problem(label, key, message)])


def places_of(spec: LeverSpec, places: Places) -> tuple[tuple[str, ...], slice]:
    """Give the places of a lever, and where they are on the axis of lever paths.

    Parameters
    ----------
    spec
        The lever.
    places
        The map.

    Returns
    -------
    names, slice
        One place, ``nation``, for a national lever.
    """
    where = spec.slots(places)
    if spec.places == NATION:
        return (NATION,), slice(where.start, where.start + 1)
    return spec.place_names(places), where


def lever_steps(scenario: ScenarioViews, key: str) -> tuple[LeverStep, ...]:
    """Follow a lever from its default to the path that is simulated.

    Parameters
    ----------
    scenario
        The scenario.
    key
        Key of the lever.

    Returns
    -------
    tuple of LeverStep
        The default first; the path of the last one is the lever's path.
    """
    return _Tracer(scenario, key).steps()


class _Tracer:
    """One lever of one scenario, with policies applied at will."""

    def __init__(self, scenario: ScenarioViews, key: str) -> None:
        self.scenario = scenario
        self.spec = scenario.catalogue[key]
        self.policies = [policy for policy in scenario.policies if policy.lever == key]
        self.position = LEVER_KEYS.index(key)
        self.columns = places_of(self.spec, scenario.places)[1]
        drivers = scenario.drivers.lever_defaults(scenario.parameters)
        self.start = starting_paths(scenario.catalogue, scenario.places, drivers)
        self.work = self.start.copy()
        whole = scenario.lever_paths()
        self.final: Path = whole[:, self.position, self.columns]
        self.budget: Path = whole[:, Lever.NORTH_SECURITY_BUDGET, self.columns]
        self.span = slice(scenario.start_month, scenario.end_month + 1)

    def steps(self) -> tuple[LeverStep, ...]:
        found = [self._default()]
        for policy in self.policies:
            self._apply(policy)
            amount = policy.amount(self.scenario.parameters, self.spec.unit)
            layer = SETTING if policy.where == SETTING else POLICIES
            status = self._status(policy)
            found.append(
                LeverStep(layer, policy.id, policy.where, policy, amount, self._now(), status)
            )
        scaled = self._scaled(found[-1].path)
        if not np.array_equal(scaled, found[-1].path):
            inside = not np.array_equal(scaled[self.span], found[-1].path[self.span])
            status = IN_FORCE if inside else OUTSIDE
            found.append(
                LeverStep(BUDGET, _BUDGET_KEY, self.spec.where, None, None, scaled, status)
            )
        return tuple(found)

    def _default(self) -> LeverStep:
        # What still depends on the default is what an unknown default would leave unknown.
        self.work[:, self.position] = math.nan
        for policy in self.policies:
            self._apply(policy)
        seen = np.isnan(self._now()[self.span]).any()
        self._restart()
        status = IN_FORCE if seen else OVERRIDDEN
        source = self.spec.driver or ""
        return LeverStep(PACKAGE, source, self.spec.where, None, None, self._now(), status)

    def _status(self, policy: Policy) -> str:
        last = self.span.stop if policy.until is None else policy.until + 1
        if policy.start >= self.span.stop or last <= self.span.start:
            return OUTSIDE
        if not np.array_equal(self._final_with(policy, None)[self.span], self.final[self.span]):
            return IN_FORCE
        unknown = self._final_with(policy, math.nan)[self.span]
        return REPEATS if np.isnan(unknown).any() else OVERRIDDEN

    def _final_with(self, changed: Policy, amount: float | None) -> Path:
        """Final path with another amount for one policy, or without it."""
        kept = self.work[:, self.position].copy()
        self._restart()
        for policy in self.policies:
            if policy is not changed:
                self._apply(policy)
            elif amount is not None:
                self._apply(policy, amount)
        path = self._scaled(self._now())
        self.work[:, self.position] = kept
        return path

    def _restart(self) -> None:
        self.work[:, self.position] = self.start[:, self.position]

    def _apply(self, policy: Policy, amount: float | None = None) -> None:
        if amount is None:
            amount = policy.amount(self.scenario.parameters, self.spec.unit)
        apply_policy(self.work, policy, amount, self.spec, self.scenario.places)

    def _now(self) -> Path:
        return self.work[:, self.position, self.columns].copy()

    def _scaled(self, path: Path) -> Path:
        if not self.spec.budgeted:
            return path
        return np.clip(path * self.budget, self.spec.low, self.spec.high)
