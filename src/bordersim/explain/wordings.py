"""Parts of an explanation in words, for text and HTML alike."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bordersim.codes import Class, Sex, Status
from bordersim.dates import month_label
from bordersim.explain.life import AGES, Life, LifeMonth
from bordersim.explain.told import Alternative, Chance, Decision, Flip
from bordersim.wording import count, number

ENDS = {
    Status.HOME: "at home",
    Status.CHINA: "in China",
    Status.CUSTODY: "in custody in the North",
    Status.TRANSIT: "on the way to the South",
    Status.ARRIVED: "in the South",
    Status.DEAD: "dead",
}
"""Where somebody is."""

_TERMS = (
    "base", "gain", "bribe", "money", "river", "China", "fear", "reward", "inclination",
    "sympathy", "norm", "effort", "case",
)  # fmt: skip
"""Parts of utilities in the order in which they are shown."""


def percent(chance: float) -> str:
    """A chance in per cent, with as many digits as it takes to see it."""
    if chance == 0.0 or chance >= 0.1:
        return f"{chance:.1%}"
    return f"{100 * chance:.2g} %".replace(" %", "%")


def value_text(value: float | str, unit: str = "") -> str:
    """A number with its unit."""
    if isinstance(value, str):
        return value
    if unit == "chance":
        return percent(value)
    if unit == "times":
        return f"x {value:.2f}"
    if unit.startswith("KRW million"):
        return f"{value:,.3f} {unit.replace('KRW million', 'M')}"
    if unit == "CNY":
        return f"{value:,.0f} CNY"
    return number(value, 3)


def utility(value: float | None) -> str:
    """A part of a utility; nothing where there is none."""
    if value is None or math.isinf(value):
        return ""
    return f"{value:+,.2f}"


def who_lines(life: Life) -> list[tuple[str, str]]:
    """Traits of a person, as pairs of name and value."""
    who = life.who
    worse = percent(1.0 - who.hardship_rank)
    last = life.run["end"]
    lines = [
        ("home", f"{life.home.replace('_', ' ')}, {Class(who.cls).name.lower()}"),
        ("person", f"{'woman' if who.sex == Sex.FEMALE else 'man'}, age band {AGES[who.age_band]}"),
        ("hardship", f"{worse} of home and class are worse off"),
        (
            "means",
            f"KRW {life.wealth[0]:.2f} M of 2015 in 1995, {life.wealth[1]:.2f} M in {last[:4]}, "
            "before what was received or spent",
        ),
        ("risk", f"weighs risk {who.tolerance:.2f} times as much as the median person"),
        ("kin", count(len(set(life.kin)), "person").replace("persons", "people")),
    ]
    if who.official:
        lines.append(("post", "an official abroad: neither considers nor crosses (E1)"))
    else:
        lines.append(("considers", _chances(life)))
    ends = ENDS[life.status]
    if life.asked is None:
        lines.append(("in the end", f"{ends}, {last}"))
    else:
        lines.append(("then", f"{ends} at the end of {month_label(life.asked)}"))
    return lines


def _chances(life: Life) -> str:
    years = sorted(life.chances)
    keenest = max(years, key=lambda year: life.chances[year])
    shown = dict.fromkeys((years[0], keenest, years[-1]))
    told = ", ".join(f"{percent(life.chances[year])} in {year}" for year in shown)
    return f"leaving, with a chance of {told}: at home, without history"


def headline(month: LifeMonth) -> str:
    """What happened in a month, in one line."""
    told = [decision.choice for decision in month.decisions if decision.rows]
    if any(decision.kind == "choice" for decision in month.decisions):
        told.insert(0, "considers leaving")
    return ", ".join(dict.fromkeys(told)) or "nothing happens"


def chance_text(chance: Chance) -> str:
    """A chance and the draw that decided it."""
    happened = "yes" if chance.happened else "no"
    odds = f"chance {percent(chance.probability)}, drew {percent(chance.draw)}"
    return f"{chance.what}: {happened} ({odds})"


def shown_chances(decision: Decision, *, full: bool) -> list[Chance]:
    """Those worth a line: of clocks only the ones that rang, unless all is asked for."""
    if full or decision.kind != "clocks":
        return list(decision.chances)
    return [chance for chance in decision.chances if chance.happened]


def flip_text(flip: Flip) -> str:
    """A flip in words."""
    if flip.then is None:
        return f"{flip.what}: {flip.outcome}"
    now, then = _apart(flip.now, flip.then, flip.unit)
    unit = {"KRW million": " M", "CNY": " CNY"}.get(flip.unit, "")
    change = flip.then / flip.now - 1 if flip.now else math.inf
    by = f" ({change:+.0%})" if 0.01 <= abs(change) < 100 else ""
    return f"{flip.what} {now} to {then}{unit}{by}: {flip.outcome}"


def _apart(now: float, then: float, unit: str) -> tuple[str, str]:
    """Two numbers in few digits that still tell them apart."""
    for digits in range(2 if unit == "chance" else 3, 18):
        factor, sign = (100.0, "%") if unit == "chance" else (1.0, "")
        texts = (f"{number(factor * now, digits)}{sign}", f"{number(factor * then, digits)}{sign}")
        if texts[0] != texts[1]:
            return texts
    return texts


def chosen(decision: Decision) -> Alternative | None:
    """The best of the alternatives, which is the one chosen; None without a comparison."""
    open_ones = [one for one in decision.alternatives if one.utility is not None]
    if decision.kind in ("known_guard", "guard_who_saw") or not open_ones:
        return None
    return max(open_ones, key=lambda one: one.utility or 0.0)


def terms_of(decision: Decision) -> list[str]:
    """Names of the terms that any alternative that could be had has."""
    used = {name for one in decision.alternatives if not one.obstacle for name in one.terms}
    return [name for name in _TERMS if name in used]


def parting_lines(life: Life) -> list[str]:
    """Where two lives part, in words."""
    parting = life.parting
    if parting is None:
        return []
    other = parting["other"]
    lines = [f"Against {other['scenario']} (seed {other['seed']}, run {other['run_id']})"]
    if not parting["same_luck"]:
        lines.append("The runs have different seeds, so that luck differs, too.")
    levers = parting["levers_part"]
    if levers is None:
        lines.append("No lever differs while both runs last.")
    else:
        lines.append(f"Levers first differ in {levers['month']}: {', '.join(levers['levers'])}.")
    if parting["month"] is None:
        lines.append(f"The two lives never part: {_ends(parting)}.")
        return lines
    lines.append(f"The two lives part in {parting['month']}.")
    for side, name in (("here", str(life.run["scenario"])), ("there", str(other["scenario"]))):
        step = parting[side]
        what = "nothing of the kind" if step is None else f"{step['question']}: {step['choice']}"
        lines.append(f"  {'A' if side == 'here' else 'B'} {name}: {what}")
    lines.append(f"In the end: {_ends(parting)}.")
    return lines


def _ends(parting: Mapping[str, Any]) -> str:
    ends = parting["ends"]
    here, there = (ENDS[Status[str(ends[side]).upper()]] for side in ("here", "there"))
    return f"both {here}" if here == there else f"A {here}, B {there}"
