"""What a run answers: units, scale, sums over months and places."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from conftest import HOMES, SECTORS, RunMaker

from bordersim import labelled_arrays
from bordersim.codes import GRID, HARMS, OBSERVABLES, Obs
from bordersim.errors import BordersimError


def test_values_have_the_declared_axes(made_up_run: RunMaker) -> None:
    run = made_up_run(end_month=23)
    for name, measure in OBSERVABLES.items():
        n_places = {"home": len(HOMES), "sector": len(SECTORS)}.get(measure.places, 1)
        expected = (24, n_places, 2, 3) if measure.by_person else (24, n_places)
        assert run.value(name).shape == expected, name


def test_scale_divides_flows_and_stocks_but_not_levels(made_up_run: RunMaker) -> None:
    whole, tenth = made_up_run(scale=1.0), made_up_run(scale=0.1)
    for name in ("arrivals", "stock_china", "fee_sum", "guards"):
        np.testing.assert_allclose(tenth.value(name), 10 * whole.value(name))
    for name in ("fee_median", "perceived_punishment", "perceived_risk_china"):
        np.testing.assert_array_equal(tenth.value(name), whole.value(name))


def test_counts_become_the_declared_unit(made_up_run: RunMaker) -> None:
    run = made_up_run()
    counts = run.record[:, int(Obs["FEE_SUM"]), : len(SECTORS), 0, 0]
    np.testing.assert_allclose(run.value("fee_sum"), counts / 1000)
    beliefs = run.record[:, int(Obs["PERCEIVED_RISK_HIRE"]), : len(HOMES), 0, 0]
    np.testing.assert_array_equal(run.value("perceived_risk_hire"), beliefs * GRID)


def test_annual_adds_flows_and_averages_stocks(made_up_run: RunMaker) -> None:
    run = made_up_run(start_month=12, end_month=35)
    arrivals, stock = run.monthly("arrivals"), run.monthly("stock_china")
    assert run.annual("arrivals").loc[1997] == arrivals["1997-01":"1997-12"].sum()
    assert run.annual("stock_china").loc[1996] == stock["1996-01":"1996-12"].mean()


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [(0, 23, [1995, 1996]), (1, 23, [1996]), (0, 22, [1995]), (3, 20, [])],
)
def test_annual_leaves_out_partial_years(
    made_up_run: RunMaker, start: int, end: int, years: list[int]
) -> None:
    series = made_up_run(start_month=start, end_month=end).annual("arrivals")
    assert list(series.index) == years


def test_a_level_is_the_mean_of_the_places_that_have_one(made_up_run: RunMaker) -> None:
    run = made_up_run(end_month=1)
    fees = run.record[:, int(Obs["FEE_MEDIAN"])]
    fees[:] = 0
    fees[0, :3, 0, 0] = (4000, 0, 8000)
    series = run.monthly("fee_median")
    assert series.iloc[0] == pytest.approx(6.0)
    assert np.isnan(series.iloc[1])


def test_the_tidy_table_holds_every_value_that_is_not_zero(made_up_run: RunMaker) -> None:
    run = made_up_run(end_month=11, scale=0.5)
    frame = run.to_df()
    assert list(frame.columns) == ["date", "observable", "place", "sex", "class", "value"]
    assert not (frame["value"] == 0).any()
    for name in ("arrivals", "deals", "candidates"):
        values = run.value(name)
        rows = frame[frame["observable"] == name]
        assert len(rows) == np.count_nonzero(values)
        assert rows["value"].sum() == pytest.approx(values.sum())
    some = frame[
        (frame["observable"] == "arrivals") & (frame["date"] == pd.Timestamp("1995-03-01"))
    ]
    women = some[(some["sex"] == "female") & (some["place"] == "ryanggang")]
    assert women["value"].sum() == run.value("arrivals")[2, 1, 0].sum()
    assert set(frame.loc[frame["observable"] == "deals", "sex"]) == {"all"}
    assert set(frame.loc[frame["observable"] == "candidates", "place"]) == {"nation"}


def test_the_summary_stands_arrivals_beside_harm(made_up_run: RunMaker) -> None:
    run = made_up_run()
    summary = run.summary()
    assert list(summary.index) == list(range(1995, 2017))
    assert set(HARMS) < set(summary.columns)
    assert "made-up" in run._repr_html_()


def test_an_unknown_observable_names_the_nearest(made_up_run: RunMaker) -> None:
    with pytest.raises(KeyError, match='did you mean "arrivals"'):
        made_up_run(end_month=11).monthly("arivals")


def test_a_record_of_the_wrong_shape_is_refused(made_up_run: RunMaker) -> None:
    run = made_up_run(end_month=11)
    with pytest.raises(ValueError, match="expected int64"):
        made_up_run(end_month=11, record=run.record[:, :-1])


def test_labelled_arrays_are_the_values_under_their_names(made_up_run: RunMaker) -> None:
    run = made_up_run(start_month=12, end_month=35)
    found = run.to_xarray()
    assert set(found.data_vars) == set(OBSERVABLES)
    for name, measure in OBSERVABLES.items():
        by_place = run.value(name) if measure.places != "nation" else run.value(name)[:, 0]
        np.testing.assert_array_equal(found[name].values, by_place)
        assert (found[name].attrs["unit"], found[name].attrs["kind"]) == (
            measure.unit,
            measure.kind,
        )
    assert found["arrivals"].dims == ("date", "home", "sex", "class")
    by_year = found["arrivals"].groupby("date.year").sum(...).to_series()
    assert by_year.to_dict() == run.annual("arrivals").to_dict()
    women = run.to_df("arrivals").query("sex == 'female' and place == @HOMES[0]")["value"].sum()
    assert float(found["arrivals"].sel(sex="female", home=HOMES[0]).sum()) == women > 0
    assert (found.attrs["scenario"], found.attrs["seed"]) == (run.scenario_name, run.seed)


def test_labelled_arrays_of_some_observables_have_their_dimensions_only(
    made_up_run: RunMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made_up_run()
    assert set(run.to_xarray("fee_sum").dims) == {"date", "sector"}
    with pytest.raises(KeyError, match="fee_total"):
        run.to_xarray("fee_total")
    monkeypatch.setattr(labelled_arrays, "find_spec", lambda _: None)
    with pytest.raises(BordersimError, match=r"bordersim\[xarray\]"):
        run.to_xarray("fee_sum")
