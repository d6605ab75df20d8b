"""Thinning: on whom points fall in a month (submodels.md, Thinning).

Asking every resident every month with a draw of their own would be simpler, and is what
this amounts to: a resident considers leaving if a point falls on them below the height
of their intensity. Points are drawn by chunk and layer so that the engine need not touch
people on whom none falls; the twin draws the same points, with NumPy.
"""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bordersim.rng import Stream
from bordersim.twin.draws import GOLDEN, draw, uniform
from bordersim.twin.equations.numbers import poisson

CHUNK = 65_536
EDGES = (0.0, 0.00025, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
_MOST_IN_PIECE = 600
_ENTRIES = 1200


class Point(NamedTuple):
    """One point: a layer of intensity, and the height within it, 0 to 1."""

    low: float
    high: float
    height: float

    def is_below(self, intensity: float) -> bool:
        """Whether an intensity reaches above the point."""
        return self.height < (intensity - self.low) / (self.high - self.low)


def points_of_block(
    keys: dict[Stream, int], block: int, people: int, highest: float
) -> dict[int, list[Point]]:
    """Points on the residents of a block this month.

    Parameters
    ----------
    keys
        This month's keys of THIN_COUNT, THIN_PLACE and THIN_KEEP.
    block, people
        Number of the block and its size.
    highest
        Highest intensity anybody in it can have; layers above it are not drawn.

    Returns
    -------
    dict
        Index in the block to the points that fall on this resident.
    """
    found: dict[int, list[Point]] = defaultdict(list)
    for chunk in range(math.ceil(people / CHUNK)):
        where = block * 1024 + chunk
        for layer, (low, high) in enumerate(pairwise(EDGES)):
            if low >= highest:
                break
            count = _points_in_layer(draw(draw(keys[Stream.THIN_COUNT], where), layer), low, high)
            place_key = draw(draw(keys[Stream.THIN_PLACE], where), layer)
            keep_key = draw(draw(keys[Stream.THIN_KEEP], where), layer)
            numbers = np.arange(count, dtype=np.uint64)
            shift = np.uint64(32)
            places = ((_draws(place_key, numbers) >> shift) * np.uint64(CHUNK)) >> shift
            index = places.astype(np.int64) + chunk * CHUNK
            here = np.flatnonzero(index < people)
            heights = ((_draws(keep_key, numbers[here]) >> np.uint64(12)) + 0.5) * 2.0**-52
            for i, height in zip(index[here].tolist(), heights.tolist(), strict=True):
                found[i].append(Point(low, high, height))
    return found


def _points_in_layer(key: int, low: float, high: float) -> int:
    mean = CHUNK * (high - low)
    pieces = math.ceil(mean / _MOST_IN_PIECE)
    return sum(
        poisson(uniform(draw(key, piece)), mean / pieces, _ENTRIES) for piece in range(pieces)
    )


def _draws(key: int, fields: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """``draws.draw`` of one key and many fields at once."""
    bits = np.uint64(key) + (fields + np.uint64(1)) * np.uint64(GOLDEN)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
