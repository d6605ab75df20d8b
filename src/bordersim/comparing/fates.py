"""What became of a resident by the end of a window: fifteen fates, one for each person.

``Chronicle`` reads the event log month by month and keeps two bytes and a month for
every resident; ``docs/comparing.md`` defines the fates.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from bordersim.codes import Cause, Event, Status
from bordersim.reports import Period
from bordersim.results import IntArray
from bordersim.state import BLOCK_BITS, EVENT_FIELDS

Bytes = npt.NDArray[np.uint8]
Shorts = npt.NDArray[np.int16]


class Fate(IntEnum):
    """What became of a resident by the end of a window.

    The first nine are of people in the North, in order of what weighs more: of several
    things that happened to a person in the window, the last in this order counts.
    """

    NEVER_CONSIDERED = 0
    STAYED = 1
    PRICED_OUT = 2
    UNSERVED = 3
    TURNED_BACK = 4
    RETURNED = 5
    CAUGHT_RIVER = 6
    CAUGHT_CHINA = 7
    INFORMED_ON = 8
    IN_CHINA = 9
    ON_THE_WAY = 10
    ARRIVED = 11
    DIED = 12
    ARRIVED_BEFORE = 13
    DIED_BEFORE = 14


FATE_WORDS: dict[Fate, str] = {
    Fate.NEVER_CONSIDERED: "never considered",
    Fate.STAYED: "stayed",
    Fate.PRICED_OUT: "priced out",
    Fate.UNSERVED: "found no trafficker",
    Fate.TURNED_BACK: "turned back",
    Fate.RETURNED: "came home",
    Fate.CAUGHT_RIVER: "caught at the river",
    Fate.CAUGHT_CHINA: "caught in China",
    Fate.INFORMED_ON: "informed on",
    Fate.IN_CHINA: "in China",
    Fate.ON_THE_WAY: "on the way south",
    Fate.ARRIVED: "arrived",
    Fate.DIED: "died",
    Fate.ARRIVED_BEFORE: "arrived before",
    Fate.DIED_BEFORE: "died before",
}
"""Name of every fate in tables and figures."""

_COLUMN = {name: index for index, name in enumerate(EVENT_FIELDS)}

_THOUGHT = {
    Event.STAYED: Fate.STAYED,
    Event.PRICED_OUT: Fate.PRICED_OUT,
    Event.UNSERVED: Fate.UNSERVED,
    Event.REFUSED: Fate.TURNED_BACK,
}
"""Events that leave a person at home, and what they make of them at least."""

_MOVES: tuple[tuple[Event, Status], ...] = (
    (Event.CROSSED, Status.CHINA),
    (Event.SHOT_RIVER, Status.DEAD),
    (Event.DROWNED, Status.DEAD),
    (Event.SHOT_CHINA, Status.DEAD),
    (Event.REPATRIATED, Status.CUSTODY),
    (Event.RETURNED_HOME, Status.HOME),
    (Event.WENT_ONWARD, Status.TRANSIT),
    (Event.DIED_CUSTODY, Status.DEAD),
    (Event.RELEASED, Status.HOME),
    (Event.ARRIVED, Status.ARRIVED),
)
"""Events that move a person, in the order of a month; those caught at the river come first."""

_INFORMED = (int(Cause.REPORT), int(Cause.SEIZURE))


@dataclass(frozen=True, eq=False)
class Lives:
    """What became of every resident.

    Attributes
    ----------
    fate
        Codes of ``Fate``, shape (residents,), in order of uid.
    arrived
        Month of arrival in the South, -1 for none, shape (residents,).
    status
        Codes of ``Status`` at the end of the window, shape (residents,).
    """

    fate: Bytes
    arrived: Shorts
    status: Bytes


class Chronicle:
    """Reads a log in order of months, from January 1995 on.

    Parameters
    ----------
    sizes
        Residents of every block.
    window
        Months whose end the fates are of.
    in_china
        Uids of those in China when the first month begins: no event tells of them.

    Notes
    -----
    Memory is four bytes a resident (96 MB at one to one), and a byte more for the result.
    """

    def __init__(self, sizes: IntArray, window: Period, in_china: IntArray) -> None:
        people = int(sizes.sum())
        self._first_of = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        self._window = window
        self._status = np.full(people, Status.HOME, np.uint8)
        self._weighs = np.zeros(people, np.uint8)
        self._arrived = np.full(people, -1, np.int16)
        self._status[self._places(in_china)] = Status.CHINA
        self._opened = False

    def take(self, month: int, log: IntArray) -> None:
        """Read the events of a month.

        Parameters
        ----------
        month
            Not before any that was read; nothing after the window counts.
        log
            Rows as the engine emits them, shape (events, fields), in any order.
        """
        if month > self._window.last:
            return
        if month >= self._window.first and not self._opened:
            self._open()
        event = log[:, _COLUMN["event"]]
        caught = self._caught_at_river(log, event)
        self._status[caught] = Status.CUSTODY
        for kind, status in _MOVES:
            self._status[self._of(log, event == kind)] = status
        returned = event == Event.REPATRIATED
        informed = np.isin(log[:, _COLUMN["counterpart"]], _INFORMED)
        captures = (
            (Fate.CAUGHT_RIVER, caught),
            (Fate.CAUGHT_CHINA, self._of(log, returned & ~informed)),
            (Fate.INFORMED_ON, self._of(log, returned & informed)),
        )
        self._arrived[self._of(log, event == Event.ARRIVED)] = month
        if month < self._window.first:
            for fate, who in captures:
                self._weighs[who] = fate
            return
        for kind, fate in (*_THOUGHT.items(), (Event.RETURNED_HOME, Fate.RETURNED)):
            self._at_least(self._of(log, event == kind), fate)
        for fate, who in captures:
            self._at_least(who, fate)

    def lives(self) -> Lives:
        """What became of everybody; call it once, after the window's last month."""
        if not self._opened:
            self._open()
        fate = self._weighs.copy()
        fate[self._status == Status.CHINA] = Fate.IN_CHINA
        fate[self._status == Status.TRANSIT] = Fate.ON_THE_WAY
        now = self._weighs < Fate.ARRIVED_BEFORE
        fate[(self._status == Status.ARRIVED) & now] = Fate.ARRIVED
        fate[(self._status == Status.DEAD) & now] = Fate.DIED
        return Lives(fate, self._arrived, self._status)

    def _open(self) -> None:
        """Forget what was before the window, but for who is gone or in custody."""
        self._opened = True
        status, weighs = self._status, self._weighs
        weighs[status != Status.CUSTODY] = Fate.NEVER_CONSIDERED
        weighs[status == Status.ARRIVED] = Fate.ARRIVED_BEFORE
        weighs[status == Status.DEAD] = Fate.DIED_BEFORE

    def _at_least(self, who: IntArray, fate: Fate) -> None:
        self._weighs[who] = np.maximum(self._weighs[who], np.uint8(fate))

    def _places(self, uids: IntArray) -> IntArray:
        """Positions of residents in order of uid."""
        within: IntArray = self._first_of[uids >> BLOCK_BITS] + (uids & ((1 << BLOCK_BITS) - 1))
        return within

    def _of(self, log: IntArray, chosen: npt.NDArray[np.bool_]) -> IntArray:
        return self._places(log[chosen, _COLUMN["uid"]])

    def _caught_at_river(self, log: IntArray, event: IntArray) -> IntArray:
        """Those taken at the river (``docs/events.md``, below the table)."""
        sequence, uid = log[:, _COLUMN["sequence"]], log[:, _COLUMN["uid"]]
        seen = (event == Event.DETECTED) & (sequence == 0)
        spared = (event == Event.SHOT_RIVER) | ((event == Event.BRIBED) & (sequence == 1))
        held = seen & ~np.isin(uid, uid[spared])
        held |= (event == Event.ARRESTED_BY_GUARD) | (event == Event.BETRAYED)
        held |= (event == Event.DETECTED) & (sequence == 1)
        return self._of(log, held)
