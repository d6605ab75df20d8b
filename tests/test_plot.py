"""The page of figures: what is drawn is what was simulated and what was reported."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from conftest import END_2016, RunMaker, make_run
from matplotlib.lines import Line2D
from reading_figures import Mark, curve, named, panel, reported

from bordersim.codes import HARMS, LAST_MONTH, Obs
from bordersim.data_files import evidence_folder, scenarios_folder
from bordersim.errors import BordersimError, StoreError
from bordersim.figures import dearest_tumen_fee, fee, interior_fee, split_of_fee
from bordersim.plot import Page, run_page, save_page
from bordersim.plot.style import INK
from bordersim.reports import Period
from bordersim.results import Run
from bordersim.study import Study

HALF_YEARS = [Period(first, first + 5) for first in range(0, END_2016, 6)]


@pytest.fixture(scope="module")
def run() -> Run:
    return make_run()


@pytest.fixture(scope="module")
def page(run: Run) -> Page:
    return run_page(run)


@pytest.fixture(scope="module")
def long_page() -> Page:
    return run_page(make_run(end_month=LAST_MONTH))


def table(name: str) -> list[dict[str, str]]:
    """Rows of the evidence, read without the package."""
    with (evidence_folder() / f"{name}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def dates_of(period: str) -> tuple[float, float]:
    """Begin and end of a period of the evidence, decimal years, from 1995 on."""
    first, _, last = period.partition("-")
    if len(last) == 2:
        begin = int(first) + (int(last) - 1) / 12
        return begin, begin + 1 / 12
    return max(float(first), 1995.0), float(last or first) + 1


def rates() -> dict[int, dict[str, float]]:
    with (scenarios_folder() / "data" / "money.csv").open(newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {
            int(row["year"]): {k: float(row[k]) for k in ("krw_per_usd", "cny_per_usd")}
            for row in rows
        }


def interval_of(row: dict[str, str], per: float = 1.0) -> Mark:
    """What a row with a low and a high should look like."""
    middle = sum(dates_of(row["period"])) / 2
    return middle, float(row["low"]) / per, float(row["high"]) / per, row["use"]


def assert_marks(found: list[Mark], expected: Iterable[Mark]) -> None:
    """Same marks: numbers to within rounding, words exactly."""
    wanted = sorted(expected)
    assert [mark[3] for mark in found] == [mark[3] for mark in wanted]
    numbers = ([mark[:3] for mark in marks] for marks in (found, wanted))
    np.testing.assert_allclose(*numbers, rtol=1e-9)


def test_arrivals_are_yearly_sums_at_mid_year(run: Run, page: Page) -> None:
    line = curve(panel(page, "a"), "simulated")
    np.testing.assert_allclose(line.get_xdata(), np.arange(1995, 2017) + 0.5)
    np.testing.assert_allclose(line.get_ydata(), run.annual("arrivals"))


def test_every_reported_year_of_arrivals_is_a_mark(long_page: Page) -> None:
    total = ((int(row["year"]) + 0.5, float(row["total"]), row["use"]) for row in table("arrivals"))
    assert_marks(reported(panel(long_page, "a")), ((x, y, y, use) for x, y, use in total))


def test_fitted_marks_are_filled_and_held_out_marks_open(long_page: Page) -> None:
    axes = panel(long_page, "a")
    faces = {
        use: {line.get_markerfacecolor() for line in named(axes, f"reported, {use}")}  # type: ignore[union-attr]
        for use in ("calibrate", "validate")
    }
    assert faces == {"calibrate": {INK}, "validate": {"white"}}


def test_fees_are_half_yearly_and_in_money_of_the_day(run: Run, page: Page) -> None:
    axes = panel(page, "b")
    figures: dict[str, Callable[[Period], float]] = {
        "mean of all deals": lambda when: fee(run, when, range(6)),
        "dearest Tumen place": lambda when: dearest_tumen_fee(run, when),
        "interior clients": lambda when: interior_fee(run, when),
    }
    for name, figure in figures.items():
        line = curve(axes, name)
        np.testing.assert_allclose(line.get_xdata(), 1995.25 + np.arange(44) / 2)
        np.testing.assert_allclose(line.get_ydata(), [figure(when) for when in HALF_YEARS])
    assert "nominal" in axes.get_ylabel()


def test_every_reported_fee_is_at_its_date_in_won_of_its_day(page: Page) -> None:
    expected = []
    for row in table("fees"):
        if row["quantity"] != "fee for the river crossing":
            continue
        begin, end = dates_of(row["period"])
        rate = rates()[int((begin + end - 1 / 12) / 2 + 1e-9)]
        won = {"KRW": 1.0, "USD": rate["krw_per_usd"]}
        won["CNY"] = won["USD"] / rate["cny_per_usd"]
        low, high = (float(row[side]) * won[row["unit"]] / 1e6 for side in ("low", "high"))
        low = high if row["kind"] == "upper" else low
        expected.append(((begin + end) / 2, low, high, row["use"]))
    assert len(expected) == 17
    assert_marks(reported(panel(page, "b")), expected)


def test_reports_of_another_fee_have_the_colour_of_its_line(page: Page) -> None:
    axes = panel(page, "b")
    for name, x, low in (("dearest Tumen place", 2015 + 10.5 / 12, 15.0),
                         ("interior clients", 2014 + 6.5 / 12, 13.7)):  # fmt: skip
        near = [
            line
            for line in named(axes, "reported, ")
            if isinstance(line, Line2D)
            and np.allclose(line.get_xdata(), x)
            and min(line.get_ydata()) == pytest.approx(low, rel=0.01)
        ]
        assert [line.get_color() for line in near] == [curve(axes, name).get_color()]


def test_the_stock_in_china_is_in_thousands_with_its_intervals(run: Run, page: Page) -> None:
    axes = panel(page, "c")
    line = curve(axes, "simulated")
    np.testing.assert_allclose(line.get_xdata(), 1995 + (np.arange(264) + 0.5) / 12)
    np.testing.assert_allclose(line.get_ydata(), run.monthly("stock_china") / 1000)
    stock = (row for row in table("china") if row["quantity"] == "North Koreans living in China")
    assert_marks(reported(axes), (interval_of(row, 1000) for row in stock))


def test_harm_is_drawn_beside_arrivals_with_reported_returns(run: Run, page: Page) -> None:
    axes = panel(page, "d")
    shown = {
        "returned by China": ["repatriations"],
        "taken into custody": ["custody_entries"],
        "caught at the river": ["interceptions"],
        "died in custody": ["deaths_custody"],
        "drowned, froze, shot": ["deaths_drowned", "deaths_shot_river", "deaths_shot_china"],
        "arrived in the South": ["arrivals"],
    }
    assert len(named(axes, "simulated: ")) == len(shown)
    assert {name for names in shown.values() for name in names} == {*HARMS, "arrivals"}
    for label, names in shown.items():
        people = sum(run.annual(name) for name in names)
        np.testing.assert_allclose(curve(axes, label).get_ydata(), people)
    returned = (r for r in table("shares") if r["quantity"] == "people returned by China per year")
    assert_marks(reported(axes), map(interval_of, returned))


def test_corruption_is_shares_of_guards_and_of_the_fee(run: Run, page: Page) -> None:
    axes = panel(page, "e")
    guards = run.monthly("guards")
    for label, name in (("took any bribe", "corrupt"), ("willing to take one", "willing")):
        share = 100 * run.monthly(f"{name}_guards") / guards
        np.testing.assert_allclose(curve(axes, label).get_ydata(), share)
    part = [100 * split_of_fee(run, when, 1) for when in HALF_YEARS]
    np.testing.assert_allclose(curve(axes, "their part of the fee").get_ydata(), part)
    assert_marks(reported(axes), [(y, 30.0, 30.0, "calibrate") for y in (2010.5, 2016.5)])


def test_fear_stands_beside_what_happens(run: Run, page: Page) -> None:
    axes = panel(page, "f")
    feared = curve(axes, "perceived chance")
    np.testing.assert_allclose(feared.get_ydata(), 100 * run.monthly("perceived_punishment"))
    for label, name in (("punished", "punishments"), ("inspected", "inspections")):
        rate = 100 * run.annual(name) / run.annual("guards")
        np.testing.assert_allclose(curve(axes, label).get_ydata(), rate)


def test_several_runs_give_their_mean_and_the_middle_of_them(
    made_up_run: RunMaker, page: Page
) -> None:
    assert not named(panel(page, "a"), "band")
    runs = [made_up_run(seed=seed) for seed in (1, 2, 3)]
    axes = panel(Study.of(runs).plot(), "a")
    values = np.array([run.annual("arrivals") for run in runs])
    np.testing.assert_allclose(curve(axes, "simulated").get_ydata(), values.mean(axis=0))
    (band,) = named(axes, "band")
    outline = band.get_paths()[0].vertices  # type: ignore[attr-defined]
    for quantile in (0.05, 0.95):
        edge = np.column_stack([np.arange(1995, 2017) + 0.5, np.quantile(values, quantile, axis=0)])
        assert all(np.isclose(outline, point).all(axis=1).any() for point in edge)


def test_a_year_without_deals_is_left_out(made_up_run: RunMaker) -> None:
    runs = [made_up_run(seed=seed) for seed in (1, 2)]
    for run, last_empty_year in zip(runs, (5, 3), strict=True):
        run.record[: 12 * last_empty_year, int(Obs.DEALS)] = 0
    line = curve(panel(run_page(runs), "b"), "mean of all deals")
    assert line.get_xdata()[0] == 1998.25
    assert np.isfinite(line.get_ydata()).all()


def test_a_run_without_people_or_deals_is_still_a_page(made_up_run: RunMaker) -> None:
    run = made_up_run()
    run.record[:] = 0
    page = run_page(run)
    page.savefig(io.BytesIO(), format="png")
    assert set(curve(panel(page, "a"), "simulated").get_ydata()) == {0.0}
    assert not named(panel(page, "b"), "simulated")
    assert "nothing to measure in this span" in [t.get_text() for t in panel(page, "b").texts]


@pytest.mark.parametrize("months", [1, 2, 6, 13, 30])
def test_a_short_run_is_drawn_by_month_at_a_yearly_rate(made_up_run: RunMaker, months: int) -> None:
    run = made_up_run(start_month=183, end_month=183 + months - 1)
    page = run_page(run)
    page.savefig(io.BytesIO(), format="png")
    axes = panel(page, "a")
    assert axes.get_title(loc="left").endswith("(by month, at a yearly rate)")
    line = curve(axes, "simulated")
    np.testing.assert_allclose(line.get_ydata(), 12 * run.monthly("arrivals"))
    assert axes.get_xlim() == pytest.approx((2010.25, 2010.25 + months / 12))


def test_a_page_never_averages_runs_of_different_inputs(made_up_run: RunMaker) -> None:
    runs = [made_up_run(), made_up_run(scale=0.5, run_id="b")]
    with pytest.raises(StoreError, match="differ in more than their seed"):
        Study.of(runs).plot()


def test_what_cannot_be_drawn_is_said(made_up_run: RunMaker) -> None:
    with pytest.raises(BordersimError, match="no run to draw"):
        run_page([])
    with pytest.raises(BordersimError, match="no month in common"):
        run_page([made_up_run(end_month=5), made_up_run(start_month=6)])


def test_a_page_shows_itself_in_a_notebook(made_up_run: RunMaker) -> None:
    page = made_up_run(end_month=5).plot()
    assert isinstance(page, Page)
    assert page._repr_png_().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("suffix", "beginning"), [(".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")]
)
def test_a_page_is_saved_as_the_same_bytes_each_time(
    made_up_run: RunMaker, tmp_path: Path, suffix: str, beginning: bytes
) -> None:
    run = made_up_run(end_month=8)
    first = save_page(run, tmp_path / "new" / f"one{suffix}")
    second = save_page(run_page(run), tmp_path / f"two{suffix}")
    assert first.read_bytes().startswith(beginning)
    assert first.read_bytes() == second.read_bytes()
    assert [path.name for path in first.parent.iterdir()] == [first.name]


def test_a_page_that_cannot_be_saved_is_an_error(made_up_run: RunMaker, tmp_path: Path) -> None:
    page = run_page(made_up_run(end_month=5))
    with pytest.raises(BordersimError, match=r'got "\.gif"; a page ends in \.png, \.svg, \.pdf'):
        save_page(page, tmp_path / "page.gif")
    (tmp_path / "file").write_text("")
    with pytest.raises(BordersimError, match="cannot be written"):
        save_page(page, tmp_path / "file" / "page.png")


def test_printing_tables_loads_no_plotting_library() -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from conftest import make_run\n"
        "import bordersim.cli.run\n"
        "from bordersim.cli.printing import print_tables\n"
        "from bordersim.reported import tables\n"
        "runs = [make_run(end_month=23)]\n"
        "print_tables('made up', runs, tables(runs))\n"
        "heavy = ('matplotlib', 'bordersim.plot')\n"
        "print([name for name in sys.modules if name.startswith(heavy)])\n"
    )
    here = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=here, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
