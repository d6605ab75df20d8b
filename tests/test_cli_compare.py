"""``bordersim compare``: which runs it takes, what it prints, draws and refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from engine_worlds import busy, policy
from typer.testing import CliRunner

import bordersim as bs
from bordersim import batch
from bordersim.cli.app import app
from bordersim.population import block_sizes
from bordersim.results import Run
from bordersim.scenario import load
from bordersim.simulation import simulate
from bordersim.store import Store
from bordersim.study import Study

NAMES = ("plain", "kinder")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenario files, their runs of three seeds in results/<name>, all in results/both."""
    folder = tmp_path_factory.mktemp("made")
    plain = busy(0.003, "1996-12")
    kinder = plain.add(policy("china.refoulement", 0.0, "1996-01"))
    both: list[Run] = []
    for name, scenario in zip(NAMES, (plain, kinder), strict=True):
        scenario.named(name).to_yaml(folder / f"{name}.yaml")
        loaded = load(folder / f"{name}.yaml")
        runs = [simulate(loaded, seed) for seed in (1, 2, 3)]
        keep(folder / "results" / name, runs)
        both += runs
    keep(folder / "both", both)
    return folder


def keep(folder: Path, runs: list[Run]) -> None:
    store = Store(folder)
    store.prepare()
    store.commit(runs)


@pytest.fixture
def folder(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(made)
    monkeypatch.setenv("COLUMNS", "80")
    return made


def call(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["compare", *arguments])
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.stderr


def test_files_folders_and_scenarios_of_a_study_give_the_same_table(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("these runs are stored")

    monkeypatch.setattr(batch, "simulate_job", never)
    monkeypatch.setattr(batch, "simulate_in_processes", never)
    window = ("--window", "1996")
    texts = {
        call("plain.yaml", "kinder.yaml", "--seeds", "3", *window),
        call("plain", "kinder", *window),
        call("results/plain", "results/kinder", *window),
        call("plain", "kinder", "-o", "both", *window),
        call("plain", "kinder", "-o", ".", *window),  # the one study there that holds both
    }
    assert len(texts) == 1
    assert max(map(len, texts.pop().splitlines())) <= 80


def test_the_table_shows_what_the_study_says(folder: Path) -> None:
    text = call("plain", "kinder", "--metric", "repatriations", "--window", "1996")
    found = bs.open("both").compare("plain", "kinder", window="1996").estimate("repatriations")
    line = next(line for line in text.splitlines() if line.startswith("repatriations"))
    for value in (found.effect, found.low, found.high):
        assert f"{value:+,.0f}" in line
    assert f"{100 * found.relative:+.0f} %" in line
    assert "kinder (B) against plain (A), 1996" in text
    assert "Simulated, no forecast: 3 pairs" in text
    assert "Student's t over pairs" in text
    assert "deaths" not in text  # which stands beside arrivals
    assert "deaths" in call("plain", "kinder")


def test_json_is_what_python_gives(folder: Path) -> None:
    document = json.loads(call("plain", "kinder", "--json", "--precision", "40"))
    comparison = bs.open("both").compare("plain", "kinder")
    expected = json.loads(re.sub("NaN|Infinity", "null", json.dumps(comparison.document(40))))
    assert {key: document[key] for key in expected} == expected
    assert document["status"] == "ok"
    assert document["ledgers"] == []


def test_the_ledger_is_printed_and_its_parts_add_up(folder: Path) -> None:
    arguments = ("plain.yaml", "kinder.yaml", "--seeds", "1", "--window", "1996", "-q")
    text = call(*arguments, "--split")
    assert "What became of each person, 1996-01 to 1996-12" in text
    assert max(map(len, text.splitlines())) <= 80
    document = json.loads(call(*arguments, "--split", "--json"))
    effect = {row["observable"]: row["effect"] for row in document["effects"]}
    (ledger,) = document["ledgers"]
    for row in ledger["effects"]:
        assert row["effect"] == pytest.approx(row["direct"] + row["market"])
        if row["effect on"] in effect:
            assert row["effect"] == pytest.approx(effect[row["effect on"]])
    assert sum(map(sum, ledger["agents"])) == int(block_sizes(load("plain.yaml")).sum())
    china = next(row for row in ledger["effects"] if "China" in row["effect on"])
    assert china["effect"] > 0


def test_figures_are_written(folder: Path, tmp_path: Path) -> None:
    files = ("plain.yaml", "kinder.yaml", "--seeds", "1", "--window", "1996", "-q", "--ledger")
    stored = ("plain", "kinder", "--scenario", "plain.yaml", "--scenario", "kinder.yaml")
    call(*stored, "--window", "1996", "-q", "--ledger", "--figure", str(tmp_path / "it.png"))
    assert (tmp_path / "it-fates.png").read_bytes().startswith(b"\x89PNG")
    for path in tmp_path.iterdir():
        path.unlink()
    call(*files, "--figure", str(tmp_path / "effect.svg"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["effect-fates.svg", "effect.svg"]
    assert "<svg" in (tmp_path / "effect-fates.svg").read_text()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("plain", "nobody"), ["A, B nobody", "results holds kinder, plain"]),
        (("plain", "nobody", "-o", "both"), ["no such scenario in both; there are kinder, plain"]),
        (("plain.yaml", "kinder"), ["give two of a kind"]),
        (("plain.yaml", "plain.yaml"), ['both are named "plain"']),
        (("plain", "kinder", "--scale", "0.1", "--until", "1996-01"), ["--scale", "--until"]),
        (
            ("plain", "kinder", "-m", "x", "--window", "y", "--precision", "z", "--figure", "f"),
            ["--metric", "--window", "--precision", "--figure"],
        ),
        (("plain", "kinder", "--window", "2012"), ["--window", "1995-01 to 1996-12"]),
        (("plain.yaml", "kinder.yaml", "--window", "2012", "--sex", "x"), ["--window", "--sex"]),
        (("plain.yaml", "kinder.yaml", "--scale", "7"), ["--scale: got 7"]),
        (("plain.yaml", "kinder.yaml", "--seeds", "0"), ["--seeds: got 0"]),
        (("plain.yaml", "other.yaml"), ["other.yaml"]),
        (("plain", "kinder", "--ledger"), ["made from none", "--scenario FILE"]),
        (("plain", "kinder", "--ledger", "--scenario", "no.yaml"), ["no.yaml"]),
    ],
)
def test_what_cannot_be_compared_is_told_before_anything_runs(
    folder: Path, arguments: tuple[str, ...], told: list[str]
) -> None:
    text = call(*arguments, code=2)
    for words in told:
        assert words in text
    assert "Traceback" not in text


def test_scenarios_of_other_people_have_no_pairs(folder: Path, tmp_path: Path) -> None:
    load("plain.yaml").scaled(0.002).named("small").to_yaml(tmp_path / "small.yaml")
    assert "scale or world seed" in call("plain.yaml", str(tmp_path / "small.yaml"), code=2)
    small = simulate(load(tmp_path / "small.yaml"), 1)
    study = Study.of([small, simulate(load("plain.yaml"), 1)])
    with pytest.raises(bs.ScenarioError, match="no two of the same seed"):
        study.compare("plain", "small")
