"""The watch on the river, and its water."""

from __future__ import annotations

from typing import Any

from bordersim.twin.equations.numbers import chance


def border_works(cameras: float, wire: float, closure: float, law: Any) -> float:
    """M4: how much more is seen because of works; 1 without any."""
    return float(
        1.0 + law.camera_effect * cameras + law.wire_effect * wire + law.closure_effect * closure
    )


def guards_effort(reward: float, fear: float, law: Any) -> float:
    """M3: effort of guards who are rewarded for captures and fear inspections."""
    return float(1.0 + law.reward_effect * reward + law.inspection_effect * fear)


def detection_exponent(
    per_km: float, effort: float, works: float, season: float, law: Any
) -> float:
    """Exponent e of being seen alone, 1 - exp(-e)."""
    return float(law.detection * per_km / law.reference_per_km * effort * works * season)


def seen_probability(exponent: float, share: float = 1.0) -> float:
    """Chance of being seen; ``share`` is that of a guided crossing."""
    return chance(exponent * share)


def drowning_probability(difficulty: float, season: float, law: Any) -> float:
    """Deaths in the water per unaided crossing."""
    return float(min(1.0, law.drowning * difficulty * season))
