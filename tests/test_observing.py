"""Reports and runs: what is compared with what, what may be fitted, and hand-made runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import HOMES, SECTORS, RunMaker

from bordersim.codes import OBSERVABLES, Obs, Sex
from bordersim.errors import BordersimError, ScenarioError
from bordersim.figures import FIGURES, OBSERVABLES_NEEDED
from bordersim.observing import (
    GROUPS,
    ForbiddenEvidenceError,
    Target,
    Targets,
    log_likelihood,
    log_likelihood_terms,
    nuisance_defaults,
    simulated_figures,
    targets,
)
from bordersim.observing.declared import declared, read_declared
from bordersim.registry import Registry, registry
from bordersim.reports import Period, money, parse_period
from bordersim.results import Run

EVERY = ("calibrate", "validate", "context", "forecast")
CPI_2010, CPI_2014, CPI_2015 = 0.907, 0.988, 1.0


@pytest.fixture(scope="module")
def evidence() -> Registry:
    return registry()


@pytest.fixture(scope="module")
def every() -> Targets:
    return targets(EVERY, restating=True)


@pytest.fixture
def run(made_up_run: RunMaker) -> Run:
    """Nobody and nothing, 1995 to 2016, to be filled in."""
    empty = made_up_run()
    empty.record[:] = 0
    return empty


def one(every: Targets, name: str) -> Target:
    return next(target for target in every if target.id == name)


def fill(run: Run, observable: str, period: str, counts: dict[str, int], sex: int = 0) -> None:
    """Give places the same count in every month of a period; amounts in the unit recorded."""
    span, measure = parse_period(period), OBSERVABLES[observable]
    names = HOMES if measure.places == "home" else SECTORS
    for place, count in counts.items():
        months = slice(span.first, span.last + 1)
        run.record[months, int(Obs[observable.upper()]), names.index(place), sex, 0] = count


def deal(run: Run, period: str, sector: str, fee: float, deals: int = 10, kind: str = "") -> None:
    """Deals a month at one real fee, KRW million of 2015."""
    factor = OBSERVABLES[f"fee_sum{kind}"].unit_per_count
    fill(run, f"deals{kind}", period, {sector: deals})
    fill(run, f"fee_sum{kind}", period, {sector: round(fee * deals / factor)})


def figure(run: Run, every: Targets, name: str) -> float:
    return float(simulated_figures(run, [one(every, name)])[0])


def test_counts_of_years_and_parts_of_years(run: Run, every: Targets) -> None:
    fill(run, "arrivals", "2012", {"ryanggang": 10})
    fill(run, "arrivals", "2012-Q1", {"ryanggang": 30})
    assert figure(run, every, "arrivals.2012") == 3 * 30 + 9 * 10
    assert figure(run, every, "arrivals.2012-H1") == pytest.approx(120 / 180)
    assert figure(run, every, "arrivals.2012-Q1") == pytest.approx(90 / 120)  # of the half-year
    assert one(every, "arrivals.2012-Q1").low == pytest.approx(366 / 710)
    assert one(every, "S1.jan_oct_2015").low == pytest.approx(978 / 1275)
    assert figure(run, every, "S1.cumulative") == 180


def test_shares_of_women_homes_and_kinds_of_arrivals(run: Run, every: Targets) -> None:
    fill(run, "arrivals", "2002", {"ryanggang": 3, "kangwon": 1}, Sex.FEMALE)
    fill(run, "arrivals", "2002", {"north_hamgyong": 4}, Sex.MALE)
    fill(run, "arrivals_under_year", "2002", {"kangwon": 2})
    fill(run, "arrivals_delay", "2002", {"kangwon": 96})
    assert figure(run, every, "women.2002") == 0.5
    assert figure(run, every, "homes.1998-2024") == pytest.approx(7 / 8)
    assert figure(run, every, "home.kangwon") == pytest.approx(1 / 8)
    assert figure(run, every, "under_year.2002") == pytest.approx(2 / 8)
    assert figure(run, every, "delay.2002") == pytest.approx(96 / 8 / 12)


def test_fees_are_nominal_and_of_the_place_that_the_report_names(run: Run, every: Targets) -> None:
    deal(run, "2010", "tumen_musan", 4.0)
    deal(run, "2010", "yalu_upper", 8.0, deals=30)
    assert figure(run, every, "S1.fee_2010") == pytest.approx(7.0 * CPI_2010)
    assert figure(run, every, "fee.2010-12") == pytest.approx(4.0 * CPI_2010)  # "Tumen"
    deal(run, "2015", "tumen_onsong", 14.0)
    deal(run, "2015", "tumen_musan", 6.0, deals=30)
    assert figure(run, every, "S1.fee_2015_tumen") == pytest.approx(14.0 * CPI_2015)
    assert figure(run, every, "tumen_ratio.2015") == pytest.approx(14 / 8)
    deal(run, "2015-01", "yalu_lower", 2.0, deals=40)  # of the year only if it is whole
    mean = (12 * 40 * 8.0 + 40 * 2.0) / (12 * 40 + 40)
    assert figure(run, every, "S1.fee_doubled") == pytest.approx(mean / (7 * CPI_2010))


def test_fees_of_clients_and_the_split_of_the_fee(run: Run, every: Targets) -> None:
    deal(run, "2014", "yalu_upper", 5.0, kind="_border")
    deal(run, "2014", "yalu_upper", 9.0, kind="_interior")
    assert figure(run, every, "fee.2014-07.border") == pytest.approx(5 * CPI_2014)
    assert figure(run, every, "interior_ratio.2014") == pytest.approx(1.8)
    deal(run, "2010", "yalu_upper", 10.0)
    for name, amount in (("bribe_sum", 25.0), ("chinese_cost_sum", 35.0)):
        count = round(amount / OBSERVABLES[name].unit_per_count)
        fill(run, name, "2010", {"yalu_upper": count})
    parts = [figure(run, every, f"split.2010.{who}") for who in ("trafficker", "guards", "chinese")]
    assert parts == pytest.approx([0.40, 0.25, 0.35])


def test_china_and_officials(run: Run, every: Targets) -> None:
    fill(run, "stock_china", "2012", {"kangwon": 10_000})
    fill(run, "arrests_patrol", "2012", {"kangwon": 60})
    fill(run, "arrests_report", "2012", {"kangwon": 40})
    fill(run, "repatriations", "2005-2006", {"kangwon": 50})
    fill(run, "arrivals_official", "2013-2015", {"pyongyang": 2})
    assert figure(run, every, "caught.2012") == pytest.approx(1200 / 10_000)
    assert figure(run, every, "returned.2005-2006") == 600
    assert figure(run, every, "S1.elite") == 72
    fill(run, "stock_china", "2010", {"kangwon": 6_000, "chagang": 3_000})
    assert figure(run, every, "stock.2010") == 9_000


def test_what_cannot_be_measured_is_nan(run: Run, made_up_run: RunMaker, every: Targets) -> None:
    assert np.isnan(figure(run, every, "fee.2009-01"))
    assert np.isnan(figure(run, every, "women.1999"))
    assert figure(run, every, "arrivals.1999") == 0
    assert np.isnan(figure(run, every, "arrivals.2019"))
    late = made_up_run(start_month=5 * 12)
    assert np.isnan(figure(late, every, "homes.1998-2024"))


def test_figures_need_only_the_observables_that_are_said(run: Run, every: Targets) -> None:
    read: set[str] = set()

    class Watched(Run):
        def value(self, observable: str) -> np.ndarray:
            read.add(observable)
            return super().value(observable)

    watched = Watched(**{name: getattr(run, name) for name in run.__dataclass_fields__})
    first = simulated_figures(watched, every)
    assert read <= set(OBSERVABLES_NEEDED) <= set(OBSERVABLES)
    for name, measure in FIGURES.items():
        read.clear()
        place = "guards" if name.startswith("split") else "Tumen"
        measure(watched, Period(120, 143), place)
        assert read <= set(measure.needs), name
    np.testing.assert_array_equal(first, simulated_figures(run, every))


def test_every_fitted_entry_is_a_target_and_nothing_else_is(evidence: Registry) -> None:
    fitted = {entry.id for entry in evidence.select(use="calibrate")}
    known = targets(restating=True)
    assert {name for target in known for name in target.evidence_ids} == fitted
    assert {target.group for target in targets()} == set(GROUPS)
    ids = [target.id for target in known]
    assert len(ids) == len(set(ids))


def test_no_likelihood_contains_what_is_not_to_be_fitted(evidence: Registry) -> None:
    forbidden = [t for t in targets(EVERY, restating=True) if not t.fitted]
    others = {entry.id for entry in evidence.values() if entry.use != "calibrate"}
    assert others.isdisjoint(name for t in targets() for name in t.evidence_ids)
    assert {t.use for t in forbidden} == set(EVERY)  # some are restated
    nuisances, fitted = nuisance_defaults(), targets()[:2]
    for target in forbidden:
        for function in (log_likelihood, log_likelihood_terms):
            with pytest.raises(ForbiddenEvidenceError, match=target.id):
                function([1.0], [target], nuisances)
            together = [*fitted, target]
            with pytest.raises(ForbiddenEvidenceError, match=target.id):
                function([1.0] * 3, together, nuisances)


def test_an_entry_that_is_held_out_leaves_the_targets(evidence: Registry) -> None:
    for entry in evidence.select(use="calibrate"):
        held = targets(evidence=evidence.with_use(entry.id, "validate"), restating=True)
        assert entry.id not in {name for target in held for name in target.evidence_ids}


def test_an_entry_is_fitted_again_when_what_restates_it_is_not(evidence: Registry) -> None:
    assert "S1.fee_2015" not in targets().ids
    held = evidence.with_use("S1.fee_doubled", "validate")
    assert "S1.fee_2015" in targets(evidence=held).ids
    assert (
        "arrivals.2012-Q1" in targets(evidence=evidence.with_use("arrivals.2012-H1", "context")).ids
    )


def test_reported_money_is_converted_at_the_rates_of_the_year(every: Targets) -> None:
    rates = money().loc[2006]
    won = 500 * rates["krw_per_usd"] / rates["cny_per_usd"] / 1e6
    target = one(every, "fee.2006")
    assert (target.low, target.high) == pytest.approx((0.9 * won, 1.1 * won))
    assert one(every, "fee.2008-08").low == -np.inf
    assert one(every, "S1.fee_2015").high == 10.0


BROKEN = """\
schema: bordersim/observation@1
nuisances:
  fees.spread: {distribution: uniform, low: .5, high: .25, reason: x}
  fees.bias: {distribution: normal, low: -1, high: 1, reason: x}
