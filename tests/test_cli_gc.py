"""`bordersim runs gc`: it removes what nobody will miss, when told to, and nothing else."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from conftest import make_events, make_run
from typer.testing import CliRunner

from bordersim.cli.app import app
from bordersim.data_files import shipped_scenarios
from bordersim.durable import only_writer
from bordersim.housekeeping import Choice, removable, remove
from bordersim.part_files import part_name
from bordersim.parts import FailedRun
from bordersim.results import Run
from bordersim.scenario import load
from bordersim.store import Store
from bordersim.stored_runs import StoredRuns

FIRST, SECOND, THIRD = (letter * 16 for letter in "abc")


def made(run_id: str, **changes: Any) -> Run:
    seed = "abc".index(run_id[0]) + 1
    return make_run(**({"run_id": run_id, "seed": seed, "end_month": 2} | changes))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    store = Store(folder / "study")
    store.commit([made(FIRST, events=make_events(5, 2))])
    store.commit([made(SECOND)])
    store.refresh_views()
    return folder


@pytest.fixture
def store(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A study of two complete runs, in `results` of the working folder."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(built, tmp_path / "results")
    return Store(tmp_path / "results" / "study")


def gc(*arguments: str, code: int = 0) -> Any:
    result = CliRunner().invoke(app, ["runs", "gc", "--json", *arguments], catch_exceptions=False)
    assert result.exit_code == code, (result.stdout, result.stderr)
    return json.loads(result.stdout)


def reasons(document: Any) -> list[str]:
    return [item["reason"] for item in document["items"]]


def everything(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def leave_unfinished(store: Store) -> Path:
    """What a process that was killed while writing leaves behind."""
    folder = store.folder / ".unfinished-x1"
    folder.mkdir()
    (folder / "series").write_bytes(bytes(5000))
    orphan = store.path("ledger", part_name([THIRD]))
    orphan.write_bytes(store.path("ledger", part_name([FIRST])).read_bytes())
    return folder


def fail(store: Store, run_id: str = THIRD) -> None:
    scenario = load(shipped_scenarios()[0])
    store.record_failure(FailedRun(run_id, scenario, 3, "no", "BordersimError"))
    store.refresh_views()


def test_where_all_is_well_nothing_goes(store: Store) -> None:
    before = everything(store.folder)
    assert gc("--yes") == {"status": "ok", "removed": True, "size": 0, "items": [], "kept": []}
    assert everything(store.folder) == before


def test_leftovers_are_listed_first_and_removed_when_told(store: Store) -> None:
    fail(store)
    leave_unfinished(store)
    before = everything(store.folder)
    listed = gc()
    assert sorted(reasons(listed)) == ["failed", "unfinished", "unfinished"]
    assert listed["removed"] is False
    failure, orphan = (
        store.path("runs", part_name([f"failed:{THIRD}"])),
        store.path("ledger", part_name([THIRD])),
    )
    assert listed["size"] == 5000 + failure.stat().st_size + orphan.stat().st_size
    assert everything(store.folder) == before

    removed = gc("--yes")
    assert sorted(reasons(removed)) == sorted(reasons(listed))
    assert removed["size"] == listed["size"]
    assert list(StoredRuns(store.folder).rows()) == [FIRST, SECOND]
    assert pq.read_table(store.folder / "runs.parquet").num_rows == 2
    assert gc()["items"] == []
    gone = set(before) - set(everything(store.folder))
    assert len(gone) == 3  # the unfinished file, the orphan, the row of the failure


def test_what_is_being_written_is_left_alone(store: Store) -> None:
    began, end = threading.Event(), threading.Event()

    def write() -> None:
        with only_writer(store.folder):
            leave_unfinished(store)
            began.set()
            end.wait(60)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert began.wait(60)
        assert gc()["items"] == []
    finally:
        end.set()
        writer.join()
    assert reasons(gc()) == ["unfinished", "unfinished"]


def test_a_complete_run_goes_only_by_name(store: Store) -> None:
    kept = everything(store.folder / "series")[part_name([SECOND])]
    document = gc("aaaa", "--yes")
    assert reasons(document) == ["named"]
    assert document["items"][0]["runs"] == [FIRST]
    assert list(StoredRuns(store.folder).rows()) == [SECOND]
    assert StoredRuns(store.folder).with_events() == set()
    assert everything(store.folder / "series") == {part_name([SECOND]): kept}


def test_a_name_that_leads_nowhere_removes_nothing(store: Store) -> None:
    fail(store)
    before = everything(store.folder)
    assert "no run" in gc("aaaa", "zzzz", "--yes", code=2)["problems"][0]["message"]
    assert everything(store.folder) == before


def test_a_study_without_runs_is_no_more(store: Store) -> None:
    gc("aaaa", "bbbb", "--yes")
    assert not store.folder.exists()
    store.commit([made(THIRD)])
    assert list(store.rows()) == [THIRD]


def test_what_people_keep_beside_their_runs_stays(store: Store) -> None:
    (store.folder / "notes.txt").write_text("mine")
    (store.folder / "series" / "figure.png").write_text("mine")
    gc("aaaa", "bbbb", "--yes")
    assert {"notes.txt", "series/figure.png"} <= set(everything(store.folder))
    assert not (store.folder / "runs.parquet").exists()


def test_runs_of_other_engines_go_when_asked_for(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bordersim._jit.engine_hash", lambda: "0" * 16)
    store.commit([made(THIRD)])
    assert gc()["items"] == []
    assert [item["runs"] for item in gc("--older-engines")["items"]] == [[FIRST], [SECOND]]
    assert reasons(gc("--older-engines", "--yes")) == ["older engine"] * 2
    assert list(StoredRuns(store.folder).rows()) == [THIRD]


def test_a_second_copy_goes_and_the_run_stays(store: Store) -> None:
    together = [made(FIRST, events=make_events(5, 2)), made(SECOND)]
    store.commit(together)
    shared = part_name([FIRST, SECOND])
    assert shared in everything(store.folder / "runs")
    before = {row.part for row in store.rows().values()}
    assert shared not in before
    document = gc("--yes")
    assert reasons(document) == ["superseded"]
    assert not any(name.endswith(shared) for name in everything(store.folder))
    for row in StoredRuns(store.folder).rows().values():
        assert store.table("series", row).num_rows > 0


def test_a_copy_is_kept_while_the_run_itself_cannot_be_used(store: Store) -> None:
    store.commit([made(FIRST), made(SECOND)])
    store.path("series", part_name([FIRST])).write_bytes(b"PAR1 nothing")
    assert gc()["items"] == []


def test_a_part_of_several_runs_goes_whole_or_stays(tmp_path: Path) -> None:
    store = Store(tmp_path / "results" / "study")
    store.commit([made(FIRST), made(SECOND)])
    results = ("-o", str(tmp_path / "results"))
    alone = gc("aaaa", "--yes", *results)
    assert (alone["items"], alone["kept"]) == ([], [f"study/{FIRST}"])
    assert list(store.rows()) == [FIRST, SECOND]
    assert reasons(gc("aaaa", "bbbb", "--yes", *results)) == ["named"]


def test_damaged_parts_go_only_when_asked_for(store: Store) -> None:
    store.path("series", part_name([FIRST])).write_bytes(b"PAR1 nothing")
    store.path("events", part_name([THIRD])).write_bytes(b"PAR1 nothing")
    assert gc("--yes")["items"] == []
    assert reasons(gc("--damaged", "--yes")) == ["damaged", "damaged"]
    assert list(StoredRuns(store.folder).rows()) == [SECOND]
    assert StoredRuns(store.folder).inventory().damaged == ()


def test_it_is_told_in_words(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    leave_unfinished(store)
    result = CliRunner().invoke(app, ["runs", "gc", "aaaa"], catch_exceptions=False)
    assert "Nothing was removed; --yes removes what is listed." in result.stdout
    for words in ("named", "unfinished", f"{FIRST} (seed 1)", ".unfinished-x1"):
        assert words in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_a_file_that_cannot_be_removed_is_told(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.unlink

    def refused(self: Path, missing_ok: bool = False) -> None:
        if self.parent.name == "runs":
            raise PermissionError(13, "Permission denied", str(self))
        real(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", refused)
    problem = gc("aaaa", "--yes", code=2)["problems"][0]["message"]
    assert "Permission denied" in problem
    assert list(store.rows()) == [FIRST, SECOND]


@contextmanager
def meanwhile(act: Callable[[], object]) -> Iterator[None]:
    """Do something again and again in another thread; what it raises is raised at the end."""
    end = threading.Event()
    faults: list[BaseException] = []

    def repeat() -> None:
        while not end.wait(0.02):  # breath, or else a writer that polls for the lock starves
            try:
                act()
            except BaseException as error:
                faults.append(error)

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()
    assert faults == []


def many_runs() -> list[Run]:
    return [make_run(run_id=f"{number:016x}", end_month=0) for number in range(15)]


def test_it_never_takes_a_run_from_a_writer_at_work(tmp_path: Path) -> None:
    store, runs = Store(tmp_path / "study"), many_runs()
    store.commit(runs[:1])
    with meanwhile(lambda: remove(tmp_path, Choice())):
        for run in runs:
            store.commit([run])
            store.refresh_views()
    assert set(store.rows()) == {run.run_id for run in runs}
    assert store.inventory().damaged == ()
    assert removable(tmp_path, Choice()) == []


def test_a_study_emptied_under_a_writers_hands_is_made_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "study")

    def empty() -> None:
        rows = StoredRuns(store.folder).rows()
        remove(tmp_path, Choice(named={(store.folder, run_id) for run_id in rows}))

    with meanwhile(empty):
        for run in many_runs():
            store.commit([run])
    empty()
    assert os.listdir(tmp_path) == []
    store.commit([made(THIRD)])
    assert list(store.rows()) == [THIRD]
