"""The page of figures: what is drawn is what the tables hold."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import RunMaker
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bordersim.codes import Obs
from bordersim.errors import StoreError
from bordersim.plot import OKABE_ITO, run_page
from bordersim.study import Study


def panel(page: Figure, title: str) -> Axes:
    (axes,) = (axes for axes in page.axes if axes.get_title(loc="left").startswith(title))
    return axes


def test_every_panel_has_labels_units_and_a_legend(made_up_run: RunMaker) -> None:
    page = run_page(made_up_run())
    assert len(page.axes) == 6
    for axes in page.axes:
        assert axes.get_title(loc="left")
        assert axes.get_xlabel() == "year"
        assert axes.get_ylabel()
        assert axes.get_legend() is not None


def test_arrivals_are_drawn_at_mid_year_with_the_reports(made_up_run: RunMaker) -> None:
    run = made_up_run()
    axes = panel(run_page(run), "Arrivals in the South")
    simulated, fitted, held_out = axes.get_lines()
    np.testing.assert_allclose(simulated.get_xdata(), np.arange(1995, 2017) + 0.5)
    np.testing.assert_allclose(simulated.get_ydata(), run.annual("arrivals"))
    assert len(fitted.get_xdata()) == 18
    assert list(held_out.get_xdata()) == [2016.5]


def test_several_runs_draw_a_band(made_up_run: RunMaker) -> None:
    one = panel(run_page(made_up_run()), "Arrivals in the South")
    runs = [made_up_run(seed=seed) for seed in (1, 2, 3)]
    several = panel(Study.of(runs).plot(), "Arrivals in the South")
    assert len(one.collections) == 0
    assert len(several.collections) == 1


def test_sectors_differ_in_colour_and_dash(made_up_run: RunMaker) -> None:
    lines = panel(run_page(made_up_run()), "Fee for the crossing").get_lines()
    looks = {
        (line.get_color(), line.get_linestyle()) for line in lines if len(line.get_xdata()) > 1
    }
    assert len({colour for colour, _ in looks}) == 6
    assert {colour for colour, _ in looks} <= set(OKABE_ITO)


def test_a_short_run_can_be_drawn(made_up_run: RunMaker) -> None:
    page = run_page(made_up_run(start_month=3, end_month=30))
    assert panel(page, "Guards").get_xlim() == pytest.approx((1995.25, 1997.5833), abs=1e-3)


def test_a_page_shows_itself_in_a_notebook(made_up_run: RunMaker) -> None:
    picture = made_up_run().plot()._repr_png_()  # type: ignore[attr-defined]
    assert picture.startswith(b"\x89PNG")


def test_a_page_never_averages_runs_of_different_inputs(made_up_run: RunMaker) -> None:
    runs = [made_up_run(), made_up_run(scale=0.5, run_id="b")]
    with pytest.raises(StoreError, match="differ in more than their seed"):
        Study.of(runs).plot()


def test_a_year_without_deals_is_left_out(made_up_run: RunMaker) -> None:
    runs = [made_up_run(seed=seed) for seed in (1, 2)]
    for run, last_empty_year in zip(runs, (5, 3), strict=True):
        run.record[: 12 * last_empty_year, int(Obs.DEALS)] = 0
    lines = panel(run_page(runs), "Fee for the crossing").get_lines()
    assert lines[0].get_xdata()[0] == 1998.5
    assert np.isfinite(lines[0].get_ydata()).all()
