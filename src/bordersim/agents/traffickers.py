"""Traffickers: costs, posted prices, entry, exit, jail, and who serves whom (T1-T7)."""

from __future__ import annotations

import math

import numpy as np

from bordersim._jit import kernel
from bordersim.bookkeeping import emit, from_grid, thousand, to_grid
from bordersim.codes import Account, Event, Lever, Mode, Obs, TraffickerStatus
from bordersim.rng import Stream, draw, draw2, month_key, normal, stream_key, uniform
from bordersim.state import FLAG_HISTORY, LINKS, NEVER, WAITING

SLOTS = 4096
"""A trafficker's identity is generation * SLOTS + slot."""


@kernel
def chinese_part(base, loss, fine_exposure, fine, caught_rate, tolerance):
    """T1: what the Chinese side asks, KRW million; it sells consent and fears the law."""
    return base + (1.0 - tolerance) * (caught_rate * loss + fine_exposure * fine)


@kernel
def crossing_cost(bribe, chinese, operating, danger, penalty, surcharge):
    """T1: expected cost of one crossing, KRW million; ``surcharge`` is 0 for border clients."""
    return bribe + chinese + operating + danger * penalty + surcharge * (bribe + chinese)


@kernel
def posted_fee(cost, markup):
    """T2: the fee a trafficker posts, KRW million."""
    return cost * math.exp(markup)


@kernel
def in_league(alone, agreed, cartel):
    """T7: between what sellers do alone (0) and what they agree on (1)."""
    return (1.0 - cartel) * alone + cartel * agreed


@kernel
def resting_crowding(law):
    """T2, T7: requests per place at which markups rest; a cartel keeps more places idle."""
    return in_league(law.markup_target, law.cartel_target, law.cartel)


@kernel
def next_markup(markup, crowding, law):
    """T2, T7: log markup after a month, within its bounds."""
    moved = (
        markup
        + law.markup_gain * (crowding - resting_crowding(law))
        - law.markup_pull * (markup - law.markup_centre)
    )
    highest = in_league(law.markup_high, law.cartel_high, law.cartel)
    return min(max(moved, law.markup_low), highest)


@kernel
def next_crowding(traffickers, j, capacity, law):
    """T2: average requests per place after this month's, before it is rounded."""
    crowding = from_grid(traffickers.crowding[j])
    requests = min(traffickers.requests[j] / capacity, law.crowding_most)
    return crowding + 1.0 / law.average_months * (requests - crowding)


@kernel
def agreed_markup(traffickers, first, count, law):
    """T7: mean log markup of a sector's active sellers, in whatever order they stand."""
    total = 0
    active = 0
    for j in range(first, first + count):
        if traffickers.status[j] == TraffickerStatus.ACTIVE:
            total += np.int64(traffickers.markup[j])
            active += 1
    return from_grid(total / active) if active > 0 else law.markup_start


@kernel
def logistic(x):
    """1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + math.exp(min(-x, 700.0)))  # Python's exp overflows at 710


@kernel
def entry_probability(rate, profit, outside, width):
    """T4: chance that an empty place is taken this month."""
    return rate * logistic((profit - outside) / (width * outside))


@kernel
def exit_probability(rate, profit, outside, width):
    """T4: chance that a trafficker gives up this month."""
    return rate * logistic((outside - profit) / (width * outside))


@kernel
def income_outside(full, slope, markets):
    """T1, T4: an income or cost that grows with markets as wealth does (R2), KRW million."""
    return full * math.exp(slope * (markets - 1.0))


@kernel
def route_opening(law, month):
    """C4: how far the way onward is open, 0 to 1, before any lever."""
    at = min(np.float64(month), law.onward_flat_after)
    return logistic((at - law.onward_middle) / law.onward_width)


@kernel
def bank_markets(month, land, s):
    """Market index of the province on the Northern bank of a sector."""
    return month.levers[Lever.ECONOMY_MARKET_INDEX, land.sector.shape[0] + land.sector.near_bank[s]]


@kernel
def operating_cost(month, land, laws, traffickers, j):
    """T1: a trafficker's own cost of a crossing this month, KRW thousand."""
    markets = bank_markets(month, land, np.int64(traffickers.sector[j]))
    full = traffickers.operating[j] * 1e-3
    return thousand(income_outside(full, laws.population.wealth_market_slope, markets))


