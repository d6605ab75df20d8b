"""What must hold between the parts of a scenario, each of which is right by itself."""

from __future__ import annotations

import math

from bordersim.parameters import Parameters
from bordersim.places import Places


def smallest_scale(places: Places, parameters: Parameters) -> float:
    """Give the scale below which a sector of the river has no place for a guard.

    Parameters
    ----------
    places
        The map.
    parameters
        Holds the guard places per km.

    Returns
    -------
    float
        Share of the nation.
    """
    shortest = float(places.sector["length_km"].min())
    return 1.0 / (shortest * parameters.value("guards.places_per_km"))


def scale_mistake(scale: float, places: Places, parameters: Parameters) -> str | None:
    """Say that a scale is too small to simulate; None if it is not.

    Parameters
    ----------
    scale
        Share of the nation, above 0.
    places, parameters
        What is there at scale 1.

    Returns
    -------
    str or None
        The message of a ``Problem``.
    """
    smallest = smallest_scale(places, parameters)
    # The engine rounds down, and so does this comparison.
    if scale >= smallest and math.floor(scale / smallest) >= 1:
        return None
    digits = 10.0 ** (math.floor(math.log10(smallest)) - 1)
    rounded = math.ceil(smallest / digits) * digits
    return f"got {scale:g}; at least {rounded:.2g}, or a stretch of the river has no guard"
