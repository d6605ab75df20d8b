"""Ctrl-C and SIGTERM: the command stops, says what is kept, and leaves nobody behind."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from kill_trials import Trial, assert_nobody_left, digests_in

from bordersim.cli import stopping
from bordersim.cli.run import _kept
from bordersim.study import Study

CHILDREN = Path(__file__).parent / "fault_children.py"
HISTORY = Path(__file__).parent.parent / "scenarios" / "historical.yaml"


def started(
    folder: Path, manner: str, *options: str, stderr: int = subprocess.PIPE
) -> subprocess.Popen[str]:
    """The command with a made-up engine, which is at work when this returns."""
    command = [sys.executable, str(CHILDREN), "command", str(folder), manner, "run", str(HISTORY)]
    process = subprocess.Popen(
        [*command, "--until", "1996-12", "-o", str(folder / "out"), *options],
        stdout=subprocess.PIPE, stderr=stderr, text=True,
    )  # fmt: skip
    while not (folder / "begun").exists():
        assert process.poll() is None
        time.sleep(0.01)
    return process


@pytest.mark.parametrize(
    ("number", "code", "name"),
    [(signal.SIGINT, 130, "Ctrl-C"), (signal.SIGTERM, 143, "SIGTERM")],
)
@pytest.mark.parametrize("manner", ["slow", "deaf", "finalizer"])
def test_a_single_run_stops(
    tmp_path: Path, manner: str, number: signal.Signals, code: int, name: str
) -> None:
    """``deaf`` swallows every exception, as compiled code may; ``finalizer`` loses it."""
    process = started(tmp_path, manner)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == code
    folder = tmp_path / "out" / "historical"
    assert err.splitlines()[-1] == (
        f"stopped by {name}; the run under way is not kept (runs are stored whole, in "
        f"{folder}); the same command starts it again"
    )
    assert "Traceback" not in err
    assert out == ""
    assert not list(folder.glob("*/*.parquet"))
    assert not list(folder.glob(".unfinished-*"))


def test_an_impatient_person_is_told_once(tmp_path: Path) -> None:
    process = started(tmp_path, "slow")
    while process.poll() is None:
        process.send_signal(signal.SIGINT)
        time.sleep(0.001)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.count("stopped by Ctrl-C") == 1
    assert "Traceback" not in err


def test_stopping_is_not_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second Ctrl-C would interrupt what the first has begun."""
    for event in ("_gone", "_under_way"):
        monkeypatch.setattr(stopping, event, threading.Event())
    before = {number: signal.getsignal(number) for number in stopping.SIGNALS}
    try:
        with stopping.heeding_signals():
            with pytest.raises(stopping.Stopped):
                signal.raise_signal(signal.SIGINT)
            stopping.said()
            for number in stopping.SIGNALS:
                signal.raise_signal(number)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@pytest.mark.parametrize("manner", ["slow", "deaf"])
def test_a_stopped_command_still_prints_one_json_document(tmp_path: Path, manner: str) -> None:
    process = started(tmp_path, manner, "--json", "--quiet")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    document = json.loads(out)
    assert document["status"] == "stopped"
    assert "the same command starts it again" in document["error"]


