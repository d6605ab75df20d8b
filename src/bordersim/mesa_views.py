"""Rows of the fast arrays as Mesa agents: made when looked at, and not to be written to.

A view is a model and a row; what it tells is read from the arrays as they are then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import mesa
import numpy as np
import numpy.typing as npt

from bordersim.bookkeeping import from_grid
from bordersim.codes import Class, Sex, Status, TraffickerStatus
from bordersim.dates import month_label
from bordersim.errors import BordersimError
from bordersim.state import FLAG_HELPED, FLAG_KIN, FLAG_PACKAGE, FLAG_PAID, Records

if TYPE_CHECKING:
    from bordersim.mesa_model import BorderModel

IntArray = npt.NDArray[np.int64]
Reader = Callable[["BorderModel", IntArray], Sequence[Any]]

GUARD_IDS = 1 << 40
TRAFFICKER_IDS = 1 << 41
"""Mesa wants ids that no two agents share, whatever they are: residents have their uids,
guards and traffickers the number of their place above these."""

READ_ONLY = "agents are views of the engine's arrays and cannot be changed; set levers instead"


class ReadOnlyError(BordersimError):
    """The engine alone changes its agents; levers and parameters are what users set."""


class Column:
    """An attribute of a kind of agent, read for one view or for many rows at once."""

    def __init__(self, read: Reader, doc: str) -> None:
        self.read = read
        self.__doc__ = doc

    def __get__(self, view: View | None, owner: type[View]) -> Any:
        return self if view is None else self.read(view.model, np.array([view.row]))[0]

    def __set__(self, view: View, value: Any) -> NoReturn:
        raise ReadOnlyError(READ_ONLY)


def _own(kind: str, field: str, change: Callable[[Any], Any] = int) -> Reader:
    """Read a field of the records of a kind."""

    def read(model: BorderModel, rows: IntArray) -> list[Any]:
        records: Records = getattr(model.world, kind)
        return [change(value) for value in records[field][rows].tolist()]

    return read


def _month(value: int) -> str | None:
    return month_label(value) if value >= 0 else None


def _million(thousands: int) -> float:
    return thousands / 1000.0


def _share(steps: int) -> float:
    return float(from_grid(steps))


def _named(names: str) -> Callable[[BorderModel, int], str]:
    return lambda model, code: str(getattr(model.scenario.places, names)[code])


def _placed(kind: str, field: str, names: str) -> Reader:
    codes, name = _own(kind, field), _named(names)
    return lambda model, rows: [name(model, code) for code in codes(model, rows)]


def _tagged(flag: int) -> Reader:
    return _own("rows", "tags", lambda tags: bool(tags & flag))


def _last_sector(model: BorderModel, rows: IntArray) -> list[str | None]:
    left = model.world.rows.left[rows].tolist()
    names = _placed("rows", "sector", "sectors")(model, rows)
    return [name if month >= 0 else None for name, month in zip(names, left, strict=True)]


def _age(model: BorderModel, rows: IntArray) -> list[str]:
    labels = model.scenario.parameters["population.age_shares"].labels
    return [labels[band] for band in model.world.rows.age[rows].tolist()]


def _of_roster(field: str) -> Reader:
    return lambda model, rows: [
        _month(month) for month in getattr(model.world.roster, field)[rows].tolist()
    ]


def _guard_sector(model: BorderModel, rows: IntArray) -> list[str]:
    start = model.engine.land.sector.guard_start
    sector = np.searchsorted(start, rows, side="right") - 1
    return [model.scenario.places.sectors[s] for s in sector.tolist()]


class View(mesa.Agent):  # type: ignore[misc]
    """One row as a Mesa agent. Reading costs a look-up, keeping it costs nothing more."""

    model: BorderModel
    row: int
    pos: None
    unique_id: Any

    def __init__(self, model: BorderModel, row: int) -> None:
        # Not Mesa's own constructor: it would enter each view into the model.
        self.__dict__.update(model=model, row=int(row), pos=None)

    def __setattr__(self, name: str, value: Any) -> None:
        raise ReadOnlyError(READ_ONLY)

    def remove(self) -> None:
        """Raise an error: nobody leaves the model."""
        raise ReadOnlyError(READ_ONLY)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, View) or type(other) is not type(self):
            return False
        return other.model is self.model and other.row == self.row

    def __hash__(self) -> int:
        return hash((type(self), id(self.model), self.row))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.unique_id})"

    def to_dict(self) -> dict[str, Any]:
        """Give every attribute by name."""
        return {name: getattr(self, name) for name in columns_of(type(self))}


class Resident(View):
    """A resident with a history; everyone else is a function of seed and uid."""

    unique_id = Column(_own("rows", "uid"), "Identity, the same in every run of a world seed.")
    status = Column(_own("rows", "status", lambda s: Status(s).name.lower()), "Where: home ...")
    home = Column(_placed("rows", "home", "homes"), "Province of origin.")
    sex = Column(_own("rows", "sex", lambda s: Sex(s).name.lower()), "female or male.")
    economic_class = Column(_own("rows", "cls", lambda c: Class(c).name.lower()), "poor ...")
    age = Column(_age, "Age band in years.")
    sector = Column(_last_sector, "Where the river was crossed last, or None.")
    since = Column(_own("rows", "since", _month), "Month in which the status began.")
    considered = Column(_own("rows", "stamp", _month), "Last month of considering, or None.")
    left = Column(_own("rows", "left", _month), "Month of the last crossing, or None.")
    waits = Column(_own("rows", "waits"), "Months spent waiting for a trafficker.")
    owed = Column(_own("rows", "owed", _million), "Due on arrival, KRW million of 2015.")
    balance = Column(_own("rows", "balance", _million), "Against own wealth, KRW million of 2015.")
    known_outcomes = Column(_own("rows", "known_total"), "Own and kin's outcomes known.")
    known_caught = Column(_own("rows", "known_caught"), "Of these, how many were caught.")
    paid = Column(_tagged(FLAG_PAID), "Whether the last crossing was paid.")
    package = Column(_tagged(FLAG_PACKAGE), "Whether the way onward was bought with it.")
    helped = Column(_tagged(FLAG_HELPED), "Whether an informant helped.")
    kin_abroad = Column(_tagged(FLAG_KIN), "Whether kin live in the South.")
    kin_arrived = Column(_of_roster("kin_month"), "Month kin arrived last, or None.")
    released = Column(_of_roster("released"), "Month of the last release, or None.")


class Guard(View):
    """A border guard's post; a punished guard is replaced and ``generation`` rises."""

    unique_id = Column(lambda model, rows: (rows + GUARD_IDS).tolist(), "Identity of the post.")
    sector = Column(_guard_sector, "Sector of the river.")
    generation = Column(_own("guards", "generation"), "How many held the post before.")
    since = Column(_own("guards", "since", _month), "Month of arrival at the post.")
    cash = Column(_own("guards", "cash", _million), "KRW million of 2015.")
    perceived_punishment = Column(_own("guards", "belief", _share), "Chance in a year.")
    inclination = Column(_own("guards", "inclination", float), "Against bribes, KRW million.")
    ambition = Column(_own("guards", "ambition", float), "Worth of a reward against its amount.")
    captures = Column(_own("guards", "captures"), "People caught.")


