"""Runs and studies as a notebook shows them: well-formed, rounded, with harm."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from conftest import RunMaker

from bordersim.data_files import scenarios_folder
from bordersim.notebook import HEADINGS, SHOWN_RUNS, run_html, study_html
from bordersim.parts import FailedRun
from bordersim.scenario import load
from bordersim.store import Store
from bordersim.study import Study


def rows_of_html(html: str) -> list[list[str]]:
    """Cells of the table, headings first; fails when the HTML is not well formed."""
    table = ElementTree.fromstring(f"<div>{html}</div>").find("table")
    assert table is not None
    return [["".join(cell.itertext()) for cell in row] for row in table.iter("tr")]


def test_a_run_shows_arrivals_reports_and_harm(made_up_run: RunMaker) -> None:
    run = made_up_run(scale=0.1)
    html = run_html(run)
    headings, *rows = rows_of_html(html)
    assert headings == ["year", "arrived", "reported", "in China", *HEADINGS.values()]
    by_year = {row[0]: row[1:] for row in rows}
    assert by_year["2009"][:2] == [f"{run.annual('arrivals').loc[2009]:,.0f}", "2,914"]
    assert by_year["2009"][2] == f"{run.annual('stock_china').loc[2009]:,.0f}"
    assert by_year["2009"][4] == f"{run.annual('repatriations').loc[2009]:,.0f}"
    assert by_year["1995"][1] == ""
    assert by_year["all"][0] == f"{run.value('arrivals').sum():,.0f}"
    assert "<i>1,418</i>" in html
    assert "<i>2,914</i>" not in html
    for words in ("seed 1, one resident in 10, counts scaled up", "no forecast", run.run_id):
        assert words in html


def test_a_short_run_shows_its_whole_span(made_up_run: RunMaker) -> None:
    _, *rows = rows_of_html(run_html(made_up_run(start_month=3, end_month=8)))
    assert [row[0] for row in rows] == ["all"]


def test_a_study_lists_its_runs_and_what_failed(made_up_run: RunMaker, tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.commit([made_up_run(seed=seed, end_month=11, scenario_name="a-b") for seed in (1, 2)])
    scenario = load(scenarios_folder() / "base.yaml").until("1995-03")
    store.record_failure(
        FailedRun("f" * 16, scenario, 3, "somewhere\nit is <b>out</b> of & memory", "MemoryError")
    )
    html = study_html(Study.open(tmp_path))
    headings, *rows = rows_of_html(html)
    assert "2 finished of 3 runs" in html
    assert headings[0] == "scenario"
    assert ["a-b", "1", "1", "1995-01 to 1995-12", "ok"] in [row[:5] for row in rows]
    assert any(row[4] == "failed: it is <b>out</b> of & memory" for row in rows)


def test_a_long_study_is_cut_and_says_so(made_up_run: RunMaker) -> None:
    runs = [made_up_run(seed=seed, end_month=0) for seed in range(SHOWN_RUNS + 5)]
    html = study_html(Study.of(runs))
    assert len(rows_of_html(html)) == SHOWN_RUNS + 1
    assert "and 5 more" in html
