"""The river: how well it is watched, what it does, and what follows being caught."""

from __future__ import annotations

import numpy as np

from bordersim._jit import kernel
from bordersim.agents.custody import take_into_custody
from bordersim.agents.guards import strength
from bordersim.agents.traffickers import sector_chinese_part
from bordersim.agents.traits import wealth, z_of
from bordersim.bookkeeping import emit, from_grid, move, thousand
from bordersim.codes import Account, Event, Lever, Obs, Status
from bordersim.rng import Stream, draw, index_below, month_key, stream_key, uniform
from bordersim.state import LOG_MONTHS, NEVER


@kernel
def detection_exponent(base, density, effort, works, season):
    """Exponent of the chance that a guard sees an unaided crosser.

    density: guards per km over the reference; effort: 1 + reward and fear terms;
    works: what cameras, wire and closure add, at least 1; season: ratio.
    """
    return base * density * effort * works * season


@kernel
def border_works(law, cameras, wire, closure):
    """M4: factor on detection from coverage by cameras and wire and from closure, each 0 to 1."""
    return 1.0 + law.camera_effect * cameras + law.wire_effect * wire + law.closure_effect * closure


@kernel
def guards_effort(reward_effect, reward, inspection_effect, perceived_punishment):
    """M2, M3: how much harder guards watch when captures pay and bribes are punished."""
    return 1.0 + reward_effect * reward + inspection_effect * perceived_punishment


@kernel
def drowning_probability(base, difficulty, season, share):
    """Chance of dying in the water or of cold on one crossing."""
    return min(1.0, base * difficulty * season * share)


@kernel
def sector_watch(month, land, law, s):
    """Detection exponent and drowning chance of an unaided crossing in a sector this month."""
    lv, tally = month.levers, month.tally
    effort = guards_effort(
        law.reward_effect, lv[Lever.GUARDS_CAPTURE_REWARD, s],
        law.inspection_effect, from_grid(tally[Obs.PERCEIVED_PUNISHMENT, s, 0, 0]),
    )  # fmt: skip
    season = month.month % 12
    exponent = detection_exponent(
        law.detection, lv[Lever.GUARDS_PER_KM, s] / law.reference_per_km, effort,
        border_works(
            law, lv[Lever.BORDER_CAMERA_COVERAGE, s], lv[Lever.BORDER_WIRE_COVERAGE, s],
            lv[Lever.BORDER_CLOSURE, s],
        ),
        law.watch_season[season],
    )  # fmt: skip
    drowning = drowning_probability(
        law.drowning, land.sector.difficulty[s], law.flood_season[season], 1.0
    )
    return exponent, drowning


@kernel
def find_guard(who_bits, places, on_duty, probes):
    """A guard met by chance: fixed places are probed until one on duty is found, or -1."""
    for probe in range(probes):
        slot = index_below(draw(who_bits, probe), places)
        if slot < on_duty:
            return slot
    return np.int64(-1)


@kernel
def record_bribe(guards, g, month, bribe):
    """A bribe enters the guard's record and purse; the caller keeps the books."""
    if guards.taken[g, month % LOG_MONTHS] < 255:
        guards.taken[g, month % LOG_MONTHS] += 1
    guards.cash[g] += bribe


@kernel
def count_other_bribe(tally, s, bribe):
    """A bribe that bought no consent to a sold crossing: it sets no going rate."""
    tally[Obs.OTHER_BRIBES, s, 0, 0] += 1
    tally[Obs.OTHER_BRIBE_SUM, s, 0, 0] += bribe


@kernel
def hear(month, uid, home, risk, caught, awareness):
    """R4: an outcome becomes known at home with probability ``awareness``. Draws: KNOWN_OUTCOME."""
    known_key = month_key(month.seed, Stream.KNOWN_OUTCOME, month.month)
    if uniform(draw(known_key, uid)) < awareness:
        month.heard[home, risk, 0] += 1
        month.heard[home, risk, 1] += caught


