"""Many small parts of a study made into few large ones; readers notice nothing.

A study that was interrupted often, or that grew by a few seeds at a time, has many small
parts. What they hold is copied into a new part, which is in its place before the old ones
are removed: whoever reads through this package finds each run in one or the other. A kill
on the way leaves both, and the next compaction, or ``runs gc``, removes what is superfluous.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bordersim.durable import (
    explained,
    only_writer,
    sync_folder,
    unfinished_folder,
    write_file,
)
from bordersim.part_files import encoded, encoded_groups, part_name
from bordersim.parts import OK, runs_table
from bordersim.store import Store
from bordersim.stored_runs import StoredRow

LARGE = 32_000_000
"""Bytes of series from which a part stays as it is, and that new ones have at most."""

_DATA = ("series", "ledger", "events")


@dataclass(frozen=True)
class Compacted:
    """What a compaction did.

    Attributes
    ----------
    before, after
        Parts of finished runs.
    n_runs
        Runs that were moved.
    """

    before: int
    after: int
    n_runs: int


def compact(folder: Path, large: int = LARGE) -> Compacted:
    """Put the runs of a study's small parts together.

    Parameters
    ----------
    folder
        The study.
    large
        See ``LARGE``.

    Raises
    ------
    StoreError
        When it cannot be read or written, or another process keeps writing to it.
    """
    store = Store(folder)
    before = len(_parts(store))
    n_runs = 0
    try:
        while True:
            with only_writer(folder):
                group = _next_group(store, large)
                if not group:
                    break
                n_runs += _put_together(store, group)
    except OSError as error:
        kept = "Every run is stored, in its old part or in the new."
        raise explained(error, folder, kept=kept) from error
    store.refresh_views()
    return Compacted(before, len(_parts(store)), n_runs)


def _parts(store: Store) -> set[str]:
    return {mark.part for mark in store.marks().values() if mark.status == OK}


def _next_group(store: Store, large: int) -> list[str]:
    """Names of parts that together make a large one; empty where there are not two."""
    damaged = store.damaged_parts()
    group: list[str] = []
    total = 0
    for part in sorted(_parts(store) - set(damaged)):
        size = store.path("series", part).stat().st_size
        if size < large / 2 and total + size <= large:
            group.append(part)
            total += size
    return group if len(group) > 1 else []


def _put_together(store: Store, group: Sequence[str]) -> int:
    """Copy the runs that count from these parts into a new one, and remove the old."""
    rows = [row for row in store.rows().values() if row.part in group]
    ids = [row.columns["run_id"] for row in rows]
    logged = store.with_events() & set(ids)
    data = {}
    for kind in ("series", "ledger"):
        data[kind] = encoded_groups(ids, (store.table(kind, row) for row in rows))
    if logged:
        events = [row for row in rows if row.columns["run_id"] in logged]
        data["events"] = encoded_groups(sorted(logged), _events_of(store, events))
    data["runs"] = encoded(runs_table([row.columns for row in rows]))
    new = part_name(ids)
    with unfinished_folder(store.folder) as unfinished:
        for kind, content in data.items():
            write_file(unfinished / kind, content)
        for kind in data:  # the marker is the last of them
            os.replace(unfinished / kind, store.path(kind, new))
            sync_folder(store.folder / kind)
    _remove(store, [part for part in group if part != new], ids)
    return len(ids)


def _events_of(store: Store, rows: Sequence[StoredRow]) -> Iterator[object]:
    for row in rows:
        yield store.table("events", row)


def _remove(store: Store, parts: Sequence[str], run_ids: Sequence[str]) -> None:
    """Remove parts, markers first; and event logs that stood beside a run's other part."""
    for kind in ("runs", *_DATA):
        for part in parts:
            store.path(kind, part).unlink(missing_ok=True)
        if (store.folder / kind).is_dir():
            sync_folder(store.folder / kind)
    for run_id in run_ids:
        store.path("events", part_name([run_id])).unlink(missing_ok=True)
