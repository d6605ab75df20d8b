"""What homes, persons and guards believe: the capped average beside Bayes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from bordersim.agents.beliefs import learn
from bordersim.agents.guards import inspect_and_learn
from bordersim.agents.residents import personal_risk
from bordersim.codes import Lever, Obs, Risk, Status
from verification.battery import Battery, exact
from verification.kernels import follow
from verification.picture import COLOURS, GREY, label, panels
from verification.verdict import Verdict
from verification.worlds import Stage, base, month_with

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
GRID = 2.0**-20

HALF_LIFE, CAP = 9.0, 20.0
PULL = 1.0 - 2.0 ** (-1.0 / HALF_LIFE)
STRENGTH = CAP / PULL
"""Outcomes that a home's belief is worth: the pseudo-count of the Beta it stands for."""

# The shipped half-life is fitted; what is asked here holds of any.
PINNED = {"residents.belief_half_life": HALF_LIFE, "residents.belief_sample": CAP}


def held_strength(stage: Stage, quick: bool, cap: float = CAP) -> Verdict:
    """The engine's homes beside a Beta that forgets exactly as much as it learns.

    Before each month the Beta is brought to STRENGTH less the month's outcomes (at most
    ``cap`` of them count), then it takes them in: its mean is the engine's belief.
    """
    homes, months = 2000, 60 if quick else 240
    rng = np.random.default_rng(4)
    month = month_with(0, stage.engine.levers[0], homes=homes, places=homes)
    beliefs = np.zeros((homes, len(Risk)), np.int32)
    start = rng.integers(0, 2**20, homes)
    beliefs[:, Risk.RIVER_UNAIDED] = start
    mean, worst = start * GRID, 0.0
    for _ in range(months):
        n = np.where(rng.random(homes) < 0.2, 0, rng.integers(0, 80, homes))
        k = rng.binomial(n, 0.15)
        month.heard[:, Risk.RIVER_UNAIDED] = np.stack([n, k], axis=1)
        learn(month, beliefs, stage.laws.choice)
        counted = np.minimum(n, cap)
        before = cap / PULL - counted
        a = mean * before + np.divide(k * counted, n, where=n > 0, out=np.zeros(homes))
        posterior = stats.beta(a + 1e-300, before + counted - a + 1e-300)
        mean = np.where(n > 0, posterior.mean(), mean)
        worst = max(worst, float(np.abs(beliefs[:, Risk.RIVER_UNAIDED] * GRID - mean).max()))
    return exact(
        "Is a home's belief the mean of a Beta of constant strength, fed with at most "
        "belief_sample outcomes a month?",
        worst, 0.5 * GRID * STRENGTH, "half a step of the grid a month, summed by the least pull",
        f"{homes:,} homes x {months} months", "learning.png",
    )  # fmt: skip


def after_a_step(mean_known: float, chains: int, months: int) -> tuple[F64, F64, F64]:
    """Belief by month after the risk rose from .05 to .2: engine's mean, law, discounted Beta.

    Every month a Poisson number of outcomes becomes known. The law is the expectation of
    the engine's update, its half-life longer by belief_sample over what is counted; the
    discounted Beta forgets a fixed share a month, however little there is to learn.
    """
    rng = np.random.default_rng(int(mean_known))
    n = rng.poisson(mean_known, (chains, months)).astype(float)
    k = rng.binomial(n.astype(int), 0.2).astype(float)
    paths = np.zeros((chains, months + 1))
    paths[:, 0] = 0.05
    for chain in range(chains):
        follow(paths[chain], n[chain], k[chain], HALF_LIFE, CAP)
    counted = _expected(mean_known, lambda x: np.minimum(x, CAP) / CAP)
    law = 0.2 - 0.15 * (1.0 - PULL * counted) ** np.arange(months + 1)
    a = np.full(chains, 0.05 * mean_known / PULL)
    b = np.full(chains, 0.95 * mean_known / PULL)
    bayes = np.full(months + 1, 0.05)
    for t in range(months):
        a, b = a * (1 - PULL) + k[:, t], b * (1 - PULL) + n[:, t] - k[:, t]
        bayes[t + 1] = (a / (a + b)).mean()
    return paths, law, bayes


