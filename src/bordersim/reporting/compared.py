"""Scenarios against their baseline: effects in pairs, and what became of each person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bordersim.comparing import Comparison
from bordersim.comparing.cells import (
    Table as Cells,
)
from bordersim.comparing.cells import (
    by_point,
    effect_cell,
    effect_table,
    error_table,
    fate_effect_table,
    move_table,
    name_cell,
    relative_cell,
    signed,
    source_table,
    units_of,
)
from bordersim.comparing.comparison import PRECISION
from bordersim.comparing.estimates import precision_words
from bordersim.errors import BordersimError
from bordersim.reported import share_simulated
from bordersim.reporting.against import Compared, Told
from bordersim.reporting.content import Absent, Block, Fold, Listed, Part, Prose, Section, Table
from bordersim.reporting.finding import FoundStudy
from bordersim.reporting.pictures import drawn
from bordersim.reporting.questioned import questions_part
from bordersim.reports import rows_of
from bordersim.wording import count

if TYPE_CHECKING:
    from bordersim.answering.answers import Answers
    from bordersim.comparing import Ledger

GLANCE = ("arrivals", "repatriations", "custody_entries", "deaths", "attempts", "fee_real")
"""Columns of the table over all scenarios: harm beside arrivals, whatever a screen cuts off."""

MOST_DRAWN = 6
"""Points of a design up to which effects are drawn one by one."""

MOST_OPEN = 6
"""Comparisons up to which each lies open."""

_NO_FATES = "What became of each person is not told; --fates N follows everybody in N pairs."
_MOVES = 15
_LINES = 6
"""Scenarios that can be told apart in one figure."""


def scenarios_section(
    studies: Sequence[FoundStudy],
    made: Sequence[Compared],
    fates: int,
    told: Told,
    answered: Sequence[Answers] = (),
) -> Section:
    """Tell every scenario.

    Parameters
    ----------
    studies
        Of which.
    made
        Their comparisons.
    fates
        Pairs of each comparison in which everybody is followed; 0 for none.
    told
        Hears what is being done.
    answered
        Questions that are told before single scenarios.
    """
    blocks: list[Block] = []
    done = [one.found for one in made if one.found is not None]
    if not studies:
        blocks.append(Absent("No scenarios are here to compare."))
    elif not made:
        blocks.append(Absent("One scenario alone is here: there is nothing to compare it with."))
    if done:
        blocks.append(_glance([one for one in made if one.found is not None]))
        if not fates:
            blocks.append(Absent(_NO_FATES))
    for study in studies:
        blocks += _over_time(study)
    blocks += [questions_part(one) for one in answered]
    for one in made:
        title = f"{one.label} against {one.a}"
        if one.found is None:
            blocks.append(Part(title, [Absent(f"Not compared: {one.why}.")]))
        else:
            said = _told(one, one.found, fates, told)
            blocks.append(Part(title, said, folded=len(done) > MOST_OPEN))
    for study in studies:
        if study.n_points > 1 and len(study.scenarios) == 1:
            blocks.append(Part(f"Design: {study.name}", _design(study, None)))
    return Section("scenarios", "Scenarios", blocks)


def _glance(made: Sequence[Compared]) -> Table:
    """One row a scenario and point."""
    rows = []
    for one in made:
        if one.found is None:
            continue
        for point, here in by_point(one.found.rows()).items():
            cells = {str(row["observable"]): row for row in here}
            name = one.label + (f", {point}" if point else "") + f"\nagainst {one.a}"
            n_pairs = max((int(row["pairs"]) for row in here), default=0)
            effects = [_stacked(cells[key]) if key in cells else "-" for key in GLANCE]
            rows.append((name, one.found.span(), *effects, f"{n_pairs:,}"))
    headings = (name.replace("fee_real", "fee of 2015").replace("_", " ") for name in GLANCE)
    return Table(
        "All scenarios at a glance: effect against the baseline [90 %]",
        ("scenario", "years", *headings, "pairs"),
        rows,
        note="People over all years; fee: KRW million of 2015, mean of all deals. Fewer arrivals "
        "are no success: read them beside harm.",
    )


def _stacked(row: Mapping[str, Any]) -> str:
    """An effect above its interval; of money to two decimals."""
    if row["observable"] != "fee_real":
        return effect_cell(row).replace(" [", "\n[", 1)
    effect, low, high = (signed(row[name], 2) for name in ("effect", "low", "high"))
    return effect if low == "-" else f"{effect}\n[{low}, {high}]"


def _told(one: Compared, found: Comparison, fates: int, told: Told) -> list[Block]:
    a, b = found.names
    rows = found.rows()
    blocks: list[Block] = [
        Prose(
            f"{b} (B) against {a} (A), {found.span()}: {count(len(found.pairs), 'pair')}, "
            f"{share_simulated(found.scale)}. Simulated, no forecast."
        )
    ]
    few = len(found.points) <= MOST_DRAWN
    for point, here in by_point(rows).items():
        name = f"Effects{f', {point}' if point else ''}"
        effects = replace(_table(name, effect_table(here)), note=units_of(here))
        errors = _table("Errors", error_table(here, precision_words(PRECISION)))
        blocks += [effects] if few else [Fold(name, [effects])]
        blocks.append(Fold(f"Monte-Carlo errors{f', {point}' if point else ''}", [errors]))
    if few:
        blocks.append(drawn(found.plot, effects_alt(found), _FOREST))
    elif one.study is not None:
        blocks += _design(one.study, found)
    left = f"{found.note}." if found.note else ""
    notes = tuple(note for note in (one.years, *found.methods(), left) if note)
    blocks.append(Fold("How the effects are measured", [Listed(notes)]))
    return blocks + _fates(found, fates, told)


_FOREST = "Effects in per cent of the baseline with 90 % intervals; below, one of them by year."


def effects_alt(found: Comparison) -> str:
    """What the figure of effects shows."""
    rows = found.rows()
    at = found.point_words(found.points[0])
    here = [row for row in rows if row["at"] == at]
    told = ", ".join(f"{name_cell(row)} {relative_cell(row)}" for row in here)
    a, b = found.names
    return f"{b} against {a}, {found.span()}{f', {at}' if at else ''}: {told}."


def _fates(found: Comparison, fates: int, told: Told) -> list[Block]:
    blocks: list[Block] = []
    for point in found.points[:MOST_DRAWN] if fates else ():
        pairs = [pair for pair in found.pairs if pair.point == point][:fates]
        told(f"following everybody through {count(2 * len(pairs), 'run')}")
        try:
            ledger = replace(found, pairs=tuple(pairs)).ledger(point=point)
        except BordersimError as error:
            blocks.append(Absent(f"What became of each person cannot be told: {error}."))
            continue
        blocks += _ledger(ledger, found.point_words(point))
    return blocks


def _ledger(ledger: Ledger, at: str) -> list[Block]:
    moves = rows_of(ledger.moves())
    changed = sum(float(row["people"]) for row in moves)
    largest = moves[0] if moves else None
    effects = _table(
        f"What became of each person{f', {at}' if at else ''}",
        fate_effect_table(rows_of(ledger.summary().reset_index())),
    )
    alt = f"Fates differ for {changed:,.0f} people"
    if largest is not None:
        alt += (
            f"; the most, {largest['people']:,.0f}: {largest['in A']} in A, {largest['in B']} in B"
        )
    n_pairs = count(len(ledger.matrices), "pair")
    caption = f"Everybody whose fate differs, from A on the left to B on the right; {n_pairs}."
    sources = [
        _table(f"What the effect on {name} is made of", source_table(rows_of(table), verb))
        for name, verb in (("arrivals", "arrive"), ("deaths", "die"))
        for table in (ledger.sources(name).reset_index(),)
    ]
    listed = _table("Largest moves", move_table(moves, _MOVES))
    return [effects, drawn(ledger.plot, f"{alt}.", caption), Fold("Moves", [*sources, listed])]


def _over_time(study: FoundStudy) -> list[Block]:
    """Scenarios of one study over time."""
    if not 2 <= len(study.scenarios) <= _LINES or study.n_points > 1:
        return []
    named = ", ".join(study.scenarios)
    alt = f"Arrivals and harm over time in {named}; totals are in the tables of this section."
    caption = f"{study.name}: mean over runs, shaded the middle 90 % of them; harm beside arrivals."
    return [drawn(study.study.plot.series, alt, caption)]


def _design(study: FoundStudy, found: Comparison | None) -> list[Block]:
    """Levels or effects over the one or two axes of a design."""
    plot, axes = study.study.plot, study.axes
    scenario = study.scenarios[0] if found is None else found.names[1]
    against = None if found is None else found.names[0]
    if len(axes) == 1 and found is None:
        alt = f"Arrivals and harm of {scenario} over time, a line for each value of {axes[0]}."
        caption = f"{scenario}, by {axes[0]}; harm beside arrivals."
        return [drawn(lambda: plot.fan(axes[0], scenario=scenario), alt, caption)]
    if len(axes) == 2:
        what = f"Effect against {against}" if against else "Level"
        alt = f"{what} of {scenario} on arrivals and harm over {axes[0]} and {axes[1]}."
        caption = f"{what}, {scenario}: {axes[0]} across, {axes[1]} up; harm beside arrivals."
        return [
            drawn(
                lambda: plot.heat_map(axes[0], axes[1], scenario=scenario, against=against),
                alt,
                caption,
            )
        ]
    if found is not None:
        return []
    said = f"A design over {count(len(axes), 'input')}"
    return [Absent(f"{said} is not drawn here; `bordersim sensitivity` says which matter.")]


def _table(caption: str, table: Cells) -> Table:
    return Table(caption, table[0], table[1])
