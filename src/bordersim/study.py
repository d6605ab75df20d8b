"""Several runs together: a table of runs, and each run as results."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import numpy as np
import pyarrow as pa

from bordersim.codes import EPOCH_YEAR, OBSERVABLES, Class, Obs, Sex
from bordersim.dates import parse_month
from bordersim.errors import StoreError
from bordersim.part_files import DamagedPartError, StoreWarning
from bordersim.parts import DAMAGED, OK, VIEW_COLUMNS, run_row
from bordersim.remote import store_at
from bordersim.remote_place import RemotePlace, place_of
from bordersim.results import (
    CLASSES,
    NATION,
    SEXES,
    FloatArray,
    IntArray,
    Run,
    RunResults,
    TidySeries,
    measure_of,
)
from bordersim.stored_runs import StoredRow, StoredRuns

if TYPE_CHECKING:
    import pandas as pd

    from bordersim.comparing import Comparison
    from bordersim.plot_studies.accessor import StudyPlots
    from bordersim.scenario import Scenario


@dataclass(frozen=True, eq=False, repr=False)
class StoredRun(RunResults):
    """A run read from a store; its series are loaded when first asked for."""

    store: StoredRuns
    row: StoredRow
    scenario_name: str
    run_id: str
    seed: int
    world_seed: int
    scale: float
    start_month: int
    end_month: int
    homes: tuple[str, ...]
    sectors: tuple[str, ...]
    digests: Mapping[int, str]
    inputs: Mapping[str, Any]
    wall_s: float
    policies: str = ""

    def __repr__(self) -> str:
        return f"StoredRun({self.scenario_name!r}, seed={self.seed}, run_id={self.run_id!r})"

    def value(self, observable: str) -> FloatArray:
        """See ``RunResults.value``."""
        measure = measure_of(observable)
        if not self.has(observable):
            raise StoreError(
                f"{self.store.folder}: run {self.run_id} was stored without {observable}; stored "
                f"are {', '.join(self.row.columns['observables'])}. Name it among the "
                "observables of the sweep, and sweep again"
            )
        n_places = len(self.place_names(observable))
        rows = self._rows
        here = np.flatnonzero(rows.observable == int(Obs[observable.upper()]))
        slots = max(len(self.homes), len(self.sectors))  # a spoilt part may hold any place
        values = np.zeros((self.n_months, slots, len(Sex), len(Class)), dtype=np.float64)
        values[
            rows.month[here], self._slot[rows.place[here]], rows.sex[here], rows.class_[here]
        ] = rows.value[here]
        values = values[:, :n_places]
        return values if measure.by_person else values[:, :, 0, 0]

    def has(self, observable: str) -> bool:
        """Whether the series of an observable is stored; a sweep may keep only some."""
        stored = self.row.columns.get("observables")
        return stored is None or observable in stored

    def tidy(self, observable: str | None = None) -> TidySeries:
        """See ``RunResults.tidy``; of all observables, those that are stored."""
        if observable is not None or self.row.columns.get("observables") is None:
            return super().tidy(observable)
        chosen = [self.tidy(name) for name in OBSERVABLES if self.has(name)]
        columns = (
            np.concatenate([getattr(tidy, field.name) for tidy in chosen])
            for field in fields(TidySeries)
        )
        return TidySeries(*columns)

    def events_df(self) -> pd.DataFrame:
        """Event log; StoreError when the run was stored without one."""
        frame: pd.DataFrame = self.store.table("events", self.row).to_pandas()
        return frame

    def ledger_df(self) -> pd.DataFrame:
        """Payments by month in KRW million of 2015."""
        frame: pd.DataFrame = self.store.table("ledger", self.row).to_pandas()
        return frame

    def load(self) -> None:
        """Read everything but the event log; DamagedPartError when it cannot be used."""
        _ = self._rows
        self.store.table("ledger", self.row)

    @cached_property
    def _rows(self) -> TidySeries:
        table = self.store.table("series", self.row)
        month = table.column("date").to_numpy().astype("datetime64[M]")
        where = (
            (month - np.datetime64(f"{EPOCH_YEAR}-01", "M")).astype(np.int64) - self.start_month,
            _codes(table, "observable", tuple(OBSERVABLES)),
            _codes(table, "place", (*self.homes, *self.sectors, NATION)),
            _codes(table, "sex", SEXES),
            _codes(table, "class", CLASSES),
        )
        last = where[0].max(initial=0)
        if any(codes.min(initial=0) < 0 for codes in where) or last >= self.n_months:
            path = self.store.path("series", self.row.part)
            raise DamagedPartError(path, "it holds months or names that its run has not")
        persons = (where[3] % len(Sex), where[4] % len(Class))  # everyone in the first slot
        return TidySeries(*where[:3], *persons, table.column("value").to_numpy())

    @property
    def _slot(self) -> IntArray:
        """Position on the place axis of every label: homes, sectors, and the nation in slot 0."""
        return np.array([*range(len(self.homes)), *range(len(self.sectors)), 0], np.int64)


PLAN_FILE = "plan.parquet"
"""Of a sweep's folder: one row a cell, with the run that it means."""

