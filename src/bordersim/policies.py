"""Dated changes of levers, and how they act on a path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bordersim.codes import LAST_MONTH, LEVER_KEYS
from bordersim.dates import month_label
from bordersim.errors import Problem
from bordersim.levers import LeverCatalogue, LeverPaths, LeverSpec
from bordersim.parameters import Parameters
from bordersim.places import Places
from bordersim.units import unit_factor

HOLD = "hold"
"""Keeps, place by place, the value of the month before the policy begins."""

OPS = ("set", "scale", "add", HOLD)
"""What a policy can do to the value it finds."""

SCALE_UNIT = "multiplier"
"""Unit of the value of a ``scale`` policy."""


@dataclass(frozen=True)
class Policy:
    """One dated change of one lever.

    Attributes
    ----------
    id, title
        Name within a scenario; meaning.
    lever, op
        Key of the lever; one of ``OPS``.
    value
        In the lever's unit, or a multiplier for ``scale``; None when a parameter holds it,
        and for ``hold``, which needs none.
    parameter
        Key of the parameter that holds the value, or None.
    start, until
        First and last month (inclusive), since 1995-01; until None means for good.
    ramp
        Months over which it comes into full force; 0 and 1 mean at once.
    places
        Where it acts; empty means everywhere.
    factor, evidence
        Group of causes it belongs to; ids in the evidence.
    where
        File and line, for messages; no part of what the policy does.
    """

    id: str
    title: str
    lever: str
    op: str
    value: float | None
    parameter: str | None
    start: int
    until: int | None
    ramp: int
    places: tuple[str, ...]
    factor: str
    evidence: tuple[str, ...]
    where: str

    def amount(self, parameters: Parameters, unit: str) -> float:
        """Give the number the policy works with.

        Parameters
        ----------
        parameters
            Where ``parameter`` is looked up.
        unit
            Unit of the lever.

        Returns
        -------
        float
            In the lever's unit, or a multiplier for ``scale``. What ``hold`` adds to the
            value that it holds is nothing.

        Raises
        ------
        ValueError
            If the parameter's unit measures something else.
        """
        if self.op == HOLD:
            return 0.0
        if self.value is not None:
            return self.value
        wanted = SCALE_UNIT if self.op == "scale" else unit
        key = str(self.parameter)
        return parameters.value(key) * unit_factor(parameters[key].unit, wanted)

    def to_yaml(self) -> dict[str, Any]:
        """Give the policy as a scenario file writes it.

        Returns
        -------
        dict
            Only keys that say something.
        """
        written: dict[str, Any] = {"id": self.id}
        if self.title:
            written["title"] = self.title
        written |= {"lever": self.lever, "op": self.op}
        if self.parameter is not None:
            written["parameter"] = self.parameter
        elif self.op != HOLD:
            written["value"] = self.value
        written["from"] = month_label(self.start)
        if self.until is not None:
            written["until"] = month_label(self.until)
        if self.ramp:
            written["ramp"] = self.ramp
        if self.places:
            written["places"] = list(self.places)
        written["factor"] = self.factor
        if self.evidence:
            written["evidence"] = list(self.evidence)
        return written


def apply_policy(
    paths: LeverPaths, policy: Policy, amount: float, spec: LeverSpec, places: Places
) -> Problem | None:
    """Let a policy act, in place, on what earlier policies left.

    In the months from ``start`` to ``until`` the value becomes
    ``w * op(previous) + (1 - w) * previous``, with w rising in equal steps to 1 over
    the ramp; the first step is taken in the first month. Other months keep their bits.

    Parameters
    ----------
    paths
        Lever paths; only the policy's lever, months and places change.
    policy
        What to do.
    amount
        From ``Policy.amount``.
    spec, places
        Range of the lever; the map.

    Returns
    -------
    Problem or None
        If the result leaves the range of the lever.
    """
    last = LAST_MONTH if policy.until is None else policy.until
    months = np.arange(policy.start, last + 1)
    where = spec.slots(places)
    names = places.slots()[where]
    chosen = [where.start + i for i, name in enumerate(names) if name in policy.places]
    columns = np.array(chosen if policy.places else range(where.start, where.stop))
    cells = np.ix_(months, np.array([LEVER_KEYS.index(spec.key)]), columns)
    previous = paths[cells]
    if policy.op == HOLD:
        kept = paths[policy.start - 1, LEVER_KEYS.index(spec.key), columns]
        changed = np.broadcast_to(kept + amount, previous.shape)
    else:
        changed = _changed(previous, policy.op, amount)
    steps = max(policy.ramp, 1)
    weight = np.minimum((months - policy.start + 1) / steps, 1.0)[:, np.newaxis, np.newaxis]
    mixed = weight * changed + (1.0 - weight) * previous
    # Rounding must not carry a mixture past its ends, or a value at the bound of a range
    # would be refused.
    lower, upper = np.minimum(previous, changed), np.maximum(previous, changed)
    paths[cells] = np.where(weight == 1.0, changed, np.clip(mixed, lower, upper))
    return _range_problem(paths[cells], months, policy, spec)


def _changed(previous: LeverPaths, op: str, amount: float) -> LeverPaths:
    if op == "set":
        return np.full_like(previous, amount)
    return previous + amount if op == "add" else previous * amount


def _range_problem(
    values: LeverPaths, months: np.ndarray[Any, Any], policy: Policy, spec: LeverSpec
) -> Problem | None:
    outside = (values < spec.low) | (values > spec.high)
    if not outside.any():
        return None
    row = int(np.argmax(outside.any(axis=(1, 2))))
    value = float(values[row][outside[row]][0])
    message = f"{spec.range_mistake(value)} (in {month_label(int(months[row]))})"
    return Problem(policy.where, f'policy "{policy.id}"', message)


def apply_policies(
    paths: LeverPaths,
    policies: tuple[Policy, ...],
    catalogue: LeverCatalogue,
    places: Places,
    parameters: Parameters,
) -> list[Problem]:
    """Let policies act in order, in place.

    Parameters
    ----------
    paths
        From ``starting_paths``.
    policies
        Later ones act on what earlier ones left.
    catalogue, places, parameters
        What the policies refer to.

    Returns
    -------
    list of Problem
        One per policy whose result is out of range or whose parameter has another unit.
    """
    problems: list[Problem] = []
    for policy in policies:
        spec = catalogue[policy.lever]
        try:
            amount = policy.amount(parameters, spec.unit)
        except ValueError as error:
            problems.append(Problem(policy.where, f'policy "{policy.id}"', str(error)))
            continue
        problem = apply_policy(paths, policy, amount, spec, places)
        if problem is not None:
            problems.append(problem)
    return problems
