"""The catalogue of levers, the drivers behind it, and the mechanisms that history moves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bordersim import data_files
from bordersim.codes import LAST_MONTH, LEVER_KEYS
from bordersim.data_files import evidence_folder, scenarios_folder
from bordersim.dates import parse_month
from bordersim.drivers import read_drivers
from bordersim.errors import BordersimError, ScenarioError
from bordersim.evidence import mechanisms, read_evidence_ids
from bordersim.levers import FACTORS, read_levers
from bordersim.places import read_places
from bordersim.scenario import Scenario, load
from bordersim.units import parse_quantity, unit_factor

ENDOGENOUS = {"M6"}
"""Traffickers charge more as risk rises: a result of the model, moved by no lever."""


@pytest.fixture(scope="module")
def historical() -> Scenario:
    return load(scenarios_folder() / "historical.yaml")


def test_the_catalogue_lists_exactly_the_levers(historical: Scenario) -> None:
    assert tuple(historical.catalogue) == LEVER_KEYS


def test_every_mechanism_is_moved_by_a_dated_policy_or_a_driver(historical: Scenario) -> None:
    moved = {policy.lever for policy in historical.policies if policy.evidence}
    moved |= {key for key, spec in historical.catalogue.items() if spec.driver is not None}
    reached = {name for key in moved for name in historical.catalogue[key].mechanisms}
    every = mechanisms(read_evidence_ids(evidence_folder()))
    assert every == tuple(f"M{number}" for number in range(1, 20))
    assert set(every) - reached == ENDOGENOUS


def test_every_historical_policy_moves_its_lever_within_the_data(historical: Scenario) -> None:
    whole = historical.lever_paths()
    for policy in historical.policies:
        without = historical.drop(policy.id).lever_paths()
        same = np.array_equal(whole, without)
        # The bounty of 2016 repeats what the notice of 2013 already paid.
        assert same == (policy.id == "china-bounty-2016-08"), policy.id


def test_every_historical_policy_has_evidence_and_every_timeline_row_after_the_famine_is_used(
    historical: Scenario,
) -> None:
    cited = {name for policy in historical.policies for name in policy.evidence}
    closure = load(scenarios_folder() / "closure-2020.yaml")
    cited |= {name for policy in closure.policies for name in policy.evidence}
    assert all(policy.evidence for policy in historical.policies)
    dated = {name for name in read_evidence_ids(evidence_folder()) if name.startswith("T.")}
    # The famine itself is a driver, not a policy.
    assert dated - cited == {"T.1995-08.hunger", "T.1998-12.hunger"}


def test_factors(historical: Scenario) -> None:
    assert {spec.factor for spec in historical.catalogue.values()} == set(FACTORS)
    assert {policy.factor for policy in historical.policies} == set(FACTORS)


def test_the_calibrated_sizes_of_history_are_all_used(historical: Scenario) -> None:
    used = {policy.parameter for policy in historical.policies}
    offered = {key for key in historical.parameters if key.startswith("history.")}
    assert offered <= used


def test_driver_paths(historical: Scenario) -> None:
    drivers = historical.drivers.lever_defaults(historical.parameters)
    need = historical.parameters.value("drivers.grain_need")
    span = historical.parameters.value("drivers.grain_span")
    worst = parse_month("1996-07")
    assert drivers["food_shortage"][worst] == pytest.approx(min((need - 2.59) / span, 1.0))
    assert np.argmax(drivers["food_shortage"]) == worst
    markets = drivers["market_index"]
    full = historical.parameters.value("drivers.markets_full")
    assert markets[parse_month("2015-07")] == pytest.approx(400 / full)
    assert (np.diff(markets[: parse_month("2016-07") + 1]) >= 0.0).all()
    assert markets[0] == markets[5], "held flat before the first point"
    assert markets[LAST_MONTH] == markets[parse_month("2018-07")], "and after the last"
    rate = drivers["exchange_rate"][parse_month("2015-07")]
    assert rate == pytest.approx(1131 / 6.23 / 1000)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for file in (scenarios_folder() / "data").glob("*.csv"):
        (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("drivers.csv", "grain,1996,2.59", "grain,1994,2.59", "1994-07 is not after the point"),
        ("drivers.csv", "grain,1996,2.59", "grian,1996,2.59", 'unknown series "grian"'),
        ("drivers.csv", "grain,1996,2.59", "grain,1996,x", 'got "x", expected a number'),
        ("drivers.csv", "grain,1996,2.59", "grain,96/7,2.59", "expected a year or a month"),
        ("drivers.csv", "grain,1996,2.59,Mt,FAO", "grain,1996,2.59,Mt,", "source"),
        ("money.csv", "1995,771,8.35", "1995,771,0", "must be above zero"),
        ("money.csv", "1995,771,", "1995,", "cells under"),
    ],
)
def test_mistakes_in_drivers(folder: Path, file: str, old: str, new: str, expected: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), "utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_drivers(folder)
    assert expected in str(caught.value)
    assert f"{file}:" in str(caught.value) or "drivers grain" in str(caught.value)


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("homes.csv", "ryanggang,", "north_hamgyong,", "given twice"),
        ("homes.csv", ",2327362,", ",-5,", "cannot be negative"),
        ("homes.csv", ",population,", ",people,", "missing columns: population"),
        ("sectors.csv", "yalu_lower,", "kangwon,", "names used for a home and a sector"),
        ("reach.csv", "ryanggang,", "chagang,", "rows must be the homes"),
        ("reach.csv", "0.86", "1.86", "allowed: 0 to 1"),
    ],
)
def test_mistakes_in_places(folder: Path, file: str, old: str, new: str, expected: str) -> None:
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_places(folder)
    assert expected in str(caught.value)


def test_the_census_is_whole(historical: Scenario) -> None:
    assert historical.places.home["population"].sum() == 24_052_231


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("guards.per_km:", "guards.perkm:", 'unknown lever "guards.perkm"'),
        ("guards.per_km:", "guards.perkm:", 'lever "guards.per_km" is not described'),
        ("unit: guards per km", "unit: guards per mile", 'unknown unit "guards per mile"'),
        ("default: 8\n", "default: 80\n", "got 80; guards.per_km allows"),
        ("driver: food_shortage", "driver: food", "allowed: driver: food_shortage"),
        ("mechanisms: [M5]", "mechanisms: [M55]", 'unknown evidence "M55"'),
        ("places: nation", "places: world", "allowed: sector, home, nation"),
        ("budgeted: true", "budgeted: yes", "expected true or false"),
    ],
)
def test_mistakes_in_the_catalogue(tmp_path: Path, old: str, new: str, expected: str) -> None:
    text = (scenarios_folder() / "levers.yaml").read_text("utf-8")
    assert old in text
    file = tmp_path / "levers.yaml"
    file.write_text(text.replace(old, new, 1), "utf-8")
    places = read_places(scenarios_folder() / "data")
    with pytest.raises(ScenarioError) as caught:
        read_levers(file, places, read_evidence_ids(evidence_folder()))
    assert expected in str(caught.value)


def test_quantities() -> None:
    assert parse_quantity("2 years", "months") == 24.0
    assert parse_quantity("5 %", "share") == pytest.approx(0.05)
    assert parse_quantity("250 KRW thousand", "KRW million of 2015") == pytest.approx(0.25)
    assert parse_quantity("12 per year", "per month") == pytest.approx(1.0)
    assert parse_quantity(3, "CNY") == 3.0
    assert unit_factor("ratio", "multiplier") == 1.0
    for raw, unit in (("2", "months"), ("2 monhts", "months"), (True, "share"), (None, "share")):
        with pytest.raises(ValueError, match=r"expected|unknown unit"):
            parse_quantity(raw, unit)


def test_data_are_found_in_a_checkout_and_in_a_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site" / "bordersim"
    inside, beside = package / "_data" / "scenarios", tmp_path / "scenarios"
    monkeypatch.setattr(data_files, "_PACKAGE", package)
    with pytest.raises(BordersimError, match="install the package again"):
        data_files.scenarios_folder()
    beside.mkdir()
    assert data_files.scenarios_folder() == beside
    inside.mkdir(parents=True)
    assert data_files.scenarios_folder() == inside
