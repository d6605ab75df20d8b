"""Peer (c): Mesa's plainest model: each agent draws once a month whether to leave."""

from __future__ import annotations

import mesa

from benchmarks.cases.child import Findings, answer, timed

CHANCE = 0.001


class Resident(mesa.Agent):  # type: ignore[misc]
    """Someone who may leave."""

    def __init__(self, model: mesa.Model) -> None:
        super().__init__(model)
        self.left = False

    def step(self) -> None:
        """Leave with a small chance a month."""
        if not self.left and self.random.random() < CHANCE:
            self.left = True


class Leavers(mesa.Model):  # type: ignore[misc]
    """Residents, visited in order or shuffled anew every month."""

    def __init__(self, residents: int, *, shuffled: bool) -> None:
        super().__init__(seed=1)
        self.shuffled = shuffled
        Resident.create_agents(self, residents)

    def step(self) -> None:
        """One month."""
        if self.shuffled:
            self.agents.shuffle_do("step")
        else:
            self.agents.do("step")


def measure(residents: int = 100_000, months: int = 24, shuffled: bool = False) -> Findings:
    """Time ``months`` steps; making the agents is not counted."""
    model = Leavers(residents, shuffled=shuffled)

    def live() -> None:
        for _ in range(months):
            model.step()

    _, time_taken = timed(live)
    left = sum(agent.left for agent in model.agents)
    return {**time_taken, "agents": residents, "steps": months, "left": left}


if __name__ == "__main__":
    answer(measure)
