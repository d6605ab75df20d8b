"""A stored run held against the same run made again: digests first, then every number.

The digest of a year covers all that was recorded up to its end and the whole state of
the world then, so that equal digests mean equal worlds. Where they differ, the monthly
tables of the store say in which month and in which number that first shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bordersim.codes import EPOCH_YEAR, OBSERVABLES
from bordersim.dates import month_label
from bordersim.parts import EVENTS_SCHEMA, LEDGER_SCHEMA, events_table, ledger_table
from bordersim.results import CLASSES, SEXES, Run, measure_of
from bordersim.study import StoredRun

if TYPE_CHECKING:
    import pandas as pd

STATE_ONLY = "state of the world"
"""Column of a difference that no stored table shows."""


@dataclass(frozen=True)
class FirstDifference:
    """Where two runs of one name part.

    Attributes
    ----------
    month
        ``YYYY-MM``; the last of its year where only the state differs.
    column
        What differs: an observable with place, sex and class; payer and payee of the
        ledger; an event; ``digest``; or ``state of the world``.
    stored, again
        The two values: people, money in the observable's unit, or text.
    columns
        How many columns of that table differ in that month.
    """

    month: str
    column: str
    stored: float | str | None
    again: float | str | None
    columns: int = 1

    def document(self) -> dict[str, Any]:
        """Give the difference as plain data."""
        return dict(vars(self))


@dataclass(frozen=True)
class Comparison:
    """A stored run against the same run made again.

    Attributes
    ----------
    years
        Year to the stored digest and the one made again; "" where there is none.
    first
        Where they part; None when all is equal.
    values, payments, events
        Numbers compared in series and ledger, events in the log; None without a log.
    """

    years: dict[int, tuple[str, str]]
    first: FirstDifference | None
    values: int
    payments: int
    events: int | None

    @property
    def equal(self) -> bool:
        """Whether every digest and every number is the same to the last bit."""
        return self.first is None

    @property
    def unequal_years(self) -> tuple[int, ...]:
        """Years whose digests differ."""
        return tuple(year for year, (stored, again) in self.years.items() if stored != again)

    def document(self) -> dict[str, Any]:
        """Give the comparison as plain data."""
        years = [
            {"year": year, "stored": stored, "again": again, "equal": stored == again}
            for year, (stored, again) in self.years.items()
        ]
        first = None if self.first is None else self.first.document()
        counts = {"values": self.values, "payments": self.payments, "events": self.events}
        return {"equal": self.equal, "years": years, "first": first, **counts}


def compare(stored: StoredRun, again: Run) -> Comparison:
    """Hold a stored run against the same run made again.

    Parameters
    ----------
    stored
        As it lies in its study.
    again
        The same scenario and seed simulated now; its event log, if it kept one, is
        compared with the stored one.

    Returns
    -------
    Comparison
        Of everything that is stored.

    Raises
    ------
    DamagedPartError
        When a part of the stored run cannot be used.
    """
    years = {
        year: (stored.digests.get(year, ""), again.digests.get(year, ""))
        for year in sorted({*stored.digests, *again.digests})
    }
    frames = {"ledger": (stored.ledger_df(), ledger_table(again).to_pandas())}
    if again.events is not None:
        frames["events"] = (stored.events_df(), events_table(again).to_pandas())
    found = [
        _series_difference(stored, again),
        _ledger_difference(*frames["ledger"]),
        _events_difference(*frames["events"]) if "events" in frames else None,
        _digest_difference(stored, again, years),
    ]
    differing = [difference for difference in found if difference is not None]
    return Comparison(
        years=years,
        first=min(differing, key=lambda difference: difference.month, default=None),
        values=sum(again.value(name).size for name in _kept(stored)),
        payments=again.ledger.size,
        events=len(frames["events"][1]) if "events" in frames else None,
    )


def _digest_difference(
    stored: StoredRun, again: Run, years: dict[int, tuple[str, str]]
) -> FirstDifference | None:
    """First year of other digests; by its last month, so that a table's month comes before."""
    for year, (before, now) in years.items():
        if before != now:
            last = min(12 * (year - EPOCH_YEAR) + 11, again.end_month)
            return FirstDifference(month_label(last), STATE_ONLY, before, now)
    final = str(stored.row.columns["digest"])
    if final != again.digest:
        return FirstDifference(month_label(again.end_month), "digest", final, again.digest)
    return None


