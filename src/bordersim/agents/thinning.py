"""Who considers leaving this month: exact thinning of a nation (Lewis & Shedler 1979).

A resident without history considers leaving with intensity lambda, mostly far
below one in a thousand a month. Instead of asking all 24 million, points of a
Poisson process are drawn over (resident, intensity): gaps are keyed by chunk,
month and layer, hence never by the scenario, and a point on a resident in layer
[lo, hi) counts if its height lies below lambda. Then P(considers) is
1 - exp(-lambda) exactly, and a scenario that needs higher layers leaves the lower
ones untouched.
"""

from __future__ import annotations

import math

import numpy as np

from bordersim._jit import kernel
from bordersim.agents.residents import BY_CASE, base_intensity, kin_factor
from bordersim.agents.traits import age_of, class_of, home_of, rank_of, sex_of
from bordersim.codes import Sex, Status
from bordersim.rng import Stream, draw, draw2, exponential, stream_key, uniform
from bordersim.state import BLOCK_BITS, NEVER, find_row

LAYERS = (0.0, 0.0005, 0.002, 0.01, 0.05, 0.2)
"""Edges of the bound layers, per month."""

CHUNK = 65536
"""Residents in a chunk."""

BY_WAITING = 2
BY_HISTORY = 4


@kernel
def expected_points(sizes, top):
    """Points expected this month below the blocks' highest intensities."""
    total = 0.0
    for b in range(sizes.shape[0]):
        height = 0.0
        for layer in range(len(LAYERS) - 1):
            if top[b] > LAYERS[layer]:
                height = LAYERS[layer + 1]
        total += sizes[b] * height
    return total


@kernel
def consider_without_history(month, land, conditions, population, intensity, rows, index, found):
    """Residents who consider leaving for the first time, and those with a history by the same luck.

    Reads: conditions (blocks), rows.status. Writes: found (uid, reason), rows.stamp.
    Draws: THIN_GAP, THIN_KEEP, CASE. Returns (found, points, clipped).
    """
    t = month.month
    gap_stream = stream_key(month.seed, Stream.THIN_GAP)
    keep_stream = stream_key(month.seed, Stream.THIN_KEEP)
    case_stream = stream_key(month.seed, Stream.CASE)
    sex_key = stream_key(month.world_seed, Stream.SEX)
    age_key = stream_key(month.world_seed, Stream.AGE)
    rank_key = stream_key(month.world_seed, Stream.HARDSHIP)
    top, pressure, sex_effect, case = conditions
    sizes = land.block_size
    female_share = population.female_share
    age_shares = population.age_shares
    age_effect = intensity.age_effect
    k0, k_hardship = intensity.k0_log, intensity.k_hardship
    officials_block, officials = land.officials[0], land.officials[1]
    status, stamp, uids = rows.status, rows.stamp, rows.uid
    bits, offset, table = index.bits, index.offset, index.table
    found_uid, found_reason = found
    marked = np.zeros(CHUNK, np.uint8)
    marks = np.zeros(CHUNK, np.int64)
    n_found = 0
    points = 0
    clipped = 0
    for b in range(sizes.shape[0]):
        for chunk in range((sizes[b] + CHUNK - 1) // CHUNK):
            first = chunk * CHUNK
            width = min(CHUNK, sizes[b] - first)
            n_marks = 0
            for layer in range(len(LAYERS) - 1):
                low = LAYERS[layer]
                if top[b] <= low:
                    break
                span = LAYERS[layer + 1] - low
                limit = (top[b] - low) / span
                gap_key = draw2(gap_stream, b * 1024 + chunk, t * 8 + layer)
                keep_key = draw2(keep_stream, b * 1024 + chunk, t * 8 + layer)
                position = 0.0
                point = -1
                while True:
                    point += 1
                    position += exponential(draw(gap_key, point)) / span
                    if position >= width:
                        break
                    height = uniform(draw(keep_key, point))
                    if height >= limit:
                        continue
                    i = np.int64(position)
                    if marked[i] != 0:
                        continue
                    if b == officials_block and first + i < officials:
                        continue
                    uid = (np.int64(b) << BLOCK_BITS) | (first + i)
                    sex = sex_of(sex_key, uid, female_share)
                    age = age_of(age_key, uid, age_shares)
                    rate = case[b] + base_intensity(
                        k0, k_hardship, pressure[b] * rank_of(rank_key, uid), age_effect[age],
                        sex_effect[b] if sex == Sex.FEMALE else 0.0,
                    )  # fmt: skip
                    if height >= (rate - low) / span:
                        continue
                    if rate > LAYERS[len(LAYERS) - 1]:
                        clipped += 1
                    row = find_row(bits, offset, table, uids, uid)
                    if row >= 0:
                        if status[row] != Status.HOME:
                            continue
                        stamp[row] = t
                    marked[i] = 1
                    marks[n_marks] = i
                    n_marks += 1
                    reason = 0
                    if case[b] > 0.0 and uniform(draw2(case_stream, uid, t)) * rate < case[b]:
                        reason = BY_CASE
                    found_uid[n_found] = uid
                    found_reason[n_found] = reason
                    n_found += 1
                points += point
            for m in range(n_marks):
                marked[marks[m]] = 0
    return n_found, points, clipped


@kernel
def consider_with_history(month, conditions, intensity, rows, surveillance, found, n_found):
    """People at home with kin abroad or an attempt behind them, and clients who wait.

    What history adds to the intensity is a second, independent Poisson process with
    a clock keyed on the uid: together with the thinned one, 1 - exp(-lambda) again,
    and gaining a row changes nobody's luck in the first.

    Reads: conditions, rows. Writes: found, rows.stamp. Draws: HISTORY.
    """
    t = month.month
    history_key = stream_key(month.seed, Stream.HISTORY)
    rank_key = stream_key(month.world_seed, Stream.HARDSHIP)
    top, pressure, sex_effect, case = conditions
    k0, k_hardship = intensity.k0_log, intensity.k_hardship
    age_effect = intensity.age_effect
    most = math.exp(intensity.k_kin + intensity.k_again)
    found_uid, found_reason = found
    status, stamp, waits, uids = rows.status, rows.stamp, rows.waits, rows.uid
    kin_month, released, sexes, ages = rows.kin_month, rows.released, rows.sex, rows.age
    for i in range(rows.count[0]):
        if status[i] != Status.HOME or stamp[i] == t:
            continue
        uid = uids[i]
        if waits[i] > 0:
            reason = BY_WAITING
        else:
            if kin_month[i] == NEVER and released[i] == NEVER:
                continue
            b = home_of(uid) * 3 + class_of(uid)
            u = uniform(draw2(history_key, uid, t))
            # exp(-x) >= 1 - x, so below this line the clock cannot have rung
            if u < 1.0 - most * top[b]:
                continue
            base = base_intensity(
                k0, k_hardship, pressure[b] * rank_of(rank_key, uid), age_effect[ages[i]],
                sex_effect[b] if sexes[i] == Sex.FEMALE else 0.0,
            )  # fmt: skip
            added = base * (kin_factor(intensity, t, kin_month[i], released[i], surveillance[b // 3]) - 1.0)
            if -math.log(u) >= added:
                continue
            reason = BY_HISTORY
        stamp[i] = t
        found_uid[n_found] = uid
        found_reason[n_found] = reason
        n_found += 1
    return n_found
