"""Comparisons of two scenarios: what is paired, what is measured, what is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from engine_worlds import busy, policy

import bordersim as bs
from bordersim.codes import HARMS, Class, Sex
from bordersim.comparing import Side, compare
from bordersim.comparing.estimates import MEANS, NONE
from bordersim.comparing.pairing import paired
from bordersim.comparing.quantities import Cut
from bordersim.errors import ScenarioError
from bordersim.reports import parse_period, price_level
from bordersim.results import Run
from bordersim.scenario import Scenario
from bordersim.simulation import simulate
from bordersim.study import Study

SEEDS = (1, 2, 3)
ARRIVING = {"china.onward_late": 0.08, "china.onward_middle": 96.0, "china.onward_width": 48.0}
"""Many reach the South within three years."""
DEATHS = [harm for harm in HARMS if harm.startswith("deaths_")]


@pytest.fixture(scope="module")
def scenarios() -> tuple[Scenario, Scenario]:
    base = busy(0.004, "1997-12").with_parameters(ARRIVING).named("base")
    return base, base.add(policy("china.refoulement", 0.0, "1996-07")).named("kinder")


@pytest.fixture(scope="module")
def runs(scenarios: tuple[Scenario, Scenario]) -> dict[str, list[Run]]:
    return {one.name: [simulate(one, seed) for seed in SEEDS] for one in scenarios}


@pytest.fixture(scope="module")
def study(runs: dict[str, list[Run]]) -> Study:
    return Study.of([run for side in runs.values() for run in side])


def test_a_row_is_the_mean_difference_of_sums_over_the_window(
    study: Study, runs: dict[str, list[Run]]
) -> None:
    table = study.compare("base", "kinder", window=("1996-07", "1997")).table()
    months = slice(18, 36)
    for name, parts in (("arrivals", ["arrivals"]), ("deaths", DEATHS)):
        a, b = (
            [sum(float(run.by_place(part)[months].sum()) for part in parts) for run in runs[side]]
            for side in ("base", "kinder")
        )
        row = table.loc[name]
        assert row["a"] == pytest.approx(np.mean(a))
        assert row["effect"] == pytest.approx(np.mean(np.subtract(b, a)))
        assert row["pairs"] == 3
        assert row["low"] <= row["effect"] <= row["high"]
    assert table.loc["repatriations", "effect"] < 0  # nobody is returned any more
    assert table["interval"].unique().tolist() == [MEANS]


def test_harm_stands_beside_arrivals_and_beside_nothing_else(study: Study) -> None:
    shown = study.compare("base", "kinder", observable=["arrivals", "crossings"]).table().index
    assert [*shown] == ["arrivals", "crossings", "deaths", "repatriations", "custody_entries"]
    assert [*study.compare("base", "kinder", observable="deals").table().index] == ["deals"]


def test_stocks_and_levels_are_means_and_the_fee_is_that_of_all_deals(
    study: Study, runs: dict[str, list[Run]]
) -> None:
    names = ["stock_china", "fee_median", "fee"]
    table = study.compare("base", "kinder", observable=names, window="1997").table()
    year = slice(24, 36)
    stock, median, fee = [], [], []
    for run in runs["base"]:
        stock.append(run.by_place("stock_china")[year].sum(axis=1).mean())
        by_month = run.monthly("fee_median").to_numpy()[year]
        assert (run.by_place("fee_median")[year] == 0).any()  # no deal, nothing to measure
        median.append(by_month[np.isfinite(by_month)].mean())
        real = run.by_place("fee_sum")[year].sum()
        # prices of 1997 against 2015, the same all year
        price = price_level()[parse_period("1997").first]
        fee.append(real * price / run.by_place("deals")[year].sum())
    assert table["a"].tolist() == pytest.approx([np.mean(x) for x in (stock, median, fee)])


def test_a_part_of_the_people_is_counted_alone(study: Study, runs: dict[str, list[Run]]) -> None:
    cut = {"place": "ryanggang", "sex": "female", "class_": "trader"}
    table = study.compare("base", "kinder", observable="crossings", **cut).table()
    own = [
        run.value("crossings")[:, run.homes.index("ryanggang"), Sex.FEMALE, Class.TRADER].sum()
        for run in runs["base"]
    ]
    assert table.loc["crossings", "a"] == pytest.approx(np.mean(own))
    assert table.loc["crossings", "of"] == "ryanggang, women, trader"
    whole = study.compare("base", "kinder", observable="crossings").table()
    assert 0 < np.mean(own) < whole.loc["crossings", "a"]
    sector = study.compare("base", "kinder", observable="deals", place="tumen_musan").table()
    at = runs["base"][0].sectors.index("tumen_musan")
    assert sector.loc["deals", "a"] == pytest.approx(
        np.mean([run.by_place("deals")[:, at].sum() for run in runs["base"]])
    )


def test_before_the_policy_every_pair_is_equal_to_the_bit(study: Study) -> None:
    comparison = study.compare("base", "kinder", window=("1995", "1996-06"))
    table = comparison.table()
    assert (table[["effect", "low", "high", "mc_error"]] == 0).all(axis=None)
    series = comparison.series("arrivals")
    assert series.index.astype(str).tolist() == ["1995", "1996", "1997"]
    assert (series.loc["1995", ["effect", "low", "high"]] == 0).all(axis=None)
    full = study.compare("base", "kinder").table().loc["arrivals", "effect"]
    assert series["effect"].sum() == pytest.approx(full)
    assert comparison.span() == "1995-01 to 1996-06"


def test_one_pair_has_no_interval_and_says_so(runs: dict[str, list[Run]]) -> None:
    comparison = Study.of([runs["base"][0], runs["kinder"][0]]).compare("base", "kinder")
    table = comparison.table()
    assert table[["low", "high", "mc_error", "pairs_needed"]].isna().all(axis=None)
    assert table["interval"].unique().tolist() == [NONE]
    assert any("no interval" in text for text in comparison.methods())
    assert "no interval" in comparison._repr_html_()
    comparison.plot()


def test_only_runs_with_a_partner_count(runs: dict[str, list[Run]]) -> None:
    comparison = Study.of([*runs["base"], *runs["kinder"][1:]]).compare("base", "kinder")
    assert [pair.seed for pair in comparison.pairs] == [2, 3]
    assert "1 run" in comparison.note


def test_runs_that_begin_apart_are_compared_where_both_are(
    study: Study, scenarios: tuple[Scenario, Scenario]
) -> None:
    later = replace(scenarios[1], start_month=12)
    runs = [simulate(one, 1) for one in (scenarios[0], later)]
    comparison = Study.of(runs).compare("base", "kinder")
    assert comparison.span() == "1996-1997"
    alone = Study.of([study.run(run.run_id) for run in study if run.seed == 1])
    expected = alone.compare("base", "kinder", window="1996:1997")
    assert repr(comparison.rows()) == repr(expected.rows())


def test_runs_of_other_inputs_under_one_name_are_not_mixed(
    runs: dict[str, list[Run]], scenarios: tuple[Scenario, Scenario]
) -> None:
    """``bordersim run --set`` stores under the scenario's own name."""
    other = simulate(scenarios[0].with_settings({"china.tip_response": 1.0}), 1)
    comparison = Study.of([other, *runs["base"], *runs["kinder"]]).compare("base", "kinder")
    plain = Study.of([*runs["base"], *runs["kinder"]]).compare("base", "kinder")
    pd.testing.assert_frame_equal(comparison.table(), plain.table())
    assert "1 run" in comparison.note


