"""Six worlds of 20,000 residents in which everything happens, for engine against twin.

A tenth of the people live along the same river, so that there is more than one trafficker
and one company of guards to a sector; every policy of the shipped scenarios is redated into
the span. Parameters and levers are pinned here: a new fit moves no count of events.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from bordersim.codes import LAST_MONTH, LEVER_KEYS
from bordersim.dates import month_label
from bordersim.frozen import FrozenMap
from bordersim.places import Places
from bordersim.policies import Policy
from bordersim.scenario import Scenario
from tests.engine_worlds import BUSY_LEVERS, BUSY_PARAMETERS, shipped

RESIDENTS = 20_000
MONTHS = 120
SEEDS = (1, 2, 3, 4, 5)
FEWEST = 30
"""How often every event must occur."""

EARLY = 18
"""Month in which China's measures come in the world where they come early."""

_SCALE = 0.01
_POOL = 8.0

PARAMETERS: dict[str, float | tuple[float, ...]] = BUSY_PARAMETERS | {
    "residents.k0_log": -6.0,
    "residents.gain": 0.8,
    "residents.gain_food": 0.8,
    "residents.gain_hire": 3.5,
    "residents.k_kin": 2.0,
    "residents.kin_half_life": 120.0,
    "residents.awareness": 0.8,
    "residents.offers_met": 4,
    "residents.wait_months": 2,
    "population.officials_abroad": 6000,
    "river.drowning": 0.02,
    "river.flood_season": (2.0, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 5.0, 4.0, 3.0, 2.5, 2.0),
    "river.detection": 0.25,
    "guards.company": 5,
    "guards.link_crossings": 0.2,
    "guards.arrest_effort": 0.8,
    "china.encounter_rate": 0.8,
    "china.resist": 0.4,
    "china.shot_death": 0.6,
    "china.onward_early": 0.001,
    "china.onward_late": 0.08,
    "china.onward_middle": 96.0,
    "china.onward_width": 48.0,
    "china.trip_stay": 0.2,
    "china.settle_half_life": 60.0,
    "custody.death_rate": 0.03,
    "traffickers.capacity": 1,
    "traffickers.start_guards": 8,
    "traffickers.start_links": 1.0,
    "traffickers.start_active": 300,
    "traffickers.jail_interception": 0.4,
    "traffickers.entry_rate": 0.2,
}

LEVERS: dict[str, float] = BUSY_LEVERS | {
    "guards.inspection_rate": 0.004,
    "guards.rotation_months": 100.0,
    "border.shoot_order": 0.3,
    "border.wire_coverage": 0.2,
    "border.pursuit_rate": 0.01,
    "china.shoot_on_resist": 0.4,
    "economy.corruption_case_rate": 0.008,
}

MOVED: dict[str, tuple[str, float]] = {
    "guards.inspection_rate": ("scale", 8.0),
    "guards.lookback_months": ("set", 24.0),
    "guards.punishment_loss": ("scale", 2.0),
    "guards.capture_reward": ("set", 3.0),
    "guards.betrayal_rewarded": ("set", 1.0),
    "guards.rotation_months": ("set", 6.0),
    "guards.links_broken": ("set", 0.3),
    "guards.per_km": ("scale", 1.5),
    "guards.inspection_honesty": ("set", 0.8),
    "border.camera_coverage": ("set", 0.4),
    "border.wire_coverage": ("set", 0.5),
    "border.pursuit_rate": ("scale", 2.0),
    "border.shoot_order": ("set", 0.5),
    "border.closure": ("set", 0.3),
    "custody.severity": ("set", 1.5),
    "china.patrol_rate": ("scale", 1.5),
    "china.bounty_report": ("set", 2000.0),
    "china.bounty_capture": ("set", 3000.0),
    "china.helper_fine": ("set", 5000.0),
    "china.shoot_on_resist": ("set", 0.6),
    "china.tip_response": ("set", 0.8),
    "china.local_tolerance": ("set", 0.2),
    "china.refoulement": ("set", 0.5),
    "economy.food_shortage": ("add", 0.1),
    "economy.market_index": ("set", 1.2),
    "economy.corruption_case_rate": ("scale", 0.5),
    "economy.exchange_rate": ("scale", 1.3),
    "south.settlement_cash": ("set", 20.0),
    "south.onward_capacity": ("set", 1.4),
    "south.remittance_allowed": ("set", 0.7),
    "north.security_budget": ("set", 1.2),
    "north.kin_surveillance": ("set", 0.5),
}
"""Every lever moves once in the first world, in this order."""


