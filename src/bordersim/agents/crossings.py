"""Crossing the river, with a trafficker or without (R5, T1, T5, T6, G1, G2, G6)."""

from __future__ import annotations

import math

import numpy as np

from bordersim._jit import kernel
from bordersim.agents.guards import (
    accept_utility,
    arrest_utility,
    betray_utility,
    guard_identity,
    offer_response,
    reservation_bribe,
    traded_bribe,
    weighed_risk,
)
from bordersim.agents.river import (
    arrive_in_china,
    count_other_bribe,
    die_at_river,
    find_guard,
    intercept,
    own_wealth,
    record_bribe,
    reward_capture,
)
from bordersim.agents.traffickers import SLOTS, operating_cost, wait
from bordersim.bookkeeping import emit, from_grid, thousand
from bordersim.codes import Account, Event, Lever, Mode, Obs, Offer, Risk, Status
from bordersim.rng import Stream, draw, draw2, gumbel, month_key, uniform
from bordersim.state import (
    FLAG_CONTACT,
    FLAG_KIN,
    FLAG_PACKAGE,
    FLAG_PAID,
    FLAG_TRIP,
    KEPT_AT_HOME,
    LINKS,
    NEVER,
)


@kernel
def cross(month, scene, actors, n, made):
    """Everyone who set out this month meets the river, each on start-of-month state.

    Reads: scene, levers. Writes: rows, guards (record, cash), traffickers (clients,
    earnings, arrests), made (links and deals for the month's end). Draws: those of
    :func:`cross_hired` and :func:`cross_unaided`.
    """
    rows = scene.rows
    longest_wait = scene.laws.choice.wait_months
    for a in range(n):
        row = actors.row[a]
        who = (np.int64(rows.home[row]), np.int64(rows.sex[row]), np.int64(rows.cls[row]))
        mode = np.int64(actors.mode[a])
        if mode == Mode.HIRE and actors.served[a] < 0:
            # refused by all: the next best feasible option, or wait and look again
            month.tally[Obs.UNSERVED, who[0], who[1], who[2]] += 1
            mode = np.int64(actors.fallback[a])
            log(month, rows.uid[row], Event.UNSERVED, who[0], NEVER, np.int64(actors.offers[a]), 0)
            if mode == Mode.STAY:
                wait(rows, scene.roster, row, rows.waits[row], longest_wait)
                continue
        waited = rows.waits[row]
        rows.waits[row] = 0
        if mode != Mode.HIRE:
            cross_unaided(month, scene, np.int64(actors.sector[a]), row, who, mode == Mode.FOOD)
            continue
        cross_hired(month, scene, actors[a], row, who, made)
        if rows.status[row] == Status.HOME:  # turned back: look again, up to the longest wait
            wait(rows, scene.roster, row, waited, longest_wait)


@kernel
def log(month, uid, event, place, counterpart, amount, sequence):
    """One event of phase 5, if a log is kept."""
    if month.events.shape[0] > 0:
        emit(
            month.events, month.n_events,
            (month.month, 5, uid, np.int64(event), np.int64(place), np.int64(counterpart)),
            amount, sequence,
        )  # fmt: skip


@kernel
def known_as(scene, s, g):
    """Identity of the guard in place ``g`` for the log, or -1."""
    identity = np.int64(NEVER)
    if g >= 0:
        identity = guard_identity(
            s, g - scene.land.sector.guard_start[s], scene.guards.generation[g]
        )
    return identity


@kernel
def asked_bribe(month, scene, g, slot, s, uid):
    """G1: what the guard in place ``g`` asks this person this month, KRW million."""
    guards, law = scene.guards, scene.laws.guard
    identity = guard_identity(s, slot, guards.generation[g])
    key = month_key(month.seed, Stream.GUARD_CHOICE, month.month)
    reward = law.reward_weight * month.levers[Lever.GUARDS_CAPTURE_REWARD, s] * guards.ambition[g]
    risk = weighed_risk(month, law, from_grid(guards.belief[g]), s)
    fear = risk * month.levers[Lever.GUARDS_PUNISHMENT_LOSS, s]
    error = law.choice_scale * gumbel(draw2(key, uid, identity))
    return reservation_bribe(fear, reward, guards.inclination[g]) + error


