"""Arrays, seeds and threads as every method here uses them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from bordersim.errors import BordersimError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_FURTHEST = 6.0
"""Standard deviations from the middle at which the unit cube's edge is drawn."""


class InferenceError(BordersimError):
    """What was given to a method cannot be inferred from."""


def needs(*modules: str) -> None:
    """Refuse clearly when a library of the extra ``calibration`` is missing.

    Parameters
    ----------
    *modules
        Names to import.

    Raises
    ------
    InferenceError
        Naming what is missing and how to install it.
    """
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise InferenceError(
            f'inference needs {", ".join(missing)}: pip install "bordersim[calibration]"'
        )


def generator(seed: int, *path: int) -> np.random.Generator:
    """A stream of random numbers of its own for each purpose.

    Parameters
    ----------
    seed
        Of the whole inference, 0 or more.
    *path
        Which purpose, and which turn of it.
    """
    return np.random.default_rng([seed, *path])


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep linear algebra on one thread: sums in one order, so the same bits every time."""
    needs("threadpoolctl")
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1):
        yield


def to_normal(points: FloatArray) -> FloatArray:
    """From prior quantiles in [0, 1] to standard normal scores, where nothing has an edge."""
    edge = ndtr(-_FURTHEST)
    return np.asarray(ndtri(np.clip(points, edge, 1 - edge)))


def to_cube(scores: FloatArray) -> FloatArray:
    """From standard normal scores back to prior quantiles inside (0, 1)."""
    return np.asarray(ndtr(np.clip(scores, -_FURTHEST, _FURTHEST)))


def checked_table(design: FloatArray, outputs: FloatArray) -> tuple[FloatArray, FloatArray]:
    """A design and its outputs as matrices of one length.

    Parameters
    ----------
    design
        Prior quantiles, shape (n, parameters).
    outputs
        Shape (n, outputs); NaN where a run had nothing to measure.

    Raises
    ------
    InferenceError
        When shapes differ or the design leaves the unit cube.
    """
    points, values = (np.ascontiguousarray(a, dtype=float) for a in (design, outputs))
    if points.ndim != 2 or values.ndim != 2 or len(points) != len(values):
        raise InferenceError(
            f"design {points.shape} and outputs {values.shape}: give one row a run in both"
        )
    if not (np.all(points >= 0) and np.all(points <= 1)):
        raise InferenceError("design: give prior quantiles, each from 0 to 1")
    return points, values