@kernel
def watch_the_river(month, land, laws, watch):
    """This month's guard strength, detection, drowning and Chinese part, by sector."""
    for s in range(watch.shape[0]):
        watch.on_duty[s] = strength(month, land, s)
        watch.exponent[s], watch.drowning[s] = sector_watch(month, land, laws.river, s)
        watch.chinese[s] = thousand(sector_chinese_part(month, land, laws.trafficker, s))


@kernel
def own_wealth(month, land, law, rows, row, who):
    """R2: liquid wealth of a person with a row, KRW million, at least 0. Draws: WEALTH."""
    home, cls = who[0], who[2]
    markets = month.levers[Lever.ECONOMY_MARKET_INDEX, land.sector.shape[0] + home]
    wealth_key = stream_key(month.world_seed, Stream.WEALTH)
    procedural = wealth(
        law.wealth_median[cls], law.wealth_sigma[cls], law.wealth_market_slope, markets,
        land.home.wealth_shift[home], z_of(wealth_key, rows.uid[row]),
    )  # fmt: skip
    return max(0.0, procedural + rows.balance[row] * 1e-3)


@kernel
def reward_capture(month, guards, g, s, share):
    """M3: the state's reward for a capture, or a share of it, to the guard in place ``g``."""
    reward = thousand(month.levers[Lever.GUARDS_CAPTURE_REWARD, s] * share)
    month.ledger[Account.NORTH, Account.GUARDS] += reward
    month.purses[Account.NORTH, 0] -= reward
    guards.cash[g] += reward
    guards.captures[g] += 1


@kernel
def intercept(month, scene, who, row, s, risk):
    """Caught at the river: counted, heard of at home, taken into custody."""
    tally = month.tally
    tally[Obs.INTERCEPTIONS, who[0], who[1], who[2]] += 1
    tally[Obs.SECTOR_INTERCEPTIONS, s, 0, 0] += 1
    hear(month, scene.rows.uid[row], who[0], risk, 1, scene.laws.choice.awareness)
    own = own_wealth(month, scene.land, scene.laws.population, scene.rows, row, who)
    take_into_custody(month, scene.rows, scene.roster, scene.laws.custody, row, who, own)


@kernel
def die_at_river(month, scene, who, row, s, risk, event):
    """Drowned, frozen or shot."""
    observable = Obs.DEATHS_DROWNED if event == Event.DROWNED else Obs.DEATHS_SHOT_RIVER
    month.tally[observable, who[0], who[1], who[2]] += 1
    hear(month, scene.rows.uid[row], who[0], risk, 1, scene.laws.choice.awareness)
    if month.events.shape[0] > 0:
        emit(
            month.events, month.n_events,
            (month.month, 5, scene.rows.uid[row], np.int64(event), s, np.int64(NEVER)), 0, 2,
        )  # fmt: skip
    move(month.stock, scene.rows, scene.roster, row, who, np.int64(Status.DEAD), month.month)


@kernel
def arrive_in_china(month, scene, who, row, s, risk):
    """On the far bank; ``rows.tags`` already says how."""
    t, tally, rows = month.month, month.tally, scene.rows
    tally[Obs.CROSSINGS, who[0], who[1], who[2]] += 1
    tally[Obs.SECTOR_CROSSINGS, s, 0, 0] += 1
    hear(month, rows.uid[row], who[0], risk, 0, scene.laws.choice.awareness)
    rows.left[row] = t
    rows.sector[row] = s
    scene.sectors.stock[s] += 1
    if month.events.shape[0] > 0:
        emit(
            month.events, month.n_events,
            (t, 5, rows.uid[row], np.int64(Event.CROSSED), s, np.int64(NEVER)),
            np.int64(rows.tags[row]), 3,
        )  # fmt: skip
    move(month.stock, rows, scene.roster, row, who, np.int64(Status.CHINA), t)
