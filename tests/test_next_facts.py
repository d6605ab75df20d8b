"""The value of a fact where it is known: a linear world with normal errors."""

from __future__ import annotations

import numpy as np
import pytest
from next_facts import EXACT, gaussian, with_luck

from bordersim.valuing.linear import linear_left
from bordersim.valuing.reweighting import agreement, variance_left, without
from bordersim.valuing.targets import ALL, SHARE, Targets, make_targets
from bordersim.valuing.values import Facts, Value, together, value_of

FACTS = list(EXACT)


@pytest.fixture(scope="module")
def valued() -> tuple[Facts, Targets, list[Value]]:
    facts, targets = gaussian(120, seed=3)
    return facts, targets, [value_of((k,), facts, targets) for k in range(3)]


@pytest.mark.parametrize("fact", FACTS)
@pytest.mark.parametrize("part", ["a", "b"])
def test_both_methods_find_what_is_known(
    fact: str, part: str, valued: tuple[Facts, Targets, list[Value]]
) -> None:
    _, targets, values = valued
    value, row = values[FACTS.index(fact)], targets.row(SHARE, part)
    exact = EXACT[fact][part]
    for found, error in ((value.reduction, value.error), (value.linear, value.linear_error)):
        assert abs(found[row] - exact) < 3 * error[row] + 0.005, found[row]
        assert error[row] < 0.1


def test_a_fact_that_tells_nothing_does_not_stand_out(
    valued: tuple[Facts, Targets, list[Value]],
) -> None:
    _, targets, values = valued
    row = targets.row(SHARE)
    telling, nothing = values[0], values[2]
    assert 0 < nothing.chance[row] < 0.05
    assert abs(nothing.reduction[row]) < 0.05
    assert telling.reduction[row] > 10 * telling.chance[row]


def test_the_interval_narrows_as_its_variance_does(
    valued: tuple[Facts, Targets, list[Value]],
) -> None:
    _, targets, values = valued
    row = targets.row(SHARE, "a")
    assert values[0].narrower[row] == pytest.approx(1 - np.sqrt(1 - EXACT["of a"]["a"]), abs=0.06)
    assert values[2].narrower[row] == pytest.approx(0, abs=0.1)


def test_sums_add_up_variances(valued: tuple[Facts, Targets, list[Value]]) -> None:
    _, targets, values = valued
    one, two, both = (targets.row(SHARE, part) for part in ("a", "b", ALL))
    now = targets.variance
    assert now[both] == pytest.approx(now[one] + now[two])
    gone = values[0].linear
    assert gone[both] * now[both] == pytest.approx(gone[one] * now[one] + gone[two] * now[two])


def test_what_two_tell_together_and_the_order_of_the_choice(
    valued: tuple[Facts, Targets, list[Value]],
) -> None:
    facts, targets, values = valued
    found = together(values, facts, targets, targets.row(SHARE), 3)
    assert [one.facts for one in found] == [(0, 1), (0, 1, 2)]
    for part in ("a", "b"):  # a and the rest of b are independent: .8 of each is learned
        row = targets.row(SHARE, part)
        assert found[0].reduction[row] == pytest.approx(0.8, abs=3 * found[0].error[row])
        assert found[1].linear[row] == pytest.approx(0.8, abs=0.05)


def test_a_fact_that_tells_everything() -> None:
    facts, targets = gaussian(160, seed=4)
    value = value_of((0,), Facts(facts.figures, np.full(3, 0.2)), targets)
    row = targets.row(SHARE, "a")
    assert value.judged
    assert value.reduction[row] == pytest.approx(1 / 1.04, abs=0.015)
    assert value.linear[row] == pytest.approx(1 / 1.04, abs=0.015)


def test_too_few_draws_are_refused_and_the_forecast_is_left() -> None:
    facts, targets = gaussian(40, seed=5)
    sharp = Facts(facts.figures, np.full(3, 0.02))
    value, row = value_of((0,), sharp, targets), targets.row(SHARE, "a")
    assert not value.judged
    assert np.isnan(value.reduction[row])
    assert value.best(row) == value.linear[row] == pytest.approx(1, abs=0.01)


def test_reweighting_few_draws_promises_nothing_without_cause() -> None:
    """Unless the truth is left out and variances are corrected, they seem to narrow."""
    found = []
    for seed in range(12):
        facts, targets = gaussian(30, seed)
        weights = agreement(facts.figures[:, 2:], np.array([0.3]))
        found.append(variance_left(weights, targets.values) / targets.variance[:4])
    error = np.std(np.mean(found, axis=1), ddof=1) / np.sqrt(len(found))
    assert abs(np.mean(found) - 1) < 3 * error < 0.1


def test_luck_of_seeds_is_not_counted_as_ignorance() -> None:
    facts, plain = gaussian(100, seed=6)
    noisy, _ = with_luck(plain, sd=1.0, seed=7)
    row = noisy.row(SHARE, "a")
    assert noisy.learnable[row] == pytest.approx(1 / 1.5, abs=0.12)
    for method in ("reduction", "linear"):
        value = getattr(value_of((0,), facts, noisy), method)[row]
        assert value == pytest.approx(EXACT["of a"]["a"], abs=0.15), method


def test_some_draws_weigh_as_if_there_were_no_others() -> None:
    facts, _ = gaussian(20, seed=8)
    kept = np.arange(12)
    few = without(agreement(facts.figures, facts.errors), kept)
    assert few == pytest.approx(agreement(facts.figures[kept], facts.errors))


def test_what_does_not_vary_has_no_value() -> None:
    facts, _ = gaussian(40, seed=9)
    still = make_targets([(SHARE, "a")], list(np.zeros((40, 1, 1))))
    value = value_of((0,), facts, still)
    assert np.isnan([*value.reduction, *value.linear, value.best(0)]).all()
    assert np.isnan(linear_left(facts.figures, facts.errors, still)).all()