def _expected(mean: float, of) -> float:  # type: ignore[no-untyped-def]
    """Expectation of a function of a Poisson count."""
    x = np.arange(0, int(mean + 20 * np.sqrt(mean) + 40))
    return float((stats.poisson.pmf(x, mean) * of(x)).sum())


def speed(quick: bool, out: Path | None, half_life_error: float = 1.0) -> Verdict:
    """How fast beliefs move, how far they spread, and what Bayes would say."""
    chains, months = (1500 if quick else 8000), 240
    battery, shown, notes = Battery(), [], []
    for known in (2.0, 10.0, 20.0, 200.0):
        paths, law, bayes = after_a_step(known, chains, months)
        told = 0.2 - 0.15 * ((0.2 - law) / 0.15) ** (1.0 / half_life_error)
        for t in (1, 6, 24, 60, 240):
            spread = float(paths[:, t].var(ddof=1))
            battery.z(f"{known:.0f} known a month, month {t}: mean", float(paths[:, t].mean()),
                      float(told[t]), spread / chains)  # fmt: skip
        weight = _expected(known, lambda x: (PULL * np.minimum(x, CAP) / CAP) ** 2
                           / np.maximum(x, 1))  # fmt: skip
        fade = _expected(known, lambda x: (1.0 - PULL * np.minimum(x, CAP) / CAP) ** 2)
        # the last month stands for the end only where the step has faded
        if fade**months < 1e-4:
            end = paths[:, -1]
            law_variance = 0.2 * 0.8 * weight / (1.0 - fade)
            fourth = float(((end - end.mean()) ** 4).mean())
            battery.z(f"{known:.0f} known a month: variance in the end", float(end.var(ddof=1)),
                      law_variance, (fourth - law_variance**2) / chains)  # fmt: skip
            posterior = 0.2 * 0.8 / (known / PULL + 1.0)
            notes.append(f"{known:.0f}: {np.sqrt(law_variance / posterior):.2f}")
        shown.append((known, paths, law, bayes))
    if out is not None:
        _draw(out, shown)
    return battery.verdict(
        "Do beliefs move and spread as the expectation of R4 says?",
        f"{chains:,} homes x {months} months, 2 to 200 outcomes known a month; standard deviation "
        "over that of a discounted Beta posterior, by outcomes a month: " + ", ".join(notes),
        "learning.png",
    )


def persons() -> Verdict:
    """A person's belief is the posterior mean of a Beta worth belief_sample outcomes."""
    worst = 0.0
    for p in (0.01, 0.1, 0.5):
        for known, caught in ((0, 0), (1, 0), (1, 1), (7, 3), (250, 250)):
            a, b = p * CAP + 3 * caught, (1 - p) * CAP + 3 * (known - caught)
            off = personal_risk(p, CAP, 3.0, float(known), float(caught)) - stats.beta(a, b).mean()
            worst = max(worst, abs(float(off)))
    return exact(
        "Is a person's own belief a Beta posterior, each own outcome counting as "
        "experience_weight others?",
        worst, 1e-15, "rounding of one division", "15 cases",
    )  # fmt: skip


def abroad(stage: Stage) -> Verdict:
    """Beliefs about China settle at twelve times the monthly share returned."""
    homes = 50
    month = month_with(0, stage.engine.levers[0], homes=homes, places=homes)
    beliefs = np.zeros((homes, len(Risk)), np.int32)
    month.stock[Status.CHINA, :, 0, 0] = 100 + 37 * np.arange(homes)
    month.tally[Obs.REPATRIATIONS, :, 0, 0] = np.arange(homes)
    for _ in range(400):
        learn(month, beliefs, stage.laws.choice)
    people = 100 + 37 * np.arange(homes)
    goal = np.minimum(1.0, 12.0 * np.arange(homes) / people)
    worst = float(np.abs(beliefs[:, Risk.CHINA] * GRID - goal).max())
    return exact(
        "Does the belief about China settle at the share returned in a year?",
        worst, 0.5 * GRID / PULL, "half a step of the grid, summed by the pull",
        f"{homes} homes x 400 months",
    )  # fmt: skip


ALWAYS_TAKING = {
    "guard.smuggling_rate": 12.0, "guard.smuggling_worth": 500.0, "guard.smuggling_loss": 0.0,
    "guard.detection_per_bribe": 1.0,
}  # fmt: skip
INSPECTION = 0.02


