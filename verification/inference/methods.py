"""The methods, each from a report of the stand-in to draws, and what they score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import process_time

import numpy as np
from scipy.stats import qmc

from bordersim.inference import standin
from bordersim.inference.arrays import FloatArray
from bordersim.inference.emulator import Emulator
from bordersim.inference.npe import npe
from bordersim.inference.regression import regression_abc
from bordersim.inference.sampling import Effort, LogLikelihood, Sample, sample
from bordersim.inference.scores import Coverage, c2st
from bordersim.inference.self_check import coverage_on_table
from bordersim.inference.waves import inside_region, next_wave

D = len(standin.PARAMETERS)


@dataclass(frozen=True)
class Size:
    """How much is done.

    Attributes
    ----------
    trials
        Reports over whose C2ST the mean is taken.
    wave
        Runs of each of three emulator waves.
    table, large
        Runs of the two prior tables of ABC.
    truths
        Known truths of each coverage.
    draws
        Of each posterior that is compared.
    """

    trials: int
    wave: int
    table: int
    large: int
    truths: int
    draws: int


FULL = Size(trials=5, wave=500, table=10_000, large=30_000, truths=100, draws=1000)
QUICK = Size(trials=1, wave=256, table=1024, large=2048, truths=40, draws=400)


def runs_at(points: FloatArray, seed: int) -> FloatArray:
    """Runs of the stand-in, one a point."""
    return standin.simulate(points, seed)


def prior_table(n: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Sobol points of the prior and their runs."""
    points = qmc.Sobol(D, seed=seed).random(1 << (n - 1).bit_length())[:n]
    return points, runs_at(points, seed)


def exact(told: standin.Reports, size: Size, seed: int) -> Sample:
    """The exact posterior, by a long chain."""
    effort = Effort(draws=size.draws, lengths=60.0, most=6000)
    return sample(lambda at: standin.log_likelihood(at, told), D, seed, effort=effort)


def emulated(told: standin.Reports, emulator: Emulator) -> LogLikelihood:
    """The likelihood through an emulator."""

    def log_likelihood(points: FloatArray) -> FloatArray:
        found = emulator.predict(points)
        return standin.emulated_log_likelihood(found.mean, found.variance, told)

    return log_likelihood


def waves(told: standin.Reports, size: Size, seed: int, later: int) -> FloatArray:
    """Emulator and emcee: a first wave from the prior and ``later`` ones where it points."""
    points, runs = prior_table(size.wave, seed)
    for number in range(later):
        emulator = Emulator.fit(points, standin.working(runs), seed)
        wave = next_wave(emulated(told, emulator), D, size.wave, seed + number)
        near = inside_region(points, wave)
        points = np.vstack([points[near], wave])
        runs = np.vstack([runs[near], runs_at(wave, seed + 100 + number)])
    emulator = Emulator.fit(points, standin.working(runs), seed)
    effort = Effort(draws=size.draws, lengths=30.0, most=3000)
    return sample(emulated(told, emulator), D, seed, effort=effort).draws


def summarised(told: standin.Reports) -> FloatArray:
    """Summaries of reports, by way of the middles of their cells."""
    middle = 0.5 * (told.low + told.high)
    return np.asarray(standin.summaries(np.concatenate([told.counts, middle])[None])[0])


Method = Callable[[standin.Reports, int], FloatArray]


def methods(size: Size, with_npe: bool) -> dict[str, tuple[int, Method]]:
    """Name -> runs it spends, and from reports and a seed to draws."""
    found: dict[str, tuple[int, Method]] = {
        "emulator + emcee, one wave": (
            size.wave, lambda told, seed: waves(told, size, seed, 0),
        ),
        "emulator + emcee, two further waves": (
            3 * size.wave, lambda told, seed: waves(told, size, seed, 2),
        ),
        "regression ABC": (size.table, _abc(size.table, 0.1, True, size)),
        "regression ABC, larger table": (size.large, _abc(size.large, 0.05, True, size)),
        "rejection ABC": (size.large, _abc(size.large, 0.01, False, size)),
    }  # fmt: skip
    if with_npe:
        found["sbi NPE with summaries"] = (size.table, _npe(size.table, size))
    return found


def _abc(n: int, share: float, adjust: bool, size: Size) -> Method:
    points, runs = prior_table(n, 5)
    told_of = standin.summaries(runs)

    def method(told: standin.Reports, seed: int) -> FloatArray:
        return regression_abc(
            points, told_of, summarised(told), seed,
            share=max(share, 25 / n), draws=size.draws, adjust=adjust,
        ).draws  # fmt: skip

    return method


def _npe(n: int, size: Size) -> Method:
    points, runs = prior_table(n, 5)
    told_of = standin.summaries(runs)
    return lambda told, seed: npe(points, told_of, summarised(told), seed, draws=size.draws)


@dataclass(frozen=True)
class Scored:
    """A method's C2ST at each trial, and processor seconds a posterior."""

    runs: int
    c2st: tuple[float, ...]
    seconds: float


def score(method: tuple[int, Method], truths: list[tuple[standin.Reports, FloatArray]]) -> Scored:
    """Compare a method with the exact posterior of each trial's reports."""
    spent, infer = method
    found, start = [], process_time()
    drawn = [infer(told, 50 + number) for number, (told, _) in enumerate(truths)]
    seconds = (process_time() - start) / len(truths)
    for (_, right), draws in zip(truths, drawn, strict=True):
        found.append(c2st(right, draws, 1))
    return Scored(spent, tuple(found), seconds)


def trials(size: Size) -> tuple[list[tuple[standin.Reports, FloatArray]], list[float]]:
    """Reports of truths from the prior's middle, their exact draws, worst R-hat of each."""
    # a truth at the edge of the prior would judge the prior, not the method
    truths = 0.15 + 0.7 * qmc.Sobol(D, seed=2).random(8)[: size.trials]
    told = [standin.reports(run) for run in runs_at(truths, 9)]
    right = [exact(one, size, 70 + number) for number, one in enumerate(told)]
    worst = [max(c.r_hat for c in one.convergence) for one in right]
    return [(one, found.draws) for one, found in zip(told, right, strict=True)], worst


def coverages(size: Size) -> dict[str, Callable[[], Coverage]]:
    """What counts the coverage of known truths, of the methods that are learned once a table."""
    names = standin.PARAMETERS
    points, runs = prior_table(size.table, 6)

    def report(run: FloatArray, _: np.random.Generator) -> standin.Reports:
        return standin.reports(run)

    def by_regression(
        design: FloatArray, outputs: FloatArray
    ) -> Callable[[standin.Reports, int], FloatArray]:
        told_of = standin.summaries(outputs)
        return lambda told, seed: (
            regression_abc(design, told_of, summarised(told), seed, draws=size.draws).draws
        )

    def by_emulator(
        design: FloatArray, outputs: FloatArray
    ) -> Callable[[standin.Reports, int], FloatArray]:
        emulator = Emulator.fit(design, standin.working(outputs), 1)
        effort = Effort(draws=size.draws, lengths=12.0, most=1000)
        return lambda told, seed: sample(emulated(told, emulator), D, seed, effort=effort).draws

    few = size.truths // 2
    rows = size.wave + few
    return {
        "regression ABC": lambda: coverage_on_table(
            points, runs, report, by_regression, 3, truths=size.truths, names=names
        ),
        "emulator + emcee, one wave": lambda: coverage_on_table(
            points[:rows], runs[:rows], report, by_emulator, 3, truths=few, names=names
        ),
    }
