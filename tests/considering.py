"""A nation in which nothing happens but that people consider leaving, and how keen they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from engine_worlds import BUSY_PARAMETERS, month_of, shipped

from bordersim._jit import kernel
from bordersim.agents.residents import month_conditions
from bordersim.agents.south import open_row
from bordersim.agents.thinning import consider_with_history, consider_without_history
from bordersim.agents.traits import age_of, rank_of, sex_of
from bordersim.codes import Lever, Sex
from bordersim.population import World
from bordersim.rng import Stream, stream_key
from bordersim.scenario import Scenario
from bordersim.simulation import Engine
from bordersim.state import BLOCK_BITS, Land, Month, Scene

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
Conditions = tuple[F64, F64, F64, F64]
"""Highest intensity by block and sex; by block: hardship, women against men, cases."""


@kernel
def fill_traits(uids, ranks, ages, women, world_seed, female_share, age_shares):
    """Fixed traits of residents."""
    for k in range(uids.shape[0]):
        ranks[k] = rank_of(stream_key(world_seed, Stream.HARDSHIP), uids[k])
        ages[k] = age_of(stream_key(world_seed, Stream.AGE), uids[k], age_shares)
        women[k] = sex_of(stream_key(world_seed, Stream.SEX), uids[k], female_share) == Sex.FEMALE


@kernel
def give_rows(month, land, population, rows, roster, uids):
    """Open a row for each uid."""
    for k in range(uids.shape[0]):
        open_row(month, land, population, rows, roster, uids[k])


def traits(scenario: Scenario, uids: I64) -> tuple[F64, I64, npt.NDArray[np.bool_]]:
    """Hardship rank, age band and whether a woman, for each resident."""
    ranks, ages = np.zeros(len(uids)), np.zeros(len(uids), np.int64)
    women = np.zeros(len(uids), np.bool_)
    value, values = scenario.parameters.value, scenario.parameters.values
    fill_traits(
        uids, ranks, ages, women, scenario.world_seed,
        value("population.female_share"), values("population.age_shares"),
    )  # fmt: skip
    return ranks, ages, women


def intensities(scenario: Scenario, levers: F64, uids: I64) -> F64:
    """Lambda of each resident, by model.md R1 and R3 written out anew; no history counts.

    ``levers`` are those of one month, (levers, places).
    """
    value, values = scenario.parameters.value, scenario.parameters.values
    ranks, ages, women = traits(scenario, uids)
    home, cls = (uids >> BLOCK_BITS) // 3, (uids >> BLOCK_BITS) % 3
    at_home = levers[:, len(scenario.places.sectors) :]
    markets = at_home[Lever.ECONOMY_MARKET_INDEX][home]
    hardship = (
        at_home[Lever.ECONOMY_FOOD_SHORTAGE][home]
        * scenario.places.home["hunger_exposure"][home]
        * values("residents.class_exposure")[cls]
        * ranks
        * (1.0 - value("residents.buffer") * markets)
    )
    shift = value("residents.sex_base") + value("residents.sex_market") * markets / (
        markets + value("residents.sex_market_half")
    )
    log_rate = (
        value("residents.k0_log")
        + value("residents.k_hardship") * hardship
        + values("residents.age_effect")[ages]
        + np.where(women, shift, 0.0)
    )
    cases = (
        at_home[Lever.ECONOMY_CORRUPTION_CASE_RATE][home]
        * values("residents.case_exposure")[cls]
        * value("residents.case_response")
    )
    return np.exp(log_rate) + cases


@dataclass
class Bench:
    """A nation without events: only who considers leaving."""

    engine: Engine
    world: World

    @classmethod
    def of(cls, scale: float, hunger: float, **parameters: float) -> Bench:
        pinned = {
            key: BUSY_PARAMETERS[f"residents.{key}"] for key in ("sex_base", "sex_market", "buffer")
        }
        changes = {f"residents.{key}": value for key, value in (pinned | parameters).items()}
        scenario = (
            shipped("base")
            .scaled(scale)
            .with_parameters(
                {"china.start_stock": 0, "population.officials_abroad": 1000} | changes
            )
        )
        scenario = scenario.with_settings(
            {
                "economy.food_shortage": hunger,
                "economy.market_index": 0.4,
                "economy.corruption_case_rate": 0.001,
            }
        )
        engine = Engine(scenario, 1)
        engine._make_room(1 << 20)
        return cls(engine, engine.first_world().with_room(1 << 16))

    @property
    def scenario(self) -> Scenario:
        return self.engine.scenario

    @property
    def land(self) -> Land:
        return self.engine.land

    def month(self, number: int, seed: int = 1) -> Month:
        return month_of(self.scenario, 0, seed)._replace(month=number)

    def conditions(self) -> Conditions:
        found = month_conditions(self.month(0), self.land, self.engine.laws.intensity)
        return found[0], found[1], found[2], found[3]

    def scene(self, land: Land | None = None) -> Scene:
        """What the kernels are handed."""
        engine, world = self.engine, self.world
        return Scene(
            land=land or self.land,
            laws=engine.laws,
            sectors=world.sectors,
            rows=world.rows,
            roster=world.roster,
            guards=world.guards,
            traffickers=world.traffickers,
            links=world.links,
            watch=engine._watch,
            beliefs=world.beliefs,
        )

    def considered(
        self, number: int, conditions: Conditions, land: Land | None = None
    ) -> tuple[I64, int, int]:
        """Uids in the order found, points drawn, considerers above the highest layer."""
        scratch = self.engine._scratch
        n, points, clipped = consider_without_history(
            self.month(number), self.scene(land), conditions, scratch
        )
        return scratch.found.uid[:n].copy(), points, clipped

    def also_with_history(
        self,
        number: int,
        conditions: Conditions,
        watched: float,
        bound: Conditions | None = None,
    ) -> I64:
        """Everyone who considers leaving, people with a history last.

        ``bound`` replaces the conditions for people with a history.
        """
        scratch = self.engine._scratch
        before = len(self.considered(number, conditions)[0])
        month = self.month(number)
        levers = month.levers.copy()
        levers[Lever.NORTH_KIN_SURVEILLANCE] = watched
        month = month._replace(levers=levers)
        n = consider_with_history(month, self.scene(), bound or conditions, scratch, before)
        return scratch.found.uid[:n].copy()

    def everyone(self) -> I64:
        """Uid of every resident who is no official abroad."""
        block, officials = (int(number) for number in self.land.officials)
        return np.concatenate(
            [
                (b << BLOCK_BITS) | np.arange(officials if b == block else 0, size)
                for b, size in enumerate(self.land.block.people)
            ]
        )

    def intensities(self, uids: I64) -> F64:
        """Lambda of each resident in the first month."""
        return intensities(self.scenario, self.scenario.lever_paths()[0], uids)

    def women(self, uids: I64) -> npt.NDArray[np.bool_]:
        """Who of them is a woman."""
        return traits(self.scenario, uids)[2]
