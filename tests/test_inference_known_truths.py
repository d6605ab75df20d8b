"""Known truths of a calibration: what would have been reported of a run, and whence truths come."""

from __future__ import annotations

import numpy as np
from scipy import stats

from bordersim.calibrating.priors import sobol_shares
from bordersim.calibrating.reported import Reports
from bordersim.inference.arrays import to_cube
from bordersim.observing import log_likelihood_terms, natural_scale, nuisance_defaults, targets
from bordersim.observing.declared import declared
from verification.inference.known_truths import Crowd, as_reported

FITTED = targets({"calibrate"})
KNOWN = {one.name: one for one in declared().nuisances}
REPORTS = Reports(FITTED, FITTED, tuple(KNOWN[name] for name in FITTED.nuisances))
BOUNDED = np.isfinite(FITTED.reported_low)
LOWER = np.where(BOUNDED, FITTED.reported_low, FITTED.reported_high - 0.1)
UPPER = np.where(np.isfinite(FITTED.reported_high), FITTED.reported_high, LOWER + 0.1)
FIGURES = natural_scale(((LOWER + UPPER) / 2)[None], FITTED)[0]


def test_synthetic_reports_have_the_forms_of_the_real_ones() -> None:
    made, shares = as_reported(FIGURES, REPORTS, np.random.default_rng(1))
    assert made.ids == FITTED.ids
    assert shares.shape == (len(REPORTS.nuisances),)
    closed = np.isfinite(FITTED.reported_low) & np.isfinite(FITTED.reported_high)
    width = (made.reported_high - made.reported_low)[closed]
    wide = (FITTED.reported_high - FITTED.reported_low)[closed]
    assert np.allclose(width, wide, atol=1e-9)
    one_end = np.isfinite(made.reported_low) != np.isfinite(made.reported_high)
    assert np.array_equal(one_end, ~closed)
    at = made.where("count")
    assert (np.array([made[i].low for i in at]) % 1 == 0).all()
    terms = log_likelihood_terms(FIGURES, made, nuisance_defaults())
    assert np.isfinite(terms).all()


def test_ranges_hold_what_was_told_as_cells_of_a_grid_do() -> None:
    """Over many reports of one run, their middles scatter about its figure by the errors."""
    at = FITTED.ids.index("S1.fee_2010")
    middles = []
    for seed in range(300):
        made, _ = as_reported(FIGURES, REPORTS, np.random.default_rng(seed))
        middles.append(0.5 * (made.reported_low[at] + made.reported_high[at]))
    found = np.array(middles) - np.log(FIGURES[at])
    assert abs(found.mean()) < 0.1
    assert 0.3 < found.std() < 0.7  # a spread of .25 to .50, and a bias of .2


def test_a_crowd_is_a_prior_under_which_its_points_lie_evenly() -> None:
    draw = np.random.default_rng(2)
    middle, root = np.array([0.5, -0.3, 0.0]), np.array([[0.5, 0, 0], [0.3, 0.4, 0], [0, 0, 1.0]])
    points = to_cube(middle + draw.standard_normal((4000, 3)) @ root.T)
    crowd = Crowd.of(points)
    assert np.allclose(crowd.middle, middle, atol=0.06)
    assert np.allclose(crowd.root, root, atol=0.06)
    drawn = crowd.shares(sobol_shares(4096, 3, 1))
    for column, wanted in zip(drawn.T, points.T, strict=True):
        assert stats.ks_2samp(column, wanted).pvalue > 0.001
