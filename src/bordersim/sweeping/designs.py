"""Points of a design: grids, Latin hypercubes, Sobol sequences."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import Any

from bordersim.sweeping.axes import Axis

Point = tuple[float, ...]
"""A value for each axis, in the axes' order."""


@dataclass(frozen=True)
class Design:
    """Where in the space of levers and parameters runs are made.

    Attributes
    ----------
    kind
        ``grid``, ``lhs`` or ``sobol``.
    axes
        What varies.
    n
        Points; of a grid, as many as it has.
    seed
        Of the randomisation of ``lhs`` and ``sobol``.
    """

    kind: str
    axes: tuple[Axis, ...]
    n: int
    seed: int

    def points(self) -> list[Point]:
        """Give the points, always the same; a grid's last axis is fastest.

        The first points of a longer Sobol design are those of a shorter one.
        """
        if self.kind == "grid":
            return list(itertools.product(*(axis.values for axis in self.axes)))
        shares = _hypercube(self) if self.kind == "lhs" else _sobol(self)
        return [
            tuple(axis.at(share) for axis, share in zip(self.axes, row, strict=True))
            for row in shares
        ]

    def of_size(self, n: int) -> Design:
        """Design of another number of points."""
        return replace(self, n=n)

    def plain(self) -> dict[str, Any]:
        """Give everything that decides the points, but how many of a Sobol design."""
        size = {} if self.kind == "sobol" else {"n": self.n}
        axes = [axis.plain() for axis in self.axes]
        return {"kind": self.kind, "seed": self.seed, "axes": axes, **size}


def grid_size(axes: tuple[Axis, ...]) -> int:
    """Points of a grid."""
    return math.prod(len(axis.values) for axis in axes)


def _hypercube(design: Design) -> list[list[float]]:
    from scipy.stats import qmc

    sampler = qmc.LatinHypercube(d=len(design.axes), rng=design.seed)
    found: list[list[float]] = sampler.random(design.n).tolist()
    return found


def _sobol(design: Design) -> list[list[float]]:
    from scipy.stats import qmc

    # Whole powers of two, so that the prefix of any length is that of every longer one.
    sampler = qmc.Sobol(d=len(design.axes), scramble=True, rng=design.seed)
    found: list[list[float]] = sampler.random_base2(max(0, (design.n - 1).bit_length())).tolist()
    return found[: design.n]
