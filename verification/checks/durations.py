"""How long custody and the way to the South last, and who dies or is stopped on the way."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bordersim.agents.china import live_in_china
from bordersim.agents.clocks import ONWARD, PACKAGE
from bordersim.agents.custody import serve
from bordersim.codes import Lever, Status
from bordersim.state import FLAG_CONTACT, FLAG_PACKAGE, FLAG_PAID, FLAG_TRIP
from verification.battery import Battery
from verification.kernels import give_rows, take_all
from verification.picture import COLOURS, GREY, label, panels
from verification.verdict import Verdict
from verification.worlds import Stage, base

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

BEGIN = 30
KINDS = {"food trip": (FLAG_TRIP, "custody.months_trip"), "longer stay": (0, "custody.months_long"),
         "contact with the South": (FLAG_CONTACT, "custody.months_contact")}  # fmt: skip
NOBODY = {"china.start_stock": 0}


def served(number: int, severity: float, death_rate: float) -> tuple[Stage, I64, I64, I64]:
    """Kind of each prisoner, months until it ended, and whether it was death."""
    parameters = {**NOBODY, "custody.death_rate": death_rate, "custody.months_contact": 24.0}
    stage = Stage(base(0.25, None, parameters), room=number)
    levers = stage.levers({Lever.CUSTODY_SEVERITY: severity})
    world, uids = stage.world, np.arange(number)
    month = stage.month(BEGIN, levers)
    month.stock[:] = number
    give_rows(month, stage.land, stage.laws.population, world.rows, world.roster, uids)
    kind = uids % len(KINDS)
    world.rows.tags[:number] = np.array([flag for flag, _ in KINDS.values()])[kind]
    take_all(month, world.rows, world.roster, stage.laws.custody, number)
    ended, died = np.full(number, -1), np.zeros(number, np.int64)
    status = world.rows.status[:number]
    for t in range(BEGIN, BEGIN + 330):
        before = status.copy()
        month = stage.month(t, levers)
        month.stock[:] = number
        serve(month, stage.laws.custody, world.rows, world.roster)
        left = (before == Status.CUSTODY) & (status != Status.CUSTODY)
        ended[left], died[left] = t - BEGIN, status[left] == Status.DEAD
    return stage, kind, ended, died


def end_of_custody(mean: float, severity: float, death_rate: float, months: int) -> F64:
    """Chance of release, and of death, in each month after entry; (2, months).

    The term is 1 + floor(E mean severity), so it reaches j months with chance
    exp(-(j - 1)/(mean severity)); death strikes first, in the last month too.
    """
    j = np.arange(1, months + 1)
    stays = np.exp(-(j - 1) / (mean * severity))
    over = stays * -np.expm1(-1.0 / (mean * severity))
    dies = -np.expm1(-death_rate * severity)
    return np.stack([over * (1 - dies) ** j, stays * (1 - dies) ** (j - 1) * dies])


def custody(quick: bool, out: Path | None, mean_error: float = 1.0) -> Verdict:
    """Terms and deaths of many prisoners against their joint law."""
    battery, people, shown = Battery(), 0, []
    for severity, death_rate in ((1.0, 0.006), (1.7, 0.04)):
        number = 30_000 if quick else 400_000
        stage, kind, ended, died = served(number, severity, death_rate)
        people += number
        for k, (name, (_, parameter)) in enumerate(KINDS.items()):
            mean = stage.scenario.parameters.value(parameter) * mean_error
            law = end_of_custody(mean, severity, death_rate, 330) * (kind == k).sum()
            who = (kind == k) & (ended > 0)
            seen = np.stack([np.bincount(ended[who & (died == d)] - 1, minlength=330)
                             for d in (0, 1)])  # fmt: skip
            still = np.array([[(kind == k).sum() - who.sum()], [(kind == k).sum() - law.sum()]])
            for d, what in enumerate(("released", "dead")):
                battery.shares(f"{name}, severity {severity}: month when {what}",
                               seen[d], law[d])  # fmt: skip
            ends = [np.append(x, rest) for x, rest in zip((seen.sum(0), law.sum(0)), still,
                                                          strict=True)]  # fmt: skip
            battery.shares(f"{name}, severity {severity}: month when over", *ends)
            battery.binomial(f"{name}, severity {severity}: deaths", int(seen[1].sum()),
                             int((kind == k).sum()), law[1].sum() / (kind == k).sum())  # fmt: skip
            if severity == 1.0:
                shown.append((name, seen, law))
    if out is not None:
        _draw_custody(out, shown)
    return battery.verdict(
        "Do terms in custody follow 1 + floor(exponential) months, and deaths a constant hazard?",
        f"{people:,} prisoners of three kinds, two severities",
        "custody.png",
    )


def travelled(number: int, patrol: float) -> tuple[Stage, NDArray[np.bool_], I64, I64]:
    """Whether a package, months on the way (0: stopped), and flags afterwards."""
    parameters = {**NOBODY, "china.transit_later": 2, "china.transit_spread": 3}
    stage = Stage(base(0.25, None, parameters), room=number)
    world, uids = stage.world, np.arange(number)
    levers = stage.levers({Lever.CHINA_PATROL_RATE: patrol, Lever.CHINA_REFOULEMENT: 0.0})
    month = stage.month(BEGIN, levers)
    month.stock[:] = number
    give_rows(month, stage.land, stage.laws.population, world.rows, world.roster, uids)
    package = uids % 2 == 0
    rows = world.rows[:number]
    rows.status[:] = Status.CHINA
    rows.left[:] = BEGIN
    rows.tags[:] = FLAG_PACKAGE * package
    calls = stage.scratch.calls
    calls.row[:number], calls.at[:number] = uids, 0.0
    calls.cause[:number] = np.where(package, PACKAGE, ONWARD)
    calls.first_meeting[:number], calls.rate[:number] = 2.0, 1.0
    live_in_china(month, stage.scene(), calls, number)
    gone = rows.status == Status.TRANSIT
    return stage, package, np.where(gone, rows.term - BEGIN, 0), rows.tags.astype(np.int64)


def transit(quick: bool, out: Path | None, spread: int = 3) -> Verdict:
    """Months on the way, arrests on it, and guides."""
    number = 60_000 if quick else 600_000
    stage, package, months, tags = travelled(number, 0.05)
    value = stage.scenario.parameters.value
    battery = Battery()
    stopped = -np.expm1(-0.05 * value("china.route_exposure"))
    bounds = {True: (int(value("china.transit_direct")), 2), False: (2, spread + 1)}
    shown = []
    for direct, (first, cells) in bounds.items():
        name = "with a package" if direct else "later"
        who = package == direct
        gone = months[who & (months > 0)]
        battery.binomial(f"{name}: arrested on the way", int((months[who] == 0).sum()),
                         int(who.sum()), stopped)  # fmt: skip
        seen = np.bincount(gone, minlength=first + cells)
        law = np.zeros(len(seen))
        law[first : first + cells] = len(gone) / cells
        outside = int(seen[law == 0].sum())
        battery.add(f"{name}: no journey outside its range", 0.0 if outside else 1.0)
        battery.shares(f"{name}: months on the way", seen[law > 0], law[law > 0])
        shown.append((name, seen, law))
    late = ~package & (months > 0)
    battery.binomial("with a guide", int((tags[late] & FLAG_PAID > 0).sum()), int(late.sum()),
                     value("china.guide_share"))  # fmt: skip
    if out is not None:
        with panels(out / "transit.png", 2) as axes:
            for ax, (name, seen, law), colour in zip(axes, shown, COLOURS, strict=False):
                ax.bar(range(len(law)), law, color="none", edgecolor=GREY, label="uniform")
                ax.plot(range(len(seen)), seen, "o", color=colour, label="engine")
                label(ax, f"On the way {name}", "months", "people")
    return battery.verdict(
        "Does the way to the South take uniformly many months, with the arrests C4 says?",
        f"{number:,} departures",
        "transit.png",
    )


def _draw_custody(out: Path, shown: list[tuple[str, F64, F64]]) -> None:
    with panels(out / "custody.png", 2) as (left, right):
        for ax, row, title in ((left, 0, "Released"), (right, 1, "Died in custody")):
            for k, (name, seen, law) in enumerate(shown):
                months = np.arange(1, len(law[row]) + 1)
                keep = law[row] >= 1
                ax.semilogy(months[keep], law[row][keep], "-", lw=1, color=COLOURS[k])
                dots = keep & (seen[row] > 0)
                ax.semilogy(months[dots], seen[row][dots], "o", ms=2, color=COLOURS[k], label=name)
            ax.set_xlim(0, 130)
            label(ax, f"{title} (lines: law, severity 1)", "months after entry", "people")


def verdicts(out: Path, quick: bool) -> Iterable[Verdict]:
    """All of this file."""
    yield custody(quick, out)
    yield transit(quick, out)


PLANTED = {
    "terms a tenth longer": lambda: [custody(True, None, mean_error=1.1)],
    "one month more on the way": lambda: [transit(True, None, spread=4)],
}
