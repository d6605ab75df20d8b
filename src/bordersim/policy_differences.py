"""Which policies two scenarios do not share, and which of them make a difference."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from bordersim.layers import policy_row
from bordersim.lever_history import IN_FORCE, LeverTracer
from bordersim.policies import Policy
from bordersim.scenario_views import ScenarioViews

ONLY_A, ONLY_B = "only in A", "only in B"
CHANGED, RENAMED, REWORDED = "changed", "another name", "other words"
REORDERED = "another order"
SAME_LEVER = "the lever comes out the same"

Row = dict[str, Any]


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
        where they do not. By lever; those of A first, in the order in which they act.
    """
    sides = _Side(a), _Side(b)
    levers = dict.fromkeys(policy.lever for one in (a, b) for policy in one.policies)
    return [row for lever in levers for row in _of_lever(lever, *sides, lever in moved)]


class _Side:
    """One scenario's policies: what each does, and what becomes of it."""

    def __init__(self, scenario: ScenarioViews) -> None:
        self.scenario = scenario
        self.tracer = LeverTracer(scenario)

    def policies(self, lever: str) -> dict[str, Policy]:
        """Policies of a lever by id, in the order in which they act."""
        return {p.id: p for p in self.scenario.policies if p.lever == lever}

    def status(self, lever: str) -> dict[str, str]:
        """What becomes of each policy of a lever."""
        return {step.source: step.status for step in self.tracer.steps(lever)}

    def row(self, policy: Policy) -> Row:
        """The policy as its file writes it."""
        spec = self.scenario.catalogue[policy.lever]
        return policy_row(policy, spec, self.scenario.parameters)

    def amount(self, policy: Policy) -> float:
        """The number it works with."""
        unit = self.scenario.catalogue[policy.lever].unit
        return policy.amount(self.scenario.parameters, unit)

    def deed(self, policy: Policy) -> tuple[Any, ...]:
        """What it does, apart from how it is written."""
        when = (policy.start, policy.until, max(policy.ramp, 1))
        return (policy.op, self.amount(policy), *when, tuple(sorted(policy.places)))

    def idle(self, lever: str, names: Collection[str]) -> set[str]:
        """Those of some policies that could go, later ones first, and change no path."""
        kept = [(policy, self.amount(policy)) for policy in self.policies(lever).values()]
        path = self.tracer.path_under(lever, kept)
        gone: set[str] = set()
        for name in reversed(list(names)):
            rest = [(policy, amount) for policy, amount in kept if policy.id != name]
            if np.array_equal(self.tracer.path_under(lever, rest), path):
                kept = rest
                gone.add(name)
        return gone

    def moves(self, lever: str, name: str, other: Policy, amount: float) -> bool:
        """Whether the lever would differ if another policy stood in the place of one."""
        own = [(policy, self.amount(policy)) for policy in self.policies(lever).values()]
        changed = [(other, amount) if policy.id == name else (policy, n) for policy, n in own]
        path = self.tracer.path_under(lever, own)
        return not np.array_equal(path, self.tracer.path_under(lever, changed))

    def depends_on_order(self, lever: str, order: Collection[str]) -> bool:
        """Whether the lever would differ if some of its policies acted in another order."""
        own = [(policy, self.amount(policy)) for policy in self.policies(lever).values()]
        others = iter([self.policies(lever)[name] for name in order])
        changed = [
            (other, self.amount(other))
            for policy, _ in own
            for other in [next(others) if policy.id in order else policy]
        ]
        path = self.tracer.path_under(lever, own)
        return not np.array_equal(path, self.tracer.path_under(lever, changed))


def _of_lever(lever: str, a: _Side, b: _Side, moved: bool) -> list[Row]:
    ours, theirs = a.policies(lever), b.policies(lever)
    renamed = _renamed(a, b, ours, theirs)
    only_a = [name for name in ours if name not in theirs and name not in renamed]
    only_b = [name for name in theirs if name not in ours and name not in renamed.values()]
    rows = _alone(lever, ONLY_A, a, only_a, moved)
    for name, policy in ours.items():
        if name in renamed:
            reason = f"{renamed[name]} in B does the same"
            rows.append(_row(policy, RENAMED, reason, a.row(policy), None))
        elif name in theirs:
            rows += _shared(a, b, policy, theirs[name], moved)
    rows += _alone(lever, ONLY_B, b, only_b, moved)
    common = [renamed.get(name, name) for name in ours if name not in only_a]
    order = [name for name in theirs if name in common]
    if common != order:
        back = {new: old for old, new in renamed.items()}
        acts = moved and a.depends_on_order(lever, [back.get(name, name) for name in order])
        row = {"id": ", ".join(order), "lever": lever, "change": REORDERED, "effect": acts}
        rows.append({**row, "reason": "" if acts else SAME_LEVER, "a": None, "b": None})
    return rows


def _renamed(
    a: _Side, b: _Side, ours: dict[str, Policy], theirs: dict[str, Policy]
) -> dict[str, str]:
    """Ids of A to ids of B, where each has under its own name what the other has, too."""
    free = {name: b.deed(policy) for name, policy in theirs.items() if name not in ours}
    found: dict[str, str] = {}
    for name, policy in ours.items():
        same = [other for other, deed in free.items() if deed == a.deed(policy)]
        if name not in theirs and same:
            found[name] = same[0]
            del free[same[0]]
    return found


def _alone(lever: str, change: str, side: _Side, names: list[str], moved: bool) -> list[Row]:
    """Rows of policies that the other scenario lacks."""
    status = side.status(lever)
    idle = side.idle(lever, names) if moved else set(names)
    rows: list[Row] = []
    for name in names:
        policy = side.policies(lever)[name]
        said = status[name] if status[name] != IN_FORCE else SAME_LEVER
        written = side.row(policy)
        pair = (written, None) if change == ONLY_A else (None, written)
        rows.append(_row(policy, change, said if name in idle else "", *pair))
    return rows


def _shared(a: _Side, b: _Side, one: Policy, other: Policy, moved: bool) -> list[Row]:
    """Row of a policy that both scenarios have under one id, if it is not the same."""
    if a.deed(one) == b.deed(other):
        words = [
            f"{field} differs"
            for field in ("title", "factor", "evidence")
            if getattr(one, field) != getattr(other, field)
        ]
        reason = ", ".join(words)
        return [_row(one, REWORDED, reason, a.row(one), b.row(other))] if words else []
    acts = moved and (
        a.moves(one.lever, one.id, other, b.amount(other))
        or b.moves(one.lever, one.id, one, a.amount(one))
    )
    return [_row(one, CHANGED, "" if acts else SAME_LEVER, a.row(one), b.row(other))]


def _row(policy: Policy, change: str, reason: str, a: Row | None, b: Row | None) -> Row:
    return {
        "id": policy.id,
        "lever": policy.lever,
        "change": change,
        "effect": reason == "",
        "reason": reason,
        "a": a,
        "b": b,
    }
