"""Peer (a): every resident, every month, one keyed draw, and nothing else.

The draw is the engine's own (SplitMix64 finaliser over month key and uid), compared as
an integer and counted: no conversion to a float, no branch, one thread. With
``own_limit`` the chance is read from an array, four bytes a resident.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numba
import numpy as np

from benchmarks.cases.child import Findings, answer, timed
from bordersim.rng import Stream, draw, month_key

SEED = 1
WIDE = 2.0**64
HALF = 2.0**32
_S32 = np.uint64(32)


@numba.njit(nogil=True, error_model="numpy")
def count_hits(residents, months, seed, limit):  # type: ignore[no-untyped-def]
    """Draws below one limit for all, over residents and months."""
    hits = np.uint64(0)
    for month in range(months):
        key = month_key(seed, Stream.START, month)
        for uid in range(residents):
            hits += np.uint64(draw(key, uid) < limit)
    return hits


@numba.njit(nogil=True, error_model="numpy")
def count_own_hits(limits, months, seed):  # type: ignore[no-untyped-def]
    """Draws (their upper half) below each resident's limit, over residents and months."""
    hits = np.uint64(0)
    for month in range(months):
        key = month_key(seed, Stream.START, month)
        for uid in range(limits.shape[0]):
            hits += np.uint64(draw(key, uid) >> _S32 < np.uint64(limits[uid]))
    return hits


def ready_pass(residents: int, months: int, chance: float, own_limit: bool) -> Callable[[], int]:
    """A whole pass that gives its hits; residents * months * chance of them are expected."""
    if not own_limit:
        limit = np.uint64(chance * WIDE)
        return lambda: int(count_hits(residents, months, SEED, limit))
    limits = np.full(residents, chance * HALF, np.uint32)
    return lambda: int(count_own_hits(limits, months, SEED))


def vector_bits(own_limit: bool) -> int:
    """Width of the registers in the compiled inner loop: 64 where it is scalar."""
    kernel = count_own_hits if own_limit else count_hits
    assembly = "\n".join(kernel.inspect_asm().values())
    for name, bits in (("zmm", 512), ("ymm", 256)):
        if len(re.findall(rf"%{name}", assembly)) > 20:
            return bits
    # 128-bit registers also hold single numbers, so only packed multiplication counts
    return 128 if re.search(r"pmulu?dq|mul\s+v\d+\.2d", assembly) else 64


def measure(
    residents: int = 24_052_231, months: int = 264, chance: float = 0.001, own_limit: bool = False
) -> Findings:
    """Time a whole pass."""
    ready_pass(100, 2, chance, own_limit)()
    found, time_taken = timed(ready_pass(residents, months, chance, own_limit))
    return {
        **time_taken,
        "agents": residents,
        "steps": months,
        "hits": found,
        "hits_expected": residents * months * chance,
        "vector_bits": vector_bits(own_limit),
    }


if __name__ == "__main__":
    answer(measure)
