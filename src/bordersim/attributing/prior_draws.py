"""Draws of what a posterior draws, before any report was read."""

from __future__ import annotations

import hashlib
from pathlib import Path

from bordersim.sweeping.draws import Draws


def prior_draws(
    path: Path, keys: tuple[str, ...], count: int, seed: int, *, pinned: bool
) -> tuple[Draws | None, list[str]]:
    """Draw from the priors of a calibration.

    Parameters
    ----------
    path
        Calibration file.
    keys
        Parameters to draw: what the posterior fixed was not learned, either.
    count, seed
        How many, and of which sequence: the first of more are those of fewer.
    pinned
        See ``Draws``.

    Returns
    -------
    draws, lacking
        No draws where it has no prior of some of the parameters.

    Raises
    ------
    ScenarioError
        With every mistake in the file.
    """
    from bordersim.calibrating.priors import sobol_shares, values_at
    from bordersim.calibrating.reading import read_calibration

    priors = {prior.parameter: prior for prior in read_calibration(path).priors}
    if lacking := [key for key in keys if key not in priors]:
        return None, lacking
    chosen = [priors[key] for key in keys]
    values = values_at(chosen, sobol_shares(count, len(keys), seed))
    rows = tuple(tuple(map(float, row)) for row in values)
    told = repr([[prior.plain() for prior in chosen], seed])
    digest = hashlib.sha256(told.encode()).hexdigest()[:16]
    return Draws(keys, rows, pinned, digest, count, path), []
