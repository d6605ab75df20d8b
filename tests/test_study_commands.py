"""Commands on the study of a sweep: its cells verified; compared and screened at a URL."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sweeps import SMALL, Call, caller, carry_out_here, write_sweep

import bordersim as bs
from bordersim.remote_place import RemotePlace
from bordersim.stored_runs import StoredRuns

LEVER_AND_PARAMETER = SMALL.replace("count: 3", "count: 1").replace(
    "  levers:\n", "  parameters:\n    river.detection: [0.02, 0.05]\n  levers:\n"
)
"""Eight runs, each the scenario of a point."""

SCREENING = """\
schema: bordersim/sweep@1
title: Screening
scenarios: [historical.yaml]
seeds: {count: 2}
scale: 0.002
until: 1995-04
design:
  kind: morris
  n: 2
  levers:
    china.patrol_rate: {op: scale, range: [0.25, 4], log: true}
    china.bounty_report: {from: 1995-02}
"""


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    monkeypatch.setattr("bordersim.repetition.simulate_in_processes", one_by_one)
    return caller(tmp_path, monkeypatch, capsys)


def one_by_one(jobs: Any, _: int, *, month_done: Any, **manner: Any) -> Any:
    from bordersim.one_run import simulate_job

    for job in jobs:
        yield job, simulate_job(job, month_done=None, **manner)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweep")
    with pytest.MonkeyPatch.context() as patch:
        carry_out_here(write_sweep(folder, LEVER_AND_PARAMETER), folder / "small", patch)
    return folder


def test_the_cells_of_a_design_are_verified(call: Call, study: Path) -> None:
    code, out, err = call("verify", "small", "-o", str(study), "--json", "-q")
    assert code == 0, err
    document = json.loads(out)
    assert (document["status"], len(document["runs"])) == ("ok", 8)
    rows = StoredRuns(study / "small").rows().values()
    assert len({row.columns["inputs"] for row in rows}) == 8


def test_texts_that_runs_share_are_kept_once(study: Path) -> None:
    rows = [row.columns for row in StoredRuns(study / "small").rows().values()]
    assert len({id(row["environment"]) for row in rows}) == 1
    assert len({id(row["policies"]) for row in rows}) == 4  # two scenarios, with a bounty and not


def test_a_study_at_a_url_is_compared(
    call: Call, study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = RemotePlace("memory://compared/small")
    file = write_sweep(tmp_path, LEVER_AND_PARAMETER)
    carry_out_here(file, place, monkeypatch)  # type: ignore[arg-type]
    words = ("compare", "base", "historical", "-m", "crossings", "--json")
    at_url = call(*words, "-o", str(place))
    assert at_url == call(*words, "-o", str(study / "small"))
    assert json.loads(at_url[1])["status"] == "ok"
    code, _, err = call("compare", "base", "nobody", "-o", str(place))
    assert (code, f"no such scenario in {place}; there are base, hist" in err) == (2, True)


def test_indices_are_worked_out_at_a_url(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bordersim.sweeping.api.url_problem", lambda _: None)  # one process here
    write_sweep(tmp_path, SCREENING, "screening.yaml")
    words = ("sensitivity", "screening.yaml", "-q", "--json", "-m", "crossings")
    code, out, err = call(*words, "-o", "memory://screened")
    assert code == 0, err
    assert len(bs.open("memory://screened/screening")) == 12
    assert json.loads(out) == json.loads(call(*words)[1])


@pytest.mark.parametrize(
    "words",
    [
        ("runs", "list"),
        ("runs", "show", "x"),
        ("verify", "x"),
        ("why", "x", "7"),
        ("diff", "base.yaml", "base.yaml"),
        ("run", "base.yaml"),
    ],
)
def test_what_works_in_folders_alone_says_so(call: Call, words: tuple[str, ...]) -> None:
    code, out, _ = call(*words, "-o", "s3://bucket/results", "--json")
    assert code == 2
    (problem,) = json.loads(out)["problems"]
    assert "expected a folder of this machine, not a URL" in problem["message"]


def test_scenario_files_are_not_simulated_into_a_url(call: Call) -> None:
    code, _, err = call("compare", "base.yaml", "historical.yaml", "-o", "memory://x")
    assert (code, "--out: got memory://x; runs of scenario files go to" in err) == (2, True)
