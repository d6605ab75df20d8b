"""Policies that hold a lever as it was the month before."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bordersim.codes import LEVER_KEYS
from bordersim.data_files import scenarios_folder
from bordersim.errors import ScenarioError
from bordersim.lever_history import IN_FORCE, OUTSIDE, OVERRIDDEN, REPEATS, lever_steps
from bordersim.scenario import Scenario, load

JAN_2010 = 180


@pytest.fixture(scope="module")
def history() -> Scenario:
    return load(scenarios_folder() / "historical.yaml")


def hold(lever: str, start: str = "2010-01", **more: object) -> dict[str, object]:
    """A policy that holds a lever."""
    return {"id": f"hold-{lever}", "lever": lever, "op": "hold", "from": start, **more}


def path(scenario: Scenario, lever: str) -> np.ndarray:
    """A lever by month and place."""
    return scenario.lever_paths()[:, LEVER_KEYS.index(lever)]


@pytest.mark.parametrize(
    "lever", ["border.wire_coverage", "economy.food_shortage", "economy.exchange_rate"]
)
def test_a_held_lever_keeps_its_value_place_by_place(history: Scenario, lever: str) -> None:
    before, after = path(history, lever), path(history.add(hold(lever)), lever)
    assert np.array_equal(after[:JAN_2010], before[:JAN_2010])
    assert (after[JAN_2010:] == before[JAN_2010 - 1]).all()
    assert not np.array_equal(after, before)
    others = [k for k, key in enumerate(LEVER_KEYS) if key != lever]
    whole, held = history.lever_paths(), history.add(hold(lever)).lever_paths()
    assert np.array_equal(whole[:, others], held[:, others])


def test_wire_is_held_at_what_each_place_had(history: Scenario) -> None:
    held = path(history.add(hold("border.wire_coverage")), "border.wire_coverage")
    assert len(np.unique(held[-1])) > 1


def test_a_hold_ends_and_ramps_as_any_policy(history: Scenario) -> None:
    lever = "guards.inspection_rate"
    before = path(history, lever)
    months = path(history.add(hold(lever, until="2010-12", ramp=4)), lever)
    assert np.array_equal(months[JAN_2010 + 12 :], before[JAN_2010 + 12 :])
    mixed = 0.25 * before[JAN_2010 - 1] + 0.75 * before[JAN_2010]
    assert np.allclose(months[JAN_2010], mixed, rtol=1e-12)
    assert np.array_equal(months[JAN_2010 + 3], before[JAN_2010 - 1])


def test_what_comes_after_a_hold_acts_on_what_is_held(history: Scenario) -> None:
    more = {"id": "more", "lever": "guards.per_km", "op": "scale", "value": 2, "from": "2012-01"}
    months = path(history.add(hold("guards.per_km"), more), "guards.per_km")
    assert (months[JAN_2010 + 24 :, 0] == 2 * months[JAN_2010 - 1, 0]).all()


def test_who_set_what_knows_a_hold(history: Scenario) -> None:
    held = history.add(
        hold("guards.inspection_rate"),
        hold("custody.severity", "2009-01", until="2009-06"),
        hold("guards.per_km", "2016-11") | {"id": "late"},
        hold("guards.per_km", "2020-01") | {"id": "too-late"},
    )
    by_name = {
        step.source: step.status
        for lever in ("guards.inspection_rate", "custody.severity", "guards.per_km")
        for step in lever_steps(held, lever)
    }
    assert by_name["hold-guards.inspection_rate"] == IN_FORCE
    assert by_name["ssd-inspection"] == OVERRIDDEN
    assert by_name["hold-custody.severity"] == REPEATS
    assert (by_name["late"], by_name["too-late"]) == (REPEATS, OUTSIDE)


def test_a_hold_is_written_and_read_again(history: Scenario, tmp_path: Path) -> None:
    held = history.add(hold("china.patrol_rate")).named("held")
    held.to_yaml(tmp_path / "held.yaml")
    assert np.array_equal(load(tmp_path / "held.yaml").lever_paths(), held.lever_paths())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"value": 0}, "hold takes none: it keeps the value of the month before"),
        ({"parameter": "history.patrol_2008"}, "hold takes none"),
        ({"from": "1995-01"}, "1995-01 has no month before it whose value to hold"),
    ],
)
def test_what_a_hold_cannot_have(history: Scenario, change: dict[str, object], says: str) -> None:
    with pytest.raises(ScenarioError, match=says):
        history.add(hold("china.patrol_rate") | change)
