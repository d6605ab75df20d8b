"""The draws of docs/draws.md once more, in numpy and apart from the engine's kernels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bordersim.rng import Stream

U64 = NDArray[np.uint64]
F64 = NDArray[np.float64]

GOLDEN = np.array([0x9E3779B97F4A7C15], np.uint64)


def mix(x: U64) -> U64:
    """SplitMix64's finaliser."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _words(value: Any) -> U64:
    return np.atleast_1d(np.asarray(value)).astype(np.uint64)


def draw(key: U64, *fields: Any) -> U64:
    """64 random bits for a key and its further fields, numbers or arrays."""
    for field in fields:
        key = mix(key + (_words(field) + np.uint64(1)) * GOLDEN)
    return key


def stream_key(seed: int, stream: Stream) -> U64:
    """Key of a stream."""
    return mix(mix(_words(seed) * GOLDEN + np.uint64(1)) + _words(int(stream)) * GOLDEN)


def month_key(seed: int, stream: Stream, month: int) -> U64:
    """Key of a stream in a month."""
    return draw(stream_key(seed, stream), month)


def uniform(bits: U64) -> F64:
    """Uniform on (0, 1)."""
    return ((bits >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


def normal(bits: U64) -> F64:
    """Standard normal."""
    radius = np.sqrt(-2.0 * np.log(uniform(bits)))
    turn: F64 = radius * np.cos(2.0 * np.pi * uniform(mix(bits + GOLDEN)))
    return turn


def index_below(bits: U64, n: Any) -> NDArray[np.int64]:
    """Integer in [0, n)."""
    return (((bits >> np.uint64(32)) * _words(n)) >> np.uint64(32)).astype(np.int64)
