"""What the tests of faults do in processes of their own: be killed, be somebody else, compete.

``python tests/fault_children.py DEED FOLDER [ARGUMENT...]``; see ``DEEDS`` at the end.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas  # noqa: F401 - whoever loses the right to read files needs it loaded before
from conftest import make_events, make_run

from bordersim.batch import Options, execute
from bordersim.durable import only_writer, unfinished_folder
from bordersim.errors import StoreError
from bordersim.one_run import Job
from bordersim.part_files import part_name
from bordersim.parts import FailedRun
from bordersim.results import Run
from bordersim.running import prepare
from bordersim.scenario import Scenario
from bordersim.store import Store
from bordersim.study import Study

NOBODY = 65534
END = 5
"""Last month of the made-up runs."""

Month = Callable[[int, int], None]

DISK_CALLS = ("open", "write", "fsync", "replace", "mkdir", "unlink", "rmdir")
"""What of ``os`` a store writes with."""


@cache
def early_run() -> Run:
    """The run that is stored before anything goes wrong."""
    return make_run(seed=1, end_month=END, events=make_events(10, END))


@cache
def late_run() -> Run:
    """The run during whose storing things go wrong."""
    return make_run(seed=2, end_month=END, events=make_events(20, END))


@cache
def some_scenario() -> Scenario:
    """A scenario whose results folder is called made-up."""
    return prepare(Path(__file__).parent.parent / "scenarios" / "base.yaml").named("made-up")


def job_of(run: Run, scenario: Scenario) -> Job:
    """A job that a made-up run answers."""
    return Job(scenario, run.seed, run.run_id)


def warm_up(folder: Path) -> None:
    """Have whatever is imported late imported now."""
    store = Store(folder / "warm")
    store.commit([late_run()])
    store.refresh_views()
    Study.open(store.folder).run(2).monthly("arrivals")
    shutil.rmtree(store.folder)


# --- being killed ------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """A store to begin with, and what is done to it until the kill."""

    prepare: Callable[[Store], None]
    act: Callable[[Store], None]


def _one_run(store: Store) -> None:
    store.commit([early_run()])
    store.refresh_views()


def _one_failed(store: Store) -> None:
    _one_run(store)
    failed = FailedRun(late_run().run_id, some_scenario(), 2, "it broke", "RuntimeError")
    store.record_failure(failed)


def _one_damaged(store: Store) -> None:
    _one_run(store)
    store.commit([late_run()])
    part = store.path("series", part_name([late_run().run_id]))
    part.write_bytes(part.read_bytes()[:1000])


def _commit(store: Store) -> None:
    store.commit([late_run()])
    store.refresh_views()


def _fail(store: Store) -> None:
    failed = FailedRun(late_run().run_id, some_scenario(), 2, "it broke", "RuntimeError")
    store.record_failure(failed)
    store.refresh_views()


CASES = {
    "into-nothing": Case(lambda _: None, _commit),
    "after-a-failure": Case(_one_failed, _commit),
    "over-damage": Case(_one_damaged, _commit),
    "recording-a-failure": Case(_one_run, _fail),
}


def kill_points(folder: Path, name: str) -> None:
    """Commit again and again, killed one call later each time, until one gets through.

    The store that the n-th kill left is ``FOLDER/n``; what it was about to do is printed.
    """
    warm_up(folder)
    case = CASES[name]
    template = Store(folder / "template" / "store")
    template.folder.parent.mkdir()
    case.prepare(template)
    n, killed = 0, True
    while killed:
        n += 1
        shutil.copytree(template.folder.parent, folder / str(n))
        heard, told = os.pipe()
        child = os.fork()
        if child == 0:
            _die_before_call(n, told)
            case.act(Store(folder / str(n) / "store"))
            os._exit(0)
        os.close(told)
        doing = os.read(heard, 100).decode()
        os.close(heard)
        killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
        print(n, doing if killed else "through", flush=True)


def _die_before_call(n: int, told: int) -> None:
    """Make the process kill itself at its n-th call of ``DISK_CALLS``."""
    count = 0
    write, kill = os.write, os.kill

    def mined(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            nonlocal count
            count += 1
            if count == n:
                if name == "write":  # half of it gets to the disk
                    write(arguments[0], arguments[1][: len(arguments[1]) // 2])
                write(told, f"{name} {Path(str(arguments[0])).name}".encode())
                kill(os.getpid(), signal.SIGKILL)
            # A killed process, unlike a power cut, loses nothing that it gave the kernel.
            return None if name == "fsync" else original(*arguments, **more)

        return call

    for name in DISK_CALLS:
        setattr(os, name, mined(name, getattr(os, name)))


# --- being somebody else -----------------------------------------------------------------


def unprivileged(folder: Path, deed: str) -> None:
    """Do something in ``FOLDER/made-up`` that the user may read and not write."""
    scenario, run = some_scenario(), early_run()
    deeds: dict[str, Callable[[], Any]] = {
        "read": lambda: Study.open("made-up").run(1).monthly("arrivals").sum(),
        "run-again": lambda: (
            execute([job_of(run, scenario)], Options(out=Path()), progress=None)[0].was_stored
        ),
        "commit": lambda: Store("made-up").commit([late_run()]),
        "prepare": lambda: Store("made-up").prepare(),
        "new-store": lambda: Store("other").commit([late_run()]),
    }
    warm_up(folder)
    os.chdir(folder)
    for path in (*Path().rglob("*"), Path()):
        path.chmod(0o555 if path.is_dir() else 0o444)
    if os.geteuid() == 0:  # the superuser may do anything
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    try:
        print(deeds[deed]())
    except StoreError as error:
        print(f"StoreError: {error}")


# --- competing ---------------------------------------------------------------------------


def commit_many(folder: Path, first: str, last: str) -> None:
    """Commit runs of some seeds one by one, with views, once the file ``go`` is there."""
    runs = [make_run(seed=seed, end_month=END) for seed in range(int(first), int(last) + 1)]
    print("ready", flush=True)
    while not (folder / "go").exists():
        time.sleep(0.001)
    for run in runs:
        store = Store(folder / "store")
        store.commit([run])
        store.refresh_views()


def hold(folder: Path) -> None:
    """Be in the midst of writing until killed."""
    with only_writer(folder), unfinished_folder(folder) as unfinished:
        (unfinished / "series").write_bytes(b"half a file")
        print(unfinished.name, flush=True)
        time.sleep(600)


# --- the command line with an engine that does what it is told ------------------------------


def command(folder: Path, manner: str, *arguments: str) -> None:
    """Run ``bordersim`` with a made-up engine; the file ``FOLDER/begun`` says it is at it."""
    engine = ModuleType("bordersim.simulation")
    manners = {"slow": _slow, "deaf": _deaf, "finalizer": _finalizer, "quick": _quick}

    def simulate(
        scenario: Any, seed: int, *, progress: Callable[[int, int], None], **_: Any
    ) -> Run:
        from bordersim.results import run_id

        manners[manner](folder, progress)
        return make_run(
            scenario_name=scenario.name, run_id=run_id(scenario, seed), seed=seed,
            scale=scenario.scale, end_month=END, inputs=scenario.resolved(),
        )  # fmt: skip

    engine.simulate = simulate  # type: ignore[attr-defined]
    sys.modules["bordersim.simulation"] = engine
    from bordersim import batch, cli

    batch.MAX_PROCESSES = 1  # the made-up engine lives in this process only
    sys.argv = ["bordersim", *arguments]
    cli.command()


def _quick(folder: Path, progress: Month) -> None:
    for month in range(1, END + 1):
        progress(month, END)


def _slow(folder: Path, progress: Month) -> None:
    for month in range(1, 100_000):
        progress(month, 100_000)
        (folder / "begun").touch()
        time.sleep(0.01)


def _deaf(folder: Path, progress: Month) -> None:
    """As a callback from compiled code, which cannot hand an exception on."""
    while True:
        try:
            (folder / "begun").touch()
            time.sleep(0.05)
        except BaseException:
            pass


class Final:
    """What is raised while this is taken apart goes nowhere."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __del__(self) -> None:
        (self.folder / "begun").touch()
        time.sleep(60)


def _finalizer(folder: Path, progress: Month) -> None:
    """As in a library that is called back; the exception is printed, and lost."""
    final = Final(folder)
    del final
    time.sleep(600)


DEEDS = {deed.__name__: deed for deed in (kill_points, unprivileged, commit_many, hold, command)}

if __name__ == "__main__":
    DEEDS[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
