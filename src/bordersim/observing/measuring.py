"""Simulated figures of a run, one for each target."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bordersim.figures import FIGURES
from bordersim.observing.target import Target
from bordersim.results import FloatArray, RunResults


class _Remembering(RunResults):
    """A run whose observables are read once, however many figures need them."""

    def __init__(self, run: RunResults) -> None:
        self._run = run
        self._values: dict[str, FloatArray] = {}
        self._by_place: dict[str, FloatArray] = {}
        self.scenario_name, self.run_id = run.scenario_name, run.run_id
        self.seed, self.world_seed, self.scale = run.seed, run.world_seed, run.scale
        self.start_month, self.end_month = run.start_month, run.end_month
        self.homes, self.sectors = run.homes, run.sectors
        self.digests, self.inputs, self.wall_s = run.digests, run.inputs, run.wall_s

    def value(self, observable: str) -> FloatArray:
        if observable not in self._values:
            self._values[observable] = self._run.value(observable)
        return self._values[observable]

    def by_place(self, observable: str) -> FloatArray:
        if observable not in self._by_place:
            self._by_place[observable] = super().by_place(observable)
        return self._by_place[observable]


def simulated_figures(run: RunResults, targets: Sequence[Target]) -> FloatArray:
    """Figures of a run that its reports are compared with.

    Parameters
    ----------
    run
        In memory or stored; ``OBSERVABLES_NEEDED`` must be among what it keeps.
    targets
        The k reports.

    Returns
    -------
    array
        Shape (k,), natural units. NaN where the run does not cover the period or there was
        nothing to measure, as a fee where no deal was struck.
    """
    known = _Remembering(run)
    return np.array([_figure(known, target) for target in targets], dtype=np.float64)


def _figure(run: RunResults, target: Target) -> float:
    spans = (target.period, target.period if target.whole is None else target.whole)
    if not all(run.covers(span.first, span.last) for span in spans):
        return float("nan")
    return FIGURES[target.figure](run, spans[0], target.place, spans[1])