def feared(announced_weight: float, months: int, laws: dict[str, float]) -> tuple[Stage, F64]:
    """Beliefs of all guards on duty by month."""
    stage = Stage(base(0.5, None, {"china.start_stock": 0}),
                  {"guard.announced_weight": announced_weight, **laws})  # fmt: skip
    levers = stage.levers({Lever.GUARDS_INSPECTION_RATE: INSPECTION,
                           Lever.GUARDS_INSPECTION_HONESTY: 0.5, Lever.GUARDS_LOOKBACK_MONTHS: 6,
                           Lever.BORDER_CAMERA_COVERAGE: 0.0})  # fmt: skip
    world, path = stage.world, []
    for t in range(months):
        inspect_and_learn(stage.month(t, levers), stage.land, stage.laws.guard, world.guards,
                          world.sectors.bribe)  # fmt: skip
        path.append(world.guards.belief * GRID)
    return stage, np.array(path)


def on_duty(stage: Stage) -> list[tuple[int, int, float]]:
    """First place, number of guards and yearly pressure of each company."""
    company, found = int(stage.laws.guard.company), []
    lever = stage.engine.levers[0][Lever.GUARDS_PER_KM]
    for s, sector in enumerate(stage.land.sector):
        wanted = int(np.floor(sector.length * lever[s] + 0.5))
        number, first = min(wanted, int(sector.guard_size)), int(sector.guard_start)
        for k in range(0, number, company):
            found.append((first + k, min(company, number - k), float(sector.pressure)))
    return found


def announced(quick: bool) -> Verdict:
    """Fear of what is announced: a fixed target, reached with the half-life."""
    months = 60 if quick else 240
    stage, path = feared(1.0, months, {})
    law = stage.laws.guard
    worst = 0.0
    for first, number, pressure in on_duty(stage):
        chance = min(1.0, INSPECTION * 0.5 * pressure)
        found_out = 1.0 - (1.0 - law.detection_per_bribe) ** (law.smuggling_rate * 6)
        goal = min(1.0, 12.0 * chance * found_out)
        fade = 2.0 ** (-np.arange(1, months + 1) / law.belief_half_life)
        start = stage.scenario.parameters.value("guards.belief_start")
        curve = goal + (start - goal) * fade
        worst = max(worst, float(np.abs(path[:, first : first + number] - curve[:, None]).max()))
    pull = 1.0 - 2.0 ** (-1.0 / law.belief_half_life)
    return exact(
        "Does guards' fear near the announced risk with its half-life?", worst, 0.5 * GRID / pull
        + GRID, "half a step of the grid a month, summed by the pull",
        f"{len(on_duty(stage))} companies x {months} months", "fear.png",
    )  # fmt: skip


def punished(quick: bool, out: Path | None, seen_error: float = 1.0) -> Verdict:
    """Fear of what is seen: companies whose every guard takes bribes are a binomial."""
    months, burn = (420 if quick else 1500), 240  # thirty half-lives
    stage, path = feared(0.0, months, ALWAYS_TAKING)
    pull = 1.0 - 2.0 ** (-1.0 / stage.laws.guard.belief_half_life)
    battery, groups = Battery(), {}
    for first, number, pressure in on_duty(stage):
        groups.setdefault((number, pressure), []).append(first)
    scored = []
    for (number, pressure), firsts in groups.items():
        k = np.arange(number + 1)
        chance = stats.binom.pmf(k, number, min(1.0, INSPECTION * 0.5 * pressure * seen_error))
        seen = np.minimum(1.0, 12.0 * k / number)
        mean = float((chance * seen).sum())
        spread = float((chance * (seen - mean) ** 2).sum())
        belief = path[burn:, firsts]
        n, memory = belief.shape[0], 1.0 - pull
        # variance of the mean over n months of an average with this memory
        lag = np.arange(1, n)
        level = spread * pull / (2.0 - pull)
        of_mean = level / n * (1.0 + 2.0 * ((1.0 - lag / n) * memory**lag).sum())
        scored.append((float(belief.mean(axis=0).sum()), mean * len(firsts), of_mean * len(firsts)))
        if len(firsts) >= 30:
            battery.z(f"{len(firsts)} companies of {number} at pressure {pressure:.2g}",
                      scored[-1][0], scored[-1][1], scored[-1][2])  # fmt: skip
            values = belief[:: int(8 / pull)].reshape(-1)
            fourth = float(((values - values.mean()) ** 4).mean())
            battery.z(f"their spread, companies of {number} at pressure {pressure:.2g}",
                      float(((values - mean) ** 2).mean()), level,
                      (fourth - level**2) / len(values))  # fmt: skip
    sums = np.array(scored).sum(axis=0)
    battery.z("all companies", sums[0], sums[1], sums[2])
    if out is not None:
        _draw_fear(out, stage, path)
    return battery.verdict(
        "Do guards come to fear, on average and in spread, what they see of punished comrades?",
        f"{sum(map(len, groups.values()))} companies x {months - burn} months",
        "fear.png",
    )


