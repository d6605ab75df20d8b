"""What a run leaves behind: a record of observables, a ledger, events, digests.

``Run`` holds the integers the engine wrote; ``StoredRun`` (see ``store``) reads
the same numbers back from disk. Both answer the same questions through
``RunResults``, so tables and figures never ask where a run lives.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from bordersim.codes import EPOCH_YEAR, HARMS, OBSERVABLES, Class, Measure, Obs, Sex

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.figure import Figure

    from bordersim.explain import Life
    from bordersim.scenario import Scenario

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

NATION = "nation"
"""Place of an observable that has none."""

EVERYONE = "all"
"""Sex and class of an observable that is not broken down by person."""

SEXES: tuple[str, ...] = (*(member.name.lower() for member in Sex), EVERYONE)
CLASSES: tuple[str, ...] = (*(member.name.lower() for member in Class), EVERYONE)


def run_id(scenario: Scenario, seed: int) -> str:
    """Name a run by everything that decides its numbers.

    The id covers the resolved numeric inputs, the seed and the engine's own
    source. Names, titles, evidence, where a run is stored and whether it logs
    events are left out: they change no number.

    Parameters
    ----------
    scenario
        The scenario as it would be simulated, span and scale included.
    seed
        Seed of the dynamics.

    Returns
    -------
    str
        Sixteen hexadecimal digits.
    """
    from bordersim._jit import engine_hash  # loads numba, which reading results never needs

    identity = {"inputs": scenario.resolved(), "seed": int(seed), "engine": engine_hash()}
    text = json.dumps(identity, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class TidySeries:
    """Every non-zero value of a run, one row each; codes index the label tuples.

    All arrays have shape (n_rows,). A value that is not here is zero.
    """

    month: IntArray
    observable: IntArray
    place: IntArray
    sex: IntArray
    class_: IntArray
    value: FloatArray


class RunResults(ABC):
    """Questions that any run answers, in memory or on disk.

    Months count from January 1995; both ends of a span are included.
    """

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

    @abstractmethod
    def value(self, observable: str) -> FloatArray:
        """Values of one observable in its declared unit, at full population.

        Parameters
        ----------
        observable
            A key of ``bordersim.codes.OBSERVABLES``.

        Returns
        -------
        array
            Shape (months, places, 2 sexes, 3 classes), or (months, places) for
            an observable without persons.

        Raises
        ------
        KeyError
            When no observable has that name.
        """

    @property
    def n_months(self) -> int:
        """Number of months simulated."""
        return self.end_month - self.start_month + 1

    @property
    def digest(self) -> str:
        """State digest of the last year, the fingerprint of the whole run."""
        return self.digests[max(self.digests)] if self.digests else ""

    @property
    def place_labels(self) -> tuple[str, ...]:
        """Names that a place code of ``tidy`` indexes: homes, sectors, nation."""
        return (*self.homes, *self.sectors, NATION)

    def place_names(self, observable: str) -> tuple[str, ...]:
        """Names along the place axis of an observable."""
        kind = measure_of(observable).places
        return {"home": self.homes, "sector": self.sectors}.get(kind, (NATION,))

    def months(self) -> pd.PeriodIndex:
        """Months simulated, as monthly periods."""
        import pandas as pd

        first = pd.Period(year=EPOCH_YEAR, month=1, freq="M") + self.start_month
        return pd.period_range(first, periods=self.n_months, freq="M", name="month")

    def full_years(self) -> range:
        """Calendar years that the run covers from January to December."""
        first = EPOCH_YEAR + -(-self.start_month // 12)
        return range(first, EPOCH_YEAR + (self.end_month + 1) // 12)

    def covers(self, first_month: int, last_month: int) -> bool:
        """Whether every month of a span was simulated."""
        return self.start_month <= first_month and last_month <= self.end_month

    def by_place(self, observable: str) -> FloatArray:
        """Values summed over persons, shape (months, places)."""
        values = self.value(observable)
        return values.sum(axis=(2, 3)) if values.ndim == 4 else values

    def between(self, observable: str, first_month: int, last_month: int) -> FloatArray:
        """Values by month and place within a span of absolute months."""
        start = first_month - self.start_month
        return self.by_place(observable)[start : last_month - self.start_month + 1]

    def monthly(self, observable: str) -> pd.Series[float]:
        """National series by month.

        Flows and stocks add up over places. A level has no total: its series is
        the mean over the places where it is not zero (zero stands for "nothing
        to measure", as a median fee in a month without deals), and NaN when
        there is none.
        """
        import pandas as pd

        values = self.by_place(observable)
        if measure_of(observable).kind == "level":
            total = _mean_of_nonzero(values)
        else:
            total = values.sum(axis=1)
        return pd.Series(total, index=self.months(), name=observable, dtype="float64")

    def annual(self, observable: str) -> pd.Series[float]:
        """National series by calendar year, years covered in full only.

        Flows add up over the year; stocks and levels are means over its months.
        """
        import pandas as pd

        years = self.full_years()
        start = (years.start - EPOCH_YEAR) * 12 - self.start_month
        months = self.monthly(observable).to_numpy()[start : start + 12 * len(years)]
        by_year = pd.DataFrame(months.reshape(len(years), 12), index=pd.Index(years, name="year"))
        flow = measure_of(observable).kind == "flow"
        series: pd.Series[float] = by_year.sum(axis=1) if flow else by_year.mean(axis=1)
        return series.rename(observable)

    def has(self, observable: str) -> bool:
        """Whether the run has the series of an observable; a sweep may store only some."""
        return observable in OBSERVABLES

    def tidy(self, observable: str | None = None) -> TidySeries:
        """Every non-zero value as flat arrays, in order of observable and month."""
        names = list(OBSERVABLES) if observable is None else [observable]
        parts = [self._tidy_of(name) for name in names]
        month, code, place, sex, class_ = (
            np.concatenate([codes[axis] for codes, _ in parts]) for axis in range(5)
        )
        value = np.concatenate([values for _, values in parts])
        return TidySeries(month, code, place, sex, class_, value)

    def to_df(self, observable: str | None = None) -> pd.DataFrame:
        """Tidy long table: date, observable, place, sex, class, value.

        Only non-zero values have a row. ``place`` is "nation" and ``sex`` and
        ``class`` are "all" where an observable is not broken down.
        """
        import pandas as pd

        tidy = self.tidy(observable)
        epoch = np.datetime64(f"{EPOCH_YEAR}-01", "M")
        labelled = {
            "observable": (tidy.observable, tuple(OBSERVABLES)),
            "place": (tidy.place, self.place_labels),
            "sex": (tidy.sex, SEXES),
            "class": (tidy.class_, CLASSES),
        }
        columns: dict[str, Any] = {"date": (epoch + tidy.month).astype("datetime64[s]")}
        for name, (codes, labels) in labelled.items():
            columns[name] = pd.Categorical.from_codes(codes, pd.Index(labels))
        return pd.DataFrame(columns | {"value": tidy.value})

    def to_xarray(self, *observables: str) -> xr.Dataset:
        """Labelled arrays by date, place, sex, class; see ``bordersim.labelled_arrays``."""
        from bordersim.labelled_arrays import dataset_of

        return dataset_of(self, observables)

    def summary(self) -> pd.DataFrame:
        """Arrivals, the stock in China and harms by calendar year."""
        import pandas as pd

        names = ("arrivals", "crossings", "stock_china", *HARMS)
        return pd.DataFrame({name: self.annual(name) for name in names}).round(1)

    def plot(self, scenario: Scenario | None = None) -> Figure:
        """One page of figures beside what was reported.

        Parameters
        ----------
        scenario
            The scenario that was simulated, whose dated policies stand above the
            figures; looked for among the shipped ones when None.
        """
        from bordersim.plot import run_page

        return run_page(self, scenario=scenario)

    def why(
        self,
        uid: int,
        *,
        at: str | None = None,
        versus: RunResults | None = None,
        scenario: Scenario | None = None,
    ) -> Life:
        """One simulated life, decision by decision; see :func:`bordersim.explain.explain_life`."""
        from bordersim.explain import explain_life

        return explain_life(self, uid, at=at, versus=versus, scenario=scenario)

    def _repr_html_(self) -> str:
        from bordersim.notebook import run_html

        return run_html(self)

    def _tidy_of(self, observable: str) -> tuple[tuple[IntArray, ...], FloatArray]:
        """Month, observable, place, sex and class codes, and the values, of one observable."""
        values = self.value(observable)
        there = np.flatnonzero(values != 0.0)  # of booleans it is four times as fast
        where = np.unravel_index(there, values.shape)
        n_rows = there.size
        offset = {"home": 0, "sector": len(self.homes)}.get(
            measure_of(observable).places, len(self.homes) + len(self.sectors)
        )
        if values.ndim == 4:
            sex, class_ = where[2], where[3]
        else:
            sex = np.full(n_rows, len(SEXES) - 1, dtype=np.int64)
            class_ = np.full(n_rows, len(CLASSES) - 1, dtype=np.int64)
        code = np.full(n_rows, int(Obs[observable.upper()]), dtype=np.int64)
        codes = (where[0] + self.start_month, code, where[1] + offset, sex, class_)
        return codes, values.ravel()[there]


@dataclass(frozen=True, eq=False, repr=False)
class Run(RunResults):
    """One finished simulation, as the engine recorded it.

    Parameters
    ----------
    scenario_name, run_id
        What was simulated and the name of its inputs (see ``run_id``).
    seed, world_seed
        Seeds of the dynamics and of the population.
    scale
        Simulated share of the population, in (0, 1]; flows and stocks are
        divided by it on the way out.
    start_month, end_month
        First and last month, counted from January 1995.
    homes, sectors
        Names along the place axes.
    record
        Counts of shape (months, observables, places, 2, 3), int64. The place
        axis holds homes or sectors as the observable says; one without persons
        sits at [..., 0, 0].
    ledger
        Payments of shape (months, 9 payers, 9 payees), KRW thousand of 2015,
        in agents' money: not divided by ``scale``.
    digests
        Hexadecimal digest of the state at the end of each year.
    events
        Columns of the event log, each of shape (n_events,), or None.
    inputs
        The scenario's resolved numeric inputs.
    wall_s
        Seconds the simulation took; no part of any digest.
    policies
        The scenario's dated policies as JSON, for who simulates it again; empty when not kept.
    """

    scenario_name: str
    run_id: str
    seed: int
    world_seed: int
    scale: float
    start_month: int
    end_month: int
    homes: tuple[str, ...]
    sectors: tuple[str, ...]
    record: IntArray
    ledger: IntArray
    digests: Mapping[int, str]
    events: Mapping[str, IntArray] | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    wall_s: float = 0.0
    policies: str = ""

    def __post_init__(self) -> None:
        slots = max(len(self.homes), len(self.sectors))
        shape = (self.n_months, len(OBSERVABLES), slots, len(Sex), len(Class))
        if self.record.shape != shape or self.record.dtype != np.int64:
            raise ValueError(
                f"record is {self.record.dtype} {self.record.shape}; expected int64 {shape}"
            )

    def __repr__(self) -> str:
        return f"Run({self.scenario_name!r}, seed={self.seed}, run_id={self.run_id!r})"

    def value(self, observable: str) -> FloatArray:
        """See ``RunResults.value``."""
        measure = measure_of(observable)
        n_places = len(self.place_names(observable))
        counts = self.record[:, int(Obs[observable.upper()]), :n_places]
        factor = measure.unit_per_count
        if measure.kind != "level":
            factor = factor / self.scale
        return (counts if measure.by_person else counts[:, :, 0, 0]) * np.float64(factor)


def measure_of(observable: str) -> Measure:
    """Definition of an observable.

    Raises
    ------
    KeyError
        When no observable has that name; the message offers the nearest.
    """
    if observable in OBSERVABLES:
        return OBSERVABLES[observable]
    import difflib

    near = difflib.get_close_matches(observable, OBSERVABLES, n=1)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    raise KeyError(f'unknown observable "{observable}"{hint}')


def _mean_of_nonzero(values: FloatArray) -> FloatArray:
    count = np.count_nonzero(values, axis=1)
    return np.where(count > 0, values.sum(axis=1) / np.maximum(count, 1), np.nan)
