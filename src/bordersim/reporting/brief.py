"""The findings in a few lines, for who reads no further."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bordersim.answering.answers import Answers
from bordersim.attributing.showing import level_words, share_table
from bordersim.calibrating.results import Calibration
from bordersim.comparing import Comparison
from bordersim.comparing.cells import name_cell, relative_cell
from bordersim.errors import BordersimError
from bordersim.reporting.attributed import Answer, verdict_words
from bordersim.reporting.compared import Compared
from bordersim.reporting.content import Block, Listed, Section
from bordersim.reporting.finding import Found
from bordersim.reporting.fitted import not_identified
from bordersim.reporting.questioned import claim_words
from bordersim.reporting.scorecards import Card
from bordersim.wording import count

_TOLD = ("arrivals", "repatriations", "custody_entries", "deaths")
"""Effects that are told, harm beside arrivals."""

_MOST = 12
"""Scenarios that are told of."""


def brief_section(
    found: Found,
    cards: Sequence[Card],
    answers: Sequence[Answer],
    made: Sequence[Compared],
    answered: Sequence[Answers],
) -> Section:
    """Tell fit, attribution and scenarios in a line each; empty where there are none."""
    said = [*_fit(found, cards), *_answers(answers)]
    said += [f"Questions, {one.asked.title}: {claim_words(one)}" for one in answered]
    done = [one.found for one in made if one.found is not None]
    said += [_effects(one) for one in done[:_MOST]]
    if len(done) > _MOST:
        said.append(f"And {count(len(done) - _MOST, 'more scenario')}.")
    blocks: list[Block] = [Listed(tuple(said))] if said else []
    return Section("brief", "In short", blocks)


def _fit(found: Found, cards: Sequence[Card]) -> list[str]:
    said = []
    for card in cards:
        verdicts: Any = card.found.verdicts
        n_held = sum(bool(one.holds) for one in verdicts)
        said.append(f"Fit, {card.name}: {n_held} of {len(verdicts)} bars hold.")
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


def _answers(answers: Sequence[Answer]) -> list[str]:
    said = []
    for one in answers:
        if one.found is None:
            continue
        first = one.found.observables[0]
        shares = ", ".join(f"{row[0]} {row[1]}" for row in share_table(one.found, first)[1])
        said.append(
            f"Attribution, {one.name}: {level_words(one.found, first)}: {shares}. "
            f"{verdict_words(one.found)}"
        )
    return said


def _effects(found: Comparison) -> str:
    """Effects of a scenario at the first point of its design, in per cent of its baseline."""
    a, b = found.names
    rows = [row for row in found.rows() if row["point"] == found.points[0]]
    told = [f"{name_cell(row)} {relative_cell(row)}" for row in rows if row["observable"] in _TOLD]
    at = found.point_words(found.points[0])
    many = count(sum(pair.point == found.points[0] for pair in found.pairs), "pair")
    return f"{b} against {a}, {found.span()}{f', {at}' if at else ''}: {'; '.join(told)} ({many})."
