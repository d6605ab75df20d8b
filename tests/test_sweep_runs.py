"""Carrying out a sweep: what is stored, by whom, and that it is the same whoever does it."""

from __future__ import annotations

import gc
import itertools
import os
import pickle
import signal
import subprocess
import sys
import time
import weakref
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sweeps import SMALL, carry_out_here, content, write_sweep

import bordersim as bs
from bordersim import stored_runs
from bordersim.batch import Standing
from bordersim.errors import BordersimError, StoreError
from bordersim.parts import tables_of
from bordersim.results import Run
from bordersim.simulation import simulate_alike
from bordersim.store import Store
from bordersim.stored_runs import StoredRuns
from bordersim.sweeping import tasks
from bordersim.sweeping.plan import stored_plan
from bordersim.sweeping.reading import read_sweep

Monkey = pytest.MonkeyPatch


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sweep(tmp_path_factory.mktemp("sweep"))


@pytest.fixture(scope="module")
def whole(file: Path) -> Path:
    """The study of a sweep that nobody disturbed."""
    folder = file.parent / "whole"
    with pytest.MonkeyPatch.context() as patch:
        account = carry_out_here(file, folder, patch)
    assert (account.simulated, account.stored, account.failed) == (12, 0, ())
    return folder


def sweep_command(file: Path, out: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "bordersim", "sweep", str(file), "-q", "-o", str(out), *options]


