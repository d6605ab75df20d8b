"""What the data say of a share: prior draws against posterior draws, luck taken out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from attributions import made_up

from bordersim.attributing.verdicts import verdict_rows

NAMES = ("a", "b")


def drawn(spread: tuple[float, float], total: float, n: int = 200, seed: int = 1) -> np.ndarray:
    """Coalitions in which factors add about -300 and -100, with a common factor ``total``."""
    rng = np.random.default_rng(seed)
    size = np.exp(total * rng.standard_normal(n))
    a = size * (-300 + spread[0] * rng.standard_normal(n))
    b = size * (-100 + spread[1] * rng.standard_normal(n))
    return np.rint(np.stack([0 * a, a, b, a + b], axis=1) + 1500).astype(np.int64)


def rows(prior: np.ndarray | None, posterior: np.ndarray, **more: int) -> dict[str, dict]:
    before = None if prior is None else made_up(prior, 1500, **more)
    found = verdict_rows(before, made_up(posterior, 1500, **more), NAMES, 0.7)
    return {row["part"]: row for row in found}


def test_a_share_that_narrows_is_told_from_one_that_does_not() -> None:
    found = rows(drawn((100, 60), 0.0), drawn((40, 20), 0.0, seed=2))
    assert found["a"]["sd_ratio"] == pytest.approx(0.4, abs=0.1)
    assert {found[name]["verdict"] for name in NAMES} == {"narrowed by the data"}
    assert found["momentum"]["verdict"] == "moves nothing"
    found = rows(drawn((100, 60), 0.0), drawn((40, 57), 0.0, seed=2))
    assert found["b"]["sd_ratio"] == pytest.approx(0.95, abs=0.15)
    assert found["b"]["verdict"] == "not identified by the data"
    assert found["a"]["sign"] == "sign from the model"
    found = rows(drawn((100, 90), 0.0), drawn((40, 85), 0.0, seed=2))
    assert found["b"]["sign"] == "sign not identified"


def test_a_known_total_does_not_identify_its_parts() -> None:
    found = rows(drawn((30, 30), 0.8), drawn((30, 30), 0.02, seed=2))
    assert found["a"]["sd_ratio"] < 0.4
    assert found["a"]["weight_ratio"] > 0.8
    assert found["a"]["verdict"] == "size narrowed, weight not identified"


def test_a_sign_that_the_prior_left_open_is_learned() -> None:
    found = rows(drawn((300, 30), 0.0), drawn((30, 30), 0.0, seed=2))
    assert found["a"]["sign"] == "sign from the data"


def test_luck_is_taken_out_of_both_spreads() -> None:
    rng = np.random.default_rng(5)
    prior, posterior = (
        np.repeat(drawn((sd, 20), 0.0, seed=k), 4, axis=0) for k, sd in ((1, 100), (2, 20))
    )
    noise = np.rint(200 * rng.standard_normal((2, 800, 1))).astype(np.int64) * [[[0, 1, 0, 1]]]
    found = rows(prior + noise[0], posterior + noise[1], seeds=4)
    raw = np.std((posterior + noise[1])[:, 1].reshape(-1, 4).mean(axis=1))
    assert raw > 90  # luck alone makes it as wide as the prior
    assert found["a"]["sd_ratio"] < 0.6


def test_what_cannot_be_judged_says_why() -> None:
    full = drawn((30, 30), 0.0)
    assert rows(None, full)["a"]["verdict"] == "not judged: no prior draws"
    assert math.isnan(rows(None, full)["a"]["sd_ratio"])
    assert rows(full[:19], full)["a"]["verdict"] == "not judged: too few draws"
    assert rows(full[:19], full)["a"]["sign"] == "" == rows(full, full[:19])["a"]["sign"]
    constant = np.repeat(full[:1], 30, axis=0)
    assert rows(constant, full)["a"]["verdict"] == "not judged: lost in luck"
    still = full.copy()
    still[:, 1], still[:, 3] = still[:, 0], still[:, 2]
    assert (rows(still, still)["a"]["verdict"], rows(still, still)["a"]["sign"]) == (
        "moves nothing",
        "",
    )
