"""SIGKILL: before every call that touches the disk, and at any instant of a real run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fault_children import CASES, early_run, late_run
from kill_trials import Instant, Reference, Trial, kill_once, reference_run

from bordersim.part_files import part_name
from bordersim.parts import FAILED, OK
from bordersim.results import Run
from bordersim.store import Store
from bordersim.stored_runs import StoredRow, StoredRuns
from bordersim.study import stored_run
from bordersim.views import outdated_views

NO_ROW = StoredRow("", {"status": ""})
CHILDREN = Path(__file__).parent / "fault_children.py"


def whole(folder: Path, run: Run) -> bool:
    """Whether a store has a run, which then must be right to the last number."""
    row = StoredRuns(folder).finished(run.run_id)
    if row is None:
        return False
    again = stored_run(StoredRuns(folder), row)
    for name in ("arrivals", "deals", "stock_china"):
        np.testing.assert_array_equal(again.value(name), run.value(name))
    assert again.ledger_df()["value"].sum() == pytest.approx(run.ledger.sum() / 1000)
    if run.events is not None:
        np.testing.assert_array_equal(again.events_df()["uid"], run.events["uid"])
    return True


def assert_tidy(folder: Path) -> None:
    """Nothing of the dead is left, nothing lies about that has no row, and the views are new."""
    found = StoredRuns(folder).inventory()
    assert found.damaged == ()
    assert outdated_views(folder, found.rows, found.with_events) == {}
    assert {path.name for path in folder.iterdir()} <= {
        ".lock", "runs.parquet", "manifest.json", "runs", "series", "ledger", "events",
    }  # fmt: skip
    names = {row.part for row in found.rows.values() if row.columns["status"] == OK}
    names |= {part_name([run_id]) for run_id in found.rows}
    for kind in ("series", "ledger", "events"):
        assert {path.name for path in StoredRuns(folder).parts(kind)} <= names


@pytest.fixture
def unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what only a power cut would need, thousands of times over."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.mark.usefixtures("unsynced")
@pytest.mark.parametrize("case", CASES)
def test_a_kill_before_any_call_to_the_disk(case: str, tmp_path: Path) -> None:
    """What was complete is complete, what was not is absent, the next writer mends the rest."""
    command = [sys.executable, str(CHILDREN), "kill_points", str(tmp_path), case]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    points = [line.split(maxsplit=2) for line in done.stdout.splitlines()]
    assert points[-1][1] == "through"
    assert {"write", "fsync", "replace", "open", "mkdir"} <= {point[1] for point in points}
    begun_with_one = case != "into-nothing"
    there, statuses = [], []
    for number, *_ in points:
        folder = tmp_path / number / "store"
        assert whole(folder, early_run()) == begun_with_one
        broken = late_run().run_id in StoredRuns(folder).inventory().broken
        assert not broken or case == "over-damage"
        there.append(not broken and whole(folder, late_run()))
        statuses.append(StoredRuns(folder).rows().get(late_run().run_id, NO_ROW).columns["status"])
        store = Store(folder)
        store.commit([late_run()])
        store.refresh_views()
        assert whole(folder, early_run()) == begun_with_one
        assert whole(folder, late_run())
        assert_tidy(folder)
    assert there == sorted(there), "what was complete before a later kill must stay so"
    assert (there[0], there[-1]) == (False, case != "recording-a-failure")
    if case == "recording-a-failure":
        assert FAILED in statuses
        assert statuses == sorted(statuses)


TRIAL = Trial(scale=0.005, until="1995-06", replicates=1)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """What the command gives undisturbed."""
    return reference_run(TRIAL, tmp_path_factory.mktemp("undisturbed") / "results")


@pytest.mark.parametrize(
    "instant", [Instant(0.5), Instant(0.0, writing=1), Instant(0.02, writing=1)], ids=str
)
def test_a_kill_in_the_midst_of_a_real_run(
    instant: Instant, reference: Reference, tmp_path: Path
) -> None:
    """The whole trial, many times over, is ``python tests/kill_trials.py``."""
    assert kill_once(TRIAL, reference, instant, tmp_path / "trial").wrong == ""
