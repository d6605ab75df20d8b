"""Thinning gives each resident one Bernoulli draw with 1 - exp(-lambda), and common luck.

The kernels run alone, over months without anything else, on conditions from mild to
beyond the highest layer. Statistical checks state n; a sound engine fails one of them
with probability ``ALARM``, and draws are keyed, so never from one run to the next.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from considering import F64, I64, Bench, give_rows
from engine_worlds import busy
from scipy import stats

from bordersim.agents.thinning import CHUNK, LAYERS, expected_points
from bordersim.codes import LAST_MONTH, Sex
from bordersim.simulation import Engine
from bordersim.state import BLOCK_BITS, FLAG_HISTORY, NEVER, WAITING

ALARM = 1e-5


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
    filled = np.histogram(rate, [*LAYERS, np.inf])[0]
    assert (filled[1:] > 10_000).all()  # every layer but the lowest, and beyond the highest
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
    conditions, sizes = hungry.conditions(), hungry.land.block.people
    highest = conditions[0].max(axis=1)
    height = np.array([LAYERS[int(np.searchsorted(LAYERS[:-1], top))] for top in highest])
    assert expected_points(hungry.land.block, conditions[0]) == pytest.approx(
        (sizes * height).sum()
    )
    assert len(set(height)) > 2
    # every chunk draws for its full width; twenty months, a Poisson count
    mean = 20 * (-(-sizes // CHUNK) * CHUNK * height).sum()
    points = sum(hungry.considered(number, conditions)[1] for number in range(20))
    assert abs(points - mean) < stats.norm.isf(ALARM / 2) * math.sqrt(mean)
    assert len(hungry.considered(0, conditions)[0]) < expected_points(
        hungry.land.block, conditions[0]
    )


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
        np.where(there[:, None], calm[0] * math.exp(3.0 * 0.9), calm[0]),
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
    assert (calm[0] < LAYERS[4]).all()
    for number in range(3):
        tight_found, tight_points, _ = mild.considered(number, calm)
        loose_found, loose_points, _ = mild.considered(number, loose)
        np.testing.assert_array_equal(tight_found, loose_found)
        assert loose_points > 50 * tight_points


def test_one_more_resident_changes_nobody_else(hungry: Bench) -> None:
    conditions = hungry.conditions()
    sizes = hungry.land.block.people
    land = hungry.land._replace(block=hungry.land.block.copy())
    land.block["people"] += 1
    assert (sizes[0] % CHUNK) > 0
    roster = hungry.world.roster
    new_uids = (np.arange(len(sizes)) << BLOCK_BITS) | sizes
    for number in range(3):
        before = hungry.considered(number, conditions)[0]
        after = hungry.considered(number, conditions, land)[0]
        np.testing.assert_array_equal(before, after[~np.isin(after, new_uids)])
    assert roster.bits.sum() == 0


def people_with_history(bench: Bench, uids: I64) -> None:
    month, world = bench.month(0), bench.world
    give_rows(month, bench.land, bench.engine.laws.population, world.rows, world.roster, uids)


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
    months, n = range(120, 180), len(uids)
    rows, roster = bench.world.rows, bench.world.roster
    rows.tags[:n] |= FLAG_HISTORY
    value = bench.scenario.parameters.value
    conditions = bench.conditions()
    # kin who arrived this month to eight years ago or never; releases up to 40 months ago
    kin_age, release_age = uids % 97, uids // 97 % 41
    no_kin, never_held = uids % 5 == 0, uids % 3 > 0
    thinned, united = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for number in months:
        rows.stamp[:] = NEVER
        roster.kin_month[:n] = np.where(no_kin, NEVER, number - kin_age)
        roster.released[:n] = np.where(never_held, NEVER, number - release_age)
        first = bench.considered(number, conditions)[0]
        rows.stamp[:] = NEVER
        both = bench.also_with_history(number, conditions, 0.4)
        np.testing.assert_array_equal(both[: len(first)], first)
        assert len(np.unique(both)) == len(both)
        thinned[first[first < n]] += 1
        united[both[both < n]] += 1
    rate = bench.intensities(uids)
    kin = 2.0 * 0.5 ** (kin_age / value("residents.kin_half_life")) * (1.0 - 0.5 * 0.4)
    again = 1.0 * 0.5 ** (release_age / value("residents.again_half_life"))
    effect = np.where(no_kin, 0.0, kin) + np.where(never_held, 0.0, again)
    # lambda e^(kin + again) in all; 40,000 people, 60 months, fifty classes of lambda
    chance = 1.0 - np.exp(-rate * np.exp(effect))
    assert rate.max() < LAYERS[-1]
    for observed, p in ((thinned, 1.0 - np.exp(-rate)), (united, chance)):
        for sizes in (rate, p, effect, kin_age, release_age, rows.sex[:n]):
            assert z_scores_are_sound(observed, p, sizes, len(months))
    assert united.sum() > 2 * thinned.sum()
    plain = no_kin & never_held
    np.testing.assert_array_equal(united[plain], thinned[plain])


def z_scores_are_sound(counts: I64, chance: F64, by: npt.NDArray[np.generic], months: int) -> bool:
    """Whether counts over months fit binomials with ``chance``, in fifty classes of ``by``."""
    z = []
    for members in np.array_split(np.argsort(by, kind="stable"), 50):
        p = chance[members]
        mean, variance = months * p.sum(), months * (p * (1.0 - p)).sum()
        z.append((counts[members].sum() - mean) / math.sqrt(variance))
    return bool(stats.chi2.sf((np.array(z) ** 2).sum(), len(z)) > ALARM / 12)


def test_the_shortcut_for_people_with_history_leaves_nobody_out(family: tuple[Bench, I64]) -> None:
    # whom the bound turns away the exact clock would have turned away, too
    bench, uids = family
    rows, roster, n = bench.world.rows, bench.world.roster, len(uids)
    rows.tags[:n] |= FLAG_HISTORY
    roster.kin_month[:n], roster.released[:n] = 90 - uids % 60, 90 - uids % 25
    tight = bench.conditions()
    loose = (np.full_like(tight[0], 1e9), *tight[1:])
    for number in range(90, 96):
        rows.stamp[:] = NEVER
        exact = bench.also_with_history(number, tight, 0.4, bound=loose)
        rows.stamp[:] = NEVER
        found = bench.also_with_history(number, tight, 0.4)
        np.testing.assert_array_equal(found, exact)
        assert (found < n).sum() > 100


def test_the_highest_intensities_are_those_of_the_most_exposed(hungry: Bench) -> None:
    # a bound that is too low loses people, one that is too high costs time
    uids = hungry.everyone()
    rate = hungry.intensities(uids)
    top = hungry.conditions()[0]
    women = hungry.women(uids)
    for sex, of_sex in ((Sex.FEMALE, women), (Sex.MALE, ~women)):
        for block in np.unique(uids >> BLOCK_BITS):
            there = rate[of_sex & (uids >> BLOCK_BITS == block)]
            assert there.max() <= top[block, sex] * (1 + 1e-12)
            assert there.max() > 0.7 * top[block, sex] or len(there) < 1000


def test_a_client_who_waits_considers_for_certain_and_once(family: tuple[Bench, I64]) -> None:
    bench, uids = family
    rows, roster = bench.world.rows, bench.world.roster
    rows.tags[: len(uids)] |= FLAG_HISTORY
    rows.waits[: len(uids)] = 1
    roster.listed[WAITING, : len(uids)], roster.used[WAITING] = np.arange(len(uids)), len(uids)
    found = bench.also_with_history(50, bench.conditions(), 0.0)
    assert np.isin(uids, found).all()
    assert len(np.unique(found)) == len(found)


def test_those_who_are_away_do_not_consider(family: tuple[Bench, I64]) -> None:
    bench, uids = family
    rows = bench.world.rows
    rows.tags[: len(uids)] |= FLAG_HISTORY
    bench.world.roster.kin_month[: len(uids)] = 40
    rows.status[: len(uids)] = 1
    for number in range(50, 55):
        found = bench.also_with_history(number, bench.conditions(), 0.0)
        assert not np.isin(found, uids).any()
        assert len(found) > 0


def test_months_since_kin_and_release_are_looked_up_in_tables() -> None:
    scenario = busy().with_parameters(
        {
            "residents.k_kin": 2.0,
            "residents.kin_half_life": 144.0,
            "residents.k_again": 3.0,
            "residents.again_half_life": 18.0,
        }
    )
    scratch = Engine(scenario, 1)._scratch
    spells = scratch.spells
    tables = (
        (spells.kin_log, spells.kin_most, 2.0, 144.0),
        (spells.again_log, spells.again_most, 3.0, 18.0),
    )
    for logs, factors, k, half_life in tables:
        months = np.arange(LAST_MONTH + 1)  # nobody can wait longer
        np.testing.assert_allclose(logs[months], k * 0.5 ** (months / half_life), rtol=1e-12)
        np.testing.assert_allclose(factors, np.exp(logs), rtol=1e-12)
        # the last place is for those without kin, or never held
        assert len(logs) > LAST_MONTH + 1
        assert (logs[-1], factors[-1]) == (0.0, 1.0)
    ages = scenario.parameters.values("residents.age_effect")
    np.testing.assert_allclose(scratch.age_factor, np.exp(ages), rtol=1e-12)
