"""The tables of ``bordersim run``: every width, every encoding, one run and several."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from conftest import SECTORS, RunMaker
from rich.console import Console

from bordersim.cli import printing
from bordersim.cli.cells import compared, money, percent, reported, simulated
from bordersim.cli.printing import print_tables
from bordersim.cli.sections import Section
from bordersim.codes import Obs
from bordersim.reported import people_table, tables
from bordersim.results import Run

Show = Callable[..., str]

TITLE = "A border — made up, by 백석"


@pytest.fixture
def show(monkeypatch: pytest.MonkeyPatch) -> Show:
    """Print runs to a terminal of some width and encoding."""

    def print_them(runs: list[Run], width: int = 100, encoding: str = "utf-8") -> str:
        raw = io.BytesIO()
        file = io.TextIOWrapper(raw, encoding=encoding)
        console = Console(file=file, width=width, highlight=False, markup=False)
        monkeypatch.setattr(printing, "results_console", lambda: console)
        print_tables(TITLE, runs, tables(runs))
        file.flush()
        return raw.getvalue().decode(encoding)

    return print_them


def section(text: str, title: str) -> list[str]:
    """Lines of the table under a title."""
    lines = text.splitlines()
    begin = next(i for i, line in enumerate(lines) if line.startswith(title))
    end = lines.index("", begin) if "" in lines[begin:] else len(lines)
    return lines[begin + 1 : end]


@pytest.mark.parametrize("width", [80, 100, 140])
@pytest.mark.parametrize("n_runs", [1, 8])
def test_tables_fit_the_terminal_and_stay_aligned(
    made_up_run: RunMaker, show: Show, width: int, n_runs: int
) -> None:
    text = show([made_up_run(seed=seed) for seed in range(1, n_runs + 1)], width)
    assert max(map(len, text.splitlines())) <= width
    years = [line for line in section(text, "Harm") if line[:4].isdigit()]
    assert len(years) == 22
    assert len({len(line.rstrip()) for line in years}) == 1, "columns of numbers end together"
    assert "…" not in text


def test_one_run_is_called_one_run(made_up_run: RunMaker, show: Show) -> None:
    text = show([made_up_run(seed=4)])
    assert "no forecast: one run (seed 4), every resident, 1995-01 to 2016-12." in text
    assert "[" not in text
    assert "±" not in text


def test_several_runs_show_their_spread(made_up_run: RunMaker, show: Show) -> None:
    runs = [made_up_run(seed=seed, scale=0.1) for seed in (1, 2, 5)]
    text = show(runs, width=140)
    assert "mean of 3 runs (seeds 1, 2, 5), one resident in 10, counts scaled up" in text
    rows = people_table(runs).set_index(["period", "observable"])
    (line,) = (line for line in section(text, "Harm") if line.startswith("2009"))
    of_year = rows.loc[("2009", "repatriations")]
    half = (of_year["simulated_high"] - of_year["simulated_low"]) / 2
    assert f"{of_year['simulated']:,.0f} ±{half:,.0f}" in line


def test_arrivals_stand_beside_reports_and_harm_follows(made_up_run: RunMaker, show: Show) -> None:
    run = made_up_run()
    text = show([run])
    arrivals = {line[:4]: line.split() for line in section(text, "Arrivals in the South")}
    of_2009 = run.annual("arrivals").loc[2009]
    assert arrivals["2009"][1:] == [f"{of_2009:,.0f}", "2,914", f"{of_2009 / 2914 - 1:+.0%}"]
    assert arrivals["2016"][-2:] == ["held", "out"]
    assert text.index("Arrivals in the South") < text.index("Harm, people") < text.index("Fees")
    harm = {line[:4].strip(): line.split() for line in section(text, "Harm")}
    assert harm["2009"][-1] == arrivals["2009"][1]
    assert harm["all"][-1] == f"{run.value('arrivals').sum():,.0f}"
    assert "rest on assumptions" in text


def test_a_narrow_terminal_loses_only_what_stands_elsewhere(
    made_up_run: RunMaker, show: Show
) -> None:
    runs = [made_up_run(seed=seed) for seed in (1, 2)]
    for run in runs:
        run.record[:, : int(Obs.STOCK_HOME)] *= 2000
    narrow, wide = (" ".join(section(show(runs, width), "Harm")[:2]) for width in (80, 160))
    assert "arrived" in wide
    assert "arrived" not in narrow
    assert narrow.split() == [word for word in wide.split() if word != "arrived"]


def test_a_run_of_months_shows_its_harm(made_up_run: RunMaker, show: Show) -> None:
    run = made_up_run(start_month=5, end_month=9)
    text = show([run])
    assert "No reported year of arrivals lies within the run." in text
    harm = section(text, "Harm")
    assert harm[2].split()[0] == "all"
    assert harm[2].split()[2] == f"{run.value('repatriations').sum():,.0f}"
    assert "All: 1995-06 to 1995-10." in text
    assert "Guards" not in text


def test_scores_count_intervals_and_years(made_up_run: RunMaker, show: Show) -> None:
    run = made_up_run()
    text = show([run])
    error = abs(run.annual("arrivals").loc[2016] / 1418 - 1)
    assert f"Arrivals 2016 (held out): error -{error:.0%}." in text
    frames = [tables([run])[name] for name in ("fees", "stock_in_china", "shares")]
    rows = [row for frame in frames for _, row in frame.iterrows() if row["use"] != "context"]
    judged = [row["inside"] for row in rows if row["inside"] is not None]
    assert f"{sum(judged)} of {len(judged)} reported intervals hold" in text


def test_definitions_are_told_where_they_differ(made_up_run: RunMaker, show: Show) -> None:
    text = show([made_up_run()], width=140)
    assert "2012-2014, unspecified: guard's part; plus USD 3000 guide; context only." in text
    assert "nominal KRW million" in text
    assert "approximate mean rate of the year" in text
    assert "Simulated in the month of debriefing" in text


def test_fees_by_place_have_a_row_a_place(made_up_run: RunMaker, show: Show) -> None:
    lines = section(show([made_up_run()]), "Simulated fees for the crossing, by place")
    assert [word for word in lines[0].split() if word.isdigit()] == ["2010", "2010", "2015", "2015"]
    named = [line.split("  ")[0].strip() for line in lines[2:]]
    places = [sector.replace("_", " ") for sector in SECTORS]
    assert named == ["all deals", *places, "dearest Tumen place"]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_every_terminal_can_write_it(made_up_run: RunMaker, show: Show, encoding: str) -> None:
    text = show([made_up_run(seed=seed) for seed in (1, 2)], 100, encoding)
    assert (" +-" if encoding == "ascii" else " ±") in text
    assert text.splitlines()[0] == TITLE.encode(encoding, "replace").decode(encoding)


@pytest.mark.parametrize(
    ("value", "low", "high", "use", "words"),
    [
        (4.5, 4.0, 5.0, "calibrate", "inside"),
        (4.0, 4.0, 5.0, "calibrate", "inside"),
        (3.9, 4.0, 5.0, "calibrate", "below"),
        (5.1, 4.0, 5.0, "validate", "above"),
        (6.0, 4.0, 4.0, "calibrate", "+50%"),
        (0.9, float("nan"), 1.0, "calibrate", "inside"),
        (1.1, float("nan"), 1.0, "calibrate", "above"),
        (5.1, 4.0, 5.0, "context", "(above)"),
        (float("nan"), 4.0, 5.0, "calibrate", ""),
    ],
)
def test_what_is_said_of_a_value(
    value: float, low: float, high: float, use: str, words: str
) -> None:
    row = {"simulated": value, "reported_low": low, "reported_high": high, "use": use}
    assert compared(row) == words


def test_digits() -> None:
    assert [money(value) for value in (0.0461, 0.28, 3.96, 12345.0)] == [
        "0.046",
        "0.28",
        "4.0",
        "12,345.0",
    ]
    assert [percent(value) for value in (0.0, 0.004, 0.0949, 0.82, 1.0)] == [
        "0%",
        "0.4%",
        "9.5%",
        "82%",
        "100%",
    ]
    nan = float("nan")
    near = {"simulated": 14.97, "simulated_low": nan, "reported_low": 15.0, "reported_high": 17.0}
    assert simulated(near, money) == "14.97", "not to be read as inside"
    assert simulated(near | {"simulated": nan}, money) == "-"
    assert reported({"reported_low": nan, "reported_high": 0.79}, money) == "up to 0.79"
    assert reported({"reported_low": 2.0, "reported_high": 2.0}, money) == "2.0"


def test_columns_are_spared_in_order() -> None:
    wide = Section("t", ("a", "bb", "ccc"), (("1", "22", "333"),), spare=("bb", "a"))
    assert (wide.gap(10), wide.gap(9)) == (2, 1)
    assert wide.fitting(8) is wide
    assert wide.fitting(7).headings == ("a", "ccc")
    assert wide.fitting(7).rows == (("1", "333"),)
    assert wide.fitting(2).headings == ("ccc",)
