"""Several runs together: a table of runs, and each run as results."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bordersim.codes import EPOCH_YEAR, OBSERVABLES, Class, Obs, Sex
from bordersim.dates import parse_month
from bordersim.errors import StoreError
from bordersim.parts import OK, VIEW_COLUMNS, run_row
from bordersim.results import FloatArray, Run, RunResults, measure_of
from bordersim.store import Store, StoredRow

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class StoredRun(RunResults):
    """A run read from a store; its series are loaded when first asked for."""

    store: Store
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

    def __repr__(self) -> str:
        return f"StoredRun({self.scenario_name!r}, seed={self.seed}, run_id={self.run_id!r})"

    def value(self, observable: str) -> FloatArray:
        """See ``RunResults.value``."""
        measure = measure_of(observable)
        n_places = len(self.place_names(observable))
        values = self._values[:, int(Obs[observable.upper()]), :n_places]
        return values if measure.by_person else values[:, :, 0, 0]

    def events_df(self) -> pd.DataFrame:
        """Event log; StoreError when the run was stored without one."""
        frame: pd.DataFrame = self.store.table("events", self.row).to_pandas()
        return frame

    def ledger_df(self) -> pd.DataFrame:
        """Payments by month in KRW million of 2015."""
        frame: pd.DataFrame = self.store.table("ledger", self.row).to_pandas()
        return frame

    @cached_property
    def _values(self) -> FloatArray:
        frame = self.store.table("series", self.row).to_pandas()
        slots = max(len(self.homes), len(self.sectors))
        shape = (self.n_months, len(OBSERVABLES), slots, len(Sex), len(Class))
        values = np.zeros(shape, dtype=np.float64)
        offset = {"home": 0, "sector": len(self.homes)}
        local = {
            name: index - offset["sector"] if index >= offset["sector"] else index
            for index, name in enumerate((*self.homes, *self.sectors))
        }
        month = frame["date"].dt.year * 12 + frame["date"].dt.month - 1 - EPOCH_YEAR * 12
        index = (
            month.to_numpy() - self.start_month,
            _codes(frame["observable"], {name: i for i, name in enumerate(OBSERVABLES)}),
            _codes(frame["place"], local),
            _codes(frame["sex"], {member.name.lower(): int(member) for member in Sex}),
            _codes(frame["class"], {member.name.lower(): int(member) for member in Class}),
        )
        values[index] = frame["value"].to_numpy()
        return values


class Study:
    """A set of runs, in memory or on disk.

    Iterating yields the finished runs in order of scenario and seed.
    """

    def __init__(
        self, rows: Sequence[dict[str, Any]], loaders: Mapping[str, Callable[[], RunResults]]
    ) -> None:
        self._rows = sorted(rows, key=lambda row: (row["scenario"], row["seed"], row["run_id"]))
        self._loaders = dict(loaders)
        self._loaded: dict[str, RunResults] = {}

    @classmethod
    def of(cls, runs: Sequence[Run]) -> Study:
        """Study of runs held in memory."""
        rows = [run_row(run) | {"has_events": run.events is not None} for run in runs]
        return cls(rows, {run.run_id: partial(itself, run) for run in runs})

    @classmethod
    def open(cls, folder: str | Path) -> Study:
        """Study of everything a results folder holds.

        Raises
        ------
        StoreError
            When the folder holds no runs.
        """
        store = Store(folder)
        rows = store.rows()
        if not rows:
            raise StoreError(
                f"{folder}: no stored runs; a results folder holds runs/part-*.parquet"
            )
        logged = store.with_events()
        columns = [row.columns | {"has_events": run_id in logged} for run_id, row in rows.items()]
        finished = {run_id: row for run_id, row in rows.items() if row.columns["status"] == OK}
        return cls(
            columns,
            {run_id: partial(stored_run, store, row) for run_id, row in finished.items()},
        )

    @property
    def runs(self) -> pd.DataFrame:
        """One row a run, failed ones included."""
        import pandas as pd

        return pd.DataFrame(self._rows, columns=[*VIEW_COLUMNS, "has_events"])

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
        if matches[0] not in self._loaded:
            self._loaded[matches[0]] = self._loaders[matches[0]]()
        return self._loaded[matches[0]]

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

    def plot(self) -> Figure:
        """One page of figures: the mean and band over runs that differ in seed alone.

        Raises
        ------
        StoreError
            When the study holds runs of different inputs, or no finished run.
        """
        from bordersim.plot import run_page

        runs = list(self)
        if not runs:
            raise StoreError("no finished run to draw")
        if any(run.inputs != runs[0].inputs for run in runs):
            raise StoreError(
                "these runs differ in more than their seed; draw one with study.run(...).plot(), "
                "or choose: bordersim.plot.run_page([...])"
            )
        return run_page(runs)

    def __iter__(self) -> Iterator[RunResults]:
        return (self.run(row["run_id"]) for row in self._rows if row["run_id"] in self._loaders)

    def __len__(self) -> int:
        return len(self._loaders)

    def __repr__(self) -> str:
        return f"Study({len(self)} finished of {len(self._rows)} runs)"

    def _repr_html_(self) -> str:
        shown = ["scenario", "seed", "scale", "start", "end", "status", "wall_s", "run_id"]
        return self.runs[shown].to_html(index=False)


def itself(run: RunResults) -> RunResults:
    """Give back a run that is in memory already: its own loader."""
    return run


def stored_run(store: Store, row: StoredRow) -> StoredRun:
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
    )


def _codes(column: pd.Series[Any], code_of: Mapping[str, int]) -> np.ndarray[Any, Any]:
    """Codes of a categorical column; a name without a code ("all", "nation") is slot 0."""
    categories = np.array([code_of.get(name, 0) for name in column.cat.categories], dtype=np.int64)
    return categories[column.cat.codes.to_numpy()]
