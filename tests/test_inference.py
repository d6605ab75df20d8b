"""Inference against answers known in closed form, and against itself."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
from scipy.special import ndtri

from bordersim.inference import Effort, Emulator, InferenceError, sample
from bordersim.inference.npe import npe
from bordersim.inference.regression import regression_abc
from bordersim.inference.scores import Coverage, c2st
from bordersim.inference.self_check import coverage_on_table
from bordersim.inference.waves import inside_region, next_wave, spread_out

D = 3
SLOPES = np.array([[2.0, 0.0, 0.5], [0.0, 1.5, -1.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.3]])
SPREAD = 0.5
REPORT = np.array([0.8, -0.6, 0.4, 0.1])
EFFORT = Effort(draws=600, lengths=25.0, most=1500)


def log_likelihood(points):
    return -0.5 * (((ndtri(points) @ SLOPES.T - REPORT) / SPREAD) ** 2).sum(axis=1)


def closed_form():
    precision = np.eye(D) + SLOPES.T @ SLOPES / SPREAD**2
    covariance = np.linalg.inv(precision)
    return covariance @ SLOPES.T @ REPORT / SPREAD**2, np.sqrt(np.diag(covariance))


@pytest.fixture(scope="module")
def found():
    return sample(log_likelihood, D, 5, effort=EFFORT)


@pytest.fixture(scope="module")
def table():
    """Runs of a linear model of normal scores: its posterior is known."""
    draw = np.random.default_rng(1)
    points = draw.random((2000, D))
    return points, ndtri(points) @ SLOPES.T + SPREAD * draw.standard_normal((2000, 4))


@pytest.fixture(scope="module")
def emulator():
    points = np.random.default_rng(2).random((240, D))
    return Emulator.fit(points, curves(points, 3), 4, names=["wave", "hill", "flat"])


def curves(points, seed):
    noise = 0.05 * np.random.default_rng(seed).standard_normal((len(points), 3))
    a, b, _ = points.T
    return np.column_stack([np.sin(5 * a), np.exp(-3 * (b - 0.4) ** 2) + a, 0 * a]) + noise


def test_draws_are_those_of_the_closed_form(found):
    mean, spread = closed_form()
    scores = ndtri(found.draws)
    # standard errors of 600 draws are .04 and .03 of the spread; five of them
    assert (np.abs(scores.mean(axis=0) - mean) < 0.2 * spread).all()
    np.testing.assert_allclose(scores.std(axis=0) / spread, 1, atol=0.15)
    np.testing.assert_allclose(found.log_likelihood, log_likelihood(found.draws), rtol=1e-9)


def test_one_seed_one_posterior(found):
    again = sample(log_likelihood, D, 5, effort=EFFORT)
    other = sample(log_likelihood, D, 6, effort=EFFORT)
    assert found.draws.tobytes() == again.draws.tobytes()
    assert found.draws.tobytes() != other.draws.tobytes()


def test_diagnostics_tell_a_short_chain_from_a_long_one(found):
    assert max(c.r_hat for c in found.convergence) < 1.05
    assert min(c.ess_bulk for c in found.convergence) > 600
    short = sample(log_likelihood, D, 5, effort=Effort(draws=600, most=20))
    assert not short.converged


def test_an_impossible_likelihood_is_refused():
    with pytest.raises(InferenceError, match="no possible point"):
        sample(lambda at: np.full(len(at), -np.inf), D, 1, effort=EFFORT)


def test_emulator_finds_curves_noise_and_its_own_error(emulator):
    at = np.random.default_rng(9).random((300, D))
    truth = np.column_stack(
        [np.sin(5 * at[:, 0]), np.exp(-3 * (at[:, 1] - 0.4) ** 2) + at[:, 0], 0 * at[:, 0]]
    )
    said = emulator.predict(at)
    assert np.sqrt(((said.mean - truth) ** 2).mean(axis=0)).max() < 0.04
    np.testing.assert_allclose(np.sqrt(said.noise), 0.05, rtol=0.35)
    z = (curves(at, 7) - said.mean) / np.sqrt(said.variance)
    assert 0.8 < (np.abs(z) < 1.645).mean() < 0.97
    wave, hill, flat = emulator.diagnostics
    assert wave.output == "wave"
    assert min(wave.r2, hill.r2) > 0.9
    assert flat.r2 < 0.2


def test_emulator_doubts_where_it_has_no_points(emulator):
    away = np.array([[0.5, 0.5, 0.5], [3.0, 3.0, 3.0]])
    near, far = emulator.predict(away).uncertainty[:, :2]
    assert (far > 3 * near).all()


def test_fast_slope_is_that_of_scikit_learn():
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    from bordersim.inference.regressor import Regressor

    draw = np.random.default_rng(0)
    x = draw.normal(size=(40, D))
    y = np.sin(x[:, 0]) + 0.1 * draw.normal(size=40)
    kernel = ConstantKernel(0.5) * RBF(np.full(D, 2.0)) + WhiteKernel(0.5)
    both = [
        kind(kernel, optimizer=None).fit(x, y) for kind in (Regressor, GaussianProcessRegressor)
    ]
    theta = 0.5 * draw.normal(size=D + 2)
    ours, theirs = (one.log_marginal_likelihood(theta, eval_gradient=True) for one in both)
    assert ours[0] == pytest.approx(theirs[0], rel=1e-10)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-8)


def test_missing_outputs_are_counted_and_too_few_runs_refused():
    points = np.random.default_rng(2).random((60, D))
    outputs = curves(points, 3)
    outputs[:7, 0] = np.nan
    assert Emulator.fit(points, outputs, 1, fitted_on=50).rows == (53, 7)
    outputs[:50, 1] = np.nan
    with pytest.raises(InferenceError, match=r"10 complete runs \(50 with a missing output\)"):
        Emulator.fit(points, outputs, 1)
    with pytest.raises(InferenceError, match="prior quantiles"):
        Emulator.fit(points + 1, outputs, 1)


def test_next_wave_is_wider_than_the_posterior_and_repeats():
    effort = Effort(lengths=15.0, most=500)
    wave = next_wave(log_likelihood, D, 40, 3, effort=effort)
    assert wave.tobytes() == next_wave(log_likelihood, D, 40, 3, effort=effort).tobytes()
    mean, spread = closed_form()
    scores = ndtri(wave)
    assert (scores.std(axis=0) > 1.2 * spread).all()
    assert (np.abs(scores.mean(axis=0) - mean) < 1.5 * spread).all()
    inside = inside_region(np.vstack([wave, [[0.0, 0.0, 0.0]]]), wave, margin=0.0)
    assert inside[:-1].all()
    assert not inside[-1]


def test_points_are_spread_out():
    pool = np.random.default_rng(1).normal(size=(800, 2))
    chosen = pool[spread_out(pool, 32)]
    apart = np.sqrt(((chosen[:, None] - chosen) ** 2).sum(axis=2)) + 9 * np.eye(32)
    lucky = np.sqrt(((pool[:32, None] - pool[:32]) ** 2).sum(axis=2)) + 9 * np.eye(32)
    assert apart.min() > 2 * lucky.min()


def test_regression_finds_the_closed_form_and_rejection_is_wider(table):
    mean, spread = closed_form()
    fitted = regression_abc(*table, REPORT, 1, share=0.2)
    scores = ndtri(fitted.draws)
    assert (np.abs(scores.mean(axis=0) - mean) < 0.3 * spread).all()
    np.testing.assert_allclose(scores.std(axis=0) / spread, 1, atol=0.2)
    nearest = regression_abc(*table, REPORT, 1, share=0.2, adjust=False)
    assert (ndtri(nearest.draws).std(axis=0)[:2] > 1.2 * spread[:2]).all()


def test_coverage_is_right_for_a_right_method_and_wrong_for_a_narrow_one(table):
    def learned(narrower):
        def learn(points, outputs):
            def posterior(told, seed):
                draws = regression_abc(points, outputs, told, seed, share=0.3, draws=200).draws
                middle = draws.mean(axis=0)
                return middle + narrower * (draws - middle)

            return posterior

        return learn

    right, narrow = (
        coverage_on_table(*table, lambda run, _: run, learned(by), 2, truths=120)
        for by in (1.0, 0.4)
    )
    assert 0.86 <= right.overall <= 0.94
    assert right.uniform().min() > 1e-3
    assert narrow.overall < 0.7
    assert narrow.uniform().max() < 1e-3
    assert right.histogram().sum(axis=0).tolist() == [120] * D


def test_ranks_of_truths_drawn_as_draws_are():
    draw = np.random.default_rng(3)
    truths = draw.random((200, 1))
    cover = Coverage.of(truths, [draw.random((300, 1)) for _ in truths], ("x",))
    assert 0.84 < cover.overall < 0.96
    assert cover.uniform()[0] > 1e-3


def test_c2st_knows_same_from_disjoint():
    draw = np.random.default_rng(1)
    one, same, away = draw.normal(size=(3, 200, 2))
    assert 0.4 < c2st(one, same, 1) < 0.6
    assert c2st(one, away + 5, 1) > 0.98


@pytest.mark.skipif(find_spec("sbi") is not None, reason="sbi is installed")
def test_npe_names_its_extra():
    with pytest.raises(InferenceError, match=r"bordersim\[npe\]"):
        npe(np.zeros((2, 1)), np.zeros((2, 1)), np.zeros(1), 1)


@pytest.mark.skipif(find_spec("sbi") is None, reason="needs the extra npe, which brings torch")
@pytest.mark.filterwarnings("ignore")
def test_npe_finds_the_closed_form(table):
    mean, spread = closed_form()
    scores = ndtri(npe(*table, REPORT, 1, draws=500))
    assert (np.abs(scores.mean(axis=0) - mean) < spread).all()
