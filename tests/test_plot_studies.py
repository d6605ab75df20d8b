"""Figures of a study hold what the runs hold, and what was reported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from conftest import END_2016, SECTORS, make_run
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle
from reading_figures import curve, named, panel, reported

from bordersim.codes import Obs
from bordersim.errors import ScenarioError, StoreError
from bordersim.parts import run_row
from bordersim.plot import save_page
from bordersim.plot_studies.fees import _pooled, fees_by_place
from bordersim.plot_studies.marks import fee_marks_at, marks_of
from bordersim.plot_studies.over_time import _SHADES
from bordersim.reports import Period, price_level
from bordersim.results import Run
from bordersim.study import PLAN_NOTE, Study

X, Y = "china.bounty_report", "china.patrol_rate"
LEVERS = {X: (0.0, 500.0, 1000.0), Y: (0.5, 2.0)}
SEEDS = (1, 2, 3, 4)
FIRST, LAST = 12 * 8, 12 * 21 - 1
"""2003 to 2015, so that reports of all kinds are there."""

ALL = Period(FIRST, LAST)


def study_of(runs: dict[tuple[str, int, int], Run], points: Sequence[Any], kind: str) -> Study:
    """Study of runs by scenario, point and seed, with a plan as a sweep leaves it."""
    cells = [
        {
            "cell": number,
            "scenario": name,
            "point": point,
            "draw": 0,
            "seed": seed,
            "run_id": run.run_id,
            **points[point],
        }
        for number, ((name, point, seed), run) in enumerate(runs.items())
    ]
    axes = [
        {"key": X, "kind": "lever", "unit": "CNY", "op": "set", "from": "2009-01"},
        {"key": Y, "kind": "lever", "unit": "multiplier", "op": "scale", "from": "2009-01"},
    ]
    note = json.dumps({"design": {"kind": kind, "axes": axes}})
    plan = pa.Table.from_pylist(cells).replace_schema_metadata({PLAN_NOTE: note.encode()})
    rows = [run_row(run) | {"has_events": False} for run in runs.values()]
    loaders = {run.run_id: (lambda run=run: run) for run in runs.values()}
    return Study(rows, loaders, plan=plan)  # type: ignore[arg-type]


def made_runs(names: Sequence[str], n_points: int) -> dict[tuple[str, int, int], Run]:
    made = {
        (name, point, seed): make_run(
            scenario_name=name,
            inputs={"scenario": name, "point": point},
            seed=100 * point + 10_000 * names.index(name) + seed,
            run_id=f"{name}-{point}-{seed}",
            start_month=FIRST,
            end_month=LAST,
        )
        for name, point, seed in product(names, range(n_points), SEEDS)
    }
    for (name, point, _), run in made.items():
        if name == "other" and point >= 4:  # an effect that no luck hides
            run.record[:, run_index("crossings")] += 2
    return made


def run_index(name: str) -> int:
    return int(Obs[name.upper()])


GRID = [{X: x, Y: y} for x, y in product(LEVERS[X], LEVERS[Y])]


@pytest.fixture(scope="module")
def runs() -> dict[tuple[str, int, int], Run]:
    return made_runs(("history", "other"), len(GRID))


@pytest.fixture(scope="module")
def study(runs: dict[tuple[str, int, int], Run]) -> Study:
    return study_of(runs, GRID, "grid")


def at_point(runs: dict[tuple[str, int, int], Run], name: str, *points: int) -> list[Run]:
    return [run for (own, point, _), run in runs.items() if own == name and point in points]


def test_scenarios_are_drawn_together_with_bands_and_harm(
    study: Study, runs: dict[tuple[str, int, int], Run]
) -> None:
    page = study.plot.series(at={X: 500, Y: 2})
    assert len(page.axes) == 4
    shown = {
        "a": ("arrivals",),
        "b": ("deaths_custody", "deaths_drowned", "deaths_shot_river", "deaths_shot_china"),
        "c": ("repatriations",),
        "d": ("custody_entries",),
    }
    for letter, names in shown.items():
        axes = panel(page, letter)
        for scenario in ("history", "other"):
            values = np.array(
                [sum(run.annual(one) for one in names) for run in at_point(runs, scenario, 3)]
            )
            line = curve(axes, scenario)
            np.testing.assert_allclose(line.get_xdata(), np.arange(2003, 2016) + 0.5)
            np.testing.assert_allclose(line.get_ydata(), values.mean(axis=0))
            (band,) = named(axes, f"band: {scenario}")
            outline = band.get_paths()[0].vertices  # type: ignore[attr-defined]
            low = np.column_stack([np.arange(2003, 2016) + 0.5, np.quantile(values, 0.05, axis=0)])
            assert all(np.isclose(outline, point).all(axis=1).any() for point in low)
    assert [mark[0] for mark in reported(panel(page, "a"))] == [y + 0.5 for y in range(2003, 2016)]
    assert reported(panel(page, "c"))
    assert "people" in panel(page, "a").get_ylabel()


def test_a_fee_is_in_money_of_the_day_over_all_deals(
    study: Study, runs: dict[tuple[str, int, int], Run]
) -> None:
    page = study.plot.series("fee", scenarios=["other"], at={X: 0, Y: 0.5})
    (axes,) = page.axes
    prices = price_level()[FIRST : LAST + 1, None]
    halves = []
    for run in at_point(runs, "other", 0):
        paid, deals = run.value("fee_sum") * prices, run.value("deals")
        halves.append(
            [paid[i : i + 6].sum() / deals[i : i + 6].sum() for i in range(0, run.n_months, 6)]
        )
    np.testing.assert_allclose(curve(axes, "other").get_ydata(), np.mean(halves, axis=0))
    assert "nominal" in axes.get_ylabel()


def test_reports_stand_beside_the_quantity_they_speak_of() -> None:
    span = Period(0, END_2016)
    stock = marks_of("stock_china", span)
    assert max(mark.high for mark in stock) > 50_000
    assert {mark.about for mark in marks_of("fee", span)} == {""}
    assert [mark.high for mark in marks_of("fee", span) if mark.period == "2010"] == [5.0]
    assert marks_of("deals", span) == []
    assert all(mark.span.last <= 100 for mark in marks_of("fee", Period(0, 100)))


def test_a_fees_place_has_the_reports_that_name_it_or_none() -> None:
    span = Period(0, END_2016)
    musan, lower = (
        {mark.period for mark in fee_marks_at(sector, SECTORS, span)}
        for sector in ("tumen_musan", "yalu_lower")
    )
    assert {"2008-08", "2009-01", "2010"} <= musan
    assert "2010" in lower
    assert not {"2008-08", "2009-01"} & lower
    assert "2014-07" not in musan | lower  # of clients by their homes


def test_a_fan_has_a_line_for_each_value_over_the_other_lever(
    study: Study, runs: dict[tuple[str, int, int], Run]
) -> None:
    page = study.plot.fan(X, scenario="history")
    axes = panel(page, "a")
    for rank, value in enumerate(("0", "500", "1,000")):
        here = at_point(runs, "history", 2 * rank, 2 * rank + 1)
        mean = np.mean([run.annual("arrivals") for run in here], axis=0)
        np.testing.assert_allclose(curve(axes, value).get_ydata(), mean)
    assert not named(axes, "band")  # it would mix points of the design
    held = study.plot.fan(X, scenario="history", at={Y: 2})
    mean = np.mean([run.annual("arrivals") for run in at_point(runs, "history", 1)], axis=0)
    np.testing.assert_allclose(curve(panel(held, "a"), "0").get_ydata(), mean)
    assert len(named(panel(held, "a"), "band")) == 3


def test_a_fan_of_many_values_is_read_off_a_bar_of_colours(tmp_path: Path) -> None:
    points = [{X: 10.0 * value, Y: 1.0} for value in range(9)]
    many = study_of(made_runs(("history",), 9), points, "sobol")
    page = many.plot.fan(X, "arrivals")
    assert len(named(panel(page, "a"), "simulated: ")) == 9
    assert not named(panel(page, "a"), "label: ")
    assert any(axes.get_xlabel() == f"{X}, CNY" for axes in page.axes)
    assert save_page(page, tmp_path / "fan.png").stat().st_size > 10_000


def test_shades_darken_one_way_and_stay_off_white() -> None:
    weights = (0.2126, 0.7152, 0.0722)
    lightness = [float(np.dot(to_rgb(_SHADES(share)), weights)) for share in np.linspace(0, 1, 9)]
    assert lightness == sorted(lightness)
    assert lightness[-1] < 0.75


def numbers(axes: Any) -> list[str]:
    return [text.get_text() for text in axes.texts if "±" in text.get_text()]


def test_a_map_of_levels_has_the_mean_of_each_square_and_its_error(
    study: Study, runs: dict[tuple[str, int, int], Run]
) -> None:
    page = study.plot.heat_map(X, Y, scenario="other", window="2010:2012")
    axes = page.axes[0]
    (image,) = axes.get_images()
    squares = np.array(image.get_array())
    assert squares.shape == (2, 3)
    for row, column in product(range(2), range(3)):
        here = at_point(runs, "other", 2 * column + row)
        values = [float(run.annual("arrivals").loc[2010:2012].sum()) for run in here]
        assert squares[row, column] == pytest.approx(np.mean(values))
        error = np.std(values, ddof=1) / np.sqrt(len(values))
        assert any(text.endswith(f"±{error:.2g}") for text in numbers(axes))
    assert axes.get_xlabel() == f"{X}, CNY"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0", "500", "1,000"]
    assert not [patch for patch in axes.patches if patch.get_gid() == "unsure"]


def test_effects_of_a_map_are_those_of_compare(study: Study) -> None:
    page = study.plot.heat_map(X, Y, "crossings", against="history", window="2010:2012")
    comparison = study.compare("history", "other", observable="crossings", window="2010:2012")
    (image,) = page.axes[0].get_images()
    squares = np.array(image.get_array())
    unsure = 0
    for point, (column, row) in enumerate(product(range(3), range(2))):
        found = comparison.estimate("crossings", point)
        assert squares[row, column] == pytest.approx(found.effect)
        unsure += abs(found.effect) < 2 * found.mc_error
    hatched = [patch for patch in page.axes[0].patches if patch.get_gid() == "unsure"]
    assert 0 < len(hatched) == unsure < 6


def test_effects_against_a_point_compare_runs_of_one_seed(
    study: Study, runs: dict[tuple[str, int, int], Run]
) -> None:
    base = {X: 500, Y: 0.5}
    page = study.plot.heat_map(X, Y, "crossings", scenario="history", against=base)
    (image,) = page.axes[0].get_images()
    squares = np.array(image.get_array())
    totals = {
        point: np.array([run.value("crossings").sum() for run in at_point(runs, "history", point)])
        for point in range(6)
    }
    for point, (column, row) in enumerate(product(range(3), range(2))):
        gap = totals[point] - totals[2]
        assert squares[row, column] == pytest.approx(gap.mean())
    gap = totals[5] - totals[2]
    assert any(t.endswith(f"±{np.std(gap, ddof=1) / 2:.2g}") for t in numbers(page.axes[0]))
    frames = [p for p in page.axes[0].patches if isinstance(p, Rectangle) and not p.get_gid()]
    assert [(round(p.get_x() + 0.48), round(p.get_y() + 0.48)) for p in frames] == [(1, 0)]


def test_an_effect_from_one_seed_is_hatched_for_its_error_is_not_known() -> None:
    one_seed = {key: run for key, run in made_runs(("history",), 6).items() if key[2] == 1}
    page = study_of(one_seed, GRID, "grid").plot.heat_map(X, Y, "deals", against=GRID[0])
    hatched = [patch for patch in page.axes[0].patches if patch.get_gid() == "unsure"]
    assert len(hatched) == 6
    assert not numbers(page.axes[0])


def test_fees_of_a_year_are_percentiles_over_its_deals() -> None:
    fees = np.repeat(np.arange(1.0, 12.0)[:, None], 100, axis=1)  # months of one price each
    deals = np.array([5, 1, 0, 7, 2, 2, 9, 1, 1, 3, 4], np.float64)
    every = np.repeat(np.arange(1.0, 12.0), deals.astype(int))
    expected = np.quantile(every, (0.1, 0.5, 0.9), method="inverted_cdf")
    np.testing.assert_array_equal(_pooled(fees, deals), expected)
    assert np.isnan(_pooled(fees, 0 * deals)).all()


def test_a_year_of_equal_months_has_the_percentiles_of_each() -> None:
    run = make_run(start_month=FIRST, end_month=FIRST + 11)
    prices = price_level()[FIRST]
    for name in ("fee_p10", "fee_median", "fee_p90", "deals"):
        values = {"fee_p10": 2000, "fee_median": 3000, "fee_p90": 7000, "deals": 4}[name]
        run.record[:, run_index(name), : len(SECTORS), 0, 0] = values
    found = fees_by_place([run], [2003])
    assert found.sectors == SECTORS
    low, median, high = found.values[0, :, 0] / prices
    assert low == pytest.approx(2.0)
    assert median == pytest.approx(3.0, rel=0.01)  # between ranks
    assert high == pytest.approx(7.0, rel=0.01)


def test_fees_are_drawn_by_place_and_year_beside_reports(
    study: Study, runs: dict[tuple[str, int, int], Run]
) -> None:
    page = study.plot.fees(scenario="history", at=GRID[1], years=range(2009, 2013))
    assert [axes.get_title(loc="left") for axes in page.axes] == [
        "Yalu Lower", "Yalu Middle", "Yalu Upper", "Tumen Musan", "Tumen Hoeryong", "Tumen Onsong",
    ]  # fmt: skip
    expected = fees_by_place(at_point(runs, "history", 1), range(2009, 2013)).values
    for axes, values in zip(page.axes, expected, strict=True):
        (line,) = named(axes, "median")
        np.testing.assert_allclose(line.get_ydata(), values[1])  # type: ignore[attr-defined]
        (bars,) = named(axes, "10-90 %")
        ends = np.array([part[:, 1] for part in bars.get_segments()])  # type: ignore[attr-defined]
        np.testing.assert_allclose(ends, values[[0, 2]].T)
        periods = {mark.get_gid() for mark in named(axes, "reported, calibrate: 2010")}
        assert "reported, calibrate: 2010" in periods


def test_every_mistake_is_told_at_once(study: Study) -> None:
    with pytest.raises(ScenarioError) as caught:
        study.plot.heat_map("china.tolerance", Y, "arivals", scenario="histori", window="soon")
    text = str(caught.value)
    for part in ('"arivals"', "china.tolerance", '"histori"', '"soon"', X):
        assert part in text
    with pytest.raises(ScenarioError, match="6 points of the design are left; hold"):
        study.plot.series()
    with pytest.raises(ScenarioError, match=r"got 3; the design has 0, 500, 1,000"):
        study.plot.fan(Y, scenario="other", at={X: 3})
    with pytest.raises(ScenarioError, match="name one of history, other"):
        study.plot.fan(X)
    with pytest.raises(ScenarioError, match=r"got 1999; whole years of these runs: 2003 to 2015"):
        study.plot.fees(scenario="other", at=GRID[0], years=[1999])
    with pytest.raises(ScenarioError, match="is drawn, and cannot be held"):
        study.plot.fan(X, scenario="other", at={X: 0})
    with pytest.raises(ScenarioError, match="not in what all runs cover"):
        study.plot.heat_map(X, Y, scenario="other", window="1996")
    with pytest.raises(StoreError, match=r"study\.plot\.series\(\)"):
        study_of(made_runs(("history",), 1) | made_runs(("other",), 1), GRID, "grid").plot()


def test_a_map_needs_a_grid() -> None:
    sobol = study_of(made_runs(("history",), 6), GRID, "sobol")
    with pytest.raises(ScenarioError, match="a map needs a grid, and this design is sobol"):
        sobol.plot.heat_map(X, Y)


def test_a_study_without_a_design_is_drawn_too() -> None:
    runs = [make_run(seed=seed, end_month=17) for seed in (1, 2)]
    several = Study.of(runs)
    (axes,) = several.plot.series("deals").axes
    monthly = np.mean([run.monthly("deals") for run in runs], axis=0)
    np.testing.assert_allclose(curve(axes, "made-up").get_ydata(), 12 * monthly)
    assert axes.get_title(loc="left").endswith("(by month, at a yearly rate)")
    with pytest.raises(ScenarioError, match="in the design of this study, which varies nothing"):
        several.plot.fan(X)


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_figures_are_saved_as_the_same_bytes_and_in_legible_type(
    study: Study, tmp_path: Path, suffix: str
) -> None:
    for name, draw in {
        "heat": lambda: study.plot.heat_map(X, Y, "deals", scenario="other"),
        "fees": lambda: study.plot.fees(scenario="other", at=GRID[0]),
    }.items():
        page = draw()
        first, second = (
            save_page(p, tmp_path / f"{name}{i}{suffix}") for i, p in enumerate((page, draw()))
        )
        assert first.read_bytes() == second.read_bytes()
        sizes = [
            text.get_fontsize()
            for text in page.findobj(lambda one: hasattr(one, "get_fontsize"))
            if text.get_text()
        ]
        assert min(sizes) >= 7.0
