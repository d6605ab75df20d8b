"""Kill ``bordersim run`` at random instants, look at what it left, and run it again.

    python tests/kill_trials.py --trials 20 --replicates 1
    python tests/kill_trials.py --trials 20 --replicates 4

Prints a row a trial and ends with exit code 1 if any went wrong. Half of the kills come
at a random share of the time that an undisturbed command takes, spread evenly over it;
half come a random few milliseconds after the command has begun to write a run. A command
that was through before its kill is tried again with an earlier one.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bordersim.parts import OK
from bordersim.stored_runs import StoredRuns
from bordersim.study import stored_run
from bordersim.views import outdated_views

SCENARIO = Path(__file__).parent.parent / "scenarios" / "historical.yaml"
NAME = "historical"
STORED_BEFORE = 99
"""Seed of the run that is in the folder before the kill."""


@dataclass(frozen=True)
class Trial:
    """The command that is killed."""

    scale: float
    until: str
    replicates: int

    def command(self, out: Path, seed: int = 1, replicates: int | None = None) -> list[str]:
        """The command with its options, for a folder of results."""
        return [
            sys.executable, "-m", "bordersim", "run", str(SCENARIO), "--quiet",
            "--scale", str(self.scale), "--until", self.until, "--seed", str(seed),
            "--replicates", str(replicates or self.replicates), "-o", str(out),
        ]  # fmt: skip


@dataclass(frozen=True)
class Instant:
    """When to kill: seconds after the start, or after the n-th run begins to be written."""

    seconds: float
    writing: int = 0

    def __str__(self) -> str:
        if self.writing:
            return f"run {self.writing} + {1000 * self.seconds:.0f} ms"
        return f"{self.seconds:6.2f} s"

    def earlier(self) -> Instant:
        """For a command that was quicker than expected."""
        return replace(self, seconds=0.7 * self.seconds)


@dataclass(frozen=True)
class Reference:
    """What the command gives when it is left alone, and how long it takes."""

    folder: Path
    digests: dict[int, str]
    seconds: float


@dataclass
class Found:
    """What a kill left, and what the next command made of it."""

    killed: bool = False
    complete: list[int] = field(default_factory=list)
    leftovers: int = 0
    orphans: int = 0
    wrong: str = ""


def reference_run(trial: Trial, out: Path) -> Reference:
    """Run the command undisturbed into a folder that holds another run already."""
    subprocess.run(trial.command(out, STORED_BEFORE, 1), check=True, capture_output=True)
    before = out.with_name(f"{out.name}-before")
    shutil.copytree(out, before)
    began = time.perf_counter()
    subprocess.run(trial.command(out), check=True, capture_output=True)
    seconds = time.perf_counter() - began
    return Reference(before, digests_in(out / NAME), seconds)


def kill_once(trial: Trial, reference: Reference, instant: Instant, out: Path) -> Found:
    """Kill the command at an instant, look, and give it again."""
    shutil.copytree(reference.folder, out)
    process = subprocess.Popen(
        trial.command(out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    _await(instant, out / NAME, process)
    process.kill()
    found = Found(killed=process.wait() == -signal.SIGKILL)
    try:
        _look(out / NAME, reference, found)
        assert_nobody_left(process.pid)
        again = subprocess.run(trial.command(out), capture_output=True, text=True, check=False)
        if again.returncode or again.stderr:
            found.wrong = f"the next command: exit code {again.returncode}, {again.stderr[-200:]}"
        else:
            _look_again(out / NAME, reference)
    except AssertionError as error:
        found.wrong = str(error)
    return found


def digests_in(folder: Path) -> dict[int, str]:
    """Digest of every stored run by seed; each is read to its last byte."""
    store = StoredRuns(folder)
    found = store.inventory()
    assert not found.damaged, f"damaged parts: {found.damaged}"
    digests: dict[int, str] = {}
    for row in found.rows.values():
        assert row.columns["status"] == OK, f"status {row.columns['status']}"
        assert row.columns["seed"] not in digests, "a run is there twice"
        stored_run(store, row).load()
        digests[row.columns["seed"]] = row.columns["digest"]
    return digests


def _await(instant: Instant, folder: Path, process: subprocess.Popen[bytes]) -> None:
    if instant.writing:
        begun, at_it = 0, False
        while begun < instant.writing and process.poll() is None:
            was, at_it = at_it, any(folder.glob(".unfinished-*/series"))
            begun += at_it and not was
            time.sleep(0.0005)
    try:
        process.wait(instant.seconds)
    except subprocess.TimeoutExpired:
        return


def _look(folder: Path, reference: Reference, found: Found) -> None:
    """After the kill: what is there is right, and what was there before is there."""
    digests = digests_in(folder)
    assert STORED_BEFORE in digests, "the run stored before is lost"
    for seed, digest in digests.items():
        assert digest == reference.digests[seed], f"seed {seed} has another digest"
    found.complete = sorted(set(digests) - {STORED_BEFORE})
    found.leftovers = len(list(folder.glob(".unfinished-*")))
    markers = {path.name for path in StoredRuns(folder).parts("runs")}
    found.orphans = sum(
        path.name not in markers
        for kind in ("series", "ledger")
        for path in StoredRuns(folder).parts(kind)
    )


def _look_again(folder: Path, reference: Reference) -> None:
    """After the next command: everything is there, and nothing else."""
    assert digests_in(folder) == reference.digests, "the next command has other results"
    assert not list(folder.glob(".unfinished-*")), "leftovers of the dead remain"
    store = StoredRuns(folder)
    markers = {path.name for path in store.parts("runs")}
    for kind in ("series", "ledger"):
        assert {path.name for path in store.parts(kind)} == markers, f"orphans in {kind}"
    assert not outdated_views(folder, store.rows(), store.with_events()), "views are old"


def assert_nobody_left(group: int) -> None:
    """Wait for the last process of a group to end; a minute is enough on any machine."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError("processes outlive the command")


