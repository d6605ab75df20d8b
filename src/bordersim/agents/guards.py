"""Guards: reservation bribes, offers from strangers, inspection, fear, rotation (G1-G6)."""

from __future__ import annotations

import math

import numpy as np

from bordersim._jit import kernel
from bordersim.bookkeeping import emit, from_grid, thousand, to_grid
from bordersim.codes import Account, Event, Lever, Obs, Offer
from bordersim.rng import Stream, draw, draw2, gumbel, month_key, normal, stream_key, uniform
from bordersim.state import LOG_MONTHS, NEVER


@kernel
def reservation_bribe(fear, reward, inclination):
    """G1: least bribe a guard accepts, KRW million, before the error.

    fear: perceived chance of punishment times its loss; reward: what a capture is worth
    times its weight; inclination: loyalty less taste for money.
    """
    return fear + reward + inclination


@kernel
def traded_bribe(reservation, room, share, least):
    """G1: what a known guard is paid when the trafficker's room covers the reservation bribe."""
    return min(room, max(least, (1.0 - share) * reservation + share * room))


@kernel
def accept_utility(bribe, fear, inclination):
    """G2: take a stranger's offer."""
    return bribe - fear - inclination


@kernel
def arrest_utility(reward, inclination, effort):
    """G2: refuse and arrest."""
    return reward + inclination - effort


@kernel
def betray_utility(prepaid, bribe, reward, inclination, link_value, exposure_loss, effort):
    """G2: take the first part of the bribe, then arrest; it costs the link and may come out."""
    return prepaid * bribe + reward + inclination - link_value - exposure_loss - effort


@kernel
def punishment_probability(per_bribe, bribes):
    """G3: chance that an inspected guard with so many bribes in the lookback is punished."""
    return 1.0 - (1.0 - per_bribe) ** bribes


@kernel
def inspection_probability(rate, honesty, pressure, camera_rise):
    """G3: chance of an honest inspection in a month; ``camera_rise`` is 0 at an uncovered post."""
    return min(1.0, rate * honesty * pressure * (1.0 + camera_rise))


@kernel
def next_fear(belief, target, half_life):
    """G4: belief after a month."""
    return belief + (1.0 - 2.0 ** (-1.0 / half_life)) * (target - belief)


@kernel
def foreseen_risk(belief, lookback, foresight):
    """G6: chance of punishment that a guard weighs against a bribe.

    belief: of punishment in the coming year; lookback: months for which a bribe taken
    today can still be punished; foresight: 0 looks a year ahead, 1 to the record's end.
    """
    if foresight == 0.0:
        return belief
    lasting = 1.0 - max(0.0, 1.0 - belief) ** (lookback / 12.0)
    return (1.0 - foresight) * belief + foresight * lasting


@kernel
def weighed_risk(month, law, belief, s):
    """G6: the same under the rules of this month in a sector; what comes later is unknown."""
    return foreseen_risk(belief, lookback_months(month, s), law.foresight)


@kernel
def goods_probability(worth, fear, inclination, scale):
    """G3: chance of taking the month's bribes for goods."""
    leaning = (worth - fear - inclination) / scale
    return 1.0 / (1.0 + math.exp(min(-leaning, 700.0)))  # Python's exp overflows at 710


@kernel
def poisson_from(u, mean):
    """Poisson count by inversion of one uniform, at most 15."""
    term = math.exp(-mean)
    total = term
    n = 0
    while u >= total and n < 15:
        n += 1
        term *= mean / n
        total += term
    return n


@kernel
def offer_response(u_accept, u_arrest, u_betray, betrayal_open, scale, bits):
    """G2: the guard's choice among refusing, accepting, arresting and betraying.

    Utilities in KRW million against refusing; ``bits`` keys one error per alternative.
    """
    best = scale * gumbel(draw(bits, Offer.REFUSE))
    choice = np.int64(Offer.REFUSE)
    value = u_accept + scale * gumbel(draw(bits, Offer.ACCEPT))
    if value > best:
        best, choice = value, np.int64(Offer.ACCEPT)
    value = u_arrest + scale * gumbel(draw(bits, Offer.ARREST))
    if value > best:
        best, choice = value, np.int64(Offer.ARREST)
    if betrayal_open:
        value = u_betray + scale * gumbel(draw(bits, Offer.BETRAY))
        if value > best:
            choice = np.int64(Offer.BETRAY)
    return choice


@kernel
def guard_identity(s, slot, generation):
    """Identity of a guard: sector, place in the sector, generation."""
    return (np.int64(s) << 40) | (np.int64(slot) << 20) | np.int64(generation)


