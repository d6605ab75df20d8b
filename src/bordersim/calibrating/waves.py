"""Tables of runs: points, what was measured there, and which rows can be learnt from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from bordersim.calibrating.priors import FloatArray, Prior, shares_of
from bordersim.calibrating.simulating import FIGURE
from bordersim.inference.waves import inside_region
from bordersim.observing import Targets, working_scale
from bordersim.parts import OK

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Runs:
    """Runs that ended well, of one wave or of several.

    Attributes
    ----------
    shares
        Where in the priors they lie, shape (n, parameters).
    figures
        What they measured, shape (n, targets), natural units; NaN for nothing.
    wave
        Number of the wave of each, shape (n,).
    seed
        Of each; no two runs of a structure share one, shape (n,).
    targets
        What the columns of ``figures`` are.
    """

    shares: FloatArray
    figures: FloatArray
    wave: IntArray
    seed: IntArray
    targets: Targets

    def working(self, targets: Targets) -> FloatArray:
        """Figures of some targets on the working scale, shape (n, k)."""
        where = [self.targets.ids.index(name) for name in targets.ids]
        return working_scale(self.figures[:, where], targets)

    def natural(self, targets: Targets) -> FloatArray:
        """Figures of some targets in natural units, shape (n, k)."""
        where = [self.targets.ids.index(name) for name in targets.ids]
        return self.figures[:, where]

    def near_the_last(self) -> Runs:
        """Runs of the last wave, and those of earlier ones that lie in its region."""
        last = self.wave == self.wave.max()
        return self.at(np.flatnonzero(last | inside_region(self.shares, self.shares[last])))

    def at(self, rows: IntArray) -> Runs:
        """Some of the runs."""
        return Runs(
            self.shares[rows], self.figures[rows], self.wave[rows], self.seed[rows], self.targets
        )

    def paired(self, other: Runs) -> tuple[Runs, Runs]:
        """Runs of this structure and of another that share a seed, row by row."""
        _, mine, others = np.intersect1d(self.seed, other.seed, return_indices=True)
        return self.at(mine), other.at(others)


def runs_of(tables: Sequence[pa.Table], priors: Sequence[Prior], targets: Targets) -> Runs:
    """Gather the runs of waves; those outside the priors, and those that failed, are left out.

    Parameters
    ----------
    tables
        Of the waves, in order.
    priors
        Of the parameters.
    targets
        What was measured.
    """
    shares, figures, waves, seeds = [], [], [], []
    for number, table in enumerate(tables, start=1):
        values = np.stack([table.column(one.parameter).to_numpy() for one in priors], axis=1)
        low, high = (np.array([getattr(one, end) for one in priors]) for end in ("low", "high"))
        ended = np.array(table.column("status").to_pylist(), dtype=object) == OK
        rows = ended & ((values >= low) & (values <= high)).all(axis=1)
        columns = [table.column(FIGURE + target.id).to_numpy() for target in targets]
        shares.append(shares_of(priors, values[rows]))
        figures.append(np.stack(columns, axis=1)[rows])
        waves.append(np.full(int(rows.sum()), number))
        seeds.append(table.column("seed").to_numpy()[rows])
    return Runs(
        np.concatenate(shares),
        np.concatenate(figures),
        np.concatenate(waves),
        np.concatenate(seeds),
        targets,
    )


MOST_MISSING = 0.5
"""Share of the runs that may lack a figure; a report of one that more lack is not fitted."""


_PENALTY = 0.1
"""On the slopes of the plane that fills in: where there are few runs, it is flat."""


def told_by(runs: Runs, targets: Targets) -> list[str]:
    """Ids of the reports that enough runs measured to learn from."""
    missing = np.isnan(runs.natural(targets)).mean(axis=0)
    return [target.id for target, share in zip(targets, missing, strict=True)
            if share <= MOST_MISSING]  # fmt: skip


def filled(shares: FloatArray, working: FloatArray) -> FloatArray:
    """Figures with those that runs could not measure filled in, for the emulator.

    In a small nation there are months without a deal. What is missing is what a plane
    through the other runs says, so that the rest of the run still counts.

    Parameters
    ----------
    shares
        Shape (n, parameters).
    working
        Shape (n, targets), on the working scale; NaN where nothing was measured.
    """
    found = working.copy()
    plane = np.column_stack([np.ones(len(shares)), shares - 0.5])
    penalty = np.diag([0.0, *np.full(shares.shape[1], _PENALTY)])
    for column in found.T:
        lost = np.isnan(column)
        if lost.any() and not lost.all():
            x, y = plane[~lost], column[~lost]
            column[lost] = plane[lost] @ np.linalg.solve(x.T @ x + penalty, x.T @ y)
    return found


def ends_of(table: pa.Table) -> Mapping[str, Any]:
    """How the runs of a wave ended, for people: counts by status, and the commonest errors."""
    status = table.column("status").to_pylist()
    errors = [error for error in table.column("error").to_pylist() if error]
    common = sorted(set(errors), key=lambda error: (-errors.count(error), error))
    return {
        "runs": len(status),
        "ended": status.count(OK),
        "lost": len(status) - status.count(OK),
        "errors": [f"{errors.count(error)} x {error}" for error in common[:3]],
    }
