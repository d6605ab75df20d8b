"""Other structures of the model, fitted to the same reports and judged by those held out.

Each is run at points of the last wave with the wave's own seeds, so that the main
structure's runs are there, and what differs is the structure's doing alone. An emulator
learns these differences and is added to the main one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.special import logsumexp

from bordersim.calibrating.likelihood import Likelihood
from bordersim.calibrating.plan import MAIN
from bordersim.calibrating.priors import FloatArray
from bordersim.calibrating.schema import AlternativeEntry
from bordersim.calibrating.spec import Asked
from bordersim.calibrating.waves import IntArray, Runs, filled, told_by
from bordersim.inference.arrays import to_normal
from bordersim.inference.corrected import Corrected, Foreteller
from bordersim.inference.emulator import Emulator
from bordersim.inference.waves import inside_region, spread_out
from bordersim.observing import Targets, log_predictive_terms, natural_scale, nuisance_defaults
from bordersim.sweeping.draws import STRUCTURE


def chosen_points(shares: FloatArray, points: int) -> IntArray:
    """Points of a wave, spread over all of them, at which structures are run."""
    return spread_out(to_normal(shares), points)


def emulator_of(asked: Asked, runs: Runs, working: FloatArray, names: Sequence[str]) -> Emulator:
    """Learn figures on the working scale, shape (runs, names), as the file says."""
    return Emulator.fit(
        runs.shares,
        filled(runs.shares, working),
        asked.seed,
        names=names,
        components=asked.emulator.components,
        fitted_on=asked.emulator.fit_points,
    )


@dataclass(frozen=True)
class Pair:
    """Runs of another structure beside those of the main one at the same points and seeds.

    Attributes
    ----------
    main, other
        Row by row alike but for the structure.
    """

    main: Runs
    other: Runs

    def known(self, targets: Targets) -> Targets:
        """Reports that enough runs of both measured."""
        both = set(told_by(self.main, targets)) & set(told_by(self.other, targets))
        return Targets(target for target in targets if target.id in both)

    def corrected(self, asked: Asked, base: Foreteller, of: Targets, wanted: Targets) -> Corrected:
        """Emulator of the structure.

        Parameters
        ----------
        asked
            The calibration.
        base, of
            Emulator of the main structure, and the reports it emulates.
        wanted
            Some of these.
        """
        change = self.other.working(wanted) - self.main.working(wanted)
        learnt = emulator_of(asked, self.main, change, wanted.ids)
        return Corrected(base, np.array([of.ids.index(name) for name in wanted.ids]), learnt)

    def likelihood(self, asked: Asked, main: Likelihood) -> Likelihood:
        """What the reports say of the structure's parameters."""
        known = self.known(main.reports.fitted)
        reports = main.reports.only(known.ids)
        emulator = self.corrected(asked, main.emulator, main.reports.fitted, reports.fitted)
        return replace(main, emulator=emulator, reports=reports)


@dataclass(frozen=True)
class Judged:
    """Draws of one structure, and what they foretell of reports held out.

    Attributes
    ----------
    title
        For people.
    likelihood
        Of the fitted reports.
    draws
        As shares of the priors, nuisances behind parameters, shape (draws, dimensions).
    log_likelihood
        Of each, shape (draws,).
    runs
        That were made for the structure.
    points
        Of these runs, as shares of the priors.
    emulator, judges
        Of the reports held out.
    """

    title: str
    likelihood: Likelihood
    draws: FloatArray
    log_likelihood: FloatArray
    runs: int
    points: FloatArray
    emulator: Foreteller
    judges: Targets

    def terms(self, names: Sequence[str]) -> FloatArray:
        """Log probability of held-out reports by each draw, shape (draws, names)."""
        n_parameters = self.likelihood.n_parameters
        told = self.emulator.predict(self.draws[:, :n_parameters])
        figures = natural_scale(told.mean, self.judges)
        nuisances: Mapping[str, Any] = nuisance_defaults() | self.likelihood.nuisances(self.draws)
        terms = log_predictive_terms(figures, self.judges, nuisances, told.variance)
        return np.asarray(terms[:, [self.judges.ids.index(name) for name in names]])

    def inside(self) -> float:
        """Share of draws in the box of the runs: beyond, an emulator only guesses."""
        drawn = self.draws[:, : self.likelihood.n_parameters]
        return float(inside_region(drawn, self.points).mean())


def predictive(terms: FloatArray) -> float:
    """Log predictive score of all reports together: log of the mean over draws."""
    return float(logsumexp(terms.sum(axis=1)) - np.log(len(terms)))


def score_rows(judged: Mapping[str, Judged]) -> list[dict[str, Any]]:
    """One row a structure: how well it fits and how well it foretells, against the main one.

    ``error`` is the standard error of the score over blocks of draws: the luck of sampling,
    not that of having few reports.
    """
    shared = _shared(judged)
    terms = {name: one.terms(shared) for name, one in judged.items()}
    scores = {name: predictive(of) for name, of in terms.items()}
    return [
        {
            "structure": name,
            "title": one.title,
            "fit": float(one.log_likelihood.mean()),
            "score": scores[name],
            "error": _error(terms[name]),
            "held_out": len(shared),
            "runs": one.runs,
            "inside": one.inside(),
            "against_main": scores[name] - scores[MAIN],
        }
        for name, one in judged.items()
    ]


def report_rows(judged: Mapping[str, Judged]) -> list[dict[str, Any]]:
    """Score of each held-out report by each structure."""
    shared = _shared(judged)
    rows = []
    for name, one in judged.items():
        terms = one.terms(shared)
        alone = logsumexp(terms, axis=0) - np.log(len(terms))
        rows += [
            {"structure": name, "report": key, "score": float(score)}
            for key, score in zip(shared, alone, strict=True)
        ]
    return rows


def marked(draws: pa.Table, entry: AlternativeEntry) -> pa.Table:
    """A table of draws that says of which structure they are."""
    said = {"name": entry.name, "title": entry.title, "set": entry.set_}
    return draws.replace_schema_metadata({STRUCTURE: json.dumps(said).encode()})


def _shared(judged: Mapping[str, Judged]) -> list[str]:
    """Reports that the runs of every structure could measure."""
    every = [set(one.judges.ids) for one in judged.values()]
    first = next(iter(judged.values())).judges.ids
    return [name for name in first if all(name in some for some in every)]


def _error(terms: FloatArray, blocks: int = 10) -> float:
    found = [predictive(block) for block in np.array_split(terms, blocks) if len(block)]
    return float(np.std(found, ddof=1) / np.sqrt(len(found))) if len(found) > 1 else 0.0