@kernel
def sector_chinese_part(month, land, law, s):
    """T1: the Chinese part in one sector this month, KRW million."""
    lv = month.levers
    fine = lv[Lever.CHINA_HELPER_FINE, s] * lv[Lever.ECONOMY_EXCHANGE_RATE, s] * 1e-3
    return land.sector.chinese_cost[s] * chinese_part(
        law.chinese_base, law.chinese_loss, law.fine_exposure, fine,
        lv[Lever.CHINA_PATROL_RATE, s], lv[Lever.CHINA_LOCAL_TOLERANCE, s],
    )  # fmt: skip


@kernel
def start_trade(month, law, traffickers, links, slot, known_share, guards):
    """A new trafficker takes a place; early ones may already know guards.

    guards: first place and number of those on duty. Writes: traffickers[slot], its
    links. Draws: TRAFFICKER_TRAITS, LINK.
    """
    generation = traffickers.generation[slot] + 1
    traffickers.generation[slot] = generation
    identity = generation * SLOTS + slot
    z = normal(draw(stream_key(month.world_seed, Stream.TRAFFICKER_TRAITS), identity))
    link_key = stream_key(month.seed, Stream.LINK)
    traffickers.status[slot] = TraffickerStatus.ACTIVE
    traffickers.markup[slot] = to_grid(law.markup_start)
    traffickers.crowding[slot] = to_grid(resting_crowding(law))
    traffickers.operating[slot] = thousand(law.operating_cost * math.exp(law.operating_sigma * z))
    for k in range(LINKS):
        links.guard[slot * LINKS + k] = NEVER
        bits = draw2(link_key, identity, k)
        if k < law.start_guards and uniform(bits) < known_share and guards[1] > 0:
            other = np.int64((draw(bits, 1) >> np.uint64(32)) % np.uint64(guards[1]))
            links.guard[slot * LINKS + k] = guards[0] + other
            links.stamp[slot * LINKS + k] = 0


@kernel
def set_prices(month, land, laws, sectors, traffickers, links):
    """Entry, exit, release from jail, and this month's posted prices (T1, T2, T4, T7).

    Reads: levers, sectors (going bribe, expected profit, danger), traffickers.
    Writes: traffickers, purses. Draws: ENTRY, EXIT, TRAFFICKER_TRAITS, LINK, PACKAGE.
    """
    t = month.month
    lv, tally, ledger, purses = month.levers, month.tally, month.ledger, month.purses
    events, n_events = month.events, month.n_events
    logging = events.shape[0] > 0
    law = laws.trafficker
    entry_key = month_key(month.seed, Stream.ENTRY, month.month)
    exit_key = month_key(month.seed, Stream.EXIT, month.month)
    package_key = stream_key(month.world_seed, Stream.PACKAGE)
    status, generation, profit = traffickers.status, traffickers.generation, traffickers.profit
    n_sectors = land.sector.shape[0]
    opening = route_opening(laws.onward, t)
    nobody = np.int64(0)
    for s in range(n_sectors):
        markets = bank_markets(month, land, s)
        outside = income_outside(law.outside_income, laws.population.wealth_market_slope, markets)
        chinese = sector_chinese_part(month, land, law, s)
        bribe = sectors.bribe[s] * 1e-3
        expected = sectors.profit[s] * 1e-3
        packages = laws.onward.package_share * opening * lv[Lever.SOUTH_ONWARD_CAPACITY, s]
        first, count = land.sector.pool_start[s], land.sector.pool_size[s]
        agreed = agreed_markup(traffickers, first, count, law)
        for j in range(first, first + count):
            traffickers.requests[j] = 0
            traffickers.clients[j] = 0
            traffickers.earned[j] = 0
            traffickers.arrested[j] = 0
            identity = generation[j] * SLOTS + j
            event = np.int64(NEVER)
            if status[j] == TraffickerStatus.JAILED and t >= traffickers.until[j]:
                leave_trade(traffickers, j, ledger, purses, s)
                event = np.int64(Event.TRAFFICKER_FREED)
            elif status[j] == TraffickerStatus.ACTIVE:
                chance = exit_probability(
                    law.exit_rate, profit[j] * 1e-3, outside, law.income_width
                )
                if uniform(draw(exit_key, identity)) < chance:
                    leave_trade(traffickers, j, ledger, purses, s)
                    tally[Obs.EXITS, s, 0, 0] += 1
                    event = np.int64(Event.TRAFFICKER_EXITED)
            elif status[j] == TraffickerStatus.EMPTY:
                chance = entry_probability(law.entry_rate, expected, outside, law.income_width)
                if uniform(draw(entry_key, j)) < chance:
                    start_trade(month, law, traffickers, links, j, 0.0, (nobody, nobody))
                    profit[j] = sectors.profit[s]
                    traffickers.belief[j] = sectors.danger[s]
                    traffickers.markup[j] = to_grid(in_league(law.markup_start, agreed, law.cartel))
                    tally[Obs.ENTRIES, s, 0, 0] += 1
                    identity = generation[j] * SLOTS + j
                    event = np.int64(Event.TRAFFICKER_ENTERED)
            if logging and event != NEVER:
                emit(events, n_events, (t, 3, NEVER, event, s, np.int64(identity)), 0, 0)
            if status[j] != TraffickerStatus.ACTIVE:
                continue
            markup = in_league(from_grid(traffickers.markup[j]), agreed, law.cartel)
            operating = operating_cost(month, land, laws, traffickers, j) * 1e-3
            danger = from_grid(traffickers.belief[j])
            border = crossing_cost(bribe, chinese, operating, danger, law.penalty, 0.0)
            interior = crossing_cost(
                bribe, chinese, operating, danger, law.penalty, law.interior_surcharge
            )
            traffickers.fee_border[j] = thousand(posted_fee(border, markup))
            traffickers.fee_interior[j] = thousand(posted_fee(interior, markup))
            traffickers.package[j] = 1 if uniform(draw(package_key, identity)) < packages else 0
            tally[Obs.POSTED_FEE, s, 0, 0] += traffickers.fee_border[j]