quantities:
  - {quantity: arivals in the South, group: arivals, form: count, spread: 1.0, floor: .5, reason: x}
restates: []
"""
WRONG = """\
schema: bordersim/observation@1
nuisances:
  fees.spread: {distribution: uniform, low: .25, high: .5, reason: x}
quantities:
  - {quantity: arivals in the South, group: arivals, form: count, spread: 0, floor: .5, reason: x}
  - {quantity: fee for the river crossing, group: fees, form: interval, spread: fee.spread,
     floor: 1, reason: x}
  - {quantity: share of women among arrivals, group: women, form: share, spread: .1,
     floor: .6, reason: x}
  - {quantity: share of women among arrivals, group: women, form: share, spread: .1,
     floor: .1, reason: x}
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (BROKEN, ["low is 0.5 and high 0.25", "mean and sd"]),
        (WRONG, ['"arivals in the South"; did you mean "arrivals in the South"?', "group",
                 "an exact report has likelihood 0", "an interval needs a scale",
                 'no nuisance "fee.spread"; did you mean "fees.spread"?', "below .5",
                 "is given twice"]),
    ],
)  # fmt: skip
def test_mistakes_in_the_declaration_are_told_at_once(
    tmp_path: Path, text: str, told: list[str]
) -> None:
    path = tmp_path / "observation.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_declared(path)
    message = str(caught.value)
    for words in told:
        assert words in message
    assert "observation.yaml:" in message


def test_a_declaration_that_names_unknown_evidence_is_refused(evidence: Registry) -> None:
    without = Registry([entry for entry in evidence.values() if entry.id != "S1.fee_doubled"])
    with pytest.raises(BordersimError, match=r"S1\.fee_doubled"):
        targets(evidence=without)


def test_every_declared_nuisance_is_needed() -> None:
    assert set(targets().nuisances) == {nuisance.name for nuisance in declared().nuisances}