@kernel
def known_guard(month, scene, j, s, uid):
    """T5: among guards the trafficker still knows on duty, the lowest keyed hash, or -1."""
    guards, links = scene.guards, scene.links
    key = month_key(month.seed, Stream.KNOWN_GUARD, month.month)
    lowest = np.uint64(0)
    found = np.int64(-1)
    for k in range(j * LINKS, (j + 1) * LINKS):
        g = np.int64(links.guard[k])
        if g < 0 or guards.stamp[g] != links.stamp[k]:
            continue
        if g - scene.land.sector.guard_start[s] >= scene.watch.on_duty[s]:
            continue
        bits = draw2(key, uid, g)
        if found < 0 or bits < lowest:
            lowest, found = bits, g
    return found


@kernel
def ask_stranger(month, scene, g, slot, s, uid, going):
    """G2: a guard met for the first time answers one offer at the going bribe."""
    guards, law, lv = scene.guards, scene.laws.guard, month.levers
    identity = guard_identity(s, slot, guards.generation[g])
    key = month_key(month.seed, Stream.GUARD_CHOICE, month.month)
    reward = lv[Lever.GUARDS_CAPTURE_REWARD, s] * guards.ambition[g]
    loss = lv[Lever.GUARDS_PUNISHMENT_LOSS, s]
    fear = weighed_risk(month, law, from_grid(guards.belief[g]), s) * loss
    rewarded = lv[Lever.GUARDS_BETRAYAL_REWARDED, s]
    inclination = guards.inclination[g]
    return offer_response(
        accept_utility(going, fear, inclination),
        arrest_utility(reward, inclination, law.arrest_effort),
        betray_utility(
            law.prepaid, going, rewarded * reward, inclination,
            going * law.link_crossings, law.exposure * loss, law.arrest_effort,
        ),
        rewarded > 0.0, law.choice_scale, draw2(key, uid, identity),
    )  # fmt: skip


@kernel
def seek_consent(month, scene, j, s, uid, room):
    """A known guard first, then a stranger. Returns (answer, bribe, guard place, stranger).

    Draws: KNOWN_GUARD, NEW_GUARD, GUARD_CHOICE, RIVER.
    """
    land, law = scene.land, scene.laws.guard
    start = land.sector.guard_start[s]
    river = draw(month_key(month.seed, Stream.RIVER, month.month), uid)
    shut = month.levers[Lever.BORDER_CLOSURE, s] * scene.laws.river.closure_consent
    if uniform(draw(river, 5)) < shut:
        return np.int64(Offer.REFUSE), np.int64(0), np.int64(-1), False
    g = known_guard(month, scene, j, s, uid)
    if g >= 0:
        asked = asked_bribe(month, scene, g, g - start, s, uid)
        if room >= asked and room > 0.0:
            bribe = traded_bribe(asked, room, law.trade_share, law.minimum_bribe)
            return np.int64(Offer.ACCEPT), thousand(bribe), g, False
    key = month_key(month.seed, Stream.NEW_GUARD, month.month)
    slot = find_guard(
        draw(key, uid), land.sector.guard_size[s], scene.watch.on_duty[s], np.int64(law.probes)
    )
    if slot < 0:
        return np.int64(Offer.REFUSE), np.int64(0), np.int64(-1), False
    g = start + slot
    going = min(scene.sectors.bribe[s] * 1e-3, max(room, 0.0))
    answer = ask_stranger(month, scene, g, slot, s, uid, going)
    bribe = np.int64(0)
    if answer == Offer.ACCEPT:
        bribe = thousand(going)
    elif answer == Offer.BETRAY:
        bribe = thousand(law.prepaid * going)
    return answer, bribe, g, True


