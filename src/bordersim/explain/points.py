"""R3: the points of the thinned process that fall on one person."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from bordersim.agents.thinning import CHUNK, LAYERS, thinning_tables
from bordersim.explain.engine import rng
from bordersim.rng import Stream
from bordersim.state import BLOCK_BITS

_tables = cache(thinning_tables)


def thinned(uid: int, seed: int, month: int, rate: float) -> bool:
    """Whether one of a month's points falls on a resident, below an intensity.

    Parameters
    ----------
    uid
        Of somebody who is no official abroad.
    seed, month
        Of the dynamics, and since 1995-01.
    rate
        Considerations a month, history left out.
    """
    block, index = uid >> BLOCK_BITS, uid & ((1 << BLOCK_BITS) - 1)
    chunk, place = block * 1024 + index // CHUNK, np.uint64(index % CHUNK)
    pieces, table = _tables()

    def key(stream: Stream, layer: int) -> Any:
        return rng.draw2(rng.month_key(seed, stream, month), chunk, layer)

    for layer, (low, high) in enumerate(pairwise(LAYERS)):
        if rate <= low:
            return False
        counts = key(Stream.THIN_COUNT, layer)
        drawn = 0
        for piece in range(int(pieces[layer])):
            u = rng.uniform(rng.draw(counts, piece))
            drawn += int(np.searchsorted(table[layer], u, side="right"))  # smallest above u
        bits = rng.draw(key(Stream.THIN_PLACE, layer), np.arange(drawn, dtype=np.uint64))
        places = ((bits >> np.uint64(32)) * np.uint64(CHUNK)) >> np.uint64(32)  # index_below
        for point in np.flatnonzero(places == place):
            height = rng.uniform(rng.draw(key(Stream.THIN_KEEP, layer), int(point)))
            if height < (rate - low) / (high - low):
                return True
    return False
