"""Common luck: what pairing policies with history on the same seeds is worth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bordersim.codes import Obs
from bordersim.scenario import Scenario
from bordersim.simulation import simulate, simulate_world
from verification.many import in_processes
from verification.picture import COLOURS, GREY, label, panels
from verification.verdict import Verdict
from verification.worlds import shipped

F64 = NDArray[np.float64]

START = "2006-01"
BEFORE = "2005-12"
SMALL = 0.1
"""Effects up to this share of arrivals must gain at least ``LEAST``."""
LEAST = 5.0
RESAMPLES = 4000

GRADES: dict[str, tuple[str, str, tuple[float, ...]]] = {
    "onward route": ("south.onward_capacity", "scale", (0.985, 0.97, 0.93, 0.86, 0.74, 0.42)),
    "settlement cash": ("south.settlement_cash", "scale", (0.98, 0.955, 0.9, 0.81, 0.65, 0.3)),
    "Chinese patrols": ("china.patrol_rate", "scale", (1.025, 1.05, 1.1, 1.2, 1.42, 2.3)),
    "inspections of guards": ("guards.inspection_rate", "scale", (1.1, 1.2, 1.5, 2.1, 4.0, 12.0)),
}
"""Four policies from 2006 on, in six strengths each: 1, 2, 5, 10, 20 and 50 % of arrivals."""


@dataclass(frozen=True)
class Job:
    """History, the policies, and a seed."""

    history: Scenario
    policies: tuple[Scenario, ...]
    seed: int


def arrivals(job: Job) -> list[float]:
    """Arrivals, in agents, from 2006 to the end of 2016: of history, and under each policy.

    What comes before 2006 is common, and lived once.
    """
    world = simulate_world(job.history, job.seed, until=BEFORE)[1]
    found = []
    for scenario in (job.history, *job.policies):
        record = simulate(scenario, job.seed, from_world=world).record
        found.append(float(record[:, Obs.ARRIVALS].sum()))
    return found


@dataclass(frozen=True)
class Gain:
    """What one policy shows."""

    policy: str
    size: float
    effect: float
    factor: float
    low: float
    high: float


def gain_of(policy: str, size: float, before: F64, after: F64, shift: int = 0) -> Gain:
    """Variance of unpaired over paired estimates of an effect, with a bootstrap interval.

    Unpaired, the effect of n seeds has the variance (V(before) + V(after))/n, paired
    V(after - before)/n. ``shift`` pairs every seed with another: then nothing is gained.
    """
    rng = np.random.default_rng(1)
    pairs = np.stack([before, np.roll(after, shift)])
    drawn = pairs[:, rng.integers(0, len(before), (RESAMPLES, len(before)))]
    factors = _factor(drawn[0], drawn[1])
    low, high = np.quantile(factors, (0.025, 0.975))
    effect = float(after.mean() / before.mean() - 1.0)
    return Gain(policy, size, effect, float(_factor(pairs[0], pairs[1])), float(low), float(high))


def _factor(before: F64, after: F64) -> Any:
    apart = before.var(axis=-1, ddof=1) + after.var(axis=-1, ddof=1)
    return apart / np.maximum((after - before).var(axis=-1, ddof=1), 1e-9)


@lru_cache(maxsize=2)
def simulated(quick: bool) -> tuple[F64, dict[tuple[str, float], F64]]:
    """Arrivals by seed: of history, and under each policy."""
    scale, seeds = (0.01, 8) if quick else (0.1, 48)
    history = shipped("historical").scaled(scale)
    grades = {
        (name, value): history.add(
            {"id": "graded", "lever": lever, "op": op, "value": value, "from": START}
        )
        for name, (lever, op, values) in GRADES.items()
        for value in (values[::5] if quick else values)
    }  # fmt: skip
    policies = tuple(grades.values())
    jobs = [Job(history, policies, seed) for seed in range(1, seeds + 1)]
    found = np.array(in_processes(arrivals, jobs)).T
    return found[0], dict(zip(grades, found[1:], strict=True))


def verdict_of(gains: list[Gain], n: str, figure: str | None, least: float = LEAST) -> Verdict:
    """Whether every effect up to ``SMALL`` gains enough; larger ones are only told."""
    small = [gain for gain in gains if abs(gain.effect) <= SMALL]
    large = [gain for gain in gains if abs(gain.effect) > SMALL]
    worst = min(small, key=lambda gain: gain.factor)
    below = [gain for gain in small if gain.factor < least]
    told = f"factor {worst.factor:.1f} ({worst.low:.1f} to {worst.high:.1f}) at the least, "
    told += f"{worst.policy} with {worst.effect:+.1%}; "
    if large:
        ends = sorted(gain.factor for gain in large)
        told += f"effects beyond 10 %: {ends[0]:.1f} to {ends[-1]:.1f}"
    return Verdict(
        question="By how much does pairing on seeds cut the variance of an estimated effect on "
        "arrivals?",
        passed=not below,
        measured=told.removesuffix("; "),
        allowed=f"{least:.0f} or more for effects up to {SMALL:.0%}",
        n=n,
        figure=figure,
        detail="; ".join(f"{g.policy} {g.size}: {g.effect:+.1%}, factor {g.factor:.1f}"
                         for g in below),
    )  # fmt: skip


def rows(gains: list[Gain]) -> str:
    """Table in Markdown, by size of effect."""
    lines = ["| policy from 2006 on | strength | effect on arrivals 2006-2016 | variance unpaired "
             "/ paired | 95 % interval | standard errors as with |",
             "|---|---:|---:|---:|---:|---:|"]  # fmt: skip
    for gain in sorted(gains, key=lambda gain: abs(gain.effect)):
        lines.append(
            f"| {gain.policy} | x {gain.size:g} | {gain.effect:+.1%} | {gain.factor:.1f} | "
            f"{gain.low:.1f} to {gain.high:.1f} | {gain.factor:.0f} times the seeds |"
        )
    return "\n".join(lines) + "\n"


def _draw(out: Path, gains: list[Gain]) -> None:
    with panels(out / "pairing.png", 1, 3.6) as (ax,):
        for colour, name in zip(COLOURS, GRADES, strict=False):
            own = [gain for gain in gains if gain.policy == name]
            x = [100 * abs(gain.effect) for gain in own]
            y = np.array([gain.factor for gain in own])
            bars = [y - [gain.low for gain in own], [gain.high for gain in own] - y]
            ax.errorbar(x, y, yerr=np.maximum(bars, 0), fmt="o", ms=4, lw=0.8, color=colour,
                        label=name)  # fmt: skip
        ax.plot([0.3, 10], [LEAST, LEAST], "--", lw=1, color=GREY, label="asked for")
        ax.axhline(1, lw=0.8, color=GREY, ls=":")
        ax.set_xscale("log")
        ax.set_yscale("log")
        ax.set_xticks([0.5, 1, 2, 5, 10, 20, 50], ["0.5", "1", "2", "5", "10", "20", "50"])
        ax.set_yticks([1, 2, 5, 10, 20, 50, 100], ["1", "2", "5", "10", "20", "50", "100"])
        ax.minorticks_off()
        label(ax, "Policies in graded strength, history at scale 0.1 (bars: 95 %)",
              "size of the effect on arrivals, %", "variance unpaired / paired")  # fmt: skip


def verdicts(out: Path, quick: bool) -> Iterable[Verdict]:
    """All of this file."""
    before, after = simulated(quick)
    gains = [gain_of(name, size, before, seen) for (name, size), seen in after.items()]
    _draw(out, gains)
    (out / "pairing.md").write_text(rows(gains))
    yield verdict_of(gains, f"{len(gains)} policies x {len(before)} seeds", "pairing.png")
    unpaired = [gain_of(name, size, before, seen, shift=1) for (name, size), seen in after.items()]
    factors = np.array([gain.factor for gain in unpaired])
    # the correlation of n pairs of strangers is within 4.4/sqrt(n) but for one in 100,000
    room = 1.0 / (1.0 - min(0.95, 4.5 / np.sqrt(len(before))))
    yield Verdict(
        question="And does the gain vanish when every seed is compared with another?",
        passed=bool(np.median(factors) < room),
        measured=f"median factor {np.median(factors):.2f}",
        allowed=f"below {room:.2f}: strangers' correlation",
        n=f"{len(gains)} policies x {len(before)} seeds",
    )


def _strangers() -> list[Verdict]:
    before, after = simulated(True)
    gains = [gain_of(name, size, before, seen, shift=1) for (name, size), seen in after.items()]
    return [verdict_of(gains, "", None)]


PLANTED = {"every seed compared with another": _strangers}
