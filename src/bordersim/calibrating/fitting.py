"""From runs to draws: emulator, likelihood, emcee, and the points of a next wave."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pyarrow as pa

from bordersim.calibrating.likelihood import Likelihood
from bordersim.calibrating.priors import FloatArray, Prior, values_at
from bordersim.calibrating.reported import Reports
from bordersim.calibrating.schema import SamplerSection
from bordersim.calibrating.spec import Asked
from bordersim.calibrating.waves import Runs, filled, told_by
from bordersim.inference.emulator import Emulator
from bordersim.inference.sampling import Effort, Sample, sample
from bordersim.inference.waves import next_wave
from bordersim.sweeping.draws import NUISANCE


def emulated(asked: Asked, reports: Reports, runs: Runs) -> Likelihood:
    """Learn what runs measured of the fitted reports.

    Raises
    ------
    InferenceError
        When too few runs measured them all.
    """
    section = asked.emulator
    reports = reports.only(told_by(runs, reports.fitted))
    emulator = Emulator.fit(
        runs.shares,
        filled(runs.shares, runs.working(reports.fitted)),
        asked.seed,
        names=reports.fitted.ids,
        components=section.components,
        fitted_on=section.fit_points,
    )
    return Likelihood(emulator, reports, runs.shares.shape[1])


def effort_of(section: SamplerSection) -> Effort:
    """How long to sample, as the file says."""
    return Effort(
        draws=section.draws,
        walkers=section.walkers,
        ensembles=section.ensembles,
        lengths=section.lengths,
        most=section.steps,
    )


def proposal_effort(section: SamplerSection) -> Effort:
    """How long to sample for the points of a wave, of which a softened posterior will do."""
    effort = effort_of(section)
    return effort if section.propose is None else replace(effort, most=section.propose)


def sampled(likelihood: Likelihood, effort: Effort, seed: int, priors: tuple[Prior, ...]) -> Sample:
    """Draw from the posterior of parameters and nuisances."""
    names = names_of(priors, likelihood)
    return sample(likelihood, likelihood.dimensions, seed, effort=effort, names=names)


def names_of(priors: tuple[Prior, ...], likelihood: Likelihood) -> list[str]:
    """What is drawn: parameters, then nuisances."""
    nuisances = (NUISANCE + one.name for one in likelihood.reports.nuisances)
    return [*(prior.parameter for prior in priors), *nuisances]


def proposed(likelihood: Likelihood, asked: Asked, points: int, number: int) -> FloatArray:
    """Points of a wave about what earlier waves leave likely, as shares of the priors."""
    effort, seed = proposal_effort(asked.sampler), asked.seed + number
    found = next_wave(likelihood, likelihood.dimensions, points, seed, effort=effort)
    return found[:, : likelihood.n_parameters]


def draws_table(
    found: Sample, likelihood: Likelihood, priors: tuple[Prior, ...], seed: int
) -> tuple[pa.Table, pa.Table]:
    """Posterior as a table: draw, chain, log_likelihood, log_posterior, parameters, nuisances.

    Rows are in random order, so that the first of them are a smaller posterior. Beside it
    the same as shares of the priors.
    """
    n = len(found.draws)
    order = np.random.default_rng([seed, 7]).permutation(n)
    points = found.draws[order]
    values = values_at(priors, points[:, : len(priors)])
    nuisances = likelihood.nuisances(points)
    density = sum(
        (prior.log_density(values[:, at]) for at, prior in enumerate(priors)), np.zeros(n)
    )
    density += sum(
        (one.log_density(nuisances[one.name]) for one in likelihood.reports.nuisances),
        np.zeros(n),
    )
    told: FloatArray = found.log_likelihood[order]
    columns: dict[str, Any] = {
        "draw": np.arange(n),
        "chain": found.chain[order],
        "log_likelihood": told,
        "log_posterior": told + density,
    }
    columns |= {prior.parameter: values[:, at] for at, prior in enumerate(priors)}
    columns |= {NUISANCE + name: column for name, column in nuisances.items()}
    shares = {name: points[:, at] for at, name in enumerate(names_of(priors, likelihood))}
    return pa.table(columns), pa.table(shares)


def emulator_table(likelihood: Likelihood) -> pa.Table:
    """How well the emulator foretold runs left out, one row a report."""
    fitted = likelihood.reports.fitted
    groups = dict(zip(fitted.ids, fitted.groups, strict=True))
    rows = [
        {"report": one.output, "group": groups[one.output]}
        | {key: value for key, value in asdict(one).items() if key != "output"}
        for one in likelihood.emulator.diagnostics
    ]
    return pa.Table.from_pylist(rows)


def convergence_table(found: Sample) -> pa.Table:
    """How chains mixed, one row a parameter or nuisance."""
    return pa.Table.from_pylist([asdict(one) for one in found.convergence])


def sampling_notes(found: Sample) -> tuple[str, dict[str, Any]]:
    """How sampling went, in words and as plain data."""
    worst = max(one.r_hat for one in found.convergence)
    least = min(one.ess_bulk for one in found.convergence)
    n = len(found.draws)
    return f"{n:,} draws, R-hat at most {worst:.3f}, ESS at least {least:,.0f}", {
        "draws": n,
        "r_hat": worst,
        "ess_bulk": least,
        "steps": found.steps,
        "burn_in": found.burn_in,
        "acceptance": found.acceptance,
        "converged": found.converged,
    }
