"""Runs on disk: immutable Parquet parts, written so that a kill leaves them readable.

A store is a folder::

    manifest.json           view: versions, digests, resolved inputs
    runs.parquet            view: one row a run
    runs/part-<h>.parquet   marker: a run whose row is here is stored
    series/part-<h>.parquet
    ledger/part-<h>.parquet
    events/part-<h>.parquet when asked for

A part holds whole runs and is named by the hash of their run ids. The files of
a commit are written in a temporary folder beside their destination, synced,
and renamed, the row in ``runs/`` last; whoever reads series joins them on
``runs/``. The views are written anew from the parts and never read by the
package.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bordersim.errors import StoreError
from bordersim.parts import (
    FAILED,
    OK,
    VIEW_COLUMNS,
    FailedRun,
    events_table,
    ledger_table,
    run_row,
    runs_table,
    series_table,
)
from bordersim.results import Run

MANIFEST_SCHEMA = "bordersim/manifest@1"

_RUN_IDS = b"bordersim_run_ids"
_ORDER = ("scenario", "seed", "run_id")


@dataclass(frozen=True)
class StoredRow:
    """A row of ``runs/`` and the part it came from."""

    part: str
    columns: dict[str, Any]


class Store:
    """One results folder.

    Parameters
    ----------
    folder
        Made at the first commit, not before.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Store) and self.folder == other.folder

    def __hash__(self) -> int:
        return hash(self.folder)

    def commit(self, runs: Sequence[Run]) -> None:
        """Store finished runs as one part, all or nothing.

        Committing a run again writes the same numbers to the same part. A row
        that recorded an earlier failure of the same run is removed.
        """
        part = part_name([run.run_id for run in runs])
        tables = {
            "series": pa.concat_tables([series_table(run) for run in runs]),
            "ledger": pa.concat_tables([ledger_table(run) for run in runs]),
        }
        logged = [run for run in runs if run.events is not None]
        if logged:
            tables["events"] = _events_of(logged)
        tables["runs"] = runs_table([run_row(run) for run in runs])
        self._write(part, tables)
        for run in runs:
            self._path("runs", _failure_part(run.run_id)).unlink(missing_ok=True)

    def add_events(self, run: Run) -> None:
        """Store the event log of a run whose series are already stored."""
        self._write(part_name([run.run_id]), {"events": _events_of([run])})

    def record_failure(self, failed: FailedRun) -> None:
        """Keep a row for a run that failed; it does not count as stored."""
        self._write(_failure_part(failed.run_id), {"runs": runs_table([run_row(failed)])})

    def rows(self) -> dict[str, StoredRow]:
        """Row of every run by run id, in order of scenario and seed.

        A finished run hides its earlier failures.

        Raises
        ------
        StoreError
            When a marker cannot be read.
        """
        found: dict[str, StoredRow] = {}
        for path in sorted((self.folder / "runs").glob("part-*.parquet")):
            for columns in self._read_rows(path):
                known = found.get(columns["run_id"])
                if known is None or known.columns["status"] == FAILED:
                    found[columns["run_id"]] = StoredRow(path.name, columns)
        order = sorted(found, key=lambda key: tuple(map(found[key].columns.get, _ORDER)))
        return {key: found[key] for key in order}

    def with_events(self) -> set[str]:
        """Ids of the runs whose event log is stored."""
        ids: set[str] = set()
        for path in (self.folder / "events").glob("part-*.parquet"):
            ids.update(json.loads(pq.read_metadata(path).metadata[_RUN_IDS]))
        return ids

    def finished(self, run_id: str) -> StoredRow | None:
        """Row of a run that is stored, None when it is not or only failed."""
        row = self.rows().get(run_id)
        return row if row is not None and row.columns["status"] == OK else None

    def table(self, kind: str, row: StoredRow) -> pa.Table:
        """Rows of one run in ``series``, ``ledger`` or ``events``.

        Raises
        ------
        StoreError
            When the run has no such part.
        """
        run_id = row.columns["run_id"]
        part = part_name([run_id]) if kind == "events" else row.part
        path = self._path(kind, part)
        if not path.exists():
            raise StoreError(f"{self.folder}: run {run_id} has no {kind}")
        return pq.read_table(path, filters=[("run_id", "=", run_id)])

    def refresh_views(self) -> None:
        """Write ``runs.parquet`` and ``manifest.json`` anew from the parts."""
        rows = self.rows()
        logged = self.with_events()
        table = runs_table([row.columns for row in rows.values()]).select(list(VIEW_COLUMNS))
        flags = pa.array([run_id in logged for run_id in rows], pa.bool_())
        with _temporary_folder(self.folder) as folder:
            _write_table(table.append_column("has_events", flags), folder / "runs.parquet")
            _write_text(_manifest(rows), folder / "manifest.json")
            for name in ("runs.parquet", "manifest.json"):
                os.replace(folder / name, self.folder / name)
        _sync_folder(self.folder)

    def _path(self, kind: str, part: str) -> Path:
        return self.folder / kind / part

    def _read_rows(self, path: Path) -> list[dict[str, Any]]:
        try:
            rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        except (pa.ArrowInvalid, OSError) as error:
            raise StoreError(f"{path}: not a readable part ({error})") from error
        return rows

    def _write(self, part: str, tables: dict[str, pa.Table]) -> None:
        """Write one part; ``tables`` are renamed into place in their order."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with _temporary_folder(self.folder) as folder:
            for kind, table in tables.items():
                _write_table(table, folder / f"{kind}.parquet")
            for kind in tables:
                target = self._path(kind, part)
                target.parent.mkdir(exist_ok=True)
                os.replace(folder / f"{kind}.parquet", target)
                _sync_folder(target.parent)
        _sync_folder(self.folder)


def part_name(run_ids: Sequence[str]) -> str:
    """File name of the part that holds these runs."""
    digest = hashlib.sha256("\n".join(sorted(run_ids)).encode()).hexdigest()
    return f"part-{digest[:16]}.parquet"


def _failure_part(run_id: str) -> str:
    return part_name([f"{FAILED}:{run_id}"])


def _events_of(runs: Sequence[Run]) -> pa.Table:
    """Event logs of runs; the file's metadata names them, even one without events."""
    table = pa.concat_tables([events_table(run) for run in runs])
    ids = json.dumps(sorted(run.run_id for run in runs)).encode()
    return table.replace_schema_metadata({_RUN_IDS: ids})


