"""The store: what goes in comes out, and a kill at any instant leaves it readable."""

from __future__ import annotations

import json
import os
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from conftest import HOMES, SECTORS, RunMaker, make_events

import bordersim.store as store_module
from bordersim.codes import OBSERVABLES, Event
from bordersim.errors import StoreError
from bordersim.store import Store
from bordersim.study import Study, stored_run


def test_a_stored_run_answers_as_the_run_did(made_up_run: RunMaker, tmp_path: Path) -> None:
    run = made_up_run(scale=0.3, start_month=6, end_month=40)
    store = Store(tmp_path / "made-up")
    store.commit([run])
    again = stored_run(store, store.rows()[run.run_id])
    for name in OBSERVABLES:
        np.testing.assert_array_equal(again.value(name), run.value(name), err_msg=name)
    assert again.digests == run.digests
    assert again.inputs == run.inputs
    assert (again.seed, again.scale, again.wall_s) == (run.seed, run.scale, run.wall_s)
    assert (again.start_month, again.end_month) == (6, 40)
    pd.testing.assert_frame_equal(again.to_df(), run.to_df())


def test_money_and_events_are_kept(made_up_run: RunMaker, tmp_path: Path) -> None:
    run = made_up_run(scale=0.5, events=make_events(400))
    store = Store(tmp_path)
    store.commit([run])
    again = stored_run(store, store.rows()[run.run_id])
    ledger = again.ledger_df()
    assert ledger["value"].sum() == pytest.approx(run.ledger.sum() / 1000 / 0.5)
    paid = ledger[(ledger["from"] == "residents") & (ledger["to"] == "traffickers")]
    assert paid["value"].sum() == pytest.approx(run.ledger[:, 0, 2].sum() / 1000 / 0.5)
    events = again.events_df()
    assert run.events is not None
    np.testing.assert_array_equal(events["uid"], run.events["uid"])
    kind, place = run.events["event"], run.events["place"]
    arrived = events[(kind == Event.ARRIVED) & (place >= 0)]["place"].astype(str)
    assert list(arrived) == [HOMES[i] for i in place[(kind == Event.ARRIVED) & (place >= 0)]]
    crossed = events[(kind == Event.CROSSED) & (place >= 0)]["place"].astype(str)
    assert list(crossed) == [SECTORS[i] for i in place[(kind == Event.CROSSED) & (place >= 0)]]
    assert len(arrived) > 0 < len(crossed)
    assert (events["place"] == "nation").sum() == (run.events["place"] == -1).sum()
    assert set(events.loc[kind == Event.CROSSED, "event"].astype(str)) == {"crossed"}


def test_several_runs_share_a_part_and_stay_apart(made_up_run: RunMaker, tmp_path: Path) -> None:
    runs = [made_up_run(seed=seed, end_month=23) for seed in (1, 2, 3)]
    Store(tmp_path).commit(runs)
    assert len(list((tmp_path / "series").iterdir())) == 1
    study = Study.open(tmp_path)
    assert len(study) == 3
    for run in runs:
        series = study.run(run.seed).monthly("arrivals")
        pd.testing.assert_series_equal(series, run.monthly("arrivals"))


def test_committing_again_changes_nothing_but_the_row(
    made_up_run: RunMaker, tmp_path: Path
) -> None:
    run = made_up_run(end_month=23)
    store = Store(tmp_path)
    store.commit([run])
    (part,) = (tmp_path / "series").iterdir()
    before = part.read_bytes()
    store.commit([run])
    (part,) = (tmp_path / "series").iterdir()
    assert part.read_bytes() == before
    assert len(store.rows()) == 1


