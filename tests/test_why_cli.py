"""``bordersim why``: finding the run and its scenario, what is printed, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import bordersim as bs
from bordersim.cli.app import app
from bordersim.data_files import scenarios_folder

BASE = str(scenarios_folder() / "base.yaml")
OPTIONS = ("--scale", "0.002", "--until", "1999-12", "-q")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two studies: base as shipped, and one of a file of the user's own."""
    folder = tmp_path_factory.mktemp("results")
    own = folder / "mine.yaml"
    shut = {"id": "shut", "lever": "border.closure", "op": "set", "value": 1.0, "from": "1997-01"}
    bs.load(BASE).add(shut).named("mine").to_yaml(own)
    for scenario in (BASE, str(own)):
        done = CliRunner().invoke(app, ["run", scenario, *OPTIONS, "--out", str(folder)])
        assert done.exit_code == 0, done.output
    return folder


@pytest.fixture(scope="module")
def own(results: Path) -> str:
    """The user's own scenario file."""
    return str(results / "mine.yaml")


def why(results: Path, *arguments: str, columns: int = 80) -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    done = CliRunner().invoke(
        app, ["why", *arguments, "--out", str(results)], env={"COLUMNS": str(columns)}
    )
    return done.exit_code, done.stdout, done.stderr


def document(results: Path, *arguments: str) -> dict[str, object]:
    code, out, err = why(results, *arguments, "--json")
    assert code == 0, (out, err)
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("columns", [80, 100])
def test_a_picked_life_is_told_within_the_terminal(results: Path, columns: int) -> None:
    code, out, err = why(results, "base", "--pick", "caught", columns=columns)
    assert code == 0, err
    uid = err.strip().removeprefix("picked uid ")
    assert out.startswith(f"uid {uid}  in base, seed 1")
    assert max(map(len, out.splitlines())) <= columns
    for words in ("nobody in the world has this life", "considers leaving", "smallest change"):
        assert words in " ".join(out.split())
    again = document(results, "base", uid)
    assert again["person"]["uid"] == int(uid)  # type: ignore[index]
    kinds = {
        event["event"]
        for month in again["months"]  # type: ignore[attr-defined]
        for event in month["events"]
    }
    assert kinds & {"detected", "betrayed", "arrested_by_guard"}


def test_names_of_a_run(results: Path) -> None:
    study = bs.open(results / "base")
    run_id = str(study.runs["run_id"].iloc[0])
    for name in (run_id, run_id[:6], f"base/{run_id}", "base"):
        assert document(results, name, "12")["run"]["run_id"] == run_id  # type: ignore[index]


def test_stored_and_in_memory_runs_give_the_same_life(results: Path) -> None:
    code, _, err = why(results, "base", "--pick", "met")
    assert code == 0
    uid = int(err.split()[-1])
    stored = bs.open(results / "base").run(1).why(uid)
    fresh = bs.run(BASE, scale=0.002, until="1999-12").why(uid)
    assert stored.document() == fresh.document()
    assert (
        json.loads(json.dumps(stored.document()["months"]))
        == document(results, "base", str(uid))["months"]
    )


def test_the_user_s_own_scenario_need_not_be_named(results: Path, own: str) -> None:
    found = document(results, "mine", "3")
    assert found["run"]["scenario"] == "mine"  # type: ignore[index]
    assert document(results, "mine", "3", "--scenario", own) == found


def test_lives_in_two_runs(results: Path, own: str) -> None:
    found = document(results, "base", "--pick", "hired", "--vs", "mine", "--scenario", own)
    parting = found["parting"]
    assert parting["other"]["scenario"] == "mine"  # type: ignore[index]
    assert parting["levers_part"] == {"month": "1997-01", "levers": ["border.closure"]}  # type: ignore[index]
    uid = str(found["person"]["uid"])  # type: ignore[index]
    code, out, _ = why(results, "base", uid, "--vs", "mine", "--scenario", own)
    assert code == 0
    assert "Levers first differ in 1997-01: border.closure." in " ".join(out.split())
    assert ("never part" in out) == (parting["month"] is None)  # type: ignore[index]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing", "3"), 'RUN: no run "nothing"'),
        (("base",), "name a UID, or ask for somebody with --pick KIND"),
        (("base", "3", "--pick", "any"), "got both a UID and --pick any"),
        (("base", "--pick", "dead"), 'got "dead"'),
        (("base", "3", "--at", "1999"), "expected a month"),
        (("base", "3", "--at", "2005-01"), "simulated from 1995-01 to 1999-12"),
        (("base", "999999999999"), "nobody has uid 999999999999"),
        (("base", "3", "--vs", "nothing"), '--vs: no run "nothing"'),
        (("base", "3", "--set", "x"), "--set"),
    ],
)
def test_what_is_refused(results: Path, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = why(results, *arguments)
    assert (code, out) == (2, "")
    assert said in err
    code, out, _ = why(results, *arguments, "--json")
    assert code == 2
    assert json.loads(out)["status"] == "invalid"


def test_all_mistakes_at_once(results: Path) -> None:
    code, _, err = why(results, "base", "--at", "soon", "--pick", "nobody")
    assert code == 2
    assert "--at" in err
    assert "--pick" in err


def test_a_study_of_several_runs_needs_a_name(results: Path) -> None:
    folder = str(results / "several")
    options = [*OPTIONS[:3], "1995-01", "-q"]
    for seed in ("1", "2"):
        done = CliRunner().invoke(app, ["run", BASE, *options, "--seed", seed, "--out", folder])
        assert done.exit_code == 0
    code, _, err = why(results / "several", "base", "3")
    assert code == 2
    assert '"base" has 2 runs; name one: base/' in err
    assert "(seed 2)" in err


def test_a_mismatch_has_an_exit_code_of_its_own(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing_at_the_river = "bordersim.explain.life.explain_crossing"
    monkeypatch.setattr(nothing_at_the_river, lambda *_: ())
    code, out, err = why(results, "base", "--pick", "caught", "--json")
    assert "please report this" in err
    assert code == 3
    assert json.loads(out)["status"] == "mismatch"
    assert json.loads(out)["explained"] != json.loads(out)["logged"]


def test_another_engine_s_run_is_not_explained(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bordersim._jit.engine_hash", lambda: "0" * 16)
    monkeypatch.setattr("bordersim.compiled.kernels_are_compiled", lambda: True)
    code, _, err = why(results, "base", "3")
    assert code == 2
    assert "another version of the engine" in err
