"""Entries of the evidence and the collection of them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from bordersim.errors import BordersimError, shortened, suggestion
from bordersim.periods import Period, parse_period

if TYPE_CHECKING:
    import pandas as pd

CALIBRATE, VALIDATE, CONTEXT, FORECAST = "calibrate", "validate", "context", "forecast"
USES = (CALIBRATE, VALIDATE, CONTEXT, FORECAST)
"""What an entry may do; only the first may reach a likelihood."""


@dataclass(frozen=True)
class Entry:
    """One datum, as a report gives it and as it is read.

    Attributes
    ----------
    id
        Stable name, such as ``arrivals.2009``, ``S1.fee_2010`` or ``T.2012-04.command``.
    claim
        What is reported, in a line.
    quantity
        Key of ``codebook.yaml``; empty for events, mechanisms and statements.
    place, period
        As the report words them; ``span`` gives the period as months.
    low, high
        The figure as it is read: a point widened by the codebook's rule, the open end of a
        bound infinite; NaN where there is no figure.
    reported_low, reported_high
        The figure as it is printed; NaN where an end is not.
    unit
        Key of ``codebook.yaml``; money is nominal.
    kind
        How it is worded: exact, point, interval, ratio, upper, lower, forecast, event,
        mechanism or context.
    definition
        What exactly is measured.
    source, reliability
        Who says it; grade A (counted) to E (inferred), explained in ``codebook.yaml``.
    use
        ``calibrate``, ``validate``, ``context`` or ``forecast``.
    note
        What the report adds; of an event, the size it gives.
    where
        File and line.
    """

    id: str
    claim: str
    quantity: str
    place: str
    period: str
    low: float
    high: float
    reported_low: float
    reported_high: float
    unit: str
    kind: str
    definition: str
    source: str
    reliability: str
    use: str
    note: str
    where: str

    @property
    def span(self) -> Period | None:
        """Months it speaks of; None without a period, or where that ends before 1995."""
        if not self.period:
            return None
        span = parse_period(self.period)
        return span if span.last >= span.first else None

    @property
    def is_figure(self) -> bool:
        """Whether it gives a number."""
        return not (math.isnan(self.low) and math.isnan(self.high))

    @property
    def gives_size(self) -> bool:
        """Whether a policy that cites it can take its size from it: no outcome gives one."""
        of_event = self.kind == "event" and bool(self.note)
        return of_event or (self.is_figure and self.use == CONTEXT)


class UnknownEvidenceError(BordersimError, KeyError):
    """No entry has this id."""

    def __init__(self, name: str, known: Collection[str]) -> None:
        self._message = f'unknown evidence "{shortened(name)}"{suggestion(name, known)}'
        super().__init__(self._message)

    def __str__(self) -> str:
        return self._message


class Registry(Mapping[str, Entry]):
    """Every entry by id, in the order of the files; immutable.

    Parameters
    ----------
    entries
        With different ids.
    grades
        Grade of reliability to its meaning, best first.
    sources
        Short name of a source that several rows cite, to its citation.
    """

    def __init__(
        self,
        entries: Collection[Entry],
        grades: Mapping[str, str] | None = None,
        sources: Mapping[str, str] | None = None,
    ) -> None:
        self._entries = {entry.id: entry for entry in entries}
        self.grades = dict(grades or {})
        self.sources = dict(sources or {})

    def __getitem__(self, name: str) -> Entry:
        try:
            return self._entries[name]
        except KeyError:
            raise UnknownEvidenceError(name, self._entries) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __hash__(self) -> int:
        # Equal registries have the same ids; a mapping has no hash of its own.
        return hash(frozenset(self._entries))

    def select(
        self,
        *,
        use: Collection[str] | None = None,
        kind: Collection[str] | None = None,
        quantity: Collection[str] | None = None,
    ) -> tuple[Entry, ...]:
        """Pick entries.

        Parameters
        ----------
        use, kind, quantity
            Values to keep; all when None. A single word stands for itself.

        Returns
        -------
        tuple of Entry
            In the order of the files.
        """
        wanted = {"use": use, "kind": kind, "quantity": quantity}
        allowed = {
            name: {values} if isinstance(values, str) else set(values)
            for name, values in wanted.items()
            if values is not None
        }
        return tuple(
            entry
            for entry in self._entries.values()
            if all(getattr(entry, name) in values for name, values in allowed.items())
        )

    def with_use(self, name: str, use: str) -> Registry:
        """Give a copy in which one entry has another use.

        Parameters
        ----------
        name
            Id of an entry.
        use
            One of ``USES``.

        Returns
        -------
        Registry
            Otherwise equal.

        Raises
        ------
        UnknownEvidenceError
            If there is no such entry.
        BordersimError
            If there is no such use.
        """
        if use not in USES:
            raise BordersimError(f'got use "{shortened(use)}"; allowed: {", ".join(USES)}')
        changed = self._entries | {name: replace(self[name], use=use)}
        return Registry(changed.values(), self.grades, self.sources)

    def citation(self, entry: Entry) -> str:
        """Say who an entry's source is, with every short name spelt out.

        Parameters
        ----------
        entry
            Any entry.

        Returns
        -------
        str
            Such as the newspaper and date that ``S1`` stands for.
        """
        parts = [part.strip() for part in entry.source.split(";")]
        return "; ".join(self.sources.get(part, part) for part in parts)

    def rows(self) -> list[dict[str, Any]]:
        """Every entry as a mapping from field to value.

        Returns
        -------
        list of dict
            In the order of the files.
        """
        return [asdict(entry) for entry in self._entries.values()]

    def to_df(self) -> pd.DataFrame:
        """Give every entry as a row.

        Returns
        -------
        DataFrame
            One column a field of ``Entry``.
        """
        import pandas as pd

        return pd.DataFrame(self.rows())

    def digest(self) -> str:
        """Name the content: what is read of every entry, not where it stands.

        Returns
        -------
        str
            SHA-256 in hexadecimal, for the manifest of what was fitted.
        """
        import hashlib

        lines = sorted(repr({**row, "where": ""}) for row in self.rows())
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()
