"""Who considers leaving: the thinned point process against asking everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bordersim.agents.residents import BY_CASE, month_conditions
from bordersim.agents.thinning import LAYERS, consider_with_history, consider_without_history
from bordersim.codes import LEVER_KEYS, Lever
from bordersim.rng import Stream
from bordersim.state import BLOCK_BITS, FLAG_HISTORY, NEVER
from verification.battery import Battery
from verification.kernels import give_rows
from verification.keyed import draw, stream_key, uniform
from verification.picture import BLUE, GREY, ORANGE, label, panels
from verification.verdict import Verdict
from verification.worlds import Stage, base

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Law = Callable[[F64], F64]

HUNGRY = {"economy.food_shortage": 1.0, "economy.market_index": 0.4,
          "economy.corruption_case_rate": 0.001}  # fmt: skip
KEEN = {"residents.k0_log": -8.0, "residents.k_hardship": 9.0, "residents.buffer": 0.2,
        "residents.case_response": 1.0, "residents.sex_base": -0.8, "residents.sex_market": 3.0,
        "china.start_stock": 0, "population.officials_abroad": 1000}  # fmt: skip
CALMER = {**KEEN, "residents.k_hardship": 6.0, "residents.k_kin": 2.0, "residents.k_again": 1.0,
          "residents.surveillance_effect": 0.5}  # fmt: skip
WATCHED = 0.4


def bernoulli(rate: F64) -> F64:
    """R3: the chance of considering within a month; what exceeds the layers is clipped."""
    return 1.0 - np.exp(-np.minimum(rate, LAYERS[-1]))


class Nation:
    """A nation in which people do nothing but consider leaving."""

    def __init__(self, scale: float, parameters: dict[str, float]) -> None:
        scenario = base(scale, HUNGRY, parameters)
        self.stage = Stage(scenario, room=1 << 20)
        value, values = scenario.parameters.value, scenario.parameters.values
        officials_block, officials = (int(n) for n in self.stage.land.officials)
        self.uids: I64 = np.concatenate(
            [
                (b << BLOCK_BITS) | np.arange(officials if b == officials_block else 0, size)
                for b, size in enumerate(self.stage.land.block.people)
            ]
        )
        world = scenario.world_seed
        self.block = self.uids >> BLOCK_BITS
        share = value("population.female_share")
        self.woman = uniform(draw(stream_key(world, Stream.SEX), self.uids)) < share
        edges = np.cumsum(values("population.age_shares"))[:-1]
        u = uniform(draw(stream_key(world, Stream.AGE), self.uids))
        self.age = np.searchsorted(edges, u, side="right")
        self.rank = uniform(draw(stream_key(world, Stream.HARDSHIP), self.uids))
        home, cls = self.block // 3, self.block % 3
        at = {key: self.stage.engine.levers[0][k] for k, key in enumerate(LEVER_KEYS)}
        sectors = len(scenario.places.sectors)
        markets = at["economy.market_index"][sectors:][home]
        hardship = (
            at["economy.food_shortage"][sectors:][home]
            * scenario.places.home["hunger_exposure"][home]
            * values("residents.class_exposure")[cls]
            * np.maximum(0.0, 1.0 - value("residents.buffer") * markets)
            * self.rank
        )
        half = value("residents.sex_market_half")
        log_women = value("residents.sex_base") + value("residents.sex_market") * markets / (
            markets + half
        )
        self.base_rate = np.exp(
            value("residents.k0_log")
            + value("residents.k_hardship") * hardship
            + values("residents.age_effect")[self.age]
            + np.where(self.woman, log_women, 0.0)
        )
        cases = (
            at["economy.corruption_case_rate"][sectors:][home]
            * values("residents.case_exposure")[cls]
            * value("residents.case_response")
        )
        self.rate = self.base_rate + cases
        self.case_share = cases / self.rate
        self.by_case = np.zeros(len(self.uids), np.int64)
        months = self.stage.month(0)
        self.conditions = month_conditions(months, self.stage.land, self.stage.laws.intensity)

    def considered(self, number: int) -> I64:
        """Places in ``uids`` of those the engine finds in a month."""
        found = self.stage.scratch.found
        n = consider_without_history(
            self.stage.month(number), self.stage.scene(), self.conditions, self.stage.scratch
        )[0]
        at = np.searchsorted(self.uids, found.uid[:n])
        self.by_case[at] += found.reason[:n] == BY_CASE
        return np.sort(at)


@lru_cache(maxsize=2)
def observed(quick: bool) -> tuple[Nation, I64, I64, F64]:
    """Nation; how often each resident considered; numbers by month; neighbours who both did."""
    nation = Nation(0.01 if quick else 0.05, KEEN)
    months = 12 if quick else 120
    often, by_month, pairs = np.zeros(len(nation.uids), np.int64), np.zeros(months, np.int64), []
    before = np.zeros(0, np.int64)
    for t in range(months):
        at = nation.considered(t)
        if len(np.unique(at)) != len(at):
            raise AssertionError("somebody considered twice in a month")
        often[at] += 1
        by_month[t] = len(at)
        now = np.zeros(len(nation.uids), bool)
        now[at] = True
        pairs.append((int((now[1:] & now[:-1]).sum()), int(now[before].sum())))
        before = at
    return nation, often, by_month, np.array(pairs, float)


def by_group(quick: bool, out: Path | None, law: Law = bernoulli) -> Verdict:
    """Counts by block, sex and age, by layer and by intensity, against 1 - exp(-lambda)."""
    nation, often, by_month, _ = observed(quick)
    months, chance = len(by_month), law(nation.rate)
    battery = Battery()
    cell = (nation.block * 2 + nation.woman) * 7 + nation.age
    layer = np.searchsorted(LAYERS, nation.rate)  # the last lies beyond the highest edge
    fine = np.argsort(np.argsort(nation.rate)) * 200 // len(nation.rate)
    table: dict[str, tuple[F64, F64, F64]] = {}
    for what, group in (("block, sex and age", cell), ("layer", layer), ("200 classes", fine)):
        size = int(group.max()) + 1
        seen = np.bincount(group, often.astype(float), size)
        mean = np.bincount(group, months * chance, size)
        spread = np.bincount(group, months * chance * (1.0 - chance), size)
        battery.sums(f"by {what}", seen, mean, spread)
        table[what] = seen, mean, spread
    # a case is the reason with its share of the intensity, given that somebody considers
    share = nation.case_share
    for what, group in (("class", nation.block % 3), ("layer", layer)):
        weights = (nation.by_case, often * share, often * share * (1.0 - share))
        battery.sums(f"cases by {what}", *(np.bincount(group, w) for w in weights))
    if out is not None:
        _draw_groups(out, nation, table, fine, months)
    return battery.verdict(
        "Does everybody consider leaving with 1 - exp(-lambda), whatever their home, class, sex, "
        "age and rank, and is a case the reason as often as its share says?",
        f"{len(nation.uids):,} residents x {months} months, {often.sum():,} considerations, "
        f"lambda {nation.rate.min():.1g} to {nation.rate.max():.2g} a month",
        "thinning.png",
    )


def _draw_groups(
    out: Path, nation: Nation, table: dict[str, tuple[F64, F64, F64]], fine: I64, months: int
) -> None:
    seen, mean, spread = table["200 classes"]
    size = np.bincount(fine)
    rate = np.bincount(fine, nation.rate) / size
    curve = np.geomspace(rate[0], rate[-1], 300)
    with panels(out / "thinning.png") as (left, right):
        left.loglog(curve, bernoulli(curve), "-", lw=1, color=GREY, label="1 - exp(-λ), clipped")
        left.loglog(rate, seen / months / size, "o", ms=2.5, color=BLUE, label="engine")
        for edge in LAYERS[1:]:
            left.axvline(edge, lw=0.4, color=GREY, alpha=0.5)
        label(left, "Who considers leaving, by intensity", "λ, per month (lines: edges of layers)",
              "share considering in a month")  # fmt: skip
        seen, mean, spread = table["block, sex and age"]
        big = spread >= 10
        z = (seen[big] - mean[big]) / np.sqrt(spread[big])
        _against_normal(right, z, "home, class, sex and age")


def _against_normal(ax, z: F64, of: str) -> None:  # type: ignore[no-untyped-def]
    from scipy import stats

    q = stats.norm.ppf((np.arange(len(z)) + 0.5) / len(z))
    ax.plot(q, q, "-", lw=1, color=GREY, label="standard normal")
    ax.plot(q, np.sort(z), "o", ms=2.5, color=ORANGE, label="engine less law")
    label(ax, f"{len(z)} groups: {of}", "quantile of the standard normal", "standard score")


def brute_force(quick: bool) -> Verdict:
    """The same nation with one coin for each resident and month, thrown by numpy."""
    nation, often, by_month, pairs = observed(quick)
    months, chance = len(by_month), bernoulli(nation.rate)
    coins = np.random.default_rng(5)
    asked, totals = np.zeros(len(chance), np.int64), np.zeros(months)
    for t in range(months):
        yes = coins.random(len(chance)) < chance
        asked += yes
        totals[t] = yes.sum()
    battery = Battery()
    most = 12
    battery.table(
        "how often the same resident considers",
        [np.bincount(np.minimum(n, most), minlength=most + 1) for n in (often, asked)],
    )
    variance = float((chance * (1.0 - chance)).sum())
    from scipy import stats

    for what, sizes in (("engine", by_month), ("brute force", totals)):
        spread = float(((sizes - chance.sum()) ** 2).sum() / variance)
        tail = min(stats.chi2.sf(spread, months), stats.chi2.cdf(spread, months))
        battery.add(f"months of the {what} spread as independent people do", float(2.0 * tail))
    both, three = chance[1:] * chance[:-1], chance[2:] * chance[1:-1] * chance[:-2]
    spread_of_both = (both * (1.0 - both)).sum() + 2.0 * (three * (1.0 - chance[1:-1])).sum()
    battery.z("neighbours who both consider", float(pairs[:, 0].sum()),
              months * float(both.sum()), months * float(spread_of_both))  # fmt: skip
    twice, thrice = chance**2, chance**3
    spread_of_two = (months - 1) * (twice * (1.0 - twice)).sum()
    spread_of_two += 2.0 * (months - 2) * (thrice * (1.0 - chance)).sum()
    battery.z("residents who consider in two months running", float(pairs[1:, 1].sum()),
              (months - 1) * float(twice.sum()), float(spread_of_two))  # fmt: skip
    return battery.verdict(
        "Do people consider leaving independently of each other and of the month before, as when "
        "everybody is asked one by one?",
        f"{len(chance):,} residents x {months} months, engine and brute force",
        "thinning.png",
    )


def history(quick: bool, out: Path | None, again_factor: float = 1.0) -> Verdict:
    """People with kin in the South or a release behind them: two processes, one intensity."""
    nation = Nation(0.02 if quick else 0.05, CALMER)
    stage = nation.stage
    n = 8_000 if quick else 40_000
    uids = nation.uids[:n]
    month = stage.month(0)
    give_rows(month, stage.land, stage.laws.population, stage.world.rows, stage.world.roster, uids)
    rows, roster = stage.world.rows, stage.world.roster
    rows.tags[:n] |= FLAG_HISTORY
    kin_age, release_age = uids % 97, uids // 97 % 41
    no_kin, never_held = uids % 5 == 0, uids % 3 > 0
    watched = stage.levers({Lever.NORTH_KIN_SURVEILLANCE: WATCHED})
    months = range(120, 150 if quick else 210)
    often, thinned = np.zeros(n, np.int64), np.zeros(n, np.int64)
    for t in months:
        rows.stamp[:] = NEVER
        roster.kin_month[:n] = np.where(no_kin, NEVER, t - kin_age)
        roster.released[:n] = np.where(never_held, NEVER, t - release_age)
        now, found = stage.month(t, watched), stage.scratch.found
        first = consider_without_history(now, stage.scene(), nation.conditions, stage.scratch)[0]
        both = consider_with_history(now, stage.scene(), nation.conditions, stage.scratch, first)
        at = found.row[:both].copy()
        early = np.arange(both) < first
        often += np.bincount(at[(at >= 0) & (at < n)], minlength=n)
        thinned += np.bincount(at[early & (at >= 0) & (at < n)], minlength=n)
    value = nation.stage.scenario.parameters.value
    kin = value("residents.k_kin") * 0.5 ** (kin_age / value("residents.kin_half_life"))
    kin *= 1.0 - value("residents.surveillance_effect") * WATCHED
    again = value("residents.k_again") * 0.5 ** (release_age / value("residents.again_half_life"))
    log_factor = np.where(no_kin, 0.0, kin) + np.where(never_held, 0.0, again_factor * again)
    rate, base_rate = nation.rate[:n], nation.base_rate[:n]
    # only the shared process is clipped, that of history is asked with a clock of its own
    total = np.minimum(rate, LAYERS[-1]) + base_rate * (np.exp(log_factor) - 1.0)
    chance, shared = 1.0 - np.exp(-total), bernoulli(rate)
    battery = Battery()
    for what, group in (("months since kin arrived", np.where(no_kin, 97, kin_age)),
                        ("months since release", np.where(never_held, 41, release_age)),
                        ("100 classes of intensity", np.argsort(np.argsort(total)) * 100 // n),
                        ("rank", (nation.rank[:n] * 50).astype(np.int64))):  # fmt: skip
        for p, seen, name in ((chance, often, "in all"), (shared, thinned, "without history")):
            sums = [np.bincount(group, w) for w in (seen.astype(float), len(months) * p,
                                                    len(months) * p * (1.0 - p))]  # fmt: skip
            battery.sums(f"{name} by {what}", *sums)
    if out is not None:
        _draw_history(out, (kin_age, no_kin & never_held, ~no_kin & never_held),
                      (often / len(months), chance, shared))  # fmt: skip
    return battery.verdict(
        "Do kin in the South and a release add exactly what R3 says, the shared luck untouched?",
        f"{n:,} people x {len(months)} months, {often.sum():,} considerations",
        "history.png",
    )


def _draw_history(out: Path, who: tuple[I64, I64, I64], shares: tuple[F64, F64, F64]) -> None:
    kin_age, _, with_kin = who
    seen, chance, shared = (np.asarray(a)[with_kin] for a in shares)
    age = kin_age[with_kin] // 8 * 8
    with panels(out / "history.png") as (left, right):
        groups = np.unique(age)
        means = [[x[age == g].mean() for g in groups] for x in (seen, chance, shared)]
        left.plot(groups + 4, means[1], "-", lw=1, color=GREY, label="1 - exp(-λ e^effect)")
        left.plot(groups + 4, means[2], "--", lw=1, color=GREY, label="without kin")
        left.plot(groups + 4, means[0], "o", ms=4, color=BLUE, label="engine")
        left.set_ylim(0)
        label(left, "Kin in the South", "months since kin arrived", "share considering in a month")
        order = np.argsort(chance)
        parts = np.array_split(order, 40)
        x = [chance[p].mean() for p in parts]
        right.loglog(x, x, "-", lw=1, color=GREY, label="law")
        right.loglog(x, [seen[p].mean() for p in parts], "o", ms=3, color=ORANGE, label="engine")
        label(
            right, "The same people in 40 classes", "chance by R3, per month", "share considering"
        )


def verdicts(out: Path, quick: bool) -> Iterable[Verdict]:
    """All of this file."""
    yield by_group(quick, out)
    yield brute_force(quick)
    yield history(quick, out)


PLANTED = {
    "lambda itself in place of 1 - exp(-lambda)": lambda: [
        by_group(True, None, lambda rate: np.minimum(rate, LAYERS[-1]))
    ],
    "one point in twenty lost": lambda: [by_group(True, None, lambda r: bernoulli(0.95 * r))],
    "intensity above .2 not clipped": lambda: [by_group(True, None, lambda r: 1 - np.exp(-r))],
    "release counted at two thirds": lambda: [history(True, None, again_factor=2 / 3)],
}
