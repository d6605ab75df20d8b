"""Thinning gives each resident one Bernoulli draw with 1 - exp(-lambda), and common luck.

The kernels run alone, over months without anything else, on conditions from mild to
beyond the highest layer. Statistical checks state n; a sound engine fails one of them
with probability ``ALARM``, and draws are keyed, so never from one run to the next.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
from engine_worlds import month_of, shipped
from scipy import stats

from bordersim._jit import kernel
from bordersim.agents.residents import month_conditions
from bordersim.agents.river import Scene
from bordersim.agents.south import open_row
from bordersim.agents.thinning import (
    CHUNK,
    LAYERS,
    consider_with_history,
    consider_without_history,
    expected_points,
)
from bordersim.agents.traits import age_of, rank_of, sex_of
from bordersim.codes import Lever, Sex
from bordersim.population import World
from bordersim.rng import Stream, stream_key
from bordersim.scenario import Scenario
from bordersim.simulation import Engine
from bordersim.state import BLOCK_BITS, FLAG_HISTORY, NEVER, Land, Month

ALARM = 1e-5
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
Conditions = tuple[F64, F64, F64, F64]


@kernel
def fill_traits(uids, ranks, ages, women, world_seed, female_share, age_shares):
    """Fixed traits of residents."""
    for k in range(uids.shape[0]):
        ranks[k] = rank_of(stream_key(world_seed, Stream.HARDSHIP), uids[k])
        ages[k] = age_of(stream_key(world_seed, Stream.AGE), uids[k], age_shares)
        women[k] = sex_of(stream_key(world_seed, Stream.SEX), uids[k], female_share) == Sex.FEMALE


@kernel
def give_rows(month, land, population, rows, index, uids):
    """Open a row for each uid."""
    for k in range(uids.shape[0]):
        open_row(month, land, population, rows, index, uids[k])


@dataclass
class Bench:
    """A nation without events: only who considers leaving."""

    engine: Engine
    world: World

    @classmethod
    def of(cls, scale: float, hunger: float, **parameters: float) -> Bench:
        changes = {f"residents.{key}": value for key, value in parameters.items()}
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
            guards=world.guards,
            traffickers=world.traffickers,
            actors=engine._actors,
            watch=engine._watch,
            roster=world.index,
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
        return scratch.found_uid[:n].copy(), points, clipped

    def also_with_history(self, number: int, conditions: Conditions, watched: float) -> I64:
        """Everyone who considers leaving, people with a history last."""
        scratch = self.engine._scratch
        before = len(self.considered(number, conditions)[0])
        month = self.month(number)
        levers = month.levers.copy()
        levers[Lever.NORTH_KIN_SURVEILLANCE] = watched
        n = consider_with_history(
            month._replace(levers=levers), self.scene(), conditions, scratch, before
        )
        return scratch.found_uid[:n].copy()

    def everyone(self) -> I64:
        """Uid of every resident who is no official abroad."""
        block, officials = (int(number) for number in self.land.officials)
        return np.concatenate(
            [
                (b << BLOCK_BITS) | np.arange(officials if b == block else 0, size)
                for b, size in enumerate(self.land.block_size)
            ]
        )

    def intensities(self, uids: I64) -> F64:
        """Lambda of each resident, by model.md R1 and R3 written out anew."""
        value, values = self.scenario.parameters.value, self.scenario.parameters.values
        ranks, ages = np.zeros(len(uids)), np.zeros(len(uids), np.int64)
        women = np.zeros(len(uids), np.bool_)
        fill_traits(
            uids, ranks, ages, women, self.scenario.world_seed,
            value("population.female_share"), values("population.age_shares"),
        )  # fmt: skip
        home, cls = (uids >> BLOCK_BITS) // 3, (uids >> BLOCK_BITS) % 3
        levers = self.scenario.lever_paths()[0][:, len(self.scenario.places.sectors) :]
        markets = levers[Lever.ECONOMY_MARKET_INDEX][home]
        hardship = (
            levers[Lever.ECONOMY_FOOD_SHORTAGE][home]
            * self.scenario.places.home["hunger_exposure"][home]
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
            levers[Lever.ECONOMY_CORRUPTION_CASE_RATE][home]
            * values("residents.case_exposure")[cls]
            * value("residents.case_response")
        )
        return np.exp(log_rate) + cases


@pytest.fixture(scope="module")
def hungry() -> Bench:
    """Intensities from one in ten thousand to several times the highest layer."""
    return Bench.of(0.05, 1.0, k0_log=-8.0, k_hardship=9.0, buffer=0.2, case_response=1.0)


@pytest.fixture(scope="module")
def mild() -> Bench:
    return Bench.of(0.05, 0.1, k0_log=-8.0, k_hardship=3.0)


def counts_over(bench: Bench, uids: I64, months: range) -> tuple[I64, I64]:
    """How often each resident considered, and how many did in each month."""
    conditions = bench.conditions()
    often, by_month = np.zeros(len(uids), np.int64), np.zeros(len(months), np.int64)
    for m, number in enumerate(months):
        found = bench.considered(number, conditions)[0]
        assert len(np.unique(found)) == len(found)  # several hits count once
        at = np.searchsorted(uids, np.sort(found))
        np.testing.assert_array_equal(uids[at], np.sort(found))
        often[at] += 1
        by_month[m] = len(found)
    return often, by_month


def test_each_resident_considers_with_one_minus_exp_minus_lambda(hungry: Bench) -> None:
    months = range(60)
    uids = hungry.everyone()
    rate = hungry.intensities(uids)
    assert rate.min() < LAYERS[1]
    assert ((rate > LAYERS[4]) & (rate < LAYERS[5])).sum() > 10_000
    assert (rate > LAYERS[5]).sum() > 10_000
    chance = 1.0 - np.exp(-np.minimum(rate, LAYERS[-1]))
    often, by_month = counts_over(hungry, uids, months)
    # by narrow classes of lambda (n = 1.2 million residents, 60 months): a hundred z scores
    order = np.argsort(rate)
    z = []
    for members in np.array_split(order, 100):
        mean = len(months) * chance[members].sum()
        variance = len(months) * (chance[members] * (1.0 - chance[members])).sum()
        z.append((often[members].sum() - mean) / math.sqrt(variance))
    assert stats.chi2.sf((np.array(z) ** 2).sum(), len(z)) > ALARM
    assert np.abs(z).max() < stats.norm.isf(ALARM / 200)
    # months spread as independent draws do: neither clustered nor evened out
    spread = ((by_month - chance.sum()) ** 2).sum() / (chance * (1.0 - chance)).sum()
    assert stats.chi2.sf(spread, len(months)) > ALARM
    assert stats.chi2.cdf(spread, len(months)) > ALARM


def test_thinning_and_brute_force_spread_people_alike(hungry: Bench) -> None:
    # How often the same resident considers within 60 months: brute force asks everyone.
    months = 60
    uids = hungry.everyone()
    chance = 1.0 - np.exp(-np.minimum(hungry.intensities(uids), LAYERS[-1]))
    often, _ = counts_over(hungry, uids, range(200, 200 + months))
    asked = np.random.default_rng(5).binomial(months, chance)
    table = np.stack([np.bincount(np.minimum(n, 20), minlength=21) for n in (often, asked)])
    assert stats.chi2_contingency(table).pvalue > ALARM


def test_the_same_resident_in_two_months_is_drawn_anew(hungry: Bench) -> None:
    uids = hungry.everyone()
    chance = 1.0 - np.exp(-np.minimum(hungry.intensities(uids), LAYERS[-1]))
    conditions = hungry.conditions()
    n_both, expected = 0, 0.0
    for number in range(0, 40, 2):
        one, two = (hungry.considered(number + k, conditions)[0] for k in (0, 1))
        n_both += len(np.intersect1d(one, two))
        expected += float((chance**2).sum())
    assert abs(n_both - expected) < stats.norm.isf(ALARM / 2) * math.sqrt(expected)


def test_the_clipped_are_counted(hungry: Bench, mild: Bench) -> None:
    found, _, clipped = hungry.considered(3, hungry.conditions())
    assert clipped == (hungry.intensities(found) > LAYERS[-1]).sum()
    assert clipped > 0
    assert mild.considered(3, mild.conditions())[2] == 0


def test_points_are_those_of_the_layers_and_room_is_made_for_the_finds(hungry: Bench) -> None:
    conditions, sizes = hungry.conditions(), hungry.land.block_size
    height = np.array([LAYERS[int(np.searchsorted(LAYERS[:-1], top))] for top in conditions[0]])
    assert expected_points(sizes, conditions[0]) == pytest.approx((sizes * height).sum())
    assert len(set(height)) > 2
    # every chunk draws for its full width; twenty months, a Poisson count
    mean = 20 * (-(-sizes // CHUNK) * CHUNK * height).sum()
    points = sum(hungry.considered(number, conditions)[1] for number in range(20))
    assert abs(points - mean) < stats.norm.isf(ALARM / 2) * math.sqrt(mean)
    assert len(hungry.considered(0, conditions)[0]) < expected_points(sizes, conditions[0])


def test_a_worse_month_keeps_everyone_who_considered_in_a_better_one(mild: Bench) -> None:
    calm = mild.conditions()
    worse = (calm[0] * math.exp(3.0 * 0.7), calm[1] + 0.7, calm[2], calm[3])
    more = 0
    for number in range(6):
        before, after = (mild.considered(number, c)[0] for c in (calm, worse))
        assert np.isin(before, after).all()
        more += len(after) - len(before)
    assert more > 100


def test_a_change_in_one_home_moves_nobody_elsewhere(mild: Bench) -> None:
    calm = mild.conditions()
    blocks = np.arange(len(calm[0]))
    there = (blocks // 3) == 2
    changed = (
        np.where(there, calm[0] * math.exp(3.0 * 0.9), calm[0]),
        np.where(there, calm[1] + 0.9, calm[1]),
        calm[2], calm[3],
    )  # fmt: skip
    before, after = (mild.considered(4, c)[0] for c in (calm, changed))
    elsewhere = ~there
    np.testing.assert_array_equal(
        before[elsewhere[before >> BLOCK_BITS]], after[elsewhere[after >> BLOCK_BITS]]
    )
    assert len(after) > len(before)


def test_layers_that_nobody_needs_change_nobody(mild: Bench) -> None:
    calm = mild.conditions()
    loose = (np.full_like(calm[0], LAYERS[-1]), *calm[1:])
    assert (calm[0] < LAYERS[2]).all()
    for number in range(3):
        tight_found, tight_points, _ = mild.considered(number, calm)
        loose_found, loose_points, _ = mild.considered(number, loose)
        np.testing.assert_array_equal(tight_found, loose_found)
        assert loose_points > 50 * tight_points


def test_one_more_resident_changes_nobody_else(hungry: Bench) -> None:
    conditions = hungry.conditions()
    sizes = hungry.land.block_size
    land = hungry.land._replace(block_size=sizes + 1)
    assert (sizes[0] % CHUNK) > 0
    index = Bench.of(0.05, 1.0).world.index
    new_uids = (np.arange(len(sizes)) << BLOCK_BITS) | sizes
    for number in range(3):
        before = hungry.considered(number, conditions)[0]
        after = hungry.considered(number, conditions, land)[0]
        np.testing.assert_array_equal(before, after[~np.isin(after, new_uids)])
    assert index.bits.sum() == 0


def people_with_history(bench: Bench, uids: I64) -> None:
    month, world = bench.month(0), bench.world
    give_rows(month, bench.land, bench.engine.laws.population, world.rows, world.index, uids)


@pytest.fixture
def family() -> tuple[Bench, I64]:
    """Forty thousand people of the north-east, in rows, without any history yet."""
    bench = Bench.of(
        0.05, 0.6, k0_log=-8.0, k_hardship=6.0, k_kin=2.0, k_again=1.0, surveillance_effect=0.5
    )
    uids = np.arange(40_000)
    people_with_history(bench, uids)
    return bench, uids


def test_gaining_a_row_changes_nobody_luck(family: tuple[Bench, I64]) -> None:
    bench, _ = family
    fresh = Bench.of(0.05, 0.6, k0_log=-8.0, k_hardship=6.0)
    for number in range(5):
        without = fresh.considered(number, fresh.conditions())[0]
        np.testing.assert_array_equal(bench.considered(number, bench.conditions())[0], without)
        np.testing.assert_array_equal(
            bench.also_with_history(number, bench.conditions(), 0.0), without
        )


def test_history_adds_an_independent_process(family: tuple[Bench, I64]) -> None:
    bench, uids = family
    months, kin_age = range(100, 160), 72
    rows = bench.world.rows
    rows.flags[: len(uids)] |= FLAG_HISTORY
    half = len(uids) // 2
    value = bench.scenario.parameters.value
    conditions = bench.conditions()
    thinned, united = np.zeros(len(uids), np.int64), np.zeros(len(uids), np.int64)
    for number in months:
        rows.stamp[:] = NEVER
        rows.kin_month[: len(uids)] = number - kin_age
        rows.released[:half] = number - 9
        first = bench.considered(number, conditions)[0]
        rows.stamp[:] = NEVER
        both = bench.also_with_history(number, conditions, 0.4)
        np.testing.assert_array_equal(both[: len(first)], first)
        assert len(np.unique(both)) == len(both)
        thinned[first[first < len(uids)]] += 1
        united[both[both < len(uids)]] += 1
    rate = bench.intensities(uids)
    effect = 2.0 * 0.5 ** (kin_age / value("residents.kin_half_life")) * (1.0 - 0.5 * 0.4)
    again = np.where(uids < half, 0.5 ** (9 / value("residents.again_half_life")), 0.0)
    # lambda e^(kin + again) in all; 40,000 people, 60 months, fifty classes of lambda
    chance = 1.0 - np.exp(-rate * np.exp(effect + again))
    assert rate.max() < LAYERS[-1]
    for observed, p in ((thinned, 1.0 - np.exp(-rate)), (united, chance)):
        z = []
        for members in np.array_split(np.argsort(rate), 50):
            mean = len(months) * p[members].sum()
            z.append(
                (observed[members].sum() - mean)
                / math.sqrt(len(months) * (p * (1 - p))[members].sum())
            )
        assert stats.chi2.sf((np.array(z) ** 2).sum(), len(z)) > ALARM
    assert united.sum() > 3 * thinned.sum()


def test_a_client_who_waits_considers_for_certain_and_once(family: tuple[Bench, I64]) -> None:
    bench, uids = family
    rows = bench.world.rows
    rows.flags[: len(uids)] |= FLAG_HISTORY
    rows.waits[: len(uids)] = 1
    found = bench.also_with_history(50, bench.conditions(), 0.0)
    assert np.isin(uids, found).all()
    assert len(np.unique(found)) == len(found)


def test_those_who_are_away_do_not_consider(family: tuple[Bench, I64]) -> None:
    bench, uids = family
    rows = bench.world.rows
    rows.flags[: len(uids)] |= FLAG_HISTORY
    rows.kin_month[: len(uids)] = 40
    rows.status[: len(uids)] = 1
    for number in range(50, 55):
        found = bench.also_with_history(number, bench.conditions(), 0.0)
        assert not np.isin(found, uids).any()
        assert len(found) > 0
