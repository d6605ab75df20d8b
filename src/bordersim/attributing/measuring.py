"""What the coalitions of a study gave: values of each observable in both periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from bordersim.attributing.carrying import Planned
from bordersim.attributing.spec import Question
from bordersim.comparing.estimates import Keys
from bordersim.comparing.quantities import (
    TOTAL,
    Cut,
    Quantity,
    monthly,
    over_window,
    quantity_of,
)
from bordersim.errors import BordersimError, StoreError
from bordersim.parts import OK
from bordersim.periods import Period
from bordersim.results import RunResults, measure_of
from bordersim.study import Study

_EVERYBODY = Cut()
_NEAR = 1e-6


@dataclass(frozen=True, eq=False)
class Measured:
    """Values of one quantity, group by group; a group is a draw and a seed.

    Attributes
    ----------
    quantity
        What was measured.
    draw, seed
        Of each group, shape (groups,).
    before
        In the first period, shape (groups,): the same in all coalitions.
    after
        In the last, shape (groups, coalitions).
    unit
        What 1 of ``before`` and ``after`` is in the quantity's unit. Counts are integers,
        so that what is made of them is exact.
    """

    quantity: Quantity
    draw: Keys
    seed: Keys
    before: npt.NDArray[Any]
    after: npt.NDArray[Any]
    unit: float

    @property
    def exact(self) -> bool:
        """Whether values are counts."""
        return bool(self.after.dtype.kind == "i")


@dataclass(frozen=True)
class Games:
    """Everything measured under one set of draws.

    Attributes
    ----------
    of
        By name of the quantity; without those that had nothing to measure in any group.
    n_groups, left_out
        Draws x seeds planned, and those that lack a run.
    """

    of: dict[str, Measured]
    n_groups: int
    left_out: int


def games_of(question: Question, one: Planned) -> Games:
    """Measure every run of a set once; runs are read one after another and not kept.

    Raises
    ------
    BordersimError
        When no group is whole, or coalitions differ before levers are held.
    """
    try:
        study = Study.open(one.manner.folder)
    except StoreError:
        study = Study([], {})
    there = {row["run_id"] for row in study.rows() if row["status"] == OK}
    groups: dict[tuple[int, int], list[str]] = {}
    for cell in one.plan.cells:
        groups.setdefault((cell.draw, cell.seed), []).append(cell.run_id)
    whole = {key: ids for key, ids in groups.items() if there.issuperset(ids)}
    if not whole:
        raise BordersimError(f"{one.part.name}: no draw and seed of which every coalition is there")
    quantities = [quantity_of(name) for name in question.observables]
    figures: dict[str, npt.NDArray[np.float64]] = {}
    for ids in whole.values():
        for run_id in dict.fromkeys(ids):
            if run_id not in figures:
                run = study.loader(run_id)()
                figures[run_id] = _figures(run, quantities, (question.first, question.last))
    values = np.array([[figures[run_id] for run_id in ids] for ids in whole.values()])
    keys = np.array(list(whole), dtype=np.int64)
    found = [_measured(one, keys, values[:, :, k], question) for k, one in enumerate(quantities)]
    of = {one.quantity.name: one for one in found if one.draw.size}
    return Games(of, len(groups), len(groups) - len(whole))


def _figures(
    run: RunResults, quantities: Sequence[Quantity], periods: tuple[Period, Period]
) -> npt.NDArray[np.float64]:
    """Values of a run, shape (quantities, periods)."""
    found = []
    for quantity in quantities:
        months = monthly(run, quantity, _EVERYBODY)
        spans = [
            slice(one.first - run.start_month, one.last - run.start_month + 1) for one in periods
        ]
        found.append([over_window(quantity, months[:, span]) for span in spans])
    return np.array(found, dtype=np.float64)


def _measured(
    quantity: Quantity, keys: Keys, values: npt.NDArray[np.float64], question: Question
) -> Measured:
    """Values of shape (groups, coalitions, periods), as counts where they are."""
    unit, counts = _unit(quantity, question.scenario.scale), values
    if unit is not None:
        counts = np.rint(values / unit)
        if np.abs(counts - values / unit).max() > _NEAR:
            raise BordersimError(f"{quantity.name} is no whole number of counts")
        counts = counts.astype(np.int64)
    before = counts[:, :, 0]
    same = (before == before[:, :1]) | (np.isnan(values[:, :, 0]) & np.isnan(values[:, :1, 0]))
    if not same.all():
        raise BordersimError(
            f"{quantity.name} differs between coalitions before levers are held: "
            "their runs do not share a past"
        )
    known = np.isfinite(values).all(axis=(1, 2))
    return Measured(
        quantity=quantity,
        draw=keys[known, 0],
        seed=keys[known, 1],
        before=before[known, 0],
        after=counts[known][:, :, 1],
        unit=1.0 if unit is None else unit,
    )


def _unit(quantity: Quantity, scale: float) -> float | None:
    """What one count is worth; None of what is no count."""
    measures = [measure_of(part) for part in quantity.parts]
    units = {measure.unit_per_count for measure in measures}
    if quantity.how != TOTAL or len(units) > 1 or any(m.kind == "level" for m in measures):
        return None
    return units.pop() / scale
