"""Kill ``bordersim sweep``, or one of its workers, at random instants, and give it again.

    python tests/kill_sweeps.py --trials 20

Prints a row a trial and ends with exit code 1 if any went wrong: half of the trials kill
the whole sweep (SIGKILL to the command; its workers end with it), half one worker. After
the next command the study is compared with one that was never disturbed, row by row, in
all columns but wall time, host and date.
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
from pathlib import Path

from sweeps import OWN, SMALL, content, write_sweep

from bordersim.store import Store

NAME = "small"


def command(file: Path, out: Path) -> list[str]:
    """The command that is killed."""
    words = ["sweep", str(file), "-q", "--workers", "2", "-o", str(out)]
    # Tasks of a fraction of a second instead of ten: many are under way, or being stored.
    program = (
        "import bordersim.sweeping.queue as queue; queue.SECONDS_A_TASK = 0.2\n"
        "from bordersim.cli import command; command()"
    )
    return [sys.executable, "-c", program, *words]


def workers_of(pid: int) -> list[int]:
    """Processes that a command has spawned to work."""
    found = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in listed.read_text().split():
            if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(int(child))
    return found


def kill_once(file: Path, out: Path, whole: Path, seconds: float, *, worker: bool) -> str:
    """Kill at an instant and give the command again; what is wrong then, or how it went."""
    process = subprocess.Popen(
        command(file, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    hit = False
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        workers = workers_of(process.pid)
        if worker and workers:
            os.kill(random.choice(workers), signal.SIGKILL)
            hit = True
        elif not worker:
            process.kill()
            hit = True
    code = process.wait(300)
    _await_end(out / NAME)
    stored = Store(out / NAME).marks()
    expected = {row["run_id"] for row in content(whole)["runs"]}
    if not set(stored) <= expected:
        return "WRONG: runs that nobody planned"
    if worker and code != 0:
        return f"WRONG: exit code {code} after a worker was killed"
    again = subprocess.run(command(file, out), capture_output=True, text=True, check=False)
    if again.returncode or again.stderr:
        return f"WRONG: the next command: {again.returncode}, {again.stderr[-200:]}"
    if content(out / NAME) != content(whole):
        return "WRONG: the study is another one"
    if list((out / NAME).glob(".unfinished-*")):
        return "WRONG: leftovers of the dead remain"
    return f"{'killed' if hit else 'was through'}, {len(stored)} of {len(expected)} stored, equal"


def _await_end(folder: Path) -> None:
    """Orphaned workers end by themselves; none may write after that."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        mine = subprocess.run(
            ["ps", "-eo", "ppid,args"], capture_output=True, text=True, check=True
        ).stdout
        if not any(line.split()[0] == "1" and "spawn_main" in line for line in mine.splitlines()):
            return
        time.sleep(0.05)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the trials and print their table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--runs", type=int, default=240)
    parser.add_argument("--seed", type=int, default=None, help="of the instants")
    wanted = parser.parse_args(arguments)
    random.seed(wanted.seed)
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        text = SMALL.replace("count: 3", f"count: {max(1, wanted.runs // 4)}")
        file = write_sweep(folder, text.replace("scale: 0.002", "scale: 0.01"), f"{NAME}.yaml")
        began = time.perf_counter()
        subprocess.run(command(file, folder / "whole"), check=True, capture_output=True)
        seconds = time.perf_counter() - began
        whole = folder / "whole" / NAME
        n_runs = len(content(whole)["runs"])
        print(f"undisturbed: {seconds:.1f} s for {n_runs} runs; compared but for {sorted(OWN)}")
        for n in range(wanted.trials):
            instant, worker = random.uniform(0.2, 1.0) * seconds, n % 2 == 1
            said = kill_once(file, folder / str(n), whole, instant, worker=worker)
            wrong += "WRONG" in said
            whom = "a worker" if worker else "the sweep"
            print(f"{n + 1:3d}  {whom:9s} at {instant:5.1f} s: {said}", flush=True)
            shutil.rmtree(folder / str(n))
    print(f"{wanted.trials - wrong} of {wanted.trials} right")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
