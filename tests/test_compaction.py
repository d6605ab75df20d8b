"""Compaction: the same runs in fewer files, whoever reads or is killed meanwhile."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from conftest import make_events, make_run

import bordersim as bs
from bordersim.compaction import compact
from bordersim.parts import tables_of
from bordersim.results import Run
from bordersim.store import Store
from bordersim.stored_runs import StoredRuns

N = 6


def runs(n_runs: int = N) -> list[Run]:
    return [make_run(seed=seed, end_month=5) for seed in range(1, n_runs + 1)]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Six runs in three parts, one with its events beside it."""
    found = Store(tmp_path / "study")
    made = runs()
    for first in (0, 2, 4):
        found.commit(made[first : first + 2])
    found.add_events(make_run(seed=3, end_month=5, events=make_events(9, 5)))
    return found


def check(folder: Path, n_parts: int) -> None:
    study = bs.open(folder)
    assert len(study) == N
    for wanted in runs():
        run = study.run(wanted.run_id)
        assert (run.value("arrivals") == wanted.value("arrivals")).all()
        assert run.row.columns["digest"] == wanted.digest  # type: ignore[attr-defined]
    assert list(study.runs.query("has_events")["seed"]) == [3]
    assert len(study.run(3).events_df()) == 9  # type: ignore[attr-defined]
    for kind in ("runs", "series", "ledger"):
        assert len(StoredRuns(folder).parts(kind)) == n_parts


def test_many_parts_become_one(store: Store) -> None:
    check(store.folder, 3)
    done = compact(store.folder)
    assert (done.before, done.after, done.n_runs) == (3, 1, N)
    check(store.folder, 1)
    assert len(store.parts("events")) == 1
    again = compact(store.folder)
    assert (again.before, again.after, again.n_runs) == (1, 1, 0)


def test_parts_do_not_grow_beyond_measure(store: Store) -> None:
    size = max(path.stat().st_size for path in store.parts("series"))
    done = compact(store.folder, large=int(2.5 * size))
    assert (done.before, done.after, done.n_runs) == (3, 2, 4)
    check(store.folder, 2)


def test_what_was_opened_before_is_read_after(store: Store) -> None:
    study = bs.open(store.folder)
    held = study.run(3)
    compact(store.folder)
    wanted = runs()[2]
    assert (held.value("arrivals") == wanted.value("arrivals")).all()
    assert len(held.events_df()) == 9  # type: ignore[attr-defined]


def test_a_reader_sees_every_run_at_every_moment(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    for run in runs(12):
        Store(folder).commit([run])
    counts: set[int] = set()
    through = threading.Event()

    def look() -> None:
        while not through.is_set():
            counts.add(len(StoredRuns(folder).rows()))

    reader = threading.Thread(target=look)
    reader.start()
    for seed in range(13, 18):  # every time a new part, which is compacted in turn
        compact(folder)
        Store(folder).commit([make_run(seed=seed, end_month=5)])
    through.set()
    reader.join()
    assert counts >= {12}
    assert min(counts) == 12


@pytest.mark.parametrize("calls", [0, 2, 4, 5, 7])
def test_a_kill_on_the_way_loses_nothing(
    store: Store, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is cut short: before the new part, with both, or with half of the old gone."""
    done = 0

    class Killed(BaseException):
        pass

    def mined(original):  # type: ignore[no-untyped-def]
        def call(*arguments, **more):  # type: ignore[no-untyped-def]
            nonlocal done
            if done == calls:
                raise Killed
            done += 1
            return original(*arguments, **more)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", mined(os.replace))
        patch.setattr(Path, "unlink", mined(Path.unlink))
        with pytest.raises(Killed):
            compact(store.folder)
    assert len(StoredRuns(store.folder).rows()) == N
    for row in StoredRuns(store.folder).rows().values():
        assert StoredRuns(store.folder).table("series", row).num_rows
    compact(store.folder)
    assert len(bs.open(store.folder)) == N
    assert len(bs.open(store.folder).run(3).events_df()) == 9  # type: ignore[attr-defined]


def test_runs_with_some_observables_stay_as_they_are(tmp_path: Path) -> None:
    store = Store(tmp_path / "study")
    for run in runs(2):
        store.commit_new([tables_of(run, ["arrivals"])])
    compact(store.folder)
    for run in bs.open(store.folder):
        assert run.row.columns["observables"] == ["arrivals"]  # type: ignore[attr-defined]
        with pytest.raises(bs.StoreError, match="stored without guards"):
            run.value("guards")
