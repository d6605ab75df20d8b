"""Scenarios: what a file means, and what the methods of a scenario change."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from bordersim.codes import LAST_MONTH, LEVER_KEYS, Lever
from bordersim.data_files import scenarios_folder
from bordersim.dates import month_label, parse_month
from bordersim.errors import ScenarioError
from bordersim.scenario import Scenario, load

SHIPPED = [
    "base",
    "historical",
    "no-crackdown",
    "no-markets",
    "bounty-2016",
    "bounty-raised",
    "bounty-unraised",
    "fine-raised",
    "no-bounties",
    "no-refoulement",
    "protection",
    "budget-cut-fifth",
    "budget-halved",
    "no-remittances",
    "no-closure",
    "closure-2020",
    "crackdown-no-fences",
    "china-looks-away",
    "no-crackdown-either-side",
    "no-markets-no-crackdown",
]
TO_2025 = ("closure-2020", "no-closure")


def shipped(name: str) -> Scenario:
    return load(scenarios_folder() / f"{name}.yaml")


@pytest.fixture(scope="module")
def base() -> Scenario:
    return shipped("base")


@pytest.fixture(scope="module")
def historical() -> Scenario:
    return shipped("historical")


def path_of(scenario: Scenario, key: str, place: str) -> np.ndarray:
    slot = scenario.places.slots().index(place)
    return scenario.lever_paths()[:, LEVER_KEYS.index(key), slot]


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_scenarios_load(name: str) -> None:
    scenario = shipped(name)
    paths = scenario.lever_paths()
    assert scenario.name == name
    assert paths.shape == (LAST_MONTH + 1, len(Lever), 17)
    assert np.isfinite(paths).all()
    last = "2025-12" if name in TO_2025 else "2016-12"
    assert (scenario.start_month, month_label(scenario.end_month)) == (0, last)


def test_every_scenario_file_is_in_the_list_of_shipped_ones() -> None:
    files = {file.stem for file in scenarios_folder().glob("*.yaml")}
    assert files == {*SHIPPED, "parameters", "levers"}


def test_the_place_axis_is_sectors_then_homes(base: Scenario) -> None:
    assert base.places.slots()[:6] == base.places.sectors
    assert base.places.slots()[6:] == base.places.homes
    paths = base.lever_paths()
    assert (paths[:, Lever.GUARDS_PER_KM, :6] == 8.0).all()
    assert (paths[:, Lever.GUARDS_PER_KM, 6:] == 0.0).all()
    assert (paths[:, Lever.ECONOMY_MARKET_INDEX, :6] == 0.0).all()
    assert (paths[:, Lever.CHINA_REFOULEMENT, :] == 0.95).all()


def policy(**changes: object) -> dict[str, object]:
    written = {"id": "p", "lever": "guards.per_km", "op": "set", "value": 10, "from": "2000-01"}
    return {**written, **changes}


def test_set_scale_add_from_until_places(base: Scenario) -> None:
    start = parse_month("2000-01")
    changed = base.add(
        policy(op="scale", value=2, until="2000-02", places=["tumen_musan"]),
        policy(id="q", op="add", value=1, **{"from": "2000-02"}),
    )
    musan = path_of(changed, "guards.per_km", "tumen_musan")
    assert musan[start - 1 : start + 3].tolist() == [8.0, 16.0, 17.0, 9.0]
    lower = path_of(changed, "guards.per_km", "yalu_lower")
    assert lower[start - 1 : start + 3].tolist() == [8.0, 8.0, 9.0, 9.0]


def test_a_ramp_rises_in_equal_steps_and_ends_with_until(base: Scenario) -> None:
    start = parse_month("2000-01")
    changed = base.add(policy(value=16, ramp="4 months", until="2000-06"))
    path = path_of(changed, "guards.per_km", "tumen_musan")
    assert path[start - 1 : start + 7].tolist() == [8, 10, 12, 14, 16, 16, 16, 8]


def test_later_policies_act_on_what_earlier_ones_left(base: Scenario) -> None:
    first, second = policy(op="set", value=10), policy(id="q", op="scale", value=2)
    month = parse_month("2001-01")
    assert path_of(base.add(first, second), "guards.per_km", "yalu_lower")[month] == 20.0
    assert path_of(base.add(second, first), "guards.per_km", "yalu_lower")[month] == 10.0


@pytest.mark.parametrize("name", SHIPPED)
def test_a_policy_leaves_every_earlier_month_bitwise_equal(name: str) -> None:
    scenario = shipped(name)
    whole = scenario.lever_paths()
    for one in scenario.policies:
        without = scenario.drop(one.id).lever_paths()
        assert np.array_equal(whole[: one.start], without[: one.start]), one.id
        if one.until is not None:
            assert np.array_equal(whole[one.until + 1 :], without[one.until + 1 :]), one.id


def test_units_convert_within_a_dimension(base: Scenario) -> None:
    changed = base.add(policy(lever="guards.lookback_months", value="5 years"))
    assert path_of(changed, "guards.lookback_months", "yalu_lower")[LAST_MONTH] == 60.0


def test_a_policy_takes_its_value_from_a_parameter(historical: Scenario) -> None:
    month = parse_month("2014-01")
    for share in (0.1, 0.3):
        changed = historical.with_parameters({"history.tolerance_2012": share})
        assert path_of(changed, "china.local_tolerance", "tumen_musan")[month] == share
        before = slice(0, parse_month("2012-01"))
        assert np.array_equal(changed.lever_paths()[before], historical.lever_paths()[before])


def test_the_security_budget_scales_last_and_clips(historical: Scenario) -> None:
    month = parse_month("2015-01")
    budgeted = [
        "guards.inspection_rate",
        "guards.capture_reward",
        "border.camera_coverage",
        "border.pursuit_rate",
    ]
    full, half = historical.lever_paths(), None
    half = historical.with_settings({"north.security_budget": 0.5}).lever_paths()
    double = historical.with_settings({"north.security_budget": 2}).lever_paths()
    for position, key in enumerate(LEVER_KEYS):
        before = full[month, position]
        if key in budgeted:
            high = historical.catalogue[key].high
            assert np.array_equal(half[month, position], before / 2), key
            assert np.array_equal(double[month, position], np.minimum(before * 2, high)), key
        elif key != "north.security_budget":
            assert np.array_equal(half[month, position], before), key


def test_scenarios_extend_one_another(historical: Scenario) -> None:
    ids = [one.id for one in historical.policies]
    for name in SHIPPED[2:]:
        own = [one.id for one in shipped(name).policies]
        kept = [one for one in ids if one in own]
        assert own[: len(kept)] == kept, name
        assert (own == ids) == (name == "no-closure"), name  # that one goes on for longer


def test_drop_add_named_until_scaled(historical: Scenario) -> None:
    changed = historical.drop("ssd-command", "ssd-links").named("other", "Other")
    assert (changed.name, changed.title) == ("other", "Other")
    assert len(changed.policies) == len(historical.policies) - 2
    assert changed.until("2010-06").end_month == parse_month("2010-06")
    assert changed.scaled(0.1).scale == 0.1
    assert historical.scale == 1.0, "the scenario it was made from stays as it was"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda s: s.drop("ssd-comand"), 'did you mean "ssd-command"'),
        (lambda s: s.add(policy(lever="guards.perkm")), 'did you mean "guards.per_km"'),
        (lambda s: s.add(policy(), policy()), "is there already"),
        (lambda s: s.named("../x"), "named() name: got"),
        (lambda s: s.scaled(0), "must be greater than 0"),
        (lambda s: s.until("1994-12"), "the data reach from"),
        (lambda s: s.with_parameters({"residents.k_kn": 1}), 'did you mean "residents.k_kin"'),
        (lambda s: s.with_parameters({"history.tolerance_2012": float("nan")}), "allowed: 0 to 1"),
        (lambda s: s.with_settings({"guards.per_km": 1e9}), "--set guards.per_km: got 1e+09"),
        (lambda s: s.with_settings({"guards.perkm": 1}), 'did you mean "guards.per_km"'),
        (lambda s: s.with_settings({"time.end": "2016-13"}), "--set time.end"),
        (lambda s: s.with_settings({"population.scale": "2"}), "must be less than or equal to 1"),
        (lambda s: s.with_settings({"guards.per_km": "nan"}), "expected a finite number"),
        (lambda s: s.with_settings({"china.helper_fine": "5 months"}), "measures time"),
        (lambda s: s.add(policy(op="scale", value=4)), 'policy "p": got'),
    ],
)
def test_wrong_changes_are_refused(historical: Scenario, change: object, expected: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        change(historical)  # type: ignore[operator]
    assert expected in str(caught.value)


def test_settings_are_the_top_layer(historical: Scenario) -> None:
    changed = historical.with_settings(
        {
            "guards.per_km": "12",
            "china.bounty_report": "700 CNY",
            "residents.k_kin": "1.5",
            "population.age_shares": "0.2,0.2,0.2,0.1,0.1,0.1,0.1",
            "time.end": "2010-12",
            "population.scale": "0.1",
            "population.world_seed": "7",
        }
    )
    paths = changed.lever_paths()
    assert (paths[:, Lever.GUARDS_PER_KM, :6] == 12.0).all()
    assert (paths[:, Lever.CHINA_BOUNTY_REPORT, :6] == 700.0).all()
    assert changed.parameters.value("residents.k_kin") == 1.5
    assert changed.parameters.values("population.age_shares")[0] == 0.2
    assert month_label(changed.end_month) == "2010-12"
    assert (changed.scale, changed.world_seed) == (0.1, 7)
    for key in ("residents.k_kin", "time.end", "population.scale", "policies.set-guards.per_km"):
        assert changed.layers[key] == "--set", key
    again = changed.with_settings({"guards.per_km": 9})
    assert (again.lever_paths()[:, Lever.GUARDS_PER_KM, :6] == 9.0).all()


def test_each_value_knows_its_layer(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(
        "schema: bordersim/scenario@1\nname: mine\nextends: historical.yaml\n"
        "parameters:\n  residents.k_kin: 1.0\n"
    )
    scenario = load(file)
    assert scenario.layers["residents.k_kin"].endswith("mine.yaml:5")
    assert "parameters.yaml:" in scenario.layers["residents.gain"]
    assert "base.yaml:" in scenario.layers["time.end"]
    assert "historical.yaml:" in scenario.layers["policies.ssd-command"]
    assert "policies.ssd-command" not in scenario.drop("ssd-command").layers


@pytest.mark.parametrize("name", SHIPPED)
def test_a_scenario_written_as_yaml_loads_as_the_same(name: str, tmp_path: Path) -> None:
    scenario = shipped(name).with_parameters({"residents.k_kin": 1.25}).scaled(0.3)
    scenario.to_yaml(tmp_path / "copy.yaml")
    again = load(tmp_path / "copy.yaml")
    assert again.resolved() == scenario.resolved()
    assert (again.name, again.title) == (scenario.name, scenario.title)


def test_resolved_holds_what_is_simulated_and_nothing_else(historical: Scenario) -> None:
    resolved = historical.resolved()
    renamed = historical.named("other", "Another title")
    assert renamed.resolved() == resolved
    for changed in (
        historical.until("2010-12"),
        historical.scaled(0.5),
        historical.with_settings({"population.world_seed": 3}),
        historical.drop("ssd-command"),
        historical.with_parameters({"residents.k_kin": 1.0}),
    ):
        assert changed.resolved() != resolved
    future = historical.drop("cameras-2019")
    assert future.resolved() == resolved, "what happens after the last month is not simulated"


def test_a_scenario_travels_between_processes(historical: Scenario) -> None:
    again = pickle.loads(pickle.dumps(historical))
    assert again.resolved() == historical.resolved()
    assert not again.places.reach.flags.writeable


def test_a_scenario_shows_itself_in_a_line(base: Scenario) -> None:
    assert repr(base.scaled(0.5)) == "Scenario('base', 1995-01 to 2016-12, 0 policies, x0.5)"


def test_a_scenario_cannot_be_changed(historical: Scenario) -> None:
    paths = historical.lever_paths()
    paths[:] = -1.0
    assert (historical.lever_paths()[:, Lever.CHINA_REFOULEMENT] == 0.95).all()
    with pytest.raises(AttributeError):
        historical.scale = 0.5  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        historical.places.home["population"][0] = 0.0
