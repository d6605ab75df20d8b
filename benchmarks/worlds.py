"""Variants of history that the measurements need: another population, other events.

The nation grows and shrinks here with the border as it is: guards, traffickers and
Chinese residents stay at one to one, unlike with ``--scale``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from bordersim.codes import Lever
from bordersim.laws import laws_from
from bordersim.population import block_sizes
from bordersim.scenario import Scenario

SCENARIO = Path(__file__).parent.parent / "scenarios" / "historical.yaml"
NATION = 24_052_231
EVENTS = 900_000
"""Considerations expected in :func:`same_events`; history has about as many."""

LEVEL = {
    "residents.k_hardship": 2.0,
    "residents.k_kin": 0.0,
    "residents.k_again": 0.0,
    "residents.case_response": 0.0,
}
"""Flatter intensities without contagion.

With those of history a million people could not consider leaving as often as twenty-four
million do: the worst-off would have to more than once a month.
"""


def residents_of(scenario: Scenario) -> int:
    """Residents simulated."""
    return int(block_sizes(scenario).sum())


def scaled(scenario: Scenario, scale: float = 1.0) -> Scenario:
    """History for a share of the nation, its guards and its traffickers."""
    return scenario.scaled(scale)


def of_population(scenario: Scenario, residents: int) -> Scenario:
    """History with every home's population multiplied, the border unchanged."""
    home = dict(scenario.places.home)
    home["population"] = np.floor(home["population"] * (residents / NATION) + 0.5)
    return replace(scenario, places=replace(scenario.places, home=home))


def expected_considerations(scenario: Scenario) -> float:
    """Considerations expected of people at home and without history, over the whole span.

    The sum over months, homes, classes, ages and sexes of residents times intensity,
    with the mean over the uniform personal rank in closed form. Clipping and those
    away from home are left out, and so are corruption cases.
    """
    laws = laws_from(scenario.parameters)
    law, people = laws.intensity, laws.population
    sectors = len(scenario.places.sectors)
    levers = scenario.lever_paths()[: scenario.end_month + 1, :, sectors:, np.newaxis]
    shortage = levers[:, Lever.ECONOMY_FOOD_SHORTAGE]
    markets = levers[:, Lever.ECONOMY_MARKET_INDEX]
    exposure = scenario.places.home["hunger_exposure"][:, np.newaxis] * law.class_exposure
    worst = law.k_hardship * shortage * exposure * np.maximum(0.0, 1.0 - law.buffer * markets)
    over_rank = np.where(worst > 1e-9, np.expm1(worst) / np.maximum(worst, 1e-9), 1.0)
    women = np.exp(law.sex_base + law.sex_market * markets / (markets + law.sex_market_half))
    over_sex = people.female_share * women + 1.0 - people.female_share
    over_age = float(people.age_shares @ np.exp(law.age_effect))
    sizes = block_sizes(scenario).reshape(exposure.shape)
    return float((over_rank * over_sex * sizes).sum()) * over_age * math.exp(law.k0_log)


def same_events(scenario: Scenario, residents: int, events: float = EVENTS) -> Scenario:
    """A nation of ``residents`` in which ``events`` considerations are expected."""
    nation = of_population(scenario.with_parameters(LEVEL), residents)
    k0 = nation.parameters.value("residents.k0_log")
    k0 += math.log(events / expected_considerations(nation))
    return nation.with_parameters({"residents.k0_log": k0})


def more_events(scenario: Scenario, times: float) -> Scenario:
    """The whole nation of history, everybody considering leaving ``times`` as often."""
    k0 = scenario.parameters.value("residents.k0_log")
    return scenario.with_parameters({"residents.k0_log": k0 + math.log(times)})


WORLDS: dict[str, Callable[..., Scenario]] = {
    "scaled": scaled,
    "same_events": same_events,
    "more_events": more_events,
}
