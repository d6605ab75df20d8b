"""The page as print: nothing overlaps, nothing is cut, it reads in grey and in any sight."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from conftest import make_run
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.text import Text
from reading_figures import boxes_of, collisions, curve, named, panel, texts_of

from bordersim.codes import LAST_MONTH
from bordersim.data_files import scenarios_folder
from bordersim.errors import BordersimError
from bordersim.plot import Page, run_page
from bordersim.plot.style import LOOKS, SMALL
from bordersim.plot.text import broken, spread, width_of
from bordersim.results import Run
from bordersim.scenario import Scenario, load


@pytest.fixture(scope="module")
def history() -> Scenario:
    return load(scenarios_folder() / "historical.yaml")


@pytest.fixture(scope="module")
def page(history: Scenario) -> Page:
    return run_page(run_of(history))


def run_of(scenario: Scenario, **changes: Any) -> Run:
    """Run of random counts that says which scenario it is of."""
    of = {
        "scenario_name": scenario.name,
        "inputs": scenario.resolved(),
        "end_month": scenario.end_month,
    }
    return make_run(**(of | changes))


def pages(history: Scenario) -> dict[str, Callable[[], Figure]]:
    """Pages of every shape, by name."""
    closure = load(scenarios_folder() / "closure-2020.yaml")
    nameless = {"scenario_name": "a-name-as-long-as-anyone-would-give-to-one", "inputs": {}}
    busy = history.add(
        *(
            {"id": f"measure-{i}", "lever": "china.bounty_report", "op": "set", "value": 900 + i,
             "from": f"20{i:02d}-06", "until": "2016-12", "evidence": ["M10"]}
            for i in range(4, 14)
        )
    )  # fmt: skip
    return {
        "history": lambda: run_page(run_of(history)),
        "closure": lambda: run_page(run_of(closure)),
        "seeds": lambda: run_page([run_of(history, seed=s, scale=0.1) for s in range(1, 11, 3)]),
        "busy": lambda: run_page(run_of(busy), scenario=busy),
        "short": lambda: run_page(run_of(history.until("1995-06"))),
        "month": lambda: run_page(run_of(history.until("1995-01"))),
        "three years": lambda: run_page(run_of(history.until("1997-12"))),
        "late": lambda: run_page(run_of(history, start_month=200, end_month=230)),
        "unknown": lambda: run_page(run_of(history, end_month=LAST_MONTH, **nameless)),
    }


SHAPES = ("history", "closure", "seeds", "busy", "short", "month", "three years", "late", "unknown")


@pytest.mark.parametrize("shape", SHAPES)
def test_no_text_overlaps_another_or_leaves_the_page(history: Scenario, shape: str) -> None:
    page = pages(history)[shape]()
    assert collisions(page) == []
    width, height = (72 * inches for inches in page.get_size_inches())
    cut = [
        words
        for words, box in boxes_of(page)
        if box.x0 < 12 or box.y0 < 12 or box.x1 > width - 12 or box.y1 > height - 12
    ]
    assert cut == []


def test_nothing_is_smaller_than_seven_points(page: Page) -> None:
    texts = texts_of(page)
    assert len(texts) > 100
    assert min(text.get_fontsize() for text in texts) >= SMALL >= 7


def test_every_axis_has_its_unit_and_every_panel_its_letter(page: Page) -> None:
    units = {letter: panel(page, letter).get_ylabel().replace("\n", " ") for letter in "abcdef"}
    assert units == {
        "a": "people a year",
        "b": "KRW million, nominal",
        "c": "thousand people",
        "d": "people a year",
        "e": "per cent",
        "f": "per cent a year",
    }
    assert all(panel(page, letter).get_title(loc="left") for letter in "abcdef")
    assert panel(page, "f").get_xlabel().startswith("year")
    limits = {axes.get_xlim() for axes in page.axes}
    assert limits == {(1995.0, 2017.0)}


def test_every_line_is_named_where_it_ends(page: Page) -> None:
    for letter in "abcdef":
        axes = panel(page, letter)
        lines = {line.get_gid().split(": ")[1]: line for line in named(axes, "simulated: ")}
        labels = {
            text.get_gid().split(": ")[1]: text
            for text in axes.texts
            if (text.get_gid() or "").startswith("label: ")
        }
        assert labels.keys() == lines.keys()
        ends = sorted(labels, key=lambda name: lines[name].get_ydata()[-1])
        heights = [labels[name].xy[1] for name in ends]  # type: ignore[attr-defined]
        assert heights == sorted(heights)
        assert all(text.get_text().replace("\n", " ") == name for name, text in labels.items())


def test_policies_stand_above_their_months(page: Page, history: Scenario) -> None:
    lane = page.axes[0]
    dots = {dot.get_gid()[8:]: dot.get_xdata()[0] for dot in named(lane, "policy: ")}
    expected = {
        policy.id: 1995 + policy.start / 12
        for policy in history.policies
        if 0 < policy.start <= history.end_month
    }
    assert dots == pytest.approx(expected)
    guides = [line.get_xdata()[0] for line in named(panel(page, "a"), "guide")]
    assert guides == pytest.approx(sorted(set(expected.values())))
    (bar,) = named(lane, "lasts: cameras-2012")
    assert list(bar.get_xdata()) == [2012, 2014]
    words = [text.get_text() for text in lane.texts]
    assert "State Security command" in words
    assert "Guards" in words


def test_policies_are_those_of_the_run(history: Scenario) -> None:
    fewer = history.drop("ssd-command").with_parameters({"history.patrol_2008": 2.0})
    run = run_of(fewer, scenario_name="mine")
    assert "not those of any shipped scenario" in words_of(run_page(run))
    page = run_page(run, scenario=fewer)
    assert not named(page.axes[0], "policy: ssd-command")
    assert named(page.axes[0], "policy: ssd-links")
    with pytest.raises(BordersimError, match='"historical" does not give the levers of run'):
        run_page(run, scenario=history)


def test_other_parameters_or_months_hide_no_policies(history: Scenario) -> None:
    other = history.with_parameters({"history.patrol_2008": 2.0}).until("2012-02")
    page = run_page(run_of(other.scaled(0.1), scenario_name="another"))
    assert named(page.axes[0], "policy: cameras-2012")
    assert not named(page.axes[0], "policy: ssd-command")


def test_the_page_says_what_it_is(history: Scenario) -> None:
    run = run_of(history, scale=0.1)
    words = words_of(run_page(run))
    for said in (
        "Simulated, not observed; not a forecast.",
        "1995-01 to 2016-12; one resident in 10, counts scaled up; one run, seed 1.",
        f"run {run.run_id}",
        "bordersim 0.",
        "approximate mean rate of the year",
        "S1 (Chosun Ilbo 2015-11-16)",
        "(guard's part; plus USD 3000 guide) NK News 2014-02",
    ):
        assert said in words
    several = words_of(run_page([run_of(history, seed=seed) for seed in (1, 2, 5)]))
    assert "3 runs, seeds 1, 2, 5." in several
    assert "mean of 3 runs; shading: the middle 90 % of them" in several


def test_every_number_of_a_mark_is_in_the_notes(page: Page) -> None:
    numbers = [
        int(text.get_text())
        for axes in page.axes
        for text in axes.texts
        if (text.get_gid() or "").startswith("number: ")
    ]
    assert sorted(numbers) == list(range(1, 29))
    reports = words_of(page).split("Reports: ")[1]
    assert all(f" {number} " in f" {reports}".replace(",", " ") for number in numbers)


def test_a_style_of_the_reader_changes_nothing(page: Page, history: Scenario) -> None:
    with rc_context({"font.size": 20, "axes.facecolor": "black", "lines.linewidth": 9}):
        styled = run_page(run_of(history))
    for letter in "abcdef":
        one, other = panel(page, letter), panel(styled, letter)
        assert one.get_facecolor() == other.get_facecolor()
        assert one.title.get_fontsize() == other.title.get_fontsize()
    assert curve(panel(styled, "a"), "simulated").get_linewidth() < 2


SIGHTS = {
    "usual": np.eye(3),
    "no green cones": np.array(
        [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]
    ),
    "no red cones": np.array(
        [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]
    ),
}
"""Linear RGB as seen, after Machado, Oliveira and Fernandes (2009)."""


def lab(color: str, sight: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of a hexadecimal colour."""
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = to_xyz @ np.clip(sight @ linear, 0, 1) / [0.9505, 1.0, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("sight", SIGHTS)
def test_any_two_lines_differ_in_colour_for_every_sight(sight: str) -> None:
    seen = [lab(look.color, SIGHTS[sight]) for look in LOOKS.values()]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 20


def test_any_two_lines_differ_in_grey_and_in_dash() -> None:
    lightness = sorted(lab(look.color, SIGHTS["usual"])[0] for look in LOOKS.values())
    assert min(b - a for a, b in pairwise(lightness)) > 7
    assert lightness[-1] < 75, "too light for white paper"
    assert len({str(look.dash) for look in LOOKS.values()}) == len(LOOKS)


def test_lines_of_a_panel_never_share_a_look(page: Page) -> None:
    for letter in "abcdef":
        colors = [line.get_color() for line in named(panel(page, letter), "simulated: ")]
        assert len(set(colors)) == len(colors)
        assert set(colors) <= {look.color for look in LOOKS.values()}


def test_labels_are_spread_as_little_as_needed() -> None:
    assert spread([10, 50], [8, 8], 0, 100) == [10, 50]
    assert spread([50, 50, 50], [10, 10, 10], 0, 55) == pytest.approx([30, 40, 50])
    centres = spread([3.0, 99.0, 98.0, 2.0], [8, 8, 8, 8], 0, 100)
    assert centres == pytest.approx([12, 96, 88, 4])


def test_text_is_broken_within_its_width() -> None:
    text = "one run of a scenario whose words are many " * 5
    lines = broken(text, 120)
    assert " ".join(lines).split() == text.split()
    assert all(width_of(line) <= 120 for line in lines)


def words_of(page: Figure) -> str:
    """Everything written on the page outside its panels, as one text."""
    return " ".join(text.get_text() for text in page.texts if isinstance(text, Text))
