"""Studies at a URL: a real S3 server started here, and fsspec's memory where S3 adds nothing."""

from __future__ import annotations

import io
import itertools
import logging
import os
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sweeps import OWN, SMALL, carry_out_here, content, here, write_sweep

import bordersim as bs
from bordersim.errors import StoreError
from bordersim.part_files import encoded_runs
from bordersim.parts import RunTables, tables_of
from bordersim.remote import RemoteStore
from bordersim.remote_place import Objects, RemotePlace, place_of
from bordersim.results import Run
from bordersim.sweeping import carrying_out

moto = pytest.importorskip("moto.server")
fsspec = pytest.importorskip("fsspec")
pytest.importorskip("s3fs")

_NUMBERS = itertools.count()

Monkey = pytest.MonkeyPatch


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Address of an S3 server, where the environment says so to every process."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    found = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    found.start()
    host, port = found.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield f"http://{host}:{port}"
    found.stop()


@pytest.fixture
def s3(server: str) -> RemotePlace:
    """A prefix in a bucket of its own."""
    bucket = f"studies-{next(_NUMBERS)}"
    fsspec.filesystem("s3").mkdir(bucket)
    return RemotePlace(f"s3://{bucket}/bounties/first")


@pytest.fixture
def memory() -> RemotePlace:
    return RemotePlace(f"memory://study-{next(_NUMBERS)}/x")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sweep(tmp_path_factory.mktemp("remote"))


@pytest.fixture(scope="module")
def whole(file: Path) -> Path:
    """The study of the same sweep in a folder."""
    folder = file.parent / "whole"
    with pytest.MonkeyPatch.context() as patch:
        carry_out_here(file, folder, patch)
    return folder


@pytest.fixture(scope="module")
def tables() -> list[RunTables]:
    """Four runs."""
    found = []
    for seed in range(4):
        run = bs.run("scenarios/base.yaml", seed=seed, scale=0.002, until="1995-03")
        assert isinstance(run, Run)
        found.append(tables_of(run))
    return found


def remote_content(place: RemotePlace) -> dict[str, list[dict[str, Any]]]:
    """As ``sweeps.content``: every row of every object."""
    objects, found = Objects(place), {}
    for kind in ("runs", "series", "ledger", "events"):
        data = objects.read([f"{kind}/{name}" for name in objects.parts(kind)])
        rows = [row for one in data.values() for row in pq.read_table(io.BytesIO(one)).to_pylist()]
        plain = [{k: str(v) for k, v in row.items() if k not in OWN} for row in rows]
        found[kind] = sorted(plain, key=lambda row: tuple(row.values()))
    plan = objects.read(["plan.parquet"])["plan.parquet"]
    found["plan"] = pq.read_table(io.BytesIO(plan)).to_pylist()
    return found


def data_without_marker(place: RemotePlace) -> set[str]:
    store, objects = RemoteStore(place), Objects(place)
    known = {mark.part for mark in store.marks().values()}
    return {part for kind in ("series", "ledger") for part in objects.parts(kind)} - known


def test_processes_sweep_into_a_bucket_what_they_would_into_a_folder(
    file: Path, whole: Path, s3: RemotePlace
) -> None:
    study = bs.sweep(file, out=str(s3), workers=2)
    assert remote_content(s3) == content(whole)
    assert (study.cells["status"] == "ok").all()
    local = bs.open(whole)
    assert study.cells.equals(local.cells)
    for run in study:
        assert run.summary().equals(local.run(run.run_id).summary())
        assert run.ledger_df().equals(local.run(run.run_id).ledger_df())
    compared = [one.compare("base", "historical", observable="crossings") for one in (study, local)]
    assert compared[0].table().equals(compared[1].table())


