"""starsim's ``MultiSim``: as many agent-steps as the grid, in two processes, its default model.

Runs in the environment of the peers.
"""

from __future__ import annotations

import os

from benchmarks.cases.child import Findings, answer, timed

os.environ.setdefault("STARSIM_INSTALL_FONTS", "0")


def measure(agents: int = 240_522, runs: int = 12, steps: int = 264) -> Findings:
    """Time ``MultiSim.run`` of ready simulations that differ in their seeds."""
    import starsim as ss

    def made(seed: int, number: int) -> ss.Sim:
        return ss.Sim(
            n_agents=number, diseases="sir", networks="random", rand_seed=seed, verbose=0,
            start=2000, dt=1.0, dur=steps - 1,
        )  # fmt: skip

    made(0, 1000).run()
    many = ss.MultiSim(sims=[made(seed, agents) for seed in range(1, runs + 1)])
    _, time_taken = timed(lambda: many.run(n_cpus=2, verbose=0))
    taken = {len(sim.t.timevec) for sim in many.sims}
    if taken != {steps}:
        raise AssertionError(f"starsim took {taken} steps, not {steps}")
    return {**time_taken, "agents": agents, "steps": runs * steps, "runs": runs}


if __name__ == "__main__":
    answer(measure)
