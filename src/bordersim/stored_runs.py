"""What a results folder holds: which runs are stored, and what is wrong with parts.

Nothing here writes, takes a lock or needs the right to write.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from bordersim.codes import OBSERVABLES
from bordersim.errors import StoreError
from bordersim.part_files import (
    RUN_IDS,
    DamagedPartError,
    check_footer,
    part_name,
    plain_rows,
    read_part,
    rows_of_run,
)
from bordersim.parts import FAILED, OK

_ATTEMPTS = 5
"""Times a folder is listed whose parts vanish while they are read."""

_ORDER = ("scenario", "seed", "run_id")

Version = tuple[str, int, int, int]
"""Name, inode, size and time of a file: another content has another."""


@dataclass(frozen=True)
class StoredRow:
    """A row of ``runs/`` and the part it came from."""

    part: str
    columns: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mark:
    """The little of a row that tells whether a run need be simulated.

    Attributes
    ----------
    part
        Where the row is.
    status
        ``ok`` or ``failed``.
    observables
        Those stored; None for all.
    """

    part: str
    status: str
    observables: frozenset[str] | None


def covered(mark: Mark | None, observables: Collection[str] | None) -> bool:
    """Whether a run is stored with these observables, all of them when None."""
    if mark is None or mark.status != OK:
        return False
    if mark.observables is None:
        return True
    return observables is not None and mark.observables.issuperset(observables)


@dataclass(frozen=True)
class Inventory:
    """What a results folder holds.

    Attributes
    ----------
    rows
        Row of every run by run id, in order of scenario and seed.
    with_events
        Ids of the runs whose event log is stored.
    damaged
        Parts that cannot be used, each with what is wrong with it.
    broken
        What is wrong with the parts of runs whose rows are there, by run id.
    """

    rows: Mapping[str, StoredRow]
    with_events: frozenset[str]
    damaged: tuple[DamagedPartError, ...]
    broken: Mapping[str, DamagedPartError]


class StoredRuns:
    """The runs of a results folder, to be read.

    Parameters
    ----------
    folder
        Need not be there; then it holds nothing.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._read: dict[Version, list[dict[str, Any]]] = {}
        self._marks: dict[Version, dict[str, Mark]] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StoredRuns) and self.folder == other.folder

    def __hash__(self) -> int:
        return hash(self.folder)

    def path(self, kind: str, part: str) -> Path:
        """File of a part."""
        return self.folder / kind / part

    def rows(self) -> dict[str, StoredRow]:
        """Row of every run by run id, in order of scenario and seed.

        A finished run hides its earlier failures, and a part of its own a part
        that it shares with others. Parts that cannot be read have no rows here.

        Raises
        ------
        StoreError
            When the folder itself cannot be read.
        """
        return self.markers()[0]

    def inventory(self) -> Inventory:
        """Look at every part's footer; what lies inside is checked when it is read.

        Raises
        ------
        StoreError
            When the folder itself cannot be read.
        """
        rows, damaged = self.markers()
        logged, damaged_logs = self._logged()
        broken: dict[str, DamagedPartError] = {}
        checked: dict[Path, DamagedPartError | None] = {}
        for run_id, row in rows.items():
            kinds = ("series", "ledger") if row.columns["status"] == OK else ()
            for path, kind in ((self.path(kind, row.part), kind) for kind in kinds):
                if path not in checked:
                    checked[path] = _wrong_footer(path, kind)
                if found := checked[path]:
                    broken.setdefault(run_id, found)
        bad = [found for found in checked.values() if found is not None]
        return Inventory(rows, frozenset(logged), (*damaged, *bad, *damaged_logs), broken)

    def with_events(self) -> set[str]:
        """Ids of the runs whose event log is stored."""
        return self._logged()[0]

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
        DamagedPartError
            When the part cannot be used.
        """
        try:
            return self._table(kind, row)
        except StoreError:
            # Compaction may have moved it since the row was read.
            now = self.rows().get(row.columns["run_id"])
            if now is None or now.part == row.part:
                raise
            return self._table(kind, now)

    def _table(self, kind: str, row: StoredRow) -> pa.Table:
        run_id = row.columns["run_id"]
        own, shared = (self.path(kind, part) for part in (part_name([run_id]), row.part))
        path = own if kind == "events" and own.exists() else shared
        if kind == "events" and not path.exists():
            raise StoreError(
                f"{self.folder}: run {run_id} has no {kind}; run it again with --events "
                "(events=True in Python)"
            )
        return rows_of_run(path, kind, run_id)

    def parts(self, kind: str) -> list[Path]:
        """Parts of a kind in order of name; a folder that is not there has none."""
        try:
            names = sorted(os.listdir(self.folder / kind))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(
                f"{self.folder / kind}: cannot be read ({error.strerror}); a results folder "
                "holds runs/part-*.parquet. Get the right to read it, or name another folder."
            ) from error
        parts = (name for name in names if name.startswith("part-") and name.endswith(".parquet"))
        return [self.folder / kind / name for name in parts]

    def markers(self) -> tuple[dict[str, StoredRow], list[DamagedPartError]]:
        """Rows as ``rows`` gives them, and the markers that cannot be used."""
        for _ in range(_ATTEMPTS):
            found, damaged, vanished = self._markers()
            if not vanished:  # else their runs may be in a part that was not there yet
                break
        order = sorted(found, key=lambda key: tuple(map(found[key].columns.get, _ORDER)))
        return {key: found[key] for key in order}, damaged

    def _markers(self) -> tuple[dict[str, StoredRow], list[DamagedPartError], bool]:
        found: dict[str, StoredRow] = {}
        damaged: list[DamagedPartError] = []
        vanished = False
        for path in self.parts("runs"):
            try:
                marker = self._rows_of(path)
            except DamagedPartError as error:
                if path.exists():
                    damaged.append(error)
                else:  # another process has just removed it
                    vanished = True
                continue
            for columns in marker:
                row = StoredRow(path.name, columns)
                if _counts_more(row, found.get(columns["run_id"])):
                    found[columns["run_id"]] = row
        return found, damaged, vanished

    def _rows_of(self, path: Path) -> list[dict[str, Any]]:
        """Rows of a marker; one that has not been replaced is read once."""
        key = _version(path)
        if key is None:
            return _read_rows(path)
        if key not in self._read:
            self._read[key] = _read_rows(path)
        return self._read[key]

    def marks(self) -> dict[str, Mark]:
        """What is stored and what failed, by run id, in a fraction of the memory of ``rows``.

        Markers that cannot be read have none; one that has been read is not read again.
        """
        now: dict[Version, dict[str, Mark]] = {}
        found: dict[str, Mark] = {}
        for path in self.parts("runs"):
            key = _version(path)
            if key is None:  # another process has just removed it
                continue
            now[key] = self._marks.get(key) or _read_marks(path)
            for run_id, mark in now[key].items():
                known = found.get(run_id)
                if known is None or _rank_of(run_id, mark) > _rank_of(run_id, known):
                    found[run_id] = mark
        self._marks = now
        return found

    def marker_rows(self, part: str) -> list[dict[str, Any]]:
        """Rows of the runs in one part, every column; DamagedPartError if it cannot be read."""
        return _read_rows(self.path("runs", part))

    def read_beside(self, name: str) -> bytes | None:
        """Content of a file that belongs to the study as a whole; None where there is none.

        Raises
        ------
        OSError
            When it is there and cannot be read.
        """
        path = self.folder / name
        return path.read_bytes() if path.exists() else None

    def missing_words(self) -> str:
        """What to say where no runs are."""
        return f"{self.folder}: no stored runs; a results folder holds runs/part-*.parquet"

    def damaged_parts(self) -> dict[str, DamagedPartError]:
        """Parts of finished runs whose data cannot be used, by name, judged by their footers."""
        parts = {mark.part for mark in self.marks().values() if mark.status == OK}
        found: dict[str, DamagedPartError] = {}
        for part in sorted(parts):
            for kind in ("series", "ledger"):
                error = _wrong_footer(self.path(kind, part), kind)
                if error is not None:
                    found.setdefault(part, error)
        return found

    def _logged(self) -> tuple[set[str], list[DamagedPartError]]:
        ids: set[str] = set()
        damaged: list[DamagedPartError] = []
        for path in self.parts("events"):
            try:
                metadata = check_footer(path, "events").metadata or {}
                ids.update(json.loads(metadata[RUN_IDS]))
            except (KeyError, ValueError):
                damaged.append(DamagedPartError(path, "it does not say whose events it holds"))
            except DamagedPartError as error:
                damaged.append(error)
        return ids, damaged


def _counts_more(row: StoredRow, known: StoredRow | None) -> bool:
    if known is None or known.columns["status"] == FAILED:
        return True
    return _rank(row) > _rank(known)


def _rank(row: StoredRow) -> tuple[int, bool]:
    columns, stored = row.columns, row.columns["observables"]
    kept = None if stored is None else frozenset(stored)
    return _rank_of(columns["run_id"], Mark(row.part, columns["status"], kept))


def _rank_of(run_id: str, mark: Mark) -> tuple[int, bool]:
    """Of a run that is there twice: the row with more observables, then a part of its own."""
    if mark.status != OK:
        return -1, False
    n_stored = len(OBSERVABLES) if mark.observables is None else len(mark.observables)
    return n_stored, mark.part == part_name([run_id])


def _version(path: Path) -> Version | None:
    """What tells one file of a name from the next; None when there is none."""
    try:
        now = path.stat()
    except OSError:
        return None
    return path.name, now.st_ino, now.st_size, now.st_mtime_ns


def _read_rows(path: Path) -> list[dict[str, Any]]:
    return plain_rows(read_part(path, "runs"))


def _read_marks(path: Path) -> dict[str, Mark]:
    try:
        rows = read_part(path, "runs", ("run_id", "status", "observables")).to_pylist()
    except DamagedPartError:
        return {}
    return {
        row["run_id"]: Mark(path.name, row["status"], kept_observables(row.get("observables")))
        for row in rows
    }


def kept_observables(names: Collection[str] | None) -> frozenset[str] | None:
    """Observables that a row says are stored; runs that keep the same share one set.

    Ten thousand sets would be most of what a process remembers of a study.
    """
    return None if names is None else _one_set(frozenset(names))


@lru_cache(maxsize=32)
def _one_set(names: frozenset[str]) -> frozenset[str]:
    return names


def _wrong_footer(path: Path, kind: str) -> DamagedPartError | None:
    try:
        check_footer(path, kind)
    except DamagedPartError as error:
        return error
    return None
