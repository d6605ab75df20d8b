"""The findings in a few lines, for who reads no further."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bordersim.answering.answers import Answers
from bordersim.attributing.showing import level_words, share_table
from bordersim.calibrating.results import Calibration
from bordersim.comparing.cells import relative_cell
from bordersim.errors import BordersimError
from bordersim.reporting.against import Compared
from bordersim.reporting.attributed import Answer, verdict_words
from bordersim.reporting.content import Block, Listed, Section, Table
from bordersim.reporting.finding import Found
from bordersim.reporting.fitted import not_identified
from bordersim.reporting.questioned import claim_words
from bordersim.reporting.scorecards import Card
from bordersim.wording import count

_TOLD = ("arrivals", "attempts", "repatriations", "custody_entries", "deaths")
"""Effects that are told, harm beside arrivals."""


def brief_section(
    found: Found,
    cards: Sequence[Card],
    answers: Sequence[Answer],
    made: Sequence[Compared],
    answered: Sequence[Answers],
) -> Section:
    """Tell fit, attribution and questions in a line each, scenarios in a row each."""
    said = [*_fit(found, cards), *_answers(answers)]
    said += [f"Questions, {one.asked.title}: {claim_words(one)}" for one in answered]
    blocks: list[Block] = [Listed(tuple(said))] if said else []
    if any(one.found is not None for one in made):
        blocks.append(_effects(made))
    return Section("brief", "In short", blocks)


def _fit(found: Found, cards: Sequence[Card]) -> list[str]:
    said = []
    for card in cards:
        verdicts: Any = card.found.verdicts
        fails = [_short(str(one.what)) for one in verdicts if not one.holds]
        held = f"{len(verdicts) - len(fails)} of {count(len(verdicts), 'bar')} hold"
        missed = f"; not: {', '.join(fails)}" if fails else ""
        said.append(f"Fit, {card.name}: {held}{missed}.")
    for folder in found.calibrations:
        try:
            table = Calibration.open(folder.folder).table("identifiability")
        except BordersimError:
            continue
        rows = [{str(key): cell for key, cell in row.items()} for row in table.to_dict("records")]
        n_open = len(not_identified(rows))
        said.append(
            f"Calibration, {folder.name}: reports narrow {len(rows) - n_open} of "
            f"{count(len(rows), 'parameter')}; {n_open or 'none'} left to the prior."
        )
    return said


_PATTERN = re.compile(r"P\d+(?= )")


def _short(what: str) -> str:
    """A bar, of a pattern its number."""
    found = _PATTERN.match(what)
    return f"pattern {found[0]}" if found else what


def _answers(answers: Sequence[Answer]) -> list[str]:
    said = []
    for one in answers:
        if one.found is None:
            continue
        first = one.found.observables[0]
        *parts, change = share_table(one.found, first)[1]
        shares = ", ".join(f"{part[0]} {part[1]}" for part in parts)
        said.append(
            f"Attribution, {one.name}: {level_words(one.found, first)}; the change of {change[1]} "
            f"is {shares}. {verdict_words(one.found)}"
        )
    return said


def _effects(made: Sequence[Compared]) -> Table:
    """Effects of every scenario at the first point of its design, in per cent."""
    rows = []
    for one in made:
        if one.found is None:
            continue
        point = one.found.points[0]
        here = {row["observable"]: row for row in one.found.rows() if row["point"] == point}
        cells = [relative_cell(here[name]) if name in here else "-" for name in _TOLD]
        at = one.found.point_words(point)
        n_pairs = sum(pair.point == point for pair in one.found.pairs)
        name = one.label + (f", {at}" if at else "")
        stacked = (cell.replace(" % [", " %\n[", 1) for cell in cells)
        rows.append((name, one.a, one.found.span(), *stacked, f"{n_pairs:,}"))
    names = (name.replace("_", " ") for name in _TOLD)
    return Table(
        "Effects in per cent of the baseline [90 %]",
        ("scenario", "against", "years", *names, "pairs"),
        rows,
        note="Fewer arrivals are no success where harm is what holds people back. Levels of death "
        "and custody rest on assumptions: read which way they move.",
    )