@kernel
def pay_bribe(month, scene, j, g, bribe):
    """The trafficker pays the guard."""
    record_bribe(scene.guards, g, month.month, bribe)
    month.ledger[Account.TRAFFICKERS, Account.GUARDS] += bribe
    scene.traffickers.cash[j] -= bribe
    scene.traffickers.earned[j] -= bribe


@kernel
def may_be_jailed(month, scene, j, uid, chance):
    """A caught client can lead to the trafficker. Draws: JAIL."""
    key = month_key(month.seed, Stream.JAIL, month.month)
    if uniform(draw(key, uid)) < chance:
        scene.traffickers.arrested[j] = 1


@kernel
def cross_hired(month, scene, actor, row, who, made):
    """A client and a trafficker at the river: consent, watch, water, payment.

    Draws: those of :func:`seek_consent`, DETECTION, RIVER, JAIL, KNOWN_OUTCOME, CUSTODY.
    """
    tally, lv = month.tally, month.levers
    rows, traffickers, laws = scene.rows, scene.traffickers, scene.laws
    trade, watch = laws.trafficker, scene.watch
    uid = rows.uid[row]
    j = np.int64(actor.served)
    s = np.int64(traffickers.sector[j])
    package = np.int64(0)
    for k in range(actor.offers):
        if actor.seller[k] == j:
            package = np.int64(actor.package[k])
    interior = scene.land.home.border[who[0]] == 0
    fee = traffickers.fee_interior[j] if interior else traffickers.fee_border[j]
    identity = np.int64(traffickers.generation[j]) * SLOTS + j
    tally[Obs.SECTOR_ATTEMPTS, s, 0, 0] += 1
    tally[Obs.ATTEMPTS_HIRE, who[0], who[1], who[2]] += 1
    log(month, uid, Event.HIRED, s, identity, fee, package)
    costs = operating_cost(month, scene.land, laws, traffickers, j)
    if interior:
        costs += thousand(
            trade.interior_surcharge * (scene.sectors.bribe[s] + watch.chinese[s]) * 1e-3
        )
    room = (fee - watch.chinese[s] - costs) * 1e-3
    answer, bribe, g, stranger = seek_consent(month, scene, j, s, uid, room)
    hire_risk = np.int64(Risk.RIVER_HIRE)
    if answer == Offer.REFUSE:
        tally[Obs.TURNED_BACK, who[0], who[1], who[2]] += 1
        log(month, uid, Event.REFUSED, s, known_as(scene, s, g), 0, 0)
        return
    if answer == Offer.BETRAY:
        pay_bribe(month, scene, j, g, bribe)
        count_other_bribe(tally, s, bribe)
        tally[Obs.BETRAYALS, s, 0, 0] += 1
        tally[Obs.BETRAYED, who[0], who[1], who[2]] += 1
        log(month, uid, Event.BETRAYED, s, known_as(scene, s, g), bribe, 0)
        may_be_jailed(month, scene, j, uid, trade.jail_betrayal)
    if answer == Offer.ARREST:
        log(month, uid, Event.ARRESTED_BY_GUARD, s, known_as(scene, s, g), 0, 0)
        may_be_jailed(month, scene, j, uid, trade.jail_interception)
    if answer != Offer.ACCEPT:
        paid = lv[Lever.GUARDS_BETRAYAL_REWARDED, s] if answer == Offer.BETRAY else 1.0
        reward_capture(month, scene.guards, g, s, paid)
        intercept(month, scene, who, row, s, hire_risk)
        return
    pay_bribe(month, scene, j, g, bribe)
    tally[Obs.BRIBES, s, 0, 0] += 1
    tally[Obs.BRIBE_SUM, s, 0, 0] += bribe
    log(month, uid, Event.BRIBED, s, known_as(scene, s, g), bribe, 0)
    if stranger:
        n = made.n_links[0]
        made.links[n, 0] = j
        made.links[n, 1] = g
        made.n_links[0] = n + 1
    seen = uniform(draw(month_key(month.seed, Stream.DETECTION, month.month), uid))
    river = draw(month_key(month.seed, Stream.RIVER, month.month), uid)
    if seen < 1.0 - math.exp(-watch.exponent[s] * laws.river.paid_share):
        log(month, uid, Event.DETECTED, s, NEVER, 0, 1)
        may_be_jailed(month, scene, j, uid, trade.jail_interception)
        intercept(month, scene, who, row, s, hire_risk)
        return
    if uniform(draw(river, 1)) < watch.drowning[s] * laws.river.drowning_paid:
        die_at_river(month, scene, who, row, s, hire_risk, np.int64(Event.DROWNED))
        return
    traffickers.cash[j] += pay_fee(month, scene, row, who, fee)
    rows.seller[row] = identity
    month.ledger[Account.TRAFFICKERS, Account.WORLD] += costs
    month.purses[Account.WORLD, s] += costs
    month.ledger[Account.TRAFFICKERS, Account.HELPERS] += watch.chinese[s]
    month.purses[Account.HELPERS, s] += watch.chinese[s]
    traffickers.cash[j] -= costs + watch.chinese[s]
    traffickers.clients[j] += 1
    traffickers.earned[j] += fee - costs - watch.chinese[s]
    tally[Obs.CHINESE_COST_SUM, s, 0, 0] += watch.chinese[s]
    if uniform(draw(river, 2)) < trade.fine_exposure * (1.0 - lv[Lever.CHINA_LOCAL_TOLERANCE, s]):
        fine = thousand(lv[Lever.CHINA_HELPER_FINE, s] * lv[Lever.ECONOMY_EXCHANGE_RATE, s] * 1e-3)
        month.ledger[Account.HELPERS, Account.CHINA] += fine
        month.purses[Account.HELPERS, s] -= fine
        month.purses[Account.CHINA, 0] += fine
        tally[Obs.FINE_SUM, s, 0, 0] += fine
    record_deal(tally, s, fee, interior, made)
    tally[Obs.CROSSINGS_PAID, who[0], who[1], who[2]] += 1
    rows.tags[row] = (
        (rows.tags[row] & KEPT_AT_HOME)
        | FLAG_PAID
        | ((FLAG_PACKAGE | FLAG_CONTACT) if package else 0)
    )
    arrive_in_china(month, scene, who, row, s, hire_risk)


