"""What may be removed from a folder of results, and its removal.

Everything is decided anew while the lock of a study is held: what another process has
finished, replaced or removed meanwhile is left alone.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bordersim.durable import LOCK, UNFINISHED, explained, only_writer, sync_folder
from bordersim.part_files import DamagedPartError, part_name, read_part
from bordersim.parts import FAILED, OK
from bordersim.run_catalogue import DATA_KINDS, KINDS, part_files, study_folders
from bordersim.store import Store
from bordersim.stored_runs import Inventory, StoredRow, StoredRuns

VIEWS = ("manifest.json", "runs.parquet")


@dataclass(frozen=True)
class Choice:
    """What beside leftovers is to go.

    Attributes
    ----------
    named
        Complete runs that were asked for by name: folder of the study and run id.
    engine
        Complete runs of any other engine go; None keeps them.
    damaged
        Parts that cannot be used go. Not by default: a later version of bordersim, or a
        person, may make something of them.
    """

    named: Collection[tuple[Path, str]] = ()
    engine: str | None = None
    damaged: bool = False


@dataclass(frozen=True)
class Removable:
    """One thing that may be removed.

    Attributes
    ----------
    study
        Folder of the study.
    reason
        ``unfinished``, ``failed``, ``superseded``, ``damaged``, ``older engine`` or ``named``.
    what
        The run, or the file.
    run_ids
        The runs, where it is runs.
    paths
        Files and folders, in the order in which they are to go.
    size
        Bytes.
    """

    study: Path
    reason: str
    what: str
    run_ids: tuple[str, ...]
    paths: tuple[Path, ...]
    size: int


def removable(results: Path, choice: Choice) -> list[Removable]:
    """List what may be removed; nothing is.

    Parameters
    ----------
    results
        Folder of results, or of one study.
    choice
        Complete runs that are to go.

    Returns
    -------
    list of Removable
        In order of study.

    Raises
    ------
    StoreError
        If a folder cannot be read.
    """
    found: list[Removable] = []
    for folder in study_folders(results):
        alone = not _somebody_writes(folder)
        found.extend(_unfinished(folder) if alone else ())
        found.extend(_parts_to_go(folder, choice, alone))
    return found


def remove(results: Path, choice: Choice) -> list[Removable]:
    """Remove what may be removed, study by study, each under its lock.

    Parameters
    ----------
    results, choice
        As for ``removable``.

    Returns
    -------
    list of Removable
        What is gone.

    Raises
    ------
    StoreError
        If something cannot be removed, or another process keeps a study's lock.
    """
    gone: list[Removable] = []
    for folder in study_folders(results):
        leftovers = [] if _somebody_writes(folder) else list(_unfinished(folder))
        try:
            with only_writer(folder) as alone:  # itself removes what is unfinished, if it may
                gone.extend(item for item in leftovers if not _exists(item))
                for item in list(_parts_to_go(folder, choice, alone)):
                    _remove(item)
                    gone.append(item)
                _remove_if_empty(folder)
        except OSError as error:
            raise explained(error, folder, kept="What was removed is gone.") from error
        if folder.is_dir():
            Store(folder).refresh_views()
    return gone


def _parts_to_go(folder: Path, choice: Choice, alone: bool) -> Iterator[Removable]:
    store = StoredRuns(folder)
    inventory = store.inventory()
    unusable = {error.path for error in inventory.damaged}
    for rows in _by_part(inventory.rows):
        reason = _reason(folder, rows, choice, inventory.broken)
        if reason is not None:
            paths = dict.fromkeys(path for row in rows for path in part_files(store, row))
            run_ids = [row.columns["run_id"] for row in rows]
            label = ", ".join(map(_label, rows))
            yield _item(folder, reason, label, list(paths), run_ids)
            unusable.difference_update(paths)
    for path in sorted(unusable) if choice.damaged else ():
        yield _item(folder, "damaged", f"{path.parent.name}/{path.name}", [path])
    yield from _superseded(store, inventory)
    if alone and not inventory.damaged:  # else whose data these are cannot be told
        yield from _orphans(store, inventory.rows)


def _by_part(rows: Mapping[str, StoredRow]) -> list[list[StoredRow]]:
    grouped: dict[str, list[StoredRow]] = {}
    for row in rows.values():
        grouped.setdefault(row.part, []).append(row)
    return list(grouped.values())


def _reason(
    folder: Path,
    rows: Collection[StoredRow],
    choice: Choice,
    broken: Mapping[str, DamagedPartError],
) -> str | None:
    """Why a part may go; None where one of its runs must stay."""
    reasons = {_reason_of(folder, row, choice, broken) for row in rows}
    if None in reasons:
        return None
    return " and ".join(sorted(reason for reason in reasons if reason is not None))


def _reason_of(
    folder: Path, row: StoredRow, choice: Choice, broken: Mapping[str, DamagedPartError]
) -> str | None:
    columns = row.columns
    if columns["status"] == FAILED:
        return "failed"
    if columns["run_id"] in broken:
        return "damaged" if choice.damaged else None
    if (folder, columns["run_id"]) in choice.named:
        return "named"
    older = choice.engine is not None and columns["engine"] != choice.engine
    return "older engine" if older and columns["status"] == OK else None


def _label(row: StoredRow) -> str:
    return f"{row.columns['run_id']} (seed {row.columns['seed']})"


def _superseded(store: StoredRuns, inventory: Inventory) -> Iterator[Removable]:
    """Parts whose every run counts from another part, which can be used."""
    counting = {row.part for row in inventory.rows.values()}
    unusable = {error.path for error in inventory.damaged}
    for path in store.parts("runs"):
        if path.name in counting or path in unusable:
            continue
        try:
            run_ids = read_part(path, "runs").column("run_id").to_pylist()
        except DamagedPartError:  # gone, or spoiled this moment
            continue
        if not any(run_id in inventory.broken for run_id in run_ids):
            data = [store.path(kind, path.name) for kind in DATA_KINDS]
            yield _item(
                store.folder, "superseded", f"{path.name}: {', '.join(run_ids)}", [path, *data]
            )


def _orphans(store: StoredRuns, rows: Mapping[str, StoredRow]) -> Iterator[Removable]:
    """Data whose marker never came."""
    known = {path.name for path in store.parts("runs")}
    finished = (key for key, row in rows.items() if row.columns["status"] == OK)
    known.update(part_name([run_id]) for run_id in finished)
    for kind in DATA_KINDS:
        for path in store.parts(kind):
            if path.name not in known:
                yield _item(store.folder, "unfinished", f"{kind}/{path.name}", [path])


def _unfinished(folder: Path) -> Iterator[Removable]:
    for path in sorted(folder.glob(f"{UNFINISHED}*")):
        yield _item(folder, "unfinished", path.name, [path])


def _item(
    study: Path, reason: str, what: str, paths: Collection[Path], run_ids: Sequence[str] = ()
) -> Removable:
    there = tuple(path for path in paths if path.exists())
    return Removable(study, reason, what, tuple(run_ids), there, sum(map(_size, there)))


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    total = 0
    for file in files:
        with suppress(OSError):  # gone meanwhile
            total += file.stat().st_size
    return total


def _exists(item: Removable) -> bool:
    return any(path.exists() for path in item.paths)


def _remove(item: Removable) -> None:
    for path in item.paths:  # the marker first: what follows is then no part of a run
        path.unlink(missing_ok=True)
        sync_folder(path.parent)


def _remove_if_empty(folder: Path) -> None:
    """Remove a study that holds nothing; a process that waits for the lock makes it again."""
    store = StoredRuns(folder)
    if not store.rows():
        for name in VIEWS:
            (folder / name).unlink(missing_ok=True)
    if any(store.parts(kind) for kind in KINDS):
        return
    for kind in KINDS:
        with suppress(OSError):
            (folder / kind).rmdir()
    if {path.name for path in folder.iterdir()} == {LOCK}:
        (folder / LOCK).unlink()
        folder.rmdir()


def _somebody_writes(folder: Path) -> bool:
    """Whether another process holds the lock now; found out without waiting."""
    try:
        descriptor = os.open(folder / LOCK, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False
