"""Arrow tables of a run: the rows that the parts of a store hold."""

from __future__ import annotations

import json
import platform
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bordersim._version import __version__
from bordersim.codes import EPOCH_YEAR, OBSERVABLES, Account, Event
from bordersim.dates import month_label
from bordersim.results import CLASSES, NATION, SEXES, Run, RunResults, TidySeries

if TYPE_CHECKING:
    from bordersim.scenario import Scenario

OK = "ok"
FAILED = "failed"
DAMAGED = "damaged"
"""Status of a run whose parts cannot be used; no row on the disk has it."""

HOME_EVENTS = frozenset(
    {
        Event.CONSIDERED,
        Event.STAYED,
        Event.PRICED_OUT,
        Event.UNSERVED,
        Event.DIED_CUSTODY,
        Event.RELEASED,
        Event.ARRIVED,
        Event.OFFICIAL_LEFT,
        Event.NEWS,
        Event.REMITTED,
    }
)
"""Events whose place is the home of the person; the place of all others is a sector."""

_LABELS = pa.dictionary(pa.int16(), pa.string())
_DATE = pa.timestamp("s")

RUNS_SCHEMA = pa.schema(
    [
        ("run_id", pa.string()),
        ("scenario", pa.string()),
        ("seed", pa.int64()),
        ("world_seed", pa.int64()),
        ("scale", pa.float64()),
        ("start", pa.string()),
        ("end", pa.string()),
        ("status", pa.string()),
        ("error_type", pa.string()),
        ("error", pa.string()),
        ("wall_s", pa.float64()),
        ("digest", pa.string()),
        ("host", pa.string()),
        ("finished", pa.timestamp("s", tz="UTC")),
        ("version", pa.string()),
        ("engine", pa.string()),
        ("environment", pa.string()),
        ("traceback", pa.string()),
        ("digests", pa.string()),
        ("homes", pa.list_(pa.string())),
        ("sectors", pa.list_(pa.string())),
        ("observables", pa.list_(pa.string())),
        ("inputs", pa.string()),
        ("policies", pa.string()),
    ]
)
"""One row a run. ``environment``, ``digests`` and ``inputs`` are JSON; ``observables`` are
those whose series are stored, null for all.

No column shares a name with the series but ``run_id``, so that a join needs no aliases.
"""

VIEW_COLUMNS: tuple[str, ...] = tuple(RUNS_SCHEMA.names[: RUNS_SCHEMA.names.index("environment")])
"""Columns a person reads; the others are there so that a part stands alone."""

LATER_COLUMNS: dict[str, str | None] = {
    "error_type": "", "traceback": "", "observables": None, "policies": "",
}  # fmt: skip
"""Columns that parts of earlier versions lack, and what their absence means."""

SERIES_SCHEMA = pa.schema(
    [
        ("run_id", _LABELS),
        ("date", _DATE),
        *((name, _LABELS) for name in ("observable", "place", "sex", "class")),
        ("value", pa.float64()),
    ]
)
LEDGER_SCHEMA = pa.schema(
    [
        ("run_id", _LABELS),
        ("date", _DATE),
        ("from", _LABELS),
        ("to", _LABELS),
        ("value", pa.float64()),
    ]
)
EVENTS_SCHEMA = pa.schema(
    [
        ("run_id", _LABELS),
        ("date", _DATE),
        ("phase", pa.int64()),
        ("uid", pa.int64()),
        ("event", _LABELS),
        ("place", _LABELS),
        ("counterpart", pa.int64()),
        ("amount", pa.int64()),
        ("sequence", pa.int64()),
    ]
)
SCHEMAS = {
    "runs": RUNS_SCHEMA,
    "series": SERIES_SCHEMA,
    "ledger": LEDGER_SCHEMA,
    "events": EVENTS_SCHEMA,
}
"""Columns of each kind of part."""


