"""A run with only the observables that somebody looks at: many fit into memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bordersim.results import FloatArray, RunResults


@dataclass(frozen=True, eq=False, repr=False)
class Excerpt(RunResults):
    """Some observables of a run, in memory; the rest of it is let go.

    Attributes
    ----------
    values
        Observable to values, as ``RunResults.value`` gives them.
    """

    scenario_name: str
    run_id: str
    seed: int
    world_seed: int
    scale: float
    start_month: int
    end_month: int
    homes: tuple[str, ...]
    sectors: tuple[str, ...]
    digests: Mapping[int, str]
    inputs: Mapping[str, Any]
    wall_s: float
    values: Mapping[str, FloatArray]
    _by_place: dict[str, FloatArray] = field(default_factory=dict)

    @classmethod
    def of(cls, run: RunResults, observables: Iterable[str]) -> Excerpt:
        """Read what is wanted of a run.

        Raises
        ------
        StoreError
            When it was stored without.
        """
        return cls(
            scenario_name=run.scenario_name,
            run_id=run.run_id,
            seed=run.seed,
            world_seed=run.world_seed,
            scale=run.scale,
            start_month=run.start_month,
            end_month=run.end_month,
            homes=run.homes,
            sectors=run.sectors,
            digests=run.digests,
            inputs={},
            wall_s=run.wall_s,
            values={name: run.value(name) for name in dict.fromkeys(observables)},
        )

    def value(self, observable: str) -> FloatArray:
        """See ``RunResults.value``; KeyError for an observable that was not taken along."""
        return self.values[observable]

    def by_place(self, observable: str) -> FloatArray:
        """See ``RunResults.by_place``; added up once."""
        if observable not in self._by_place:
            self._by_place[observable] = super().by_place(observable)
        return self._by_place[observable]
