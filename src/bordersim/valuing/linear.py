"""What a report would leave of a variance if everything were linear: the other opinion.

The best linear forecast of the targets from the reports, errors included (Goldstein and Wooff
2007), needs no weights and so no draws that happen to agree: it holds for sharp reports and for
several together, and is wrong where shares bend with the figure.
"""

from __future__ import annotations

import numpy as np

from bordersim.inference.arrays import FloatArray
from bordersim.valuing.targets import Targets


def linear_left(figures: FloatArray, errors: FloatArray, targets: Targets) -> FloatArray:
    """Variance left over what it is now, by name of the target.

    Parameters
    ----------
    figures
        Shape (draws, facts), on the scales of the reports.
    errors
        Standard deviations of the reports, shape (facts,), above 0.
    targets
        What is not known, of the same draws.

    Returns
    -------
    array
        Corrected for what figures that have nothing to do with the targets explain by chance
        among as many draws. Above 1 where a fact explains less than that.
    """
    n = len(figures)
    apart = (figures - figures.mean(axis=0)) / errors
    values = targets.values - targets.values.mean(axis=0)
    among = apart.T @ apart / (n - 1)
    with_report = among + np.eye(among.shape[0])
    shared = apart.T @ values / (n - 1)
    explained = (shared * np.linalg.solve(with_report, shared)).sum(axis=0)
    by_chance = float(np.trace(np.linalg.solve(with_report, among))) / (n - 1)
    now = targets.variance
    left: FloatArray = np.full_like(now, np.nan)
    np.divide(now - targets.sums @ explained, now, out=left, where=now > 0)
    return left / (1.0 - by_chance)