def test_events_can_be_added_to_a_stored_run(made_up_run: RunMaker, tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.commit([made_up_run(end_month=23)])
    assert store.with_events() == set()
    run = made_up_run(end_month=23, events=make_events(0, 23))
    store.add_events(run)
    assert store.with_events() == {run.run_id}
    assert len(stored_run(store, store.rows()[run.run_id]).events_df()) == 0


def test_a_missing_event_log_says_so(made_up_run: RunMaker, tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.commit([made_up_run(end_month=23)])
    (row,) = store.rows().values()
    with pytest.raises(StoreError, match="has no events"):
        stored_run(store, row).events_df()


@pytest.mark.parametrize("renames_before_the_kill", range(4))
def test_a_kill_leaves_the_store_readable(
    made_up_run: RunMaker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    renames_before_the_kill: int,
) -> None:
    """Stop a commit before each of its renames; only the last makes the run count."""
    store = Store(tmp_path)
    store.commit([made_up_run(seed=1, end_month=23)])
    killed = made_up_run(seed=2, end_month=23, events=make_events(20, 23))
    left = iter(range(renames_before_the_kill))

    def replace(source: Path, target: Path) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        os.rename(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(store_module.os, "replace", replace)
        with pytest.raises(KeyboardInterrupt):
            store.commit([killed])
    study = Study.open(tmp_path)
    assert [run.seed for run in study] == [1]
    assert killed.run_id not in store.rows()
    store.commit([killed])
    assert [run.seed for run in Study.open(tmp_path)] == [1, 2]


def test_leftovers_of_a_killed_process_are_ignored(made_up_run: RunMaker, tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.commit([made_up_run(end_month=23)])
    leftover = tmp_path / ".unfinished-abc"
    leftover.mkdir()
    (leftover / "runs.parquet").write_bytes(b"half a file")
    assert len(Study.open(tmp_path)) == 1


def test_duckdb_reads_the_parts_with_one_glob(made_up_run: RunMaker, tmp_path: Path) -> None:
    runs = [made_up_run(seed=seed, end_month=23) for seed in (1, 2)]
    for run in runs:
        Store(tmp_path).commit([run])
    query = f"""
        select seed, sum(value) from '{tmp_path}/series/part-*.parquet'
        join '{tmp_path}/runs/part-*.parquet' using (run_id)
        where observable = 'arrivals' and sex = 'female' group by seed order by seed
    """
    rows = duckdb.sql(query).fetchall()
    assert rows == [(run.seed, run.value("arrivals")[:, :, 0].sum()) for run in runs]


def test_views_follow_the_parts(made_up_run: RunMaker, tmp_path: Path) -> None:
    store = Store(tmp_path)
    runs = [made_up_run(seed=seed, end_month=23) for seed in (1, 2)]
    store.commit(runs[:1])
    store.refresh_views()
    store.commit(runs[1:])
    store.refresh_views()
    table = pd.read_parquet(tmp_path / "runs.parquet")
    assert list(table["seed"]) == [1, 2]
    assert not table["has_events"].any()
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["seeds"] == [1, 2]
    entry = manifest["runs"][0]
    assert entry["digests"] == {str(year): text for year, text in runs[0].digests.items()}
    assert manifest["inputs"][entry["inputs"]] == runs[0].inputs
    assert "numpy" in manifest["environments"][entry["environment"]]


def test_an_empty_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no stored runs"):
        Study.open(tmp_path)


def test_a_damaged_marker_is_named(made_up_run: RunMaker, tmp_path: Path) -> None:
    Store(tmp_path).commit([made_up_run(end_month=23)])
    (part,) = (tmp_path / "runs").iterdir()
    part.write_bytes(b"not parquet")
    with pytest.raises(StoreError, match=part.name):
        Study.open(tmp_path)


def test_a_study_finds_runs_by_seed_and_by_id(made_up_run: RunMaker) -> None:
    study = Study.of([made_up_run(seed=seed, end_month=11) for seed in (1, 2)])
    assert study.run(2).seed == 2
    assert study.run(f"{1:016x}").seed == 1
    with pytest.raises(StoreError, match="2 finished runs answer"):
        study.run("0000")
    with pytest.raises(StoreError, match="0 finished runs answer"):
        study.run(3)
    assert list(study.runs["seed"]) == [1, 2]
    assert set(study.to_df("arrivals")["seed"]) == {1, 2}
    assert study.summary().index.names == ["scenario", "seed", "year"]
    assert "made-up" in study._repr_html_()