def test_the_plan_of_a_sweep_says_what_is_paired(runs: dict[str, list[Run]]) -> None:
    """Two points, two draws, one seed: cells that mean the same run share it."""
    rows = [
        {"point": point, "draw": draw, "seed": 1, "run_id": "x", "scale": 0.004,
         "world_seed": 1, "end": "1997-12", "inputs": f"{point}-{draw}"}
        for point in (0, 1)
        for draw in (0, 1)
    ]  # fmt: skip
    sides = [
        Side(name, [row | {"run_id": f"{name}{k}"} for k, row in enumerate(rows)],
             {f"{name}{k}": (lambda run=runs[name][k % 3]: run) for k in range(len(rows))})
        for name in ("base", "kinder")
    ]  # fmt: skip
    pairs, note = paired(*sides)
    assert [(pair.point, pair.draw) for pair in pairs] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert note == ""
    comparison = compare(*sides, ["arrivals"], None, Cut())
    table = comparison.table()
    assert table.index.names == ["point", "observable"]
    assert table["draws"].unique().tolist() == [2]
    assert table["mc_error"].isna().all()  # one seed a draw
    assert any("one seed" in text for text in comparison.methods())


def test_a_study_with_a_plan_is_read_by_its_cells(study: Study, runs: dict[str, list[Run]]) -> None:
    plan = pa.Table.from_pylist(
        [
            {"cell": 0, "scenario": name, "point": point, "draw": 0, "seed": run.seed,
             "run_id": run.run_id, "china.bounty_report": 500.0 * point}
            for point in (0, 1)
            for name, side in runs.items()
            for run in side
        ]
    )  # fmt: skip
    loaders = {row["run_id"]: study.loader(row["run_id"]) for row in study.rows()}
    twice = Study(study.rows(), loaders, plan=plan)
    comparison = twice.compare("base", "kinder")
    html = comparison._repr_html_()
    assert html.index("china.bounty_report 0") < html.index("china.bounty_report 500")
    labels = [text.get_text() for text in comparison.plot().axes[0].get_yticklabels()]
    assert "deaths, china.bounty_report 500" in labels
    assert comparison.table()["china.bounty_report"].tolist() == [0.0] * 4 + [500.0] * 4
    table = twice.compare("base", "kinder").table()
    once = study.compare("base", "kinder").table()
    for point in (0, 1):
        assert table.loc[point]["effect"].tolist() == once["effect"].tolist()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"observable": "arivals"}, ['did you mean "arrivals"']),
        ({"observable": []}, ["nothing to compare"]),
        ({"window": "2012:2015"}, ["1995-01 to 1997-12"]),
        ({"window": "1997:1996"}, ["ends before it begins"]),
        ({"window": ("1995", "1996", "1997")}, ["write"]),
        ({"window": "soon", "sex": "woman", "place": "paris"}, ["window", "female", "ryanggang"]),
        ({"observable": "deals", "sex": "male"}, ["counted by sector, not by sex"]),
        ({"observable": "deals", "place": "ryanggang"}, ["ryanggang is none"]),
    ],
)
def test_what_is_not_there_is_told_with_what_is(
    study: Study, options: dict[str, object], told: list[str]
) -> None:
    with pytest.raises(ScenarioError) as error:
        study.compare("base", "kinder", **options)  # type: ignore[arg-type]
    for words in told:
        assert words in str(error.value)