@dataclass(frozen=True)
class FailedRun:
    """A run that ended in an error: a row of the store, not a result.

    ``error`` is the message, in one line or several; ``error_type`` the name of
    the class of error, ``traceback`` where it was raised (empty when nothing was
    raised, as when the process was killed). ``unforeseen`` marks an error that this
    package does not raise on purpose: its message alone says little.
    """

    run_id: str
    scenario: Scenario
    seed: int
    error: str
    error_type: str
    traceback: str = ""
    unforeseen: bool = False
    wall_s: float = 0.0


@dataclass(frozen=True)
class RunTables:
    """A finished run as the rows that a part holds: a hundredth of what the run takes.

    Attributes
    ----------
    row
        Row of ``RUNS_SCHEMA``.
    data
        Its rows in ``series``, ``ledger`` and, where it kept them, ``events``.
    """

    row: dict[str, Any]
    data: Mapping[str, pa.Table]

    @property
    def run_id(self) -> str:
        """Name of its inputs."""
        return str(self.row["run_id"])


def tables_of(run: Run, observables: Sequence[str] | None = None) -> RunTables:
    """Rows of a finished run.

    Parameters
    ----------
    run
        The run.
    observables
        Those whose series are kept; all of them when None.
    """
    data = {"series": series_table(run, observables), "ledger": ledger_table(run)}
    if run.events is not None:
        data["events"] = events_table(run)
    kept = None if observables is None else sorted(observables)
    return RunTables(run_row(run) | {"observables": kept}, data)


def run_row(run: Run | FailedRun) -> dict[str, Any]:
    """Row of ``RUNS_SCHEMA`` for a run, finished or failed."""
    from bordersim._jit import engine_hash

    row = _failed_columns(run) if isinstance(run, FailedRun) else _finished_columns(run)
    return row | {
        "run_id": run.run_id,
        "seed": int(run.seed),
        "observables": None,
        "wall_s": float(run.wall_s),
        "host": socket.gethostname(),
        "finished": datetime.now(UTC).replace(microsecond=0),
        "version": __version__,
        "engine": engine_hash(),
        "environment": json.dumps(environment(), sort_keys=True),
    }


