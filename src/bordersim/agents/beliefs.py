"""What places learn from what became known (R4)."""

from __future__ import annotations

from bordersim._jit import kernel
from bordersim.bookkeeping import from_grid, to_grid
from bordersim.codes import Obs, Risk, Status


@kernel
def updated_belief(belief, seen, caught, half_life, cap):
    """R4: a home's belief after a month in which ``seen`` outcomes became known.

    The pull grows with the sample up to ``cap`` outcomes, so that a nation does not
    learn in a month what a village cannot.
    """
    if seen == 0:
        return belief
    pull = (1.0 - 2.0 ** (-1.0 / half_life)) * min(seen, cap) / cap
    return belief + pull * (caught / seen - belief)


@kernel
def learn(month, beliefs, law):
    """Homes learn about the river from attempts, about China from returns per year there."""
    tally, heard, stock = month.tally, month.heard, month.stock
    homes = beliefs.shape[0]
    for h in range(homes):
        for risk in (Risk.RIVER_UNAIDED, Risk.RIVER_HIRE):
            beliefs[h, risk] = to_grid(
                updated_belief(
                    from_grid(beliefs[h, risk]), heard[h, risk, 0], heard[h, risk, 1],
                    law.belief_half_life, law.belief_sample,
                )
            )  # fmt: skip
        people = stock[Status.CHINA, h].sum()
        returned = tally[Obs.REPATRIATIONS, h].sum()
        yearly = min(people, 12 * returned)
        beliefs[h, Risk.CHINA] = to_grid(
            updated_belief(
                from_grid(beliefs[h, Risk.CHINA]), law.awareness * people, law.awareness * yearly,
                law.belief_half_life, law.belief_sample,
            )
        )  # fmt: skip
        tally[Obs.PERCEIVED_RISK_UNAIDED, h, 0, 0] = beliefs[h, Risk.RIVER_UNAIDED]
        tally[Obs.PERCEIVED_RISK_HIRE, h, 0, 0] = beliefs[h, Risk.RIVER_HIRE]
        tally[Obs.PERCEIVED_RISK_CHINA, h, 0, 0] = beliefs[h, Risk.CHINA]
