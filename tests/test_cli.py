"""The command line: what it prints, where, and what it returns to the shell."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from conftest import RunMaker, make_events
from typer.testing import CliRunner

from bordersim import batch
from bordersim.cli.app import app
from bordersim.data_files import scenarios_folder
from bordersim.results import Run, run_id
from bordersim.study import Study

HISTORY = str(scenarios_folder() / "historical.yaml")

Invoke = Callable[..., Any]


class FakeEngine:
    """Stands for ``simulate``: random counts at once, or an error."""

    def __init__(self, make: RunMaker) -> None:
        self.make = make
        self.seeds: list[int] = []
        self.error: Exception | None = None
        self.digests = {1995: "aa"}

    def simulate(
        self,
        scenario: Any,
        seed: int = 1,
        *,
        events: bool = False,
        check: bool = False,
        progress: Callable[[int, int], None],
    ) -> Run:
        self.seeds.append(seed)
        progress(1, 2)
        if self.error is not None:
            raise self.error
        return self.make(
            scenario_name=scenario.name,
            run_id=run_id(scenario, seed),
            seed=seed,
            world_seed=scenario.world_seed,
            scale=scenario.scale,
            start_month=scenario.start_month,
            end_month=scenario.end_month,
            digests=self.digests,
            events=make_events(10) if events else None,
            inputs=scenario.resolved(),
        )


@pytest.fixture
def engine(made_up_run: RunMaker, monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine(made_up_run)
    module = ModuleType("bordersim.simulation")
    module.simulate = fake.simulate  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "bordersim.simulation", module)
    monkeypatch.setattr(batch, "MAX_PROCESSES", 1)  # the fake lives in this process only
    return fake


@pytest.fixture
def invoke(tmp_path: Path) -> Invoke:
    def call(*arguments: str) -> Any:
        out = ["-o", str(tmp_path / "results")] if arguments[0] == "run" else []
        return CliRunner().invoke(app, [*arguments, *out], catch_exceptions=False)

    return call


def test_run_prints_the_tables_and_keeps_the_run(
    engine: FakeEngine, invoke: Invoke, tmp_path: Path
) -> None:
    result = invoke("run", HISTORY)
    assert result.exit_code == 0
    for words in ("one run (seed 1)", "2,914", "People in China", "Harm, people by year", "2010"):
        assert words in result.stdout
    study = Study.open(tmp_path / "results" / "historical")
    assert [run.seed for run in study] == [1]
    assert (tmp_path / "results" / "historical" / "manifest.json").exists()


def test_the_same_run_again_is_read_not_simulated(engine: FakeEngine, invoke: Invoke) -> None:
    first, second = invoke("run", HISTORY), invoke("run", HISTORY)
    assert engine.seeds == [1]
    assert second.stdout == first.stdout
    assert "1 of 1 runs already in" in second.stderr
    assert "already" not in first.stderr


def test_another_setting_is_another_run(engine: FakeEngine, invoke: Invoke) -> None:
    invoke("run", HISTORY)
    result = invoke("run", HISTORY, "--set", "china.refoulement=0.5")
    assert result.exit_code == 0
    assert engine.seeds == [1, 1]


def test_a_stored_run_gets_the_event_log_it_lacked(
    engine: FakeEngine, invoke: Invoke, tmp_path: Path
) -> None:
    invoke("run", HISTORY)
    invoke("run", HISTORY, "--events")
    invoke("run", HISTORY, "--events")
    assert engine.seeds == [1, 1]
    study = Study.open(tmp_path / "results" / "historical")
    assert list(study.runs["has_events"]) == [True]


def test_several_seeds_are_a_mean_with_a_band(engine: FakeEngine, invoke: Invoke) -> None:
    result = invoke("run", HISTORY, "--replicates", "3", "--seed", "5")
    assert sorted(engine.seeds) == [5, 6, 7]
    assert "mean of 3 runs (seeds 5-7)" in result.stdout
    assert "±" in result.stdout


def test_an_interrupted_batch_resumes(engine: FakeEngine, invoke: Invoke) -> None:
    invoke("run", HISTORY, "--replicates", "2")
    result = invoke("run", HISTORY, "--replicates", "4")
    assert sorted(engine.seeds) == [1, 2, 3, 4]
    assert "2 of 4 runs already" in result.stderr


def test_json_is_one_document(engine: FakeEngine, invoke: Invoke) -> None:
    result = invoke("run", HISTORY, "--json", "--until", "2012-12")
    document = json.loads(result.stdout)
    assert document["status"] == "ok"
    (entry,) = document["scenarios"]
    assert entry["runs"][0]["status"] == "ok"
    years = [row["year"] for row in entry["tables"]["arrivals"]]
    assert years == list(range(1998, 2013))
    assert entry["tables"]["arrivals"][0]["simulated_low"] is None


def test_only_covered_spans_are_shown(engine: FakeEngine, invoke: Invoke) -> None:
    result = invoke("run", HISTORY, "--until", "2009-12", "--json")
    tables = json.loads(result.stdout)["scenarios"][0]["tables"]
    assert tables["fees_by_place"] == []
    assert {row["period"][:4] for row in tables["fees"]} == {"1994", "2006", "2008", "2009"}


def test_invalid_input_lists_everything_and_writes_nothing(
    engine: FakeEngine, invoke: Invoke, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("schema: bordersim/scenario@1\nname: Bad/x\ntitel: x\n")
    result = invoke("run", HISTORY, str(bad), "--set", "nonsense")
    assert result.exit_code == 2
    assert result.stdout == ""
    for words in ("bad.yaml:2 name", 'did you mean "title"', '--set nonsense: got "nonsense"'):
        assert words in result.stderr
    assert not (tmp_path / "results").exists()
    assert engine.seeds == []


def test_an_unknown_setting_is_invalid_input(engine: FakeEngine, invoke: Invoke) -> None:
    result = invoke("run", HISTORY, "--set", "china.refoulment=0", "--json")
    assert result.exit_code == 2
    (problem,) = json.loads(result.stdout)["problems"]
    assert "china.refoulement" in problem["message"]


def test_a_failed_run_is_a_row_and_exit_code_one(
    engine: FakeEngine, invoke: Invoke, tmp_path: Path
) -> None:
    engine.error = RuntimeError("people do not add up")
    result = invoke("run", HISTORY)
    assert result.exit_code == 1
    assert "people do not add up" in result.stderr
    study = Study.open(tmp_path / "results" / "historical")
    assert list(study.runs["status"]) == ["failed"]
    assert "people do not add up" in study.runs["error"].iloc[0]
    engine.error = None
    assert invoke("run", HISTORY).exit_code == 0
    assert list(Study.open(tmp_path / "results" / "historical").runs["status"]) == ["ok"]


def test_a_digest_that_differs_is_a_mismatch(
    engine: FakeEngine, invoke: Invoke, tmp_path: Path
) -> None:
    invoke("run", HISTORY)
    assert invoke("run", HISTORY, "--check").exit_code == 0
    engine.digests = {1995: "bb"}
    result = invoke("run", HISTORY, "--check")
    assert result.exit_code == 3
    assert "digest bb differs from the stored aa" in result.stderr
    assert list(Study.open(tmp_path / "results" / "historical").runs["digest"]) == ["aa"]


def test_check_accepts_every_shipped_scenario(invoke: Invoke) -> None:
    names = ("historical", "no-crackdown", "no-markets", "bounty-2016", "no-refoulement")
    files = [str(scenarios_folder() / f"{name}.yaml") for name in (*names, "closure-2020")]
    result = invoke("check", *files)
    assert result.exit_code == 0
    assert result.stdout.count(": ok, ") == 6
    document = json.loads(invoke("check", "--json", *files).stdout)
    assert [entry["name"] for entry in document["scenarios"]] == [*names, "closure-2020"]


def test_check_gathers_problems_of_every_file(invoke: Invoke, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text("schema: bordersim/scenario@1\nnmae: x\n")
    result = invoke("check", str(tmp_path / "one.yaml"), HISTORY, str(tmp_path / "two.yaml"))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "one.yaml:2 nmae" in result.stderr
    assert "two.yaml:2 nmae" in result.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["check", "--help"]])
def test_help_needs_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "from bordersim.cli.app import app\n"
        f"try: app({arguments!r})\n"
        "except SystemExit as end: assert end.code == 0\n"
        "heavy = {'numpy', 'numba', 'pandas', 'pyarrow', 'matplotlib', 'yaml'}\n"
        "print('loaded:', sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Usage" in done.stdout
    assert "loaded: []" in done.stdout


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bordersim", "run"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "Missing argument" in done.stderr
