"""``bordersim run --draws``: bands over posterior draws beside the reports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from sweeps import Call, caller
from validations import write_posterior

import bordersim as bs
from bordersim.data_files import scenarios_folder
from bordersim.sweeping.draws import STRUCTURE

BASE = str(scenarios_folder() / "base.yaml")
TINY = ("--scale", "0.002", "--until", "1998-12", "-q", "--posterior", "posterior.parquet")


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    write_posterior(tmp_path)
    return caller(tmp_path, monkeypatch, capsys, "run")


def document(call: Call, *arguments: str) -> dict[str, Any]:
    code, out, _ = call(BASE, *TINY, "--json", *arguments)
    assert code == 0
    found: dict[str, Any] = json.loads(out)["scenarios"][0]
    return found


def test_bands_are_those_of_the_draws_and_nothing_is_simulated_twice(call: Call) -> None:
    first = document(call, "--draws", "2", "--replicates", "2")
    assert (first["simulated"], first["draws"]) == (4, 2)
    again = document(call, "--draws", "3")
    assert (again["simulated"], again["stored_before"]) == (2, 4)  # a third draw, two seeds stay
    assert [(run["draw"], run["seed"]) for run in again["runs"]] == [(0, 1), (1, 1), (2, 1)]
    study = bs.open("results/base-draws")
    crossed = [study.run(run["run_id"]).annual("repatriations")[1998] for run in again["runs"]]
    row = next(
        row
        for row in again["tables"]["harms"]
        if (row["year"], row["harm"]) == (1998, "repatriations")
    )
    assert row["simulated"] == pytest.approx(np.mean(crossed))
    low, high = np.quantile(crossed, [0.05, 0.95])
    assert (row["simulated_low"], row["simulated_high"]) == pytest.approx((low, high))
    assert study.cells["draw.residents.gain"].nunique() == 3


def test_what_is_printed_says_how_many_draws(call: Call) -> None:
    code, out, err = call(BASE, *TINY, "--draws", "2")
    assert (code, err) == (0, "")
    assert ": 2 posterior draws" in out
    assert "mean of 2 runs (seed 1)" in out
    assert max(map(len, out.splitlines())) <= 80


def test_what_is_set_at_the_command_line_is_not_drawn(call: Call) -> None:
    found = document(call, "--draws", "2", "--set", "residents.gain=1.5")
    study = bs.open("results/base-draws")
    assert "draw.residents.gain" not in study.cells
    inputs = [study.run(run["run_id"]).inputs for run in found["runs"]]
    assert [float.fromhex(one["parameters"]["residents.gain"]) for one in inputs] == [1.5, 1.5]
    drawn = [float.fromhex(one["parameters"]["residents.k_hardship"]) for one in inputs]
    assert drawn == [8.0, 8.1]


def of_structure(folder: Path, said: bytes) -> None:
    """Mark the posterior as draws under another structure."""
    path = folder / "posterior.parquet"
    table = pq.read_table(path)
    pq.write_table(table.replace_schema_metadata({STRUCTURE: said}), path)


def test_draws_of_another_structure_bring_its_switches(call: Call, tmp_path: Path) -> None:
    of_structure(tmp_path, b'{"name": "cartel", "set": {"traffickers.cartel": 1}}')
    found = document(call, "--draws", "2")
    study = bs.open("results/base-draws")
    inputs = [study.run(run["run_id"]).inputs for run in found["runs"]]
    assert [float.fromhex(one["parameters"]["traffickers.cartel"]) for one in inputs] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b'{"name": "cartel"}', "a structure whose switches cannot be read"),
        (b'{"set": {"traffickers.cartel": 7}}', "traffickers.cartel, a switch of its structure"),
        (b'{"set": {"residents.gain": 1}}', "residents.gain: a switch of its structure, and a col"),
    ],
)
def test_a_structure_that_cannot_be_is_told(
    call: Call, tmp_path: Path, said: bytes, words: str
) -> None:
    of_structure(tmp_path, said)
    code, _, err = call(BASE, *TINY, "--draws", "2")
    assert code == 2
    assert words in err


def test_a_scenario_that_sets_a_drawn_parameter_needs_pinned(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(
        "schema: bordersim/scenario@1\nname: own\ntitle: Own\nextends: base.yaml\n"
        "parameters: {residents.gain: 1.0}\n"
    )
    code, _, err = call("own.yaml", *TINY, "--draws", "2")
    assert code == 2
    assert "residents.gain" in err
    assert "--pinned" in err
    assert "own.yaml:5" in err
    code, out, _ = call("own.yaml", *TINY, "--draws", "2", "--pinned", "--json")
    assert code == 0
    (run, _) = json.loads(out)["scenarios"][0]["runs"]
    inputs = bs.open("results/own-draws").run(run["run_id"]).inputs
    assert float.fromhex(inputs["parameters"]["residents.gain"]) == 1.0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--posterior", "posterior.parquet"), "--posterior: only with --draws N"),
        (("--pinned",), "--pinned: only with --draws N"),
        (("--draws", "0"), "--draws: got 0; allowed: 1 to"),
        (("--draws", "9", "--posterior", "posterior.parquet"), "it holds 4 draws, 9 are wanted"),
        (("--draws", "1", "--posterior", "x.parquet"), '--posterior: no such file "x.parquet"'),
        (("--draws", "1", "--check"), "--check: not with --draws"),
    ],
)
def test_what_cannot_be_is_told(call: Call, arguments: tuple[str, ...], words: str) -> None:
    code, _, err = call(BASE, *arguments)
    assert code == 2
    assert words in err


def test_without_draws_nothing_changes(call: Call, tmp_path: Path) -> None:
    code, out, _ = call(BASE, *TINY[:5])
    assert code == 0
    assert "posterior" not in out
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["base"]
