"""A steady state: when nothing changes from outside, nothing drifts over twenty years."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from bordersim.codes import LAST_MONTH, Obs
from bordersim.laws import packed
from bordersim.simulation import Engine
from verification.battery import Battery
from verification.many import in_processes
from verification.picture import BLUE, GREY, ORANGE, label, panels
from verification.verdict import Verdict
from verification.worlds import base, changed_laws

F64 = NDArray[np.float64]

YEARS = (LAST_MONTH + 1) // 12
BURN_IN = 11
WATCHED = (
    Obs.CONSIDERERS, Obs.CROSSINGS, Obs.DEALS, Obs.FEE_SUM, Obs.POSTED_FEE, Obs.GOING_BRIBE,
    Obs.CORRUPT_GUARDS, Obs.PERCEIVED_PUNISHMENT, Obs.TRAFFICKERS, Obs.STOCK_CHINA,
    Obs.REPATRIATIONS, Obs.STOCK_CUSTODY, Obs.PERCEIVED_RISK_HIRE, Obs.ARRIVALS,
)  # fmt: skip

CONSTANT: dict[str, object] = {
    "economy.food_shortage": 0.45, "economy.market_index": 0.4, "economy.exchange_rate": 0.15,
    "economy.corruption_case_rate": 0.0, "guards.inspection_rate": 0.1,
    "guards.inspection_honesty": 0.5, "guards.punishment_loss": 1, "guards.lookback_months": 6,
    "time.end": "2025-12",
}  # fmt: skip
FORGETFUL: dict[str, float] = {
    # nobody has kin: kin in the South, and what is known of them, are never forgotten
    "population.ties_within": 0, "population.ties_across": 0, "population.household_size": 1,
    "residents.k_again": 0.0,
    # most come home again and everybody is about as keen: who has left for good is not missed
    "residents.k_hardship": 2.0, "residents.k0_log": -9.6, "china.package_share": 0.0,
    "residents.gain_hire": 2.0,
    # guards are alike: those who never take a bribe are never replaced
    "guards.loyalty_sigma": 0.0, "guards.taste_sigma": 0.0, "guards.ambition_sigma": 0.0,
    # memories and stays of months, not of decades
    "residents.belief_half_life": 3, "guards.belief_half_life": 3, "china.return_rate": 0.05,
    "china.settle_half_life": 600, "china.inland_months": 3, "custody.months_contact": 12,
    "traffickers.jail_months": 6, "traffickers.entry_rate": 0.2, "traffickers.exit_rate": 0.2,
    "traffickers.average_months": 2, "traffickers.bribe_half_life": 1,
    "traffickers.markup_pull": 0.1, "informants.norm_half_life": 6,
    "informants.aware_half_life": 1,
}  # fmt: skip
BEYOND = {"onward.onward_early": 0.004, "onward.onward_late": 0.004,
          "choice.belief_sample": 1.0, "choice.experience_weight": 0.0}  # fmt: skip
"""Beyond the declared ranges: the way onward does not open by date, homes that hear of one
outcome in a year learn as fast as others, and nobody's own past counts for ever."""


def lived(job: tuple[int, float, float]) -> F64:
    """Yearly sums of ``WATCHED`` for a seed, a scale and a growth of hunger over the span."""
    seed, scale, growth = job
    scenario = base(scale, CONSTANT, FORGETFUL)
    if growth:
        scenario = scenario.add(
            {"id": "creeping", "lever": "economy.food_shortage", "op": "add", "value": growth,
             "from": "1995-01", "ramp": f"{LAST_MONTH + 1} months"}
        )  # fmt: skip
    engine = Engine(scenario, seed)
    engine.laws = packed(changed_laws(scenario, BEYOND))
    if not growth and (engine.levers != engine.levers[0]).any():
        raise AssertionError("a lever is not constant")
    world = engine.first_world()
    record, ledger = engine.blank_books(LAST_MONTH + 1)
    for t in range(LAST_MONTH + 1):
        world, _ = engine.step(world, record[t:], ledger[t:])
    monthly = record[:, [int(o) for o in WATCHED]].reshape(LAST_MONTH + 1, len(WATCHED), -1).sum(2)
    yearly: F64 = monthly.reshape(YEARS, 12, len(WATCHED)).sum(axis=1).astype(float)
    return yearly


@lru_cache(maxsize=2)
def runs(quick: bool, growth: float = 0.0) -> F64:
    """(seeds, years, observables)."""
    seeds, scale = (16, 0.03) if quick else (48, 0.1)
    return np.array(in_processes(lived, [(seed, scale, growth) for seed in range(1, seeds + 1)]))


def drifts(found: F64) -> F64:
    """Change over twenty years by a straight line, over the mean: (seeds, observables)."""
    late = found[:, BURN_IN:]
    t = np.arange(late.shape[1]) - (late.shape[1] - 1) / 2
    slope = np.einsum("t,stk->sk", t, late) / (t**2).sum()
    share: F64 = slope * (YEARS - BURN_IN) / late.mean(axis=(0, 1))
    return share


def drift(quick: bool, out: Path | None, growth: float = 0.0) -> Verdict:
    """Slopes of every seed against the spread between seeds."""
    found = runs(quick, growth)
    seen = drifts(found)
    battery = Battery()
    for k, observable in enumerate(WATCHED):
        name = f"{observable.name.lower()}: {seen[:, k].mean():+.1%} in 20 years"
        battery.add(name, float(stats.ttest_1samp(seen[:, k], 0.0).pvalue))
    error = seen.std(axis=0, ddof=1) / np.sqrt(len(seen))
    if out is not None:
        _draw(out, found, seen, error)
    return battery.verdict(
        "With constant drivers and levers, does nothing drift in the twenty years after burn-in?",
        f"{len(found)} seeds x 20 years, {len(WATCHED)} observables; standard error of a drift "
        f"{error.min():.1%} to {error.max():.1%}",
        "steady.png",
    )


def _draw(out: Path, found: F64, seen: F64, error: F64) -> None:
    years = 1995 + np.arange(YEARS)
    with panels(out / "steady.png", 2, 3.6) as (left, right):
        for observable, colour in ((Obs.ARRIVALS, BLUE), (Obs.POSTED_FEE, ORANGE)):
            k = WATCHED.index(observable)
            level = found[:, :, k] / found[:, BURN_IN:, k].mean()
            name = "arrivals" if observable == Obs.ARRIVALS else "posted fees"
            left.plot(years, level.mean(axis=0), "-", lw=1.5, color=colour, label=name)
            spread = level.std(axis=0, ddof=1)
            left.fill_between(years, level.mean(0) - spread, level.mean(0) + spread, alpha=0.2,
                              color=colour, lw=0)  # fmt: skip
        left.axvline(years[BURN_IN], lw=0.8, color=GREY, ls=":")
        left.set_ylim(0)
        label(left, "A world left alone (band: one seed)", "year", "against the mean from 2006 on")
        y = np.arange(len(WATCHED))[::-1]
        right.errorbar(100 * seen.mean(axis=0), y, xerr=200 * error, fmt="o", ms=3.5, lw=1,
                       color=BLUE, label="two standard errors")  # fmt: skip
        right.axvline(0, lw=0.8, color=GREY)
        right.set_yticks(y, [o.name.lower().replace("_", " ") for o in WATCHED], fontsize=7)
        label(right, "Drift", "change in twenty years, %", "")


def verdicts(out: Path, quick: bool) -> Iterable[Verdict]:
    """All of this file."""
    yield drift(quick, out)


PLANTED = {
    "hunger that creeps up by 0.4 in 31 years": lambda: [drift(True, None, growth=0.4)],
}
