"""The South: arrivals, debts, news to kin, remittances, officials abroad (S1, E1, R6, R7)."""

from __future__ import annotations

import numpy as np

from bordersim._jit import kernel
from bordersim.agents.china import person
from bordersim.agents.traffickers import SLOTS
from bordersim.agents.traits import (
    TIES_ACROSS,
    TIES_WITHIN,
    age_of,
    class_of,
    home_of,
    sex_of,
    tie_across,
    tie_kept,
    tie_within,
)
from bordersim.bookkeeping import emit, enter_row, find_row, has_row, move, thousand
from bordersim.codes import Account, Event, Lever, Obs, Status, TraffickerStatus
from bordersim.rng import Stream, draw, month_key, stream_key, uniform
from bordersim.state import BLOCK_BITS, FLAG_KIN, FLAG_PAID, KEPT_AT_HOME, NEVER

KIN_ROOM = TIES_WITHIN + TIES_ACROSS + 7
"""Upper bound of kin per person: tie slots and a household of eight."""


@kernel
def official_probability(case_rate, response):
    """E1: chance that an official posted abroad leaves this month."""
    return case_rate * response


@kernel
def open_row(month, land, population, rows, roster, uid):
    """Row of ``uid``, made at home if there is none. Draws: SEX, AGE (world)."""
    row = find_row(roster.bits, roster.offset, roster.table, rows.uid, uid)
    if row >= 0:
        return row
    row = roster.rows[0]
    roster.rows[0] = row + 1
    rows.uid[row] = uid
    roster.uid[row] = uid
    rows.status[row] = Status.HOME
    rows.home[row] = home_of(uid)
    rows.cls[row] = class_of(uid)
    rows.sex[row] = sex_of(stream_key(month.world_seed, Stream.SEX), uid, population.female_share)
    rows.age[row] = age_of(stream_key(month.world_seed, Stream.AGE), uid, population.age_shares)
    rows.since[row] = month.month
    enter_row(roster.bits, roster.offset, roster.table, uid, row)
    return row


@kernel
def open_rows(month, scene, actors, n_actors):
    """A row for everyone who sets out."""
    for a in range(n_actors):
        actors.row[a] = open_row(
            month, scene.land, scene.laws.population, scene.rows, scene.roster, actors.uid[a]
        )


@kernel
def arrive(month, scene, arrived, kin):
    """Everyone whose journey ends is counted, pays debts, and is heard of; so are the caught.

    Reads: rows, levers south.*. Writes: rows, roster, stock, purses, ledger.
    Draws: TIE, TIE_KEPT (world).
    """
    t = month.month
    rows, roster = scene.rows, scene.roster
    listed, kept, n_arrived = roster.listed[Status.TRANSIT], 0, 0
    for k in range(roster.used[Status.TRANSIT]):
        i = np.int64(listed[k])
        if rows.term[i] > t:
            listed[kept] = i
            kept += 1
            continue
        count_arrival(month, rows, roster, i, False)
        settle_debts(month, scene, i)
        arrived[n_arrived] = i
        n_arrived += 1
    roster.used[Status.TRANSIT] = kept
    # counted first, then bad news, then good news with its new rows: no order among people matters
    for k in range(roster.used[Status.CUSTODY]):
        i = np.int64(roster.listed[Status.CUSTODY, k])
        if rows.since[i] == t:
            warn_kin(month, scene, rows.uid[i], kin)
    for k in range(n_arrived):
        tell_kin(month, scene, rows.uid[arrived[k]], kin)


@kernel
def count_arrival(month, rows, roster, row, official):
    """S1: one arrival, in every breakdown."""
    t, tally = month.month, month.tally
    who = person(rows, row)
    h, x, c = who
    delay = t - rows.left[row]
    tally[Obs.ARRIVALS, h, x, c] += 1
    tally[np.int64(Obs.ARRIVALS_AGE_0_9) + np.int64(rows.age[row]), h, x, c] += 1
    if rows.tags[row] & FLAG_KIN:
        tally[Obs.ARRIVALS_WITH_KIN, h, x, c] += 1
    if official:
        tally[Obs.ARRIVALS_OFFICIAL, h, x, c] += 1
    else:
        tally[Obs.ARRIVALS_DELAY, h, x, c] += delay
        if delay <= 3:
            tally[Obs.ARRIVALS_DIRECT, h, x, c] += 1
        if delay < 12:
            tally[Obs.ARRIVALS_UNDER_YEAR, h, x, c] += 1
        if rows.tags[row] & FLAG_PAID:
            tally[Obs.ARRIVALS_PAID, h, x, c] += 1
    if month.events.shape[0] > 0:
        emit(
            month.events, month.n_events,
            (t, 8, rows.uid[row], np.int64(Event.ARRIVED), h, np.int64(NEVER)), np.int64(delay), 1,
        )  # fmt: skip
    move(month.stock, rows, roster, row, who, np.int64(Status.ARRIVED), t)


