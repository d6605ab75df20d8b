"""``bordersim sensitivity`` at the command line, and designs of indices in sweep files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sensitivities import FILE, simulator
from sweeps import Call, caller

from bordersim.errors import ScenarioError
from bordersim.sweeping.reading import read_sweep

SCREENING = """\
schema: bordersim/sweep@1
title: Screening
scenarios: [historical.yaml]
seeds: {count: 2}
scale: 0.002
until: 1995-08
design:
  kind: morris
  n: 2
  levers:
    china.patrol_rate: {op: scale, range: [0.25, 4], log: true}
    china.bounty_report: {from: 1996-01}
"""


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    return caller(tmp_path, monkeypatch, capsys, "sensitivity")


def test_a_screening_by_the_engine_itself(call: Call, tmp_path: Path) -> None:
    (tmp_path / "screening.yaml").write_text(SCREENING)
    code, out, _ = call("screening.yaml", "--dry-run")
    assert (code, "1 scenario x 6 points x 2 seeds: 12 cells" in out) == (0, True)
    assert "china.bounty_report   0 to 20,000" in out  # all that is allowed
    assert [path.name for path in tmp_path.iterdir()] == ["screening.yaml"]
    code, out, err = call("screening.yaml", "-q", "-m", "crossings", "--figure", "bars.png")
    assert code == 0
    assert "Morris screening: 2 inputs, 2 trajectories, 2 seeds at each point" in out
    assert max(map(len, out.splitlines())) <= 80
    rows = {line.split()[0]: line for line in out.splitlines() if line.startswith("china.")}
    assert rows["china.bounty_report"].endswith("inert")  # it begins after the last month
    assert "drawn: bars.png" in err
    assert (tmp_path / "bars.png").read_bytes().startswith(b"\x89PNG")
    code, out, _ = call("screening.yaml", "-q", "--json", "--points", "3", "--seeds", "3")
    document = json.loads(out)
    assert (document["status"], document["simulated"], document["blocks"]) == ("ok", 4, 3)
    # The third trajectory is of runs that are there: one input is inert, the other has 4 levels.
    names = ["arrivals", "deaths", "repatriations", "stock_china"]
    assert [row["outcome"] for row in document["outcomes"]] == names
    assert len(document["indices"]) == 2 * len(names)
    (note,) = document["notes"]  # nobody hires a trafficker here, so that there is no fee
    assert note.startswith("fee_median of historical: only 0 of 3 blocks of points have")
    assert {row["above_noise"] for row in document["indices"]} <= {True, False}


def failing(folder: Path) -> Callable[..., Any]:
    """As the function with luck, but for one run."""
    works = simulator(0.1)

    def simulate_alike(scenarios: Any, seed: int, **more: Any) -> Any:
        for position, run in works(scenarios, seed, **more):
            if (folder / "failed").exists() or seed != 2:
                yield position, run
            else:
                (folder / "failed").touch()
                raise ZeroDivisionError("no people at all")

    return simulate_alike


def test_a_run_that_fails_costs_its_block(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ishigami.yaml").write_text(FILE.format(kind="sobol-indices", n=4, seeds=2))
    monkeypatch.setattr("bordersim.simulation.simulate_alike", failing(tmp_path))

    def fails(job: Any, **_: Any) -> Any:
        from bordersim.parts import FailedRun

        return FailedRun(job.run_id, job.scenario, job.seed, "no people at all", "ZeroDivision")

    monkeypatch.setattr("bordersim.sweeping.tasks.simulate_job", fails)
    code, out, err = call("ishigami.yaml", "-q", "-m", "arrivals", "--workers", "1")
    assert code == 1
    assert "failed; their blocks are left out" in err
    assert "without an outcome" in out
    assert "Sobol indices: 4 inputs, 4 base points, 2 seeds" in out
    monkeypatch.setattr("bordersim.simulation.simulate_alike", simulator(0.1))
    code, out, _ = call("ishigami.yaml", "-q", "-m", "arrivals", "--retry")
    assert (code, "left out" in out) == (0, False)


def test_with_one_seed_nothing_is_told_from_luck(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ishigami.yaml").write_text(FILE.format(kind="morris", n=3, seeds=1))
    monkeypatch.setattr("bordersim.simulation.simulate_alike", simulator(0.0))
    code, out, _ = call("ishigami.yaml", "-q", "-m", "arrivals")
    assert code == 0
    assert "one seed, so that luck is not known" in " ".join(out.split())
    assert sum(line.endswith("unknown") for line in out.splitlines()) == 4


@pytest.mark.parametrize(
    ("text", "arguments", "what"),
    [
        ("", ("-m", "arrival"), '--metric: no observable "arrival"; did you mean "arrivals"'),
        ("", ("--window", "2001"), "--window: 2001-01 to 2001-12 is not in what all runs cover"),
        ("", ("--window", "x"), '--window: got "x"; write "2012"'),
        ("", ("-m", "fee_median", "--sex", "female"), "--sex: "),
        ("", ("-m", "bribes"), "observables: bribes is looked at and not kept"),
        ("", ("--figure", "x.doc"), '--figure x.doc: got ".doc"'),
        ("", ("--seeds", "0"), "--seeds: got 0; allowed"),
        ("kind: grid", (), "design.kind: got grid; indices need morris or sobol-indices"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_simulated(
    call: Call, tmp_path: Path, text: str, arguments: tuple[str, ...], what: str
) -> None:
    file = SCREENING + "observables: [fee_median]\n"
    if text:
        file = file.replace("kind: morris\n  n: 2", text).replace("{from: 1996-01}", "[0, 500]")
        file = file.replace("range: [0.25, 4]", "values: [0.5, 2]")
    (tmp_path / "screening.yaml").write_text(file)
    code, out, err = call("screening.yaml", *arguments)
    assert (code, out) == (2, "")
    assert what in err
    assert [path.name for path in tmp_path.iterdir()] == ["screening.yaml"]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("n: 2", "n: 1", "design.n: got 1; at least 2"),
        ("n: 2", "seed: 3", "design.n: required for morris"),
        ("n: 2", "n: 2\n  second_order: true", "design.second_order: only of sobol-indices"),
        ("op: scale, range: [0.25, 4], log: true", "op: scale", "scale needs a range: [low"),
        ("{from: 1996-01}", "{log: true}", "ratios need a lowest value above 0"),
        ("{from: 1996-01}", "[0, 500]", "got values; an axis of such a design has range"),
        ("title: S", "draws: {posterior: x.parquet, count: 2}\ntitle: S", "draws: not with morris"),
        ("n: 2", "n: 900000", "design: 2,700,000 points; at most 1,000,000"),
    ],
)
def test_mistakes_in_a_design_of_indices(tmp_path: Path, old: str, new: str, what: str) -> None:
    file = tmp_path / "screening.yaml"
    file.write_text(SCREENING.replace(old, new))
    with pytest.raises(ScenarioError) as found:
        read_sweep(file)
    assert what in str(found.value)


def test_an_axis_without_a_range_takes_all_that_is_allowed(tmp_path: Path) -> None:
    file = tmp_path / "screening.yaml"
    more = "  parameters:\n    residents.buffer:\n"
    file.write_text(SCREENING.replace("morris", "lhs") + more)
    design = read_sweep(file).design
    assert design is not None
    ends = {axis.key: (axis.low, axis.high) for axis in design.axes}
    assert ends["residents.buffer"] == (0.0, 1.0)
    assert ends["china.patrol_rate"] == (0.25, 4.0)