def test_two_at_once_and_a_third_later_store_each_run_once(
    file: Path, whole: Path, s3: RemotePlace, monkeypatch: Monkey
) -> None:
    """Each with a store of its own, as processes have: they meet at the server only."""
    monkeypatch.setattr("bordersim.sweeping.tasks.store_at", RemoteStore)
    monkeypatch.setattr(carrying_out, "store_at", RemoteStore)
    monkeypatch.setattr(carrying_out, "_workers", lambda _: here)
    failures: list[BaseException] = []

    def one(count: int) -> None:
        try:
            bs.sweep(file, out=str(s3), seeds=count)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=one, args=(count,)) for count in (3, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert remote_content(s3) == content(whole)
    monkeypatch.setattr("bordersim.sweeping.tasks.simulate_cells", None)
    one(3)
    assert not failures


def test_who_loses_a_turn_leaves_out_what_the_winner_stored(
    tables: list[RunTables], s3: RemotePlace, monkeypatch: Monkey
) -> None:
    first, second = RemoteStore(s3), RemoteStore(s3)
    create = Objects.create
    meanwhile = [lambda: second.commit_new(tables[1:3])]

    def late(self: Objects, name: str, data: bytes) -> bool:
        if meanwhile:
            meanwhile.pop()()
        return create(self, name, data)

    monkeypatch.setattr(Objects, "create", late)
    assert first.commit_new(tables[:2]) == 1
    assert second.commit_new(tables) == 1
    stored = [row["run_id"] for row in _rows(s3, "runs")]
    assert sorted(stored) == sorted(run.run_id for run in tables)
    held = [row["run_id"] for row in _rows(s3, "series")]
    assert {run_id: held.count(run_id) for run_id in stored} == {
        run.run_id: run.data["series"].num_rows for run in tables
    }
    assert not data_without_marker(s3)


def _rows(place: RemotePlace, kind: str) -> list[dict[str, Any]]:
    objects = Objects(place)
    data = objects.read([f"{kind}/{name}" for name in objects.parts(kind)])
    return [row for one in data.values() for row in pq.read_table(io.BytesIO(one)).to_pylist()]


class Killed(BaseException):
    """What happens to a process between two instructions."""


@pytest.mark.parametrize("writes", [3, 5, 6, 8])
def test_a_kill_before_any_write_leaves_a_study_that_can_be_read_and_completed(
    file: Path, whole: Path, memory: RemotePlace, monkeypatch: Monkey, writes: int
) -> None:
    put, create, count = Objects.put, Objects.create, itertools.count(1)

    def die() -> None:
        if next(count) == writes:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Objects, "put", lambda *a: (die(), put(*a))[1])
        patch.setattr(Objects, "create", lambda *a: (die(), create(*a))[1])
        with pytest.raises(Killed):
            carry_out_at(file, memory, patch)
    _readable(memory, bs.open(whole))
    # Whoever goes on elsewhere groups the runs otherwise.
    carry_out_at(file, memory, monkeypatch, shard=(2, 5))
    _readable(memory, bs.open(whole))
    carry_out_at(file, memory, monkeypatch)
    assert remote_content(memory) == content(whole)
    assert not data_without_marker(memory)


def carry_out_at(file: Path, place: RemotePlace, monkeypatch: Monkey, **manner: Any) -> None:
    from bordersim.remote import _remembered

    _remembered.cache_clear()
    carry_out_here(file, place, monkeypatch, **manner)  # type: ignore[arg-type]


def _readable(place: RemotePlace, whole: Any) -> None:
    """What of a study is there is right, for this package."""
    store = RemoteStore(place)
    if not store.marks():
        return
    for run in bs.open(str(place)):
        assert run.summary().equals(whole.run(run.run_id).summary())


def test_programs_read_a_bucket_while_it_is_written(
    file: Path, whole: Path, s3: RemotePlace, monkeypatch: Monkey
) -> None:
    duckdb = pytest.importorskip("duckdb")
    polars = pytest.importorskip("polars")
    import pandas as pd

    carry_out_at(file, s3, monkeypatch, shard=(1, 2))
    local = bs.open(whole)
    there = set(RemoteStore(s3).marks())
    assert len(there) == 6
    later = next(run for run in local if run.run_id not in there)
    data = encoded_runs({later.run_id: later.store.table("series", later.row)})  # type: ignore[attr-defined]
    Objects(s3).put("series/part-00000099-0123456789abcdef.parquet", data)
    known = {key: local.run(key).value("attempts_unaided").sum() for key in there}
    tried = {key: value for key, value in known.items() if value}  # others have no rows
    assert len(tried) > 2

    with duckdb.connect() as connection:
        connection.register_filesystem(fsspec.filesystem("s3"))
        rows = connection.sql(
            f"SELECT run_id, sum(value) FROM '{s3}/series/*.parquet' JOIN '{s3}/runs/*.parquet' "
            "USING (run_id) WHERE observable = 'attempts_unaided' GROUP BY run_id"
        ).fetchall()
    assert dict(rows) == pytest.approx(tried)

    stored = pd.read_parquet(f"{s3}/runs", columns=["run_id"])
    series = pd.read_parquet(f"{s3}/series").astype({"run_id": str})
    assert later.run_id in set(series["run_id"])
    series = series[series["observable"] == "attempts_unaided"].merge(stored)
    assert series.groupby("run_id")["value"].sum().to_dict() == pytest.approx(tried)

    read = partial(polars.scan_parquet, storage_options=_polars_options())
    lazy = read(f"{s3}/series/*.parquet").with_columns(polars.col("run_id").cast(polars.String))
    found = (
        lazy.filter(polars.col("observable") == "attempts_unaided")
        .join(read(f"{s3}/runs/*.parquet").select("run_id"), on="run_id")
        .group_by("run_id")
        .agg(polars.col("value").sum())
        .collect()
    )
    assert dict(found.iter_rows()) == pytest.approx(tried)


def _polars_options() -> dict[str, str]:
    names = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")
    return {name.lower(): os.environ[name] for name in names} | {"aws_allow_http": "true"}


