"""What changes nothing changes no bit: inert policies, levers without effect, months before."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from engine_worlds import SHIPPED, busy, policy, same_books, shipped

from bordersim.codes import LEVER_KEYS
from bordersim.dates import month_label
from bordersim.results import Run
from bordersim.scenario import Scenario
from bordersim.simulation import simulate

END = "1998-12"
SCALE = 0.004
LATE = "2012-06"
LATE_MONTH = 12 * 17 + 5


@lru_cache(maxsize=2)
def world() -> Scenario:
    """A busy nation under the levers of history, which differ by month and place."""
    parameters = {key: busy().parameters[key].value for key in busy().parameters}
    return shipped("historical").with_parameters(parameters).scaled(SCALE).until(END)


@lru_cache(maxsize=2)
def left_alone() -> Run:
    return simulate(world(), 1, events=True)


def same_run(one: Run, other: Run) -> None:
    """Assert that two runs are equal in state, books and events."""
    assert one.digests == other.digests
    same_books(one, other, one.n_months)
    same_events(one, other, one.end_month + 1)


def same_events(one: Run, other: Run, before_month: int) -> None:
    """Assert that the logs are equal before a month."""
    assert one.events is not None
    assert other.events is not None
    ends = [np.searchsorted(run.events["month"], before_month) for run in (one, other)]
    assert ends[0] == ends[1] > 0
    for name in one.events:
        np.testing.assert_array_equal(one.events[name][: ends[0]], other.events[name][: ends[0]])


@pytest.mark.parametrize("key", LEVER_KEYS)
def test_setting_a_lever_to_what_it_is_changes_nothing(key: str) -> None:
    # in three months, at every place, to the bit
    paths = world().lever_paths()
    places = world().places
    names = (*places.sectors, *places.homes)
    lever = paths[:, LEVER_KEYS.index(key)]
    spec = world().catalogue[key]
    own = ("",) if spec.places == "nation" else spec.place_names(places)
    policies: list[dict[str, Any]] = []
    for month in (13, 20, 30):
        for place in own:
            at = {"places": [place]} if place else {}
            value = float(lever[month, names.index(place) if place else 0])
            date = month_label(month)
            policies.append(policy(key, value, date, until=date, **at) | {
                "id": f"as-it-was-{month}-{place}"})  # fmt: skip
    same = world().add(*policies)
    np.testing.assert_array_equal(same.lever_paths(), paths)
    same_run(simulate(same, 1, events=True), left_alone())


def test_a_policy_outside_the_span_changes_nothing() -> None:
    after = world().add(policy("border.closure", 1.0, "1999-01"))
    assert (after.lever_paths() != world().lever_paths()).any()
    same_run(simulate(after, 1, events=True), left_alone())


def test_policies_that_undo_each_other_change_nothing() -> None:
    twice = world().add(
        policy("china.patrol_rate", 2.0, "1996-01", op="scale", id="up"),
        policy("china.patrol_rate", 0.5, "1996-01", op="scale", id="down"),
    )
    same_run(simulate(twice, 1, events=True), left_alone())


WITHOUT_EFFECT: dict[str, tuple[float, dict[str, float], dict[str, float]]] = {
    "guards.inspection_rate": (
        0.2, {"guards.announced_weight": 0.0}, {"guards.inspection_honesty": 0.0},
    ),
    "border.camera_coverage": (
        0.9, {"river.camera_effect": 0.0, "guards.camera_inspection": 0.0}, {},
    ),
    "border.wire_coverage": (1.0, {"river.wire_effect": 0.0, "river.wire_block": 0.0}, {}),
    "economy.corruption_case_rate": (
        0.05, {"residents.case_response": 0.0, "officials.response": 0.0}, {},
    ),
    "guards.betrayal_rewarded": (1.0, {}, {"guards.capture_reward": 0.0}),
    "china.helper_fine": (
        50_000.0, {"informants.fine_probability": 0.0, "traffickers.fine_exposure": 0.0}, {},
    ),
}  # fmt: skip
"""Lever to a value far from where it is, and the parameters and levers at zero without
which it acts on nothing."""


@pytest.mark.parametrize("key", WITHOUT_EFFECT)
def test_a_lever_whose_effect_is_zero_changes_nothing(key: str) -> None:
    value, parameters, levers = WITHOUT_EFFECT[key]
    powerless = busy(0.01, END).with_parameters(parameters).with_settings(levers)
    moved = powerless.add(policy(key, value, "1996-03"))
    same_run(simulate(moved, 1, events=True), simulate(powerless, 1, events=True))
    # and with its effect it does change what happens
    free = busy(0.01, END)
    acting = simulate(free.add(policy(key, value, "1996-03")), 1)
    assert acting.digest != simulate(free, 1).digest


@lru_cache(maxsize=8)
def history(name: str) -> Run:
    return simulate(shipped(name).scaled(SCALE), 1, events=True)


@pytest.mark.parametrize(
    ("change", "value"), [("guards.per_km", 2.0), ("economy.food_shortage", 0.9)]
)
@pytest.mark.parametrize("name", SHIPPED)
def test_every_event_before_a_policy_is_as_it_was(name: str, change: str, value: float) -> None:
    before = history(name)
    after = simulate(
        shipped(name).scaled(SCALE).add(policy(change, value, LATE)),
        1,
        until="2013-06",
        events=True,
    )
    same_books(before, after, LATE_MONTH)
    same_events(before, after, LATE_MONTH)
    whole = {year: digest for year, digest in before.digests.items() if year < 2012}
    assert whole == {year: digest for year, digest in after.digests.items() if year < 2012}
    assert after.digests[2012] != before.digests[2012]
