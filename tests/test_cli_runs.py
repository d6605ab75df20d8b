"""`bordersim runs list`, `show` and `export`: stored runs, seen from a shell."""

from __future__ import annotations

import gzip
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import make_events, make_run
from typer.testing import CliRunner

from bordersim.cli.app import app
from bordersim.codes import HARMS
from bordersim.data_files import shipped_scenarios
from bordersim.part_files import part_name
from bordersim.parts import FailedRun
from bordersim.results import Run
from bordersim.run_catalogue import read_catalogue
from bordersim.run_export import write_runs
from bordersim.scenario import Scenario, load
from bordersim.store import Store
from bordersim.study import Study

BASE = load(shipped_scenarios()[0])
RUN_IDS = ("aaaa000011112222", "aaab000011112222", "cccc000011112222")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two studies: `one` with two runs, the second with events, and a failed one; `two`."""
    folder = tmp_path_factory.mktemp("built")

    def made(study: str, number: int, **changes: Any) -> Run:
        named = {"scenario_name": study, "run_id": RUN_IDS[number], "seed": number + 1}
        return make_run(**({"end_month": 11, "inputs": BASE.resolved()} | named | changes))

    altered = BASE.with_parameters({"residents.k_kin": 2.0}).resolved()
    one, two = Store(folder / "one"), Store(folder / "two")
    one.commit([made("one", 0)])
    one.commit([made("one", 1, events=make_events(20, 11))])
    one.record_failure(failed(BASE, "people do not add up"))
    two.commit([made("two", 2, start_month=12, end_month=28, scale=0.1, inputs=altered)])
    for store in (one, two):
        store.refresh_views()
    return folder


@pytest.fixture
def results(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the built studies, in `results` of the working folder."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(built, tmp_path / "results")
    return tmp_path / "results"


def failed(scenario: Scenario, error: str) -> FailedRun:
    trace = f"Traceback (most recent call last):\nBordersimError: {error}"
    return FailedRun("ffff000011112222", scenario, 9, error, "BordersimError", trace)


def ask(*arguments: str, code: int = 0) -> Any:
    result = CliRunner().invoke(app, ["runs", *arguments], catch_exceptions=False)
    assert result.exit_code == code, (result.stdout, result.stderr)
    return result


def ask_json(*arguments: str, code: int = 0) -> Any:
    return json.loads(ask(*arguments, "--json", code=code).stdout)


def spoil(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def test_every_run_of_every_study_is_listed(results: Path) -> None:
    runs = ask_json("list")["runs"]
    assert [(run["study"], run["run_id"], run["status"]) for run in runs] == [
        ("one", "ffff000011112222", "failed"),  # of scenario "base", before "one"
        ("one", RUN_IDS[0], "ok"),
        ("one", RUN_IDS[1], "ok"),
        ("two", RUN_IDS[2], "ok"),
    ]
    assert [run["has_events"] for run in runs] == [False, False, True, False]
    assert (runs[3]["start"], runs[3]["end"], runs[3]["scale"]) == ("1996-01", "1997-05", 0.1)
    for run in runs[1:]:
        stored = Study.open(results / run["study"]).run(run["run_id"])
        assert run["arrivals"] == pytest.approx(stored.by_place("arrivals").sum())
    sizes = sum(path.stat().st_size for path in results.glob("*/*/part-*"))
    assert sum(run["size"] for run in runs) == sizes


def test_runs_that_share_a_part_are_told_apart(results: Path) -> None:
    seeds = {f"{seed}" * 16: seed for seed in (7, 8)}
    pair = [make_run(run_id=name, seed=seed, end_month=11) for name, seed in seeds.items()]
    store = Store(results / "shared")
    store.commit(pair)
    runs = ask_json("list", "--scenario", "made-up")["runs"]
    wanted = [run.by_place("arrivals").sum() for run in pair]
    assert wanted[0] != wanted[1]
    assert [run["arrivals"] for run in runs] == pytest.approx(wanted)
    part = sum(path.stat().st_size for path in (results / "shared").glob("*/part-*"))
    assert [run["size"] for run in runs] == [part // 2] * 2
    ask("export", "7777", "-o", "one.parquet")
    assert set(pd.read_parquet("one.parquet")["run_id"]) == {"7" * 16}


def test_the_list_fits_a_narrow_terminal(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = ask("list").stdout
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text
    for words in ("one\n", "two\n", "aaaa0000", " 1995 ", "1996-01 1997-05", "4 runs"):
        assert words in text
    assert "one/ffff0000 failed: people do not add up" in text


def test_the_list_can_be_narrowed(results: Path) -> None:
    assert [run["study"] for run in ask_json("list", "--scenario", "two")["runs"]] == ["two"]
    assert [run["status"] for run in ask_json("list", "--failed")["runs"]] == ["failed"]
    assert "None of 4 stored runs" in ask("list", "--scenario", "three").stdout


def test_the_folder_of_one_study_can_be_listed(results: Path) -> None:
    assert [run["study"] for run in ask_json("list", "-o", "results/two")["runs"]] == ["two"]


def test_a_folder_without_runs_is_empty_and_none_is_an_error(results: Path) -> None:
    (results.parent / "void").mkdir()
    assert ask_json("list", "-o", "void")["runs"] == []
    (results.parent / "file").write_text("")
    for folder, words in (("nowhere", "no such folder"), ("file", "is no folder")):
        document = ask_json("list", "-o", folder, code=2)
        assert words in document["problems"][0]["message"]


def test_a_spoiled_part_hides_no_other_run(results: Path) -> None:
    part = results / "one" / "series" / part_name([RUN_IDS[0]])
    spoil(part)
    document = ask_json("list", code=1)
    states = {run["run_id"]: run["status"] for run in document["runs"]}
    assert states[RUN_IDS[0]] == "damaged"
    assert states[RUN_IDS[1]] == "ok"
    assert [bad["file"] for bad in document["damaged"]] == [f"results/one/series/{part.name}"]
    shown = ask("show", RUN_IDS[0], code=1)
    assert str(part.name) in shown.stderr


def test_show_tells_what_made_a_run_and_what_came_of_it(results: Path) -> None:
    document = ask_json("show", "cccc")
    run = Study.open(results / "two").run(RUN_IDS[2])
    assert document["run"]["run_id"] == RUN_IDS[2]
    assert document["run"]["this_engine"] is True
    assert len(document["run"]["files"]) == 3
    assert document["digests"] == {str(year): text for year, text in run.digests.items()}
    shipped = BASE.parameters["residents.k_kin"].value
    changes = [{"key": "residents.k_kin", "here": [2.0], "ships": [shipped]}]
    assert document["inputs"]["changed"] == changes
    assert len(document["inputs"]["parameters"]) == len(BASE.parameters)
    totals = document["results"]["totals"]
    for name in ("arrivals", "crossings", *HARMS):
        assert totals[name] == pytest.approx(run.by_place(name).sum())
    assert [row["year"] for row in document["results"]["years"]] == [1996]
    assert set(HARMS) < set(document["results"]["years"][0])


@pytest.mark.parametrize("width", [80, 100])
def test_show_fits_a_terminal(width: int, results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    text = ask("show", "cccc").stdout
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    for words in ("two/cccc", "k_kin 2 (ships: ", "this one", "shot in", "died in", "Digest"):
        assert words in text


def test_a_failed_run_shows_where_it_failed(results: Path) -> None:
    result = ask("show", "ffff", code=1)
    assert "Failed: BordersimError" in result.stdout
    assert "Traceback (most recent call last):" in result.stdout
    assert ask_json("show", "ffff", code=1)["error"]["error"] == "people do not add up"


def test_a_name_that_means_two_runs_or_none_is_refused(results: Path) -> None:
    shared = ask_json("show", "aaa", code=2)["problems"][0]["message"]
    assert f"one/{RUN_IDS[0]}, one/{RUN_IDS[1]}" in shared
    unknown = ask_json("show", "cccd", code=2)["problems"][0]["message"]
    assert f"did you mean two/{RUN_IDS[2]}" in unknown or "runs there" in unknown
    assert "one/aaaa" in ask("show", "two/aaaa", code=2).stderr
    assert ask_json("show", "one/aaaa")["run"]["study"] == "one"
    ask("show", "", code=2)


def test_the_same_run_in_two_studies_needs_the_studys_name(results: Path) -> None:
    copy = make_run(scenario_name="copy", run_id=RUN_IDS[0], end_month=0)
    Store(results / "copy").commit([copy])
    assert f"copy/{RUN_IDS[0]}" in ask("show", RUN_IDS[0], code=2).stderr
    assert ask_json("show", f"copy/{RUN_IDS[0]}")["run"]["study"] == "copy"


READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    "csv": lambda path: pd.read_csv(path, parse_dates=["date"]),
    "csv.gz": lambda path: pd.read_csv(path, parse_dates=["date"]),
    "parquet": pd.read_parquet,
    "feather": pd.read_feather,
}


@pytest.mark.parametrize("ending", READERS)
def test_a_study_is_exported_as_python_gives_it(ending: str, results: Path, tmp_path: Path) -> None:
    file = tmp_path / f"out.{ending}"
    document = ask_json("export", "one", "-o", str(file))
    frame = READERS[ending](file)
    expected = Study.open(results / "one").to_df()
    assert document["rows"] == len(frame) == len(expected) > 1000
    assert document["left_out"] == 1
    assert list(frame.columns) == list(expected.columns)
    for name in ("run_id", "scenario", "observable", "place", "sex", "class"):
        assert (frame[name].astype(str) == expected[name].astype(str)).all(), name
    assert (frame["date"].to_numpy() == expected["date"].to_numpy()).all()
    assert frame["value"].to_numpy() == pytest.approx(expected["value"].to_numpy())
    assert set(frame["seed"]) == {1, 2}


def test_events_and_payments_are_exported_when_asked_for(results: Path, tmp_path: Path) -> None:
    file = tmp_path / "out.parquet"
    assert "1 of 3 runs" not in ask("export", "aaab", "--events", "-o", str(file)).stderr
    assert len(pd.read_parquet(file)) == 20
    result = ask("export", "results/one", "--events", "-o", str(file), "--overwrite")
    assert "2 of 3 runs have no events" in result.stderr
    assert set(pd.read_parquet(file)["run_id"]) == {RUN_IDS[1]}
    ask("export", "two", "--ledger", "-o", str(file), "--overwrite")
    assert {"from", "to", "value"} < set(pd.read_parquet(file).columns)
    assert "no finished run with an event log" in ask("export", "two", "--events", code=2).stderr


def test_without_a_file_it_is_csv_on_stdout(results: Path) -> None:
    result = ask("export", "two")
    frame = pd.read_csv(io.StringIO(result.stdout))
    assert len(frame) == len(Study.open(results / "two").to_df())
    assert result.stderr == ""


def test_what_cannot_be_exported_is_told_all_at_once(results: Path, tmp_path: Path) -> None:
    (tmp_path / "there.csv").write_text("mine")
    cases = {
        ("zzz", "--format", "xls", "--events", "--ledger"): ("no run", '"xls"', "choose one"),
        ("one", "-o", "there.csv"): ("is there already",),
        ("one", "-o", "x.dat"): ("does not say in which format",),
        ("one", "--format", "parquet"): ("name a file",),
        ("one", "-o", "results"): ("is a folder",),
        ("one", "-o", "no/such/x.csv"): ("there is no folder no/such",),
        ("ffff", "-o", "x.csv"): ("no finished run",),
        ("one", "--results", "nowhere"): ("no such folder",),
    }
    for arguments, expected in cases.items():
        said = ask("export", *arguments, code=2)
        assert all(words in said.stderr for words in expected), (arguments, said.stderr)
        assert said.stdout == ""
    assert "stdout holds the JSON" in ask("export", "one", "--json", code=2).stdout
    assert (tmp_path / "there.csv").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["results", "there.csv"]


def test_an_export_that_fails_leaves_no_file(results: Path, tmp_path: Path) -> None:
    path = results / "one" / "series" / part_name([RUN_IDS[1]])
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0xFF  # inside a page: the footer is whole
    path.write_bytes(data)
    (tmp_path / "out.csv").write_text("before")
    result = ask("export", "one", "-o", "out.csv", "--overwrite", code=1)
    assert "nothing was written" in result.stderr
    assert (tmp_path / "out.csv").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "results"]


def test_a_compressed_file_is_one(results: Path, tmp_path: Path) -> None:
    ask("export", "two", "-o", "out.csv.gz")
    entries = read_catalogue(results / "two").entries
    plain = io.BytesIO()
    write_runs(entries, "series", plain, "csv")
    assert gzip.decompress((tmp_path / "out.csv.gz").read_bytes()) == plain.getvalue()