def small_places(places: Places) -> Places:
    """The same river with fewer people on it, and a trade to match."""
    share = RESIDENTS / _SCALE / float(places.home["population"].sum())
    home = dict(places.home) | {"population": places.home["population"] * share}
    sector = dict(places.sector) | {"pool": places.sector["pool"] * _POOL}
    return replace(places, home=FrozenMap(home), sector=FrozenMap(sector))


@lru_cache(maxsize=1)
def quiet_base() -> Scenario:
    """Busy parameters and levers, and no policy yet."""
    scenario = shipped("base").with_parameters(PARAMETERS)
    last = month_label(MONTHS - 1)
    scenario = scenario.with_settings({**LEVERS, "population.scale": _SCALE, "time.end": last})
    return replace(scenario, places=small_places(scenario.places))


def redated(policies: tuple[Policy, ...]) -> tuple[Policy, ...]:
    """The same policies within the span, in the same proportion; early ones earlier still."""
    ends = [policy.until for policy in policies if policy.until is not None]
    latest = max([policy.start for policy in policies] + ends)

    def moved(month: int) -> int:
        return month * (MONTHS - 10) // latest

    return tuple(
        replace(
            policy,
            id=f"redated-{policy.id}",
            start=EARLY if policy.id.endswith("-early") else moved(policy.start),
            until=None if policy.until is None else moved(policy.until),
            ramp=moved(policy.ramp),
        )
        for policy in policies
    )


def every_lever_moves() -> Scenario:
    """Each lever moves once, three months after the one before, every third in one sector."""
    base = quiet_base()
    template = base.policies[0]
    added = []
    for number, (lever, (op, value)) in enumerate(MOVED.items()):
        by_sector = base.catalogue[lever].places == "sector" and number % 3 == 0
        policy = replace(
            template, id=f"moves-{lever}", lever=lever, op=op, value=value, parameter=None,
            start=12 + 3 * number, until=None, ramp=6 if number % 2 else 0,
            places=base.places.sectors[:4] if by_sector else (),
        )  # fmt: skip
        added.append(policy)
    assert set(MOVED) == set(LEVER_KEYS)
    return replace(base, name="every-lever", policies=base.policies + tuple(added))


def history_in_ten_years(name: str) -> Callable[[], Scenario]:
    """A shipped scenario whose policies all fall within the span."""

    def build() -> Scenario:
        base = quiet_base()
        policies = base.policies + redated(shipped(name).policies)
        return replace(base, name=f"{name}-in-ten-years", policies=policies)

    return build


WORLDS: dict[str, Callable[[], Scenario]] = {
    "every-lever": every_lever_moves,
    "historical": history_in_ten_years("historical"),
    "no-crackdown": history_in_ten_years("no-crackdown"),
    "bounty-2016": history_in_ten_years("bounty-2016"),
    "no-refoulement": history_in_ten_years("no-refoulement"),
    "closure-2020": history_in_ten_years("closure-2020"),
}


@lru_cache(maxsize=8)
def world(name: str, months: int = MONTHS) -> Scenario:
    """One of the six worlds, by name."""
    assert months <= LAST_MONTH
    scenario = WORLDS[name]()
    return scenario if months == MONTHS else scenario.until(month_label(months - 1))
