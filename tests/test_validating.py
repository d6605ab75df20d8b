"""Bars, conditions, the scorecard and verdicts, on readings made by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import make_run
from validations import N_RUNS, kept, readings_as_reported, with_figures, with_value

from bordersim.codes import Obs
from bordersim.data_files import scenarios_folder
from bordersim.errors import ScenarioError
from bordersim.results import Run
from bordersim.scenario import load
from bordersim.validating import Validation
from bordersim.validating.bars import bars_file, read_bars
from bordersim.validating.measures import MEASURES
from bordersim.validating.reading import observables_needed
from bordersim.validating.scorecard import coverage, error_of, held, replicated

PATTERNS = ("P1", "P2", "P3", "P4", "P5", "P6", "P7", "P8")
END = 12 * 31 - 1


def changed_bars(folder: Path, *changes: tuple[str, str]) -> Path:
    text = bars_file().read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    path = folder / "bars.yaml"
    path.write_text(text)
    return path


def run_with_arrivals(by_year: Callable[[int], int]) -> Run:
    """Run to 2025 with as many arrivals in December of each year, and no others."""
    run = make_run(end_month=END)
    run.record[:, int(Obs.ARRIVALS)] = 0
    for year in range(1995, 2026):
        run.record[(year - 1995) * 12 + 11, int(Obs.ARRIVALS), 0, 0, 0] = by_year(year)
    return run


def condition(id_: str):
    return next(one for one in read_bars().conditions() if one.id == id_)


def test_bars_ship_with_every_pattern_tested() -> None:
    bars = read_bars()
    assert tuple(pattern.id for pattern in bars.patterns) == PATTERNS
    assert all(len(pattern.conditions) >= 2 for pattern in bars.patterns)
    assert bars.band == 0.9
    assert bars.section.fit.arrivals.least_inside == 16
    assert bars.section.fit.arrivals.most_error == 0.10
    assert bars.section.holdout.arrivals.most_error == 0.15
    assert (bars.closure[0].low, bars.closure[0].high) == (0.05, 0.20)
    ids = [one.id for one in bars.conditions()]
    assert len(set(ids)) == len(ids)


def test_every_mistake_in_bars_is_told_with_its_line(tmp_path: Path) -> None:
    path = changed_bars(
        tmp_path,
        ("measure: peak_year", "measure: peek_year"),
        ("period: 2010, low: 3.2, high: 6.25", "period: 2010, low: 7, high: 6.25"),
        ("period: 2012, over: 2010-2011, high: 0.70", "period: 2012, over: 2010-11-12, high: 1"),
        ("period: 2021-2025", "period: 2021-02..2021-10"),
        (
            "measure: stock, period: 2010, over: 1998-2000, high: 0.40",
            "measure: stock, period: 2010",
        ),
    )
    with pytest.raises(ScenarioError) as error:
        read_bars(path)
    told = [str(problem) for problem in error.value.problems]
    assert len(told) == 5
    for words in (
        'unknown measure "peek_year"; did you mean "peak_year"',
        "7 is above high, 6.25",
        '"2010-11-12" is no period',
        "highest_year looks at whole calendar years",
        "neither low nor high",
    ):
        assert any(words in one and "bars.yaml:" in one for one in told), words


def test_conditions_measure_what_they_say() -> None:
    counts = {2009: 600, 2010: 500, 2011: 500, 2012: 250}
    run = run_with_arrivals(lambda year: counts.get(year, 100))
    assert condition("P1.3").value(run) == 2009
    assert condition("P1.5").value(run) == 0.5  # 2012 over the mean of 2010 and 2011
    assert condition("P1.4").value(run) == pytest.approx(5 / 6)
    assert condition("closure.1").value(run) == 1.0
    assert condition("closure.2").value(run) == 1.0
    assert np.isnan(condition("S1.month_2003").value(run))  # never 1,200 a year
    high = run_with_arrivals(lambda year: 1200 if year >= 2004 else 10)
    assert condition("S1.month_2003").value(high) == 2004
    assert condition("P2.3").covered_by(high)
    assert not condition("closure.1").covered_by(make_run())  # it ends in 2016


def test_limits_hold_at_their_ends_and_never_of_nothing() -> None:
    peak = condition("P1.3")
    assert [peak.holds(year) for year in (2007, 2008, 2010, 2011)] == [False, True, True, False]
    assert not peak.holds(np.nan)
    nobody = run_with_arrivals(lambda _: 0)
    assert np.isnan(condition("closure.1").value(nobody))
    assert peak.limits == "2008 to 2010"
    assert condition("P1.5").limits == "at most 0.7"


def test_every_measure_gives_a_number_and_says_what_it_needs() -> None:
    run = make_run(end_month=END)
    asked: set[str] = set()

    class Watched(Run):
        def value(self, observable: str):
            asked.add(observable)
            return super().value(observable)

    watched = Watched(**{name: getattr(run, name) for name in run.__dataclass_fields__})
    from bordersim.reports import parse_period

    for name, measure in MEASURES.items():
        asked.clear()
        assert np.isfinite(measure.figure(watched, parse_period("2003-2008"))) or name.startswith(
            "first_year"
        )
        assert asked <= set(measure.observables), name
    assert set(observables_needed(read_bars())) > {"deaths_custody", "repatriations", "fee_sum"}


@pytest.mark.parametrize(
    ("band", "report", "word"),
    [
        ((1, 3), (2, 2), "inside"),
        ((1, 3), (4, 4), "outside"),
        ((1, 3), (1.5, 2.5), "inside"),
        ((1, 3), (2, 4), "partly"),
        ((1, 3), (0, 4), "inside"),  # a wide report holds the band
        ((1, 3), (-np.inf, 2), "inside"),
        ((1, 3), (-np.inf, 0.5), "outside"),
        ((1, 3), (2, np.inf), "inside"),
        ((1, 3), (4, np.inf), "outside"),
    ],
)
def test_a_band_and_a_report(band: tuple, report: tuple, word: str) -> None:
    assert held(*band, *report) == word


def test_errors_are_of_the_nearer_end() -> None:
    assert error_of(110, 100, 100) == pytest.approx(0.1)
    assert error_of(3, 4, 5) == pytest.approx(-0.25)
    assert error_of(6, 4, 5) == pytest.approx(0.2)
    assert error_of(4.5, 4, 5) == 0.0


def test_all_bars_hold_of_runs_that_are_as_reported() -> None:
    found = Validation(readings_as_reported(), read_bars())
    assert [verdict for verdict in found.verdicts if not verdict.holds] == []
    assert found.holds
    card = found.scorecard
    years = card[(card["lane"] == "hold-out") & (card["group"] == "arrivals")]
    assert years["period"].tolist() == ["2016", "2017", "2018", "2019"]
    closure = card[(card["lane"] == "closure") & (card["group"] == "arrivals")]
    assert closure["period"].tolist() == [str(year) for year in range(2020, 2026)]
    assert (card["predicted_high"] >= card["high"] * 0.999).mean() > 0.9  # report error widens
    assert card.set_index("id").loc["S1.total_2015", "lane"] == "context"  # a failed forecast
    after = card[card["id"].isin(["fee.2016-03", "split.2016.guards"])]
    assert after["lane"].tolist() == ["hold-out", "hold-out"]  # a fit to 2015 leaves them out


FITTED = [f"arrivals.{year}" for year in range(1998, 2016)]


@pytest.mark.parametrize(
    ("change", "judged"),
    [
        (lambda r: with_figures(r, 1.6, *FITTED[:3]), "1998-2015: years inside"),
        (lambda r: with_figures(r, 1.13, *FITTED), "1998-2015: median error"),
        (lambda r: with_figures(r, 5.0, "fee.2010-02"), "reported fees"),
        (lambda r: with_figures(r, 1.5, "arrivals.2017"), "2016-2019: years inside"),
        (lambda r: with_value(r, "closure.1", 0.3, 0.6), "fall"),
        (lambda r: with_value(r, "P4.2", 0.9, 0.25), "P4"),
    ],
)
def test_each_bar_can_fail(change: Callable, judged: str) -> None:
    found = Validation(change(readings_as_reported()), read_bars())
    failed = [verdict.what for verdict in found.verdicts if not verdict.holds]
    assert len(failed) == 1, failed
    assert judged in failed[0]
    assert not found.holds


def test_two_of_eighteen_years_may_miss_and_three_may_not() -> None:
    found = Validation(with_figures(readings_as_reported(), 1.6, *FITTED[:2]), read_bars())
    assert found.holds
    assert next(v.got for v in found.verdicts if "1998-2015: years" in v.what) == "16 of 18"


def test_patterns_hold_together_only_in_the_same_draw() -> None:
    readings = readings_as_reported()
    rng = np.random.default_rng(2)
    for pattern in read_bars().patterns:  # each fails in 15 % of draws, others than the next
        first = pattern.conditions[0]
        at = [one.id for one in readings.conditions].index(first.id)
        readings.values[rng.permutation(N_RUNS)[:6], at] = -1.0
    found = Validation(readings, read_bars())
    assert found.patterns["share"].tolist() == [0.85] * 8
    failed = [verdict.what for verdict in found.verdicts if not verdict.holds]
    assert failed == ["all 8 patterns in one draw"]


def test_what_the_runs_do_not_reach_is_not_judged_and_does_not_hold() -> None:
    from dataclasses import replace

    readings = readings_as_reported()
    short = [one for one in readings.conditions if not one.id.startswith("closure")]
    values = np.tile([kept(one) for one in short], (N_RUNS, 1))
    found = Validation(replace(readings, conditions=tuple(short), values=values), read_bars())
    assert {v.bar for v in found.verdicts if v.holds is None} == {"closure"}
    assert not found.holds


def test_replicated_reports_are_the_same_each_time_and_use_the_draws_nuisances() -> None:
    from dataclasses import replace

    readings = readings_as_reported()
    first, again = replicated(readings), replicated(readings)
    assert np.array_equal(first, again)
    fee = readings.targets.ids.index("fee.2010-04")
    spreads = [
        float(np.log(replicated(replace(readings, nuisances=drawn))[:, fee]).std())
        for drawn in (
            {"fees.spread": np.full(N_RUNS, 0.01), "fees.bias_river": np.zeros(N_RUNS)},
            {"fees.spread": np.full(N_RUNS, 0.5), "fees.bias_river": np.zeros(N_RUNS)},
        )
    ]
    assert spreads[0] < 0.05
    assert spreads[1] > 0.4


def test_coverage_grows_with_the_level_and_falls_with_error() -> None:
    found = Validation(readings_as_reported(), read_bars())
    card = found.scorecard
    rows = card[(card["lane"] == "fit") & (card["group"] == "arrivals")]
    levels = np.array([0.1, 0.5, 0.9])
    right = coverage(rows, found.reports, levels)
    assert np.all(np.diff(right) >= 0)
    assert right[-1] == 1.0
    wrong = coverage(rows, 1.5 * found.reports, levels)
    assert wrong[-1] == 0.0


def test_harm_stands_beside_arrivals_in_every_episode() -> None:
    table = Validation(readings_as_reported(), read_bars()).harms()
    assert set(table["years"]) == {"1998-2008", "2009-2015", "2016-2019", "2020-2025"}
    assert set(table["observable"]) > {"arrivals", "deaths_custody", "repatriations"}
    assert (table["low"] <= table["simulated"]).all()


def test_the_closure_extends_history_and_fits_nothing_of_it() -> None:
    closure = load(scenarios_folder() / "closure-2020.yaml")
    history = load(scenarios_folder() / "historical.yaml").until("2025-12")
    months = 12 * 25  # to the end of 2019
    assert np.array_equal(closure.lever_paths()[:months], history.lever_paths()[:months])
    assert not np.array_equal(closure.lever_paths(), history.lever_paths())
    known = {policy.id for policy in history.policies}
    own = [policy for policy in closure.policies if policy.id not in known]
    assert len(own) >= 5
    assert [policy.id for policy in own if policy.parameter] == []
    assert all(policy.start >= months for policy in own)


def test_every_measure_is_explained() -> None:
    page = (bars_file().parents[1] / "docs" / "validation.md").read_text()
    for name, measure in MEASURES.items():
        assert f"| `{name}` | {measure.words} |" in page
