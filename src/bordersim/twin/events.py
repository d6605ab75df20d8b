"""The event log (``docs/events.md``): one row of eight whole numbers an event."""

from __future__ import annotations

from bordersim.codes import Event

Row = tuple[int, int, int, int, int, int, int, int]

FIELDS = ("month", "phase", "uid", "event", "place", "counterpart", "amount", "sequence")

_PHASES = {
    2: (Event.GUARD_INSPECTED, Event.GUARD_PUNISHED, Event.GUARD_ROTATED),
    3: (Event.TRAFFICKER_ENTERED, Event.TRAFFICKER_EXITED, Event.TRAFFICKER_FREED),
    4: (Event.CONSIDERED, Event.STAYED, Event.PRICED_OUT),
    5: tuple(Event(code) for code in range(Event.WENT_UNAIDED, Event.CROSSED + 1)),
    6: tuple(Event(code) for code in range(Event.MET, Event.WENT_ONWARD + 1)),
    7: (Event.DIED_CUSTODY, Event.RELEASED),
    8: (Event.ARRIVED, Event.OFFICIAL_LEFT, Event.NEWS, Event.REMITTED),
    9: (Event.TRAFFICKER_JAILED,),
}
PHASE = {event: phase for phase, events in _PHASES.items() for event in events}
"""Step of the month in which an event is logged."""


def canonical(row: Row) -> tuple[int, ...]:
    """Key of the canonical order: month, phase, uid, event, counterpart, sequence."""
    month, phase, uid, event, _place, counterpart, _amount, sequence = row
    return month, phase, uid, event, counterpart, sequence


class EventLog:
    """Events of a run, month by month, each month in canonical order when it is closed."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._open: list[Row] = []
        self.month = 0

    def add(
        self,
        event: Event,
        uid: int,
        place: int,
        *,
        counterpart: int = -1,
        amount: int = 0,
        sequence: int = 0,
    ) -> None:
        """Log an event of the month at hand; the columns are those of ``docs/events.md``."""
        what = (int(event), place, int(counterpart), int(amount), sequence)
        self._open.append((self.month, PHASE[event], uid, *what))

    def close_month(self) -> list[Row]:
        """End the month; gives its rows in canonical order."""
        rows = sorted(self._open, key=canonical)
        self.rows.extend(rows)
        self._open = []
        self.month += 1
        return rows
