"""An emulator of another structure: the main one's, and what the structure changes.

A structure is run where the main one was run before, with the same seeds. What it changes
is smoother than what it gives, so that few runs tell it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bordersim.inference.arrays import FloatArray, IntArray
from bordersim.inference.emulator import Diagnostic, Emulator, Prediction


class Foreteller(Protocol):
    """Whatever says what a run would give."""

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """How well runs left out were foretold, one row an output."""
        ...

    def predict(self, points: FloatArray) -> Prediction:
        """Expected outputs at points, shape (n, parameters)."""
        ...


@dataclass(frozen=True)
class Corrected:
    """An emulator with the change that another structure makes added to it.

    Attributes
    ----------
    base
        Of the main structure.
    columns
        Outputs of ``base`` that are wanted, in the order of those of ``change``.
    change
        Of the differences of outputs, at the same points and seeds.
    """

    base: Foreteller
    columns: IntArray
    change: Emulator

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """How well the change was foretold at runs left out, one row an output."""
        return self.change.diagnostics

    def predict(self, points: FloatArray) -> Prediction:
        """Expected outputs at points.

        The luck of a run is that of the main structure, or what the change could not be
        foretold by, where that is more.

        Parameters
        ----------
        points
            Prior quantiles, shape (n, parameters).
        """
        main, more = self.base.predict(points), self.change.predict(points)
        return Prediction(
            main.mean[:, self.columns] + more.mean,
            main.uncertainty[:, self.columns] + more.uncertainty,
            np.maximum(main.noise[self.columns], more.noise),
        )
