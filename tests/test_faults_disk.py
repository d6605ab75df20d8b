"""The disk says no: full, forbidden, in the way, gone. Every answer names it and what is kept."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fault_children import DISK_CALLS, early_run, job_of, late_run, some_scenario
from test_faults_kill import assert_tidy, whole

from bordersim import batch, one_run
from bordersim.batch import Options, execute
from bordersim.errors import StoreError
from bordersim.part_files import StoreWarning, part_name
from bordersim.results import Run
from bordersim.store import Store
from bordersim.study import Study

CHILDREN = Path(__file__).parent / "fault_children.py"
HISTORY = Path(__file__).parent.parent / "scenarios" / "historical.yaml"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store with one run."""
    found = Store(tmp_path / "made-up")
    found.commit([early_run()])
    found.refresh_views()
    return found


def forget(store: Store, run: Run) -> None:
    """Take a run out of a store, and the views, which would be as before within a second."""
    for kind in ("runs", "series", "ledger", "events"):
        store.path(kind, part_name([run.run_id])).unlink(missing_ok=True)
    for view in ("runs.parquet", "manifest.json"):
        (store.folder / view).unlink(missing_ok=True)


class Refusal:
    """Make the n-th call of ``os`` that is like a commit's fail; count what is called."""

    def __init__(self, patch: pytest.MonkeyPatch, n: int, code: int, names: tuple[str, ...]):
        self.calls, self.n, self.code = 0, n, code
        for name in names:
            patch.setattr(os, name, self._counted(name, getattr(os, name)))

    def _counted(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            if name == "open" and not arguments[1] & os.O_CREAT:
                return original(*arguments, **more)  # what only reads needs no room
            self.calls += 1
            if self.calls == self.n:
                raise OSError(self.code, os.strerror(self.code))
            return original(*arguments, **more)

        return call


def refusals(patch: pytest.MonkeyPatch, code: int) -> Iterator[tuple[int, pytest.MonkeyPatch]]:
    """A patch for every call of a commit and its views, each failing one call later."""
    n, calls = 0, 1
    while calls >= n:
        n += 1
        with patch.context() as context:
            names = tuple(set(DISK_CALLS) - {"unlink", "rmdir"})
            refusal = Refusal(context, n, code, names)
            yield n, context
            calls = refusal.calls


def test_a_full_disk_at_every_write(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call of a commit fails once; none leaves anything half done."""
    refused, folder = 0, store.folder
    for _, patch in refusals(monkeypatch, errno.ENOSPC):
        message = ""
        try:
            store.commit([late_run()])
            store.refresh_views()
        except StoreError as error:
            message = str(error)
        patch.undo()
        if message:
            refused += 1
            assert message.startswith(f"{folder}: no space left; ")
            assert "free are " in message
            assert ("storing this run takes " in message) == ("Nothing of this run" in message)
            assert "run the same command again" in message
            assert ("untouched" in message) or ("stored" in message)
        assert not list(folder.glob(".unfinished-*"))
        assert whole(folder, early_run())
        if "untouched" in message and whole(folder, late_run()):
            raise AssertionError(f"stored, and yet: {message}")
        forget(store, late_run())
    assert refused > 25
    store.commit([late_run()])
    store.refresh_views()
    assert_tidy(folder)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EDQUOT, "no space left"),
        (errno.EFBIG, "ulimit -f"),
        (errno.EACCES, "may not write"),
        (errno.EROFS, "may not write"),
        (errno.EIO, "cannot write"),
        (errno.EMFILE, "cannot write"),
    ],
)
def test_every_refusal_has_its_words(
    store: Store, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    with monkeypatch.context() as patch:
        Refusal(patch, 1, code, ("write",))
        with pytest.raises(StoreError, match=words) as caught:
            store.commit([late_run()])
    assert str(store.folder) in str(caught.value)
    assert "what was stored before is untouched" in str(caught.value)
    assert not whole(store.folder, late_run())
    assert whole(store.folder, early_run())


def test_a_limit_on_the_size_of_files(tmp_path: Path) -> None:
    """The real command under a real limit: the first run fits, the second does not."""
    command = (
        "import resource, sys\n"
        "limit = int(sys.argv.pop(1))\n"
        "if limit: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))\n"
        "from bordersim.cli import main\n"
        "main()\n"
    )
    options = ["--scale", "0.005", "--until", "1995-03", "-o", str(tmp_path), "--json", "-q"]

    def run(limit: int, seed: int) -> subprocess.CompletedProcess[str]:
        arguments = [str(limit), "run", str(HISTORY), "--seed", str(seed), *options]
        # a measurement of coverage would write files of its own under the limit
        quiet = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")}
        return subprocess.run(
            [sys.executable, "-c", command, *arguments], env=quiet,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert run(0, 1).returncode == 0
    refused = run(2000, 2)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert f"{tmp_path / 'historical'}: a file may not grow as large" in refused.stderr
    assert json.loads(refused.stdout)["status"] == "failed"
    assert [run.seed for run in Study.open(tmp_path / "historical")] == [1]
    assert run(0, 2).returncode == 0
    assert [run.seed for run in Study.open(tmp_path / "historical")] == [1, 2]


@pytest.mark.parametrize("options", [[], ["--json"]])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_stdout_on_a_full_disk_is_no_traceback(
    tmp_path: Path, options: list[str], unbuffered: str
) -> None:
    """The tables are lost, the run is not."""
    command = [
        sys.executable,
        str(CHILDREN),
        "command",
        str(tmp_path),
        "quick",
        "run",
        str(HISTORY),
    ]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*command, "--until", "1996-12", "-o", str(tmp_path / "out"), *options],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
        )  # fmt: skip
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert len(Study.open(tmp_path / "out" / "historical")) == 1


@pytest.mark.parametrize(
    ("deed", "answer"),
    [
        ("read", "float"),
        ("run-again", "True"),
        ("commit", "may not write"),
        ("prepare", "Nothing was simulated"),
        ("new-store", "may not write"),
    ],
)
def test_without_the_right_to_write(store: Store, deed: str, answer: str) -> None:
    """Reading needs no right but to read; writing says what it lacks. Never as superuser."""
    folder = store.folder.parent
    try:
        done = subprocess.run(
            [sys.executable, str(CHILDREN), "unprivileged", str(folder), deed],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    finally:
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755)
    if answer == "float":
        assert float(done.stdout) == pytest.approx(early_run().monthly("arrivals").sum())
    else:
        assert answer in done.stdout
        assert done.stdout.startswith("StoreError: ") == (answer != "True")
    assert whole(store.folder, early_run())
    assert not whole(store.folder, late_run())


@pytest.mark.parametrize("blocked", [".", "made-up", "made-up/series", "made-up/runs"])
def test_a_file_where_a_folder_should_be(
    tmp_path: Path, blocked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is known before anything is simulated."""
    monkeypatch.setattr(batch, "simulate_job", lambda *_, **__: pytest.fail("it was simulated"))
    path = tmp_path / "out" / blocked
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("not a folder")
    with pytest.raises(StoreError, match=r"cannot be a folder|cannot be read") as caught:
        execute([job_of(early_run(), some_scenario())], Options(out=tmp_path / "out"))
    assert str(path) in str(caught.value)
    assert path.read_text() == "not a folder"


def test_a_folder_that_cannot_be_made() -> None:
    with pytest.raises(StoreError, match=r"/proc/self/made-up.*Nothing was simulated"):
        Store("/proc/self/made-up").prepare()


def test_the_working_folder_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(StoreError, match="run the same command again"):
        Store("results/made-up").prepare()


@pytest.mark.parametrize("n", range(1, 6))
def test_a_folder_that_vanishes_during_a_commit(
    store: Store, monkeypatch: pytest.MonkeyPatch, n: int
) -> None:
    """Somebody removes it before the n-th file is placed: it is made again, once."""
    calls = 0

    def before(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == n:
                shutil.rmtree(store.folder)
            return original(*arguments)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", before(os.replace))
        patch.setattr(os, "mkdir", before(os.mkdir))
        store.commit([late_run()])
    assert calls >= n
    store.refresh_views()
    assert whole(store.folder, late_run())
    assert_tidy(store.folder)


def test_a_folder_that_keeps_vanishing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = os.replace

    def vanish(*arguments: Any) -> None:
        shutil.rmtree(store.folder)
        replace(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", vanish)
        with pytest.raises(StoreError, match="has vanished while it was in use"):
            store.commit([late_run()])


def test_results_that_vanish_during_a_batch_are_stored_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``rm -rf results`` while the second run is simulated."""

    def simulate(job: one_run.Job, **_: Any) -> Run:
        if job.seed == 2:
            shutil.rmtree(tmp_path / "out")
        return {1: early_run(), 2: late_run()}[job.seed]

    monkeypatch.setattr(batch, "MAX_PROCESSES", 1)
    monkeypatch.setattr(batch, "simulate_job", simulate)
    jobs = [job_of(run, some_scenario()) for run in (early_run(), late_run())]
    with pytest.warns(StoreWarning, match="seed 1 had vanished since it was stored"):
        outcomes = execute(jobs, Options(out=tmp_path / "out"))
    assert [outcome.results for outcome in outcomes] == [early_run(), late_run()]
    folder = tmp_path / "out" / "made-up"
    assert whole(folder, early_run())
    assert whole(folder, late_run())
    assert_tidy(folder)