@kernel
def recruit(guards, g, identity, traits_key, law):
    """Traits of a new guard in place ``g``; the record of bribes starts empty."""
    bits = draw(traits_key, identity)
    loyalty = law.loyalty_mean + law.loyalty_sigma * normal(draw(bits, 1))
    taste = law.taste_mean + law.taste_sigma * normal(draw(bits, 2))
    guards.inclination[g] = from_grid(to_grid(loyalty - taste))
    guards.ambition[g] = from_grid(to_grid(math.exp(law.ambition_sigma * normal(draw(bits, 3)))))
    guards.captures[g] = 0
    for k in range(LOG_MONTHS):
        guards.taken[g, k] = 0


@kernel
def lookback_months(month, s):
    """Whole months an inspection in a sector looks back on."""
    return np.int64(month.levers[Lever.GUARDS_LOOKBACK_MONTHS, s] + 0.5)


@kernel
def bribes_in_lookback(taken, g, month, lookback):
    """Bribes in the ``lookback`` months before ``month``, at whatever post (M2)."""
    total = 0
    for back in range(1, min(lookback, LOG_MONTHS - 1, month) + 1):
        total = total + np.int64(taken[g, (month - back) & (LOG_MONTHS - 1)])
    return total


@kernel
def has_taken(taken, g, month, lookback):
    """Whether the lookback holds any bribe; most guards' last month does."""
    for back in range(1, min(lookback, LOG_MONTHS - 1, month) + 1):
        if taken[g, (month - back) & (LOG_MONTHS - 1)] != 0:
            return True
    return False


@kernel
def strength(month, land, s):
    """Guards on duty in a sector."""
    wanted = np.int64(
        math.floor(land.sector.length[s] * month.levers[Lever.GUARDS_PER_KM, s] + 0.5)
    )
    return min(wanted, land.sector.guard_size[s])