@kernel
def record_deal(tally, s, fee, interior, made):
    """A crossing was sold and paid."""
    n = made.n_deals[0]
    made.deals[n, 0] = s
    made.deals[n, 1] = fee
    made.n_deals[0] = n + 1
    tally[Obs.DEALS, s, 0, 0] += 1
    tally[Obs.FEE_SUM, s, 0, 0] += fee
    if interior:
        tally[Obs.DEALS_INTERIOR, s, 0, 0] += 1
        tally[Obs.FEE_SUM_INTERIOR, s, 0, 0] += fee
    else:
        tally[Obs.DEALS_BORDER, s, 0, 0] += 1
        tally[Obs.FEE_SUM_BORDER, s, 0, 0] += fee


@kernel
def pay_fee(month, scene, row, who, fee):
    """Kin abroad pay first, then own money; the rest is credit, due on arrival.

    Returns what is paid now, KRW thousand; ``rows.owed`` keeps the rest.
    """
    rows, law = scene.rows, scene.laws.choice
    place = scene.land.sector.shape[0] + who[0]
    from_kin = np.int64(0)
    if rows.tags[row] & FLAG_KIN:
        allowed = month.levers[Lever.SOUTH_REMITTANCE_ALLOWED, place]
        from_kin = min(fee, thousand(law.kin_money * allowed))
    own = own_wealth(month, scene.land, scene.laws.population, rows, row, who)
    from_own = min(fee - from_kin, thousand(own))
    rows.balance[row] -= from_own
    rows.owed[row] = fee - from_kin - from_own
    month.purses[Account.KIN_ABROAD, who[0]] -= from_kin
    month.ledger[Account.KIN_ABROAD, Account.TRAFFICKERS] += from_kin
    month.ledger[Account.RESIDENTS, Account.TRAFFICKERS] += from_own
    return from_kin + from_own


