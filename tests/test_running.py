"""Running scenarios from Python, with the engine itself: pools, layers, the store."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import bordersim as bs
from bordersim.data_files import scenarios_folder
from bordersim.results import Run, run_id
from bordersim.running import Options, Standing, execute, jobs_of, prepare
from bordersim.scenario import Scenario


@pytest.fixture(scope="module")
def small() -> Scenario:
    """A hundredth of the nation for half a year."""
    settings = {"population.scale": 0.01, "time.end": "1995-06"}
    return bs.load(scenarios_folder() / "historical.yaml").with_settings(settings)


def test_a_pool_of_processes_changes_no_number(small: Scenario) -> None:
    seen: list[Standing] = []
    together = execute(jobs_of(small, 1, 2), Options(), seen.append)
    assert {standing.n_runs for standing in seen} == {2}
    assert [standing.done for standing in seen] == sorted(standing.done for standing in seen)
    assert (seen[0].done, seen[0].latest, seen[-1].done, seen[-1].had) == (0, "", 2, 2)
    assert any(0 < standing.done < 1 and standing.ended == 0 for standing in seen)
    for outcome in together:
        alone = bs.run(small, seed=outcome.job.seed)
        assert isinstance(alone, Run)
        assert isinstance(outcome.results, Run)
        np.testing.assert_array_equal(outcome.results.record, alone.record)
        np.testing.assert_array_equal(outcome.results.ledger, alone.ledger)
        assert outcome.results.digests == alone.digests


def test_a_study_of_two_seeds(small: Scenario, tmp_path: Path) -> None:
    study = bs.run(small, replicates=2, out=tmp_path)
    assert isinstance(study, bs.Study)
    assert list(study.runs["seed"]) == [1, 2]
    again = bs.open(tmp_path / "historical")
    for run in study:
        stored = again.run(run.run_id)
        np.testing.assert_array_equal(stored.value("considerers"), run.value("considerers"))
        assert run.value("considerers").sum() > 0


def test_a_stored_run_is_read_back_with_the_same_digest(small: Scenario, tmp_path: Path) -> None:
    first = bs.run(small, out=tmp_path, events=True)
    second = bs.run(small, out=tmp_path, events=True)
    assert isinstance(first, Run)
    assert not isinstance(second, Run)
    assert second.digests == first.digests
    assert first.events is not None
    events = second.events_df()
    np.testing.assert_array_equal(events["uid"], first.events["uid"])
    considered = events[events["event"] == "considered"]
    assert len(considered) * 100 == pytest.approx(first.value("considerers").sum())
    assert set(considered["place"].astype(str)) <= set(first.homes)


def test_every_layer_reaches_the_run(small: Scenario) -> None:
    prepared = prepare(small, settings={"china.refoulement": 0.0}, scale=0.02, until="1995-03")
    assert (prepared.scale, prepared.end_month) == (0.02, 2)
    assert run_id(prepared, 1) != run_id(small, 1)


def test_the_run_id_ignores_names_and_follows_numbers(small: Scenario) -> None:
    renamed = dataclasses.replace(small, name="other", title="Another title")
    assert run_id(renamed, 1) == run_id(small, 1)
    assert run_id(small, 2) != run_id(small, 1)
    assert run_id(small.with_settings({"population.world_seed": 99}), 1) != run_id(small, 1)


def test_replicates_below_one_are_refused(small: Scenario) -> None:
    with pytest.raises(bs.BordersimError, match="allowed: 1 to 10,000"):
        bs.run(small, replicates=0)


def test_opening_results_brings_no_compiler_along() -> None:
    code = "import sys; from bordersim import open; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
