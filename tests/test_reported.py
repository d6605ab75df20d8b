"""Simulated beside reported: the right months, the right money, the right places."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import END_2016, SECTORS, RunMaker

from bordersim.codes import HARMS, Obs
from bordersim.errors import BordersimError
from bordersim.figures import FIGURES, dearest_tumen_fee, fee, split_of_fee
from bordersim.reported import (
    SPLIT_OF_FEE,
    STOCK_IN_CHINA,
    arrivals_table,
    fees_by_place_table,
    fees_table,
    harms_table,
    people_table,
    seeds_of,
    share_simulated,
    shares_table,
    stock_table,
    tables,
)
from bordersim.reports import (
    Period,
    evidence,
    fee_reports,
    money,
    nominal_won,
    parse_period,
    rows_of,
    sectors_of,
)
from bordersim.results import Run


def month(year: int, of_year: int) -> int:
    return (year - 1995) * 12 + of_year - 1


def set_sector(run: Run, observable: str, values: list[int]) -> None:
    """Give a sector observable the same counts in every month."""
    run.record[:, int(Obs[observable.upper()]), : len(SECTORS), 0, 0] = values


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2010", month(2010, 1), month(2010, 12)),
        ("2010-02", month(2010, 2), month(2010, 2)),
        ("2002-H1", month(2002, 1), month(2002, 6)),
        ("2002-H2", month(2002, 7), month(2002, 12)),
        ("2011-Q1", month(2011, 1), month(2011, 3)),
        ("2012-Q4", month(2012, 10), month(2012, 12)),
        ("2008-2015", month(2008, 1), month(2015, 12)),
        ("2015-01..2015-10", month(2015, 1), month(2015, 10)),
        ("1994-1996", 0, month(1996, 12)),
    ],
)
def test_periods(text: str, first: int, last: int) -> None:
    assert parse_period(text) == Period(first, last)


@pytest.mark.parametrize("text", ["", "last year", "2010-2", "2010..2011..2012", "2010-H"])
def test_what_is_no_period(text: str) -> None:
    with pytest.raises(BordersimError, match="no period"):
        parse_period(text)


def test_every_period_of_the_evidence_is_understood() -> None:
    for name in ("fees", "china", "shares", "arrivals_subannual"):
        for text in evidence(name)["period"].astype(str):
            period = parse_period(text)
            assert 0 <= period.first <= period.last, text


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Tumen (Musan)", ["tumen_musan"]),
        ("Tumen (Musan-Onsong)", ["tumen_musan", "tumen_hoeryong", "tumen_onsong"]),
        ("Tumen", ["tumen_musan", "tumen_hoeryong", "tumen_onsong"]),
        ("Yalu or Tumen", list(SECTORS)),
        ("unspecified", list(SECTORS)),
    ],
)
def test_places_of_reports(words: str, expected: list[str]) -> None:
    assert [SECTORS[index] for index in sectors_of(words, SECTORS)] == expected


def test_money_of_the_day() -> None:
    rates = money().loc[2010]
    assert nominal_won(4_000_000, "KRW", 2010) == pytest.approx(4.0)
    assert nominal_won(1000, "USD", 2010) == pytest.approx(rates["krw_per_usd"] / 1000)
    yuan = rates["krw_per_usd"] / rates["cny_per_usd"]
    assert nominal_won(10_000, "CNY", 2010) == pytest.approx(yuan / 100)


def test_arrivals_stand_beside_every_reported_year(made_up_run: RunMaker) -> None:
    run = made_up_run()
    table = arrivals_table([run]).set_index("year")
    assert list(table.index) == list(range(1998, 2017))
    assert table.loc[2009, "simulated"] == run.annual("arrivals").loc[2009]
    assert table.loc[2009, "reported"] == 2914
    assert table.loc[2009, "error"] == pytest.approx(run.annual("arrivals").loc[2009] / 2914 - 1)
    assert table.loc[2015, "use"] == "calibrate"
    assert table.loc[2016, "use"] == "validate"
    assert table["simulated_low"].isna().all()


def test_several_runs_give_their_mean_and_band(made_up_run: RunMaker) -> None:
    runs = [made_up_run(seed=seed) for seed in range(1, 6)]
    values = [run.annual("arrivals").loc[2009] for run in runs]
    row = arrivals_table(runs).set_index("year").loc[2009]
    assert row["simulated"] == pytest.approx(np.mean(values))
    assert row["simulated_low"] == pytest.approx(np.quantile(values, 0.05))
    assert row["simulated_high"] == pytest.approx(np.quantile(values, 0.95))


def test_fees_are_sums_over_deals_in_money_of_the_day(made_up_run: RunMaker) -> None:
    run = made_up_run()
    set_sector(run, "deals", [10, 10, 0, 20, 10, 10])
    set_sector(run, "fee_sum", [10_000, 20_000, 0, 200_000, 30_000, 40_000])
    in_2010 = money()["cpi_korea_2015"].loc[2010] / 100
    year = parse_period("2010")
    assert fee(run, year, range(6)) == pytest.approx(300 / 60 * in_2010)
    assert dearest_tumen_fee(run, year) == pytest.approx(10 * in_2010)
    assert np.isnan(fee(run, year, [2]))
    table = fees_by_place_table([run])
    assert sorted(set(table["year"])) == [2010, 2015]
    of_2010 = table[table["year"] == 2010].set_index("place")["simulated"]
    assert of_2010["tumen_musan"] == pytest.approx(10 * in_2010)
    assert of_2010["dearest Tumen place"] == of_2010["tumen_musan"]
    assert of_2010["all deals"] == pytest.approx(5 * in_2010)
    by_place = table.set_index(["year", "place"])["reported"]
    assert "15.0-17.0" in by_place[2015, "dearest Tumen place"]
    assert "4.0-5.0" in by_place[2010, "all deals"]


def test_each_fee_report_meets_its_own_time_and_place(made_up_run: RunMaker) -> None:
    run = made_up_run()
    set_sector(run, "deals", [1] * 6)
    set_sector(run, "fee_sum", [4500] * 6)
    set_sector(run, "deals_border", [1] * 6)
    set_sector(run, "fee_sum_border", [6000] * 6)
    set_sector(run, "deals_interior", [1] * 6)
    set_sector(run, "fee_sum_interior", [14_000] * 6)
    table = fees_table([run])
    assert len(table) == len(fee_reports())
    rows = table.set_index(["period", "place"])
    prices = money()["cpi_korea_2015"] / 100
    interior = rows.loc[("2014-07", "interior resident")]
    assert interior["simulated"] == pytest.approx(14 * prices.loc[2014])
    assert interior["inside"]
    assert rows.loc[("2010", "Yalu or Tumen"), "inside"]
    assert not rows.loc[("2015", "unspecified"), "inside"]
    assert rows.loc[("2009-01", "Tumen"), "inside"] is None
    assert rows.loc[("2014-07", "border resident"), "simulated"] == pytest.approx(
        6 * prices.loc[2014]
    )


def test_the_stock_in_china_is_a_mean_over_months(made_up_run: RunMaker) -> None:
    run = made_up_run()
    table = stock_table([run]).set_index("period")
    stock = run.monthly("stock_china")
    expected = stock["2006-01":"2007-12"].mean()  # type: ignore[misc]
    assert table.loc["2006-2007", "simulated"] == pytest.approx(expected)
    assert not table.loc["2010", "inside"]


def test_every_quantity_of_the_evidence_has_a_simulated_counterpart() -> None:
    known = {*FIGURES, STOCK_IN_CHINA, SPLIT_OF_FEE}
    quantities = {
        row["quantity"] for name in ("shares", "china") for row in rows_of(evidence(name))
    }
    assert quantities <= known


def test_shares_and_delays(made_up_run: RunMaker) -> None:
    run = made_up_run()
    table = shares_table([run]).set_index(["quantity", "period"])["simulated"]
    arrivals, paid = run.annual("arrivals"), run.annual("arrivals_paid")
    used = table["share of arrivals that had used a broker", "2004"]
    assert used == pytest.approx(paid.loc[2004] / arrivals.loc[2004])
    delay = table["mean time from leaving to arrival in Seoul", "2003"]
    assert delay == pytest.approx(run.annual("arrivals_delay").loc[2003] / arrivals.loc[2003] / 12)
    returned = table["people returned by China per year", "2005-2006"]
    assert returned == pytest.approx(run.annual("repatriations").loc[2005:2006].mean())
    women = run.value("arrivals")[15 * 12 : 16 * 12, :, 0].sum() / arrivals.loc[2010]
    assert table["share of women among arrivals", "2010"] == pytest.approx(women)
    two = run.value("arrivals")[:, :2].sum() / run.value("arrivals").sum()
    where = ("share of arrivals from North Hamgyong and Ryanggang", "1995-2016")
    assert table[where] == pytest.approx(two)


def test_the_split_of_the_fee_adds_up(made_up_run: RunMaker) -> None:
    run = made_up_run()
    set_sector(run, "fee_sum", [1000] * 6)
    set_sector(run, "bribe_sum", [300] * 6)
    set_sector(run, "chinese_cost_sum", [250] * 6)
    parts = [split_of_fee(run, parse_period("2010"), part) for part in range(3)]
    assert parts == pytest.approx([0.45, 0.30, 0.25])
    rows = shares_table([run])
    rows = rows[(rows["period"] == "2010") & rows["quantity"].str.startswith("share of the cros")]
    assert list(rows["reported_low"]) == pytest.approx([0.4, 0.3, 0.3])


def test_harm_is_listed_by_year_and_kind(made_up_run: RunMaker) -> None:
    run = made_up_run()
    table = harms_table([run])
    assert len(table) == 22 * len(HARMS)
    drowned = table[table["harm"] == "deaths_drowned"].set_index("year")["simulated"]
    assert drowned.to_dict() == pytest.approx(run.annual("deaths_drowned").to_dict())


def test_a_run_that_covers_nothing_gives_empty_tables(made_up_run: RunMaker) -> None:
    run = made_up_run(start_month=5, end_month=9)
    for name, table in tables([run]).items():
        if name not in {"shares", "people"}:  # the whole span is a period of its own there
            assert table.empty, name
    assert list(tables([run])["shares"]["period"]) == ["1995-1995"]
    people = tables([run])["people"].set_index("observable")
    assert set(people["period"]) == {"1995-06..1995-10"}
    assert people.loc["arrivals", "simulated"] == run.value("arrivals").sum()


def test_arrivals_stand_among_harms_by_year_and_over_the_run(made_up_run: RunMaker) -> None:
    runs = [made_up_run(seed=seed, end_month=END_2016 + 3) for seed in (1, 2, 3)]
    table = people_table(runs).set_index(["period", "observable"])
    assert len(table) == 23 * (len(HARMS) + 1)
    for name in ("arrivals", *HARMS):
        everything = [run.value(name).sum() for run in runs]
        row = table.loc[("1995-01..2017-03", name)]
        assert row["simulated"] == pytest.approx(np.mean(everything))
        assert row["simulated_low"] == pytest.approx(np.quantile(everything, 0.05))
        of_2010 = [run.annual(name).loc[2010] for run in runs]
        assert table.loc[("2010", name), "simulated"] == pytest.approx(np.mean(of_2010))


@pytest.mark.parametrize(
    ("scale", "words"),
    [
        (1.0, "every resident"),
        (0.1, "one resident in 10, counts scaled up"),
        (0.001, "one resident in 1,000, counts scaled up"),
        (0.3, "0.3 of the residents, counts scaled up"),
    ],
)
def test_the_share_simulated_in_words(scale: float, words: str) -> None:
    assert share_simulated(scale) == words


def test_seeds_in_words(made_up_run: RunMaker) -> None:
    def seeds(*numbers: int) -> str:
        return seeds_of([made_up_run(seed=n, end_month=0) for n in numbers])

    assert seeds(4) == "seed 4"
    assert seeds(3, 1, 2) == "seeds 1-3"
    assert seeds(9, 1, 4) == "seeds 1, 4, 9"
