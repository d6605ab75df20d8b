"""Where to run next: points where the last wave's posterior, softened and widened, lies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bordersim.inference.arrays import (
    FloatArray,
    InferenceError,
    IntArray,
    generator,
    to_cube,
    to_normal,
)
from bordersim.inference.sampling import Effort, LogLikelihood, sample

TEMPERATURE = 3.0
WIDEN = 1.25
_POOL = 8
"""Candidates a point."""


def next_wave(
    log_likelihood: LogLikelihood,
    dimensions: int,
    points: int,
    seed: int,
    *,
    temperature: float = TEMPERATURE,
    widen: float = WIDEN,
    effort: Effort | None = None,
) -> FloatArray:
    """Points for the next wave, the same for the same seed.

    Parameters
    ----------
    log_likelihood
        Of the last wave's emulator.
    dimensions, points
        Parameters, and points wanted.
    seed
        0 or more.
    temperature
        The likelihood is raised to one over this, 1 or more: errors of the last
        emulator must not cut off what is possible.
    widen
        Factor on distances from the middle of these draws, in normal scores.
    effort
        As in ``sample``; the number of draws follows from ``points``.

    Returns
    -------
    FloatArray
        Prior quantiles, shape (points, parameters).
    """
    if temperature < 1 or widen <= 0:
        raise InferenceError(
            f"next wave: temperature {temperature:g}, widen {widen:g}; "
            "give at least 1, and more than 0"
        )

    def softened(at: FloatArray) -> FloatArray:
        return np.asarray(log_likelihood(at)) / temperature

    effort = replace(effort or Effort(lengths=20.0, most=4000), draws=_POOL * points)
    found = sample(softened, dimensions, seed, effort=effort)
    scores = to_normal(found.draws)
    middle = scores.mean(axis=0)
    wider = middle + widen * (scores - middle)
    # draws of one walker can coincide; a point may be run once only
    wider += 1e-3 * wider.std(axis=0) * generator(seed, 11).standard_normal(wider.shape)
    return to_cube(wider[spread_out(wider, points)])


def spread_out(scores: FloatArray, points: int) -> IntArray:
    """Choose points that fill the space their fellows fill.

    Draws are halved along the direction in which they spread most, again and again, until
    there are as many cells as points; of each cell the draw nearest its middle is taken.

    Parameters
    ----------
    scores
        Candidates, shape (n, parameters), n at least ``points``.
    points
        Wanted.

    Returns
    -------
    IntArray
        Rows, shape (points,), in order.
    """
    if len(scores) < points:
        raise InferenceError(f"{len(scores)} candidates for {points} points")
    chosen: list[int] = []
    cells = [(np.arange(len(scores)), points)]
    while cells:
        rows, wanted = cells.pop()
        inside = scores[rows]
        if wanted == 1:
            middle = inside.mean(axis=0)
            chosen.append(int(rows[((inside - middle) ** 2).sum(axis=1).argmin()]))
            continue
        along = inside[:, int(inside.std(axis=0).argmax())]
        order = rows[np.argsort(along, kind="stable")]
        first = wanted // 2
        cut = len(rows) * first // wanted
        cells += [(order[:cut], first), (order[cut:], wanted - first)]
    return np.sort(np.array(chosen, dtype=np.int64))


def inside_region(
    earlier: FloatArray, wave: FloatArray, margin: float = 0.1
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which earlier points lie in the box of a wave, so that they go on counting.

    Parameters
    ----------
    earlier, wave
        Prior quantiles, shapes (n, parameters) and (m, parameters).
    margin
        By which the box is widened on each side, as a share of its width.

    Returns
    -------
    ndarray
        Of bool, shape (n,).
    """
    low, high = wave.min(axis=0), wave.max(axis=0)
    more = margin * (high - low)
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = (
        (earlier >= low - more) & (earlier <= high + more)
    ).all(axis=1)
    return found
