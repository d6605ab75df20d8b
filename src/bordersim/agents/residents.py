"""Residents: hardship, the intensity of considering, and the choice (R1-R5)."""

from __future__ import annotations

import math

import numpy as np

from bordersim._jit import kernel
from bordersim.agents.traits import class_of, home_of, tolerance, wealth, z_of
from bordersim.bookkeeping import emit, from_grid
from bordersim.codes import Event, Lever, Mode, Obs, Risk, Sex, TraffickerStatus
from bordersim.rng import (
    Stream,
    draw,
    draw2,
    gumbel,
    index_below,
    month_key,
    nest_error,
    stream_key,
    uniform,
    with_gumbel,
)
from bordersim.state import FLAG_KIN, NEVER

BY_CASE = 1
WORST = -1e300


@kernel
def hardship_pressure(shortage, exposure_home, exposure_class, buffer, markets):
    """R1 without the personal rank: hardship of the worst-off in a home and class, 0 to 1."""
    return shortage * exposure_home * exposure_class * max(0.0, 1.0 - buffer * markets)


@kernel
def sex_factor(base, rise, half, markets):
    """R3: intensity of women against men at a market index."""
    return math.exp(base + rise * markets / (markets + half))


@kernel
def base_intensity(k0_log, k_hardship, hardship, age_factor, sex_factor):
    """R3 without history: considerations a month; factors of age and sex are against one."""
    return math.exp(k0_log + k_hardship * hardship) * age_factor * sex_factor


@kernel
def case_intensity(case_rate, exposure, response):
    """R3, M8: considerations a month brought by corruption and business cases."""
    return case_rate * exposure * response


@kernel
def kin_effect(k_kin, half_life, months):
    """R3: log factor on the intensity, months after kin arrived in the South, unwatched."""
    return k_kin * 2.0 ** (-months / half_life)


@kernel
def again_effect(k_again, half_life, months):
    """R3: log factor on the intensity, months after release from custody."""
    return k_again * 2.0 ** (-months / half_life)


@kernel
def personal_risk(belief, sample, weight, known_total, known_caught):
    """R4: a home's belief corrected by own and kin's experience."""
    return (belief * sample + weight * known_caught) / (sample + weight * known_total)


@kernel
def hire_utility(gain, a_fee, fee, budget, risk_cost):
    """R5: utility of an offer over staying; the caller checks that fee < budget."""
    return gain + a_fee * math.log(1.0 - fee / budget) - risk_cost