@kernel
def leave_trade(traffickers, j, ledger, purses, s):
    """A trafficker leaves the place with the savings: into the world, or out of debt to it."""
    if traffickers.cash[j] >= 0:
        ledger[Account.TRAFFICKERS, Account.WORLD] += traffickers.cash[j]
    else:
        ledger[Account.WORLD, Account.TRAFFICKERS] -= traffickers.cash[j]
    purses[Account.WORLD, s] += traffickers.cash[j]
    traffickers.cash[j] = 0
    traffickers.profit[j] = 0
    traffickers.status[j] = TraffickerStatus.EMPTY


@kernel(allocates=True)
def match(month, traffickers, actors, n, capacity):
    """T3: who serves whom, by client-proposing deferred acceptance (Gale & Shapley 1962).

    Clients propose in order of utility; a trafficker keeps those with the lowest keyed
    lottery number. The outcome is the same in whatever order clients are taken.

    Reads: actors, traffickers. Writes: actors.served, traffickers.requests.
    Draws: LOTTERY.
    """
    lottery_key = month_key(month.seed, Stream.LOTTERY, month.month)
    generation, requests = traffickers.generation, traffickers.requests
    served, offers, seller, uids = actors.served, actors.offers, actors.seller, actors.uid
    n_slots = traffickers.shape[0]
    held = np.zeros(n_slots * capacity, np.int64)
    number = np.zeros(n_slots * capacity, np.uint64)
    count = np.zeros(n_slots, np.int64)
    proposed = np.zeros(n, np.int64)
    for a in range(n):
        served[a] = NEVER
        client = np.int64(a)
        if actors.mode[a] != Mode.HIRE:
            continue
        while client >= 0 and proposed[client] < offers[client]:
            j = np.int64(seller[client, proposed[client]])
            proposed[client] += 1
            requests[j] += 1
            ticket = draw2(lottery_key, uids[client], np.int64(generation[j]) * SLOTS + j)
            first = j * capacity
            if count[j] < capacity:
                held[first + count[j]] = client
                number[first + count[j]] = ticket
                count[j] += 1
                served[client] = j
                client = np.int64(-1)
                continue
            worst = first
            for k in range(first + 1, first + capacity):
                if number[k] > number[worst]:
                    worst = k
            if ticket < number[worst]:
                bumped = held[worst]
                held[worst] = client
                number[worst] = ticket
                served[client] = j
                served[bumped] = NEVER
                client = bumped