PLAN_NOTE = b"bordersim_sweep"
"""Key in the plan's metadata: what the sweep is, as JSON."""


class Study:
    """A set of runs, in memory or on disk.

    Iterating yields the finished runs in order of scenario and seed. ``damaged``
    holds what is wrong with the parts of the folder that cannot be used.
    """

    def __init__(
        self,
        rows: Sequence[dict[str, Any]],
        loaders: Mapping[str, Callable[[], RunResults]],
        damaged: Sequence[DamagedPartError] = (),
        plan: pa.Table | None = None,
    ) -> None:
        self.damaged = tuple(damaged)
        self._plan = plan
        self._rows = sorted(rows, key=lambda row: (row["scenario"], row["seed"], row["run_id"]))
        self._loaders = dict(loaders)
        # A study of a thousand runs is gone through without all of them in memory.
        self._loaded: WeakValueDictionary[str, RunResults] = WeakValueDictionary()

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Study:
        """Study of runs held in memory."""
        rows = [run_row(run) | {"has_events": run.events is not None} for run in runs]
        return cls(rows, {run.run_id: partial(itself, run) for run in runs})

    @classmethod
    def open(cls, folder: str | Path | RemotePlace) -> Study:
        """Study of everything a results folder holds, or a URL such as ``s3://bucket/study``.

        At a URL, what is read of a run is fetched when it is first asked for.

        Parts that cannot be used are named in a ``StoreWarning`` each and in
        ``damaged``; a run that needs one is a row of status "damaged", not a result.

        Raises
        ------
        StoreError
            When the folder holds no runs or cannot be read.
        """
        store = store_at(place_of(folder))
        found = store.inventory()
        if not found.rows:
            raise StoreError("\n".join([store.missing_words(), *map(str, found.damaged)]))
        for error in found.damaged:
            warnings.warn(str(error), StoreWarning, stacklevel=3)
        columns = [
            row.columns
            | {"has_events": run_id in found.with_events}
            | _damage(found.broken.get(run_id))
            for run_id, row in found.rows.items()
        ]
        finished = (row["run_id"] for row in columns if row["status"] == OK)
        loaders = {key: partial(stored_run, store, found.rows[key]) for key in finished}
        return cls(columns, loaders, found.damaged, _plan_in(store))

    @property
    def runs(self) -> pd.DataFrame:
        """One row a run, failed and damaged ones included."""
        import pandas as pd

        return pd.DataFrame(self._rows, columns=[*VIEW_COLUMNS, "has_events"])

    @property
    def cells(self) -> pd.DataFrame:
        """One row a cell of the sweep: scenario, point, draw, seed, run_id, status.

        Then a column for each lever and parameter of the design, with its value at the
        cell's point, and one ``draw.<parameter>`` for each that is drawn. Cells that mean
        the same run share its id. ``status`` is "missing" where there is no run yet. A
        study that no sweep made has a cell for each run, all of point and draw 0.
        """
        import pandas as pd

        status = {row["run_id"]: row["status"] for row in self._rows}
        if self._plan is None:
            names = ["scenario", "seed", "run_id"]
            cells = pd.DataFrame(self._rows, columns=names).rename_axis("cell").reset_index()
            cells.insert(2, "point", 0)
            cells.insert(3, "draw", 0)
        else:
            cells = self._plan.to_pandas()
        cells.insert(6, "status", [status.get(run_id, "missing") for run_id in cells["run_id"]])
        return cells

    @property
    def sweep(self) -> Mapping[str, Any] | None:
        """What the sweep is that made the study, as its plan tells; None without one."""
        told = {} if self._plan is None else self._plan.schema.metadata or {}
        note: Mapping[str, Any] | None = json.loads(told.get(PLAN_NOTE, b"null"))
        return note

    def run(self, key: str | int) -> RunResults:
        """One finished run, by run id, by the start of one, or by seed.

        Raises
        ------
        StoreError
            When no finished run, or more than one, answers to the key.
        """
        matches = [
            row["run_id"]
            for row in self._rows
            if row["run_id"] in self._loaders
            and (row["seed"] == key if isinstance(key, int) else row["run_id"].startswith(key))
        ]
        if len(matches) != 1:
            known = ", ".join(f"{row['run_id']} (seed {row['seed']})" for row in self._rows[:8])
            raise StoreError(f"{len(matches)} finished runs answer to {key!r}; runs here: {known}")
        loaded = self._loaded.get(matches[0])
        if loaded is None:
            loaded = self._loaded[matches[0]] = self._loaders[matches[0]]()
        return loaded

    def compare(
        self,
        a: str | Scenario,
        b: str | Scenario,
        *,
        observable: str | Sequence[str] = "arrivals",
        window: str | Sequence[str | int] | None = None,
        place: str | None = None,
        sex: str | None = None,
        class_: str | None = None,
    ) -> Comparison:
        """Paired differences of scenario ``b`` from ``a``; see :mod:`bordersim.comparing`."""
        from bordersim.comparing.sides import of_study

        return of_study(self, (a, b), observable, window, (place, sex, class_))

    def to_ema(
        self,
        observable: str | Sequence[str] = ("arrivals", "deaths", "repatriations"),
        *,
        window: str | Sequence[str | int] | None = None,
        each_seed: bool = False,
    ) -> tuple[pd.DataFrame, dict[str, FloatArray]]:
        """Experiments and outcomes for ema-workbench; see :mod:`bordersim.sensing.ema`."""
        from bordersim.sensing.ema import of_study

        names = [observable] if isinstance(observable, str) else list(observable)
        return of_study(self, names, window, each_seed=each_seed)

    def rows(self) -> list[dict[str, Any]]:
        """Row of every run with every column, failed and damaged ones included."""
        return [dict(row) for row in self._rows]

    def loader(self, run_id: str) -> Callable[[], RunResults]:
        """What reads a finished run; the study does not keep what it gives."""
        return self._loaders[run_id]

    def to_df(self, observable: str | None = None) -> pd.DataFrame:
        """Tidy series of every finished run, with run_id, scenario and seed in front."""
        import pandas as pd

        frames = []
        for run in self:
            frame = run.to_df(observable)
            frame.insert(0, "run_id", run.run_id)
            frame.insert(1, "scenario", run.scenario_name)
            frame.insert(2, "seed", run.seed)
            frames.append(frame)
        return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()

    def summary(self) -> pd.DataFrame:
        """Yearly summaries side by side, indexed by scenario, seed and year."""
        import pandas as pd

        keys = [(run.scenario_name, run.seed) for run in self]
        return pd.concat([run.summary() for run in self], keys=keys, names=["scenario", "seed"])

    @property
    def plot(self) -> StudyPlots:
        """Figures: ``plot()`` the page of one scenario, ``plot.series()``, ``plot.fan()``,
        ``plot.heat_map()`` and ``plot.fees()`` those of the study.
        """  # noqa: D205 - a list
        from bordersim.plot_studies.accessor import StudyPlots

        return StudyPlots(self)

    def __iter__(self) -> Iterator[RunResults]:
        return (self.run(row["run_id"]) for row in self._rows if row["run_id"] in self._loaders)

    def __len__(self) -> int:
        return len(self._loaders)

    def __repr__(self) -> str:
        return f"Study({len(self)} finished of {len(self._rows)} runs)"

    def _repr_html_(self) -> str:
        from bordersim.notebook import study_html

        return study_html(self)


