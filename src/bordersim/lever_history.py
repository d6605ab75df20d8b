"""How each lever came to its path: the default, policy after policy, the budget."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bordersim.codes import LEVER_KEYS, Lever
from bordersim.errors import Problem, ScenarioError, suggestion
from bordersim.levers import LeverPaths, LeverSpec, starting_paths
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
    return LeverTracer(scenario).steps(key)


class LeverTracer:
    """Every lever of one scenario, with policies applied at will.

    Parameters
    ----------
    scenario
        The scenario; paths that all its levers start from are computed once.
    """

    def __init__(self, scenario: ScenarioViews) -> None:
        self._scenario = scenario
        drivers = scenario.drivers.lever_defaults(scenario.parameters)
        self._start = starting_paths(scenario.catalogue, scenario.places, drivers)
        self._work = self._start.copy()
        self._whole = scenario.lever_paths()
        self._span = slice(scenario.start_month, scenario.end_month + 1)

    def steps(self, key: str) -> tuple[LeverStep, ...]:
        """Follow one lever; see ``lever_steps``."""
        spec = self._scenario.catalogue[key]
        self._restart(spec)
        found = [self._default(spec)]
        for policy in self._policies(key):
            self._apply(policy)
            amount = policy.amount(self._scenario.parameters, spec.unit)
            layer = SETTING if policy.where == SETTING else POLICIES
            now, status = self._now(spec), self._status(policy)
            found.append(LeverStep(layer, policy.id, policy.where, policy, amount, now, status))
        scaled = self._scaled(found[-1].path, spec)
        if not np.array_equal(scaled, found[-1].path):
            inside = not np.array_equal(scaled[self._span], found[-1].path[self._span])
            status = IN_FORCE if inside else OUTSIDE
            found.append(LeverStep(BUDGET, _BUDGET_KEY, spec.where, None, None, scaled, status))
        return tuple(found)

    def path_under(self, key: str, deeds: Sequence[tuple[Policy, float]]) -> Path:
        """Give the path a lever would take under other policies.

        Parameters
        ----------
        key
            Key of the lever.
        deeds
            Policies of that lever in the order in which they act, each with its amount.

        Returns
        -------
        ndarray
            Over the span, after the budget: shape (months, places of the lever).
        """
        spec = self._scenario.catalogue[key]
        self._restart(spec)
        for policy, amount in deeds:
            self._apply(policy, amount)
        return self._scaled(self._now(spec), spec)[self._span]

    def _policies(self, key: str) -> list[Policy]:
        return [policy for policy in self._scenario.policies if policy.lever == key]

    def _default(self, spec: LeverSpec) -> LeverStep:
        # What still depends on the default is what an unknown default would leave unknown.
        self._work[:, LEVER_KEYS.index(spec.key)] = math.nan
        for policy in self._policies(spec.key):
            self._apply(policy)
        seen = np.isnan(self._now(spec)[self._span]).any()
        self._restart(spec)
        status = IN_FORCE if seen else OVERRIDDEN
        source = spec.driver or ""
        return LeverStep(PACKAGE, source, spec.where, None, None, self._now(spec), status)

    def _status(self, policy: Policy) -> str:
        last = self._span.stop if policy.until is None else policy.until + 1
        if policy.start >= self._span.stop or last <= self._span.start:
            return OUTSIDE
        final = self._slice(self._whole, self._scenario.catalogue[policy.lever])
        if not np.array_equal(self._final_with(policy, None)[self._span], final[self._span]):
            return IN_FORCE
        unknown = self._final_with(policy, math.nan)[self._span]
        return REPEATS if np.isnan(unknown).any() else OVERRIDDEN

    def _final_with(self, changed: Policy, amount: float | None) -> Path:
        """Final path with another amount for one policy, or without it."""
        spec = self._scenario.catalogue[changed.lever]
        position = LEVER_KEYS.index(spec.key)
        kept = self._work[:, position].copy()
        self._restart(spec)
        for policy in self._policies(spec.key):
            if policy is not changed:
                self._apply(policy)
            elif amount is not None:
                self._apply(policy, amount)
        path = self._scaled(self._now(spec), spec)
        self._work[:, position] = kept
        return path

    def _restart(self, spec: LeverSpec) -> None:
        position = LEVER_KEYS.index(spec.key)
        self._work[:, position] = self._start[:, position]

    def _apply(self, policy: Policy, amount: float | None = None) -> None:
        spec = self._scenario.catalogue[policy.lever]
        if amount is None:
            amount = policy.amount(self._scenario.parameters, spec.unit)
        apply_policy(self._work, policy, amount, spec, self._scenario.places)

    def _now(self, spec: LeverSpec) -> Path:
        return self._slice(self._work, spec).copy()

    def _slice(self, paths: LeverPaths, spec: LeverSpec) -> Path:
        where = places_of(spec, self._scenario.places)[1]
        return paths[:, LEVER_KEYS.index(spec.key), where]

    def _scaled(self, path: Path, spec: LeverSpec) -> Path:
        if not spec.budgeted:
            return path
        where = places_of(spec, self._scenario.places)[1]
        budget = self._whole[:, Lever.NORTH_SECURITY_BUDGET, where]
        return np.clip(path * budget, spec.low, spec.high)
