"""``bordersim diff``: stored runs of two scenarios, seed beside seed; the command itself."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import RunMaker
from policy_lists import HISTORY
from typer.testing import CliRunner

import bordersim as bs
from bordersim.cli.app import app
from bordersim.data_files import scenarios_folder
from bordersim.figures import fee
from bordersim.reports import parse_period
from bordersim.results import Run, run_id
from bordersim.scenario import Scenario, load
from bordersim.store import Store

NO_CRACKDOWN = scenarios_folder() / "no-crackdown.yaml"

Invoke = Callable[..., Any]
Keep = Callable[..., list[Run]]


@pytest.fixture(scope="module")
def a() -> Scenario:
    return load(HISTORY).until("1999-12")


@pytest.fixture(scope="module")
def b() -> Scenario:
    return load(NO_CRACKDOWN).until("1999-12")


@pytest.fixture
def results(tmp_path: Path) -> Path:
    return tmp_path / "results"


@pytest.fixture
def keep(made_up_run: RunMaker, results: Path) -> Keep:
    """Store runs of random counts as those of a scenario."""

    def store(scenario: Scenario, seeds: Sequence[int], luck: int = 0) -> list[Run]:
        runs = []
        for seed in seeds:
            made = made_up_run(seed=seed + luck, end_month=scenario.end_month)
            runs.append(
                made_up_run(
                    scenario_name=scenario.name,
                    run_id=run_id(scenario, seed),
                    seed=seed,
                    world_seed=scenario.world_seed,
                    scale=scenario.scale,
                    start_month=scenario.start_month,
                    end_month=scenario.end_month,
                    inputs=scenario.resolved(),
                    record=made.record,
                )
            )
        Store(results / scenario.name).commit(runs)
        return runs

    return store


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch, results: Path) -> Invoke:
    monkeypatch.setenv("COLUMNS", "80")

    def call(*arguments: object) -> Any:
        typed = ["diff", *map(str, arguments), "-o", str(results)]
        return CliRunner().invoke(app, typed, catch_exceptions=False)

    return call


def test_pairs_are_compared_seed_by_seed_and_year_by_year(
    a: Scenario, b: Scenario, keep: Keep, results: Path
) -> None:
    runs_a, runs_b = keep(a, [1, 2, 3, 9]), keep(b, [3, 2, 1, 7], luck=100)
    frame = bs.diff(a, b, out=results).results
    assert set(frame["pairs"]) == {3}
    assert list(frame["year"].unique()) == list(range(1995, 2000))
    assert set(frame["observable"]) == {
        "arrivals", "crossings", "interceptions", "repatriations", "deaths", "fee",
    }  # fmt: skip
    pairs = list(zip(runs_a[:3], reversed(runs_b[:3]), strict=True))
    assert [(one.seed, other.seed) for one, other in pairs] == [(1, 1), (2, 2), (3, 3)]
    table = frame.set_index(["observable", "year"])
    deaths = ("deaths_custody", "deaths_drowned", "deaths_shot_river", "deaths_shot_china")
    period = parse_period("1997")
    for name, measure in (
        ("arrivals", lambda run: run.annual("arrivals")[1997]),
        ("deaths", lambda run: sum(run.annual(cause)[1997] for cause in deaths)),
        ("fee", lambda run: fee(run, period, range(6))),
    ):
        values = np.array([[measure(run) for run in pair] for pair in pairs])
        row = table.loc[(name, 1997)]
        assert [row["a"], row["b"]] == pytest.approx(values.mean(axis=0)), name
        differences = values[:, 1] - values[:, 0]
        assert row["difference"] == pytest.approx(differences.mean()), name
        for column, numbers in (
            ("difference_error", differences),
            ("a_error", values[:, 0]),
            ("b_error", values[:, 1]),
        ):
            assert row[column] == pytest.approx(numbers.std(ddof=1) / math.sqrt(3)), name


def test_one_pair_has_no_error_and_says_so(
    a: Scenario, b: Scenario, keep: Keep, results: Path
) -> None:
    keep(a, [4]), keep(b, [4], luck=50)
    difference = bs.diff(a, b, out=results)
    errors = difference.results[["a_error", "b_error", "difference_error"]]
    assert errors.isna().all(axis=None)
    assert "One pair of runs (seed 4): no number here has an error" in str(difference)
    assert "±" not in str(difference)


def test_years_that_agree_in_every_pair_are_named_once(
    a: Scenario, b: Scenario, keep: Keep, results: Path
) -> None:
    keep(a, [1, 2]), keep(b, [1, 2])
    text = str(bs.diff(a, b, out=results))
    assert "The same in every pair: 1995-1999" in text
    assert "arrivals (people a year)" not in text


def test_only_runs_of_the_same_inputs_and_scale_pair(
    a: Scenario, b: Scenario, keep: Keep, results: Path
) -> None:
    keep(a.with_parameters({"residents.k_kin": 1.0}), [1, 2])
    assert bs.diff(a, b, out=results).results.empty
    keep(a, [1, 2])
    keep(a.scaled(0.1), [1, 2, 3])
    keep(b.scaled(0.1), [2, 3, 4], luck=10)
    pairs = bs.diff(a, b, out=results).document()["results"]
    assert (pairs["seeds"], pairs["scale"]) == ([2, 3], 0.1)
    keep(b.scaled(0.5), [1])
    assert bs.diff(a, b, out=results).document()["results"]["scale"] == 0.1
    keep(b, [2], luck=10)
    own = bs.diff(a, b, out=results).document()["results"]
    assert (own["seeds"], own["scale"]) == ([2], 1.0)
    assert "1 other set" in own["note"]
    other_world = b.with_settings({"population.world_seed": 1})
    assert bs.diff(a, other_world, out=results).results.empty


def test_runs_to_different_months_share_their_years(
    a: Scenario, b: Scenario, keep: Keep, results: Path
) -> None:
    keep(a, [1]), keep(b.until("1998-06"), [1], luck=3)
    frame = bs.diff(a, b, out=results).results
    assert frame["year"].max() == 1997


def test_without_runs_it_says_which_are_missing(
    a: Scenario, b: Scenario, keep: Keep, results: Path
) -> None:
    assert bs.diff(a, b).results.empty
    assert bs.diff(a, b).document()["results"] is None
    said = " ".join(str(bs.diff(a, b, out=results)).split())  # wrapped where the path is long
    assert "historical holds no run of A" in said
    keep(a, [1])
    note = bs.diff(a, b, out=results).document()["results"]["note"]
    assert "no-crackdown holds no run of B" in note
    keep(b, [2])
    said = " ".join(str(bs.diff(a, b, out=results)).split())
    assert "none of the same seed and scale" in said
    assert not (results / "nothing").exists()


def test_the_command_prints_what_json_holds(
    a: Scenario, b: Scenario, keep: Keep, invoke: Invoke
) -> None:
    keep(a, [1, 2, 3]), keep(b, [1, 2, 3], luck=100)
    shown = invoke(HISTORY, NO_CRACKDOWN)
    assert shown.exit_code == 0
    assert shown.stderr == ""
    assert max(map(len, shown.stdout.splitlines())) <= 80
    document = json.loads(invoke(HISTORY, NO_CRACKDOWN, "--json").stdout)
    assert document["status"] == "ok"
    for row in document["levers"]:
        assert row["lever"] in shown.stdout
        for cause in row["because"]:
            assert cause in shown.stdout
    arrivals = [row for row in document["results"]["annual"] if row["observable"] == "arrivals"]
    for row in arrivals:
        line = f"{row['a']:,.0f} ± {row['a_error']:,.0f}"
        assert line in shown.stdout, line
    assert "3 pairs of runs (seeds 1, 2, 3)" in shown.stdout


def test_the_exit_code_is_zero_whether_or_not_they_differ(invoke: Invoke) -> None:
    same = invoke(HISTORY, HISTORY)
    assert same.exit_code == 0
    assert "Nothing differs in effect" in same.stdout
    document = json.loads(invoke(HISTORY, HISTORY, "--json").stdout)
    assert [document[name] for name in ("settings", "parameters", "places", "levers")] == [[]] * 4


def test_every_mistake_of_both_files_is_invalid_input(invoke: Invoke, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text("schema: bordersim/scenario@1\nnmae: x\n")
    result = invoke(tmp_path / "one.yaml", tmp_path / "two.yaml")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "one.yaml:2 nmae" in result.stderr
    assert "two.yaml:2 nmae" in result.stderr
    folder = invoke(HISTORY, tmp_path)
    assert folder.exit_code == 2
    assert "is a folder; diff compares scenario files" in folder.stderr


def test_a_damaged_part_is_named_and_its_runs_are_left_out(
    a: Scenario, b: Scenario, keep: Keep, results: Path, invoke: Invoke
) -> None:
    keep(a, [1]), keep(b, [1, 2], luck=3)
    (first,) = (results / "historical" / "series").glob("part-*.parquet")
    keep(a, [2])
    first.write_bytes(first.read_bytes()[:200])
    document = bs.diff(a, b, out=results).document()["results"]
    assert document["seeds"] == [2]
    (problem,) = document["damaged"]
    assert first.name in problem
    assert first.name in "".join(invoke(HISTORY, NO_CRACKDOWN).stdout.split())
