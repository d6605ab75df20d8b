"""Every stored run of every study in a folder of results, to list and to find by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bordersim.durable import UNFINISHED
from bordersim.errors import StoreError
from bordersim.part_files import DamagedPartError, part_name
from bordersim.parts import DAMAGED, OK
from bordersim.stored_runs import StoredRow, StoredRuns

DATA_KINDS = ("series", "ledger", "events")
KINDS = ("runs", *DATA_KINDS)

_SHOWN = 8
"""Candidates that an error names at most."""


@dataclass(frozen=True)
class Entry:
    """One stored run.

    Attributes
    ----------
    store, row
        Where it is.
    status
        ``ok``, ``failed``, or ``damaged`` where a part of it cannot be used.
    has_events
        Whether its event log is stored.
    size
        Bytes of its parts; of a part shared by several runs, an equal share.
    """

    store: StoredRuns
    row: StoredRow
    status: str
    has_events: bool
    size: int

    @property
    def columns(self) -> dict[str, Any]:
        """Row of ``runs/``."""
        return self.row.columns

    @property
    def run_id(self) -> str:
        """Name of its inputs."""
        return str(self.columns["run_id"])

    @property
    def study(self) -> str:
        """Name of the study's folder."""
        return self.store.folder.resolve().name

    @property
    def full_name(self) -> str:
        """Study and id: unlike the id alone, never shared."""
        return f"{self.study}/{self.run_id}"


@dataclass(frozen=True)
class Catalogue:
    """What a folder of results holds.

    Attributes
    ----------
    results
        The folder.
    entries
        In order of study, scenario and seed.
    damaged
        Parts that cannot be used.
    """

    results: Path
    entries: tuple[Entry, ...]
    damaged: tuple[DamagedPartError, ...]


class RunKeyError(StoreError):
    """No run, or more than one, answers to a name.

    Parameters
    ----------
    message
        What is wrong.
    candidates
        Full names of runs that may have been meant.
    """

    def __init__(self, message: str, candidates: Sequence[str]) -> None:
        self.candidates = tuple(candidates)
        super().__init__(message)


def study_folders(results: Path) -> list[Path]:
    """Find the studies in a folder of results.

    Parameters
    ----------
    results
        The folder of a command's ``--out``, or that of one study.

    Returns
    -------
    list of Path
        In order of name.

    Raises
    ------
    StoreError
        If there is no such folder or it cannot be read.
    """
    if not results.is_dir():
        what = "is no folder" if results.exists() else "no such folder"
        raise StoreError(f"{results}: {what}; results are where `bordersim run --out` put them")
    if _is_study(results):
        return [results]
    try:
        return sorted(path for path in results.iterdir() if path.is_dir() and _is_study(path))
    except OSError as error:
        raise StoreError(f"{results}: cannot be read ({error.strerror})") from error


def totals(entries: Iterable[Entry], observable: str) -> dict[str, float]:
    """Sum of a flow over all months and places, of every finished run.

    Parameters
    ----------
    entries
        The runs; each part is read once, whatever their order.
    observable
        A flow.

    Returns
    -------
    dict
        By full name; runs whose part cannot be read are left out.
    """
    finished = [entry for entry in entries if entry.status == OK]
    paths = [entry.store.path("series", entry.row.part) for entry in finished]
    sums = {path: _sums(path, observable) for path in dict.fromkeys(paths)}
    return {
        entry.full_name: found.get(entry.run_id, 0.0)
        for entry, path in zip(finished, paths, strict=True)
        if (found := sums[path]) is not None
    }


def _sums(path: Path, observable: str) -> dict[str, float] | None:
    try:
        table = pq.read_table(
            path, columns=["run_id", "value"], filters=[("observable", "=", observable)]
        ).unify_dictionaries()
    except (pa.ArrowException, OSError):
        return None
    sums = table.group_by("run_id").aggregate([("value", "sum")]).to_pydict()
    return dict(zip(sums["run_id"], sums["value_sum"], strict=True))


def _is_study(folder: Path) -> bool:
    if any((folder / kind).is_dir() for kind in KINDS):
        return True
    return next(folder.glob(f"{UNFINISHED}*"), None) is not None


def read_catalogue(results: Path) -> Catalogue:
    """Look at every run of every study; writes nothing and waits for nobody.

    Parameters
    ----------
    results
        As for ``study_folders``.

    Returns
    -------
    Catalogue
        Only the footers of parts are read.

    Raises
    ------
    StoreError
        If a folder cannot be read.
    """
    entries: list[Entry] = []
    damaged: list[DamagedPartError] = []
    for folder in study_folders(results):
        store = StoredRuns(folder)
        found = store.inventory()
        damaged.extend(found.damaged)
        sharing = Counter(row.part for row in found.rows.values())
        for run_id, row in found.rows.items():
            status = DAMAGED if run_id in found.broken else row.columns["status"]
            logged = run_id in found.with_events
            size = sum(map(_size, part_files(store, row))) // sharing[row.part]
            entries.append(Entry(store, row, status, logged, size))
    return Catalogue(results, tuple(entries), tuple(damaged))


def part_files(store: StoredRuns, row: StoredRow) -> list[Path]:
    """Files that hold a run, the marker first.

    An event log added later lies in a part of the run's own.
    """
    names = dict.fromkeys((row.part, part_name([row.columns["run_id"]])))
    paths = [store.path("runs", row.part)]
    paths += [store.path(kind, row.part) for kind in ("series", "ledger")]
    paths += [store.path("events", name) for name in names]
    return [path for path in paths if path.exists()]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def find_run(catalogue: Catalogue, key: str) -> Entry:
    """Find a run by name.

    Parameters
    ----------
    catalogue
        Where to look.
    key
        Its id, the start of it, or ``STUDY/`` and either.

    Returns
    -------
    Entry
        The only run that answers to the name.

    Raises
    ------
    RunKeyError
        If none does, or more than one.
    """
    study, slash, start = key.rpartition("/")
    matches = [
        entry
        for entry in catalogue.entries
        if start
        and entry.run_id.startswith(start)
        and (not slash or entry.study == Path(study).name)
    ]
    if len(matches) == 1:
        return matches[0]
    if matches:
        names = [entry.full_name for entry in matches]
        raise RunKeyError(f'{len(matches)} runs answer to "{key}": {_listed(names)}', names)
    known = {entry.run_id: entry.full_name for entry in catalogue.entries}
    if not known:
        raise RunKeyError(f"{catalogue.results} holds no runs", ())
    close = [known[run_id] for run_id in get_close_matches(start, known, n=3)]
    names = close or [entry.full_name for entry in catalogue.entries]
    hint = "did you mean" if close else "runs there:"
    raise RunKeyError(f'no run "{key}" in {catalogue.results}; {hint} {_listed(names)}', names)


def find_runs(catalogue: Catalogue, key: str) -> tuple[Entry, ...]:
    """Find all runs of a study, or one run.

    Parameters
    ----------
    catalogue
        Where to look.
    key
        Name or path of a study, or a name as for ``find_run``.

    Returns
    -------
    tuple of Entry
        At least one.

    Raises
    ------
    RunKeyError
        If there is neither such a study nor one such run.
    """
    folder = Path(key).resolve()
    of_study = tuple(
        entry
        for entry in catalogue.entries
        if key == entry.study or folder == entry.store.folder.resolve()
    )
    return of_study or (find_run(catalogue, key),)


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