def _instants(trials: int, trial: Trial, seconds: float, rng: random.Random) -> list[Instant]:
    spread = trials - trials // 2
    at_any = [Instant((i + rng.random()) / spread * seconds) for i in range(spread)]
    writing = [
        Instant(0.06 * rng.random(), 1 + i % trial.replicates) for i in range(trials - spread)
    ]
    return [*at_any, *writing]


def _kill_for_sure(trial: Trial, reference: Reference, instant: Instant, out: Path) -> Found:
    found = kill_once(trial, reference, instant, out)
    while not (found.killed or found.wrong):
        shutil.rmtree(out)
        instant = instant.earlier()
        found = kill_once(trial, reference, instant, out)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trials and print their table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--replicates", type=int, default=1)
    parser.add_argument("--scale", type=float, default=0.01)
    parser.add_argument("--until", default="2016-12")
    parser.add_argument("--seed", type=int, default=None, help="of the instants")
    wanted = parser.parse_args(arguments)
    trial = Trial(wanted.scale, wanted.until, wanted.replicates)
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        reference = reference_run(trial, Path(name) / "reference")
        print(f"undisturbed: {reference.seconds:.2f} s for {wanted.replicates} run(s)")
        print("  n  killed at         complete  leftovers  orphans  after the next command")
        instants = _instants(wanted.trials, trial, reference.seconds, random.Random(wanted.seed))
        for n, instant in enumerate(instants, 1):
            found = _kill_for_sure(trial, reference, instant, Path(name) / str(n))
            wrong += bool(found.wrong)
            print(
                f"{n:3d}  {instant!s:16s}  {len(found.complete)} of {wanted.replicates:<4d}"
                f"  {found.leftovers:9d}  {found.orphans:7d}  {found.wrong or 'complete'}",
                flush=True,
            )
            shutil.rmtree(Path(name) / str(n))
    print(f"{wanted.trials - wrong} of {wanted.trials} right")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
