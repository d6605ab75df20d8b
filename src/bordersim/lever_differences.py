"""Where and when the levers of two scenarios differ, whatever their policies are called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bordersim.codes import LEVER_KEYS
from bordersim.dates import month_label
from bordersim.lever_changes import place_label
from bordersim.lever_history import Path, places_of
from bordersim.levers import LeverSpec
from bordersim.scenario_views import ScenarioViews

SAME_DIGITS = 1e-12
"""Relative difference that two spellings of one path may have by rounding alone."""


@dataclass(frozen=True)
class LeverGap:
    """One lever that differs.

    Attributes
    ----------
    spec
        The lever.
    places
        Names along the second axis of the paths.
    start
        Month of the first row of the paths.
    a, b
        Paths of shape (months, places).
    differs
        Where they differ by more than rounding.
    """

    spec: LeverSpec
    places: tuple[str, ...]
    start: int
    a: Path
    b: Path
    differs: npt.NDArray[np.bool_]

    def stretches(self) -> list[dict[str, Any]]:
        """Join months and places with the same difference.

        Returns
        -------
        list of dict
            One row for every group of places with the same paths and every run of months
            in which they differ: ``lever``, ``unit``, ``from``, ``until``, ``places``,
            ``label``, lowest and highest value of A and B, mean and largest ``B - A``.
        """
        rows = []
        for columns in self._groups():
            a, b = self.a[:, columns[0]], self.b[:, columns[0]]
            names = [self.places[column] for column in columns]
            for run in _runs(self.differs[:, columns[0]]):
                rows.append(
                    {
                        "lever": self.spec.key,
                        "unit": self.spec.unit,
                        "from": month_label(self.start + run.start),
                        "until": month_label(self.start + run.stop - 1),
                        "places": names,
                        "label": place_label(names, self.places, self.spec),
                        **_sizes(a[run], b[run]),
                    }
                )
        return rows

    def monthly(self) -> Iterator[dict[str, Any]]:
        """Give every month and place in which the lever differs.

        Yields
        ------
        dict
            ``lever``, ``unit``, ``month`` (since 1995-01), ``place``, ``a``, ``b``,
            ``difference`` (B - A).
        """
        for month, column in np.argwhere(self.differs):
            a, b = float(self.a[month, column]), float(self.b[month, column])
            yield {
                "lever": self.spec.key,
                "unit": self.spec.unit,
                "month": self.start + int(month),
                "place": self.places[column],
                "a": a,
                "b": b,
                "difference": b - a,
            }

    def _groups(self) -> list[list[int]]:
        """Places that differ, those with the same two paths together."""
        found: dict[bytes, list[int]] = {}
        for column in np.flatnonzero(self.differs.any(axis=0)):
            both = np.stack([self.a[:, column], self.b[:, column]]) + 0.0
            found.setdefault(both.tobytes(), []).append(int(column))
        return list(found.values())


def lever_gaps(a: ScenarioViews, b: ScenarioViews) -> tuple[list[LeverGap], list[str]]:
    """Compare levers as functions of time and place over the span of both scenarios.

    Parameters
    ----------
    a, b
        Scenarios with the same names of places and the same span.

    Returns
    -------
    gaps, rounded
        Levers that differ; keys of levers that differ in their last digits alone.
    """
    gaps: list[LeverGap] = []
    rounded: list[str] = []
    start, stop = a.start_month, a.end_month + 1
    paths = [scenario.lever_paths()[start:stop] for scenario in (a, b)]
    for position, key in enumerate(LEVER_KEYS):
        names, where = places_of(a.catalogue[key], a.places)
        path_a, path_b = (path[:, position, where] for path in paths)
        size = np.maximum(np.abs(path_a), np.abs(path_b))
        differs = np.abs(path_b - path_a) > SAME_DIGITS * size
        if differs.any():
            gaps.append(LeverGap(a.catalogue[key], names, start, path_a, path_b, differs))
        elif (path_a != path_b).any():
            rounded.append(key)
    return gaps, rounded


def _runs(mask: npt.NDArray[np.bool_]) -> list[slice]:
    """Runs of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(np.int8), [0]])))
    return [slice(int(i), int(j)) for i, j in zip(edges[::2], edges[1::2], strict=True)]


def _sizes(a: Path, b: Path) -> dict[str, float]:
    difference = b - a
    largest = int(np.argmax(np.abs(difference)))
    return {
        "a_low": float(a.min()),
        "a_high": float(a.max()),
        "b_low": float(b.min()),
        "b_high": float(b.max()),
        "mean_difference": float(difference.mean()),
        "largest_difference": float(difference[largest]),
    }
