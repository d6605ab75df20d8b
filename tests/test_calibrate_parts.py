"""Parts of a calibration by what is known beforehand."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import cast

import numpy as np
import pyarrow as pa
import pytest
from scipy.integrate import quad

from bordersim.calibrating.checking import check_rows
from bordersim.calibrating.folder import changes
from bordersim.calibrating.identifying import (
    IDENTIFIED,
    NOT_IDENTIFIED,
    contraction,
    group_rows,
    leave_out,
    parameter_rows,
    weighted_quantile,
)
from bordersim.calibrating.likelihood import Likelihood
from bordersim.calibrating.priors import (
    FloatArray,
    Prior,
    shares_of,
    sobol_shares,
    values_at,
)
from bordersim.calibrating.schema import CheckSection, IdentifiabilitySection
from bordersim.calibrating.screening import screen, trajectories
from bordersim.calibrating.simulating import FIGURE
from bordersim.calibrating.summaries import (
    coarse_summaries_of,
    reported_working,
    summaries_of,
    summarised,
)
from bordersim.calibrating.waves import filled, runs_of, told_by
from bordersim.inference.regression import Nearest
from bordersim.observing import targets

NAN = math.nan
UNIFORM = Prior("a", "uniform", 2.0, 4.0, NAN, NAN, "")
LOG = Prior("b", "loguniform", 0.01, 1.0, NAN, NAN, "")
NORMAL = Prior("c", "normal", -1.0, 3.0, 0.0, 1.0, "")
PRIORS = (UNIFORM, LOG, NORMAL)
FITTED = targets({"calibrate"})


def test_shares_and_values_are_inverse_and_stay_inside() -> None:
    shares = sobol_shares(64, 3, 5)
    values = values_at(PRIORS, shares)
    assert np.allclose(shares_of(PRIORS, values), shares, atol=1e-12)
    assert np.allclose(values_at(PRIORS, np.array([[0.5] * 3]))[0, :2], [3.0, 0.1])
    ends = values_at(PRIORS, np.array([[0.0] * 3, [1.0] * 3]))
    assert np.allclose(ends, [[2.0, 0.01, -1.0], [4.0, 1.0, 3.0]], rtol=0, atol=1e-9)
    assert (ends[0] >= [2.0, 0.01, -1.0]).all()
    assert (ends[1] <= [4.0, 1.0, 3.0]).all()


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior.distribution)
def test_density_is_that_of_the_shares(prior: Prior) -> None:
    def density(value: float) -> float:
        return float(np.exp(prior.log_density(np.array([value]))[0]))

    middle = float(prior.at(np.array([0.3]))[0])
    assert quad(density, prior.low, prior.high)[0] == pytest.approx(1.0)
    assert quad(density, prior.low, middle)[0] == pytest.approx(0.3)


def test_more_points_begin_with_those_of_fewer() -> None:
    assert np.array_equal(sobol_shares(40, 4, 1)[:24], sobol_shares(24, 4, 1))
    assert not np.array_equal(sobol_shares(24, 4, 1), sobol_shares(24, 4, 2))


def screened(response: Callable[[FloatArray], FloatArray], luck: float) -> dict[str, str]:
    """Verdicts on three parameters of a made-up model with two reports."""
    few = FITTED[:2]
    shares = trajectories(3, 12, 1)
    draw = np.random.default_rng(3)
    figures = response(shares)[:, None, :] + luck * draw.standard_normal((len(shares), 3, 2))
    found = screen(PRIORS, shares, figures, few, np.array([0.1, 0.2]), 2)
    return {one.parameter: one.verdict for one in found}


def test_screening_keeps_what_moves_reports() -> None:
    def response(shares: FloatArray) -> FloatArray:
        first = 3.0 * shares[:, 2]
        return np.stack([first, 0.5 * shares[:, 0] + 0 * shares[:, 1]], axis=1)

    assert screened(response, 0.01) == {"a": "kept", "b": "inert", "c": "kept"}
    assert screened(response, 100.0)["b"] == "inert"


def test_a_parameter_that_only_changes_luck_is_seldom_kept() -> None:
    few, shares = FITTED[:8], trajectories(3, 8, 1)
    kept = 0
    for seed in range(60):
        figures = np.random.default_rng(seed).standard_normal((len(shares), 2, 8))
        kept += sum(one.kept for one in screen(PRIORS, shares, figures, few, np.ones(8), 3))
    # Of 180 judgements one in twenty may be wrong, and more where two seeds tell of luck.
    assert kept <= 27


def test_effects_count_in_standard_deviations_of_reports() -> None:
    shares = trajectories(1, 4, 1)
    figures = 2.0 * shares[:, None, :1] * np.ones((1, 2, 1))
    found = screen((UNIFORM,), shares, figures, FITTED[:1], np.array([0.5]), 1)
    assert found[0].effect == pytest.approx(4.0)


def test_runs_that_failed_or_lie_outside_the_priors_are_left_out() -> None:
    few = FITTED[:2]
    table = pa.table(
        {
            "a": [3.0, 3.5, 5.0, 2.5],
            "seed": [1, 2, 3, 4],
            "status": ["ok", "failed", "ok", "ok"],
            FIGURE + few[0].id: [10.0, NAN, 12.0, 13.0],
            FIGURE + few[1].id: [NAN, NAN, 2.0, NAN],
        }
    )
    runs = runs_of([table, table], (UNIFORM,), few)
    assert runs.figures[:, 0].tolist() == [10.0, 13.0, 10.0, 13.0]
    assert np.allclose(runs.shares[:, 0], [0.5, 0.25, 0.5, 0.25])
    assert runs.wave.tolist() == [1, 1, 2, 2]
    assert told_by(runs, few) == [few[0].id]


def test_what_could_not_be_measured_is_filled_by_a_plane() -> None:
    shares = sobol_shares(64, 2, 1)
    whole = np.stack([1.0 + 2.0 * shares[:, 0], shares.sum(axis=1)], axis=1)
    holes = whole.copy()
    holes[::5, 0] = NAN
    assert np.allclose(filled(shares, holes), whole, atol=0.05)
    assert np.isnan(holes).any()


def test_contraction_of_known_draws() -> None:
    even = np.linspace(0, 1, 2001)
    draws = np.stack([even, 0.4 + 0.2 * even], axis=1)
    assert contraction(draws) == pytest.approx([0.0, 0.8], abs=1e-3)
    rows = parameter_rows((UNIFORM, LOG), draws, IdentifiabilitySection())
    assert [row["verdict"] for row in rows] == [IDENTIFIED, NOT_IDENTIFIED]
    assert rows[0]["median"] == pytest.approx(0.1)
    assert (rows[1]["low"], rows[1]["high"]) == pytest.approx((2.1, 3.9))
    assert rows[0]["correlation"] == pytest.approx(1.0)


class MadeUp:
    """Two parameters with normal posteriors, each told by one group of reports."""

    spread = np.array([0.1, 0.05])

    def __init__(self) -> None:
        chosen = {group: FITTED.of_group(group)[:1] for group in ("arrivals", "women")}
        self.reports = type("Reports", (), {})()
        self.reports.fitted = type("Fitted", (), {"groups": tuple(chosen)})()

    def terms(self, points: FloatArray) -> FloatArray:
        return np.asarray(-0.5 * ((points - 0.5) / self.spread) ** 2)

    def leaving_out(self, groups: list[str]) -> list[str]:
        return groups


def test_without_a_group_its_parameter_is_not_told() -> None:
    likelihood = cast(Likelihood, MadeUp())
    draws = np.clip(0.5 + MadeUp.spread * np.random.default_rng(1).standard_normal((4000, 2)), 0, 1)
    even = np.random.default_rng(2).random((500, 2))
    asked: list[object] = []

    def anew(other: object) -> FloatArray:
        asked.append(other)
        return even

    wide = leave_out(likelihood, draws, "women", 10, anew)
    assert (wide.how, asked) == ("reweighted", [])
    rows = {row["parameter"]: row for row in group_rows((UNIFORM, LOG), draws, [wide])}
    assert rows["a"]["lost"] == pytest.approx(0.0, abs=0.1)
    assert rows["b"]["lost"] > 0.1
    strict = leave_out(likelihood, draws, "women", 3999, anew)
    assert (strict.how, asked) == ("sampled anew", [["women"]])
    assert strict.draws is even


def test_quantiles_of_weighted_values() -> None:
    values, weights = np.array([3.0, 1.0, 2.0]), np.array([0.1, 0.6, 0.3])
    assert weighted_quantile(values, weights, 0.5) == 1.0
    assert weighted_quantile(values, weights, 0.95) == 3.0


def test_methods_that_disagree_are_told_apart() -> None:
    draw = np.random.default_rng(1)
    first = np.clip(np.array([0.2, 0.5]) + 0.05 * draw.standard_normal((500, 2)), 0, 1)
    other = np.clip(np.array([0.7, 0.5]) + 0.05 * draw.standard_normal((500, 2)), 0, 1)
    second = Nearest(other, 100, 50.0, np.array([0.5, 0.0]))
    rows = check_rows((UNIFORM, LOG), first, second, CheckSection())
    assert [row["agree"] for row in rows] == [False, True]
    assert rows[0]["apart"] == pytest.approx(-0.5 / math.hypot(0.05, 0.05), rel=0.1)


def test_summaries_of_reports_and_of_runs_are_the_same_numbers() -> None:
    found = summaries_of(FITTED)
    names = [one.name for one in found]
    assert {"arrivals: total", "arrivals: roughness", "arrivals: jump at 2011-12"} <= set(names)
    assert len(names) == len(set(names))
    reported = reported_working(FITTED)
    assert np.isfinite(reported).all()
    told = dict(zip(names, summarised(found, reported[None])[0], strict=True))
    years = np.exp(reported[[at for at, g in enumerate(FITTED.groups) if g == "arrivals"]])
    assert told["arrivals: total"] == pytest.approx(math.log(years.sum()))
    higher = reported + np.log(2.0)
    assert summarised(found, higher[None])[0][names.index("arrivals: total")] == pytest.approx(
        told["arrivals: total"] + math.log(2.0)
    )
    assert told["arrivals: jump at 2011-12"] < -0.3  # arrivals halved
    assert len(coarse_summaries_of(FITTED)) == len(set(FITTED.groups))


def test_changes_are_told_key_by_key() -> None:
    before = {"priors": [{"parameter": "x", "low": 1}], "seed": 1, "gone": True}
    now = {"priors": [{"parameter": "x", "low": 2}, {"parameter": "y", "low": 0}], "seed": 1}
    assert changes(before, now) == [
        "priors.x.low: 1 -> 2",
        "gone: True -> nothing",
        "priors.y.parameter: nothing -> y",
        "priors.y.low: nothing -> 0",
    ]
