"""From a stored run back to the scenario it was made from."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import make_run
from engine_worlds import policy, shipped

import bordersim as bs
from bordersim.errors import ScenarioError
from bordersim.rerun import NoScenarioError, scenario_of
from bordersim.results import Run, run_id
from bordersim.run_catalogue import find_run, read_catalogue
from bordersim.scenario import Scenario
from bordersim.store import Store


def run_of(scenario: Scenario, seed: int = 5) -> Run:
    """A run that says it was made from a scenario; its numbers are made up."""
    return make_run(
        scenario_name=scenario.name, run_id=run_id(scenario, seed), seed=seed,
        scale=scenario.scale, world_seed=scenario.world_seed,
        start_month=scenario.start_month, end_month=scenario.end_month,
        inputs=scenario.resolved(),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["historical", "bounty-2016", "base"])
def test_a_shipped_scenario_is_found_whatever_was_set_but_levers(name: str) -> None:
    made = shipped(name).with_settings(
        {
            "time.start": "1997-03",
            "time.end": "2004-05",
            "population.scale": 0.0123456789,
            "population.world_seed": 77,
            "residents.k_kin": 1.1,
            "population.age_shares": [0.2, 0.2, 0.2, 0.1, 0.1, 0.1, 0.1],
        }
    )
    found = scenario_of(run_of(made.named("renamed")))
    assert found.resolved() == made.resolved()
    assert run_id(found, 5) == run_id(made, 5)
    assert found.name == "renamed"


def test_a_stored_run_is_found_as_one_in_memory(tmp_path: Path) -> None:
    made = shipped("no-crackdown").scaled(0.5)
    Store(tmp_path / "study").commit([run_of(made)])
    entry = find_run(read_catalogue(tmp_path), run_id(made, 5))
    assert scenario_of(entry).resolved() == made.resolved()


def test_levers_that_were_set_are_to_be_named() -> None:
    made = shipped("historical").with_settings({"china.refoulement": 0.25})
    with pytest.raises(NoScenarioError, match=r"other lever paths.*--scenario FILE.*--set"):
        scenario_of(run_of(made))
    with pytest.raises(NoScenarioError):
        scenario_of(run_of(made), settings={"china.refoulement": 0.5})
    found = scenario_of(run_of(made), settings={"china.refoulement": 0.25})
    assert found.resolved() == made.resolved()
    # a setting that another run was made with stands in nobody's way
    plain = shipped("historical")
    assert scenario_of(run_of(plain), settings={"china.refoulement": 0.25}).policies == (
        plain.policies
    )


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    made = shipped("historical").add(policy("border.closure", 1.0, "2011-01")).named("mine")
    with pytest.raises(NoScenarioError, match='"mine"'):
        scenario_of(run_of(made))
    made.to_yaml(tmp_path / "mine.yaml")
    for given in (tmp_path / "mine.yaml", made):
        assert scenario_of(run_of(made), [given]).resolved() == made.resolved()
    with pytest.raises(NoScenarioError, match="other lever paths"):
        scenario_of(run_of(made), [shipped("no-markets")])
    # history itself needs no file, whatever file is named for others
    assert scenario_of(run_of(shipped("historical")), [made]).name == "historical"


def test_what_differs_besides_levers_is_named() -> None:
    made = shipped("historical")
    inputs = made.resolved()
    inputs["parameters"] = inputs["parameters"] | {"residents.charm": "0x1.0p+0"}
    inputs["reach"] = "0x0.0p+0"
    run = run_of(made)
    run.inputs.update(inputs)  # type: ignore[attr-defined]
    with pytest.raises(NoScenarioError, match=r"historical.*other reach, residents\.charm"):
        scenario_of(run)


def test_a_run_without_inputs_and_a_wrong_setting_are_told() -> None:
    with pytest.raises(NoScenarioError, match="does not say what it was made from"):
        scenario_of(make_run())
    with pytest.raises(ScenarioError, match="unknown key"):
        scenario_of(run_of(shipped("base")), settings={"no.lever": 1})


def test_a_run_keeps_the_policies_it_was_made_with(tmp_path: Path) -> None:
    """No file is at hand, and none is needed: the run's own policies give its levers."""
    base = shipped("base").scaled(0.001).until("1995-03")
    fined = {"id": "fined", "lever": "china.helper_fine", "op": "set", "value": 700.0,
             "from": "1995-02", "ramp": 2, "places": ["tumen_musan"]}  # fmt: skip
    mine = base.add(fined).with_parameters({"residents.a_risk": 2.5}).named("mine")
    bs.run(mine, out=tmp_path)
    (stored,) = bs.open(tmp_path / "mine")
    assert scenario_of(stored).resolved() == mine.resolved()
    assert [policy.id for policy in scenario_of(stored).policies][-1] == "fined"