def _manifest(rows: dict[str, StoredRow]) -> str:
    runs: list[dict[str, Any]] = []
    inputs: dict[str, Any] = {}
    environments: dict[str, Any] = {}
    for run_id, row in sorted(rows.items()):
        columns = row.columns
        entry = {name: columns[name] for name in VIEW_COLUMNS if name != "finished"}
        entry |= {"run_id": run_id, "part": row.part, "finished": columns["finished"].isoformat()}
        entry["digests"] = json.loads(columns["digests"])
        for kind, table in (("inputs", inputs), ("environment", environments)):
            key = hashlib.sha256(columns[kind].encode()).hexdigest()[:16]
            table[key] = json.loads(columns[kind])
            entry[kind] = key
        runs.append(entry)
    document = {
        "schema": MANIFEST_SCHEMA,
        "seeds": sorted({entry["seed"] for entry in runs}),
        "runs": runs,
        "inputs": inputs,
        "environments": environments,
    }
    return json.dumps(document, indent=1, sort_keys=True) + "\n"


@contextmanager
def _temporary_folder(parent: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write_table(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path, compression="zstd")
    _sync_file(path)


def _write_text(text: str, path: Path) -> None:
    path.write_text(text, encoding="utf-8")
    _sync_file(path)


def _sync_file(path: Path) -> None:
    with path.open("rb") as handle:
        os.fsync(handle.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