class Trafficker(View):
    """A trafficker's place, taken: active or in jail."""

    unique_id = Column(lambda model, rows: (rows + TRAFFICKER_IDS).tolist(), "Identity of place.")
    sector = Column(_placed("traffickers", "sector", "sectors"), "Sector of the river.")
    status = Column(
        _own("traffickers", "status", lambda s: TraffickerStatus(s).name.lower()), "active, jailed"
    )
    generation = Column(_own("traffickers", "generation"), "How many held the place before.")
    fee_border = Column(_own("traffickers", "fee_border", _million), "Posted, KRW million.")
    fee_interior = Column(_own("traffickers", "fee_interior", _million), "Posted, KRW million.")
    markup = Column(_own("traffickers", "markup", _share), "Log of fee over cost.")
    perceived_arrest = Column(_own("traffickers", "belief", _share), "Chance at a crossing.")
    profit = Column(_own("traffickers", "profit", _million), "Average month, KRW million.")
    cash = Column(_own("traffickers", "cash", _million), "KRW million of 2015.")
    requests = Column(_own("traffickers", "requests"), "Asked for this month.")
    clients = Column(_own("traffickers", "clients"), "Taken this month.")
    package = Column(_own("traffickers", "package", bool), "Arranges the way onward this month.")


KINDS: tuple[type[View], ...] = (Resident, Trafficker, Guard)


def columns_of(kind: type[View]) -> dict[str, Column]:
    """Attributes of a kind of agent by name."""
    return {name: value for name, value in vars(kind).items() if isinstance(value, Column)}