def _plan_in(store: StoredRuns) -> pa.Table | None:
    """The plan of a sweep's folder; None where there is none that can be read."""
    import pyarrow.parquet as pq

    path = store.folder / PLAN_FILE
    try:
        data = store.read_beside(PLAN_FILE)
        return None if data is None else pq.read_table(pa.BufferReader(data))
    except (OSError, pa.ArrowException) as error:
        warnings.warn(f"{path}: cannot be read ({error}); sweep again", StoreWarning, stacklevel=4)
        return None


def _damage(error: DamagedPartError | None) -> dict[str, str]:
    if error is None:
        return {}
    return {"status": DAMAGED, "error_type": type(error).__name__, "error": str(error)}


def itself(run: RunResults) -> RunResults:
    """Give back a run that is in memory already: its own loader."""
    return run


def stored_run(store: StoredRuns, row: StoredRow) -> StoredRun:
    """Results of a stored run; reads nothing but the row."""
    columns = row.columns
    return StoredRun(
        store=store,
        row=row,
        scenario_name=columns["scenario"],
        run_id=columns["run_id"],
        seed=columns["seed"],
        world_seed=columns["world_seed"],
        scale=columns["scale"],
        start_month=parse_month(columns["start"]),
        end_month=parse_month(columns["end"]),
        homes=tuple(columns["homes"]),
        sectors=tuple(columns["sectors"]),
        digests={int(year): text for year, text in json.loads(columns["digests"]).items()},
        inputs=json.loads(columns["inputs"]),
        wall_s=columns["wall_s"],
        policies=columns["policies"],
    )


def _codes(table: pa.Table, name: str, labels: Sequence[str]) -> IntArray:
    """Positions of a column's labels; -1 for a label that is not among them."""
    position = {label: index for index, label in enumerate(labels)}
    codes = [np.zeros(0, np.int64)]
    for chunk in table.column(name).chunks:
        known = [position.get(label, -1) for label in chunk.dictionary.to_pylist()]
        codes.append(np.array(known, np.int64)[chunk.indices.to_numpy()])
    return np.concatenate(codes)
