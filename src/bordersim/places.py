"""Homes, crossing sectors, and who can reach which: tables of data."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bordersim.errors import Problem, ScenarioError, shortened, suggestion
from bordersim.frozen import FrozenMap
from bordersim.tables import Row, read_table
from bordersim.text_files import label_of

Column = npt.NDArray[np.float64]

_ROUNDING = 1e-9
_NAME = re.compile(r"[a-z0-9_]+")

_MOST_PEOPLE = float(1 << 25)
"""A block of residents is a home and a class; identities hold so many in a block."""

_MOST_PLACES = 200
"""Of a kind; the engine counts them in a byte."""

_CAPITAL = "pyongyang"
"""Home of the officials abroad (model.md C6)."""

_NOT_NEGATIVE = (0.0, math.inf)
_SHARE = (0.0, 1.0)

# Column to bounds and whether it is a whole number.
_HOME = {
    "population": ((0.0, _MOST_PEOPLE), True),
    "trader_share": (_SHARE, False),
    "elite_share": (_SHARE, False),
    "hunger_exposure": (_SHARE, False),
    "wealth_shift": ((-5.0, 5.0), False),
    "border": (_SHARE, True),
}
_SECTOR = {
    "length_km": ((1.0, 2000.0), False),
    "river_difficulty": (_NOT_NEGATIVE, False),
    "pool": ((1.0, 1e6), True),
    "chinese_cost": (_NOT_NEGATIVE, False),
    "guard_pressure": (_NOT_NEGATIVE, False),
    "far_bank": ((1e-6, 1e6), False),
}
_Bounds = Mapping[str, tuple[tuple[float, float], bool]]


@dataclass(frozen=True, eq=False)
class Places:
    """The map of the model; places, never coordinates. Its arrays are read-only.

    Attributes
    ----------
    homes, sectors
        Names, in the order in which every array counts them.
    home_titles, sector_titles
        Names for people.
    sector_homes
        Home on the Northern bank of each sector.
    home
        Numeric column to values, one per home; units in the comments of the file.
    sector
        The same per sector.
    reach
        Shape (homes, sectors): probability in [0, 1] that a resident of the home who
        considers leaving can get to the sector.
    """

    homes: tuple[str, ...]
    sectors: tuple[str, ...]
    home_titles: tuple[str, ...]
    sector_titles: tuple[str, ...]
    sector_homes: tuple[str, ...]
    home: Mapping[str, Column]
    sector: Mapping[str, Column]
    reach: Column

    def __post_init__(self) -> None:
        for column in (*self.home.values(), *self.sector.values(), self.reach):
            column.flags.writeable = False

    def __setstate__(self, state: dict[str, Any]) -> None:
        # A pickle forgets that an array is read-only.
        self.__dict__.update(state)
        self.__post_init__()

    def slots(self) -> tuple[str, ...]:
        """Give the names along the place axis of lever paths.

        Returns
        -------
        tuple of str
            Sectors first, then homes.
        """
        return self.sectors + self.homes


def read_places(folder: Path) -> Places:
    """Read ``homes.csv``, ``sectors.csv`` and ``reach.csv``.

    Parameters
    ----------
    folder
        Where the three files are.

    Returns
    -------
    Places
        Arrays are new and C-contiguous.

    Raises
    ------
    ScenarioError
        With every mistake in the three files.
    """
    problems: list[Problem] = []
    homes = read_table(folder / "homes.csv", _columns_of("home", _HOME), problems, closed=True)
    sectors = read_table(
        folder / "sectors.csv", _columns_of("sector", _SECTOR), problems, closed=True
    )
    home_names = _names(homes, "home", problems)
    sector_names = _names(sectors, "sector", problems)
    places = Places(
        homes=home_names,
        sectors=sector_names,
        home_titles=tuple(row.cells["title"] for row in homes),
        sector_titles=tuple(row.cells["title"] for row in sectors),
        sector_homes=tuple(row.cells["home"] for row in sectors),
        home=_columns(homes, _HOME, problems),
        sector=_columns(sectors, _SECTOR, problems),
        reach=_reach(folder / "reach.csv", home_names, sector_names, problems),
    )
    if homes:
        problems.extend(_home_problems(homes, places, folder / "homes.csv"))
    for row in sectors:
        if homes and row.cells["home"] not in home_names:
            home = row.cells["home"]
            message = f'unknown home "{shortened(home)}"{suggestion(home, home_names)}'
            problems.append(Problem(row.where, "home", message))
    shared = sorted(set(home_names) & set(sector_names))
    if shared:
        message = f"names used for a home and a sector: {', '.join(shared)}"
        problems.append(Problem(label_of(folder), "", message))
    if problems:
        raise ScenarioError(problems)
    return places


def _names(rows: list[Row], key: str, problems: list[Problem]) -> tuple[str, ...]:
    names: list[str] = []
    for row in rows:
        name = row.cells[key]
        if name in names:
            problems.append(Problem(row.where, key, f'"{name}" is given twice'))
        elif _NAME.fullmatch(name) is None:
            problems.append(Problem(row.where, key, f'got "{shortened(name)}"; allowed: a-z 0-9 _'))
        names.append(name)
    if len(names) > _MOST_PLACES:
        message = f"{len(names)} rows; at most {_MOST_PLACES}"
        problems.append(Problem(rows[0].where.rpartition(":")[0], key, message))
    return tuple(names)


def _columns_of(kind: str, numbers: _Bounds) -> tuple[str, ...]:
    text = ("home", "title") if kind == "home" else ("sector", "title", "home")
    return (*text, *numbers, "source")


def _columns(rows: list[Row], numbers: _Bounds, problems: list[Problem]) -> FrozenMap[Column]:
    order = [name for name in (rows[0].cells if rows else ()) if name in numbers]
    return FrozenMap(
        {
            name: np.array(
                [
                    row.within(name, numbers[name][0], problems, whole=numbers[name][1])
                    for row in rows
                ],
                dtype=np.float64,
            )
            for name in order
        }
    )


def _home_problems(rows: list[Row], places: Places, path: Path) -> list[Problem]:
    shares = places.home["trader_share"] + places.home["elite_share"]
    found = [
        Problem(row.where, "trader_share", f"with elite_share the sum is {share:g}; at most 1")
        for row, share in zip(rows, shares, strict=True)
        if share > 1.0
    ]
    if _CAPITAL not in places.homes:
        message = f'"{_CAPITAL}" is missing; the officials abroad come from there'
        found.append(Problem(label_of(path), "home", message))
    if places.home["population"].sum() < 1.0:
        found.append(Problem(label_of(path), "population", "nobody lives anywhere"))
    return found


def _reach(
    path: Path, homes: tuple[str, ...], sectors: tuple[str, ...], problems: list[Problem]
) -> Column:
    rows = read_table(path, ("home", *sectors), problems, closed=bool(sectors))
    reach: Column = np.zeros((len(homes), len(sectors)))
    seen = tuple(row.cells["home"] for row in rows)
    if homes and rows and seen != homes:
        message = f"rows must be the homes of homes.csv in that order: {', '.join(homes)}"
        problems.append(Problem(label_of(path), "home", message))
        return reach
    for position, row in enumerate(rows if homes else ()):
        for column, sector in enumerate(sectors):
            reach[position, column] = row.within(sector, _SHARE, problems)
        if reach[position].sum() > 1.0 + _ROUNDING:
            message = f"the sum is {reach[position].sum():g}; at most 1"
            problems.append(Problem(row.where, "", message))
    return reach
