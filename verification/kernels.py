"""Loops over the engine's kernels: many draws, rows or people in one call."""

from __future__ import annotations

import numpy as np

from bordersim._jit import kernel
from bordersim.agents.beliefs import updated_belief
from bordersim.agents.custody import take_into_custody
from bordersim.agents.south import open_row
from bordersim.rng import draw, draw2, month_key, stream_key, uniform


@kernel
def fill_uniform(out, seed, stream, month, first):
    """Draws of a month keyed by consecutive numbers; of the stream itself if month is -1."""
    key = month_key(seed, stream, month) if month >= 0 else stream_key(seed, stream)
    for k in range(out.shape[0]):
        out[k] = uniform(draw(key, first + k))


@kernel
def fill_uniform_2(out, seed, stream, month, first, field):
    """Draws of a month keyed by consecutive numbers and one more field."""
    key = month_key(seed, stream, month) if month >= 0 else stream_key(seed, stream)
    for k in range(out.shape[0]):
        out[k] = uniform(draw2(key, first + k, field))


@kernel
def give_rows(month, land, population, rows, roster, uids):
    """Open a row for each uid."""
    for k in range(uids.shape[0]):
        open_row(month, land, population, rows, roster, uids[k])


@kernel
def take_all(month, rows, roster, law, count):
    """Take the first ``count`` rows into custody."""
    for row in range(count):
        who = (np.int64(rows.home[row]), np.int64(rows.sex[row]), np.int64(rows.cls[row]))
        take_into_custody(month, rows, roster, law, row, who, 1.0)


@kernel
def follow(path, seen, caught, half_life, cap):
    """Belief after each month's outcomes, from ``path[0]`` on; nothing is rounded."""
    for t in range(seen.shape[0]):
        path[t + 1] = updated_belief(path[t], seen[t], caught[t], half_life, cap)