def test_a_run_that_failed_is_a_row_until_it_is_had(
    file: Path, whole: Path, memory: RemotePlace, monkeypatch: Monkey
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("no people")

    with monkeypatch.context() as patch:
        patch.setattr("bordersim.simulation.simulate_alike", fails)
        patch.setattr("bordersim.simulation.simulate", fails)
        carry_out_at(file, memory, patch)
    runs = bs.open(str(memory)).runs
    assert (runs["status"] == "failed").all()
    assert len(runs) == 12
    carry_out_at(file, memory, monkeypatch)
    assert (bs.open(str(memory)).runs["status"] == "failed").all()
    carry_out_at(file, memory, monkeypatch, retry=True)
    assert remote_content(memory) == content(whole)


def test_lost_data_are_named_and_simulated_again(
    file: Path, whole: Path, memory: RemotePlace, monkeypatch: Monkey
) -> None:
    carry_out_at(file, memory, monkeypatch)
    lost = sorted(Objects(memory).parts("series"))[0]
    Objects(memory).remove([f"series/{lost}"])
    with pytest.warns(UserWarning, match=f"{memory}/series/{lost}: the file is missing"):
        study = bs.open(str(memory))
    damaged = set(study.runs[study.runs["status"] == "damaged"]["run_id"])
    assert damaged == {
        key for key, mark in RemoteStore(memory).marks().items() if mark.part == lost
    }
    with pytest.warns(UserWarning, match="the file is missing"):
        carry_out_at(file, memory, monkeypatch)
    study = bs.open(str(memory))
    assert len(study) == 12
    for run in study:
        assert run.summary().equals(bs.open(whole).run(run.run_id).summary())


def test_events_are_there_when_asked_for(
    tmp_path: Path, memory: RemotePlace, monkeypatch: Monkey
) -> None:
    one = SMALL.replace("count: 3", "count: 1").replace("until: 1995-06", "until: 1995-02")
    carry_out_at(write_sweep(tmp_path, one + "events: true\n", "a.yaml"), memory, monkeypatch)
    more = write_sweep(tmp_path, one.replace("count: 1", "count: 2"), "b.yaml")
    carry_out_at(more, memory, monkeypatch)
    study = bs.open(str(memory))
    logged = study.runs.set_index("run_id")["has_events"]
    assert (logged.sum(), len(logged)) == (4, 8)
    for run in study:
        if logged[run.run_id]:
            events = run.events_df()  # type: ignore[attr-defined]
            assert set(events["run_id"].astype(str)) == {run.run_id}
        else:
            with pytest.raises(StoreError, match="without events"):
                run.events_df()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("s3://no-such-bucket/x", "there is no such bucket"),
        ("gs://bucket/x", r"needs gcsfs \(pip install gcsfs\)"),
        ("nowhere://x", "cannot be used as a URL"),
    ],
)
def test_urls_that_cannot_be(server: str, url: str, what: str) -> None:
    with pytest.raises(StoreError, match=what):
        bs.open(url)
    with pytest.raises(StoreError, match=what):
        RemoteStore(RemotePlace(url)).prepare()


def test_a_study_that_is_not_there(s3: RemotePlace) -> None:
    with pytest.raises(StoreError, match=f"{s3}: no stored runs"):
        bs.open(str(s3))


def test_a_store_without_conditional_writing_is_refused(
    memory: RemotePlace, monkeypatch: Monkey
) -> None:
    kind = type(fsspec.filesystem("memory"))
    pipe = kind.pipe_file
    monkeypatch.setattr(kind, "pipe_file", lambda self, path, data, mode="": pipe(self, path, data))
    with pytest.raises(StoreError, match="does not know conditional writing"):
        RemoteStore(memory).prepare()
    assert not Objects(memory).parts("")


def test_two_creations_at_once_that_are_both_refused(
    tables: list[RunTables], memory: RemotePlace, monkeypatch: Monkey
) -> None:
    kind = type(fsspec.filesystem("memory"))
    pipe, refused = kind.pipe_file, list[str]()

    def conflict(self: Any, path: str, data: bytes, mode: str = "overwrite") -> None:
        if mode == "create" and not refused:
            refused.append(path)
            raise OSError("ConditionalRequestConflict")
        pipe(self, path, data, mode)

    monkeypatch.setattr(kind, "pipe_file", conflict)
    assert RemoteStore(memory).commit_new(tables) == 4
    assert refused
    assert set(RemoteStore(memory).marks()) == {run.run_id for run in tables}
    assert not data_without_marker(memory)


def test_no_rights(memory: RemotePlace, monkeypatch: Monkey) -> None:
    def refuses(*_: Any, **__: Any) -> None:
        raise PermissionError("Access Denied")

    monkeypatch.setattr(type(fsspec.filesystem("memory")), "pipe_file", refuses)
    with pytest.raises(StoreError, match=r"no right to write it \(Access Denied\). Give keys"):
        RemoteStore(memory).prepare()


def test_places(tmp_path: Path) -> None:
    assert place_of("file:///somewhere/x") == Path("/somewhere/x")
    assert place_of("results/x") == Path("results/x")
    assert place_of(tmp_path) == tmp_path
    place = place_of("s3://bucket/a")
    assert isinstance(place, RemotePlace)
    assert (str(place / "b"), (place / "b").name) == ("s3://bucket/a/b", "b")
