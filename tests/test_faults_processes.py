"""Processes of a batch that die, runs that fail, kernels that cannot be read."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bordersim as bs
from bordersim import batch, compiled, pool
from bordersim._jit import cache_directory
from bordersim.batch import Options, Standing, execute
from bordersim.cli.progress import Reporter
from bordersim.data_files import scenarios_folder
from bordersim.parts import FAILED
from bordersim.results import Run
from bordersim.running import jobs_of
from bordersim.scenario import Scenario
from bordersim.study import Study


@pytest.fixture(scope="module")
def small() -> Scenario:
    """A two hundredth of the nation for three months."""
    settings = {"population.scale": 0.005, "time.end": "1995-03"}
    return bs.load(scenarios_folder() / "historical.yaml").with_settings(settings)


def test_a_killed_process_costs_nothing_when_its_run_succeeds_alone(small: Scenario) -> None:
    """Whichever process dies, its run is tried again and has the same numbers."""
    killed: list[int] = []

    def tell(standing: Standing) -> None:
        if standing.latest and not killed:
            victim = multiprocessing.active_children()[0]
            killed.append(victim.pid or 0)
            victim.kill()

    outcomes = execute(jobs_of(small, 1, 3), Options(), tell)
    assert len(killed) == 1
    assert all(outcome.failure is None for outcome in outcomes)
    alone = bs.run(small, seed=1)
    assert isinstance(alone, Run)
    assert isinstance(outcomes[0].results, Run)
    np.testing.assert_array_equal(outcomes[0].results.record, alone.record)
    assert multiprocessing.active_children() == []


def test_a_run_that_kills_its_process_twice_is_a_failed_row(
    small: Scenario, tmp_path: Path
) -> None:
    """In a script of its own: what a worker imports, it imports as this script."""
    script = tmp_path / "script.py"
    script.write_text(
        SCRIPT.format(out=str(tmp_path / "results"), tests=str(Path(__file__).parent))
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["1 ok", "2 failed ProcessDied", "3 ok", "4 ok"]
    study = Study.open(tmp_path / "results" / "historical")
    row = study.runs.set_index("seed").loc[2]
    assert (row["status"], row["error_type"]) == (FAILED, "ProcessDied")
    assert "was killed by SIGKILL twice" in row["error"]
    assert "memory" in row["error"]
    assert [run.seed for run in study] == [1, 3, 4]


SCRIPT = """
import os, signal, sys
import bordersim.pool as pool

original = pool.simulate_job

def simulate_job(job, **options):
    if job.seed == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(job, **options)

pool.simulate_job = simulate_job

if __name__ == "__main__":
    import bordersim as bs
    study = bs.run(
        bs.load("{tests}/../scenarios/historical.yaml"), replicates=4, scale=0.005,
        until="1995-03", out="{out}",
    )
    for row in study.runs.itertuples():
        print(row.seed, row.status, *([row.error_type] if row.error_type else []))
"""


def test_a_script_without_its_guard_is_told_so(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import bordersim as bs\n"
        "try:\n"
        f"    bs.run({str(scenarios_folder() / 'historical.yaml')!r}, replicates=2, scale=0.005,"
        " until='1995-03')\n"
        "except bs.BordersimError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False
    )
    assert 'if __name__ == "__main__":' in done.stdout.splitlines()[-1]


def test_an_idle_process_that_died_is_replaced(small: Scenario) -> None:
    """As when memory runs out while results are being written."""
    crew = pool._Crew(events=False, check=False, month_done=None)
    first, second = jobs_of(small, 1, 2)
    try:
        assert [job for job, _ in crew.simulate([first], 1)] == [first]
        (idle,) = multiprocessing.active_children()
        idle.kill()
        idle.join()
        assert [job for job, _ in crew.simulate([second], 1)] == [second]
        assert crew.lost == []
    finally:
        crew.dismiss()


class Broken(RuntimeError):
    """None of ours."""


def test_a_failing_run_is_a_row_with_type_message_and_traceback(
    small: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the next run that succeeds takes its place."""

    def fail(scenario: Scenario, seed: int, **_: Any) -> Run:
        raise Broken("the river ran dry")

    monkeypatch.setattr(batch, "MAX_PROCESSES", 1)
    with monkeypatch.context() as patch:
        patch.setattr("bordersim.simulation.simulate", fail)
        (outcome,) = execute(jobs_of(small, 1, 1), Options(out=tmp_path))
    assert outcome.failure is not None
    (row,) = Study.open(tmp_path / "historical").runs.to_dict("records")
    assert (row["status"], row["error_type"]) == (FAILED, "Broken")
    assert row["error"] == "the river ran dry"
    (columns,) = (r.columns for r in batch.Store(tmp_path / "historical").rows().values())
    assert columns["traceback"].startswith("Traceback (most recent call last)")
    assert 'raise Broken("the river ran dry")' in columns["traceback"]
    (outcome,) = execute(jobs_of(small, 1, 1), Options(out=tmp_path))
    assert outcome.failure is None
    assert list(Study.open(tmp_path / "historical").runs["status"]) == ["ok"]


