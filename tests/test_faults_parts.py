"""Parts that are cut short, empty, foreign or gone: named, kept apart, simulated again."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import make_events, make_run
from fault_children import END, early_run, job_of, late_run, some_scenario
from test_faults_kill import assert_tidy, whole

from bordersim import batch, one_run
from bordersim.batch import Options, execute
from bordersim.errors import StoreError
from bordersim.part_files import DamagedPartError, StoreWarning, encoded, part_name
from bordersim.parts import series_table
from bordersim.results import Run
from bordersim.store import Store
from bordersim.study import Study

KINDS = ("runs", "series", "ledger", "events")

Damage = Callable[[Path], None]


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def cut_in_half(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def no_parquet(path: Path) -> None:
    path.write_text("date,arrivals\n1995-01,3\n")


def other_columns(path: Path) -> None:
    pq.write_table(pa.table({"run_id": ["x"], "arrivals": [3]}), path)


def other_types(path: Path) -> None:
    table = pq.read_table(path)
    name = {"runs": "seed"}.get(path.parent.name, "run_id")
    column = table.column(name).cast(pa.string())
    pq.write_table(table.set_column(table.schema.get_field_index(name), name, column), path)


def removed(path: Path) -> None:
    path.unlink()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


SEEN_FROM_OUTSIDE = (cut_short, cut_in_half, emptied, no_parquet, other_columns, other_types)


def one_byte_changed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 4] ^= 0xFF
    path.write_bytes(data)


def another_runs(path: Path) -> None:
    path.write_bytes(encoded(series_table(make_run(seed=3, end_month=END))))


def more_months(path: Path) -> None:
    longer = make_run(seed=2, end_month=END + 12)
    path.write_bytes(encoded(series_table(longer)))


def unknown_names(path: Path) -> None:
    table = pq.read_table(path)
    at = table.schema.get_field_index("observable")
    chunk = table.column("observable").combine_chunks()
    names = [f"{name}!" for name in chunk.dictionary.to_pylist()]
    renamed = pa.DictionaryArray.from_arrays(chunk.indices, pa.array(names))
    path.write_bytes(encoded(table.set_column(at, table.schema.field(at), renamed)))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with two runs, the second with events."""
    found = Store(tmp_path / "made-up")
    for run in (early_run(), late_run()):
        found.commit([run])
    found.refresh_views()
    return found


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Seeds simulated by an engine that always gives the same runs."""
    seeds: list[int] = []

    def simulate(job: one_run.Job, **_: Any) -> Run:
        seeds.append(job.seed)
        return {1: early_run(), 2: late_run()}[job.seed]

    monkeypatch.setattr(batch, "MAX_PROCESSES", 1)
    monkeypatch.setattr(batch, "simulate_job", simulate)
    return seeds


def part_of(store: Store, kind: str) -> Path:
    return store.path(kind, part_name([late_run().run_id]))


def again(store: Store, *, events: bool = True) -> list[str]:
    """Give both runs as ``bordersim run`` would; the warnings on the way."""
    jobs = [job_of(run, some_scenario()) for run in (early_run(), late_run())]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        outcomes = execute(jobs, Options(out=store.folder.parent, events=events))
    for outcome, run in zip(outcomes, (early_run(), late_run()), strict=True):
        assert outcome.results is not None
        np.testing.assert_array_equal(outcome.results.value("deals"), run.value("deals"))
    return [str(warning.message) for warning in caught]


def assert_mended(store: Store) -> None:
    """Both runs are there to the last number, and whoever opens the folder hears nothing."""
    assert len(Study.open(store.folder)) == 2
    assert whole(store.folder, early_run())
    assert whole(store.folder, late_run())
    assert_tidy(store.folder)


@pytest.mark.parametrize("damage", SEEN_FROM_OUTSIDE)
@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_named_and_mended(
    store: Store, simulated: list[int], kind: str, damage: Damage
) -> None:
    path = part_of(store, kind)
    damage(path)
    with pytest.warns(StoreWarning) as caught:
        study = Study.open(store.folder)
    (message,) = (str(warning.message) for warning in caught)
    assert message.startswith(f"{path}: it is ")
    assert "Other runs are not touched" in message
    assert [error.path for error in study.damaged] == [path]
    # The other run can be read, and the study is made of what can be trusted.
    np.testing.assert_array_equal(study.run(1).value("deals"), early_run().value("deals"))
    status = dict(zip(study.runs["seed"], study.runs["status"], strict=True))
    expected = {"runs": None, "events": "ok"}.get(kind, "damaged")
    assert (status[1], status.get(2)) == ("ok", expected)
    assert len(study) == 1 + (kind == "events")
    # The next run of the scenario does not trust it either.
    (told,) = again(store)
    assert told == f"{path}: {study.damaged[0].what}. Its run is simulated again."
    assert simulated == [2]
    assert again(store) == []
    assert simulated == [2]
    assert_mended(store)


@pytest.mark.parametrize(
    "damage", [one_byte_changed, another_runs, more_months, unknown_names, removed, a_folder]
)
def test_damage_inside_is_found_when_it_is_read(
    store: Store, simulated: list[int], damage: Damage
) -> None:
    """What the footer does not show; a ``run`` reads everything before it trusts it."""
    path = part_of(store, "series")
    damage(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", StoreWarning)
        study = Study.open(store.folder)
    if damage in (removed, a_folder):
        assert [error.path for error in study.damaged] == [path]
    else:
        with pytest.raises(DamagedPartError, match=path.name):
            study.run(2).value("deals")
    np.testing.assert_array_equal(study.run(1).value("deals"), early_run().value("deals"))
    if damage is a_folder:
        path.rmdir()
    (told,) = again(store)
    assert told.startswith(str(path))
    assert simulated == [2]
    assert_mended(store)


def test_a_damaged_log_of_events_is_kept_out_of_a_run_without(
    store: Store, simulated: list[int]
) -> None:
    """Who does not ask for events is not made to wait for them."""
    cut_short(part_of(store, "events"))
    assert again(store, events=False) == []
    assert simulated == []


def test_check_mends_what_it_simulates_anyway(store: Store, simulated: list[int]) -> None:
    cut_short(part_of(store, "ledger"))
    job = job_of(late_run(), some_scenario())
    with pytest.warns(StoreWarning, match="simulated again"):
        execute([job], Options(out=store.folder.parent, check=True))
    assert simulated == [2]
    assert_mended(store)


def test_a_damaged_part_of_several_runs_is_replaced_run_by_run(
    tmp_path: Path, simulated: list[int]
) -> None:
    """A part of its own counts more than one shared with others."""
    store = Store(tmp_path / "made-up")
    store.commit([early_run(), late_run()])
    shared = store.path("series", part_name([early_run().run_id, late_run().run_id]))
    cut_in_half(shared)
    assert len(again(store, events=False)) == 2
    assert sorted(simulated) == [1, 2]
    assert whole(store.folder, early_run())
    assert whole(store.folder, late_run())
    assert again(store, events=False) == []


def test_a_study_of_damaged_parts_alone_says_which(store: Store) -> None:
    for path in (store.folder / "runs").iterdir():
        emptied(path)
    with pytest.raises(StoreError, match="no stored runs") as caught:
        Study.open(store.folder)
    assert part_of(store, "runs").name in str(caught.value)


@pytest.mark.parametrize("name", ["manifest.json", "runs.parquet"])
@pytest.mark.parametrize("damage", [cut_in_half, emptied, no_parquet, removed])
def test_a_broken_view_means_nothing(
    store: Store, simulated: list[int], name: str, damage: Damage
) -> None:
    before = (store.folder / name).read_bytes()
    damage(store.folder / name)
    assert len(Study.open(store.folder)) == 2
    assert again(store) == []
    assert simulated == []
    assert (store.folder / name).read_bytes() == before


def test_files_that_are_nothing_of_ours_are_let_be(store: Store, simulated: list[int]) -> None:
    """Notes, backups and temporary files of editors and file systems."""
    names = ("runs/notes.txt", "series/part-x.parquet~", ".nfs0001", "runs/.part-1.parquet.swp")
    for name in names:
        (store.folder / name).write_text("mine")
    assert len(Study.open(store.folder)) == 2
    store.commit([make_run(seed=3, end_month=END, events=make_events(5, END))])
    store.refresh_views()
    assert {(store.folder / name).read_text() for name in names} == {"mine"}
    assert len(Study.open(store.folder)) == 3


def test_a_foreign_marker_stays_where_it_is(store: Store, simulated: list[int]) -> None:
    """It is not ours to remove; every command says that it is there."""
    foreign = store.path("runs", "part-0000.parquet")
    pq.write_table(pa.table({"a": [1]}), foreign)
    orphan = store.path("series", "part-0000.parquet")
    pq.write_table(pa.table({"a": [1]}), orphan)
    (told,) = again(store)
    assert told.startswith(f"{foreign}: it is no runs part: it lacks ")
    assert "is to be moved away" in told
    store.commit([make_run(seed=3, end_month=END)])
    store.refresh_views()
    assert foreign.exists()
    assert orphan.exists()
    assert simulated == []


def test_data_of_a_damaged_marker_are_no_orphans(store: Store) -> None:
    """An event log stored later has a name of its own, which no marker that can be read knows."""
    runs = [make_run(seed=seed, end_month=END) for seed in (5, 6)]
    store.commit(runs)
    store.add_events(make_run(seed=5, end_month=END, events=make_events(5, END)))
    cut_short(store.path("runs", part_name([run.run_id for run in runs])))
    store.commit([make_run(seed=7, end_month=END)])
    store.refresh_views()
    assert store.path("events", part_name([runs[0].run_id])).exists()
    assert store.path("series", part_name([run.run_id for run in runs])).exists()


def test_data_without_a_marker_are_removed_by_the_next_writer(store: Store, tmp_path: Path) -> None:
    """A kill came between the data and the row, and nobody asked for that run again."""
    other = Store(tmp_path / "other")
    lost = make_run(seed=3, end_month=END, events=make_events(5, END))
    other.commit([lost])
    for kind in ("series", "ledger", "events"):
        name = part_name([lost.run_id])
        store.path(kind, name).write_bytes(other.path(kind, name).read_bytes())
    assert len(Study.open(store.folder)) == 2
    store.commit([make_run(seed=4, end_month=END)])
    store.refresh_views()
    assert_tidy(store.folder)
    assert len(Study.open(store.folder)) == 3
