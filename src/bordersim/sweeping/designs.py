"""Points of a design: grids, Latin hypercubes, Sobol sequences, and those of indices."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from bordersim.sweeping.axes import Axis

MORRIS, SOBOL_INDICES = "morris", "sobol-indices"
INDICES = (MORRIS, SOBOL_INDICES)
"""Designs from which sensitivity indices are worked out: blocks of points, one input apart."""

RANGED = ("lhs", "sobol", *INDICES)
"""Designs whose axes have ranges, not values."""

EXTENSIBLE = ("sobol", *INDICES)
"""Designs that keep the points they have when they are given more."""

LEVELS = 4
"""Values that an input takes in a Morris design, evenly along its range."""

Point = tuple[float, ...]
"""A value for each axis, in the axes' order."""


@dataclass(frozen=True)
class Design:
    """Where in the space of levers and parameters runs are made.

    Attributes
    ----------
    kind
        ``grid``, ``lhs``, ``sobol``, ``morris`` or ``sobol-indices``.
    axes
        What varies.
    n
        Points; of a grid, as many as it has; of ``morris`` trajectories, and of
        ``sobol-indices`` base points.
    seed
        Of the randomisation of all but a grid.
    second_order
        Whether indices of pairs can be had from ``sobol-indices``.
    """

    kind: str
    axes: tuple[Axis, ...]
    n: int
    seed: int
    second_order: bool = False

    @property
    def block(self) -> int:
        """Points that belong together, one input apart; 1 where there are no such."""
        inputs = len(self.axes)
        if self.kind == MORRIS:
            return inputs + 1
        if self.kind == SOBOL_INDICES:
            return 2 * inputs + 2 if self.second_order else inputs + 2
        return 1

    @property
    def n_points(self) -> int:
        """Points in all."""
        return self.n * self.block

    def points(self) -> list[Point]:
        """Give the points, always the same; a grid's last axis is fastest.

        The first points of a longer design are those of a shorter one, of ``EXTENSIBLE``.
        """
        if self.kind == "grid":
            return list(itertools.product(*(axis.values for axis in self.axes)))
        shares = _SHARES[self.kind](self)
        return [
            tuple(axis.at(share) for axis, share in zip(self.axes, row, strict=True))
            for row in shares
        ]

    def of_size(self, n: int) -> Design:
        """Design of another ``n``."""
        return replace(self, n=n)

    def plain(self) -> dict[str, Any]:
        """Give everything that decides the points, but how many where more can be added."""
        size: dict[str, Any] = {} if self.kind in EXTENSIBLE else {"n": self.n}
        if self.kind == SOBOL_INDICES:
            size = {"second_order": self.second_order}
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


def _trajectories(design: Design) -> list[list[float]]:
    """Paths of Morris: at every step one input jumps two thirds of its range."""
    from SALib.sample import morris

    rows = morris.sample(problem_of(design), design.n, num_levels=LEVELS, seed=design.seed)
    # Levels are thirds; whatever the rounding on the way, equal ones are the same number.
    found: list[list[float]] = ((rows * (LEVELS - 1)).round() / (LEVELS - 1)).tolist()
    return found


def _saltelli(design: Design) -> list[list[float]]:
    """Base points, each followed by those that take one input from its counterpart."""
    from SALib.sample import sobol

    # Whole powers of two, as above.
    size = 1 << max(0, (design.n - 1).bit_length())
    rows = sobol.sample(
        problem_of(design), size, calc_second_order=design.second_order, seed=design.seed
    )
    found: list[list[float]] = rows[: design.n_points].tolist()
    return found


def problem_of(design: Design) -> dict[str, Any]:
    """A design's inputs as SALib takes them, each as a share of its range."""
    names = [axis.key for axis in design.axes]
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


_SHARES: Mapping[str, Callable[[Design], list[list[float]]]] = MappingProxyType(
    {"lhs": _hypercube, "sobol": _sobol, MORRIS: _trajectories, SOBOL_INDICES: _saltelli}
)
