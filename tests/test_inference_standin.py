"""The stand-in: its likelihood is that of its own runs, and methods find its posterior."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import nbinom, norm

from bordersim.inference import Effort, Emulator, sample, standin
from bordersim.inference.scores import c2st

D = len(standin.PARAMETERS)
POINT = np.array([[0.5, 0.4, 0.6, 0.5, 0.5, 0.6, 0.4, 0.5]])


@pytest.fixture(scope="module")
def told():
    return standin.reports(standin.simulate(POINT, 7)[0])


@pytest.fixture(scope="module")
def right(told):
    effort = Effort(draws=300, lengths=15.0, most=800)
    return sample(lambda at: standin.log_likelihood(at, told), D, 1, effort=effort).draws


def test_likelihood_is_the_textbook_one(told):
    points = np.vstack([POINT, POINT * 0.9])
    counts, fees = standin.curves(points)
    size = standin.SIZE
    by_hand = nbinom.logpmf(told.counts, size, size / (size + counts)).sum(axis=1)
    cells = norm.cdf(told.high, fees, standin.FEE_SPREAD) - norm.cdf(
        told.low, fees, standin.FEE_SPREAD
    )
    np.testing.assert_allclose(
        standin.log_likelihood(points, told), by_hand + np.log(cells).sum(axis=1), rtol=1e-9
    )


def test_runs_follow_the_curves():
    runs = standin.simulate(np.repeat(POINT, 4000, axis=0), 3)
    counts, fees = (one[0] for one in standin.curves(POINT))
    n = standin.YEARS
    np.testing.assert_allclose(runs[:, :n].mean(axis=0), counts, rtol=0.02)
    spread = np.sqrt(counts + counts**2 / standin.SIZE)
    np.testing.assert_allclose(runs[:, :n].std(axis=0), spread, rtol=0.06)
    np.testing.assert_allclose(runs[:, n:].mean(axis=0), fees, atol=0.01)
    np.testing.assert_allclose(runs[:, n:].std(axis=0), standin.FEE_SPREAD, rtol=0.06)


def test_far_tails_of_a_range_stay_finite():
    low, high = np.array([0.0]), np.array([0.25])
    for mean in (-8.0, 8.0):
        found = standin.log_between(low, high, np.array([[mean]]), np.array([[0.12]]))
        assert np.isfinite(found).all()
        assert found[0, 0] < -1000


def test_emulated_posterior_is_near_the_exact_one_and_far_from_the_prior(told, right):
    points = np.random.default_rng(4).random((400, D))
    emulator = Emulator.fit(points, standin.working(standin.simulate(points, 5)), 1, fitted_on=150)

    def log_likelihood(at):
        said = emulator.predict(at)
        return standin.emulated_log_likelihood(said.mean, said.variance, told)

    draws = sample(log_likelihood, D, 2, effort=Effort(draws=300, lengths=8.0, most=400)).draws
    assert (np.abs(draws.mean(axis=0) - right.mean(axis=0)) < 1.5 * right.std(axis=0)).all()
    prior = np.random.default_rng(1).random((300, D))
    assert c2st(right, draws, 1) < c2st(right, prior, 1) - 0.02
