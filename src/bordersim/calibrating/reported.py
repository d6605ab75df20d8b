"""The reports that a calibration reads: those it fits, and those it only measures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from bordersim import observing
from bordersim.calibrating.priors import FloatArray
from bordersim.calibrating.spec import Asked, digest_of
from bordersim.observing import Nuisance, Target, Targets
from bordersim.observing.declared import declared
from bordersim.observing.likelihood import spreads_and_biases

FITTED, HELD_OUT = "calibrate", "validate"


@dataclass(frozen=True)
class Reports:
    """Targets of a calibration.

    Attributes
    ----------
    fitted
        What the likelihood contains.
    measured
        What is measured in every run: the fitted ones first, then those held out.
    nuisances
        What the fitted ones need, in their order.
    """

    fitted: Targets
    measured: Targets
    nuisances: tuple[Nuisance, ...]

    @cached_property
    def held_out(self) -> Targets:
        """Measured and not fitted."""
        return self.measured[len(self.fitted) :]

    @cached_property
    def spreads(self) -> FloatArray:
        """Standard deviation of each fitted report on the working scale, shape (k,).

        Its interval's width, and the spread at the middle of the nuisances' priors.
        """
        middle = {nuisance.name: nuisance.middle for nuisance in self.nuisances}
        spreads, _ = spreads_and_biases(self.fitted, middle, 1)
        low, high = self.fitted.reported_low, self.fitted.reported_high
        width = np.where(np.isfinite(low) & np.isfinite(high), high - low, 0.0)
        return np.asarray(np.sqrt(spreads[0] ** 2 + width**2 / 12))

    def only(self, names: Collection[str]) -> Reports:
        """The same with some of the fitted reports."""
        some = Targets(target for target in self.fitted if target.id in names)
        needed = set(some.nuisances)
        rest = tuple(one for one in self.nuisances if one.name in needed)
        return Reports(some, Targets([*some, *self.held_out]), rest)

    def plain(self) -> dict[str, Any]:
        """Give everything that decides the likelihood, as plain data."""
        return {
            "reports": {target.id: digest_of(_plain(target)) for target in self.fitted},
            "nuisances": {one.name: _nuisance(one) for one in self.nuisances},
        }

    def definitions(self) -> str:
        """Digest of what is measured in a run, and of the code that measures it."""
        return digest_of([{target.id: _measure(target) for target in self.measured}, _code()])


def reports_of(asked: Asked) -> Reports:
    """Give the reports of a calibration: those of its span, by their use."""
    fitted = Targets(
        target for target in observing.targets({FITTED}) if target.period.last <= asked.until
    )
    chosen = set(fitted.ids)
    held_out = (
        target
        for target in observing.targets({FITTED, HELD_OUT})
        if target.id not in chosen and target.period.last <= asked.scenario.end_month
    )
    known = {one.name: one for one in declared().nuisances}
    for name, entry in asked.nuisances.items():
        known[name] = Nuisance(
            name, entry.distribution, entry.low, entry.high, entry.mean, entry.sd, entry.reason
        )
    nuisances = tuple(known[name] for name in fitted.nuisances)
    return Reports(fitted, Targets([*fitted, *held_out]), nuisances)


def _measure(target: Target) -> list[Any]:
    """What decides the figure of a run."""
    return [target.figure, str(target.period), str(target.whole), target.place]


def _plain(target: Target) -> list[Any]:
    """What decides the likelihood of a report."""
    said = (
        target.form, target.scale, target.low, target.high, target.trials, target.floor,
        target.spread, target.extra, target.bias,
    )  # fmt: skip
    return [*_measure(target), *map(str, said)]


def _nuisance(one: Nuisance) -> list[Any]:
    return [one.distribution, one.low, one.high, one.mean, one.sd]


@cache
def _code() -> str:
    """Digest of the source that turns a run into figures."""
    import bordersim.figures

    folder = Path(observing.__file__).parent
    files: Sequence[Path] = [Path(bordersim.figures.__file__), *sorted(folder.glob("*.py"))]
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    return json.dumps(found, sort_keys=True)
