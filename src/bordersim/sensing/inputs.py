"""What a study says of its design, as indices need it: inputs, ranges, blocks of points."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bordersim.errors import BordersimError
from bordersim.results import FloatArray
from bordersim.sweeping.designs import INDICES, LEVELS, MORRIS

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Input:
    """One lever or parameter that a design varies.

    Attributes
    ----------
    key, unit
        Its name, and the unit of its range.
    low, high, log
        The range, and whether it is spaced by ratios.
    op
        What its value does to a lever; ``set`` for a parameter.
    """

    key: str
    unit: str
    low: float
    high: float
    log: bool
    op: str

    def shares(self, values: FloatArray) -> FloatArray:
        """How far along the range values are, from 0 to 1."""
        if self.log:
            return np.asarray(np.log(values / self.low) / math.log(self.high / self.low))
        return np.asarray((values - self.low) / (self.high - self.low))


@dataclass(frozen=True)
class Inputs:
    """The inputs of a design and how its points belong together.

    Attributes
    ----------
    kind
        ``morris`` or ``sobol-indices``.
    axes
        The inputs.
    second_order
        Whether indices of pairs can be had.
    """

    kind: str
    axes: tuple[Input, ...]
    second_order: bool = False

    @property
    def block(self) -> int:
        """Points of a trajectory, or of a base point and what is made from it."""
        if self.kind == MORRIS:
            return len(self.axes) + 1
        return (2 * len(self.axes) if self.second_order else len(self.axes)) + 2

    def problem(self) -> dict[str, Any]:
        """The inputs as SALib takes them, each as a share of its range."""
        names = [axis.key for axis in self.axes]
        bounds = [[0.0, 1.0]] * len(names)
        return {"num_vars": len(names), "names": names, "bounds": bounds, "groups": None}

    def shares(self, cells: pd.DataFrame) -> FloatArray:
        """Points of the design, shape (points, inputs), as shares of the ranges."""
        points = cells.drop_duplicates("point").sort_values("point")
        columns = [axis.shares(points[axis.key].to_numpy(float)) for axis in self.axes]
        shares: FloatArray = np.stack(columns, axis=1)
        # Trajectories jump between levels; what ratios and back have rounded is put right.
        return np.round(shares * (LEVELS - 1)) / (LEVELS - 1) if self.kind == MORRIS else shares


def inputs_of(sweep: Mapping[str, Any] | None) -> Inputs:
    """Inputs of the sweep that made a study.

    Raises
    ------
    BordersimError
        When no sweep did, or its points were laid for something else.
    """
    design = (sweep or {}).get("design") or {"kind": "none"}
    if design["kind"] not in INDICES:
        kinds = " or ".join(INDICES)
        raise BordersimError(
            f"got a study of design {design['kind']}; indices need points that are one input "
            f"apart: design.kind {kinds}"
        )
    axes = tuple(
        Input(axis["key"], axis["unit"], low, high, log, axis.get("op", "set"))
        for axis in design["axes"]
        for low, high, log in [axis["range"]]
    )
    return Inputs(design["kind"], axes, bool(design.get("second_order")))
