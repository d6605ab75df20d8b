"""Coverage of what a calibration does last, emulator and emcee, by known truths.

Runs of the last wave play the truth: what would have been reported of them is drawn, with
the errors that reports have, and the posterior of these reports is sampled as the real
one was. Runs of a wave come from no prior, but crowd where the reports led; so the prior
here is the normal distribution, in normal scores, of the wave's points.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bordersim.calibrating.alternatives import emulator_of
from bordersim.calibrating.driver import Driver
from bordersim.calibrating.likelihood import Likelihood
from bordersim.calibrating.priors import FloatArray
from bordersim.calibrating.reported import Reports
from bordersim.calibrating.waves import IntArray, Runs, told_by
from bordersim.inference.arrays import generator, to_cube, to_normal
from bordersim.inference.sampling import Effort, sample
from bordersim.inference.scores import Coverage
from bordersim.observing import Targets, natural_scale, predict, working_scale

EFFORT = Effort(draws=200, ensembles=2, lengths=8.0, most=500)
"""Enough for the ends of an interval; the real chains are three times as long."""

Told = Callable[[str], None]


@dataclass(frozen=True)
class Crowd:
    """A prior that is normal in normal scores: where the points of a wave lie.

    Attributes
    ----------
    middle
        Mean of the scores, shape (parameters,).
    root
        Lower triangle whose square is their covariance, shape (parameters, parameters).
    """

    middle: FloatArray
    root: FloatArray

    @classmethod
    def of(cls, shares: FloatArray) -> Crowd:
        """The prior that points of a wave, shape (n, parameters), look drawn from."""
        scores = to_normal(shares)
        covariance = np.cov(scores.T) + 1e-9 * np.eye(scores.shape[1])
        return cls(scores.mean(axis=0), np.asarray(np.linalg.cholesky(covariance)))

    def shares(self, quantiles: FloatArray) -> FloatArray:
        """Shares of the calibration's priors at points of a unit cube, flat under this prior."""
        return to_cube(self.middle + to_normal(quantiles) @ self.root.T)


def as_reported(
    figures: FloatArray, reports: Reports, draw: np.random.Generator
) -> tuple[Targets, FloatArray]:
    """What would have been reported of one run, in the forms of the real reports.

    A range keeps its width and lies about what was told as a cell of a grid does whose
    place is left to chance; a report open at one side keeps its end, and its side is the
    one on which what was told lies.

    Parameters
    ----------
    figures
        Of the run, shape (k,), natural units.
    reports
        The real ones.
    draw
        Of nuisances and errors.

    Returns
    -------
    reports
        k targets.
    nuisances
        Shares of their priors at which errors were drawn, shape (nuisances,).
    """
    fitted = reports.fitted
    shares = draw.random(len(reports.nuisances))
    nuisances = {
        one.name: np.asarray(one.from_unit(shares[at : at + 1]))
        for at, one in enumerate(reports.nuisances)
    }
    told = predict(figures[None], fitted, draw, nuisances, count_noise=False)
    middle = working_scale(told, fitted)[0]
    low, high = fitted.reported_low, fitted.reported_high
    width = np.where(np.isfinite(low) & np.isfinite(high), high - low, 0.0)
    first = middle - draw.random(len(middle)) * width
    end = np.where(np.isfinite(low), low, high)
    open_side = np.isinf(low) | np.isinf(high)
    lows = np.where(open_side, np.where(middle < end, -np.inf, end), first)
    highs = np.where(open_side, np.where(middle < end, end, np.inf), first + width)
    ends = [
        np.where(np.isfinite(some), natural_scale(some[None], fitted)[0], some)
        for some in (lows, highs)
    ]
    for at, target in enumerate(fitted):
        if target.form != "interval":
            whole = target.form == "count"  # people are reported one by one
            ends[0][at] = ends[1][at] = np.rint(told[0, at]) if whole else told[0, at]
    made = (
        replace(target, low=float(a), high=float(b))
        for target, a, b in zip(fitted, *ends, strict=True)
    )
    return Targets(made), shares


class KnownTruths:
    """Known truths of one calibration, each recorded when it is done.

    Parameters
    ----------
    driver
        Of the calibration; its waves are done.
    truths
        How many.
    """

    def __init__(self, driver: Driver, truths: int) -> None:
        self.driver, self.truths = driver, truths
        self.names = tuple(prior.parameter for prior in driver.kept)
        near = driver.runs(range(1, len(driver.asked.waves) + 1)).near_the_last()
        self.reports = driver.reports.only(told_by(near, driver.reports.fitted))
        self.chosen = self._chosen(near)
        self.truth = near.at(self.chosen)
        self.rest = self._without(near)
        last = near.wave == near.wave.max()
        self.crowd = Crowd.of(near.shares[last])

    def _chosen(self, near: Runs) -> IntArray:
        whole = np.isfinite(near.natural(self.reports.fitted)).all(axis=1)
        able = np.flatnonzero(whole & (near.wave == near.wave.max()))
        chosen = generator(self.driver.asked.seed, 51).permutation(able)[: self.truths]
        return np.sort(chosen)

    def _without(self, near: Runs) -> Runs:
        """Runs to learn from: replicates of a truth would give it away."""
        known = {point.tobytes() for point in self.truth.shares}
        kept = [at for at, p in enumerate(near.shares) if p.tobytes() not in known]
        return near.at(np.array(kept))

    def coverage(self, tell: Told) -> Coverage:
        """Count how often intervals hold the truth; what was counted before is not redone."""
        asked, fitted = self.driver.asked, self.reports.fitted
        learnt: list[Likelihood] = []

        def likelihood() -> Likelihood:
            if not learnt:
                emulator = emulator_of(asked, self.rest, self.rest.working(fitted), fitted.ids)
                learnt.append(Likelihood(emulator, self.reports, len(self.names)))
            return learnt[0]

        found = []
        for number in range(len(self.chosen)):
            path = self._file(number)
            if not path.exists():
                draws = self._draws(likelihood(), number)
                text = json.dumps({"seed": self._seed(number), "draws": draws.round(6).tolist()})
                self.driver.folder.write(f"known-truths/{path.name}", text.encode())
            draws = np.array(json.loads(path.read_text("utf-8"))["draws"])
            found.append(draws)
            held = Coverage.of(self.truth.shares[: len(found)], found, self.names).overall
            tell(f"{len(found)} of {len(self.chosen)} truths: 90 % intervals hold {held:.1%}")
        return Coverage.of(self.truth.shares, found, self.names)

    def _seed(self, number: int) -> int:
        return int(self.truth.seed[number])

    def _file(self, number: int) -> Path:
        """One file a run that played the truth, so that more truths go on from fewer."""
        return self.driver.folder.path / "known-truths" / f"run-{self._seed(number)}.json"

    def _draws(self, likelihood: Likelihood, number: int) -> FloatArray:
        draw = generator(self.driver.asked.seed, 52, self._seed(number))
        figures = self.truth.natural(self.reports.fitted)[number]
        made, _ = as_reported(figures, self.reports, draw)
        told = Reports(made, made, self.reports.nuisances)
        synthetic, n = replace(likelihood, reports=told), len(self.names)

        def log_likelihood(points: FloatArray) -> FloatArray:
            return synthetic(np.hstack([self.crowd.shares(points[:, :n]), points[:, n:]]))

        size = synthetic.dimensions
        effort = replace(EFFORT, walkers=max(64, 3 * size))  # emcee moves no fewer than 2 * size
        found = sample(log_likelihood, size, self._seed(number), effort=effort)
        return self.crowd.shares(found.draws[:, :n])