@kernel
def cross_unaided(month, scene, s, row, who, trip):
    """Alone at the river, to stay or for food; who is seen may offer what they carry.

    Draws: RIVER, DETECTION, NEW_GUARD, GUARD_CHOICE, KNOWN_OUTCOME, CUSTODY.
    """
    tally, lv = month.tally, month.levers
    rows, laws, watch = scene.rows, scene.laws, scene.watch
    uid = rows.uid[row]
    risk = np.int64(Risk.RIVER_UNAIDED)
    river = draw(month_key(month.seed, Stream.RIVER, month.month), uid)
    tally[Obs.SECTOR_ATTEMPTS, s, 0, 0] += 1
    tally[Obs.ATTEMPTS_FOOD if trip else Obs.ATTEMPTS_UNAIDED, who[0], who[1], who[2]] += 1
    log(month, uid, Event.WENT_FOR_FOOD if trip else Event.WENT_UNAIDED, s, NEVER, 0, 0)
    if uniform(draw(river, 3)) < laws.river.wire_block * lv[Lever.BORDER_WIRE_COVERAGE, s]:
        tally[Obs.TURNED_BACK, who[0], who[1], who[2]] += 1
        log(month, uid, Event.REFUSED, s, NEVER, 0, 1)
        return
    rows.tags[row] = (rows.tags[row] & KEPT_AT_HOME) | (FLAG_TRIP if trip else 0)
    rows.seller[row] = NEVER
    seen = uniform(draw(month_key(month.seed, Stream.DETECTION, month.month), uid))
    if seen < 1.0 - math.exp(-watch.exponent[s]):
        slot = find_guard(
            draw(month_key(month.seed, Stream.NEW_GUARD, month.month), uid),
            scene.land.sector.guard_size[s], watch.on_duty[s], np.int64(laws.guard.probes),
        )  # fmt: skip
        place = scene.land.sector.guard_start[s] + slot if slot >= 0 else slot
        log(month, uid, Event.DETECTED, s, known_as(scene, s, place), 0, 0)
        if not bought_off(month, scene, slot, s, row, who):
            if uniform(draw(river, 4)) < lv[Lever.BORDER_SHOOT_ORDER, s]:
                if uniform(draw(river, 6)) < laws.china.shot_death:
                    die_at_river(month, scene, who, row, s, risk, np.int64(Event.SHOT_RIVER))
                    return
            if slot >= 0:
                reward_capture(month, scene.guards, scene.land.sector.guard_start[s] + slot, s, 1.0)
            intercept(month, scene, who, row, s, risk)
            return
    if uniform(draw(river, 1)) < watch.drowning[s]:
        die_at_river(month, scene, who, row, s, risk, np.int64(Event.DROWNED))
        return
    arrive_in_china(month, scene, who, row, s, risk)


@kernel
def bought_off(month, scene, slot, s, row, who):
    """Whether a guard who has seen a crosser takes what that person carries."""
    if slot < 0:
        return False
    rows, laws = scene.rows, scene.laws
    g = scene.land.sector.guard_start[s] + slot
    own = own_wealth(month, scene.land, laws.population, rows, row, who)
    carried = laws.choice.carried * own
    asked = asked_bribe(month, scene, g, slot, s, rows.uid[row])
    bribe = min(thousand(carried), thousand(max(laws.guard.minimum_bribe, asked)))
    if carried < asked or bribe <= 0:
        return False
    record_bribe(scene.guards, g, month.month, bribe)
    count_other_bribe(month.tally, s, bribe)
    rows.balance[row] -= bribe
    month.ledger[Account.RESIDENTS, Account.GUARDS] += bribe
    log(month, rows.uid[row], Event.BRIBED, s, known_as(scene, s, g), bribe, 1)
    return True
