"""Runs on disk: immutable Parquet parts, written so that a kill leaves them readable.

A store is a folder::

    manifest.json           view: versions, digests, resolved inputs
    runs.parquet            view: one row a run
    plan.parquet            of a sweep: one row a cell of its design
    runs/part-<h>.parquet   marker: a run whose row is here is stored
    series/part-<h>.parquet
    ledger/part-<h>.parquet
    events/part-<h>.parquet when asked for
    .lock                   held by whoever writes

A part holds whole runs and is named by the hash of their run ids. The files of
a commit are written in a temporary folder beside their destination, synced,
and renamed, the row in ``runs/`` last; whoever reads series joins them on
``runs/``. The views are written anew from the parts and never read by the
package. Writers take turns; readers need no lock and no right to write.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial

import pyarrow as pa

from bordersim.durable import (
    explained,
    has_leftovers,
    make_folder,
    only_writer,
    sync_folder,
    unfinished_folder,
    write_file,
)
from bordersim.errors import StoreError
from bordersim.part_files import encoded, encoded_runs, part_name
from bordersim.parts import (
    FAILED,
    FailedRun,
    RunTables,
    events_table,
    run_row,
    runs_table,
    tables_of,
)
from bordersim.results import Run
from bordersim.stored_runs import StoredRuns, covered

_DATA = ("series", "ledger", "events")


class Store(StoredRuns):
    """One results folder, to read and to write; made when something is first written."""

    def prepare(self) -> None:
        """Make sure, before long work begins, that runs can be written here.

        Raises
        ------
        StoreError
            When they cannot.
        """
        kept = "Nothing was simulated."
        with (
            self._explaining(kept=kept),
            only_writer(self.folder),
            unfinished_folder(self.folder) as folder,
        ):
            write_file(folder / "probe", b"1", sync=False)
            for kind in ("series", "ledger", "runs"):
                make_folder(self.folder / kind)

    def commit(self, runs: Sequence[Run]) -> None:
        """Store finished runs as one part, all or nothing.

        Committing a run again writes the same numbers to the same part. A row
        that recorded an earlier failure of the same run is removed.

        Raises
        ------
        StoreError
            When the folder cannot be written.
        """
        self._commit([tables_of(run) for run in runs], lambda: True)

    def commit_again(self, run: RunTables) -> None:
        """Store a run in a part of its own, which counts more than what was stored of it."""
        self._commit([run], lambda: True)

    def commit_new(self, runs: Sequence[RunTables]) -> int:
        """Store those of several runs that are not stored yet, as one part.

        Whether another process has stored one meanwhile is looked up under the lock, so
        that no run is there twice however many work at the same study.

        Returns
        -------
        int
            Runs that were stored.

        Raises
        ------
        StoreError
            When the folder cannot be written.
        """
        while runs := self._not_stored(runs):
            if self._commit(runs, partial(self._none_stored, runs)):
                break
        return len(runs)

    def _not_stored(self, runs: Sequence[RunTables]) -> list[RunTables]:
        marks = self.marks()
        logged = self.with_events() if any("events" in run.data for run in runs) else set()
        return [
            run
            for run in runs
            if not covered(marks.get(run.run_id), run.row["observables"])
            or ("events" in run.data and run.run_id not in logged)
        ]

    def _none_stored(self, runs: Sequence[RunTables]) -> bool:
        return len(self._not_stored(runs)) == len(runs)

    def _commit(self, runs: Sequence[RunTables], wanted: Callable[[], bool]) -> bool:
        data = {kind: encoded_runs(found) for kind in _DATA if (found := _by_run(runs, kind))}
        data["runs"] = encoded(runs_table([run.row for run in runs]))
        written = self._write(part_name([run.run_id for run in runs]), data, wanted)
        with self._explaining(kept="The run is stored."):
            for run in runs if written else ():
                self.path("runs", _failure_part(run.run_id)).unlink(missing_ok=True)
        return written

    def add_events(self, run: Run) -> None:
        """Store the event log of a run whose series are already stored."""
        data = encoded_runs({run.run_id: events_table(run)})
        self._write(part_name([run.run_id]), {"events": data})

    def record_failure(self, failed: FailedRun) -> None:
        """Keep a row for a run that failed; it does not count as stored."""
        data = encoded(runs_table([run_row(failed)]))
        self._write(_failure_part(failed.run_id), {"runs": data})

    def write_beside(self, name: str, data: bytes | memoryview) -> None:
        """Write or replace a file that belongs to the study as a whole.

        Raises
        ------
        StoreError
            When it cannot be written.
        """
        with (
            self._explaining(len(data)),
            only_writer(self.folder),
            unfinished_folder(self.folder) as folder,
        ):
            write_file(folder / name, data)
            os.replace(folder / name, self.folder / name)
            sync_folder(self.folder)

    def refresh_views(self) -> None:
        """Write ``runs.parquet`` and ``manifest.json`` anew where they differ from the parts.

        What killed writers left is cleared away, unless the folder may only be read.

        Raises
        ------
        StoreError
            When they have to be written and cannot be.
        """
        from bordersim.views import outdated_views

        seen = self.rows(), self.with_events()
        views = outdated_views(self.folder, *seen)
        if not views:
            self._clear_away()
            return
        kept = "The runs themselves are stored; only the summaries of the folder are old."
        with self._explaining(kept=kept), only_writer(self.folder) as alone:
            if alone:
                self._remove_orphans()
            now = self.rows(), self.with_events()
            views = views if now == seen else outdated_views(self.folder, *now)
            with unfinished_folder(self.folder) as folder:
                for name, data in views.items():
                    write_file(folder / name, data, sync=False)
                    os.replace(folder / name, self.folder / name)

    def _clear_away(self) -> None:
        """Remove what a killed writer left when nothing else is to be written."""
        if has_leftovers(self.folder):
            with suppress(OSError, StoreError), only_writer(self.folder) as alone:
                if alone:
                    self._remove_orphans()

    def _write(
        self,
        part: str,
        data: Mapping[str, memoryview],
        wanted: Callable[[], bool] = lambda: True,
    ) -> bool:
        """Write one part if it is still wanted; the marker, when there is one, comes last."""
        with self._explaining(sum(map(len, data.values()))):
            try:
                written = self._place(part, data, wanted)
            except FileNotFoundError:  # somebody removed the folder under our hands
                written = self._place(part, data, wanted)
        if "runs" in data and written:
            with self._explaining(kept="It is stored, but might not outlive a power cut."):
                sync_folder(self.folder / "runs")
        return written

    def _place(self, part: str, data: Mapping[str, memoryview], wanted: Callable[[], bool]) -> bool:
        with only_writer(self.folder), unfinished_folder(self.folder) as folder:
            if not wanted():
                return False
            for kind in data:
                make_folder(self.folder / kind)
                write_file(folder / kind, data[kind])
            for kind in (kind for kind in data if kind in _DATA):
                os.replace(folder / kind, self.path(kind, part))
                sync_folder(self.folder / kind)
            if "runs" in data:  # what the marker stands for is on the disk before it
                os.replace(folder / "runs", self.path("runs", part))
        return True

    def _remove_orphans(self) -> None:
        """Remove data whose marker never came; nobody else is writing."""
        rows, damaged = self.markers()
        if damaged:  # whose data are whose cannot be told
            return
        markers = {path.name for path in self.parts("runs")}
        known = markers | {part_name([run_id]) for run_id in rows}
        for kind in _DATA:
            for path in self.parts(kind):
                if path.name not in known:
                    path.unlink(missing_ok=True)

    @contextmanager
    def _explaining(self, needed: int = 0, **kept: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise explained(error, self.folder, needed, **kept) from error


def _failure_part(run_id: str) -> str:
    return part_name([f"{FAILED}:{run_id}"])


def _by_run(runs: Sequence[RunTables], kind: str) -> dict[str, pa.Table]:
    return {run.run_id: run.data[kind] for run in runs if kind in run.data}