def children(pid: int) -> list[int]:
    """Processes that a process has spawned to work, the oldest first."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            line = Path(f"/proc/{child}/cmdline").read_bytes()
            if b"spawn_main" in line:
                found.append(int(child))
    return sorted(found)


def ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_a_run_of_a_sweep_is_the_run_of_its_scenario(whole: Path) -> None:
    study = bs.open(whole)
    cells = study.cells
    assert (cells["status"] == "ok").all()
    (cell,) = cells[
        (cells.scenario == "base") & (cells["china.bounty_report"] == 500) & (cells.seed == 2)
    ].to_dict("records")
    alone = bs.run(
        "scenarios/base.yaml", seed=2, scale=0.002, until="1995-06",
        settings={"china.bounty_report": 500},
    )  # fmt: skip
    run = study.run(cell["run_id"])
    assert run.digest == alone.digest
    assert run.annual("arrivals").equals(alone.annual("arrivals"))
    assert (run.value("attempts_unaided") == alone.value("attempts_unaided")).all()
    assert alone.by_place("attempts_unaided").sum() > 0


def test_an_observable_that_is_not_stored_is_an_error_and_not_zero(whole: Path) -> None:
    run = next(iter(bs.open(whole)))
    with pytest.raises(StoreError, match="stored without guards; stored are arrivals, "):
        run.value("guards")
    assert set(run.to_df()["observable"].unique()) <= set(run.row.columns["observables"])  # type: ignore[attr-defined]
    assert set(run.to_xarray().data_vars) == set(run.row.columns["observables"])  # type: ignore[attr-defined]
    assert "deaths_custody" in run.summary()
    with pytest.raises(KeyError, match="unknown observable"):
        run.value("gards")


def test_nothing_stored_is_simulated_again(file: Path, whole: Path, monkeypatch: Monkey) -> None:
    before = {path: path.stat().st_mtime_ns for path in whole.rglob("*.parquet")}
    monkeypatch.setattr(tasks, "simulate_job", None)
    account = carry_out_here(file, whole, monkeypatch)
    assert (account.simulated, account.stored) == (0, 12)
    assert {path: path.stat().st_mtime_ns for path in whole.rglob("*.parquet")} == before


def test_shards_together_are_the_whole(file: Path, whole: Path, monkeypatch: Monkey) -> None:
    folder = file.parent / "shards"
    accounts = [carry_out_here(file, folder, monkeypatch, shard=(n, 5)) for n in (4, 1, 2, 5, 3)]
    assert [account.simulated for account in accounts] == [2, 2, 2, 3, 3]
    assert content(folder) == content(whole)


def first_items(whole: Path, count: int) -> list[tasks.Item]:
    """The first runs of the sweep, to be had anew."""
    return [
        tasks.Item(("historical", "base").index(c.scenario), (c._8,), (), c.seed, c.run_id)
        for c in bs.open(whole).cells.head(count).itertuples()
    ]


def test_stored_while_a_task_was_at_it_is_not_stored_twice(
    file: Path, whole: Path, monkeypatch: Monkey
) -> None:
    """A second process that had the same plan and began before the first had stored."""
    folder = file.parent / "late"
    work, items = tasks.Work(read_sweep(file), folder), first_items(whole, 4)
    for chosen in (items[:3], items[1:], items):
        kept = tasks.do_task(work, tasks.Task(tuple(chosen)))
        assert set(kept.had) == {item.run_id for item in chosen}
    rows = [row["run_id"] for path in Store(folder).parts("runs")
            for row in pq.read_table(path).to_pylist()]  # fmt: skip
    assert sorted(rows) == sorted(item.run_id for item in items)
    kinds = {kind: {path.name for path in Store(folder).parts(kind)} for kind in ("runs", "series")}
    assert kinds["runs"] == kinds["series"]


def test_what_is_stored_is_looked_up_once_however_many_tasks(
    file: Path, whole: Path, monkeypatch: Monkey
) -> None:
    """Else time and memory of a sweep would grow with what it has stored."""
    read: list[str] = []
    read_marks = stored_runs._read_marks

    def counted(path: Path) -> dict[str, stored_runs.Mark]:
        read.append(path.name)
        return read_marks(path)

    monkeypatch.setattr(stored_runs, "_read_marks", counted)
    work = tasks.Work(read_sweep(file), file.parent / "once")
    for item in first_items(whole, 4):
        tasks.do_task(work, tasks.Task((item,)))
    marks = work.store.marks()
    assert len(marks) == len(read) == len(set(read)) == 4
    assert len({id(mark.observables) for mark in marks.values()}) == 1


def test_a_failing_run_is_a_row_and_is_tried_again_when_told(
    file: Path, whole: Path, monkeypatch: Monkey
) -> None:
    folder = file.parent / "failing"
    simulate = tasks.simulate_job

    def moody(job: Any, **manner: Any) -> Any:
        if job.seed != 2:
            return simulate(job, **manner)
        with monkeypatch.context() as patch:
            patch.setattr("bordersim.simulation.simulate", _raise)
            return simulate(job, **manner)

    with monkeypatch.context() as patch:
        patch.setattr(tasks, "simulate_job", moody)
        patch.setattr("bordersim.simulation.simulate_alike", out_of_luck_with(2))
        account = carry_out_here(file, folder, monkeypatch)
    assert (account.simulated, len(account.failed)) == (8, 4)
    failed = bs.open(folder).cells.query("status == 'failed'")
    assert set(failed["seed"]) == {2}
    rows = StoredRuns(folder).rows()
    for run_id in account.failed:
        columns = rows[run_id].columns
        assert (columns["error_type"], columns["error"]) == ("RuntimeError", "out of luck")
        assert "_raise" in columns["traceback"]
    again = carry_out_here(file, folder, monkeypatch)
    assert (again.simulated, again.stored, len(again.failed)) == (0, 8, 4)
    retried = carry_out_here(file, folder, monkeypatch, retry=True)
    assert (retried.simulated, retried.stored, retried.failed) == (4, 8, ())
    assert content(folder) == content(whole)


def out_of_luck_with(seed: int, after: int = 0) -> Any:
    """``simulate_alike`` that fails with a seed, when it has given ``after`` runs."""

    def alike(scenarios: Any, number: int, **manner: Any) -> Any:
        runs = simulate_alike(scenarios, number, **manner)
        if number != seed:
            yield from runs
        else:
            yield from itertools.islice(runs, after)
            _raise()

    return alike


@pytest.mark.parametrize("after", [0, 1, 3])
def test_an_error_where_a_past_is_shared_costs_no_other_run(
    file: Path, whole: Path, monkeypatch: Monkey, after: int
) -> None:
    folder = file.parent / f"stumbling-{after}"
    monkeypatch.setattr("bordersim.simulation.simulate_alike", out_of_luck_with(2, after))
    account = carry_out_here(file, folder, monkeypatch)
    assert (account.simulated, account.failed) == (12, ())
    assert content(folder) == content(whole)


def _raise(*_: Any, **__: Any) -> None:
    raise RuntimeError("out of luck")


def test_a_plan_grows_and_does_not_shrink(file: Path, whole: Path, monkeypatch: Monkey) -> None:
    folder = file.parent / "growing"
    few = write_sweep(file.parent, SMALL.replace("count: 3", "count: 1"), "few.yaml")
    assert carry_out_here(few, folder, monkeypatch).simulated == 4
    more = carry_out_here(file, folder, monkeypatch)
    assert (more.simulated, more.stored) == (8, 4)
    again = carry_out_here(few, folder, monkeypatch)
    assert (again.n_runs, again.simulated) == (12, 0)
    told, wanted = content(folder), content(whole)
    assert {kind: told[kind] == wanted[kind] for kind in wanted} == dict.fromkeys(wanted, True)
    other = write_sweep(file.parent, SMALL.replace("500 CNY", "800"), "other.yaml")
    changed = carry_out_here(other, folder, monkeypatch)
    assert (changed.n_runs, changed.stored, changed.simulated) == (12, 6, 6)
    plan = stored_plan(folder)
    assert plan is not None
    assert plan["design"]["axes"][0]["values"] == [0.0, 800.0]
    assert len(bs.open(folder)) == 18


def test_more_observables_are_had_by_simulating_again(file: Path, monkeypatch: Monkey) -> None:
    folder = file.parent / "richer"
    small = SMALL.replace("count: 3", "count: 1")
    carry_out_here(write_sweep(file.parent, small, "poor.yaml"), folder, monkeypatch)
    digests = {run.run_id: run.digest for run in bs.open(folder)}
    rich = write_sweep(file.parent, small.replace("fee_median", "guards"), "rich.yaml")
    account = carry_out_here(rich, folder, monkeypatch)
    assert (account.simulated, account.stored) == (4, 0)
    study = bs.open(folder)
    assert {run.run_id: run.digest for run in study} == digests
    everything = write_sweep(
        file.parent, small[: small.index("observables")] + "observables: all\n", "all.yaml"
    )
    assert carry_out_here(everything, folder, monkeypatch).simulated == 4
    run = next(iter(bs.open(folder)))
    assert run.value("guards").sum() > 0
    assert carry_out_here(rich, folder, monkeypatch).simulated == 0


def test_a_damaged_part_is_simulated_again(file: Path, whole: Path, monkeypatch: Monkey) -> None:
    folder = file.parent / "damaged"
    carry_out_here(file, folder, monkeypatch)
    part = max(Store(folder).parts("series"), key=lambda path: _n_runs(folder, path.name))
    n_runs = _n_runs(folder, part.name)
    assert n_runs > 1
    part.write_bytes(part.read_bytes()[:500])
    with pytest.warns(UserWarning, match="not a whole Parquet file"):
        account = carry_out_here(file, folder, monkeypatch)
    assert account.simulated == n_runs
    assert carry_out_here(file, folder, monkeypatch).simulated == 0
    study = bs.open(folder)
    wanted = bs.open(whole)
    assert len(study) == 12
    for run in study:
        assert (run.by_place("crossings") == wanted.run(run.run_id).by_place("crossings")).all()


def _n_runs(folder: Path, part: str) -> int:
    return pq.read_metadata(folder / "runs" / part).num_rows


def test_no_run_outlives_its_storing(file: Path, monkeypatch: Monkey) -> None:
    folder = file.parent / "lean"
    alive: list[weakref.ref[Run]] = []
    most = 0

    def watched(run: Run, *others: Any) -> Any:
        nonlocal most
        gc.collect()
        most = max(most, sum(ref() is not None for ref in alive))
        alive.append(weakref.ref(run))
        return tables_of(run, *others)

    monkeypatch.setattr(tasks, "tables_of", watched)
    carry_out_here(file, folder, monkeypatch)
    gc.collect()
    assert len(alive) == 12
    assert most <= 1  # the one before, until the next takes its name
    assert not any(ref() for ref in alive)
    study = bs.open(folder)
    refs = [weakref.ref(run) for run in study]
    gc.collect()
    assert sum(ref() is not None for ref in refs) <= 1


def test_a_worker_that_is_killed_costs_nothing_but_time(file: Path, whole: Path) -> None:
    folder = file.parent / "one-less"
    killed: list[int] = []

    def kill_the_first(standing: Standing) -> None:
        if standing.latest and not killed:
            (worker, *_) = active_children()
            assert worker.pid is not None
            os.kill(worker.pid, signal.SIGKILL)
            killed.append(worker.pid)

    study = bs.sweep(file, out=folder, workers=2, progress=kill_the_first)
    assert killed
    assert (study.cells["status"] == "ok").all()
    assert content(folder) == content(whole)


def test_a_sweep_that_is_killed_goes_on_where_it_was(
    file: Path, whole: Path, monkeypatch: Monkey
) -> None:
    out = file.parent / "killed"
    store = Store(out / "small")
    process = subprocess.Popen(sweep_command(file, out, "--workers", "1"))
    _until(lambda: len(store.parts("runs")) >= 2, process)
    workers = children(process.pid)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    _until(lambda: all(map(ended, workers)))
    had = len(store.marks())
    account = carry_out_here(file, store.folder, monkeypatch)
    assert 0 < account.stored == had
    assert account.stored + account.simulated == 12
    assert content(store.folder) == content(whole)
    assert not list(store.folder.glob(".unfinished-*"))


def _until(reached: Any, process: subprocess.Popen[Any] | None = None) -> None:
    deadline = time.monotonic() + 60
    while not reached():
        assert process is None or process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_worker_has_not_loaded_numba_when_it_is_given_one_thread(file: Path) -> None:
    """Nor what it unpickles has: Numba reads its number of threads when it is loaded."""
    work = file.parent / "work.pickle"
    work.write_bytes(pickle.dumps(tasks.Work(read_sweep(file), file.parent / "none")))
    code = (
        "import pickle, sys, bordersim.sweeping.crew, bordersim.sweeping.cluster\n"
        f"work = pickle.load(open({str(work)!r}, 'rb'))\n"
        "work.sweep.variant(0, (500.0,), ())\n"
        "print('numba' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "False\n"


def test_two_processes_at_once_make_one_study(file: Path, whole: Path, monkeypatch: Monkey) -> None:
    out = file.parent / "both"
    other = subprocess.Popen(sweep_command(file, out, "--workers", "1"))
    _until((out / "small" / "plan.parquet").exists, other)
    carry_out_here(file, out / "small", monkeypatch)
    assert other.wait(timeout=120) == 0
    assert content(out / "small") == content(whole)


def test_a_process_that_cannot_write_says_so(file: Path, tmp_path: Path) -> None:
    (tmp_path / "results").write_text("in the way")
    with pytest.raises(BordersimError, match=r"a file has that name|Not a directory"):
        bs.sweep(file, out=tmp_path / "results" / "small")