@kernel
def settle_debts(month, scene, row):
    """The settlement cash arrives; what is owed goes to the trafficker, if still there."""
    rows, traffickers = scene.rows, scene.traffickers
    home = np.int64(rows.home[row])
    cash = thousand(month.levers[Lever.SOUTH_SETTLEMENT_CASH, 0])
    month.ledger[Account.WORLD, Account.KIN_ABROAD] += cash
    month.purses[Account.WORLD, 0] -= cash
    owed = rows.owed[row]
    month.purses[Account.KIN_ABROAD, home] += cash - owed
    rows.owed[row] = 0
    seller = np.int64(rows.seller[row])
    j = seller % SLOTS
    if (
        seller >= 0
        and traffickers.generation[j] == seller // SLOTS
        and (traffickers.status[j] != TraffickerStatus.EMPTY)
    ):
        traffickers.cash[j] += owed
        month.ledger[Account.KIN_ABROAD, Account.TRAFFICKERS] += owed
    else:
        month.purses[Account.WORLD, 0] += owed
        month.ledger[Account.KIN_ABROAD, Account.WORLD] += owed


@kernel
def kin_of(month, land, population, roster, uid, kin, anyone):
    """R6: kin of a resident: household (consecutive uids), ties within and across homes.

    ``anyone``: False leaves out those without a row, before it is asked whether the tie
    is kept. Returns how many uids were written to ``kin``. Draws: TIE, TIE_KEPT (world).
    """
    kept_key = stream_key(month.world_seed, Stream.TIE_KEPT)
    block = uid >> BLOCK_BITS
    i = uid & ((1 << BLOCK_BITS) - 1)
    size = land.block.people[block]
    n = 0
    household = np.int64(population.household_size)
    first = i - i % household
    for other in range(first, min(first + household, size)):
        other_uid = (block << BLOCK_BITS) | other
        if other != i and (anyone or has_row(roster.bits, roster.offset, other_uid)):
            kin[n] = other_uid
            n += 1
    bits = land.block.tie_bits[block]
    for slot in range(TIES_WITHIN):
        other_uid = tie_within(land.ties, uid, slot, bits)
        if other_uid == uid or (other_uid & ((1 << BLOCK_BITS) - 1)) >= size:
            continue
        if not anyone and not has_row(roster.bits, roster.offset, other_uid):
            continue
        if tie_kept(kept_key, uid, other_uid, slot, land.block.kept_within[block]):
            kin[n] = other_uid
            n += 1
    homes, tie_bits = land.home.shape[0], land.block.tie_bits
    for slot in range(TIES_ACROSS):
        other_uid = tie_across(land.ties, uid, slot, homes, tie_bits)
        if other_uid < 0:
            continue
        if (other_uid & ((1 << BLOCK_BITS) - 1)) >= land.block.people[other_uid >> BLOCK_BITS]:
            continue
        if not anyone and not has_row(roster.bits, roster.offset, other_uid):
            continue
        if tie_kept(kept_key, uid, other_uid, TIES_WITHIN + slot, land.kept_across[block % 3]):
            kin[n] = other_uid
            n += 1
    return n


