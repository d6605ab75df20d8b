"""The self-check on a real table: some of its runs play the truth, the rest must find them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from bordersim.inference.arrays import FloatArray, InferenceError, checked_table, generator
from bordersim.inference.scores import Coverage

Report = TypeVar("Report")

Posterior = Callable[[Report, int], FloatArray]
"""Of a report and a seed: draws, shape (draws, parameters)."""


def coverage_on_table(
    design: FloatArray,
    outputs: FloatArray,
    report: Callable[[FloatArray, np.random.Generator], Report],
    learn: Callable[[FloatArray, FloatArray], Posterior[Report]],
    seed: int,
    *,
    truths: int = 100,
    names: Sequence[str] = (),
) -> Coverage:
    """Infer from synthetic reports of known truths, and count how often they are found.

    Truths are rows of the table, chosen by the seed and left out of what is learned; a
    method is learned once, from the rest. Rows must come from the prior, for only then do
    ranks of an exact method fall evenly.

    Parameters
    ----------
    design
        Prior quantiles, shape (n, parameters).
    outputs
        Shape (n, outputs); rows with a NaN are learned from as the method wills, but
        never truths.
    report
        Makes what would have been reported of a run's outputs, shape (outputs,).
    learn
        From design and outputs of the other rows to a posterior of a report and a seed.
    seed
        0 or more.
    truths
        How many.
    names
        Of parameters.

    Raises
    ------
    InferenceError
        When fewer than half of the rows would be left to learn from.
    """
    design, outputs = checked_table(design, outputs)
    whole = np.flatnonzero(np.isfinite(outputs).all(axis=1))
    chosen = np.sort(generator(seed, 41).permutation(whole)[:truths])
    # a truth's replicates would give it away
    known = {point.tobytes() for point in design[chosen]}
    rest = np.array([point.tobytes() not in known for point in design])
    if len(chosen) < truths or rest.sum() < len(design) / 2:
        raise InferenceError(
            f"self-check: {truths} truths of {len(design)} runs, {len(whole)} of them complete; "
            "half of the runs must be left to learn from"
        )
    posterior = learn(design[rest], outputs[rest])
    found = []
    for number, row in enumerate(chosen):
        told = report(outputs[row], generator(seed, 42, number))
        found.append(posterior(told, seed + number))
    labels = tuple(names) or tuple(f"parameter {k}" for k in range(design.shape[1]))
    return Coverage.of(design[chosen], found, labels)