def _draw(out: Path, shown: list[tuple[float, F64, F64, F64]]) -> None:
    with panels(out / "learning.png", 2) as (left, right):
        for k, (known, paths, law, bayes) in enumerate(shown):
            months = np.arange(0, 121, 6)
            left.plot(law[:121], "-", lw=1, color=COLOURS[k])
            left.plot(months, paths.mean(axis=0)[months], "o", ms=3, color=COLOURS[k],
                      label=f"{known:.0f}")  # fmt: skip
            if known == 2.0:
                left.plot(bayes[:121], "--", lw=1, color=GREY, label="Beta, discounted")
        label(left, "The risk rises from 0.05 to 0.20 (lines: law)", "months since", "mean belief")
        left.get_legend().set_title("outcomes a month", {"size": 7.5})
        for k in (0, 2):
            known, paths, _, _ = shown[k]
            x = np.linspace(0.05, 0.4, 200)
            right.hist(paths[:, -1], np.linspace(0.05, 0.4, 50), density=True, histtype="step",
                       color=COLOURS[k], label=f"beliefs, {known:.0f} a month")  # fmt: skip
            strength = known / PULL
            right.plot(x, stats.beta.pdf(x, 0.2 * strength, 0.8 * strength), "--", lw=1,
                       color=COLOURS[k], label=f"Beta posterior, {known:.0f} a month")  # fmt: skip
        right.set_ylim(0, 36)
        label(right, "After twenty years", "belief (true risk 0.20)", "density")


def _draw_fear(out: Path, stage: Stage, path: F64) -> None:
    fixed, calm = feared(1.0, 120, {})
    companies = on_duty(fixed)
    with panels(out / "fear.png", 2) as (left, right):
        shown = sorted({pressure for _, _, pressure in companies})
        for k, pressure in enumerate(shown):
            first = next(c[0] for c in companies if c[2] == pressure)
            left.plot(calm[::6, first], "o", ms=2.5, color=COLOURS[k], label=f"{pressure:.2g}")
        left.set_xticks(range(0, 21, 4), range(0, 121, 24))
        label(left, "Fear of what is announced", "months", "belief, per year")
        left.get_legend().set_title("pressure of inspections", {"size": 7.5})
        for k, (first, _, _) in enumerate(on_duty(stage)[:3]):
            right.plot(path[:240, first], "-", lw=1, color=COLOURS[k])
        means = path[:240, [c[0] for c in on_duty(stage)]].mean(axis=1)
        right.plot(means, "-", lw=2, color=GREY, label="mean of all companies")
        label(right, "Fear of what is seen, three companies", "months", "belief, per year")


def verdicts(out: Path, quick: bool) -> Iterable[Verdict]:
    """All of this file."""
    stage = Stage(base(0.01, None, PINNED))
    yield held_strength(stage, quick)
    yield speed(quick, out)
    yield persons()
    yield abroad(stage)
    yield announced(quick)
    yield punished(quick, out)


PLANTED = {
    "a cap of 21 in place of 20 outcomes": lambda: [
        held_strength(Stage(base(0.01, None, PINNED)), True, 21.0)
    ],
    "half-life a twentieth longer": lambda: [speed(True, None, half_life_error=1.05)],
    "inspections a tenth rarer": lambda: [punished(True, None, seen_error=0.9)],
}