@kernel
def tell_kin(month, scene, uid, kin):
    """R7: kin of an arrival get a history: news now, and remittances if allowed."""
    rows, land = scene.rows, scene.land
    found = kin_of(month, land, scene.laws.population, scene.roster, uid, kin, True)
    for k in range(found):
        other = kin[k]
        if other >> BLOCK_BITS == land.officials[0]:
            if (other & ((1 << BLOCK_BITS) - 1)) < land.officials[1]:
                continue
        row = open_row(month, land, scene.laws.population, rows, scene.roster, other)
        scene.roster.kin_month[row] = month.month
        rows.tags[row] |= KEPT_AT_HOME
        rows.known_total[row] = min(rows.known_total[row] + 1, 250)
        if month.events.shape[0] > 0:
            emit(
                month.events, month.n_events,
                (month.month, 8, other, np.int64(Event.NEWS), np.int64(rows.home[row]), uid), 0, 2,
            )  # fmt: skip


@kernel
def warn_kin(month, scene, uid, kin):
    """R4, R6: kin of the caught learn of it, if they have a history of their own."""
    rows, roster = scene.rows, scene.roster
    found = kin_of(month, scene.land, scene.laws.population, roster, uid, kin, False)
    for k in range(found):
        row = find_row(roster.bits, roster.offset, roster.table, rows.uid, kin[k])
        if row >= 0:
            rows.known_total[row] = min(rows.known_total[row] + 1, 250)
            rows.known_caught[row] = min(rows.known_caught[row] + 1, 250)


@kernel
def send_money(month, scene):
    """R7: kin abroad send money on each anniversary of the last arrival, while it is allowed.

    Reads: levers south.remittance_allowed, north.kin_surveillance. Writes: rows.balance.
    """
    t, lv, tally = month.month, month.levers, month.tally
    rows, law = scene.rows, scene.laws.choice
    surveillance_effect = scene.laws.intensity.surveillance_effect
    last = np.int64(law.remittance_years) * 12
    kin_month = scene.roster.kin_month
    for i in range(scene.roster.rows[0]):
        since = t - np.int64(kin_month[i])
        if kin_month[i] == NEVER or since == 0 or since % 12 != 0 or since > last:
            continue
        if rows.status[i] != Status.HOME:
            continue
        place = scene.land.sector.shape[0] + np.int64(rows.home[i])
        watched = 1.0 - surveillance_effect * lv[Lever.NORTH_KIN_SURVEILLANCE, place]
        sent = thousand(law.remittance * lv[Lever.SOUTH_REMITTANCE_ALLOWED, place] * watched)
        if sent <= 0:
            continue
        spent = sent - thousand(sent * 1e-3 * law.remittance_saved)
        rows.balance[i] += sent - spent
        who = person(rows, i)
        tally[Obs.REMITTANCES, who[0], who[1], who[2]] += sent
        month.ledger[Account.KIN_ABROAD, Account.RESIDENTS] += sent
        month.purses[Account.KIN_ABROAD, who[0]] -= sent
        month.ledger[Account.RESIDENTS, Account.WORLD] += spent
        month.purses[Account.WORLD, 0] += spent
        if month.events.shape[0] > 0:
            emit(
                month.events, month.n_events,
                (t, 8, rows.uid[i], np.int64(Event.REMITTED), who[0], np.int64(NEVER)), sent, 3,
            )  # fmt: skip


@kernel
def officials_leave(month, scene):
    """E1: officials posted abroad leave for reasons of their own; no river, no trafficker.

    Reads: economy.corruption_case_rate at their home. Draws: OFFICIAL.
    """
    t = month.month
    land, rows, roster = scene.land, scene.rows, scene.roster
    response = scene.laws.official_response
    block = land.officials[0]
    home = block // 3
    place = land.sector.shape[0] + home
    chance = official_probability(month.levers[Lever.ECONOMY_CORRUPTION_CASE_RATE, place], response)
    key = month_key(month.seed, Stream.OFFICIAL, month.month)
    for k in range(land.officials[1]):
        uid = (block << BLOCK_BITS) | k
        if uniform(draw(key, uid)) >= chance:
            continue
        if find_row(roster.bits, roster.offset, roster.table, rows.uid, uid) >= 0:
            continue  # left before
        row = open_row(month, land, scene.laws.population, rows, roster, uid)
        rows.left[row] = t
        if month.events.shape[0] > 0:
            emit(
                month.events, month.n_events,
                (t, 8, uid, np.int64(Event.OFFICIAL_LEFT), home, np.int64(NEVER)), 0, 0,
            )  # fmt: skip
        count_arrival(month, rows, roster, row, True)
