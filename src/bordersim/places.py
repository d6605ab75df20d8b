"""Homes, crossing sectors, and who can reach which: tables of data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bordersim.errors import Problem, ScenarioError
from bordersim.frozen import FrozenMap
from bordersim.tables import Row, read_table
from bordersim.text_files import label_of

Column = npt.NDArray[np.float64]


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
    homes = read_table(folder / "homes.csv", ("home", "title", "population", "source"), problems)
    sectors = read_table(
        folder / "sectors.csv", ("sector", "title", "home", "length_km", "source"), problems
    )
    home_names = _names(homes, "home", problems)
    sector_names = _names(sectors, "sector", problems)
    places = Places(
        homes=home_names,
        sectors=sector_names,
        home_titles=tuple(row.cells["title"] for row in homes),
        sector_titles=tuple(row.cells["title"] for row in sectors),
        sector_homes=tuple(row.cells["home"] for row in sectors),
        home=_columns(homes, "home", problems),
        sector=_columns(sectors, "sector", problems),
        reach=_reach(folder / "reach.csv", home_names, sector_names, problems),
    )
    for row in sectors:
        if row.cells["home"] not in home_names:
            message = f'unknown home "{row.cells["home"]}"; allowed: {", ".join(home_names)}'
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
        names.append(name)
    return tuple(names)


def _columns(rows: list[Row], key: str, problems: list[Problem]) -> FrozenMap[Column]:
    columns = [name for name in (rows[0].cells if rows else ()) if name not in _TEXT]
    table: dict[str, Column] = {}
    for column in columns:
        values = [row.number(column, problems) for row in rows]
        for row, value in zip(rows, values, strict=True):
            if column in _NOT_NEGATIVE and value < 0.0:
                problems.append(Problem(row.where, column, f"got {value:g}; cannot be negative"))
        table[column] = np.array(values, dtype=np.float64)
    return FrozenMap(table)


_TEXT = ("home", "sector", "title", "source")
_NOT_NEGATIVE = ("population", "length_km", "pool", "river_difficulty")


def _reach(
    path: Path, homes: tuple[str, ...], sectors: tuple[str, ...], problems: list[Problem]
) -> Column:
    rows = read_table(path, ("home", *sectors), problems)
    reach: Column = np.zeros((len(homes), len(sectors)))
    seen = tuple(row.cells["home"] for row in rows)
    if rows and seen != homes:
        message = f"rows must be the homes of homes.csv in that order: {', '.join(homes)}"
        problems.append(Problem(label_of(path), "home", message))
        return reach
    for position, row in enumerate(rows):
        for column, sector in enumerate(sectors):
            value = row.number(sector, problems)
            if not 0.0 <= value <= 1.0:
                problems.append(Problem(row.where, sector, f"got {value:g}; allowed: 0 to 1"))
            reach[position, column] = value
    return reach
