"""A scenario under the prices and beliefs of another: what separates its direct effect."""

from __future__ import annotations

import numpy as np

from bordersim.comparing.fates import Lives
from bordersim.comparing.lives import Followed
from bordersim.errors import BordersimError
from bordersim.reports import Period
from bordersim.scenario import Scenario
from bordersim.simulation import Posted, impose, posted_of


def imposed_lives(a: Scenario, b: Scenario, seed: int, window: Period) -> Lives:
    """What becomes of everybody in B under the prices and beliefs of A.

    Both are simulated side by side, as :func:`bordersim.simulation.simulate_imposed` does,
    but the event log is read month by month and dropped.

    Parameters
    ----------
    a, b
        Of the same places and people.
    seed
        Of both.
    window
        By whose end fates are told.

    Returns
    -------
    Lives
        Their difference from A is the direct effect, that of B from them the market's.

    Raises
    ------
    BordersimError
        When the scenarios do not describe the same places and people.
    """
    source, followed = Followed(a, seed, window), Followed(b, seed, window)
    lands = zip(source.engine.land, followed.engine.land, strict=True)
    if any(not np.array_equal(one, other) for one, other in lands):
        raise BordersimError(
            f"{b.name} and {a.name} differ in places, people or scale: prices of one cannot be "
            "imposed on the other"
        )
    posted: list[Posted] = []
    source.engine.keep_events = False
    source.engine.imposer = lambda month, scene: posted.append(posted_of(month, scene))
    followed.engine.imposer = lambda month, scene: impose(month, scene, posted.pop())
    while not followed.done:
        source.advance()
        followed.advance()
    return followed.end()[0]
