"""Priors of the nuisances that some targets need."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bordersim.observing.declared import declared
from bordersim.observing.nuisances import Nuisance, drawn
from bordersim.observing.target import Target, as_targets
from bordersim.results import FloatArray


def nuisance_priors(targets: Sequence[Target] | None = None) -> tuple[Nuisance, ...]:
    """Nuisances that targets need, or all that are declared, with their priors."""
    every = declared().nuisances
    if targets is None:
        return every
    needed = as_targets(targets).nuisances
    return tuple(nuisance for nuisance in every if nuisance.name in needed)


def nuisance_defaults(targets: Sequence[Target] | None = None) -> dict[str, float]:
    """Nuisances at the middle of their priors, for who does not sample them."""
    return {nuisance.name: nuisance.middle for nuisance in nuisance_priors(targets)}


def nuisance_draws(
    n: int, rng: np.random.Generator, targets: Sequence[Target] | None = None
) -> dict[str, FloatArray]:
    """Draws of the nuisances from their priors, each of shape (n,)."""
    return drawn(nuisance_priors(targets), n, rng)
