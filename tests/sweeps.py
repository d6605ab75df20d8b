"""What the tests of sweeps share: a small sweep, workers in this process, stores compared."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bordersim import cli
from bordersim.store import Store
from bordersim.sweeping import carrying_out
from bordersim.sweeping.api import prepared
from bordersim.sweeping.carrying_out import Account, Manner
from bordersim.sweeping.crew import Event
from bordersim.sweeping.queue import WorkQueue
from bordersim.sweeping.reading import read_sweep
from bordersim.sweeping.tasks import Work, do_task

SMALL = """\
schema: bordersim/sweep@1
title: Bounties
scenarios: [historical.yaml, base.yaml]
seeds: {count: 3}
scale: 0.002
until: 1995-06
design:
  kind: grid
  levers:
    china.bounty_report: [0, 500 CNY]
observables: [attempts_unaided, fee_median]
"""
"""Twelve runs of a twentieth of a second each."""

OWN = {"wall_s", "host", "finished"}
"""Columns that differ between two who simulate the same run."""


Call = Callable[..., tuple[int, str, str]]
"""The whole program with some arguments: exit code, stdout and stderr."""


def caller(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *command: str,
) -> Call:
    """Run the whole program in a folder, 80 columns wide, its workers in this process."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(carrying_out, "_workers", lambda _: here)

    def main(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["bordersim", *command, *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        assert isinstance(end.value.code, int)
        said = capsys.readouterr()
        return int(end.value.code), said.out, said.err

    return main


def write_sweep(folder: Path, text: str = SMALL, name: str = "small.yaml") -> Path:
    """Write a sweep file."""
    path = folder / name
    path.write_text(text)
    return path


def here(work: Work, queue: WorkQueue) -> Generator[Event, None, None]:
    """Workers that are this process itself."""
    while queue:
        task = queue.take(2)
        events: list[Any] = []
        kept = do_task(work, task, events.append)
        yield from events
        yield kept


def carry_out_here(file: Path, folder: Path, monkeypatch: Any, **manner: Any) -> Account:
    """Carry out a sweep file without processes."""
    with monkeypatch.context() as patch:
        patch.setattr(carrying_out, "_workers", lambda _: here)
        how = Manner(folder, 1, **manner)
        return carrying_out.carry_out(prepared(read_sweep(file), how), how)


def content(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every part of a study but what differs between equal runs, in order."""
    found: dict[str, list[dict[str, Any]]] = {}
    store = Store(folder)
    for kind in ("runs", "series", "ledger", "events"):
        tables = [pq.read_table(path) for path in store.parts(kind)]
        rows = pa.concat_tables(tables).to_pylist() if tables else []
        plain = [{k: str(v) for k, v in row.items() if k not in OWN} for row in rows]
        found[kind] = sorted(plain, key=lambda row: tuple(row.values()))
    found["plan"] = pq.read_table(folder / "plan.parquet").to_pylist()
    return found