def test_a_batch_stops_with_its_processes_and_goes_on(tmp_path: Path) -> None:
    """Ctrl-C reaches every process of the terminal; what was done is done."""
    trial = Trial(scale=0.01, until="1996-12", replicates=60)
    process = subprocess.Popen(
        trial.command(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    markers = tmp_path / "historical" / "runs"
    while not list(markers.glob("part-*")):
        assert process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    told = re.fullmatch(
        r"stopped by Ctrl-C; (\d+) of 60 runs are stored in (\S+) and stay there; "
        r"the same command goes on with the other (\d+)\n",
        err,
    )
    assert told, err
    stored = digests_in(tmp_path / "historical")
    assert (len(stored), 60 - len(stored)) == (int(told[1]), int(told[3]))
    assert (tmp_path / "historical" / "runs.parquet").exists()
    assert_nobody_left(process.pid)


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.3])
def test_ctrl_c_while_processes_start_prints_no_traceback(tmp_path: Path, delay: float) -> None:
    """A Python that is interrupted while it starts would say where it was."""
    trial = Trial(scale=0.01, until="1996-12", replicates=60)
    process = subprocess.Popen(
        trial.command(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    children = ["pgrep", "-f", "-P", str(process.pid), "spawn_main"]
    while subprocess.run(children, capture_output=True, check=False).returncode:
        assert process.poll() is None
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.startswith("stopped by Ctrl-C; none of 60 runs is stored yet")
    assert len(err.splitlines()) == 1
    assert_nobody_left(process.pid)


def test_processes_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    trial = Trial(scale=0.01, until="1996-12", replicates=60)
    process = subprocess.Popen(
        trial.command(tmp_path), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    while not list((tmp_path / "historical" / "runs").glob("part-*")):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert_nobody_left(process.pid)
    assert len(Study.open(tmp_path / "historical")) >= 1


@pytest.mark.parametrize(
    ("had", "n_runs", "words"),
    [
        (0, 1, "the same command starts it again"),
        (1, 1, "all that was asked for is stored in results/x; the same command shows it"),
        (0, 8, "none of 8 runs is stored yet"),
        (3, 8, "3 of 8 runs are stored in results/x and stay there; .* with the other 5"),
        (8, 8, "all that was asked for is stored"),
    ],
)
def test_what_is_kept_is_said(had: int, n_runs: int, words: str) -> None:
    assert re.search(words, _kept(had, n_runs, Path("results/x")))


def test_a_terminal_sees_a_bar_with_the_time_left(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    process = started(tmp_path, "slow", stderr=theirs)
    os.close(theirs)
    seen = b""
    while b"left" not in seen:
        assert select.select([ours], [], [], 60)[0], seen
        seen += os.read(ours, 4096)
    process.send_signal(signal.SIGINT)
    deadline = time.monotonic() + 60
    while b"stopped by Ctrl-C" not in seen and time.monotonic() < deadline:
        seen += os.read(ours, 4096)
    process.communicate(timeout=60)
    os.close(ours)
    text = seen.decode()
    assert "historical, seed 1" in text
    assert "%" in text
    assert text.rfind("\x1b[?25h") > text.rfind("\x1b[?25l"), "the cursor stays hidden"


def test_quiet_is_quiet_and_a_log_hears_little(tmp_path: Path) -> None:
    command = [sys.executable, str(CHILDREN), "command", str(tmp_path), "quick", "run"]
    options = [str(HISTORY), "--until", "1996-12", "-o", str(tmp_path / "out"), "--seed"]
    cold = os.environ | {"BORDERSIM_CACHE": str(tmp_path / "cache")}  # of which it would tell
    quiet = subprocess.run(
        [*command, *options, "1", "-q"], capture_output=True, text=True, check=False, env=cold
    )
    assert (quiet.returncode, quiet.stderr) == (0, "")
    loud = subprocess.run([*command, *options, "2"], capture_output=True, text=True, check=False)
    assert loud.returncode == 0
    assert loud.stderr.splitlines()[-1].startswith("results in ")
    assert loud.stdout.count("seed 2") == quiet.stdout.count("seed 1") == 1


def test_a_cold_cache_is_announced(tmp_path: Path) -> None:
    command = [sys.executable, str(CHILDREN), "command", str(tmp_path), "quick", "run"]
    options = [str(HISTORY), "--until", "1996-12", "-o", str(tmp_path / "out"), "--seed", "1"]
    environment = os.environ | {"BORDERSIM_CACHE": str(tmp_path / "cache")}
    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, check=True, env=environment
    )
    first = done.stderr.splitlines()[0]
    assert re.fullmatch(r"compiling the kernels, about 120 s, once for this version", first)
    assert not list((tmp_path / "cache").rglob("*.nbc"))