@kernel
def inspect_and_learn(month, land, law, guards, going_bribe):
    """Inspections looking back, punishment, rotation, goods bribes, fear (G3-G6).

    Punished guards are replaced at once; the peers who learn from it are the company
    (consecutive places of a sector).

    Reads: levers guards.*, guards. Writes: guards, ledger, tally.
    Draws: INSPECTION, ROTATION, POST, SMUGGLING, GUARD_TRAITS.
    """
    t = month.month
    lv, tally, ledger, purses = month.levers, month.tally, month.ledger, month.purses
    events, n_events = month.events, month.n_events
    logging = events.shape[0] > 0
    inspection_key = month_key(month.seed, Stream.INSPECTION, month.month)
    rotation_key = month_key(month.seed, Stream.ROTATION, month.month)
    post_key = stream_key(month.world_seed, Stream.POST)
    goods_key = month_key(month.seed, Stream.SMUGGLING, month.month)
    traits_key = stream_key(month.world_seed, Stream.GUARD_TRAITS)
    taken, belief, inclination = guards.taken, guards.belief, guards.inclination
    generation, stamp, cash = guards.generation, guards.stamp, guards.cash
    company = np.int64(law.company)
    goods_each = thousand(law.smuggling_worth / max(law.smuggling_rate, 1e-9))
    column = t % LOG_MONTHS
    for s in range(land.sector.shape[0]):
        rate, honesty = lv[Lever.GUARDS_INSPECTION_RATE, s], lv[Lever.GUARDS_INSPECTION_HONESTY, s]
        lookback = lookback_months(month, s)
        cameras = lv[Lever.BORDER_CAMERA_COVERAGE, s]
        rotation = 1.0 / max(1.0, lv[Lever.GUARDS_ROTATION_MONTHS, s])
        broken = lv[Lever.GUARDS_LINKS_BROKEN, s]
        loss = lv[Lever.GUARDS_PUNISHMENT_LOSS, s]
        reward = law.reward_weight * lv[Lever.GUARDS_CAPTURE_REWARD, s]
        average = inspection_probability(
            rate, honesty, land.sector.pressure[s], law.camera_inspection * cameras
        )
        found_out = punishment_probability(law.detection_per_bribe, law.smuggling_rate * lookback)
        announced = min(1.0, 12.0 * average * found_out)
        bare = inspection_probability(rate, honesty, land.sector.pressure[s], 0.0)
        under_camera = inspection_probability(
            rate, honesty, land.sector.pressure[s], law.camera_inspection
        )
        n = strength(month, land, s)
        first_company = 0
        reservation_sum = 0
        willing_guards = 0
        belief_sum = 0
        corrupt = 0
        tally[Obs.GUARDS, s, 0, 0] = n
        for slot in range(n, land.sector.guard_size[s]):  # records of the idle age like any other
            taken[land.sector.guard_start[s] + slot, column] = 0
        while first_company < n:
            last = min(first_company + company, n)
            takers = 0
            punished = 0
            for slot in range(first_company, last):
                g = land.sector.guard_start[s] + slot
                identity = guard_identity(s, slot, generation[g])
                if generation[g] == 0:
                    generation[g] = 1
                    identity = guard_identity(s, slot, generation[g])
                    recruit(guards, g, identity, traits_key, law)
                    guards.since[g] = t
                    if t > 0 and slot > 0:  # reinforcements believe what their comrades do
                        belief[g] = belief[g - 1]
                taken[g, column] = 0
                taker = has_taken(taken, g, t, lookback)
                if taker:
                    takers += 1
                    corrupt += 1
                bits = draw(inspection_key, identity)
                u = uniform(bits)
                inspected = u < bare
                if not inspected and u < under_camera:
                    inspected = uniform(draw2(post_key, identity, stamp[g])) < cameras
                if inspected:
                    tally[Obs.INSPECTIONS, s, 0, 0] += 1
                    bribes = bribes_in_lookback(taken, g, t, lookback)
                    if logging:
                        emit(
                            events,
                            n_events,
                            (t, 2, NEVER, np.int64(Event.GUARD_INSPECTED), s, identity),
                            bribes,
                            0,
                        )
                    if bribes > 0 and uniform(draw(bits, 1)) < punishment_probability(
                        law.detection_per_bribe, bribes
                    ):
                        punished += 1
                        ledger[Account.GUARDS, Account.NORTH] += cash[g]
                        purses[Account.NORTH, 0] += cash[g]
                        if logging:
                            emit(
                                events,
                                n_events,
                                (t, 2, NEVER, np.int64(Event.GUARD_PUNISHED), s, identity),
                                cash[g],
                                0,
                            )
                        cash[g] = 0
                        generation[g] += 1
                        stamp[g] += 1
                        guards.since[g] = t
                        identity = guard_identity(s, slot, generation[g])
                        recruit(guards, g, identity, traits_key, law)
                turn = uniform(draw(rotation_key, identity))
                if turn < rotation:
                    stamp[g] += 1
                    guards.since[g] = t
                    tally[Obs.ROTATIONS, s, 0, 0] += 1
                    if logging:
                        emit(
                            events,
                            n_events,
                            (t, 2, NEVER, np.int64(Event.GUARD_ROTATED), s, identity),
                            0,
                            0,
                        )
                elif broken > 0.0 and uniform(draw2(rotation_key, identity, 1)) < broken:
                    stamp[g] += 1
            tally[Obs.PUNISHMENTS, s, 0, 0] += punished
            seen = announced if takers == 0 else min(1.0, 12.0 * punished / takers)
            target = law.announced_weight * announced + (1.0 - law.announced_weight) * seen
            for slot in range(first_company, last):
                g = land.sector.guard_start[s] + slot
                fear = next_fear(from_grid(belief[g]), target, law.belief_half_life)
                belief[g] = to_grid(fear)
                belief_sum += np.int64(belief[g])
                risk = weighed_risk(month, law, fear, s)
                reservation = reservation_bribe(
                    risk * loss, reward * guards.ambition[g], inclination[g]
                )
                asked = thousand(reservation)
                reservation_sum += asked
                if asked <= going_bribe[s]:
                    willing_guards += 1
                # goods: the background that makes most guards takers
                identity = guard_identity(s, slot, generation[g])
                bits = draw(goods_key, identity)
                willing = goods_probability(
                    law.smuggling_worth,
                    risk * loss * law.smuggling_loss,
                    inclination[g],
                    law.choice_scale,
                )
                if uniform(bits) < willing:
                    goods = poisson_from(uniform(draw(bits, 1)), law.smuggling_rate)
                    if goods > 0:
                        taken[g, column] = goods
                        tally[Obs.SMUGGLING_BRIBES, s, 0, 0] += goods
                        cash[g] += goods * goods_each
                        ledger[Account.WORLD, Account.GUARDS] += goods * goods_each
                        purses[Account.WORLD, s] -= goods * goods_each
            first_company = last
        tally[Obs.CORRUPT_GUARDS, s, 0, 0] = corrupt
        tally[Obs.WILLING_GUARDS, s, 0, 0] = willing_guards
        if n > 0:
            tally[Obs.PERCEIVED_PUNISHMENT, s, 0, 0] = belief_sum // n
            tally[Obs.RESERVATION_BRIBE, s, 0, 0] = reservation_sum // n


@kernel
def update_going_bribe(month, sectors, half_life):
    """T1: the going bribe of a sector follows what was paid, or else what guards would ask."""
    tally = month.tally
    for s in range(sectors.shape[0]):
        count = tally[Obs.BRIBES, s, 0, 0]
        if count > 0:
            seen = tally[Obs.BRIBE_SUM, s, 0, 0] / count
        else:
            seen = max(0.0, np.float64(tally[Obs.RESERVATION_BRIBE, s, 0, 0]))
        pull = 1.0 - 2.0 ** (-1.0 / half_life)
        sectors.bribe[s] = np.int64(
            math.floor(sectors.bribe[s] + pull * (seen - sectors.bribe[s]) + 0.5)
        )
        tally[Obs.GOING_BRIBE, s, 0, 0] = sectors.bribe[s]
