"""Two who write at once, the dead among the living, and clocks that jump."""

from __future__ import annotations

import errno
import fcntl
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import make_run
from fault_children import END, early_run, late_run
from kill_trials import Trial, digests_in
from test_faults_kill import assert_tidy, whole

from bordersim import durable, parts
from bordersim.durable import only_writer, unfinished_folder
from bordersim.errors import StoreError
from bordersim.store import Store
from bordersim.study import Study

CHILDREN = Path(__file__).parent / "fault_children.py"


def child(*arguments: object) -> subprocess.Popen[str]:
    """A process that has said its first line."""
    command = [sys.executable, str(CHILDREN), *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A live process in the midst of writing, and its unfinished folder."""
    process = child("hold", tmp_path)
    assert process.stdout is not None
    unfinished = tmp_path / process.stdout.readline().strip()
    assert unfinished.is_dir()
    yield process, unfinished
    process.kill()
    process.wait()
    process.stdout.close()


def test_two_processes_commit_to_one_folder(tmp_path: Path) -> None:
    """Seeds 1-8 and 5-12 at once, with a reader between: nothing lost, nothing twice."""
    writers = [child("commit_many", tmp_path, 1, 8), child("commit_many", tmp_path, 5, 12)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    (tmp_path / "go").touch()
    store, seen = Store(tmp_path / "store"), 0
    while any(writer.poll() is None for writer in writers):
        rows = store.rows()
        if rows:
            assert len(Study.open(store.folder)) >= len(rows) >= seen
        seen = len(rows)
    assert [writer.returncode for writer in writers] == [0, 0]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.close()
    assert [row.columns["seed"] for row in store.rows().values()] == list(range(1, 13))
    for seed in range(1, 13):
        assert whole(store.folder, make_run(seed=seed, end_month=END))
    assert_tidy(store.folder)


def test_the_same_command_twice_at_once(tmp_path: Path) -> None:
    """Two real commands with three of four runs in common."""
    trial = Trial(scale=0.005, until="1995-03", replicates=1)
    commands = [trial.command(tmp_path, seed, 3) for seed in (1, 2)]
    processes = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for command in commands]
    assert [process.wait() for process in processes] == [0, 0]
    assert sorted(digests_in(tmp_path / "historical")) == [1, 2, 3, 4]
    assert_tidy(tmp_path / "historical")


def test_a_live_writer_is_waited_for_and_left_alone(
    holder: tuple[subprocess.Popen[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, unfinished = holder
    monkeypatch.setattr(durable, "PATIENCE", 0.2)
    store = Store(unfinished.parent)
    with pytest.raises(StoreError, match=r"another process has been writing there.*\.lock"):
        store.commit([early_run()])
    assert (unfinished / "series").read_bytes() == b"half a file"
    assert store.rows() == {}


def test_a_dead_writer_is_cleared_away_by_the_next(
    holder: tuple[subprocess.Popen[str], Path],
) -> None:
    """SIGKILL frees the lock by itself, whoever has the process id later."""
    process, unfinished = holder
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert unfinished.exists()
    store = Store(unfinished.parent)
    assert store.rows() == {}
    store.commit([early_run()])
    assert not unfinished.exists()
    assert whole(store.folder, early_run())


def test_a_dead_writer_is_cleared_away_when_nothing_is_to_be_written(
    holder: tuple[subprocess.Popen[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The killed command had just finished: the next finds everything and only tidies up."""
    process, unfinished = holder
    process.send_signal(signal.SIGKILL)
    process.wait()
    other = unfinished.rename(unfinished.parent.parent / unfinished.name)
    store = Store(unfinished.parent)
    store.commit([early_run()])
    store.refresh_views()
    other.rename(unfinished)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", _read_only)
        store.refresh_views()  # whoever may only read is not bothered
    assert unfinished.exists()
    store.refresh_views()
    assert not unfinished.exists()


def _read_only(*_: Any) -> int:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def test_a_writer_waits_for_its_turn(tmp_path: Path) -> None:
    """Two threads of a process exclude each other as two processes do."""
    inside: list[str] = []

    def write(name: str) -> None:
        for _ in range(20):
            with only_writer(tmp_path), unfinished_folder(tmp_path):
                inside.append(name)
                time.sleep(random.random() / 1000)
                assert inside.pop() == name
                assert len(list(tmp_path.glob(".unfinished-*"))) == 1

    errors: list[BaseException] = []

    def guarded(name: str) -> None:
        try:
            write(name)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some network drives: nobody can tell who is alive, so nothing is cleared away."""
    leftover = tmp_path / ".unfinished-perhaps-alive"
    leftover.mkdir()

    def refuse(*_: Any) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    store = Store(tmp_path)
    store.commit([early_run()])
    store.commit([late_run()])
    orphan = store.path("series", "part-0123.parquet")
    orphan.write_bytes(b"of somebody's commit under way")
    store.refresh_views()
    assert whole(tmp_path, early_run())
    assert whole(tmp_path, late_run())
    assert leftover.exists()
    assert orphan.exists()


def test_a_lock_in_a_folder_made_anew_is_taken_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between opening the lock file and locking it, the folder is removed and made again."""
    folder, flock, calls = tmp_path / "store", fcntl.flock, 0

    def lock(descriptor: int, how: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            shutil.rmtree(folder)
            folder.mkdir()
            (folder / ".lock").touch()
        flock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", lock)
    with only_writer(folder), (folder / ".lock").open() as other:
        assert calls == 2
        with pytest.raises(BlockingIOError):
            flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_somebody_elses_lock_file_in_a_shared_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock file belongs to a colleague; the right to read it is enough."""
    Store(tmp_path).commit([early_run()])
    original = os.open

    def refuse(path: Any, flags: int, *more: Any) -> int:
        if Path(path).name == ".lock" and flags & os.O_RDWR:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return original(path, flags, *more)

    monkeypatch.setattr(os, "open", refuse)
    Store(tmp_path).commit([late_run()])
    assert whole(tmp_path, late_run())


class JumpingClock(datetime):
    """A wall clock that goes a year back, a century on, and stands still."""

    jumps = iter(())

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        """The next reading."""
        return datetime(2020, 1, 1, tzinfo=UTC) + next(cls.jumps)


def test_a_clock_that_jumps_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Order, what counts and what is cleared away never come from a clock."""
    days = (0, -366, 36500, -3650, -3650, 0)
    monkeypatch.setattr(JumpingClock, "jumps", iter([timedelta(days=d) for d in days]))
    monkeypatch.setattr(parts, "datetime", JumpingClock)
    monkeypatch.setattr(time, "time", _erratic())
    store = Store(tmp_path)
    runs = [make_run(seed=seed, end_month=END) for seed in (4, 2, 3, 1)]
    for run, year in zip(runs, (1971, 2100, 1980, 2050), strict=True):
        store.commit([run])
        for path in tmp_path.rglob("*"):
            os.utime(path, (0, datetime(year, 1, 1, tzinfo=UTC).timestamp()))
    store.commit([runs[0]])  # again, years before it was first stored
    store.refresh_views()
    assert [row.columns["seed"] for row in store.rows().values()] == [1, 2, 3, 4]
    assert Store(tmp_path).rows() == store.rows()
    for run in runs:
        assert whole(tmp_path, run)
    assert_tidy(tmp_path)


def _erratic() -> Callable[[], float]:
    readings = random.Random(5)
    return lambda: readings.choice([0.0, 1e9, 4e9, -1e6])
