"""Runs in an object store: written by many at once without a lock, read while they write.

The layout is that of a folder but for names: a part of data is
``series/part-<turn>-<h>.parquet``, its marker ``runs/part-<turn>.parquet``. Who commits looks
which turn is the next, writes its data under that turn, and creates the marker on condition
that there is none. One of several who try succeeds; the others look at what it stored, leave
that out, and try the next turn. So each run is stored once however many write, a kill leaves
at most data of a turn that it did not get, and such data are known to be dead as soon as
somebody else has the turn: no lock, no clock.

A run that failed is a marker of its own, ``runs/part-failed-<run id>.parquet``.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import pyarrow as pa

from bordersim.codes import OBSERVABLES
from bordersim.errors import StoreError
from bordersim.part_files import (
    DamagedPartError,
    encoded,
    encoded_runs,
    part_name,
    plain_rows,
    read_part,
    rows_of_run,
)
from bordersim.parts import OK, FailedRun, RunTables, run_row, runs_table
from bordersim.remote_place import Objects, Place, RemotePlace
from bordersim.results import Run
from bordersim.store import Store
from bordersim.stored_runs import Inventory, Mark, StoredRow, kept_observables

_DATA = ("series", "ledger", "events")
_TURN = re.compile(r"part-(\d{8})(?:-[0-9a-f]+)?\.parquet\Z")

_LONGEST_PAUSE = 2.0
"""Seconds at most before a writer that lost its turn tries the next."""


class RemoteStore(Store):
    """The study at a URL, to read and to write.

    Parameters
    ----------
    place
        Where; nothing need be there.

    Raises
    ------
    StoreError
        When what reaches such places is not installed.
    """

    def __init__(self, place: RemotePlace) -> None:
        super().__init__(Path())
        # Of a folder only its name and `/` are used, to make names of files for messages.
        self.folder = cast(Path, place)
        self._objects = Objects(place)
        self._versions: dict[str, str] = {}
        self._marks_in: dict[str, dict[str, Mark]] = {}
        self._copies: Path | None = None

    def prepare(self) -> None:
        """See ``Store.prepare``; that two can write at once is tried, too."""
        self._objects.check()

    # What is there

    def marks(self) -> dict[str, Mark]:
        """See ``StoredRuns.marks``."""
        self._look()
        found: dict[str, Mark] = {}
        for marker in sorted(self._marks_in):
            for run_id, mark in self._marks_in[marker].items():
                known = found.get(run_id)
                if known is None or _extent(mark) >= _extent(known):  # a later turn counts more
                    found[run_id] = mark
        return found

    def markers(self) -> tuple[dict[str, StoredRow], list[DamagedPartError]]:
        """See ``StoredRuns.markers``."""
        marks = self.marks()
        found: dict[str, StoredRow] = {}
        damaged: list[DamagedPartError] = []
        content = self._objects.read([f"runs/{marker}" for marker in sorted(self._versions)])
        for name, data in content.items():
            try:
                rows = self._rows_in(name, data)
            except DamagedPartError as error:
                damaged.append(error)
                continue
            part = _part_of(name.partition("/")[2], [row["run_id"] for row in rows])
            for row in rows:
                mark = marks.get(row["run_id"])
                if mark is not None and mark.part == part:
                    found[row["run_id"]] = StoredRow(part, row)
        in_order = sorted(found.items(), key=lambda item: _order(item[1].columns))
        return dict(in_order), damaged

    def inventory(self) -> Inventory:
        """See ``StoredRuns.inventory``; objects are written whole, so only lost ones count."""
        rows, damaged = self.markers()
        lost = self._lost(row.part for row in rows.values() if row.columns["status"] == OK)
        broken = {run_id: lost[row.part] for run_id, row in rows.items() if row.part in lost}
        bad = (*damaged, *lost.values())
        return Inventory(rows, frozenset(self.with_events()), bad, broken)

    def damaged_parts(self) -> dict[str, DamagedPartError]:
        """See ``StoredRuns.damaged_parts``."""
        return self._lost(mark.part for mark in self.marks().values() if mark.status == OK)

    def with_events(self) -> set[str]:
        """See ``StoredRuns.with_events``."""
        logged = self._objects.parts("events")
        return {run_id for run_id, mark in self.marks().items() if mark.part in logged}

    def marker_rows(self, part: str) -> list[dict[str, Any]]:
        """See ``StoredRuns.marker_rows``."""
        name = f"runs/{_marker_of(part)}"
        return self._rows_in(name, self._objects.read([name]).get(name))

    def read_beside(self, name: str) -> bytes | None:
        """See ``StoredRuns.read_beside``."""
        return self._objects.read([name]).get(name)

    def parts(self, kind: str) -> list[Path]:
        """See ``StoredRuns.parts``; where they are, to be named and not opened."""
        return [self.path(kind, name) for name in sorted(self._objects.parts(kind))]

    def missing_words(self) -> str:
        """See ``StoredRuns.missing_words``."""
        if not self._objects.bucket_is_there():
            return f"{self.folder}: there is no such bucket"
        return super().missing_words()

    def _table(self, kind: str, row: StoredRow) -> pa.Table:
        run_id = row.columns["run_id"]
        copy = self._copy(kind, row.part, run_id)
        try:
            return rows_of_run(copy, kind, run_id)
        except DamagedPartError as error:
            raise DamagedPartError(self.path(kind, row.part), error.what) from error

    def _copy(self, kind: str, part: str, run_id: str) -> Path:
        """Copy of a part here, made when it is first needed; it goes with this store."""
        if self._copies is None:
            self._copies = Path(tempfile.mkdtemp(prefix="bordersim-"))
            weakref.finalize(self, shutil.rmtree, self._copies, ignore_errors=True)
        copy = self._copies / f"{kind}-{part}"
        if not copy.exists():
            name = f"{kind}/{part}"
            data = self._objects.read([name]).get(name)
            if data is None and kind == "events":
                raise StoreError(f"{self.folder}: run {run_id} was stored without events")
            if data is None:
                raise DamagedPartError(self.path(kind, part), "the file is missing")
            number, unfinished = tempfile.mkstemp(dir=self._copies)
            with os.fdopen(number, "wb") as file:
                file.write(data)
            os.replace(unfinished, copy)
        return copy

    def _look(self) -> None:
        """Read the markers that are new since it was last looked."""
        now = self._objects.parts("runs")
        new = [name for name, version in now.items() if self._versions.get(name) != version]
        content = self._objects.read([f"runs/{name}" for name in new])
        for name in self._versions.keys() - now.keys():
            del self._marks_in[name]
        for name in new:
            self._marks_in[name] = self._marks_of(name, content.get(f"runs/{name}"))
        self._versions = now

    def _marks_of(self, marker: str, data: bytes | None) -> dict[str, Mark]:
        columns = ("run_id", "status", "observables")
        try:
            rows = self._rows_in(f"runs/{marker}", data, columns)
        except DamagedPartError:
            return {}
        part = _part_of(marker, [row["run_id"] for row in rows])
        return {row["run_id"]: _mark(part, row) for row in rows}

    def _rows_in(
        self, name: str, data: bytes | None, only: Collection[str] | None = None
    ) -> list[dict[str, Any]]:
        path = self.folder / name
        if data is None:
            raise DamagedPartError(path, "the file is missing")
        return plain_rows(read_part(path, "runs", only, data=data))

    def _lost(self, parts: Any) -> dict[str, DamagedPartError]:
        wanted = set(parts)
        lost: dict[str, DamagedPartError] = {}
        for kind in ("series", "ledger") if wanted else ():
            for part in sorted(wanted - self._objects.parts(kind).keys()):
                lost.setdefault(
                    part, DamagedPartError(self.path(kind, part), "the file is missing")
                )
        return lost

    # Writing

    def _commit(self, runs: Sequence[RunTables], wanted: Callable[[], bool]) -> bool:
        data = {
            kind: encoded_runs(found)
            for kind in _DATA
            if (found := {run.run_id: run.data[kind] for run in runs if kind in run.data})
        }
        marker = encoded(runs_table([run.row for run in runs]))
        run_ids = [run.run_id for run in runs]
        pause = 0.05
        while True:
            self._look()
            if not wanted():
                return False
            if self._take_turn(run_ids, data, marker):
                break
            time.sleep(random.uniform(0.0, pause))
            pause = min(2 * pause, _LONGEST_PAUSE)
        failures = {_failure_marker(run_id) for run_id in run_ids} & self._versions.keys()
        self._objects.remove([f"runs/{marker}" for marker in failures])
        return True

    def _take_turn(
        self, run_ids: Sequence[str], data: Mapping[str, memoryview], marker: memoryview
    ) -> bool:
        """Store runs at the turn after the last that is known; whether it was still free."""
        last = max((turn for name in self._versions if (turn := _turn_of(name))), default=0)
        name = f"part-{last + 1:08d}.parquet"
        part = _part_of(name, run_ids)
        for kind, content in data.items():
            self._objects.put(f"{kind}/{part}", content)
        if self._objects.create(f"runs/{name}", marker):
            return True
        self._look()
        taken = {mark.part for mark in self._marks_in.get(name, {}).values()}
        if part in taken:  # by somebody with the same runs, or by us and the answer was lost
            return True
        self._objects.remove([f"{kind}/{part}" for kind in data])
        return False

    def add_events(self, run: Run) -> None:
        """Not done at a URL: a sweep stores events with the runs."""
        raise StoreError(f"{self.folder}: events of run {run.run_id} cannot be added at a URL")

    def record_failure(self, failed: FailedRun) -> None:
        """See ``Store.record_failure``."""
        data = encoded(runs_table([run_row(failed)]))
        self._objects.put(f"runs/{_failure_marker(failed.run_id)}", data)

    def write_beside(self, name: str, data: bytes | memoryview) -> None:
        """See ``Store.write_beside``."""
        self._objects.put(name, data)

    def refresh_views(self) -> None:
        """See ``Store.refresh_views``; data whose turn somebody else got are removed."""
        from bordersim.views import views

        self._remove_dead()
        for name, data in views(self.rows(), self.with_events()).items():
            if self.read_beside(name) != data:
                self._objects.put(name, data)

    def _remove_dead(self) -> None:
        data = {kind: self._objects.parts(kind) for kind in _DATA}
        self._look()
        readable = {name: marks for name, marks in self._marks_in.items() if marks}
        for kind, parts in data.items():
            dead = [part for part in parts if _lost_turn(part, readable)]
            self._objects.remove([f"{kind}/{part}" for part in dead])


@lru_cache(maxsize=4)
def _remembered(place: RemotePlace) -> RemoteStore:
    return RemoteStore(place)


def store_at(place: Place) -> Store:
    """Store of a study, in a folder or at a URL.

    A process keeps that of a URL, so that it reads each marker once.

    Raises
    ------
    StoreError
        When what reaches such places is not installed.
    """
    return _remembered(place) if isinstance(place, RemotePlace) else Store(place)


def _part_of(marker: str, run_ids: Sequence[str]) -> str:
    """Name of the data of a marker; of one without data, its own."""
    if _turn_of(marker) is None:
        return marker
    return f"{marker.removesuffix('.parquet')}-{part_name(run_ids).removeprefix('part-')}"


def _marker_of(part: str) -> str:
    turn = _turn_of(part)
    return part if turn is None else f"part-{turn:08d}.parquet"


def _turn_of(name: str) -> int | None:
    match = _TURN.match(name)
    return int(match[1]) if match else None


def _lost_turn(part: str, markers: Mapping[str, Mapping[str, Mark]]) -> bool:
    """Whether the turn that data were written for went to other data."""
    marks = markers.get(_marker_of(part), {})
    return bool(marks) and all(mark.part != part for mark in marks.values())


def _failure_marker(run_id: str) -> str:
    return f"part-failed-{run_id}.parquet"


def _mark(part: str, row: Mapping[str, Any]) -> Mark:
    return Mark(part, row["status"], kept_observables(row["observables"]))


def _extent(mark: Mark) -> int:
    """Observables stored; of a run that failed, less than none."""
    if mark.status != OK:
        return -1
    return len(OBSERVABLES) if mark.observables is None else len(mark.observables)


def _order(columns: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(columns[name] for name in ("scenario", "seed", "run_id"))
