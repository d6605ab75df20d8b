"""Kernels that fill arrays with draws, and the table of golden draws.

``python tests/draw_kernels.py`` prints the table; the file ``golden/draws.txt`` is
that output. Keys stay inside kernels: handed to Python, a uint64 becomes an int.
"""

from __future__ import annotations

import numpy as np

from bordersim._jit import kernel
from bordersim.agents.traits import (
    ROUNDS,
    fill_rounds,
    partner,
    permute,
    tolerance,
    unpermute,
    wealth,
)
from bordersim.rng import (
    Stream,
    draw,
    draw2,
    draw3,
    exponential,
    gumbel,
    index_below,
    mix,
    month_key,
    nest_error,
    normal,
    stream_key,
    uniform,
)
from bordersim.state import ROUND, records

UNIFORM, EXPONENTIAL, GUMBEL, NORMAL, NEST = 0, 1, 2, 3, 4


@kernel
def fill(out, seed, stream, month, kind, alpha):
    """Draw ``out.size`` variates of one kind, keyed by their position."""
    key = month_key(seed, stream, month)
    for k in range(out.shape[0]):
        bits = draw(key, k)
        if kind == UNIFORM:
            out[k] = uniform(bits)
        elif kind == EXPONENTIAL:
            out[k] = exponential(bits)
        elif kind == GUMBEL:
            out[k] = gumbel(bits)
        elif kind == NORMAL:
            out[k] = normal(bits)
        else:
            out[k] = nest_error(bits, alpha)


@kernel
def fill_index(out, seed, stream, month, n):
    """Draw integers below ``n``."""
    key = month_key(seed, stream, month)
    for k in range(out.shape[0]):
        out[k] = index_below(draw(key, k), n)


@kernel
def fill_bits(out, seed, stream, month):
    """Raw bits: one, two and three fields of key."""
    key = month_key(seed, stream, month)
    for k in range(out.shape[0]):
        out[k] = draw(key, k) ^ draw2(key, k, k + 1) ^ draw3(key, k, k + 1, k + 2)


@kernel
def fill_mixed(out, counters):
    """The bare mixer."""
    for k in range(out.shape[0]):
        out[k] = mix(counters[k])


def new_rounds() -> np.recarray:
    """Room for the constants of one keyed permutation, after an unused place."""
    return records(ROUND, 1 + ROUNDS)


@kernel
def fill_permuted(out, back, paired, rounds, bits, seed):
    """A keyed permutation of [0, 2**bits), its inverse after it, and the involution."""
    fill_rounds(rounds, 1, stream_key(seed, Stream.TIE))
    for k in range(out.shape[0]):
        image = permute(k, bits, rounds, 1)
        out[k] = np.int64(image)
        back[k] = unpermute(image, bits, rounds, 1)
        paired[k] = partner(k, bits, rounds, 1)


def drawn(
    n: int, stream: int = 1, month: int = 0, kind: int = UNIFORM, seed: int = 1, alpha: float = 0.5
) -> np.ndarray:
    """``n`` variates of one stream, month and kind."""
    out = np.zeros(n)
    fill(out, seed, stream, month, kind, alpha)
    return out


def table() -> list[str]:
    """Golden lines: raw bits and variates of some keys, exact to the last bit."""
    lines = []
    bits = np.zeros(3, np.uint64)
    for seed in (0, 1, 2**62 + 12345):
        for stream in (int(Stream.SEX), int(Stream.THIN_PLACE)):
            for month in (0, 371):
                fill_bits(bits, seed, stream, month)
                words = " ".join(f"{int(word):016x}" for word in bits)
                lines.append(f"bits seed={seed} stream={stream} month={month}: {words}")
    names = ("uniform", "exponential", "gumbel", "normal", "nest")
    for kind, name in enumerate(names):
        values = drawn(4, stream=36, month=5, kind=kind, alpha=0.2)
        lines.append(f"{name}: {' '.join(value.hex() for value in values)}")
    whole = np.zeros(8, np.int64)
    fill_index(whole, 1, 57, 12, 600_000)
    lines.append(f"index below 600000: {' '.join(map(str, whole))}")
    out, back, paired = (np.zeros(16, np.int64) for _ in range(3))
    fill_permuted(out, back, paired, new_rounds(), 4, 2008)
    lines.append(f"permutation of 16: {' '.join(map(str, out))}")
    lines.append(f"partners of 16: {' '.join(map(str, paired))}")
    lines.append(f"wealth: {wealth(0.5, 1.0, 1.8, 0.6, -0.1, 1.25).hex()}")
    lines.append(f"tolerance: {tolerance(0.3, -0.7).hex()}")
    return lines


if __name__ == "__main__":
    np.seterr(over="ignore")  # plain Python warns where the machine wraps, as it should
    print("\n".join(table()))
