"""Coalitions: scenarios in which some factors are real and the others are held.

A held lever keeps, place by place, the value of the month before; what drives it (harvests,
markets, the exchange rate) is held with it. All coalitions share the months before to the bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bordersim.attributing.spec import Factor, Question
from bordersim.dates import month_label
from bordersim.frozen import FrozenMap
from bordersim.policies import HOLD, Policy
from bordersim.provenance import OWN, POLICY, SetBy, note
from bordersim.scenario import Scenario

_WHERE = "attribute()"
_LONGEST = 80


def coalitions(question: Question, scenario: Scenario) -> list[Scenario]:
    """Give every coalition of a question.

    Parameters
    ----------
    question
        Its factors and the month from which levers are held.
    scenario
        What is real, with the parameters of a structure.

    Returns
    -------
    list of Scenario
        Position S holds the coalition in which factor k is real if bit k of S is set:
        all held first, all real last.
    """
    month = question.held_from
    return [
        coalition(scenario, question.factors, mask, month, question.passing)
        for mask in range(question.n_coalitions)
    ]


def coalition(
    scenario: Scenario, factors: Sequence[Factor], mask: int, month: int, passing: Sequence[str]
) -> Scenario:
    """Give one coalition.

    Parameters
    ----------
    scenario
        What is real.
    factors
        All of them.
    mask
        Bit k is set where factor k is real.
    month
        From which levers are held.
    passing
        Policies that end all the same: they act on what is held.

    Returns
    -------
    Scenario
        Named after the factors that are real.
    """
    held = [factor for k, factor in enumerate(factors) if not mask >> k & 1]
    real = [factor.name for k, factor in enumerate(factors) if mask >> k & 1]
    levers = {lever for factor in held for lever in factor.levers}
    # What passes acts after the hold, so that the value held is the one without it.
    late = [p for p in scenario.policies if p.id in passing and p.lever in levers]
    kept = [p for p in scenario.policies if p not in late]
    taken = {policy.id for policy in scenario.policies}
    holds = [_hold(scenario, lever, month, taken) for f in held for lever in f.levers]
    history = dict(scenario.history)
    for policy in holds:
        note(history, POLICY + policy.id, SetBy(OWN, _WHERE, policy))
    start = month_label(month)
    words = [f"{', '.join(real)} as reported"] if real else []
    words += [f"{', '.join(f.name for f in held)} held from {start}"] if held else []
    return replace(
        scenario,
        name=_name(real, len(factors), mask),
        title="; ".join(words),
        policies=(*kept, *holds, *late),
        history=FrozenMap(history),
    )


def _name(real: Sequence[str], n_factors: int, mask: int) -> str:
    words = ["all"] if len(real) == n_factors else list(real) or ["none"]
    name = ".".join(("real", *words))
    return name if len(name) <= _LONGEST else f"real.{mask:0{n_factors}b}"


def _hold(scenario: Scenario, lever: str, month: int, taken: set[str]) -> Policy:
    name = f"held-{lever}"
    while name in taken:
        name += "-again"
    return Policy(
        id=name,
        title=f"as in {month_label(month - 1)}",
        lever=lever,
        op=HOLD,
        value=None,
        parameter=None,
        start=month,
        until=None,
        ramp=0,
        places=(),
        factor=scenario.catalogue[lever].factor,
        evidence=(),
        where=_WHERE,
    )


def inert(question: Question) -> tuple[str, ...]:
    """Factors none of whose levers moves after it would be held: their shares are exactly 0."""
    scenario, found = question.scenario, []
    whole, until = scenario.lever_paths(), question.last.last + 1
    everything = question.n_coalitions - 1
    for k, factor in enumerate(question.factors):
        held = coalition(
            scenario, question.factors, everything & ~(1 << k), question.held_from, question.passing
        )
        if np.array_equal(held.lever_paths()[:until], whole[:until]):
            found.append(factor.name)
    return tuple(found)


def past_differs(question: Question) -> list[str]:
    """Passing policies that would have to act in another order to pass.

    Returns
    -------
    list of str
        Their ids: without a hold, moved behind the others, they change the past.
    """
    scenario, month = question.scenario, question.held_from
    whole = scenario.lever_paths()[:month]
    found = []
    for name in question.passing:
        late = [p for p in scenario.policies if p.id == name]
        kept = [p for p in scenario.policies if p.id != name]
        moved = replace(scenario, policies=(*kept, *late))
        if not np.array_equal(moved.lever_paths()[:month], whole):
            found.append(name)
    return found
