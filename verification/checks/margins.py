"""The ledger of fates: margins that are the effects, of any two scenarios and any seed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from bordersim.codes import LEVER_KEYS
from bordersim.comparing.fates import Fate, Lives
from bordersim.comparing.imposing import imposed_lives
from bordersim.comparing.ledger import Ledger, matrix_of
from bordersim.comparing.lives import Books, books_of, lives_of
from bordersim.dates import month_label
from bordersim.errors import ScenarioError
from bordersim.population import land_of
from bordersim.reports import Period
from bordersim.scenario import Scenario
from bordersim.simulation import simulate
from verification.many import in_processes
from verification.verdict import Verdict
from verification.worlds import shipped

SPAN = 96
"""Months simulated at most."""

Spoil = Callable[[Lives], Lives]


@dataclass(frozen=True)
class Case:
    """A pair of random scenarios by its number."""

    number: int
    scale: float
    split: bool


@dataclass(frozen=True)
class Found:
    """What one pair shows: whatever is wrong, and how much there was to be wrong."""

    wrong: tuple[str, ...]
    effects: tuple[int, ...]
    differing: int


def random_scenario(chance: np.random.Generator, scale: float) -> Scenario:
    """A shipped scenario with random parameters, and random policies at random dates."""
    while True:
        scenario = shipped(str(chance.choice(["historical", "base"]))).scaled(scale)
        keys = chance.choice(sorted(scenario.parameters), size=3, replace=False)
        single = [scenario.parameters[key] for key in keys
                  if not isinstance(scenario.parameters[key].value, tuple)]  # fmt: skip
        try:
            scenario = scenario.with_parameters(
                {one.key: float(chance.uniform(one.low, one.high)) for one in single}
            )
            for n in range(int(chance.integers(1, 5))):
                spec = scenario.catalogue[str(chance.choice(LEVER_KEYS))]
                value = float(chance.uniform(spec.low, spec.high))
                start = month_label(int(chance.integers(0, SPAN)))
                policy = {"id": f"random-{n}", "lever": spec.key, "op": "set", "value": value}
                scenario = scenario.add(policy | {"from": start})
        except ScenarioError:  # changes that do not go together: others
            continue
        return scenario


def found_in(case: Case, spoil: Spoil = lambda lives: lives) -> Found:
    """Follow everybody through a pair of scenarios, and hold the margins against the records."""
    chance = np.random.default_rng(case.number)
    a, b = (random_scenario(chance, case.scale) for _ in range(2))
    while case.split and not _of_one_land(a, b):  # prices of one cannot be imposed on the other
        a, b = (random_scenario(chance, case.scale) for _ in range(2))
    seed, last = int(chance.integers(0, 2**63)), int(chance.integers(24, SPAN))
    window = Period(int(chance.integers(0, last)), last)
    spans = [replace(one, start_month=0, end_month=last) for one in (a, b)]
    books = [books_of(simulate(one, seed), window) for one in spans]
    of_a, of_b = (lives_of(one, seed, window)[0] for one in spans)
    of_b = spoil(of_b)
    matrix = matrix_of(of_a, of_b)
    effects = _effects(matrix, case.scale, window)
    wanted = _wanted(*books)
    wrong = [f"pair {case.number}: {effects} for {wanted}"] if effects != wanted else []
    if matrix.sum() != of_a.fate.size:
        wrong.append(f"pair {case.number}: {matrix.sum()} of {of_a.fate.size} residents counted")
    if case.split:
        between = imposed_lives(spans[0], spans[1], seed, window)
        parts = [
            _effects(matrix_of(*sides), case.scale, window)
            for sides in ((of_a, between), (between, of_b))
        ]
        sums = [sum(both) for both in zip(*parts, strict=True)]
        if sums != wanted:
            wrong.append(f"pair {case.number}: direct and market make {sums} for {wanted}")
    apart = int((of_a.fate != of_b.fate).sum())
    return Found(tuple(wrong), tuple(effects), apart)


def _of_one_land(a: Scenario, b: Scenario) -> bool:
    lands = zip(land_of(a), land_of(b), strict=True)
    return all(np.array_equal(one, other) for one, other in lands)


def _effects(matrix: np.ndarray, scale: float, window: Period) -> list[int]:
    return [int(effect) for effect in Ledger(matrix[None], scale, window).effects()[0]]


def _wanted(a: Books, b: Books) -> list[int]:
    """Effects on arrivals, deaths and two stocks, of the records alone."""
    return [
        b.arrivals - a.arrivals,
        b.deaths - a.deaths,
        b.stocks["stock_china"] - a.stocks["stock_china"],
        b.stocks["stock_transit"] - a.stocks["stock_transit"],
    ]


def verdict_of(found: list[Found], *, split: bool) -> Verdict:
    """Whether every margin of every pair is exact, and there was something to be exact about."""
    wrong = [line for one in found for line in one.wrong]
    telling = sum(any(one.effects) for one in found)
    question = "Do direct effects and those through the market add up to the effect" if split else (
        "Are the margins of the ledger the effects on arrivals, deaths and stocks"
    )  # fmt: skip
    return Verdict(
        question=f"{question}, exactly, of any two scenarios?",
        passed=not wrong and 2 * telling > len(found),
        measured=f"{len(found) - sum(bool(one.wrong) for one in found)} of {len(found)} exact",
        allowed="all, to the last person; most pairs with an effect",
        n=f"{len(found)} random pairs of scenarios and seeds, {telling} with an effect; "
        f"{sum(one.differing for one in found):,} fates differ",
        detail="; ".join(wrong[:5]),
    )


def verdicts(out: Path, quick: bool) -> Iterable[Verdict]:
    """All of this file; ``out`` gets no picture. Quick: a few tiny pairs."""
    pairs, splits, scale = (4, 2, 0.001) if quick else (200, 60, 0.004)
    for first, count, split in ((0, pairs, False), (pairs, splits, True)):
        cases = [Case(first + n, scale, split) for n in range(count)]
        yield verdict_of(in_processes(found_in, cases), split=split)


def _one_forgotten(fate: Fate, lives: Lives) -> Lives:
    """One person of a fate is told to have stayed."""
    changed = lives.fate.copy()
    changed[np.flatnonzero(changed == fate)[:1]] = Fate.STAYED
    return replace(lives, fate=changed)


def _spoilt(fate: Fate) -> list[Verdict]:
    spoil = partial(_one_forgotten, fate)
    return [verdict_of([found_in(Case(n, 0.01, False), spoil) for n in range(4)], split=False)]


PLANTED = {
    "one who arrives in B is told to have stayed": partial(_spoilt, Fate.ARRIVED),
    "one who dies in B is told to have stayed": partial(_spoilt, Fate.DIED),
    "one in China at the end of B is told to have stayed": partial(_spoilt, Fate.IN_CHINA),
}
