"""Print the digests of small runs as JSON, for a process of its own.

Usage: python print_digests.py SEED SCALE END [events]
"""

from __future__ import annotations

import json
import sys

import numpy as np
from engine_worlds import busy

from bordersim.simulation import simulate


def main(seed: str, scale: str, end: str, *options: str) -> None:
    """Simulate the busy world and print digest by year, and its events in brief."""
    run = simulate(busy(float(scale), end), int(seed), events="events" in options, check=True)
    events = run.events or {}
    print(
        json.dumps(
            {
                "digests": run.digests,
                "record": int(run.record.sum()),
                "events": [
                    int((values * (1 + np.arange(len(values)))).sum()) for values in events.values()
                ],
            }
        )
    )


if __name__ == "__main__":
    # plain Python warns where the machine wraps, as it should
    np.seterr(over="ignore")
    main(*sys.argv[1:])
