"""Draws from a posterior whose likelihood can be computed, by emcee."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bordersim.inference.arrays import (
    FloatArray,
    InferenceError,
    IntArray,
    generator,
    needs,
    one_thread,
    to_cube,
)

LogLikelihood = Callable[[FloatArray], FloatArray]
"""Of points in the unit cube of prior quantiles, shape (n, parameters) -> (n,)."""

Progress = Callable[[int, int], None]
"""Told steps done and steps at most."""

_BLOCK = 250
_HALF_LEFT = 0.5
_PRIOR_POINTS = 16
_MOVED = 25


@dataclass(frozen=True)
class Effort:
    """How long to sample.

    Attributes
    ----------
    draws
        Wanted; each nearly independent of the others.
    walkers
        In each ensemble; 0 for six a parameter and at least 64.
    ensembles
        Started and run apart, so that what they disagree about shows.
    lengths
        Autocorrelation times an ensemble must run, after the burn-in.
    most
        Steps at most; diagnostics say when they were too few.
    """

    draws: int = 1000
    walkers: int = 0
    ensembles: int = 2
    lengths: float = 50.0
    most: int = 10_000


@dataclass(frozen=True)
class Convergence:
    """How one parameter's chains mixed, by ArviZ.

    Attributes
    ----------
    parameter
        Its name.
    r_hat
        Rank-normalised and split, between ensembles and their halves with each one's
        walkers taken together; below 1.01 is good.
    ess_bulk, ess_tail
        Effective draws in all steps that were kept, for the middle and for the tails.
    autocorrelation
        Steps that one nearly independent draw takes.
    """

    parameter: str
    r_hat: float
    ess_bulk: float
    ess_tail: float
    autocorrelation: float


@dataclass(frozen=True)
class Sample:
    """Draws of a posterior.

    Attributes
    ----------
    draws
        Prior quantiles, shape (draws, parameters).
    log_likelihood
        Of each draw, shape (draws,).
    chain
        Ensemble that each draw is of, from 0, shape (draws,).
    convergence
        One row a parameter.
    steps, burn_in
        Each ensemble's steps, and those thrown away at its start.
    acceptance
        Share of proposals taken.
    """

    draws: FloatArray
    log_likelihood: FloatArray
    chain: IntArray
    convergence: tuple[Convergence, ...]
    steps: int
    burn_in: int
    acceptance: float

    @property
    def converged(self) -> bool:
        """Whether every R-hat is below 1.01 and every bulk ESS reaches the draws' number."""
        return all(c.r_hat < 1.01 and c.ess_bulk >= len(self.draws) for c in self.convergence)


def sample(
    log_likelihood: LogLikelihood,
    dimensions: int,
    seed: int,
    *,
    effort: Effort | None = None,
    names: Sequence[str] = (),
    progress: Progress | None = None,
) -> Sample:
    """Draw from prior times likelihood, the same draws for the same seed.

    Walkers move over normal scores of prior quantiles, where a uniform prior is a
    standard normal and no bound stops them. They start in the prior and are led to the
    posterior by raising the likelihood to growing powers.

    Parameters
    ----------
    log_likelihood
        Vectorised over points; minus infinity and NaN are impossible points.
    dimensions
        Parameters.
    seed
        0 or more.
    effort
        How long to sample.
    names
        Of parameters, for the diagnostics.
    progress
        Told after every block of steps.

    Raises
    ------
    InferenceError
        When no point of the prior is possible.
    """
    needs("emcee", "arviz", "threadpoolctl")
    effort = effort or Effort()
    target = _Target(log_likelihood)
    walkers = effort.walkers or max(64, 6 * dimensions)
    walkers += walkers % 2
    with one_thread():
        ensembles = [
            _Ensemble(target, dimensions, walkers, (seed, number))
            for number in range(effort.ensembles)
        ]
        _run(ensembles, effort, progress)
        return _gather(ensembles, effort, names)


@dataclass(frozen=True)
class _Target:
    log_likelihood: LogLikelihood

    def likelihood(self, scores: FloatArray) -> FloatArray:
        found = np.asarray(self.log_likelihood(to_cube(scores)), dtype=float)
        return np.where(np.isnan(found), -np.inf, found)

    def tempered(self, power: float) -> Callable[[FloatArray], FloatArray]:
        """Log probability with the likelihood to a power, and beside it the likelihood."""

        def told(scores: FloatArray) -> FloatArray:
            found = self.likelihood(scores)
            powered = np.where(np.isfinite(found), power * found, -np.inf)
            return np.column_stack([powered - 0.5 * (scores**2).sum(axis=1), found])

        return told