@kernel
def wait(rows, roster, row, waited, longest):
    """Another month of looking for a trafficker, or the end of it; either is a history."""
    rows.waits[row] = waited + 1 if waited < longest else 0
    rows.tags[row] |= FLAG_HISTORY
    if rows.waits[row] > 0:
        roster.listed[WAITING, roster.used[WAITING]] = row
        roster.used[WAITING] += 1


@kernel
def close_month(month, land, laws, sectors, traffickers, capacity):
    """Arrests take effect; profits, crowding, markups and beliefs move (T2, T4, T7).

    Reads: this month's requests, earnings, arrests. Writes: traffickers, sectors.
    """
    t = month.month
    tally = month.tally
    events, n_events = month.events, month.n_events
    law = laws.trafficker
    weight = 1.0 / law.average_months
    for s in range(land.sector.shape[0]):
        profit_sum = 0
        active = 0
        jailed = 0
        crossings = tally[Obs.DEALS, s, 0, 0]
        arrests = 0
        sellers = 0
        crowding_sum = 0
        for j in range(
            land.sector.pool_start[s], land.sector.pool_start[s] + land.sector.pool_size[s]
        ):
            if traffickers.status[j] != TraffickerStatus.ACTIVE:
                continue
            arrests += np.int64(traffickers.arrested[j])
            crossings += np.int64(traffickers.arrested[j])
            crowding_sum += to_grid(next_crowding(traffickers, j, capacity, law))
            sellers += 1
        shared = max(from_grid(crowding_sum / max(sellers, 1)), law.cartel_target)
        # what the trade hears of arrests, from a capped sample of crossings
        if crossings > 0:
            share = from_grid(sectors.danger[s])
            pull = weight * min(crossings, law.danger_sample) / law.danger_sample
            sectors.danger[s] = to_grid(share + pull * (arrests / crossings - share))
        for j in range(
            land.sector.pool_start[s], land.sector.pool_start[s] + land.sector.pool_size[s]
        ):
            if traffickers.status[j] == TraffickerStatus.JAILED:
                jailed += 1
            if traffickers.status[j] != TraffickerStatus.ACTIVE:
                continue
            earned = traffickers.earned[j]
            profit = traffickers.profit[j] * 1e-3
            traffickers.profit[j] = thousand(profit + weight * (earned * 1e-3 - profit))
            crowding = next_crowding(traffickers, j, capacity, law)
            traffickers.crowding[j] = to_grid(crowding)
            felt = in_league(crowding, shared, law.cartel)
            traffickers.markup[j] = to_grid(
                next_markup(from_grid(traffickers.markup[j]), felt, law)
            )
            belief = from_grid(traffickers.belief[j])
            traffickers.belief[j] = to_grid(
                belief + weight * (from_grid(sectors.danger[s]) - belief)
            )
            tally[Obs.REQUESTS, s, 0, 0] += traffickers.requests[j]
            tally[Obs.PLACES_OFFERED, s, 0, 0] += capacity
            profit_sum += traffickers.profit[j]
            active += 1
            if traffickers.arrested[j]:
                traffickers.status[j] = TraffickerStatus.JAILED
                traffickers.until[j] = t + np.int64(law.jail_months)
                tally[Obs.JAILINGS, s, 0, 0] += 1
                jailed += 1
                if events.shape[0] > 0:
                    identity = np.int64(traffickers.generation[j]) * SLOTS + j
                    emit(
                        events,
                        n_events,
                        (t, 9, NEVER, np.int64(Event.TRAFFICKER_JAILED), s, identity),
                        0,
                        0,
                    )
        posted = tally[Obs.POSTED_FEE, s, 0, 0]
        if active > 0:
            tally[Obs.POSTED_FEE, s, 0, 0] = posted // active
            mean = profit_sum / active
        else:
            # nobody sells: a newcomer would expect a month's clients at the usual markup
            cost = sectors.bribe[s] * 1e-3 + sector_chinese_part(month, land, law, s)
            mean = 1000.0 * capacity * (math.exp(law.markup_centre) - 1.0) * cost
        sectors.profit[s] = thousand(
            (sectors.profit[s] + weight * (mean - sectors.profit[s])) * 1e-3
        )
        tally[Obs.TRAFFICKERS, s, 0, 0] = active - tally[Obs.JAILINGS, s, 0, 0]
        tally[Obs.TRAFFICKERS_JAILED, s, 0, 0] = jailed