@pytest.mark.parametrize("how", ["cut short", "emptied index"])
def test_damaged_kernels_say_what_to_do(small: Scenario, tmp_path: Path, how: str) -> None:
    """In a copy of the cache, with every kernel spoilt."""
    copy = tmp_path / "cache" / "bordersim" / cache_directory().name
    shutil.copytree(cache_directory(), copy)
    pattern, size = {"cut short": ("*.nbc", 500), "emptied index": ("*.nbi", 0)}[how]
    for path in copy.rglob(f"{pattern}"):
        os.truncate(path, size)
    command = [
        sys.executable,
        "-m",
        "bordersim",
        "run",
        str(scenarios_folder() / "historical.yaml"),
    ]
    options = ["--scale", "0.005", "--until", "1995-03", "-q", "-o", str(tmp_path / "results")]
    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, check=False,
        env=os.environ | {"BORDERSIM_CACHE": str(tmp_path / "cache")},
    )  # fmt: skip
    assert done.returncode == 1
    assert f"the compiled kernels in {copy} are damaged" in done.stderr
    assert "Remove that folder and run again" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_of_the_disk_in_the_cache_names_it() -> None:
    """Raised from where numba keeps its files."""
    source = "def save():\n    raise OSError(28, 'No space left on device')\n"
    frames: dict[str, Any] = {"__name__": "numba.core.caching"}
    exec(compile(source, "caching.py", "exec"), frames)
    with pytest.raises(OSError, match="No space") as caught:
        frames["save"]()
    told = compiled.cache_fault(caught.value)
    assert told is not None
    assert str(cache_directory()) in str(told)
    assert "set BORDERSIM_CACHE" in str(told)
    assert compiled.cache_fault(OSError(28, "No space left on device")) is None


def test_a_run_leaves_a_warm_cache(small: Scenario) -> None:
    bs.run(small)
    assert compiled.kernels_are_compiled()


def test_compilation_is_remembered_for_the_next_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BORDERSIM_CACHE", str(tmp_path))
    assert not compiled.kernels_are_compiled()
    assert compiled.compilation_seconds() == compiled.USUAL_SECONDS
    compiled.remember_compilation(77.4)
    assert compiled.compilation_seconds() == 77
    (tmp_path / "bordersim" / "compilation_seconds").write_text("soon")
    assert compiled.compilation_seconds() == compiled.USUAL_SECONDS


def test_a_log_is_told_how_far_it_is_and_how_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a clock that the test moves."""
    now = 100.0
    monkeypatch.setattr("bordersim.cli.progress.time.perf_counter", lambda: now)
    with Reporter("historical", quiet=False) as reporter:
        reporter(Standing(had=2, ended=2, done=2.0, n_runs=8, latest=""))
        assert reporter.line() == "historical, 2 of 8 runs: 25% done"
        now = 120.0  # twenty seconds to load the engine, which no later run takes
        reporter(Standing(had=2, ended=2, done=2.01, n_runs=8, latest="historical, seed 3"))
        assert reporter.line() == "historical, 2 of 8 runs: 25% done"
        now = 149.8
        reporter(Standing(had=2, ended=2, done=3.5, n_runs=8, latest="historical, seed 3"))
        assert reporter.line() == "historical, 2 of 8 runs: 44% done, about 90 s left"
        now = 360.0
        reporter(Standing(had=3, ended=4, done=4.0, n_runs=8, latest="historical, seed 3"))
        assert reporter.line() == "historical, 4 of 8 runs: 50% done, about 8 min left"


def test_a_single_run_is_told_by_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    with Reporter("historical", quiet=False) as reporter:
        reporter(Standing(had=0, ended=0, done=0.0, n_runs=1, latest=""))
        reporter(Standing(had=0, ended=0, done=0.25, n_runs=1, latest="historical, seed 3"))
        assert reporter.line().startswith("historical, seed 3: 25% done")


def test_wall_time_comes_from_no_wall_clock(
    small: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter([1e9, 0.0] * 1000)
    monkeypatch.setattr("time.time", lambda: next(times))
    (outcome,) = execute(jobs_of(small, 1, 1), Options())
    assert outcome.results is not None
    assert 0 < outcome.results.wall_s < 3600
