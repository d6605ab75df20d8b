"""Where a lever's slider stands: a power of the range, so that what is usual is in the middle.

Inspections, for one, may be 0.5 a month and are 0.0002: on a straight slider every
value that ever was would be its first step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bordersim.levers import LeverSpec

STEPS = 200
_BENT_MOST = 12.0
_BENT_TOO_LITTLE = 1.15


@dataclass(frozen=True)
class Scale:
    """A lever's range as positions from 0 to ``STEPS``.

    Attributes
    ----------
    low, high
        Ends, in the lever's unit.
    power
        1 for a straight slider; more leaves more room for small values.
    """

    low: float
    high: float
    power: float

    def value(self, position: int) -> float:
        """Value at a position, to three digits, within the range."""
        if position <= 0:
            return self.low
        if position >= STEPS:
            return self.high
        raw = self.low + (self.high - self.low) * (position / STEPS) ** self.power
        return min(max(float(f"{raw:.3g}"), self.low), self.high)

    def position(self, value: float) -> int:
        """Position nearest to a value."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(STEPS * float(share ** (1.0 / self.power)))


def scale_of(spec: LeverSpec) -> Scale:
    """Scale of a lever that puts its value of 1995 near the middle.

    Parameters
    ----------
    spec
        The lever.

    Returns
    -------
    Scale
        Straight where that value is an end of the range or set by a driver.
    """
    default = spec.low if spec.default is None else spec.default
    share = (default - spec.low) / (spec.high - spec.low)
    if not 0.0 < share < 0.5:
        return Scale(spec.low, spec.high, 1.0)
    power = min(math.log(share) / math.log(0.5), _BENT_MOST)
    return Scale(spec.low, spec.high, power if power > _BENT_TOO_LITTLE else 1.0)
