"""Who considers leaving this month: exact thinning of a nation (Lewis & Shedler 1979).

A resident without history considers leaving with intensity lambda, mostly far
below one in a thousand a month. Instead of asking all 24 million, the points
of a Poisson process over (resident, intensity) are drawn, chunk by chunk and layer by
layer: their number, places and heights are keyed by chunk, month and layer, hence never
by the scenario, and a point on a resident counts if its height lies below lambda. Then P(considers)
is 1 - exp(-lambda) exactly, and a scenario that needs higher layers leaves the lower
ones untouched.
"""

from __future__ import annotations

import math

import numpy as np

from bordersim._jit import kernel, plain
from bordersim.agents.residents import BY_CASE, base_intensity
from bordersim.agents.traits import age_of, rank_of, sex_of
from bordersim.bookkeeping import find_row
from bordersim.codes import Lever, Sex, Status
from bordersim.rng import Stream, draw, draw2, index_below, month_key, stream_key, uniform
from bordersim.state import BLOCK_BITS, FLAG_HISTORY, NEVER, WAITING

LAYERS = (0.0, 0.00025, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""Edges of the bound layers, per month."""

CHUNK = 65536
"""Residents in a chunk."""

PIECE = 600.0
"""Most points expected from one count; higher layers are counted in several pieces."""

RANK_BINS = 64
"""Steps of the hardship rank for which an upper bound on the intensity is kept."""

BY_WAITING = 2
BY_HISTORY = 4


@kernel
def poisson_distribution(mean, table):
    """Fill ``table`` with P(N <= n) of a Poisson count; the tail beyond it is below 1e-30."""
    term = math.exp(-mean)
    total = term
    for n in range(table.shape[0]):
        table[n] = total
        term *= mean / (n + 1)
        total += term


def thinning_tables():
    """Pieces and count distribution of each layer: (layers,) and (layers, n)."""
    spans = np.diff(np.array(LAYERS))
    pieces = np.ceil(CHUNK * spans / PIECE).astype(np.int64)
    table = np.zeros((len(spans), 1200))
    for layer, mean in enumerate(CHUNK * spans / pieces):
        plain(poisson_distribution)(mean, table[layer])
    return pieces, table


@kernel
def count_from(u, table):
    """Smallest n with P(N <= n) above u."""
    low, high = 0, table.shape[0] - 1
    while low < high:
        middle = (low + high) // 2
        if table[middle] > u:
            high = middle
        else:
            low = middle + 1
    return low


@kernel
def expected_points(blocks, top):
    """Points expected this month below the blocks' highest intensities."""
    total = 0.0
    for b in range(blocks.shape[0]):
        height = 0.0
        for layer in range(len(LAYERS) - 1):
            if max(top[b, 0], top[b, 1]) > LAYERS[layer]:
                height = LAYERS[layer + 1]
        total += blocks[b].people * height
    return total


@kernel
def points_below(key, drawn, limit, points, heights):
    """Numbers and heights of those of ``drawn`` points that lie below ``limit``: how many.

    Two plain loops, which the compiler turns into vector instructions and a loop
    without branches.
    """
    for point in range(drawn):
        heights[point] = uniform(draw(key, point))
    kept = 0
    for point in range(drawn):
        height = heights[point]
        points[kept], heights[kept] = point, height
        kept += height < limit
    return kept


@kernel
def rank_bounds(bounds, case, k0, k_hardship, pressure, keenest, women):
    """Upper bounds on a block's intensity by sex and RANK_BINS steps of the hardship rank.

    A point above its bound is nobody's, whatever the age: no exponential is needed.
    """
    below = math.exp(k0)
    for q in range(RANK_BINS):
        above = math.exp(k0 + k_hardship * pressure * (q + 1) / RANK_BINS)
        most = max(below, above) * keenest * 1.000001  # more than rounding can lose
        bounds[Sex.FEMALE, q] = case + most * women
        bounds[Sex.MALE, q] = case + most
        below = above


@kernel
def consider_without_history(month, scene, conditions, scratch):
    """Residents who consider leaving by the luck that everyone shares, history or not.

    Reads: conditions (blocks), rows.status. Writes: scratch.found, rows.stamp.
    Draws: THIN_COUNT, THIN_PLACE, THIN_KEEP, CASE. Returns (found, points, clipped).
    """
    t = month.month
    land, rows, roster = scene.land, scene.rows, scene.roster
    population, intensity = scene.laws.population, scene.laws.intensity
    count_stream = month_key(month.seed, Stream.THIN_COUNT, month.month)
    place_stream = month_key(month.seed, Stream.THIN_PLACE, month.month)
    keep_stream = month_key(month.seed, Stream.THIN_KEEP, month.month)
    case_stream = month_key(month.seed, Stream.CASE, month.month)
    sex_key = stream_key(month.world_seed, Stream.SEX)
    age_key = stream_key(month.world_seed, Stream.AGE)
    rank_key = stream_key(month.world_seed, Stream.HARDSHIP)
    top, pressure, women, case = conditions
    blocks = land.block
    female_share = population.female_share
    age_shares = population.age_shares
    age_factor = scratch.age_factor
    keenest = age_factor.max()
    k0, k_hardship = intensity.k0_log, intensity.k_hardship
    officials_block, officials = land.officials[0], land.officials[1]
    found = scratch.found
    n_layers = len(LAYERS) - 1
    pieces, table = scratch.pieces, scratch.counts
    points, heights, bounds = scratch.points, scratch.heights, scratch.bounds
    marked, marks = scratch.marked, scratch.marks
    n_found = 0
    n_points = 0
    clipped = 0
    for b in range(blocks.shape[0]):
        people = blocks[b].people
        rank_bounds(bounds, case[b], k0, k_hardship, pressure[b], keenest, women[b])
        highest = max(top[b, Sex.FEMALE], top[b, Sex.MALE])
        for chunk in range((people + CHUNK - 1) // CHUNK):
            first = chunk * CHUNK
            width = min(CHUNK, people - first)
            n_marks = 0
            for layer in range(n_layers):
                low = LAYERS[layer]
                if highest <= low:
                    break
                span = LAYERS[layer + 1] - low
                count_key = draw2(count_stream, b * 1024 + chunk, layer)
                place_key = draw2(place_stream, b * 1024 + chunk, layer)
                keep_key = draw2(keep_stream, b * 1024 + chunk, layer)
                drawn = 0
                for piece in range(pieces[layer]):
                    drawn += count_from(uniform(draw(count_key, piece)), table[layer])
                n_points += drawn
                kept = points_below(keep_key, drawn, (highest - low) / span, points, heights)
                for k in range(kept):
                    i = index_below(draw(place_key, points[k]), CHUNK)
                    if i >= width:
                        continue
                    uid = (np.int64(b) << BLOCK_BITS) | (first + i)
                    sex = sex_of(sex_key, uid, female_share)
                    rank = rank_of(rank_key, uid)
                    height = heights[k]
                    if height >= (bounds[sex, np.int64(rank * RANK_BINS)] - low) / span:
                        continue
                    if marked[i] != 0 or (b == officials_block and first + i < officials):
                        continue
                    age = age_of(age_key, uid, age_shares)
                    rate = case[b] + base_intensity(
                        k0, k_hardship, pressure[b] * rank, age_factor[age],
                        women[b] if sex == Sex.FEMALE else 1.0,
                    )  # fmt: skip
                    if height >= (rate - low) / span:
                        continue
                    clipped += rate > LAYERS[n_layers]
                    marked[i] = 1
                    marks[n_marks] = i
                    reason = 0
                    if case[b] > 0.0 and uniform(draw(case_stream, uid)) * rate < case[b]:
                        reason = BY_CASE
                    one = found[n_found + n_marks]
                    one.uid, one.reason = uid, reason
                    n_marks += 1
            for m in range(n_marks):
                marked[marks[m]] = 0
            n_found += keep_those_at_home(t, rows, roster, found[n_found : n_found + n_marks])
    return n_found, n_points, clipped


@kernel
def keep_those_at_home(t, rows, roster, found):
    """Look up the rows of those found and drop who is away: how many stay.

    In a loop of its own: one person's row need not be there before the next is asked for.
    """
    bits, offset, table, uids = roster.bits, roster.offset, roster.table, rows.uid
    kept = 0
    for k in range(found.shape[0]):
        uid, reason = found[k].uid, found[k].reason
        row = find_row(bits, offset, table, uids, uid)
        if row >= 0:
            if rows.status[row] != Status.HOME:
                continue
            rows.stamp[row] = t
        one = found[kept]
        one.uid, one.row, one.reason = uid, row, reason
        kept += 1
    return kept


@kernel
def consider_with_history(month, scene, conditions, scratch, n_found):
    """People at home with kin abroad or an attempt behind them, and clients who wait.

    What history adds to the intensity is a second, independent Poisson process with
    a clock keyed on the uid: together with the thinned one, 1 - exp(-lambda) again,
    and gaining a row changes nobody's luck in the first.

    Reads: conditions, rows. Writes: scratch.found, rows.stamp. Draws: HISTORY.
    """
    t = month.month
    rows, roster, intensity = scene.rows, scene.roster, scene.laws.intensity
    surveillance = month.levers[Lever.NORTH_KIN_SURVEILLANCE, scene.land.sector.shape[0] :]
    surveillance_effect = intensity.surveillance_effect
    history_key = month_key(month.seed, Stream.HISTORY, month.month)
    rank_key = stream_key(month.world_seed, Stream.HARDSHIP)
    top, pressure, women, _ = conditions
    k0, k_hardship = intensity.k0_log, intensity.k_hardship
    age_factor, spells, found = scratch.age_factor, scratch.spells, scratch.found
    uids, kin_month, released = roster.uid, roster.kin_month, roster.released
    never = spells.shape[0] - 1  # where the tables hold no effect
    for k in range(roster.used[WAITING]):
        row = roster.listed[WAITING, k]
        person = rows[row]
        if person.stamp != t:
            person.stamp = t
            found[n_found].uid, found[n_found].row = person.uid, row
            found[n_found].reason = BY_WAITING
            n_found += 1
    roster.used[WAITING] = 0
    # exp(-x) >= 1 - x, so below its block's edge no clock can have rung
    most = spells.kin_most.max() * spells.again_most.max()
    edges = scratch.edges
    for b in range(edges.shape[0]):
        edges[b] = 1.0 - max(top[b, Sex.FEMALE], top[b, Sex.MALE]) * (most - 1.0)
    for first in range(0, roster.rows[0], CHUNK):
        last = min(first + CHUNK, roster.rows[0])
        kept = draws_above(history_key, uids[first:last], scratch)
        for k in range(kept):
            i = first + scratch.points[k]
            uid, u = uids[i], scratch.heights[k]
            b = uid >> BLOCK_BITS
            since_kin = t - np.int64(kin_month[i]) if kin_month[i] != NEVER else never
            since_release = t - np.int64(released[i]) if released[i] != NEVER else never
            most = spells[since_kin].kin_most * spells[since_release].again_most
            if u < 1.0 - max(top[b, Sex.FEMALE], top[b, Sex.MALE]) * (most - 1.0):
                continue
            person = rows[i]
            if person.tags & FLAG_HISTORY == 0 or person.status != Status.HOME:
                continue
            if person.waits > 0 or person.stamp == t:
                continue
            base = base_intensity(
                k0, k_hardship, pressure[b] * rank_of(rank_key, uid), age_factor[person.age],
                women[b] if person.sex == Sex.FEMALE else 1.0,
            )  # fmt: skip
            watched = surveillance_effect * surveillance[b // 3]
            effect = spells[since_kin].kin_log * (1.0 - watched) + spells[since_release].again_log
            if -math.log(u) >= base * (math.exp(effect) - 1.0):
                continue
            person.stamp = t
            found[n_found].uid, found[n_found].row = uid, i
            found[n_found].reason = BY_HISTORY
            n_found += 1
    return n_found


@kernel
def draws_above(key, uids, scratch):
    """Positions and draws of those of ``uids`` not below the edge of their block: how many."""
    points, heights, edges = scratch.points, scratch.heights, scratch.edges
    for k in range(uids.shape[0]):
        heights[k] = uniform(draw(key, uids[k]))
    kept = 0
    for k in range(uids.shape[0]):
        u = heights[k]
        points[kept], heights[kept] = k, u
        kept += u >= edges[uids[k] >> BLOCK_BITS]
    return kept