def runs_table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Rows of ``run_row`` as an Arrow table."""
    return pa.Table.from_pylist(list(rows), schema=RUNS_SCHEMA)


def series_table(run: RunResults, observables: Sequence[str] | None = None) -> pa.Table:
    """Tidy long series: run_id, date, observable, place, sex, class, value.

    Only non-zero values have a row; absent means zero. Values are float64 in
    the observable's unit, at full population. ``observables`` are those wanted, all
    when None.
    """
    if observables is None:
        return _series_table(run, run.tidy())
    chosen = [run.tidy(name) for name in OBSERVABLES if name in observables]
    columns = (
        np.concatenate([getattr(tidy, field.name) for tidy in chosen])
        for field in fields(TidySeries)
    )
    return _series_table(run, TidySeries(*columns))


def _series_table(run: RunResults, tidy: TidySeries) -> pa.Table:
    return pa.table(
        {
            "run_id": _constant(run.run_id, tidy.month.size),
            "date": _dates(tidy.month),
            "observable": _labelled(tidy.observable, tuple(OBSERVABLES)),
            "place": _labelled(tidy.place, run.place_labels),
            "sex": _labelled(tidy.sex, SEXES),
            "class": _labelled(tidy.class_, CLASSES),
            "value": pa.array(tidy.value),
        },
        schema=SERIES_SCHEMA,
    )


def ledger_table(run: Run) -> pa.Table:
    """Payments by month: run_id, date, from, to, value.

    ``value`` is in KRW million of 2015 at full population; absent means zero.
    """
    names = tuple(member.name.lower() for member in Account)
    month, payer, payee = np.nonzero(run.ledger)
    value = run.ledger[month, payer, payee] / (1000.0 * run.scale)
    return pa.table(
        {
            "run_id": _constant(run.run_id, month.size),
            "date": _dates(month + run.start_month),
            "from": _labelled(payer, names),
            "to": _labelled(payee, names),
            "value": pa.array(value),
        },
        schema=LEDGER_SCHEMA,
    )


def events_table(run: Run) -> pa.Table:
    """Event log, one row an event, in the canonical order of ``docs/events.md``.

    ``place`` names a sector or a home ("nation" when the event has neither).
    Rows are agents of the simulated share, not scaled up.

    Raises
    ------
    ValueError
        When the run kept no events.
    """
    if run.events is None:
        raise ValueError("this run kept no events; run it with events=True")
    events = run.events
    names = (*run.homes, *run.sectors, NATION)
    at_home = np.isin(events["event"], [int(kind) for kind in HOME_EVENTS])
    place = np.where(at_home, events["place"], events["place"] + len(run.homes))
    place = np.where(events["place"] < 0, len(names) - 1, place)
    return pa.table(
        {
            "run_id": _constant(run.run_id, place.size),
            "date": _dates(events["month"]),
            "phase": pa.array(events["phase"]),
            "uid": pa.array(events["uid"]),
            "event": _labelled(events["event"], tuple(kind.name.lower() for kind in Event)),
            "place": _labelled(place, names),
            "counterpart": pa.array(events["counterpart"]),
            "amount": pa.array(events["amount"]),
            "sequence": pa.array(events["sequence"]),
        },
        schema=EVENTS_SCHEMA,
    )


def _finished_columns(run: Run) -> dict[str, Any]:
    return {
        "scenario": run.scenario_name,
        "world_seed": int(run.world_seed),
        "scale": float(run.scale),
        "start": month_label(run.start_month),
        "end": month_label(run.end_month),
        "status": OK,
        "error_type": "",
        "error": "",
        "traceback": "",
        "digest": run.digest,
        "digests": json.dumps({str(year): run.digests[year] for year in sorted(run.digests)}),
        "homes": list(run.homes),
        "sectors": list(run.sectors),
        "inputs": json.dumps(dict(run.inputs), sort_keys=True),
        "policies": run.policies,
    }


def _failed_columns(run: FailedRun) -> dict[str, Any]:
    scenario = run.scenario
    return {
        "scenario": scenario.name,
        "world_seed": int(scenario.world_seed),
        "scale": float(scenario.scale),
        "start": month_label(scenario.start_month),
        "end": month_label(scenario.end_month),
        "status": FAILED,
        "error_type": run.error_type,
        "error": run.error,
        "traceback": run.traceback,
        "digest": "",
        "digests": "{}",
        "homes": list(scenario.places.homes),
        "sectors": list(scenario.places.sectors),
        "inputs": json.dumps(scenario.resolved(), sort_keys=True),
        "policies": scenario.policies_text(),
    }


@cache
def environment() -> dict[str, str]:
    """Versions of what computes, and the machine's kind, as a run's row keeps them."""
    names = ("numpy", "numba", "llvmlite", "pyarrow", "pandas")
    versions = {name: metadata.version(name) for name in names}
    here = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        # exponentials and logarithms are the C library's (docs/reproducibility.md)
        "libc": " ".join(platform.libc_ver()).strip(),
    }
    return here | versions


def _constant(text: str, n_rows: int) -> pa.DictionaryArray:
    return _labelled(np.zeros(n_rows, dtype=np.int64), (text,))


def _labelled(codes: npt.NDArray[np.integer], labels: Sequence[str]) -> pa.DictionaryArray:
    # Of the type of _LABELS as it is: a cast would look every row up anew.
    indices = pa.array(codes.astype(np.int16))
    return pa.DictionaryArray.from_arrays(indices, pa.array(labels, pa.string()))


def _dates(month: npt.NDArray[np.integer]) -> pa.Array:
    # Few months have many rows: each is turned into seconds once.
    epoch = np.datetime64(f"{EPOCH_YEAR}-01", "M")
    seconds = (epoch + np.arange(month.max(initial=0) + 1)).astype("datetime64[s]")
    return pa.array(seconds[month], type=_DATE)