@kernel(allocates=True)
def month_conditions(month, land, law):
    """Per block and sex: highest intensity; per block: hardship pressure, women, cases.

    Reads: levers economy.*. Returns (blocks, 2) and three (blocks,) arrays.
    """
    blocks = land.block.shape[0]
    sectors = land.sector.shape[0]
    top = np.zeros((blocks, 2))
    pressure = np.zeros(blocks)
    women = np.zeros(blocks)
    case = np.zeros(blocks)
    keenest = math.exp(law.age_effect.max())
    for b in range(blocks):
        place = sectors + b // 3
        markets = month.levers[Lever.ECONOMY_MARKET_INDEX, place]
        pressure[b] = hardship_pressure(
            month.levers[Lever.ECONOMY_FOOD_SHORTAGE, place], land.home.hunger[b // 3],
            law.class_exposure[b % 3], law.buffer, markets,
        )  # fmt: skip
        women[b] = sex_factor(law.sex_base, law.sex_market, law.sex_market_half, markets)
        case[b] = case_intensity(
            month.levers[Lever.ECONOMY_CORRUPTION_CASE_RATE, place],
            law.case_exposure[b % 3], law.case_response,
        )  # fmt: skip
        hungriest = base_intensity(law.k0_log, law.k_hardship, pressure[b], keenest, 1.0)
        top[b, Sex.FEMALE] = case[b] + hungriest * women[b]
        top[b, Sex.MALE] = case[b] + hungriest
    return top, pressure, women, case


@kernel
def choose(month, scene, scratch, n_found):
    """R5: stay, go unaided, go for food, or hire one of the offers met.

    Every alternative carries its own error, so worsening one option moves only those
    who had chosen it. Offers share a nest error (dissimilarity ``nest_scale``).

    Reads: levers, beliefs, rows, traffickers (posted fees). Writes: actors.
    Draws: CHOICE, NEST, REACH, OFFER, WEALTH, TOLERANCE, SEX. Returns the number of actors.
    """
    t = month.month
    land, laws, rows = scene.land, scene.laws, scene.rows
    traffickers, beliefs, actors = scene.traffickers, scene.beliefs, scratch.actors
    lv, tally = month.levers, month.tally
    events, n_events = month.events, month.n_events
    logging = events.shape[0] > 0
    n_sectors = land.sector.shape[0]
    choice_key = month_key(month.seed, Stream.CHOICE, month.month)
    nest_key = month_key(month.seed, Stream.NEST, month.month)
    reach_key = month_key(month.seed, Stream.REACH, month.month)
    offer_key = month_key(month.seed, Stream.OFFER, month.month)
    wealth_key = stream_key(month.world_seed, Stream.WEALTH)
    tolerance_key = stream_key(month.world_seed, Stream.TOLERANCE)
    sex_key = stream_key(month.world_seed, Stream.SEX)
    law, people = laws.choice, laws.population
    gain, gain_food = law.gain, law.gain_food
    gain_hire, gain_south = law.gain + law.gain_hire, law.gain_south
    a_fee, a_risk, alpha = law.a_fee, law.a_risk, law.nest_scale
    s_river, s_china = law.severity_river, law.severity_china
    sample, weight = law.belief_sample, law.experience_weight
    kin_money = law.kin_money
    onward_fee = laws.onward.onward_fee
    package_months = laws.onward.transit_direct / 12.0
    offers_met, probes = np.int64(law.offers_met), np.int64(laws.trafficker.probes)
    medians, sigmas = people.wealth_median, people.wealth_sigma
    slope, spread, female_share = (
        people.wealth_market_slope, people.risk_tolerance_sigma, people.female_share,
    )  # fmt: skip
    reach, sectors, homes = land.reach, land.sector, land.home
    credit = law.credit_share * lv[Lever.SOUTH_SETTLEMENT_CASH, 0]
    found = scratch.found
    utility, seller, package = scratch.utility, scratch.seller, scratch.package
    n = 0
    for f in range(n_found):
        uid = found[f].uid
        actor = actors[n]
        home = home_of(uid)
        cls = class_of(uid)
        place = n_sectors + home
        sex = 0 if uniform(draw(sex_key, uid)) < female_share else 1
        tally[Obs.CONSIDERERS, home, sex, cls] += 1
        row = np.int64(found[f].row)
        # without a trafficker: only those who can get to the river
        u = uniform(draw(reach_key, uid))
        sector = 0
        while sector < n_sectors and u >= reach[home, sector]:
            sector += 1
        # offers met: fixed places are probed until one with an active trafficker is found
        met = 0
        for offer in range(offers_met):
            offer_bits = draw2(offer_key, uid, offer)
            u = uniform(offer_bits)
            s = 0
            while s < n_sectors and u >= reach[home, s]:
                s += 1
            if s == n_sectors:
                continue
            for probe in range(probes):
                j = sectors[s].pool_start + index_below(
                    draw(offer_bits, probe), sectors[s].pool_size
                )
                if traffickers[j].status == TraffickerStatus.ACTIVE:
                    new = True
                    for k in range(met):
                        new = new and seller[k] != j
                    if new:
                        seller[met] = j
                        met += 1
                    break
        kept = 0
        affordable = 0
        fallback = np.int64(Mode.STAY)
        if met > 0 or sector < n_sectors:
            markets = lv[Lever.ECONOMY_MARKET_INDEX, place]
            own = wealth(
                medians[cls],
                sigmas[cls],
                slope,
                markets,
                homes[home].wealth_shift,
                z_of(wealth_key, uid),
            )
            from_kin = 0.0
            total, caught = 0.0, 0.0
            if row >= 0:
                person = rows[row]
                own = max(0.0, own + person.balance * 1e-3)
                total, caught = np.float64(person.known_total), np.float64(person.known_caught)
                if person.tags & FLAG_KIN:
                    from_kin = kin_money * lv[Lever.SOUTH_REMITTANCE_ALLOWED, place]
            dread = a_risk * tolerance(spread, z_of(tolerance_key, uid))
            p_unaided = from_grid(beliefs[home, Risk.RIVER_UNAIDED])
            p_unaided = personal_risk(p_unaided, sample, weight, total, caught)
            p_hire = from_grid(beliefs[home, Risk.RIVER_HIRE])
            p_hire = personal_risk(p_hire, sample, weight, total, caught)
            p_china = from_grid(beliefs[home, Risk.CHINA])
            errors = draw(choice_key, uid)
            best = gumbel(draw(errors, Mode.STAY))
            if found[f].reason & BY_CASE:
                best -= law.case_push
            if sector < n_sectors:
                there = s_river * p_unaided
                value = gain - dread * (there + s_china * p_china)
                value = with_gumbel(value, best, draw(errors, Mode.UNAIDED))
                if value > best:
                    best, fallback = value, np.int64(Mode.UNAIDED)
                value = with_gumbel(gain_food - dread * there, best, draw(errors, Mode.FOOD))
                if value > best:
                    best, fallback = value, np.int64(Mode.FOOD)
            nest = 0.0
            for offer in range(met):
                j = seller[offer]
                trader = traffickers[j]
                fee = (trader.fee_border if homes[home].border else trader.fee_interior) * 1e-3
                identity = np.int64(trader.generation) * 4096 + j
                highest = WORST
                onward = 0
                budget = own + from_kin
                if fee < budget:
                    highest = hire_utility(
                        gain_hire,
                        a_fee,
                        fee,
                        budget,
                        dread * (s_river * p_hire + s_china * p_china),
                    ) + alpha * gumbel(draw(errors, 16 + 2 * identity))
                budget = own + from_kin + credit
                if trader.package and fee + onward_fee < budget:
                    value = hire_utility(
                        gain_hire + gain_south, a_fee, fee + onward_fee, budget,
                        dread * (s_river * p_hire + s_china * p_china * package_months),
                    ) + alpha * gumbel(draw(errors, 17 + 2 * identity))  # fmt: skip
                    if value > highest:
                        highest, onward = value, 1
                if highest == WORST:
                    continue
                if affordable == 0:
                    nest = nest_error(draw(nest_key, uid), alpha)
                affordable += 1
                highest += nest
                if highest > best:
                    k = kept
                    while k > 0 and utility[k - 1] < highest:
                        utility[k], package[k] = utility[k - 1], package[k - 1]
                        actor.seller[k] = actor.seller[k - 1]
                        k -= 1
                    utility[k], package[k] = highest, onward
                    actor.seller[k] = j
                    kept += 1
        mode = np.int64(Mode.HIRE) if kept > 0 else fallback
        if met > 0 and affordable == 0:
            tally[Obs.PRICED_OUT, home, sex, cls] += 1
        if logging:
            emit(
                events,
                n_events,
                (t, 4, uid, np.int64(Event.CONSIDERED), home, np.int64(found[f].reason)),
                met,
                0,
            )
            if met > 0 and affordable == 0:
                emit(events, n_events, (t, 4, uid, np.int64(Event.PRICED_OUT), home, met), 0, 0)
            if mode == Mode.STAY:
                emit(events, n_events, (t, 4, uid, np.int64(Event.STAYED), home, NEVER), 0, 0)
        if mode == Mode.STAY:
            if row >= 0:
                rows.waits[row] = 0
            continue
        actor.uid, actor.mode, actor.sector = uid, mode, sector
        actor.fallback, actor.offers = fallback, kept
        for k in range(kept):
            actor.package[k] = package[k]
        n += 1
    return n
