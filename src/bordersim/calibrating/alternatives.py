"""Other structures of the model, fitted alike and judged by reports that none was fitted to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.special import logsumexp

from bordersim.calibrating.fitting import effort_of, emulated, sampled
from bordersim.calibrating.likelihood import Likelihood
from bordersim.calibrating.plan import MAIN
from bordersim.calibrating.priors import FloatArray, Prior
from bordersim.calibrating.spec import Asked
from bordersim.calibrating.waves import Runs, filled, told_by
from bordersim.inference.emulator import Emulator
from bordersim.observing import Targets, log_predictive_terms, natural_scale, nuisance_defaults


class Fitted:
    """One structure, fitted to the runs of its wave.

    Parameters
    ----------
    asked, priors
        Of the calibration.
    likelihood
        By the emulator of these runs.
    runs
        Of the structure.
    judges
        Reports that are held out.
    """

    def __init__(
        self,
        asked: Asked,
        priors: tuple[Prior, ...],
        likelihood: Likelihood,
        runs: Runs,
        judges: Targets,
    ) -> None:
        self.likelihood = likelihood
        self.sample = sampled(likelihood, effort_of(asked.sampler), asked.seed, priors)
        self.judges = judges
        self.emulator = Emulator.fit(
            runs.shares,
            filled(runs.shares, runs.working(judges)),
            asked.seed,
            names=judges.ids,
            components=asked.emulator.components,
            fitted_on=asked.emulator.fit_points,
        )

    def terms(self) -> FloatArray:
        """Log probability of each held-out report by each draw, shape (draws, k)."""
        draws = self.sample.draws
        told = self.emulator.predict(draws[:, : self.likelihood.n_parameters])
        figures = natural_scale(told.mean, self.judges)
        nuisances: Mapping[str, Any] = nuisance_defaults() | self.likelihood.nuisances(draws)
        return log_predictive_terms(figures, self.judges, nuisances, told.variance)


def fit(
    asked: Asked, priors: tuple[Prior, ...], like: Likelihood, runs: Runs, judges: Targets
) -> Fitted:
    """Fit one structure to the reports that the main posterior is fitted to.

    Parameters
    ----------
    asked, priors
        Of the calibration.
    like
        Likelihood of the main posterior: of the same reports.
    runs
        Of the structure.
    judges
        Reports that are held out.
    """
    reports = like.reports.only(told_by(runs, like.reports.fitted))
    known = [name for name in told_by(runs, judges) if name in judges.ids]
    judged = Targets(target for target in judges if target.id in known)
    return Fitted(asked, priors, emulated(asked, reports, runs), runs, judged)


def predictive(terms: FloatArray) -> float:
    """Log predictive score of all reports together: log of the mean over draws."""
    return float(logsumexp(terms.sum(axis=1)) - np.log(len(terms)))


def score_rows(fits: Mapping[str, Fitted], titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """One row a structure: how well it fits and how well it foretells, against the main one.

    ``error`` is the standard error of the score over blocks of draws: the luck of sampling,
    not that of having few reports.
    """
    shared = _shared(fits)
    rows: list[dict[str, Any]] = []
    for name, one in fits.items():
        terms = _of(one, shared)
        rows.append(
            {
                "structure": name,
                "title": titles[name],
                "fit": float(one.sample.log_likelihood.mean()),
                "score": predictive(terms),
                "error": _error(terms),
                "held_out": len(shared),
            }
        )
    scores = {name: predictive(_of(one, shared)) for name, one in fits.items()}
    return [row | {"against_main": scores[row["structure"]] - scores[MAIN]} for row in rows]


def report_rows(fits: Mapping[str, Fitted]) -> list[dict[str, Any]]:
    """Score of each held-out report by each structure."""
    shared = _shared(fits)
    rows = []
    for name, one in fits.items():
        terms = _of(one, shared)
        alone = logsumexp(terms, axis=0) - np.log(len(terms))
        rows += [
            {"structure": name, "report": key, "score": float(score)}
            for key, score in zip(shared, alone, strict=True)
        ]
    return rows


def _shared(fits: Mapping[str, Fitted]) -> list[str]:
    """Reports that the runs of every structure could measure."""
    every = [set(one.judges.ids) for one in fits.values()]
    return [name for name in next(iter(fits.values())).judges.ids if all(name in s for s in every)]


def _of(one: Fitted, names: Sequence[str]) -> FloatArray:
    where = [one.judges.ids.index(name) for name in names]
    return one.terms()[:, where]


def _error(terms: FloatArray, blocks: int = 10) -> float:
    found = [predictive(block) for block in np.array_split(terms, blocks) if len(block)]
    return float(np.std(found, ddof=1) / np.sqrt(len(found))) if len(found) > 1 else 0.0
