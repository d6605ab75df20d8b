"""A lever as a table: the months in which it changes, the places that differ, and who did it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bordersim.codes import LEVER_KEYS, Lever
from bordersim.dates import month_label
from bordersim.lever_history import (
    IN_FORCE,
    NATION,
    LeverStep,
    LeverTracer,
    Path,
    places_of,
)
from bordersim.levers import LeverSpec
from bordersim.places import Places
from bordersim.scenario_views import ScenarioViews

_LONGEST_GRADUAL = 12
"""Months of change without a policy's ramp that one row may stand for."""


@dataclass(frozen=True)
class PlaceGroup:
    """Places where a lever follows the same path.

    Attributes
    ----------
    places
        Their names; ``nation`` for a national lever.
    label
        The names, or ``every sector``, ``every home``, ``nation``.
    path
        Shape (months of the span,).
    """

    places: tuple[str, ...]
    label: str
    path: Path


@dataclass(frozen=True)
class LeverTable:
    """A lever within the span of a scenario.

    Attributes
    ----------
    spec
        What the lever is.
    start, end
        First and last month of the span.
    groups
        Places with the same path, each once.
    rows
        ``from`` and ``until`` (months, as text), ``values`` at the end of that time (one
        for each group), ``by`` (who changed it). The first row is the state at the start.
    steps
        Every layer that acts on the lever.
    """

    spec: LeverSpec
    start: int
    end: int
    groups: tuple[PlaceGroup, ...]
    rows: tuple[dict[str, Any], ...]
    steps: tuple[LeverStep, ...]


def lever_table(scenario: ScenarioViews, key: str) -> LeverTable:
    """Tabulate a lever over the span of a scenario.

    Parameters
    ----------
    scenario
        The scenario.
    key
        Key of one of its levers.

    Returns
    -------
    LeverTable
        Months in which nothing changes have no row, places that follow the same path
        one column.
    """
    spec = scenario.catalogue[key]
    tracer = LeverTracer(scenario)
    steps = tracer.steps(key)
    start, end = scenario.start_month, scenario.end_month
    path = steps[-1].path[start : end + 1]
    groups = place_groups(path, spec, scenario.places)
    dated = [*steps, *_budget_steps(tracer, spec)]
    acting = [step for step in dated if step.policy is not None and step.status == IN_FORCE]
    values = np.column_stack([group.path for group in groups])
    beginning = _active(acting, start)
    if steps[0].status == IN_FORCE or not beginning:
        beginning.insert(0, _default_words(steps[0]))
    rows = [_row(start, start, values[0], beginning)]
    for first, last in _stretches(values, start, acting):
        by = _causes(first, last, acting) or [_default_words(steps[0])]
        rows.append(_row(first, last, values[last - start], by))
    return LeverTable(spec, start, end, groups, tuple(rows), steps)


def place_groups(path: Path, spec: LeverSpec, places: Places) -> tuple[PlaceGroup, ...]:
    """Join places where a lever follows the same path.

    Parameters
    ----------
    path
        Shape (months, places of the lever).
    spec, places
        The lever; the map.

    Returns
    -------
    tuple of PlaceGroup
        In the order of their first places.
    """
    names, _ = places_of(spec, places)
    members: dict[bytes, list[int]] = {}
    for position in range(len(names)):
        # Adding zero makes the two zeros of floating point one.
        members.setdefault((path[:, position] + 0.0).tobytes(), []).append(position)
    return tuple(
        PlaceGroup(
            tuple(names[i] for i in group),
            place_label([names[i] for i in group], names, spec),
            path[:, group[0]],
        )
        for group in members.values()
    )


def place_label(some: Sequence[str], names: Sequence[str], spec: LeverSpec) -> str:
    """Name a group of places in few words.

    Parameters
    ----------
    some
        The group.
    names
        Every place of the lever.
    spec
        The lever.

    Returns
    -------
    str
        ``every sector``, ``every home``, ``nation`` or the names.
    """
    if spec.places == NATION:
        return NATION
    if len(some) == len(names):
        return f"every {spec.places}"
    return ", ".join(name.replace("_", " ") for name in some)


def _row(first: int, last: int, values: Path, by: list[str]) -> dict[str, Any]:
    return {
        "from": month_label(first),
        "until": month_label(last),
        "values": [float(value) for value in values],
        "by": by,
    }


def _default_words(default: LeverStep) -> str:
    return f"driver {default.source}" if default.source else "package default"


def _budget_steps(tracer: LeverTracer, spec: LeverSpec) -> list[LeverStep]:
    """Steps of the budget that scales this lever; none if it is not budgeted."""
    if not spec.budgeted:
        return []
    steps = tracer.steps(LEVER_KEYS[Lever.NORTH_SECURITY_BUDGET])
    return [step for step in steps if step.policy is not None]


def _stretches(values: Path, start: int, acting: Sequence[LeverStep]) -> list[tuple[int, int]]:
    """First and last month of every change: one month, or a gradual change as a whole."""
    changed = [start + 1 + int(i) for i in np.flatnonzero((np.diff(values, axis=0) != 0).any(1))]
    runs: list[list[int]] = []
    breaks = {month for step in acting for month in _events(step)}
    for month in changed:
        if runs and month == runs[-1][-1] + 1 and month not in breaks:
            runs[-1].append(month)
        else:
            runs.append([month])
    found: list[tuple[int, int]] = []
    for run in runs:
        cuts = [run[0]]
        if len(run) > _LONGEST_GRADUAL and not any(_ramps(step, run[0]) for step in acting):
            cuts += [month for month in run[1:] if month % 12 == 0]
        ends = [*cuts[1:], run[-1] + 1]
        found += [(first, end - 1) for first, end in zip(cuts, ends, strict=True)]
    return found


def _events(step: LeverStep) -> list[int]:
    """Months in which a policy begins, is in full force, and is over."""
    policy = step.policy
    if policy is None:
        return []
    over = [] if policy.until is None else [policy.until + 1]
    return [policy.start, policy.start + max(policy.ramp, 1), *over]


def _ramps(step: LeverStep, month: int) -> bool:
    policy = step.policy
    return policy is not None and policy.start <= month < policy.start + policy.ramp


def _active(acting: Sequence[LeverStep], month: int) -> list[str]:
    """Policies in force in a month."""
    return [
        _words(step)
        for step in acting
        if step.policy is not None
        and step.policy.start <= month
        and (step.policy.until is None or month <= step.policy.until)
    ]


def _causes(first: int, last: int, acting: Sequence[LeverStep]) -> list[str]:
    found: list[str] = []
    for step in acting:
        policy = step.policy
        if policy is None:
            continue
        if first <= policy.start <= last or _ramps(step, first):
            found.append(_words(step))
        elif policy.until is not None and first <= policy.until + 1 <= last:
            found.append(f"end of {_words(step)}")
    return found


def _words(step: LeverStep) -> str:
    policy = step.policy
    if policy is not None and policy.lever == LEVER_KEYS[Lever.NORTH_SECURITY_BUDGET]:
        return f"{step.source} (security budget)"
    return step.source
