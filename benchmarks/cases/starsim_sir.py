"""Peer (d): starsim's own default model, ``ss.Sim(diseases="sir", networks="random")``.

Runs in the environment of the peers.
"""

from __future__ import annotations

import os
from importlib.metadata import version

from benchmarks.cases.child import Findings, answer, timed

os.environ.setdefault("STARSIM_INSTALL_FONTS", "0")


def measure(agents: int = 10_000, seed: int = 1) -> Findings:
    """Time the default simulation after ``init``; a small one first compiles its kernels."""
    import starsim as ss

    def made(number: int) -> ss.Sim:
        sim = ss.Sim(n_agents=number, diseases="sir", networks="random", rand_seed=seed, verbose=0)
        sim.init()
        return sim

    made(1000).run()
    sim = made(agents)
    _, time_taken = timed(sim.run)
    return {
        **time_taken,
        "agents": agents,
        "steps": len(sim.t.timevec),
        "infected": float(sim.results.sir.cum_infections[-1]),
        "versions": {name: version(name) for name in ("starsim", "numpy", "numba")},
    }


if __name__ == "__main__":
    answer(measure)