def _series_difference(stored: StoredRun, again: Run) -> FirstDifference | None:
    """First month, and in it the first observable, in which a value differs."""
    first, found, columns = again.n_months, "", 0
    for name in _kept(stored):
        differs = stored.value(name) != again.value(name)
        by_month = differs.reshape(again.n_months, -1).sum(axis=1)
        month = int(np.argmax(by_month > 0))
        if not by_month[month] or month > first:
            continue
        if month < first:
            first, found, columns = month, name, 0
        columns += int(by_month[month])
    if not found:
        return None
    values = stored.value(found)[first], again.value(found)[first]
    where = tuple(int(axis[0]) for axis in np.nonzero(values[0] != values[1]))
    return FirstDifference(
        month_label(again.start_month + first),
        _column(found, again.place_names(found), where),
        float(values[0][where]),
        float(values[1][where]),
        columns,
    )


def _kept(stored: StoredRun) -> list[str]:
    """Observables of a stored run; a sweep may have kept a choice of them."""
    return [name for name in OBSERVABLES if stored.has(name)]


def _column(observable: str, places: tuple[str, ...], where: tuple[int, ...]) -> str:
    words = [observable]
    if measure_of(observable).places != "nation":
        words.append(places[where[0]])
    if len(where) == 3:
        words += [SEXES[where[1]], CLASSES[where[2]]]
    return ", ".join(words)


def _ledger_difference(stored: pd.DataFrame, again: pd.DataFrame) -> FirstDifference | None:
    keys = [name for name in LEDGER_SCHEMA.names if name not in ("run_id", "value")]
    payments = [
        frame.astype(dict.fromkeys(keys, str)).groupby(keys, sort=True)["value"].sum()
        for frame in (stored, again)
    ]
    before, now = payments[0].align(payments[1], fill_value=0.0)
    differs = (before != now).to_numpy()
    if not differs.any():
        return None
    dates = before.index.get_level_values("date").to_numpy()
    at = int(np.flatnonzero(differs)[np.argmin(dates[differs])])
    date, payer, payee = before.index[at]
    return FirstDifference(
        str(date)[:7],
        f"ledger, {payer} to {payee}",
        float(before.iloc[at]),
        float(now.iloc[at]),
        int(differs[dates == date].sum()),
    )


def _events_difference(stored: pd.DataFrame, again: pd.DataFrame) -> FirstDifference | None:
    """First row of the logs that differs; both are in canonical order."""
    names = [name for name in EVENTS_SCHEMA.names if name != "run_id"]
    shared = min(len(stored), len(again))
    differs = np.zeros(shared, np.bool_)
    for name in names:
        before, now = (np.asarray(frame[name].iloc[:shared]) for frame in (stored, again))
        differs |= before != now
    at = int(np.argmax(differs)) if differs.any() else shared
    if at == len(stored) == len(again):
        return None
    rows = [frame.iloc[at] if at < len(frame) else None for frame in (stored, again)]
    dates = [str(row["date"])[:7] for row in rows if row is not None]
    texts = [_event(row) for row in rows]
    return FirstDifference(min(dates), "event log", texts[0], texts[1])


def _event(row: pd.Series[Any] | None) -> str:
    if row is None:
        return "no more events"
    return (
        f"{row['event']} of {row['uid']} at {row['place']}, counterpart {row['counterpart']}, "
        f"amount {row['amount']}"
    )
