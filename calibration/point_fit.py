"""Where a calibration starts: one point near the best, by repeated local regression.

The values of calibrated parameters in ``scenarios/parameters.yaml`` were found with it:

    python calibration/point_fit.py calibration/historical.yaml --scale 0.3 --out fit.json

Each round simulates points around the present one, fits a straight line from parameters to
every simulated figure, climbs the log likelihood along those lines as far as a trust radius
allows, and keeps what other seeds confirm. It says nothing about uncertainty: that is
``bordersim calibrate``, whose file gives the parameters, their ranges and the reports.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.stats import norm, qmc

from bordersim.calibrating.priors import shares_of, values_at
from bordersim.calibrating.reading import read_calibration
from bordersim.calibrating.spec import Asked
from bordersim.dates import month_label
from bordersim.errors import BordersimError
from bordersim.observing import (
    Targets,
    log_likelihood_terms,
    natural_scale,
    nuisance_defaults,
    simulated_figures,
    targets,
    working_scale,
)
from bordersim.simulation import simulate

FloatArray = npt.NDArray[np.float64]
EDGE = 0.5
"""Weight of log u(1 - u): a start in a corner of its range tells a search nothing."""
CONFIRMING = (901, 902)
"""Seeds by which steps are judged; no round draws its own from them."""


@cache
def _asked(path: Path) -> Asked:
    return read_calibration(path)


@cache
def _targets(path: Path) -> Targets:
    until = _asked(path).until
    return Targets(one for one in targets() if one.period.last <= until)


def figures_at(job: tuple[Path, FloatArray, float, int]) -> FloatArray | None:
    """Figures of one run on the working scale, shape (k,); None if it failed."""
    path, shares, scale, seed = job
    asked = _asked(path)
    keys = [prior.parameter for prior in asked.priors]
    values = values_at(asked.priors, shares[None, :])[0]
    known = _targets(path)
    try:
        scenario = asked.scenario.with_parameters(dict(zip(keys, values.tolist(), strict=True)))
        run = simulate(scenario.scaled(scale), seed, until=month_label(asked.until))
        return working_scale(simulated_figures(run, known)[None, :], known)[0]
    except BordersimError as error:
        print(error, file=sys.stderr)
        return None


def score(figures: FloatArray, shares: FloatArray, known: Targets) -> float:
    """Log likelihood of figures on the working scale, at the nuisances' middles."""
    told = natural_scale(figures[None, :], known)
    terms = log_likelihood_terms(told, known, nuisance_defaults())
    return float(terms.sum() + EDGE * np.log(shares * (1 - shares)).sum())


@dataclass
class Search:
    """Where the search is and what it has seen."""

    path: Path
    scale: float
    pool: Executor
    centre: FloatArray
    spread: float = 0.06
    radius: float = 0.15
    points: list[FloatArray] = field(default_factory=list)
    figures: list[FloatArray] = field(default_factory=list)

    def simulate(self, points: FloatArray, seeds: list[int]) -> list[FloatArray | None]:
        """Figures at points, one seed each."""
        jobs = [(self.path, p, self.scale, s) for p, s in zip(points, seeds, strict=True)]
        return list(self.pool.map(figures_at, jobs, chunksize=2))

    def look_around(self, n: int, at: int) -> None:
        """Simulate points about the centre."""
        sobol = qmc.Sobol(self.centre.size, rng=at).random(n)
        around = self.centre + self.spread * norm.ppf(0.01 + 0.98 * sobol)
        points = np.clip(around, 0.005, 0.995)
        for point, found in zip(points, self.simulate(points, [1 + at] * n), strict=True):
            if found is not None and np.isfinite(found).all():
                self.points.append(point)
                self.figures.append(found)

    def lines(self) -> tuple[FloatArray, FloatArray]:
        """Figures at the centre, shape (k,), and their slopes, shape (parameters, k)."""
        steps = np.array(self.points) - self.centre
        far = (steps**2).sum(axis=1) / (steps.shape[1] * (1.3 * self.spread) ** 2)
        weights = np.sqrt(np.exp(-0.5 * far))[:, None]
        columns = np.c_[np.ones(len(steps)), steps / self.spread] * weights
        ridge = np.eye(columns.shape[1])
        ridge[0, 0] = 0.0
        right = columns.T @ (np.array(self.figures) * weights)
        found = np.linalg.solve(columns.T @ columns + ridge, right)
        return found[0], found[1:] / self.spread

    def climb(self) -> tuple[float, float]:
        """Take the best of four steps along the lines; the score and the share taken."""
        known = _targets(self.path)
        level, slopes = self.lines()

        def loss(step: FloatArray) -> float:
            held = float(step @ step) / self.radius**2
            return held - score(level + step @ slopes, self.centre + step, known)

        r = self.radius
        ends = [(max(-r, 0.01 - c), min(r, 0.99 - c)) for c in self.centre]
        step = minimize(loss, np.zeros_like(self.centre), bounds=ends, method="L-BFGS-B").x
        shares = np.array([0.0, 0.35, 0.7, 1.0])
        trials = self.centre + shares[:, None] * step
        seeds = [seed for _ in trials for seed in CONFIRMING]
        runs = self.simulate(np.repeat(trials, len(CONFIRMING), axis=0), seeds)
        scores = [
            self._confirmed(runs[at * len(CONFIRMING) : (at + 1) * len(CONFIRMING)], trial)
            for at, trial in enumerate(trials)
        ]
        best = int(np.argmax(scores))
        self.centre = trials[best]
        if best == 0:
            self.radius, self.spread = 0.6 * self.radius, 0.8 * self.spread
        return scores[best], float(shares[best])

    def _confirmed(self, runs: list[FloatArray | None], at: FloatArray) -> float:
        found = [run for run in runs if run is not None]
        if len(found) < len(CONFIRMING):
            return -np.inf
        return score(np.mean(found, axis=0), at, _targets(self.path))


def main() -> None:
    """Search, writing the best point so far."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--scale", type=float, default=0.3)
    parser.add_argument("--points", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--start", type=Path, help="JSON of values; else those of the scenario")
    parser.add_argument("--out", type=Path, default=Path("fit.json"))
    options = parser.parse_args()
    asked = _asked(options.file)
    keys = [prior.parameter for prior in asked.priors]
    values = {key: float(asked.scenario.parameters.value(key)) for key in keys}
    if options.start:
        values |= {k: v for k, v in json.loads(options.start.read_text()).items() if k in values}
    start = shares_of(asked.priors, np.array([[values[key] for key in keys]]))[0]
    best = -np.inf
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        search = Search(options.file, options.scale, pool, np.clip(start, 0.02, 0.98))
        for at in range(options.rounds):
            begun = time.monotonic()
            search.look_around(options.points, at)
            reached, taken = search.climb()
            seconds = time.monotonic() - begun
            print(f"{at}: {reached:.1f}, {taken:.0%} of the step, {seconds:.0f} s", flush=True)
            if reached > best:
                best = reached
                found = values_at(asked.priors, search.centre[None, :])[0]
                said = {k: float(f"{v:.4g}") for k, v in zip(keys, found, strict=True)}
                options.out.write_text(json.dumps(said, indent=1) + "\n")


if __name__ == "__main__":
    main()
