"""Which policies two scenarios do not share, and which of them make a difference."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from bordersim.layers import policy_row
from bordersim.lever_history import IN_FORCE, LeverTracer
from bordersim.policies import Policy
from bordersim.scenario_views import ScenarioViews

ONLY_A, ONLY_B = "only in A", "only in B"
CHANGED, RENAMED, REWORDED = "changed", "another name", "other words"
REORDERED = "another order"

Row = dict[str, Any]


@dataclass(frozen=True)
class _Side:
    """The policies of one scenario by id, what each does, and what becomes of it."""

    policies: dict[str, Policy]
    deeds: dict[str, tuple[Any, ...]]
    status: dict[str, str]
    rows: dict[str, Row]


def policy_differences(a: ScenarioViews, b: ScenarioViews, moved: Collection[str]) -> list[Row]:
    """List the policies that are not the same in two scenarios.

    Parameters
    ----------
    a, b
        The scenarios.
    moved
        Keys of the levers that differ.

    Returns
    -------
    list of dict
        ``id``, ``lever``, ``change``, ``effect`` (whether it makes a lever differ),
        ``reason`` (why it does not), and the policy as ``a`` and ``b`` write it, None
        where they do not. Those of A first, in the order in which they act.
    """
    side_a, side_b = _side(a), _side(b)
    renamed = _renamed(side_a, side_b)
    back = {new: old for old, new in renamed.items()}
    rows: list[Row] = []
    for name in side_a.policies:
        if name in side_b.policies:
            rows += _shared(name, side_a, side_b, moved)
        elif name in renamed:
            reason = f"{renamed[name]} in B does the same"
            rows.append(_row(name, RENAMED, side_a, None, reason))
        else:
            rows.append(_row(name, ONLY_A, side_a, None, _why_not(name, side_a, moved)))
    for name in side_b.policies:
        if name not in side_a.policies and name not in back:
            rows.append(_row(name, ONLY_B, None, side_b, _why_not(name, side_b, moved)))
    return rows + _reordered(side_a, side_b, renamed, moved)


def _side(scenario: ScenarioViews) -> _Side:
    levers = dict.fromkeys(policy.lever for policy in scenario.policies)
    tracer = LeverTracer(scenario)
    steps = [step for key in levers for step in tracer.steps(key)]
    rows = {
        policy.id: policy_row(policy, scenario.catalogue[policy.lever], scenario.parameters)
        for policy in scenario.policies
    }
    return _Side(
        policies={policy.id: policy for policy in scenario.policies},
        deeds={policy.id: _deed(policy, rows[policy.id]["value"]) for policy in scenario.policies},
        status={step.source: step.status for step in steps if step.policy is not None},
        rows=rows,
    )


def _deed(policy: Policy, amount: float) -> tuple[Any, ...]:
    """What a policy does, apart from how it is written."""
    ramp = max(policy.ramp, 1)
    places = tuple(sorted(policy.places))
    return (policy.lever, policy.op, amount, policy.start, policy.until, ramp, places)


def _renamed(a: _Side, b: _Side) -> dict[str, str]:
    """Ids of A to ids of B, where each has under its own name what the other has, too."""
    free = [name for name in b.policies if name not in a.policies]
    found: dict[str, str] = {}
    for name in a.policies:
        if name in b.policies:
            continue
        same = [other for other in free if b.deeds[other] == a.deeds[name]]
        if same:
            found[name] = same[0]
            free.remove(same[0])
    return found


def _shared(name: str, a: _Side, b: _Side, moved: Collection[str]) -> list[Row]:
    """Rows of a policy that both scenarios have under one id."""
    one, other = a.policies[name], b.policies[name]
    if a.deeds[name] == b.deeds[name]:
        words = [
            f"{field} differs"
            for field in ("title", "factor", "evidence")
            if getattr(one, field) != getattr(other, field)
        ]
        return [_row(name, REWORDED, a, b, ", ".join(words))] if words else []
    acts = IN_FORCE in (a.status[name], b.status[name])
    levers = {one.lever, other.lever}
    reason = "" if acts and levers & set(moved) else "the lever comes out the same"
    return [_row(name, CHANGED, a, b, reason)]


def _why_not(name: str, side: _Side, moved: Collection[str]) -> str:
    """Why a policy that one scenario lacks makes no difference; empty if it does."""
    if side.status[name] != IN_FORCE:
        return side.status[name]
    return "" if side.policies[name].lever in moved else "the lever comes out the same"


def _row(name: str, change: str, a: _Side | None, b: _Side | None, reason: str) -> Row:
    known = a if a is not None else b
    return {
        "id": name,
        "lever": known.policies[name].lever if known is not None else "",
        "change": change,
        "effect": reason == "",
        "reason": reason,
        "a": None if a is None else a.rows[name],
        "b": None if b is None else b.rows[name],
    }


def _reordered(a: _Side, b: _Side, renamed: dict[str, str], moved: Collection[str]) -> list[Row]:
    """Levers whose shared policies act in another order."""
    found: list[Row] = []
    for lever in dict.fromkeys(policy.lever for policy in a.policies.values()):
        names = [renamed.get(name, name) for name in _acting_on(lever, a.policies.values())]
        shared = [name for name in names if name in b.policies]
        others = [name for name in _acting_on(lever, b.policies.values()) if name in shared]
        if shared != others:
            effect = lever in moved
            reason = "" if effect else "the lever comes out the same"
            both: Row = {"a": None, "b": None}
            row = {"id": ", ".join(others), "lever": lever, "change": REORDERED, "effect": effect}
            found.append(row | {"reason": reason} | both)
    return found


def _acting_on(lever: str, policies: Sequence[Policy] | Collection[Policy]) -> list[str]:
    return [policy.id for policy in policies if policy.lever == lever]
