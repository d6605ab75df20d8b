"""Small sweeps that are carried out, disturbed, and held against one another."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bordersim.store import Store

OWN = ("wall_s", "host", "finished")
"""Columns that differ between two who simulate the same run."""

NAME = "small"

SWEEP = """\
schema: bordersim/sweep@1
title: Bounties
scenarios: [historical.yaml, base.yaml]
seeds: {{count: {seeds}}}
scale: {scale}
until: 1995-06
design:
  kind: grid
  levers:
    china.bounty_report: [0, 500 CNY]
observables: [attempts_unaided, fee_median]
"""
"""Two scenarios x two points x seeds."""

PATIENCE = 600.0
"""Seconds for a sweep of some hundred short runs, on a busy machine."""

# Tasks of a fraction of a second instead of ten: many are under way, or being stored.
_PROGRAM = (
    "import bordersim.sweeping.queue as queue; queue.SECONDS_A_TASK = 0.2\n"
    "from bordersim.cli import command; command()"
)

Content = dict[str, tuple[int, str]]
"""Rows and hash of every kind of part."""


@dataclass(frozen=True)
class Trial:
    """A sweep file, and the content of its study when nobody disturbed it."""

    file: Path
    whole: Content
    n_runs: int
    seconds: float


def written(folder: Path, seeds: int, scale: float) -> Path:
    """Write the sweep file into a folder."""
    file = folder / f"{NAME}.yaml"
    file.write_text(SWEEP.format(seeds=seeds, scale=scale))
    return file


def undisturbed(file: Path) -> Trial:
    """Carry a sweep out in peace, timed."""
    out = file.parent / "whole"
    began = time.perf_counter()
    subprocess.run(command(file, out), check=True, capture_output=True)
    seconds = time.perf_counter() - began
    return Trial(file, content(out / NAME), len(Store(out / NAME).marks()), seconds)


def command(file: Path, out: Path, *options: str) -> list[str]:
    """The command that is disturbed; two workers unless the options say otherwise."""
    words = ["sweep", str(file), "-q", "--workers", "2", "-o", str(out), *options]
    return [sys.executable, "-c", _PROGRAM, *words]


def content(folder: Path) -> Content:
    """Every row of every part of a study, in an order of its own, but what is a run's own."""
    store = Store(folder)
    found = {kind: _fingerprint(store.parts(kind)) for kind in ("runs", "series", "ledger")}
    return found | {"plan": _fingerprint([folder / "plan.parquet"])}


def _fingerprint(paths: list[Path]) -> tuple[int, str]:
    tables = [_plain(pq.read_table(path)) for path in paths]
    if not tables:
        return 0, ""
    table = pa.concat_tables(tables)
    table = table.sort_by([(name, "ascending") for name in table.column_names]).combine_chunks()
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return table.num_rows, hashlib.sha256(sink.getvalue()).hexdigest()


def _plain(table: pa.Table) -> pa.Table:
    """Only columns that can be sorted, without those of the run alone."""
    columns: dict[str, Any] = {}
    for field in table.schema:
        column = table.column(field.name)
        if field.name in OWN:
            continue
        if pa.types.is_list(field.type):
            column = pa.array([str(value) for value in column.to_pylist()], pa.string())
        elif pa.types.is_dictionary(field.type):
            column = column.cast(field.type.value_type)
        columns[field.name] = column
    return pa.table(columns)


def workers_of(pid: int) -> list[int]:
    """Processes that a command has spawned to work."""
    found = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in listed.read_text().split():
            with suppress(OSError):  # it has just ended
                if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(int(child))
    return sorted(found)


def killed_at(
    trial: Trial, out: Path, seconds: float, chance: random.Random, *, worker: bool
) -> tuple[bool, str]:
    """Kill the sweep or one of its workers at an instant, and give the command again.

    Returns
    -------
    hit
        Whether anything was there to be killed.
    wrong
        What is wrong after the next command; empty when nothing is.
    """
    process = subprocess.Popen(
        command(trial.file, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(seconds)
    workers = workers_of(process.pid)
    while worker and not workers and process.poll() is None:
        time.sleep(0.02)  # none has begun yet
        workers = workers_of(process.pid)
    hit = bool(workers) if worker else process.poll() is None
    if hit:
        try:
            os.kill(chance.choice(workers) if worker else process.pid, signal.SIGKILL)
        except ProcessLookupError:  # a worker that had done all it had to
            hit = False
    code = process.wait(PATIENCE)
    _await_end(workers)  # orphans end by themselves; none may write after that
    if worker and code:
        return hit, f"exit code {code} after a worker was killed"
    again = subprocess.run(command(trial.file, out), capture_output=True, text=True, check=False)
    wrong = _differing(trial, out / NAME)
    if again.returncode or again.stderr:
        wrong = f"the next command: {again.returncode}, {again.stderr[-200:]}"
    shutil.rmtree(out)
    return hit, wrong


def _await_end(pids: list[int]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and any(Path(f"/proc/{pid}").exists() for pid in pids):
        time.sleep(0.05)


def _differing(trial: Trial, folder: Path) -> str:
    if list(folder.glob(".unfinished-*")):
        return "leftovers of the dead remain"
    return differing(content(folder), trial.whole)


def differing(found: Content, whole: Content) -> str:
    """Kinds of rows in which a study differs from another, with how many each has."""
    return "; ".join(
        f"{kind}: {found[kind][0]:,} rows for {whole[kind][0]:,}"
        for kind in whole
        if found[kind] != whole[kind]
    )
