"""Peer (d): laser-generic's SEIR model in one place, with its components in their order.

Runs in the environment of the peers, on every thread numba finds, as it does by default.
"""

from __future__ import annotations

from importlib.metadata import version

from benchmarks.cases.child import Findings, answer, timed

FIRST_INFECTED = 10


def measure(agents: int = 1_000_000, ticks: int = 365) -> Findings:
    """Time ``Model.run``; a small run first compiles its kernels."""
    import laser.core.distributions as dists
    import numba
    from laser.core import PropertySet
    from laser.core.utils import grid
    from laser.generic import SEIR, Model

    # lasting 4.5 and 7 days, as in the package's own tests of this model
    exposed = dists.gamma(shape=4.5, scale=1.0)
    infectious = dists.normal(loc=7.0, scale=2.0)

    def made(number: int, days: int) -> Model:
        place = grid(M=1, N=1, population_fn=lambda row, col: number)
        place["I"] = FIRST_INFECTED
        place["S"] = place.population - FIRST_INFECTED
        place["E"] = 0
        place["R"] = 0
        model = Model(place, PropertySet({"nticks": days, "beta": 0.25}))
        model.components = [
            SEIR.Susceptible(model),
            SEIR.Exposed(model, exposed, infectious),
            SEIR.Infectious(model, infectious),
            SEIR.Recovered(model),
            SEIR.Transmission(model, exposed),
        ]
        return model

    made(1000, 5).run()
    model = made(agents, ticks)
    _, time_taken = timed(model.run)
    return {
        **time_taken,
        "agents": agents,
        "steps": ticks,
        "threads": numba.get_num_threads(),
        "infected": agents - int(model.nodes.S[-1].sum()),
        "versions": {name: version(name) for name in ("laser.generic", "numpy", "numba")},
    }


if __name__ == "__main__":
    answer(measure)
