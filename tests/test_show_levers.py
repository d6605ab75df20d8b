"""Levers over time and place: as a table, a chart of characters, a frame and a figure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from policy_lists import EMPTY, HISTORY, QUICK, lists, path_of

from bordersim.cli.chart import chart
from bordersim.dates import parse_month
from bordersim.errors import ScenarioError
from bordersim.layers import layer_rows
from bordersim.lever_changes import lever_table
from bordersim.lever_history import OUTSIDE
from bordersim.scenario import Scenario, load


@pytest.fixture(scope="module")
def historical() -> Scenario:
    return load(HISTORY)


@QUICK
@given(lists(), st.sampled_from(["border.wire_coverage", "economy.market_index"]))
def test_a_lever_can_be_rebuilt_from_the_rows_of_its_table(
    written: list[dict[str, Any]], key: str
) -> None:
    """Between rows nothing changes; at the end of each row the values are those it gives."""
    scenario = EMPTY.add(*written)
    table = lever_table(scenario, key)
    path = path_of(scenario, key)
    names = [place for group in table.groups for place in group.places]
    assert sorted(names) == sorted(scenario.catalogue[key].place_names(scenario.places))
    moving = np.zeros(len(path), dtype=bool)
    for row in table.rows:
        first, last = (parse_month(row[end]) - table.start for end in ("from", "until"))
        moving[first : last + 1] = True
        for group, value in zip(table.groups, row["values"], strict=True):
            assert group.path[last] == value
        assert row["by"], row
    changed = (np.diff(path, axis=0) != 0).any(axis=1)
    assert not (changed & ~moving[1:]).any()
    assert not moving[1:][~changed].any()


def test_a_lever_names_who_changed_it(historical: Scenario) -> None:
    table = lever_table(historical, "border.wire_coverage")
    assert [group.label for group in table.groups] == [
        "yalu lower",
        "yalu middle, yalu upper",
        "tumen musan, tumen hoeryong, tumen onsong",
    ]
    assert [(row["from"], row["until"], row["by"]) for row in table.rows] == [
        ("1995-01", "1995-01", ["package default"]),
        ("2003-01", "2004-12", ["fence-2003"]),
        ("2006-10", "2007-09", ["fence-2006"]),
        ("2012-06", "2012-06", ["fence-2012"]),
        ("2015-06", "2015-06", ["fence-2015"]),
    ]
    links = lever_table(historical, "guards.links_broken").rows
    assert [row["by"] for row in links][1:] == [["ssd-links"], ["end of ssd-links"]]
    halved = historical.add(
        {"id": "cut", "lever": "north.security_budget", "op": "set", "value": 0.5,
         "from": "2014-01"}
    )  # fmt: skip
    assert lever_table(halved, "guards.capture_reward").rows[-1]["by"] == ["cut (security budget)"]


@given(
    st.lists(st.floats(0, 50, allow_nan=False), min_size=1, max_size=372),
    st.integers(20, 120),
    st.integers(1, 6),
    st.booleans(),
)
def test_a_chart_fits_its_frame(path: list[float], width: int, rows: int, plain: bool) -> None:
    values = np.array(path)
    lines = chart(values, 0, float(values.max()), size=(width, rows), ascii_only=plain)
    assert len(lines) == rows + 2
    assert max(map(len, lines)) <= width + 4  # a year may stand at the right edge
    assert not plain or "".join(lines).isascii()
    full = {"#", "█"} & set(lines[0])
    assert bool(full) == bool(values.max() > 0)


def test_a_chart_shows_a_single_month_and_starts_at_zero() -> None:
    path = np.zeros(264)
    path[207] = 0.6
    lines = chart(path, 0, 0.6, size=(80, 3), ascii_only=False)
    assert ["".join(lines).count(block) for block in "█▄"] == [3, 0]
    assert lines[0].startswith("0.6 │")
    assert lines[-2].startswith("  0 └")
    assert lines[-1].split() == ["1995", "2000", "2005", "2010", "2015"]
    half = chart(np.full(264, 0.3), 0, 0.6, size=(80, 1), ascii_only=False)
    assert set(half[0].split("│")[1]) == {"▄"}


def test_levers_as_a_tidy_frame(historical: Scenario) -> None:
    frame = historical.until("1996-12").lever_df("border.closure", "china.refoulement")
    assert list(frame.columns) == ["date", "lever", "unit", "place", "value"]
    assert len(frame) == 24 * 6 + 24
    whole = historical.lever_df("china.local_tolerance").set_index(["date", "place"])["value"]
    path = path_of(historical, "china.local_tolerance")
    assert whole.loc["2012-03", "tumen_musan"].item() == path[parse_month("2012-03"), 3]
    with pytest.raises(ScenarioError, match=r'did you mean "border\.closure"'):
        historical.lever_df("border.closur")


def test_frames_hold_the_rows_that_are_shown(historical: Scenario) -> None:
    frame = historical.layers_df()
    assert len(frame) == len(layer_rows(historical))
    assert set(frame["policy"].dropna()) == {policy.id for policy in historical.policies}
    listed = historical.policies_df()
    assert list(listed["id"]) == [policy.id for policy in historical.policies]
    assert (listed.loc[listed["id"] == "cameras-2019", "status"] == OUTSIDE).all()
    assert "<script>" not in historical.named("x", "<script>")._repr_html_()
    assert "olympics-guards" in historical._repr_html_()


def test_levers_as_a_figure(historical: Scenario) -> None:
    figure = historical.plot_lever("border.wire_coverage", "china.local_tolerance")
    wires, tolerance = figure.axes
    lines = wires.patches
    table = lever_table(historical, "border.wire_coverage")
    assert [line.get_data().values.tolist() for line in lines] == [
        group.path.tolist() for group in table.groups
    ]
    assert len({to_hex(line.get_edgecolor()) for line in lines}) == 3
    assert [text.get_text() for text in wires.texts] == [
        "fence-2003",
        "fence-2006",
        "fence-2012",
        "fence-2015",
    ]
    assert wires.get_ylabel() == "share"
    assert tolerance.get_ylim()[0] == 0.0
    assert figure._repr_png_().startswith(b"\x89PNG")
    with pytest.raises(ScenarioError, match=r'did you mean "border\.closure"'):
        historical.plot_lever("border.closur")
    with pytest.raises(ScenarioError, match="name at least one"):
        historical.plot_lever()
