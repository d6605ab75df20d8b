"""What a sweep will cost: seconds and bytes, measured where runs are stored, else foretold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bordersim.codes import OBSERVABLES
from bordersim.parts import OK
from bordersim.remote_place import Place, RemotePlace
from bordersim.scenario import Scenario
from bordersim.store import Store
from bordersim.sweeping.spec import Sweep

_FIXED_SECONDS = 0.08
_SECONDS_A_MILLION_PERSON_YEARS = 0.0055
"""Of residents and years simulated, on one core of the year 2024: 0.4 s at scale 0.1 to 2016."""

_BYTES_A_RUN = 18_000
_BYTES_A_MONTH_AND_OBSERVABLE = 12.0
_PARTS_LOOKED_AT = 20


@dataclass(frozen=True)
class Cost:
    """What runs will take.

    Attributes
    ----------
    seconds
        Each, on one core.
    n_bytes
        Each, on the disk.
    measured
        Whether it goes by runs of this study, and not by a rule of thumb.
    """

    seconds: float
    n_bytes: float
    measured: bool


def cost_of(sweep: Sweep, folder: Place) -> Cost:
    """Tell what a run of a sweep takes: by runs that its study holds, if any.

    Parameters
    ----------
    sweep
        The sweep.
    folder
        Its study; need not be there. One at a URL is not looked at.
    """
    store = None if isinstance(folder, RemotePlace) else Store(folder)
    parts = store.parts("runs")[:_PARTS_LOOKED_AT] if store else []
    seconds: list[float] = []
    n_bytes = 0
    for path in parts:
        told = _seconds_in(path)
        seconds += told
        if told and store:
            files = (store.path(kind, path.name) for kind in ("runs", "series", "ledger", "events"))
            n_bytes += sum(file.stat().st_size for file in files if file.exists())
    if seconds:
        return Cost(sum(seconds) / len(seconds), n_bytes / len(seconds), measured=True)
    scenarios = sweep.scenarios
    return Cost(
        sum(map(seconds_a_run, scenarios)) / len(scenarios),
        sum(_bytes_a_run(one, sweep.observables) for one in scenarios) / len(scenarios),
        measured=False,
    )


def _seconds_in(path: Path) -> list[float]:
    try:
        rows = pq.read_table(path, columns=["status", "wall_s"]).to_pylist()
    except (OSError, pa.ArrowException):  # damaged, or gone: whoever reads results says so
        return []
    return [row["wall_s"] for row in rows if row["status"] == OK]


def seconds_a_run(scenario: Scenario) -> float:
    """Seconds that a run of a scenario takes, by rule of thumb."""
    residents = float(scenario.places.home["population"].sum()) * scenario.scale
    years = (scenario.end_month + 1) / 12.0
    return _FIXED_SECONDS + _SECONDS_A_MILLION_PERSON_YEARS * residents * years / 1e6


def _bytes_a_run(scenario: Scenario, observables: Sequence[str] | None) -> float:
    months = scenario.end_month - scenario.start_month + 1
    count = len(OBSERVABLES) if observables is None else len(observables)
    return _BYTES_A_RUN + _BYTES_A_MONTH_AND_OBSERVABLE * months * count