def test_a_scenario_without_runs_is_told(study: Study) -> None:
    with pytest.raises(ScenarioError, match=r'no runs of "kindr".*did you mean "kinder"'):
        study.compare("base", "kindr")


def test_stored_runs_are_compared_as_those_in_memory(
    scenarios: tuple[Scenario, Scenario], tmp_path: Path, study: Study
) -> None:
    from bordersim.store import Store

    store = Store(tmp_path)
    store.prepare()
    store.commit([study.run(run_id) for run_id in study.runs["run_id"]])
    stored = bs.open(tmp_path).compare("base", "kinder", window="1996:1997")
    here = study.compare("base", "kinder", window="1996:1997")
    pd.testing.assert_frame_equal(stored.table(), here.table())
    assert repr(stored.document()) == repr(here.document())  # NaN differs from itself


def test_pairs_are_counted_for_a_share_of_a_or_for_people(study: Study) -> None:
    comparison = study.compare("base", "kinder")
    row = comparison.estimate("arrivals")
    by_share = comparison.table(precision="2%").loc["arrivals"]
    assert by_share["precision"] == pytest.approx(0.02 * row.a)
    assert by_share["pairs_needed"] == row.pairs_needed(0.02 * row.a)
    assert comparison.table(precision=50).loc["arrivals", "pairs_needed"] == row.pairs_needed(50)


def test_it_shows_itself(study: Study) -> None:
    comparison = study.compare("base", "kinder", window="1997")
    html = comparison._repr_html_()
    assert "<b>kinder</b> (B) against <b>base</b> (A), 1997, 3 pairs" in html
    assert html.count("<tr>") == 2 * (1 + 4)
    figure = comparison.plot("deaths")
    forest, series = figure.axes
    names = [label.get_text() for label in forest.get_yticklabels()]
    assert names == ["arrivals", "deaths", "repatriations", "custody entries"]
    drawn = series.lines[-1].get_ydata()
    assert drawn == pytest.approx(comparison.series("deaths")["effect"].to_numpy())
    assert "people a year" in series.get_ylabel()
