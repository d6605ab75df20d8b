"""The catalogue of levers, and the paths they follow before any policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, PlainValidator

from bordersim.closed_schema import ClosedModel, validate
from bordersim.codes import LAST_MONTH, LEVER_KEYS, Lever
from bordersim.errors import Problem, ScenarioError, shortened, suggestion
from bordersim.frozen import FrozenMap
from bordersim.places import Places
from bordersim.units import describe, parse_quantity, unit_factor
from bordersim.yaml_source import YamlDocument, read_yaml

FACTORS = ("guards", "barriers", "china", "markets", "south")
"""Groups by which a change is divided among its causes."""

Factor = Literal["guards", "barriers", "china", "markets", "south"]

DRIVERS = ("food_shortage", "market_index", "exchange_rate")
"""Names a default may take from ``drivers``."""

LeverPaths = npt.NDArray[np.float64]
"""Shape (LAST_MONTH + 1, levers, sectors + homes)."""


@dataclass(frozen=True)
class LeverSpec:
    """What a lever is and how far it goes.

    Attributes
    ----------
    key, title, unit
        ``group.name``, meaning, unit of every value.
    low, high
        Inclusive range at every place and month.
    default
        Value in 1995, or None when a driver sets it.
    driver
        One of ``DRIVERS``, or None.
    by_place
        Defaults that differ at a place.
    places
        ``sector``, ``home`` or ``nation``: along which axis it varies.
    factor
        One of ``FACTORS``.
    budgeted
        Whether ``north.security_budget`` scales it.
    mechanisms, evidence
        Ids in the evidence.
    direction
        What theory says happens when it rises (or, where so worded, falls).
    where
        File and line that describe it.
    """

    key: str
    title: str
    unit: str
    low: float
    high: float
    default: float | None
    driver: str | None
    by_place: Mapping[str, float]
    places: str
    factor: str
    budgeted: bool
    mechanisms: tuple[str, ...]
    evidence: tuple[str, ...]
    direction: str
    where: str = ""

    def slots(self, places: Places) -> slice:
        """Give the part of the place axis where the lever is defined.

        Parameters
        ----------
        places
            The map.

        Returns
        -------
        slice
            Sectors, homes, or all of them for a national lever.
        """
        n_sectors = len(places.sectors)
        if self.places == "sector":
            return slice(0, n_sectors)
        if self.places == "home":
            return slice(n_sectors, n_sectors + len(places.homes))
        return slice(0, n_sectors + len(places.homes))

    def place_names(self, places: Places) -> tuple[str, ...]:
        """Give the places at which a policy may move the lever.

        Parameters
        ----------
        places
            The map.

        Returns
        -------
        tuple of str
            Empty for a national lever, which moves everywhere or not at all.
        """
        if self.places == "nation":
            return ()
        return places.sectors if self.places == "sector" else places.homes

    def range_mistake(self, value: float) -> str | None:
        """Say that a value is out of range; None if it is not.

        Parameters
        ----------
        value
            In ``unit``.

        Returns
        -------
        str or None
            The message of a ``Problem``.
        """
        if self.low <= value <= self.high:
            return None
        return f"got {value:g}; {self.key} allows {self.low:g} to {self.high:g} {self.unit}"


LeverCatalogue = FrozenMap[LeverSpec]


def starting_paths(
    catalogue: LeverCatalogue, places: Places, drivers: Mapping[str, npt.NDArray[np.float64]]
) -> LeverPaths:
    """Give every lever's path before any policy.

    Parameters
    ----------
    catalogue
        Exactly the levers of ``Lever``.
    places
        The map.
    drivers
        ``DRIVERS`` to arrays of length LAST_MONTH + 1.

    Returns
    -------
    ndarray
        Shape (LAST_MONTH + 1, levers, sectors + homes). Where a lever is not defined
        (a sector's lever at a home) it holds 0; a national lever holds its value at
        every place.
    """
    slots = places.slots()
    paths = np.zeros((LAST_MONTH + 1, len(Lever), len(slots)))
    for position, key in enumerate(LEVER_KEYS):
        spec = catalogue[key]
        where = spec.slots(places)
        if spec.driver is not None:
            paths[:, position, where] = drivers[spec.driver][:, np.newaxis]
        else:
            paths[:, position, where] = spec.default
        for place, value in spec.by_place.items():
            paths[:, position, slots.index(place)] = value
    return paths


def driver_problems(paths: LeverPaths, catalogue: LeverCatalogue, places: Places) -> list[Problem]:
    """Find levers that a driver takes out of their range.

    Parameters
    ----------
    paths
        From ``starting_paths``.
    catalogue, places
        As there.

    Returns
    -------
    list of Problem
        At most one a lever.
    """
    found: list[Problem] = []
    for position, key in enumerate(LEVER_KEYS):
        spec = catalogue[key]
        if spec.driver is not None:
            values = paths[:, position, spec.slots(places)]
            for value in (float(values.min()), float(values.max())):
                if (mistake := spec.range_mistake(value)) is not None:
                    found.append(Problem(f'driver "{spec.driver}"', key, mistake))
    return found


def apply_budget(paths: LeverPaths, catalogue: LeverCatalogue, places: Places) -> None:
    """Scale, in place, what the security agencies pay for by their budget.

    Parameters
    ----------
    paths
        Lever paths after every policy; budgeted levers are multiplied and clipped to
        their range.
    catalogue
        Says which levers are budgeted.
    places
        The map.
    """
    budget = paths[:, Lever.NORTH_SECURITY_BUDGET, :]
    for position, key in enumerate(LEVER_KEYS):
        spec = catalogue[key]
        if spec.budgeted:
            where = spec.slots(places)
            scaled = paths[:, position, where] * budget[:, where]
            paths[:, position, where] = np.clip(scaled, spec.low, spec.high)


def _default(raw: object) -> float | dict[str, Any]:
    if isinstance(raw, dict):
        return raw
    return parse_quantity(raw, "index")


class _LeverEntry(ClosedModel):
    title: str
    unit: str
    low: float
    high: float
    default: Annotated[float | dict[str, Any], PlainValidator(_default)]
    by_place: dict[str, float] = Field(default_factory=dict)
    places: Literal["sector", "home", "nation"]
    factor: Factor
    budgeted: bool = False
    mechanisms: list[str]
    evidence: list[str]
    direction: str


class _LeverFile(ClosedModel):
    schema_tag: Literal["bordersim/levers@1"] = Field(alias="schema")
    levers: dict[str, _LeverEntry]


def read_levers(path: Path, places: Places, evidence_ids: frozenset[str]) -> LeverCatalogue:
    """Read the catalogue of levers.

    Parameters
    ----------
    path
        YAML file of schema ``bordersim/levers@1`` with exactly the levers of ``Lever``.
    places
        The map, for defaults by place.
    evidence_ids
        Ids that may be cited.

    Returns
    -------
    FrozenMap of LeverSpec
        In the order of ``Lever``.

    Raises
    ------
    ScenarioError
        With every mistake in the file.
    """
    problems: list[Problem] = []
    document = read_yaml(path, problems)
    content = None if document is None else validate(_LeverFile, document, problems)
    found: dict[str, LeverSpec] = {}
    if document is not None and content is not None:
        for key, entry in content.levers.items():
            spec = _spec(key, entry, document.where(("levers", key)))
            found[key] = spec
            for message in _mistakes(spec, entry.default, places, evidence_ids):
                problems.append(document.problem(("levers", key), message))
        problems.extend(_missing(document, found))
    if problems:
        raise ScenarioError(problems)
    return FrozenMap({key: found[key] for key in LEVER_KEYS})


def _spec(key: str, entry: _LeverEntry, where: str) -> LeverSpec:
    by_driver = isinstance(entry.default, dict)
    return LeverSpec(
        key=key,
        title=entry.title,
        unit=entry.unit,
        low=entry.low,
        high=entry.high,
        default=None if isinstance(entry.default, dict) else entry.default,
        driver=str(entry.default.get("driver")) if isinstance(entry.default, dict) else None,
        by_place=FrozenMap(entry.by_place),
        places=entry.places,
        factor=entry.factor,
        budgeted=entry.budgeted and not by_driver,
        mechanisms=tuple(entry.mechanisms),
        evidence=tuple(entry.evidence),
        direction=entry.direction,
        where=where,
    )


def _missing(document: YamlDocument, found: Mapping[str, LeverSpec]) -> list[Problem]:
    return [
        document.problem(("levers",), f'lever "{key}" is not described')
        for key in LEVER_KEYS
        if key not in found
    ]


def _mistakes(
    spec: LeverSpec, default: object, places: Places, evidence_ids: frozenset[str]
) -> list[str]:
    found: list[str] = []
    if spec.key not in LEVER_KEYS:
        found.append(f'unknown lever "{shortened(spec.key)}"{suggestion(spec.key, LEVER_KEYS)}')
    try:
        unit_factor(spec.unit, spec.unit)
    except ValueError as error:
        found.append(str(error))
    if spec.low > spec.high:
        found.append(f"low {spec.low:g} is above high {spec.high:g}")
    if isinstance(default, dict) and (set(default) != {"driver"} or spec.driver not in DRIVERS):
        found.append(f"got default {describe(default)}; allowed: driver: {', '.join(DRIVERS)}")
    values = [*spec.by_place.values(), *([] if spec.default is None else [spec.default])]
    found.extend(message for value in values if (message := spec.range_mistake(value)))
    for place in spec.by_place:
        allowed = spec.place_names(places)
        if place not in allowed:
            found.append(f'unknown place "{shortened(place)}"{suggestion(place, allowed)}')
    for cited in (*spec.mechanisms, *spec.evidence):
        if cited not in evidence_ids:
            found.append(f'unknown evidence "{shortened(cited)}"{suggestion(cited, evidence_ids)}')
    return found
