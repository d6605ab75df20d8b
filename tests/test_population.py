"""Who people are: everyone of the census, shares as stated, ties that both ends know."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from engine_worlds import month_of, shipped
from scipy import stats

from bordersim._jit import kernel
from bordersim.agents.south import KIN_ROOM, kin_of
from bordersim.agents.traits import age_of, rank_of, sex_of, z_of
from bordersim.codes import Class, Status
from bordersim.frozen import FrozenMap
from bordersim.laws import laws_from
from bordersim.population import block_sizes, count_sexes, land_of
from bordersim.rng import Stream, stream_key
from bordersim.scenario import Scenario
from bordersim.simulation import Engine
from bordersim.state import BLOCK_BITS, new_roster

I64 = npt.NDArray[np.int64]
CENSUS = 24_052_231
ALARM = 1e-5
Z = float(stats.norm.isf(ALARM / 2))
INDEX = (1 << BLOCK_BITS) - 1


@kernel
def fill_kin(month, land, population, roster, uids, out, counts):
    """Kin of each uid, a row each."""
    for k in range(uids.shape[0]):
        counts[k] = kin_of(month, land, population, roster, uids[k], out[k], True)


@kernel
def fill_people(uids, out, world_seed, law):
    """Fixed traits of residents: sex, age band, hardship rank, wealth score."""
    for k in range(uids.shape[0]):
        out[0, k] = sex_of(stream_key(world_seed, Stream.SEX), uids[k], law.female_share)
        out[1, k] = age_of(stream_key(world_seed, Stream.AGE), uids[k], law.age_shares)
        out[2, k] = rank_of(stream_key(world_seed, Stream.HARDSHIP), uids[k])
        out[3, k] = z_of(stream_key(world_seed, Stream.WEALTH), uids[k])


def people(scenario: Scenario, uids: I64) -> dict[str, npt.NDArray[np.float64]]:
    """Traits of some residents."""
    out = np.zeros((4, len(uids)))
    fill_people(uids, out, scenario.world_seed, laws_from(scenario.parameters).population)
    return dict(zip(("sex", "age", "rank", "wealth"), out, strict=True))


def kin(scenario: Scenario, uids: I64) -> list[list[int]]:
    """Kin of some residents, in the order of the engine."""
    out, counts = np.zeros((len(uids), KIN_ROOM), np.int64), np.zeros(len(uids), np.int64)
    population = laws_from(scenario.parameters).population
    land = land_of(scenario)
    nobody = new_roster(land.block.people, 1)
    fill_kin(month_of(scenario), land, population, nobody, uids, out, counts)
    return [out[k, : counts[k]].tolist() for k in range(len(uids))]


def some(scenario: Scenario, n: int, seed: int = 3) -> I64:
    """Residents from every block, at random."""
    rng = np.random.default_rng(seed)
    sizes = block_sizes(scenario)
    blocks = np.flatnonzero(sizes)
    picked = np.concatenate([blocks, rng.choice(blocks, n - len(blocks))])
    return (picked << BLOCK_BITS) | (rng.random(n) * sizes[picked]).astype(np.int64)


@pytest.fixture(scope="module")
def nation() -> Scenario:
    return shipped("base")


def test_everyone_of_the_census_lives_at_home(nation: Scenario) -> None:
    sizes = block_sizes(nation)
    assert int(sizes.sum()) == CENSUS
    assert int(sizes.max()) <= INDEX
    by_home = sizes.reshape(-1, len(Class)).sum(axis=1)
    np.testing.assert_array_equal(by_home, nation.places.home["population"])
    for cls, column in ((Class.TRADER, "trader_share"), (Class.ELITE, "elite_share")):
        share = sizes.reshape(-1, len(Class))[:, cls] / by_home
        np.testing.assert_allclose(share, nation.places.home[column], atol=1e-6)


def test_the_first_world_holds_them_all(nation: Scenario) -> None:
    stock = Engine(nation, 1).first_world().stock
    assert int(stock.sum()) == CENSUS
    wanted = nation.parameters.value("china.start_stock")
    # drawn by uid: one drawn twice counts once
    assert 0.98 * wanted <= int(stock[Status.CHINA].sum()) <= wanted
    assert stock[Status.CUSTODY :].sum() == 0
    women = stock[:, :, 0].sum() / CENSUS
    share = nation.parameters.value("population.female_share")
    assert abs(women - share) < Z * math.sqrt(share * (1 - share) / CENSUS)


@pytest.mark.parametrize("scale", [0.3, 0.1, 0.01])
def test_a_scaled_nation_keeps_every_share(nation: Scenario, scale: float) -> None:
    whole, part = block_sizes(nation), block_sizes(nation.scaled(scale))
    assert np.abs(part - whole * scale).max() <= 1.5


def test_traits_have_the_stated_shares_and_nothing_to_do_with_each_other(
    nation: Scenario,
) -> None:
    # n = 200,000 consecutive residents of one block
    n = 200_000
    found = people(nation, (np.int64(6) << BLOCK_BITS) + np.arange(n))
    shares = nation.parameters.values("population.age_shares")
    assert shares.sum() == pytest.approx(1.0)
    counts = np.bincount(found["age"].astype(int), minlength=len(shares))
    assert stats.chisquare(counts, shares * n).pvalue > ALARM
    female = 1.0 - found["sex"].mean()
    assert abs(female - nation.parameters.value("population.female_share")) < Z * 0.5 / math.sqrt(n)
    assert stats.kstest(found["rank"], "uniform").pvalue > ALARM
    assert stats.kstest(found["wealth"], "norm").pvalue > ALARM
    columns = np.stack(list(found.values()))
    off = np.corrcoef(columns) - np.eye(len(columns))
    assert np.abs(off).max() < stats.norm.isf(ALARM / 12) / math.sqrt(n)
    # households are not of one sex
    together = found["sex"].reshape(-1, 4).mean(axis=1)
    assert abs(together.var() - found["sex"].var() / 4) < 0.01


def test_another_world_seed_makes_other_people(nation: Scenario) -> None:
    uids = np.arange(1000)
    here, there = (people(replace(nation, world_seed=seed), uids) for seed in (2008, 2009))
    assert (here["rank"] != there["rank"]).all()
    assert people(nation, uids)["rank"].tolist() == here["rank"].tolist()
    # a resident is the same at every scale
    part = people(nation.scaled(0.1), uids)
    assert part["wealth"].tolist() == here["wealth"].tolist()


@pytest.mark.parametrize("scale", [1.0, 0.05])
def test_a_tie_has_two_ends(nation: Scenario, scale: float) -> None:
    scenario = nation.scaled(scale)
    uids = some(scenario, 600)
    families = kin(scenario, uids)
    others = np.array([other for family in families for other in family])
    back = kin(scenario, others)
    at = 0
    for uid, family in zip(uids.tolist(), families, strict=True):
        for other in family:
            assert other != uid
            assert family.count(other) == back[at].count(uid)
            at += 1
    homes = {int(other >> BLOCK_BITS) // 3 for other in others}
    assert homes == set(range(len(nation.places.homes)))
    sizes = block_sizes(scenario)
    assert ((others & INDEX) < sizes[others >> BLOCK_BITS]).all()


@pytest.mark.parametrize("most", [False, True], ids=["stated", "most"])
@pytest.mark.parametrize("scale", [1.0, 0.1])
def test_people_have_as_many_kin_as_stated(nation: Scenario, scale: float, most: bool) -> None:
    keys = ("population.ties_within", "population.ties_across") if most else ()
    changes = {key: nation.parameters[key].high for key in keys}  # there are slots enough for them
    scenario = nation.scaled(scale).with_parameters(changes)
    value = scenario.parameters.value
    n = 20_000
    sizes = block_sizes(scenario)
    rng = np.random.default_rng(8)
    blocks = rng.choice(len(sizes), n, p=sizes / sizes.sum())
    uids = (blocks << BLOCK_BITS) | (rng.random(n) * sizes[blocks]).astype(np.int64)
    families = kin(scenario, uids)
    household = int(value("population.household_size"))
    within, across, near = np.zeros(n), np.zeros(n), np.zeros(n)
    for k, (uid, family) in enumerate(zip(uids.tolist(), families, strict=True)):
        for other in family:
            if other >> BLOCK_BITS != uid >> BLOCK_BITS:
                across[k] += 1
            elif (other & INDEX) // household == (uid & INDEX) // household:
                near[k] += 1
            else:
                within[k] += 1
    # n = 20,000: five sigma of a mean of counts with about the Poisson's spread
    for counts, mean in (
        (near, household - 1.0),
        (within, value("population.ties_within")),
        (across, value("population.ties_across")),
    ):
        slack = 5.0 * max(counts.std(), 0.02) / math.sqrt(n) + 0.002 * mean
        assert abs(counts.mean() - mean) < slack


def enlarged(scenario: Scenario, home: int) -> Scenario:
    """The same nation with one more poor resident in a home."""
    places = scenario.places
    column = places.home["population"].copy()
    column[home] += 1
    shares = {
        name: places.home[name].copy() for name in ("trader_share", "elite_share")
    }  # fmt: skip
    for values in shares.values():
        values[home] *= (column[home] - 1) / column[home]
    return replace(
        scenario,
        places=replace(places, home=FrozenMap({**places.home, "population": column, **shares})),
    )


def test_one_more_resident_moves_nobody(nation: Scenario) -> None:
    more = enlarged(nation, 0)
    change = block_sizes(more) - block_sizes(nation)
    assert change.tolist() == [1] + [0] * (len(change) - 1)
    uids = some(nation, 2000)
    for name, before in people(nation, uids).items():
        np.testing.assert_array_equal(before, people(more, uids)[name])
    # ties stay as they were, but for those whom the newcomer's arrival ties
    newcomer = int(block_sizes(nation)[0])
    theirs = kin(more, np.array([newcomer]))[0]
    changed = 0
    for uid, was, now in zip(uids.tolist(), kin(nation, uids), kin(more, uids), strict=True):
        if was != now:
            changed += 1
            assert uid in theirs
            assert set(now) - {newcomer} == set(was)
    assert changed <= len(theirs)


def test_women_are_counted_one_by_one() -> None:
    scenario = shipped("base").scaled(0.001)
    sizes = block_sizes(scenario)
    share = scenario.parameters.value("population.female_share")
    women = count_sexes(sizes, scenario.world_seed, share)
    for block, size in enumerate(sizes):
        uids = (np.int64(block) << BLOCK_BITS) + np.arange(size)
        assert women[block] == (people(scenario, uids)["sex"] == 0).sum()
