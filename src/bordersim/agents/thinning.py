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

from bordersim._jit import kernel
from bordersim.agents.residents import BY_CASE, base_intensity
from bordersim.agents.traits import age_of, rank_of, sex_of
from bordersim.bookkeeping import find_row
from bordersim.codes import Lever, Sex, Status
from bordersim.rng import Stream, draw, draw2, index_below, month_key, stream_key, uniform
from bordersim.state import BLOCK_BITS, FLAG_HISTORY, NEVER

LAYERS = (0.0, 0.00025, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""Edges of the bound layers, per month."""

CHUNK = 65536
"""Residents in a chunk."""

PIECE = 600.0
"""Most points expected from one count; higher layers are counted in several pieces."""

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
        poisson_distribution(mean, table[layer])
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
def expected_points(sizes, top):
    """Points expected this month below the blocks' highest intensities."""
    total = 0.0
    for b in range(sizes.shape[0]):
        height = 0.0
        for layer in range(len(LAYERS) - 1):
            if max(top[b, 0], top[b, 1]) > LAYERS[layer]:
                height = LAYERS[layer + 1]
        total += sizes[b] * height
    return total


@kernel
def consider_without_history(month, scene, conditions, scratch):
    """Residents who consider leaving by the luck that everyone shares, history or not.

    Reads: conditions (blocks), rows.status. Writes: scratch.found_*, rows.stamp.
    Draws: THIN_COUNT, THIN_PLACE, THIN_KEEP, CASE. Returns (found, points, clipped).
    """
    t = month.month
    land, rows, index = scene.land, scene.rows, scene.roster
    population, intensity = scene.laws.population, scene.laws.intensity
    count_stream = month_key(month.seed, Stream.THIN_COUNT, month.month)
    place_stream = month_key(month.seed, Stream.THIN_PLACE, month.month)
    keep_stream = month_key(month.seed, Stream.THIN_KEEP, month.month)
    case_stream = month_key(month.seed, Stream.CASE, month.month)
    sex_key = stream_key(month.world_seed, Stream.SEX)
    age_key = stream_key(month.world_seed, Stream.AGE)
    rank_key = stream_key(month.world_seed, Stream.HARDSHIP)
    top, pressure, women, case = conditions
    sizes = land.block_size
    female_share = population.female_share
    age_shares = population.age_shares
    age_factor = scratch.age_factor
    k0, k_hardship = intensity.k0_log, intensity.k_hardship
    officials_block, officials = land.officials[0], land.officials[1]
    status, stamp, uids = rows.status, rows.stamp, rows.uid
    bits, offset, slots = index.bits, index.offset, index.table
    found_uid, found_reason = scratch.found_uid, scratch.found_reason
    n_layers = len(LAYERS) - 1
    pieces, table = scratch.pieces, scratch.counts
    marked, marks = scratch.marked, scratch.marks
    n_found = 0
    points = 0
    clipped = 0
    for b in range(sizes.shape[0]):
        for chunk in range((sizes[b] + CHUNK - 1) // CHUNK):
            first = chunk * CHUNK
            width = min(CHUNK, sizes[b] - first)
            n_marks = 0
            for layer in range(n_layers):
                low = LAYERS[layer]
                highest = max(top[b, Sex.FEMALE], top[b, Sex.MALE])
                if highest <= low:
                    break
                span = LAYERS[layer + 1] - low
                limit = (highest - low) / span
                count_key = draw2(count_stream, b * 1024 + chunk, layer)
                place_key = draw2(place_stream, b * 1024 + chunk, layer)
                keep_key = draw2(keep_stream, b * 1024 + chunk, layer)
                drawn = 0
                for piece in range(pieces[layer]):
                    drawn += count_from(uniform(draw(count_key, piece)), table[layer])
                points += drawn
                for point in range(drawn):
                    height = uniform(draw(keep_key, point))
                    if height >= limit:
                        continue
                    i = index_below(draw(place_key, point), CHUNK)
                    if i >= width or marked[i] != 0:
                        continue
                    if b == officials_block and first + i < officials:
                        continue
                    uid = (np.int64(b) << BLOCK_BITS) | (first + i)
                    sex = sex_of(sex_key, uid, female_share)
                    if height >= (top[b, sex] - low) / span:
                        continue
                    age = age_of(age_key, uid, age_shares)
                    rate = case[b] + base_intensity(
                        k0, k_hardship, pressure[b] * rank_of(rank_key, uid), age_factor[age],
                        women[b] if sex == Sex.FEMALE else 1.0,
                    )  # fmt: skip
                    if height >= (rate - low) / span:
                        continue
                    row = find_row(bits, offset, slots, uids, uid)
                    if row >= 0:
                        if status[row] != Status.HOME:
                            continue
                        stamp[row] = t
                    if rate > LAYERS[n_layers]:
                        clipped += 1
                    marked[i] = 1
                    marks[n_marks] = i
                    n_marks += 1
                    reason = 0
                    if case[b] > 0.0 and uniform(draw(case_stream, uid)) * rate < case[b]:
                        reason = BY_CASE
                    found_uid[n_found] = uid
                    found_reason[n_found] = reason
                    n_found += 1
            for m in range(n_marks):
                marked[marks[m]] = 0
    return n_found, points, clipped


@kernel
def consider_with_history(month, scene, conditions, scratch, n_found):
    """People at home with kin abroad or an attempt behind them, and clients who wait.

    What history adds to the intensity is a second, independent Poisson process with
    a clock keyed on the uid: together with the thinned one, 1 - exp(-lambda) again,
    and gaining a row changes nobody's luck in the first.

    Reads: conditions, rows. Writes: scratch.found_*, rows.stamp. Draws: HISTORY.
    """
    t = month.month
    rows, intensity = scene.rows, scene.laws.intensity
    surveillance = month.levers[Lever.NORTH_KIN_SURVEILLANCE, scene.land.pool_size.shape[0] :]
    history_key = month_key(month.seed, Stream.HISTORY, month.month)
    rank_key = stream_key(month.world_seed, Stream.HARDSHIP)
    top, pressure, women, _ = conditions
    k0, k_hardship = intensity.k0_log, intensity.k_hardship
    age_factor, kin_log, again_log = scratch.age_factor, scratch.kin_log, scratch.again_log
    kin_most, again_most = scratch.kin_most, scratch.again_most
    never = kin_log.shape[0] - 1  # where the tables hold no effect
    found_uid, found_reason = scratch.found_uid, scratch.found_reason
    status, stamp, waits, uids = rows.status, rows.stamp, rows.waits, rows.uid
    kin_month, released, sexes, ages = rows.kin_month, rows.released, rows.sex, rows.age
    flags = rows.flags
    for i in range(rows.used[0]):
        if flags[i] & FLAG_HISTORY == 0 or status[i] != Status.HOME:
            continue
        uid = uids[i]
        reason = BY_WAITING
        if waits[i] == 0:
            b = uid >> BLOCK_BITS
            u = uniform(draw(history_key, uid))
            since_kin = t - kin_month[i] if kin_month[i] != NEVER else never
            since_release = t - released[i] if released[i] != NEVER else never
            most = kin_most[since_kin] * again_most[since_release]
            # exp(-x) >= 1 - x, so below this line the clock cannot have rung
            if u < 1.0 - top[b, sexes[i]] * (most - 1.0):
                continue
            if stamp[i] == t:
                continue
            base = base_intensity(
                k0, k_hardship, pressure[b] * rank_of(rank_key, uid), age_factor[ages[i]],
                women[b] if sexes[i] == Sex.FEMALE else 1.0,
            )  # fmt: skip
            watched = intensity.surveillance_effect * surveillance[b // 3]
            effect = kin_log[since_kin] * (1.0 - watched) + again_log[since_release]
            if -math.log(u) >= base * (math.exp(effect) - 1.0):
                continue
            reason = BY_HISTORY
        elif stamp[i] == t:
            continue
        stamp[i] = t
        found_uid[n_found] = uid
        found_reason[n_found] = reason
        n_found += 1
    return n_found