class _Ensemble:
    """Walkers that learn of each other's places, led from the prior to the posterior."""

    def __init__(
        self, target: _Target, dimensions: int, walkers: int, path: tuple[int, int]
    ) -> None:
        self._target, self._path = target, path
        self._shape = (walkers, dimensions)
        self._turn = 0
        self.sampler = self._sampler(1.0)
        self._state = self._led()

    def _sampler(self, power: float) -> Any:
        import emcee

        # not DESnookerMove: as emcee 3.1 has it, its steps depend on where they start
        # without the correction for that, and a normal comes out a twentieth too narrow
        moves = [(emcee.moves.DEMove(), 0.7), (emcee.moves.StretchMove(), 0.3)]
        return emcee.EnsembleSampler(
            *self._shape, self._target.tempered(power), moves=moves, vectorize=True
        )

    def _luck(self) -> Any:
        """State of a stream that depends on the seed, the ensemble and the turn alone."""
        self._turn += 1
        seeds = np.random.SeedSequence([*self._path, self._turn]).generate_state(8)
        return np.random.RandomState(seeds).get_state()

    def _led(self) -> Any:
        from emcee import State

        walkers, dimensions = self._shape
        draw = generator(*self._path, 0)
        places = draw.standard_normal((_PRIOR_POINTS * walkers, dimensions))
        found = self._target.likelihood(places)
        if not np.isfinite(found).any():
            raise InferenceError(
                f"no possible point among {len(places)} of the prior: the likelihood is zero"
            )
        power = 0.0
        while power < 1.0:
            higher = _next_power(found, power)
            weights = _weights(found, higher - power)
            power = higher
            chosen = _systematic(weights, walkers, draw)
            # a place taken twice is moved a little, so that no two walkers coincide
            places = places[chosen] + 1e-3 * draw.standard_normal((walkers, dimensions))
            sampler = self._sampler(power)
            state = sampler.run_mcmc(State(places, random_state=self._luck()), _MOVED)
            places = state.coords
            found = sampler.get_blobs()[-1].astype(float)
        return State(places, random_state=self._luck())

    def advance(self, steps: int) -> None:
        self._state = self.sampler.run_mcmc(self._state, steps)

    def times(self, burn_in: int) -> FloatArray:
        """Autocorrelation time of each parameter, in steps."""
        from emcee.autocorr import integrated_time

        return np.asarray(
            integrated_time(self.sampler.get_chain(discard=burn_in), quiet=True, tol=0)
        )


def _next_power(found: FloatArray, power: float) -> float:
    """The power at which half of the places would still count."""
    low, high = power, 1.0
    wanted = _HALF_LEFT * np.isfinite(found).sum()
    if _effective(_weights(found, 1.0 - power)) >= wanted:
        return 1.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        enough = _effective(_weights(found, middle - power)) >= wanted
        low, high = (middle, high) if enough else (low, middle)
    return max(low, power + 1e-12)


def _weights(found: FloatArray, power: float) -> FloatArray:
    raised = np.where(np.isfinite(found), power * found, -np.inf)
    weights = np.exp(raised - raised.max())
    return np.asarray(weights / weights.sum())


def _effective(weights: FloatArray) -> float:
    return float(1.0 / (weights**2).sum())


def _systematic(weights: FloatArray, n: int, draw: np.random.Generator) -> Any:
    marks = (draw.random() + np.arange(n)) / n
    return np.minimum(np.searchsorted(np.cumsum(weights), marks), len(weights) - 1)


def _burn_in(steps: int) -> int:
    return steps // 4


def _run(ensembles: Sequence[_Ensemble], effort: Effort, progress: Progress | None) -> None:
    done = 0
    while done < effort.most:
        block = min(_BLOCK, effort.most - done)
        for ensemble in ensembles:
            ensemble.advance(block)
        done += block
        if progress is not None:
            progress(done, effort.most)
        slowest = max(float(e.times(_burn_in(done)).max()) for e in ensembles)
        if done - _burn_in(done) >= effort.lengths * slowest:
            return


def _gather(ensembles: Sequence[_Ensemble], effort: Effort, names: Sequence[str]) -> Sample:
    steps = int(ensembles[0].sampler.iteration)
    burn_in = _burn_in(steps)
    chains = np.concatenate([e.sampler.get_chain(discard=burn_in) for e in ensembles], axis=1)
    found = np.concatenate([e.sampler.get_blobs(discard=burn_in) for e in ensembles], axis=1)
    times = np.max([e.times(burn_in) for e in ensembles], axis=0)
    # evenly spread over steps and walkers, a step apart where they can be
    n = min(effort.draws, chains.shape[0] * chains.shape[1])
    spread = np.linspace(0, chains.shape[0] * chains.shape[1] - 1, n).round().astype(np.int64)
    draws = to_cube(chains.reshape(-1, chains.shape[2])[spread])
    chain = spread % chains.shape[1] // (chains.shape[1] // len(ensembles))
    accepted = float(np.mean([e.sampler.acceptance_fraction.mean() for e in ensembles]))
    table = _converged(chains, len(ensembles), times, names)
    told = found.reshape(-1)[spread].astype(float)
    return Sample(draws, told, chain, table, steps, burn_in, accepted)


def _converged(
    chains: FloatArray, ensembles: int, times: FloatArray, names: Sequence[str]
) -> tuple[Convergence, ...]:
    with warnings.catch_warnings():  # ArviZ announces its next version
        warnings.simplefilter("ignore", FutureWarning)
        import arviz
    labels = tuple(names) or tuple(f"parameter {k}" for k in range(chains.shape[2]))
    together = np.stack([a.reshape(-1, chains.shape[2]) for a in np.split(chains, ensembles, 1)])
    return tuple(
        Convergence(
            name,
            float(arviz.rhat(together[:, :, k])),
            float(arviz.ess(chains[:, :, k].T, method="bulk")),
            float(arviz.ess(chains[:, :, k].T, method="tail")),
            float(times[k]),
        )
        for k, name in enumerate(labels)
    )
