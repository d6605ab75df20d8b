"""``bordersim diff`` and ``bs.diff``: differences in effect, however they are written."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from policy_lists import EMPTY, HISTORY, QUICK, SETTINGS, lists, path_of

import bordersim as bs
from bordersim.codes import LEVER_KEYS
from bordersim.data_files import scenarios_folder
from bordersim.frozen import FrozenMap
from bordersim.lever_history import IN_FORCE
from bordersim.scenario import Scenario, load

Policies = list[dict[str, Any]]

WIRE = {"lever": "border.wire_coverage", "op": "set", "value": 0.4, "from": "2000-01"}


@pytest.fixture(scope="module")
def historical() -> Scenario:
    return load(HISTORY)


def same_in_effect(a: Scenario, b: Scenario) -> bool:
    """Whether a run could not tell two scenarios apart, straight from their inputs."""
    inputs = [one.resolved() | {"lever_paths": ""} for one in (a, b)]
    paths = [one.lever_paths()[one.start_month : one.end_month + 1] for one in (a, b)]
    return inputs[0] == inputs[1] and np.allclose(*paths, rtol=1e-12, atol=0.0)


@QUICK
@given(lists(), lists(), SETTINGS, SETTINGS)
def test_a_diff_is_empty_if_and_only_if_the_inputs_are_the_same(
    left: Policies, right: Policies, settings_a: dict[str, Any], settings_b: dict[str, Any]
) -> None:
    a, b = EMPTY.add(*left), EMPTY.add(*right)
    for one, other in (
        (a, b),
        (a.with_settings(settings_a), b.with_settings(settings_b)),
        (a.with_settings(settings_a), a.with_settings(settings_b)),
        (a, a.named("other")),
    ):
        assert bs.diff(one, other).empty == same_in_effect(one, other)


@QUICK
@given(lists(), lists(), SETTINGS)
def test_the_other_way_round_every_sign_is_flipped(
    left: Policies, right: Policies, changes: dict[str, Any]
) -> None:
    a, b = EMPTY.add(*left), EMPTY.add(*right).with_settings(changes)
    there, back = bs.diff(a, b), bs.diff(b, a)
    for one, other in ((there.levers, back.levers), (there.parameters, back.parameters)):
        swapped = other.rename(columns={"a": "b", "b": "a", "where_a": "where_b",
                                        "where_b": "where_a"})  # fmt: skip
        pd.testing.assert_frame_equal(
            one, swapped.assign(difference=-swapped["difference"])[list(one.columns)]
        )
    # What makes a difference one way makes it the other way; a changed order names itself
    # by the order of B.
    effects = [d.policies[d.policies["effect"]] for d in (there, back)]
    told = [{frozenset(name.split(", ")) for name in rows["id"]} for rows in effects]
    assert told[0] == told[1]


@QUICK
@given(lists(), lists())
def test_the_frame_of_levers_holds_every_month_and_place_that_differs(
    left: Policies, right: Policies
) -> None:
    a, b = EMPTY.add(*left), EMPTY.add(*right)
    difference = bs.diff(a, b)
    frame = difference.levers
    cells = 0
    for key in LEVER_KEYS:
        one, other = path_of(a, key), path_of(b, key)
        rows = frame[frame["lever"] == key]
        assert np.isclose(rows["difference"].sum(), (other - one).sum()), key
        cells += (~np.isclose(one, other, rtol=1e-12, atol=0.0)).sum()
    assert len(frame) == cells
    assert (frame["b"] - frame["a"] == frame["difference"]).all()
    stretches = difference.document()["levers"]
    months = [
        (pd.Period(row["until"], "M") - pd.Period(row["from"], "M")).n + 1 for row in stretches
    ]
    assert sum(n * len(row["places"]) for n, row in zip(months, stretches, strict=True)) == cells
    assert all(row["because"] for row in stretches)


@QUICK
@given(lists(), lists())
def test_a_policy_said_to_be_without_effect_can_go(left: Policies, right: Policies) -> None:
    a, b = EMPTY.add(*left), EMPTY.add(*right)
    rows = bs.diff(a, b).document()["policies"]
    moved = {row["lever"] for row in bs.diff(a, b).document()["levers"]}
    for row in rows:
        assert row["effect"] == (row["reason"] == "")
        assert not row["effect"] or row["lever"] in moved, row
        if row["change"] == "only in A" and not row["effect"]:
            without = a.drop(row["id"])
            assert bs.diff(a, without).empty == (row["reason"] != "the lever comes out the same")
    untold = {policy.id for policy in a.policies} ^ {policy.id for policy in b.policies}
    told = {row["id"] for row in rows} | {row["reason"].partition(" ")[0] for row in rows}
    assert untold <= told


@pytest.mark.parametrize(
    "other",
    [
        [{"id": "q", **WIRE}],
        [{"id": "p", **WIRE, "places": list(EMPTY.places.sectors)}],
        [{"id": "p", **WIRE, "value": "40 %"}],
        [{"id": "p", **WIRE, "ramp": 1}],
        [{"id": "p", **WIRE, "op": "add"}],
        [{"id": "p", **WIRE, "until": "2002-06"}, {"id": "q", **WIRE, "from": "2002-07"}],
        [{"id": f"p{i}", **WIRE, "places": [name]} for i, name in enumerate(EMPTY.places.sectors)],
        [{"id": "p", **WIRE, "value": 0.1}, {"id": "q", **WIRE, "op": "scale", "value": 4},
         {"id": "r", **WIRE}],
        [{"id": "p", **WIRE}, {"id": "q", **WIRE, "value": 0.9, "from": "2024-01"}],
        [{"id": "p", **WIRE, "value": 0.1}, {"id": "q", **WIRE, "op": "scale", "value": 4.0}],
    ],
)  # fmt: skip
def test_another_spelling_of_the_same_path_is_no_difference(other: list[dict[str, Any]]) -> None:
    difference = bs.diff(EMPTY.add({"id": "p", **WIRE}), EMPTY.add(*other))
    assert difference.empty
    assert difference.levers.empty
    assert not difference.policies["effect"].any()
    assert "Nothing differs in effect" in str(difference)


def test_what_differs_in_words_alone_is_told_apart(historical: Scenario) -> None:
    a = EMPTY.add({"id": "p", **WIRE}, {"id": "same", "factor": "china", **WIRE})
    b = EMPTY.add({"id": "q", **WIRE}, {"id": "same", "title": "Words", **WIRE})
    rows = {row["id"]: row for row in bs.diff(a, b).document()["policies"]}
    assert (rows["p"]["change"], rows["p"]["reason"]) == ("another name", "q in B does the same")
    assert rows["same"]["reason"] == "title differs, factor differs"
    assert "q" not in rows
    some = ["tumen_musan", "yalu_lower"]
    one, other = ({"id": "p", **WIRE, "places": names} for names in (some, some[::-1]))
    assert bs.diff(EMPTY.add(one), EMPTY.add(other)).policies.empty
    rounded = bs.diff(
        EMPTY.add({"id": "p", **WIRE, "value": 0.3}),
        EMPTY.add(
            {"id": "p", **WIRE, "value": 0.1}, {"id": "q", **WIRE, "op": "add", "value": 0.2}
        ),
    )
    assert rounded.document()["levers_rounded"] == ["border.wire_coverage"]
    assert rounded.empty


def test_of_two_policies_that_do_the_same_one_is_behind_the_difference() -> None:
    twice = EMPTY.add({"id": "p", **WIRE}, {"id": "again", **WIRE})
    rows = bs.diff(twice, EMPTY).document()["policies"]
    assert [(row["id"], row["effect"], row["reason"]) for row in rows] == [
        ("p", True, ""),
        ("again", False, "changes nothing"),
    ]


def test_two_policies_in_another_order_differ() -> None:
    first, second = {"id": "p", **WIRE}, {"id": "q", **WIRE, "op": "scale", "value": 0.5}
    rows = bs.diff(EMPTY.add(first, second), EMPTY.add(second, first)).document()["policies"]
    assert [(row["change"], row["effect"]) for row in rows] == [("another order", True)]


def test_no_crackdown_differs_from_history_by_its_drops_alone(historical: Scenario) -> None:
    other = load(scenarios_folder() / "no-crackdown.yaml")
    difference = bs.diff(historical, other)
    dropped = {policy.id for policy in historical.policies} - {p.id for p in other.policies}
    policies = difference.policies
    assert set(policies["id"]) == dropped
    assert set(policies["change"]) == {"only in A"}
    assert policies["effect"].all()
    assert difference.parameters.empty
    links = difference.levers[difference.levers["lever"] == "guards.links_broken"]
    assert list(links["date"].unique()) == [pd.Period("2012-04", "M")]
    assert sorted(links["place"]) == sorted(historical.places.sectors)
    assert set(links["difference"]) == {-0.6}
    assert difference.levers["date"].min() == pd.Period("2011-12", "M")


def test_a_parameter_behind_a_policy_is_told_with_the_lever(historical: Scenario) -> None:
    changed = historical.with_parameters({"history.closure_2011": 0.5})
    difference = bs.diff(historical, changed)
    (row,) = difference.document()["parameters"]
    assert (row["key"], row["b"], row["where_b"]) == (
        "history.closure_2011",
        0.5,
        "with_parameters()",
    )
    assert "parameters.yaml:" in row["where_a"]
    (stretch,) = difference.document()["levers"]
    assert stretch["because"] == ["sealing-2011 (changed)"]
    text = str(difference)
    assert "border.closure" in text
    assert "B 0.5" in text


def test_lists_settings_places_and_spans(historical: Scenario) -> None:
    ages = "0.2,0.1,0.2,0.2,0.1,0.1,0.1"
    column = historical.places.home["population"].copy()
    column[0] += 1000.0
    home = FrozenMap({**historical.places.home, "population": column})
    moved = replace(historical, places=replace(historical.places, home=home))
    b = moved.with_settings(
        {"population.age_shares": ages, "time.end": "2020-06", "population.scale": 0.5}
    )
    difference = bs.diff(historical, b)
    assert "0-9" in set(difference.parameters["entry"])
    assert list(difference.settings["key"]) == ["time.end", "population.scale"]
    (place,) = difference.document()["places"]
    assert (place["column"], place["place"], place["difference"]) == (
        "population",
        historical.places.homes[0],
        1000.0,
    )
    assert difference.levers.empty
    # What only the longer span simulates counts, too.
    longer = bs.diff(historical, historical.until("2020-06").drop("cameras-2019"))
    assert longer.levers["date"].min() == pd.Period("2019-02", "M")
    assert list(longer.policies["effect"]) == [True]


def test_statuses_within_a_diff_follow_both_spans(historical: Scenario) -> None:
    shorter = historical.until("2012-12")
    assert bs.diff(shorter, shorter.drop("fence-2015")).empty
    rows = bs.diff(shorter, shorter.drop("fence-2015")).document()["policies"]
    assert [row["reason"] for row in rows] == ["outside the span"]
    assert IN_FORCE not in {row["reason"] for row in rows}


def test_it_shows_itself(historical: Scenario) -> None:
    other = load(scenarios_folder() / "no-crackdown.yaml").named("x", "[/b] <script>")
    difference = bs.diff(historical, other)
    text, html = str(difference), difference._repr_html_()
    assert max(map(len, text.splitlines())) <= 100
    assert "x: [/b] <script>" in text
    assert "<script>" not in html
    for words in ("guards.lookback_months", "retroactive-punishment", "2015-02"):
        assert words in text
        assert words in html
    assert repr(difference) == "Difference('historical', 'x')"
