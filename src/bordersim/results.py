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
    from matplotlib.figure import Figure

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
        series = self.monthly(observable)
        years = series.index.year
        groups = series[(years >= self.full_years().start) & (years < self.full_years().stop)]
        grouped = groups.groupby(groups.index.year)
        flow = measure_of(observable).kind == "flow"
        return (grouped.sum() if flow else grouped.mean()).rename_axis("year")

    def tidy(self) -> TidySeries:
        """Every non-zero value as flat arrays, in order of observable and month."""
        parts = [self._tidy_of(name) for name in OBSERVABLES]
        joined = [np.concatenate(columns) for columns in zip(*parts, strict=True)]
        return TidySeries(*joined[:5], value=joined[5].astype(np.float64))

    def to_df(self, observable: str | None = None) -> pd.DataFrame:
        """Tidy long table: date, observable, place, sex, class, value.

        Only non-zero values have a row. ``place`` is "nation" and ``sex`` and
        ``class`` are "all" where an observable is not broken down.
        """
        import pandas as pd

        names = list(OBSERVABLES) if observable is None else [observable]
        parts = [self._tidy_of(name) for name in names]
        month, code, place, sex, klass, value = (
            np.concatenate(columns) for columns in zip(*parts, strict=True)
        )
        epoch = np.datetime64(f"{EPOCH_YEAR}-01", "M")
        return pd.DataFrame(
            {
                "date": (epoch + month).astype("datetime64[s]"),
                "observable": pd.Categorical.from_codes(code, list(OBSERVABLES)),
                "place": pd.Categorical.from_codes(place, list(self.place_labels)),
                "sex": pd.Categorical.from_codes(sex, list(SEXES)),
                "class": pd.Categorical.from_codes(klass, list(CLASSES)),
                "value": value,
            }
        )

    def summary(self) -> pd.DataFrame:
        """Arrivals, the stock in China and harms by calendar year."""
        import pandas as pd

        names = ("arrivals", "crossings", "stock_china", *HARMS)
        return pd.DataFrame({name: self.annual(name) for name in names}).round(1)

    def plot(self) -> Figure:
        """One page of figures beside what was reported."""
        from bordersim.plot import run_page

        return run_page(self)

    def _repr_html_(self) -> str:
        title = f"{self.scenario_name}, seed {self.seed}, scale {self.scale:g}, run {self.run_id}"
        return f"<p><b>{title}</b></p>{self.summary().to_html()}"

    def _tidy_of(self, observable: str) -> tuple[npt.NDArray[Any], ...]:
        values = self.value(observable)
        where = np.nonzero(values)
        month = where[0].astype(np.int64) + self.start_month
        offset = {"home": 0, "sector": len(self.homes)}.get(
            measure_of(observable).places, len(self.homes) + len(self.sectors)
        )
        place = where[1].astype(np.int64) + offset
        if values.ndim == 4:
            sex, klass = where[2].astype(np.int64), where[3].astype(np.int64)
        else:
            sex = np.full(month.size, len(SEXES) - 1, dtype=np.int64)
            klass = np.full(month.size, len(CLASSES) - 1, dtype=np.int64)
        code = np.full(month.size, int(Obs[observable.upper()]), dtype=np.int64)
        return month, code, place, sex, klass, values[where]


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
