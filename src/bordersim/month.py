"""One month of the model, as a table of contents (model.md 3).

Four compiled calls a month: the outlook says how much room is needed, guards and
traffickers prepare, people decide, then what they decided happens. Between them Python
makes room; a kernel never allocates what outlives it and never raises.
"""

from __future__ import annotations

import numpy as np

from bordersim._jit import kernel
from bordersim.agents.beliefs import learn
from bordersim.agents.china import live_in_china
from bordersim.agents.clocks import clocks_in_china
from bordersim.agents.crossings import cross
from bordersim.agents.custody import serve
from bordersim.agents.guards import inspect_and_learn, update_going_bribe
from bordersim.agents.informants import learn_in_china
from bordersim.agents.residents import choose, month_conditions
from bordersim.agents.river import watch_the_river
from bordersim.agents.south import arrive, officials_leave, open_rows, send_money
from bordersim.agents.thinning import (
    consider_with_history,
    consider_without_history,
    expected_points,
)
from bordersim.agents.traffickers import close_month, match, set_prices
from bordersim.codes import Obs, Status
from bordersim.rng import Stream, draw2, stream_key
from bordersim.state import LINKS, NEVER


@kernel(allocates=True)
def outlook(month, land, laws, rows, roster):
    """Room the month needs: conditions by block, points expected, journeys that may end."""
    conditions = month_conditions(month, land, laws.intensity)
    due = 0
    for k in range(roster.used[Status.TRANSIT]):
        if rows.term[roster.listed[Status.TRANSIT, k]] <= month.month:
            due += 1
    return conditions, expected_points(land.block, conditions[0]), due


@kernel
def prepare(month, scene):
    """Steps 2 and 3: guards, then traffickers; what residents will meet is there."""
    laws, land = scene.laws, scene.land
    inspect_and_learn(month, land, laws.guard, scene.guards, scene.sectors.bribe)
    set_prices(month, land, laws, scene.sectors, scene.traffickers, scene.links)


@kernel(allocates=True)
def decide(month, scene, conditions, scratch):
    """Step 4: everyone who considers leaving."""
    n_found, points, clipped = consider_without_history(month, scene, conditions, scratch)
    month.tally[Obs.CANDIDATES, 0, 0, 0] = points
    month.tally[Obs.INTENSITY_CLIPPED, 0, 0, 0] = clipped
    n_found = consider_with_history(month, scene, conditions, scratch, n_found)
    return choose(month, scene, scratch, n_found)


@kernel(allocates=True)
def act(month, scene, n_actors, made, scratch):
    """Steps 5 to 10: the river, China, custody, the South, and what everyone learns."""
    laws, land, rows = scene.laws, scene.land, scene.rows
    capacity = np.int64(laws.trafficker.capacity + 0.5)
    open_rows(month, scene, scratch.actors, n_actors)
    watch_the_river(month, land, laws, scene.watch)
    match(month, scene.traffickers, scratch.actors, n_actors, capacity)
    cross(month, scene, scratch.actors, n_actors, made)
    n_calls = clocks_in_china(month, scene, scratch)
    live_in_china(month, scene, scratch.calls, n_calls)
    serve(month, laws.custody, rows, scene.roster)
    arrive(month, scene, scratch.arrived, scratch.kin)
    officials_leave(month, scene)
    send_money(month, scene)
    remember_guards(month, scene, made)
    learn(month, scene.beliefs, laws.choice)
    learn_in_china(month, laws.informant, scene.sectors)
    update_going_bribe(month, scene.sectors, laws.trafficker.bribe_half_life)
    close_month(month, land, laws, scene.sectors, scene.traffickers, capacity)
    record(month, scene, made)


@kernel
def remember_guards(month, scene, made):
    """T5: strangers who took a bribe become known; the lowest keyed hashes are kept.

    A trafficker keeps the LINKS valid links with the lowest hash of (trafficker, guard),
    whatever the order in which the month's links arrive. Draws: LINK.
    """
    links, guards = scene.links, scene.guards
    key = stream_key(month.seed, Stream.LINK)
    for n in range(made.n_links[0]):
        j, g = made.links[n, 0], made.links[n, 1]
        place = np.int64(NEVER)
        highest = np.uint64(0)
        known = False
        for k in range(j * LINKS, (j + 1) * LINKS):
            other = np.int64(links.guard[k])
            valid = other >= 0 and guards.stamp[other] == links.stamp[k]
            if valid and other == g:
                known = True
            if not valid:
                if place < 0 or highest != np.uint64(0xFFFFFFFFFFFFFFFF):
                    place, highest = np.int64(k), np.uint64(0xFFFFFFFFFFFFFFFF)
                continue
            bits = draw2(key, np.int64(j) + (1 << 40), other)
            if place < 0 or bits > highest:
                place, highest = np.int64(k), bits
        if known or draw2(key, np.int64(j) + (1 << 40), g) > highest:
            continue
        links.guard[place] = g
        links.stamp[place] = guards.stamp[g]


@kernel(allocates=True)
def record(month, scene, made):
    """Stocks and the spread of fees at the end of the month."""
    tally, stock = month.tally, month.stock
    for h in range(stock.shape[1]):
        for x in range(2):
            for c in range(3):
                for status in range(stock.shape[0]):
                    tally[np.int64(Obs.STOCK_HOME) + status, h, x, c] = stock[status, h, x, c]
    for s in range(scene.sectors.shape[0]):
        tally[Obs.SECTOR_STOCK_CHINA, s, 0, 0] = scene.sectors.stock[s]
        fees = made.deals[: made.n_deals[0], 1][made.deals[: made.n_deals[0], 0] == s]
        n = fees.shape[0]
        if n == 0:
            continue
        fees = np.sort(fees)
        # nearest rank: the smallest fee with at least that share of deals at or below it
        tally[Obs.FEE_P10, s, 0, 0] = fees[(n + 9) // 10 - 1]
        tally[Obs.FEE_MEDIAN, s, 0, 0] = fees[(n + 1) // 2 - 1]
        tally[Obs.FEE_P90, s, 0, 0] = fees[(9 * n + 9) // 10 - 1]
